"""Every rule of the table is explained, in both languages."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.explanation import explain
from chainrule.explanation.words import REASONS, RULES, rule_name
from chainrule.formula.expression import Symbol
from chainrule.rules import TABLE, Composite, Elementwise, Structural
from chainrule.rules.complexes import astype
from chainrule.rules.shaping import getitem, replace, scatter

M, N, V = np.array([[1.0, 2.0], [3.5, 5.0]]), np.array([[2.0, 1.0], [0.5, 3.0]]), np.array([1.0, 2.5, 4.0])
_TWO = {np.matmul, np.dot, np.tensordot, np.inner, np.outer, np.vdot, np.vecdot}
_CALLS = {
    astype: lambda a: astype(a, np.float32), np.cumsum: lambda a: np.cumsum(a, 0), np.reshape: lambda a: np.reshape(a, (4, 1)),
    np.expand_dims: lambda a: np.expand_dims(a, 0), np.squeeze: lambda a: np.squeeze(a[:1], 0),
    np.broadcast_to: lambda a: np.broadcast_to(a, (3, 2, 2)), np.swapaxes: lambda a: np.swapaxes(a, 0, 1),
    np.moveaxis: lambda a: np.moveaxis(a, 0, 1), np.roll: lambda a: np.roll(a, 1, 0), getitem: lambda a: a[0, 1:],
    scatter: lambda a: scatter(a, (slice(0, 2), slice(0, 2)), (3, 3)), replace: lambda a: replace(a, a[0, 0], (1, 1)),
    np.concatenate: lambda a: np.concatenate([a, a], axis=1), np.stack: lambda a: np.stack([a, 2 * a]),
    np.vstack: lambda a: np.vstack([a, a]), np.hstack: lambda a: np.hstack([a, a]), np.append: lambda a: np.append(a, a, 0),
    np.split: lambda a: np.split(a, 2)[1], np.take: lambda a: np.take(a, [1, 1], 0), np.tensordot: lambda a, b: np.tensordot(a, b, 1),
    np.clip: lambda a: np.clip(a, 1.5, 4.0),
}  # fmt: skip
WHOLE = [rule for rule in TABLE.values() if isinstance(rule, (Structural, Composite))]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("rule", [r for r in TABLE.values() if isinstance(r, Elementwise)], ids=lambda rule: rule.name)
def test_every_elementwise_rule_is_explained_without_and_with_a_point(rule, lang):
    names = ("x", "y", "z")[: len(rule.partials)]
    point = [0.5 * (low + high) + 0.1 * i for i, (low, high) in enumerate(rule.sample)]
    if rule.name == "sinc_derivative":
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
    if rule.name not in ("where", "sinc_derivative"):
        symbolic = explain(cr.formula.formula.Formula(rule.function(*map(Symbol, names))), lang=lang)
        assert symbolic.formula(names[0]).variables is not None
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
    def f(*args):
        if rule.function in _CALLS:
            return np.sum(np.real(_CALLS[rule.function](*args)) ** 2)
        return np.sum(np.real(rule.function(*args)) ** 2)

    args = (M, N) if rule.function in _TWO else (M,)
    derivation = explain(f, *args)
    for lang in ("en", "zh"):
        text = derivation.text(lang=lang)
        assert "NaN" not in text
        if isinstance(rule, Structural):
            assert rule_name(rule).say(lang) in _all_notes(derivation, lang)
        assert derivation.html(lang) != derivation.html("zh" if lang == "en" else "en")
    expected = cr.grad(f, tuple(range(len(args))))(*args)
    for result, by_engine in zip(derivation.results, expected, strict=True):
        np.testing.assert_allclose(result.value, by_engine)
        assert result.check.exact == pytest.approx(result.check.difference, rel=1e-5 if rule.name != "astype" else 0.05, abs=1e-6)


@pytest.mark.parametrize("rule", WHOLE, ids=lambda rule: rule.name)
def test_every_rule_for_arrays_is_explained_inside_a_composition(rule):
    def f(*args):
        made = _CALLS[rule.function](*(np.sin(a) * a for a in args)) if rule.function in _CALLS else rule.function(*(np.sin(a) * a for a in args))
        return np.sum(np.tanh(np.real(made)))

    args = (M, N) if rule.function in _TWO else (M,)
    derivation = explain(f, *args)
    for result, by_engine in zip(derivation.results, cr.grad(f, tuple(range(len(args))))(*args), strict=True):
        np.testing.assert_allclose(result.value, by_engine)


def test_every_reason_in_the_table_is_known_in_chinese():
    reasons = {row.reason for rule in TABLE.values() if isinstance(rule, Elementwise) for row in rule.at}
    assert reasons <= set(REASONS)
    assert all(any("一" <= letter <= "鿿" for letter in phrase.zh) for phrase in REASONS.values())


def test_every_elementwise_rule_has_a_name_of_its_own():
    assert {rule.name for rule in TABLE.values() if isinstance(rule, Elementwise)} <= set(RULES)
