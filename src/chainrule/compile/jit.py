"""`cr.jit`: a function recorded as a program, and replayed."""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Hashable, Sequence
from types import MethodType
from typing import Any

import numpy as np

from chainrule.compile.captures import Captures, Copies, Layout
from chainrule.compile.common import frozen
from chainrule.compile.passes import optimised
from chainrule.compile.source import (
    CALL,
    CALL_NUMPY,
    OTHER_ARGUMENTS,
    OTHER_PATH,
    Argument,
    Disagreement,
    Outcome,
    Path,
    compiled,
)
from chainrule.compile.tracing import FunctionError, Nested, Recording, Unsuitable, record
from chainrule.engine.arguments import as_function, call_function, name_of, parameter_names
from chainrule.engine.containers import flatten, names, structured
from chainrule.engine.location import at_user_line
from chainrule.engine.operations import Operation, Reference
from chainrule.engine.program import Program
from chainrule.engine.reverse import QuickRecord, recording
from chainrule.engine.values import Tracked
from chainrule.errors import ImpurityError
from chainrule.rules.function import is_lazy

MOST_SIGNATURES = 16
MOST_PATHS = 32
MOST_MISSES = 4 * MOST_PATHS
"""A signature that had more new paths than this, and more than calls on known ones, is not compiled any more."""


def jit(f: Callable[..., Any] | str) -> Jitted:
    """`f`, compiled: recorded at the first call as a program, which later calls replay.

    `jit(f)(*args)` is `f(*args)`, with numbers and arrays as NumPy's, and results that share memory with nothing else.
    `f` may be any function and any transform of one, such as `cr.value_and_grad(loss)`; under a transform `f` itself
    runs. A program is made for each structure, shape and dtype of the arguments; what is not a NumPy array, float or
    complex number is part of this signature. Branches and loops may depend on values: each new path is recorded when it
    is first met. Captured arrays are read at each call. Functions of numbers alone run over `math`, and
    stretches of elementwise operations on arrays as machine code if llvmlite is installed (`pip install
    chainrule[fast]`): sin, exp and the like then differ from NumPy's by at most 4 units in the last place. All else is
    the same bit for bit, but for the order of sums.

    What cannot be compiled is called as it is; :attr:`Jitted.source` says why. Raises ImpurityError where two runs of
    the function with the same arguments do not compute the same, and else what the function raises.

    >>> import numpy as np, chainrule as cr
    >>> @cr.jit
    ... def newton(a):
    ...     x = a
    ...     while np.abs(x * x - a) > 1e-12:
    ...         x = 0.5 * (x + a / x)
    ...     return x
    >>> [round(float(newton(a)), 6) for a in (2.0, 9.0)]
    [1.414214, 3.0]
    """
    return Jitted(as_function(f))


