"""Each pass keeps a program's results bit for bit, and does what it is there for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.compile.common import sharing, without_repeated_questions
from chainrule.compile.constants import fold
from chainrule.compile.dead import without_dead_code
from chainrule.compile.identities import simplify
from chainrule.compile.passes import optimised
from chainrule.compile.rewriting import Change, rewritten
from chainrule.compile.signs import deciding
from chainrule.compile.strength import reduce
from chainrule.engine.containers import flatten
from chainrule.engine.program import Program
from tests.random_functions import cases

PASSES: dict[str, Callable[[Program], Program]] = {
    "dead code": without_dead_code,
    "common subexpressions": lambda program: rewritten(program, sharing()),
    "questions": without_repeated_questions,
    "constants": lambda program: rewritten(program, fold),
    "identities": lambda program: rewritten(program, simplify),
    "signs": lambda program: rewritten(program, deciding()),
    "strength": lambda program: rewritten(program, reduce),
    "all": optimised,
}
SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 5e-324, 1e308, -1e-310, 2.5, -3.0])


def same_bits(found: Any, expected: Any) -> None:
    for a, b in zip(flatten(found)[0], flatten(expected)[0], strict=True):
        a, b = np.asarray(a), np.asarray(b)
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        np.testing.assert_array_equal(a, b)
        if a.dtype.kind in "fc":
            known = ~np.isnan(b)
            np.testing.assert_array_equal(np.signbit(a.real)[known], np.signbit(b.real)[known])


def lines(program: Program) -> list[str]:
    """What the program computes, line by line."""
    return [line.strip() for line in program.source.split("\n") if any(w in line for w in (" = ", "return", "assert"))]


def changed(change: Change, f: Any, *args: Any) -> list[str]:
    return lines(without_dead_code(rewritten(cr.stage(f, *args), change)))


@pytest.mark.parametrize("name", PASSES)
@pytest.mark.parametrize("kind", ["numbers", "arrays", "complex"])
@pytest.mark.filterwarnings("ignore")
def test_no_pass_changes_a_bit_of_a_result(name: str, kind: str) -> None:
    for case in cases(15, 7, kind=kind):
        every = tuple(range(len(case.arguments)))
        given = [np.asarray(a, None if np.asarray(a).dtype.kind in "fc" else float)[()] for a in case.arguments]
        for f in (case.function, cr.value_and_grad(case.function, every)):
            try:
                program = cr.stage(f, *given)
            except Exception:  # some random functions have no gradient
                continue
            made = PASSES[name](program)
            assert len(made.operations) <= len(program.operations)
            same_bits(made(*given), program(*given))
            assert PASSES[name](program) == made


IDENTITIES: list[Callable[[Any], Any]] = [
    lambda x: 1.0 * x, lambda x: x * 1, lambda x: x / 1, lambda x: x + 0.0, lambda x: x + (-0.0), lambda x: x - 0.0,
    lambda x: x - (-0.0), lambda x: 0 - x, lambda x: np.negative(-x), lambda x: (-x) * (-x), lambda x: x + (-x),
    lambda x: 1 + (-x), lambda x: x - (-x), lambda x: x**1, lambda x: x**1.0, lambda x: +x, lambda x: x / 2,
    lambda x: x / 3.0, lambda x: x / -0.5, lambda x: x / 2.0**1000, lambda x: x / 0.0, lambda x: np.where(True, x, 0),
    lambda x: np.where(False, x, 0), lambda x: x * 0.0, lambda x: np.where(x > 0, x, x),
    lambda x: np.where(np.logical_not(x != 0), 1.0, x), lambda x: np.square(x) < 0, lambda x: 1 + np.square(x) != 0,
    lambda x: np.where(np.exp(x) < 0, 1.0, x), lambda x: np.exp(x) * np.abs(x) == 0, lambda x: (x > 0) & True,
    lambda x: (x > 0) & False, lambda x: (x > 0) | True, lambda x: x[...], lambda x: x.reshape(x.shape),
    lambda x: np.real(x), lambda x: np.conjugate(x), lambda x: x.astype(x.dtype),
    lambda x: x.astype(np.float32) * 1.0, lambda x: np.abs(x) + 1 <= 0, lambda x: np.sqrt(x) + 1 == 0,
    lambda x: x * np.float32(1), lambda x: x - np.int8(0), lambda x: np.where((x > 0) | True, 1, x),
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "c16", "i4", "u1"])
@pytest.mark.parametrize("f", IDENTITIES)
@pytest.mark.filterwarnings("ignore")
def test_identities_keep_zeros_nan_and_dtypes(f: Any, dtype: str) -> None:
    x = SPECIAL + 1j * SPECIAL[::-1] if dtype == "c16" else SPECIAL
    x = np.nan_to_num(x, posinf=9, neginf=-9).astype(dtype) if dtype[0] in "iu" else x.astype(dtype)
    if dtype[0] in "iu":
        given = x
        program = cr.stage(lambda y: f((y * 1).astype(dtype)), given)
    else:
        program = cr.stage(f, x)
    for change in PASSES.values():
        same_bits(change(program)(x.astype(program.inputs[0].dtype)), program(x.astype(program.inputs[0].dtype)))


def test_what_nothing_needs_is_left_out() -> None:
    def f(x: Any) -> Any:
        np.sin(x)
        return x + 1 if np.cos(x) > 0 else x

    program = without_dead_code(cr.stage(f, 0.5))
    assert lines(program) == ["v1 = np.cos(x)", "v2 = v1 > 0", 'assert v2, "another path"', "v3 = x + 1", "return v3"]


def test_a_call_is_made_once() -> None:
    found = changed(sharing(), lambda x: np.sin(x) * np.cos(x) + np.sin(x), 1.0)
    assert found == ["v1 = np.sin(x)", "v2 = np.cos(x)", "v3 = v1 * v2", "v4 = v3 + v1", "return v4"]
    assert changed(sharing(), lambda x: (x + 0.0) / (x + -0.0), 1.0)[:2] == ["v1 = x + 0.0", "v2 = x + (-0.0)"]


def test_a_question_is_asked_once() -> None:
    def f(x: Any) -> Any:
        positive = x > 0
        return x if positive and positive else -x

    assert len(without_repeated_questions(cr.stage(f, 1.0)).guards) == 1


def test_constants_are_computed_and_choices_made() -> None:
    assert changed(fold, lambda x: np.where(True, x, -x), 1.0) == ["return x"]
    assert changed(fold, lambda x: np.where((x > 0) & False, np.sin(x), x), 1.0) == ["return x"]
    assert changed(fold, lambda x: np.where((x > 0) | True, 1, x), 1.0) == ["return np.float64(1.0)"]


def test_domain_tests_of_what_cannot_be_negative_are_gone() -> None:
    both = cr.value_and_grad(lambda x: np.sin(x) / (1 + x**2))
    assert not [line for line in lines(optimised(cr.stage(both, 1.0))) if "!=" in line or "== 0" in line]


def test_the_gradient_of_a_power_is_five_operations() -> None:
    program = cr.stage(cr.grad(lambda x, p=3.0: x**p), 2.0)
    assert len(program.operations) > 30
    assert lines(optimised(program)) == [
        "v1 = x ** 3.0", "v2 = x ** 2.0", "v3 = 3.0 * v2", "v4 = np.isnan(v1)", "v5 = np.where(v4, np.nan, v3)[()]",
        "return v5",
    ]  # fmt: skip


def test_quotients_by_powers_of_two_are_products() -> None:
    assert changed(reduce, lambda x: x / 4, 1.0) == ["v1 = x * 0.25", "return v1"]
    assert changed(reduce, lambda x: x / 3, 1.0) == ["v1 = x / 3", "return v1"]
