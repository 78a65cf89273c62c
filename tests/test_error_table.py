"""Errors of every public function: the class, the user's line, and the words that say what happened and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
import chainrule.numpy as cnp
from chainrule import errors as e

v, m = np.array([1.0, 2.0, 3.0]), np.ones((2, 3))


def none(x: Any) -> None:
    return None


def square(x: Any) -> Any:
    return np.sum(x * x)


TABLE: list[tuple[Callable[[], Any], type[Exception], str]] = [
    # what transforms refuse of the arguments
    (lambda: cr.grad(square)("text"), e.NotDifferentiableError, "str .*number, an array, or a container"),
    (lambda: cr.grad(square)(True), e.NotDifferentiableError, "bool"),
    (lambda: cr.grad(square)(np.array([True])), e.NotDifferentiableError, r"truth values.*x\.astype\(float\)"),
    (lambda: cr.grad(square)(np.array(["a"])), e.NotDifferentiableError, "dtype <U1"),
    (lambda: cr.grad(square)(np.array([1.0], object)), e.NotDifferentiableError, "dtype=object.*astype"),
    (lambda: cr.grad(square)(np.ma.masked_array(v)), e.NotDifferentiableError, r"MaskedArray.*filled"),
    (lambda: cr.grad(square)(np.asmatrix(m)), e.NotDifferentiableError, "matrix.*np.asarray"),
    (lambda: cr.grad(square, 1)(v), (TypeError, ValueError, IndexError), "argnums|argument"),
    (lambda: cr.grad(square, (0, 0))(v), ValueError, "names an argument twice"),
    (lambda: cr.grad(square, "missing")(v), (TypeError, ValueError), "missing"),
    (lambda: cr.grad(3.0), TypeError, "float"),
    # of the results
    (lambda: cr.grad(lambda x: x)(v), e.ShapeError, r"scalar result.*shape \(3,\).*\n?.*cr\.jacobian, or sum"),
    (lambda: cr.grad(lambda x: [x[0], x[1]])(v), e.ShapeError, "returned a list.*\n?.*has_aux"),
    (lambda: cr.grad(lambda x: x[0] * 1j)(v), e.NotDifferentiableError, "complex.*np.real, np.imag or np.abs"),
    (lambda: cr.grad(none)(v), e.NotDifferentiableError, "none returned NoneType.*return statement"),
    (lambda: cr.grad(lambda x: "text")(v), e.NotDifferentiableError, "returned str"),
    (lambda: cr.grad(lambda x: x[0], has_aux=True)(v), TypeError, "returned one value.*has_aux out, or return a pair"),
    (lambda: cr.grad(lambda x: (x[0], 1, 2), has_aux=True)(v), TypeError, "3 values"),
    (lambda: cr.derivative(np.sum)(v), e.ShapeError, r"keeps the shape.*\(\) of \(3,\).*cr\.jacobian"),
    (lambda: cr.derivative(lambda x: x[::-1])(v), e.ShapeError, "mixes the entries"),
    (lambda: cr.derivative(np.sin, -1), ValueError, "whole number from 0 on, not -1"),
    (lambda: cr.derivative(np.sin, 1.5), ValueError, "1.5"),
    (lambda: cr.jacrev(lambda x: x * 1j)(v), (e.NotDifferentiableError, TypeError, ValueError), "cr.jacfwd"),
    # directions and cotangents
    (lambda: cr.jvp(np.sin, v, v), TypeError, r"ndarray and ndarray.*jvp\(f, \(x,\), \(dx,\)\)"),
    (lambda: cr.jvp(np.sin, (v,), (v, v)), e.ShapeError, "1 primals but 2 tangents"),
    (lambda: cr.jvp(np.sin, (v,), (v[:2],)), e.ShapeError, r"argument 0 of sin has shape \(2,\), its primal \(3,\)"),
    (lambda: cr.jvp(np.sin, (v,), (v * 1j,)), e.NotDifferentiableError, "is complex, its primal real.*np.real"),
    (lambda: cr.jvp(lambda p: p["a"], ({"a": v},), ({"b": v},)), e.ShapeError, "parts.*'b'.*'a'"),
    (lambda: cr.jvp(lambda p: p[0], ([v, v],), ([v],)), e.ShapeError, "1 parts, its primal 2"),
    (lambda: cr.vjp(np.sin, v)[1](v[:2]), e.ShapeError, r"cotangent of shape \(2,\) for a value of shape \(3,\)"),
    (lambda: cr.vjp(np.sin, v)[1](1j * v), e.NotDifferentiableError, "the cotangent is complex"),
    (lambda: cr.vjp(lambda x: [x, x], v)[1](v), e.ShapeError, "1 parts for a value of 2"),
    (lambda: cr.vjp(lambda x: {"a": x}, v)[1]({"b": v}), e.ShapeError, "parts.*'b'.*'a'"),
    # ways out of tracking
    (lambda: cr.grad(lambda x: float(x[0]))(v), e.TrackingError, "would lose the derivative"),
    (lambda: cr.grad(lambda x: int(x[0]) * x[1])(v), e.TrackingError, "would lose the derivative|whole"),
    (lambda: cr.grad(lambda x: np.asarray(x)[0])(v), e.TrackingError, "would lose the derivative"),
    (lambda: cr.grad(lambda x: np.zeros(3).__setitem__(0, x[0]))(v), e.TrackingError, "would lose|chainrule"),
    (lambda: cr.grad(lambda x: np.add(x, 1.0, out=np.zeros(3))[0])(v), e.TrackingError, r"out=.*y = np\.add"),
    (lambda: cr.grad(lambda x: v[x[0]] * x[1])(v), (e.TrackingError, IndexError), "index"),
    # what NumPy refuses
    (lambda: cr.grad(lambda x: np.sum(x @ m))(v), e.ShapeError, r"matmul.*\(3,\) and \(2, 3\)"),
    (lambda: cr.grad(lambda x: np.sum(x + np.ones(2)))(v), e.ShapeError, r"\(3,\) and \(2,\)"),
    (lambda: cr.grad(lambda x: np.sum(x, axis=2))(v), e.AxisError, "axis 2"),
    (lambda: cr.grad(lambda x: x[7])(v), e.PositionError, "index 7"),
    (lambda: cr.grad(lambda x: np.linalg.det(x))(v), (e.ShapeError, np.linalg.LinAlgError), "det"),
    (lambda: cr.grad(lambda x: np.linalg.inv(x * 0)[0, 0])(np.eye(2)), e.MatrixError, "inv.*Singular"),
    (lambda: cr.grad(lambda x: np.clip(x, 1)[0])(v), e.CallError, "clip"),
    (lambda: cr.grad(lambda x: x.reshape(2, 2)[0, 0])(v), e.ShapeError, r"reshape"),
    (lambda: cr.grad(lambda x: np.sum(x.nothing))(v), AttributeError, "nothing"),
    # custom rules and checks
    (lambda: cr.custom(np.sin), e.RuleError, "no derivative"),
    (lambda: cr.custom(np.sin, formula="cos(x)", like=np.sin), e.RuleError, "more than one derivative"),
    (lambda: cr.custom(lambda x: np.sin(x), formula="sin(x)"), e.GradientCheckError, "derivative"),
    (lambda: cr.custom(lambda x: x**2, reverse=lambda out, xs, g: g), e.RuleError, "samples"),
    (lambda: cr.custom(lambda x, y: x * y, formula="y"), e.RuleError, "formula"),
    (lambda: cr.check_grads(np.sin, (1.0,), modes="sideways"), ValueError, "'forward' and 'reverse'"),
    (lambda: cr.check_grads(np.sin, (1.0,), order=0), ValueError, "whole number from 1 on"),
    (lambda: cr.check_grads(lambda x: None, (1.0,)), (ValueError, TypeError), "numbers"),
    # formulas and readings
    (lambda: cr.parse("sin("), e.FormulaError, r"\^"),
    (lambda: cr.parse("2 +* x"), e.FormulaError, r"\^"),
    (lambda: cr.functions.log(-1), ValueError, "base of a logarithm"),
    (lambda: cr.draw("ln(x)", at=-1.0), e.DomainError, "-1|−1"),
    (lambda: cr.graph(square, v).save("picture.txt"), (e.PathError, ValueError), "'picture.txt'"),
    (lambda: cr.explain("x^2", 1.0, lang="fr"), Exception, "fr|lang"),
    # arrays of chainrule.numpy
    (lambda: cr.grad(lambda x: cnp.zeros(2).__setitem__(5, x[0]) or x[0])(v), IndexError, "index 5"),
]


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("row", range(len(TABLE)))
def test_an_error_has_its_class_and_its_words_and_names_the_line_that_caused_it(row: int) -> None:
    call, kind, words = TABLE[row]
    with pytest.raises(kind) as caught:
        call()
    message = str(caught.value)
    assert re.search(words, message, re.S), message
    named = re.findall(r"test_error_table\.py:(\d+)", message)
    ours = issubclass(caught.type, e.ChainruleError) and not issubclass(caught.type, UNPLACED)
    if named or ours:
        lines = {call.__code__.co_firstlineno, none.__code__.co_firstlineno}
        assert {int(line) for line in named} & lines, message


UNPLACED = (e.FormulaError, e.DomainError, e.PathError, e.GradientCheckError)
"""Their messages show the formula, the point, the path or the function instead of a line."""
