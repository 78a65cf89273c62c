"""The error for a tracked value that is about to become a plain number: what did it, where, and what keeps it tracked.

Where it happens, the error is made with what is known at once, because whoever tries something else instead
(:mod:`chainrule.numpy.opening`) must not wait. On its way out of the user's function (:func:`explained`) the line is
read and its remedy written: which of `import chainrule.numpy as np`, chainrule's SciPy or math, and `cr.patch()` helps
there and is not in use already.
"""

from __future__ import annotations

import ast
import builtins
import dis
import importlib
import linecache
import os
import sys
import weakref
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice
from types import CodeType, FrameType
from typing import Any

import numpy as np

from chainrule.engine import running
from chainrule.engine.location import at_user_line, is_users, is_users_file
from chainrule.engine.values import Tracked
from chainrule.errors import ChainruleError, TrackingError


@dataclass(frozen=True)
class Place:
    """Where a tracked value was lost: the instruction of the user's code, and the library's function that it called."""

    code: CodeType
    instruction: int
    names: dict[str, Any]
    called: tuple[str, str] | None  # the module and the name
    trace: weakref.ref[Any] | None
    what: str
    where: str
    instead: str


HIDDEN = "a tracked value"
"""The field in the dtype of memory in which no number can be read, because tracked values are in their place."""

_last: ContextVar[Place | None] = ContextVar("last", default=None)
"""The last loss: code in C may drop the error and raise one of its own."""


def lost(variable: Any, what: str, instead: str = "") -> TrackingError:
    """The error for `variable`, which `what` is about to make a plain number of.

    `instead` is what to write instead where `what` writes into a plain array; else the line tells.
    """
    frame: FrameType | None = sys._getframe(1)
    inner = None
    while frame is not None and not is_users(frame):
        inner, frame = frame, frame.f_back
    where = at_user_line()
    error = TrackingError(f"{what}{where} would lose the derivative of a tracked value. {instead or _ANYWHERE}")
    if frame is not None and inner is not None:
        module = str(inner.f_globals.get("__name__"))
        called = None if module.startswith("chainrule.engine.") else (module, inner.f_code.co_name)
        trace = None if variable is None else weakref.ref(variable.transform)
        error.place = Place(frame.f_code, frame.f_lasti, frame.f_globals, called, trace, what, where, instead)
        _last.set(error.place)
    return error


def explained(error: Exception, args: Any) -> Exception:
    """What to raise for an error that comes out of a user's function: itself, or that it lost a tracked value.

    `args` are the arguments of the function. The error of a library, written in C or not, which was caused by a loss
    gives way to the error of the loss. One that the user's own code raises stays.
    """
    cause = error if isinstance(error, TrackingError) else error.__cause__
    if isinstance(cause, TrackingError):
        if isinstance(cause.place, Place):
            cause.args = (_message(cause.place, _locals(error, cause.place)),)
            cause.place = None
        return cause
    if not isinstance(error, ChainruleError) and (place := _read_in_c(error)) is not None:
        return TrackingError(_message(place, _locals(error, place)))
    last = _last.get()
    if last is None or last.trace is None or isinstance(error, ChainruleError) or _raised_by_user(error):
        return error
    if all(last.trace() is not argument.transform for argument in args if isinstance(argument, Tracked)):
        return error
    return TrackingError(_message(last, _locals(error, last)))


def _read_in_c(error: Exception) -> Place | None:
    """Where code past NumPy's protocols met the memory of an array with tracked values, and failed of its dtype."""
    traceback, line = error.__traceback__, None
    frames: list[FrameType] = []
    while traceback is not None:
        if is_users(traceback.tb_frame):
            line, frames = traceback, []
        else:
            frames.append(traceback.tb_frame)
        traceback = traceback.tb_next
    met = HIDDEN in str(error) or any(_is_hidden(value) for frame in frames for value in frame.f_locals.values())
    if line is None or not met:
        return None
    user = line.tb_frame
    called = (str(frames[0].f_globals.get("__name__")), frames[0].f_code.co_name) if frames else None
    what, where = "making a plain array of it", f" at {os.path.basename(user.f_code.co_filename)}:{line.tb_lineno}"
    return Place(user.f_code, line.tb_lasti, user.f_globals, called, None, what, where, "")


def _is_hidden(value: Any) -> bool:
    return issubclass(type(value), np.ndarray) and _dtype(value).names == (HIDDEN,)


_dtype: Any = np.ndarray.dtype.__get__


def _raised_by_user(error: Exception) -> bool:
    """Whether the innermost line of the traceback is the user's."""
    innermost = error.__traceback__
    while innermost is not None and innermost.tb_next is not None:
        innermost = innermost.tb_next
    return innermost is None or is_users_file(innermost.tb_frame.f_code.co_filename)


