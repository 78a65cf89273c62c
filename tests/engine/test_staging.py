"""Programs: they compute what the function does, here and elsewhere, or say that it takes another path."""

from __future__ import annotations

import pickle
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine.containers import flatten
from chainrule.engine.program import Program
from chainrule.errors import NotDifferentiableError, PathError, ShapeError, TrackingError
from tests.engine.programs import make, run, start
from tests.random_functions import Case, cases
from tests.rules.calls import CALLS, ELEMENTWISE, differentiable, of_its_arrays, smooth_points, weighed_total

pytestmark = pytest.mark.filterwarnings("ignore")


def leaves(tree: Any) -> list[Any]:
    return [np.asarray(leaf) for leaf in flatten(tree)[0]]


def assert_same(found: Any, expected: Any, *, rounding: float = 0.0) -> None:
    """Bit for bit; complex products up to rounding, for NumPy multiplies numbers and arrays in two ways."""
    found, expected = leaves(found), leaves(expected)
    assert [a.dtype for a in found] == [a.dtype for a in expected]
    assert [a.shape for a in found] == [a.shape for a in expected]
    for a, b in zip(found, expected, strict=True):
        if rounding:
            size = np.nanmax(np.abs(b), initial=0.0, where=np.isfinite(b))
            np.testing.assert_allclose(a, b, rtol=rounding, atol=rounding * size)
        else:
            np.testing.assert_array_equal(a, b)


def inexact(case: Case) -> Case:
    """The case with NumPy's numbers, which a transform would make of Python's."""
    made = [np.asarray(a) for a in case.arguments]
    made = [a if a.dtype.kind in "fc" else a.astype(float) for a in made]
    made = [m if isinstance(a, np.ndarray) else m[()] for m, a in zip(made, case.arguments, strict=True)]
    return replace(case, arguments=tuple(made))


def elsewhere(arguments: tuple[Any, ...], seed: int) -> list[Any]:
    """Other arguments of the same shapes and dtypes."""
    random = np.random.default_rng(seed)
    moved = [np.asarray(a) * random.choice([1, -1, 0.5, 2]) + random.choice([0, 0.3, -1]) for a in arguments]
    moved = [m.astype(np.asarray(a).dtype) for m, a in zip(moved, arguments, strict=True)]
    return [m if isinstance(a, np.ndarray) else m[()] for m, a in zip(moved, arguments, strict=True)]


def readings(f: Callable[..., Any], arguments: tuple[Any, ...]) -> dict[str, Callable[..., Any]]:
    """What is staged of a function: itself and two transforms."""
    every = tuple(range(len(arguments)))

    def along(*xs: Any) -> Any:
        return cr.jvp(f, xs, tuple(np.ones_like(x)[()] for x in arguments))

    return {"f": f, "value_and_grad": cr.value_and_grad(f, every), "jvp": along}


def result_or_error(f: Callable[..., Any], arguments: Any) -> Any:
    try:
        return f(*arguments)
    except Exception as error:
        return error


@pytest.mark.parametrize("kind", ["numbers", "arrays", "complex"])
@pytest.mark.parametrize("seed", range(5))
def test_a_program_computes_what_the_function_does_or_says_that_its_path_is_another(kind: str, seed: int) -> None:
    for number, case in enumerate(map(inexact, cases(20, seed, kind=kind))):
        rounding = 1e-12 if kind == "complex" else 0.0
        for name, f in readings(case.function, case.arguments).items():
            expected = result_or_error(f, case.arguments)
            if isinstance(expected, Exception):
                continue
            program = cr.stage(f, *case.arguments)
            assert_same(program(*case.arguments), expected, rounding=rounding)
            other = elsewhere(case.arguments, number)
            expected, found = result_or_error(f, other), result_or_error(program, other)
            if not isinstance(found, PathError):
                assert type(found) is type(expected) or not isinstance(expected, Exception), (name, case.text)
                assert_same(found, expected, rounding=rounding)
            pasted: dict[str, Any] = {"constants": program.constants}
            exec(program.source, pasted)
            assert_same(pasted[program.name](*case.arguments), program(*case.arguments), rounding=rounding)
            assert Program.from_json(program.to_json()) == program
            assert pickle.loads(pickle.dumps(program)) == program


CALLED = [(function, index) for function, samples in CALLS.items() for index in range(len(samples))]


