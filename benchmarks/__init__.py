"""Value and gradient by chainrule against its peers, measured in the same run: `python -m benchmarks`."""

import os

# Before NumPy is loaded: matrices this small gain nothing from threads, and threads that wait for one another
# are most of the noise (a digits step by hand took 180 µs or 800 µs: PyTorch's threads were spinning).
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

# What that does not concern: large elementwise work, which chainrule shares among all processors. A row of the table
# says what it takes in one thread.
_processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
os.environ.setdefault("CHAINRULE_NUM_THREADS", str(_processors))
