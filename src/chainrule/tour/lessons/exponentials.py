"""Lessons on exponential functions and logarithms."""

from __future__ import annotations

from chainrule.showing.language import Phrase
from chainrule.tour.lesson import Example, Exercise, Lesson, Line, proof

EXPONENTIAL = Lesson(
    idea=Phrase(
        "Watch the height of the point and the slope of the secant: the slope settles on the very height of the curve.",
        "注意点的高度和割线的斜率：斜率最后恰好等于曲线在该点的高度。",
    ),
    proofs=(
        proof(
            "e^x",
            Line("e^x*(e^h - 1)/h", Phrase("e to the power x + h is eˣ·eʰ; take eˣ out.",
                                            "e 的 x + h 次幂等于 eˣ·eʰ，提出 eˣ。")),
            Line("e^x", Phrase(
                "e is the number for which (eʰ − 1)/h goes to 1: the slope of eˣ at 0 is 1.",
                "e 正是使 (eʰ − 1)/h 趋于 1 的那个数：eˣ 在 0 处的斜率为 1。",
            )),
        ),
    ),
    example=Example("2exp(x) - x", (1.0,), Phrase(
        "The function itself comes back as its own slope, here twice, and the line x takes 1 away.",
        "eˣ 求导还是它自己，这里乘以 2，再减去 x 的斜率 1。",
    )),
    why=Phrase(
        "Softmax turns the scores of a network into probabilities with eˣ. It is always positive and never flat, so "
        "every score receives a gradient.",
        "Softmax 用 eˣ 把网络的得分变成概率。eˣ 恒为正，斜率处处不为 0，所以每个得分都能收到梯度。",
    ),
    exercises=(
        Exercise("3exp(x)", Phrase("eˣ is its own derivative, and the factor stays.", "eˣ 的导数是它自己，因子保留。")),
        Exercise("exp(x) + x^2", Phrase("One exponential, one power: two different rules.",
                                        "一项是指数函数，一项是幂函数，法则不同。")),
    ),
)  # fmt: skip

ANY_EXPONENTIAL = proof(
    "a^x",
    Line("a^x*(a^h - 1)/h", Phrase(
        "a to the power x + h is aˣ·aʰ; take aˣ out.",
        "a 的 x + h 次幂等于 aˣ·aʰ，提出 aˣ。",
    )),
    Line("a^x*ln(a)*(e^(h*ln(a)) - 1)/(h*ln(a))", Phrase(
        "Write aʰ as e to the power h·ln a, and multiply above and below by ln a.",
        "把 aʰ 写成 e 的 h·ln a 次幂，分子分母同乘 ln a。",
    )),
    Line("a^x*ln(a)", Phrase(
        "With t = h·ln a this is (eᵗ − 1)/t, which goes to 1.", "记 t = h·ln a，则 (eᵗ − 1)/t 趋于 1。",
    )),
)  # fmt: skip

TENFOLD = Lesson(
    idea=Phrase(
        "The same picture, only steeper: the slope settles on a fixed multiple of the height.",
        "情形相同，只是更陡：斜率稳定到高度的一个固定倍数。",
    ),
    proofs=(
        proof(
            "10^x",
            Line("10^x*(10^h - 1)/h", Phrase("Take 10 to the power x out.", "提出 10 的 x 次幂。")),
            Line("10^x*ln(10)", Phrase(
                "What is left is the slope at 0; for the base 10 it is ln 10, by the general formula above.",
                "剩下的正是函数在 0 处的斜率；由上面的一般公式，底数为 10 时它等于 ln 10。",
            )),
        ),
    ),
    example=Example("3*10^x", (0.5,), Phrase(
        "Three bacteria that become ten times as many in an hour: after half an hour, so many are added in an hour.",
        "3 个细菌每小时增加到 10 倍：半小时时，每小时增加的数目就是这个导数。",
    )),
    why=Phrase(
        "Learning rates are tried in powers of ten: 0.1, 0.01, 0.001. And what grows exponentially from layer to layer "
        "explodes: then gradients become so large that training fails.",
        "调学习率时常按 10 的幂来试：0.1、0.01、0.001。而逐层按指数增大的量会“爆炸”：梯度大到无法训练。",
    ),
    exercises=(
        Exercise("10^x - x", Phrase("The factor is ln 10.", "系数是 ln 10。")),
        Exercise("2^x", Phrase("Put a = 2 into the general formula.", "在一般公式中取 a = 2。")),
    ),
)  # fmt: skip

