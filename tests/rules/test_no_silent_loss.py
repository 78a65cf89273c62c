"""No public function of NumPy loses a derivative silently.

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
from chainrule.errors import ChainruleError
from chainrule.formula.expression import Constant
from chainrule.rules import TABLE, Composite, Elementwise, Structural
from tests.rules.agreement import leaves, points

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
import coverage as page

ARGUMENTS = (
    points(5, low=0.2, high=0.9),
    points(3, 3, low=0.2, high=0.9) + np.diag([1.0, 2.0, 3.0]),
    np.array(0.7),
    points(2, 3, 3, seed=3),
    1,
    [0, 2],
)


def _moves(rule):
    """Whether results of the rule's function change with its arguments."""
    if isinstance(rule, Elementwise):
        return any(p is not None and p != Constant(0) for p in rule.partials)
    return isinstance(rule, (Structural, Composite))


FUNCTIONS = {
    names[0] if prefix == "np" else f"{prefix[3:]}.{names[0]}": function
    for prefix, namespace in page.NAMESPACES
    for function, names in page.public(namespace).items()
}
SKIPPED = {
    "save",
    "savetxt",
    "savez",
    "savez_compressed",
    "test",
    "info",
    "show_config",
    "show_runtime",
    "seterr",
    "seterrcall",
    "setbufsize",
    "bmat",  # of a tracked value it is None, which no one can take for a result
    # Functions with a contract that the arguments below break: symmetric matrices, increasing positions.
    "linalg.cholesky",
    "linalg.eigh",
    "linalg.eigvalsh",
    "interp",
    "set_printoptions",
    "printoptions",
    "load",
    "loadtxt",
    "genfromtxt",
    "fromfile",
    "fromregex",
    "empty",
    "empty_like",
}

# Functions with a derivative that take no such arguments, or whose results stay where they are: the calls that they
# need are in the tests of their own files.
CALLED_ELSEWHERE = {
    "acosh", "angle", "apply_along_axis", "apply_over_axes", "around", "bincount", "copyto", "fill_diagonal", "fix",
    "imag", "moveaxis", "place", "polyfit", "put", "put_along_axis", "putmask", "round", "select", "swapaxes",
    "take_along_axis",
}  # fmt: skip
MOVING = {name for name, function in FUNCTIONS.items() if _moves(TABLE.get(function))} - SKIPPED - CALLED_ELSEWHERE


def moved(arguments, direction, step):
    return [a + step * d if isinstance(a, np.ndarray) else a for a, d in zip(arguments, direction, strict=True)]


def parts(result):
    """The floating-point parts of a result, and None in place of its other parts; None where it is no such result."""
    try:
        arrays = [np.asarray(leaf) for leaf in leaves(result)]
    except (TypeError, ValueError):
        return None
    return [array if array.dtype.kind in "fc" else None for array in arrays]


def plain_slope(function, arguments, direction):
    """The derivative of a plain call along a direction, or None where it does not work or does not move smoothly."""
    steps = (1e-6, -1e-6, 1e-7)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            results = [parts(function(*moved(arguments, direction, step))) for step in steps]
        except Exception:  # NumPy takes no such arguments
            return None
    if any(result is None or len(result) != len(results[0]) for result in results):
        return None
    slopes = []
    for above, below, near in zip(*results, strict=True):
        if above is None or below is None or near is None:
            slopes.append(None)
            continue
        if not above.shape == below.shape == near.shape:
            return None
        with np.errstate(all="ignore"):
            slope = (above - below) / 2e-6
            if not (np.isfinite(slope).all() and np.allclose(slope, (near - below) / 1.1e-6, rtol=1e-3, atol=1e-4)):
                return None
        slopes.append(slope)
    return slopes if max((np.abs(s).max(initial=0) for s in slopes if s is not None), default=0) > 1e-3 else None


def pushed(call, values, directions):
    """The derivative of each part along the direction, in forward mode."""
    return parts(cr.jvp(call, values, directions)[1])


def pulled(call, values, directions, weights):
    """The inner product of the weights and the derivative along the direction, in reverse mode."""
    value, pullback = cr.vjp(call, *values)
    given = [np.zeros_like(part)[()] if w is None else w[()] for part, w in zip(value, weights, strict=True)]
    return sum(np.sum(g * d) for g, d in zip(pullback(given), directions, strict=True))


# What the calls below can say of a function that they cannot follow.
SAID = (ChainruleError, TypeError, ValueError)
PROTOCOLS = {"from_dlpack": AttributeError}  # the way in that NumPy asks for and that a tracked value does not have


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - SKIPPED))
def test_a_function_gives_its_derivative_in_both_modes_or_an_error(name):
    function = FUNCTIONS[name]
    compared = 0
    for count in (1, 2, 3):
        for arguments in itertools.product(ARGUMENTS, repeat=count):
            arrays = [k for k, a in enumerate(arguments) if isinstance(a, np.ndarray)]
            if not arrays or (count == 3 and len(arrays) < 2):
                continue
            directions = [
                np.cos(np.arange(np.size(a))).reshape(np.shape(a)) if k in arrays else 0
                for k, a in enumerate(arguments)
            ]
            slopes = plain_slope(function, arguments, directions)
            if slopes is None:
                continue

            def call(*tracked, given=arguments, places=arrays):
                whole = list(given)
                for place, value in zip(places, tracked, strict=True):
                    whole[place] = value
                return leaves(function(*whole))

            values, moving = [arguments[k] for k in arrays], [directions[k] for k in arrays]
            weights = [
                None if s is None else np.asarray(np.cos(2.0 + np.arange(s.size)).reshape(s.shape)) for s in slopes
            ]
            sizes = [0.0 if s is None else np.abs(s).max(initial=0) for s in slopes]
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                try:
                    tangents = pushed(call, values, moving)
                    product = pulled(call, values, moving, weights)
                except (*SAID, PROTOCOLS.get(name, ChainruleError)):
                    continue
            compared += 1
            assert len(tangents) == len(slopes), (name, arguments)
            terms = [(w * s).real for w, s in zip(weights, slopes, strict=True) if s is not None]
            for found, slope in zip(tangents, slopes, strict=True):
                if slope is not None:
                    np.testing.assert_allclose(
                        found, slope, rtol=2e-3, atol=1e-3 * max(sizes), equal_nan=False, err_msg=f"{name}{arguments}"
                    )
            size = sum(np.abs(t).sum() for t in terms)
            assert abs(np.real(product) - sum(t.sum() for t in terms)) <= 1e-3 * size, (name, arguments)
    assert compared or name not in MOVING
    assert not compared or name not in CALLED_ELSEWHERE


def test_every_public_function_is_on_the_page():
    assert len(page.rows()) == len({function for _, n in page.NAMESPACES for function in page.public(n)})


def test_the_page_is_what_the_table_says():
    assert page.main(["--check"]) == 0
