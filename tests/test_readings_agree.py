"""All readings of one computation agree: the same number, or the same error from the same line of the user.

The functions are random, or chosen for what they are given and return. `grad` is what the others are held against:

- the recorder of graphs, derivations and gradient flows walks as `grad` does: the numbers are equal bit for bit (of
  complex ones but for the last bits: NumPy's own loops round them by where the numbers lie in memory);
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
from chainrule.engine.containers import flatten
from chainrule.engine.operations import Reference
from chainrule.explanation import explain
from chainrule.explanation.domain import domain_to_say
from chainrule.formula.expression import Call, Constant, Expression, evaluate, free_symbols, postorder
from chainrule.formula.text import text
from chainrule.graphs.building import graph
from chainrule.graphs.flow import flow_step
from chainrule.graphs.graph import Graph, summarise
from chainrule.recording.run import Run, run
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


def same(found: Any, expected: Any) -> bool:
    """Equal bit for bit; if a complex number is among them, up to its last bits."""
    if any(np.iscomplexobj(value) for value in expected):
        alike = all(np.asarray(a).dtype == np.asarray(b).dtype for a, b in zip(found, expected, strict=True))
        near = (np.allclose(a, b, 1e-13, 0.0, equal_nan=True) for a, b in zip(found, expected, strict=True))
        return alike and all(near)
    return bits(found) == bits(expected)


def by_grad(case: Case) -> Any:
    return outcome(lambda: cr.grad(case.function, tuple(range(len(case.arguments))))(*case.arguments))


def by_run(made: Run) -> tuple[Any, ...]:
    return tuple(made.gradient(position) for position in range(len(made.paths)))


def flowing(made: Run) -> list[float]:
    """The sizes of everything that was computed, forward and backward, local derivatives among them."""
    sizes: list[float] = [1.0]
    for event in made.events:
        held = [event.value, *([] if event.gradient is None else [event.gradient])]
        held += [sent for sent in event.contributions.values() if sent is not None]
        held += [operand for operand in event.operands if not isinstance(operand, Reference)]
        sizes += [float(np.max(np.abs(array), initial=0.0)) for array in held]
    return sizes


def extreme(made: Run) -> bool:
    """Whether an infinity, a NaN, or a number near the ends of the floats took part: 0·∞ depends on the order."""
    sizes = [size for size in flowing(made) if size]
    return not np.all(np.isfinite(sizes)) or max(sizes) > 1e100 or min(sizes) < 1e-100


def assert_close(found: Any, expected: Any, made: Run, digits: float = 1e-9) -> None:
    """Equal up to rounding; of an extreme computation only what is finite in both must agree."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape
    sizes = flowing(made)
    if extreme(made):
        both = np.isfinite(found) & np.isfinite(expected)
        found, expected = found[both], expected[both]
        sizes = [size for size in sizes if np.isfinite(size)]
    single = any(np.asarray(event.value).dtype.itemsize == 4 for event in made.events)
    np.testing.assert_allclose(
        found, expected, rtol=1e-3 if single else 1e-7, atol=(1e-4 if single else digits) * max(sizes), equal_nan=True
    )


