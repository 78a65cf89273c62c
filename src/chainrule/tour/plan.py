"""What the tour shows, in the tutorial's order: sections of stations, each with its words in two languages.

No formula is written here: a station has a function, and its formulas are read off the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import chainrule.functions as functions
from chainrule.functions import ElementaryFunction
from chainrule.graphs.compose import UnknownFunction, compose
from chainrule.graphs.presented import ShownGraph
from chainrule.showing.language import Language


@dataclass(frozen=True)
class Said:
    """The same words in English and in Chinese."""

    en: str
    zh: str

    def __call__(self, lang: Language) -> str:
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class FunctionStation:
    """A function drawn with its tangent and its derivative. `number` is the tutorial's number of the figure."""

    number: str | None
    name: str
    title: Said
    text: Said
    function: ElementaryFunction


@dataclass(frozen=True)
class CompositionStation:
    """A composition of unknown functions, with the gradient flowing back through its computation graph.

    `number` is the tutorial's; the forms in one variable have none.
    """

    number: str | None
    name: str
    title: Said
    text: Said
    composition: Callable[..., Any]
    variables: tuple[str, ...]

    def graph(self) -> ShownGraph:
        """The computation graph, with `df` flowing back from its output."""
        return compose(self.composition, *self.variables)


@dataclass(frozen=True)
class NetworkStation:
    """The network that learns to read digits."""

    number: None
    name: str
    title: Said
    text: Said


Station = FunctionStation | CompositionStation | NetworkStation


def file_name(station: Station) -> str:
    """The name of a station's pictures, without their ending."""
    return f"figure-{station.number}-{station.name}" if station.number else station.name


def heading(station: Station, lang: Language) -> str:
    """A station's title, with the number of its figure if it has one."""
    if station.number is None:
        return station.title(lang)
    return Said(f"Figure {station.number}: {station.title.en}", f"图 {station.number}　{station.title.zh}")(lang)


@dataclass(frozen=True)
class Section:
    """A heading, what is to be learned under it, and its stations."""

    name: str
    title: Said
    text: Said
    stations: tuple[Station, ...]


def _function(number: str, name: str, function: ElementaryFunction, title: Said, text: Said) -> FunctionStation:
    return FunctionStation(number, name, title, text, function)


_g, _h = UnknownFunction("g"), UnknownFunction("h")

