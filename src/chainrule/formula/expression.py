"""Formulas as small trees: symbols, constants, and NumPy functions of them.

A symbol takes plain NumPy functions and operators through NumPy's own protocols, so a formula is written the
way any NumPy code is written, and `1 - np.tanh(x)**2` is a tree rather than a number:

    >>> import numpy as np
    >>> from chainrule.formula.expression import symbols
    >>> x, y = symbols("x y")
    >>> 1 - np.tanh(x)**2
    Expression(1 - tanh(x)**2)

Two expressions are equal (`==`) when they are the same tree; a formula's own equation is `np.equal(x, 0)`.
Expressions are immutable and hashable, so a copy is the expression itself; they are pickled as a list of their parts,
with functions by their public names.
"""

from __future__ import annotations

import importlib
import operator
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.errors import TrackingError

Function = Callable[..., Any]


class Expression:
    """A formula: a :class:`Symbol`, a :class:`Constant` or a :class:`Call` of a NumPy function."""

    __slots__ = ()
    __array_priority__ = 1000.0
    written_size: int = 1
    """How many symbols, constants and functions the formula has when it is written out; at most 2⁶⁴."""
    varies: bool = False
    """Whether there is a symbol in it."""
    arguments: tuple[Expression, ...] = ()
    """The operands, in order; empty for a symbol or a constant."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Expression:
        if method != "__call__" or kwargs:
            raise TypeError(
                f"a formula takes plain calls: np.{ufunc.__name__}(…) without {method} or keywords"
            )
        return call(ufunc, *inputs)

    def __array_function__(
        self, function: Function, types: Iterable[type], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Expression:
        if kwargs:
            raise TypeError(f"a formula takes np.{function.__name__}(…) without keywords")
        return call(function, *args)

    def __add__(self, other: Any) -> Expression:
        return call(np.add, self, other)

    def __radd__(self, other: Any) -> Expression:
        return call(np.add, other, self)

    def __sub__(self, other: Any) -> Expression:
        return call(np.subtract, self, other)

    def __rsub__(self, other: Any) -> Expression:
        return call(np.subtract, other, self)

    def __mul__(self, other: Any) -> Expression:
        return call(np.multiply, self, other)

    def __rmul__(self, other: Any) -> Expression:
        return call(np.multiply, other, self)

    def __truediv__(self, other: Any) -> Expression:
        return call(np.divide, self, other)

    def __rtruediv__(self, other: Any) -> Expression:
        return call(np.divide, other, self)

    def __floordiv__(self, other: Any) -> Expression:
        return call(np.floor_divide, self, other)

    def __rfloordiv__(self, other: Any) -> Expression:
        return call(np.floor_divide, other, self)

    def __mod__(self, other: Any) -> Expression:
        return call(np.remainder, self, other)

    def __rmod__(self, other: Any) -> Expression:
        return call(np.remainder, other, self)

    def __pow__(self, other: Any) -> Expression:
        return call(np.power, self, other)

    def __rpow__(self, other: Any) -> Expression:
        return call(np.power, other, self)

    def __neg__(self) -> Expression:
        return call(np.negative, self)

    def __pos__(self) -> Expression:
        return self

    def __abs__(self) -> Expression:
        return call(np.absolute, self)

    def __lt__(self, other: Any) -> Expression:
        return call(np.less, self, other)

    def __le__(self, other: Any) -> Expression:
        return call(np.less_equal, self, other)

    def __gt__(self, other: Any) -> Expression:
        return call(np.greater, self, other)

    def __ge__(self, other: Any) -> Expression:
        return call(np.greater_equal, self, other)

    def __and__(self, other: Any) -> Expression:
        return call(np.logical_and, self, other)

    def __or__(self, other: Any) -> Expression:
        return call(np.logical_or, self, other)

    def __invert__(self) -> Expression:
        return call(np.logical_not, self)

    def __bool__(self) -> bool:
        raise TrackingError(
            f"the truth of the formula {self!r} is not known: its symbols have no values. "
            "Write np.where(condition, a, b) instead of `if`."
        )

    def __float__(self) -> float:
        raise TrackingError(
            f"the formula {self!r} has no number yet: its symbols have no values. "
            "Use NumPy's functions (np.sin) instead of math's, and no float()."
        )

    def __iter__(self) -> Iterator[Any]:
        raise TrackingError(f"the formula {self!r} is a single number and cannot be iterated over.")

    def __copy__(self) -> Expression:
        return self

    def __deepcopy__(self, memo: Any) -> Expression:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _assembled, (_parts(self),)

    def __repr__(self) -> str:
        from chainrule.formula.text import text  # late: the readings stand above the trees they read

        if self.written_size > _SHOWN:
            return f"<Expression of {self.written_size:,} symbols and functions>"
        return f"Expression({text(self, 'python')})"


class Symbol(Expression):
    """A named unknown, such as `x`, or `out` for a function's own value."""

    __slots__ = ("name",)
    name: str
    varies = True

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "name", name)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("expressions are immutable")

    def __eq__(self, other: object) -> bool:
        return type(other) is Symbol and other.name == self.name

    def __hash__(self) -> int:
        return hash(("symbol", self.name))


