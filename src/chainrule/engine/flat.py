"""`array.flat` of a tracked array: its entries in rows, whatever their order in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.engine.assignment import check_writeable, has_tracked, joined
from chainrule.engine.values import Tracked, plain


class Flat:
    """What `.flat` gives: to iterate over, to index, and to assign to. In any other use it is a vector, a copy.

    As in NumPy, what is assigned to it is repeated where it is too short.
    """

    __slots__ = ("base",)
    __array_priority__ = 1000.0

    def __init__(self, array: Any) -> None:
        self.base = array

    def __len__(self) -> int:
        return int(self.base.size)

    def copy(self) -> Any:
        """The entries as a vector."""
        return self.base.flatten()

    def __iter__(self) -> Iterator[Any]:
        return iter(_numpys(self.base)) if self._plain() else (self[i] for i in range(len(self)))

    def _plain(self) -> bool:
        """Whether it is that of a buffer without tracked values, which NumPy can do."""
        return not isinstance(self.base, Tracked)

    def __getitem__(self, index: Any) -> Any:
        return _numpys(self.base)[index] if self._plain() else self.copy()[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        if has_tracked(value):
            value = joined(value)
        elif self._plain():
            _numpys(self.base)[index] = value
            return
        check_writeable(plain(self.base))
        places = np.ravel(np.arange(len(self))[index])
        values = value if np.ndim(plain(value)) == 0 else np.ravel(value)
        if np.ndim(plain(values)):
            values = values[np.arange(places.size) % np.size(values)]
        array = self.base if self.base.ndim else self.base.reshape(1)
        array[np.unravel_index(places, array.shape)] = values

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return getattr(ufunc, method)(*_as_vectors(inputs), **kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return function(*_as_vectors(args), **kwargs)

    def __eq__(self, other: Any) -> Any:
        return self.copy() == other

    def __ne__(self, other: Any) -> Any:
        return self.copy() != other

    def __lt__(self, other: Any) -> Any:
        return self.copy() < other

    def __le__(self, other: Any) -> Any:
        return self.copy() <= other

    def __gt__(self, other: Any) -> Any:
        return self.copy() > other

    def __ge__(self, other: Any) -> Any:
        return self.copy() >= other

    __hash__ = None  # type: ignore[assignment]


_numpys: Any = np.ndarray.flat.__get__


def _as_vectors(items: Any) -> Any:
    """`items` with a vector in place of each `Flat`, in lists and tuples too."""
    return type(items)(
        item.copy() if isinstance(item, Flat) else _as_vectors(item) if type(item) in (list, tuple) else item
        for item in items
    )
