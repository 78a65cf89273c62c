"""Every transform of functions of every kind of arguments: structure, shapes, dtypes, and derivatives by differences.

The oracle takes containers apart by itself and moves one number after the other, its real and its imaginary part.
"""

from __future__ import annotations

import itertools
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
import pytest

import chainrule as cr

Pair = namedtuple("Pair", "first second")


@dataclass
class Layer:
    weights: Any
    bias: Any


random = np.random.default_rng
vector, matrix = random(1).normal(size=3), random(2).normal(size=(2, 2))
single, cube = np.float32([0.5, -1.25]), random(3).normal(size=(2, 1, 2))
complexes = random(4).normal(size=2) + 1j * random(5).normal(size=2)
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "a number": (0.7,),
    "two numbers": (0.7, -1.2),
    "three numbers, one whole": (0.7, 2, -0.3),
    "an array": (vector,),
    "arrays of two precisions": (single, vector),
    "an array without axes": (np.array(0.4), vector),
    "an empty array beside others": (np.zeros((0, 2)), vector, 0.5),
    "columns": (np.asfortranarray(matrix), cube[:, :, ::-1]),
    "whole numbers": (np.array([1, 2]), 3),
    "a complex number": (0.3 - 0.8j,),
    "complex and real": (complexes, vector, 1.5),
    "single complex": (complexes.astype(np.complex64), single),
    "a list": ([0.7, vector, [matrix]],),
    "a dict": ({"w": matrix, "b": 0.5, "a": [single, None]}, 0.2),
    "a tuple and a pair": ((0.7, vector), Pair(0.1, complexes)),
    "a dataclass": (Layer(matrix, vector), 2.0),
    "nested": ({"layers": [Layer(vector, 0.5), Layer(matrix, (0.1, -0.4))], "scale": 1.5}, [single]),
}
RESULTS = ("number", "vector", "matrix", "containers", "complex")
every_argument = pytest.mark.parametrize("name", ARGUMENTS)


# ---------------------------------------------------------------------- containers, taken apart independently


def leaves(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [leaf for key in sorted(tree) for leaf in leaves(tree[key])]
    if is_dataclass(tree) and not isinstance(tree, type):
        return [leaf for one in fields(tree) for leaf in leaves(getattr(tree, one.name))]
    if isinstance(tree, (list, tuple)):
        return [leaf for item in tree for leaf in leaves(item)]
    return [] if tree is None else [tree]


def rebuilt(tree: Any, new: list[Any]) -> Any:
    """`tree` with its leaves taken from the front of `new`."""
    if isinstance(tree, dict):
        made = {key: rebuilt(tree[key], new) for key in sorted(tree)}
        return {key: made[key] for key in tree}
    if is_dataclass(tree) and not isinstance(tree, type):
        return type(tree)(*[rebuilt(getattr(tree, one.name), new) for one in fields(tree)])
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*[rebuilt(item, new) for item in tree])
    if isinstance(tree, (list, tuple)):
        return type(tree)([rebuilt(item, new) for item in tree])
    return None if tree is None else new.pop(0)


def skeleton(tree: Any) -> Any:
    """The containers alone, with the types and keys."""
    if isinstance(tree, dict):
        return dict, [(key, skeleton(tree[key])) for key in sorted(tree)]
    if is_dataclass(tree) and not isinstance(tree, type):
        return type(tree), [skeleton(getattr(tree, one.name)) for one in fields(tree)]
    if isinstance(tree, (list, tuple)):
        return type(tree), [skeleton(item) for item in tree]
    return None if tree is None else "leaf"


def exact(leaf: Any) -> Any:
    """A leaf as it is differentiated: whole numbers in double precision."""
    array = np.asarray(leaf)
    return array.astype(float) if array.dtype.kind in "iu" else array


def precise(args: Any) -> Any:
    """The arguments in double precision, for differences."""
    kinds = [complex if np.iscomplexobj(leaf) else float for leaf in leaves(args)]
    return rebuilt(args, [np.asarray(leaf).astype(kind) for leaf, kind in zip(leaves(args), kinds, strict=True)])


