"""What Python was told of numbers on the way is a part of a run, and every reading says it."""

import copy
import pickle

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine.containers import flatten
from chainrule.engine.masks import Mask
from chainrule.engine.operations import Reference
from chainrule.formula.text import text
from chainrule.graphs.pictures.svg import svg
from chainrule.recording.run import run

X, Y = Reference(0), Reference(1)


def noted(f, *args):
    return [(c.comparison, c.operands, c.outcome) for c in run(f, args).conditions]


@pytest.mark.parametrize("comparison", [np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal])
@pytest.mark.parametrize("other", [1.0, 2.0, 3.0])
def test_every_comparison_of_a_number_is_noted_with_its_answer(comparison, other):
    from operator import eq, ge, gt, le, lt, ne

    operator = {np.less: lt, np.less_equal: le, np.greater: gt, np.greater_equal: ge, np.equal: eq, np.not_equal: ne}
    expected = [(comparison, (X, other), bool(comparison(2.0, other)))]
    assert noted(lambda x: 3 * x if operator[comparison](x, other) else x, 2.0) == expected
    assert noted(lambda x: 3 * x if comparison(x, other) else x, 2.0) == expected


def test_a_comparison_by_numpys_own_number_is_noted_whichever_side_the_variable_stands_on():
    assert noted(lambda x: x if np.float64(1.0) < x else -x, 2.0) == [(np.less, (1.0, X), True)]
    one = 1.0
    assert noted(lambda x: x if one < x else -x, 2.0) == [(np.greater, (X, 1.0), True)]  # Python turns it round


def test_truth_tests_and_pythons_own_functions_are_noted():
    assert noted(lambda x: x if x else 1.0, 2.0) == [(None, (X,), True)]
    assert noted(lambda x, y: max(x, y), 2.0, 3.0) == [(np.greater, (Y, X), True)]
    assert noted(lambda x, y: sorted([x, y])[0], 2.0, 1.0) == [(np.less, (Y, X), True)]


def test_masks_that_only_choose_entries_are_no_conditions():
    assert noted(lambda x: np.sum(np.where(x > 0, x, 0.0)), np.array([1.0, -1.0])) == []
    assert noted(lambda x: np.sum(x) if np.sum(x) > 0 else x[0], np.array([1.0, -1.0])) == [
        (np.greater, (Reference(1), 0.0), False)
    ]


def test_comparisons_in_our_own_code_are_not_the_users():
    def f(x):
        return cr.grad(lambda y: np.maximum(x * y, 0.0) * y if x > 0 else y)(2.0)

    assert noted(f, 1.0) == [(np.greater, (X, 0.0), True)]  # rules of the inner gradient compare x as well


def counted(x):
    total = x
    while total < 10:
        total = total * 2
    return total


SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"}
OPPOSITE = {"<": "≥", "<=": ">", ">": "≤", ">=": "<", "==": "≠", "!=": "="}


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("x", [-1.0, 2.0, 3.0])
def test_a_branch_is_told_by_the_statement_that_was_true(sign, x):
    space = {}
    exec(f"def f(x):\n    if x {sign} 2.0:\n        return 3.0 * x\n    return x * x", space)
    holds = eval(f"{x} {sign} 2.0")
    said = f"x {SIGNS[sign] if holds else OPPOSITE[sign]} 2"
    (branch,) = cr.graph(space["f"], x).branches
    assert text(branch.formula) == said
    assert f"{said}" in cr.explain(space["f"], x).text()


def test_a_loop_asks_once_a_round_and_once_at_its_end():
    assert [outcome for _, _, outcome in noted(counted, 3.0)] == [True, True, False]


def branchy(x, y):
    if x * y > 1:
        return np.sin(x) * y
    return x if y != 0 else y


