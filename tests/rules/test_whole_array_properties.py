"""What every rule for whole arrays must satisfy by its own mathematics, whatever the engine does with it.

The rules are taken from the table with the operands and options that the written calls of NumPy's functions give them.
Tangents and cotangents are dense, sparse and zero: a rule that is right for dense ones only is wrong.
"""

from __future__ import annotations

import functools
import itertools
import warnings
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine.record import Record
from chainrule.engine.reverse import recording
from chainrule.formula.expression import evaluate
from chainrule.rules import Structural
from chainrule.rules.rule import TABLE
from chainrule.rules.sorting import mean_of_equals
from tests.rules.alike_calls import written_calls
from tests.rules.calls import CALLS, WHOLE


class Use(NamedTuple):
    """One call of a rule: all its operands, which of them were tracked, the other arguments."""

    rule: Structural
    operands: tuple[Any, ...]
    tracked: tuple[int, ...]
    rest: tuple[Any, ...]
    options: dict[str, Any]

    def value(self) -> Any:
        operands = list(self.operands)
        many = self.rule.operands == -1
        return np.asarray(self.rule.function(*([operands] if many else operands), *self.rest, **self.options))

    def forward(self, tangents: list[Any]) -> Any:
        """The tangent of the result for one tangent of each tracked operand."""
        given: list[Any] = [None] * len(self.operands)
        for position, tangent in zip(self.tracked, tangents, strict=True):
            given[position] = tangent
        made = self.rule.forward(self.value()[()], list(self.operands), given, *self.rest, **self.options)
        value = self.value()
        moved = np.broadcast_to(made, value.shape)
        return np.real(moved) if value.dtype.kind != "c" else moved

    def reverse(self, g: Any) -> list[Any]:
        """The cotangent of each tracked operand, whole."""
        pull = self.rule.reverse(self.value()[()], list(self.operands), self.tracked, *self.rest, **self.options)
        found = []
        for position, part in zip(self.tracked, pull(g), strict=True):
            operand, part = self.operands[position], np.asarray(part)
            shape = operand.shape
            if part.ndim >= len(shape) and part.shape != shape:  # as the engine does, over broadcast axes
                part = part.sum(tuple(range(part.ndim - len(shape))))
                part = part.sum(tuple(k for k, n in enumerate(shape) if part.shape[k] != n), keepdims=True)
            part = np.broadcast_to(part, shape)
            found.append(np.real(part) if operand.dtype.kind != "c" else part)
        return found


class Noting(Record):
    """A record that also notes every use of a rule for whole arrays."""

    __slots__ = ()
    uses: ClassVar[list[Use]] = []

    def _structural(self, rule: Structural, args: Any, kwargs: Any) -> Any:
        made = super()._structural(rule, args, kwargs)
        many = rule.operands == -1
        operands, rest = (args[0], args[1:]) if many else (args[: rule.operands], args[rule.operands :])
        tracked = tuple(i for i, a in enumerate(operands) if isinstance(a, cr.Variable))
        values = tuple(np.asarray(cr.stop_gradient(a)) for a in operands)
        self.uses.append(Use(rule, values, tracked, tuple(rest), dict(kwargs)))
        return made


