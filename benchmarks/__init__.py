"""Value and gradient by chainrule against its peers, measured in the same run: `python -m benchmarks`."""

import os

# Before NumPy is loaded: matrices this small gain nothing from threads, and threads that wait for one another
# are most of the noise (a digits step by hand took 180 µs or 800 µs: PyTorch's threads were spinning).
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
