"""Assignment into tracked values: which variables share memory, and what a write through one of them changes.

A tracked value never changes; a variable that is written to takes a new one. The arrays in variables lie in memory as
NumPy would lay them, and share it as NumPy's do, so NumPy itself says which variables are views of one another and
which entries they show. A write makes a new array for the variable that owns the memory, its root, with the same
layout, and cuts the views out of it again.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.engine.location import at_user_line
from chainrule.engine.values import Tracked, leaving, mapped, plain, settled
from chainrule.errors import LazyError, ShapeError, TrackingError
from chainrule.rules import memory
from chainrule.rules.function import is_lazy


def shares_memory(out: Any, value: Any) -> bool:
    """Whether the result of an operation is its operand or a view of it, whatever transforms track them."""
    out = plain(out)
    if type(out) is not np.ndarray:
        return False
    value = plain(value)
    return out is value or (out.base is not None and np.may_share_memory(out, value))


def root_of(variable: Any) -> Any:
    """The variable whose memory this one shows: itself, unless it is a view."""
    root = getattr(variable, "_root", None)
    return variable if root is None else root


def note_view(parent: Any, view: Any) -> None:
    """Remember that `view` shares the memory of `parent`, as NumPy's views do."""
    root = root_of(parent)
    view._root = root
    views = getattr(root, "_views", None)
    if views is None:
        views = root._views = []
    else:
        forget_dead(views)
    views.append(weakref.ref(view))


def forget_dead(views: list[weakref.ref[Any]]) -> None:
    """Leave dead views out, at powers of two from 16 on: so a loop over rows leaves no list of them."""
    count = len(views)
    if count > 15 and not count & (count - 1):
        views[:] = [view for view in views if view() is not None]


def assign(target: Any, index: Any, value: Any) -> None:
    """`target[index] = value`: the variable takes a new value with the entries replaced.

    What was computed from the old value keeps it. Variables that share memory change together. Raises ValueError for a
    read-only view, as NumPy does, and TypeError for a number.
    """
    array = plain(target)
    if is_lazy(array):
        raise LazyError(
            f"assigning into a lazy array{at_user_line()} cannot be followed. Write np.where(condition, value, x), or "
            "compute the array first."
        )
    if type(array) is not np.ndarray:
        raise TypeError(f"a tracked number does not support item assignment{at_user_line()}")
    check_writeable(array)
    if isinstance(value, (list, tuple)) and has_tracked(value):
        value = joined(value)
    root = root_of(target)
    owner = plain(root)
    views = [
        (view, _place(plain(view), owner))
        for view in (reference() for reference in getattr(root, "_views", None) or ())
        if view is not None
    ]
    if root is target:
        changed = memory.replace(root, value, index)
    else:
        place = _place(array, owner)
        write = memory.replace_parts if place.parts else memory.replace_through
        changed = write(root, value, place, index)
    root.become(changed)
    for view, place in views:
        view.become(cut(root, place))
    if views:
        root._views = [weakref.ref(view) for view, _ in views]


def check_target(args: Any, kwargs: Any) -> None:
    """:func:`check_writeable` for the first argument of a function that changes it (np.put, np.copyto)."""
    target = plain(args[0] if args else next(iter(kwargs.values())))
    if isinstance(target, np.ndarray):
        check_writeable(target)


def check_writeable(array: Any) -> None:
    """Raise ValueError, as NumPy does, for a read-only array."""
    if memory.read_only(array):
        raise ValueError(f"assignment destination is read-only{at_user_line()}")


def cut(root: Any, place: memory.Place) -> Any:
    """The view of a variable at a place of its memory."""
    return memory.view_of_parts(root, place) if place.parts else memory.view(root, place)


def view_like(variable: Any, array: Any) -> Any:
    """The view of a variable's memory that a plain array shows, which NumPy made as a view of the variable's array."""
    root = root_of(variable)
    return cut(root, _place(array, plain(root)))