def check_graph(made: Graph, case: Case) -> None:
    """Every gradient is the sum of its contributions, and each of these is gradient times local derivative."""
    # A contribution to a float32 flows in the precision of what it comes from; below this its sum is 0 in float32.
    of_single = any(getattr(argument, "dtype", None) == np.float32 for argument in case.arguments)
    smallest_single = float(np.finfo(np.float32).tiny) if of_single else 0.0
    for node in made.nodes:
        terms = made.contributions(node.id)
        if node.gradient is not None and terms and all(isinstance(term, float | complex) for term in terms):
            seeds = [term for output, term in zip(made.outputs, made.seeds, strict=True) if output == node.id]
            flows = [edge.contribution for edge in made.outgoing(node.id) if edge.contribution is not None]
            total = functools.reduce(lambda a, b: a + b, [*seeds, *flows[::-1]])
            finite = np.isfinite(node.gradient) and np.all(np.isfinite(terms))
            least = 1e-12 * np.max(np.abs(terms)) + smallest_single
            assert not finite or np.isclose(total, node.gradient, rtol=1e-6, atol=least), case
    for edge in made.edges:
        target, source = made.node(edge.target), made.node(edge.source)
        numbers = (edge.local, edge.contribution, target.gradient)
        if edge.contribution is None or not all(isinstance(one, int | float | complex) for one in numbers):
            continue
        product = edge.local * target.gradient  # type: ignore[operator]
        product = product if isinstance(source.value, complex) else np.real(product)
        if 1e-30 < np.abs(product) < 1e30:  # beyond, float32 has infinities and zeros
            assert np.isclose(product, edge.contribution, rtol=1e-5), (case.text, case.arguments, edge)


def check(case: Case) -> bool:
    """Compare the quick readings of one function; says whether they gave numbers."""
    expected = by_grad(case)
    made = outcome(lambda: run(case.function, case.arguments))
    told = (case.text, case.arguments, expected, made if isinstance(made, Failed) else by_run(made))
    if isinstance(expected, Failed) or isinstance(made, Failed):
        assert made == expected, told
        ones = [np.ones(np.shape(argument)) for argument in case.arguments]
        for read in (graph, cr.vjp, lambda f, *args: cr.jvp(f, args, ones)):
            assert outcome(lambda read=read: read(case.function, *case.arguments)) == expected, told
        return False
    assert same(by_run(made), expected), told
    drawn = graph(case.function, *case.arguments)
    inputs = [node for node in drawn.nodes if node.kind == "input"]
    for node, gradient in zip(inputs, expected, strict=True):
        zero = node.gradient is None and not np.any(gradient)
        shown = summarise(gradient)
        nan = node.gradient != node.gradient and shown != shown
        assert zero or nan or node.gradient == shown or same([node.gradient], [shown]), told
    check_graph(drawn, case)
    numbers = tuple(range(len(case.arguments)))
    with np.errstate(all="ignore"):
        value, pullback = cr.vjp(case.function, *case.arguments)
        if not np.isnan(value):
            assert same(pullback(np.ones_like(value)[()]), expected), told
        for found, gradient in zip(cr.jacobian(case.function, numbers)(*case.arguments), expected, strict=True):
            assert_close(found, gradient, made)
        directions = [np.ones_like(gradient) for gradient in expected]
        along = cr.jvp(case.function, case.arguments, directions)[1]
        assert_close(along, np.real(sum(np.sum(np.asarray(g)) for g in expected)), made)
    return True


def in_real_numbers(root: Expression) -> Expression:
    """A formula with its whole numbers as floats: in NumPy 2 ** -1 of whole numbers is an error."""
    new: dict[Expression, Expression] = {}
    for node in postorder(root):
        number = isinstance(node, Constant) and type(node.value) is int
        new[node] = Constant(float(node.value)) if number else node  # type: ignore[attr-defined]
        if isinstance(node, Call):
            new[node] = Call(node.function, tuple(new[argument] for argument in node.arguments))
    return new[root]


