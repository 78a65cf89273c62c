"""Lessons on trigonometric functions and their inverses."""

from __future__ import annotations

from chainrule.showing.language import Phrase
from chainrule.tour.lesson import Example, Exercise, Lesson, Line, proof

_SINE_OVER_ANGLE = Phrase(
    "For small angles, in radians, the sine is as long as the arc: sin h/h goes to 1, and (cos h − 1)/h to 0.",
    "弧度很小时，正弦与弧长几乎相等：sin h/h 趋于 1，(cos h − 1)/h 趋于 0。",
)

SINE = Lesson(
    idea=Phrase(
        "The fixed point lies on the way up to the crest. The secant that reaches beyond the crest is too flat; as the "
        "second point comes back, it rises to the tangent.",
        "固定点在上坡的途中。跨过波峰的割线太平缓了；第二个点往回靠近时，割线越来越陡，直到与切线重合。",
    ),
    proofs=(
        proof(
            "sin(x)",
            Line("sin(x)*(cos(h) - 1)/h + cos(x)*sin(h)/h", Phrase(
                "Use sin(x + h) = sin x·cos h + cos x·sin h, and sort by sin x and cos x.",
                "用和角公式 sin(x + h) = sin x·cos h + cos x·sin h，按 sin x 与 cos x 整理。",
            )),
            Line("cos(x)", _SINE_OVER_ANGLE),
        ),
    ),
    example=Example("x + 2sin(x)", (2.0,), Phrase(
        "At 2 the sine is falling already; twice its slope nearly cancels the slope 1 of the line.",
        "在 2 处正弦已经在下降，它的斜率乘以 2，几乎把直线的斜率 1 抵消掉。",
    )),
    why=Phrase(
        "Transformers tell the place of a word by sines and cosines of many frequencies. They never run away: neither "
        "value nor slope exceeds 1.",
        "Transformer 用许多不同频率的正弦和余弦来表示词的位置。它们不会失控：函数值和斜率的绝对值都不超过 1。",
    ),
    exercises=(
        Exercise("4sin(x)", Phrase("The factor stays.", "因子保留。")),
        Exercise("x^2 + sin(x)", Phrase("A power and a sine.", "一项幂函数，一项正弦。")),
    ),
)  # fmt: skip

COSINE = Lesson(
    idea=Phrase(
        "Here the curve is on its way down: all secants fall, and so does the tangent.",
        "这里曲线在下坡：割线都是下降的，切线也是。",
    ),
    proofs=(
        proof(
            "cos(x)",
            Line("cos(x)*(cos(h) - 1)/h - sin(x)*sin(h)/h", Phrase(
                "Use cos(x + h) = cos x·cos h − sin x·sin h.", "用和角公式 cos(x + h) = cos x·cos h − sin x·sin h。",
            )),
            Line("-sin(x)", _SINE_OVER_ANGLE),
        ),
    ),
    example=Example("sin(x) + cos(x)", (0.5,), Phrase(
        "Two waves added: the slope is the difference of their heights.",
        "两列波相加：斜率等于 cos x 减 sin x，也就是两个高度之差。",
    )),
    why=Phrase(
        "Many learning rates follow half a cosine: flat at the start, flat at the end, steepest in between. That is "
        "read off its derivative.",
        "学习率常按半个余弦来下降：开头平缓，结尾平缓，中间最陡。看导数就明白。",
    ),
    exercises=(
        Exercise("-2cos(x)", Phrase("Minus times minus.", "负负得正。")),
        Exercise("sin(x) - cos(x)", Phrase("The derivative of the cosine brings a minus of its own.",
                                           "余弦的导数自带一个负号。")),
    ),
)  # fmt: skip

TANGENT = Lesson(
    idea=Phrase(
        "The curve becomes steep quickly, so the secant is too steep at first; it turns down to the tangent.",
        "曲线很快变陡，所以割线起初太陡，随后转向切线，逐渐变平。",
    ),
    proofs=(
        proof(
            "tan(x)",
            Line("(sin(x+h)*cos(x) - cos(x+h)*sin(x))/(h*cos(x+h)*cos(x))", Phrase(
                "tan is sin divided by cos; bring both to one denominator.", "把 tan 写成 sin 除以 cos，通分。",
            )),
            Line("sin(h)/(h*cos(x+h)*cos(x))", Phrase(
                "Above stands the sine of the difference, (x + h) − x = h.", "分子正是差角 (x + h) − x = h 的正弦。",
            )),
            Line("1/cos(x)^2", Phrase("sin h/h goes to 1, and cos(x + h) to cos x.",
                                      "sin h/h 趋于 1，cos(x + h) 趋于 cos x。")),
        ),
    ),
    example=Example("tan(x) - x", (0.5,), Phrase(
        "What is left of the slope is 1/cos² x − 1, that is tan² x.",
        "剩下的斜率是 1/cos² x − 1，也就是 tan² x。",
    )),
    why=Phrase(
        "A function with poles has slopes without bound, and steps of gradient descent that leap. So it is not used as "
        "an activation; its bounded relative tanh is.",
        "有极点的函数，斜率没有上界，梯度下降会一步跳出很远。所以它不用作激活函数；用的是有界的双曲正切 tanh。",
    ),
    exercises=(
        Exercise("3tan(x)", Phrase("1/cos² x, three times.", "三倍的 1/cos² x。")),
        Exercise("tan(x) + cos(x)", Phrase("Term by term; mind the sign.", "逐项求导，注意符号。")),
    ),
)  # fmt: skip

