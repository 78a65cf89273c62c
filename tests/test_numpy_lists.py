"""chainrule.numpy takes lists of tracked values wherever NumPy takes an array, and what was made in loops."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy
import numpy.polynomial
import pytest

import chainrule as cr
import chainrule.numpy as np
from chainrule.errors import ShapeError, TrackingError

M = numpy.array([[1.0, 2.0], [3.0, 4.0]])
V = numpy.array([1.0, 2.0, 3.0])


def filled_diagonal(a: Any, b: Any) -> Any:
    m = np.zeros((2, 2))
    np.fill_diagonal(m, [a, b])
    return m


def put(a: Any, b: Any) -> Any:
    m = np.zeros((2, 2))
    np.put(m, [0, 3], [a, b])
    return m


def assigned(a: Any, b: Any) -> Any:
    m = np.zeros(3)
    m[:2] = [a, b]
    return m


CASES: dict[str, Callable[[Any, Any], Any]] = {
    "diag": lambda a, b: np.diag([a, b]),
    "sum": lambda a, b: np.sum([a, b]),
    "sum of rows": lambda a, b: np.sum([[a, b], [b, 1.0]], axis=0),
    "concatenate of a list and an array": lambda a, b: np.concatenate([[a], V]),
    "concatenate of lists": lambda a, b: np.concatenate([[a], [b]]),
    "concatenate of a list and a tracked array": lambda a, b: np.concatenate([[a], a * V]),
    "norm": lambda a, b: np.linalg.norm([a, b]),
    "r_": lambda a, b: np.r_[a, b, V, [a, 2.0]],
    "r_ with slices": lambda a, b: np.r_[0:3:4j, a, 1:3],
    "c_": lambda a, b: np.c_[V, [a, b, 1.0], a * V],
    "c_ of matrices": lambda a, b: np.c_[a * M, M],
    "fromiter": lambda a, b: np.fromiter((a * k for k in range(3)), float),
    "vectorize of a function that tracks": lambda a, b: np.vectorize(lambda t: a * t * t if t > 1 else 0.0)(V),
    "vectorize with two results": lambda a, b: np.vectorize(lambda t, s: (a * t * s, t + s))([a, b], [2.0, 3.0])[0],
    "apply_along_axis of a list": lambda a, b: np.apply_along_axis(lambda r: r * a, 0, [a, b]),
    "apply_along_axis of a function that tracks": lambda a, b: np.apply_along_axis(lambda r: np.sum(r) * a, 0, M),
    "stack of the values of a dict": lambda a, b: np.stack({"x": a * V, "y": V}.values()),
    "append of an array to a list": lambda a, b: np.append([a, 1.0], V),
    "append of a tracked array to a list": lambda a, b: np.append([a, 1.0], b * V),
    "a matrix times a list": lambda a, b: np.array(M) @ [a, b],
    "a tracked matrix times a list": lambda a, b: a * M @ [a, b],
    "dot": lambda a, b: np.dot(M, [a, b]),
    "outer": lambda a, b: np.outer([a, b], [b, 1.0]),
    "sin": lambda a, b: np.sin([a, b]),
    "add": lambda a, b: np.add([a, b], M),
    "block": lambda a, b: np.block([[a, b], [b, 1.0]]),
    "block2": lambda a, b: np.block([[a * M, M], [M, b * M]]),
    "vstack": lambda a, b: np.vstack([[a, b], [b, a]]),
    "hstack": lambda a, b: np.hstack([[a, b], [b, a, 1]]),
    "cross": lambda a, b: np.cross([a, b, 1.0], V),
    "mean": lambda a, b: np.mean([a, b]),
    "max": lambda a, b: np.max([a, b]),
    "maximum.reduce": lambda a, b: np.maximum.reduce([a, b]),
    "polyval": lambda a, b: np.polyval([a, b, 1.0], 2.0),
    "polyval2": lambda a, b: np.polyval([1.0, 2.0, 3.0], a),
    "interp": lambda a, b: np.interp(a, [0.0, 1.0, 5.0], [b, a, 2.0]),
    "trapezoid": lambda a, b: np.trapezoid([a, b, 1.0], [0, 1, b]),
    "solve": lambda a, b: np.linalg.solve([[a, 1.0], [0.5, b]], [1.0, 2.0]),
    "inv": lambda a, b: np.linalg.inv([[a, 1.0], [0.5, b]]),
    "det": lambda a, b: np.linalg.det([[a, 1.0], [0.5, b]]),
    "eigvalsh": lambda a, b: np.linalg.eigvalsh([[a, 1.0], [1.0, b]]),
    "einsum": lambda a, b: np.einsum("ij,j", M, [a, b]),
    "where": lambda a, b: np.where([True, False], [a, b], [b, a]),
    "select": lambda a, b: np.select([V > 2], [[a, b, a]], 0.0),
    "tile": lambda a, b: np.tile([a, b], 2),
    "roll": lambda a, b: np.roll([a, b], 1),
    "cumsum": lambda a, b: np.cumsum([a, b]),
    "diff": lambda a, b: np.diff([a, b]),
    "kron": lambda a, b: np.kron([a, b], M),
    "meshgrid": lambda a, b: np.meshgrid([a, b], V)[0],
    "insert": lambda a, b: np.insert(V, [0, 1], [a, b]),
    "clip": lambda a, b: np.clip(V, a, b),
    "multi": lambda a, b: np.linalg.multi_dot([M, M, [a, b]]),
    "column_stack": lambda a, b: np.column_stack([[a, b], [1.0, 2.0]]),
    "linspace": lambda a, b: np.linspace([a, b], 3.0, 3),
    "full": lambda a, b: np.full(3, a),
    "full of a list": lambda a, b: np.full((2, 2), [a, b]),
    "asarray": lambda a, b: np.asarray([a, b]),
    "ascont": lambda a, b: np.ascontiguousarray([[a, b]]),
    "atleast": lambda a, b: np.atleast_2d([a, b]),
    "fft": lambda a, b: np.real(np.fft.fft([a, b, 1.0])),
    "reshape": lambda a, b: np.reshape([a, b, 1.0, 2.0], (2, 2)),
    "transpose": lambda a, b: np.transpose([[a, b], [1.0, 2.0]]),
    "convolve": lambda a, b: np.convolve([a, b], V),
    "array_nd": lambda a, b: np.array([a, b], ndmin=2),
    "trace": lambda a, b: np.trace([[a, b], [b, a]]),
    "sort": lambda a, b: np.sort([b, a]),
    "median": lambda a, b: np.median([a, b, 2.0]),
    "std": lambda a, b: np.std([a, b]),
    "broadcast_to": lambda a, b: np.broadcast_to([a, b], (2, 2)),
    "expand": lambda a, b: np.expand_dims([a, b], 0),
    "size": lambda a, b: np.size([a, b]) * a,
    "shape": lambda a, b: np.shape([[a, b]])[1] * a,
    "a list added": lambda a, b: a * V[:2] + [a, b],
    "poly": lambda a, b: np.poly([a, b]),
    "cov": lambda a, b: np.cov([a, b, 1.0], V),
    "corr": lambda a, b: np.corrcoef([a, b, 1.0], V)[0, 1],
    "isclose": lambda a, b: a * np.isclose([a, b], [a, a]).sum(),
    "piecewise": lambda a, b: np.piecewise(V, [V < 2], [lambda t: a * t, lambda t: b * t]),
    "fromfunction": lambda a, b: np.fromfunction(lambda i, j: a * i + b * j, (2, 2)),
    "ndenumerate": lambda a, b: sum((x for _, x in np.ndenumerate([a, b]))),
    "nansum": lambda a, b: np.nansum([a, b]),
    "average": lambda a, b: np.average([a, b], weights=[b, 1.0]),
    "pad": lambda a, b: np.pad([a, b], 1),
    "unwrap": lambda a, b: np.unwrap([a, b]),
    "gradient": lambda a, b: np.gradient([a, b, 1.0]),
    "fill_diagonal": filled_diagonal,
    "put": put,
    "assignment of a list": assigned,
}


@pytest.mark.parametrize("name", CASES)
def test_a_list_of_tracked_numbers_is_taken_as_the_array_that_it_stands_for(name: str) -> None:
    f, (a, b), h = CASES[name], (1.3, 2.4), 1e-5
    assert numpy.array_equal(cr.vjp(f, a, b)[0], numpy.asarray(f(a, b)))
    differences = [
        (numpy.asarray(f(a + h, b)) - numpy.asarray(f(a - h, b))) / (2 * h),
        (numpy.asarray(f(a, b + h)) - numpy.asarray(f(a, b - h))) / (2 * h),
    ]
    for transform in (cr.jacrev, cr.jacfwd):
        for ours, expected in zip(transform(f, argnums=(0, 1))(a, b), differences, strict=True):
            numpy.testing.assert_allclose(ours, expected, rtol=1e-8, atol=1e-8)
    second = cr.jacfwd(cr.jacrev(f))(a, b)
    bent = (cr.jacrev(f)(a + h, b) - cr.jacrev(f)(a - h, b)) / (2 * h)
    numpy.testing.assert_allclose(second, bent, rtol=1e-7, atol=1e-7)


def test_without_tracked_values_every_function_is_numpys() -> None:
    for name in ("sin", "sum", "concatenate", "einsum", "where", "interp"):
        ours, numpys = getattr(np, name), getattr(numpy, name)
        assert ours.__wrapped__ is numpys
        assert ours.__name__ == numpys.__name__
    assert inspect.signature(np.sum) == inspect.signature(numpy.sum)
    assert inspect.signature(np.full) == inspect.signature(numpy.full)
    assert np.add.reduce([1.0, 2.0]) == 3.0
    assert (np.add.nin, np.add.identity) == (2, 0)
    assert np.linalg.norm([3.0, 4.0]) == 5.0
    for module in ("linalg", "fft", "random"):
        ours, numpys = getattr(np, module), getattr(numpy, module)
        assert set(dir(ours)) == set(dir(numpys))
        for name in numpys.__all__:
            assert hasattr(ours, name)
    with pytest.raises(ValueError, match="inhomogeneous"):
        np.sum([[1.0], [1.0, 2.0]])
    with pytest.raises(TypeError):
        np.sin("x")


@pytest.mark.parametrize(
    ("module", "prefix"),
    [("polynomial", "poly"), ("chebyshev", "cheb"), ("legendre", "leg"), ("hermite", "herm"), ("hermite_e", "herme"),
     ("laguerre", "lag")],
)  # fmt: skip
def test_polynomials_take_tracked_coefficients(module: str, prefix: str) -> None:
    found = getattr(np.polynomial, module)
    uses: list[Callable[[Any, Any, Any], Any]] = [
        lambda p, a, b: p("val")(0.3, [a, b, 1.0]), lambda p, a, b: p("val")([0.3, a], [a, b, 1.0]),
        lambda p, a, b: p("der")([a, b, 1.0, a]), lambda p, a, b: p("int")([a, b, 1.0]),
        lambda p, a, b: p("mul")([a, b], [1.0, b]), lambda p, a, b: p("fromroots")([a, b, 1.0]),
        lambda p, a, b: p("vander")([a, b], 2), lambda p, a, b: p("val2d")(0.2, 0.3, [[a, b], [1.0, 2.0]]),
        lambda p, a, b: p("fit")([0.0, 1.0, 2.0, 3.0], [a, b, 1.0, a * b], 2), lambda p, a, b: p("pow")([a, b], 3),
    ]  # fmt: skip

    def ours(name: str) -> Any:
        return getattr(found, prefix + name)

    for use in uses:

        def f(a: Any, use: Any = use) -> Any:
            return use(ours, a, 2.4)

        numpys = use(lambda name: getattr(getattr(numpy.polynomial, module), prefix + name), 1.3, 2.4)
        numpy.testing.assert_allclose(cr.vjp(f, 1.3)[0], numpys, rtol=1e-12)  # a fit is solved in other steps
        cr.check_grads(f, (1.3,), order=1)


def test_an_error_about_a_list_says_what_is_wrong_with_it() -> None:
    for wrong, error, match in (
        (lambda a: np.sum([[a, a], [a]]), ShapeError, r"different shapes at test_numpy_lists\.py:\d+: \(2,\), \(1,\)"),
        (lambda a: np.concatenate([[a], M]), ShapeError, r"\(1,\) and \(2, 2\)"),
        (lambda a: np.dot([a, a], V), ShapeError, r"\(2,\) and \(3,\)"),
        (lambda a: np.linalg.inv([[a, a]]), ShapeError, r"square"),
        (lambda a: np.int64(a), TrackingError, r"test_numpy_lists\.py"),
        (lambda a: numpy.sum([a, a]), TrackingError, r"`import chainrule\.numpy as np`"),
        (lambda a: np.vectorize(lambda t: 0 if t < 2 else t * a)(V), TrackingError, "int64"),
    ):  # fmt: skip
        with pytest.raises(error, match=match):
            cr.grad(wrong)(2.0)


def test_an_error_in_a_function_of_the_users_is_not_changed() -> None:
    calls: list[Any] = []

    def fails(row: Any) -> Any:
        calls.append(row)
        raise ValueError("the user's own")

    for call in (
        lambda: np.apply_along_axis(fails, 0, M), lambda: np.vectorize(fails)(V), lambda: np.fromfunction(fails, (2,)),
    ):  # fmt: skip
        calls.clear()
        with pytest.raises(ValueError, match="the user's own"):
            call()
        assert len(calls) == 1


def test_vectorize_has_numpys_options() -> None:
    def f(a: Any) -> Any:
        by_name = np.vectorize(lambda t, *, k: t * k)(V, k=a)
        excluded = np.vectorize(lambda t, p: t * p[0], excluded={1})(V, [a])
        rows = np.vectorize(lambda row: row * a, signature="(n)->(n)")(M)
        total = np.vectorize(lambda row: numpy.sum(row), signature="(n)->()")(a * M)
        typed = np.vectorize(lambda t: t * a, otypes=[numpy.float32])(V)
        assert typed.dtype == numpy.float32
        return np.sum(by_name) + np.sum(excluded) + np.sum(rows) + np.sum(total) + np.sum(typed)

    assert cr.grad(f)(2.0) == pytest.approx(6 + 6 + 10 + 10 + 6)
    assert cr.jvp(f, (2.0,), (1.0,)) == pytest.approx((76.0, 38.0))

    @np.vectorize
    def hinge(t: float, low: float) -> float:
        return t - low if t > low else 0.0

    assert hinge(V, 1.5).tolist() == [0.0, 0.5, 1.5]
    assert cr.grad(lambda a: np.sum(hinge(V, a)))(1.5) == -2.0
