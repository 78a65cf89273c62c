"""Watch a computation as its author wrote it: with the names of local variables, of arrays, and of options.

Before each operation, and when a function returns, the frames of the user's code are searched for variables that
hold a tracked value. A name given in the watched function itself is preferred to one given in a helper of it; a
helper's parameters name nothing, for they are only other names of its caller's values.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from types import EllipsisType, FrameType
from typing import Any

import numpy as np

from chainrule.engine.followed import Followed
from chainrule.engine.location import is_users_file
from chainrule.engine.values import Tracked
from chainrule.engine.watch import Watch, Watched
from chainrule.rules import Elementwise, Structural
from chainrule.rules.memory import replace, replace_parts, replace_through
from chainrule.rules.shaping import getitem

FRAMES_MOST = 12  # a deep recursion is not searched to its bottom at every operation


class NamedWatch(Watch):
    """A watch whose events also say what the user calls things; see :class:`~chainrule.engine.watch.Event`."""

    __slots__ = ("_array_names", "_base", "_depths", "_listening")

    def __init__(self) -> None:
        super().__init__()
        self._array_names: dict[int, str] = {}  # by the id of the array
        self._depths: dict[int, int] = {}  # of the frame in which the name of the variable with this mark was found
        self._base: FrameType | None = None
        self._listening = False

    def process(self, rule: Elementwise | Structural, args: Any, kwargs: Any) -> Any:
        """Apply `rule`, and note what the user calls its operands."""
        if not self._listening:
            return self._process(rule, args, kwargs, sys._getframe(1))
        sys.setprofile(None)  # what runs from here on is ours: its thousand calls need not be listened to
        try:
            return self._process(rule, args, kwargs, sys._getframe(1))
        finally:
            sys.setprofile(self._returning)

    def _process(self, rule: Elementwise | Structural, args: Any, kwargs: Any, caller: FrameType) -> Any:
        frames = self._users_frames(caller)
        for depth, frame in enumerate(frames):
            self._read(frame, depth)
        made = super().process(rule, args, kwargs)
        if isinstance(made, Watched) and made.transform is self:
            event = self.events[made.mark]
            event.of_the_call = not frames  # its line is that of the call of chainrule
            joined = isinstance(rule, Structural) and rule.operands == -1
            count = rule.operands if isinstance(rule, Structural) and not joined else len(args)
            for position, operand in enumerate(args[0] if joined else args[:count]):
                if not isinstance(operand, Tracked) and isinstance(operand, np.ndarray) and operand.ndim:
                    if id(operand) not in self._array_names:
                        self._array_names[id(operand)] = _name_of(operand, frames)
                    event.captured[position] = operand, self._array_names[id(operand)]
            if isinstance(rule, Structural):
                event.written = written_options(rule.function, args, kwargs, 1 if joined else count)
        return made

    @contextmanager
    def reading_names(self) -> Iterator[None]:
        """Within, functions that return are searched for names as well: the result's name is often given last.

        Another profiler that is running is left alone; then only these last names are missing.
        """
        self._base = sys._getframe(2)
        free = sys.getprofile() is None
        if free:
            self._listening = True
            sys.setprofile(self._returning)
        try:
            yield
        finally:
            if free:
                self._listening = False
                sys.setprofile(None)
            self._base = None

    def _returning(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "return" and is_users_file(frame.f_code.co_filename):
            self._read(frame, len(self._users_frames(frame)) - 1)

    def _users_frames(self, frame: FrameType | None) -> list[FrameType]:
        """The frames of the user's code that are running, the watched function's first."""
        found: list[FrameType] = []
        while frame is not None and frame is not self._base:
            if is_users_file(frame.f_code.co_filename):
                found.append(frame)
            frame = frame.f_back
        return found[::-1][:FRAMES_MOST]

    def _read(self, frame: FrameType, depth: int) -> None:
        code = frame.f_code
        parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if depth else ()
        for name, value in frame.f_locals.items():
            if type(value) is Followed:
                value = value.now  # what its entries were joined to last
            if not isinstance(value, Watched) or value.transform is not self or name in parameters:
                continue
            mark = value.mark
            if name.isidentifier() and depth < self._depths.get(mark, FRAMES_MOST):
                self.events[mark].name, self._depths[mark] = name, depth


def _name_of(array: Any, frames: list[FrameType]) -> str:
    """The name of a variable that holds this very array: local to the innermost frame that has one, or global."""
    for frame in reversed(frames):
        scopes: tuple[Mapping[str, Any], ...] = (frame.f_locals, frame.f_globals)
        for scope in scopes:
            for name, value in scope.items():
                if value is array and name.isidentifier() and not name.startswith("_"):
                    return name
    return ""


def written_options(function: Callable[..., Any], args: Any, kwargs: Any, operands: int) -> str:
    """The arguments after the operands as they are written: `axis=0`; an index as `[1:3]`; defaults are left out.

    >>> written_options(np.sum, (np.ones(3), 0), {"keepdims": True}, 1)
    'axis=0, keepdims=True'
    """
    if function in (getitem, replace, replace_through, replace_parts):
        return f"[{_index(args[-1])}]"
    names, defaults = _parameters(function)
    given = {**dict(zip(names[operands:], args[operands:], strict=False)), **kwargs}
    shown = [
        f"{name}={_short(value)}"
        for name, value in given.items()
        if value is not None and (name not in defaults or not _same(value, defaults[name]))
    ]
    return ", ".join(shown)


@lru_cache(maxsize=256)
def _parameters(function: Callable[..., Any]) -> tuple[tuple[str, ...], Mapping[str, Any]]:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # a ufunc in an older NumPy: no signature to be had
        return (), {}
    defaults = {name: p.default for name, p in parameters.items() if p.default is not inspect.Parameter.empty}
    return tuple(parameters), defaults


def _same(value: Any, default: Any) -> bool:
    if default is np._NoValue:  # NumPy's own mark for "not given", which means False for its flags
        return value is False
    if isinstance(value, np.ndarray) or type(value) is not type(default):
        return value is default
    return bool(value == default)


def _index(index: Any) -> str:
    if isinstance(index, tuple):
        return ", ".join(map(_index, index))
    if isinstance(index, slice):
        parts = ["" if part is None else _short(part) for part in (index.start, index.stop)]
        return ":".join(parts) + (f":{_short(index.step)}" if index.step is not None else "")
    return "..." if isinstance(index, EllipsisType) else _short(index)


def _short(value: Any) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (np.ndarray, list)) and np.size(value) > 4:
        return "…"
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (np.dtype, type)):
        return str(np.dtype(value))
    written = repr(value)
    return written if len(written) <= 24 else "…"