def _place(array: Any, root: Any) -> memory.Place:
    place = memory.place_of(array, root)
    if place is None:
        raise TrackingError(
            leaving(f"showing an array of {root.dtype} as one of {array.dtype}", "Convert it with .astype instead.")
        )
    return place


# ---------------------------------------------------------------------- lists with tracked values in them


def has_tracked(tree: Any) -> bool:
    """Whether there is a tracked value in nested lists and tuples."""
    if isinstance(tree, (list, tuple)):
        return any(map(has_tracked, tree))
    return isinstance(tree, Tracked)


def joined(tree: Any) -> Any:
    """Nested lists of numbers, arrays and tracked values as one array. Raises ShapeError where their shapes differ."""
    if not isinstance(tree, (list, tuple)):
        return tree
    parts = [joined(part) for part in tree]
    shapes = [np.shape(plain(part)) for part in parts]
    if len(set(shapes)) > 1:
        raise ShapeError(
            f"the parts of an array have different shapes{at_user_line()}: {', '.join(map(str, shapes))}. "
            "Each row needs the same number of entries."
        )
    return np.stack(parts)


# ---------------------------------------------------------------------- the memory of what NumPy computes in steps


def tracked_in(items: Sequence[Any]) -> list[Any]:
    """The tracked values among arguments and in their lists and tuples."""
    found = []
    for item in items:
        if isinstance(item, Tracked):
            found.append(item)
        elif type(item) is list or type(item) is tuple:
            found += tracked_in(item)
    return found


def plain_tree(tree: Any) -> Any:
    """`tree` with plain values in place of the tracked ones in its lists, tuples and dicts."""
    return mapped(tree, plain)


def settled_tree(tree: Any) -> Any:
    """:func:`plain_tree` that leaves staged values staged."""
    return mapped(tree, settled)


def in_own_memory(result: Any, operands: Sequence[Any]) -> Any:
    """The result of a function that returns new arrays: it shares no memory with the operands."""
    if isinstance(result, Tracked):
        array = plain(result)
        if type(array) is not np.ndarray:
            return result
        if not array.ndim:
            return result[()]  # type: ignore[index]
        if memory.read_only(array) or any(shares_memory(array, operand) for operand in operands):
            return np.copy(result)  # type: ignore[call-overload]
        return result
    if isinstance(result, (list, tuple)):
        parts = [in_own_memory(part, operands) for part in result]
        return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
    return result


def in_memory_of(result: Any, model: Any, operands: Sequence[Any]) -> Any:
    """`result` in the memory in which `model`, NumPy's own result from the plain values, lies.

    It shows which of the operands it is a view of, and with which strides it lies.
    """
    if isinstance(result, (list, tuple)):
        parts = [in_memory_of(part, other, operands) for part, other in zip(result, model, strict=True)]
        return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
    if not isinstance(result, Tracked):
        return model.copy() if any(shares_memory(model, operand) for operand in operands) else model
    array = plain(result)
    if type(model) is not np.ndarray:
        return result[()] if type(array) is np.ndarray else result  # type: ignore[index]
    for operand in operands:
        if model is plain(operand):
            return operand
        if shares_memory(model, operand):
            return result if _same_memory(array, model) else view_like(operand, model)
    if array.shape != model.shape:
        return result
    strides = tuple([step // model.itemsize * array.itemsize for step in model.strides])
    if (
        not memory.same_strides(array, strides)
        or memory.read_only(array)
        or any(shares_memory(array, operand) for operand in operands)
    ):
        result = memory.laid_out(result, strides)
    if memory.read_only(model):  # a view of nothing may be: the diagonal of an empty array
        result = cut(result, _place(plain(result), plain(result))._replace(writeable=False))
    return result


def _same_memory(array: Any, model: Any) -> bool:
    place = memory.place_of(model, array) if array.shape == model.shape else None
    return place is not None and not place.offset and memory.same_strides(array, model.strides) and (
        memory.read_only(array) == memory.read_only(model)
    )
