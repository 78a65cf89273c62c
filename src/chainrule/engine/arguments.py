"""The door of every transform and every reading: a function, the arguments of a call, and what is followed of them."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Sequence
from types import EllipsisType, FunctionType
from typing import Any, NamedTuple

import numpy as np

from chainrule.engine import running
from chainrule.engine.containers import Rebuild, flatten, names
from chainrule.engine.followed import Followed, join_entries
from chainrule.engine.lending import as_view, finds_arrays, give_back, lend
from chainrule.engine.location import at_user_line, is_users_file
from chainrule.engine.lost import explained
from chainrule.engine.values import Tracked, as_input, convert, known, whole
from chainrule.errors import NotDifferentiableError
from chainrule.rules.lazy import LazyShape, shape_of, spread

Function = Callable[..., Any]
Argnums = int | str | Sequence[int | str]
"""Which arguments are differentiated: a position (negative: from the end), a parameter's name, or several of these."""


# ---------------------------------------------------------------------- the function


ndarray = np.ndarray


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


def call_function(f: Function, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """`f(*args, **kwargs)`; errors that come of a tracked value that was lost say so.

    Everything that runs a user's function on tracked values calls it here.
    """
    try:
        if running.noted:
            token = running.inside.set(True)
            loans = lend(f) if finds_arrays(f) else None
            try:
                out = f(*map(as_view, args), **kwargs) if ndarray in map(type, args) else f(*args, **kwargs)
                if loans and type(out) is Followed:
                    out = out.snapshot()
            finally:
                if loans:
                    give_back(loans)
                running.inside.reset(token)
        else:
            out = f(*args, **kwargs)
        if type(out) is Followed:
            return out.held()
        if not isinstance(out, Tracked):
            join_entries(out)
        return out
    except Exception as error:
        clear = explained(error, args)
        if clear is error:
            raise
        raise clear from (None if clear is error.__cause__ else error)


def name_of(f: Function) -> str:
    """What errors call a function."""
    return getattr(_innermost(f), "__name__", None) or "the function"


def defined_at(f: Function) -> str:
    """Where `f` is defined, for the end of a sentence; for what Python did not define, the user's line of the call."""
    f = _innermost(f)
    code = getattr(f, "__code__", None) or getattr(type(f).__call__, "__code__", None)
    if code is None or not is_users_file(code.co_filename):
        return at_user_line()
    return f" (defined at {os.path.basename(code.co_filename)}:{code.co_firstlineno})"


def _innermost(f: Function) -> Function:
    """The function that wrappers and partial calls are made of."""
    inner: Any = f
    while hasattr(inner, "__wrapped__") or isinstance(inner, functools.partial):
        inner = inner.__wrapped__ if hasattr(inner, "__wrapped__") else inner.func
    return inner  # type: ignore[no-any-return]


def parameter_names(f: Function, count: int | None = None) -> list[str]:
    """What `f` calls its arguments in a call with `count` of them by position; without a count, those that it needs.

    The entries of `*xs` are `xs[0]`, `xs[1]`, …; arguments of a function without a signature are x, y, z, or x1, x2, ….
    Where the call has more arguments than the function takes, those have no names.

    >>> parameter_names(lambda a, *rest: a, 3)
    ['a', 'rest[0]', 'rest[1]']
    """
    f = inspect.unwrap(f) if hasattr(f, "__wrapped__") else f
    variables = getattr(f, "variables", None)
    if isinstance(variables, tuple):  # a formula or an entry of the catalogue
        return list(variables)
    if isinstance(f, np.ufunc):
        return list(_LETTERS[: f.nin])
    if type(f) is FunctionType and not hasattr(f, "__signature__"):
        return _names_in_code(f, count)
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):  # some functions written in C have no signature
        count = count or 1
        return list(_LETTERS[:count]) if count <= 3 else [f"x{k + 1}" for k in range(count)]
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    found = [p.name for p in positional if count is not None or p.default is p.empty][:count]
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            rest = (0 if found else 1) if count is None else count - len(found)
            found += [f"{parameter.name}[{k}]" for k in range(rest)]
    return found


def _names_in_code(f: FunctionType, count: int | None) -> list[str]:
    """:func:`parameter_names` of a function written in Python, without a signature object: that takes 20 µs."""
    code = f.__code__
    needed = code.co_argcount - len(f.__defaults__ or ())
    found = list(code.co_varnames[: needed if count is None else min(count, code.co_argcount)])
    if code.co_flags & inspect.CO_VARARGS:
        name = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
        rest = (0 if found else 1) if count is None else count - len(found)
        found += [f"{name}[{k}]" for k in range(rest)]
    return found


_LETTERS = ("x", "y", "z", "w")


# ---------------------------------------------------------------------- its arguments


