"""Containers go in and come out whole: dataclasses of every kind, named tuples, None, empty ones, the order of keys."""

from __future__ import annotations

import dataclasses
import enum
from collections import OrderedDict, defaultdict, deque
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import NotDifferentiableError, ShapeError

v3 = np.array([0.5, -1.0, 2.0])


@dataclasses.dataclass
class Normalised:
    """Computes a field from the others, which are traced."""

    weights: Any
    scale: Any = 1.0
    unit: Any = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.unit = self.weights * self.scale


@dataclasses.dataclass(frozen=True)
class Counted:
    """A frozen one with a constant that its constructor does not take."""

    value: Any
    steps: int = dataclasses.field(init=False, default=7)


@dataclasses.dataclass(slots=True, kw_only=True)
class Slotted:
    first: Any
    second: Any = None


@dataclasses.dataclass(frozen=True)
class Checked:
    """Its __post_init__ only looks."""

    low: Any
    high: Any

    def __post_init__(self) -> None:
        if np.any(self.low > self.high):
            raise ValueError("low above high")


@dataclasses.dataclass
class Child(Normalised):
    shift: Any = 0.0


class Pair(NamedTuple):
    first: Any
    second: Any = 3.0


def test_post_init_is_run_on_the_traced_fields_so_what_it_computes_is_differentiated() -> None:
    def f(p: Normalised) -> Any:
        return np.sum(p.unit**2)

    given = Normalised(v3, 2.0)
    for gradient in (cr.grad(f)(given), cr.vjp(f, given)[1](1.0)[0], cr.jacobian(f)(given), cr.jacfwd(f)(given)):
        assert type(gradient) is Normalised
        np.testing.assert_allclose(gradient.weights, 2 * v3 * 4, rtol=1e-15)
        assert gradient.scale == pytest.approx(2 * 2.0 * np.sum(v3**2), rel=1e-15)
        np.testing.assert_allclose(gradient.unit, gradient.weights * gradient.scale, rtol=1e-15)
    tangent = Normalised(np.ones(3), 0.0)
    assert cr.jvp(f, (given,), (tangent,))[1] == pytest.approx(8 * np.sum(v3), rel=1e-15)
    np.testing.assert_array_equal(given.unit, 2 * v3)  # the caller's own is left alone


def test_a_class_that_inherits_post_init_computes_it_as_well() -> None:
    gradient = cr.grad(lambda p: np.sum(p.unit * p.shift))(Child(v3, 2.0, shift=5.0))
    assert type(gradient) is Child
    np.testing.assert_array_equal(gradient.weights, [10.0, 10.0, 10.0])
    assert gradient.shift == 2 * np.sum(v3)


def test_a_post_init_that_checks_sees_values_that_compare() -> None:
    gradient = cr.grad(lambda p: np.sum((p.high - p.low) ** 2))(Checked(v3 - 1, v3 + 1))
    # The gradient is made as any other: −4 below, 4 above.
    np.testing.assert_array_equal(gradient.low, [-4.0] * 3)
    np.testing.assert_array_equal(gradient.high, [4.0] * 3)


def test_a_field_that_the_constructor_does_not_take_keeps_its_value() -> None:
    given = Counted(2.0)
    object.__setattr__(given, "steps", 3)
    seen = []
    gradient = cr.grad(lambda p: (seen.append(p.steps), p.value**p.steps)[1])(given)
    assert seen == [3]
    assert type(gradient) is Counted
    assert (gradient.value, gradient.steps) == (12.0, 3)


def test_slots_keywords_and_fields_that_are_none() -> None:
    gradient = cr.grad(lambda p: p.first**2)(Slotted(first=3.0))
    assert gradient == Slotted(first=6.0, second=None)
    gradient = cr.grad(lambda p: p.first * p.second.first)(Slotted(first=3.0, second=Slotted(first=5.0)))
    assert gradient == Slotted(first=5.0, second=Slotted(first=3.0))


def test_dataclasses_nest_in_other_containers_and_hold_them() -> None:
    given = {"layers": [Slotted(first=(1.0, v3)), Slotted(first=(2.0, v3), second={"b": 4.0})]}
    gradient = cr.grad(lambda p: sum(layer.first[0] * np.sum(layer.first[1]) for layer in p["layers"]))(given)
    assert gradient["layers"][0].first[0] == np.sum(v3)
    np.testing.assert_array_equal(gradient["layers"][1].first[1], [2.0, 2.0, 2.0])
    assert gradient["layers"][1].second == {"b": 0.0}


