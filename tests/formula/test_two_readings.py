"""No formula is silently read as something else than what was meant: it is read right, with a note, or refused."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
from formula_trees import NAMES, UndefinedError, close, digits, trees
from hypothesis import given, settings

from chainrule.errors import FormulaError
from chainrule.formula.expression import Constant, Symbol, call, evaluate, free_symbols
from chainrule.formula.formula import parse
from chainrule.formula.parser import read
from chainrule.formula.text import text

POINT = {name: 0.11 + 0.025 * place for place, name in enumerate("abcdfghijkmnpqrstuvwxyzEGTθωαμ")} | {
    "x1": 1.3, "x2": 0.6, "x_1": 1.7, "x_2": 0.8, "xy": 2.3, "bc": 1.9, "ac": 0.3, "mc": 0.7, "x3": 1.1, "e2": 0.9,
    "ex": 0.2, "kt": 0.4, "cost": 1.6, "lnp": 0.45, "since": 2.5, "minutes": 3.5, "loss": 0.55, "rate": 1.15,
    "dy": 1.05, "dx": 0.35, "ωt": 0.75, "maxx": 0.25, "aij": 0.15, "sine": 0.1, "model": 0.2, "theta": 0.3,
    "速度": 0.5, "order": 2.2, "Max": 2.1, "sinab": 1.05, "xmin": 0.95, "x2y": 1.25, "logit": 1.35, "pi2": 1.45,
}  # fmt: skip

READ = {
    # as a textbook means it: no note
    "sin^2x": "np.sin(x)**2", "sin^2 x^2": "np.sin(x**2)**2", "sin⁻¹x": "np.arcsin(x)", "sin x^2": "np.sin(x**2)",
    "2^-x": "2**-x", "-x^2": "-(x**2)", "2^3^2": "512", "-2^2": "-4", "x²³": "x**23", "x⁻¹": "1/x", "x²y": "x**2*y",
    "e²x": "np.exp(2)*x", "2e^x": "2*np.exp(x)", "3x^2": "3*x**2", "x^2/2": "x**2/2", "x^3/6": "x**3/6",
    "x^2 y": "x**2*y", "1/2 x": "x/2", "4/3 π r^3": "4/3*np.pi*r**3", "(1/2)x": "x/2", "1/(2x)": "1/(2*x)",
    "a/b/c": "a/b/c", "a/b·c": "a/b*c", "1/√(2π) e^(-x²/2)": "1/np.sqrt(2*np.pi)*np.exp(-x**2/2)",
    "e^x/x": "np.exp(x)/x", "sin x/x": "np.sin(x)/x", "sin x / 2": "np.sin(x)/2",
    "ln x/ln 2": "np.log(x)/np.log(2)", "sin(x)/2": "np.sin(x)/2", "sin(x)^2": "np.sin(x)**2",
    "sin 2πx": "np.sin(2*np.pi*x)", "e^x sin x": "np.exp(x)*np.sin(x)", "e^x(x+1)": "np.exp(x)*(x+1)",
    "x^2(x+1)": "x**2*(x+1)", "x^2sin x": "x**2*np.sin(x)", "√x+1": "np.sqrt(x)+1",
    "√2 sin x": "np.sqrt(2)*np.sin(x)", "√2 x": "np.sqrt(2)*x", "|x||y|": "abs(x)*abs(y)",
    "|x|+|y|": "abs(x)+abs(y)", "||x|-|y||": "abs(abs(x)-abs(y))", "log_2(8)x": "3*x", "log₂x": "np.log2(x)",
    "log₂8x": "np.log2(8*x)", "log₁₀x": "np.log10(x)", "log2 x": "np.log2(x)", "2e3": "2000", "1E5": "1e5",
    "1e5x": "1e5*x", "007": "7", "1.": "1", ".5x": "x/2", "5e-324": "5e-324", "0e-400": "0", "x₁x₂": "x1*x2",
    "x₁^2": "x1**2", "x₁y": "x1*y", "aᵢⱼ": "aij", "ｘ＿１": "x_1", "ｘ１": "x1", "x y": "x*y", "x\u00a0y": "x*y",
    "x\ty": "x*y", "x\n+ y": "x+y", "x +\ny": "x+y", "（ｘ＋１）＾２": "(x+1)**2", "x∶y": "x/y", "x÷y": "x/y",
    "mod(7, 4)": "3", "5 mod 3": "2", "5 % 3": "2", "(x>0)y": "y", "{x if x>0, 0 otherwise}": "x",
    "where(0<x<1,x,0)": "x", "since": "since", "minutes": "minutes", "loss·rate": "loss*rate", "order": "order",
    "model": "model", "theta": "theta", "Max": "Max", "Max·x": "Max*x", "xmin + x": "xmin + x", "2速度": "2*速度",
    "logit + 1": "logit + 1", "sin 2√x": "np.sin(2*np.sqrt(x))", "exp -x": "np.exp(-x)", "sin-x": "np.sin(-x)",
    "x(x+1)": "x*(x+1)", "2(3)": "6", "x--1": "x+1", "E": "E", "a sin x": "a*np.sin(x)", "x^-1": "1/x", "0x": "0",
    "f·x": "f*x",
}  # fmt: skip
NOTED = {
    # text: (its meaning, what the note must say)
    "e^2x": ("np.exp(2)*x", "read as e²·x; for e^(2x) write brackets"),
    "1/2x": ("x/2", "read as (1/2)·x; for 1/(2x) write brackets"),
    "x^1/2": ("x/2", "read as x¹/2; for x^(1/2) write brackets"),
    "x^-1/2": ("1/x/2", "for x^(−1/2)"),
    "8^1/3": ("8/3", "for 8^(1/3)"),
    "x^2/3": ("x**2/3", "for x^(2/3)"),
    "x^1/n": ("x/n", "for x^(1/n)"),
    "1/2π": ("np.pi/2", "for 1/(2π)"),
    "1/2x y": ("x*y/2", "read as (1/2)·x·y; for 1/(2x·y) write brackets"),
    "a/b c": ("a/b*c", "for a/(b·c)"),
    "x/2(y+1)": ("x/2*(y+1)", "for x/(2·(y + 1))"),
    "6/2(1+2)": ("9", "for 6/(2·(1 + 2))"),
    "1/2sin x": ("np.sin(x)/2", "for 1/(2·sin(x))"),
    "1/x²y": ("y/x**2", "for 1/(x²·y)"),
    "x mod 2y": ("(x%2)*y", "for x mod (2y)"),
    "x // 2y": ("(x//2)*y", "for x // (2y)"),
    "x + 5 mod 3": ("x+2", "read as x + (5 mod 3); for (x + 5) mod 3 write brackets"),
    "2^2x": ("4*x", "for 2^(2x)"),
    "e^-2x": ("np.exp(-2)*x", "for e^(−2x)"),
    "e^2πx": ("np.exp(2)*np.pi*x", "for e^(2π·x)"),
    "e^2(x+1)": ("np.exp(2)*(x+1)", "for e^(2·(x + 1))"),
    "e^k t": ("np.exp(k)*t", "for e^(k·t)"),
    "x^2y": ("x**2*y", "for x^(2y)"),
    "e^-x/2": ("np.exp(-x)/2", "for e^(−x/2)"),
    "e^-x^2/2": ("np.exp(-x**2)/2", "for e^(−x²/2)"),
    "√2x": ("np.sqrt(2)*x", "for √(2x)"),
    "√2π": ("np.sqrt(2)*np.pi", "for √(2π)"),
    "∛x y": ("np.cbrt(x)*y", "for ∛(x·y)"),
    "sin x/2": ("np.sin(x)/2", "for sin(x/2)"),
    "sin π/2": ("np.sin(np.pi)/2", "for sin(π/2)"),
    "sin²x/2": ("np.sin(x)**2/2", "for sin²(x/2)"),
    "sin⁻¹ x/2": ("np.arcsin(x)/2", "for arcsin(x/2)"),
    "sin x y": ("np.sin(x*y)", "for sin(x)·y"),
    "arcsin x y": ("np.arcsin(x*y)", "for arcsin(x)·y"),
    "sin x √y": ("np.sin(x*np.sqrt(y))", "for sin(x)·√y"),
    "sin x e^y": ("np.sin(x*np.exp(y))", "for sin(x)·eʸ"),
    "exp2 x": ("2**x", "for e^(2x)"),
    "sinab": ("sinab", "for the function write sin(a·b)"),
    "sin (x+1)^2": ("np.sin(x+1)**2", "for sin((x + 1)²)"),
    "a/bc": ("a/bc", "for a product write b·c"),
    "b^2-4ac": ("b**2-4*ac", "for a product write a·c"),
    "mc^2": ("mc**2", "for a product write m·c"),
    "sin ωt": ("np.sin(ωt)", "for a product write ω·t"),
    "ex": ("ex", "for a product write e·x"),
    "x2y": ("x2y", "for a product write x2·y"),
    "e2": ("e2", "for a power write e^2"),
    "pi2": ("pi2", "for a power write pi^2"),
    "2x3": ("2*x3", "for a power write x^3"),
    "x3 + x": ("x3 + x", "for a power write x^3"),
    "cost": ("cost", "for the function write cos(t)"),
    "lnp": ("lnp", "for the function write ln(p)"),
    "maxx": ("maxx", "for the function write max(x)"),
    "2e": ("2*np.e", "for a power of ten write 2e5"),
    "3e-x": ("3*np.e-x", "for a power of ten write 3e5"),
    "2E": ("2*E", "for a power of ten write 2e5"),
    "12345678901234567890": ("12345678901234567890.0", "more digits than a float keeps"),
    "9007199254740993": ("9007199254740992.0", "more digits than a float keeps"),
    "3.14159265358979323846x": ("np.pi*x", "more digits than a float keeps"),
    "3e-324": ("5e-324", "more digits than a float keeps"),
    "5%3": ("2", "for percent write /100"),
    "50% x": ("50 % x", "for percent write /100"),
    "|x|y|z|": ("x*y*z", "nearest"),
    "max(1,5)": ("5", "a decimal point is written as in 1.5"),
    "f(x)": ("f*x", "f is a variable here"),
    "y(x)": ("y*x", "y is a variable here"),
    "2i": ("2*i", "real numbers only"),
    "x₁ + x_1": ("x1 + x_1", "two variables"),
    "dy/dx": ("dy/dx", "quotient of two variables"),
}  # fmt: skip

REFUSED = [
    # text, column, what to write
    ("5mod3", 1, "write mod 3"), ("x mody", 2, "write mod y"), ("xmod3", 0, "write x mod 3"),
    ("x>0 andy>0", 4, "write and y"), ("{1 if notx>0, 0 otherwise}", 6, "write not x"), ("0x10", 0, "write 16"),
    ("0b11", 0, "write 3"), ("0o17", 0, "write 15"), ("1_000", 1, "write 1000"), ("1'000", 1, "write 1000"),
    ("1 000", 2, "next to each other"), ("1,5", 1, "a decimal point is written as in 1.5"),
    ("1.5.2", 3, "one decimal point"), (".5.", 2, "one decimal point"), ("1..2", 2, "one decimal point"),
    ("1e", 0, "write 1e5"), ("1e+", 0, "write 1e5"), ("1e+x", 0, "write 1e5"), ("1E", 0, "write 1e5"),
    ("1e5e2", 0, "write 1e5·e"), ("1e-400", 0, "too small"), ("x + 1e400", 4, "too large"),
    ("x\ny", 2, "line break"), ("x\r\n2y", 3, "operator is missing"), ("2x\u2028(x+1)", 3, "line break"),
    ("arc sin x", 0, "write arcsin"), ("arc tan x", 0, "write arctan"), ("ar sinh x", 0, "write arsinh"),
    ("x and y", 0, "takes conditions"), ("x or y>0", 0, "takes conditions"), ("not x", 4, "takes conditions"),
    ("x>0 and y", 8, "takes conditions"), ("logical_and(x, y)", 12, "takes conditions"),
    ("where(x, 1, 0)", 6, "x ≠ 0"), ("{x if x, 0 otherwise}", 6, "x ≠ 0"), ("x>0", 1, "where(x > 0, 1, 0)"),
    ("x<1<2", 1, "where(x > 0, 1, 0)"), ("True", 0, "condition"), ("x=>1", 1, "write >="), ("x=<1", 1, "write <="),
    ("x<>1", 1, "write !="), ("xlnx", 0, "write x·ln(x)"), ("2xsinx", 1, "write x·sin(x)"),
    ("xe^x", 0, "write x·e^…"), ("2te^-t", 1, "write t·e^…"), ("xeˣ", 0, "write x·e^…"),
    ("xsin x", 0, "write x·sin"), ("xsin(x)", 0, "write x·sin(…)"), ("xsin^2x", 0, "write x·sin^…"),
    ("e^xsin x", 2, "write x·sin"), ("sinxcosx", 0, "write sin(x)·cos(x)"), ("lnsinx", 0, "write ln(sin(x))"),
    ("cosx sinx", 0, "write cos(x)"), ("sinx^2", 0, "write sin(x)"), ("ln2x", 0, "write ln(2x)"),
    ("lnxy", 0, "write ln(x·y)"), ("expx", 0, "write exp(x)"), ("sin2alpha", 0, "write sin(2alpha)"),
    ("cos3n", 0, "write cos(3n)"), ("cos2πx", 0, "write cos(2πx)"), ("log2x", 0, "write log2(x) or log(2x)"),
    ("log_2x", 0, "write log_2(x)"), ("sinωt", 0, "write sin(ω·t)"), ("sin2pix", 0, "write sin(2pi·x)"),
    ("absx", 0, "write abs(x)"), ("thx", 0, "write th(x)"), ("2pix", 1, "write pi·x"), ("xpi", 0, "write x·pi"),
    ("2pir", 1, "write pi·r"), ("x1x2", 0, "write x1·x2"), ("x_1x_2", 0, "write x_1·x_2"),
    ("x1e5", 0, "write x1·e5"), ("sin", 0, "write sin(x)"), ("sin + 1", 0, "write sin(x)"),
    ("sin - 1", 0, "write sin(x)"), ("arctan", 0, "write arctan(x)"), ("sin-1 x", 3, "write sin^-1(x) or sin(-x)"),
    ("tan−1(x)", 3, "write tan^-1(x)"), ("max x y", 0, "write max(x, y)"), ("√x^2", 2, "write √(x^2)"),
    ("√-x", 1, "write √(…)"), ("²x", 0, "before the raised part"), ("lim x", 0, "a limit"), ("√²x", 1, "write √(…)"),
    ("Sin x", 0, "sin(…)"), ("SIN(x)", 0, "sin(…)"), ("Pi x", 0, "write pi"), ("2PI", 1, "write pi"),
    ("NaN", 0, "write nan"), ("true", 0, "write True"), ("ld x", 0, "write log2"), ("cosec x", 0, "write csc"),
    ("7x div 2", 3, "write x // y"), ("x over y", 2, "write x/y"), ("сos x", 0, "write cos"), ("xー1", 0, "write -"),
    ("x一1", 0, "write -"), ("x—1", 1, "write -"), ("x！", 1, "factorials"),
    ("f'", 1, "derivative"), ("x′", 1, "derivative"), ("∫x", 0, "what is differentiated"),
    ("x^{2", 2, "never closed"), ("\\foo x", 0, "LaTeX"), ("\\int x", 0, "an integral is not read"),
    ("x→0", 1, "right side"), ("x ± 1", 2, "two formulas"), ("2½x", 1, "a sum or a product"), ("x₂₊", 2, "plain"),
    ("2₃", 1, "end of a name"), ("₂x", 0, "end of a name"), ("١٢", 0, "unexpected"), ("x。", 1, "decimal point"),
    ("1٫5", 1, "decimal point"), ("x\u200by", 1, "invisible"), ("x if x>0 else 0", 9, "otherwise"),
    ("lambda·x", 0, "write λ"), ("x⁻", 2, "not finished"), ("⁻x", 0, "before the raised part"),
    ("Ｓｉｎ ｘ", 0, "sin(…)"), ("x；y", 1, "one expression"),
]  # fmt: skip


@pytest.mark.parametrize("typed", READ)
def test_what_has_one_meaning_is_read_without_a_note(typed: str) -> None:
    formula = parse(typed)
    assert _value(formula) == pytest.approx(_python(READ[typed]), rel=1e-12)
    assert formula.notes == ()


@pytest.mark.parametrize("typed", NOTED)
def test_what_could_mean_something_else_is_read_with_a_note(typed: str) -> None:
    formula = parse(typed)
    meaning, said = NOTED[typed]
    assert _value(formula) == pytest.approx(_python(meaning), rel=1e-12)
    assert any(said in note.english for note in formula.notes), formula.notes
    assert all(0 <= note.column < len(typed) for note in formula.notes)


@pytest.mark.parametrize(("typed", "column", "remedy"), REFUSED, ids=[repr(row[0]) for row in REFUSED])
def test_what_would_mislead_is_refused_at_its_place_with_what_to_write(typed: str, column: int, remedy: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(typed)
    assert remedy in caught.value.reason
    assert caught.value.column == column


@pytest.mark.parametrize("typed", NOTED)
def test_a_note_names_two_formulas_that_differ_and_need_no_note(typed: str) -> None:
    formula = parse(typed)
    for note in formula.notes:
        found = re.fullmatch("read as (.+); for (.+) write brackets", note.english)
        if found:
            first, second = (parse(part) for part in found.groups())
            assert first.notes == second.notes == ()
            assert _value(first) == pytest.approx(_value(formula), rel=1e-12)
            assert second.expression != first.expression


@pytest.mark.parametrize("typed", NOTED)
def test_every_note_is_said_in_chinese_with_the_same_formulas(typed: str) -> None:
    for note in parse(typed).notes:
        assert re.search("[一-鿿]", note.say("zh"))
        assert not re.search("[一-鿿]", note.say("en"))
        found = re.fullmatch("read as (.+); for (.+) write brackets", note.english)
        assert found is None or note.chinese == f"读作 {found[1]}；若要 {found[2]}，请加括号"


REMEDIES = [
    (typed, remedy)
    for typed, _, advice in REFUSED
    if re.fullmatch(r"write [^…]*[(·][^…]*", advice) and not advice.endswith("sin")
    for remedy in advice.removeprefix("write ").split(" or ")
]


@pytest.mark.parametrize(("typed", "remedy"), REMEDIES)
def test_what_is_to_be_written_instead_can_be_read_and_has_the_same_letters(typed: str, remedy: str) -> None:
    assert len(REMEDIES) > 30
    assert parse(remedy)(*[0.5] * len(parse(remedy).variables)) is not None


@pytest.mark.parametrize("typed", [*READ, *NOTED])
@pytest.mark.parametrize("style", ["math", "python"])
def test_a_formula_is_printed_so_that_it_reads_back_without_a_new_note(typed: str, style: str) -> None:
    formula = parse(typed)
    again = parse(formula.text(style))  # type: ignore[arg-type]
    assert _value(again) == pytest.approx(_value(formula), rel=1e-12)
    new = {note.english for note in again.notes} - {note.english for note in formula.notes}
    assert new == set()


@settings(max_examples=250, deadline=None, derandomize=True)
@given(trees())
def test_a_printed_formula_needs_no_note(formula) -> None:  # type: ignore[no-untyped-def]
    for style in ("math", "python"):
        assert read(text(formula, style))[1] == (), text(formula, style)  # type: ignore[arg-type]


# ---- formulas as people write them ---------------------------------------------------------------


def test_what_people_leave_out_never_changes_a_formula_silently() -> None:
    """Random formulas, written with signs, brackets and spaces left out as students do: the same function is read, or
    there is a note or an error. The writer below and NumPy's evaluation share nothing with the parser."""
    source = random.Random(7)
    read_right = refused = noted = 0
    for _ in range(1500):
        tree, typed = _Student(source).formula()
        verdict = _verdict(tree, typed)
        assert verdict != "silently another", typed
        read_right += verdict == "the same"
        noted += verdict == "noted"
        refused += verdict == "refused"
    assert min(read_right, noted, refused) > 80, (read_right, noted, refused)


