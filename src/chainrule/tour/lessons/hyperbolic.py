"""Lessons on hyperbolic functions."""

from __future__ import annotations

from chainrule.showing.language import Phrase
from chainrule.tour.lesson import Example, Exercise, Lesson, Line, proof

_BOTH_LIMITS = Phrase(
    "(eʰ − 1)/h goes to 1, and so does (1 − e⁻ʰ)/h.", "(eʰ − 1)/h 趋于 1，(1 − e⁻ʰ)/h 也趋于 1。"
)

SINH = Lesson(
    idea=Phrase(
        "The secant turns down to the tangent, whose slope is the height of the cosh curve.",
        "割线逐渐变平，转到切线；切线的斜率正好是 cosh 曲线的高度。",
    ),
    proofs=(
        proof(
            "(exp(x) - exp(-x))/2",
            Line("e^x*(e^h - 1)/(2h) + e^(-x)*(1 - e^(-h))/(2h)", Phrase(
                "sinh x is half the difference of eˣ and e⁻ˣ. Sort by eˣ and e⁻ˣ.",
                "sinh x 是 eˣ 与 e⁻ˣ 之差的一半。按 eˣ 与 e⁻ˣ 整理。",
            )),
            Line("(e^x + e^(-x))/2", _BOTH_LIMITS),
            Line("cosh(x)", Phrase("Half the sum of both: that is cosh x.", "两者之和的一半，就是 cosh x。")),
        ),
    ),
    example=Example("sinh(x) - x", (1.0,), Phrase(
        "cosh 1 is what sinh contributes, and the line takes 1 away.", "sinh 的斜率是 cosh 1，再减去直线的斜率 1。",
    )),
    why=Phrase(
        "sinh grows like eˣ. An activation must not do that: over a "
        "few layers values would explode, and gradients too.",
        "sinh 像 eˣ 一样增长。激活函数可不能这样：几层下来，数值会爆炸，梯度也会爆炸。",
    ),
    exercises=(
        Exercise("5sinh(x)", Phrase("The factor stays.", "因子保留。")),
        Exercise("sinh(x) + cosh(x)", Phrase("Each is the other's derivative.", "它们互为导数。")),
    ),
)  # fmt: skip

COSH = Lesson(
    idea=Phrase(
        "At the lowest point all would be level; a little to the right of it the secants turn down to a gentle slope.",
        "最低点处切线是水平的；在它右边一点，割线逐渐转到一个平缓的坡度。",
    ),
    proofs=(
        proof(
            "(exp(x) + exp(-x))/2",
            Line("e^x*(e^h - 1)/(2h) - e^(-x)*(1 - e^(-h))/(2h)", Phrase(
                "cosh x is half the sum of eˣ and e⁻ˣ. Sort by eˣ and e⁻ˣ.",
                "cosh x 是 eˣ 与 e⁻ˣ 之和的一半。按 eˣ 与 e⁻ˣ 整理。",
            )),
            Line("(e^x - e^(-x))/2", _BOTH_LIMITS),
            Line("sinh(x)", Phrase("Half the difference of both: that is sinh x, and without a minus.",
                                   "两者之差的一半，就是 sinh x，没有负号。")),
        ),
    ),
    example=Example("3cosh(x)", (0.5,), Phrase(
        "The chain hangs lowest at 0. At 0.5 it rises with three times sinh 0.5.",
        "悬链在 0 处最低，在 0.5 处以 sinh 0.5 的三倍上升。",
    )),
    why=Phrase(
        "ln cosh of an error is a loss that is a square near 0 and a straight line far out: one wild example cannot "
        "pull with more than slope 1.",
        "误差的 ln cosh 是一种损失函数：在 0 附近像平方，远处像直线。个别离谱的样本，拉力也不会超过斜率 1。",
    ),
    exercises=(
        Exercise("2cosh(x)", Phrase("Without a minus, other than the cosine.", "与余弦不同，没有负号。")),
        Exercise("cosh(x) - x^2/2", Phrase("x²/2 has the slope x.", "x²/2 的导数是 x。")),
    ),
)  # fmt: skip

TANH = Lesson(
    idea=Phrase(
        "The steepest place is 0. A long secant reaches into the flat "
        "part and is far too flat; a short one is as steep "
        "as the curve.",
        "0 处最陡。长的割线伸到平坦的部分，太平缓了；短的割线才与曲线一样陡。",
    ),
    proofs=(
        proof(
            "tanh(x)",
            Line("(sinh(x+h)*cosh(x) - cosh(x+h)*sinh(x))/(h*cosh(x+h)*cosh(x))", Phrase(
                "tanh is sinh divided by cosh; bring both to one denominator.", "把 tanh 写成 sinh 除以 cosh，通分。",
            )),
            Line("sinh(h)/(h*cosh(x+h)*cosh(x))", Phrase(
                "Above stands the sinh of the difference, (x + h) − x = h.", "分子正是差 (x + h) − x = h 的 sinh。",
            )),
            Line("1/cosh(x)^2", Phrase(
                "sinh h/h goes to cosh 0 = 1, and cosh(x + h) to cosh x.",
                "sinh h/h 趋于 cosh 0 = 1，cosh(x + h) 趋于 cosh x。",
            )),
        ),
    ),
    example=Example("x - tanh(x)", (1.0,), Phrase(
        "What is left, 1 − 1/cosh² x, is tanh² x: compare the value of tanh 1 in the graph.",
        "剩下的 1 − 1/cosh² x 就是 tanh² x：与计算图中 tanh 1 的值比一比。",
    )),
    why=Phrase(
        "As an activation it keeps values between −1 and 1. Its slope is at most 1, and only at 0: every layer with "
        "tanh makes the gradient smaller. The last chapter measures it.",
        "用作激活函数时，它把数值限制在 −1 与 1 之间。斜率最大为 1，且只在 0 "
        "处取到：每过一层 tanh，梯度就小一些。最后一章会测量。",
    ),
    exercises=(
        Exercise("3tanh(x)", Phrase("The factor stays.", "因子保留。")),
        Exercise("x + tanh(x)", Phrase("The line gives 1.", "x 的导数是 1。")),
    ),
)  # fmt: skip
