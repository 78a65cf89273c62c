"""Operations on a batch: one call on arrays with a leading axis for the examples, by the kind of function.

An elementwise function broadcasts; one along axes takes them one place further; a product of matrices, an index or a
decomposition has NumPy's own form for stacks. What has no such form is called for one example after the other.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from chainrule.engine.operations import Operation, filled
from chainrule.engine.values import plain
from chainrule.rules import Elementwise, find
from chainrule.rules.complexes import astype
from chainrule.rules.memory import Place, entries, laid_out, replace, replace_through, view
from chainrule.rules.shaping import scatter


class Batch(NamedTuple):
    """Values of which each example has its own, along the first axis."""

    values: Any


class _NoForm(Exception):  # noqa: N818 - a decision, not an error
    """The call has no form for a batch here."""


def batched(operation: Operation, values: Sequence[Any], size: int, note: Callable[[str], None]) -> Any:
    """The operation's result for all examples, where `values` are the earlier ones: a :class:`Batch` if one of them is.

    `note` is told the name of a function that is called for each example. A result that is a tuple is one of batches.
    """
    args = [filled(argument, values) for argument in operation.args]
    kwargs = {name: filled(value, values) for name, value in operation.kwargs.items()}
    whole = _whole(args[0]) if args and operation.function is operator.getitem else None
    if whole is not None:
        return whole[args[1]]
    if not any(_has_batch(argument) for argument in (*args, *kwargs.values())):
        out = operation.function(*args, **kwargs)
        return out[()] if operation.number else out
    rule = _form(operation.function)
    try:
        if rule is None or any(_has_batch(value) for value in kwargs.values()):
            raise _NoForm
        out = rule(_Call(operation, size), *args, **kwargs)
        return tuple(map(Batch, out)) if type(out) is not Batch and isinstance(out, tuple) else Batch(out)
    except _NoForm:
        note(getattr(operation.function, "__name__", str(operation.function)))
        return _one_by_one(operation, args, kwargs, size)


def _whole(value: Any) -> tuple[Any, ...] | None:
    """The parts of a result that is a tuple."""
    return value if isinstance(value, tuple) and type(value) is not Batch else None


def _has_batch(value: Any) -> bool:
    if type(value) is Batch:
        return True
    if isinstance(value, tuple | list):
        return any(map(_has_batch, value))
    return type(value) is slice and any(map(_has_batch, (value.start, value.stop, value.step)))


def entry(value: Any, i: int) -> Any:
    """A value as the example `i` has it."""
    if type(value) is Batch:
        return value.values[i]
    if type(value) is list or type(value) is tuple:
        return type(value)([entry(item, i) for item in value])
    if type(value) is slice:
        return slice(entry(value.start, i), entry(value.stop, i), entry(value.step, i))
    return value


def _one_by_one(operation: Operation, args: list[Any], kwargs: dict[str, Any], size: int) -> Any:
    found = []
    for i in range(size):
        given = {name: entry(value, i) for name, value in kwargs.items()}
        found.append(operation.function(*[entry(argument, i) for argument in args], **given))
    if isinstance(found[0], tuple | list):
        return tuple(Batch(np.stack(list(parts))) for parts in zip(*found, strict=True))
    return Batch(np.stack(found))


class _Call(NamedTuple):
    """The operation that is batched, and how many examples there are."""

    operation: Operation
    size: int


def ndim(value: Any) -> int:
    """How many axes a value has for one example."""
    return np.ndim(plain(value.values)) - 1 if type(value) is Batch else np.ndim(plain(value))


def _stretched(value: Any, axes: int) -> Any:
    """A batch whose examples have this many axes, new ones first, so that they broadcast; anything else as it is."""
    if type(value) is not Batch:
        return value
    shape = np.shape(plain(value.values))
    missing = axes - (len(shape) - 1)
    return np.reshape(value.values, (shape[0], *(1,) * missing, *shape[1:])) if missing > 0 else value.values


def _given(value: Any, size: int) -> Any:
    """A value with an axis for the examples, along which it is repeated if it is the same for all."""
    if type(value) is Batch:
        return value.values
    return np.broadcast_to(value, (size, *np.shape(plain(value))))


# ---------------------------------------------------------------------- the forms


def _form(function: Any) -> Any:
    """How a function is called on a batch; None where only entry by entry."""
    known = _FORMS.get(function)
    if known is not None:
        return known
    if isinstance(function, np.ufunc):
        return _elementwise if function.signature is None else None
    if isinstance(getattr(function, "__self__", None), np.ufunc):
        return _along if function.__name__ in ("reduce", "accumulate") else None
    return _elementwise if isinstance(find(function), Elementwise) else None


def _elementwise(call: _Call, *args: Any, **kwargs: Any) -> Any:
    if any(isinstance(argument, tuple | list) and type(argument) is not Batch for argument in args):
        raise _NoForm
    if set(kwargs) - {"dtype"}:
        raise _NoForm
    axes = max(map(ndim, args))
    return call.operation.function(*[_stretched(argument, axes) for argument in args], **kwargs)


def _where(call: _Call, *args: Any) -> Any:
    if len(args) != 3:
        raise _NoForm
    return _elementwise(call, *args)


def _as_it_is(call: _Call, x: Any, *args: Any, **kwargs: Any) -> Any:
    if type(x) is not Batch or _has_batch(args):
        raise _NoForm
    return call.operation.function(x.values, *args, **kwargs)


def _moved(axis: Any, axes: int) -> Any:
    """An axis of an example as one of the batch."""
    if axis is None:
        return tuple(range(1, axes + 1))
    if isinstance(axis, tuple | list):
        return tuple(_moved(one, axes) for one in axis)
    return int(axis) + 1 if axis >= 0 else int(axis)


_DEFAULT_AXIS = {np.sort: -1, np.argsort: -1, np.diff: -1}
_FIRST_AXIS = ("reduce", "accumulate")


def _along(call: _Call, x: Any, *args: Any, **kwargs: Any) -> Any:
    """A function along some axes, or along all."""
    function, axes = call.operation.function, ndim(x)
    second = args[1:] if function is np.diff else args
    if type(x) is not Batch or _has_batch(args) or len(second) > 1 or kwargs.get("out") is not None:
        raise _NoForm
    if "where" in kwargs or "initial" in kwargs:
        raise _NoForm
    default = _DEFAULT_AXIS.get(function, 0 if function.__name__ in _FIRST_AXIS else None)
    given = dict(kwargs)
    axis = second[0] if second else given.pop("axis", default)
    if function is np.diff and args:
        given["n"] = args[0]
    if axes == 0:  # of numbers
        if given.pop("keepdims", False) or function in _ORDERED or function.__name__ == "accumulate":
            raise _NoForm
        return function(np.reshape(x.values, (call.size, 1)), axis=1, **given)
    if axis is None and function in _ORDERED:  # of all entries in a row
        return function(np.reshape(x.values, (call.size, -1)), axis=1, **given)
    return function(x.values, axis=_moved(axis, axes), **given)


_ORDERED = {np.cumsum, np.cumprod, np.sort, np.argsort, np.argmax, np.argmin, np.flip}


def _reshaped(call: _Call, x: Any, *args: Any, **kwargs: Any) -> Any:
    """What gives the entries in the same order another shape: that of the example's result."""
    if type(x) is not Batch or _has_batch(args) or "F" in (*args, kwargs.get("order")) or "A" in args:
        raise _NoForm
    return np.reshape(x.values, (call.size, *(call.operation.shape or ())))


