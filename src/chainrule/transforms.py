"""The transforms: from a function to its gradient, derivative, Jacobian, Hessian and products with them.

Every transform takes a plain NumPy function and returns a plain function (or a value); they nest in any order.
Arguments and results may be containers: dicts, lists, tuples, named tuples and dataclasses of numbers and arrays.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from chainrule.engine.containers import Rebuild, flatten, names
from chainrule.engine.forward import Dual, pushing
from chainrule.engine.location import at_user_line, is_users_file
from chainrule.engine.reverse import Record, Recorded, recording
from chainrule.engine.trace import escaped
from chainrule.engine.values import Tracked, as_input, convert, plain, whole
from chainrule.errors import NotDifferentiableError, ShapeError, TrackingError
from chainrule.rules.function import ending

Function = Callable[..., Any]
Argnums = int | Sequence[int]


def grad(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The gradient of a function with a scalar result.

    `grad(f)(*args)` has the structure, shapes and dtypes of the argument at `argnums` (0 by default); for a
    sequence of argnums it is a tuple of such. With `has_aux` the function returns (result, anything), and the
    gradient comes as (gradient, anything). Integers are differentiated as float64.

    Raises ShapeError for a result that is not a scalar, NotDifferentiableError for an argument that is not made of
    numbers, TrackingError where a tracked value would leave tracking.

    >>> import numpy as np, chainrule as cr
    >>> cr.grad(lambda x: np.sum(np.sin(x) ** 2))(np.array([0.0, np.pi / 4]))
    array([0., 1.])
    """
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
        if type(argnums) is int and -len(args) <= argnums < len(args) and type(args[argnums]) in _NUMBERS:
            record = recording.get()()
            given = list(args)
            given[argnums] = record.input(np.float64(args[argnums]))
            rebuild = None
        else:
            record, given, leaves, rebuild = _tracked_arguments(f, argnums, args)
        try:
            out = call_function(f, given, kwargs)
        finally:
            entries = record.end()
        aux = None
        if has_aux:
            out, aux = _pair(out, f, record)
        if isinstance(out, Recorded) and out.transform is record:
            value, seeds = out.value, [(out.mark, None)]
        elif isinstance(out, list | tuple | dict):
            raise ShapeError(
                f"grad needs a scalar result, but {_name(f)} returned a {type(out).__name__}{_definition(f)}.\n"
                "Use cr.jacobian, or has_aux=True to return a scalar and something beside it."
            )
        else:
            value, seeds = untracked_result(out, f), []
        if type(value) is not np.float64:
            check_scalar(value, f)
        cotangents: list[Any] = [None] * record.inputs
        if value != value:  # what is NaN has the gradient NaN, also where a step or a selection let nothing through
            cotangents = undefined_gradients(cotangents)
        elif seeds:
            cotangents = record.pull_back(entries, [(seeds[0][0], _seed(value))])
        if rebuild is None:
            gradient = cotangents[0]
            if type(gradient) is not np.float64:
                gradient = _finished(cotangents, [np.float64(0.0)])[0]
        else:
            gradient = rebuild(_finished(cotangents, leaves))
        return ((value, aux), gradient) if has_aux else (value, gradient)

    return both


def undefined_gradients(cotangents: Sequence[Any]) -> list[Any]:
    """The gradients of a scalar that is NaN: NaN everywhere, also where a step or a selection lets nothing through."""
    return [np.float64(np.nan)] * len(cotangents)


_NUMBERS = frozenset((float, int, np.float64))


def derivative(f: Function, order: int = 1) -> Function:
    """The derivative f′ of a function that acts on numbers, or on arrays entry by entry; `order=2` is f″, and so on.

    `derivative(f)(x)` has the shape of `x`. Raises ShapeError if `f` does not keep the shape of its argument or mixes
    its entries (then :func:`jacobian` is the derivative).

    >>> import numpy as np, chainrule as cr
    >>> cr.derivative(np.sin)(np.array([0.0, np.pi]))
    array([ 1., -1.])
    >>> cr.derivative(lambda x: x**3, order=2)(2.0)
    np.float64(12.0)
    """
    if not isinstance(order, (int, float, np.integer)) or not 0 <= order < np.inf or int(order) != order:
        raise ValueError(f"the order of a derivative is a whole number from 0 on, not {order!r}")
    f = as_function(f)
    for _ in range(int(order)):
        f = _derivative(f)
    return f


