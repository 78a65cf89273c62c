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
from chainrule.showing.language import Language, Phrase
from chainrule.tour.lesson import Example, Exercise, Lesson, Proof
from chainrule.tour.lessons import compositions, exponentials, hyperbolic, powers, trigonometry


@dataclass(frozen=True)
class FunctionStation:
    """A function drawn with its tangent and its derivative. `number` is the tutorial's number of the figure."""

    number: str | None
    name: str
    title: Phrase
    text: Phrase
    function: ElementaryFunction
    lesson: Lesson


@dataclass(frozen=True)
class CompositionStation:
    """A composition of unknown functions, with the gradient flowing back through its computation graph.

    `number` is the tutorial's; the forms in one variable have none.
    """

    number: str | None
    name: str
    title: Phrase
    text: Phrase
    composition: Callable[..., Any]
    variables: tuple[str, ...]
    example: Example

    def graph(self) -> ShownGraph:
        """The computation graph, with `df` flowing back from its output."""
        return compose(self.composition, *self.variables)


@dataclass(frozen=True)
class LayersStation:
    """The gradient at each layer of a small network, with all numbers."""

    name: str
    title: Phrase
    text: Phrase
    example: Example


@dataclass(frozen=True)
class VanishingStation:
    """Why the gradient vanishes in a deep network, measured. `after` says what the measurements show."""

    name: str
    title: Phrase
    text: Phrase
    after: Phrase


@dataclass(frozen=True)
class NetworkStation:
    """The network that learns to read digits."""

    number: None
    name: str
    title: Phrase
    text: Phrase


Station = FunctionStation | CompositionStation | NetworkStation
"""What has pictures that are files of their own, besides its place in the page."""

Part = Station | LayersStation | VanishingStation


def file_name(station: Station) -> str:
    """The name of a station's pictures, without their ending."""
    return f"figure-{station.number}-{station.name}" if station.number else station.name


def heading(station: Station, lang: Language) -> str:
    """A station's title, with the number of its figure if it has one."""
    if station.number is None:
        return station.title.say(lang)
    return Phrase(f"Figure {station.number}: {station.title.en}", f"图 {station.number}　{station.title.zh}").say(lang)


@dataclass(frozen=True)
class Section:
    """A heading, what is to be learned under it, and its parts.

    `proof` derives what holds for all parts; `why` and `exercises` end a section whose parts have none of their own.
    """

    name: str
    title: Phrase
    text: Phrase
    parts: tuple[Part, ...]
    proof: Proof | None = None
    why: Phrase | None = None
    exercises: tuple[Exercise, ...] = ()

    @property
    def stations(self) -> tuple[Station, ...]:
        """The parts that have pictures as files."""
        return tuple(part for part in self.parts if isinstance(part, Station))


def _function(
    number: str, name: str, function: ElementaryFunction, lesson: Lesson, title: Phrase, text: Phrase
) -> FunctionStation:
    return FunctionStation(number, name, title, text, function, lesson)


_g, _h = UnknownFunction("g"), UnknownFunction("h")

