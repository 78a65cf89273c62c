"""Draw the gallery: every picture in docs/gallery, the pages that show them, and the drawing in the READMEs.

python docs/gallery.py
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import chainrule as cr
from chainrule.drawing import Drawing
from chainrule.graphs.compose import UnknownFunction, compose
from chainrule.graphs.graph import Graph
from chainrule.graphs.layers import GradientFlow

FOLDER = Path(__file__).parent / "gallery"


@dataclass(frozen=True)
class Picture:
    """One picture: its file's name, its captions, the code to show, and its graph."""

    name: str
    english: str
    chinese: str
    code: str
    graph: Callable[[], Graph]


def bell(x):
    return np.tanh(np.sin(x) * np.exp(x)) / (1 + x**2)


def diamond(x):
    a = np.sin(x)
    b = x / np.exp(x)
    return a * b


def network() -> Graph:
    random = np.random.default_rng(0)
    X, y = random.normal(size=(8, 4)), np.eye(3)[random.integers(0, 3, 8)]  # noqa: N806 - X is what the field calls it
    params = {
        "w1": random.normal(size=(4, 5)),
        "b1": np.zeros(5),
        "w2": random.normal(size=(5, 3)),
        "b2": np.zeros(3),
    }

    def loss(params):
        hidden = np.tanh(X @ params["w1"] + params["b1"])
        error = hidden @ params["w2"] + params["b2"] - y
        return np.mean(error**2)

    return cr.graph(loss, params)


def flow() -> GradientFlow:
    """A deep network of sigmoids, in which gradients vanish, with units that are dead in its last layer."""
    random = np.random.default_rng(3)
    examples = [random.normal(size=(32, 6)) for _ in range(60)]
    batches = [(x, np.tanh(x[:, :1] + 2 * x[:, 1:2])) for x in examples]
    params = {f"w{k}": random.normal(size=(6, 6)) / 2 for k in range(1, 7)}
    params |= {"w7": random.normal(size=(6, 6)), "b7": np.array([-20.0, -20.0, 0.0, 0.0, 0.0, 0.0])}
    params |= {"w8": random.normal(size=(6, 1)) / 2}

    def loss(params, x, y):
        hidden = x
        for k in range(1, 7):
            hidden = 1 / (1 + np.exp(-hidden @ params[f"w{k}"]))
        last = np.maximum(hidden @ params["w7"] + params["b7"], 0)
        return np.mean((last @ params["w8"] - y) ** 2)

    return cr.gradient_flow(loss, params, batches, rate=0.02)


def descent(x):
    for _ in range(300):
        x = x - 0.01 * np.cos(x) * x
    return x**2


def broadcast(x, b):
    return np.sum(x * b)


def composition(combine: Callable[..., object]) -> Graph:
    g, h = UnknownFunction("g"), UnknownFunction("h")
    return compose(lambda x, y: combine(g(x), h(y)), "x", "y")


PICTURES = (
    Picture(
        "sum",
        "A sum passes the gradient that arrives on to both of its terms, whatever g and h are.",
        "和:到达的梯度 df 原样传给两个加数,无论 g、h 是什么函数。",
        'g, h = UnknownFunction("g"), UnknownFunction("h")\ncompose(lambda x, y: g(x) + h(y), "x", "y")',
        lambda: composition(lambda g, h: g + h),
    ),
    Picture(
        "product",
        "A product passes to each factor the gradient times the other factor.",
        "积:传给每个因子的是梯度乘以另一个因子。",
        'compose(lambda x, y: g(x) * h(y), "x", "y")',
        lambda: composition(lambda g, h: g * h),
    ),
    Picture(
        "quotient",
        "A quotient passes df/h to the numerator and −df·g/h² to the denominator.",
        "商:传给分子 df/h,传给分母 −df·g/h²。",
        'compose(lambda x, y: g(x) / h(y), "x", "y")',
        lambda: composition(lambda g, h: g / h),
    ),
    Picture(
        "bell",
        "tanh(sin x · eˣ)/(1 + x²): x is used three times, and its gradient is the sum of what comes back.",
        "tanh(sin x · eˣ)/(1 + x²):x 用了三次,它的梯度是三路传回的梯度之和。",
        "def bell(x):\n    return np.tanh(np.sin(x) * np.exp(x)) / (1 + x**2)\n\ncr.graph(bell, 0.5)",
        lambda: cr.graph(bell, 0.5),
    ),
    Picture(
        "diamond",
        "A diamond: two ways lead from x to the result. The boxes carry the names of the local variables.",
        "菱形:从 x 到结果有两条路。方框里是代码中局部变量的名字。",
        "def diamond(x):\n    a = np.sin(x)\n    b = x / np.exp(x)\n    return a * b\n\ncr.graph(diamond, 0.5)",
        lambda: cr.graph(diamond, 0.5),
    ),
    Picture(
        "network",
        "The loss of a network with two layers: arrays show their shape and a strip of their values.",
        "两层网络的损失:数组显示形状和数值条。",
        'def loss(params):\n    hidden = np.tanh(X @ params["w1"] + params["b1"])\n'
        '    error = hidden @ params["w2"] + params["b2"] - y\n    return np.mean(error**2)\n\n'
        "cr.graph(loss, params)",
        network,
    ),
    Picture(
        "loop",
        "A loop of 300 steps, folded: 1,500 nodes as three. `.unfold()` opens the box.",
        "300 次循环折叠成一个方框:1500 个节点画成三个;`.unfold()` 可以展开。",
        "def descent(x):\n    for _ in range(300):\n        x = x - 0.01 * np.cos(x) * x\n    return x**2\n\n"
        "cr.graph(descent, 1.3)",
        lambda: cr.graph(descent, 1.3),
    ),
    Picture(
        "broadcast",
        "A number times a vector: the number is used for every entry, so its gradient is a sum over them.",
        "数乘以向量:这个数用于每个分量,所以它的梯度要对各分量求和。",
        "cr.graph(lambda x, b: np.sum(x * b), np.array([1.0, 2.0, 4.0]), 10.0)",
        lambda: cr.graph(broadcast, np.array([1.0, 2.0, 4.0]), 10.0),
    ),
)