class Jitted:
    """A compiled function; see :func:`jit`."""

    def __init__(self, f: Callable[..., Any]) -> None:
        functools.update_wrapper(self, f, updated=())
        self.__wrapped__ = f
        self._quick: Callable[..., Any] = _nothing
        self._signatures: tuple[_Signature, ...] = ()
        self._lock = threading.RLock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not kwargs:
            try:
                out = self._quick(*args)
            except Exception:
                out = CALL  # the function itself says what is wrong
            if type(out) is not Outcome and recording.get() is QuickRecord:
                return out
        return self._searched(args, kwargs)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> Any:
        return jit, (self.__wrapped__,)

    def __repr__(self) -> str:
        return f"<jitted {name_of(self.__wrapped__)}, {len(self._signatures)} signatures>"

    @property
    def source(self) -> str:
        """The Python source that runs, for all signatures so far, the latest one first."""
        if not self._signatures:
            return "# Nothing is compiled yet: call the function first."
        return "\n\n\n".join(signature.source for signature in self._signatures)

    def _searched(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The call by the signature that fits, or by a new one."""
        f = self.__wrapped__
        if recording.get() is not QuickRecord:
            return f(*args, **kwargs)
        leaves, structure = _leaves(args, kwargs)
        if any(isinstance(leaf, Tracked) or is_lazy(leaf) for leaf in leaves):
            return f(*args, **kwargs)
        out, _ = self._replayed(leaves, structure)
        if out is OTHER_ARGUMENTS or out is OTHER_PATH:
            with self._lock:
                out, signature = self._replayed(leaves, structure)  # another thread may have been here
                if out is OTHER_ARGUMENTS or out is OTHER_PATH:
                    signature = signature or _Signature(f, _labels(f, args, kwargs, structure), leaves, structure)
                    try:
                        signature.learn(leaves)
                    except Nested:
                        return f(*args, **kwargs)
                    except FunctionError as error:
                        result = f(*args, **kwargs)  # raises its own error, or can do what a program cannot
                        signature.give_up(error)
                        self._put_first(signature)
                        return result
                    self._put_first(signature)
                    out, _ = self._replayed(leaves, structure)
        if out is CALL_NUMPY:  # so that a number divided by 0 is infinite, and not an error
            leaves = [np.float64(leaf) if type(leaf) is float else leaf for leaf in leaves]
            args, kwargs = (tuple(leaves), kwargs) if structure is None else structure.unflatten(leaves)
        return f(*args, **kwargs) if type(out) is Outcome else out

    def _replayed(self, leaves: Sequence[Any], structure: Any) -> tuple[Any, _Signature | None]:
        """The result of the first signature that fits, and this signature, which becomes the first one."""
        for signature in self._signatures:
            if signature.structure != structure:
                continue
            try:
                out = signature.run(*leaves)
            except Exception:
                out = CALL
            if out is not OTHER_ARGUMENTS:
                self._put_first(signature)
                return out, signature
        return OTHER_ARGUMENTS, None

    def _put_first(self, signature: _Signature) -> None:
        if self._signatures[:1] != (signature,):
            others = [other for other in self._signatures if other is not signature]
            self._signatures = (signature, *others[: MOST_SIGNATURES - 1])
        self._quick = signature.run if signature.structure is None else _nothing


def _nothing(*args: Any) -> Outcome:
    return OTHER_ARGUMENTS


def _leaves(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], Any]:
    """The leaves of a call, and how they are arranged; None where they are the arguments, by position."""
    if not kwargs and all(_is_leaf(argument) for argument in args):
        return list(args), None
    return structured((args, kwargs))


def _is_leaf(argument: Any) -> bool:
    if argument is None:
        return True
    leaves = flatten(argument)[0]
    return len(leaves) == 1 and leaves[0] is argument


class _Signature:
    """The compiled paths of the calls with arguments of one kind."""

    def __init__(self, f: Callable[..., Any], labels: Sequence[str], leaves: Sequence[Any], structure: Any) -> None:
        self.f = f
        self.structure = structure
        self._name = name_of(f) if name_of(f).isidentifier() else "f"
        self._arguments = [_described(label, leaf) for label, leaf in zip(labels, leaves, strict=True)]
        self._paths: list[Path] = []
        self._hits: list[int] = []
        self._misses = 0
        self._constants: list[tuple[Any, Any]] = []
        self._captures: Captures | None = None
        self.run: Callable[..., Any] = _nothing
        self.source = ""

    def learn(self, leaves: list[Any]) -> None:
        """Record the path of a call. What cannot be compiled is called from then on."""
        try:
            self._record(leaves)
        except Unsuitable as reason:
            self._paths, self._hits = [], []
            self._compile(str(reason))

    def give_up(self, error: FunctionError) -> None:
        """Call the function from now on, if no path could be recorded so far, because of this error."""
        if not self._paths:
            self._compile(str(error.__cause__).partition("\n")[0])

    def _compile(self, reason: str = "") -> None:
        captures, constants = (self._captures, self._constants) if self._paths else (None, [])
        arguments = self._arguments
        run = functools.partial(compiled, self._name, arguments, captures, constants)
        try:
            self.run, self.source = run(self._paths, self._hits, reason)
        except Disagreement:  # what is captured has changed in a way that shows only now
            self._paths, self._hits = self._paths[-1:], self._hits[-1:]
            self.run, self.source = run(self._paths, self._hits, reason)

    def _record(self, leaves: list[Any]) -> None:
        for leaf in leaves:
            foreign = isinstance(leaf, np.ndarray) and type(leaf) is not np.ndarray
            if foreign or (isinstance(leaf, np.generic | np.ndarray) and leaf.dtype.kind not in "biufc"):
                raise Unsuitable(f"an argument is a {type(leaf).__name__} of {leaf.dtype}")
        first = not self._paths
        recorded, captures = self._recording(leaves)
        if first and any(argument.form == "number" for argument in self._arguments) and _has_few_digits(recorded):
            self._arguments = [_fixed(a, leaf) for a, leaf in zip(self._arguments, leaves, strict=True)]
            recorded, captures = self._recording(leaves)
        if first:
            self._constants = self._checked(recorded, leaves)
            self._constants += [(array, array.copy()) for array in captures.contents]
            self._captures = captures
            captures.release()
        self._misses += 1
        if self._misses > MOST_MISSES and self._misses > sum(self._hits):
            raise Unsuitable("nearly every call takes a path of its own")
        outcomes = frozen([guard.outcome for guard in recorded.program.guards])
        if any(path.outcomes == outcomes for path in self._paths):
            return  # a rounding of `math` has made a condition go another way than here
        if len(self._paths) >= MOST_PATHS:
            coldest = min(range(len(self._hits)), key=self._hits.__getitem__)
            del self._paths[coldest], self._hits[coldest]
            self._hits = [hits // 2 for hits in self._hits]
        self._paths.append(Path(optimised(recorded.program), recorded.rebuild, outcomes))
        self._hits = [*self._hits, 0]
        self._compile()

    def _recording(self, leaves: Sequence[Any], line: int = -1) -> tuple[Any, Captures]:
        """The recording of the call, or the user's line where it makes the operation with this number."""
        pairs = list(zip(self._arguments, leaves, strict=True))
        still = [leaf for argument, leaf in pairs if argument.form == "same"]
        captures = Captures(self.f, still)
        inputs = [(argument.name, _as_numpy(argument, leaf)) for argument, leaf in pairs if argument.form != "same"]
        count = len(inputs)
        inputs += [(place.key if isinstance(place.key, str) else place.name, array) for place, array in captures.arrays]
        copies: Copies | None = None

        def call(staged: Sequence[Any]) -> Any:
            nonlocal copies
            function, others, copies = captures.with_staged(still, staged[count:])
            by_form = {True: iter(others), False: iter(staged[:count])}
            every = [next(by_form[argument.form == "same"]) for argument in self._arguments]
            args, kwargs = (every, {}) if self.structure is None else self.structure.unflatten(every)
            return call_function(function, args, kwargs)

        found = record(call, self._name, inputs, line)
        changed = captures.changed() or (copies and copies.changed())
        if changed:
            raise ImpurityError(
                f"{name_of(self.f)}, called{at_user_line()} under cr.jit, changes {changed}, which it did not make "
                "itself; a replayed function would not. Return the new value instead, or leave jit out."
            )
        return found, captures

    def _checked(self, recorded: Recording, leaves: Sequence[Any]) -> list[tuple[Any, Any]]:
        """The arrays of unknown origin that the program holds; raises ImpurityError where a second run differs.

        An array that both runs met is kept somewhere outside the function, so it may change; its copy tells.
        """
        again, _ = self._recording(leaves)
        if not _alike(again.program, recorded.program):
            raise ImpurityError(self._impurity(recorded, again, leaves))
        met = {id(array) for array, _ in again.constants}
        return [
            (array, copy)
            for array, copy in recorded.constants
            if id(array) in met and (array.flags.writeable or array.base is not None)
        ]

    def _impurity(self, one: Recording, other: Recording, leaves: Sequence[Any]) -> str:
        pairs = enumerate(zip(one.program.operations, other.program.operations, strict=False))
        number = next((k for k, (a, b) in pairs if not _alike_operations(a, b)), None)
        if number is None:
            number = min(len(one.program.operations), len(other.program.operations))
        place = self._recording(leaves, number)[0] if number < len(one.program.operations) else ""
        return (
            f"{name_of(self.f)} computes something else at each run{place}: it uses a random number, a clock or a "
            "counter, which cr.jit would freeze. Draw such values outside and pass them as arguments, or leave jit out."
        )


def _alike(one: Program, other: Program) -> bool:
    """Whether two recordings of a call compute the same; `==` of programs takes five times as long."""
    return (
        len(one.operations) == len(other.operations)
        and all(map(_alike_operations, one.operations, other.operations))
        and one.guards == other.guards
        and _content(one.result) == _content(other.result)
    )


def _alike_operations(one: Operation, other: Operation) -> bool:
    alike = one.function is other.function and len(one.args) == len(other.args)
    if not (alike and one.shape == other.shape and one.dtype == other.dtype):
        return False
    for a, b in zip(one.args, other.args, strict=True):
        if not (a.number == b.number if type(a) is type(b) is Reference else _content(a) == _content(b)):
            return False
    return not (one.kwargs or other.kwargs) or _content(one.kwargs) == _content(other.kwargs)


def _content(value: Any) -> Hashable:
    return frozen(value, math.inf)


def _labels(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], structure: Any) -> list[str]:
    """A name for each leaf of a call."""
    called = parameter_names(f, len(args)) + ["more"] * len(args)
    if structure is None:
        return called[: len(args)]
    given = [*zip(args, called, strict=False), *((kwargs[name], name) for name in sorted(kwargs))]
    found = []
    for argument, name in given:
        labels, count = names(argument, name), len(structured(argument)[0])
        found += labels if len(labels) == count else [f"{name}[{k}]" for k in range(count)]
    return found


