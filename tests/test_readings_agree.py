"""All readings of one computation agree: the same number, or the same error from the same line of the user.

The functions are random, or chosen for what they are given and return. `grad` is what the others are held against:

- the recorder of graphs, derivations and gradient flows walks as `grad` does: the numbers are equal bit for bit;
- `vjp`, `jacobian` and `jvp` multiply in another order, and so do a formula, a line of a derivation and an edge of a
  graph (gradient times local derivative): they are equal up to rounding, measured against the largest number that
  flowed anywhere, for sums may cancel.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import chainrule as cr
from chainrule.cli import main
from chainrule.drawing.curve import describe
from chainrule.engine.watch import Mark
from chainrule.explanation import explain
from chainrule.formula.expression import evaluate
from chainrule.formula.text import text
from chainrule.graphs.flow import flow_step
from chainrule.graphs.graph import Graph, summarise
from chainrule.graphs.record import Recorded, graph, record
from chainrule.rules import Elementwise
from tests.random_functions import Case, cases

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # points outside a domain are the subject here


@dataclass(frozen=True)
class Failed:
    """An error, by its kind and by the user's line that it names."""

    kind: type[Exception]
    line: str


def outcome(read: Callable[[], Any], file: str = "<random") -> Any:
    """What a reading gives, or how it fails."""
    try:
        return read()
    except Exception as error:  # every kind of error is compared with that of the other readings
        named = re.search(rf"{re.escape(file.split()[0])}[^>]*>:\d+", str(error))
        return Failed(type(error), named.group() if named else "")


def bits(values: Any) -> list[tuple[Any, ...]]:
    """Numbers and arrays as they are in memory; every NaN is the same."""
    found = []
    for value in values:
        array = np.array(value)
        array[np.isnan(array)] = np.nan
        found.append((array.shape, array.dtype.str, (array + 0.0).tobytes()))
    return found


def by_grad(case: Case) -> Any:
    return outcome(lambda: cr.grad(case.function, tuple(range(len(case.arguments))))(*case.arguments))


def by_record(made: Recorded) -> tuple[Any, ...]:
    return tuple(made.gradient(position) for position in range(len(made.inputs)))


def flowing(made: Recorded) -> list[float]:
    """The sizes of everything that was computed, forward and backward, local derivatives among them."""
    sizes: list[float] = [1.0]
    for note in made.watch.notes:
        held = [note.value, *([] if note.gradient is None else [note.gradient])]
        held += [sent for sent in note.contributions.values() if sent is not None]
        held += [operand for operand in note.operands if not isinstance(operand, Mark)]
        sizes += [float(np.max(np.abs(array), initial=0.0)) for array in held]
    return sizes


def extreme(made: Recorded) -> bool:
    """Whether an infinity, a NaN, or a number near the ends of the floats took part: 0·∞ depends on the order."""
    sizes = [size for size in flowing(made) if size]
    return not np.all(np.isfinite(sizes)) or max(sizes) > 1e100 or min(sizes) < 1e-100