def check_derivation(case: Case) -> bool:
    """Compare the derivation of one function with `grad`: its numbers, its formulas and its lines."""
    expected = by_grad(case)
    derivation = outcome(lambda: explain(case.function, *case.arguments))
    if isinstance(expected, Failed) or isinstance(derivation, Failed):
        assert derivation == expected, (case.text, case.arguments)
        return False
    told = (case.text, case.arguments, expected, derivation)
    assert same([result.value for result in derivation.results], expected), told
    made = run(case.function, case.arguments)
    if derivation.root is None or np.isnan(derivation.value):
        return True
    for stage, result in zip(derivation.stages, derivation.results, strict=True):
        special = [remark for line in stage.lines for remark in line.remarks]
        with np.errstate(all="ignore"):
            by_formula = result.simplified(**{n: v for n, v in derivation.point if n in result.simplified.variables})
        assert_close(stage.lines[-1].value, result.value, made)
        if extreme(made):
            continue  # a simplified formula keeps its value within its domain, and infinity is in none
        if np.isfinite(by_formula):
            assert_close(by_formula, result.value, made, digits=1e-7)
        else:
            assert special, told
        for line in stage.lines:
            if line.numbers is not None and np.isfinite(line.value):  # the numbers shown are rounded to 4 digits
                with np.errstate(all="ignore"):
                    shown = evaluate(in_real_numbers(line.numbers), {})
                assert abs(shown - line.value) <= 0.02 * max(1.0, abs(line.value)), told
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
    made = debugged(lambda: run(case.function, case.arguments))
    explained = debugged(lambda: explain(case.function, *case.arguments))
    told = (case.text, case.arguments, expected, made, explained)
    if isinstance(made, Run) and not isinstance(explained, tuple):
        assert same(by_run(made), expected), told
        assert same(by_grad(case), expected), told
        assert same([result.value for result in explained.results], expected), told
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


def named(root: Expression) -> set[str]:
    """The names of the functions in a formula."""
    return {node.function.__name__ for node in postorder(root) if isinstance(node, Call)}


def formulas(count: int, seed: int) -> list[tuple[str, dict[str, float]]]:
    """Texts of random formulas, and values for their variables."""
    found = []
    for case in cases(4 * count, seed, kind="numbers"):
        derivation = explain(case.function, *case.arguments)
        if derivation.root is None or not all(abs(argument) < 1e3 for argument in case.arguments):
            continue
        if free_symbols(derivation.root) and "i0" not in named(derivation.root):  # no formula can be typed with that
            point = {name: float(value) for name, value in derivation.point}
            found.append((text(derivation.root), {name: point[name] for name in free_symbols(derivation.root)}))
    return found[:count]


def test_a_formulas_text_is_the_same_function_to_every_reading_and_to_the_command_line():
    for written, point in formulas(25, 5):
        values, numbers = tuple(point.values()), tuple(range(len(point)))
        expected = cr.grad(written, numbers)(*values)
        by_graph = [node.gradient for node in graph(written, *values).nodes if node.kind == "input"]
        assert bits(0.0 if one is None else one for one in by_graph) == bits(map(float, expected)), (written, point)
        assert bits(result.value for result in explain(written, *values).results) == bits(expected), (written, point)
        assert bits(cr.grad(cr.parse(written), numbers)(*values)) == bits(expected), (written, point)
        typed = [f"{name}={value!r}" for name, value in point.items()]
        said = CliRunner().invoke(main, ["grad", "--json", "--", written, *typed])
        value, domain = cr.parse(written)(*values), domain_to_say(cr.parse(written).expression)
        if np.isnan(value) or (np.isinf(value) and domain is not None and not evaluate(domain, point)):
            assert said.exit_code == 1, (written, point)
            assert "no value" in said.output, (written, point)
        else:
            gradient = json.loads(said.stdout)["gradient"]
            assert bits(float(gradient[name]) for name in point) == bits(map(float, expected)), (written, point)


@dataclass
class Line:
    slope: Any
    height: Any

    def at(self, x):
        return np.sum(self.slope * x + self.height)


def write_into_zeros(x):
    b = np.zeros(3)
    b[0] = x
    return np.sum(b)


def forgets(x):
    x * 2


