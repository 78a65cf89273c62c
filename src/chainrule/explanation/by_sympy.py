"""Let SymPy simplify a formula, where it is installed, and believe it only where the values agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.errors import ChainruleError
from chainrule.formula.expression import (
    Call,
    Constant,
    Expression,
    Symbol,
    evaluate,
    free_symbols,
    postorder,
    substitute,
)
from chainrule.formula.formula import Formula
from chainrule.formula.parser import parse_expression


def sympy_simplified(root: Expression) -> Formula | None:
    """`root` as SymPy simplifies it; None where SymPy does not know a function of it or changes its values.

    Raises ImportError where SymPy is not installed.

    >>> from chainrule.formula.expression import symbols
    >>> (x,) = symbols("x")
    >>> sympy_simplified(np.sin(x) ** 2 + np.cos(x) ** 2)
    Formula('1')
    """
    import sympy  # late: optional, and half a second to start

    names = free_symbols(root)
    places = {name: sympy.Symbol(f"s{i}", real=True) for i, name in enumerate(names)}
    known = _functions(sympy)
    made: dict[Expression, Any] = {}
    for node in postorder(root):
        if isinstance(node, Symbol):
            made[node] = places[node.name]
        elif isinstance(node, Constant):
            made[node] = _number(node, sympy)
        elif isinstance(node, Call) and node.function in known:
            made[node] = known[node.function](*(made[argument] for argument in node.arguments))
        else:
            return None
    simpler = sympy.simplify(made[root])
    try:
        found = _named(parse_expression(str(simpler)), {f"s{i}": name for i, name in enumerate(names)})
    except ChainruleError:  # a function of SymPy's that formulas do not have
        return None
    return Formula(found) if _agree(root, found) else None


def _functions(sympy: Any) -> Mapping[Callable[..., Any], Callable[..., Any]]:
    same = ["sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "cbrt", "exp", "log", "sign"]
    other = {
        "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh",
        "arccosh": "acosh",
        "arctanh": "atanh", "absolute": "Abs", "add": "Add", "multiply": "Mul", "power": "Pow",
        "floor": "floor",
        "ceil": "ceiling", "maximum": "Max", "minimum": "Min",
    }  # fmt: skip
    known = {
        getattr(np, name): getattr(sympy, theirs) for name, theirs in ({name: name for name in same} | other).items()
    }
    known |= {
        np.subtract: lambda a, b: a - b,
        np.divide: lambda a, b: a / b,
        np.negative: lambda a: -a,
        np.positive: lambda a: a,
        np.square: lambda a: a**2,
        np.reciprocal: lambda a: 1 / a,
        np.exp2: lambda a: sympy.Integer(2) ** a,
        np.expm1: lambda a: sympy.exp(a) - 1,
        np.log1p: lambda a: sympy.log(1 + a),
        np.log2: lambda a: sympy.log(a) / sympy.log(2),
        np.log10: lambda a: sympy.log(a) / sympy.log(10),
        np.hypot: lambda a, b: sympy.sqrt(a**2 + b**2),
    }
    return known


def _number(constant: Constant, sympy: Any) -> Any:
    if constant.name in ("pi", "e"):
        return sympy.pi if constant.name == "pi" else sympy.E
    value = constant.value
    return sympy.Integer(int(value)) if float(value).is_integer() else sympy.nsimplify(value, rational=True)


def _named(root: Expression, names: Mapping[str, str]) -> Expression:
    return substitute(root, {place: Symbol(name) for place, name in names.items()})


def _agree(one: Expression, two: Expression) -> bool:
    """Whether two formulas have the same values at points drawn at random, where the first is finite."""
    random = np.random.default_rng(20)
    names = free_symbols(one)
    values = {
        name: np.concatenate([random.uniform(0.1, 0.9, 20), random.uniform(-3, 3, 20), random.uniform(1, 4, 20)])
        for name in names
    }
    for drawn in values.values():
        random.shuffle(drawn)
    with np.errstate(all="ignore"):
        expected, found = (np.broadcast_to(np.asarray(evaluate(e, values), float), (60,)) for e in (one, two))
    known = np.isfinite(expected)
    return bool(known.any() and np.allclose(expected[known], found[known], rtol=1e-9))
