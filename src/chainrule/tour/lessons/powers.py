"""Lessons on constants and powers."""

from __future__ import annotations

from chainrule.graphs.lettering import Written
from chainrule.showing.language import Phrase
from chainrule.tour.lesson import Example, Exercise, Lesson, Line, proof

CONSTANT = Lesson(
    idea=Phrase(
        "Take two points of the graph and draw the line through them, the secant. Its slope says how fast the value "
        "changes between them. Here both points are at the same height, so every secant is level, however close the "
        "points are: a constant does not change.",
        "在图像上取两点，过这两点的直线叫做割线，它的斜率说明函数值在两点之间变化得有多快。这里两点一样高，所以不论靠得多近，"
        "割线都是水平的：常数不变化。",
    ),
    proofs=(
        proof(
            "c",
            Line("0/h", Phrase("The value at x + h is c again, so nothing is left above.",
                               "x + h 处的值还是 c，分子相减得 0。")),
            Line("0", Phrase("0 divided by any h is 0, and so is the limit.", "0 除以任何 h 都是 0，极限也是 0。")),
        ),
    ),
    example=Example("x + 3", (1.0,), Phrase(
        "A constant that is added moves the line up and does not tilt it. In the graph the gradient flows to x and "
        "past the 3: there is nothing to send to a number that cannot change.",
        "加上一个常数，直线只是上移，倾斜程度不变。在计算图中，梯度传给 x，"
        "而不传给 3：对不会变化的数，没有什么可传的。",
    )),
    why=Phrase(
        "The images that a network learns from are constants for it: only weights and biases receive a gradient. And "
        "the bias in w·x + b is what is added to a term, so its own slope is 1.",
        "对网络来说，训练用的图像就是常数：只有权重和偏置才接收梯度。"
        "而 w·x + b 中的偏置 b 是加上去的一项，对它求导得 1。",
    ),
    exercises=(
        Exercise("pi^2", Phrase("Does π² change when x does?", "x 变化时，π² 会变吗？")),
        Exercise("4x + 9", Phrase(
            "The 9 is a constant, and 4x is a line: which slope does it have?",
            "9 是常数，4x 的图像是直线：它的斜率是多少？",
        )),
    ),
)  # fmt: skip

SQUARE = Lesson(
    idea=Phrase(
        "Fix one point of the parabola and let a second one move towards it. The secant through both turns; it comes "
        "closer and closer to one line, the tangent. The slope of the tangent is the derivative at the fixed point.",
        "固定抛物线上的一点，让另一点向它靠近，过两点的割线随之转动，越来越接近一条确定的直线，这就是切线。"
        "切线的斜率就是函数在该点的导数。",
    ),
    proofs=(
        proof(
            "x^2",
            Line("(2x*h + h^2)/h", Phrase("Multiply (x + h)² out; x² cancels.", "展开 (x + h)²，x² 抵消。")),
            Line("2x + h", Phrase("Divide by h, which is not 0 yet.", "约去 h，此时 h 还不等于 0。")),
            Line("2x", Phrase("Now let h go to 0.", "令 h 趋于 0。")),
        ),
    ),
    example=Example("3x^2 - 4x", (2.0,), Phrase(
        "Terms are differentiated one by one, and a factor stays in front. In the graph x is used twice, so two "
        "gradients arrive at it, and they are added.",
        "逐项求导，常数因子保留在前面。在计算图中 x 用了两次，所以有两路梯度到达 x，要相加。",
    )),
    why=Phrase(
        "The squared error (prediction − truth)² is the oldest loss function. Its slope is twice the error: the "
        "further off the prediction, the stronger the pull.",
        "平方误差（预测值 − 真实值）² 是最早使用的损失函数。它的导数是误差的两倍：偏得越远，往回拉的力就越大。",
    ),
    exercises=(
        Exercise("5x^2", Phrase("The factor 5 stays; what becomes of x²?", "因子 5 不动，x² 的导数是什么？")),
        Exercise("x^2 - 6x + 1", Phrase("Three terms, one after the other.", "一共三项，逐项求导。")),
    ),
)  # fmt: skip

CUBE = Lesson(
    idea=Phrase(
        "The same with the cube: while the second point moves towards the first, the slope of the secant settles on "
        "one number. The table shows how fast.",
        "立方函数也一样：第二个点向第一个点靠近时，割线的斜率稳定到一个数。从表中可以看出稳定得有多快。",
    ),
    proofs=(
        proof(
            "x^3",
            Line("(3x^2*h + 3x*h^2 + h^3)/h", Phrase("Multiply (x + h)³ out; x³ cancels.", "展开 (x + h)³，x³ 抵消。")),
            Line("3x^2 + 3x*h + h^2", Phrase("Divide by h.", "约去 h。")),
            Line("3x^2", Phrase("What still holds an h goes to 0.", "还含有 h 的项都趋于 0。")),
        ),
    ),
    example=Example("x^3 - 3x", (2.0,), Phrase(
        "The slope is 0 where the curve turns, at −1 and at 1. At 2 it climbs steeply.",
        "曲线在 −1 和 1 处转向，那里斜率为 0；到了 2 处，曲线已经很陡。",
    )),
    why=Phrase(
        "Where a slope is 0, gradient descent stands still, at a minimum or, as the cube at 0, at a point that is "
        "none. Whoever trains a network meets both.",
        "斜率为 0 的地方，梯度下降就停住了：那里可能是极小值，也可能像立方函数在 0 "
        "处那样，并不是极值。训练网络时两种情形都会遇到。",
    ),
    exercises=(
        Exercise("2x^3 - x^5", Phrase("The exponent becomes a factor; then it is one less.",
                                      "指数移到前面作系数，指数再减一。")),
        Exercise("1/x^2", Phrase("Write it as x to the power −2; the rule is the same.",
                                 "写成 x 的 −2 次幂，法则不变。")),
    ),
)  # fmt: skip

ANY_POWER = proof(
    "x^n",
    Line(
        "n*x^(n-1) + h*((x+h)^n - x^n - n*x^(n-1)*h)/h^2",
        Phrase(
            "For a whole n, multiply (x + h)ⁿ out by the binomial theorem: xⁿ cancels, and the other terms are divided "
            "by h.",
            "n 为正整数时，用二项式定理展开 (x + h)ⁿ：xⁿ 抵消，其余各项除以 h。",
        ),
        shown=Written(
            "n·x^(n − 1) + n(n − 1)/2·x^(n − 2)·h + … + h^(n − 1)",
            r"n \, x^{n - 1} + \dfrac{n \, (n - 1)}{2} \, x^{n - 2} \, h + \cdots + h^{n - 1}",
        ),
    ),
    Line("n*x^(n-1)", Phrase(
        "All terms but the first hold an h. The formula is true for every n; for one that is not whole, write xⁿ as "
        "e to the power n·ln x and use the chain rule.",
        "除第一项外，各项都含 h，趋于 0。公式对任意 n 都成立；n "
        "不是整数时，把 xⁿ 写成 e 的 n·ln x 次幂，再用链式法则。",
    )),
)  # fmt: skip
