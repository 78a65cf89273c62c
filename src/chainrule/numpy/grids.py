"""`np.r_` and `np.c_`, whose entries may be tracked."""

from __future__ import annotations

from typing import Any

import numpy

from chainrule.engine.assignment import has_tracked, joined, plain_tree
from chainrule.engine.buffer import as_buffer
from chainrule.engine.values import plain
from chainrule.numpy.making import arange


class _Joining:
    """`numpy.r_` or `numpy.c_`, open to tracked values.

    NumPy's own object says where each entry goes: it joins their numbers in place of the entries.

    >>> import chainrule as cr
    >>> cr.jacobian(lambda x: r_["-1", [x, 1.0], 0:2, 2 * x])(3.0)
    array([1., 0., 0., 0., 2.])
    """

    def __init__(self, numpys: Any) -> None:
        self.numpys = numpys
        self.__doc__ = numpys.__doc__

    def __len__(self) -> int:
        return 0

    def __getitem__(self, key: Any) -> Any:
        items = key if isinstance(key, tuple) else (key,)
        if isinstance(key, str) or not any(map(has_tracked, map(_bounds, items))):
            return as_buffer(self.numpys[key])
        items = tuple([_values(item) for item in items])
        parts: list[Any] = []
        numbers: list[Any] = []
        count = 0
        for item in items:
            if isinstance(item, str):
                numbers.append(item)
                continue
            size = numpy.size(plain(item))
            places = numpy.arange(count, count + size).reshape(numpy.shape(plain(item)))
            numbers.append(places if places.ndim else int(places))
            parts.append(numpy.ravel(item))
            count += size
        order = numpy.asarray(self.numpys[tuple(numbers)])
        made: Any = numpy.concatenate(parts)[order]
        return made.astype(self.numpys[plain_tree(items)].dtype)


def _bounds(item: Any) -> Any:
    return [item.start, item.stop, item.step] if isinstance(item, slice) else item


def _values(item: Any) -> Any:
    """What an item stands for: a slice for a range of numbers, a list for an array."""
    if not isinstance(item, slice):
        return joined(item) if has_tracked(item) else item if isinstance(item, str) else _number_or_array(item)
    if not has_tracked(_bounds(item)):
        return numpy.r_[item]
    start, step = 0 if item.start is None else item.start, 1 if item.step is None else item.step
    if numpy.iscomplexobj(step):
        return numpy.linspace(start, item.stop, int(abs(plain(step))))
    return arange(start, item.stop, step)


def _number_or_array(item: Any) -> Any:
    return item if numpy.isscalar(item) else numpy.asarray(item)


r_ = _Joining(numpy.r_)
c_ = _Joining(numpy.c_)
