"""Everything that describes a computation can be copied, pickled and read in another process, and stays equal."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from functools import reduce
from typing import Any

import numpy as np
import pytest
import scipy.special

import chainrule as cr
from chainrule.drawing.curve import describe
from chainrule.formula.expression import Call, Expression, Symbol, call
from chainrule.graphs.compose import UnknownFunction, compose
from chainrule.graphs.flow import gradient_flow
from chainrule.rules import TABLE

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

g = UnknownFunction("g")


def loop(x):
    for _ in range(50):
        x = np.sin(x) * x
    return x


def loss(w, x):
    return np.mean(np.tanh(x @ w) ** 2)


FORMS: dict[str, Any] = {
    "a formula": lambda: cr.parse("sin(x)·x² + {1 if x > π, max(x, 2) otherwise}"),
    "a constant formula": lambda: cr.parse("π/2"),
    "an expression": lambda: cr.parse("ln(x)/y").expression,
    "an entry of the catalogue": lambda: cr.functions.sinc,
    "a power": lambda: cr.functions.power(-0.5),
    "a graph": lambda: cr.graph(loop, 1.0),
    "a folded graph": lambda: cr.graph(loop, 1.0).fold(),
    "a graph of arrays": lambda: cr.graph(loss, np.ones((2, 3)), np.arange(8.0).reshape(4, 2)),
    "a graph with NaN": lambda: cr.graph(np.log, -1.0),
    "a graph of a special function": lambda: cr.graph(lambda x: scipy.special.jv(1, x) * scipy.special.erf(x), 0.5),
    "a graph of complex numbers": lambda: cr.graph(lambda z: np.abs(z**2), 3 + 4j),
    "a graph of formulas": lambda: compose(lambda x, y: g(x, y) * g(y, x), "x", "y"),
    "steps": lambda: cr.graph(loop, 1.0).steps(),
    "an animation": lambda: cr.graph(np.sin, 1.0).animate(),
    "a derivation": lambda: cr.explain("x·max(x, 1)", 1.0),
    "a derivation without values": lambda: cr.explain("tanh(x)/(1 + x²)"),
    "a derivation of arrays": lambda: cr.explain(loss, np.ones(2), np.ones((4, 2))),
    "a derivation with NaN": lambda: cr.explain(np.log, -1.0),
    "the data of a drawing": lambda: describe(np.tan),
    "a drawing": lambda: cr.draw("|x|", at=0),
    "a gradient flow": lambda: gradient_flow(loss, np.ones(2), [np.ones((3, 2))] * 3),
    "a gradient flow with NaN": lambda: gradient_flow(loss, np.array([np.nan, 1.0]), [np.ones((3, 2))]),
}
WAYS: dict[str, Any] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{f"protocol {p}": lambda form, p=p: pickle.loads(pickle.dumps(form, p)) for p in range(6)},
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_equal_to_its_copies(name):
    form = FORMS[name]()
    for way, made in WAYS.items():
        again = made(form)
        assert again == form, way
        assert hash(again) == hash(form), way
        assert type(again) is type(form), way
        assert repr(again) == repr(form), way


def test_different_forms_are_different():
    forms = [made() for made in FORMS.values()]
    assert all(one != other for i, one in enumerate(forms) for other in forms[:i])


def test_descriptions_with_other_numbers_are_different():
    x = np.array([1.0, 2.0])
    assert cr.explain(lambda x: np.sum(x), x) == cr.explain(lambda x: np.sum(x), x)
    assert cr.explain(lambda x: np.sum(x), x) != cr.explain(lambda x: np.sum(x), x + 1e-15)
    assert cr.explain(lambda x: np.sum(x), x) != cr.explain(lambda x: np.sum(x), x[::-1])  # only the point differs
    assert cr.graph(np.sin, 1.0) == cr.graph(np.sin, 1.0)
    assert cr.graph(np.sin, 1.0) != cr.graph(np.sin, np.nextafter(1.0, 2.0))
    assert describe("x^2", at=1.0) == describe("x^2", at=1.0)
    assert describe("x^2", at=1.0) != describe("x^2", at=1.5)


def test_every_function_of_the_table_has_a_public_name_by_which_it_is_pickled():
    for function in TABLE:
        formula = Call(function, (Symbol("x"),))
        again = pickle.loads(pickle.dumps(formula))
        assert again == formula
        assert again.function is function


def test_an_expression_is_its_own_copy_and_keeps_what_it_shares():
    shared: Expression = np.sin(Symbol("x"))
    root = reduce(lambda total, _: total * total, range(40), shared)  # 2⁴⁰ leaves, 41 nodes
    assert copy.copy(root) is copy.deepcopy(root) is root
    again = pickle.loads(pickle.dumps(root))
    assert again == root
    assert len(pickle.dumps(root)) < 3000


def test_a_formula_as_deep_as_a_long_loop_is_pickled():
    deep = reduce(lambda inner, _: np.sin(inner), range(5000), Symbol("x"))
    assert pickle.loads(pickle.dumps(deep)) == deep


def test_unknown_functions_stay_themselves_and_are_told_apart_by_more_than_their_name():
    h, same_name = UnknownFunction("h"), UnknownFunction("h")
    again = pickle.loads(pickle.dumps(h))
    assert again == h
    assert again.derivative(0, 2) == h.derivative(0, 2) == copy.deepcopy(h).derivative(0, 2)
    assert h.derivative(0, 2) != h.derivative(1, 2)
    assert h != same_name
    assert h(Symbol("x")) != same_name(Symbol("x"))
    assert call(h, 1.0) == call(again, 1.0)


def test_a_copied_drawing_is_saved_as_the_same_picture(tmp_path):
    drawing = cr.draw("x^2 - 1/x")
    copies = [drawing, WAYS["deepcopy"](drawing), WAYS["protocol 5"](drawing)]
    pictures = [form.save(tmp_path / "f.svg").read_bytes() for form in copies]
    assert len(set(pictures)) == 1


def test_what_is_pickled_is_read_in_another_process(tmp_path):
    kept = ["a formula", "a graph", "a graph of a special function", "a derivation", "the data of a drawing"]
    forms = [FORMS[name]() for name in kept]
    file = tmp_path / "forms.pickle"
    file.write_bytes(pickle.dumps(forms))
    code = f"import pickle; print([repr(form)[:200] for form in pickle.load(open({str(file)!r}, 'rb'))])"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert said.strip() == repr([repr(form)[:200] for form in forms])