def _derivative(f: Function) -> Function:
    @functools.wraps(f, updated=())
    def prime(x: Any) -> Any:
        value = as_input(x, _label(f, 0))
        push = pushing.get()()
        try:
            out = call_function(f, (push.input(value, np.ones(value.shape, value.dtype)[()]),), {})
        finally:
            push.end()
        if isinstance(out, Dual) and out.transform is push:
            result, tangent, mixes = out.value, out.mark[0], push.mixes
        else:
            result, tangent, mixes = untracked_result(out, f), np.zeros(value.shape, value.dtype)[()], False
        shape = np.shape(plain(result))
        if shape != value.shape and (shape or tangent.shape != value.shape):
            raise ShapeError(
                f"derivative needs a function that keeps the shape of its argument, but {_name(f)} made {shape} of "
                f"{value.shape}{_definition(f)}. Use cr.jacobian for the derivative of every entry by every entry."
            )
        tangent = _where_defined(result, tangent)
        if mixes:
            _check_elementwise(f, value, tangent)
        return tangent

    return prime


def _where_defined(value: Any, tangent: Any) -> Any:
    """A value that is NaN has a NaN derivative, to every order."""
    undefined = np.isnan(plain(value))
    return np.where(undefined, ending(np.nan, value), tangent)[()] if undefined.any() else tangent


def _seeded(value: Any, seed: Any) -> Any:
    """The cotangent of a value: NaN where the value is NaN, unless a plain 0 says that the entry does not count."""
    undefined = np.isnan(plain(value))
    if not isinstance(seed, Tracked):
        undefined = undefined & (seed != 0)
    return np.where(undefined, np.nan, seed)[()] if undefined.any() else seed