def test_a_dataclass_comes_out_of_a_function_and_takes_cotangents_of_its_own_kind() -> None:
    def f(x: Any) -> Any:
        return Slotted(first=x * x, second=[x, None])

    value, pullback = cr.vjp(f, v3)
    assert type(value) is Slotted
    (gradient,) = pullback(Slotted(first=v3, second=[np.ones(3), None]))
    np.testing.assert_array_equal(gradient, 2 * v3 * v3 + 1)
    value, tangent = cr.jvp(f, (v3,), (np.ones(3),))
    assert (type(value), type(tangent)) == (Slotted, Slotted)
    np.testing.assert_array_equal(tangent.first, 2 * v3)
    assert tangent.second[1] is None
    assert cr.jacobian(f)(v3).first.shape == (3, 3)


def test_a_dataclass_type_is_learnt_once_and_from_each_place_alike() -> None:
    @dataclasses.dataclass
    class Local:
        a: Any

    for _ in range(3):
        assert cr.grad(lambda p: p.a**2)(Local(3.0)) == Local(6.0)
        assert cr.hessian(lambda p: p.a**2)(Local(3.0)) == Local(Local(2.0))


def test_named_tuples_keep_their_type_and_their_defaults() -> None:
    assert cr.grad(lambda p: p.first * p.second)(Pair(2.0)) == Pair(3.0, 2.0)
    assert type(cr.grad(lambda p: p.first)(Pair(2.0))) is Pair
    assert cr.jvp(lambda p: Pair(p.second, p.first**2), (Pair(2.0, 5.0),), (Pair(1.0, 0.0),)) == (
        Pair(5.0, 4.0), Pair(0.0, 4.0)
    )  # fmt: skip
    assert type(cr.hessian(lambda p: p.first * p.second)(Pair(2.0)).first) is Pair
    assert cr.hessian(lambda p: p.first * p.second)(Pair(2.0)) == Pair(Pair(0.0, 1.0), Pair(1.0, 0.0))


def test_the_order_of_a_dictionarys_keys_decides_nothing() -> None:
    def f(p: Any) -> Any:
        return p["a"] * 2 + p["b"] * 30 + p["c"] * 400

    for keys in ("abc", "cba", "bca"):
        given = {key: float(ord(key)) for key in keys}
        gradient = cr.grad(f)(given)
        assert gradient == {"a": 2.0, "b": 30.0, "c": 400.0}
        tangent = {key: {"a": 1.0, "b": 10.0, "c": 100.0}[key] for key in reversed(keys)}
        assert cr.jvp(f, (given,), (tangent,))[1] == 2 + 300 + 40_000
        out, pullback = cr.vjp(lambda p, keys=keys: {key: p[key] ** 2 for key in reversed(keys)}, given)
        assert pullback({"b": 1.0, "c": 0.0, "a": 10.0})[0] == {
            "a": 20.0 * ord("a"), "b": 2.0 * ord("b"), "c": 0.0
        }  # fmt: skip
        assert out == {key: float(ord(key)) ** 2 for key in "abc"}


def test_keys_that_do_not_compare_are_paired_by_key_too() -> None:
    given = {1: 2.0, "one": 3.0, (0, 1): 5.0}
    gradient = cr.grad(lambda p: p[1] * 10 + p["one"] * 20 + p[0, 1] * 30)(given)
    assert gradient == {1: 10.0, "one": 20.0, (0, 1): 30.0}
    tangent = {(0, 1): 1.0, "one": 0.0, 1: 0.0}
    assert cr.jvp(lambda p: p[1] * 10 + p["one"] * 20 + p[0, 1] * 30, (given,), (tangent,))[1] == 30.0


def test_other_containers_keep_their_type() -> None:
    ordered = cr.grad(lambda p: p["z"] * p["a"])(OrderedDict(z=2.0, a=3.0))
    assert type(ordered) is OrderedDict
    assert list(ordered.items()) == [("z", 3.0), ("a", 2.0)]
    filled = cr.grad(lambda p: p["z"] ** 2)(defaultdict(float, z=2.0))
    assert type(filled) is defaultdict
    assert filled == {"z": 4.0}
    queue = cr.grad(lambda p: p[0] * p[1])(deque([2.0, 3.0]))
    assert type(queue) is deque
    assert list(queue) == [3.0, 2.0]


@pytest.mark.parametrize("empty", [(), [], {}, None, ((), [None, {}])])
def test_a_container_without_numbers_comes_back_as_it_is(empty: Any) -> None:
    assert cr.grad(lambda p: 3.0)(empty) == empty
    assert cr.grad(lambda p, x: x * x, (0, 1))(empty, 3.0) == (empty, 6.0)
    assert cr.jvp(lambda p, x: (p, x * x), (empty, 3.0), (empty, 1.0)) == ((empty, 9.0), (empty, 6.0))
    value, pullback = cr.vjp(lambda p, x: (p, x * x), empty, 3.0)
    assert value == (empty, 9.0)
    assert pullback((empty, 1.0)) == (empty, 6.0)
    for transform in (cr.jacfwd, cr.jacrev):
        assert transform(lambda p, x: x * x, (0, 1))(empty, 3.0) == (empty, 6.0)


