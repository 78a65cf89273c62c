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
import resource
import numpy
{imports}

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

data = numpy.random.default_rng(0).normal(size=(1_000_000, 25))
gradient = grad(lambda weights: np.mean((np.dot(data, weights) - 1) ** 2))
grad(lambda weights: np.mean((np.dot(data[:100], weights) - 1) ** 2))(numpy.ones(25))
before = peak()
gradient(numpy.ones(25))
print((peak() - before) / 1000)
"""


def peak_memory(library: str) -> float:
    """Megabytes by which the peak of a fresh process rises during one gradient; the data alone are 200.

    The unit of the system's figure is that of Linux; a first gradient of little data has loaded what is loaded once.
    """
    program = PROGRAM.format(imports=MEASURED[library])
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return float(done.stdout)