def _check_elementwise(f: Function, value: Any, tangent: Any) -> None:
    """Compare with a second direction: of an elementwise function the derivative along r is f′·r.

    It is done in float64, so that rounding cannot pass for a mixture of entries where large terms cancel.
    """
    given = np.asarray(plain(value))
    value = given.astype(np.result_type(given.dtype, np.float64))
    slopes = plain(tangent) if value.dtype == given.dtype else jvp(f, (value,), (np.ones_like(value),))[1]
    direction = 0.5 + np.arange(value.size).reshape(value.shape) * 0.6180339887 % 1  # no two entries alike
    other = jvp(f, (value,), (direction.astype(value.dtype),))[1]
    expected = slopes * direction
    scale = np.abs(expected) + np.abs(other)
    if np.any(np.abs(other - expected) > 1e-6 * scale):
        raise ShapeError(
            f"derivative needs a function that acts on each entry alone, but {_name(f)} mixes the entries "
            f"of its argument{_definition(f)}. "
            "Use cr.jacobian for the derivative of every entry by every entry, or cr.grad for a sum."
        )


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of `f(*primals)` and its derivative along `tangents`, in forward mode.

    Each tangent has the structure and shapes of its primal; the derivative has those of the value. Raises ShapeError
    where they differ.

    >>> import numpy as np, chainrule as cr
    >>> cr.jvp(np.multiply, (3.0, 4.0), (1.0, 0.0))
    (np.float64(12.0), np.float64(4.0))
    """
    f = as_function(f)
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise TypeError(
            f"jvp got {type(primals).__name__} and {type(tangents).__name__}{at_user_line()}; it takes a tuple of "
            "primals, one for each argument, and a tuple of tangents. Write jvp(f, (x,), (dx,))."
        )
    if len(primals) != len(tangents):
        raise ShapeError(
            f"jvp got {len(primals)} primals but {len(tangents)} tangents{at_user_line()}; each primal needs one"
        )
    push = pushing.get()()
    arguments = []
    for position, (primal, tangent) in enumerate(zip(primals, tangents, strict=True)):
        leaves, rebuild = flatten(primal)
        directions, _ = flatten(tangent)
        if len(leaves) != len(directions):
            raise ShapeError(
                f"the tangent of {_label(f, position)} has {len(directions)} parts, its primal {len(leaves)}"
                f"{at_user_line()}. It needs the structure of its primal."
            )
        _check_parts(tangent, primal, f"the tangent of {_label(f, position)}", "its primal")
        duals = []
        for value, direction in zip(_inputs(leaves, primal, f, position), directions, strict=True):
            moved = as_input(direction, f"the tangent of {_label(f, position)}")
            _check_real(moved, value, f"the tangent of {_label(f, position)}", "its primal")
            if moved.shape != value.shape:
                raise ShapeError(
                    f"the tangent of {_label(f, position)} has shape {moved.shape}, its primal {value.shape}"
                    f"{at_user_line()}. Give it the primal's shape, for example with np.broadcast_to."
                )
            duals.append(push.input(value, convert(moved, value.dtype)))
        arguments.append(rebuild(duals))
    try:
        outputs, rebuild = result_parts(call_function(f, arguments, {}), f)
    finally:
        push.end()
    values, directions = [], []
    for out in outputs:
        if isinstance(out, Dual) and out.transform is push:
            values.append(out.value)
            directions.append(_where_defined(out.value, out.mark[0]))
        else:
            values.append(untracked_result(out, f))
            directions.append(_where_defined(values[-1], np.zeros_like(values[-1])[()]))
    own = _apart(values + directions)
    return rebuild(own[: len(values)]), rebuild(own[len(values) :])


def vjp(f: Function, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of `f(*primals)` and its pullback, in reverse mode.

    `pullback(g)` takes a cotangent with the structure and shapes of the value and returns one cotangent for each
    primal. It may be called any number of times.

    >>> import chainrule as cr
    >>> out, pullback = cr.vjp(lambda x, y: x * y, 3.0, 4.0)
    >>> pullback(1.0)
    (np.float64(4.0), np.float64(3.0))
    """
    f = as_function(f)
    record, given, leaves, rebuild = _tracked_arguments(f, tuple(range(len(primals))), primals)
    try:
        result = call_function(f, given, {})
    finally:
        entries = record.end()
    outputs, rebuild_out = result_parts(result, f)
    tracked = [isinstance(out, Recorded) and out.transform is record for out in outputs]
    values = [out.value if own else untracked_result(out, f) for out, own in zip(outputs, tracked, strict=True)]

    def pullback(g: Any) -> tuple[Any, ...]:
        cotangents, _ = flatten(g)
        if len(cotangents) != len(values):
            raise ShapeError(
                f"the pullback got a cotangent of {len(cotangents)} parts for a value of {len(values)}"
                f"{at_user_line()}. It needs the structure of the value."
            )
        _check_parts(g, result, "the cotangent", "the value")
        seeds = []
        for out, own, value, part in zip(outputs, tracked, values, cotangents, strict=True):
            seed = as_input(part, "the cotangent")
            _check_real(seed, value, "the cotangent", "the value")
            if seed.shape != np.shape(value):
                raise ShapeError(
                    f"the pullback got a cotangent of shape {seed.shape} for a value of shape {np.shape(value)}"
                    f"{at_user_line()}. Give it the value's shape, for example with np.ones_like(value)."
                )
            if own:
                seeds.append((out.mark, _seeded(value, convert(seed, value.dtype))))
        parts = record.pull_back(entries, seeds) if seeds else [None] * record.inputs
        made: tuple[Any, ...] = rebuild(_finished(parts, leaves))
        return made

    return rebuild_out([_own(value) for value in values]), pullback


