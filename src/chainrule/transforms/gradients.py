"""Gradients of functions with a scalar result, and values that are constants to them."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from chainrule.engine.arguments import (
    Argnums,
    Function,
    Inputs,
    Leaf,
    as_function,
    call_function,
    defined_at,
    finished,
    name_of,
)
from chainrule.engine.containers import flatten
from chainrule.engine.record import Recorded
from chainrule.engine.results import (
    check_scalar,
    owned,
    result_and_aux,
    undefined_gradients,
    untracked_result,
    where_undefined,
)
from chainrule.engine.reverse import recording
from chainrule.engine.values import Tracked, known, plain, settled
from chainrule.errors import ShapeError


def grad(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The gradient of a function with a scalar result.

    `grad(f)(*args)` has the structure, shapes and dtypes of the argument at `argnums` (0 by default), a position or a
    parameter's name; for a sequence of argnums it is a tuple of such. With `has_aux` the function returns
    (result, anything), and the gradient comes as (gradient, anything). Integers are differentiated as float64.

    Raises ShapeError for a result that is not a scalar, NotDifferentiableError for an argument that is not made of
    numbers, TrackingError where a tracked value would leave tracking.

    >>> import numpy as np, chainrule as cr
    >>> cr.grad(lambda x: np.sum(np.sin(x) ** 2))(np.array([0.0, np.pi / 4]))
    array([0., 1.])
    """
    f = as_function(f)
    both = value_and_grad(f, argnums, has_aux)

    @functools.wraps(f, updated=())
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, result = both(*args, **kwargs)
        return (result, value[1]) if has_aux else result

    return gradient


def value_and_grad(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The function that returns (value, gradient), computed together. See :func:`grad`.

    With `has_aux` it returns ((value, anything), gradient).

    >>> import chainrule as cr
    >>> cr.value_and_grad(lambda x: x**3)(2.0)
    (np.float64(8.0), np.float64(12.0))
    """
    f = as_function(f)

    @functools.wraps(f, updated=())
    def both(*args: Any, **kwargs: Any) -> Any:
        record = recording.get()()
        record.once = True
        try:
            inputs, leaf = None, None
            given: list[Any] = list(args)
            if type(argnums) is int and -len(given) <= argnums < len(given):
                argument = given[argnums]
                kind = type(argument)
                if kind is float or kind is int or kind is np.float64:
                    leaf = _NUMBER
                    given[argnums] = record.input(np.float64(argument))
                elif kind is np.ndarray and argument.dtype.kind == "f":
                    leaf = Leaf(argument.shape, argument.dtype, array=True)
                    given[argnums] = record.input(record.ready(argument))
            if leaf is None:  # the general way costs 20 µs
                inputs = Inputs(f, argnums, args, kwargs, record.ready)
                given, kwargs = inputs.given([record.input(value) for value in inputs.values])
            try:
                out = call_function(f, given, kwargs)
            finally:
                entries = record.end()
            aux = None
            if has_aux:
                out, aux = result_and_aux(out, f, record)
            if isinstance(out, Recorded) and out.transform is record:
                value, seeds = out.value, [(out.mark, None)]
            elif isinstance(out, list | tuple | dict):
                raise ShapeError(
                    f"grad needs a scalar result, but {name_of(f)} returned a {type(out).__name__}{defined_at(f)}.\n"
                    "Use cr.jacobian, or has_aux=True to return a scalar and something beside it."
                )
            else:
                value, seeds = untracked_result(out, f), []
            if type(value) is not np.float64:
                check_scalar(value, f)
            cotangents: list[Any] = [None] * record.inputs
            looked_at = type(value) is np.float64 or known(value)
            # What is NaN has the gradient NaN, also where a step or a selection let nothing through.
            if looked_at and value != value:
                cotangents = undefined_gradients(cotangents)
            elif seeds:
                cotangents = record.pull_back(entries, [(seeds[0][0], _seed(value))])
            if not looked_at:
                cotangents = where_undefined(value, cotangents)
            if leaf is None:
                assert inputs is not None
                gradient = inputs.like(finished(cotangents, inputs.leaves()))
            else:
                gradient = cotangents[0]
                if leaf is not _NUMBER or type(gradient) is not np.float64:
                    gradient = finished(cotangents, [leaf])[0]
            return ((value, aux), gradient) if has_aux else (value, gradient)
        except ValueError as error:
            record.explain(error)
            raise
        finally:
            record.give_back()

    return both


_NUMBER = Leaf((), np.dtype(np.float64), array=False)


def stop_gradient(x: Any) -> Any:
    """The plain value of `x`: a constant to every transform. Works on containers; untracked values pass unchanged.

    An array is a copy, so that writing to it leaves the tracked value as it is.

    >>> import chainrule as cr
    >>> cr.grad(lambda x: x * cr.stop_gradient(x))(3.0)
    np.float64(3.0)
    """
    leaves, rebuild = flatten(x)
    return rebuild([owned(settled(leaf)) if isinstance(leaf, Tracked) else leaf for leaf in leaves])


# ---------------------------------------------------------------------- helpers


def _seed(value: Any) -> Any:
    """1 in the dtype of the value."""
    return _ONE if type(value) is np.float64 else plain(value).dtype.type(1.0)


_ONE = np.float64(1.0)