def _described(name: str, leaf: Any) -> Argument:
    """What other values of a leaf the same program is for."""
    kind = type(leaf)
    if kind is float or kind is np.float64:
        return Argument(name, "number", leaf)
    if kind is complex or kind is np.complex128:
        return Argument(name, "complex", leaf)
    if kind is np.ndarray:
        return Argument(name, "array", Layout.of(leaf))
    if isinstance(leaf, np.generic | np.ndarray):
        return Argument(name, "type", leaf)
    return Argument(name, "same", leaf)


def _fixed(argument: Argument, leaf: Any) -> Argument:
    """Python's float as a thing of its own: beside float32 it is no float64."""
    if type(leaf) in (float, complex):
        return Argument(argument.name, "same", leaf)
    return Argument(argument.name, "type", leaf) if argument.form in ("number", "complex") else argument


def _as_numpy(argument: Argument, leaf: Any) -> Any:
    return {"number": np.float64, "complex": np.complex128}[argument.form](leaf) if argument.form in _PYTHONS else leaf


_PYTHONS = ("number", "complex")


def _has_few_digits(recorded: Recording) -> bool:
    """Whether a number of another precision than Python's occurs."""
    kinds: list[Any] = [*recorded.program.inputs, *recorded.program.operations]
    dtypes = {kind.dtype for kind in kinds if kind.dtype is not None and kind.dtype.kind in "fc"}
    return bool(dtypes - {np.dtype(np.float64), np.dtype(np.complex128)})
