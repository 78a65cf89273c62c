"""The words of a derivation, in English and Chinese: names of rules and functions, reasons, headings."""

from __future__ import annotations

from chainrule.rules import Elementwise, Rule, Structural
from chainrule.showing.language import Phrase

CHAIN = Phrase("chain rule", "链式法则")
SUM = Phrase("sum rule", "和差法则")
PRODUCT = Phrase("product rule", "乘积法则")
QUOTIENT = Phrase("quotient rule", "商法则")
POWER = Phrase("power rule", "幂法则")
EXPONENTIAL = Phrase("exponential rule", "指数法则")
POWER_AND_EXPONENTIAL = Phrase("power rule and exponential rule", "幂法则与指数法则")
CONSTANT_MULTIPLE = Phrase("constant-multiple rule", "常数倍法则")
CONSTANT = Phrase("constant rule", "常数法则")
IDENTITY = Phrase("identity", "恒等函数")
CASES = Phrase("case by case", "分段求导")

RULES: dict[str, Phrase] = {
    "add": SUM, "subtract": SUM, "negative": CONSTANT_MULTIPLE, "positive": IDENTITY, "multiply": PRODUCT,
    "divide": QUOTIENT, "square": POWER, "reciprocal": POWER, "sqrt": POWER, "cbrt": POWER, "where": CASES,
    "power": POWER_AND_EXPONENTIAL, "float_power": POWER_AND_EXPONENTIAL,
    "absolute": Phrase("absolute value", "绝对值"), "fabs": Phrase("absolute value", "绝对值"),
    "sign": Phrase("step: the sign", "阶跃：符号函数"), "floor": Phrase("step: rounding down", "阶跃：向下取整"),
    "ceil": Phrase("step: rounding up", "阶跃：向上取整"),
    "trunc": Phrase("step: rounding towards 0", "阶跃：向零取整"),
    "rint": Phrase("step: rounding", "阶跃：四舍五入"), "heaviside": Phrase("step function", "阶跃函数"),
    "floor_divide": Phrase("step: the whole quotient", "阶跃：整除"), "remainder": Phrase("remainder", "取余"),
    "fmod": Phrase("remainder", "取余"), "copysign": Phrase("size of one, sign of another", "取绝对值并复制符号"),
    "exp": Phrase("exponential function", "指数函数"),
    "exp2": Phrase("exponential to base 2", "以 2 为底的指数函数"),
    "expm1": Phrase("exponential function", "指数函数"), "log": Phrase("natural logarithm", "自然对数"),
    "log2": Phrase("logarithm to base 2", "以 2 为底的对数"), "log10": Phrase("logarithm to base 10", "常用对数"),
    "log1p": Phrase("natural logarithm", "自然对数"),
    "logaddexp": Phrase("log of a sum of exponentials", "指数和的对数"),
    "logaddexp2": Phrase("log of a sum of powers of 2", "2 的幂之和的对数"),
    "sin": Phrase("sine", "正弦"), "cos": Phrase("cosine", "余弦"), "tan": Phrase("tangent", "正切"),
    "arcsin": Phrase("inverse sine", "反正弦"), "arccos": Phrase("inverse cosine", "反余弦"),
    "arctan": Phrase("inverse tangent", "反正切"), "arctan2": Phrase("angle of a point", "点的辐角"),
    "hypot": Phrase("length of the hypotenuse", "斜边长"), "deg2rad": Phrase("degrees to radians", "角度化弧度"),
    "radians": Phrase("degrees to radians", "角度化弧度"), "rad2deg": Phrase("radians to degrees", "弧度化角度"),
    "degrees": Phrase("radians to degrees", "弧度化角度"), "sinc": Phrase("sinc", "sinc 函数"),
    "sinc_derivative": Phrase("the next derivative of sinc", "sinc 函数的下一阶导数"),
    "sinh": Phrase("hyperbolic sine", "双曲正弦"), "cosh": Phrase("hyperbolic cosine", "双曲余弦"),
    "tanh": Phrase("hyperbolic tangent", "双曲正切"), "arcsinh": Phrase("inverse hyperbolic sine", "反双曲正弦"),
    "arccosh": Phrase("inverse hyperbolic cosine", "反双曲余弦"),
    "arctanh": Phrase("inverse hyperbolic tangent", "反双曲正切"),
    "maximum": Phrase("the larger of two", "取较大者"), "minimum": Phrase("the smaller of two", "取较小者"),
    "fmax": Phrase("the larger of two", "取较大者"), "fmin": Phrase("the smaller of two", "取较小者"),
    "ldexp": Phrase("a power of 2 times x", "x 乘以 2 的幂"),
    "spacing": Phrase("step: the gap between floats", "阶跃：浮点数间距"),
    "nextafter": Phrase("the next float", "相邻的浮点数"), "i0": Phrase("modified Bessel function", "修正贝塞尔函数"),
    "bessel_i": Phrase("modified Bessel function", "修正贝塞尔函数"),
    "clamp": Phrase("limits to an interval", "限制在区间内"),
    "sum": Phrase("sum: every term receives the whole gradient", "求和：每一项都得到全部梯度"),
    "mean": Phrase("mean: the gradient is shared equally", "平均：梯度平均分给每一项"),
    "cumsum": Phrase("running sum: the gradient is summed from the other end", "累加：梯度从末端反向累加"),
    "max": Phrase("maximum: the gradient goes to the largest entry", "最大值：梯度传给最大的元素"),
    "min": Phrase("minimum: the gradient goes to the smallest entry", "最小值：梯度传给最小的元素"),
    "matmul": Phrase("product rule for matrices: the other factor, transposed", "矩阵乘积法则：乘以另一因子的转置"),
    "dot": Phrase("product rule for matrices: the other factor, transposed", "矩阵乘积法则：乘以另一因子的转置"),
    "getitem": Phrase("indexing: the gradient goes to the entries that were taken", "索引：梯度传回被取出的元素"),
    "scatter": Phrase("scattering: the gradient is read where entries were put", "散布：在放入的位置取回梯度"),
    "replace": Phrase(
        "assignment: old entries lose the gradient, new ones receive it",
        "赋值：旧元素不再得到梯度，新元素得到",
    ),
    "replace_through": Phrase(
        "assignment: old entries lose the gradient, new ones receive it",
        "赋值：旧元素不再得到梯度，新元素得到",
    ),
    "replace_parts": Phrase(
        "assignment: old entries lose the gradient, new ones receive it",
        "赋值：旧元素不再得到梯度，新元素得到",
    ),
    "add_at": Phrase("adding to entries: both receive the gradient", "加到元素上：两者都得到梯度"),
    "view": Phrase("a view: the gradient goes to the entries that it shows", "视图：梯度传回它所显示的元素"),
    "view_of_parts": Phrase("a view: the gradient goes to the parts that it shows", "视图：梯度传回它所显示的部分"),
    "laid_out": Phrase("a copy in another order of memory", "按另一种内存顺序的副本"),
    "concatenate": Phrase("joining: the gradient is cut into the parts again", "拼接：梯度重新切成各部分"),
    "stack": Phrase("stacking: the gradient is cut into the parts again", "堆叠：梯度重新切成各部分"),
    "broadcast_to": Phrase("repetition: the gradients of all copies are added", "广播：各副本的梯度相加"),
    "conjugate": Phrase("conjugation, linear over the reals", "共轭，实线性"),
    "real": Phrase("real part, linear over the reals", "实部，实线性"),
    "imag": Phrase("imaginary part, linear over the reals", "虚部，实线性"),
    "astype": Phrase("change of number format", "改变数值类型"),
}  # fmt: skip