def jacrev(f: Function, argnums: Argnums = 0) -> Function:
    """The Jacobian by reverse mode: one pullback for each entry of the result. See :func:`jacobian`.

    >>> import numpy as np, chainrule as cr
    >>> cr.jacrev(lambda x: np.array([2.0, 3.0]) * x)(np.array([1.0, 1.0]))
    array([[2., 0.],
           [0., 3.]])
    """
    f = as_function(f)

    @functools.wraps(f, updated=())
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        chosen, call = _only(f, argnums, args, kwargs)
        out, pullback = vjp(call, *chosen)
        outputs, rebuild_out = flatten(out)
        if _kinds(chosen) & {"f"} and _kinds(out) & {"c"}:
            raise NotDifferentiableError(
                f"jacrev would lose the imaginary part: {_name(f)} made a complex result of a real argument"
                f"{_definition(f)}. Use cr.jacfwd or cr.jacobian."
            )
        leaves, rebuild = flatten(tuple(chosen))
        undefined = [np.full(leaf.shape, np.nan, leaf.dtype)[()] for leaf in leaves]
        rows: list[Any] = []
        for k, output in enumerate(outputs):
            columns: list[list[Any]] = []
            for i in range(np.size(plain(output))):
                if np.isnan(np.ravel(plain(output))[i]):
                    columns.append(undefined)
                    continue
                seeds = [np.zeros(np.shape(plain(o)), o.dtype) for o in outputs]
                seeds[k].flat[i] = 1.0
                columns.append(flatten(pullback(rebuild_out([seed[()] for seed in seeds])))[0])
            blocks = [
                np.reshape(
                    np.stack([column[j] for column in columns]) if columns else np.zeros((0, *np.shape(leaf))),
                    (*np.shape(plain(output)), *np.shape(plain(leaf))),
                )[()]
                for j, leaf in enumerate(leaves)
            ]
            made = rebuild(blocks)
            rows.append(made[0] if isinstance(argnums, int) else made)
        return rebuild_out(rows)

    return jacobian_of_f


def jacfwd(f: Function, argnums: Argnums = 0) -> Function:
    """The Jacobian by forward mode: one pass for each entry of the argument. See :func:`jacobian`.

    >>> import numpy as np, chainrule as cr
    >>> cr.jacfwd(lambda x: np.stack([x, x**2]))(3.0)
    array([1., 6.])
    """
    f = as_function(f)

    @functools.wraps(f, updated=())
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        chosen, call = _only(f, argnums, args, kwargs)
        values, rebuild = flatten(tuple(chosen))
        columns: list[list[list[Any]]] = []
        rebuild_out: Rebuild | None = None
        shapes: list[Any] = []
        for j, value in enumerate(values):
            columns.append([])
            for i in range(value.size):
                seeds = [np.zeros(v.shape, v.dtype) for v in values]

                def along(step: complex, entry: Any = seeds[j], i: int = i, seeds: Any = seeds) -> tuple[Any, Any]:
                    entry.flat[i] = step
                    return jvp(call, rebuild(values), rebuild([seed[()] for seed in seeds]))

                out, moved = along(1.0)
                outputs, rebuild_out = flatten(out)
                shapes = [np.shape(plain(o)) for o in outputs]
                column = flatten(moved)[0]
                if value.dtype.kind == "c" and "f" in _kinds(out):  # of a real result: ∂f/∂a − i ∂f/∂b
                    turned = flatten(along(1.0j)[1])[0]
                    column = [
                        c if c.dtype.kind == "c" else c - 1j * t for c, t in zip(column, turned, strict=True)
                    ]
                columns[j].append(column)
        if rebuild_out is None:  # every argument is empty
            outputs, rebuild_out = flatten(vjp(call, *chosen)[0])
            shapes = [np.shape(plain(o)) for o in outputs]
        rows = []
        for k, shape in enumerate(shapes):
            blocks = [
                np.reshape(
                    np.stack([c[k] for c in columns[j]], axis=-1) if columns[j] else np.zeros((*shape, 0)),
                    (*shape, *value.shape),
                )[()]
                for j, value in enumerate(values)
            ]
            made = rebuild(blocks)
            rows.append(made[0] if isinstance(argnums, int) else made)
        return rebuild_out(rows)

    return jacobian_of_f


def jacobian(f: Function, argnums: Argnums = 0) -> Function:
    """The Jacobian: the derivative of every entry of the result by every entry of the argument.

    Its shape is that of the result followed by that of the argument; containers nest, the result's outside. Forward
    or reverse mode is used, whichever needs fewer passes.

    >>> import numpy as np, chainrule as cr
    >>> cr.jacobian(lambda x: x[0] * x)(np.array([2.0, 3.0]))
    array([[4., 0.],
           [3., 2.]])
    """
    f = as_function(f)
    forward, reverse = jacfwd(f, argnums), jacrev(f, argnums)

    @functools.wraps(f, updated=())
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        chosen, call = _only(f, argnums, args, kwargs)
        size_in = sum(np.size(plain(leaf)) for leaf in flatten(tuple(chosen))[0])
        if size_in <= 2 and "c" not in _kinds(chosen):
            return forward(*args, **kwargs)
        out, _ = vjp(call, *chosen)  # not a plain call: what cannot be followed is the same error as elsewhere
        if _kinds(out) != _kinds(chosen):  # the one that keeps the imaginary part
            return (forward if "c" in _kinds(out) else reverse)(*args, **kwargs)
        size_out = sum(np.size(plain(leaf)) for leaf in flatten(out)[0])
        return (forward if size_in < size_out else reverse)(*args, **kwargs)

    return jacobian_of_f