KINKS = [
    np.abs, np.sign, np.floor, "max(x, 1)", "min(1, x)", "clip(x, 0, 1)", "clip(x, -1, 0)", "max(0, x)", "|x - 1|",
    "√x", "∛x", "x^0", "0^x", "1/x", "ln(x)", "tan(x)", "arcsin(x)", "hypot(x, 0)", "heaviside(x, 0.5)", "x^(1/3)",
    "max(x, x)", "max(x, -x)", "x·|x|", "{x if x > 0, 0 otherwise}", "√(x^2)", "sinc(x)", "ln(|x|)", "x mod 1",
    lambda x: np.maximum(0, x), lambda x: np.where(x > 0, np.sqrt(x), 0.0), lambda x: np.clip(x, 0, 1),
    lambda x: np.max(np.stack([x, 1.0 + 0 * x, 2 * x])), lambda x: max(x, 1.0), lambda x: x if x > 0 else 0.5 * x,
    cr.functions.absolute, cr.functions.tan, cr.functions.sqrt, cr.functions.power(-1),
]  # fmt: skip


@pytest.mark.parametrize("f", KINKS)
def test_kinks_ends_and_undefined_points_have_one_answer(f):
    """`draw` needs a value at the point; where there is one, its slope is that of `grad`."""
    for x in (0.0, 1.0, -1.0, 2.0, np.pi / 2):
        expected = cr.grad(f)(x)
        by_graph = graph(f, x).node(0).gradient
        assert bits([0.0 if by_graph is None else by_graph]) == bits([float(expected)]), x
        derivation = explain(f, x)
        assert bits([derivation.results[0].value]) == bits([expected]), x
        assert bits([cr.derivative(f)(x)]) == bits([expected]), x


CONTAINERS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (lambda p: np.sum(p["w"] * 3) + p["b"] ** 2, ({"w": np.array([1.0, 2.0]), "b": 3.0},)),
    (lambda p: p[0] * np.sum(p[1]), ([2.0, np.array([[1.0, 4.0]])],)),
    (lambda p, x: p.at(x), (Line(2.0, np.array([1.0, 0.5])), 3.0)),
    (Line(2.0, 1.0).at, (3.0,)),
    (functools.partial(lambda a, x: a * x**2, 3.0), (2.0,)),
    (np.hypot, (3.0, 4.0)),
    (cr.functions.tanh, (0.5,)),
    (cr.functions.power(3), (2,)),
    (cr.parse("x·y + sin(x)"), (1.0, 2.0)),
    (lambda x, unused: x**2, (3.0, 4.0)),
    (lambda x: 2.0, (3.0,)),
    (lambda x: np.nan, (3.0,)),
    (lambda x: x > 1, (3.0,)),
    (lambda x: np.sum(x) + np.nan, (np.ones(2),)),
    (lambda x: np.floor(x) + np.nan, (1.5,)),
    (lambda x, y: np.sum(x[:1]) + np.nan, (np.ones(3), 2.0)),
    (lambda z: np.abs(z), (3 + 4j,)),
    (lambda z: np.real(z**2.5), (3 + 4j,)),
    (lambda z, n: np.imag(z**n) + np.angle(z), (3 + 4j, 2.5 + 1j)),
    (lambda x: np.sum(x), (np.ones(0),)),
    (lambda x: np.sum(x) ** 2, (np.array(3.0),)),
    (lambda x: np.sum(x * x), (np.array([2.0]),)),
    (lambda x: x**2, (3,)),
    (lambda x: np.sum(np.sin(x)), (np.arange(3),)),
    (lambda x: np.sum(np.exp(x)), (np.array([0.1, 0.2], np.float32),)),
    (lambda x: x * np.float32(2), (np.float32(0.1),)),
]


@pytest.mark.parametrize(("f", "arguments"), CONTAINERS)
def test_containers_methods_entries_dtypes_and_complex_numbers_have_one_answer(f, arguments):
    numbers = tuple(range(len(arguments)))
    expected = flatten(cr.grad(f, numbers)(*arguments))[0]
    assert same(by_run(run(f, arguments)), expected)
    assert same([result.value for result in explain(f, *arguments).results], expected)
    _, pullback = cr.vjp(f, *arguments)
    if not np.isnan(cr.vjp(f, *arguments)[0]):
        assert same(flatten(pullback(np.float64(1.0)))[0], expected)
    if len(arguments) == 1 or not any(isinstance(argument, complex) for argument in arguments):
        found = flatten(cr.jacobian(f, numbers)(*arguments))[0]
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6)
    step = flow_step(lambda p: f(*p), list(arguments))
    for layer, gradient in zip(step.layers, expected, strict=False):
        np.testing.assert_allclose(layer.gradient.norm, np.linalg.norm(np.ravel(gradient)), rtol=1e-6)