LOGARITHM = Lesson(
    idea=Phrase(
        "The logarithm bends downwards, so a secant to the right is always flatter than the tangent. As h shrinks its "
        "slope rises to that of the tangent.",
        "对数曲线向下弯，所以右侧的割线总比切线平缓。h 越小，割线的斜率越大，逐渐升到切线的斜率。",
    ),
    proofs=(
        proof(
            "ln(x)",
            Line("ln(1 + h/x)/h", Phrase("A difference of logarithms is the logarithm of the quotient.",
                                         "对数之差等于商的对数。")),
            Line("ln((1 + h/x)^(x/h))/x", Phrase("Take out 1/x; the factor x/h becomes an exponent.",
                                                  "提出 1/x，因子 x/h 变成指数。")),
            Line("1/x", Phrase(
                "With t = h/x this is (1 + t) to the power 1/t, which goes to e, and ln e = 1.",
                "记 t = h/x，(1 + t) 的 1/t 次幂趋于 e，而 ln e = 1。",
            )),
        ),
    ),
    example=Example("x - ln(x)", (2.0,), Phrase(
        "The line x climbs with slope 1, the logarithm takes half of it away at 2.",
        "x 的斜率是 1，对数在 2 处减去其中的一半。",
    )),
    why=Phrase(
        "Cross-entropy, the loss of every network that classifies, is −ln p, where p is the probability given to the "
        "right answer. Its slope −1/p is huge where p is nearly 0: a confident mistake is corrected hardest.",
        "分类网络都用交叉熵作损失：−ln p，其中 p 是网络给正确答案的概率。"
        "它的导数 −1/p 在 p 接近 0 时极大：错得越自信，纠正得越用力。",
    ),
    exercises=(
        Exercise("5ln(x)", Phrase("The factor stays.", "因子保留。")),
        Exercise("ln(x) + 1/x", Phrase("1/x is the power x⁻¹.", "1/x 就是 x⁻¹。")),
    ),
)  # fmt: skip

ANY_LOGARITHM = proof(
    "ln(x)/ln(a)",
    Line("ln(1 + h/x)/(h*ln(a))", Phrase(
        "The logarithm to any base is ln x divided by ln a. The difference of the two logarithms is one of a quotient.",
        "换底：以 a 为底的对数等于 ln x 除以 ln a。对数之差等于商的对数。",
    )),
    Line("ln((1 + h/x)^(x/h))/(x*ln(a))", Phrase("Take out 1/x, as for ln x.", "与 ln x 一样，提出 1/x。")),
    Line("1/(x*ln(a))", Phrase("The power goes to e, and ln e = 1.", "幂趋于 e，而 ln e = 1。")),
)  # fmt: skip

COMMON_LOGARITHM = Lesson(
    idea=Phrase(
        "The curve is that of ln x, pressed flat; every secant and the tangent are flatter by the same factor.",
        "把 ln x 的图像按比例压扁就是它；每条割线和切线都按同一比例变平。",
    ),
    proofs=(
        proof(
            "log10(x)",
            Line("ln(x)/ln(10)", Phrase("Change the base.", "换底公式。"), left="y"),
            Line("(1/x)/ln(10)", Phrase("ln x has the derivative 1/x, and the factor 1/ln 10 stays.",
                                        "ln x 的导数是 1/x，常数因子 1/ln 10 保留。"), left="q"),
            Line("1/(x*ln(10))", Phrase("Written as one fraction.", "写成一个分式。"), left="q"),
        ),
    ),
    example=Example("10log10(x)", (2.0,), Phrase(
        "Decibels: ten times the logarithm of a power. At twice the "
        "power one more unit of power brings so many decibels.",
        "分贝是功率对数的 10 倍。功率为 2 时，每增加一个单位，分贝数大约增加这么多。",
    )),
    why=Phrase(
        "Losses and gradients that span many powers of ten are drawn over their logarithm, as at the end of this page. "
        "There a vanishing gradient is a straight line downwards.",
        "损失和梯度常常相差许多个数量级，所以画图时取对数，本页最后的图就是这样：梯度消失在图上是一条往下走的直线。",
    ),
    exercises=(
        Exercise("3log10(x)", Phrase("The factor stays, ln 10 goes below.", "因子保留，ln 10 在分母上。")),
        Exercise("log_2(x)", Phrase("Put a = 2 into the general formula.", "在一般公式中取 a = 2。")),
    ),
)  # fmt: skip