ARCSINE = Lesson(
    idea=Phrase(
        "The curve is the sine mirrored at the diagonal. Mirrored, the slope m becomes 1/m; secants are mirrored too.",
        "把正弦沿对角线 y = x 翻转就得到它。翻转后斜率 m 变成 1/m，割线也跟着翻转。",
    ),
    proofs=(
        proof(
            "arcsin(x)",
            Line("x", Phrase("y = arcsin x means this, with y between −π/2 and π/2.",
                             "y = arcsin x 的意思就是这样，其中 y 在 −π/2 与 π/2 之间。"), left="sin(y)"),
            Line("1", Phrase("Differentiate both sides; y depends on x, so its slope y′ is a factor.",
                             "两边对 x 求导；y 是 x 的函数，所以要乘上 y′。"), left="cos(y)*q"),
            Line("1/cos(y)", Phrase(
                "Divide by cos y, which is positive here.",
                "除以 cos y，它在这里为正。",
            ), left="q"),
            Line("1/sqrt(1 - sin(y)^2)", Phrase("By cos² y + sin² y = 1.", "由 cos² y + sin² y = 1。"), left="q"),
            Line("1/sqrt(1 - x^2)", Phrase("And sin y = x.", "而 sin y = x。"), left="q"),
        ),
    ),
    example=Example("2arcsin(x)", (0.5,), Phrase(
        "At 1/2 the angle is 30 degrees, and the slope is twice 1/√(1 − 1/4).",
        "在 1/2 处，角是 30 度，斜率是 1/√(1 − 1/4) 的两倍。",
    )),
    why=Phrase(
        "Near 1 the slope has no bound. Whoever computes an angle in a network keeps away from there, or the gradient "
        "becomes infinite and spoils every weight.",
        "靠近 1 时斜率没有上界。在网络里计算角度时要避开那里，否则梯度变成无穷大，每个权重都会跟着出错。",
    ),
    exercises=(
        Exercise("3arcsin(x)", Phrase("The factor stays.", "因子保留。")),
        Exercise("x - arcsin(x)", Phrase("1, minus the formula above.", "1 减去上面的公式。")),
    ),
)  # fmt: skip

ARCCOSINE = Lesson(
    idea=Phrase(
        "The arccosine falls as fast as the arcsine rises, so its secants are the mirror image.",
        "反余弦下降的快慢与反正弦上升的快慢一样，割线也是镜像。",
    ),
    proofs=(
        proof(
            "arccos(x)",
            Line("pi/2 - arcsin(x)", Phrase(
                "In a right triangle the two acute angles add up to π/2.", "直角三角形的两个锐角之和为 π/2。",
            ), left="y"),
            Line("-1/sqrt(1 - x^2)", Phrase(
                "π/2 is a constant, and the derivative of arcsin is known.", "π/2 是常数，arcsin 的导数已经求出。",
            ), left="q"),
        ),
    ),
    example=Example("x + arccos(x)", (0.6,), Phrase(
        "At 0.6 the root is 0.8: 1 − 1/0.8 = −0.25.", "在 0.6 处，根式等于 0.8：1 − 1/0.8 = −0.25。",
    )),
    why=Phrase(
        "The angle between two vectors is the arccosine of their cosine similarity. Training uses the cosine itself, "
        "whose slope stays finite where the vectors agree.",
        "两个向量的夹角，是余弦相似度的反余弦。训练时直接用余弦：向量方向一致时，它的斜率仍是有限的。",
    ),
    exercises=(
        Exercise("2arccos(x)", Phrase("Keep the factor and the minus.", "保留因子和负号。")),
        Exercise("arcsin(x) + arccos(x)", Phrase("What do both add up to?", "两者之和是多少？")),
    ),
)  # fmt: skip

ARCTANGENT = Lesson(
    idea=Phrase(
        "The curve levels off, so the secant to a far point is too flat. It turns up as h shrinks.",
        "曲线逐渐变平，所以连到远处的割线太平缓；h 变小时，割线慢慢变陡。",
    ),
    proofs=(
        proof(
            "arctan(x)",
            Line("x", Phrase("y = arctan x means this, with y between −π/2 and π/2.",
                             "y = arctan x 的意思就是这样，其中 y 在 −π/2 与 π/2 之间。"), left="tan(y)"),
            Line("1", Phrase("Differentiate both sides: tan y has the slope 1/cos² y, times y′.",
                             "两边对 x 求导：tan y 的导数是 1/cos² y，再乘以 y′。"), left="q/cos(y)^2"),
            Line("cos(y)^2", Phrase("Multiply by cos² y.", "两边乘以 cos² y。"), left="q"),
            Line("1/(1 + tan(y)^2)", Phrase("By 1/cos² y = 1 + tan² y.", "由 1/cos² y = 1 + tan² y。"), left="q"),
            Line("1/(1 + x^2)", Phrase("And tan y = x.", "而 tan y = x。"), left="q"),
        ),
    ),
    example=Example("4arctan(x)", (1.0,), Phrase(
        "4·arctan 1 is π, and the slope is 4/2.", "4·arctan 1 等于 π，斜率是 4/2。",
    )),
    why=Phrase(
        "Its slope dies out only like 1/x², more slowly than that of tanh: units that saturate still learn a little.",
        "它的斜率只按 1/x² 衰减，比 tanh 慢得多：饱和的单元还能学到一点东西。",
    ),
    exercises=(
        Exercise("x - arctan(x)", Phrase("1, minus the formula above.", "1 减去上面的公式。")),
        Exercise("5arctan(x) + 2", Phrase("A factor stays, a constant goes.", "因子保留，常数消失。")),
    ),
)  # fmt: skip