@dataclass(frozen=True)
class Curve:
    """A drawing of a function: its file's name, its captions, and the words of the call that draws it."""

    name: str
    english: str
    chinese: str
    code: str
    draw: Callable[[str], Drawing]


CURVES = (
    Curve(
        "secants",
        "Secants through x and x + h turn into the tangent as h shrinks.",
        "h 缩小时，过 x 与 x + h 两点的割线变成切线。",
        'cr.draw("x^2", at=1, over=(-1, 4), secant=(2, 1, 0.5))',
        lambda lang: cr.draw("x^2", at=1, over=(-1, 4), secant=(2, 1, 0.5), lang=lang),
    ),
    Curve(
        "marks",
        "Zeros, extrema and points of inflection are found by changes of sign, never at a pole or a jump.",
        "零点、极值点与拐点由变号处求得，不会误标在极点或间断点上。",
        'cr.draw("x^3 - 2x", over=(-2, 2), mark=True)',
        lambda lang: cr.draw("x^3 - 2x", over=(-2, 2), mark=True, lang=lang),
    ),
    Curve(
        "outside",
        "The two tangents to a parabola through a point outside it, with equal units on both axes.",
        "过抛物线外一点的两条切线，两轴单位长度相等。",
        'cr.draw("x^2/2 - 1", through=(0.5, -2), over=(-3, 3), equal=True)',
        lambda lang: cr.draw("x^2/2 - 1", through=(0.5, -2), over=(-3, 3), equal=True, lang=lang),
    ),
)

MOVING = ("product", "diamond")  # whose steps are played as well


def main() -> None:
    """Write every picture in both languages, and the two pages."""
    FOLDER.mkdir(exist_ok=True)
    for picture in PICTURES:
        graph = picture.graph()
        graph.save(FOLDER / f"{picture.name}.svg")
        graph.save(FOLDER / f"{picture.name}.zh.svg", lang="zh")
        if picture.name in MOVING:
            graph.animate().save(FOLDER / f"{picture.name}.steps.svg")
            graph.animate("zh").save(FOLDER / f"{picture.name}.steps.zh.svg")
    for lang, ending in (("en", "svg"), ("zh", "zh.svg")):
        for curve in CURVES:
            curve.draw(lang).save(FOLDER / f"{curve.name}.{ending}")
        for stacked in (False, True):
            name = f"drawing{'.narrow' * stacked}{'.zh-CN' * (lang == 'zh')}.svg"
            cr.draw(bell, at=1.0, over=(-2, 2), lang=lang, stacked=stacked).save(FOLDER.parent / name)
    for lang, ending in (("en", "png"), ("zh", "zh.png")):
        flow().draw(lang).savefig(FOLDER / f"flow.{ending}", dpi=90)
    english = ["# Gallery\n", "Made by `python docs/gallery.py`. [中文](gallery.zh.md)\n"]
    chinese = ["# 图库\n", "由 `python docs/gallery.py` 生成。[English](gallery.md)\n"]
    for picture in PICTURES:
        code = f"```python\n{picture.code}\n```\n"
        english.append(f"{picture.english}\n\n{code}\n![{picture.name}](gallery/{picture.name}.svg)\n")
        chinese.append(f"{picture.chinese}\n\n{code}\n![{picture.name}](gallery/{picture.name}.zh.svg)\n")
        if picture.name in MOVING:
            english.append(f"Its steps (`.animate()`):\n\n![steps](gallery/{picture.name}.steps.svg)\n")
            chinese.append(f"逐步播放(`.animate()`):\n\n![steps](gallery/{picture.name}.steps.zh.svg)\n")
    for curve in CURVES:
        code = f"```python\n{curve.code}\n```\n"
        english.append(f"{curve.english}\n\n{code}\n![{curve.name}](gallery/{curve.name}.svg)\n")
        chinese.append(f"{curve.chinese}\n\n{code}\n![{curve.name}](gallery/{curve.name}.zh.svg)\n")
    english.append(
        "How gradients flow through a deep network of sigmoids while it learns "
        "(`cr.gradient_flow(loss, params, batches).draw()`): they vanish in the first layers.\n\n"
        "![flow](gallery/flow.png)\n"
    )
    chinese.append(
        "深层 sigmoid 网络学习时的梯度流(`cr.gradient_flow(loss, params, batches).draw()`):"
        "前几层的梯度消失。\n\n![flow](gallery/flow.zh.png)\n"
    )
    (FOLDER.parent / "gallery.md").write_text("\n".join(english), encoding="utf-8")
    (FOLDER.parent / "gallery.zh.md").write_text("\n".join(chinese), encoding="utf-8")


if __name__ == "__main__":
    main()
