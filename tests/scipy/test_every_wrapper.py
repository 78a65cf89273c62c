"""What every wrapper must satisfy: linear in tangents and cotangents, both modes alike, nothing captured can change.

The matrices are neither symmetric nor Hermitian, unless the function asks for it, and real as well as complex.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.linalg
import scipy.sparse

import chainrule as cr
from chainrule.errors import ChainruleError, GradientCheckError, NotDifferentiableError, TrackingError
from chainrule.scipy import integrate, interpolate, linalg, optimize, sparse, special, stats


def normal(*shape: int, seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


A = normal(3, 3, seed=1) + 3 * np.eye(3)
Z = A + 1j * normal(3, 3, seed=2)
B, V = normal(3, 2, seed=3), normal(3, seed=4)
BZ, VZ = B + 1j * normal(3, 2, seed=5), V + 1j * normal(3, seed=6)
WIDE = scipy.sparse.csr_array(normal(2, 3, seed=7) * [[1, 0, 1], [0, 1, 1]])
WIDE_COMPLEX = scipy.sparse.csc_array(WIDE.toarray() * (1 + 2j))
KNOTS = np.array([0.0, 0.7, 1.5, 2.0, 3.0])
TURN = np.array([[0.3, 1.1], [-0.2, 0.5]])


def equations(x: Any, c: Any, m: Any) -> Any:
    """Their Jacobian by x is not symmetric."""
    return [x[0] ** 2 + 3 * x[1] - c[0], 0.5 * np.sin(x[0]) + x[1] + x[1] ** 3 - c[1] * m]


def valley(x: Any, c: Any) -> Any:
    return np.sum((x - c) ** 2 * np.array([1.0, 3.0])) + np.exp(0.3 * x[0] * x[1])


def swing(y: Any, t: Any, pull: Any, m: Any) -> Any:
    return m @ y + np.stack([0.1 * t, -pull * np.sin(y[0])])


def hermitian(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, *others: f(a @ np.conjugate(a.T) + np.eye(3), *others)


CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    **{f"solve {k}": (linalg.solve, args) for k, args in enumerate(((A, B), (A, V), (Z, BZ), (Z, VZ), (A, BZ)))},
    "inv": (linalg.inv, (A,)), "complex inv": (linalg.inv, (Z,)), "inv of 1 × 1": (linalg.inv, (A[:1, :1],)),
    "det": (linalg.det, (A,)), "complex det": (linalg.det, (Z,)),
    **{
        f"{'complex ' * c}cholesky, {low}": (hermitian(lambda a, low=low: linalg.cholesky(a, low)), ((A, Z)[c],))
        for low in (False, True) for c in (0, 1)
    },
    **{
        f"{'complex ' * c}cho_solve, {low}": (
            hermitian(lambda a, b, low=low: linalg.cho_solve(linalg.cho_factor(a, low), b)), ((A, B), (Z, BZ))[c]
        )
        for low in (False, True) for c in (0, 1)
    },
    **{
        f"{'complex ' * c}solve_triangular, {trans}, {low}, {unit}": (
            lambda a, b, o=(trans, low, unit): linalg.solve_triangular(a, b, *o), ((A, V), (Z, BZ))[c]
        )
        for trans, low, unit, c in (
            ("N", False, False, 1), ("N", True, True, 1), ("T", True, False, 1), ("T", False, True, 0),
            ("C", True, True, 1), ("C", False, False, 1),
        )
    },
    "block_diag": (linalg.block_diag, (A, VZ, B)),
    **{
        f"{'complex ' * c}{name}": (getattr(linalg, name), ((A, Z)[c][:2, :2] / (12 if name == "tanm" else 4),))
        for name, c in (("expm", 0), ("expm", 1), ("sqrtm", 0), ("sqrtm", 1), ("logm", 0), ("tanm", 0))
    },
    "sqrtm of a real matrix with complex roots": (linalg.sqrtm, (np.array([[-1.0, 0.2], [0.5, 2.0]]),)),
    "sparse": (lambda x: sparse.matmul(WIDE, x), (B,)),
    "complex sparse": (lambda x: sparse.matmul(WIDE_COMPLEX, x), (VZ,)),
    "complex sparse of real": (lambda x: sparse.matmul(WIDE_COMPLEX, x), (V,)),
    "CubicSpline": (lambda x, y: interpolate.CubicSpline(KNOTS, y)(x), (np.array([0.3, 2.4]), normal(5, 2, seed=9))),
    "make_interp_spline": (lambda x, y: interpolate.make_interp_spline(KNOTS, y, 4)(x), (1.1, normal(5, seed=9))),
    "root": (lambda c, m: optimize.root(equations, [1.0, 0.5], (c, m), tol=1e-13).x, (np.array([2.0, 0.7]), 1.3)),
    "fixed_point": (
        lambda m, c: optimize.fixed_point(lambda x, m, c: np.cos(m @ x) * c, np.ones(2), (m, c), xtol=1e-13),
        (TURN, np.array([0.5, 0.7])),
    ),
    "minimize": (
        lambda c: optimize.minimize(valley, np.zeros(2), (c,), method="BFGS", options={"gtol": 1e-11}).x,
        (np.array([0.6, -0.4]),),
    ),
    "brentq": (
        lambda a, b: optimize.brentq(lambda x, a, b: x**3 + a * x - b, -3.0, 3.0, (a, b), xtol=1e-15), (0.7, 2.0)
    ),
    "odeint": (
        lambda y0, t, pull, m: integrate.odeint(swing, y0, t, (pull, m)),
        (np.array([0.5, 0.1]), np.array([0.1, 0.2, 0.4]), 1.7, TURN),
    ),
    "solve_ivp": (
        lambda y0, m: integrate.solve_ivp(
            lambda t, y, m: swing(y, t, 0.5, m), (0.0, 0.2), y0, t_eval=[0.1, 0.2], args=(m,), rtol=1e-10, atol=1e-10
        ).y,
        (np.array([0.5, 0.1]), TURN),
    ),
    "logsumexp": (lambda a, b: special.logsumexp(a, 0, b), (A, np.exp(A))),
    "complex logsumexp": (special.logsumexp, (VZ,)),
    "softmax": (lambda a: special.softmax(a, 1), (A,)), "log_softmax": (lambda a: special.log_softmax(a, 0), (A,)),
    "multivariate_normal": (
        lambda x, m, a: stats.multivariate_normal.logpdf(x, m, a @ a.T), (normal(2, 3, seed=10), V, A)
    ),
}  # fmt: skip
LOOSE = {"odeint": 1e-6, "solve_ivp": 1e-6, "minimize": 1e-6}
every_case = pytest.mark.parametrize("name", CASES)


def in_parts(name: str) -> tuple[Callable[[Any], Any], Any]:
    """The case as a function of one real vector with one real vector as its result, and the point."""
    f, args = CASES[name]
    shapes = [np.shape(a) for a in args for _ in range(1 + np.iscomplexobj(a))]
    sizes = np.cumsum([int(np.prod(shape, dtype=int)) for shape in shapes])[:-1]
    point = np.concatenate([np.ravel(p) for a in args for p in ((a.real, a.imag) if np.iscomplexobj(a) else (a,))])

    def of_vector(x: Any) -> Any:
        parts = [np.reshape(p, s) for p, s in zip(np.split(x, sizes), shapes, strict=True)]
        given = [parts.pop(0) + 1j * parts.pop(0) if np.iscomplexobj(a) else parts.pop(0) for a in args]
        out = f(*given)
        return (
            np.concatenate([np.ravel(np.real(out)), np.ravel(np.imag(out))]) if np.iscomplexobj(out) else np.ravel(out)
        )

    return of_vector, point


def directions(size: int, seed: int) -> list[Any]:
    """Two full directions and a sparse one."""
    return [*normal(2, size, seed=seed), np.eye(size)[-1]]


@every_case
def test_both_modes_agree_with_differences_and_are_linear(name: str) -> None:
    f, x = in_parts(name)
    tolerance = LOOSE.get(name, 1e-9)
    value, pullback = cr.vjp(f, x)
    cotangents = [(g, pullback(g)[0]) for g in directions(value.size, 11)]
    pushed = [(v, cr.jvp(f, (x,), (v,))[1]) for v in directions(x.size, 12)]
    size = max(np.max(np.abs(moved)) for _, moved in pushed)
    for v, moved in pushed:
        h = 2e-3 / np.max(np.abs(v))
        wide, narrow = ((f(x + k * h * v) - f(x - k * h * v)) / (2 * k * h) for k in (2, 1))
        np.testing.assert_allclose(moved, (4 * narrow - wide) / 3, atol=max(1e-7, 10 * tolerance) * size)
        for g, pulled in cotangents:
            np.testing.assert_allclose(pulled @ v, g @ moved, rtol=tolerance, atol=3 * tolerance * size)
    (v, moved), (g, pulled) = pushed[0], cotangents[0]
    for scale in (0.0, 1e-20, 1e20):
        np.testing.assert_allclose(cr.jvp(f, (x,), (scale * v,))[1], scale * moved, atol=tolerance * size * scale)
        np.testing.assert_allclose(pullback(scale * g)[0], scale * pulled, atol=3 * tolerance * size * scale)
    both = cr.jvp(f, (x,), (2 * v - pushed[2][0],))[1]
    np.testing.assert_allclose(both, 2 * moved - pushed[2][1], atol=3 * tolerance * size)
    both = pullback(2 * g - cotangents[2][0])[0]
    np.testing.assert_allclose(both, 2 * pulled - cotangents[2][1], atol=9 * tolerance * size)


@every_case
def test_second_derivatives_are_right_in_every_pair_of_modes(name: str) -> None:
    f, x = in_parts(name)
    random = np.random.default_rng(13)
    v, g = random.normal(size=x.size), random.normal(size=f(x).size)
    tolerance = 100 * LOOSE.get(name, 1e-9)

    def slope(x: Any) -> Any:  # the gradient of g·f
        return cr.vjp(f, x)[1](g)[0]

    def along(x: Any) -> Any:  # the derivative of g·f along v
        return np.sum(g * cr.jvp(f, (x,), (v,))[1])

    h = 3e-4
    wide, narrow = ((slope(x + k * h * v) - slope(x - k * h * v)) / (2 * k * h) for k in (2, 1))
    expected = (4 * narrow - wide) / 3
    size = max(np.max(np.abs(expected)), np.max(np.abs(slope(x))))
    found = (cr.jvp(slope, (x,), (v,))[1], cr.vjp(slope, x)[1](v)[0], cr.grad(along)(x))
    for one in found:
        np.testing.assert_allclose(one, expected, atol=max(1e-6, tolerance) * size)
        np.testing.assert_allclose(one, found[0], atol=tolerance * size)
    np.testing.assert_allclose(cr.jvp(along, (x,), (v,))[1], found[0] @ v, atol=10 * tolerance * size)


@every_case
def test_a_derivative_by_a_direction_or_a_cotangent_that_is_zero_is_the_jacobian(name: str) -> None:
    f, x = in_parts(name)
    value, pullback = cr.vjp(f, x)
    random = np.random.default_rng(14)
    v, g = random.normal(size=x.size), random.normal(size=value.size)
    tolerance = LOOSE.get(name, 1e-9) * 10
    by_tangent = cr.grad(lambda d: np.sum(g * cr.jvp(f, (x,), (d,))[1]))(np.zeros_like(x))
    np.testing.assert_allclose(by_tangent, pullback(g)[0], atol=tolerance * np.max(np.abs(by_tangent)))
    by_cotangent = cr.jvp(lambda c: cr.vjp(f, x)[1](c)[0], (np.zeros_like(value),), (g,))[1]
    np.testing.assert_allclose(by_cotangent, pullback(g)[0], atol=tolerance * np.max(np.abs(by_tangent)))
    along = cr.jvp(lambda d: cr.jvp(f, (x,), (d,))[1], (np.zeros_like(x),), (v,))[1]
    np.testing.assert_allclose(along, cr.jvp(f, (x,), (v,))[1], atol=tolerance * np.max(np.abs(along)))


@every_case
def test_data_written_to_after_the_call_changes_no_gradient(name: str) -> None:
    f, args = CASES[name]
    for position in range(len(args)):
        given = [np.array(a) for a in args]

        def of_one(x: Any, position: int = position, given: Any = given) -> Any:
            return f(*given[:position], x, *given[position + 1 :])

        value, pullback = cr.vjp(of_one, args[position])
        g = np.exp(1j * np.arange(np.size(value))).reshape(np.shape(value))
        g = g if np.iscomplexobj(value) else g.real
        expected = pullback(g)[0]
        assert np.all(np.isfinite(expected))
        for array in given:
            array[...] = np.nan
        np.testing.assert_array_equal(pullback(g)[0], expected)
        if np.ndim(value):
            value[...] = np.nan
        np.testing.assert_array_equal(pullback(g)[0], expected)


def test_values_are_scipy_s_for_matrices_that_are_complex_and_not_symmetric() -> None:
    for a, b in ((A, B), (A, V), (Z, BZ), (Z, VZ), (Z, V), (A[:1, :1], V[:1]), (np.zeros((0, 0)), np.zeros(0))):
        np.testing.assert_allclose(linalg.solve(a, b), scipy.linalg.solve(a, b), rtol=1e-12)
        np.testing.assert_allclose(linalg.inv(a), scipy.linalg.inv(a), rtol=1e-12)
        np.testing.assert_allclose(linalg.det(a), scipy.linalg.det(a), rtol=1e-12)
        definite = a @ np.conj(a.T) + np.eye(len(a))
        for lower, trans, unit in itertools.product((False, True), ("N", "T", "C", 0, 1, 2), (False, True)):
            found = linalg.solve_triangular(a, b, trans, lower, unit)
            np.testing.assert_allclose(found, scipy.linalg.solve_triangular(a, b, trans, lower, unit), rtol=1e-12)
            single = linalg.solve_triangular(A.astype(np.float32), V.astype(np.float32), trans, lower, unit)
            assert single.dtype == np.float32
        for lower in (False, True) if len(a) else ():
            np.testing.assert_allclose(linalg.cholesky(definite, lower), scipy.linalg.cholesky(definite, lower))
            solved = linalg.cho_solve(linalg.cho_factor(definite, lower), b)
            np.testing.assert_allclose(solved, np.linalg.solve(definite, b), rtol=1e-10)
    for a, name in itertools.product(
        (A, Z), ("expm", "sqrtm", "logm", "cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm")
    ):
        expected = getattr(scipy.linalg, name)(a / 12)
        np.testing.assert_allclose(getattr(linalg, name)(a / 12), expected, rtol=1e-12)
    for blocks in ((A, VZ, B), (A.astype(np.float32), np.float32([1])), (), (2.0, [1, 2])):
        found, expected = linalg.block_diag(*blocks), scipy.linalg.block_diag(*blocks)
        np.testing.assert_array_equal(found, expected)
        assert found.shape == expected.shape
    for matrix in (WIDE, WIDE_COMPLEX):
        for x in (V, VZ, B, BZ, [1, 2, 3]):
            np.testing.assert_allclose(sparse.matmul(matrix, x), matrix.toarray() @ np.asarray(x), rtol=1e-13)


def test_a_sparse_matrix_or_a_spline_that_changes_later_changes_no_gradient() -> None:
    a = WIDE.copy()
    _, pullback = cr.vjp(lambda x: sparse.matmul(a, x), V)
    a.data[:] = np.nan
    np.testing.assert_array_equal(pullback(np.ones(2))[0], WIDE.toarray().sum(axis=0))
    knots, values = KNOTS.copy(), np.sin(KNOTS)
    for made in (interpolate.CubicSpline(knots, values), interpolate.make_interp_spline(knots, values)):
        expected, gradient = made(1.1), cr.grad(made)(1.1)
        knots[:], values[:] = np.nan, np.nan
        assert made(1.1) == expected
        assert cr.grad(made)(1.1) == gradient
        knots, values = KNOTS.copy(), np.sin(KNOTS)
    scale = np.array(2.0)
    _, pullback = cr.vjp(lambda c: optimize.root(lambda x, c: scale * x - c, np.ones(1), (c,)).x[0], 3.0)
    scale[...] = 100.0
    assert pullback(1.0)[0] == pytest.approx(0.5)


def test_functions_that_ask_for_symmetry_read_the_triangle_that_scipy_reads_and_have_symmetric_gradients() -> None:
    for a in (A @ A.T, Z @ np.conj(Z.T)):
        for lower in (False, True):
            spoiled = a + (np.triu if lower else np.tril)(np.full((3, 3), 7.0), 1 if lower else -1)
            found = linalg.cholesky(spoiled, lower)
            np.testing.assert_allclose(found, scipy.linalg.cholesky(spoiled, lower), rtol=1e-12)
            gradient = cr.grad(lambda a, low=lower: np.sum(np.abs(linalg.cholesky(a, low)) ** 2 * A))(spoiled)
            np.testing.assert_allclose(gradient, np.conj(gradient.T), rtol=1e-12)


def test_parameters_that_are_not_tracked_reach_the_function_as_they_are() -> None:
    seen: list[Any] = []

    def f(x: Any, c: Any, options: Any) -> Any:
        seen.append(options)
        return sum(x**k for k in range(1, options["degree"])) - c

    options = {"degree": 3, "name": "text"}
    for solve in (
        lambda c: optimize.root(f, np.array([1.0]), (c, options)).x[0],
        lambda c: optimize.brentq(f, 0.0, 3.0, (c, options)),
        lambda c: integrate.odeint(lambda y, t, c, o: f(y, c, o), [0.1], [0.0, 0.1], (c, options))[-1, 0],
        lambda c: integrate.solve_ivp(lambda t, y, c, o: f(y, c, o), (0.0, 0.1), [0.1], args=(c, options)).y[0, -1],
        lambda c: optimize.minimize(lambda x, c, o: np.sum(f(x, c, o) ** 2), [1.0], (c, options), tol=1e-9).x[0],
        lambda c: optimize.fixed_point(lambda x, c, o: x - 0.1 * f(x, c, o), 1.0, (c, options)),
    ):
        cr.check_grads(solve, (1.5,), rtol=1e-4)
    assert all(o == options and type(o["degree"]) is int for o in seen)
    found = cr.grad(lambda c: optimize.root(lambda x, c: x * x - c, np.ones(2), np.stack([c, 4.0])).x[0])(9.0)
    assert found == pytest.approx(1 / 6)  # what is not a tuple is one argument, as in SciPy
    layers = {"w": np.array([2.0]), "b": [1.0]}
    found = cr.grad(lambda p: optimize.root(lambda x, p: p["w"] * x - p["b"][0], np.ones(1), (p,)).x[0])(layers)
    np.testing.assert_allclose([found["w"][0], found["b"][0]], [-0.25, 0.5])


def test_options_for_the_user_s_own_equation_are_not_used_for_those_derived_from_it() -> None:
    lengths: list[int] = []

    def slope(y: Any, t: Any, k: Any, stiff: float) -> Any:
        return np.stack([-k * y[0] + y[1], -stiff * y[1]])

    def jac(y: Any, t: Any, k: Any, stiff: float) -> Any:
        lengths.append(len(y))
        return np.array([[-float(k), 1.0], [0.0, -stiff]])

    def by_odeint(k: Any) -> Any:  # stiff: it asks for the Jacobian
        return integrate.odeint(
            slope, [1.0, 0.5], [0.0, 1.0], (k, 3e3), Dfun=jac, atol=np.array([1e-10, 1e-11]), mxstep=5000
        )[-1, 0]

    def by_solve_ivp(k: Any) -> Any:
        return integrate.solve_ivp(
            lambda t, y, k: slope(y, t, k, 2.0), (0.0, 0.2), [1.0, 0.5], "LSODA", args=(k,),
            jac=lambda t, y, k: jac(y, t, k, 2.0), rtol=1e-10, atol=[1e-10, 1e-11],
        ).y[0, -1]  # fmt: skip

    with pytest.warns(scipy.integrate.ODEintWarning), pytest.raises(GradientCheckError, match=r"forward mode"):
        cr.grad(by_odeint)(1.5)
    for f, stiff, end in ((by_odeint, 3e3, 1.0), (by_solve_ivp, 2.0, 0.2)):

        def exact(k: float, stiff: float = stiff, end: float = end) -> float:
            part = 0.5 / (k - stiff)
            return (1.0 - part) * float(np.exp(-k * end)) + part * float(np.exp(-stiff * end))

        expected = (exact(1.5 + 1e-5) - exact(1.5 - 1e-5)) / 2e-5
        assert cr.jvp(f, (1.5,), (1.0,))[1] == pytest.approx(expected, rel=1e-6)
        if stiff < 10:  # backwards in time a stiff equation explodes
            assert cr.grad(f)(1.5) == pytest.approx(expected, rel=1e-6)
    assert set(lengths) == {2}


SOLVERS: dict[str, tuple[Any, str, Callable[..., Any], dict[str, Any]]] = {
    "root": (scipy.optimize, "root", lambda c, **o: optimize.root(
        lambda x, c: x * x - c, np.ones(1), (c,), **o
    ).x[0], {"method": "hybr", "jac": lambda x, c: np.diag(2 * x), "tol": 1e-12, "options": {"maxfev": 77}}),
    "minimize": (scipy.optimize, "minimize", lambda c, **o: optimize.minimize(
        lambda x, c: np.sum((x * x - c) ** 2), np.ones(1), (c,), **o
    ).x[0], {
        "method": "BFGS", "jac": lambda x, c: 4 * x * (x * x - c), "tol": 1e-11, "callback": lambda x: None,
        "options": {"maxiter": 77},
    }),
    "fixed_point": (scipy.optimize, "fixed_point", lambda c, **o: optimize.fixed_point(
        lambda x, c: (x + c / x) / 2, 1.0, (c,), **o
    ), {"xtol": 1e-12, "maxiter": 77, "method": "iteration"}),
    "brentq": (scipy.optimize, "brentq", lambda c, **o: optimize.brentq(
        lambda x, c: x * x - c, 0.0, 9.0, (c,), **o
    ), {"xtol": 1e-13, "rtol": 1e-13, "maxiter": 77, "disp": False}),
    "odeint": (scipy.integrate, "odeint", lambda c, **o: integrate.odeint(
        lambda y, t, c: 0.5 * y * np.log(c), [1.0], [0.0, 1.0], (c,), **o
    )[-1, 0], {"rtol": 1e-9, "atol": 1e-11, "mxstep": 777, "h0": 1e-4}),
    "solve_ivp": (scipy.integrate, "solve_ivp", lambda c, **o: integrate.solve_ivp(
        lambda t, y, c: 0.5 * y * np.log(c), (0.0, 1.0), [1.0], t_eval=[1.0], args=(c,), **o
    ).y[0, -1], {"method": "DOP853", "rtol": 1e-9, "atol": 1e-11, "max_step": 0.3, "first_step": 1e-3}),
}  # fmt: skip


@pytest.mark.parametrize("name", SOLVERS)
def test_every_option_reaches_scipy_as_it_was_given(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, function, solve, options = SOLVERS[name]
    own, seen = getattr(module, function), []

    def spied(*args: Any, **given: Any) -> Any:
        seen.append(given)
        return own(*args, **given)

    monkeypatch.setattr(module, function, spied)
    assert solve(2.0, **options) == pytest.approx(2**0.5, rel=1e-5)
    for option, value in options.items():
        assert seen[0][option] is value, option
    for transform in (cr.grad, lambda f: lambda c: cr.jvp(f, (c,), (1.0,))[1]):
        del seen[:]
        slope = transform(lambda c: solve(c, **options))(2.0)
        assert slope == pytest.approx(0.5 / 2**0.5, rel=1e-5)
        assert seen[0].items() >= options.items()


class Slotted:
    """An object whose attributes are not looked through for tracked values."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def hidden(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda c: f(Slotted(c))


