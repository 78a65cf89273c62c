"""The short ways record what the general path records: the same numbers, bit for bit, and the same errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine.record import Record
from chainrule.engine.reverse import recording
from chainrule.engine.shortcuts import QuickRecord

A = np.linspace(0.5, 1.5, 12).reshape(3, 4)
ROW, COLUMN = np.linspace(1.0, 2.0, 4), np.linspace(1.0, 2.0, 3)[:, None]
SMALL = A.astype(np.float32)
TRANSFORMS = [cr.grad, lambda f: cr.grad(lambda x: np.sum(cr.grad(f)(x) ** 2))]

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "operators with numbers": lambda x: np.sum(2 * x + 1.5 - x / 3 - (4 - x) / (x + 2) + 2**x + x**3 + x**2 - x**-1),
    "operators with NumPy's numbers": lambda x: np.sum(np.float64(2) * x - x * np.float64(3) + np.int64(2) / x),
    "operators with arrays": lambda x: np.sum(A * x - x * A + A / x - x / A + A**x + x**A),
    "operators with rows": lambda x: np.sum(ROW * x - x * ROW + ROW / x - x / ROW + ROW - x),
    "operators with columns": lambda x: np.sum(COLUMN * x - x * COLUMN + COLUMN / x - x / COLUMN),
    "operators with more axes": lambda x: np.sum(np.ones((2, 3, 4)) * x / np.full((2, 1, 1), 3.0)),
    "operators with float32": lambda x: np.sum(SMALL * x - x * SMALL),
    "operators with whole numbers": lambda x: np.sum(np.arange(4) * x - x * np.arange(4)),
    "a part that is broadcast": lambda x: np.sum(x[0] * x + x[:, :1] / x - x[0, 0] * x),
    "ufuncs by name": lambda x: np.sum(np.add(A, x) * np.multiply(x, A) / np.subtract(x, 9.0) + np.divide(2.0, x)),
    "ufuncs of two": lambda x: np.sum(np.arctan2(x, A) + np.hypot(A, x) + np.logaddexp(0, x) + np.arctan2(x, x[0])),
    "selections": lambda x: np.sum(np.maximum(x, A.T.reshape(3, 4)) + np.minimum(1, x) + np.fmax(x, x[0])),
    "parts": lambda x: np.sum(x[1:] * x[:-1]) + x[0, 1] * x[-1, -1] + np.sum(x[:, None, 2] ** 2) + np.sum(x[..., 1]),
    "parts by arrays": lambda x: np.sum(x[[0, 2, 0]] ** 2) + np.sum(x[np.array([0, 1]), [1, 1]] ** 3) + x[A > 1].sum(),
    "an empty part": lambda x: np.sum(x[3:]) + np.sum(x * x),
    "products": lambda x: np.sum(x @ ROW) + np.sum(ROW[:3] @ x) + np.sum((x @ x.T) @ A) + ROW @ x[0] + x[0] @ x[1],
    "dot": lambda x: np.sum(np.dot(x, ROW)) + x[0].dot(x[1]) + np.sum(np.dot(A.T, x)),
    "reductions": lambda x: np.sum(x) * np.mean(x) + x.sum() * x.mean() + np.sum(np.max(x, axis=1, keepdims=True) * x),
    "reductions along axes": lambda x: np.sum(np.sum(x, axis=0) ** 2) + np.sum(x.mean(axis=1) * x.sum(1)),
    "rearranged": lambda x: np.sum(np.ravel(x)[3:] ** 2) + np.sum(np.transpose(x) @ A) + np.sum(np.flip(x, 0) * x),
    "functions": lambda x: np.sum(np.sin(x) * np.exp(-x) + np.tanh(x) / np.sqrt(x) + abs(-x)),
}


@pytest.mark.parametrize("transform", TRANSFORMS, ids=["first", "second"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_short_ways_give_the_bits_of_the_general_path(name: str, transform: Any) -> None:
    gradient = transform(FUNCTIONS[name])
    assert recording.get() is QuickRecord
    quick = gradient(A)
    token = recording.set(Record)
    try:
        general = gradient(A)
    finally:
        recording.reset(token)
    np.testing.assert_array_equal(quick, general)


def test_variables_of_a_plain_record_have_no_short_ways_and_nothing_was_put_on_their_classes() -> None:
    for name in ("__add__", "__getitem__", "__array_ufunc__", "sum"):
        assert name not in vars(Record.number)
        assert name not in vars(Record.array)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: x + np.ones(5), lambda x: np.ones(5) - x, lambda x: x @ np.ones(5), lambda x: np.dot(np.ones(5), x),
        lambda x: x[5], lambda x: x[:, 1:, 2], lambda x: x[1.5:], lambda x: x[[7]], lambda x: np.sum(x, axis=7),
        lambda x: np.arctan2(x, np.ones(5)), lambda x: x.mean(axis=9), lambda x: x[:, :3] * x,
    ],
)  # fmt: skip
def test_what_numpy_refuses_is_refused_with_the_user_s_line(wrong: Callable[[Any], Any]) -> None:
    with pytest.raises(cr.errors.ChainruleError, match=r"test_shortcuts\.py:\d+"):
        cr.grad(lambda x: np.sum(wrong(x)))(A)


def test_a_view_by_an_index_shows_what_is_assigned_through_it() -> None:
    def f(x: Any) -> Any:
        y = x * 1.0
        top, one = y[0], y[1:, 2]
        y[0, 0] = 5.0
        one[0] = x[2, 2] ** 2
        return np.sum(top**2) + np.sum(y**2)

    gradient = cr.grad(f)(A)
    expected = 2 * A
    expected[0] = 4 * A[0]
    expected[0, 0] = expected[1, 2] = 0.0
    expected[2, 2] += 4 * A[2, 2] ** 3
    np.testing.assert_allclose(gradient, expected)
