"""Every rule of the table is explained, in both languages."""

import numpy as np
import pytest

import chainrule as cr
from benchmarks import special
from chainrule.engine.containers import flatten
from chainrule.errors import ChainruleError
from chainrule.explanation import explain
from chainrule.explanation.words import REASONS, RULES, rule_name
from chainrule.formula.expression import Symbol
from chainrule.rules import Structural
from tests.rules.calls import CALLS, ELEMENTWISE, WHOLE


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("rule", ELEMENTWISE, ids=lambda rule: rule.name)
def test_every_elementwise_rule_is_explained_without_and_with_a_point(rule, lang):
    names = ("x", "y", "z")[: len(rule.partials)]
    point = [low + (0.57 + 0.1 * i) * (high - low) for i, (low, high) in enumerate(rule.sample)]
    if None in rule.partials and rule.function is not np.where:  # a whole number, which is not differentiated
        names, point = names[:1], point[:1]

        def f(x):
            return rule.function(x, 1)
    else:

        def f(*args):
            return rule.function(*args)

    derivation = explain(f, *point, lang=lang)
    assert rule_name(rule).say(lang) in _all_notes(derivation, lang) or rule.name in _OTHER_NAMES
    _readable(derivation, lang)
    for result, by_engine in zip(derivation.results, cr.vjp(f, *point)[1](1.0), strict=True):
        assert result.value == by_engine
        assert result.check.difference == pytest.approx(by_engine, rel=1e-5, abs=1e-8)
    if rule.function is not np.where and None not in rule.partials:
        symbolic = explain(cr.formula.formula.Formula(rule.function(*map(Symbol, names))), lang=lang)
        slope = symbolic.formula(names[0])
        values = dict(zip(names, point, strict=True))
        assert slope(*(values[name] for name in slope.variables)) == pytest.approx(
            cr.vjp(f, *point)[1](1.0)[0], rel=1e-9, abs=1e-12
        )
        _readable(symbolic, lang)


# Called otherwise where only one argument moves, or known under another name.
_OTHER_NAMES = {"multiply", "divide", "power", "float_power", "where"}


def _all_notes(derivation, lang):
    return " ".join(rule.say(lang) for stage in derivation.stages for line in stage.lines for rule in line.rules)


def _readable(derivation, lang):
    for shown in (derivation.text(), derivation.latex(), derivation.markdown(), derivation.html()):
        assert shown.strip()
        assert "None" not in shown
        assert "object at" not in shown
    chinese = any("一" <= letter <= "鿿" for letter in derivation.text())
    assert chinese == (lang == "zh")


@pytest.mark.parametrize("rule", WHOLE, ids=lambda rule: rule.name)
def test_every_rule_for_arrays_is_explained(rule):
    """The first real sample call of the table's own tests, alone and inside a composition."""
    call, args = _sample(rule)

    def alone(*values):
        return _total(call(*values))

    def composed(*values):
        return _total(call(*(v + 0.1 * np.sin(v) for v in values)))

    for f in (alone, composed):
        derivation = explain(f, *args)
        for lang in ("en", "zh"):
            text = derivation.text(lang=lang)
            if rule.function in CALLS and isinstance(rule, Structural) and f is alone:
                assert rule_name(rule).say(lang) in _all_notes(derivation, lang)
            assert any("一" <= letter <= "鿿" for letter in text) == (lang == "zh")
            assert derivation.html(lang).count("<math") > 2
        expected = cr.grad(f, tuple(range(len(args))))(*args)
        for result, by_engine in zip(derivation.results, expected, strict=True):
            np.testing.assert_allclose(result.value, by_engine)
            assert result.check.exact == pytest.approx(result.check.difference, rel=1e-5, abs=1e-6)


def _in_place(write):
    def call(x, y):
        made = x * 1.0
        write(made, y)
        return made

    return call, (np.array([[2.2, 0.7], [0.4, 1.3]]), np.array([0.5, 1.5]))