def hessian(f: Function, argnums: Argnums = 0) -> Function:
    """The matrix of second derivatives of a function with a scalar result: forward over reverse mode.

    Its shape is that of the argument, twice. For a container it is nested twice in the container's structure.

    >>> import numpy as np, chainrule as cr
    >>> cr.hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return jacfwd(grad(f, argnums), argnums)


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of `f` at `primals` times the vector `tangents`, without forming the Hessian.

    For one primal it has that primal's structure; for several it is a tuple.

    >>> import numpy as np, chainrule as cr
    >>> cr.hvp(lambda x: np.sum(x**3), (np.array([1.0, 2.0]),), (np.array([1.0, 1.0]),))
    array([ 6., 12.])
    """
    argnums = 0 if not isinstance(primals, (tuple, list)) or len(primals) == 1 else tuple(range(len(primals)))
    return jvp(grad(f, argnums), primals, tangents)[1]


def stop_gradient(x: Any) -> Any:
    """The plain value of `x`: a constant to every transform. Works on containers; untracked values pass unchanged.

    An array is a copy, so that writing to it leaves the tracked value as it is.

    >>> import chainrule as cr
    >>> cr.grad(lambda x: x * cr.stop_gradient(x))(3.0)
    np.float64(3.0)
    """
    leaves, rebuild = flatten(x)
    return rebuild([_own(plain(leaf)) if isinstance(leaf, Tracked) else leaf for leaf in leaves])


# ---------------------------------------------------------------------- helpers


def as_function(f: Any) -> Function:
    """`f` as a function: itself, or the formula that a text is. Raises TypeError for anything else."""
    if isinstance(f, str):
        from chainrule.formula.formula import parse  # late: the parser is only needed for text

        return parse(f)
    if not callable(f):
        raise TypeError(
            f"expected a function or a formula's text{at_user_line()}, got {type(f).__name__}: {f!r:.60}. "
            "Pass the function itself: np.sin, not np.sin(x)."
        )
    function: Function = f
    return function


def _kinds(tree: Any) -> set[str]:
    """The kinds of numbers in `tree`: "f" for real ones, "c" for complex ones."""
    return {"c" if np.asarray(plain(leaf)).dtype.kind == "c" else "f" for leaf in flatten(tree)[0]}


_ALONE = (np.ndarray, np.generic, float, int, complex, Tracked)


def _check_parts(given: Any, model: Any, name: str, other: str) -> None:
    """Refuse a container whose parts have other names or another order: they would be paired with the wrong ones."""
    if not (isinstance(given, _ALONE) and isinstance(model, _ALONE)):
        parts, expected = names(given, ""), names(model, "")
        if parts != expected:
            raise ShapeError(
                f"{name} has the parts {', '.join(parts)}, {other} {', '.join(expected)}{at_user_line()}. "
                f"It needs the structure of {other}."
            )


def _check_real(given: Any, model: Any, name: str, other: str) -> None:
    """Refuse a complex direction for a real value: its imaginary part would be lost."""
    if given.dtype.kind == "c" and model.dtype.kind != "c":
        raise NotDifferentiableError(
            f"{name} is complex, {other} real{at_user_line()}. Pass its real part, np.real(…), "
            "or make the argument complex."
        )


