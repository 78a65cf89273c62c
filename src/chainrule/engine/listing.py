"""A program as readable NumPy: Python source that, pasted, computes the same."""

from __future__ import annotations

import importlib
import keyword
import operator
from typing import Any, Protocol

import numpy as np

from chainrule.engine.containers import flatten
from chainrule.engine.operations import Guard, Input, Operation, Reference, is_long


class Listed(Protocol):
    """What is listed: a program."""

    @property
    def name(self) -> str: ...
    @property
    def inputs(self) -> tuple[Input, ...]: ...
    @property
    def operations(self) -> tuple[Operation, ...]: ...
    @property
    def guards(self) -> tuple[Guard, ...]: ...
    @property
    def result(self) -> Any: ...


INFIX = {
    np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.floor_divide: "//", np.remainder: "%",
    np.power: "**", np.matmul: "@", np.less: "<", np.less_equal: "<=", np.greater: ">", np.greater_equal: ">=",
    np.equal: "==", np.not_equal: "!=", np.bitwise_and: "&", np.bitwise_or: "|", np.bitwise_xor: "^",
}  # fmt: skip
PREFIX = {np.negative: "-", np.positive: "+", np.invert: "~"}
MOST_ENTRIES = 24  # of an array that is written out


class Writer:
    """Writes operations and values as Python in NumPy's terms.

    `names` are those of the values so far, by their numbers; `constants` has what is too large to be written, by its
    names, and `imports` what the text needs.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.constants: dict[str, Any] = {}
        self.imports: dict[str, None] = {"import numpy as np": None}
        self._named: dict[int, str] = {}

    def call(self, operation: Operation) -> str:
        function, args = operation.function, operation.args
        if not operation.kwargs:
            if function in INFIX and len(args) == 2:
                written = f"{self._operand(args[0])} {INFIX[function]} {self._operand(args[1])}"
                return f"({written})[()]" if operation.number else written
            if function in PREFIX and len(args) == 1:
                return f"{PREFIX[function]}{self._operand(args[0])}"
            if function is operator.getitem:
                return f"{self._operand(args[0])}[{self._index(args[1])}]"
        given = [self.value(argument) for argument in args]
        given += [f"{name}={self.value(value)}" for name, value in operation.kwargs.items()]
        return f"{self._function(function)}({', '.join(given)}){'[()]' * operation.number}"

    def _function(self, function: Any) -> str:
        """The name by which pasted code finds a function; a function that has none is a constant."""
        name = getattr(function, "__name__", "")
        ufunc = getattr(function, "__self__", None)
        if isinstance(ufunc, np.ufunc):  # a method of a ufunc: np.add.reduce
            return f"{self._function(ufunc)}.{name}"
        if isinstance(function, np.ufunc) and getattr(np, name, None) is function:
            return f"np.{name}"
        module = getattr(function, "__module__", None) or ("scipy.special" if isinstance(function, np.ufunc) else "")
        if module.partition(".")[0] == "numpy" and _found(module, name) is function:
            return f"np{module.removeprefix('numpy')}.{name}"
        if module and module != "__main__" and name.isidentifier() and _found(module, name) is function:
            self.imports[f"import {module}"] = None
            return f"{module}.{name}"
        return self.constant(function)

    def constant(self, value: Any) -> str:
        name = self._named.get(id(value))
        if name is None:
            name = self._named[id(value)] = f"c{len(self.constants) + 1}"
            self.constants[name] = value
        return name

    def _operand(self, value: Any) -> str:
        written: str = self.value(value)
        return f"({written})" if written.startswith("-") else written

    def _index(self, index: Any) -> str:
        if type(index) is tuple and index:
            return ", ".join(map(self._index, index)) + ("," if len(index) == 1 else "")
        if type(index) is slice:
            parts = ["" if part is None else self.value(part) for part in (index.start, index.stop, index.step)]
            return ":".join(parts[: 3 if parts[2] else 2])
        return self.value(index)

    def value(self, value: Any) -> str:
        kind = type(value)
        if isinstance(value, Reference):
            return self.names[value.number]
        if kind is list:
            return f"[{', '.join(map(self.value, value))}]"
        if kind is tuple:
            return f"({', '.join(map(self.value, value))}{',' if len(value) == 1 else ''})"
        if kind is dict:
            return f"{{{', '.join(f'{key!r}: {self.value(item)}' for key, item in value.items())}}}"
        if kind is slice:
            return f"slice({', '.join(map(self.value, (value.start, value.stop, value.step)))})"
        if value is ...:
            return "..."
        if isinstance(value, int | str | None):
            return repr(value)
        if kind is float:
            return _number(value)
        if kind is complex:
            return f"complex({_number(value.real)}, {_number(value.imag)})"
        if isinstance(value, np.dtype):
            return f'np.dtype("{value.str}")'
        if isinstance(value, type) and issubclass(value, np.generic):
            return f"np.{value.__name__}"
        if isinstance(value, np.generic) and value.dtype.kind in "biufc":
            item = value.item()
            if is_long(value.dtype):
                return self.constant(value)
            return f"np.{value.dtype.name if kind is not np.bool else 'bool'}({self.value(item)})"
        if kind is np.ndarray:
            short = value.size <= MOST_ENTRIES and value.dtype.kind in "biufc" and not is_long(value.dtype)
            return self.array(value) if short else self.constant(value)
        if kind is range:
            return repr(value)
        return self._container(value)

    def array(self, value: Any) -> str:
        entries = self.value(value.tolist())
        shaped = f".reshape({value.shape})" if not value.size and value.ndim > 1 else ""
        return f'np.array({entries}, "{value.dtype.name}"){shaped}'

    def _container(self, value: Any) -> str:
        """A container of another kind (a named tuple, a dataclass) is put together by its class."""
        leaves, rebuild = flatten(value)
        if len(leaves) == 1 and leaves[0] is value:
            return self.constant(value)
        if not any(type(leaf) is Reference for leaf in leaves):
            return self.constant(value)
        return f"{self.constant(rebuild)}({self.value(list(leaves))})"


class Listing(Writer):
    """The source of a program, and the constants that are too large to be written in it.

    `constants` has them by their names; the source takes them from a dict of that name.
    """

    def __init__(self, program: Listed) -> None:
        super().__init__()
        taken: set[str] = set()
        self.names = [identifier(given.name, taken) for given in program.inputs]
        parameters = list(self.names)
        letter = next(letter for letter in ("v", "t", "u", "value_") if not any(_starts(n, letter) for n in taken))
        lines: list[str] = []
        guards = list(program.guards)
        for operation in program.operations:
            number = len(self.names)
            while guards and guards[0].before == number:
                lines += self._guard(guards.pop(0))
            name = f"{letter}{number - len(parameters) + 1}"
            lines.append(f"{name} = {self.call(operation)}")
            self.names.append(name)
        for guard in guards:
            lines += self._guard(guard)
        lines.append(f"return {self.value(program.result)}")
        loads = [f'{name} = constants["{name}"]' for name in self.constants]
        head = f"def {program.name}({', '.join(parameters)}):"
        body = "\n".join(f"    {line}" for line in lines)
        above = "\n".join([*self.imports, *([""] if loads else []), *loads])
        self.text = f"{above}\n\n{head}\n{body}"

    def _guard(self, guard: Guard) -> list[str]:
        value = self.names[guard.of.number]
        if guard.question is bool:
            return [f"assert {value if guard.outcome else f'not {value}'}, \"another path\""]
        if guard.question in (np.asarray, np.array):
            return [f'assert np.array_equal({value}, {self.value(guard.outcome)}), "another path"']
        asked = {np.shape: "np.shape", float: "float", complex: "complex"}.get(guard.question, "int")
        return [f'assert {asked}({value}) == {self.value(guard.outcome)}, "another path"']


def _number(value: float) -> str:
    if value != value:
        return "np.nan"
    if value in (np.inf, -np.inf):
        return "np.inf" if value > 0 else "-np.inf"
    return repr(value)


def _found(module: str, name: str) -> Any:
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None


def identifier(name: str, taken: set[str]) -> str:
    """`params_w1` for `params['w1']`: a name that Python takes, and that no other input has."""
    letters = "".join(letter if letter.isalnum() else "_" for letter in name.replace("']", "").replace("]", ""))
    base = letters.replace("['", "_").replace("__", "_").strip("_") or "x"
    if not base.isidentifier() or keyword.iskeyword(base):
        base = f"x_{base}"
    found, count = base, 1
    while found in taken or found in ("np", "constants"):
        count += 1
        found = f"{base}_{count}"
    taken.add(found)
    return found


def _starts(name: str, letter: str) -> bool:
    return name.startswith(letter) and name[len(letter) :].isdecimal()

