"""The page of conventions: every example gives what is written there, and every test that a line names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from docs.conventions import PAGES, SECTIONS, Convention, page

ROOT = Path(__file__).parents[2]
LINES = [line for section in SECTIONS for line in section.lines]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.english)
def test_every_example_gives_what_the_page_says(line: Convention) -> None:
    assert line.result() == line.gives


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.english)
def test_the_test_that_holds_a_line_is_there(line: Convention) -> None:
    file, name = line.test.split("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("lang", PAGES)
def test_the_pages_are_up_to_date(lang: str) -> None:
    assert PAGES[lang].read_text(encoding="utf-8") == page(lang), "run: python docs/conventions.py"


def test_every_line_is_said_in_both_languages() -> None:
    assert all(re.search("[一-鿿]", line.chinese) and not re.search("[一-鿿]", line.english) for line in LINES)
    assert len({line.example for line in LINES}) == len(LINES)


@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_nan_value_has_the_gradient_nan_everywhere_and_vjp_keeps_the_finite_entries() -> None:
    for function in (np.sqrt, np.log, np.arccosh):
        x = np.array([4.0, -1.0, 9.0])
        assert np.isnan(cr.grad(lambda x, f=function: np.sum(f(x)))(x)).all()
        terms, pullback = cr.vjp(function, x)
        (found,) = pullback(np.ones(3))
        assert np.isnan(terms).tolist() == np.isnan(found).tolist() == [False, True, False]
        step = 1e-6
        for entry in (0, 2):
            difference = (function(x[entry] + step) - function(x[entry] - step)) / (2 * step)
            assert found[entry] == pytest.approx(difference, rel=1e-6)
        jacobian = cr.jacobian(function)(x)
        assert np.isnan(jacobian).any(axis=1).tolist() == [False, True, False]


@pytest.mark.parametrize(
    "function",
    [np.linalg.cholesky, np.linalg.eigvalsh, lambda a: np.abs(np.linalg.eigh(a)[1])],
    ids=["cholesky", "eigvalsh", "eigh"],
)
def test_one_triangle_is_read_and_the_gradient_is_symmetric(function) -> None:  # type: ignore[no-untyped-def]
    source = np.random.default_rng(3)
    root = source.normal(size=(3, 3))
    matrix, weights = root @ root.T + np.diag([1.0, 2.0, 4.0]), source.normal(size=(3, 3))

    def f(a):  # type: ignore[no-untyped-def]
        return np.sum(function(a) * weights)

    lower = np.tril(matrix) + np.triu(source.normal(size=(3, 3)), 1)  # something else above the diagonal
    gradient = cr.grad(f)(lower)
    assert f(lower) == f(matrix)
    np.testing.assert_allclose(gradient, gradient.T, rtol=1e-12)
    np.testing.assert_allclose(gradient, cr.grad(f)(matrix), rtol=1e-12)
    step = 1e-5
    for i, j in ((0, 0), (1, 0), (2, 1)):  # along a symmetric change the slope is the sum over both entries
        change = np.zeros((3, 3))
        change[i, j] = change[j, i] = 1.0
        difference = (f(matrix + step * change) - f(matrix - step * change)) / (2 * step)
        assert np.sum(gradient * change) == pytest.approx(difference, rel=1e-6, abs=1e-8)
