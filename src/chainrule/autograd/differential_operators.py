"""Operators on functions by autograd's names and conventions, each made of one of chainrule's transforms."""

from __future__ import annotations

import inspect
import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.autograd import core
from chainrule.autograd.core import defvjp_argnum, primitive, vspace
from chainrule.autograd.tracer import getval
from chainrule.autograd.wrap_util import unary_to_nary
from chainrule.engine.location import at_user_line
from chainrule.errors import NotDifferentiableError
from chainrule.transforms import gradients, jacobians
from chainrule.transforms.directions import jvp, vjp

__all__ = [
    "checkpoint", "deriv", "elementwise_grad", "grad", "grad_and_aux", "grad_named", "hessian",
    "hessian_tensor_product", "hessian_vector_product", "holomorphic_grad", "jacobian", "make_ggnvp", "make_hvp",
    "make_jvp", "make_jvp_reversemode", "make_vjp", "multigrad_dict", "tensor_jacobian_product", "value_and_grad",
    "vector_jacobian_product",
]  # fmt: skip

Function = Callable[..., Any]

make_vjp = unary_to_nary(core.make_vjp)
make_vjp.__name__ = "make_vjp"
make_jvp = unary_to_nary(core.make_jvp)
make_jvp.__name__ = "make_jvp"


# ---------------------------------------------------------------------- gradients


@unary_to_nary
def grad(fun: Function, x: Any) -> Any:
    """
    Returns a function which computes the gradient of `fun` with respect to positional argument number `argnum`.

    The returned function takes the same arguments as `fun`. The result of `fun` has one entry, whatever its number of
    axes; the gradient has the structure of the argument, and for a tuple or list of argnums it is a tuple. Raises
    TypeError for a result with more entries, or a complex one.

    >>> grad(lambda x, y: x * y**2, argnum=1)(3.0, 2.0)
    np.float64(12.0)
    """
    return gradients.grad(_one_entry(fun))(x)


@unary_to_nary
def value_and_grad(fun: Function, x: Any) -> Any:
    """Returns a function which computes (value, gradient), as scipy.optimize takes them. See :func:`grad`."""
    shapes: list[tuple[int, ...]] = []
    value, gradient = gradients.value_and_grad(_one_entry(fun, shapes))(x)
    return np.reshape(value, shapes[-1]) if shapes[-1] else value, gradient


def _one_entry(fun: Function, shapes: list[tuple[int, ...]] | None = None) -> Function:
    """`fun` with its result, of one real entry, as a number; `shapes` collects the shapes that it had."""

    def number(x: Any) -> Any:
        out = fun(x)
        shape = np.shape(out)
        if shapes is not None:
            shapes.append(shape)
        kind = np.asarray(getval(out)).dtype
        if np.size(out) != 1 or kind.kind not in "iuf":
            raise NotDifferentiableError(
                f"grad needs a real result of one entry, but the function returned {kind} of shape {shape}"
                f"{at_user_line()}. Try jacobian, elementwise_grad or holomorphic_grad."
            )
        return np.reshape(out, ()) if shape else out

    return number


@unary_to_nary
def elementwise_grad(fun: Function, x: Any) -> Any:
    """Returns a function which computes the gradient of the sum of `fun`'s entries.

    Of a function that acts entry by entry this is the derivative of each entry. Raises TypeError for a complex result.
    """
    value, pullback = vjp(fun, x)
    if vspace(value).iscomplex:
        raise NotDifferentiableError(
            f"elementwise_grad needs a real result{at_user_line()}. Take its real part, or use holomorphic_grad."
        )
    return pullback(vspace(value).ones())[0]


@unary_to_nary
def holomorphic_grad(fun: Function, x: Any) -> Any:
    """Returns a function which computes the complex derivative of a holomorphic function of one complex entry."""
    if not vspace(x).iscomplex:
        warnings.warn("Input to holomorphic_grad is not complex", stacklevel=3)
    return grad(lambda x: np.real(fun(x)))(x)


@unary_to_nary
def deriv(fun: Function, x: Any) -> Any:
    """Returns a function which computes the derivative along a direction of ones, in forward mode."""
    return jvp(fun, (x,), (vspace(x).ones(),))[1]


def grad_named(fun: Function, argname: str) -> Function:
    """The gradient by the argument of this name."""
    return grad(fun, inspect.getfullargspec(fun).args.index(argname))  # type: ignore[no-any-return]