class Constant(Expression):
    """A number. `name` is set for the famous ones, so that π prints as π: ``Constant(np.pi, "pi")``."""

    __slots__ = ("name", "value")
    value: Any
    name: str | None

    def __init__(self, value: Any, name: str | None = None) -> None:
        object.__setattr__(self, "value", value)
        object.__setattr__(self, "name", name)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("expressions are immutable")

    def __eq__(self, other: object) -> bool:
        if type(other) is not Constant or type(other.value) is not type(self.value):
            return False
        # By digits: 0.0 and −0.0 are different constants (1/x tells them apart), and NaN is NaN.
        return repr(other.value) == repr(self.value)

    def __hash__(self) -> int:
        return hash(("constant", repr(self.value)))


_MOST_SIZE = 2**64
_SHOWN = 10_000  # parts of a formula that are written out: a chain of n parts may have 2ⁿ of them


class Call(Expression):
    """A NumPy function applied to expressions; operators are their ufuncs (`x * y` is `np.multiply`)."""

    __slots__ = ("_hash", "_same", "arguments", "function", "varies", "written_size")
    function: Function
    arguments: tuple[Expression, ...]
    written_size: int
    varies: bool

    def __init__(self, function: Function, arguments: tuple[Expression, ...]) -> None:
        object.__setattr__(self, "function", function)
        object.__setattr__(self, "arguments", arguments)
        object.__setattr__(self, "_hash", hash((function, arguments)))
        object.__setattr__(self, "_same", None)
        size, varies = 1, False
        for argument in arguments:
            size += argument.written_size
            varies = varies or argument.varies
        object.__setattr__(self, "varies", varies)
        object.__setattr__(self, "written_size", min(size, _MOST_SIZE))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("expressions are immutable")

    def __eq__(self, other: object) -> bool:
        if type(other) is not Call or self._hash != other._hash:  # type: ignore[attr-defined]
            return False
        # A stack, not recursion: a sum of thousands of terms is a tree as deep. Pairs are compared once.
        stack: list[tuple[Expression, Expression]] = [(self, other)]
        compared: dict[tuple[int, int], tuple[Call, Call]] = {}
        while stack:
            one, two = stack.pop()
            if one is two or (id(one), id(two)) in compared:
                continue
            if type(one) is not Call or type(two) is not Call:
                if one != two:
                    return False
                continue
            if one._same is not None and one._same is two._same:  # type: ignore[attr-defined]
                continue
            if one._hash != two._hash or one.function != two.function:  # type: ignore[attr-defined]
                return False
            if len(one.arguments) != len(two.arguments):
                return False
            compared[id(one), id(two)] = one, two
            stack.extend(zip(one.arguments, two.arguments, strict=True))
        # What has been found equal is marked with one object: two copies of a formula of n parts that shares them would
        # otherwise be compared part by part again at each of their n levels.
        for first, second in compared.values():
            mark = first._same or second._same or object()  # type: ignore[attr-defined]
            object.__setattr__(first, "_same", mark)
            object.__setattr__(second, "_same", mark)
        return True

    def __hash__(self) -> int:
        return self._hash  # type: ignore[attr-defined, no-any-return]


def symbols(names: str) -> tuple[Any, ...]:
    """One symbol for each name: ``x, y = symbols("x y")``. (Typed Any: NumPy's stubs know no arguments but arrays.)"""
    return tuple(Symbol(name) for name in names.split())


def call(function: Function, *arguments: Any) -> Call:
    """The expression `function(*arguments)`, numbers among the arguments made constants.

    Raises TypeError when an argument is neither a number nor an expression.
    """
    return Call(function, tuple([a if isinstance(a, Expression) else expression(a) for a in arguments]))


