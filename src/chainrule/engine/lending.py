"""Plain arrays that a function finds in its module, in its closure and among its arguments, lent to it as buffers.

While a transform runs under `cr.patch()`, `u0.copy()` of a global `u0` is to be an array that a tracked value can be
written into, and so is `u0` itself. So the name shows a buffer in the memory of `u0` until the function returns; what
was written there is then in `u0`, as plain values. Attributes of objects are not looked through.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType
from typing import Any

import numpy as np

from chainrule.engine.buffer import Buffer
from chainrule.engine.location import is_users_file
from chainrule.engine.values import plain
from chainrule.errors import ChainruleError


@dataclass
class Loan:
    """An array, the buffer in its place, and how many transforms use it; the name is one of a module or a cell."""

    holder: Any
    name: str
    array: Any
    buffer: Any
    users: int = 1

    def give_back(self) -> None:
        """Let the name show the array again, with what was written into the buffer."""
        if type(self.buffer) is not Buffer:  # a tracked value was written
            try:
                values = self.buffer.held()
            except ChainruleError:  # of another transform, which has ended
                values = self.buffer.now
            self.array[...] = plain(values)
        if isinstance(self.holder, CellType):
            if _content(self.holder) is self.buffer:
                self.holder.cell_contents = self.array
        elif self.holder.get(self.name) is self.buffer:
            self.holder[self.name] = self.array


_loans: dict[int, Loan] = {}
_lock = threading.Lock()


def is_lent(buffer: Any) -> bool:
    """Whether a buffer stands in the place of an array: then one more refers to its memory."""
    return id(buffer) in _loans


def finds_arrays(f: Any) -> bool:
    """Whether `f` may find arrays: asked at every transform, so it takes 0.1 µs."""
    code = getattr(f, "__code__", None)
    places = _places.get(id(code))
    if places is None:
        places = _places[id(code)] = (code, [*_arrays_of(f)] if code is not None else [])
    return bool(places[1]) or getattr(f, "__closure__", None) is not None


def as_view(value: Any) -> Any:
    """A plain array of numbers as a buffer in the same memory, anything else as it is."""
    return value.view(Buffer) if type(value) is np.ndarray and _is_of_numbers(value) else value


def lend(f: Any) -> list[Loan]:
    """Put buffers in the place of the arrays that `f` finds."""
    loans = []
    with _lock:
        for holder, name, value in _found(f):
            if type(value) is np.ndarray:
                loan = Loan(holder, name, value, value.view(Buffer))
                _loans[id(loan.buffer)] = loan
                if isinstance(holder, CellType):
                    holder.cell_contents = loan.buffer
                else:
                    holder[name] = loan.buffer
                loans.append(loan)
            elif (known := _loans.get(id(value))) is not None:
                known.users += 1
                loans.append(known)
    return loans


def give_back(loans: list[Loan]) -> None:
    """Undo :func:`lend`; the last transform that uses an array gives it back."""
    with _lock:
        for loan in loans:
            loan.users -= 1
            if not loan.users:
                loan.give_back()
                del _loans[id(loan.buffer)]


def _found(f: Any) -> Iterator[tuple[Any, str, Any]]:
    for names, name in _places[id(getattr(f, "__code__", None))][1]:
        value = names.get(name)
        if isinstance(value, np.ndarray) and _is_of_numbers(value):
            yield names, name, value
    for cell in getattr(f, "__closure__", None) or ():
        value = _content(cell)
        if isinstance(value, np.ndarray) and _is_of_numbers(value):
            yield cell, "", value


_places: dict[int, tuple[Any, list[tuple[dict[str, Any], str]]]] = {}
"""By the id of a function's code: that code, so that no other one gets the id, and the names of arrays in modules."""


def _arrays_of(f: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """The global names that are arrays and that `f` reads, or a function of the user's that it names."""
    codes: list[tuple[Any, dict[str, Any]]] = [(f.__code__, f.__globals__)]
    seen, named = set(), set()
    while codes:
        code, names = codes.pop()
        if code in seen or not is_users_file(code.co_filename):
            continue
        seen.add(code)
        codes += [(part, names) for part in code.co_consts if isinstance(part, CodeType)]
        for name in code.co_names:
            value = names.get(name)
            if isinstance(value, np.ndarray) and (id(names), name) not in named:
                named.add((id(names), name))
                yield names, name
            for function in vars(value).values() if isinstance(value, type) else (value,):
                if isinstance(function, FunctionType):
                    codes.append((function.__code__, function.__globals__))


def _is_of_numbers(array: Any) -> bool:
    return array.dtype.kind in "fc" and array.ndim > 0


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing is in it yet
        return None