def test_signs_left_out_where_the_rules_allow_it_change_nothing() -> None:
    source = random.Random(11)
    for _ in range(800):
        tree, typed = _Student(source, careful=True).formula()
        assert _verdict(tree, typed) in ("the same", "noted, the same"), typed


def _verdict(tree, typed: str) -> str:  # type: ignore[no-untyped-def]
    try:
        expression, notes = read(typed)
    except FormulaError:
        return "refused"
    same = set(free_symbols(expression)) <= set(POINT) and _agree(tree, expression)
    if notes:
        return "noted, the same" if same else "noted"
    return "the same" if same else "silently another"


def _agree(one, two) -> bool:  # type: ignore[no-untyped-def]
    source = np.random.default_rng(5)
    for _ in range(3):
        point = POINT | {name: source.uniform(0.2, 2.0) for name in "abxytnθ"}
        with np.errstate(all="ignore"):
            first, second = float(evaluate(one, point)), float(evaluate(two, point))
        if np.isfinite(first) and abs(first) < 1e12 and not abs(first - second) <= 1e-7 * max(1.0, abs(first)):
            return False
    return True


class _Student:
    """Writes a random formula as a tree and as a text. A careful one leaves out multiplication signs only, and only
    where the rules of precedence give the same formula; the others leave out brackets within products as well."""

    FUNCTIONS = (("sin", np.sin), ("cos", np.cos), ("exp", np.exp), ("ln", np.log), ("tan", np.tan))

    def __init__(self, source: random.Random, careful: bool = False) -> None:
        self.source, self.careful = source, careful

    def formula(self):  # type: ignore[no-untyped-def]
        terms = [self.term() for _ in range(self.source.choice((1, 1, 2)))]
        tree, typed = terms[0]
        for other, written in terms[1:]:
            sign, function = self.source.choice((("+", np.add), ("-", np.subtract)))
            space = self.source.choice(("", " "))
            tree, typed = call(function, tree, other), f"{typed}{space}{sign}{space}{written}"
        return tree, typed

    def number(self):  # type: ignore[no-untyped-def]
        value = self.source.choice((2, 3, 4, 5, 0.5))
        return Constant(value), f"{value}"

    def name(self):  # type: ignore[no-untyped-def]
        name = self.source.choice("xxyytabnθ")
        return Symbol(name), name

    def atom(self):  # type: ignore[no-untyped-def]
        return self.number() if self.source.random() < 0.35 else self.name()

    def group(self):  # type: ignore[no-untyped-def]
        tree, typed = self.name()
        number, written = self.number()
        return tree + number, f"({typed}+{written})"

    def product(self):  # type: ignore[no-untyped-def]
        """2x or x y, without brackets around it."""
        (one, first), (two, second) = self.source.choice((self.number, self.name))(), self.name()
        return one * two, f"{first}{second}" if isinstance(one, Constant) else f"{first} {second}"

    def fraction(self, place: str):  # type: ignore[no-untyped-def]
        """x/2 or 2/3, without brackets around it: as the exponent, what would look like the exponent of a root."""
        if place == "exponent" or self.source.random() < 0.5:
            one, two = self.source.choice(((1, 2), (2, 3), (3, 4), (5, 2)))
            return call(np.divide, Constant(one), Constant(two)), f"{one}/{two}"
        (one, first), (two, second) = self.name(), self.number()
        return call(np.divide, one, two), f"{first}/{second}"

    def inside(self, place: str):  # type: ignore[no-untyped-def]
        """What stands below a slash or a root, in an exponent or as an argument: an atom, or a product or fraction
        whose brackets a careful student keeps. a/b/c and √2/2 are read from left to right by everybody."""
        kind = self.source.random()
        if kind < 0.5:
            return self.atom()
        fraction = kind > 0.8 and place in ("exponent", "argument")
        tree, typed = self.fraction(place) if fraction else self.product()
        keep = self.careful or self.source.random() < 0.3
        return tree, f"({typed})" if keep else typed

    def factor(self):  # type: ignore[no-untyped-def]
        kind = self.source.random()
        if kind < 0.35:
            return self.name()
        if kind < 0.5:
            return self.group()
        if kind < 0.7:
            base, foot = self.name() if self.source.random() < 0.5 else (None, "e")
            exponent, raised = self.inside("exponent")
            return (np.exp(exponent) if base is None else call(np.power, base, exponent)), f"{foot}^{raised}"
        if kind < 0.8:
            tree, typed = self.inside("root")
            return np.sqrt(tree), f"√{typed}"
        name, function = self.source.choice(self.FUNCTIONS)
        tree, typed = self.inside("argument")
        if typed.startswith("(") or self.careful:
            return call(function, tree), f"{name}{typed}" if typed.startswith("(") else f"{name}({typed})"
        return call(function, tree), f"{name} {typed}" if self.source.random() < 0.8 else f"{name}{typed}"

    def term(self):  # type: ignore[no-untyped-def]
        tree, typed = self.number() if self.source.random() < 0.4 else self.factor()
        glued = False
        for _ in range(self.source.choice((0, 1, 1, 2))):
            if self.source.random() < 0.3:
                other, written = self.inside("divisor")
                tree, typed, glued = call(np.divide, tree, other), f"{typed}/{written}", False
                continue
            other, written = self.factor()
            sign = self.source.choice(("", "", " ", "·", "*"))
            if re.search("[a-z] ?[0-9.]+$", typed):  # sin 2 x is sin(2x) for everybody
                sign = "·"
            if sign == "" and typed[-1].isalpha() and written[0].isalpha():
                if glued or written[1:2].isalpha() or self.careful:  # sinxcosx in two, but no longer runs of letters
                    sign = " "
                glued = True
            tree, typed = tree * other, f"{typed}{sign}{written}"
        return tree, typed