def _locals(error: Exception, place: Place) -> dict[str, Any]:
    """The local names at a place, if the error has come through it."""
    traceback, found = error.__traceback__, {}
    while traceback is not None:
        if traceback.tb_frame.f_code is place.code:
            found = traceback.tb_frame.f_locals
        traceback = traceback.tb_next
    return found


# ---------------------------------------------------------------------- what the line did

_STORES = ("STORE_SUBSCR", "STORE_SLICE")
_MARK = object()


def _text(place: Place) -> str:
    """The source of the expression at the place, as far as it can be read."""
    start, end, left, right = next(islice(place.code.co_positions(), place.instruction // 2, None))
    if None in (start, end, left, right):
        return ""
    assert start is not None
    assert end is not None
    lines = [linecache.getline(place.code.co_filename, n, place.names) for n in range(start, end + 1)]
    lines[-1] = lines[-1].encode()[:right].decode(errors="ignore")
    lines[0] = lines[0].encode()[left:].decode(errors="ignore")
    return "".join(lines).strip()


def _callee(text: str, names: Callable[[str], Any]) -> tuple[str, Any]:
    """What a call calls, as it is written, and the object; of `norm(m, s).cdf` the object is `norm`."""
    try:
        call = ast.parse(text, mode="eval").body
    except SyntaxError:
        return "", _MARK
    if not isinstance(call, ast.Call):
        return "", _MARK
    steps: list[str] = []
    root: ast.expr = call.func
    while not isinstance(root, ast.Name):
        if isinstance(root, ast.Attribute):
            steps.append(root.attr)
            root = root.value
        elif isinstance(root, ast.Call):
            steps.clear()
            root = root.func
        else:
            return ast.unparse(call.func), _MARK
    found = names(root.id)
    for step in reversed(steps):
        found = getattr(found, step, _MARK)
    written = ast.unparse(call.func)
    return (written if len(written) < 40 else ""), found


def _look_up(place: Place, local: dict[str, Any]) -> Callable[[str], Any]:
    def names(name: str) -> Any:
        return local.get(name, place.names.get(name, getattr(builtins, name, _MARK)))

    return names


# ---------------------------------------------------------------------- what to write instead

_PLAIN = "For the plain value without its derivative write cr.stop_gradient(v)."
_ANYWHERE = (
    "Use `import chainrule.numpy as np`, whose arrays and lists hold tracked values, or call cr.patch() first; or join "
    f"values with np.stack([v, …]). {_PLAIN}"
)
_ARRAYS = "Write `import chainrule.numpy as np`, whose arrays it can be written into"
_PATCH = "or call cr.patch() once at the start of the program, and leave the code as it is"


def _message(place: Place, local: dict[str, Any]) -> str:
    instruction = place.instruction
    while (operation := dis.opname[place.code.co_code[instruction]]) == "CACHE":  # it belongs to the one before
        instruction -= 2
    what = place.what
    if place.instead:
        remedy = place.instead + ("" if _uses(place, "chainrule.numpy") else f" {_ARRAYS}, {_PATCH}.")
    elif operation in _STORES:
        what, remedy = "writing it into a plain array (an assignment to array[i])", _for_array(place)
    elif operation == "BINARY_SUBSCR":
        what, remedy = "using it as an index", "As an index write int(cr.stop_gradient(v))."
    elif operation.startswith("CALL"):
        written, called = _callee(_text(place), _look_up(place, local))
        if called is _MARK and place.called is None:
            remedy = _for_call("", "", None, place)
        else:
            home = place.called[0] if called is _MARK and place.called else _home(called)
            name = place.called[1] if called is _MARK and place.called else getattr(called, "__name__", written)
            what = f"{written or name}()"
            remedy = _for_call(home, str(name), called, place)
    else:
        home = place.called[0] if place.called else "numpy"
        remedy = _for_call(home, place.called[1] if place.called else "", _MARK, place)
    return f"{what}{place.where} would lose the derivative of a tracked value. {remedy} {_PLAIN}"


def _home(called: Any) -> str:
    """The module that defines a function, a class, or the class of an object."""
    return getattr(called, "__module__", None) or type(called).__module__


def _for_array(place: Place) -> str:
    if _uses(place, "chainrule.numpy"):
        return (
            "The array was made elsewhere, in memory that holds plain numbers only: copy it with np.array(a) or "
            "np.copy(a), not a.copy(), and write into the copy."
        )
    return f"{_ARRAYS}, {_PATCH}; or build the array with np.stack([v, …])."


def _for_call(home: str, name: str, called: Any, place: Place) -> str:
    root = home.partition(".")[0]
    if root == "chainrule":
        return "It takes plain numbers there."
    if called in (float, complex, int) or (isinstance(called, type) and issubclass(called, np.generic)):
        return f"Leave {name}() out: a tracked number computes as it is."
    if root == "math":
        same = f"np.{_numpys(name)} instead of math.{name}"
        numpys = f"Use NumPy's function, {same}, or" if hasattr(np, name) else "Write"
        if running.noted:
            return f"{name} was imported before cr.patch(): import it afterwards, or write math.{name}."
        return f"{numpys} `import chainrule.math as math`, {_PATCH}."
    if root == "cmath":
        return f"Use NumPy's function, np.{_numpys(name)}."
    if root == "scipy":
        return _for_scipy(home, name, called, place)
    if isinstance(getattr(called, "__self__", None), (np.random.Generator, np.random.RandomState)):
        return (
            "Draw standard numbers and scale them, m + s * rng.standard_normal(n), or positions and index with them, "
            "x[rng.integers(len(x), size=n)]."
        )
    if root == "numpy":
        public = home.partition("._")[0]
        if called is not _MARK and _counterpart(public, name, called) is None:
            return f"chainrule has no such function of {public} yet: give it a derivative with cr.custom."
        if not _uses(place, "chainrule.numpy"):
            return (
                f"Write `import chainrule.numpy as np`, where lists and arrays hold tracked values, {_PATCH}; or join "
                "values with np.stack([v, …])."
            )
        if running.noted:
            return "Read NumPy's functions as attributes, np.…, or import them after cr.patch()."
        return "This is NumPy's own function: call that of `import chainrule.numpy as np`."
    if not root:
        if _uses(place, "chainrule.numpy"):
            return "NumPy's functions, and arrays made by them, take tracked values."
        return _ANYWHERE.removesuffix(f" {_PLAIN}")
    return "It takes plain numbers only: give it a derivative with cr.custom."


def _numpys(name: str) -> str:
    """What NumPy calls a function of `math`."""
    return getattr(getattr(np, name, None), "__name__", name)


def _uses(place: Place, module: str) -> bool:
    """Whether code uses chainrule's module already, by its import or by cr.patch()."""
    return running.noted or any(
        name.startswith(module) for value in place.names.values() for name in (_name_of_module(value),)
    )


def _name_of_module(value: Any) -> str:
    name = getattr(value, "__name__" if type(value).__name__ == "module" else "__module__", None)
    return name if isinstance(name, str) else ""


def _for_scipy(home: str, name: str, called: Any, place: Place) -> str:
    """The remedy where a function or an object of SciPy took a tracked value."""
    public = home.partition("._")[0]
    found = _counterpart(public, name, called)
    if found is None:
        return f"chainrule has no such function of {public} yet: give it a derivative with cr.custom."
    ours = getattr(importlib.import_module(f"chainrule.{public}"), found)
    if hasattr(called, "__self__") and getattr(ours, called.__name__, None) == called:  # it falls through to SciPy's
        return f"chainrule has no derivative of {found}.{called.__name__} yet: give it one with cr.custom."
    if running.noted:
        return f"It was imported, or made, before cr.patch(): do `from {public} import {found}` afterwards."
    return f"Write `from chainrule.{public} import {found}`, {_PATCH}."


def _counterpart(module: str, name: str, called: Any) -> str | None:
    """What chainrule calls its own form of something in SciPy; None where it has none.

    The modules are looked up by name: they stand above the engine, which does not depend on them.
    """
    root, *parts = module.split(".")
    try:
        theirs: Any = importlib.import_module(module)
        ours: Any = importlib.import_module(f"chainrule.{root}")
        for part in parts:
            ours = getattr(ours, part)
    except (ImportError, AttributeError):
        return None
    names: list[str] = getattr(ours, "__all__", [])
    known = {known for known in names if getattr(ours, known, None) is not getattr(theirs, known, None)}
    owner = getattr(called, "__self__", called)
    for candidate in sorted(known):
        original = getattr(theirs, candidate, _MARK)
        if any(original is one for one in (owner, type(owner), getattr(owner, "__wrapped__", owner))):
            return candidate
    for candidate in (name, *_names_of(owner)):
        if candidate in known:
            return candidate
    return None


def _names_of(owner: Any) -> Iterator[str]:
    """The names that a distribution and a frozen one have."""
    for holder in (owner, getattr(owner, "dist", None)):
        name = getattr(holder, "name", None)
        if isinstance(name, str):
            yield name