def _spread(call: _Call, x: Any, shape: Any, **kwargs: Any) -> Any:
    made = call.operation.shape or ()
    return np.broadcast_to(_stretched(x, len(made)), (call.size, *made))


def _transposed(call: _Call, x: Any, axes: Any = None) -> Any:
    count = ndim(x)
    order = tuple(range(count))[::-1] if axes is None else [axis % count for axis in axes]
    return np.transpose(x.values, (0, *(axis + 1 for axis in order)))


def _with_axes(call: _Call, x: Any, *axes: Any) -> Any:
    if type(x) is not Batch:
        raise _NoForm
    return call.operation.function(x.values, *(_moved(axis, ndim(x)) for axis in axes))


def _basic(index: Any, axes: int) -> tuple[Any, ...]:
    """An index as a tuple that may follow a slice of the examples. Raises _NoForm where its arrays lie apart."""
    parts = index if type(index) is tuple else (index,)
    arrays = [k for k, part in enumerate(parts) if not (part is None or part is ... or type(part) is slice)]
    lists = [k for k in arrays if np.ndim(plain(parts[k]))]
    if lists and arrays != list(range(arrays[0], arrays[-1] + 1)):
        raise _NoForm  # NumPy would put their axes first, before that of the examples
    return parts


def _item(call: _Call, x: Any, index: Any) -> Any:
    if not _has_batch(index):
        return x.values[(slice(None), *_basic(index, ndim(x)))]
    parts = index if type(index) is tuple and type(index) is not Batch else (index,)
    if any(type(part) in (slice, list, tuple) or part is None or part is ... for part in parts):
        raise _NoForm
    if any(np.asarray(plain(p.values if type(p) is Batch else p)).dtype.kind not in "iu" for p in parts):
        raise _NoForm  # a mask gives each example a shape of its own
    axes = max(map(ndim, parts))
    places = [_stretched(part, axes) for part in parts]
    if type(x) is not Batch:
        return x[tuple(places)]
    return x.values[(np.arange(call.size).reshape((call.size, *(1,) * axes)), *places)]


