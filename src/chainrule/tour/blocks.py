"""The blocks of a lesson as HTML: idea, proof, example, exercise, all asked of the library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from html import escape

from chainrule.explanation import ShownDerivation
from chainrule.explanation.document import Equation, Label, document
from chainrule.explanation.document import Mathematics as Shown
from chainrule.formula.expression import Constant, Expression, Symbol, substitute
from chainrule.formula.textbook import textbook
from chainrule.functions import ElementaryFunction
from chainrule.graphs.compose import UnknownFunction, compose
from chainrule.graphs.graph import Graph, Node
from chainrule.graphs.lettering import NOT_COMPUTED, Written, value
from chainrule.rules.symbolic import derivative_expression
from chainrule.showing.language import Language, Phrase
from chainrule.tour import figures, words
from chainrule.tour.lesson import Example, Exercise, Lesson, Proof
from chainrule.tour.mathematics import Mathematics, written

_U = UnknownFunction("u")
_EQUALS = Written("= ", "= ")
_LIMIT = Written("lim (h → 0) ", r"\lim_{h \to 0} \, ")
_SLOPE = Written("f′(x)", "f'(x)")


def heading(words_: Phrase, lang: Language) -> str:
    """The heading of a block."""
    return f"<h4>{words_.say(lang)}</h4>\n"


def paragraph(words_: Phrase, lang: Language) -> str:
    """A paragraph in one language."""
    return f"<p>{escape(words_.say(lang), quote=False)}</p>\n"


def lesson(
    lesson_: Lesson, function: ElementaryFunction, picture: str, name: str, lang: Language, set_: Mathematics
) -> str:
    """All blocks of a lesson on a function; `picture` comes after the proof."""
    return (
        heading(words.IDEA, lang)
        + paragraph(lesson_.idea, lang)
        + figures.secant_figure(function, lang, name)
        + heading(words.PROOF, lang)
        + "".join(proof(each, lang, set_) for each in lesson_.proofs)
        + inside(function, lang, set_)
        + heading(words.PICTURE, lang)
        + picture
        + heading(words.EXAMPLE, lang)
        + example(lesson_.example, lang, set_)
        + heading(words.WHY, lang)
        + paragraph(lesson_.why, lang)
        + exercises(lesson_.exercises, name, lang, set_)
    )


# ── formulas and proofs ──


def general(proof_: Proof, lang: Language, set_: Mathematics) -> str:
    """The general formula of a family with its derivative, and where that comes from."""
    slope = slope_of(proof_.function)
    pairs = ((Written("f(x)", "f(x)"), proof_.function), (_SLOPE, slope))
    rows = "".join(
        f"<div><dt>{set_.set(name)}</dt><dd>{set_.formula(formula)}</dd></div>" for name, formula in pairs
    )
    return (
        f'{heading(words.GENERAL, lang)}<dl class="formulas">{rows}</dl>\n{heading(words.PROOF, lang)}'
        f"{proof(proof_, lang, set_)}"
    )


def slope_of(function: Expression) -> Expression:
    """The derivative of a formula, in which functions may be unknown, as a textbook writes it."""
    graph = compose(function, "x")
    gradient = next((node.gradient for node in graph.nodes if node.name == "x"), None)
    if not isinstance(gradient, Expression):
        return Constant(0)
    return textbook(substitute(gradient, {"df": Constant(1)}))


def inside(function: ElementaryFunction, lang: Language, set_: Mathematics) -> str:
    """The general formula with a function u(x) inside, by the chain rule; nothing for a constant."""
    if derivative_expression(function.expression, "x") == Constant(0):
        return ""
    outer = substitute(function.expression, {"x": _U(Symbol("x"))})
    left = Written("(", r"\left(") + written(outer) + Written(")′ = ", r"\right)' = ")
    return (
        f'<p class="inside">{words.INSIDE.say(lang)}{"：" if lang == "zh" else ": "}'
        f"{set_.set(left + written(slope_of(outer)))}</p>\n"
    )


def proof(proof_: Proof, lang: Language, set_: Mathematics) -> str:
    """The lines of a proof, each with its reason."""
    rows = []
    quotient = proof_.quotient
    if quotient is not None:
        reason = words.QUOTIENT if proof_.lines[0].in_the_limit else words.QUOTIENT_ONLY
        rows.append((_SLOPE, _LIMIT + written(quotient), reason))
    for line in proof_.lines:
        right = line.shown or written(line.expression)
        if line.in_the_limit:
            bracketed = line.shown is not None or _is_sum(line.expression)
            right = _LIMIT + (_bracketed(right) if bracketed else right)
        left = line.left_expression
        rows.append((Written("", "") if left is None else written(left), right, line.because))
    items = "".join(
        f'<li><span class="left">{set_.set(left) if left.latex else ""}</span>'
        f'<span class="right">{set_.set(_EQUALS + right)}</span>'
        f'<span class="because">{escape(because.say(lang), quote=False)}</span></li>'
        for left, right, because in rows
    )
    return f'<ol class="proof">{items}</ol>\n'


def _is_sum(formula: Expression) -> bool:
    name = getattr(getattr(formula, "function", None), "__name__", "")
    return name in ("add", "subtract")


def _bracketed(inner: Written) -> Written:
    return Written(f"({inner.text})", rf"\left({inner.latex}\right)")


# ── examples ──


def example(example_: Example, lang: Language, set_: Mathematics) -> str:
    """The formula and its point, the graph with all numbers, the derivation, and what to look at."""
    derivation = example_.derivation()
    formula = set_.formula(example_.function.expression)
    task = words.FIND.filled(formula=formula, point=_point(example_, lang, set_)).say(lang)
    return (
        f'<p class="task">{task}</p>\n{paragraph(example_.words, lang)}'
        f'<figure class="graph" tabindex="0">{figures.graph_picture(example_.graph(), lang)}'
        f"<figcaption>{words.GRAPH_CAPTION.say(lang)}</figcaption></figure>\n"
        f"{solution(derivation, lang, set_)}"
    )


def stepped(example_: Example, lang: Language, set_: Mathematics) -> str:
    """The formula and its point, and its graph step by step."""
    formula = set_.set(Written("f = ", "f = ") + written(example_.function.expression))
    task = words.TAKEN_AT.filled(formula=formula, point=_point(example_, lang, set_)).say(lang)
    return (
        f'<p class="task">{task}</p>\n{paragraph(example_.words, lang)}{figures.steps_figure(example_.graph(), lang)}'
    )


def _point(example_: Example, lang: Language, set_: Mathematics) -> str:
    values = [
        set_.set(written(Symbol(name)) + Written(" = ", " = ") + (value(at) or NOT_COMPUTED))
        for name, at in zip(example_.function.variables, example_.at, strict=True)
    ]
    return ("，" if lang == "zh" else ", ").join(values)


def solution(derivation: ShownDerivation, lang: Language, set_: Mathematics, variable: str | None = None) -> str:
    """The derivation's equations, each with the rule that it uses, up to the result.

    With several variables only what concerns `variable` is shown.
    """
    rows, before = [], Written("", "")
    for equation in _equations(derivation, lang, variable):
        left = Written("", "") if equation.left is None else _mathematics(equation.left)
        right = _mathematics(equation.right)
        for member in equation.then:
            right = right + Written(" = ", " = ") + _mathematics(member)
        if right == before and not equation.note:
            continue  # the result, which the only step has just given
        before = right
        sign = {"=": _EQUALS, ":": Written(": ", r":\ "), "≈": Written("≈ ", r"\approx ")}[equation.sign]
        rows.append(
            f'<li><span class="left">{set_.set(left) if left.latex else ""}</span>'
            f'<span class="right">{set_.set(sign + right)}</span>'
            f'<span class="because">{escape(equation.note, quote=False)}</span></li>'
        )
    return f'<ol class="proof solution">{"".join(rows)}</ol>\n'


def _equations(derivation: ShownDerivation, lang: Language, variable: str | None) -> Iterator[Equation]:
    """The named parts, how they change with the variable, and the result; without the title and the numeric check."""
    wanted = replace(
        derivation,
        stages=tuple(stage for stage in derivation.stages if variable in (None, stage.variable)),
        results=tuple(
            replace(result, check=None) for result in derivation.results if variable in (None, result.variable)
        ),
    )
    _, *blocks = (block for block in document(wanted, lang) if isinstance(block, Equation))
    yield from blocks


def _mathematics(shown: Shown) -> Written:
    return Written(shown.text, shown.latex) if isinstance(shown, Label) else written(shown)


# ── compositions ──


def flows(graph: Graph, lang: Language, set_: Mathematics) -> str:
    """The composition, and the gradient that arrives at each of its values: first at functions, then at variables."""
    output = graph.node(graph.outputs[0])
    order = [node for kind in ("operation", "input") for node in graph.nodes if node.kind == kind]
    rows = "".join(
        f"<div><dt>{escape(words.ARRIVES.say(lang))} {set_.formula(_value(node))}</dt>"
        f"<dd>{set_.formula(_gradient(node))}</dd></div>"
        for node in order
        if node is not output
    )
    whole = set_.set(Written("f = ", "f = ") + written(_value(output)))
    return f'<p class="composition">{whole}</p>\n<dl class="formulas flows">{rows}</dl>\n'


def _value(node: Node) -> Expression:
    assert isinstance(node.value, Expression)
    return node.value


def _gradient(node: Node) -> Expression:
    assert isinstance(node.gradient, Expression)
    return node.gradient


# ── exercises ──


def exercises(all_: tuple[Exercise, ...], name: str, lang: Language, set_: Mathematics) -> str:
    """The exercises, whose answers the page's script checks."""
    items = "".join(exercise(each, f"{name}-{place}", lang, set_) for place, each in enumerate(all_, 1))
    return f'{heading(words.EXERCISES, lang)}<ol class="exercises">{items}</ol>\n'


