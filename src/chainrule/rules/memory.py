"""Entries by their places in memory: views of an array, and writes that go through them.

Which entries a view shows is NumPy's business: its data pointer and its strides say it. A :class:`Place` is what they
say, relative to the array that owns the memory, so a view can be cut again out of another array with the same layout,
and a write through it becomes a function: a copy of the owner in which the entries of the view have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from chainrule.rules.function import dispatched
from chainrule.rules.rule import Shaped, dtype_of, explicit, linear
from chainrule.rules.shaping import repeats, scatter
from chainrule.rules.untracked import plain_array


class Place(NamedTuple):
    """Where a view lies in the memory of its root, counted in entries; with `parts`, in halves of complex entries.

    `offset` is the distance from the root's first entry, `home` are the strides of the root.
    """

    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    home: tuple[int, ...]
    parts: bool = False
    writeable: bool = True

    def __repr__(self) -> str:
        return f"{self.shape} from {self.offset} in steps of {self.strides}" + " halves" * self.parts


def place_of(view: Any, root: Any) -> Place | None:
    """The place of an array in the memory of another one; None if their entries are not of the same kind.

    >>> a = np.zeros((3, 4))
    >>> place_of(a[1:, ::2], a)
    (2, 2) from 4 in steps of (4, 2)
    """
    parts = view.dtype != root.dtype
    if parts and not (root.dtype.kind == "c" and view.dtype == root.real.dtype):
        return None
    unit = view.itemsize
    distances = (_address(view) - _address(root), *view.strides, *root.strides)
    if any(distance % unit for distance in distances):
        return None
    offset, *steps = [distance // unit for distance in distances]
    return Place(offset, view.shape, tuple(steps[: view.ndim]), tuple(steps[view.ndim :]), parts, not read_only(view))


def _address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])


def read_only(array: Any) -> bool:
    """Whether an array must not be written to. What np.broadcast_arrays gives is so, though NumPy only warns as yet."""
    return array.flags.num & _WRITING != _WRITEABLE  # type: ignore[no-any-return]


_WRITEABLE = 0x400
_WRITING = _WRITEABLE | 1 << 31  # the second one is the warning


# ---------------------------------------------------------------------- layouts


def same_strides(x: Any, strides: Sequence[int]) -> bool:
    """Whether an array has these strides. Those of axes of length one mean nothing."""
    return x.strides == strides or not x.size or all(
        n == 1 or own == other for n, own, other in zip(x.shape, x.strides, strides, strict=True)
    )


def twin(x: Any) -> Any:
    """A copy of an array in memory of its own, with the same strides even where it has gaps or runs backwards.

    Where entries share memory (np.broadcast_to) each has a place of its own in the copy, so that one can be changed.
    """
    made = np.array(x)  # keeps the order of the axes in memory, not the gaps
    return made if same_strides(made, x.strides) or _entries_meet(x) else _with_strides(x, x.strides)


def _entries_meet(x: Any) -> bool:
    """Whether two entries of an array lie, or may lie, at one place."""
    reach = 0
    for stride, n in sorted((abs(stride), n) for stride, n in zip(x.strides, x.shape, strict=True) if n > 1):
        if stride < reach + x.itemsize:
            return True
        reach += stride * (n - 1)
    return False


def _with_strides(x: Any, strides: Sequence[int]) -> Any:
    """A copy of an array with these strides."""
    ends = [stride * (n - 1) for stride, n in zip(strides, x.shape, strict=True)]
    low = sum(end for end in ends if end < 0)
    high = sum(end for end in ends if end > 0)
    made: Any = np.ndarray(x.shape, x.dtype, np.empty(high - low + x.itemsize, np.uint8), -low, strides)
    made[...] = x
    return made


@dispatched
def laid_out(x: Any, strides: tuple[int, ...]) -> Any:
    """A copy of `x` with these strides.

    >>> laid_out(np.eye(2), (8, 16)).strides
    (8, 16)
    """
    return _with_strides(plain_array(x), strides)


linear(laid_out, lambda g, x, strides: g)


def _at_home(x: Any, place: Place) -> Any:
    """An array in the layout of the root: itself, or a copy."""
    x = plain_array(x)
    if place.parts and x.dtype.kind != "c":
        x = x.astype(np.result_type(x.dtype, np.complex64))
    unit = x.itemsize // 2 if place.parts else x.itemsize
    strides = tuple(step * unit for step in place.home)
    return x if same_strides(x, strides) else _with_strides(x, strides)


class _Lent:
    """Memory of an array, in the form from which NumPy makes views; it keeps the array alive."""

    __slots__ = ("__array_interface__", "owner")

    def __init__(self, owner: Any, interface: dict[str, Any]) -> None:
        self.owner = owner
        self.__array_interface__ = interface


def _cut(x: Any, place: Place) -> Any:
    """The view of an array, which lies as the root does, at a place."""
    dtype = x.real.dtype if place.parts else x.dtype
    interface = {
        "version": 3,
        "typestr": dtype.str,
        "shape": place.shape,
        "strides": tuple([step * dtype.itemsize for step in place.strides]),
        "data": (_address(x) + place.offset * dtype.itemsize, not place.writeable),
    }
    return np.asarray(_Lent(x, interface))


# ---------------------------------------------------------------------- views


@dispatched
def view(x: Any, place: Place) -> Any:
    """The entries of `x` at a place, as a view of its memory.

    >>> a = np.arange(6.0).reshape(2, 3)
    >>> view(a, place_of(a[:, ::-2], a))
    array([[2., 0.],
           [5., 3.]])
    """
    return _cut(_at_home(x, place), place)


@dispatched
def view_of_parts(x: Any, place: Place) -> Any:
    """The real or imaginary parts of `x` at a place, as a view of its memory.

    >>> z = np.array([1 + 2j, 3 + 4j])
    >>> view_of_parts(z, place_of(z.imag, z))
    array([2., 4.])
    """
    return _cut(_at_home(x, place), place)


def entries(place: Place, shape: tuple[int, ...]) -> tuple[tuple[Any, ...], Any]:
    """For each entry of a view its index in the root of this shape, and whether it is an imaginary part.

    >>> a = np.zeros((2, 3))
    >>> entries(place_of(a.T[1], a), a.shape)[0]
    (array([0, 1]), array([1, 1]))
    """
    distance: Any = np.full(place.shape, place.offset)
    for axis, step in enumerate(place.strides):
        along = np.arange(place.shape[axis]) * step
        distance = distance + along.reshape([-1 if k == axis else 1 for k in range(len(place.shape))])
    distance = distance - sum(min(step * (n - 1), 0) for step, n in zip(place.home, shape, strict=True))
    index: list[Any] = [None] * len(shape)
    for axis in sorted(range(len(shape)), key=lambda k: -abs(place.home[k])):
        step = place.home[axis]
        if shape[axis] == 1 or not step:
            index[axis] = np.zeros_like(distance)
        else:
            steps, distance = np.divmod(distance, abs(step))
            index[axis] = steps if step > 0 else shape[axis] - 1 - steps
    return tuple(index), distance == 1


def _view_back(g: Any, x: Shaped, place: Place) -> Any:
    return scatter(g, entries(place, x.shape)[0], x.shape)


def _parts_back(g: Any, x: Shaped, place: Place) -> Any:
    index, imaginary = entries(place, x.shape)
    turn = np.where(imaginary, -1j, 1.0).astype(np.result_type(dtype_of(g), np.complex64))
    return scatter(g * turn[()], index, x.shape)


linear(view, _view_back, selects=True)
linear(view_of_parts, _parts_back, selects=True, source="linear over the reals")

# ---------------------------------------------------------------------- writes


@dispatched
def replace(x: Any, v: Any, index: Any) -> Any:
    """A copy of `x` in which the entries at `index` are `v`: the assignment `x[index] = v` without the change.

    >>> replace(np.zeros(3), 5.0, 1)
    array([0., 5., 0.])
    """
    result = twin(plain_array(x))
    result[index] = v
    return result


@dispatched
def replace_through(x: Any, v: Any, place: Place, index: Any) -> Any:
    """A copy of `x` in which the entries at `index` of its view at `place` are `v`.

    >>> a = np.zeros((2, 3))
    >>> replace_through(a, 5.0, place_of(a[1], a), 2)
    array([[0., 0., 0.],
           [0., 0., 5.]])
    """
    x = plain_array(x)
    home = _at_home(x, place)
    result = twin(x) if home is x else home
    _cut(result, place)[index] = v
    return result


@dispatched
def replace_parts(x: Any, v: Any, place: Place, index: Any) -> Any:
    """:func:`replace_through` for a view of the real or the imaginary parts of `x`."""
    return replace_through(x, v, place, index)


def _replacing(function: Any, read: Callable[..., Any]) -> None:
    """Row of an assignment; `read(g, *options)` gives the cotangents of the entries that were written."""

    def reverse(out: Any, operands: Any, tracked: Any, *options: Any) -> Callable[[Any], tuple[Any, ...]]:
        v = Shaped(np.shape(operands[1]), dtype_of(operands[1]))

        def pull(g: Any) -> tuple[Any, ...]:
            parts = []
            if 0 in tracked:
                parts.append(function(g, 0.0, *options))
            if 1 in tracked:
                kept = read(g, *options)
                if _overlaps(*options):  # of several values written to one entry only the last one counts
                    order = np.arange(np.size(kept)).reshape(np.shape(kept))
                    slots = function(np.zeros(np.shape(g), dtype=int), order, *options)
                    kept = np.where(np.abs(read(slots, *options)) == order, kept, 0.0)
                extra = np.ndim(kept) - v.ndim
                if extra < 0:  # v had leading axes of length one
                    kept = np.reshape(kept, (1,) * -extra + np.shape(kept))
                parts.append(kept)
            return tuple(parts)

        return pull

    def forward(out: Any, operands: Any, tangents: Any, *options: Any) -> Any:
        dx, dv = tangents
        return function(np.zeros_like(out) if dx is None else dx, 0.0 if dv is None else dv, *options)

    explicit(function, 2, reverse, forward, moves=True, selects=True)


def _overlaps(*options: Any) -> bool:
    place = options[0] if len(options) == 2 else None
    return repeats(options[-1]) or (
        place is not None and any(n > 1 and not step for n, step in zip(place.shape, place.strides, strict=True))
    )


_replacing(replace, lambda g, index: g[index])
_replacing(replace_through, lambda g, place, index: view(g, place)[index])
# The real and the imaginary part of a cotangent are the slopes by a and, with the sign changed, by b of a + ib.
_replacing(replace_parts, lambda g, place, index: view_of_parts(np.conjugate(g), place)[index])


@dispatched
def add_at(x: Any, v: Any, index: Any) -> Any:
    """A copy of `x` to which `v` is added at `index`, which may name an entry several times: np.add.at.

    >>> add_at(np.zeros(3), np.array([1.0, 2.0, 4.0]), np.array([0, 2, 0]))
    array([5., 0., 2.])
    """
    result = twin(plain_array(x))
    np.add.at(result, index, v)
    return result


def _add_at_reverse(out: Any, operands: Any, tracked: Any, index: Any) -> Any:
    return lambda g: tuple(g if i == 0 else g[index] for i in tracked)


def _add_at_forward(out: Any, operands: Any, tangents: Any, index: Any) -> Any:
    dx, dv = tangents
    return add_at(np.zeros_like(out) if dx is None else dx, 0.0 if dv is None else dv, index)


explicit(add_at, 2, _add_at_reverse, _add_at_forward, moves=True)
