"""Proofs, examples and exercises on the chain rule, sums, products and quotients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.formula.expression import Symbol
from chainrule.graphs.compose import UnknownFunction
from chainrule.showing.language import Phrase
from chainrule.tour.lesson import STEP, Example, Exercise, Line, proof

_x: Any = Symbol("x")
_h: Any = STEP
_u, _v = UnknownFunction("u"), UnknownFunction("v")


def _slope(of: UnknownFunction) -> UnknownFunction:
    return of.derivative(0, 1)


def _rise(of: Callable[..., Any]) -> Any:
    return of(_x + _h) - of(_x)


CHAIN_PROOF = proof(
    _v(_u(_x)),
    Line(
        (_v(_u(_x + _h)) - _v(_u(_x))) / _rise(_u) * (_rise(_u) / _h),
        Phrase(
            "Multiply above and below by the change of u (where u does not change at all, neither does v(u), and both "
            "sides are 0).",
            "分子分母同乘 u 的改变量（若 u 没有变化，v(u) 也没有变化，两边都是 0）。",
        ),
    ),
    Line(
        _slope(_v)(_u(_x)) * _slope(_u)(_x),
        Phrase(
            "As h goes to 0, so does the change of u. The first factor becomes the slope of v at u(x), the second that "
            "of u.",
            "h 趋于 0 时，u 的改变量也趋于 0。第一个因子变成 v 在 u(x) 处的导数，第二个变成 u 的导数。",
        ),
    ),
)

SUM_PROOF = proof(
    _u(_x) + _v(_x),
    Line(_rise(_u) / _h + _rise(_v) / _h, Phrase("Sort by u and v.", "按 u 与 v 分开。")),
    Line(_slope(_u)(_x) + _slope(_v)(_x), Phrase("Each part has its own limit.", "两部分各自取极限。")),
)

PRODUCT_PROOF = proof(
    _u(_x) * _v(_x),
    Line(
        _rise(_u) / _h * _v(_x + _h) + _u(_x) * (_rise(_v) / _h),
        Phrase(
            "Subtract u(x)·v(x + h) and add it again: first u changes, then v.",
            "减去一项 u(x)·v(x + h)，再加回来：先让 u 变，再让 v 变。",
        ),
    ),
    Line(
        _slope(_u)(_x) * _v(_x) + _u(_x) * _slope(_v)(_x),
        Phrase("v(x + h) goes to v(x), for v is continuous.", "v 连续，所以 v(x + h) 趋于 v(x)。"),
    ),
)

QUOTIENT_PROOF = proof(
    _u(_x) / _v(_x),
    Line(
        (_rise(_u) / _h * _v(_x) - _u(_x) * (_rise(_v) / _h)) / (_v(_x + _h) * _v(_x)),
        Phrase(
            "Bring both to one denominator, then subtract u(x)·v(x) and add it again.",
            "通分，然后减去一项 u(x)·v(x)，再加回来。",
        ),
    ),
    Line(
        (_slope(_u)(_x) * _v(_x) - _u(_x) * _slope(_v)(_x)) / _v(_x) ** 2,
        Phrase("v(x + h) goes to v(x).", "v(x + h) 趋于 v(x)。"),
    ),
)

CHAIN = Example("sin(x^2)", (2.0,), Phrase(
    "Here h is the square and g is the sine. The square of 2 is 4, so the slope of the sine is needed at 4, not at 2.",
    "这里 h 是平方，g 是正弦。2 的平方是 4，所以正弦的导数要在 4 处取，而不是在 2 处。",
))  # fmt: skip
SUM_ONE = Example("x^2 + exp(x)", (1.0,), Phrase(
    "Each term receives the same 1 from the sum.", "加法把同一个 1 传给每一项。",
))  # fmt: skip
SUM_TWO = Example("x^2 + exp(y)", (2.0, 1.0), Phrase(
    "Now the terms have a variable each, so nothing is added in the end.", "现在两项各有自己的变量，最后不用相加。",
))  # fmt: skip
PRODUCT_ONE = Example("x^2*exp(x)", (1.0,), Phrase(
    "The square receives the value of the exponential, the exponential the value of the square.",
    "传给平方的是指数函数的值，传给指数函数的是平方的值。",
))  # fmt: skip
PRODUCT_TWO = Example("x^2*sin(y)", (3.0, 0.5), Phrase(
    "A small sine lets little of the gradient through to x; the large square sends much to y.",
    "正弦值小，传给 x 的梯度就少；平方值大，传给 y 的梯度就多。",
))  # fmt: skip
QUOTIENT_ONE = Example("exp(x)/x^2", (2.0,), Phrase(
    "At 2 the two gradients that arrive at x cancel: the curve has its lowest point there.",
    "在 2 处，到达 x 的两路梯度恰好抵消：曲线在这里最低。",
))  # fmt: skip
QUOTIENT_TWO = Example("sin(x)/y^2", (1.0, 2.0), Phrase(
    "The gradient that goes to the denominator is negative.", "传给分母的梯度是负的。",
))  # fmt: skip

CHAIN_WHY = Phrase(
    "A network of a hundred layers is a hundred functions, one inside another. Its gradient is a product of a hundred "
    "slopes: if most are below 1 it vanishes, if most are above 1 it explodes.",
    "一百层的网络就是一百个函数一层套一层，梯度是一百个导数的乘积：多数小于 1，梯度就消失；多数大于 1，梯度就爆炸。",
)
SUM_WHY = Phrase(
    "A residual network adds to every layer its own input, x + F(x). The sum hands the gradient to x undiminished, "
    "and that is why networks of a hundred layers can be trained.",
    "残差网络让每一层都加上自己的输入：x + F(x)。加法把梯度原封不动地传给 x，所以上百层的网络也能训练。",
)
PRODUCT_WHY = Phrase(
    "In w·a the weight receives the gradient times the input a, and the input the gradient times the weight. A unit "
    "that is 0 teaches its weights nothing.",
    "在 w·a 中，权重收到的是梯度乘以输入 a，输入收到的是梯度乘以权重。输出为 0 的单元，教不会后面的权重任何东西。",
)
QUOTIENT_WHY = Phrase(
    "Softmax and batch normalization divide by something that they compute themselves, so their gradient has both "
    "parts: through the numerator and, negative, through the denominator.",
    "Softmax 和批量归一化都要除以自己算出来的量，所以梯度有两部分：一部分经过分子，另一部分带着负号经过分母。",
)

CHAIN_EXERCISES = (
    Exercise("sin(3x)", Phrase("Outside the sine, inside a line of slope 3.", "外层是正弦，内层是斜率为 3 的直线。")),
    Exercise("exp(-x^2)", Phrase("The exponential stays as it is; times the slope of −x².",
                                 "指数函数不变，再乘以 −x² 的导数。")),
)  # fmt: skip
SUM_EXERCISES = (
    Exercise("x^3 + sin(x)", Phrase("Term by term.", "逐项求导。")),
    Exercise("x^2*3 + exp(2y)", Phrase(
        "x is a constant now, and so is its term.",
        "现在把 x 看作常数，含 x 的项也是常数。",
    ), "y"),
)  # fmt: skip
PRODUCT_EXERCISES = (
    Exercise("x*exp(x)", Phrase("Slope of the first times the second, plus the first times the slope of the second.",
                                "第一个的导数乘第二个，加上第一个乘第二个的导数。")),
    Exercise("x^2*ln(y)", Phrase("For y the factor x² is a constant.", "对 y 来说，因子 x² 是常数。"), "y"),
)  # fmt: skip
QUOTIENT_EXERCISES = (
    Exercise("x/(1 + x)", Phrase(
        "u is x, v is 1 + x; the square of v goes below.",
        "u 是 x，v 是 1 + x；分母是 v 的平方。",
    )),
    Exercise("x/y", Phrase("x is a constant: differentiate 1/y.", "把 x 看作常数，对 1/y 求导。"), "y"),
)  # fmt: skip

LEARNING_EXERCISES = (
    Exercise("1/(1 + exp(-x))", Phrase(
        "The sigmoid: the derivative of 1/u is −1/u², and u′ is −e⁻ˣ.",
        "这就是 sigmoid：1/u 的导数是 −1/u²，而 u′ 等于 −e⁻ˣ。",
    )),
    Exercise("ln(1 + exp(x))", Phrase(
        "Softplus: 1 over the inside, times the slope of the inside.", "Softplus：内层的倒数，乘以内层的导数。",
    )),
)  # fmt: skip

LAYERS = Example("(w3*sigmoid(w2*sigmoid(w1*x)) - 1)^2", (1.5, -2.0, 0.8, 1.0), Phrase(
    "The smallest deep network: one unit in each of three layers, input 1, truth 1, and the squared error as its loss. "
    "Follow the dashed lines from right to left: each sigmoid multiplies the gradient by its slope, which is at most "
    "1/4, and each weight by itself.",
    "最小的深层网络：三层，每层一个单元，输入为 1，目标值为 1，损失是平方误差。顺着虚线从右往左看：每过一个 sigmoid，"
    "梯度乘以它的斜率，最多 1/4；每过一个权重，就乘以这个权重。",
))  # fmt: skip
