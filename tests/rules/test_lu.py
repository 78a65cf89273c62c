"""Where SciPy's linear algebra is there, one factorisation serves the value and the derivatives and changes neither."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.linalg import lapack

import chainrule as cr
from chainrule.rules import linalg

N = 6
KINDS = [np.float64, np.float32, np.complex128]


def matrix(dtype, seed=0, n=N):
    random = np.random.default_rng(seed)
    made = random.normal(size=(n, n)) + 3 * np.eye(n)
    return (made + (1j * random.normal(size=(n, n)) if np.dtype(dtype).kind == "c" else 0)).astype(dtype)


def total(x):
    return np.sum(np.real(x) * np.arange(1, np.size(x) + 1).reshape(np.shape(x)))


FUNCTIONS = {
    "solve a vector": lambda a: total(np.linalg.solve(a, a[0] + 1)),
    "solve columns": lambda a: total(np.linalg.solve(a, np.stack([a[0], a[1] * 2], axis=1))),
    "solve with a constant matrix": lambda a: total(np.linalg.solve(matrix(a.dtype, 1), a)),
    "solve for a constant vector": lambda a: total(np.linalg.solve(a, np.arange(1, N + 1).astype(a.dtype))),
    "det": lambda a: np.real(np.linalg.det(a)),
    "slogdet": lambda a: np.linalg.slogdet(a)[1] * np.real(np.linalg.slogdet(a)[0]),
}


@pytest.fixture(autouse=True)
def for_small_matrices(monkeypatch):
    monkeypatch.setattr(linalg, "WORTHWHILE", 4)


@pytest.fixture
def without(monkeypatch):
    """The results of a call in a program that has not imported SciPy's linear algebra."""

    def call(f, *args):
        with monkeypatch.context() as patched:
            patched.delitem(sys.modules, "scipy.linalg.lapack")
            return f(*args)

    return call


def counted(monkeypatch):
    """LAPACK's routines from now on, with the number of factorisations in `count`."""
    routines = SimpleNamespace(**{name: getattr(lapack, name) for name in dir(lapack) if name.endswith(("trf", "trs"))})
    routines.count = 0

    def counting(factorise):
        def call(*args, **options):
            routines.count += 1
            return factorise(*args, **options)

        return call

    for letter in "sdcz":
        setattr(routines, f"{letter}getrf", counting(getattr(lapack, f"{letter}getrf")))
    monkeypatch.setitem(sys.modules, "scipy.linalg.lapack", routines)
    return routines


@pytest.mark.parametrize("dtype", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_values_and_gradients_are_those_without_scipy(f, dtype, without):
    a = matrix(dtype)
    tolerance = {"rtol": 2e3 * np.finfo(dtype).eps, "atol": 2e3 * np.finfo(dtype).eps}
    value, gradient = cr.value_and_grad(f)(a)
    expected, slopes = without(cr.value_and_grad(f), a)
    assert gradient.dtype == slopes.dtype
    np.testing.assert_allclose(value, f(a), **tolerance)
    np.testing.assert_allclose(value, expected, **tolerance)
    np.testing.assert_allclose(gradient, slopes, **tolerance)
    np.testing.assert_allclose(cr.jvp(f, (a,), (a.T,))[1], without(cr.jvp, f, (a,), (a.T,))[1], **tolerance)


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_second_derivatives_are_right(f, without):
    a, direction = matrix(float), matrix(float, 2)
    step = 1e-5
    expected = (cr.grad(f)(a + step * direction) - cr.grad(f)(a - step * direction)) / (2 * step)
    found = cr.hvp(f, (a,), (direction,))
    size = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6 * size)
    np.testing.assert_allclose(found, without(cr.hvp, f, (a,), (direction,)), rtol=1e-9, atol=1e-9 * size)


@pytest.mark.parametrize("name", ["solve a vector", "solve columns", "solve for a constant vector", "det"])
def test_a_gradient_factorises_once(name, monkeypatch):
    routines = counted(monkeypatch)
    monkeypatch.setattr(np.linalg._umath_linalg, "solve", None)
    monkeypatch.setattr(np.linalg._umath_linalg, "solve1", None)
    monkeypatch.setattr(np.linalg._umath_linalg, "inv", None)
    cr.value_and_grad(FUNCTIONS[name])(matrix(float))
    assert routines.count == 1


def test_all_rows_of_a_jacobian_share_one_factorisation(monkeypatch):
    routines = counted(monkeypatch)
    b = np.arange(N) + 1.0
    found = cr.jacrev(lambda b: np.linalg.solve(matrix(float), b))(b)
    assert routines.count == 1
    np.testing.assert_allclose(found, np.linalg.inv(matrix(float)), rtol=1e-12, atol=1e-14)


def test_the_factors_are_of_the_matrix_as_it_was():
    a, b = matrix(float), np.arange(N) + 1.0

    def f(b):
        x = np.linalg.solve(captured, b)
        captured[...] = 7.0
        return np.sum(x**2)

    captured = a.copy()
    found = cr.grad(f)(b)
    np.testing.assert_allclose(found, cr.grad(lambda b: np.sum(np.linalg.solve(a, b) ** 2))(b), rtol=1e-13)


def test_stacks_mixed_dtypes_and_what_has_no_solution_go_numpys_way(monkeypatch):
    routines = counted(monkeypatch)
    a, b = np.stack([matrix(float), matrix(float, 1)]), np.ones((N, 1))
    assert cr.grad(lambda a: np.sum(np.linalg.solve(a, b)))(a).shape == a.shape
    assert cr.grad(lambda a: np.sum(np.linalg.solve(a, np.ones(N, np.float32))))(a[0]).shape == (N, N)
    assert cr.grad(lambda a: np.sum(np.linalg.det(a)))(a).shape == a.shape
    assert routines.count == 0
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
        cr.grad(lambda a: np.sum(np.linalg.solve(a, b)))(np.ones((N, N)))
    with pytest.raises(ValueError, match="solve"):
        cr.grad(lambda a: np.sum(np.linalg.solve(a, np.ones(N + 1))))(a[0])
    assert cr.grad(np.linalg.det)(np.ones((N, N))).tolist() == np.zeros((N, N)).tolist()
    lost = a[0].copy()
    lost[0, 0] = np.nan
    assert np.isnan(cr.grad(lambda a: np.linalg.det(a))(lost)).all()