def function(kind: str) -> Callable[..., Any]:
    """A smooth function of all that is in its arguments, in which everything meets everything."""

    def f(*args: Any, scale: float = 1.0) -> Any:
        waves: Any = 0.1
        size: Any = 1.0
        for k, leaf in enumerate(leaves(args)):
            if not np.size(leaf):
                continue
            weights = np.cos(1.0 + k + np.arange(np.size(leaf))).reshape(np.shape(leaf))
            waves = waves + np.sum(weights * np.sin(np.real(leaf) + 0.3 * k))
            size = size + 0.2 * np.sum(np.real(leaf) ** 2 * weights**2) + 0.1 * np.sum(np.imag(leaf) ** 2 * weights)
            size = size + 0.3 * np.sum(np.real(leaf) * np.imag(leaf))
        total = scale * waves * size
        if kind == "number":
            return total
        row = np.stack([total, waves, size * size])
        if kind == "vector":
            return row
        if kind == "matrix":
            return np.stack([row[:2], row[1:] * total])
        if kind == "complex":
            return row[:2] * (0.5 + 2.0j) + 1j * size
        return {"a": row, "b": [waves * 2.0, (size, row.reshape(3, 1))]}

    return f


def moved(f: Callable[..., Any], args: Any, place: int, entry: int, step: complex) -> list[Any]:
    """The leaves of the result where one entry of one leaf has moved."""
    new = [np.array(leaf, order="C") for leaf in leaves(precise(args))]
    new[place].reshape(-1)[entry] += step
    return [np.asarray(leaf) for leaf in leaves(f(*rebuilt(args, new)))]


def slope(f: Callable[..., Any], args: Any, place: int, entry: int, unit: complex = 1.0) -> list[Any]:
    """The derivative of every leaf of the result by one entry, along a unit of the real or the imaginary axis."""
    ends = [moved(f, args, place, entry, k * 1e-3 * unit) for k in (-2, -1, 1, 2)]
    return [(8 * (c - b) - (d - a)) / 12e-3 for a, b, c, d in zip(*ends, strict=True)]


def gradient(args: Any) -> list[Any]:
    """The gradient by every leaf; by a complex one ∂/∂a − i ∂/∂b."""
    f, found = function("number"), []
    for place, leaf in enumerate(leaves(args)):
        given = exact(leaf)
        made = np.zeros(given.shape, given.dtype)
        for entry in range(given.size):
            (along,) = slope(f, args, place, entry)
            if given.dtype.kind == "c":
                along = along - 1j * slope(f, args, place, entry, 1.0j)[0]
            made.reshape(-1)[entry] = along
        found.append(made)
    return found


def assert_like(found: Any, expected: list[Any], model: Any, told: Any) -> None:
    """The structure of `model`, and leaves with the shapes, dtypes and values that are expected."""
    assert skeleton(found) == skeleton(model), told
    parts = leaves(found)
    assert len(parts) == len(expected), told
    for part, wanted in zip(parts, expected, strict=True):
        assert (np.shape(part), np.asarray(part).dtype) == (wanted.shape, wanted.dtype), told
        digits = 2e-4 if wanted.dtype in (np.float32, np.complex64) else 1e-7
        np.testing.assert_allclose(part, wanted, rtol=digits, atol=digits * 10, err_msg=str(told))


def counts(args: tuple[Any, ...]) -> list[list[int]]:
    """Which leaves belong to each argument."""
    ends = list(itertools.accumulate(len(leaves(argument)) for argument in args))
    return [list(range(end - len(leaves(argument)), end)) for argument, end in zip(args, ends, strict=True)]


# ---------------------------------------------------------------------- the transforms


@every_argument
def test_gradients_by_every_choice_of_arguments_are_those_of_differences(name: str) -> None:
    args = ARGUMENTS[name]
    expected, of, n = gradient(args), counts(args), len(args)
    f = function("number")
    for k in range(n):
        wanted = [expected[i] for i in of[k]]
        for position in (k, k - n):
            assert_like(cr.grad(f, position)(*args), wanted, args[k], (name, position))
            value, found = cr.value_and_grad(f, position)(*args)
            assert_like(found, wanted, args[k], (name, position))
            assert value == pytest.approx(f(*args), rel=1e-6)
        found, aux = cr.grad(lambda *a: (f(*a), {"aux": f(*a) * 2}), k, has_aux=True)(*args)
        assert_like(found, wanted, args[k], (name, k))
        assert aux["aux"] == pytest.approx(2 * f(*args), rel=1e-6)
        (value, aux), found = cr.value_and_grad(lambda *a: (f(*a), 7), k, has_aux=True)(*args)
        assert_like(found, wanted, args[k], (name, k))
        assert aux == 7
    for chosen in (*itertools.permutations(range(n)), (-1,), (0,)):
        wanted = [expected[i] for k in chosen for i in of[k % n]]
        model = tuple(args[k] for k in chosen)
        for given in (chosen, [*chosen]):
            assert_like(cr.grad(f, given)(*args), wanted, model, (name, chosen))
    doubled = cr.grad(f)(*args, scale=2.0)
    assert_like(doubled, [(2 * expected[i]).astype(expected[i].dtype) for i in of[0]], args[0], name)