@unary_to_nary
def grad_and_aux(fun: Function, x: Any) -> Any:
    """Returns a function which computes (gradient, aux) for a function that returns (value, aux)."""

    def both(x: Any) -> Any:
        value, aux = fun(x)
        return _one_entry(lambda _: value)(x), aux

    return gradients.grad(both, has_aux=True)(x)


def multigrad_dict(fun: Function) -> Function:
    """The function that returns the gradients by all arguments as a dict with their names.

    >>> dict(multigrad_dict(lambda x, y=2.0: x * y)(3.0))
    {'x': np.float64(2.0), 'y': np.float64(3.0)}
    """
    signature = inspect.signature(fun)

    def gradients_by_name(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()

        def of_arguments(arguments: dict[str, Any]) -> Any:
            call = inspect.BoundArguments(signature, OrderedDict(arguments))
            return fun(*call.args, **call.kwargs)

        found = grad(of_arguments)(dict(bound.arguments))
        return OrderedDict((name, found[name]) for name in bound.arguments)

    return gradients_by_name


# ---------------------------------------------------------------------- matrices, and products with them


@unary_to_nary
def jacobian(fun: Function, x: Any) -> Any:
    """
    Returns a function which computes the Jacobian of `fun` with respect to positional argument number `argnum`.

    Its shape is that of the result followed by that of the argument.
    """
    return jacobians.jacobian(fun)(x)


@unary_to_nary
def hessian(fun: Function, x: Any) -> Any:
    """Returns a function which computes the matrix of second derivatives; for a result with axes one for each entry."""
    return jacobians.jacobian(jacobians.jacrev(fun))(x)


@unary_to_nary
def make_hvp(fun: Function, x: Any) -> Any:
    """(product with the Hessian at `x`, gradient): the product may be called for any number of vectors."""
    return core.make_vjp(grad(fun), x)


def hessian_tensor_product(fun: Function, argnum: int = 0) -> Function:
    """The function of (*args, tensor) that computes the Hessian times the tensor without forming the Hessian."""
    gradient = grad(fun, argnum)

    def along(*args: Any, **kwargs: Any) -> Any:
        *args, tensor = args  # type: ignore[assignment]
        return np.tensordot(gradient(*args, **kwargs), tensor, np.ndim(tensor))

    return grad(along, argnum)  # type: ignore[no-any-return]


hessian_vector_product = hessian_tensor_product


def tensor_jacobian_product(fun: Function, argnum: int = 0) -> Function:
    """The function of (*args, tensor) that computes the tensor times the Jacobian."""

    def along(*args: Any, **kwargs: Any) -> Any:
        *args, tensor = args  # type: ignore[assignment]
        return np.tensordot(tensor, fun(*args, **kwargs), np.ndim(tensor))

    return jacobian(along, argnum)  # type: ignore[no-any-return]


vector_jacobian_product = tensor_jacobian_product


@unary_to_nary
def make_jvp_reversemode(fun: Function, x: Any) -> Any:
    """The product of the Jacobian at `x` with a vector, by transposing reverse mode: for functions without a JVP."""
    pullback, value = core.make_vjp(fun, x)
    return core.make_vjp(pullback, vspace(value).zeros())[0]


def _half_square(x: Any) -> Any:
    return np.sum(x**2, axis=-1) / 2.0


def make_ggnvp(f: Function, g: Function = _half_square, f_argnum: int = 0) -> Function:
    """Products with the generalised Gauss–Newton matrix Jᵀ·H·J: J is the Jacobian of `f`, H the Hessian of `g`."""

    @unary_to_nary
    def make(f: Function, x: Any) -> Function:
        pullback, value = core.make_vjp(f, x)
        hessian_product, gradient = core.make_vjp(grad(g), value)
        push = core.make_vjp(pullback, vspace(gradient).zeros())[0]
        return lambda v: pullback(hessian_product(push(v)))

    return make(f, f_argnum)  # type: ignore[no-any-return]


# ---------------------------------------------------------------------- memory


def checkpoint(fun: Function) -> Function:
    """`fun` with its intermediate values computed again in the backward pass, not kept: memory against time.

    What `fun` captures must not be tracked: pass it as an argument.
    """
    wrapped = primitive(fun)

    def recomputed(argnum: int, ans: Any, args: Any, kwargs: Any) -> Function:
        return lambda g: make_vjp(fun, argnum)(*args, **kwargs)[0](g)

    defvjp_argnum(wrapped, recomputed)
    return wrapped