def test_a_graph_names_the_branch_taken_over_its_own_symbols():
    graph = cr.graph(branchy, 2.0, 5.0)
    (branch,) = graph.branches
    assert text(branch.formula) == "v1 > 1"
    assert graph.node(branch.nodes[0]).operation == "multiply"
    assert branch.after == branch.nodes[0]
    assert branch.where[0] == __file__
    other = cr.graph(branchy, 0.5, 0.0)
    assert [text(branch.formula) for branch in other.branches] == ["v1 ≤ 1", "y = 0"]


def test_a_step_tells_the_comparison_between_the_operations_it_came_between():
    steps = cr.graph(branchy, 2.0, 5.0).steps()
    kinds = [step.kind for step in steps]
    assert kinds[:5] == ["input", "input", "forward", "branch", "forward"]
    step = steps[3]
    assert (step.formula, step.numbers) == ("v₁ > 1", "10 > 1")
    line = branchy.__code__.co_firstlineno + 1
    assert step.sentence("en") == f"The function compares: v₁ > 1 holds (line {line})."
    assert step.sentence("zh") == f"函数作比较：v₁ > 1 成立（第 {line} 行）。"
    first = cr.graph(lambda x: x**2 if x > 0 else x, 3.0).steps()
    assert [step.kind for step in first][:3] == ["input", "branch", "forward"]


def test_pictures_and_animations_show_the_branch():
    graph = cr.graph(branchy, 2.0, 5.0)
    assert "branch taken where v₁ &gt; 1<" in svg(graph)
    assert "所走分支： v₁ &gt; 1<" in svg(graph, "zh")
    assert "branch taken" not in svg(cr.graph(np.sin, 2.0))
    assert "v₁ &gt; 1 holds" in graph.animate().svg


def test_a_folded_graph_keeps_the_comparisons_outside_its_boxes():
    def f(x):
        if x > 0:
            for _ in range(5):
                x = np.sin(x)
                if x > 2:
                    x = -x
        return x

    graph = cr.graph(f, 1.0)
    assert len(graph.branches) == 6
    folded = graph.fold()
    assert next(text(branch.formula) for branch in folded.branches) == "x > 0"
    known = {node.id for node in folded.nodes}
    assert all(known.issuperset((*branch.nodes, branch.after)) for branch in folded.branches)
    assert folded.steps()


def test_graphs_with_branches_are_equal_to_their_copies():
    graph = cr.graph(branchy, 2.0, 5.0)
    assert copy.deepcopy(graph) == graph == pickle.loads(pickle.dumps(graph))
    assert graph != cr.graph(lambda x, y: np.sin(x) * y, 2.0, 5.0)


@pytest.mark.parametrize(
    ("args", "said"), [((2.0, 5.0), "x·y > 1"), ((0.5, 0.0), "x·y ≤ 1, y = 0"), ((0.5, 1.0), "x·y ≤ 1, y ≠ 0")]
)
def test_a_derivation_says_the_branch_in_the_names_of_its_variables(args, said):
    assert f"The branch taken: {said}." in cr.explain(branchy, *args).text()
    assert f"所走的分支：{said}。" in cr.explain(branchy, *args, lang="zh").text()


def test_a_derivation_of_arrays_says_the_branch_in_the_names_of_its_parts():
    def f(w):
        size = np.sum(w**2)
        return size if size < 1 else np.sqrt(size)

    shown = cr.explain(f, np.array([1.0, 2.0])).text()
    assert "The branch taken: v ≥ 1." in shown
    assert "v = sum(u)" in shown


def test_a_comparison_with_nan_is_not_turned_into_its_opposite():
    def f(x):
        y = x * np.nan
        return y if y > 0 else x

    assert [text(branch.formula) for branch in cr.graph(f, 2.0).branches] == ["not y > 0"]


def test_long_loops_are_told_in_a_few_conditions():
    shown = cr.explain(lambda x: counted(x / 1000), 3.0)
    assert shown.text(10_000).count(" < 10") == 6
    assert "…" in shown.text(10_000)


