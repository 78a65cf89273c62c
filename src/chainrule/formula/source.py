"""Read expressions as Python source: the code that computes a formula on NumPy scalars or arrays.

Three dialects share everything but conditions. The array dialect evaluates both branches and joins them with
`np.where` (unless the condition is a single truth value: that of a constant exponent, say); the scalar dialect is a
Python conditional, which evaluates only the branch it takes, so it is faster and raises no floating-point warning in
the branch not taken. The static dialect asks no value whether it is true, so its code computes the same formula for
values that are not known yet: those of a program in the making, or of a lazy array. What has no symbols in it is
evaluated once, here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from chainrule.formula.expression import Call, Constant, Expression, Function, Symbol, evaluate, postorder

OPERATORS: dict[Function, str] = {
    np.add: "+",
    np.subtract: "-",
    np.multiply: "*",
    np.divide: "/",
    np.power: "**",
    np.less: "<",
    np.less_equal: "<=",
    np.greater: ">",
    np.greater_equal: ">=",
    np.equal: "==",
    np.not_equal: "!=",
    np.logical_and: "&",
    np.logical_or: "|",
}
OF_NUMBERS = "__chainrule_of_numbers__"
"""The attribute in which a function of ours keeps what it is for plain numbers, without the questions that only arrays
and symbols answer: they cost a scalar kernel 2 µs a call."""

_LAZY = {np.logical_and: "and", np.logical_or: "or"}


class Source:
    """Python statements under construction, and the namespace that they run in.

    `lines` are the statements so far. :meth:`share` gives names to subexpressions that several formulas use;
    :meth:`value` writes one formula. The dialect is that of arrays unless `scalar` or `static` says another one.
    """

    def __init__(self, *, scalar: bool, static: bool = False) -> None:
        self.scalar = scalar
        self.static = static
        self.lines: list[str] = []
        self.namespace: dict[str, Any] = {}
        self._names: dict[Expression, str] = {}

    def share(self, roots: Iterable[Expression]) -> None:
        """Compute every call that appears more than once in `roots` first, under a name of its own.

        A call that only appears inside the branches of a scalar condition stays where it is, unevaluated until needed.
        """
        uses: dict[Expression, int] = {}
        nodes: dict[Expression, None] = {}
        for root in roots:
            uses[root] = uses.get(root, 0) + 1
            reachable = self._unconditional(root) if self.scalar else postorder(root)
            for node in reachable:
                if node not in nodes:
                    nodes[node] = None
                    for argument in self._eager_arguments(node):
                        uses[argument] = uses.get(argument, 0) + 1
        for node in nodes:
            if isinstance(node, Call) and uses.get(node, 0) > 1:
                name = f"t{len(self._names)}"
                self.lines.append(f"{name} = {self.value(node)}")
                self._names[node] = name

    def value(self, root: Expression) -> str:
        """The Python expression that computes `root`."""
        if root in self._names:
            return self._names[root]
        if isinstance(root, Symbol):
            return root.name
        if isinstance(root, Constant):
            return self._literal(root.value)
        assert isinstance(root, Call)
        if not root.varies:
            return self._literal(float(evaluate(root, {})))
        function, arguments = root.function, [self.value(argument) for argument in root.arguments]
        if function is np.where:
            condition, taken, otherwise = arguments
            if self.scalar:
                return f"({taken} if {condition} else {otherwise})"
            if self.static:
                return f"{self.bind(np.where)}({condition}, {taken}, {otherwise})"
            if _is_size(root):
                return f"{self.bind(size)}({otherwise})"
            return f"{self.bind(choose)}({condition}, lambda: {taken}, lambda: {otherwise})"
        if self.scalar and function in _LAZY:
            return f"({arguments[0]} {_LAZY[function]} {arguments[1]})"
        if self.scalar and function is np.logical_not:
            return f"(not {arguments[0]})"
        if function is np.power and root.arguments[1] == Constant(2):
            if arguments[0].isidentifier():
                return f"({arguments[0]} * {arguments[0]})"
            return f"{self.bind(np.square)}({arguments[0]})"
        if function in OPERATORS:
            return f"({arguments[0]} {OPERATORS[function]} {arguments[1]})"
        if function is np.negative:
            return f"(-{arguments[0]})"
        if function is np.absolute:
            return f"abs({arguments[0]})"
        return f"{self.bind(function)}({', '.join(arguments)})"

    def bind(self, function: Function) -> str:
        """A name for `function` in the namespace."""
        if self.scalar:
            function = getattr(function, OF_NUMBERS, function)
        name = getattr(function, "__name__", type(function).__name__)
        if self.namespace.setdefault(name, function) is not function:
            name = f"{name}_{len(self.namespace)}"
            self.namespace[name] = function
        return name

    def function(self, name: str, parameters: Iterable[str]) -> Function:
        """The function `def name(*parameters)` whose body is the lines so far."""
        body = "\n    ".join(self.lines)
        text = f"def {name}({', '.join(parameters)}):\n    {body}\n"
        namespace = dict(self.namespace)
        exec(compile(text, f"<chainrule formula {name}>", "exec"), namespace)
        made: Function = namespace[name]
        made.__doc__ = text
        return made

    def _literal(self, value: Any) -> str:
        if isinstance(value, float) and not math.isfinite(value):
            name = "nan" if math.isnan(value) else "inf"
            # A kernel for numbers may return the constant itself; in arrays it must not widen float32.
            kind = np.float64 if self.scalar else float
            self.namespace["nan"], self.namespace["inf"] = kind(math.nan), kind(math.inf)
            return f"(-{name})" if value == -math.inf else name
        plain = value.item() if isinstance(value, np.generic) else value
        if self.scalar and type(plain) is int:
            plain = float(plain)  # NumPy's scalars meet a float in half the time that they need for an int
        return repr(plain) if plain >= 0 else f"({plain!r})"

    def _eager_arguments(self, node: Expression) -> tuple[Expression, ...]:
        if self.scalar and isinstance(node, Call) and (node.function is np.where or node.function in _LAZY):
            return node.arguments[:1]
        return node.arguments

    def _unconditional(self, root: Expression) -> list[Expression]:
        """The subexpressions that the scalar dialect always computes, each after its arguments."""
        always: set[Expression] = set()
        stack = [root]
        while stack:
            node = stack.pop()
            if node not in always:
                always.add(node)
                stack.extend(self._eager_arguments(node))
        return [node for node in postorder(root) if node in always]


def _is_size(node: Call) -> bool:
    """Whether a choice is `np.where(x < 0, -x, x)`."""
    condition, taken, otherwise = node.arguments
    return condition == Call(np.less, (otherwise, Constant(0))) and taken == Call(np.negative, (otherwise,))


def size(x: Any) -> Any:
    """`np.where(x < 0, -x, x)`; of a plain array by abs, in a quarter of the time."""
    return abs(x) if type(x) is np.ndarray else choose(x < 0, lambda: -x, lambda: x)


def choose(condition: Any, taken: Function, otherwise: Function) -> Any:
    """`np.where` of two branches that are only evaluated when they are needed."""
    if np.ndim(condition) == 0:
        return taken() if condition else otherwise()
    return np.where(condition, taken(), otherwise())
