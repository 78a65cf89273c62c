"""What a function captures may be written to afterwards: the gradient is that of the values that were used."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr

X = np.array([0.5, 1.5, 2.5, 3.5])
ROADS: dict[str, Callable[[Any, Any], Any]] = {
    "an operand": lambda x, a: x * a,
    "an operand on the left": lambda x, a: a / x,
    "an exponent": lambda x, a: x**a,
    "an operand of a product": lambda x, a: np.outer(x, a),
    "the matrix of a product": lambda x, a: np.reshape(a, (2, 2)) @ np.reshape(x, (2, 2)),
    "an operand of einsum": lambda x, a: np.einsum("i,i->i", x, a),
    "an operand of where": lambda x, a: np.where(a > 1, x, x**2),
    "a bound": lambda x, a: np.clip(x, a, 10.0),
    "a part that is joined": lambda x, a: np.concatenate([a, x]) ** 2,
    "an index": lambda x, a: x[a.astype(int)],
    "an index array itself": lambda x, a: x[a] ** 2,
    "an index given by keyword": lambda x, a: np.take(x, indices=a) ** 2,
    "a mask": lambda x, a: x[a] ** 2,
    "a shift": lambda x, a: np.roll(x, a[0]) * X,
    "a shift given by keyword": lambda x, a: np.roll(x, shift=a[:1], axis=(0,)) * X,
    "repeats": lambda x, a: np.repeat(x, repeats=a),
    "weights": lambda x, a: np.average(x**2, weights=a),
    "points of a table": lambda x, a: np.interp(x, np.cumsum(a), X),
    "pads": lambda x, a: np.pad(x, pad_width=a[:2]) ** 2,
    "a shape in an array": lambda x, a: np.reshape(x, a[:1]) ** 2,
    "an option of a function of one's own": lambda x, a: scaled(x, factor=a),
    "options in a list of a function of one's own": lambda x, a: scaled(x, factor=[a]),
    "options in a dict of a function of one's own": lambda x, a: scaled(x, factor={"one": a}),
    "a value that is assigned": lambda x, a: assigned(x, a),
    "an operand of a method": lambda x, a: x.dot(a),
    "a right-hand side": lambda x, a: np.linalg.solve(np.diag(x), a),
    "a matrix that is solved with": lambda x, a: np.linalg.solve(np.reshape(a, (2, 2)) + np.eye(2) * 9, x[:2]),
}
INDICES = {
    "an index array itself": np.array([3, 0, 1]), "an index given by keyword": np.array([3, 0, 1]),
    "a mask": np.array([True, False, True, False]), "a shift": np.array([1, 2]),
    "a shift given by keyword": np.array([1, 2]), "repeats": np.array([1, 0, 2, 3]), "pads": np.array([1, 2]),
    "a shape in an array": np.array([4, 1]),
}  # fmt: skip


def _sum_of(factor: Any) -> Any:
    return factor if isinstance(factor, np.ndarray) else sum(factor.values() if isinstance(factor, dict) else factor)


@cr.custom(
    forward=lambda out, primals, tangents, factor: tangents[0] * _sum_of(factor),
    reverse=lambda out, primals, g, factor: g * _sum_of(factor),
    samples=[],
)
def scaled(x: Any, factor: Any = 1.0) -> Any:
    return x * _sum_of(factor)


def assigned(x: Any, a: Any) -> Any:
    y = x * 1.0
    y[1:3] = a[1:3]
    return y * x


class Subclass(np.ndarray):
    """A plain subclass, as units libraries and record arrays make."""


@pytest.mark.parametrize("kind", ["array", "view", "subclass", "memmap", "not contiguous"])
@pytest.mark.parametrize("road", ROADS)
def test_writing_to_captured_data_afterwards_changes_nothing(road: str, kind: str, tmp_path: Any) -> None:
    f = ROADS[road]
    data = INDICES.get(road, np.array([0.5, 1.25, 2.5, 0.75]))

    def made() -> tuple[Any, Any]:
        """The data, and the memory to write to."""
        if kind == "view":
            memory = data.copy()
            return memory[:], memory
        if kind == "subclass":
            memory = data.copy().view(Subclass)
            return memory, memory
        if kind == "memmap":
            memory = np.memmap(tmp_path / "data", dtype=data.dtype, mode="w+", shape=data.shape)
            memory[:] = data
            return memory, memory
        if kind == "not contiguous":
            memory = np.repeat(data, 2)
            return memory[::2], memory
        memory = data.copy()
        return memory, memory

    def gradient(change: bool) -> Any:
        given, memory = made()
        value, pullback = cr.vjp(lambda x: f(x, given), X)
        if change:
            memory[...] = memory[::-1].copy() if memory.dtype == bool else memory + 1
        return value, pullback(np.cos(np.arange(np.size(value))).reshape(np.shape(value))[()])[0]

    (value, expected), (same, found) = gradient(change=False), gradient(change=True)
    np.testing.assert_array_equal(value, same)
    np.testing.assert_array_equal(found, expected)
    assert np.any(expected != 0)


NUMBERS = [road for road in ROADS if road not in INDICES and road not in ("an index", "a bound", "points of a table")]


@pytest.mark.parametrize("road", NUMBERS)
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
def test_writing_to_captured_data_of_another_dtype_changes_nothing(road: str) -> None:
    kinds = "bBefdgFD"
    if road in ("an operand of where", "weights", "a value that is assigned"):
        kinds = "bBefdg"  # complex numbers have no order, and lose a part
    elif road in ("a matrix that is solved with", "a right-hand side"):
        kinds = "bBfdFD"  # those that LAPACK knows
    for tracked, captured in itertools.product("fdFD", kinds):

        def gradient(change: bool, tracked: str = tracked, captured: str = captured) -> Any:
            given = np.array([1, 3, 2, 5]).astype(captured)
            value, pullback = cr.vjp(lambda x: ROADS[road](x, given), X.astype(tracked))
            if change:
                given += 1
            return pullback(np.ones_like(value))[0]

        np.testing.assert_array_equal(gradient(change=True), gradient(change=False), err_msg=tracked + captured)


@pytest.mark.parametrize("road", ROADS)
def test_writing_to_captured_data_between_nested_passes_changes_nothing(road: str) -> None:
    f = ROADS[road]
    data = INDICES.get(road, np.array([0.5, 1.25, 2.5, 0.75]))

    def second(change: bool) -> Any:
        given = data.copy()

        def slope(x: Any) -> Any:
            value, pullback = cr.vjp(lambda x: f(x, given), x)
            if change:
                given[...] = given[::-1].copy() if given.dtype == bool else given + 1
            return np.sum(pullback(np.ones(np.shape(value)))[0] ** 2)

        return cr.grad(slope)(X)

    np.testing.assert_array_equal(second(change=True), second(change=False))


def test_writing_to_arguments_afterwards_changes_nothing() -> None:
    x, tree = X.copy(), {"a": X.copy(), "b": [X.copy()]}
    value, pullback = cr.vjp(lambda x, tree: x**2 * tree["a"] * tree["b"][0], x, tree)
    for array in (x, tree["a"], tree["b"][0]):
        array[...] = 0  # type: ignore[index]
    by_x, by_tree = pullback(np.ones(4))
    np.testing.assert_allclose(by_x, 2 * X**3)
    np.testing.assert_allclose(by_tree["a"], X**3)
    np.testing.assert_allclose(by_tree["b"][0], X**3)
    np.testing.assert_allclose(value, X**4)