def _scattered(call: _Call, g: Any, index: Any, shape: Any) -> Any:
    if _has_batch(index):
        raise _NoForm
    made = call.operation.shape or ()
    inside = np.zeros(made)[index].shape
    spread = np.broadcast_to(_stretched(g, len(inside)), (call.size, *inside))
    return scatter(spread, (slice(None), *_basic(index, len(made))), (call.size, *made))


def _replaced(call: _Call, x: Any, v: Any, index: Any) -> Any:
    if _has_batch(index):
        raise _NoForm
    made = call.operation.shape or ()
    inside = np.zeros(made)[index].ndim
    if ndim(v) > inside:
        raise _NoForm
    return replace(_given(x, call.size), _stretched(v, inside), (slice(None), *_basic(index, len(made))))


def _viewed(call: _Call, x: Any, place: Place) -> Any:
    return x.values[(slice(None), *entries(place, np.shape(plain(x.values))[1:])[0])]


def _replaced_through(call: _Call, x: Any, v: Any, place: Place, index: Any) -> Any:
    if _has_batch(index) or place.parts:
        raise _NoForm
    return _replaced(call, x, v, tuple([where[index] for where in entries(place, call.operation.shape or ())[0]]))


def _product(call: _Call, a: Any, b: Any) -> Any:
    """The product of vectors and matrices, and of stacks of matrices."""
    left, right = ndim(a), ndim(b)
    if call.operation.function is np.dot and (left > 2 or right > 2):
        raise _NoForm
    if not left or not right:
        return np.multiply(_stretched(a, max(left, right)), _stretched(b, max(left, right)))
    if type(b) is not Batch and right <= 2:
        return np.matmul(a.values, b)
    if type(a) is not Batch and left == 2 and right == 1:
        return np.matmul(b.values, np.transpose(a))
    if type(a) is not Batch and left == 1 and right == 1:
        return np.matmul(b.values, a)
    rows = a if left > 1 else _lengthened(a, -2)
    columns = b if right > 1 else _lengthened(b, -1)
    axes = max(ndim(rows), ndim(columns))
    out = np.matmul(_stretched(rows, axes), _stretched(columns, axes))
    return np.reshape(out, (call.size, *(call.operation.shape or ())))


def _lengthened(value: Any, axis: int) -> Any:
    return Batch(np.expand_dims(value.values, axis)) if type(value) is Batch else np.expand_dims(value, axis)


