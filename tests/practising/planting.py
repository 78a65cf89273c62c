"""Wrong derivatives, made apart from chainrule: Python's syntax tree, differentiated into text with one mistake in it.

The rules are written out once more, right and wrong, so that what the package finds is compared with something that
shares nothing with it but the text of a formula.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

SLOPES = {
    "sin": "cos({u})",
    "cos": "(-sin({u}))",
    "tan": "(1/cos({u})^2)",
    "exp": "exp({u})",
    "log": "(1/({u}))",
    "sqrt": "(1/(2*sqrt({u})))",
    "cbrt": "(1/(3*cbrt({u})^2))",
    "arcsin": "(1/sqrt(1-({u})^2))",
    "arccos": "(-1/sqrt(1-({u})^2))",
    "arctan": "(1/(1+({u})^2))",
    "log2": "(1/(({u})*ln(2)))",
    "log10": "(1/(({u})*ln(10)))",
    "sinh": "cosh({u})",
    "cosh": "sinh({u})",
    "tanh": "(1/cosh({u})^2)",
}
WRONG_SLOPES = {
    ("sign of sine", "sin"): "(-cos({u}))",
    ("sign of cosine", "cos"): "sin({u})",
    ("sine and cosine exchanged", "sin"): "sin({u})",
    ("sine and cosine exchanged", "cos"): "cos({u})",
    ("cosine not squared", "tan"): "(1/cos({u}))",
    ("function and inverse confused", "tan"): "(1/(1+({u})^2))",
    ("half forgotten", "sqrt"): "(1/sqrt({u}))",
    ("root not in the denominator", "sqrt"): "(sqrt({u})/2)",
    ("inverse functions confused", "arcsin"): "(1/(1+({u})^2))",
    ("inverse functions confused", "arccos"): "(1/sqrt(1-({u})^2))",
    ("inverse functions confused", "arctan"): "(1/sqrt(1-({u})^2))",
    ("function and inverse confused", "arctan"): "(1/cos({u})^2)",
    ("sign under an inverse function", "arcsin"): "(1/sqrt(1+({u})^2))",
    ("sign under an inverse function", "arctan"): "(1/(1-({u})^2))",
    ("ln a forgotten", "log2"): "(1/({u}))",
    ("ln a forgotten", "log10"): "(1/({u}))",
    ("sign of a hyperbolic function", "cosh"): "(-sinh({u}))",
}
_THE_SAME = {  # of these functions, mistakes that are others by another name
    "sin": {"outer function kept"},
    "cos": {"outer function kept"},
    "exp": {"inner derivative put inside", "outer function kept"},
    "sinh": {"outer function kept"},
    "cosh": {"outer function kept"},
}
_PYTHON = {"ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan"}


@dataclass(frozen=True)
class Planted:
    """A mistake that can be made: which, and at which node of the tree."""

    kind: str
    node: int


class Tree:
    """A formula in Python's notation, x the variable."""

    def __init__(self, python: str) -> None:
        self.root = ast.parse(python, mode="eval").body
        self.places = list(ast.walk(self.root))
        self._inner = {part for node in self.places for part in _linear_parts(node)}

    def slope(self, planted: Planted | None = None) -> str:
        """The derivative as text, with a mistake planted in it if one is given."""
        return self._slope(self.root, planted)

    def mistakes(self) -> Iterator[Planted]:
        """Every mistake that can be made in it."""
        for number, node in enumerate(self.places):
            if isinstance(node, ast.expr) and self._moves(node):
                for kind in self._kinds(node):
                    yield Planted(kind, number)

    def _moves(self, node: ast.AST) -> bool:
        return any(isinstance(each, ast.Name) and each.id == "x" for each in ast.walk(node))

    def _kinds(self, node: ast.expr) -> list[str]:
        found: list[str] = []
        if isinstance(node, ast.Call):
            name, inner = node.func.id, node.args[0]  # type: ignore[attr-defined]
            found += [kind for kind, function in WRONG_SLOPES if function == name]
            found += [kind for kind in self._of_chain(inner) if kind not in _THE_SAME.get(name, ())]
            if name == "log" and not _is_x(inner):
                found.append("1/x for the logarithm of a function")
            if name == "exp":
                found.append("power rule on an exponential")
        elif isinstance(node, ast.BinOp):
            left, right = self._moves(node.left), self._moves(node.right)
            both = left and right
            match node.op:
                case ast.Add() | ast.Sub():
                    found += ["sign in a sum", "term lost"] if both else ["constant kept"]
                case ast.Mult():
                    found += (
                        ["product of derivatives", "half of the product rule", "sign in the product rule"]
                        if both
                        else ["constant factor dropped"]
                        if node not in self._inner
                        else []
                    )
                case ast.Div() if right:
                    found += (
                        [
                            "order in the quotient rule",
                            "sign in the quotient rule",
                            "denominator not squared",
                            "quotient of derivatives",
                            "denominator lost",
                        ]
                        if left
                        else ["sign of reciprocal"]
                    )
                case ast.Pow() if both:
                    found += ["power rule alone", "exponential rule alone"]
                case ast.Pow() if left:
                    found += [
                        "power not reduced",
                        "exponent not a factor",
                        "exponent raised",
                        "exponential rule on a power",
                    ]
                    found += self._of_chain(node.left)
                case ast.Pow():
                    found += ["power rule on an exponential", "ln a forgotten"]
                    found += [kind for kind in self._of_chain(node.right) if kind != "outer function kept"]
        return found

    def _of_chain(self, inner: ast.expr) -> list[str]:
        if _is_x(inner):
            return []
        return [
            "inner forgotten",
            "inner forgotten",
            "inner forgotten",
            "chain rule twice",
            "function of the inner derivative",
            "inner derivative put inside",
            "inner derivative alone",
            "outer function kept",
        ]

    def _slope(self, node: ast.expr, planted: Planted | None) -> str:
        kind = planted.kind if planted and self.places[planted.node] is node else ""
        if not self._moves(node):
            return "0"
        if isinstance(node, ast.Name):
            return "1"
        if isinstance(node, ast.UnaryOp):
            return f"(-({self._slope(node.operand, planted)}))"
        if isinstance(node, ast.Call):
            return self._of_call(node, kind, planted)
        assert isinstance(node, ast.BinOp)
        u, v = _text(node.left), _text(node.right)
        du, dv = self._slope(node.left, planted), self._slope(node.right, planted)
        match node.op:
            case ast.Add() | ast.Sub():
                return self._of_sum(node, u, v, du, dv, kind)
            case ast.Mult():
                if du == "0" or dv == "0":
                    factor, rate = (u, dv) if du == "0" else (v, du)
                    return rate if kind else f"({factor})*({rate})"
                return {
                    "": f"(({du})*({v}) + ({u})*({dv}))",
                    "product of derivatives": f"({du})*({dv})",
                    "half of the product rule": f"({du})*({v})",
                    "sign in the product rule": f"(({du})*({v}) - ({u})*({dv}))",
                }[kind]
            case ast.Div():
                if dv == "0":
                    return f"({du})/({v})"
                if du == "0":
                    return f"(({'' if kind else '-'}({u})*({dv}))/({v})^2)"
                top = f"(({du})*({v}) - ({u})*({dv}))"
                return {
                    "": f"({top}/({v})^2)",
                    "order in the quotient rule": f"((({u})*({dv}) - ({du})*({v}))/({v})^2)",
                    "sign in the quotient rule": f"((({du})*({v}) + ({u})*({dv}))/({v})^2)",
                    "denominator not squared": f"({top}/({v}))",
                    "quotient of derivatives": f"(({du})/({dv}))",
                    "denominator lost": top,
                }[kind]
        return self._of_power(u, v, du, dv, kind)

    def _of_sum(self, node: ast.BinOp, u: str, v: str, du: str, dv: str, kind: str) -> str:
        sign, other = ("+", "-") if isinstance(node.op, ast.Add) else ("-", "+")
        if kind == "constant kept":
            return f"(({du if du != '0' else u}) {sign} ({dv if dv != '0' else v}))"
        if kind == "term lost":
            return du
        return f"(({du}) {other if kind else sign} ({dv}))"

    def _of_power(self, u: str, v: str, du: str, dv: str, kind: str) -> str:
        if du != "0" and dv != "0":
            power, exponential = f"({v})*({u})^(({v})-1)*({du})", f"({u})^({v})*ln({u})*({dv})"
            return {"": f"({power} + {exponential})", "power rule alone": power, "exponential rule alone": exponential}[
                kind
            ]
        if dv == "0":
            reduced = f"({v})*({u})^(({v})-1)"
            return (
                self._chained(reduced, u, du, kind, f"({{}})^({v})", f"({v})*({{}})^(({v})-1)")
                or {
                    "": f"{reduced}*({du})",
                    "power not reduced": f"({v})*({u})^({v})*({du})",
                    "exponent not a factor": f"({u})^(({v})-1)*({du})",
                    "exponent raised": f"({v})*({u})^(({v})+1)*({du})",
                    "exponential rule on a power": f"({u})^({v})*ln({u})*({du})",
                }[kind]
            )
        whole = f"({u})^({v})*ln({u})"
        return (
            self._chained(whole, v, dv, kind, f"({u})^({{}})", f"({u})^({{}})*ln({u})")
            or {
                "": f"{whole}*({dv})",
                "power rule on an exponential": f"({v})*({u})^(({v})-1)*({dv})",
                "ln a forgotten": f"({u})^({v})*({dv})",
            }[kind]
        )

    def _of_call(self, node: ast.Call, kind: str, planted: Planted | None) -> str:
        name, inner = node.func.id, node.args[0]  # type: ignore[attr-defined]
        u, du = _text(inner), self._slope(inner, planted)
        if kind == "1/x for the logarithm of a function":
            return "(1/x)"
        if kind == "power rule on an exponential":
            return f"({u})*exp(({u})-1)*({du})"
        outer = WRONG_SLOPES.get((kind, name), SLOPES[name])
        return self._chained(outer.format(u=u), u, du, kind, f"{name}({{}})", SLOPES[name].replace("{u}", "{}")) or (
            f"{outer.format(u=u)}*({du})"
        )

    @staticmethod
    def _chained(slope: str, u: str, du: str, kind: str, function: str, outer: str) -> str | None:
        """What a mistake with the chain rule gives; None for another kind."""
        return {
            "inner forgotten": slope,
            "chain rule twice": f"{slope}*({du})*({du})",
            "function of the inner derivative": function.format(f"({du})"),
            "inner derivative put inside": outer.format(f"({du})"),
            "inner derivative alone": f"({du})",
            "outer function kept": f"{function.format(f'({u})')}*({du})",
        }.get(kind)