_MASK, _FIRST = np.array([[True, False], [False, True]]), np.array([[0], [1]])
_MATRIX = np.array([[2.2, 0.7], [0.4, 1.3]])
_MORE = {
    "apply_along_axis": (lambda x: np.apply_along_axis(np.sum, 0, x), (_MATRIX,)),
    "apply_over_axes": (lambda x: np.apply_over_axes(np.sum, x, [0]), (_MATRIX,)),
    "cross": (np.cross, (np.array([1.0, 2.0, 4.0]), np.array([0.3, 0.1, 0.7]))),
    "take_along_axis": (lambda x: np.take_along_axis(x, _FIRST, 1), (_MATRIX,)),
    "choose": (lambda x: np.choose([0, 1], [x[0], x[1]]), (_MATRIX,)),
    "interp": (lambda x: np.interp(x, np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, 1.0])), (_MATRIX[0],)),
    "cholesky": (lambda x: np.linalg.cholesky(x + x.T), (_MATRIX,)),
    "eigh": (lambda x: np.linalg.eigh(x + x.T)[0], (_MATRIX,)),
    "eigvalsh": (lambda x: np.linalg.eigvalsh(x + x.T), (_MATRIX,)),
    "polyadd": (np.polyadd, (_MATRIX[0], _MATRIX[1])),
    "polysub": (np.polysub, (_MATRIX[0], _MATRIX[1])),
    "polyfit": (lambda x: np.polyfit(np.arange(4.0), np.ravel(x), 1), (_MATRIX,)),
    "astype": (lambda x: np.astype(x, np.float64) * x, (_MATRIX,)),
    "bincount": (lambda x: np.bincount([0, 1, 1, 2], np.ravel(x)), (_MATRIX,)),
    "select": (lambda x: np.select([_MASK], [x], 2 * x), (_MATRIX,)),
    "putmask": _in_place(lambda x, y: np.putmask(x, _MASK, y)),
    "place": _in_place(lambda x, y: np.place(x, _MASK, y)),
    "copyto": _in_place(np.copyto),
    "fill_diagonal": _in_place(lambda x, y: np.fill_diagonal(x, y[0])),
    "put": _in_place(lambda x, y: np.put(x, [0, 3], y)),
    "put_along_axis": _in_place(lambda x, y: np.put_along_axis(x, _FIRST, y[0], 1)),
    "contract": (lambda x: np.einsum("ij,jk->i", x, 2 * x), (_MATRIX,)),
}


def _sample(rule):
    """A call from the table's own tests; for a rule that has none there, the first plain call that NumPy takes."""
    for call, args in CALLS.get(rule.function, ()):
        if not any(map(np.iscomplexobj, args)):
            return call, args
    if rule.function in (np.emath.arcsin, np.emath.arccos):  # real on [−1, 1]
        return rule.function, (_MATRIX / 4,)
    if rule.name in _MORE:
        return _MORE[rule.name]
    f, a = rule.function, np.array([[2.2, 0.7], [0.4, 1.3]])
    plain = [
        (lambda x: f(x), (a,)), (lambda x: f(x, 1), (a,)), (lambda x: f(x, 1, 0), (a,)), (lambda x: f(x, (2, 2)), (a,)),
        (lambda x, y: f(x, y), (a, a + 1)), (lambda x: f([x, 2 * x]), (a,)), (lambda x: f(x, 2, 1, 0), (a,)),
        (lambda x: f(x), (a[0],)), (lambda x, y: f(x, y), (a[0], a[1])), (lambda x: f(x, 1, x[0]), (a,)),
        (lambda x: f(x, 1), (np.arange(8.0).reshape(2, 2, 2) / 7 + 0.1,)), (lambda x: f(x, 2), (a.reshape(2, 2, 1),)),
        (lambda x: f(x, (1,), x[0, 0], (2,)), (a,)), (lambda x: f(x, 2), (np.eye(4).reshape(2, 2, 2, 2) + 0.1,)),
        (lambda x: f(x, (0, slice(None)), (2, 2)), (a[0],)), (lambda x: f([x, 2 * x]), (a[0],)),
    ]  # fmt: skip
    for call, args in plain:
        try:
            expected = call(*args)
        except Exception:  # NumPy takes no such arguments
            continue
        if expected is None:
            continue
        try:
            cr.grad(lambda *values, call=call: _total(call(*values)))(*args)
        except (ChainruleError, IndexError, TypeError, ValueError):  # not of these arguments
            continue
        return call, args
    if rule.function.__module__.startswith("chainrule"):
        return pytest.skip("a function of our own, reached through NumPy's")
    return pytest.fail(f"no sample call is known for {rule.name}: add one to tests/rules/calls.py")


def _total(value):
    """A real number that depends on every part of a result, whatever container it is."""
    leaves, _ = flatten(value)
    total = 0.0
    for leaf in leaves:
        total = total + np.sum(np.tanh(np.real(leaf))) + np.sum(np.imag(leaf) ** 2 if np.iscomplexobj(leaf) else 0.0)
    return total


def test_every_reason_in_the_table_is_known_in_chinese():
    reasons = {row.reason for rule in (*ELEMENTWISE, *special.rules()) for row in rule.at}
    assert len(reasons) > 12
    assert reasons <= set(REASONS)
    assert all(any("一" <= letter <= "鿿" for letter in phrase.zh) for phrase in REASONS.values())


def test_every_elementwise_rule_has_a_name_of_its_own():
    assert {rule.name for rule in ELEMENTWISE} <= set(RULES)
