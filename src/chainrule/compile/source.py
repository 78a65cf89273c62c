"""The Python source that `jit` runs: a check of the arguments, then the programs of all paths as one tree of branches.

Paths share what they compute before their ways part. Where a value was asked for, the source goes on only with an
answer that some program was made for; with another one it returns OTHER_PATH.
"""

from __future__ import annotations

import operator
from collections.abc import Hashable, Sequence
from types import NoneType
from typing import Any, NamedTuple

import numpy as np

from chainrule.compile.captures import Captures, Place
from chainrule.compile.common import frozen
from chainrule.compile.kernels import Kernel, is_available
from chainrule.compile.numbers import NAMES, NumberWriter, is_of_numbers
from chainrule.compile.strength import usual
from chainrule.engine.containers import Rebuild
from chainrule.engine.listing import Writer, identifier
from chainrule.engine.operations import Guard, Operation, Reference
from chainrule.engine.program import Program
from chainrule.rules.shaping import scatter


class Outcome:
    """Why compiled source did not give a result."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


OTHER_ARGUMENTS, OTHER_PATH, CALL, CALL_NUMPY = map(
    Outcome, ("OTHER_ARGUMENTS", "OTHER_PATH", "CALL", "CALL_NUMPY")
)
"""Another signature; a value for which no path is known; the function itself has to be called, with NumPy's numbers."""


class Argument(NamedTuple):
    """One leaf of the arguments: its name, and what its values must be.

    `form` is "number" or "complex" (Python's, or NumPy's with as many digits), "type" or "array", with `like` as an
    example or its layout, or "same": `like` itself.
    """

    name: str
    form: str
    like: Any


class Path(NamedTuple):
    """An optimised program, how the parts of its result are put together (None: it has one), and what Python was told.

    Two recordings of a function with the same outcomes take the same path.
    """

    program: Program
    rebuild: Rebuild | None
    outcomes: Hashable = ()


class Disagreement(Exception):  # noqa: N818 - the caller forgets the older paths
    """Two programs ask different questions after the same answers."""


def compiled(
    name: str,
    arguments: Sequence[Argument],
    captures: Captures | None,
    constants: Sequence[tuple[Any, Any]],
    paths: Sequence[Path],
    hits: list[int],
    reason: str = "",
) -> tuple[Any, str]:
    """The function that runs the paths, and its source. `constants` are arrays that must be the same as their copies.

    Without paths the function tells that the user's function has to be called, for this `reason`.
    """
    numbers = bool(paths) and all(is_of_numbers(path.program) for path in paths)
    writer: _Numbers | _Arrays = _Numbers(hits) if numbers else _Arrays(hits)
    taken = set(_BOUND) | {name}
    called = [identifier(argument.name, taken) for argument in arguments]
    lines = [f"def {name}({', '.join([f'{parameter}=ABSENT' for parameter in called] + ['*more'])}):"]
    tests = ["more", *(writer.test(parameter, argument) for parameter, argument in zip(called, arguments, strict=True))]
    lines += [f"    if {' or '.join(tests)}:", "        return OTHER_ARGUMENTS"]
    inputs = [parameter for parameter, argument in zip(called, arguments, strict=True) if argument.form != "same"]
    if captures is not None:
        read = writer.reading(captures, constants, taken)
        inputs += read.names
        lines += read.lines
    if not paths:
        lines.append(f"    return CALL  # {reason}")
    else:
        used = {reference.number for path in paths for reference in _used(path.program)}
        given = [argument for argument in arguments if argument.form != "same"]
        python = {"number": writer.number, "complex": "np.complex128"}
        numbers_given = enumerate(zip(inputs, given, strict=False))
        made = [(name, python[a.form]) for i, (name, a) in numbers_given if i in used and a.form in python]
        lines += writer.body(paths, inputs, made)
    body = "\n".join(lines)
    space = {**_BOUND, **writer.constants, "ABSENT": _ABSENT, "np": np}
    kernels = [_comment(name, value) for name, value in writer.constants.items() if isinstance(value, Kernel)]
    note = [] if numbers or is_available() or not paths else [_WITHOUT_LLVM]
    source = "\n".join([*writer.imports, *note, *kernels, "", body])
    exec(compile(source, f"<chainrule jit of {name}>", "exec"), space)
    return space[name], source