@functools.cache
def collected() -> dict[Any, list[Use]]:
    """The uses of each rule, at most a few with operands of different shapes and dtypes."""
    Noting.uses.clear()
    token = recording.set(Noting)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            for function, arguments in (*itertools.chain(*CALLS.values()), *TIES):
                cr.vjp(function, *arguments)
            for call in written_calls():
                if call.text[-2:] in (" d", " D"):
                    try:
                        cr.vjp(lambda *x, call=call: (call.function(*x), x[0])[1], *call.tracked)
                    except (TypeError, ValueError):  # NumPy does not take complex numbers there
                        assert call.text.endswith("D"), call.text
    finally:
        recording.reset(token)
    found: dict[Any, list[Use]] = {}
    seen = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        doubles = [u for u in Noting.uses if all(o.dtype.char in "dDlq?" for o in (*u.operands, u.value()))]
    for use in doubles:
        key = (use.rule.function, tuple((o.shape, o.dtype.char) for o in use.operands), use.tracked)
        key = (*key, repr((use.rest, use.options)))
        if key not in seen and max((o.size for o in use.operands), default=0) <= 60:
            seen.add(key)
            found.setdefault(use.rule.function, []).append(use)
    Noting.uses.clear()
    return {function: uses[:: max(1, len(uses) // 12)] for function, uses in found.items()}


RULES = [rule.function for rule in WHOLE if isinstance(rule, Structural)]
every_rule = pytest.mark.parametrize("function", RULES, ids=lambda f: f.__name__)
pytestmark = pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")  # astype, as in NumPy

TIES = [
    (np.sort, (np.array([2.0, 1.0, 2.0, 2.0]),)),
    (np.sort, (np.array([[1.0, 1.0], [3.0, 2.0]]),)),
    (lambda x: mean_of_equals(x, np.array([0, 1, 0, 0])), (np.array([2.0, 1.0, 4.0, 5.0]),)),
]
NOT_UNIQUE = {"cholesky", "eigh_factors", "eig_factors", "svd_factors", "as_equals"}
"""Equal entries, which share their slopes; factors of symmetric matrices, or with signs and phases that jump, of which
test_linalg.py differentiates what is unique."""


def directions(likes: list[Any], seed: int) -> list[list[Any]]:
    """Dense, sparse and zero directions for arrays of these shapes and dtypes, and one with a single entry."""
    random = np.random.default_rng(seed)

    def dense(like: Any) -> Any:
        real = random.normal(size=like.shape)
        return (real + 1j * random.normal(size=like.shape) if like.dtype.kind == "c" else real).astype(like.dtype)

    def single(like: Any) -> Any:
        made = np.zeros_like(like)
        if made.size:
            made.flat[seed % made.size] = 1
        return made

    whole = [dense(like) for like in likes]
    sparse = [d * (random.uniform(size=d.shape) < 0.3) for d in whole]
    return [whole, sparse, [single(like) for like in likes], [np.zeros_like(like) for like in likes]]


def close(found: Any, wanted: Any, context: Any) -> None:
    scale = max(1.0, float(np.max(np.abs(wanted), initial=0)))
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-11 * scale, err_msg=str(context))


def test_the_written_calls_use_every_rule_for_whole_arrays() -> None:
    assert {f.__name__ for f in RULES} - {f.__name__ for f in collected()} == set()
    assert sum(map(len, collected().values())) >= 250


@every_rule
def test_tangents_flow_linearly(function: Any) -> None:
    for use in collected().get(function, []):
        first, second, third, zero = directions([use.operands[i] for i in use.tracked], 3)
        for one, two in ((first, second), (second, third), (third, zero)):
            both = [2.5 * a - 1.5 * b for a, b in zip(one, two, strict=True)]
            close(use.forward(both), 2.5 * use.forward(one) - 1.5 * use.forward(two), use)
        assert not np.any(use.forward(zero)), use


@every_rule
def test_cotangents_flow_linearly(function: Any) -> None:
    for use in collected().get(function, []):
        (first,), (second,), (third,), (zero,) = directions([use.value()], 5)
        for one, two in ((first, second), (second, third), (third, zero)):
            whole = use.reverse(2.5 * one - 1.5 * two)
            for found, a, b in zip(whole, use.reverse(one), use.reverse(two), strict=True):
                close(found, 2.5 * a - 1.5 * b, use)
        assert not any(np.any(part) for part in use.reverse(zero)), use


@every_rule
def test_the_reverse_rule_is_the_transpose_of_the_forward_rule(function: Any) -> None:
    # Re Σ g·(J t) = Re Σ (Jᵀ g)·t: the gradient of a real function of z = a + ib is ∂/∂a − i ∂/∂b.
    for use in collected().get(function, []):
        for tangents in directions([use.operands[i] for i in use.tracked], 7):
            moved = use.forward(tangents)
            for (g,) in directions([use.value()], 11):
                left = np.real(np.sum(g * moved))
                right = np.real(sum(np.sum(p * t) for p, t in zip(use.reverse(g), tangents, strict=True)))
                close(right, left, use)


@every_rule
def test_the_forward_rule_is_the_limit_of_differences(function: Any) -> None:
    for use in collected().get(function, []) if function.__name__ not in NOT_UNIQUE else ():
        for tangents in directions([use.operands[i] for i in use.tracked], 13)[:3]:
            sides = []
            for step in (1e-6, -1e-6):
                moved = list(use.operands)
                for i, tangent in zip(use.tracked, tangents, strict=True):
                    moved[i] = moved[i] + step * tangent
                sides.append(use._replace(operands=tuple(moved)).value())
            slope = (sides[0] - sides[1]) / 2e-6
            scale = max(1.0, float(np.max(np.abs(slope), initial=0)))
            np.testing.assert_allclose(use.forward(tangents), slope, rtol=1e-5, atol=1e-6 * scale, err_msg=str(use))


def weights(use: Use, position: int) -> Any:
    """The matrix of weights of one operand's entries in the result's, for a real operand or the two parts of one."""
    operand = use.operands[position]
    only = use._replace(tracked=(position,))
    columns = []
    for unit in (1, 1j) if operand.dtype.kind == "c" else (1,):
        for place in np.ndindex(operand.shape):
            tangent = np.zeros_like(operand)
            tangent[place] = unit
            columns.append(np.ravel(only.forward([tangent])))
    parts = 2 if operand.dtype.kind == "c" else 1
    return np.array(columns).reshape(parts, operand.size, use.value().size)


def adds_entries(use: Use) -> bool:
    """Whether each entry of the result is a sum of operands' entries, or a mean, in which none can cancel another.

    So its weights are numbers: they stay when all operands are moved.

    The engine finds what was not used by letting ones flow: where they vanish, nothing may have flowed.
    """
    for position in use.tracked:
        matrix = weights(use, position)
        moved = use._replace(operands=tuple(1.5 * np.asarray(operand) for operand in use.operands))
        if not np.array_equal(weights(moved, position), matrix):
            return False
        # no entry is turned in the complex plane, as transforms do
        one_part = np.isclose(matrix, matrix.real) | np.isclose(matrix, 1j * matrix.imag)
        signs = np.sign(np.concatenate([np.real(matrix), np.imag(matrix)]))
        one_sign = np.all(signs.max(axis=1, initial=0) * signs.min(axis=1, initial=0) >= 0)
        sizes = np.abs(matrix)
        in_one_sum = sizes.max(axis=1, initial=0)[:, None]
        if not (one_part.all() and one_sign and np.all(np.isclose(sizes, in_one_sum) | (sizes == 0))):
            return False
    return True


@every_rule
def test_a_rule_moves_entries_exactly_if_it_adds_them_without_cancelling_any(function: Any) -> None:
    uses = collected()[function]
    assert uses[0].rule.moves == all(map(adds_entries, uses)), function


@every_rule
def test_a_rule_that_leaves_entries_out_says_so(function: Any) -> None:
    for use in collected().get(function, []):
        if not use.rule.moves or use.rule.selects or use.value().size == 0:
            continue
        if function is np.imag and use.operands[0].dtype.kind != "c":  # a constant, which nothing enters
            continue
        for position in use.tracked:
            left_out = ~np.any(weights(use, position) != 0, axis=(0, 2))
            assert not left_out.any(), use


@every_rule
def test_what_was_not_used_stays_unused_through_a_rule_that_moves_entries(function: Any) -> None:
    """Where a root at 0 reaches only entries that a selection leaves out, its infinite slope is nobody's."""
    for use in collected().get(function, []):
        if not use.rule.moves or any(o.dtype.kind != "f" or o.ndim == 0 or o.size == 0 for o in use.operands):
            continue
        if use.value().dtype.kind != "f" or (use.rule.selects and not use.rule.linear):
            continue  # a complex result; max and min, which choose another entry where the root is put
        position = use.tracked[0]
        reached = np.any(weights(use, position) != 0, axis=0)
        shape = use.operands[position].shape
        start = np.abs(use.operands[position]) + 0.5
        start.flat[0] = 0.0
        keep = ~reached[0].reshape(use.value().shape)

        def selected(x: Any, use: Use = use, position: int = position, keep: Any = keep) -> Any:
            operands = list(use.operands)
            operands[position] = np.sqrt(x)
            many = use.rule.operands == -1
            made = use.rule.function(*([operands] if many else operands), *use.rest, **use.options)
            return np.where(keep, made, 0.0)

        with np.errstate(all="ignore"):
            gradient = cr.grad(lambda x: np.sum(selected(x)))(start)
            moved = cr.jvp(selected, (start,), (np.ones(shape),))[1]
        assert np.isfinite(gradient).all(), use
        assert gradient.flat[0] == 0, use
        assert np.isfinite(moved).all(), use


WRITTEN = [
    (rule, axes) for rule in TABLE.values() if isinstance(rule, Structural) for axes in rule.written
]


@pytest.mark.parametrize(("rule", "axes"), WRITTEN, ids=lambda value: getattr(value, "name", str(value)))
def test_the_products_that_formulas_write_are_what_the_transposes_compute(rule: Any, axes: tuple[int, int]) -> None:
    random = np.random.default_rng(3)
    lengths = {(2, 2): ((3, 4), (4, 2)), (2, 1): ((3, 4), (4,)), (1, 2): ((4,), (4, 2)), (1, 1): ((4,), (4,))}[axes]
    x, y = (random.normal(size=shape) for shape in lengths)
    g = random.normal(size=np.shape(rule.function(x, y)))
    named = {"x": x, "y": y, "g": g, "xᵀ": x.T, "yᵀ": y.T}
    _, pullback = cr.vjp(rule.function, x, y)
    for product, expected in zip(rule.written[axes], pullback(g), strict=True):
        found = product.function(named[product.left], named[product.right])
        np.testing.assert_allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize("rule", [r for r in TABLE.values() if isinstance(r, Structural) and r.slope is not None])
def test_the_slope_of_a_sum_is_the_derivative_by_each_of_its_entries(rule: Any) -> None:
    jacobian = cr.jacobian(lambda x: rule.function(x, axis=1))(np.ones((2, 5)))
    assert np.all(jacobian[0, 0] == evaluate(rule.slope(5), {}))
