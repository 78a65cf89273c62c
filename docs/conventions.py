"""Write conventions.md and conventions.zh.md, what a derivative is where mathematics leaves a choice.

    python docs/conventions.py

Each line has an example, which the pages show with its result, and names the test that holds it for the whole class;
`tests/docs/test_conventions.py` runs every example and looks that every test is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as cr

FOLDER = Path(__file__).parent
PAGES = {"en": FOLDER / "conventions.md", "zh": FOLDER / "conventions.zh.md"}


@dataclass(frozen=True)
class Convention:
    """One line: what holds, in both languages, an example with its result, and the test that holds it."""

    english: str
    chinese: str
    example: str
    gives: str
    test: str

    def result(self) -> str:
        """What the example gives today."""
        with np.errstate(all="ignore"):  # examples at undefined points: NumPy's warnings are not their subject
            return shown(eval(self.example, {"np": np, "cr": cr}))


@dataclass(frozen=True)
class Section:
    """Lines under one heading, after a sentence that says what they have in common."""

    heading: tuple[str, str]
    rule: tuple[str, str]
    lines: tuple[Convention, ...]


def shown(value: Any) -> str:
    """A result as the pages show it: numbers of six digits, arrays as lists.

    >>> shown((np.array([0.5, np.nan]), 1.0))
    '([0.5, nan], 1)'
    """
    if isinstance(value, tuple):
        return f"({', '.join(map(shown, value))})"
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, np.ndarray):
        return shown(value.tolist())
    if isinstance(value, np.dtype):
        return value.name
    return f"{complex(value):.6g}" if np.iscomplexobj(value) else f"{float(value) + 0.0:.6g}"


_C = Convention
_EXCEPTIONS = "tests/rules/test_exceptions.py::"
_SELECTION = "tests/engine/test_selection.py::"
_ORDERS = "tests/rules/test_orders.py::"
_TIES = "tests/rules/test_ties.py::"
_UNDEFINED = "tests/engine/test_undefined.py::"
_DIRECTIONS = "tests/engine/test_directions.py::"
_DTYPES = "tests/rules/test_dtypes.py::"
_CALCULUS = "tests/rules/test_calculus.py::"
_LINALG = "tests/rules/test_linalg.py::"
_HERE = "tests/docs/test_conventions.py::"

SECTIONS: tuple[Section, ...] = (
    Section(
        ("Kinks and ties", "尖点与并列"),
        (
            "At a kink of a continuous function the derivative is the mean of the two one-sided slopes.",
            "连续函数在尖点处的导数取左右两侧斜率的平均值。",
        ),
        (
            _C("the tip of the absolute value has slope 0", "绝对值的尖点处斜率为 0",
               "cr.grad(np.abs)(0.0)", "0",
               _EXCEPTIONS + "test_at_a_kink_the_derivative_is_the_mean_of_the_one_sided_slopes"),
            _C("two equal arguments of `maximum` share the slope", "`maximum` 的两个参数相等时平分斜率",
               "cr.grad(np.maximum, argnums=(0, 1))(2.0, 2.0)", "(0.5, 0.5)",
               _EXCEPTIONS + "test_at_a_kink_the_derivative_is_the_mean_of_the_one_sided_slopes"),
            _C("equal largest entries share the slope", "并列最大的元素平分斜率",
               "cr.grad(np.max)(np.array([1.0, 3.0, 3.0]))", "[0, 0.5, 0.5]",
               _SELECTION + "test_equal_largest_entries_share_the_slope"),
            _C("equal entries share their places in a sorted array", "排序时相等的元素平分各自的位置",
               "cr.jacobian(np.sort)(np.array([2.0, 2.0]))", "[[0.5, 0.5], [0.5, 0.5]]",
               "tests/rules/test_sorting.py::test_equal_entries_share_their_places"),
            _C("a point of an interpolation has the mean slope of its two sides", "插值节点处取两侧斜率的平均值",
               "cr.grad(lambda x: np.interp(x, [0, 1, 2], [0.0, 1.0, 3.0]))(1.0)", "1.5",
               _CALCULUS + "test_at_a_point_of_an_interpolation_the_slope_is_the_mean_of_both_sides"),
            _C("the norm has slope 0 at its tip", "范数在零点处斜率为 0",
               "cr.grad(np.linalg.norm)(np.zeros(2))", "[0, 0]",
               _LINALG + "test_the_norm_of_nothing_has_slope_zero"),
            _C("the standard deviation of equal entries has slope 0", "各元素相等时标准差的斜率为 0",
               "cr.grad(np.std)(np.ones(3))", "[0, 0, 0]",
               "tests/rules/test_cumulative.py::test_the_deviation_of_equal_entries_has_slope_zero"),
            _C("a Python `if` has no kink: what is differentiated is the branch that was taken",
               "Python 的 `if` 没有尖点：求导的是实际执行的分支",
               "cr.grad(lambda x: x if x > 0 else -x)(0.0)", "-1",
               "tests/engine/test_nesting.py::test_derivatives_inside_loops_and_branches_of_the_language"),
        ),
    ),
    Section(
        ("Steps and constants", "阶跃与常数"),
        (
            "What does not change continuously has the derivative 0, at its jumps too.",
            "不连续变化的量导数为 0，在跳跃点处也是如此。",
        ),
        (
            _C("`floor`, `sign`, `rint` and comparisons are steps", "`floor`、`sign`、`rint` 与比较都是阶跃",
               "cr.grad(np.floor)(2.0)", "0",
               _EXCEPTIONS + "test_steps_have_derivative_zero_also_at_their_jumps"),
            _C("a remainder keeps its slope where it jumps", "余数在跳跃处保持原来的斜率",
               "cr.grad(lambda x: np.remainder(x, 1.0))(2.0)", "1",
               _ORDERS + "test_remainders_differentiate_the_quotient_that_they_took_off"),
            _C("a constant result has the gradient 0", "结果为常数时梯度为 0",
               "cr.grad(lambda x: 3.0)(np.ones(2))", "[0, 0]",
               "tests/engine/test_leaving.py::test_constant_results_have_gradient_zero"),
            _C("`stop_gradient` makes a constant of its argument", "`stop_gradient` 把参数当作常数",
               "cr.grad(lambda x: cr.stop_gradient(x) * x)(2.0)", "2",
               "tests/test_errors.py::test_a_constant_has_the_gradient_zero"),
        ),
    ),
    Section(
        ("Selection", "选择"),
        (
            "What was not selected was not used: it gets the derivative 0, also where its own derivative is infinite "
            "or undefined.",
            "没有被选中的就没有被使用：它的导数为 0，即使它自身的导数无穷或没有定义。",
        ),
        (
            _C("the branch of `where` that was not taken does not count", "`where` 中未取的分支不计入",
               "cr.grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0))(0.0)", "0",
               _SELECTION + "test_unselected_entries_have_gradient_zero"),
            _C("nor does it in second derivatives", "二阶导数也是如此",
               "cr.derivative(lambda x: np.where(x > 0, np.log(x), x**2), 2)(-1.0)", "2",
               _SELECTION + "test_second_derivatives_of_unselected_entries_are_zero"),
            _C("`fmax` and the nan-functions leave NaN aside", "`fmax` 与 nan 系列函数不计 NaN",
               "cr.grad(np.nansum)(np.array([1.0, np.nan]))", "[1, 0]",
               "tests/rules/test_cumulative.py::test_nan_entries_receive_no_gradient"),
            _C("entries that an index leaves out were not used", "下标没有取到的元素没有被使用",
               "cr.grad(lambda x: np.sqrt(x)[1])(np.array([0.0, 4.0]))", "[0, 0.25]",
               _SELECTION + "test_entries_that_an_index_or_an_assignment_leaves_out_are_not_used"),
            _C("a NaN that no selection explains stays NaN", "不能由选择解释的 NaN 仍是 NaN",
               "cr.grad(lambda x: 0.0 * np.sqrt(x))(0.0)", "nan",
               _SELECTION + "test_a_nan_that_no_selection_explains_stays"),
        ),
    ),
    Section(
        ("Ends of a domain, poles and undefined points", "定义域的端点、极点与无定义的点"),
        (
            "At an end with a vertical tangent the derivative is infinite; where the function has no value it is NaN.",
            "在切线竖直的端点处导数为无穷；在函数没有值的地方导数为 NaN。",
        ),
        (
            _C("a vertical tangent is an infinite slope, not an error", "竖直切线的斜率是无穷，不是错误",
               "cr.grad(np.sqrt)(0.0)", "inf",
               _EXCEPTIONS + "test_a_vertical_tangent_is_where_difference_quotients_grow_without_bound"),
            _C("outside the domain the derivative is NaN", "定义域之外导数为 NaN",
               "cr.grad(np.log)(-1.0)", "nan", _EXCEPTIONS + "test_outside_the_domain_the_derivative_is_nan"),
            _C("so it is at a pole", "在极点处也是 NaN",
               "cr.grad(lambda x: 1 / x)(0.0)", "nan",
               _EXCEPTIONS + "test_outside_the_domain_the_derivative_is_nan"),
            _C("a removable singularity has the derivative of the filled function", "可去奇点处取补全后函数的导数",
               "cr.derivative(np.sinc, 2)(0.0)", "-3.28987",
               "tests/rules/test_special.py::test_removable_singularities_ends_and_far_points"),
            _C("x⁰ is constant in x, at 0 too", "x⁰ 对 x 是常数，在 0 处也是",
               "cr.grad(lambda x: x**0)(0.0)", "0",
               _EXCEPTIONS + "test_exceptional_points_have_the_slopes_that_their_rows_say"),
            _C("0ʸ is constant in y for y > 0", "y > 0 时 0ʸ 对 y 是常数",
               "cr.grad(lambda y: 0.0**y)(2.0)", "0",
               _EXCEPTIONS + "test_exceptional_points_have_the_slopes_that_their_rows_say"),
            _C("a negative number to a power has no derivative by the exponent", "负数的幂对指数没有导数",
               "cr.grad(np.power, argnums=(0, 1))(-2.0, 2.0)", "(-4, nan)",
               _EXCEPTIONS + "test_exceptional_points_have_the_slopes_that_their_rows_say"),
        ),
    ),
    Section(
        ("Second and higher derivatives", "二阶与更高阶导数"),
        (
            "Where a function is smooth every order is right. Where a second derivative diverges it is NaN; at a kink "
            "of a piecewise linear function it is 0, the mean of its sides.",
            "函数光滑处各阶导数都正确。二阶导数发散处为 NaN；分段线性函数的尖点处为 0，即两侧的平均值。",
        ),
        (
            _C("a piecewise linear kink bends nowhere", "分段线性的尖点处二阶导数为 0",
               "cr.derivative(np.abs, 2)(0.0)", "0",
               _ORDERS + "test_at_kinks_and_ends_derivatives_are_means_of_the_sides_or_not_finite"),
            _C("the tip of `hypot` has no second derivative", "`hypot` 的顶点没有二阶导数",
               "cr.hessian(lambda v: np.hypot(v[0], v[1]))(np.zeros(2))", "[[nan, nan], [nan, nan]]",
               _ORDERS + "test_where_a_second_derivative_diverges_or_nothing_is_defined_it_is_nan"),
            _C("nor has that of the norm", "范数的顶点也没有",
               "cr.hessian(np.linalg.norm)(np.zeros(2))", "[[nan, nan], [nan, nan]]",
               _TIES + "test_where_a_second_derivative_diverges_or_depends_on_the_direction_it_is_nan"),
            _C("nor has an end with a vertical tangent", "切线竖直的端点也没有",
               "cr.derivative(np.sqrt, 2)(0.0)", "nan",
               _ORDERS + "test_where_a_second_derivative_diverges_or_nothing_is_defined_it_is_nan"),
            _C("a function that is smooth there has all its derivatives", "若函数在该点光滑，则各阶导数俱全",
               "cr.derivative(lambda x: np.logaddexp(x, 0), 2)(0.0)", "0.25",
               _ORDERS + "test_derivatives_to_fourth_order_are_those_of_mpmath"),
            _C("mixed second derivatives are symmetric", "混合二阶导数是对称的",
               "cr.hessian(lambda v: v[0] ** v[1])(np.array([2.0, 0.0]))", "[[0, 0.5], [0.5, 0.480453]]",
               _ORDERS + "test_mixed_second_derivatives_are_symmetric_wherever_they_are_taken"),
        ),
    ),
    Section(
        ("NaN", "NaN"),
        (
            "A value that is NaN has the derivative NaN, so `grad` of a sum is NaN everywhere as soon as one term is. "
            "To find the culprit, take `vjp`, of the terms before they are summed if you can: it keeps what is finite. "
            "Or run it inside `cr.debug_nans()`, which names the operation and its line.",
            "值为 NaN 时导数也是 NaN，因此只要有一项为 NaN，和的 `grad` 就处处是 NaN。要找出原因，请用 `vjp`，"
            "最好对求和之前的各项使用：它会保留有限的元素。"
            "也可以在 `cr.debug_nans()` 中运行，它会指出是哪一步运算、在哪一行。",
        ),
        (
            _C("`grad`: NaN everywhere", "`grad`：处处为 NaN",
               "cr.grad(lambda x: np.sum(np.sqrt(x)))(np.array([4.0, -1.0]))", "[nan, nan]",
               _HERE + "test_a_nan_value_has_the_gradient_nan_everywhere_and_vjp_keeps_the_finite_entries"),
            _C("`vjp` of the terms: finite entries are kept", "对各项用 `vjp`：保留有限的元素",
               "cr.vjp(np.sqrt, np.array([4.0, -1.0]))[1](np.ones(2))", "([0.25, nan])",
               _HERE + "test_a_nan_value_has_the_gradient_nan_everywhere_and_vjp_keeps_the_finite_entries"),
            _C("`jacobian`: NaN in the row of the NaN, and in no other", "`jacobian`：只有 NaN 所在的行是 NaN",
               "cr.jacobian(np.sqrt)(np.array([4.0, -1.0]))", "[[0.25, 0], [nan, nan]]",
               _HERE + "test_a_nan_value_has_the_gradient_nan_everywhere_and_vjp_keeps_the_finite_entries"),
            _C("`grad` of one value that is NaN: NaN, also by what had no part in it",
               "一个 NaN 值的 `grad`：对没有参与的元素也是 NaN",
               "cr.grad(lambda x: x[0] * np.nan)(np.ones(2))", "[nan, nan]",
               _DIRECTIONS + "test_a_value_that_is_nan_has_the_gradient_nan_and_vjp_shows_the_culprit"),
            _C("`vjp` of it: what had no part in it stays 0, which shows the culprit",
               "它的 `vjp`：没有参与的元素仍为 0，由此可见原因",
               "cr.vjp(lambda x: x[0] * np.nan, np.ones(2))[1](1.0)", "([nan, 0])",
               _DIRECTIONS + "test_a_value_that_is_nan_has_the_gradient_nan_and_vjp_shows_the_culprit"),
            _C("a constant that is NaN counts, also beside a step", "常数 NaN 也算，在阶跃旁边也是",
               "cr.grad(lambda x: np.floor(x) + np.nan)(1.0)", "nan",
               _UNDEFINED + "test_the_derivative_of_nan_is_nan_in_every_transform"),
            _C("a NaN argument has the derivative NaN, and its neighbours have theirs",
               "参数为 NaN 时其导数为 NaN，旁边的元素不受影响",
               "cr.derivative(np.sin)(np.array([0.0, np.nan]))", "[1, nan]",
               "tests/engine/test_leaving.py::test_nan_arguments_have_nan_gradients_and_nothing_else_has"),
        ),
    ),
    Section(
        ("Dtypes", "数据类型"),
        (
            "A gradient has the dtype of its argument; whole numbers and Python's floats are differentiated as "
            "float64.",
            "梯度的数据类型与参数相同；整数与 Python 浮点数按 float64 求导。",
        ),
        (
            _C("float32 stays float32", "float32 保持 float32",
               "cr.grad(np.square)(np.float32(3.0)).dtype", "float32",
               _DTYPES + "test_single_precision_stays_single"),
            _C("beside a float64 each argument keeps its own", "与 float64 混用时各参数保持自己的类型",
               "cr.grad(lambda x: np.sum(x * np.ones(2)))(np.ones(2, np.float32)).dtype", "float32",
               _DTYPES + "test_mixed_dtypes_give_each_argument_a_gradient_of_its_own_dtype"),
            _C("whole numbers count as float64", "整数按 float64 处理",
               "cr.grad(np.sum)(np.array([1, 2])).dtype", "float64",
               _DTYPES + "test_integers_are_differentiated_as_double_precision"),
            _C("empty arrays have empty gradients", "空数组的梯度为空",
               "cr.grad(np.sum)(np.zeros(0))", "[]", _DTYPES + "test_empty_arrays_have_empty_gradients"),
            _C("the gradient by a complex argument is conjugate to steepest ascent, as in JAX",
               "对复数参数的梯度与最速上升方向共轭，同 JAX",
               "cr.grad(np.abs)(3 + 4j)", "0.6-0.8j",
               _DTYPES + "test_gradients_of_real_functions_of_complex_arguments_follow_jax"),
        ),
    ),
    Section(
        ("Matrices", "矩阵"),
        (
            "`eigh`, `eigvalsh` and `cholesky` read one triangle and take the matrix as symmetric; the gradient is "
            "symmetric as well, so a step along it keeps the matrix symmetric.",
            "`eigh`、`eigvalsh` 与 `cholesky` 只读取一个三角，并把矩阵当作对称矩阵；梯度也是对称的，"
            "因此沿梯度走一步矩阵仍然对称。",
        ),
        (
            _C("the other triangle is not read, and the gradient is symmetric", "另一个三角不被读取，梯度是对称的",
               "cr.grad(lambda a: np.linalg.eigvalsh(a)[0])(np.array([[2.0, 99.0], [0.0, 1.0]]))", "[[0, 0], [0, 1]]",
               _HERE + "test_one_triangle_is_read_and_the_gradient_is_symmetric"),
            _C("off the diagonal each of the two entries gets half", "对角线之外，两个对应元素各得一半",
               "cr.grad(lambda a: np.linalg.cholesky(a)[1, 0])(np.array([[4.0, 9.0], [2.0, 3.0]]))",
               "[[-0.125, 0.25], [0.25, 0]]",
               _HERE + "test_one_triangle_is_read_and_the_gradient_is_symmetric"),
            _C("equal eigenvalues share their slopes", "相等的特征值平分斜率",
               "cr.grad(lambda a: np.linalg.eigvalsh(a)[0])(np.eye(2))", "[[0.5, 0], [0, 0.5]]",
               _TIES + "test_a_group_of_equal_eigenvalues_shares_its_slope"),
            _C("vectors that equal eigenvalues leave open have no derivative", "相等特征值不能确定的特征向量没有导数",
               "cr.grad(lambda a: np.linalg.eigh(a)[1][0, 1])(np.eye(2))[0, 1]", "nan",
               _TIES + "test_what_equal_eigenvalues_leave_open_is_nan_and_never_a_number"),
            _C("a singular matrix has the cofactors as the slopes of its determinant",
               "奇异矩阵行列式的斜率是代数余子式",
               "cr.grad(np.linalg.det)(np.ones((2, 2)))", "[[1, -1], [-1, 1]]",
               _LINALG + "test_the_determinant_of_a_singular_matrix_has_its_cofactors_as_slopes"),
        ),
    ),
)  # fmt: skip

WORDS = {
    "en": (
        "# Conventions\n\n"
        "What a derivative is at the points where mathematics leaves a choice, or no answer. It is the same number in "
        "`grad`, `jvp`,\n"
        "`jacobian`, graphs, derivations and drawings. Each line has an example and the test that holds "
        "it for its whole class.\n[中文](conventions.zh.md)\n",
        ("convention", "example", "gives", "held by"),
    ),
    "zh": (
        "# 约定\n\n"
        "在数学留有选择余地或没有答案的地方，导数取什么值。`grad`、`jvp`、`jacobian`、计算图、推导与图像给出的是同一个数。\n"
        "每一行都有例子，以及在整类函数上保证它的测试。[English](conventions.md)\n",
        ("约定", "例子", "结果", "由此测试保证"),
    ),
}


def page(lang: str) -> str:
    """The text of one page."""
    introduction, columns = WORDS[lang]
    place = 1 if lang == "zh" else 0
    parts = [introduction]
    for section in SECTIONS:
        rows = [columns, ("---",) * len(columns)]
        for line in section.lines:
            file, name = line.test.split("::")
            what = line.chinese if lang == "zh" else line.english
            rows.append((what, f"`{line.example}`", f"`{line.gives}`", f"[{name}](../{file})"))
        table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
        parts.append(f"## {section.heading[place]}\n\n{section.rule[place]}\n\n{table}")
    return "\n".join(parts)


if __name__ == "__main__":
    for lang, file in PAGES.items():
        file.write_text(page(lang), encoding="utf-8")