@every_argument
@pytest.mark.parametrize("kind", RESULTS)
def test_derivatives_along_a_direction_and_pullbacks_are_those_of_differences(name: str, kind: str) -> None:
    args, f, draw = ARGUMENTS[name], function(kind), random(7)
    tangents = []
    for leaf in map(exact, leaves(args)):
        drawn = draw.normal(size=leaf.shape) + (1j * draw.normal(size=leaf.shape) if leaf.dtype.kind == "c" else 0.0)
        tangents.append(drawn.astype(leaf.dtype)[()])
    slopes = [0.0] * len(leaves(f(*args)))
    for place, tangent in enumerate(tangents):
        for entry, along in enumerate(np.ravel(tangent)):
            for unit, share in ((1.0, np.real(along)), (1.0j, np.imag(along))):
                if share:
                    parts = slope(f, args, place, entry, unit)
                    slopes = [s + share * part for s, part in zip(slopes, parts, strict=True)]
    directions = rebuilt(args, [*tangents])
    value, found = cr.jvp(f, args, directions)
    plain = f(*args)
    assert skeleton(value) == skeleton(found) == skeleton(plain)
    low = any(np.asarray(leaf).dtype.itemsize <= 4 * (1 + np.iscomplexobj(leaf)) for leaf in leaves(args))
    digits = 1e-3 if low else 1e-7
    for part, moving, wanted in zip(leaves(plain), leaves(found), slopes, strict=True):
        assert np.shape(moving) == np.shape(part)
        assert np.iscomplexobj(moving) == np.iscomplexobj(part)
        np.testing.assert_allclose(moving, wanted, rtol=digits, atol=digits, err_msg=str((name, kind)))
    value, pullback = cr.vjp(f, *args)
    assert skeleton(value) == skeleton(plain)
    weights = []
    for part in leaves(value):
        drawn = draw.normal(size=np.shape(part))
        weights.append((drawn + 1j * draw.normal(size=np.shape(part)) if np.iscomplexobj(part) else drawn)[()])
    pulled = pullback(rebuilt(value, [*weights]))
    assert skeleton(pulled) == skeleton(args)
    for part, leaf in zip(leaves(pulled), leaves(args), strict=True):
        assert (np.shape(part), np.asarray(part).dtype) == (exact(leaf).shape, exact(leaf).dtype)
    left = sum(np.sum(np.real(w * s)) for w, s in zip(weights, slopes, strict=True))
    right = sum(np.sum(np.real(p * t)) for p, t in zip(leaves(pulled), tangents, strict=True))
    assert left == pytest.approx(right, rel=10 * digits, abs=10 * digits)


REAL = [name for name, args in ARGUMENTS.items() if not any(np.iscomplexobj(leaf) for leaf in leaves(args))]


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("kind", RESULTS)
def test_jacobians_have_the_result_s_structure_outside_and_the_argument_s_inside(name: str, kind: str) -> None:
    args, f, of = ARGUMENTS[name], function(kind), counts(ARGUMENTS[name])
    value = f(*args)
    shapes = [np.shape(part) for part in leaves(value)]
    blocks: list[list[Any]] = [[] for _ in shapes]
    for place, leaf in enumerate(map(exact, leaves(args))):
        columns = [slope(f, args, place, entry) for entry in range(leaf.size)]
        for k, shape in enumerate(shapes):
            stacked = np.stack([c[k] for c in columns], -1) if columns else np.zeros((*shape, 0))
            blocks[k].append(stacked.reshape((*shape, *leaf.shape)))
    low = any(np.asarray(leaf).dtype == np.float32 for leaf in leaves(args))
    digits = 1e-3 if low else 1e-7
    n = len(args)
    for transform in (cr.jacobian, cr.jacfwd, cr.jacrev):
        if transform is cr.jacrev and kind == "complex":
            continue  # of a real argument reverse mode has the real part alone
        for chosen in (0, n - 1, -1, tuple(range(n)), tuple(range(n))[::-1]):
            found = transform(f, chosen)(*args)
            picked = chosen if isinstance(chosen, tuple) else (chosen,)
            model = tuple(args[k] for k in picked) if isinstance(chosen, tuple) else args[chosen]
            rows = [rebuilt(model, [blocks[k][i] for j in picked for i in of[j % n]]) for k in range(len(shapes))]
            assert skeleton(found) == skeleton(rebuilt(value, [*rows])), (name, chosen)
            for part, wanted in zip(leaves(found), leaves(rows), strict=True):
                assert np.shape(part) == np.shape(wanted), (name, kind, chosen)
                np.testing.assert_allclose(part, wanted, rtol=digits, atol=10 * digits, err_msg=str((name, chosen)))


