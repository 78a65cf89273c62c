"""A constant of any dtype beside a tracked value: the derivative is that of NumPy's own value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
import chainrule.rules.special
from chainrule.rules import TABLE, UNKNOWN, Elementwise

DTYPES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool", "float16", "float32"]
RULES = [rule for rule in [*TABLE.values()] if isinstance(rule, Elementwise) and len(rule.partials) > 1]


def _whole(interval: tuple[float, float]) -> list[int]:
    """Whole numbers in the interval, the largest ones last."""
    low, high = interval
    return [n for n in range(int(np.floor(low)), int(np.ceil(high)) + 1) if low <= n <= high]


def cases(rule: Elementwise) -> list[tuple[int, list[Any]]]:
    """The tracked argument and a point whose other arguments are whole numbers where their interval has one."""
    found = []
    for position, partial in enumerate(rule.partials):
        if partial is None or partial is UNKNOWN or rule.sample[position][0] == rule.sample[position][1]:
            continue
        point: list[Any] = []
        for k, (low, high) in enumerate(rule.sample):
            inside = _whole((low, high))
            if k == position or not inside or rule.partials[k] is None:
                point.append(0.62 * low + 0.38 * high)
            else:
                point.append(inside[-1])
        if any(isinstance(value, int) for value in point):
            found.append((position, point))
    return found


CASES = [(rule, position, point) for rule in RULES for position, point in cases(rule)]


def slope(f: Any, x: Any) -> Any:
    """The derivative of (the real part of) an elementwise function."""
    value, pullback = cr.vjp(f, x)
    return pullback(np.ones(np.shape(value), value.dtype)[()])[0]


@pytest.mark.parametrize(("rule", "position", "point"), CASES, ids=[f"{r.name}-{p}" for r, p, _ in CASES])
def test_a_constant_of_a_small_dtype_has_the_slopes_of_the_same_number_in_double_precision(
    rule: Elementwise, position: int, point: list[Any]
) -> None:
    def at(constants: list[Any]) -> Any:
        def f(x: Any) -> Any:
            given = list(constants)
            given[position] = x
            return rule.function(*given)

        return f

    x = np.float64(point[position])
    integers = [k for k, value in enumerate(point) if isinstance(value, int)]
    orders = [k for k, (low, high) in enumerate(rule.sample) if low == high]  # whole numbers by their nature
    with np.errstate(all="ignore"):
        reference = at([np.float64(v) if k in integers and k not in orders else v for k, v in enumerate(point)])
        expected = slope(reference, x)
        tried = 0
        for name in DTYPES:
            dtype = np.dtype(name)
            if any(np.array(point[k]).astype(dtype) != point[k] for k in integers):
                continue  # the number is not one of this dtype
            if orders and (dtype.kind not in "iu" or dtype == np.uint64):
                continue  # SciPy takes orders as int64
            constants = [dtype.type(value) if k in integers else value for k, value in enumerate(point)]
            arrays = [value if k in orders else np.full(2, value) for k, value in enumerate(constants)]
            try:
                value = np.asarray(at(constants)(x))
            except TypeError:  # NumPy or SciPy has no loop for this dtype
                continue
            if value.dtype not in (np.float64, np.complex128):
                continue  # a result of lower precision has slopes of lower precision
            tried += 1
            tolerance = {"rtol": 1e-10, "atol": 1e-300}
            np.testing.assert_allclose(slope(at(constants), x), expected, err_msg=name, **tolerance)
            moved = np.real(cr.jvp(at(constants), (x,), (1.0,))[1])
            np.testing.assert_allclose(moved, expected, err_msg=name, **tolerance)
            pulled = slope(at(arrays), np.full(2, x))
            np.testing.assert_allclose(pulled, np.full(2, expected), err_msg=name, **tolerance)
    assert tried >= 3


def test_many_rules_and_points_are_looked_at() -> None:
    assert len(CASES) > 60


def test_whole_numbers_that_overflow_their_own_squares() -> None:
    for big in (np.int64(4_000_000_000), np.int32(2_000_000_000), np.uint64(2**63)):
        exact = float(big)
        np.testing.assert_allclose(cr.grad(lambda x, big=big: np.arctan2(big, x))(1.0), -exact / (exact**2 + 1))
        np.testing.assert_allclose(cr.grad(lambda x, big=big: np.hypot(big, x))(1.0), 1 / np.hypot(exact, 1.0))


def test_a_single_precision_argument_beside_a_double_constant_is_squared_in_double_precision() -> None:
    x, y = np.float32(3e30), 1e30
    expected = -y / (float(x) ** 2 + y**2)
    np.testing.assert_allclose(cr.grad(lambda x: np.arctan2(np.float64(y), x))(x), expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
def test_whole_array_rules_take_constants_of_every_dtype(dtype: str) -> None:
    constant = np.array([[1, 0, 1], [0, 1, 1], [1, 1, 0]], dtype)
    x = np.array([[0.5, 1.5, 2.5], [3.5, 4.5, 5.5], [6.5, 7.5, 9.0]])
    functions: dict[str, Any] = {
        "matmul": lambda a, x: a @ x, "dot": np.dot, "inner": np.inner, "outer": np.outer, "kron": np.kron,
        "tensordot": np.tensordot, "einsum": lambda a, x: np.einsum("ij,jk->ik", a, x), "cross": np.cross,
        "convolve": lambda a, x: np.convolve(np.ravel(a), np.ravel(x)), "solve": lambda a, x: np.linalg.solve(x, a),
        "solve by": lambda a, x: np.linalg.solve(a, x), "concatenate": lambda a, x: np.concatenate([a, x]) ** 2,
        "vdot": np.vdot, "correlate": lambda a, x: np.correlate(np.ravel(a), np.ravel(x)),
        "where": lambda a, x: np.where(a > 0, x, a), "vecdot": np.vecdot,
    }  # fmt: skip
    for name, function in functions.items():
        if dtype == "float16" and "solve" in name:
            continue  # NumPy's linear algebra has no half precision
        expected = cr.vjp(lambda x, f=function: f(constant.astype(float), x), x)
        found = cr.vjp(lambda x, f=function: f(constant, x), x)
        g = np.cos(np.arange(np.size(expected[0]))).reshape(np.shape(expected[0]))[()]
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-12, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(found[1](g)[0], expected[1](g)[0], rtol=1e-12, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int16, np.bool_, np.float16])
def test_rules_of_one_s_own_get_constants_in_the_precision_of_the_result(dtype: Any) -> None:
    seen: list[Any] = []

    def forward(out: Any, primals: Any, tangents: Any) -> Any:
        seen.append(primals[1].dtype)
        return tangents[0] * primals[1] * primals[1]

    def reverse(out: Any, primals: Any, g: Any) -> Any:
        seen.append(primals[1].dtype)
        return g * primals[1] * primals[1], None

    scaled = cr.custom(lambda x, k: x * k.astype(float) ** 2, forward=forward, reverse=reverse, samples=[])
    k = np.array([100, 1, 7]).astype(dtype)
    expected = k.astype(float) ** 2
    x = np.array([0.5, 1.5, 2.5])
    np.testing.assert_array_equal(cr.grad(lambda x: np.sum(scaled(x, k)))(x), expected)
    np.testing.assert_array_equal(cr.jvp(lambda x: scaled(x, k), (x,), (np.ones(3),))[1], expected)
    np.testing.assert_array_equal(cr.jvp(lambda x: scaled(x[0], k[0]), (x,), (np.ones(3),))[1], expected[0])
    assert set(seen) == {np.dtype(float)}
