"""The modules of chainrule.autograd under autograd's names, and what programs ask of them."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import numpy as onp
import pytest

import chainrule.autograd as ag
import chainrule.autograd.numpy as np
from chainrule.autograd.builtins import DictBox, SequenceBox
from chainrule.autograd.extend import Box
from chainrule.autograd.numpy.numpy_boxes import ArrayBox
from chainrule.autograd.test_util import check_grads
from chainrule.autograd.tracer import getval, isbox
from chainrule.autograd.util import quick_grad_check, subval, subvals

PUBLIC = {
    "": "checkpoint deriv elementwise_grad grad grad_and_aux grad_named hessian hessian_tensor_product "
    "hessian_vector_product holomorphic_grad jacobian make_ggnvp make_hvp make_jvp make_vjp multigrad_dict primitive "
    "tensor_jacobian_product value_and_grad vector_jacobian_product dict isinstance list tuple",
    ".builtins": "tuple list dict isinstance type DictBox SequenceBox",
    ".core": "make_vjp make_jvp vspace VSpace primitive primitive_vjps primitive_jvps defvjp defjvp",
    ".differential_operators": "grad hessian make_jvp_reversemode",
    ".extend": "Box VSpace def_linear defjvp defjvp_argnum defjvp_argnums defvjp defvjp_argnum defvjp_argnums "
    "notrace_primitive primitive vspace",
    ".misc": "flatten const_graph",
    ".misc.fixed_points": "fixed_point",
    ".misc.flatten": "flatten flatten_func",
    ".misc.optimizers": "adam rmsprop sgd unflatten_optimizer",
    ".misc.tracers": "const_graph",
    ".numpy": "sin dot array zeros ndarray pi newaxis float64 int64 fft linalg random make_diagonal metadata",
    ".numpy.fft": "fft ifft rfftn fftshift",
    ".numpy.linalg": "norm eigh svd slogdet LinAlgError",
    ".numpy.numpy_boxes": "ArrayBox",
    ".numpy.numpy_vjps": "unbroadcast unbroadcast_f repeat_to_match_shape",
    ".numpy.numpy_wrapper": "array concatenate",
    ".numpy.random": "randn RandomState seed",
    ".scipy": "integrate linalg misc signal special stats",
    ".scipy.integrate": "odeint",
    ".scipy.linalg": "expm solve_triangular sqrtm cholesky eigh",
    ".scipy.misc": "logsumexp",
    ".scipy.signal": "convolve",
    ".scipy.special": "gammaln logsumexp expit erf polygamma beta iv multigammaln",
    ".scipy.stats": "beta chi2 dirichlet gamma multivariate_normal norm poisson t",
    ".scipy.stats.dirichlet": "pdf logpdf rvs",
    ".scipy.stats.norm": "pdf cdf sf logpdf logcdf logsf rvs",
    ".scipy.stats.poisson": "pmf logpmf cdf",
    ".test_util": "check_grads check_vjp check_jvp check_equivalent combo_check scalar_close",
    ".tracer": "Box getval isbox primitive notrace_primitive",
    ".util": "subval subvals func quick_grad_check",
    ".wrap_util": "unary_to_nary wraps get_name get_doc",
}


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_name_is_where_programs_import_it_from(module: str) -> None:
    found = importlib.import_module(f"chainrule.autograd{module}")
    for name in PUBLIC[module].split():
        assert hasattr(found, name), f"{module} has no {name}"


def test_functions_are_numpys_and_constructors_make_numpys_own_arrays() -> None:
    assert np.tanh.__name__ == "tanh"
    made = [np.zeros(3), np.ones_like(onp.ones(2)), np.array([1.0, 2.0]), np.full(2, 1.5), np.copy(onp.ones(2))]
    made += [
        np.eye(2),
        np.arange(3.0),
        np.diag([1.0, 2.0]),
        np.random.randn(2),
        np.array([1.0]) * np.ones(1),
        np.linspace(0.0, 1.0, 3),
    ]
    for array in made:
        assert type(array) is onp.ndarray
    everything: dict[str, Any] = {}
    exec("from chainrule.autograd.numpy import *", everything)
    assert everything["sin"] is np.sin
    assert everything["array"] is np.array
    with pytest.raises(AttributeError):
        np.no_such_function  # noqa: B018


def test_constructors_join_tracked_numbers() -> None:
    def f(x: Any) -> Any:
        rows = np.array([[x[0], 2.0], (1.0, x[1])])
        return np.sum(np.sin(rows @ np.asarray([x[1], x[0]]))) + np.sum(np.full(2, x[0]) * np.full_like(x, x[1]))

    check_grads(f)(onp.array([0.3, -0.7]))


def test_whole_number_types_take_the_value_of_a_tracked_number() -> None:
    for kind in (np.int8, np.int16, np.int32, np.int64):
        assert ag.grad(lambda x, kind=kind: x * kind(x))(2.7) == 2.0
        assert onp.dtype(kind) == onp.dtype(kind.__name__)


def test_types_and_boxes_tell_what_a_tracked_value_holds() -> None:
    seen = []

    def f(x: Any, params: Any) -> Any:
        seen.append((isbox(x), isinstance(x, ArrayBox), isinstance(x, Box), ag.isinstance(x, float), ag.type(x)))
        assert isinstance(params, DictBox)
        assert isinstance([params["a"]], SequenceBox)
        assert getval(params["a"]) == 2.0
        return x * params["a"]

    ag.grad(f, (0, 1))(3.0, {"a": 2.0})
    assert seen == [(True, True, True, True, onp.float64)]
    for plain in (3.0, onp.ones(2), np.zeros(2)):
        assert not isbox(plain)
        assert not isinstance(plain, ArrayBox)
    assert not isinstance({"a": 2.0}, DictBox)


def test_eigenvectors_have_the_gradient_of_the_triangle_that_is_read() -> None:
    matrix = onp.random.default_rng(5).normal(size=(2, 4, 4))
    for uplo in ("L", "U"):

        def f(a: Any, uplo: str = uplo) -> Any:
            values, vectors = np.linalg.eigh(a, uplo)
            return np.sum(values**3) + np.sum(values[:, None] * np.abs(vectors) ** 2 * [[1.0], [2.0], [3.0], [4.0]])

        assert f(matrix) == pytest.approx(f(onp.asarray(matrix)))
        check_grads(f, order=1)(matrix)
        unread = onp.triu(ag.grad(f)(matrix), 1) if uplo == "L" else onp.tril(ag.grad(f)(matrix), -1)
        assert not unread.any()


def test_small_helpers_do_what_their_names_say() -> None:
    assert subvals([1, 2, 3], [(0, 7), (2, 8)]) == (7, 2, 8)
    assert subval((1, 2), 1, 5) == (1, 5)
    assert np.array_equal(np.make_diagonal(onp.ones((2, 3)), axis1=-1, axis2=-2), onp.array([onp.eye(3)] * 2))
    assert np.metadata(onp.ones((2, 3))) == ((2, 3), 2, onp.float64, False)
    with pytest.warns(DeprecationWarning, match="quick_grad_check"):
        quick_grad_check(lambda x, y: x**2 * y, 3.0, (2.0,))


def test_a_program_for_autograd_runs_without_a_warning() -> None:
    """A straight line fitted to points by gradient descent, written as one does for autograd."""
    times = np.linspace(0.0, 2.0, 9)
    heights = 1.5 * times - 0.5

    def loss(line: Any) -> Any:
        slope, start = line[0], line[1]
        return np.mean((np.dot(times, slope) + start - heights) ** 2)

    line = np.array([0.0, 0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(500):
            line = line - 0.3 * ag.grad(loss)(line)
    assert np.allclose(line, [1.5, -0.5], atol=1e-6)