def _value(formula) -> float:  # type: ignore[no-untyped-def]
    return float(evaluate(formula.expression, POINT))


def _python(formula: str) -> float:
    return float(eval(formula, {"np": np, "abs": abs} | POINT))  # the test's own formulas


# ---- names in other spellings --------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["x₁^2", "x1^2", "x_1^2", "ｘ₁^2", "ｘ＿１^2"])
@pytest.mark.parametrize("name", ["x₁", "x1", "x_1", "ｘ１", "ｘ_１"])
def test_a_variable_is_found_in_every_spelling(typed: str, name: str) -> None:
    formula = parse(typed)
    assert formula.variable(name) == formula.variables[0]
    assert formula(**{name: 3.0}) == 9.0


def test_an_accent_typed_in_two_ways_is_one_variable() -> None:
    assert len(parse("e\u0301 + é").variables) == 1


def test_two_names_that_differ_by_the_index_sign_only_are_both_found() -> None:
    assert parse("x1 + 2x_1")(x1=1.0, x_1=2.0) == 5.0


def test_letters_of_two_alphabets_that_look_alike_are_told_apart() -> None:
    assert "alike" in parse("х·x").notes[0].english  # the first is Cyrillic


@settings(max_examples=150, deadline=None, derandomize=True)
@given(trees(whole=False))
def test_a_noted_formula_prints_to_the_same_function(formula) -> None:  # type: ignore[no-untyped-def]
    again = read(text(read(text(formula))[0]))[0]
    point = {name: 0.3 + 0.2 * place for place, name in enumerate(NAMES)}
    try:
        before, check = digits(formula, point), digits(formula, point, 90)
    except UndefinedError:
        return
    if close(before, check):
        assert close(before, digits(again, point))


def test_the_caret_stands_under_the_fault_after_a_tab_or_a_line_break() -> None:
    for typed in ("x +\t* y", "x +\n* y", "x\t+\r\n* y"):
        with pytest.raises(FormulaError) as caught:
            parse(typed)
        *_, formula, caret = str(caught.value).splitlines()
        assert formula[len(caret) - 1] == "*"