FAULTS: dict[str, Callable[[Any], Any]] = {
    "captured by root": hidden(lambda s: optimize.root(lambda x: x * x - s.value, np.array([1.0])).x[0]),
    "captured by minimize": hidden(lambda s: optimize.minimize(lambda x: np.sum((x - s.value) ** 2), np.ones(1)).x[0]),
    "captured by brentq": hidden(lambda s: optimize.brentq(lambda x: x * x - s.value, 0.0, 9.0)),
    "captured by fixed_point": hidden(lambda s: optimize.fixed_point(lambda x: np.cos(s.value * x), 0.5)),
    "captured by odeint": hidden(lambda s: integrate.odeint(lambda y, t: -s.value * y, [1.0], [0.0, 1.0])[-1, 0]),
    "captured by solve_ivp": hidden(
        lambda s: integrate.solve_ivp(lambda t, y: -s.value * y, (0.0, 1.0), [1.0]).y[0, -1]
    ),
    "captured by quad": hidden(lambda s: integrate.quad(lambda t: s.value * t, 0.0, 1.0)[0]),
    "a knot": lambda c: interpolate.CubicSpline(np.stack([0.0, c, 9.0, 10.0]), np.ones(4))(0.5),
    "a sparse matrix's place": lambda c: sparse.matmul(np.ones((2, 2)) * c, np.ones(2))[0],
    "complex parameters": lambda c: integrate.odeint(lambda y, t, k: -y, [1.0], [0.0, 1.0], (c * 1j,))[-1, 0],
    "a singular matrix": lambda c: np.sum(linalg.inv(np.zeros((2, 2)) * c)),
    "shapes": lambda c: np.sum(linalg.solve(np.eye(2) * c, np.ones(3))),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_an_error_names_the_user_s_line_and_not_one_of_scipy(fault: str) -> None:
    for transform in (cr.grad, lambda f: lambda c: cr.jvp(f, (c,), (1.0,))):
        with pytest.raises((ChainruleError, ValueError)) as caught:
            transform(FAULTS[fault])(2.0)
        assert "at test_every_wrapper.py:" in str(caught.value), str(caught.value)
    if fault.startswith("captured"):
        assert isinstance(caught.value, TrackingError)
    if fault.startswith("complex"):
        assert isinstance(caught.value, NotDifferentiableError)


@pytest.mark.parametrize("tfirst", [False, True])
def test_a_jacobian_given_to_odeint_takes_its_arguments_in_the_order_of_the_function(tfirst: bool) -> None:
    seen: list[tuple[int, int]] = []

    def ordered(y: Any, t: Any) -> tuple[Any, Any]:
        return (t, y) if tfirst else (y, t)

    def slope(first: Any, second: Any, k: Any) -> Any:
        y, t = ordered(first, second)
        return -k * y + t

    def jac(first: Any, second: Any, k: Any) -> Any:
        y, t = ordered(first, second)
        seen.append((np.ndim(y), np.ndim(t)))
        return np.array([[-float(k)]])

    def end(k: Any) -> Any:  # stiff: it asks for the Jacobian
        return integrate.odeint(slope, [1.0], [0.0, 1.0], (k,), tfirst=tfirst, Dfun=jac, mxstep=5000)[-1, 0]

    np.testing.assert_allclose(end(3e3), (3e3 - 1) / 3e3**2, rtol=1e-3)
    assert seen
    assert set(seen) == {(1, 0)}


@pytest.mark.parametrize("method", ["Radau", "BDF", "LSODA"])
@pytest.mark.parametrize("times", [None, [0.0, 0.02, 0.1]])
def test_a_jacobian_given_to_solve_ivp_gets_the_parameters_and_they_are_plain(method: str, times: Any) -> None:
    seen: list[Any] = []

    def jac(t: Any, y: Any, k: Any, name: str) -> Any:
        seen.append((type(t) in (float, np.float64), np.shape(y), float(k), name))
        return np.array([[-k]])

    def end(k: Any) -> Any:
        return integrate.solve_ivp(
            lambda t, y, k, name: -k * y + k, (0.0, 0.1), [2.0], method, times, args=(k, "fast"), jac=jac, rtol=1e-9,
            atol=1e-9,
        ).y[0, -1]

    for found in (end(300.0), cr.jvp(end, (300.0,), (1.0,))[0]):
        np.testing.assert_allclose(found, 1.0, atol=1e-6)
    np.testing.assert_allclose(cr.jvp(end, (20.0,), (1.0,))[1], -0.1 * np.exp(-2.0), rtol=1e-4)
    assert seen
    assert {(plain, shape, name) for plain, shape, _, name in seen} == {(True, (1,), "fast")}


ONE_MATRIX = ["inv", "det", "cholesky", "expm", "sqrtm", "logm", "cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm"]


@pytest.mark.filterwarnings("ignore:logm result may be inaccurate")  # in single precision
@pytest.mark.parametrize("kind", "fdFD")
def test_linear_algebra_has_scipy_s_dtypes_and_shapes(kind: str) -> None:
    a = ((Z if kind in "FD" else A) * 0.3).astype(kind)
    a = (a @ np.conj(a.T)).astype(kind) + np.eye(3, dtype=kind)
    b = (BZ if kind in "FD" else B).astype(kind)
    calls: dict[str, Callable[[Any], Any]] = {
        name: lambda module, name=name: getattr(module, name)(a) for name in ONE_MATRIX
    }
    calls |= {
        "solve": lambda module: module.solve(a, b), "solve a vector": lambda module: module.solve(a, b[:, 0]),
        "solve_triangular": lambda module: module.solve_triangular(a, b, trans=1, lower=True),
        "cho_solve": lambda module: module.cho_solve(module.cho_factor(a), b),
        "block_diag": lambda module: module.block_diag(a, b, b[:, 0]),
        "block_diag of two dtypes": lambda module: module.block_diag(a, np.float32([[2.0]])),
    }  # fmt: skip
    for name, call in calls.items():
        found, wanted = call(linalg), call(scipy.linalg)
        assert np.shape(found) == np.shape(wanted), name
        if name != "det":  # SciPy's is computed in double precision, NumPy's and ours in that of the matrix
            assert np.asarray(found).dtype == np.asarray(wanted).dtype, name
        np.testing.assert_allclose(found, wanted, rtol=1e-3 if kind in "fF" else 1e-10, atol=1e-4, err_msg=name)
