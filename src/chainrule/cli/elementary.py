"""The table of derivatives as it stands in a textbook: elementary functions, their derivatives, their domains.

The list names the functions; every derivative and domain is computed from the table of rules when it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from chainrule.showing.language import Language, Phrase

EVERYWHERE = Phrase("everywhere", "全体实数")


@dataclass(frozen=True)
class Entry:
    """A function: its names, the formula that it is read from, how it is written (if otherwise), words to find it by.

    `domain` says in words what would be a page of conditions on a parameter.
    """

    name: Phrase
    typed: str
    written: str = ""
    words: str = ""
    domain: Phrase | None = None


_ANY_BASE = Phrase("everywhere, for a > 0", "全体实数（a > 0）")
_BY_N = Phrase("x > 0 for every n; more for whole n", "x > 0（n 为整数时更大）")
ENTRIES = (
    Entry(Phrase("constant", "常数"), "c", words="常函数 const"),
    Entry(Phrase("power", "幂函数"), "x^n", words="power rule 幂 pow ^", domain=_BY_N),
    Entry(Phrase("square root", "平方根"), "sqrt(x)", words="sqrt root 根号 根式 开方"),
    Entry(Phrase("cube root", "立方根"), "cbrt(x)", words="cbrt root 根号 根式"),
    Entry(Phrase("reciprocal", "倒数"), "1/x", words="1/x inverse 反比例"),
    Entry(Phrase("exponential", "指数函数"), "e^x", words="exp e^x 指数"),
    Entry(Phrase("exponential, base a", "指数函数（底数 a）"), "a^x", words="exp a^x 指数", domain=_ANY_BASE),
    Entry(Phrase("natural logarithm", "自然对数"), "ln(x)", words="ln log 对数 logarithm"),
    Entry(Phrase("logarithm, base a", "对数函数（底数 a）"), "log(x, a)", "logₐ(x)", "log ln 对数 logarithm log_a"),
    Entry(Phrase("sine", "正弦"), "sin(x)", words="sin 三角 trigonometric"),
    Entry(Phrase("cosine", "余弦"), "cos(x)", words="cos 三角 trigonometric"),
    Entry(Phrase("tangent", "正切"), "tan(x)", words="tan tg 三角 trigonometric"),
    Entry(Phrase("cotangent", "余切"), "cos(x)/sin(x)", "cot(x)", "cot ctg 三角 trigonometric"),
    Entry(Phrase("secant", "正割"), "sec(x)", "sec(x)", "sec 三角 trigonometric"),
    Entry(Phrase("cosecant", "余割"), "csc(x)", "csc(x)", "csc cosec 三角 trigonometric"),
    Entry(Phrase("arcsine", "反正弦"), "arcsin(x)", words="asin arcsin 反三角 inverse trigonometric"),
    Entry(Phrase("arccosine", "反余弦"), "arccos(x)", words="acos arccos 反三角 inverse trigonometric"),
    Entry(Phrase("arctangent", "反正切"), "arctan(x)", words="atan arctg arctan 反三角 inverse trigonometric"),
    Entry(Phrase("arccotangent", "反余切"), "arccot(x)", "arccot(x)", "acot arcctg 反三角 inverse trigonometric"),
    Entry(Phrase("hyperbolic sine", "双曲正弦"), "sinh(x)", words="sinh sh 双曲"),
    Entry(Phrase("hyperbolic cosine", "双曲余弦"), "cosh(x)", words="cosh ch 双曲"),
    Entry(Phrase("hyperbolic tangent", "双曲正切"), "tanh(x)", words="tanh th 双曲"),
    Entry(Phrase("inverse hyperbolic sine", "反双曲正弦"), "arsinh(x)", words="arcsinh asinh arsinh 反双曲"),
    Entry(Phrase("inverse hyperbolic cosine", "反双曲余弦"), "arcosh(x)", words="arccosh acosh arcosh 反双曲"),
    Entry(Phrase("inverse hyperbolic tangent", "反双曲正切"), "artanh(x)", words="arctanh atanh artanh 反双曲"),
    Entry(Phrase("absolute value", "绝对值"), "|x|", words="abs absolute modulus 模"),
    Entry(Phrase("sigmoid", "S 型函数"), "sigmoid(x)", words="sigmoid logistic σ 逻辑斯谛"),
)


@dataclass(frozen=True)
class Line:
    """An entry as it is printed, in text; `name` and `domain` in both languages."""

    name: Phrase
    function: str
    derivative: str
    domain: Phrase

    def cells(self, lang: Language) -> tuple[str, ...]:
        """The line's cells in one language."""
        return self.name.say(lang), self.function, self.derivative, self.domain.say(lang)

    def data(self) -> dict[str, str]:
        """The line for JSON."""
        return {
            "name": self.name.en, "chinese": self.name.zh, "function": self.function, "derivative": self.derivative,
            "domain": self.domain.en,
        }  # fmt: skip


def lines(word: str = "") -> list[Line]:
    """The lines of the table; with a word those that it names, the closest first, or whose formulas contain it.

    >>> [line.function for line in lines("对数")]
    ['ln(x)', 'logₐ(x)']
    """
    wanted = word.strip().lower()
    ranks: list[list[Entry]] = [[], [], []]
    for entry in ENTRIES:
        names = {entry.name.en.lower(), entry.name.zh, *entry.words.lower().split()}
        if wanted in names:
            ranks[0].append(entry)
        elif any(wanted in name for name in names):
            ranks[1].append(entry)
        elif wanted in entry.typed or wanted in line(entry).function:
            ranks[2].append(entry)
    return [line(entry) for rank in ranks for entry in rank]


@cache
def line(entry: Entry) -> Line:
    """The line of an entry, its derivative and domain computed."""
    from chainrule.explanation.domain import domain_to_say  # late: `chainrule table --help` needs no rules
    from chainrule.formula.formula import parse
    from chainrule.formula.text import text
    from chainrule.formula.textbook import textbook
    from chainrule.rules.symbolic import derivative_expression

    formula = parse(entry.typed).expression
    condition = domain_to_say(formula)
    said = "" if condition is None else text(condition)
    computed = Phrase(said, said.replace(" and ", " 且 ").replace(" or ", " 或 ")) if said else EVERYWHERE
    derivative = text(textbook(derivative_expression(formula, "x")))
    return Line(entry.name, entry.written or text(formula), derivative, entry.domain or computed)