_WITHOUT_LLVM = "# Without llvmlite, each operation on arrays is a call of NumPy's: pip install chainrule[fast]"


def _comment(name: str, kernel: Kernel) -> str:
    """A kernel as people read it."""
    lines = kernel.text.replace("def kernel(", f"def {name}(").splitlines()
    return "\n".join(["", f"# {name} is machine code for this:", *(f"# {line}".rstrip() for line in lines)])


_ABSENT = object()


def _used(program: Program) -> list[Reference]:
    found = [reference for operation in program.operations for reference in operation.references()]
    return found + [guard.of for guard in program.guards] + [r for r in program.result if type(r) is Reference]


def same(one: Any, other: Any) -> bool:
    """Whether two numbers, texts or arrays are of one type and hold the same, NaN and the signs of zeros included."""
    if type(one) is not type(other):
        return False
    if type(one) is np.ndarray:
        return bool(one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes())
    return isinstance(one, _COMPARED) and frozen(one) == frozen(other)


_COMPARED = (int, float, complex, str, bytes, NoneType, np.generic, np.dtype, range)
"""Things of other types are the same if they are one object."""


_BOUND = {
    **NAMES, "float64": np.float64, "ndarray": np.ndarray, "same": same, "index": operator.index,
    "OTHER_ARGUMENTS": OTHER_ARGUMENTS, "OTHER_PATH": OTHER_PATH, "CALL": CALL,
    "CALL_NUMPY": CALL_NUMPY,
}  # fmt: skip


class _Reading(NamedTuple):
    names: list[str]
    lines: list[str]


class _Cursor:
    """How far a path is written."""

    def __init__(self, path: Path, number: int, inputs: Sequence[str]) -> None:
        self.path = path
        self.number = number
        self.names = list(inputs)
        self.done = 0
        self.guards = iter(path.program.guards)
        self.guard: Guard | None = next(self.guards, None)


