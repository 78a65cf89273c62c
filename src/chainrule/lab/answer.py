"""Answer a request of the lab's page: a pure function from plain data to plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.drawing.captions import equation, number
from chainrule.drawing.curve import describe
from chainrule.drawing.data import as_data as curve_data
from chainrule.drawing.faults import Message
from chainrule.errors import ChainruleError, DomainError, FormulaError, NoRuleError
from chainrule.explanation import explain
from chainrule.explanation.data import typeset
from chainrule.explanation.derivation import Derivation
from chainrule.explanation.pages import latex
from chainrule.formula.expression import Constant, Expression, postorder, substitute
from chainrule.formula.formula import Formula, parse
from chainrule.formula.mathml import mathml
from chainrule.formula.text import text
from chainrule.formula.textbook import textbook
from chainrule.graphs.building import graph
from chainrule.graphs.data import as_data as graph_data
from chainrule.graphs.graph import Graph
from chainrule.lab.catalogue import catalogue, composed
from chainrule.lab.code import python_code
from chainrule.lab.placing import placed
from chainrule.lab.request import Request, RequestError, finite, read
from chainrule.rules.symbolic import derivative_expression
from chainrule.showing.json_text import allowed
from chainrule.showing.language import Language, Phrase
from chainrule.transforms.gradients import value_and_grad

MOST_SYMBOLS = 400  # of a formula; with all its sharing written out
MOST_WRITTEN = 300  # symbols of a derivative that is set as a formula
MOST_NODES = 80  # of a graph that is drawn

_TOO_LARGE = Phrase(
    "the formula has {count} symbols when it is written out; the lab takes up to {most}.",
    "完全写开的公式有 {count} 个符号，最多 {most} 个。",
)
_NOT_ITS_VARIABLE = Phrase("the formula has no variable {name}.", "公式中没有变量 {name}。")
_ONE_VARIABLE = Phrase(
    "beside {name}, an overlay may use the function's variables only: {others} has no value.",
    "除 {name} 外，叠加的函数只能使用原函数的变量：{others} 没有值。",
)
_NO_NODES = Phrase(
    "the graph has {count} nodes, more than can be followed; up to {most} are shown.",
    "计算图有 {count} 个节点，太多而难以看清；最多显示 {most} 个。",
)


def answer(data: Any) -> dict[str, Any]:
    """The answer to one request, both as plain data of JSON.

    Never raises for what is asked: a request that cannot be answered gives `{"error": …}` with the reason in the
    language asked for, and the column where a formula has its fault. Parts that a function does not have (a formula of
    a step's derivative, say) are None beside a reason.

    >>> made = answer({"formula": "x^2", "wishes": ["point"], "at": 3.0})
    >>> made["point"]["y"], made["point"]["slopes"]
    (9.0, [6.0])
    >>> answer({"formula": "x +", "wishes": ["reading"]})["error"]["column"]
    3
    """
    try:
        request = read(data)
    except RequestError as problem:
        lang = data.get("lang") if isinstance(data, dict) else None
        return {"error": {"reason": problem.reason.say("zh" if lang == "zh" else "en"), "column": None}}
    try:
        return dict(allowed(_answer(request)))
    except RequestError as problem:
        return {"error": {"reason": problem.reason.say(request.lang), "column": None}}
    except FormulaError as problem:
        return {"error": {"reason": problem.reason, "column": problem.column}}
    except ChainruleError as problem:
        return {"error": {"reason": said(problem, request.lang), "column": None}}
    except RecursionError:
        reason = Phrase("the formula is nested too deeply.", "公式嵌套过深。")
        return {"error": {"reason": reason.say(request.lang), "column": None}}


def _answer(request: Request) -> dict[str, Any]:
    asked = _Asked(request)
    makers: dict[str, Callable[[], Any]] = {
        "reading": asked.reading,
        "point": asked.at_point,
        "curve": asked.curve,
        "graph": asked.graph,
        "derivation": asked.derivation,
        "code": asked.code,
        "composed": asked.composed,
        "table": lambda: catalogue(request.lang),
    }
    with np.errstate(all="ignore"):
        return {wish: make() for wish, make in makers.items() if wish in request.wishes}


def limited(typed: str) -> Formula:
    """The formula that is typed, if it is not too large. Raises FormulaError, or RequestError."""
    formula = parse(typed)
    size = formula.expression.written_size
    if size > MOST_SYMBOLS:
        raise RequestError(_TOO_LARGE.filled(count=str(size), most=str(MOST_SYMBOLS)))
    return formula


@dataclass(frozen=True)
class _Asked:
    """A request, with what its parts share."""

    request: Request

    @cached_property
    def formula(self) -> Formula:
        return limited(self.request.formula)

    @cached_property
    def variable(self) -> str:
        """The variable along the axis."""
        typed = self.request.variable
        if typed is None:
            return next((name for name in ("x", "t", *self.formula.variables) if name in self.formula.variables), "x")
        found = self.formula.variable(typed)
        if found is None:
            raise RequestError(_NOT_ITS_VARIABLE.filled(name=typed))
        return found

    @cached_property
    def fixed(self) -> dict[str, float]:
        """The values of the other variables: those given, else 1."""
        given = {self.formula.variable(name) or name: value for name, value in self.request.values.items()}
        return {name: given.get(name, 1.0) for name in self.formula.variables if name != self.variable}

    def along(self, formula: Formula) -> Formula:
        """A formula as a function of the variable along the axis alone."""
        constants = {name: Constant(_whole(value)) for name, value in self.fixed.items()}
        left = [name for name in formula.variables if name not in constants and name != self.variable]
        if left:
            raise RequestError(_ONE_VARIABLE.filled(name=self.variable, others=", ".join(left)))
        return Formula(substitute(formula.expression, constants), parameters=(self.variable,))

    @cached_property
    def line(self) -> Formula:
        return self.along(self.formula)

    @cached_property
    def x(self) -> float:
        """The point: the one asked for, else one where the function has a tangent."""
        at = self.request.at
        return describe(self.line, over=self.request.over).tangent.x if at is None else at

    def reading(self) -> dict[str, Any]:
        """The formula and its derivative as they are set, the variables, and what is said of how it was read."""
        derivatives: list[dict[str, str] | None] = []
        expression: Expression | None = self.formula.expression
        for _ in range(self.request.order):
            expression = None if expression is None else derived(expression, self.variable)
            derivatives.append(None if expression is None else _set(expression))
        return {
            "formula": _set(self.formula.expression),
            "derivatives": derivatives,
            "variable": self.variable,
            "variables": list(self.formula.variables),
            "values": self.fixed,
            "notes": [note.say(self.request.lang) for note in self.formula.notes],
        }

    def at_point(self) -> dict[str, Any]:
        """The value and the derivatives at the point, as :func:`chainrule.grad` computes them."""
        x = np.float64(self.x)
        if not self.line.expression.varies:
            made = _point(float(x), float(self.line(0.0)), [0.0] * self.request.order, self.variable)
            return {**made, "secants": secants(self.line, float(x), float(self.line(0.0)))}
        function: Callable[..., Any] = self.line
        value, slope = value_and_grad(function)(x)
        slopes = [float(slope)]
        expression: Expression | None = self.line.expression
        for _ in range(1, self.request.order):
            expression = None if expression is None else derived(expression, self.variable)
            slopes.append(np.nan if expression is None else self.slope(expression, x))
        made = _point(float(x), float(value), slopes, self.variable)
        return {**made, "secants": secants(self.line, float(x), float(value))}

    def slope(self, expression: Expression, x: Any) -> float:
        """The derivative of a formula of the variable along the axis at a number."""
        if not expression.varies:
            return 0.0
        return float(value_and_grad(Formula(expression, parameters=(self.variable,)))(x)[1])

    def curve(self) -> dict[str, Any]:
        """The curves of the function, of its derivatives and of the overlays, over one interval."""
        first = self.picture(self.line, self.request.over, self.request.at)
        over = (first["window"][0], first["window"][1])
        overlays = [self.overlay(typed, over) for typed in self.request.overlays]
        return {**first, "overlays": overlays}

    def picture(self, formula: Formula, over: tuple[float, float] | None, at: float | None) -> dict[str, Any]:
        """The picture of a formula; where it has no value at the point, without a tangent, and with the reason."""
        try:
            return _of_page(curve_data(describe(formula, at, over, order=self.request.order)))
        except DomainError as problem:
            reason = said(problem, self.request.lang)
            if at is None:
                return _nothing(self.variable, over or (-5.0, 5.0), self.request.order, reason)
            made = self.picture(formula, over, None)
            if over is None and not made["window"][0] <= at <= made["window"][1]:
                made = self.picture(formula, (at - 5.0, at + 5.0), None)
            return {**made, "tangent": None, "problem": reason}

    def overlay(self, typed: str, over: tuple[float, float]) -> dict[str, Any]:
        """One overlay: its formula and its curves, or its error."""
        try:
            formula = limited(typed)
            made = self.picture(self.along(formula), over, None)
        except FormulaError as problem:
            return {"error": {"reason": problem.reason, "column": problem.column}}
        except RequestError as problem:
            return {"error": {"reason": problem.reason.say(self.request.lang), "column": None}}
        return {"formula": _set(formula.expression), "function": made["function"], "derivative": made["derivative"]}

    @property
    def values(self) -> list[float]:
        """The values of all variables, in the order of the formula's."""
        point = {**self.fixed, self.variable: self.x}
        return [point[name] for name in self.formula.variables]

    @cached_property
    def recorded(self) -> Graph:
        return graph(self.formula, *self.values)

    @cached_property
    def derived(self) -> Derivation:
        return explain(self.formula, *self.values, lang=self.request.lang)

    def graph(self) -> dict[str, Any]:
        """The graph at the point with a place for everything, and the part of the derivation that each node is in."""
        count = len(self.recorded.nodes)
        if count > MOST_NODES:
            problem = _NO_NODES.filled(count=str(count), most=str(MOST_NODES)).say(self.request.lang)
            return {"nodes": [], "edges": [], "outputs": [], "steps": [], "problem": problem}
        return {**graph_data(self.recorded, self.request.lang), **placed(self.recorded), "problem": None}

    def derivation(self) -> dict[str, Any]:
        """The derivation, set; `parts` says for the nodes of the graph which part of it they are in."""
        made = self.derived
        return {"blocks": typeset(made, self.request.lang), "parts": parts_of(self.recorded, made)}

    def composed(self) -> str:
        """The text of the composition of two formulas of x."""
        if self.request.compose is None:
            raise RequestError(Phrase("compose must hold a kind and two formulas.", "compose 必须含有类型和两个公式。"))
        kind, g, h = self.request.compose
        return composed(kind, limited(g).expression, limited(h).expression)

    def code(self) -> dict[str, str]:
        """The function as a Python program, and the derivation in LaTeX."""
        return {
            "python": python_code(self.formula, dict(zip(self.formula.variables, self.values, strict=True))),
            "latex": latex(self.derived, self.request.lang),
        }


def derived(expression: Expression, name: str) -> Expression | None:
    """The derivative as a textbook writes it; None where there is no formula, or none that anybody would read."""
    try:
        made = derivative_expression(expression, name)
    except NoRuleError:
        return None
    return textbook(made) if made.written_size <= 4 * MOST_WRITTEN else None


def parts_of(recorded: Graph, derivation: Derivation) -> dict[str, str]:
    """For each node of a graph, by its id, the name of the derivation's part that computes it.

    A part is the innermost one of which the node's formula is a piece; an input belongs to itself.

    >>> from chainrule.formula.formula import parse
    >>> f = parse("exp(sin(x))")
    >>> sorted(parts_of(graph(f, 1.0), explain(f, 1.0)).items())
    [('0', 'x'), ('1', 'u'), ('2', 'f')]
    """
    whole: dict[str, Expression] = {}
    pieces: list[tuple[str, set[Expression]]] = []
    for part in derivation.parts:
        formula = substitute(part.formula, whole)
        pieces.append((part.name, _pieces(formula)))
        whole[part.name] = formula
    written: dict[str, Expression] = {}
    found: dict[str, str] = {}
    by_place = _by_place(recorded, derivation)
    for node in recorded.topological_order():
        if node.kind == "input":
            found[str(node.id)] = node.symbol
        elif node.formula is not None:
            written[node.symbol] = substitute(node.formula, written)
            inside = next((name for name, held in pieces if written[node.symbol] in held), None)
            found[str(node.id)] = inside or by_place
    for edge in recorded.edges:
        if recorded.node(edge.source).kind == "constant" and str(edge.target) in found:
            found[str(edge.source)] = found[str(edge.target)]
    return found


def _by_place(recorded: Graph, derivation: Derivation) -> str:
    return derivation.parts[-1].name if derivation.parts else derivation.result


def _pieces(formula: Expression) -> set[Expression]:
    return set(postorder(formula))


def _set(expression: Expression) -> dict[str, str]:
    if expression.written_size > MOST_WRITTEN:
        return {"text": "…", "mathml": "<mo>…</mo>"}
    return {"text": text(expression), "mathml": mathml(expression)}


def secants(function: Callable[..., Any], x: float, y: float) -> list[dict[str, Any]]:
    """The secants through (x, y) and the point that lies h to the right, for h that halves from 2 to a millionth."""
    steps = 2.0 ** -np.arange(-1.0, 20.0)
    there = np.broadcast_to(np.asarray(function(x + steps), float), steps.shape)
    slopes = (there - y) / ((x + steps) - x)
    rows = zip(steps.tolist(), there.tolist(), slopes.tolist(), strict=True)
    return [
        {"h": h, "y": finite(height), "slope": finite(slope), "written": [number(h), number(slope)]}
        for h, height, slope in rows
    ]


def _point(x: float, y: float, slopes: list[float], variable: str) -> dict[str, Any]:
    straight = np.isfinite(y) and np.isfinite(slopes[0])
    return {
        "x": x,
        "y": finite(y),
        "slopes": [finite(slope) for slope in slopes],
        "equation": equation(x, y, slopes[0], variable) if straight else None,
        "written": {"x": number(x), "y": number(y), "slopes": [number(slope) for slope in slopes]},
    }


def said(problem: ChainruleError, lang: Language) -> str:
    """What an error says, in a language if it has several."""
    message = problem.args[0] if problem.args else None
    return message.said(lang) if isinstance(message, Message) else str(problem)


def _of_page(picture: dict[str, Any]) -> dict[str, Any]:
    """Of a picture's data what the page shows; coordinates have six digits, which no screen can tell from all."""
    function, derivative, *higher = [
        {**curve, "branches": [{axis: _rounded(branch[axis]) for axis in ("x", "y")} for branch in curve["branches"]]}
        for curve in picture["curves"]
    ]
    names = ("variable", "window", "borders", "undefined", "dense", "tangent", "reason")
    kept = {name: picture[name] for name in names}
    return {**kept, "function": function, "derivative": derivative, "higher": higher, "problem": None}


def _rounded(numbers: list[float]) -> list[float]:
    return [float(f"{number:.7g}") for number in numbers]


def _nothing(variable: str, over: tuple[float, float], order: int, problem: str) -> dict[str, Any]:
    """The picture of a function that has no value in the interval."""
    empty: dict[str, Any] = {"branches": [], "marks": [], "poles": [], "levels": [], "view": [-1.0, 1.0], "bands": []}
    return {
        "variable": variable, "window": list(over), "function": empty, "derivative": empty,
        "higher": [empty] * (order - 1), "borders": [], "undefined": [list(over)], "dense": [], "tangent": None,
        "reason": None, "problem": problem,
    }  # fmt: skip


def _whole(value: float) -> float | int:
    """1.0 as 1, as it would be typed."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value

