"""check_grads, the judge of most other tests, is judged by rules that are wrong in one way each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import check
from chainrule.errors import GradientCheckError

x5 = np.array([0.3, -0.8, 1.2, 2.0, -1.5])
z5 = x5 + 1j * np.array([0.7, 0.2, -0.4, 1.1, 0.5])
THOUSANDTH = 1.001


def ruled(f: Callable[..., Any], forward: Any = None, reverse: Any = None) -> Callable[..., Any]:
    """`f` with rules that nobody has checked."""
    return cr.custom(f, forward=forward, reverse=reverse, samples=[])


def sine(forward: Any = lambda x, t: np.cos(x) * t, reverse: Any = lambda x, g: np.cos(x) * g) -> Callable[..., Any]:
    return ruled(lambda x: np.sin(x), lambda out, xs, ts: forward(xs[0], ts[0]), lambda out, xs, g: reverse(xs[0], g))


def square(forward: Any = lambda z, t: 2 * z * t, reverse: Any = lambda z, g: 2 * z * g) -> Callable[..., Any]:
    return ruled(lambda z: z * z, lambda out, zs, ts: forward(zs[0], ts[0]), lambda out, zs, g: reverse(zs[0], g))


def sums(
    forward: Any = lambda t: np.cumsum(t), reverse: Any = lambda g: np.cumsum(g[::-1])[::-1]
) -> Callable[..., Any]:
    return ruled(lambda x: np.cumsum(x), lambda out, xs, ts: forward(ts[0]), lambda out, xs, g: reverse(g))


def still(x: Any) -> Any:
    return cr.stop_gradient(x)


def one_of_many(x: Any) -> Any:
    factors = np.ones(np.shape(x))
    if factors.ndim:
        factors[17] = THOUSANDTH
    return factors


def once_right() -> Callable[..., Any]:
    calls: list[Any] = []

    def reverse(x: Any, g: Any) -> Any:
        calls.append(g)
        return np.cos(x) * g * (1.0 if len(calls) == 1 else THOUSANDTH)

    return reverse


def test_right_rules_pass() -> None:
    for f in (sine(), square()):
        cr.check_grads(f, (x5,), order=3)
    cr.check_grads(square(), (z5,), order=3)
    cr.check_grads(sums(), (x5,), order=3)


many = np.linspace(-1, 1, 200)
WRONG: dict[str, tuple[Callable[..., Any], Any, dict[str, Any], str]] = {
    "reverse mode, by a thousandth": (sine(reverse=lambda x, g: np.cos(x) * g * THOUSANDTH), x5, {}, "^the .* reverse"),
    "forward mode, by a thousandth": (sine(forward=lambda x, t: np.cos(x) * t * THOUSANDTH), x5, {}, "^the .* forward"),
    "reverse mode, of a number": (sine(reverse=lambda x, g: np.cos(x) * g * THOUSANDTH), 0.3, {}, "reverse mode"),
    "forward mode, of a number": (sine(forward=lambda x, t: np.cos(x) * t * THOUSANDTH), 0.3, {}, "forward mode"),
    "reverse mode, by 1e-5": (sine(reverse=lambda x, g: np.cos(x) * g * (1 + 1e-5)), x5, {}, "reverse mode"),
    "forward mode, by 1e-5": (sine(forward=lambda x, t: np.cos(x) * t * (1 + 1e-5)), x5, {}, "forward mode"),
    "reverse mode, one entry": (sine(reverse=lambda x, g: np.cos(x) * g * one_of_many(x)), many, {}, "reverse mode"),
    "forward mode, one entry": (sine(forward=lambda x, t: np.cos(x) * t * one_of_many(x)), many, {}, r"entry \(17,\)"),
    "reverse mode, second order": (sine(reverse=lambda x, g: np.cos(still(x)) * g), x5, {}, "reverse"),
    "forward mode, second order": (sine(forward=lambda x, t: np.cos(still(x)) * t), x5, {}, "forward"),
    "reverse mode, second order by a thousandth": (
        sine(reverse=lambda x, g: np.cos(THOUSANDTH * x + (1 - THOUSANDTH) * still(x)) * g), x5, {}, "reverse"),
    "forward mode, second order by a thousandth": (
        sine(forward=lambda x, t: np.cos(THOUSANDTH * x + (1 - THOUSANDTH) * still(x)) * t), x5, {}, "forward"),
    "third order": (
        sine(lambda x, t: (np.cos(still(x)) - np.sin(still(x)) * (x - still(x))) * t), x5, {"order": 3}, "forward"),
    "the sign of the imaginary part, backwards": (
        square(reverse=lambda z, g: 2 * np.conjugate(z) * g), z5, {}, "reverse mode"),
    "the sign of the imaginary part, forwards": (
        square(forward=lambda z, t: 2 * np.conjugate(z) * t), z5, {}, "forward mode"),
    "the conjugate of the cotangent": (square(reverse=lambda z, g: 2 * z * np.conjugate(g)), z5, {}, "reverse mode"),
    "the conjugate of the tangent": (square(forward=lambda z, t: 2 * z * np.conjugate(t)), z5, {}, "forward mode"),
    "the imaginary part is lost": (square(reverse=lambda z, g: np.real(2 * z * g)), z5, {}, "reverse mode"),
    "a tangent of 0 ends it": (sums(forward=lambda t: np.where(t == 0, 0, np.cumsum(t))), x5, {}, "forward mode"),
    "a cotangent of 0 ends it": (
        sums(reverse=lambda g: np.where(g == 0, 0, np.cumsum(g[::-1])[::-1])), x5, {}, "reverse mode"),
    "the cotangent 0 flows": (
        sums(reverse=lambda g: np.cumsum(g[::-1])[::-1] + (0 if np.any(still(g)) else 1e-3)), x5, {}, "reverse mode"),
    "the transpose is left out": (sums(reverse=np.cumsum), x5, {}, "reverse mode"),
    "the second call of the pullback": (sine(reverse=once_right()), x5, {"order": 1}, "reverse mode"),
    "NaN backwards": (sine(reverse=lambda x, g: np.cos(x) * g * np.nan), x5, {}, "reverse mode is nan"),
    "NaN forwards": (sine(forward=lambda x, t: np.cos(x) * t * np.nan), x5, {}, "forward mode .*is nan"),
    "an infinite slope": (sine(reverse=lambda x, g: np.cos(x) * g * np.inf), x5, {}, "reverse mode"),
    "float32, by a thousandth": (
        sine(forward=lambda x, t: np.cos(x) * t * np.float32(THOUSANDTH)), x5.astype(np.float32), {}, "forward mode"),
    "float32 backwards, by a thousandth": (
        sine(reverse=lambda x, g: np.cos(x) * g * np.float32(THOUSANDTH)), x5.astype(np.float32), {}, "reverse mode"),
    "far from 0": (sine(reverse=lambda x, g: np.cos(x) * g * THOUSANDTH), 1e4 + x5, {}, "reverse mode"),
    "very small results": (
        lambda x: 1e-12 * sine(reverse=lambda x, g: np.cos(x) * g * THOUSANDTH)(x), x5, {}, "reverse mode"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_one_way_is_seen_by_default(name: str) -> None:
    f, at, more, message = WRONG[name]
    with np.errstate(all="ignore"), pytest.raises(GradientCheckError, match=message):
        cr.check_grads(f, (at,), **more)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_one_mode_alone_is_checked_where_it_is_asked_for(mode: str) -> None:
    other = "reverse" if mode == "forward" else "forward"
    f = sine(**{mode: lambda x, t: np.cos(x) * t * THOUSANDTH})
    for modes in ((mode,), mode):
        with pytest.raises(GradientCheckError, match=f"derivative in {mode} mode"):
            cr.check_grads(f, (x5,), 1, modes)
    cr.check_grads(f, (x5,), 1, (other,))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_value_that_is_another_one_under_the_transforms_is_seen_in_each_mode(mode: str) -> None:
    with pytest.raises(GradientCheckError, match=f"the value in {mode} mode"):
        cr.check_grads(lambda x: x * 2 + (1.0 if isinstance(x, cr.Variable) else 0.0), (x5,), 1, (mode,))


@pytest.mark.parametrize("first", ["forward", "reverse"])
@pytest.mark.parametrize("second", ["forward", "reverse"])
def test_every_mixture_of_the_modes_is_checked_at_second_order(first: str, second: str) -> None:
    """The first derivative is right in both modes; its derivative is wrong in one mode only."""

    def bend(x: Any, factor: float) -> Any:  # the slope of a cosine that is wrong in the mode `second`
        wrong = {second: lambda x, t: -np.sin(x) * t * factor}
        given = {"forward": lambda x, t: -np.sin(x) * t, "reverse": lambda x, g: -np.sin(x) * g} | wrong
        cosine = ruled(
            lambda x: np.cos(x),
            lambda out, xs, ts: given["forward"](xs[0], ts[0]),
            lambda out, xs, g: given["reverse"](xs[0], g),
        )
        return cosine(x)

    cr.check_grads(sine(**{first: lambda x, t: bend(x, 1.0) * t}), (x5,))
    with pytest.raises(GradientCheckError, match=f"the {first} derivative in {second} mode"):
        cr.check_grads(sine(**{first: lambda x, t: bend(x, THOUSANDTH) * t}), (x5,))


def test_one_wrong_argument_of_several_and_one_wrong_part_of_a_container_are_seen() -> None:
    product = ruled(
        lambda x, y: x * y,
        lambda out, xs, ts: ts[0] * xs[1] + xs[0] * ts[1] * THOUSANDTH,
        lambda out, xs, g: (g * xs[1] * THOUSANDTH, g * xs[0]),
    )
    for mode in ("forward", "reverse"):
        with pytest.raises(GradientCheckError):
            cr.check_grads(product, (0.7, 1.3), modes=(mode,))
    wrong = sine(lambda x, t: np.cos(x) * t * THOUSANDTH)
    with pytest.raises(GradientCheckError, match=r"of part 2 at entry"):
        cr.check_grads(lambda p: {"a": p["u"], "b": [p["v"], wrong(p["v"])]}, ({"u": 2.0, "v": x5},))


def test_functions_that_write_to_their_arguments_are_checked_on_copies() -> None:
    def f(x: Any) -> Any:
        x[0] = x[1] * x[2]
        return np.sum(np.sin(x))

    x = x5.copy()
    cr.check_grads(f, (x,))
    np.testing.assert_array_equal(x, x5)


def test_functions_that_return_the_same_array_every_time_are_checked_by_its_values() -> None:
    buffer = np.empty(5)

    def into_the_buffer(x: Any) -> Any:
        buffer[:] = np.sin(x)
        return buffer

    cr.check_grads(cr.custom(into_the_buffer, reverse=lambda out, xs, g: np.cos(xs[0]) * g, samples=[]), (x5,))


@pytest.mark.parametrize("what", ["value", "cotangent", "tangent's value"])
def test_a_derivative_that_depends_on_what_was_handed_out_is_seen(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The transforms of this test go on using an array that the caller received, and may write to."""
    handed_out = [np.zeros(5)]

    def leaking_vjp(f: Any, *primals: Any) -> Any:
        value, pullback = cr.vjp(f, *primals)

        def leaking_pullback(g: Any) -> Any:
            made = pullback(g)[0] + 0 * handed_out[-1]
            handed_out.append(made if what == "cotangent" else value)
            return (made,)

        return value, leaking_pullback

    def leaking_jvp(f: Any, primals: Any, tangents: Any) -> Any:
        value, moved = cr.jvp(f, primals, tangents)
        moved = moved + 0 * handed_out[-1]
        handed_out.append(value)
        return value, moved

    if what == "tangent's value":
        monkeypatch.setattr(check, "jvp", leaking_jvp)
    else:
        monkeypatch.setattr(check, "vjp", leaking_vjp)
    with pytest.raises(GradientCheckError, match="is nan"):
        cr.check_grads(np.sin, (x5,), order=1)


