"""How much memory a gradient takes beside the data that the function captures."""

from __future__ import annotations

import subprocess
import sys

MEASURED = {
    "chainrule": "import numpy as np; from chainrule import grad",
    "autograd": "import autograd.numpy as np; from autograd import grad",
}
"""The libraries that are measured, and how each is imported."""

PROGRAM = """
import tracemalloc
import numpy
{imports}

data = numpy.random.default_rng(0).normal(size=(1_000_000, 25))
gradient = grad(lambda weights: np.mean((np.dot(data, weights) - 1) ** 2))
grad(lambda weights: np.mean((np.dot(data[:100], weights) - 1) ** 2))(numpy.ones(25))
tracemalloc.start()
gradient(numpy.ones(25))
print(tracemalloc.get_traced_memory()[1] / 1e6)
"""


def peak_memory(library: str) -> float:
    """Megabytes in use at the peak of one gradient, beside the data, which are 200: in a process of its own.

    A first gradient of little data has loaded what is loaded once. NumPy tells `tracemalloc` of its arrays.
    """
    program = PROGRAM.format(imports=MEASURED[library])
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return float(done.stdout)
