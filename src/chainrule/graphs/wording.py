"""How an operation is said in a sentence, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.graphs.graph import Node
from chainrule.showing.language import Language

BODY_MOST = 6  # operations of a repeated block that are named

_WORDS = {
    "add": ("{0} plus {1}", "{0} 加 {1}"),
    "subtract": ("{0} minus {1}", "{0} 减 {1}"),
    "multiply": ("{0} times {1}", "{0} 乘以 {1}"),
    "divide": ("{0} divided by {1}", "{0} 除以 {1}"),
    "power": ("{0} to the power {1}", "{0} 的 {1} 次幂"),
    "negative": ("minus {0}", "{0} 取负"),
    "square": ("{0} squared", "{0} 的平方"),
    "sqrt": ("the square root of {0}", "{0} 的平方根"),
    "cbrt": ("the cube root of {0}", "{0} 的立方根"),
    "expit": ("the sigmoid of {0}", "计算 σ({0})"),
    "reciprocal": ("1 divided by {0}", "{0} 的倒数"),
    "absolute": ("the absolute value of {0}", "{0} 的绝对值"),
    "maximum": ("the larger of {0} and {1}", "{0} 与 {1} 中较大者"),
    "minimum": ("the smaller of {0} and {1}", "{0} 与 {1} 中较小者"),
    "where": ("choosing {1} where {0} holds and {2} elsewhere", "在 {0} 成立处取 {1}，其余取 {2}"),
    "matmul": ("the matrix product of {0} and {1}", "{0} 与 {1} 的矩阵乘积"),
    "getitem": ("taking the entry {options} of {0}", "取 {0} 的 {options} 分量"),
    "replace": ("{0} with {1} written to {options}", "把 {1} 写入 {0} 的 {options}"),
    "replace_through": ("{0} with {1} written to {options} of a view of it", "把 {1} 写入 {0} 的视图的 {options}"),
    "replace_parts": ("{0} with {1} written to {options} of its parts", "把 {1} 写入 {0} 的实部或虚部的 {options}"),
    "sum": ("the sum of {0}{over}", "{0}{over} 求和"),
    "mean": ("the mean of {0}{over}", "{0}{over} 的平均"),
    "max": ("the largest entry of {0}{over}", "{0}{over} 的最大值"),
    "min": ("the smallest entry of {0}{over}", "{0}{over} 的最小值"),
    "transpose": ("{0} transposed", "{0} 的转置"),
    "concatenate": ("joining {all}", "拼接 {all}"),
    "stack": ("stacking {all}", "堆叠 {all}"),
}


def wording(node: Node, operands: Sequence[str], lang: Language) -> str:
    """The operation of `node` on the named operands, as the beginning of a sentence."""
    if node.fold is not None:
        body = ", ".join(node.fold.body[:BODY_MOST]) + (", …" if len(node.fold.body) > BODY_MOST else "")
        if lang == "en":
            return f"Repeating ({body}) {node.fold.times} times on {_and(operands)}"
        return f"对 {'、'.join(operands)} 把（{body}）重复 {node.fold.times} 次"
    words = _WORDS.get(node.operation or "")
    if words is None:
        operation = node.operation or node.label
        return f"{operation} of {_and(operands)}" if lang == "en" else f"计算 {operation}({', '.join(operands)})"
    template = words[0] if lang == "en" else words[1]
    said = template.format(
        *operands,
        *[""] * (3 - len(operands)),
        options=node.options,
        over=f" ({node.options})" if node.options else "",
        all=_and(operands) if lang == "en" else "、".join(operands),
    )
    return said[:1].upper() + said[1:] if template[0].isalpha() and lang == "en" else said


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