def expression(value: Any) -> Expression:
    """`value` as an expression: itself, or the constant that a real number is."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, (bool, int, float, np.bool, np.integer, np.floating)):
        return Constant(value)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return Constant(value[()])
    raise TypeError(f"a formula holds symbols and real numbers, not {type(value).__name__}: {value!r}")


Part = tuple[Any, tuple[int, ...]] | tuple[Any, str | None] | tuple[str]


def _parts(root: Expression) -> list[Part]:
    """Every subexpression of `root` once, each after its arguments, which are named by their places in the list.

    A list needs no recursion: a sum of thousands of terms is a tree as deep.
    """
    places: dict[Expression, int] = {}
    parts: list[Part] = []
    for node in postorder(root):
        places[node] = len(parts)
        if isinstance(node, Call):
            parts.append((_named(node.function), tuple(places[argument] for argument in node.arguments)))
        else:
            parts.append((node.value, node.name) if isinstance(node, Constant) else (node.name,))  # type: ignore[attr-defined]
    return parts


def _named(function: Any) -> Any:
    """A ufunc as its module and its name, for it does not know where it comes from; another function as it is."""
    if isinstance(function, np.ufunc):
        for module in ("numpy", "scipy.special"):
            name = str(function.__name__)
            if getattr(sys.modules.get(module), name, None) is function:
                return module, name
    return function


def _function(named: Any) -> Function:
    """The function that :func:`_named` names."""
    if not isinstance(named, tuple):
        return named  # type: ignore[no-any-return]
    module, name = named
    return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]


def _assembled(parts: list[Part]) -> Expression:
    """The expression that :func:`_parts` took apart."""
    made: list[Expression] = []
    for part in parts:
        if len(part) == 1:
            made.append(Symbol(part[0]))
        elif isinstance(part[1], tuple):
            made.append(Call(_function(part[0]), tuple(made[place] for place in part[1])))
        else:
            made.append(Constant(*part))
    return made[-1]


def free_symbols(root: Expression) -> tuple[str, ...]:
    """The names of the symbols in `root`, each once, in order of first appearance from left to right."""
    names: dict[str, None] = {}
    seen: set[int] = set()  # a shared subexpression is looked at once: a chain of n may be a tree of 2ⁿ
    stack = [root]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Symbol):
            names.setdefault(node.name)
        stack.extend(reversed(node.arguments))
    return tuple(names)


def postorder(root: Expression, known: Container[Expression] = ()) -> list[Expression]:
    """Every different subexpression of `root` once, each after its arguments.

    What is `known` is left out, together with what only it is made of.
    """
    done: dict[Expression, None] = {}
    seen: set[int] = set()  # the objects that have been there: looking them up by what they are takes longer
    stack = [root]
    while stack:
        node = stack.pop()
        arguments = node.arguments
        if not arguments:
            if id(node) not in seen and node not in known:
                seen.add(id(node))
                done[node] = None
        elif id(node) not in seen:  # on the way down: it comes again after its arguments
            if node in done or node in known:
                continue
            seen.add(id(node))
            stack.append(node)
            stack.extend(arguments[::-1])
        else:
            done[node] = None
    return list(done)


def substitute(root: Expression, replacements: Mapping[str, Expression]) -> Expression:
    """`root` with each named symbol replaced, all at once (a replacement is not searched again)."""
    if root.written_size <= _SMALL:
        return _substituted(root, replacements)
    new: dict[Expression, Expression] = {}
    for node in postorder(root):
        if isinstance(node, Symbol):
            new[node] = replacements.get(node.name, node)
        elif isinstance(node, Call):
            arguments = tuple(new[argument] for argument in node.arguments)
            new[node] = node if arguments == node.arguments else Call(node.function, arguments)
        else:
            new[node] = node
    return new[root]


_SMALL = 60
"""A formula with no more symbols, constants and functions is walked by recursion, part by part: no table of what it
shares is needed, whose keys take longer to hash than the parts to compute."""


def _substituted(node: Expression, replacements: Mapping[str, Expression]) -> Expression:
    if isinstance(node, Call):
        arguments = tuple([_substituted(argument, replacements) for argument in node.arguments])
        kept = all(map(operator.is_, arguments, node.arguments))
        return node if kept else Call(node.function, arguments)
    return replacements.get(node.name, node) if isinstance(node, Symbol) else node


def _evaluated(node: Expression, values: Mapping[str, Any]) -> Any:
    if isinstance(node, Call):
        return node.function(*[_evaluated(argument, values) for argument in node.arguments])
    return values[node.name] if isinstance(node, Symbol) else node.value  # type: ignore[attr-defined]


def evaluate(root: Expression, values: Mapping[str, Any]) -> Any:
    """The value of `root` with its symbols replaced by `values` (numbers, arrays, tracked arrays).

    This is the plain reading, one NumPy call per node; :mod:`chainrule.formula.source` compiles for speed.
    Raises KeyError for a symbol without a value.
    """
    if root.written_size <= _SMALL:
        return _evaluated(root, values)
    results: dict[Expression, Any] = {}
    for node in postorder(root):
        if isinstance(node, Symbol):
            results[node] = values[node.name]
        elif isinstance(node, Constant):
            results[node] = node.value
        else:
            assert isinstance(node, Call)
            results[node] = node.function(*(results[argument] for argument in node.arguments))
    return results[root]
