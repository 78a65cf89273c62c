"""Errors that a picture, a graph or a derivation may end with, in Chinese."""

from __future__ import annotations

READINGS: dict[str, str] = {
    "the function has no value at {}": "函数在 {} 处没有值",
    "{}: it is defined where {}. Choose a point there.": "{}；它的定义域是 {}。请在其中取点。",
    "cannot save {}: the suffix '{}' is none of {}. Write for example {}.": "无法保存 {}：不支持后缀“{}”，可用 {}。例如写作 {}。",
    "cannot save {}: there is no folder {}. Make it first, or name another.": "无法保存 {}：没有文件夹 {}。请先新建，或换一个。",
    "draw needs a function that returns one number for each x, but for x of shape {} this one returned shape {}. "
    "Return an array shaped like x, without sums over it.": (
        "draw 需要对每个 x 返回一个数的函数，而 x 的形状为 {} 时，它返回的形状是 {}。请返回与 x 同形状的数组，不要求和。"
    ),
    "the file could not be written to {}: {}. Choose a folder that exists and can be written to.": (
        "无法写入 {}：{}。请选一个存在且可写的文件夹。"
    ),
    "this graph has {} nodes{}, and a picture shows {} at most: in a larger one nothing can be seen. {}": (
        "这个计算图有 {} 个结点{}，而一幅图最多画 {} 个：再大就看不清了。{}"
    ),
    "the function cannot be followed with symbols ({}). Give explain the values to follow it at: explain(f, 1.0).": (
        "无法用符号跟踪这个函数（{}）。请给出自变量的值：explain(f, 1.0)。"
    ),
    "explain needs one result, but the function returned {} of them in a container. Explain one of them at a time: "
    "explain(lambda *a: f(*a)[0], …).": "explain 需要一个结果，而函数返回了 {} 个。请逐个解释：explain(lambda *a: f(*a)[0], …)。",
    "the graph of a formula needs the partial derivatives of its functions, and the table has none for {} of {} "
    "argument(s). Use elementwise NumPy functions, or UnknownFunction('{}').": (
        "公式的计算图需要各函数的偏导数，而导数表中没有 {1} 个自变量的 {0}。请用 NumPy 的逐元素函数，或 UnknownFunction('{2}')。"
    ),
    "cannot make the tour in {}: {}. Name a folder that you may write to.": "无法在 {} 中生成导览：{}。请换一个可写的文件夹。",
    "cannot make the tour in {}: it is not a folder. Name another one.": "无法在 {} 中生成导览：它不是文件夹。请换一个。",
    "cannot make the tour in {}: it holds other files ({}), which would be lost. Name a new folder.": (
        "无法在 {} 中生成导览：里面有别的文件（{}），会被覆盖。请换一个新文件夹。"
    ),
}  # fmt: skip