_MOVES = Phrase("{name} moves entries; their gradients move back", "{name} 移动元素，梯度移回原处")
_LINEAR = Phrase("{name} is linear; the gradient goes back through its transpose", "{name} 是线性的，梯度经其转置传回")
_OWN = Phrase("the rule of {name}", "{name} 的求导法则")


def count(number: int) -> str:
    """How many symbols a formula has, as it stands in a sentence: a chain of n parts may have 2ⁿ of them."""
    return f"{number:.3g}" if number > 1e9 else f"{number:,}"


def rule_name(rule: Rule) -> Phrase:
    """What the rule of a function is called; for a user's own function, after the function."""
    known = RULES.get(rule.name)
    if known is not None:
        return known
    if isinstance(rule, Structural):
        return (_MOVES if rule.moves else _LINEAR).filled(name=rule.name)
    return _OWN.filled(name=rule.name)


def with_source(rule: Elementwise) -> Phrase:
    """The name of an elementary function's rule, with the handbook's section if the table names one."""
    name = rule_name(rule)
    if not rule.source.startswith("DLMF"):
        return name
    section = " ".join(rule.source.split()[:2])
    return Phrase(f"{name.en}, {section}", f"{name.zh}，{section}")


REASONS: dict[str, Phrase] = {
    phrase.en: phrase
    for phrase in (
        Phrase("the tangent at 0 is vertical", "在 0 处切线是竖直的"),
        Phrase("the tangent at 1 is vertical", "在 1 处切线是竖直的"),
        Phrase("the tangent is vertical at the ends", "在端点处切线是竖直的"),
        Phrase("the slope dies out at infinity", "在无穷远处斜率趋于 0"),
        Phrase("x⁰ is constant in x", "x⁰ 关于 x 是常数"),
        Phrase("0 times anything is constant in the other factor", "0 乘任何数都是 0，关于另一个因子是常数"),
        Phrase("E₀ is e⁻ʸ/y", "E₀ 就是 e⁻ʸ/y"),
        Phrase("a polynomial of degree 0 is constant", "0 次多项式是常数"),
        Phrase("at 0 the value is y itself", "在 0 处函数值就是 y"),
        Phrase("log 0", "0 的对数"),
        Phrase("the limit at 0", "在 0 处的极限"),
        Phrase("vertical at 1", "在 1 处切线是竖直的"),
        Phrase(
            "x⁰ is constant in x, also at x = 0; 0ʸ jumps at y = 0",
            "x⁰ 关于 x 是常数，在 x = 0 处也是；0ʸ 在 y = 0 处跳跃",
        ),
        Phrase("x¹ is x", "x¹ 就是 x"),
        Phrase("the limit of out·log x as x → 0⁺", "当 x → 0⁺ 时取 xʸ·ln x 的极限"),
        Phrase("a negative base has no derivative in the exponent", "底数为负时，对指数没有导数"),
        Phrase("the tip of a cone: the mean of opposite slopes", "锥顶：取相反斜率的平均"),
        Phrase("equal terms share equally, infinite ones too", "相等的项平分，无穷大时也一样"),
        Phrase("a tie: the mean of the slopes 0 and 1", "两者相等：取斜率 0 与 1 的平均"),
        Phrase("at 0 the value is y itself", "在 0 处函数值就是 y 本身"),
        Phrase("constant beyond the ends −1/y and 1/y", "在端点 −1/y 与 1/y 之外为常数"),
        Phrase("an end: the mean of the slopes on both sides", "端点：取两侧斜率的平均"),
        Phrase(
            "the quadratic and the linear piece meet, and the second derivative is the mean of theirs",
            "二次段与一次段在此相接：二阶导数取两段的平均",
        ),
        Phrase("k is at its lower end", "k 已到下端"),
        Phrase("at a bound: the mean of the slopes 0 and 1", "在边界处：取斜率 0 与 1 的平均"),
    )
}


