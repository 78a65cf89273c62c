"""No public function of NumPy loses a derivative without a word.

Every function is called with every combination of a few arguments. Where the plain call works and its result moves with
the arguments, the tracked call gives that derivative or raises; a derivative of 0 is not an answer.
"""

from __future__ import annotations

import itertools
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.rules import TABLE, Composite, Structural
from tests.rules.agreement import leaves, points

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
import coverage as page  # noqa: E402

ARGUMENTS = (
    points(5, low=0.2, high=0.9), points(3, 3, low=0.2, high=0.9) + np.diag([1.0, 2.0, 3.0]), np.array(0.7), points(2, 3, 3, seed=3), 1, [0, 2],
)  # fmt: skip
FUNCTIONS = {
    names[0] if prefix == "np" else f"{prefix[3:]}.{names[0]}": function
    for prefix, namespace in page.NAMESPACES
    for function, names in page.public(namespace).items()
}
SKIPPED = {"save", "savetxt", "savez", "savez_compressed", "test", "info", "show_config", "show_runtime", "seterr", "seterrcall", "setbufsize",
            "bmat",  # of a tracked value it is None, which no one can take for a result
            # Functions with a contract that the arguments below break: symmetric matrices, increasing positions.
            "linalg.cholesky", "linalg.eigh", "linalg.eigvalsh", "interp",
            "set_printoptions", "printoptions", "load", "loadtxt", "genfromtxt", "fromfile", "fromregex", "empty", "empty_like"}  # fmt: skip


def moved(arguments, direction, step):
    return [a + step * d if isinstance(a, np.ndarray) else a for a, d in zip(arguments, direction, strict=True)]


def floats(result):
    """All the floating-point entries of a result, in one vector."""
    try:
        parts = [np.asarray(leaf) for leaf in leaves(result)]
    except (TypeError, ValueError):
        return None
    parts = [part.ravel() for part in parts if part.dtype.kind in "fc"]
    return np.concatenate([np.concatenate([p.real, p.imag]) for p in parts]) if parts else None


def plain_slope(function, arguments, direction):
    """The derivative of a plain call along a direction, or None where it does not work or does not move smoothly."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            above, below, near = (floats(function(*moved(arguments, direction, h))) for h in (1e-6, -1e-6, 1e-7))
        except Exception:
            return None
    if above is None or below is None or near is None or not above.shape == below.shape == near.shape:
        return None
    with np.errstate(all="ignore"):
        slope = (above - below) / 2e-6
        smooth = np.isfinite(slope).all() and np.allclose(slope, (near - below) / 1.1e-6, rtol=1e-3, atol=1e-4)
    return slope if smooth else None


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - SKIPPED))
def test_a_function_gives_its_derivative_or_an_error(name):
    function = FUNCTIONS[name]
    for count in (1, 2, 3):
        for arguments in itertools.product(ARGUMENTS, repeat=count):
            arrays = [k for k, a in enumerate(arguments) if isinstance(a, np.ndarray)]
            if not arrays or (count == 3 and len(arrays) < 2):
                continue
            directions = [np.cos(np.arange(np.size(a))).reshape(np.shape(a)) if k in arrays else 0 for k, a in enumerate(arguments)]
            slope = plain_slope(function, arguments, directions)
            if slope is None or not np.abs(slope).max(initial=0) > 1e-3:
                continue

            def call(*tracked, given=arguments, places=arrays):
                whole = list(given)
                for place, value in zip(places, tracked, strict=True):
                    whole[place] = value
                return leaves(function(*whole))

            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                try:
                    _, tangents = cr.jvp(call, [arguments[k] for k in arrays], [directions[k] for k in arrays])
                except Exception:  # said, whatever was said
                    continue
            found = floats([t for t in tangents if np.asarray(t).dtype.kind in "fc"])
            assert np.size(found) >= slope.size, (name, arguments)
            if np.size(found) == slope.size and np.isfinite(found).all():
                np.testing.assert_allclose(found, slope, rtol=2e-3, atol=1e-3 * np.abs(slope).max(), err_msg=f"{name}{arguments}")


def test_every_public_function_is_on_the_page():
    assert len(page.rows()) == len({function for _, n in page.NAMESPACES for function in page.public(n)})


def test_the_page_is_what_the_table_says():
    assert page.main(["--check"]) == 0


def test_no_composite_is_defined_twice_and_all_are_called_somewhere():
    """Every structural rule and composite of a public function is named in a test or in the list of calls."""
    root = Path(__file__).parents[2]
    text = "".join(path.read_text() for path in (*(root / "tests").rglob("*.py"), root / "benchmarks" / "coverage.py"))
    for name, function in FUNCTIONS.items():
        if isinstance(TABLE.get(function), (Structural, Composite)):
            last = name.rsplit(".", 1)[-1]
            assert f".{name}" in text or f'"{last}' in text or f".{last}(" in text, name