def _outer(call: _Call, a: Any, b: Any) -> Any:
    if ndim(a) != 1 or ndim(b) != 1:
        raise _NoForm
    return np.multiply(_stretched(_lengthened(a, -1), 2), _stretched(_lengthened(b, -2), 2))


def _sum_of_products(call: _Call, text: Any, *operands: Any, **kwargs: Any) -> Any:
    if not isinstance(text, str) or "..." in text or _has_batch(list(kwargs.values())):
        raise _NoForm
    inputs, arrow, output = text.replace(" ", "").partition("->")
    if not arrow:
        output = "".join(sorted(letter for letter in set(inputs) - {","} if inputs.count(letter) == 1))
    free = next(letter for letter in "ZYXWVU" if letter not in text)
    marked = [
        f"{free}{letters}" if type(operand) is Batch else letters
        for letters, operand in zip(inputs.split(","), operands, strict=True)
    ]
    given = [operand.values if type(operand) is Batch else operand for operand in operands]
    return np.einsum(f"{','.join(marked)}->{free}{output}", *given, **kwargs)


def _joined(call: _Call, parts: Any, *args: Any, **kwargs: Any) -> Any:
    if type(parts) is Batch or set(kwargs) - {"axis"}:
        raise _NoForm
    axis = args[0] if args else kwargs.get("axis", 0)
    if axis is None:
        raise _NoForm
    return call.operation.function([_given(part, call.size) for part in parts], axis=_moved(axis, 0))


def _of_matrices(call: _Call, a: Any, *args: Any, **kwargs: Any) -> Any:
    if type(a) is not Batch or _has_batch(args):
        raise _NoForm
    return call.operation.function(a.values, *args, **kwargs)


def _solved(call: _Call, a: Any, b: Any) -> Any:
    if ndim(a) != 2 or ndim(b) > 2:
        raise _NoForm
    if type(a) is not Batch and ndim(b) == 1:
        return np.transpose(np.linalg.solve(a, np.transpose(b.values)))
    right = _lengthened(b, -1) if ndim(b) == 1 else b
    matrices = a.values if type(a) is Batch else a
    out = np.linalg.solve(matrices, _given(right, call.size))
    return np.reshape(out, (call.size, *(call.operation.shape or ())))


_ALONG = (
    np.sum, np.prod, np.mean, np.std, np.var, np.max, np.min, np.any, np.all, np.cumsum, np.cumprod, np.sort,
    np.argsort, np.argmax, np.argmin, np.median, np.count_nonzero, np.nansum, np.nanmean, np.nanmax, np.nanmin,
    np.diff, np.flip, np.ptp, np.amax, np.amin,
)  # fmt: skip
_FORMS: dict[Any, Any] = {
    np.where: _where, operator.getitem: _item, scatter: _scattered, astype: _as_it_is,
    np.zeros_like: _as_it_is, np.ones_like: _as_it_is, np.real: _as_it_is, np.imag: _as_it_is,
    np.reshape: _reshaped, np.ravel: _reshaped, np.squeeze: _reshaped, np.expand_dims: _reshaped,
    np.atleast_1d: _reshaped, np.broadcast_to: _spread, np.transpose: _transposed, np.swapaxes: _with_axes,
    np.moveaxis: _with_axes, np.matmul: _product, np.dot: _product, np.outer: _outer, np.einsum: _sum_of_products,
    np.concatenate: _joined, np.stack: _joined, np.linalg.solve: _solved, np.linalg.inv: _of_matrices,
    np.linalg.det: _of_matrices, np.linalg.slogdet: _of_matrices, np.linalg.cholesky: _of_matrices,
    np.linalg.eigh: _of_matrices, np.linalg.eigvalsh: _of_matrices, np.linalg.matrix_power: _of_matrices,
    replace: _replaced, replace_through: _replaced_through, view: _viewed, laid_out: lambda call, x, strides: x.values,
} | dict.fromkeys(_ALONG, _along)  # fmt: skip