REFUSED: list[tuple[Callable[..., Any], tuple[Any, ...], type[Exception], Callable[..., Any] | None]] = [
    (write_into_zeros, (1.0,), cr.errors.TrackingError, write_into_zeros),
    (lambda x: "text", (1.0,), cr.errors.NotDifferentiableError, None),
    (forgets, (1.0,), cr.errors.NotDifferentiableError, forgets),
    (functools.partial(forgets), (1.0,), cr.errors.NotDifferentiableError, forgets),
    (lambda x: x, ("text",), cr.errors.NotDifferentiableError, None),
    (lambda x: x, (True,), cr.errors.NotDifferentiableError, None),
    (lambda x: np.array(["a"]), (1.0,), cr.errors.NotDifferentiableError, None),
    (lambda x: {1, 2}, (1.0,), cr.errors.NotDifferentiableError, None),
    (lambda x: float(x), (1.0,), cr.errors.TrackingError, None),
]


@pytest.mark.parametrize(("f", "arguments", "kind", "definition"), REFUSED)
def test_what_cannot_be_differentiated_is_the_same_error_everywhere(f, arguments, kind, definition):
    readings: list[Callable[[], Any]] = [
        lambda: cr.grad(f)(*arguments),
        lambda: cr.value_and_grad(f)(*arguments),
        lambda: cr.vjp(f, *arguments),
        lambda: cr.jvp(f, arguments, arguments),
        lambda: cr.derivative(f)(*arguments),
        lambda: cr.jacobian(f)(*arguments),
        lambda: cr.jacrev(f)(*arguments),
        lambda: graph(f, *arguments),
        lambda: explain(f, *arguments),
        lambda: flow_step(f, *arguments),
    ]
    differentiable = arguments[0] == 1.0 and arguments[0] is not True
    if differentiable:
        readings.append(lambda: describe(f, at=1.0, over=(0.5, 1.5)))
    messages = []
    for read in readings:
        with pytest.raises(kind) as caught:
            read()
        messages.append(str(caught.value))
    places = {re.search(r"[\w.]+\.py:\d+", message).group() for message in messages}  # type: ignore[union-attr]
    if differentiable:
        assert len(places) == 1
    if definition is not None:
        code = definition.__code__
        assert code.co_firstlineno <= int(places.pop().rpartition(":")[2]) <= code.co_firstlineno + 3


def test_an_argument_that_is_no_number_is_a_constant_beside_one_that_is():
    def f(x, mode):
        return x**2 if mode == "square" else 5 * x

    assert cr.grad(f)(3.0, "square") == graph(f, 3.0, "square").node(0).gradient == 6.0
    assert explain(f, 3.0, "square").results[0].value == 6.0
    assert len(explain(f, 3.0, "square").results) == 1
    for read in (lambda: cr.grad(f, 1)(3.0, "square"), lambda: graph(f, 3.0, "square", argnums=1)):
        with pytest.raises(cr.errors.NotDifferentiableError, match="mode"):
            read()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 110))
@pytest.mark.parametrize("kind", ["numbers", "arrays", "complex", "mistakes"])
def test_all_readings_agree_on_many_random_functions(kind, seed):
    for case in cases(1000, seed, kind=kind):
        check(case)
        check_derivation(case)
        check_debugging(case)
        usual = kind == "numbers" and len(case.arguments) == 1
        if usual and (1e-3 < abs(case.arguments[0]) < 100 or case.arguments[0] == 0):
            check_drawing(case)
