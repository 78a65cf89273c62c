"""The kinds of mistake that are made in differentiating, the commonest first, each with what puts it right."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.showing.language import Phrase


@dataclass(frozen=True)
class Kind:
    """One kind of mistake: `key` names it in data, `name` says what happened, `remedy` what is right instead."""

    key: str
    name: Phrase
    remedy: Phrase


_KINDS: list[Kind] = []


def _kind(key: str, name: str, zh_name: str, remedy: str, zh_remedy: str) -> Kind:
    kind = Kind(key, Phrase(name, zh_name), Phrase(remedy, zh_remedy))
    _KINDS.append(kind)
    return kind


# ---- the chain rule ------------------------------------------------------------------------------

_CHAIN = (
    "The chain rule multiplies the derivative of the outer function by the derivative of the inner one.",
    "链式法则：外层函数的导数要乘以内层函数的导数。",
)
INNER_FORGOTTEN = _kind("inner forgotten", "the inner derivative was forgotten", "漏乘了内层函数的导数", *_CHAIN)

# ---- the function that was looked up -------------------------------------------------------------

COSINE_SIGN = _kind(
    "sign of cosine",
    "the minus sign in the derivative of the cosine was forgotten",
    "余弦求导时漏了负号",
    "The cosine falls where the sine is positive: its derivative is minus the sine.",
    "余弦的导数是负的正弦：(cos x)′ = −sin x。",
)
SINE_SIGN = _kind(
    "sign of sine",
    "a minus sign was put into the derivative of the sine",
    "正弦求导时多了负号",
    "The derivative of the sine is the cosine, without a minus sign.",
    "正弦的导数就是余弦，没有负号：(sin x)′ = cos x。",
)
RECIPROCAL_SIGN = _kind(
    "sign of reciprocal",
    "the minus sign in the derivative of 1/v was forgotten",
    "对 1/v 求导时漏了负号",
    "The derivative of 1/v is −v′/v²: the quotient falls where v grows.",
    "1/v 的导数是 −v′/v²：v 增大时，商减小。",
)
POWER_NOT_REDUCED = _kind(
    "power not reduced",
    "the exponent was not reduced by 1",
    "指数没有减 1",
    "The power rule: the exponent comes down as a factor, and the new exponent is smaller by 1.",
    "幂函数求导：指数拿下来作系数，新的指数要减 1。",
)
HALF_FORGOTTEN = _kind(
    "half forgotten",
    "the factor ½ of the root was forgotten",
    "根式求导时漏了系数 ½",
    "The derivative of √u is u′/(2√u).",
    "√u 的导数是 u′/(2√u)，分母上有 2。",
)
ROOT_ON_TOP = _kind(
    "root not in the denominator",
    "the root belongs in the denominator",
    "根式应当在分母上",
    "√u is u to the power ½, so its derivative has u to the power −½: u′/(2√u).",
    "√u 就是 u 的 ½ 次幂，求导后是 −½ 次幂：u′/(2√u)。",
)

# ---- products and quotients ----------------------------------------------------------------------

_PRODUCT = ("The product rule: (u·v)′ = u′·v + u·v′.", "乘积法则：(u·v)′ = u′·v + u·v′。")
_QUOTIENT = ("The quotient rule: (u/v)′ = (u′·v − u·v′)/v².", "商的求导法则：(u/v)′ = (u′·v − u·v′)/v²。")
PRODUCT_OF_DERIVATIVES = _kind(
    "product of derivatives", "the derivatives of the factors were multiplied", "把两个因子的导数直接相乘了", *_PRODUCT
)
PRODUCT_HALF = _kind(
    "half of the product rule", "only one of the factors was differentiated", "只对其中一个因子求了导", *_PRODUCT
)
PRODUCT_SIGN = _kind(
    "sign in the product rule",
    "the two terms of the product rule were subtracted",
    "乘积法则的两项相减了（应当相加）",
    *_PRODUCT,
)
PRODUCT_CROSSED = _kind(
    "product rule not crossed",
    "each derivative was multiplied by its own factor",
    "导数乘错了因子：各乘了原来的自己",
    *_PRODUCT,
)
PRODUCT_AS_SUM = _kind(
    "product as a sum", "the derivatives of the factors were added", "把两个因子的导数直接相加了", *_PRODUCT
)
QUOTIENT_ORDER = _kind(
    "order in the quotient rule",
    "the two terms in the numerator of the quotient rule were exchanged",
    "商的求导法则中分子两项的顺序颠倒了",
    *_QUOTIENT,
)
QUOTIENT_SIGN = _kind(
    "sign in the quotient rule",
    "the two terms in the numerator of the quotient rule were added",
    "商的求导法则中分子两项相加了（应当相减）",
    *_QUOTIENT,
)
QUOTIENT_NOT_SQUARED = _kind(
    "denominator not squared",
    "the denominator of the quotient rule was not squared",
    "商的求导法则中分母没有平方",
    *_QUOTIENT,
)
QUOTIENT_WITHOUT_DENOMINATOR = _kind(
    "denominator lost", "the denominator of the quotient rule was left out", "商的求导法则中漏了分母", *_QUOTIENT
)
QUOTIENT_OF_DERIVATIVES = _kind(
    "quotient of derivatives",
    "the derivatives of numerator and denominator were divided",
    "把分子、分母的导数直接相除了",
    *_QUOTIENT,
)
QUOTIENT_HALF = _kind(
    "half of the quotient rule",
    "the denominator was treated as a constant, or the numerator was",
    "把分母（或分子）当作常数了",
    *_QUOTIENT,
)

# ---- exponentials, logarithms, powers ------------------------------------------------------------

POWER_RULE_ON_EXPONENTIAL = _kind(
    "power rule on an exponential",
    "the power rule was used on an exponential function",
    "对指数函数用了幂函数的求导公式",
    "The variable stands in the exponent: (aᵘ)′ = aᵘ·ln(a)·u′, and the exponent stays as it is.",
    "自变量在指数上：(aᵘ)′ = aᵘ·ln(a)·u′，指数保持不变。",
)
EXPONENTIAL_RULE_ON_POWER = _kind(
    "exponential rule on a power",
    "the exponential rule was used on a power",
    "对幂函数用了指数函数的求导公式",
    "The variable stands in the base and the exponent is a number: (uⁿ)′ = n·uⁿ⁻¹·u′, without a logarithm.",
    "自变量在底数上，指数是常数：(uⁿ)′ = n·uⁿ⁻¹·u′，没有对数。",
)
LN_FORGOTTEN = _kind(
    "ln a forgotten",
    "the factor ln(a) of the base was forgotten",
    "漏了底数的对数 ln(a)",
    "Only for the base e is there no factor: (aᵘ)′ = aᵘ·ln(a)·u′, and (logₐu)′ = u′/(u·ln(a)).",
    "只有底数是 e 时才没有这个系数：(aᵘ)′ = aᵘ·ln(a)·u′，(logₐu)′ = u′/(u·ln(a))。",
)
LN_MISPLACED = _kind(
    "ln a misplaced",
    "ln(a) of the base stands in the wrong place",
    "ln(a) 的位置错了",
    "An exponential is multiplied by ln(a), a logarithm divided by it: (aᵘ)′ = aᵘ·ln(a)·u′, (logₐu)′ = u′/(u·ln(a)).",
    "指数函数乘以 ln(a)，对数函数除以 ln(a)：(aᵘ)′ = aᵘ·ln(a)·u′，(logₐu)′ = u′/(u·ln(a))。",
)
LN_OF_EXPONENT = _kind(
    "ln of the exponent",
    "the logarithm of the exponent was taken, not that of the base",
    "取了指数的对数，应当取底数的对数",
    "(aᵘ)′ = aᵘ·ln(a)·u′: the factor is the logarithm of the base a.",
    "(aᵘ)′ = aᵘ·ln(a)·u′：系数是底数 a 的对数。",
)
ONE_OVER_X = _kind(
    "1/x for the logarithm of a function",
    "1/x was written for the logarithm of an inner function",
    "对 ln(u) 求导时写成了 1/x",
    "Under the logarithm stands u, not x alone: (ln u)′ = u′/u.",
    "对数里是 u，不只是 x：(ln u)′ = u′/u。",
)
FACTOR_LOST = _kind(
    "exponent not a factor",
    "the exponent did not come down as a factor",
    "指数没有拿下来作系数",
    "The power rule: (uⁿ)′ = n·uⁿ⁻¹·u′, with the exponent n in front.",
    "幂函数求导：(uⁿ)′ = n·uⁿ⁻¹·u′，前面要乘以 n。",
)
EXPONENT_RAISED = _kind(
    "exponent raised",
    "the exponent was raised by 1 instead of reduced",
    "指数加了 1（应当减 1）",
    "The new exponent is smaller by 1, also where it is negative: from −2 it goes to −3.",
    "新的指数要减 1，负指数也一样：−2 减 1 得 −3。",
)
EXPONENT_DROPPED = _kind(
    "exponent dropped",
    "the exponent became a factor and was dropped as an exponent",
    "指数作了系数，却没有留下 n − 1 次幂",
    "The power rule keeps a power: (uⁿ)′ = n·uⁿ⁻¹·u′.",
    "求导后仍是幂：(uⁿ)′ = n·uⁿ⁻¹·u′。",
)
REDUCED_FACTOR = _kind(
    "reduced exponent as the factor",
    "the reduced exponent was taken as the factor",
    "用减 1 之后的指数作了系数",
    "The factor is the old exponent: (uⁿ)′ = n·uⁿ⁻¹·u′.",
    "系数是原来的指数：(uⁿ)′ = n·uⁿ⁻¹·u′。",
)
ROOT_LOST = _kind(
    "root lost",
    "the root was lost in the denominator",
    "分母中的根号丢了",
    "The derivative of √u is u′/(2√u): the root stays.",
    "√u 的导数是 u′/(2√u)，根号仍在。",
)
EXPONENT_REDUCED = _kind(
    "exponent of an exponential reduced",
    "the exponent of an exponential function was reduced by 1",
    "指数函数的指数减了 1（应当不变）",
    "An exponential function keeps its exponent: (eᵘ)′ = eᵘ·u′.",
    "指数函数求导时指数不变：(eᵘ)′ = eᵘ·u′。",
)
POWER_RULE_ONLY = _kind(
    "power rule alone",
    "base and exponent both vary, and only the power rule was used",
    "底数和指数都含自变量，却只用了幂函数的求导公式",
    "With both moving, write uᵛ as e^(v·ln u), or add both rules: (uᵛ)′ = v·uᵛ⁻¹·u′ + uᵛ·ln(u)·v′.",
    "底数与指数都在变：把 uᵛ 写成 e^(v·ln u)，或者两部分相加：(uᵛ)′ = v·uᵛ⁻¹·u′ + uᵛ·ln(u)·v′。",
)
EXPONENTIAL_RULE_ONLY = _kind(
    "exponential rule alone",
    "base and exponent both vary, and only the exponential rule was used",
    "底数和指数都含自变量，却只用了指数函数的求导公式",
    "With both moving, write uᵛ as e^(v·ln u), or add both rules: (uᵛ)′ = v·uᵛ⁻¹·u′ + uᵛ·ln(u)·v′.",
    "底数与指数都在变：把 uᵛ 写成 e^(v·ln u)，或者两部分相加：(uᵛ)′ = v·uᵛ⁻¹·u′ + uᵛ·ln(u)·v′。",
)

# ---- functions taken for one another -------------------------------------------------------------

SINE_COSINE_KEPT = _kind(
    "sine and cosine exchanged",
    "sine and cosine were exchanged in the derivative",
    "导数中正弦与余弦弄混了",
    "The sine becomes the cosine, and the cosine minus the sine.",
    "正弦的导数是余弦，余弦的导数是负的正弦。",
)
TANGENT_NOT_SQUARED = _kind(
    "cosine not squared",
    "the cosine in the derivative of the tangent was not squared",
    "正切求导时余弦没有平方",
    "(tan u)′ = u′/cos²(u).",
    "(tan u)′ = u′/cos²(u)。",
)
TANGENT_BY_SINE = _kind(
    "sine for cosine under the tangent",
    "the derivative of the tangent was written with the sine",
    "正切的导数写成了 1/sin²（那是余切的，符号相反）",
    "(tan u)′ = u′/cos²(u); −1/sin² is that of the cotangent.",
    "(tan u)′ = u′/cos²(u)；−1/sin² 是余切的导数。",
)
INVERSE_CONFUSED = _kind(
    "function and inverse confused",
    "the function was taken for its inverse, or the inverse for the function",
    "把函数与反函数的导数弄混了",
    "(tan u)′ = u′/cos²(u), but (arctan u)′ = u′/(1 + u²); (sin u)′ = u′·cos(u), but (arcsin u)′ = u′/√(1 − u²).",
    "(tan u)′ = u′/cos²(u)，而 (arctan u)′ = u′/(1 + u²)；(sin u)′ = u′·cos(u)，而 (arcsin u)′ = u′/√(1 − u²)。",
)
ARCS_CONFUSED = _kind(
    "inverse functions confused",
    "two inverse functions were taken for one another",
    "把两个反三角函数的导数弄混了",
    "(arcsin u)′ = u′/√(1 − u²), (arccos u)′ = −u′/√(1 − u²), (arctan u)′ = u′/(1 + u²).",
    "(arcsin u)′ = u′/√(1 − u²)，(arccos u)′ = −u′/√(1 − u²)，(arctan u)′ = u′/(1 + u²)。",
)
ARC_AS_RECIPROCAL = _kind(
    "inverse as a reciprocal",
    "the inverse function was taken for the reciprocal",
    "把反函数当成了倒数",
    "arcsin is sin⁻¹ in the sense of the inverse, and not 1/sin.",
    "arcsin 是正弦的反函数 sin⁻¹，不是 1/sin。",
)
ARC_SIGN = _kind(
    "sign under an inverse function",
    "a sign under the derivative of an inverse function is wrong",
    "反三角函数的导数中有一处符号错了",
    "(arcsin u)′ = u′/√(1 − u²) has a minus sign under the root, (arctan u)′ = u′/(1 + u²) a plus sign.",
    "(arcsin u)′ = u′/√(1 − u²)，根号下是减号；(arctan u)′ = u′/(1 + u²)，分母中是加号。",
)
ARC_ROOT = _kind(
    "root under an inverse function",
    "the root or the square in the derivative of an inverse function is missing",
    "反三角函数的导数中漏了根号或平方",
    "(arcsin u)′ = u′/√(1 − u²), (arctan u)′ = u′/(1 + u²).",
    "(arcsin u)′ = u′/√(1 − u²)，(arctan u)′ = u′/(1 + u²)。",
)
HYPERBOLIC_SIGN = _kind(
    "sign of a hyperbolic function",
    "a minus sign was put in as for the trigonometric function",
    "照三角函数的样子多写了负号",
    "(sinh u)′ = cosh(u)·u′ and (cosh u)′ = sinh(u)·u′, both without a minus sign.",
    "(sinh u)′ = cosh(u)·u′，(cosh u)′ = sinh(u)·u′，都没有负号。",
)

# ---- sums and constants --------------------------------------------------------------------------

CONSTANT_KEPT = _kind(
    "constant kept",
    "a constant term was kept",
    "常数项没有去掉",
    "A constant does not change: its derivative is 0.",
    "常数的导数是 0。",
)
SUM_SIGN = _kind(
    "sign in a sum",
    "the sign of a term changed",
    "有一项的符号变了",
    "Each term keeps its sign: (u − v)′ = u′ − v′.",
    "各项保持原来的符号：(u − v)′ = u′ − v′。",
)
TERM_LOST = _kind(
    "term lost",
    "a term of the sum was left out",
    "和式中漏了一项",
    "The derivative of a sum is the sum of the derivatives of all its terms.",
    "和的导数等于各项导数之和，一项也不能少。",
)
MINUS_LOST = _kind(
    "minus lost",
    "a minus sign in front was lost",
    "前面的负号丢了",
    "(−u)′ = −u′.",
    "(−u)′ = −u′。",
)
FACTOR_DROPPED = _kind(
    "constant factor dropped",
    "a constant factor was dropped",
    "常数系数丢了",
    "A constant factor stays: (c·u)′ = c·u′.",
    "常数系数保留：(c·u)′ = c·u′。",
)
CONSTANT_AS_ONE = _kind(
    "constant as 1",
    "the derivative of a constant was taken as 1",
    "把常数的导数当成了 1",
    "A constant does not change: its derivative is 0. (That of x is 1.)",
    "常数的导数是 0（x 的导数才是 1）。",
)
FACTOR_DIFFERENTIATED = _kind(
    "constant factor differentiated",
    "a constant factor was differentiated as well",
    "对常数系数也求了导",
    "A constant factor stays as it is: (c·u)′ = c·u′.",
    "常数系数保持不变：(c·u)′ = c·u′。",
)
FACTOR_ADDED = _kind(
    "constant factor added",
    "a constant factor was added instead of multiplied",
    "常数系数应当相乘，却相加了",
    "A constant factor stays a factor: (c·u)′ = c·u′.",
    "常数系数仍是系数：(c·u)′ = c·u′。",
)

# ---- more about the chain rule -------------------------------------------------------------------

OUTER_OF_INNER = _kind(
    "function of the inner derivative",
    "the outer function was kept and only the inside differentiated",
    "外层函数没有求导，只在里面求了导",
    *_CHAIN,
)
INNER_INSIDE = _kind(
    "inner derivative put inside",
    "the inner derivative was put inside the outer function",
    "把内层函数的导数代到外层函数里面去了",
    "Inside the outer derivative the inner function stays as it is, and its derivative is a factor: f′(u)·u′.",
    "外层导数中仍代入内层函数本身，内层的导数作为因子：f′(u)·u′。",
)
CHAIN_TWICE = _kind(
    "chain rule twice",
    "the inner derivative was multiplied twice",
    "内层函数的导数乘了两次",
    "The inner derivative is a factor once: f′(u)·u′.",
    "内层函数的导数只乘一次：f′(u)·u′。",
)
INNER_ONLY = _kind(
    "inner derivative alone", "only the inner function was differentiated", "只写了内层函数的导数", *_CHAIN
)
OUTER_KEPT = _kind("outer function kept", "the outer function was not differentiated", "外层函数没有求导", *_CHAIN)
CHAIN_ADDED = _kind(
    "chain rule added",
    "the inner derivative was added instead of multiplied",
    "内层函数的导数应当相乘，却相加了",
    *_CHAIN,
)
TIMES_INNER = _kind(
    "inner function as a factor",
    "the inner function itself was multiplied, not its derivative",
    "乘的是内层函数本身，不是它的导数",
    *_CHAIN,
)
INTEGRATED = _kind(
    "integrated",
    "this was integrated, not differentiated",
    "这里做成了积分（求了原函数）",
    "The derivative is asked for, not an antiderivative.",
    "要求的是导数，不是原函数。",
)
SIGN = _kind(
    "sign",
    "a sign is wrong",
    "有一处符号错了",
    "The rest of the step is right: look at its sign.",
    "这一步其余部分都对，请检查符号。",
)
NOT_DIFFERENTIATED = _kind(
    "not differentiated",
    "a part was copied and not differentiated",
    "有一部分照抄了，没有求导",
    "Every term with the variable in it is differentiated.",
    "凡是含自变量的项都要求导。",
)

# ---- mistakes of the whole answer ----------------------------------------------------------------

THE_FUNCTION = _kind(
    "the function itself",
    "this is the function itself",
    "这是原来的函数",
    "The derivative is asked for: how fast the function changes.",
    "要求的是它的导数。",
)
OPPOSITE = _kind(
    "opposite sign",
    "the sign of the whole answer is wrong",
    "整个答案的符号反了",
    "All the rest is right: look at the signs once more.",
    "其余都对，请再检查一遍符号。",
)
SECOND_DERIVATIVE = _kind(
    "second derivative",
    "this is the second derivative",
    "这是二阶导数",
    "Only the first derivative is asked for.",
    "只要求一阶导数。",
)
ANTIDERIVATIVE = _kind(
    "antiderivative",
    "this is an antiderivative",
    "这是原函数（积分）",
    "The derivative is asked for, not a function whose derivative this is.",
    "要求的是导数，不是原函数。",
)
OFF_BY_FACTOR = _kind(
    "off by a factor",
    "the answer is right up to a constant factor",
    "只差一个常数倍",
    "Look at the constant factors once more.",
    "请再检查常数系数。",
)
OFF_BY_CONSTANT = _kind(
    "off by a constant",
    "the answer is right up to a constant that is added",
    "只差一个常数",
    "Look at the constant terms once more: the derivative of a constant is 0.",
    "请再检查常数项：常数的导数是 0。",
)

KINDS: tuple[Kind, ...] = tuple(_KINDS)
"""All kinds, the likeliest first: of several that give the same answer, the first is named."""
RANK = {kind: place for place, kind in enumerate(KINDS)}