def test_leaves_of_every_dtype_and_shape_get_gradients_of_theirs() -> None:
    given = {
        "single": np.ones(3, np.float32),
        "double": np.ones((2, 3)),
        "whole": np.arange(3),
        "complex": np.ones(3, complex),
        "number": 2,
        "point": np.array(2.0),
    }
    gradient = cr.grad(lambda p: sum(np.sum(np.real(leaf)) for leaf in p.values()))(given)
    assert {name: (np.shape(g), np.asarray(g).dtype.name) for name, g in gradient.items()} == {
        "single": ((3,), "float32"),
        "double": ((2, 3), "float64"),
        "whole": ((3,), "float64"),
        "complex": ((3,), "complex128"),
        "number": ((), "float64"),
        "point": ((), "float64"),
    }
    assert isinstance(gradient["number"], np.float64)
    assert type(gradient["point"]) is np.ndarray


def test_a_leaf_that_is_no_number_is_named_by_its_path() -> None:
    with pytest.raises(NotDifferentiableError, match=r"'p' of <lambda>\['layers'\]\[1\]"):
        cr.grad(lambda p: 1.0)({"layers": [1.0, np.array(["relu"])]})


class Kind(enum.Enum):
    DENSE = 1


@dataclasses.dataclass(frozen=True)
class Layer:
    weights: Any
    name: str
    activation: Any = np.tanh
    options: Any = dataclasses.field(
        default_factory=lambda: {"bias": True, "kind": Kind.DENSE, "type": float, "": None}
    )

    def __call__(self, x: Any) -> Any:
        return np.sum(self.activation(self.weights * x)) if self.options["bias"] else 0.0


def test_what_has_no_numbers_in_it_passes_and_comes_back_at_its_place() -> None:
    layer = Layer(v3, "first")

    def f(layers: Any, x: Any) -> Any:
        assert (layers[0].name, layers[0].activation) == ("first", np.tanh)
        assert layers[0].options == layer.options
        return layers[0](x)

    expected = 2.0 / np.cosh(2.0 * v3) ** 2
    value, pullback = cr.vjp(f, [layer], 2.0)
    gradients = [
        cr.grad(f)([layer], 2.0), pullback(1.0)[0], cr.jacobian(f)([layer], 2.0), cr.jacfwd(f)([layer], 2.0),
    ]  # fmt: skip
    for (gradient,) in gradients:
        np.testing.assert_allclose(gradient.weights, expected, rtol=1e-15)
        assert (gradient.name, gradient.activation, gradient.options) == ("first", np.tanh, layer.options)
    out, moved = cr.jvp(lambda p: (p, f(p, 2.0)), ([layer],), (gradients[0],))
    assert out[0][0].name == moved[0][0].name == "first"
    assert moved[1] == pytest.approx(np.sum(expected**2), rel=1e-15)
    (second,) = cr.hessian(f)([layer], 2.0)
    assert second.name == second.weights[0].name == "first"
    assert second.weights[0].weights.shape == (3, 3)
    cr.check_grads(f, ([layer], 2.0), order=2)
    assert cr.stage(f, [layer], 2.0)(v3, 2.0) == value


def test_an_object_that_might_hold_numbers_is_not_taken_for_a_constant() -> None:
    class Model:
        def __init__(self) -> None:
            self.weights = v3

        def __call__(self, x: Any) -> Any:
            return self.weights * x

    for thing in (Model(), {1.0, 2.0}, np.array([1.0], dtype=object), Fraction(1, 2)):
        with pytest.raises(NotDifferentiableError):
            cr.grad(lambda p: p[0])([1.0, thing])
    for name in ("x", Kind.DENSE, np.tanh, True):  # alone, there is nothing that could be a gradient
        with pytest.raises(NotDifferentiableError):
            cr.grad(lambda p: 1.0)(name)


def test_a_direction_in_another_dataclass_is_refused_as_it_would_pair_the_wrong_parts() -> None:
    @dataclasses.dataclass
    class Turned:
        second: Any
        first: Any

    def f(p: Any) -> Any:
        return Slotted(first=p.first * 2, second=p.second * 3)

    given = Slotted(first=3.0, second=4.0)
    pullback = cr.vjp(f, given)[1]
    for other in (Slotted(first=1.0), Turned(1.0, 0.0), Checked(0.0, 1.0), 1.0, [1.0, 1.0]):
        with pytest.raises(ShapeError):
            pullback(other)
        with pytest.raises(ShapeError):
            cr.jvp(f, (given,), (other,))
    assert pullback(Slotted(first=1.0, second=1.0)) == (Slotted(first=2.0, second=3.0),)