def exercise(exercise_: Exercise, name: str, lang: Language, set_: Mathematics) -> str:
    """One exercise: the formula, a field for the answer, a hint, and the worked answer."""
    phrase = words.ASK if len(exercise_.function.variables) < 2 else words.ASK_BY
    asked = phrase.filled(formula=set_.formula(exercise_.function.expression), name=exercise_.variable).say(lang)
    points = {key: [float(x) for x in xs] for key, xs in exercise_.points.items()}
    data = escape(json.dumps({"points": points, "expected": [float(y) for y in exercise_.expected()]}))
    name_of_it = Written(f"{_label(exercise_)} = ", f"{_label(exercise_, True)} = ")
    answer = set_.set(name_of_it + written(exercise_.answer.expression))
    worked = solution(exercise_.derivation, lang, set_, exercise_.variable) if exercise_.function.variables else ""
    return (
        f'<li class="exercise" data-answer="{data}"><p class="task">{asked}</p>\n'
        f'<form class="script"><label for="{name}">{words.ANSWER.say(lang)}</label> '
        f'<input id="{name}" type="text" autocomplete="off" autocapitalize="off" spellcheck="false" '
        f'aria-describedby="{name}-verdict"> <button type="submit">{words.CHECK.say(lang)}</button> '
        f'<output id="{name}-verdict" for="{name}" aria-live="polite"></output></form>\n'
        f"<details><summary>{words.HINT.say(lang)}</summary>{paragraph(exercise_.hint, lang)}</details>\n"
        f'<details class="worked"><summary>{words.SOLUTION.say(lang)}</summary>{worked}<p>{answer}</p></details></li>\n'
    )


def _label(exercise_: Exercise, latex: bool = False) -> str:
    if len(exercise_.function.variables) < 2:
        return "f'(x)" if latex else "f′(x)"
    name = exercise_.variable
    return rf"\dfrac{{\partial f}}{{\partial {name}}}" if latex else f"∂f/∂{name}"