def call_function(f: Function, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """`f(*args, **kwargs)`, with our own error in place of the ValueError that NumPy makes of it in `array[0] = v`.

    Everything that runs a user's function on tracked values calls it here.
    """
    try:
        return f(*args, **kwargs)
    except ValueError as error:
        if isinstance(error.__cause__, TrackingError):
            raise error.__cause__ from None
        raise


def _own(value: Any) -> Any:
    """A copy of an array, or of what an outer transform tracks: the record goes on using its own."""
    if type(value) is np.ndarray:
        return value.copy()
    return value.snapshot() if isinstance(value, Tracked) else value


def _apart(parts: Sequence[Any]) -> list[Any]:
    """Results that the caller may write to: copies of those that are views, read-only, or the same array twice."""
    results: list[Any] = []
    seen: set[int] = set()
    for part in parts:
        if type(part) is np.ndarray:
            if part.base is not None or id(part) in seen or not part.flags.writeable:
                part = part.copy()
            seen.add(id(part))
        elif isinstance(part, Tracked):
            part = part.snapshot()
        results.append(part)
    return results


def _name(f: Function) -> str:
    return getattr(inspect.unwrap(f), "__name__", None) or "the function"


def _label(f: Function, position: int) -> str:
    code = getattr(inspect.unwrap(f), "__code__", None)
    if code is not None and position < code.co_argcount:
        return f"the argument {code.co_varnames[position]!r} of {_name(f)}"
    return f"argument {position} of {_name(f)}"


def _positions(f: Function, argnums: Argnums, count: int) -> tuple[int, ...]:
    wanted: tuple[Any, ...] = (argnums,)
    if not isinstance(argnums, (int, np.integer)):
        wanted = tuple(argnums) if isinstance(argnums, Iterable) else (None,)
    if not all(isinstance(position, (int, np.integer)) for position in wanted):
        raise TypeError(
            f"argnums={argnums!r}{at_user_line()}: an argument is named by its position, counted from 0. "
            "Write for example argnums=1 or argnums=(0, 1)."
        )
    for position in wanted:
        if not -count <= position < count:
            raise ValueError(
                f"argnums={argnums!r}, but {_name(f)} got {count} positional arguments{at_user_line()}. "
                "They are counted from 0."
            )
    positions = tuple(int(position) % count for position in wanted)
    if len(set(positions)) < len(positions):
        raise ValueError(f"argnums={argnums!r}{at_user_line()} names an argument twice. Name each one once.")
    return positions


def _tracked_arguments(
    f: Function, argnums: Argnums, args: Sequence[Any]
) -> tuple[Record, list[Any], list[Any], Rebuild]:
    """Open a record and put variables in the place of the chosen arguments' leaves."""
    record = recording.get()()
    given = list(args)
    leaves: list[Any] = []
    pieces: list[tuple[int, Rebuild]] = []
    for position in _positions(f, argnums, len(args)):
        parts, rebuild = flatten(args[position])
        values = _inputs(parts, args[position], f, position)
        given[position] = rebuild([record.input(value) for value in values])
        leaves += [_Leaf(value, type(part) is np.ndarray) for value, part in zip(values, parts, strict=True)]
        pieces.append((len(parts), rebuild))

    def rebuild_all(results: list[Any]) -> Any:
        made, start = [], 0
        for count, rebuild in pieces:
            made.append(rebuild(results[start : start + count]))
            start += count
        return made[0] if isinstance(argnums, (int, np.integer)) else tuple(made)

    return record, given, leaves, rebuild_all


def _inputs(parts: Sequence[Any], argument: Any, f: Function, position: int) -> list[Any]:
    """The leaves of an argument made ready; only where one is refused are their names worked out."""
    try:
        return [as_input(part, "") for part in parts]
    except NotDifferentiableError:
        labels = names(argument, _label(f, position))
        return [as_input(part, label) for part, label in zip(parts, labels, strict=True)]


class _Leaf:
    """What a gradient must look like."""

    __slots__ = ("array", "dtype", "shape")

    def __init__(self, value: Any, array: bool) -> None:
        self.shape = value.shape
        self.dtype = value.dtype
        self.array = array


def _finished(cotangents: Sequence[Any], leaves: Sequence[Any]) -> list[Any]:
    """Cotangents as results: zeros for None, whole, in the dtype of their leaf, sharing no memory with one another."""
    results: list[Any] = []
    seen: set[int] = set()
    for g, leaf in zip(cotangents, leaves, strict=True):
        g = np.zeros(leaf.shape, leaf.dtype) if g is None else convert(whole(g, leaf.shape), leaf.dtype)
        if type(g) is np.ndarray:
            if g.base is not None or id(g) in seen or not g.flags.writeable:
                g = g.copy()
            seen.add(id(g))
            if not leaf.shape and not getattr(leaf, "array", False):
                g = g[()]
        elif isinstance(g, Tracked):
            g = g.snapshot()
        elif getattr(leaf, "array", False) and not leaf.shape:
            g = np.asarray(g)
        results.append(g)
    return results


def _seed(value: Any) -> Any:
    """1 in the dtype of the value."""
    return _ONE if type(value) is np.float64 else plain(value).dtype.type(1.0)


_ONE = np.float64(1.0)


def _pair(out: Any, f: Function, record: Record) -> tuple[Any, Any]:
    """The result and what was returned beside it, as it is outside this transform: outer ones go on tracking it."""
    if not isinstance(out, tuple) or len(out) != 2:
        got = f"{len(out)} values" if isinstance(out, tuple) else "one value"
        raise TypeError(
            f"with has_aux=True the function returns (result, anything), but {_name(f)} returned {got}"
            f"{_definition(f)}. Leave has_aux out, or return a pair."
        )
    leaves, rebuild = flatten(out[1])
    for i, leaf in enumerate(leaves):
        if isinstance(leaf, Tracked):
            leaves[i] = _outside(leaf.value if leaf.transform is record else leaf)
    return out[0], rebuild(leaves)


def _outside(value: Any) -> Any:
    """A value as it leaves a transform. Raises TrackingError if the transform that tracks it has returned already."""
    if not isinstance(value, Tracked):
        return _own(value)
    if value.transform.ended:
        raise escaped()
    return value.snapshot()


def result_parts(result: Any, f: Function) -> tuple[list[Any], Rebuild]:
    """The leaves of what `f` returned, and the function that puts others back. Refuses None, which has no parts."""
    return flatten(untracked_result(result, f) if result is None else result)


def untracked_result(out: Any, f: Function) -> Any:
    """A result of `f` that does not depend on the arguments, as a NumPy value of the caller's own.

    Raises NotDifferentiableError, with the line of the function, for one that is not made of numbers.
    """
    if isinstance(out, Tracked):
        out = _outside(out)
        if isinstance(out, Tracked):
            return out
    kind = "none" if out is None or isinstance(out, str | bytes | set | dict) else np.asarray(out).dtype.kind
    if kind not in "biufc":
        raise NotDifferentiableError(
            f"{_name(f)} returned {type(out).__name__} ({out!r:.40}) instead of a number or an array{_definition(f)}."
            + (" Did it forget its return statement?" if out is None else "")
        )
    dtype = np.asarray(out).dtype
    return np.array(out, dtype=dtype if dtype.kind in "fc" else np.float64)[()]


def check_scalar(value: Any, f: Function) -> None:
    """Refuse a result that has no gradient."""
    shape = np.shape(plain(value))
    if shape != ():
        raise ShapeError(
            f"grad needs a scalar result, but {_name(f)} returned shape {shape}{_definition(f)}.\n"
            "Use cr.jacobian, or sum the result first."
        )
    if np.asarray(plain(value)).dtype.kind == "c":
        raise NotDifferentiableError(
            f"grad needs a real result, but {_name(f)} returned a complex number{_definition(f)}. "
            "Take np.real, np.imag or np.abs of it, or use cr.vjp."
        )


def _definition(f: Function) -> str:
    """Where `f` is defined, for the end of a sentence; for what Python did not define, the user's line of the call."""
    f = inspect.unwrap(f)
    while isinstance(f, functools.partial):
        f = inspect.unwrap(f.func)
    code = getattr(f, "__code__", None) or getattr(type(f).__call__, "__code__", None)
    if code is None or not is_users_file(code.co_filename):
        return at_user_line()
    return f" (defined at {os.path.basename(code.co_filename)}:{code.co_firstlineno})"


def _only(f: Function, argnums: Argnums, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[list[Any], Function]:
    """The chosen arguments, ready to be tracked, and `f` as a function of these alone."""
    positions = _positions(f, argnums, len(args))

    @functools.wraps(f, updated=())
    def call(*chosen: Any) -> Any:
        given = list(args)
        for position, value in zip(positions, chosen, strict=True):
            given[position] = value
        return f(*given, **kwargs)

    chosen = []
    for position in positions:
        leaves, rebuild = flatten(args[position])
        labels = names(args[position], _label(f, position))
        chosen.append(rebuild([as_input(leaf, label) for leaf, label in zip(leaves, labels, strict=True)]))
    return chosen, call