@pytest.mark.parametrize("name", [name for name in REAL if "empty" not in name])
def test_second_derivatives_are_those_of_the_gradient_s_differences(name: str) -> None:
    args, f, of = ARGUMENTS[name], function("number"), counts(ARGUMENTS[name])
    n, everything = len(args), tuple(range(len(args)))
    low = any(np.asarray(leaf).dtype == np.float32 for leaf in leaves(args))
    digits = 2e-3 if low else 1e-6

    def slopes(*given: Any) -> list[Any]:
        return leaves(cr.grad(f, everything)(*given))

    blocks = []
    for place, leaf in enumerate(map(exact, leaves(args))):
        columns = [slope(slopes, args, place, entry) for entry in range(leaf.size)]
        rows = [np.stack([c[k] for c in columns], -1) for k in range(len(columns[0]))]
        blocks.append([row.reshape((*row.shape[:-1], *leaf.shape)) for row in rows])
    for chosen in (0, -1, everything, everything[::-1]):
        found = cr.hessian(f, chosen)(*args)
        picked = chosen if isinstance(chosen, tuple) else (chosen,)
        places = [i for k in picked for i in of[k % n]]
        parts = leaves(found)
        assert len(parts) == len(places) ** 2
        for part, (first, second) in zip(parts, itertools.product(places, places), strict=True):
            wanted = blocks[second][first]
            assert np.shape(part) == wanted.shape
            np.testing.assert_allclose(part, wanted, rtol=digits, atol=10 * digits, err_msg=str((name, chosen)))
    draw = random(9)
    directions = [draw.normal(size=exact(leaf).shape).astype(exact(leaf).dtype)[()] for leaf in leaves(args)]
    product = cr.hvp(f, args, rebuilt(args, [*directions]))
    model = args[0] if n == 1 else args
    assert skeleton(product) == skeleton(model)
    for first, part in enumerate(leaves(product)):
        terms = zip(blocks, directions, strict=True)
        wanted = sum(np.tensordot(block[first], d, np.ndim(d)) for block, d in terms)
        np.testing.assert_allclose(part, wanted, rtol=digits, atol=10 * digits, err_msg=name)


def test_arguments_are_chosen_by_name_and_given_by_keyword() -> None:
    def f(a: Any, b: Any = 2.0, *, c: Any = 3.0) -> Any:
        return a**2 * b + np.sin(b) * c

    a, b, c = 0.7, -1.3, 0.4
    slopes = {"a": 2 * a * b, "b": a**2 + np.cos(b) * c, "c": np.sin(b)}
    for names in (("a",), ("b",), ("a", "b"), ("b", "a")):
        found = cr.grad(f, names)(a, b, c=c)
        np.testing.assert_allclose(found, [slopes[name] for name in names])
        np.testing.assert_allclose(cr.grad(f, names[0])(a, b, c=c), slopes[names[0]])
        np.testing.assert_allclose(cr.jacobian(f, names[0])(a, b, c=c), slopes[names[0]])
    np.testing.assert_allclose(cr.grad(f, "b")(a, b=b, c=c), slopes["b"])
    np.testing.assert_allclose(cr.grad(f, "c")(a, b, c=c), slopes["c"])


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_the_derivative_of_an_elementwise_function_keeps_shapes_and_dtypes(order: int) -> None:
    exactly = [np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x)][order]
    for x in (0.7, 2, np.float32(0.5), vector, matrix.T, single, np.zeros((0, 2)), np.array(0.3), np.array([1, 2])):
        found = cr.derivative(np.sin, order)(x)
        wanted = exactly(exact(x))
        assert (np.shape(found), np.asarray(found).dtype) == (np.shape(x), exact(x).dtype)
        np.testing.assert_allclose(found, wanted, rtol=1e-6 if wanted.dtype == np.float32 else 1e-12, atol=1e-15)
    z = complexes[0]
    np.testing.assert_allclose(cr.derivative(np.sin, order)(z), exactly(z), rtol=1e-12)