def assert_close(found: Any, expected: Any, made: Recorded, digits: float = 1e-9) -> None:
    """Equal up to rounding; of an extreme computation only what is finite in both must agree."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape
    sizes = flowing(made)
    if extreme(made):
        both = np.isfinite(found) & np.isfinite(expected)
        found, expected = found[both], expected[both]
        sizes = [size for size in sizes if np.isfinite(size)]
    single = any(np.asarray(note.value).dtype.itemsize == 4 for note in made.watch.notes)
    np.testing.assert_allclose(
        found, expected, rtol=1e-3 if single else 1e-7, atol=(1e-4 if single else digits) * max(sizes), equal_nan=True
    )


def check_graph(made: Graph, case: Case) -> None:
    """Every gradient is the sum of its contributions, and each of these is gradient times local derivative."""
    for node in made.nodes:
        terms = made.contributions(node.id)
        if node.gradient is not None and terms and all(isinstance(term, float | complex) for term in terms):
            seeds = [term for output, term in zip(made.outputs, made.seeds, strict=True) if output == node.id]
            flows = [edge.contribution for edge in made.outgoing(node.id) if edge.contribution is not None]
            total = functools.reduce(lambda a, b: a + b, [*seeds, *flows[::-1]])
            finite = np.isfinite(node.gradient) and np.all(np.isfinite(terms))
            assert not finite or np.isclose(total, node.gradient, rtol=1e-6, atol=1e-12 * max(map(abs, terms))), case
    for edge in made.edges:
        target, source = made.node(edge.target), made.node(edge.source)
        numbers = (edge.local, edge.contribution, target.gradient)
        if edge.contribution is None or not all(isinstance(one, int | float | complex) for one in numbers):
            continue
        product = edge.local * target.gradient  # type: ignore[operator]
        product = product if isinstance(source.value, complex) else np.real(product)
        if np.isfinite(product) and abs(product) > 1e-300:
            assert np.isclose(product, edge.contribution, rtol=1e-5), (case.text, case.arguments, edge)


def check(case: Case) -> bool:
    """Compare the quick readings of one function; says whether they gave numbers."""
    expected = by_grad(case)
    made = outcome(lambda: record(case.function, case.arguments))
    told = (case.text, case.arguments, expected, made if isinstance(made, Failed) else by_record(made))
    if isinstance(expected, Failed) or isinstance(made, Failed):
        assert made == expected, told
        ones = [np.ones(np.shape(argument)) for argument in case.arguments]
        for read in (graph, cr.vjp, lambda f, *args: cr.jvp(f, args, ones)):
            assert outcome(lambda read=read: read(case.function, *case.arguments)) == expected, told
        return False
    assert bits(by_record(made)) == bits(expected), told
    drawn = graph(case.function, *case.arguments)
    inputs = [node for node in drawn.nodes if node.kind == "input"]
    for node, gradient in zip(inputs, expected, strict=True):
        zero = node.gradient is None and not np.any(gradient)
        shown = summarise(gradient)
        assert zero or node.gradient == shown or node.gradient != node.gradient and shown != shown, told
    check_graph(drawn, case)
    numbers = tuple(range(len(case.arguments)))
    with np.errstate(all="ignore"):
        value, pullback = cr.vjp(case.function, *case.arguments)
        if not np.isnan(value):
            assert bits(pullback(np.ones_like(value)[()])) == bits(expected), told
        for found, gradient in zip(cr.jacobian(case.function, numbers)(*case.arguments), expected, strict=True):
            assert_close(found, gradient, made)
        directions = [np.ones(np.shape(a), np.asarray(g).dtype)[()] for a, g in zip(case.arguments, expected, strict=True)]
        along = cr.jvp(case.function, case.arguments, directions)[1]
        assert_close(along, np.real(sum(np.sum(np.asarray(g)) for g in expected)), made)
    return True


def check_derivation(case: Case) -> bool:
    """Compare the derivation of one function with `grad`: its numbers, its formulas and its lines."""
    expected = by_grad(case)
    derivation = outcome(lambda: explain(case.function, *case.arguments))
    if isinstance(expected, Failed) or isinstance(derivation, Failed):
        assert derivation == expected, (case.text, case.arguments)
        return False
    told = (case.text, case.arguments, expected, derivation)
    assert bits(result.value for result in derivation.results) == bits(expected), told
    made = record(case.function, case.arguments)
    if derivation.root is None or np.isnan(derivation.value):
        return True
    for stage, result in zip(derivation.stages, derivation.results, strict=True):
        special = [remark for line in stage.lines for remark in line.remarks]
        with np.errstate(all="ignore"):
            by_formula = result.simplified(**{n: v for n, v in derivation.point if n in result.simplified.variables})
        assert_close(stage.lines[-1].value, result.value, made)
        if np.isnan(by_formula) or np.isinf(by_formula):
            assert special or extreme(made), told
        else:
            assert_close(by_formula, result.value, made)
        for line in stage.lines:
            if line.numbers is not None and np.isfinite(line.value) and 1e-3 < abs(line.value) < 1e3:
                with np.errstate(all="ignore"):
                    shown = evaluate(line.numbers, {})
                assert np.isclose(shown, line.value, rtol=0.05, atol=1e-2 * max(1.0, abs(line.value))), told
    return True


def check_debugging(case: Case) -> bool:
    """Within debug_nans graphs and derivations raise what `grad` raises, word for word, or give the same numbers."""

    def debugged(read: Callable[[], Any]) -> Any:
        with cr.debug_nans():
            try:
                return read()
            except Exception as error:
                return type(error), str(error).splitlines()[0]

    numbers = tuple(range(len(case.arguments)))
    expected = debugged(lambda: cr.grad(case.function, numbers)(*case.arguments))
    made = debugged(lambda: record(case.function, case.arguments))
    explained = debugged(lambda: explain(case.function, *case.arguments))
    told = (case.text, case.arguments, expected, made, explained)
    if isinstance(made, Recorded) and not isinstance(explained, tuple):
        assert bits(by_record(made)) == bits(expected) == bits(by_grad(case)), told
        assert bits(result.value for result in explained.results) == bits(expected), told
        return False
    assert made == explained == expected, told
    return True


def check_drawing(case: Case) -> bool:
    """A drawing's value and slope at a point, also where the function has a kink or jumps, are those of `grad`."""
    (x,) = (float(argument) for argument in case.arguments)
    value, slope = cr.value_and_grad(case.function)(x)
    picture = outcome(lambda: describe(case.function, at=x, over=(x - 1.0, x + 1.0)))
    if not np.isfinite(value):
        assert picture == Failed(cr.errors.DomainError, ""), (case.text, x)
        return False
    assert bits([picture.tangent.y, picture.tangent.slope]) == bits([value, slope]), (case.text, x)
    return True


@pytest.mark.parametrize(("kind", "count"), [("numbers", 600), ("arrays", 500), ("complex", 300), ("mistakes", 200)])
def test_graphs_and_products_with_derivatives_agree_with_grad_on_random_functions(kind, count):
    compared = sum(check(case) for case in cases(count, 1, kind=kind))
    assert compared == 0 if kind == "mistakes" else compared > 0.6 * count


@pytest.mark.parametrize(("kind", "count"), [("numbers", 150), ("arrays", 80), ("complex", 50), ("mistakes", 40)])
def test_derivations_agree_with_grad_on_random_functions(kind, count):
    compared = sum(check_derivation(case) for case in cases(count, 2, kind=kind))
    assert compared == 0 if kind == "mistakes" else compared > 0.6 * count


@pytest.mark.parametrize(("kind", "count"), [("numbers", 100), ("arrays", 80), ("complex", 40)])
def test_within_debug_nans_graphs_and_derivations_fail_as_grad_does(kind, count):
    failed = sum(check_debugging(case) for case in cases(count, 3, kind=kind))
    assert 0 < failed < 0.9 * count


def test_drawings_agree_with_grad_on_random_functions():
    usual = (case for case in cases(120, 4, kind="numbers") if len(case.arguments) == 1)
    finite = (case for case in usual if 1e-3 < abs(case.arguments[0]) < 100 or case.arguments[0] == 0)
    assert sum(check_drawing(case) for case in finite) > 10