class _Tree(Writer):
    """Writes the paths as one function. `hits` counts how often each was taken, where there are several."""

    def __init__(self, hits: list[int]) -> None:
        super().__init__()
        self._hits = hits
        self._by_content: dict[Hashable, str] = {}
        self._lines: list[str] = []
        self._letters: dict[str, str] = {}
        self._letter = "v"

    # ------------------------------------------------------------------ the check of the arguments

    def test(self, name: str, argument: Argument) -> str:
        """The condition under which an argument is another one than that for which the source was made."""
        form, like = argument.form, argument.like
        if form == "number":
            return f"type({name}) is not float and type({name}) is not float64"
        if form == "complex":
            return f"type({name}) is not complex and type({name}) is not np.complex128"
        if form == "array":
            return self._array_test(name, like)
        if form == "type":
            return f"type({name}) is not {self.value(type(like))}"
        fixed = self.constant(like)
        return f"{name} is not {fixed} and not same({name}, {fixed})"

    def _array_test(self, name: str, like: Any) -> str:
        dtype = self.constant(like.dtype)
        return (
            f"type({name}) is not ndarray or {name}.shape != {like.shape} or {name}.strides != {like.strides} or "
            f"({name}.dtype is not {dtype} and {name}.dtype != {dtype})"
        )

    def reading(self, captures: Captures, constants: Sequence[tuple[Any, Any]], taken: set[str]) -> _Reading:
        """What reads the captured arrays, and checks that all else is as it was."""
        tests: dict[str, None] = {}
        for holder, length in captures.lengths:
            tests[f"len({self.constant(holder)}) != {length}"] = None
        for place in captures.absent:
            tests[f"{place.key!r} in {self.constant(place.holder)}"] = None
        for place, value in captures.fixed:
            there, fixed = self._place(place), self.constant(value)
            tests[f"{there} is not {fixed} and not same({there}, {fixed})"] = None
        for array, copy in constants:
            tests[f"not same({self.constant(array)}, {self.constant(copy)})"] = None
        names, loads = [], []
        for place, array in captures.arrays:
            names.append(identifier(place.key if isinstance(place.key, str) else "captured", taken))
            loads += [f"{names[-1]} = {self._place(place)}", f"if {self._array_test(names[-1], array)}:", ANOTHER]
        checks = [f"if {' or '.join(tests)}:", ANOTHER] if tests else []
        lines = [f"        {line}" for line in (*checks, *loads)]
        if lines:
            lines = ["    try:", *lines, "    except (LookupError, ValueError):", "        return OTHER_ARGUMENTS"]
        return _Reading(names, lines)

    def _place(self, place: Place) -> str:
        holder = self.constant(place.holder)
        return f"{holder}.cell_contents" if place.key is None else f"{holder}[{self.value(place.key)}]"

    # ------------------------------------------------------------------ the paths

    def body(self, paths: Sequence[Path], inputs: Sequence[str], made: Sequence[tuple[str, str]]) -> list[str]:
        """The lines that run the paths; `made` are arguments that may be Python's own, and what makes them ours."""
        letters = ("v", "t", "u", "value_")
        self._letter = next(letter for letter in letters if not any(name.startswith(letter) for name in inputs))
        self._lines = [f"        {name} = {kind}({name})" for name, kind in made]
        self._branches([_Cursor(path, k, inputs) for k, path in enumerate(paths)], "        ", set())
        return [self.opening, *self._lines, *self.closing]

    number = "float64"
    opening = '    with np.errstate(all="ignore"):'
    closing: tuple[str, ...] = ()

    def _branches(self, group: list[_Cursor], indent: str, defined: set[str]) -> None:
        """The largest branch follows its condition; the others, each at most half of all, are indented under theirs."""
        while True:
            for cursor in group:
                self._stretch(cursor, indent, defined)
            lead = group[0]
            if lead.guard is None:
                self._end(lead, indent)
                return
            question = lead.guard.question, lead.names[lead.guard.of.number]
            ways: dict[Hashable, tuple[Any, list[_Cursor]]] = {}
            for cursor in group:
                guard = cursor.guard
                if guard is None or (guard.question, cursor.names[guard.of.number]) != question:
                    raise Disagreement
                ways.setdefault(frozen(guard.outcome), (guard.outcome, []))[1].append(cursor)
                cursor.guard = next(cursor.guards, None)
            *smaller, (outcome, group) = sorted(ways.values(), key=lambda way: len(way[1]))
            for other, cursors in smaller:
                self._lines.append(f"{indent}if {self._test(*question, other)}:")
                self._branches(cursors, indent + "    ", set(defined))
            if not (smaller and question[0] is bool):
                negated = f"not {question[1]}" if outcome is True else question[1] if outcome is False else None
                self._lines.append(f"{indent}if {negated or f'not ({self._test(*question, outcome)})'}:")
                self._lines.append(f"{indent}    return OTHER_PATH")

    def _test(self, question: Any, name: str, outcome: Any) -> str:
        if question is bool:
            return name if outcome else f"not {name}"
        if question is np.shape:
            return f"{name}.shape == {outcome}"
        if question is int or question is operator.index:
            return f"{question.__name__}({name}) == {outcome}"
        asked = f"np.asarray({name})" if question in (np.array, np.asarray) else f"{question.__name__}({name})"
        return f"same({asked}, {self.constant(outcome)})"

    def _stretch(self, cursor: _Cursor, indent: str, defined: set[str]) -> None:
        """The operations of a path up to its next guard; what another path has computed already has its name."""
        program = cursor.path.program
        count = len(program.inputs)
        stop = len(program.operations) if cursor.guard is None else cursor.guard.before - count
        self.names = cursor.names
        while cursor.done < stop:
            operation = program.operations[cursor.done]
            text = self.call(operation)
            name = self._letters.setdefault(text, f"{self._letter}{len(self._letters) + 1}")
            if name not in defined:
                defined.add(name)
                self._lines.append(f"{indent}{name} = {text}")
                self.note(name, operation)
            self.names.append(name)
            cursor.done += 1

    def note(self, name: str, operation: Operation) -> None:
        """Remember what kind of value has a name."""

    def _end(self, cursor: _Cursor, indent: str) -> None:
        path, self.names = cursor.path, list(cursor.names)
        references: list[Reference] = []
        for part in path.program.result:
            text = self.part(part, path.program, references)
            self.names.append(text)
            references.append(Reference(len(self.names) - 1))
        if len(self._hits) > 1:
            self._lines.append(f"{indent}{self.constant(self._hits)}[{cursor.number}] += 1")
        tree = references[0] if path.rebuild is None else path.rebuild(references)
        plain = path.rebuild is None or _is_plain(tree)
        written = Writer.value(self, tree) if plain else f"{self.constant(path.rebuild)}({self.value(references)})"
        self._lines.append(f"{indent}return {written}")

    def part(self, part: Any, program: Program, before: list[Reference]) -> str:
        """A part of the result, which shares its memory with nothing else."""
        raise NotImplementedError

    def constant(self, value: Any) -> str:
        """The name of a constant; constants with the same content have one."""
        if not isinstance(value, np.ndarray | np.generic) or value.dtype.kind not in "biufc":
            return super().constant(value)
        content = type(value), value.dtype.str, value.shape, value.strides, value.flags.writeable, value.tobytes()
        if value.size and value.flags.writeable:  # its own place counts
            return super().constant(value)
        return self._by_content.setdefault(content, super().constant(value))