def _linear_parts(node: ast.AST) -> Iterator[ast.expr]:
    """The products 3x in the linear argument of a function or a power.

    The factor of sin(3x + 1) is its inner derivative: forgotten, it goes by that name.
    """
    outer = isinstance(node, ast.Call) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow))
    for inner in (node.args if isinstance(node, ast.Call) else (node.left, node.right)) if outer else ():  # type: ignore[attr-defined]
        sides = (
            (inner.left, inner.right)
            if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Add | ast.Sub)
            else ()
        )
        yield inner
        yield from sides


def _is_x(node: ast.expr) -> bool:
    return isinstance(node, ast.Name)


def _text(node: ast.expr) -> str:
    """The node as our own notation: ^ for powers."""
    return ast.unparse(node).replace("**", "^").replace("log(", "ln(")


def value(formula: str, x: float) -> float | None:
    """The value of such a text at x, by Python's `math`; None where it has none."""
    names: dict[str, Any] = {name: getattr(math, _PYTHON.get(name, name), None) for name in (*SLOPES, "ln", "fabs")}
    try:
        found = eval(formula.replace("^", "**"), {"__builtins__": {}}, {**names, "x": x})
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return found if isinstance(found, float | int) and math.isfinite(found) else None


def differs(one: str, two: str) -> bool:
    """Whether two such texts have different values at one of some points."""
    for x in (0.31, 0.83, 1.7, 2.9, -0.43, -1.3, 0.057, 5.3):
        first, second = value(one, x), value(two, x)
        if first is not None and second is not None and abs(first - second) > 1e-6 * (1e-3 + abs(first) + abs(second)):
            return True
    return False


def planted_in(python: str, random: Random) -> tuple[str, str] | None:
    """A kind of mistake and the wrong derivative that it leads to; None where a formula has no room for one."""
    tree = Tree(python)
    right = tree.slope()
    places = sorted(tree.mistakes(), key=lambda place: (place.kind, place.node))
    kinds = sorted({place.kind for place in places})
    for _ in range(20):
        if not kinds:
            return None
        kind = random.choice(kinds)
        place = random.choice([place for place in places if place.kind == kind])
        wrong = tree.slope(place)
        if differs(wrong, right):
            return kind, wrong
    return None