class Leaf(NamedTuple):
    """What a gradient must look like; `array` tells an array without axes from a number."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    array: bool


class _Piece(NamedTuple):
    """A chosen argument: its place in the call, its leaves, which of them are inputs, and how they are put together."""

    place: int | str
    leaves: list[Any]
    chosen: Sequence[int]
    rebuild: Rebuild


class Inputs:
    """The arguments of one call, and the leaves among them that are followed: the inputs.

    `values` are the inputs made ready to be tracked, by `ready(value, name)`, and `single` says that one argument was
    chosen by itself, not in a sequence. With `argnums=...` everything that is made of numbers is an input and the rest
    is constant.

    Raises TypeError and ValueError for argnums that the call does not have, NotDifferentiableError for an argument that
    is not made of numbers.
    """

    __slots__ = ("_args", "_kwargs", "_pieces", "function", "single", "values")

    def __init__(
        self,
        f: Function,
        argnums: Argnums | EllipsisType,
        args: Sequence[Any],
        kwargs: dict[str, Any] | None = None,
        ready: Callable[[Any, str], Any] = as_input,
    ) -> None:
        self.function = f
        self._args = args
        self._kwargs = kwargs or {}
        self.single = isinstance(argnums, (int, np.integer, str))
        self.values: list[Any] = []
        self._pieces: list[_Piece] = []
        for place in _places(f, argnums, args, self._kwargs):
            leaves, rebuild = flatten(args[place] if isinstance(place, int) else self._kwargs[place])
            chosen: Sequence[int] = range(len(leaves))
            if argnums is ... and not (len(leaves) == 1 and type(leaves[0]) in _NUMBERS):
                chosen = [i for i in chosen if is_numeric(leaves[i])]
            self._pieces.append(_Piece(place, leaves, chosen, rebuild))
            self.values += self._ready([leaves[i] for i in chosen], place, ready)
        if args and argnums is ... and not self.values:
            for piece in self._pieces:
                self._ready(piece.leaves, piece.place, ready)  # which refuses what is not made of numbers

    def _at(self, place: int | str) -> Any:
        return self._args[place] if isinstance(place, int) else self._kwargs[place]

    def _ready(self, leaves: Sequence[Any], place: int | str, ready: Callable[[Any, str], Any]) -> list[Any]:
        """Leaves made ready to be tracked; only where one is refused are their names worked out."""
        try:
            return [ready(leaf, "") for leaf in leaves]
        except NotDifferentiableError:
            labels = names(self._at(place), argument_label(self.function, place))
            return [ready(leaf, label) for leaf, label in zip(leaves, labels, strict=True)]

    def call(self, values: Sequence[Any]) -> Any:
        """The function's result with `values` in the place of the inputs."""
        args, kwargs = self.given(values)
        return call_function(self.function, args, kwargs)

    def given(self, values: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments of the call with `values` in the place of the inputs."""
        args, kwargs = list(self._args), self._kwargs
        start = 0
        for piece in self._pieces:
            if not piece.chosen:
                continue
            leaves = list(piece.leaves)
            for i in piece.chosen:
                leaves[i] = values[start]
                start += 1
            if isinstance(piece.place, int):
                args[piece.place] = piece.rebuild(leaves)
            else:
                kwargs = {**kwargs, piece.place: piece.rebuild(leaves)}
        return args, kwargs

    def like(self, results: Sequence[Any]) -> Any:
        """One result for each input, in the containers of the chosen arguments: a tuple of them unless `single`."""
        made, start = [], 0
        for piece in self._pieces:
            made.append(piece.rebuild(results[start : start + len(piece.chosen)]))
            start += len(piece.chosen)
        return made[0] if self.single else tuple(made)

    def arguments(self) -> tuple[list[Any], Function]:
        """The chosen arguments, made ready to be tracked, and the function of these alone."""

        @functools.wraps(self.function, updated=())
        def call(*chosen: Any) -> Any:
            args, kwargs = list(self._args), dict(self._kwargs)
            for piece, argument in zip(self._pieces, chosen, strict=True):
                if isinstance(piece.place, int):
                    args[piece.place] = argument
                else:
                    kwargs[piece.place] = argument
            return self.function(*args, **kwargs)

        together = self.like(self.values)
        return [together] if self.single else list(together), call

    def paths(self, called: Sequence[str] | None = None) -> list[str]:
        """A name for each input, such as `params['w1'][0]`; `called` are other names for the positional arguments."""
        if called is None:
            called = parameter_names(self.function, len(self._args))
        found = []
        for place, leaves, chosen, _ in self._pieces:
            if len(leaves):
                every = names(self._at(place), called[place] if isinstance(place, int) else place)
                found += [every[i] for i in chosen]
        return found

    def leaves(self) -> list[Leaf]:
        """What the gradient by each input must look like."""
        given = [piece.leaves[i] for piece in self._pieces for i in piece.chosen]
        return [
            Leaf(shape_of(value), value.dtype, type(leaf) is np.ndarray)
            for value, leaf in zip(self.values, given, strict=True)
        ]


_NUMBERS = frozenset((float, int, np.float64))


def is_numeric(leaf: Any) -> bool:
    """Whether a leaf is a number or an array of numbers, truth values aside."""
    if leaf is None or isinstance(leaf, (bool, np.bool, str, bytes)):
        return False
    return isinstance(leaf, Tracked) or getattr(np.asarray(leaf), "dtype", np.dtype(object)).kind in "iufc"


def argument_label(f: Function, place: int | str) -> str:
    """How an error calls an argument: by its name if it has one."""
    if isinstance(place, str):
        return f"the argument {place!r} of {name_of(f)}"
    innermost = inspect.unwrap(f) if hasattr(f, "__wrapped__") else f
    if isinstance(innermost, FunctionType) and place < innermost.__code__.co_argcount:  # without the cost of signature
        return f"the argument {innermost.__code__.co_varnames[place]!r} of {name_of(f)}"
    called = parameter_names(f, place + 1) if hasattr(_innermost(f), "__code__") else []
    if place < len(called):
        return f"the argument {called[place]!r} of {name_of(f)}"
    return f"argument {place} of {name_of(f)}"


def _places(
    f: Function, argnums: Argnums | EllipsisType, args: Sequence[Any], kwargs: dict[str, Any]
) -> list[int | str]:
    """The places of the chosen arguments: positions, and names of arguments that are passed by name."""
    count = len(args)
    if argnums is ... or (type(argnums) is tuple and argnums == tuple(range(count))):
        return list(range(count))
    if type(argnums) is int and 0 <= argnums < count:
        return [argnums]
    if type(argnums) is int and 0 <= argnums < len(args):  # nearly always
        return [argnums]
    wanted: tuple[Any, ...] = (argnums,)
    if not isinstance(argnums, (int, np.integer, str)):
        wanted = tuple(argnums) if isinstance(argnums, Iterable) else (None,)
    if not all(isinstance(one, (int, np.integer, str)) for one in wanted):
        raise TypeError(
            f"argnums={argnums!r}{at_user_line()}: an argument is named by its position, counted from 0, or by its "
            "parameter's name. Write for example argnums=1, argnums=(0, 1) or argnums='x'."
        )
    places = [_place(f, one, argnums, args, kwargs) for one in wanted]
    if len(set(places)) < len(places):
        raise ValueError(f"argnums={argnums!r}{at_user_line()} names an argument twice. Name each one once.")
    return places


def _place(f: Function, one: int | str, argnums: Argnums, args: Sequence[Any], kwargs: dict[str, Any]) -> int | str:
    count = len(args)
    if isinstance(one, str):
        if one in kwargs:
            return one
        called = parameter_names(f, count)
        if one in called:
            return called.index(one)
        passed = ", ".join([*called, *kwargs]) or "none"
        raise ValueError(
            f"argnums={argnums!r}, but {name_of(f)} got no argument {one!r}{at_user_line()}. It got: {passed}."
        )
    if -count <= one < count:
        return int(one) % count
    if one >= count and kwargs:  # a parameter that is passed by name
        called = parameter_names(f, int(one) + 1)
        if one < len(called) and called[one] in kwargs:
            return called[one]
    raise ValueError(
        f"argnums={argnums!r}, but {name_of(f)} got {count} positional arguments{at_user_line()}. "
        "They are counted from 0."
    )


# ---------------------------------------------------------------------- gradients by them


def finished(cotangents: Sequence[Any], leaves: Sequence[Leaf]) -> list[Any]:
    """Cotangents as results: zeros for None, whole, in the dtype of their leaf, sharing no memory with one another."""
    results: list[Any] = []
    seen: set[int] = set()
    for g, leaf in zip(cotangents, leaves, strict=True):
        if type(leaf.shape) is LazyShape:
            g = spread(0.0 if g is None else g, leaf.shape)
        if type(g) is not np.ndarray or g.shape != leaf.shape or g.dtype is not leaf.dtype:
            g = np.zeros(leaf.shape, leaf.dtype) if g is None else convert(whole(g, leaf.shape), leaf.dtype)
        if type(g) is np.ndarray:
            if g.base is not None or id(g) in seen or not g.flags.writeable:
                g = g.copy()
            seen.add(id(g))
            if not leaf.shape and not leaf.array:
                g = g[()]
        elif isinstance(g, Tracked):
            g = g.snapshot()
        elif leaf.array and not leaf.shape and known(g):
            g = np.asarray(g)
        results.append(g)
    return results