RIGHT: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "a slope of 0": (lambda x: x**3, (0.0,)),
    "a slope of 0 and a fifth power": (lambda x: x**5 - x**3, (np.zeros(3),)),
    "large arguments": (lambda x: np.log(x) * x, (1e8 * np.exp(x5),)),
    "small results": (lambda x: 1e-9 * np.sin(x), (x5,)),
    "large results": (lambda x: 1e9 * np.sin(x), (x5,)),
    "a large constant beside": (lambda x: 1e5 + np.sin(x), (x5,)),
    "whole numbers": (lambda x, n: x**2 * n, (3, np.arange(3))),
    "complex to real": (lambda z: np.abs(z) ** 2, (z5,)),
    "real to complex": (lambda x: np.exp(1j * x), (x5,)),
    "float32": (lambda x: np.sum(np.tanh(x) * x), (x5.astype(np.float32),)),
    "float32 of float64": (lambda x: np.sin(x).astype(np.float32), (x5,)),
    "float16": (lambda x: np.sin(x), (x5.astype(np.float16),)),
    "float32 and float64": (lambda x, y: np.exp(x) * y**3, (x5.astype(np.float32), x5)),
    "float64 and float32": (lambda x, y: np.exp(x) * y**3, (x5, x5.astype(np.float32))),
    "float16 and float64": (lambda x, y: np.sum(x * y**3), (x5.astype(np.float16), x5)),
    "complex64 and float64": (lambda z, y: np.exp(z) * y**3, (z5.astype(np.complex64), x5)),
    "no entries": (lambda x: x * 2, (np.ones((0, 3)),)),
    "a constant": (lambda x: np.ones(2), (x5,)),
    "a step": (np.floor, (x5 + 0.1,)),
    "a formula": ("x·sin(y)", (0.5, 0.7)),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_passes_whatever_its_size_and_its_dtype(name: str) -> None:
    f, args = RIGHT[name]
    cr.check_grads(f, args)


def test_a_point_without_a_derivative_fails() -> None:
    with np.errstate(all="ignore"):
        for f, at in ((np.sqrt, 0.0), (np.log, -1.0), (lambda x: x * np.nan, 1.0)):
            with pytest.raises(GradientCheckError):
                cr.check_grads(f, (at,))


def test_a_check_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="modes are 'forward' and 'reverse', not 'sideways'"):
        cr.check_grads(np.sin, (1.0,), modes=("sideways",))
    with pytest.raises(ValueError, match=r"modes are .* not none"):
        cr.check_grads(np.sin, (1.0,), modes=())
    for order in (0, -1, 1.5):
        with pytest.raises(ValueError, match="a whole number from 1 on"):
            cr.check_grads(np.sin, (1.0,), order=order)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="returns numbers"):
        cr.check_grads(lambda x: [], (1.0,))