@pytest.mark.parametrize(
    ("function", "index"), CALLED, ids=lambda value: getattr(value, "__name__", None) or str(value)
)
def test_the_gradient_of_every_function_of_whole_arrays_is_staged(function: Any, index: int) -> None:
    call, given = of_its_arrays(CALLS[function][index])
    if not given:
        pytest.skip("the sample has no array of its own to move")

    def f(*moving: Any) -> Any:
        return weighed_total(call(*moving))

    gradient = cr.value_and_grad(f, tuple(range(len(given))))
    program = cr.stage(gradient, *given)
    assert_same(program(*given), gradient(*given), rounding=1e-13)
    for seed in range(3):
        random = np.random.default_rng(seed)
        other = [a[tuple(random.permutation(n) for n in a.shape[:1])] if a.ndim else a * 0.9 for a in given]
        other = [np.round(o, 1 - seed) if seed else o for o in other]  # ties
        expected, found = result_or_error(gradient, other), result_or_error(program, other)
        if isinstance(expected, Exception):
            assert isinstance(found, Exception)
        elif not isinstance(found, PathError):
            assert_same(found, expected, rounding=1e-12)


@pytest.mark.parametrize("rule", ELEMENTWISE, ids=lambda rule: rule.name)
def test_second_derivatives_of_every_elementwise_function_are_staged_without_a_guard(rule: Any) -> None:
    position = differentiable(rule)[0] if differentiable(rule) else None
    if position is None:
        pytest.skip("no argument has a derivative")
    given = [np.asarray(x) for x in smooth_points(rule, 4, seed=3)]

    def second(*xs: Any) -> Any:
        def slope(x: Any) -> Any:
            return np.sum(cr.grad(lambda y: np.sum(rule.function(*xs[:position], y, *xs[position + 1 :])))(x))

        return cr.grad(slope)(xs[position])

    program = cr.stage(second, *given)
    assert not program.guards
    assert_same(program(*given), second(*given), rounding=1e-12)
    for value in (0.0, 1.0, -1.0):
        there = [np.full(g.shape, value) if i in differentiable(rule) else g for i, g in enumerate(given)]
        assert_same(program(*there), second(*there), rounding=1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_a_program_of_writes_into_arrays_computes_the_same(seed: int) -> None:
    lines = make(seed, buffers=False)
    x = start(seed)

    def f(x: Any) -> Any:
        values, _ = run(lines, x, np)
        return values

    expected = f(x.copy())
    program = cr.stage(lambda x: f(x + 0.0), x)
    assert_same(program(x), f(x + 0.0), rounding=1e-12 if lines.fused else 0.0)
    assert len(expected) == len(program(x))


Pair = namedtuple("Pair", "first second")


def test_containers_go_in_by_name_and_come_out_as_they_are() -> None:
    def f(params: Any, *xs: Any) -> Any:
        return {"loss": np.sum(params["w"] * xs[0]), "both": Pair(params["b"][0] + 1, (xs[1], 3.0))}

    params = {"w": np.arange(3.0), "b": [2.0]}
    program = cr.stage(f, params, np.ones(3), 5.0)
    assert program.variables == ("params['b'][0]", "params['w']", "xs[0]", "xs[1]")
    found = program(2.0, np.arange(3.0), np.ones(3), 5.0)
    assert found == {"loss": 3.0, "both": Pair(3.0, (5.0, 3.0))}
    assert type(found["both"]) is Pair
    assert "def f(params_b_0, params_w, xs_0, xs_1):" in program.source


def test_a_loop_with_a_condition_is_guarded_at_every_turn() -> None:
    def newton(a: Any) -> Any:
        x = a
        while np.abs(x * x - a) > 1e-10:
            x = 0.5 * (x + a / x)
        return x

    program = cr.stage(cr.grad(newton), 2.0)
    assert [guard.outcome for guard in program.guards] == [True] * 4 + [False]
    assert program(2.0) == cr.grad(newton)(2.0)
    with pytest.raises(PathError, match="was True, and here it is False"):
        program(1.0)


def test_a_range_and_an_index_that_depend_on_values_are_guarded() -> None:
    labels = np.array([10.0, 20.0, 30.0])

    def f(x: Any) -> Any:
        total = 0.0
        for k in range(int(np.sum(x > 0))):
            total = total + x[k] * labels[np.argsort(x)][k]
        return total

    program = cr.stage(f, np.array([1.0, -2.0, 3.0]))
    assert program(np.array([2.0, -3.0, 4.0])) == f(np.array([2.0, -3.0, 4.0]))
    for other in ([1.0, 2.0, 3.0], [3.0, -1.0, 2.0]):
        with pytest.raises(PathError):
            program(np.array(other))


def test_a_mask_that_chooses_another_number_of_entries_is_another_path() -> None:
    program = cr.stage(cr.grad(lambda x: np.sum(np.exp(x[x > 0]))), np.array([1.0, -1.0, 2.0]))
    assert not program.guards
    np.testing.assert_array_equal(program(np.array([-1.0, 1.0, 2.0])), [0.0, np.exp(1.0), np.exp(2.0)])
    with pytest.raises(PathError, match=r"shape \(2,\), and here it has one of \(3,\)"):
        program(np.array([1.0, 1.0, 2.0]))


def test_captured_arrays_are_constants_that_later_writes_do_not_reach() -> None:
    weights = np.arange(40.0)
    index = np.array([0, 1])

    def f(x: Any) -> Any:
        first = x[index]
        index[...] = 2
        return np.sum(weights * np.sum(x[index] + first))

    program = cr.stage(f, np.array([1.0, 2.0, 4.0]))
    weights[...] = 0.0
    assert program(np.array([1.0, 2.0, 4.0])) == np.sum(np.arange(40.0)) * 11.0
    assert list(program.constants) == ["c1"]
    assert not program.constants["c1"].flags.writeable


def test_a_program_is_differentiated_as_any_function() -> None:
    f = lambda x: np.sum(np.where(x > 0, np.sin(x), x**2))  # noqa: E731
    x = np.array([0.5, -0.5])
    program = cr.stage(f, x)
    assert_same(cr.grad(program)(x), cr.grad(f)(x))
    assert_same(cr.hessian(program)(x), cr.hessian(f)(x))
    assert_same(cr.stage(cr.grad(program), x)(-x), cr.grad(f)(-x))


@pytest.mark.parametrize(
    ("values", "message"),
    [((), "takes 1 values, but got 0"), ((np.ones(2),), "shape"), ((np.ones(3) * 1j,), "complex128")],
)
def test_values_that_do_not_fit_a_program_are_refused(values: Any, message: str) -> None:
    program = cr.stage(np.sum, np.ones(3))
    with pytest.raises((TypeError, ShapeError), match=message):
        program(*values)


CONSTANTS = [np.inf, -np.inf, np.nan, -0.0, 5e-324, 1e308, 2**60, -3, True, 1.5 - 2j, -1j, np.float32(0.1)]


@pytest.mark.parametrize("constant", CONSTANTS, ids=repr)
def test_every_constant_is_written_as_what_it_is(constant: Any) -> None:
    def f(x: Any) -> Any:
        return np.where(x > 0, x * constant, constant), np.full(3, constant) + x

    x = np.array([1.0, -2.0, 3.0])
    program = cr.stage(f, x)
    pasted: dict[str, Any] = {"constants": program.constants}
    exec(program.source, pasted)
    assert_same(pasted[program.name](x), f(x))
    assert_same(Program.from_json(program.to_json())(x), f(x))
    for one, other in zip(leaves(pasted[program.name](x)), leaves(f(x)), strict=True):
        np.testing.assert_array_equal(np.signbit(np.real(one)), np.signbit(np.real(other)))


FLOATS = ("f2", "f4", "f8", "g", "F", "D", "i1", "i8", "?")


@pytest.mark.parametrize("made_for", ["f4", "f8", "g", "F", "D"])
def test_values_of_other_dtypes_are_taken_where_nothing_is_lost_and_refused_elsewhere(made_for: str) -> None:
    for shape in ((3,), ()):
        program = cr.stage(lambda x: x * 2, np.ones(shape, made_for)[()])
        for kind in FLOATS:
            value = np.ones(shape, kind)[()]
            if np.can_cast(kind, made_for, "safe"):
                found = program(value)
                assert (found.dtype, np.shape(found)) == (np.dtype(made_for), shape)
                np.testing.assert_array_equal(found, 2 * np.ones(shape))
            else:
                with pytest.raises(ShapeError, match=str(value.dtype)):
                    program(value)


def three_questions(x: Any, where: int) -> Any:
    """x > 0 is asked before, between, or after the operations, or of the result alone."""
    if where == 0 and x > 0:
        return x * 2.0
    y = np.sin(x)
    if where == 1 and x > 0:
        return y * 2.0
    y = y + 1.0
    if where == 2:
        return y if x > 0 else -x
    return (y, 1.0) if where == 3 and y > 1 else (x, 2.0)


@pytest.mark.parametrize("where", range(4))
def test_a_question_is_answered_anew_wherever_it_stands_among_the_operations(where: int) -> None:
    program = cr.stage(lambda x: three_questions(x, where), 0.7)
    assert_same(program(0.3), three_questions(np.float64(0.3), where))
    with pytest.raises(PathError):
        program(-0.3)
    of_input_alone = cr.stage(lambda x: x if x > 0 else -x, 0.7)
    assert of_input_alone(0.2) == 0.2
    with pytest.raises(PathError):
        of_input_alone(-1.0)
    with pytest.raises(PathError):
        of_input_alone.values(-1.0)


AWKWARD = [
    *("np", "numpy", "math", "constants", "v1", "v2", "x_1", "chainrule", "float", "sum", "isnan", "where", "len"),
    *("True_", "print", "self", "cls", "args", "kwargs", "f", "operator", "scipy", "ABSENT", "λ", "_", "__name__"),
]


@pytest.mark.parametrize("name", AWKWARD)
def test_an_input_may_have_any_name(name: str) -> None:
    def inner(a: Any, b: Any) -> Any:
        return np.where(a > b, np.sin(a) * np.arange(30.0)[::10], b) + np.sum(a)

    space: dict[str, Any] = {"inner": inner}
    exec(f"def f({name}, other):\n    return inner({name}, other)", space)
    a, b = np.array([0.3, 1.0, -2.0]), np.array([0.1, 2.0, -3.0])
    program = cr.stage(space["f"], a, b)
    assert program.variables == (name, "other")
    pasted: dict[str, Any] = {"constants": program.constants}
    exec(program.source, pasted)
    assert_same(pasted[program.name](b, a), inner(b, a))
    assert_same(Program.from_json(program.to_json())(b, a), inner(b, a))
    assert_same(cr.jit(space["f"])(b, a), inner(b, a))
    given = {name: a, "other": b}
    by_name = cr.stage(lambda p: p[name] * np.sin(p["other"]), given)
    exec(by_name.source, pasted)
    assert_same(pasted[by_name.name](*[given[key] for key in sorted(given)]), a * np.sin(b))


@pytest.mark.parametrize("f", [lambda x: "text", lambda x: None])
def test_a_function_without_a_result_made_of_numbers_is_refused(f: Any) -> None:
    with pytest.raises(NotDifferentiableError, match="returned"):
        cr.stage(f, 1.0)


def test_a_staged_value_that_left_its_program_is_refused() -> None:
    kept = []
    cr.stage(lambda x: kept.append(x) or x * 2, 1.0)
    for use in (lambda v: v + 1, lambda v: v > 0, bool):
        with pytest.raises(TrackingError, match="after the transform"):
            use(kept[0])


def test_a_staged_number_does_not_leave_through_float() -> None:
    import math

    with pytest.raises(TrackingError, match=r"np\.sin instead of math\.sin"):
        cr.stage(lambda x: math.sin(x), 1.0)


def test_json_names_no_other_functions_than_those_of_the_libraries() -> None:
    program = cr.stage(np.sin, 1.0)
    text = program.to_json().replace("numpy:sin", "os:getcwd")
    with pytest.raises(ValueError, match="only name functions of NumPy"):
        Program.from_json(text)
    with pytest.raises(ValueError, match="not a program"):
        Program.from_json("[]")
    assert Program.from_json(cr.stage(np.sin, 1.0).to_json()).to_json() == program.to_json()


def test_programs_are_equal_where_they_compute_the_same_in_the_same_way() -> None:
    make = lambda n: cr.stage(lambda x: np.sum(x) * n, np.ones(3))  # noqa: E731
    assert make(2.0) == make(2.0) != make(3.0)
    assert hash(make(2.0)) == hash(make(2.0))
    assert make(np.nan) == make(np.nan)