A = np.array([2.0, -3.0, 0.5])


@pytest.mark.parametrize(
    ("asks", "said"),
    [
        (lambda x: np.any(x > 0), "any(x > 0)"),
        (lambda x: (x > 0).all(), "any(x ≤ 0)"),
        (lambda x: np.all(np.less(x, 9.0)), "all(x < 9)"),
        (lambda x: np.any((x > 9) | (x == 4)), "all(x ≤ 9 and x ≠ 4)"),
        (lambda x: np.any((x > 0) & ~(x > 1)), "any(x > 0 and not x > 1)"),
        (lambda x: np.logical_and(x > 0, x < 1).any(), "any(x > 0 and x < 1)"),
        (lambda x: np.isnan(x).any(), "all(not isnan(x))"),
        (lambda x: (1 / (x - 2) > 0).all(), "any(v2 ≤ 0)"),
        (lambda x: (np.sqrt(x) > 0).all(), "not all(v1 > 0)"),  # with NaN no entry is ≤ 0 for that
        (lambda x: np.any(x), "any(x)"),
        (lambda x: x.all(), "all(x)"),
        (lambda x: np.allclose(x, 1), "not allclose(x, 1)"),
        (lambda x: (x > 0)[:1], None),  # a part of a mask has no name
        (lambda x: np.any(x > A), None),  # nor has a plain array
        (lambda x: np.any((x > 0) & (A > 0)), None),
        (lambda x: np.count_nonzero(x > 0) > 1, None),
    ],
)
def test_a_truth_test_of_an_array_is_a_branch_in_graph_and_derivation(asks, said):
    def f(x):
        return np.sum(2 * x if asks(x) else x**2)

    with np.errstate(all="ignore"):
        branches = cr.graph(f, A).branches
        assert [text(branch.formula) for branch in branches] == ([] if said is None else [said])
        shown = cr.explain(f, A).text()
    if said is not None and "v" not in said:
        assert f"The branch taken: {said}." in shown


def test_what_was_asked_of_a_mask_is_forgotten_once_it_is_written_over():
    def f(x, write):
        mask = x > 0
        write(mask)
        return np.sum(x) if mask.any() else x[0]

    assert len(noted(lambda x: f(x, lambda mask: None), A)) == 1
    for write in (
        lambda mask: mask.fill(True),
        lambda mask: np.copyto(mask, True),
        lambda mask: np.asarray(mask).__setitem__(1, True),
        lambda mask: np.logical_not(mask, out=mask),
    ):
        assert noted(lambda x, write=write: f(x, write), A) == []


def test_in_everything_else_a_mask_is_the_plain_array_that_it_looks_like():
    uses = [
        lambda x, m: np.where(m, x, 0.0), lambda x, m: x[m], lambda x, m: x[:, None][m, 0], lambda x, m: m * x,
        lambda x, m: x / (1 + m), lambda x, m: np.sum(x, where=m), lambda x, m: m.astype(float) @ x,
        lambda x, m: np.select([m, ~m], [x, -x]), lambda x, m: x * np.cumsum(m), lambda x, m: np.compress(m, x),
        lambda x, m: np.concatenate([x, m]), lambda x, m: np.dot(m, x), lambda x, m: np.stack([x, x])[:, m],
        lambda x, m: x * m.sum(), lambda x, m: np.maximum.reduce(x, where=m, initial=-9.0),
    ]  # fmt: skip
    for use in uses:

        def f(x, use=use):
            return np.sum(use(x, x > 0) ** 2)

        value, gradient = cr.value_and_grad(f)(A)
        found = run(f, (A,))
        assert found.outputs[0].value == value
        assert found.gradient(0).tolist() == gradient.tolist()
        kept = [(event.operands, event.rest, event.kwargs) for event in found.events]
        assert not any(isinstance(leaf, Mask) for leaf in flatten(kept)[0])