SECTIONS = (
    Section(
        "constant",
        Phrase("Constant function", "常数函数"),
        Phrase(
            "The derivative of a function says how fast its value changes: it is the slope of the tangent. "
            "Each picture shows the function with its tangent at a point, and beside it (on a phone below it) the "
            "derivative, whose height at that point is the slope.",
            "函数的导数说明函数值变化的快慢，也就是切线的斜率。每幅图先画函数及其在一点处的切线，旁边（手机上是下方）画导数："
            "导数在该点的高度就是切线的斜率。",
        ),
        (
            _function("1", "constant", functions.constant(1), powers.CONSTANT, Phrase("A constant", "常数"), Phrase(
                "A constant never changes, so its slope is 0 everywhere and the tangent is the line itself.",
                "常数不变化，所以斜率处处为 0，切线就是它自己。",
            )),
        ),
    ),
    Section(
        "power",
        Phrase("Power functions", "幂函数"),
        Phrase(
            "The exponent comes down as a factor and is lowered by one.",
            "指数下移成为系数，指数本身减一。",
        ),
        (
            _function("2.1", "power-2", functions.power(2), powers.SQUARE, Phrase("The square", "平方"), Phrase(
                "The slope of the parabola grows in proportion to x: negative on the left, 0 at the vertex, "
                "positive on the right.",
                "抛物线的斜率与 x 成正比：左边为负，顶点处为 0，右边为正。",
            )),
            _function("2.2", "power-3", functions.power(3), powers.CUBE, Phrase("The cube", "立方"), Phrase(
                "The cube never falls, so its slope is never negative; at 0 the curve is flat for an instant.",
                "立方函数从不下降，所以斜率从不为负；在 0 处曲线有一瞬间是水平的。",
            )),
        ),
        proof=powers.ANY_POWER,
    ),
    Section(
        "exponential",
        Phrase("Exponential functions", "指数函数"),
        Phrase(
            "The slope of an exponential is proportional to its own value; the factor is the logarithm of the base.",
            "指数函数的斜率与它自己的值成正比，比例系数是底数的对数。",
        ),
        (
            _function("3.1", "exp-e", functions.exp(), exponentials.EXPONENTIAL,
                      Phrase("Exponential, base e", "指数函数，底数 e"), Phrase(
                "For the base e the factor is 1: the function is its own derivative, and both curves are the same.",
                "底数为 e 时系数为 1：函数就是自己的导数，两条曲线完全相同。",
            )),
            _function("3.2", "exp-10", functions.exp(10), exponentials.TENFOLD,
                      Phrase("Exponential, base 10", "指数函数，底数 10"), Phrase(
                "For the base 10 the slope is about 2.3 times the value.",
                "底数为 10 时，斜率约为函数值的 2.3 倍。",
            )),
        ),
        proof=exponentials.ANY_EXPONENTIAL,
    ),
    Section(
        "logarithm",
        Phrase("Logarithms", "对数函数"),
        Phrase(
            "Logarithms are defined for x > 0 only. They rise ever more slowly: their slope falls as 1/x.",
            "对数只对 x > 0 有定义。它上升得越来越慢：斜率按 1/x 减小。",
        ),
        (
            _function("4.1", "log-e", functions.log(), exponentials.LOGARITHM,
                      Phrase("Logarithm, base e", "对数函数，底数 e"), Phrase(
                "Near 0 the logarithm plunges and its slope grows without bound; at 1 the slope is exactly 1.",
                "靠近 0 时对数急剧下降，斜率无限增大；在 1 处斜率恰好是 1。",
            )),
            _function("4.2", "log-10", functions.log(10), exponentials.COMMON_LOGARITHM,
                      Phrase("Logarithm, base 10", "对数函数，底数 10"), Phrase(
                "Another base only scales the curve, and its slope with it.",
                "换一个底数只是把曲线按比例缩放，斜率也随之缩放。",
            )),
        ),
        proof=exponentials.ANY_LOGARITHM,
    ),
    Section(
        "trigonometric",
        Phrase("Trigonometric functions", "三角函数"),
        Phrase(
            "Angles are in radians; only then are the formulas this simple.",
            "角度用弧度；只有这样公式才如此简单。",
        ),
        (
            _function("5.1", "sin", functions.sin, trigonometry.SINE, Phrase("Sine", "正弦"), Phrase(
                "Where the sine is steepest the cosine is 1, and where the sine turns the cosine is 0.",
                "正弦最陡的地方余弦为 1，正弦转向的地方余弦为 0。",
            )),
            _function("5.2", "cos", functions.cos, trigonometry.COSINE, Phrase("Cosine", "余弦"), Phrase(
                "The cosine is the sine shifted, and so is its slope; hence the minus sign.",
                "余弦是平移后的正弦，斜率也一样平移，因此有负号。",
            )),
            _function("5.3", "tan", functions.tan, trigonometry.TANGENT, Phrase("Tangent", "正切"), Phrase(
                "The tangent function rises everywhere, the faster the nearer it comes to its poles at ±π/2.",
                "正切处处上升，越靠近 ±π/2 处的极点上升得越快。",
            )),
        ),
    ),
    Section(
        "inverse-trigonometric",
        Phrase("Inverse trigonometric functions", "反三角函数"),
        Phrase(
            "Mirrored at the diagonal, a curve of slope m gets the slope 1/m. That gives the derivatives of inverses.",
            "曲线沿对角线翻转后，斜率 m 变成 1/m，由此得到反函数的导数。",
        ),
        (
            _function("6.1", "arcsin", functions.arcsin, trigonometry.ARCSINE, Phrase("Arcsine", "反正弦"), Phrase(
                "It is defined from −1 to 1. The sine is flat at its turning points, so here the tangent becomes "
                "vertical at both ends.",
                "定义域为 −1 到 1。正弦在转向处切线水平，所以反正弦在两端的切线是竖直的。",
            )),
            _function("6.2", "arccos", functions.arccos, trigonometry.ARCCOSINE, Phrase("Arccosine", "反余弦"), Phrase(
                "Arcsine and arccosine add up to π/2, so their slopes are opposite.",
                "反正弦与反余弦之和为 π/2，所以它们的斜率相反。",
            )),
            _function("6.3", "arctan", functions.arctan, trigonometry.ARCTANGENT,
                      Phrase("Arctangent", "反正切"), Phrase(
                "It is defined everywhere and levels off towards ±π/2: its slope is largest at 0 and dies out "
                "far away.",
                "它处处有定义，并趋于 ±π/2：斜率在 0 处最大，在远处消失。",
            )),
        ),
    ),
    Section(
        "hyperbolic",
        Phrase("Hyperbolic functions", "双曲函数"),
        Phrase(
            "They are made of eˣ and e⁻ˣ; their derivatives are like those of sine, cosine and tangent, but for signs.",
            "它们由 eˣ 与 e⁻ˣ 组成；导数与正弦、余弦、正切的相似，只是符号不同。",
        ),
        (
            _function("7.1", "sinh", functions.sinh, hyperbolic.SINH, Phrase("Hyperbolic sine", "双曲正弦"), Phrase(
                "Its slope is never below 1.", "它的斜率从不小于 1。",
            )),
            _function("7.2", "cosh", functions.cosh, hyperbolic.COSH, Phrase("Hyperbolic cosine", "双曲余弦"), Phrase(
                "The curve of a hanging chain: lowest at 0, where its slope changes sign.",
                "悬链的形状：在 0 处最低，斜率在此变号。",
            )),
            _function("7.3", "tanh", functions.tanh, hyperbolic.TANH, Phrase("Hyperbolic tangent", "双曲正切"), Phrase(
                "A favourite of neural networks: steep at 0 and flat far away. Where it is flat, hardly any gradient "
                "gets through.",
                "神经网络常用的函数：在 0 处陡，在远处平缓；平缓的地方，梯度几乎传不过去。",
            )),
        ),
    ),
    Section(
        "chain-rule",
        Phrase("Composite functions and the chain rule", "复合函数与链式法则"),
        Phrase(
            "Functions are put one into another. The computation is drawn as a graph: values flow forward along the "
            "solid lines. Then the gradient df of the result flows back along the dashed lines, and each operation "
            "multiplies it by its own derivative. That is the chain rule.",
            "函数可以一个套一个。计算过程画成一张图：数值沿实线向前传播；然后结果的梯度 df 沿虚线逆向传播，"
            "每经过一个运算就乘上该运算自己的导数。这就是链式法则。",
        ),
        (
            CompositionStation(
                None, "chain", Phrase("One function inside another", "函数套函数"), Phrase(
                    "What arrives at h(x) is df times the slope of g there; what arrives at x is that times the "
                    "slope of h.",
                    "到达 h(x) 的是 df 乘以 g 在该处的斜率；到达 x 的再乘以 h 的斜率。",
                ), lambda x: _g(_h(x)), ("x",), compositions.CHAIN,
            ),
        ),
        proof=compositions.CHAIN_PROOF,
        why=compositions.CHAIN_WHY,
        exercises=compositions.CHAIN_EXERCISES,
    ),
    Section(
        "sum",
        Phrase("A sum", "加法"),
        Phrase("A sum passes the gradient on unchanged to both of its terms.", "加法把梯度原样传给两个加数。"),
        (
            CompositionStation(
                None, "sum-one-variable", Phrase("A sum in one variable", "加法，一个变量"), Phrase(
                    "x is used twice, so two gradients arrive at it. They are added: the derivative of a sum is the "
                    "sum of the derivatives.",
                    "x 用了两次，所以有两路梯度到达 x，要相加：和的导数等于导数的和。",
                ), lambda x: _g(x) + _h(x), ("x",), compositions.SUM_ONE,
            ),
            CompositionStation(
                "8", "sum", Phrase("A sum in two variables", "加法，两个变量"), Phrase(
                    "Each variable receives df times the slope of its own function.",
                    "每个变量收到的是 df 乘以它自己那个函数的斜率。",
                ), lambda x, y: _g(x) + _h(y), ("x", "y"), compositions.SUM_TWO,
            ),
        ),
        proof=compositions.SUM_PROOF,
        why=compositions.SUM_WHY,
        exercises=compositions.SUM_EXERCISES,
    ),
    Section(
        "product",
        Phrase("A product", "乘法"),
        Phrase(
            "A product sends to each factor the gradient times the other factor.",
            "乘法传给每个因子的，是梯度乘以另一个因子。",
        ),
        (
            CompositionStation(
                None, "product-one-variable", Phrase("A product in one variable", "乘法，一个变量"), Phrase(
                    "The two gradients that arrive at x add up to the product rule.",
                    "到达 x 的两路梯度相加，就是乘法的求导法则。",
                ), lambda x: _g(x) * _h(x), ("x",), compositions.PRODUCT_ONE,
            ),
            CompositionStation(
                "9", "product", Phrase("A product in two variables", "乘法，两个变量"), Phrase(
                    "The larger h(y) is, the more a change of g(x) matters to the result.",
                    "h(y) 越大，g(x) 的变化对结果的影响就越大。",
                ), lambda x, y: _g(x) * _h(y), ("x", "y"), compositions.PRODUCT_TWO,
            ),
        ),
        proof=compositions.PRODUCT_PROOF,
        why=compositions.PRODUCT_WHY,
        exercises=compositions.PRODUCT_EXERCISES,
    ),
    Section(
        "quotient",
        Phrase("A quotient", "除法"),
        Phrase(
            "The numerator receives the gradient divided by the denominator. The denominator receives a negative "
            "one: a larger denominator makes the quotient smaller.",
            "分子收到的是梯度除以分母；分母收到的带负号：分母变大，商变小。",
        ),
        (
            CompositionStation(
                None, "quotient-one-variable", Phrase("A quotient in one variable", "除法，一个变量"), Phrase(
                    "The two gradients that arrive at x add up to the quotient rule.",
                    "到达 x 的两路梯度相加，就是除法的求导法则。",
                ), lambda x: _g(x) / _h(x), ("x",), compositions.QUOTIENT_ONE,
            ),
            CompositionStation(
                "10", "quotient", Phrase("A quotient in two variables", "除法，两个变量"), Phrase(
                    "Again each variable receives what arrived at its function, times that function's slope.",
                    "同样，每个变量收到的是到达其函数的梯度乘以该函数的斜率。",
                ), lambda x, y: _g(x) / _h(y), ("x", "y"), compositions.QUOTIENT_TWO,
            ),
        ),
        proof=compositions.QUOTIENT_PROOF,
        why=compositions.QUOTIENT_WHY,
        exercises=compositions.QUOTIENT_EXERCISES,
    ),
    Section(
        "layers",
        Phrase("The gradient at each layer of a network", "网络每一层的梯度"),
        Phrase(
            "A layer multiplies what comes in by its weights and applies an activation to the sum. Going back, the "
            "chain rule gives one formula for all layers: the gradient behind a layer is the gradient before it, times "
            "the slope of the activation, sent back through the weights.",
            "一层网络先把输入乘以权重求和，再作用一个激活函数。往回走时，链式法则对每一层都是同一个公式："
            "后一层传来的梯度，经过权重传回，再乘以激活函数的导数，就是这一层的梯度。",
        ),
        (
            LayersStation("layer-by-layer", Phrase("Three layers, with all numbers", "三层网络，全部数值"), Phrase(
                "Compare the gradients of w1, w2 and w3: the further a weight is from the loss, the more slopes below "
                "1/4 its gradient has passed.",
                "比较 w1、w2、w3 的梯度：离损失越远的权重，它的梯度经过的斜率就越多，而每个斜率都不超过 1/4。",
            ), compositions.LAYERS),
            VanishingStation("vanishing", Phrase("Why the gradient vanishes", "梯度为什么会消失"), Phrase(
                "The sigmoid squeezes every number into the interval from 0 to 1. Its slope is largest at 0, and even "
                "there only 1/4.",
                "sigmoid 把任何数都压到 0 与 1 之间。它的斜率在 0 处最大，也只有 1/4。",
            ), Phrase(
                "All three networks start with the weights that are recommended for their activation. With tanh and "
                "ReLU the first layer receives about as much as the last. With the sigmoid it receives next to "
                "nothing, so it does not learn, and what it passes on stays as it was drawn at random. That is why "
                "deep networks use other activations today.",
                "三个网络的初始权重都按各自激活函数的推荐方式随机取定。用 tanh "
                "和 ReLU 时，第一层与最后一层收到的梯度差不多；"
                "用 sigmoid 时，第一层几乎收不到梯度，也就学不到东西，一直停留在随机的初值上。"
                "所以今天的深层网络改用别的激活函数。",
            )),
        ),
        exercises=compositions.LEARNING_EXERCISES,
    ),
    Section(
        "learning",
        Phrase("The point of it: a network that learns", "学以致用：会学习的网络"),
        Phrase(
            "A neural network is a composition of such basic operations, thousands of them. Learning means: measure "
            "by a loss how wrong the network is, let the gradient of the loss flow back to every parameter, exactly "
            "as in the graphs above, and change each parameter a little so that the loss becomes smaller. Then again.",
            "神经网络就是成千上万个这样的基本运算的复合。学习就是：用损失函数衡量网络错了多少，让损失的梯度像上面的图"
            "那样逆向传播到每一个参数，再把每个参数改动一点点，使损失变小；如此反复。",
        ),
        (
            NetworkStation(None, "network", Phrase("Learning to read digits", "学习识别手写数字"), Phrase(
                "A network of two layers, trained a moment ago on handwritten digits. Above: the loss falls, and with "
                "it the gradient that reaches each layer. Below: digits that it has never seen and misreads.",
                "一个两层网络，刚刚用手写数字训练完成。上图：损失下降，到达各层的梯度也随之变小。下图：它从未见过、并且读错的数字。",
            )),
        ),
    ),
)  # fmt: skip