def reason(text: str) -> Phrase:
    """The reason of an exceptional row in both languages; a user's own reason stands as it is."""
    return REASONS.get(text) or Phrase(text, text)


SEPARATOR = Phrase("; ", "；")
PARTS = Phrase("Name the parts", "给各部分命名")
DIFFERENTIATE = Phrase("Differentiate each part", "逐部分求导")
BY = Phrase(
    "Differentiate by {name} (′ means ∂/∂{name}; everything else is held constant)",
    "对 {name} 求导（′ 表示 ∂/∂{name}，其余变量视为常数）",
)
BACKWARD = Phrase(
    "Backward: the gradient of the result by each value, written with a bar", "反向：结果对每个量的梯度，用上横线表示"
)
PATHS = Phrase(
    "The {count} paths from {name} to {result}; their products add up",
    "从 {name} 到 {result} 的 {count} 条路径，各路径的乘积相加",
)
RESULT = Phrase("Result", "结果")
COMPUTED = Phrase("as computed", "按链式法则")
BY_SYMPY = Phrase("simplified by SymPy", "用 SymPy 化简")
CHECK = Phrase("Check", "数值验证")
CHECK_AT = Phrase("Check at {point}", "数值验证（在 {point} 处）")
THEIR_SUM = Phrase("their sum", "相加")
NO_VARIABLES = Phrase("There is no variable to differentiate by.", "没有可以求导的变量。")
OF_SHAPE = Phrase("{name} of shape {shape}", "{name}（形状 {shape}）")
AT = Phrase("at {point}", "在 {point} 处")
VALUE = Phrase("value", "函数值")
EXACT = Phrase("by the rules", "按法则求得")
DIFFERENCES = Phrase("central differences", "中心差分")
ALONG = Phrase("along one direction", "沿一个方向")
TOGETHER = Phrase(
    "The rules are exact up to rounding; the differences (step {step}) carry an error of their own.",
    "法则求得的导数只有舍入误差；差分（步长 {step}）本身另有误差。",
)
NO_DIFFERENCES = Phrase(
    "Central differences need values on both sides of the point, and there are none.",
    "中心差分需要该点两侧都有函数值，而这里没有。",
)
DEFINED_WHERE = Phrase("Defined where {condition}.", "定义域：{condition}。")
DEFINED_WITH_PARTS = Phrase(
    "Defined where each of the parts below is: written out, the condition has {count} symbols.",
    "定义域：使下面各部分都有定义的点；条件完全展开有 {count} 个符号。",
)
OUTSIDE = Phrase(
    "{call} is not defined here: its domain is {condition}.", "{call} 在此处没有定义：它的定义域是 {condition}。"
)
VALUE_UNDEFINED = Phrase(
    "The function has no value here, and so no derivative.", "函数在此处没有值，因此也没有导数。"
)
LIMIT_OF_FORMULA = Phrase(
    "The formula has no value here: the derivative is its limit.", "公式在此处没有值：导数取其极限。"
)
KINK = Phrase(
    "{call} has a kink or a jump here: the derivative is a convention.", "{call} 在此处有尖点或跳跃：导数是约定的值。"
)
PATH_TAKEN = Phrase(
    "The function has branches or loops: these are the operations that it carried out at this point.",
    "函数含有分支或循环：以下是它在该点实际执行的运算。",
)
BRANCH = Phrase("The branch taken: {conditions}.", "所走的分支：{conditions}。")
CONSTANT_RESULT = Phrase("The result does not depend on {name}.", "结果与 {name} 无关。")
TOO_LONG = Phrase(
    "Written out it has {count} symbols; the parts above are the formula.",
    "完全展开有 {count} 个符号；上面各部分就是公式。",
)
BROADCAST = Phrase("summed over the broadcast axes", "沿广播的轴求和")
SEED = Phrase("the start: the derivative of the result by itself", "起点：结果对自身的导数")
TOTAL = Phrase("the start: the derivative of the sum of the result's entries", "起点：对结果各元素之和求导")
MORE = Phrase("… {count} more lines …", "…… 还有 {count} 行 ……")
ARRAY = Phrase("{shape} numbers", "{shape} 个数")