ANOTHER = "    return OTHER_ARGUMENTS"


def _is_plain(tree: Any) -> bool:
    """Whether a result consists of lists, tuples and dicts by text alone."""
    if type(tree) is tuple or type(tree) is list:
        return all(map(_is_plain, tree))
    if type(tree) is dict:
        return all(type(key) is str for key in tree) and all(map(_is_plain, tree.values()))
    return type(tree) is Reference


class _Arrays(_Tree):
    """The dialect of NumPy. Constants are made once."""

    def value(self, value: Any) -> Any:
        if isinstance(value, np.dtype):
            return self.constant(value)
        if isinstance(value, np.generic) and value.dtype.kind in "biufc":
            return self.constant(value)
        return super().value(value)

    def array(self, value: Any) -> str:
        return self.constant(value)

    def call(self, operation: Operation) -> str:
        if operation.function is not usual:
            return super().call(operation)
        condition, other, array = map(self.value, operation.args)
        return f"np.full_like({array}, {other}) if {condition} else {array}"

    def part(self, part: Any, program: Program, before: list[Reference]) -> str:
        if type(part) is not Reference:
            return f"{self.constant(part)}.copy()" if isinstance(part, np.ndarray) else self.value(part)
        name = self.names[part.number]
        count = len(program.inputs)
        origin = _origin(part, program)
        if origin.number < count:
            return f"{name}.copy()" if program.inputs[origin.number].array else name
        operation = program.operations[origin.number - count]
        function, of = operation.function, operation.args[0]
        if function is operator.getitem and type(of) is Reference and of.number >= count:
            maker = program.operations[of.number - count].function
            function = maker if type(maker) is Kernel else function  # one of its results
        is_new = isinstance(function, np.ufunc | Kernel) or function in _NEW or operation.number
        same = [r for r in program.result if type(r) is Reference and _origin(r, program) == origin]
        return name if is_new and (len(same) == 1 or operation.shape == ()) else f"{name}.copy()"


def _origin(reference: Reference, program: Program) -> Reference:
    """The value that shares its memory with this one, because a choice may give it."""
    count = len(program.inputs)
    while reference.number >= count:
        operation = program.operations[reference.number - count]
        if operation.function is not usual:
            break
        reference = operation.args[2]
    return reference


_NEW = {np.where, np.sum, np.mean, np.dot, np.concatenate, np.stack, np.linalg.solve, np.linalg.inv, scatter}
"""Functions whose results never share memory with an operand."""


class _Numbers(NumberWriter, _Tree):
    """The dialect of Python's floats."""

    number = "float"
    opening = "    try:"
    closing = ("    except (ArithmeticError, ValueError):  # NumPy has an infinity or NaN", "        return CALL_NUMPY")

    def __init__(self, hits: list[int]) -> None:
        _Tree.__init__(self, hits)
        self.kinds = {}

    def note(self, name: str, operation: Operation) -> None:
        self.kinds[name] = operation.dtype

    def part(self, part: Any, program: Program, before: list[Reference]) -> str:
        if type(part) is not Reference:
            if isinstance(part, np.ndarray):
                return f"{self.constant(part)}.copy()"
            return self.constant(part) if isinstance(part, np.generic) else Writer.value(self, part)
        name = self.names[part.number]
        return f"np.bool({name})" if self.kinds.get(name) == np.dtype(np.bool) else f"float64({name})"
