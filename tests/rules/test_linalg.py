"""Linear algebra: inverses, systems, decompositions and norms."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from tests.rules.agreement import assert_right, assert_same_value, complex_points, points

SQUARE = points(3, 3) + 3 * np.eye(3)
STACK = points(2, 3, 3, seed=1) + 3 * np.eye(3)
TALL, WIDE = points(5, 3, seed=2), points(3, 5, seed=3)
TALLS, WIDES = points(2, 4, 3, seed=4), points(2, 3, 4, seed=5)
COMPLEX = complex_points(3, 3) + 3 * np.eye(3)


def definite(a):
    return a @ np.conjugate(np.swapaxes(a, -1, -2)) + np.eye(a.shape[-1])


def swapped(a):
    return np.swapaxes(a, -1, -2)


SMOOTH = {
    "inv": (np.linalg.inv, (SQUARE, STACK, COMPLEX)),
    "pinv": (np.linalg.pinv, (TALL, WIDE, SQUARE, TALLS, WIDES)),
    "pinv with a cutoff": (lambda a: np.linalg.pinv(a, rcond=1e-3), (TALL, TALLS)),
    "pinv that leaves singular values out": (
        lambda a: [np.linalg.pinv(a, 0.45), np.linalg.pinv(a @ swapped(a), 0.2)],
        (TALL, WIDE, SQUARE - 2 * np.eye(3), TALLS, WIDES, COMPLEX),
    ),
    "pinv that leaves equal singular values out": (lambda a: np.linalg.pinv(a, 0.5), (np.diag([4.0, 3.0, 1.0, 1.0]),)),
    "pinv with rtol": (lambda a: np.linalg.pinv(a, rtol=None), (TALL,)),
    "hermitian pinv": (lambda a: np.linalg.pinv(a + a.T, hermitian=True), (SQUARE,)),
    "det": (np.linalg.det, (SQUARE, STACK, COMPLEX, points(1, 1), points(2, 2, 2))),
    "slogdet": (lambda a: np.linalg.slogdet(a).logabsdet, (SQUARE, STACK, COMPLEX)),
    "slogdet's sign": (lambda a: np.linalg.slogdet(a).sign, (COMPLEX,)),
    "cholesky": (lambda a: np.linalg.cholesky(definite(a)), (SQUARE, STACK, COMPLEX)),
    "upper cholesky": (lambda a: np.linalg.cholesky(definite(a), upper=True), (SQUARE, STACK, COMPLEX)),
    "reduced qr": (np.linalg.qr, (TALL, SQUARE, WIDE, TALLS, WIDES)),
    "qr's r": (lambda a: np.linalg.qr(a, mode="r"), (TALL, WIDE, TALLS)),
    "complete qr's r": (lambda a: np.linalg.qr(a, mode="complete").R, (TALL, WIDE)),
    "complete qr's projector": (
        lambda a: np.linalg.qr(a, mode="complete").Q[:, 3:] @ np.linalg.qr(a, mode="complete").Q[:, 3:].T,
        (TALL,),
    ),
    "complex qr": (np.linalg.qr, (complex_points(4, 3), COMPLEX, complex_points(2, 3))),
    "eigh": (lambda a: np.linalg.eigh(definite(a)), (SQUARE, STACK)),
    "complex eigh": (
        lambda a: (lambda w, v: (w, v @ (np.exp(w)[:, None] * np.conj(v.T))))(*np.linalg.eigh(definite(a))),
        (COMPLEX,),
    ),
    "upper eigh": (lambda a: np.linalg.eigh(a + a.T, UPLO="U"), (SQUARE,)),
    "eigvalsh": (lambda a: np.linalg.eigvalsh(definite(a)), (SQUARE, STACK, COMPLEX)),
    "eig": (
        np.linalg.eig,
        (np.diag([1.0, 2.0, 4.0]) + 0.1 * points(3, 3), STACK[0], COMPLEX, np.array([[1.0, -2.0], [3.0, 1.5]])),
    ),
    "eigvals": (np.linalg.eigvals, (SQUARE, COMPLEX)),
    "reduced svd": (lambda a: np.linalg.svd(a, full_matrices=False), (TALL, WIDE, SQUARE, TALLS, WIDES)),
    "full svd's complement": (lambda a: (lambda n: n @ n.T)(np.linalg.svd(a).U[:, 3:]), (TALL,)),
    "full svd's other complement": (lambda a: (lambda n: n.T @ n)(np.linalg.svd(a).Vh[3:]), (WIDE,)),
    "complex svd": (
        lambda a: (lambda u, s, vh: (s, u @ vh, u @ (np.exp(-s)[:, None] * np.conj(u.T))))(
            *np.linalg.svd(a, full_matrices=False)
        ),
        (complex_points(3, 3), complex_points(4, 3), complex_points(2, 3)),
    ),
    "complements of complex matrices": (
        lambda a: [
            (lambda n: n @ np.conj(n.T))(np.linalg.qr(a, mode="complete").Q[:, 3:]),
            (lambda n: n @ np.conj(n.T))(np.linalg.svd(a).U[:, 3:]),
            (lambda n: np.conj(n.T) @ n)(np.linalg.svd(np.conj(a.T)).Vh[3:]),
        ],
        (complex_points(5, 3), TALL),
    ),
    "hermitian svd": (
        lambda a: [*np.linalg.svd(a + a.T, hermitian=True), np.linalg.svd(a + a.T, compute_uv=False, hermitian=True)],
        (SQUARE, points(4, 4)),
    ),
    "svdvals": (np.linalg.svdvals, (TALL, WIDES, complex_points(4, 3))),
    "matrix power": (lambda a: [np.linalg.matrix_power(a, n) for n in (1, 2, 5, -1, -3)], (SQUARE, STACK)),
    "tensorinv": (lambda a: np.linalg.tensorinv(a, ind=1), (points(6, 2, 3),)),
    "trace": (
        lambda a: (np.linalg.trace(a, offset=1), np.linalg.diagonal(a, offset=-1), np.linalg.matrix_transpose(a)),
        (STACK, SQUARE),
    ),
    "cond": (lambda a: [np.linalg.cond(a, p) for p in (None, 2, -2, 1, -1, np.inf, -np.inf, "fro")], (SQUARE, STACK)),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_a_function_of_one_matrix_agrees_with_differences(name):
    function, arguments = SMOOTH[name]
    for argument in arguments:
        assert_right(function, argument, rtol=1e-4)


OPTIONS = {
    "svd": [{}, {"full_matrices": False}, {"compute_uv": False}, {"hermitian": True}],
    "qr": [{}, {"mode": "complete"}, {"mode": "r"}],
    "cholesky": [{}, {"upper": True}],
    "eigh": [{}, {"UPLO": "U"}],
    "eigvalsh": [{}, {"UPLO": "U"}],
    "eig": [{}],
    "pinv": [{}, {"hermitian": True}],
    "matrix_rank": [{}, {"hermitian": True}],
}


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("make", [points, complex_points])
def test_factors_are_numpy_s_to_the_last_sign_with_every_option(name, make):
    function = getattr(np.linalg, name)
    for options in OPTIONS[name]:
        symmetric = name in ("cholesky", "eigh", "eigvalsh") or options.get("hermitian")
        for shape in ((3, 3), (2, 4, 4)) if symmetric or name == "eig" else ((3, 3), (4, 2), (2, 3, 4)):
            a = make(*shape, seed=12)
            if symmetric:
                a = definite(a) - (0 if name == "cholesky" else 3 * np.eye(shape[-1]))  # of both signs
            assert_same_value(lambda a, o=options: function(a, **o), a)


NOT_ANALYTIC = {
    "hermitian pinv", "complete qr's projector", "upper eigh", "full svd's complement", "full svd's other complement",
    "hermitian svd",
}
"""Written with a transpose, which makes a Hermitian matrix or a projector of real matrices only."""
PHASES = {"eigh", "reduced svd"}
"""Complex vectors have a phase that jumps; what is unique of them is in the table above."""


@pytest.mark.parametrize("name", sorted(SMOOTH.keys() - NOT_ANALYTIC - PHASES))
def test_a_function_of_a_complex_matrix_agrees_with_differences(name):
    function, arguments = SMOOTH[name]
    for argument in [*arguments[:2], *arguments[-1:]]:
        turned = argument * (1 + 0.2j) + 0.4j * points(*argument.shape, seed=9)
        assert_right(function, turned, order=1, rtol=1e-4)
    if name == "pinv":
        assert_right(lambda a: np.linalg.pinv(a + np.conj(a.T), hermitian=True), COMPLEX, order=1, rtol=1e-4)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (SQUARE, points(3)),
        (SQUARE, points(3, 2)),
        (STACK, points(2, 3, 2)),
        (STACK, points(3, 2)),
        (SQUARE, points(2, 3, 2)),
        (STACK, points(3)),
        (COMPLEX, complex_points(3, 2)),
    ],
)
def test_solve_agrees_with_differences_in_both_arguments_and_for_stacks(a, b):
    assert_right(np.linalg.solve, a, b)


def test_one_side_of_a_system_may_be_a_constant():
    a, b = SQUARE, points(3)
    assert_right(lambda a: np.linalg.solve(a, b), a)
    assert_right(lambda b: np.linalg.solve(a, b), b)


@pytest.mark.parametrize("b", [points(5), points(5, 2)])
def test_lstsq_gives_solution_residuals_and_singular_values(b):
    assert_right(lambda a, b: [np.linalg.lstsq(a, b)[k] for k in (0, 1, 3)], TALL, b, rtol=1e-4)
    assert_right(lambda a: np.linalg.lstsq(a, points(3))[0], WIDE, rtol=1e-4)
    a, c = complex_points(5, 3), b * (1 - 0.5j)
    assert_right(lambda a, b: [np.linalg.lstsq(a, b)[k] for k in (0, 1, 3)], a, c, order=1, rtol=1e-4)


def test_tensorsolve_and_multi_dot_and_the_other_names():
    assert_right(np.linalg.tensorsolve, points(2, 3, 6), points(2, 3))
    assert_right(lambda a, b: np.linalg.tensorsolve(a, b, axes=(1,)), points(2, 6, 3), points(2, 3))
    assert_right(lambda a, b, c: np.linalg.multi_dot([a, b, c]), points(2, 5), points(5, 3), points(3, 4))
    assert_right(lambda a, b, c: np.linalg.multi_dot([a, b, c]), points(5), points(5, 3), points(3))
    assert_right(lambda a, b: (np.linalg.matmul(a, b), np.linalg.tensordot(a, b, axes=1)), points(2, 3), points(3, 4))
    assert_right(
        lambda a, b: (np.linalg.vecdot(a, b), np.linalg.outer(a[0], b[1]), np.linalg.cross(a, b)),
        points(2, 3),
        points(2, 3, seed=1),
    )
    assert_right(lambda a, b: np.linalg.vecdot(a, b, axis=0), complex_points(3, 2), complex_points(3, 2, seed=1))
    assert_right(lambda a, b: (np.matvec(a, b), np.vecmat(b, a)), STACK, points(2, 3))
    assert_right(lambda a, b: np.vecmat(b, a), COMPLEX, complex_points(3))


@pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors")
@pytest.mark.parametrize("shapes", [((3,), (3,)), ((2, 3), (3,)), ((2, 2), (2, 3)), ((3,), (4, 2))])
def test_cross_takes_vectors_of_two_and_three_components(shapes):
    a, b = points(*shapes[0]), points(*shapes[1], seed=1)
    wide = [np.concatenate([p, np.zeros((*p.shape[:-1], 1))], -1) if p.shape[-1] == 2 else p for p in (a, b)]
    value = np.cross(*wide)
    cr.check_grads(np.cross, (a, b), order=2)
    found = cr.vjp(np.cross, a, b)[0]
    np.testing.assert_allclose(found, value[..., 2] if a.shape[-1] == b.shape[-1] == 2 else value, rtol=1e-12)


def test_cross_along_other_axes():
    assert_right(lambda a, b: np.cross(a, b, axisa=0, axisb=1, axisc=0), points(3, 4), points(4, 3, seed=1))
    assert_right(lambda a, b: np.cross(a, b, axis=0), points(3, 4), points(3, 4, seed=1))


NORMS = [
    (None, None),
    (2, 0),
    (3, 1),
    (1, 0),
    (np.inf, 1),
    (-np.inf, 0),
    (-1, 0),
    (0.5, 1),
    (-2.5, 0),
    ("fro", (0, 1)),
    ("nuc", (0, 1)),
    (1, (0, 1)),
    (-1, (1, 0)),
    (np.inf, (0, 1)),
    (-np.inf, (0, 1)),
    (2, (0, 1)),
    (-2, (1, 0)),
    (None, (0, 1)),
    (2, None),
    ("nuc", None),
]


@pytest.mark.parametrize(("order", "axis"), NORMS)
def test_every_norm_agrees_with_differences(order, axis):
    for keepdims in (False, True):
        assert_right(lambda x, k=keepdims: np.linalg.norm(x, order, axis, k), points(4, 3, seed=8), rtol=1e-4)
    if axis is not None:
        assert_right(lambda x: np.linalg.norm(x, order, axis), complex_points(4, 3), rtol=1e-4)


def test_norms_of_the_array_standard():
    x = points(2, 4, 3)
    assert_right(lambda x: np.linalg.vector_norm(x), x)
    assert_right(lambda x: np.linalg.vector_norm(x, keepdims=True, ord=3), x)
    assert_right(lambda x: np.linalg.vector_norm(x, axis=(0, 2), ord=1), x)
    assert_right(lambda x: np.linalg.vector_norm(x, axis=1, keepdims=True), x)
    assert_right(lambda x: np.linalg.matrix_norm(x), x)
    assert_right(lambda x: np.linalg.matrix_norm(x, ord="nuc", keepdims=True), x, rtol=1e-4)


@pytest.mark.parametrize(("order", "axis"), NORMS)
@pytest.mark.parametrize("keepdims", [False, True])
def test_every_norm_of_zeros_among_others_has_numpy_s_value_and_shape(order, axis, keepdims):
    some = points(4, 3, seed=8)
    some[1], some[:, 2] = 0, 0
    for x in (some, np.zeros((4, 3)), some * 1j):
        with np.errstate(all="ignore"):
            assert_same_value(lambda x: np.linalg.norm(x, order, axis, keepdims), x)
            if isinstance(axis, int):
                of_vectors = {"axis": axis, "ord": order or 2, "keepdims": keepdims}
                assert_same_value(lambda x, options=of_vectors: np.linalg.vector_norm(x, **options), x)
            elif axis is not None:
                of_matrices = {"ord": order or "fro", "keepdims": keepdims}
                assert_same_value(lambda x, options=of_matrices: np.linalg.matrix_norm(x, **options), x)


def test_the_norm_of_nothing_has_slope_zero():
    for order in (None, 2, 3, 1):
        np.testing.assert_array_equal(cr.grad(lambda x, o=order: np.linalg.norm(x, o))(np.zeros(3)), np.zeros(3))
    np.testing.assert_array_equal(cr.grad(np.linalg.norm)(np.zeros((2, 2))), np.zeros((2, 2)))


def test_the_determinant_of_a_singular_matrix_has_its_cofactors_as_slopes():
    singular = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])
    assert np.linalg.det(singular) == 0
    assert_right(np.linalg.det, singular)
    assert_right(np.linalg.det, np.zeros((2, 2)))
    assert np.isnan(cr.grad(lambda a: np.linalg.slogdet(a).logabsdet)(singular)).all()


def test_only_what_equal_eigenvalues_share_has_a_derivative():
    twin = np.diag([2.0, 2.0, 5.0])
    gradient = cr.grad(lambda a: np.sum(np.linalg.eigvalsh(a)))(twin)
    np.testing.assert_allclose(gradient, np.eye(3), atol=1e-12)
    gradient = cr.grad(lambda a: np.linalg.norm(a, "nuc"))(twin)
    np.testing.assert_allclose(gradient, np.eye(3), atol=1e-12)
    assert not np.isfinite(cr.grad(lambda a: np.linalg.eigh(a)[1][0, 1])(np.diag([2.0, 2.0]))).all()


def test_gradients_of_symmetric_functions_are_symmetric():
    a = definite(points(3, 3))
    for function in (np.linalg.cholesky, lambda a: np.linalg.eigh(a)[1]):
        gradient = cr.grad(lambda a, f=function: np.sum(np.cos(f(a))))(a)
        np.testing.assert_allclose(gradient, gradient.T, rtol=1e-12)


def test_decompositions_factorise_once_for_value_and_gradient(monkeypatch):
    counts = {}
    from chainrule.rules import decompositions

    real = np.linalg

    class Counting:
        def __getattr__(self, name):
            counts[name] = counts.get(name, 0) + 1
            return getattr(real, name)

    class Numpy:
        linalg = Counting()

        def __getattr__(self, name):
            return getattr(np, name)

    monkeypatch.setattr(decompositions, "np", Numpy())
    cr.grad(lambda a: np.sum(np.linalg.eigh(a + a.T)[1] ** 3))(SQUARE)
    cr.grad(lambda a: np.sum(np.linalg.svd(a, full_matrices=False)[0] ** 3))(TALL)
    assert counts == {"eigh": 1, "svd": 1}


def test_single_precision_stays_single():
    a = SQUARE.astype(np.float32)
    for function in (
        np.linalg.inv,
        np.linalg.det,
        np.linalg.svdvals,
        np.linalg.norm,
        lambda a: np.linalg.eigh(a + a.T)[1],
    ):
        assert cr.grad(lambda a, f=function: np.sum(f(a)))(a).dtype == np.float32


def test_empty_stacks_have_empty_gradients():
    empty = np.zeros((0, 3, 3))
    for function in (np.linalg.inv, np.linalg.det, np.linalg.svdvals, np.linalg.eigvalsh):
        assert cr.grad(lambda a, f=function: np.sum(f(a)))(empty).shape == (0, 3, 3)


def test_reflections_have_no_rule_and_the_error_says_what_to_use():
    with pytest.raises(cr.errors.NoRuleError, match="reduced"):
        cr.grad(lambda a: np.sum(np.linalg.qr(a, mode="raw")[0]))(TALL)


def test_complex_gradients_follow_the_convention_of_jax():
    def f(a):
        return np.real(np.sum(np.linalg.inv(a) * np.array([[1, 2j], [3, 1 + 1j]])))

    a = complex_points(2, 2) + 2 * np.eye(2)
    step = 1e-6
    expected = np.zeros((2, 2), complex)
    for place in np.ndindex(2, 2):
        e = np.zeros((2, 2))
        e[place] = step
        expected[place] = (f(a + e) - f(a - e)) / (2 * step) - 1j * (f(a + 1j * e) - f(a - 1j * e)) / (2 * step)
    np.testing.assert_allclose(cr.grad(f)(a), expected, rtol=1e-6)


SHAPES = [((3,), (3, 4)), ((3,), (2, 3, 4)), ((4, 3), (3,)), ((2, 4, 3), (3,)), ((3,), (3,)), ((2, 4, 3), (3, 5)),
          ((4, 3), (2, 3, 5)), ((2, 1, 4, 3), (5, 3, 4)), ((3, 3), (3, 3))]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), SHAPES)
@pytest.mark.parametrize("make", [points, complex_points])
def test_products_of_every_pair_of_ranks_agree_with_differences(left, right, make):
    a, b = make(*left, seed=20), make(*right, seed=21)
    for product in (np.matmul, np.dot):
        try:
            product(a, b)
        except ValueError:
            continue
        assert_right(product, a, b, order=1)
        assert_right(lambda a, p=product: p(a, b), a, order=1)
        assert_right(lambda b, p=product: p(a, b), b, order=1)