SECTIONS = (
    Section(
        "constant",
        Said("Constant function", "常数函数"),
        Said(
            "The derivative of a function says how fast its value changes: it is the slope of the tangent. "
            "Each picture shows the function with its tangent at a point on the left, and on the right the "
            "derivative, whose height at that point is the slope.",
            "函数的导数说明函数值变化的快慢，也就是切线的斜率。每幅图左边是函数及其在一点处的切线，右边是导数："
            "导数在该点的高度就是切线的斜率。",
        ),
        (
            _function("1", "constant", functions.constant(1), Said("A constant", "常数"), Said(
                "A constant never changes, so its slope is 0 everywhere and the tangent is the line itself.",
                "常数不变化，所以斜率处处为 0，切线就是它自己。",
            )),
        ),
    ),
    Section(
        "power",
        Said("Power functions", "幂函数"),
        Said(
            "The exponent comes down as a factor and is lowered by one.",
            "指数下移成为系数，指数本身减一。",
        ),
        (
            _function("2.1", "power-2", functions.power(2), Said("The square", "平方"), Said(
                "The slope of the parabola grows in proportion to x: negative on the left, 0 at the vertex, "
                "positive on the right.",
                "抛物线的斜率与 x 成正比：左边为负，顶点处为 0，右边为正。",
            )),
            _function("2.2", "power-3", functions.power(3), Said("The cube", "立方"), Said(
                "The cube never falls, so its slope is never negative; at 0 the curve is flat for an instant.",
                "立方函数从不下降，所以斜率从不为负；在 0 处曲线有一瞬间是平的。",
            )),
        ),
    ),
    Section(
        "exponential",
        Said("Exponential functions", "指数函数"),
        Said(
            "The slope of an exponential is proportional to its own value; the factor is the logarithm of the base.",
            "指数函数的斜率与它自己的值成正比，比例系数是底数的对数。",
        ),
        (
            _function("3.1", "exp-e", functions.exp(), Said("Exponential, base e", "指数函数，底数 e"), Said(
                "For the base e the factor is 1: the function is its own derivative, and both curves are the same.",
                "底数为 e 时系数为 1：函数就是自己的导数，两条曲线完全相同。",
            )),
            _function("3.2", "exp-10", functions.exp(10), Said("Exponential, base 10", "指数函数，底数 10"), Said(
                "For the base 10 the slope is about 2.3 times the value.",
                "底数为 10 时，斜率约为函数值的 2.3 倍。",
            )),
        ),
    ),
    Section(
        "logarithm",
        Said("Logarithms", "对数函数"),
        Said(
            "Logarithms are defined for x > 0 only. They rise ever more slowly: their slope falls as 1/x.",
            "对数只对 x > 0 有定义。它上升得越来越慢：斜率按 1/x 减小。",
        ),
        (
            _function("4.1", "log-e", functions.log(), Said("Logarithm, base e", "对数函数，底数 e"), Said(
                "Near 0 the logarithm plunges and its slope grows without bound; at 1 the slope is exactly 1.",
                "靠近 0 时对数急剧下降，斜率无限增大；在 1 处斜率恰好是 1。",
            )),
            _function("4.2", "log-10", functions.log(10), Said("Logarithm, base 10", "对数函数，底数 10"), Said(
                "Another base only scales the curve, and its slope with it.",
                "换一个底数只是把曲线按比例缩放，斜率也随之缩放。",
            )),
        ),
    ),
    Section(
        "trigonometric",
        Said("Trigonometric functions", "三角函数"),
        Said("Angles are in radians; only then are the formulas this simple.", "角度用弧度；只有这样公式才如此简单。"),
        (
            _function("5.1", "sin", functions.sin, Said("Sine", "正弦"), Said(
                "Where the sine is steepest the cosine is 1, and where the sine turns the cosine is 0.",
                "正弦最陡的地方余弦为 1，正弦转向的地方余弦为 0。",
            )),
            _function("5.2", "cos", functions.cos, Said("Cosine", "余弦"), Said(
                "The cosine is the sine shifted, and so is its slope; hence the minus sign.",
                "余弦是平移后的正弦，斜率也一样平移，因此有负号。",
            )),
            _function("5.3", "tan", functions.tan, Said("Tangent", "正切"), Said(
                "The tangent function rises everywhere, the faster the nearer it comes to its poles at ±π/2.",
                "正切处处上升，越靠近 ±π/2 处的极点上升得越快。",
            )),
        ),
    ),
    Section(
        "inverse-trigonometric",
        Said("Inverse trigonometric functions", "反三角函数"),
        Said(
            "Mirrored at the diagonal, a curve of slope m gets the slope 1/m. That gives the derivatives of inverses.",
            "曲线沿对角线翻转后，斜率 m 变成 1/m，由此得到反函数的导数。",
        ),
        (
            _function("6.1", "arcsin", functions.arcsin, Said("Arcsine", "反正弦"), Said(
                "It is defined from −1 to 1. The sine is flat at its turning points, so here the tangent becomes "
                "vertical at both ends.",
                "定义域为 −1 到 1。正弦在转向处是平的，所以反正弦在两端的切线是竖直的。",
            )),
            _function("6.2", "arccos", functions.arccos, Said("Arccosine", "反余弦"), Said(
                "Arcsine and arccosine add up to π/2, so their slopes are opposite.",
                "反正弦与反余弦之和为 π/2，所以它们的斜率相反。",
            )),
            _function("6.3", "arctan", functions.arctan, Said("Arctangent", "反正切"), Said(
                "It is defined everywhere and levels off towards ±π/2: its slope is largest at 0 and dies out "
                "far away.",
                "它处处有定义，并趋于 ±π/2：斜率在 0 处最大，在远处消失。",
            )),
        ),
    ),
    Section(
        "hyperbolic",
        Said("Hyperbolic functions", "双曲函数"),
        Said(
            "They are made of eˣ and e⁻ˣ; their derivatives are like those of sine, cosine and tangent, but for signs.",
            "它们由 eˣ 与 e⁻ˣ 组成；导数与正弦、余弦、正切的相似，只是符号不同。",
        ),
        (
            _function("7.1", "sinh", functions.sinh, Said("Hyperbolic sine", "双曲正弦"), Said(
                "Its slope is never below 1.", "它的斜率从不小于 1。",
            )),
            _function("7.2", "cosh", functions.cosh, Said("Hyperbolic cosine", "双曲余弦"), Said(
                "The curve of a hanging chain: lowest at 0, where its slope changes sign.",
                "悬链的形状：在 0 处最低，斜率在此变号。",
            )),
            _function("7.3", "tanh", functions.tanh, Said("Hyperbolic tangent", "双曲正切"), Said(
                "A favourite of neural networks: steep at 0 and flat far away. Where it is flat, hardly any gradient "
                "gets through.",
                "神经网络常用的函数：在 0 处陡，在远处平。平的地方几乎没有梯度能通过。",
            )),
        ),
    ),
    Section(
        "chain-rule",
        Said("Composite functions and the chain rule", "复合函数与链式法则"),
        Said(
            "Functions are put one into another. The computation is drawn as a graph: values flow forward along the "
            "solid lines. Then the gradient df of the result flows back along the dashed lines, and each operation "
            "multiplies it by its own derivative. That is the chain rule.",
            "函数可以一个套一个。计算过程画成一张图：数值沿实线向前传播；然后结果的梯度 df 沿虚线逆向传播，"
            "每经过一个运算就乘上该运算自己的导数。这就是链式法则。",
        ),
        (
            CompositionStation(
                None, "chain", Said("One function inside another", "函数套函数"), Said(
                    "What arrives at h(x) is df times the slope of g there; what arrives at x is that times the "
                    "slope of h.",
                    "到达 h(x) 的是 df 乘以 g 在该处的斜率；到达 x 的再乘以 h 的斜率。",
                ), lambda x: _g(_h(x)), ("x",),
            ),
        ),
    ),
    Section(
        "sum",
        Said("A sum", "加法"),
        Said("A sum passes the gradient on unchanged to both of its terms.", "加法把梯度原样传给两个加数。"),
        (
            CompositionStation(
                None, "sum-one-variable", Said("A sum in one variable", "加法，一个变量"), Said(
                    "x is used twice, so two gradients arrive at it. They are added: the derivative of a sum is the "
                    "sum of the derivatives.",
                    "x 用了两次，所以有两个梯度到达 x，它们相加：和的导数等于导数的和。",
                ), lambda x: _g(x) + _h(x), ("x",),
            ),
            CompositionStation(
                "8", "sum", Said("A sum in two variables", "加法，两个变量"), Said(
                    "Each variable receives df times the slope of its own function.",
                    "每个变量收到的是 df 乘以它自己那个函数的斜率。",
                ), lambda x, y: _g(x) + _h(y), ("x", "y"),
            ),
        ),
    ),
    Section(
        "product",
        Said("A product", "乘法"),
        Said(
            "A product sends to each factor the gradient times the other factor.",
            "乘法传给每个因子的，是梯度乘以另一个因子。",
        ),
        (
            CompositionStation(
                None, "product-one-variable", Said("A product in one variable", "乘法，一个变量"), Said(
                    "The two gradients that arrive at x add up to the product rule.",
                    "到达 x 的两个梯度相加，就是乘法的求导法则。",
                ), lambda x: _g(x) * _h(x), ("x",),
            ),
            CompositionStation(
                "9", "product", Said("A product in two variables", "乘法，两个变量"), Said(
                    "The larger h(y) is, the more a change of g(x) matters to the result.",
                    "h(y) 越大，g(x) 的变化对结果的影响就越大。",
                ), lambda x, y: _g(x) * _h(y), ("x", "y"),
            ),
        ),
    ),
    Section(
        "quotient",
        Said("A quotient", "除法"),
        Said(
            "The numerator receives the gradient divided by the denominator. The denominator receives a negative "
            "one: a larger denominator makes the quotient smaller.",
            "分子收到的是梯度除以分母；分母收到的带负号：分母变大，商变小。",
        ),
        (
            CompositionStation(
                None, "quotient-one-variable", Said("A quotient in one variable", "除法，一个变量"), Said(
                    "The two gradients that arrive at x add up to the quotient rule.",
                    "到达 x 的两个梯度相加，就是除法的求导法则。",
                ), lambda x: _g(x) / _h(x), ("x",),
            ),
            CompositionStation(
                "10", "quotient", Said("A quotient in two variables", "除法，两个变量"), Said(
                    "Again each variable receives what arrived at its function, times that function's slope.",
                    "同样，每个变量收到的是到达其函数的梯度乘以该函数的斜率。",
                ), lambda x, y: _g(x) / _h(y), ("x", "y"),
            ),
        ),
    ),
    Section(
        "learning",
        Said("The point of it: a network that learns", "意义所在：会学习的网络"),
        Said(
            "A neural network is a composition of such basic operations, thousands of them. Learning means: measure "
            "by a loss how wrong the network is, let the gradient of the loss flow back to every parameter, exactly "
            "as in the graphs above, and change each parameter a little so that the loss becomes smaller. Then again.",
            "神经网络就是成千上万个这样的基本运算的复合。学习就是：用损失函数衡量网络错了多少，让损失的梯度像上面的图"
            "那样逆向传播到每一个参数，再把每个参数改动一点点，使损失变小；如此反复。",
        ),
        (
            NetworkStation(None, "network", Said("Learning to read digits", "学习识别手写数字"), Said(
                "A network of two layers, trained a moment ago on handwritten digits. Above: the loss falls, and with "
                "it the gradient that reaches each layer. Below: digits that it has never seen and misreads.",
                "一个两层网络，刚刚用手写数字训练完成。上图：损失下降，到达各层的梯度也随之变小。下图：它从未见过、并且读错的数字。",
            )),
        ),
    ),
)  # fmt: skip