@pytest.mark.parametrize("share", [1.0, 1e-2, 1e-4])
def test_a_function_that_mixes_its_entries_even_a_little_is_no_elementwise_function(share: float) -> None:
    with pytest.raises(cr.errors.ShapeError, match="mixes the entries"):
        cr.derivative(lambda x: np.sin(x) + share * np.mean(x))(vector)
    with pytest.raises(cr.errors.ShapeError, match="mixes the entries"):
        cr.derivative(lambda x: x + share * x[::-1])(vector)
    found = cr.derivative(lambda x: np.sin(x) + share * np.mean(cr.stop_gradient(x)))(vector)
    np.testing.assert_allclose(found, np.cos(vector), rtol=1e-12)


CANCELLING: list[Any] = [
    lambda x: np.flip(np.sin(np.flip(x)) ** 3) - x,
    lambda x: np.cumsum(np.stack([np.sin(x), np.exp(3 * x), x - np.exp(3 * x)]), 0)[2],
    lambda x: np.roll(np.roll(100 * x, 1), -1) + np.cos(x) - 100 * x,
    lambda x: (np.exp(x) + 1e3 * x) - 1e3 * x,
]


@pytest.mark.parametrize("f", CANCELLING)
def test_rounding_in_single_precision_does_not_pass_for_a_mixture_of_entries(f: Any) -> None:
    x = np.linspace(-3, 3, 41)
    exactly = cr.derivative(f)(x)
    found = cr.derivative(f)(x.astype("f"))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, exactly, rtol=1e-3, atol=2e-3)
    with pytest.raises(cr.errors.ShapeError, match="mixes the entries"):
        cr.derivative(lambda x: f(x) + 0.1 * x[::-1])(x.astype("f"))


class Beside:
    """Something that is no container of numbers."""

    def __repr__(self) -> str:
        return "Beside()"


@pytest.mark.parametrize(
    "aux", [None, (), [], {}, "text", 0, False, 2.5, np.array([1.0]), (1, None), {"a": [None]}, Beside(), np.sin],
    ids=repr,
)  # fmt: skip
def test_what_stands_beside_the_result_comes_back_as_it_is(aux: Any) -> None:
    def f(x: Any) -> Any:
        return x**2, aux

    def moving(x: Any) -> Any:
        return x**2, (aux, {"x": x})

    for given in (3.0, np.float32(3.0)):
        assert cr.grad(f, has_aux=True)(given) == (6.0, aux)
        assert cr.value_and_grad(f, has_aux=True)(given) == ((9.0, aux), 6.0)
        gradient, (same, numbers) = cr.grad(moving, has_aux=True)(given)
        assert (gradient, numbers) == (6.0, {"x": 3.0})
        assert not isinstance(numbers["x"], cr.Variable)
        assert skeleton(same) == skeleton(aux)
    assert type(cr.grad(f, has_aux=True)(3.0)[1]) is type(aux)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_where_the_value_is_nan_every_derivative_is_and_nowhere_else(order: int) -> None:
    x = np.array([0.5, -1.0, 2.0])
    for f, slopes in (
        (np.log, [0.5, 2.0]),
        (np.sqrt, [0.5, 2.0]),
        (lambda x: np.where(x < 0, np.nan, x**3), [0.5, 2.0]),
    ):
        with np.errstate(all="ignore"):
            found = cr.derivative(f, order)(x)
            usual = cr.derivative(f, order)(np.array(slopes))
        np.testing.assert_array_equal(found, [usual[0], np.nan, usual[1]])
        if f in (np.log, np.sqrt):  # a constant NaN that was selected is no part of x
            with np.errstate(all="ignore"):
                _, pullback = cr.vjp(f, x)
                np.testing.assert_array_equal(np.isnan(pullback(np.ones(3))[0]), [False, True, False])
                assert not np.isnan(pullback(np.array([1.0, 0.0, 1.0]))[0]).any()
