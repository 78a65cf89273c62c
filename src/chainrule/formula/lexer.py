"""Cut a typed formula into tokens, and make the signs explicit that people leave out.

Left out are multiplication signs (2x, (x + 1)(x − 1)) and the parentheses of functions (sin 2x). The grammar
of :mod:`chainrule.formula.parser` sees a JOIN token between such factors and parentheses around such
arguments, and so stays a plain one. Columns always count the characters of the text as it was typed, also
where one of them (ﬁ, ², full-width letters) stands for others.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from chainrule.formula import names
from chainrule.formula.faults import Fault
from chainrule.formula.latex_input import Typed, typed_from_latex
from chainrule.formula.notes import Note
from chainrule.formula.numbers import WrongNumberError, digits_lost, number_value
from chainrule.formula.text import SUPERSCRIPTS

LONGEST_TEXT = 10_000
LONGEST_NUMBER = 60
DEEPEST_NESTING = 100


class Token(NamedTuple):
    """A piece of the formula: what it is, its characters, and the column of the first of them.

    `before` and `after` are the white space around it: "", " ", or "\\n" where it holds a line break. The value of a
    JOIN is the type of the token that follows it; an OPEN that was not typed, before a bare argument, has the value "".
    """

    type: str
    value: str
    column: int
    before: str = ""
    after: str = ""

    @property
    def glued(self) -> bool:
        """Whether there is no white space on either side."""
        return not self.before and not self.after


def tokens(
    text: str,
    functions: Collection[str],
    notes: list[Note] | None = None,
    parameters: list[str] | None = None,
) -> list[Token]:
    """The tokens of `text`, the names of functions told from those of variables.

    To `notes` is added what is to be said of names and numbers that can be read in two ways. Where `parameters` are
    asked for, the left side of `y = …` and of `f(x, y) = …` is left out, and the names in brackets are added to them.

    >>> [token.type for token in tokens("2 sin x", {"sin"})]
    ['NUMBER', 'JOIN', 'FUNCTION', 'OPEN', 'NAME', 'CLOSE', 'END']

    Raises Fault.
    """
    if len(text) > LONGEST_TEXT:
        raise Fault(
            LONGEST_TEXT, f"a formula has at most {LONGEST_TEXT:,} characters, and this one has {len(text):,}"
        )
    typed = typed_from_latex(text, functions) or [(letter, column) for column, letter in enumerate(text)]
    pieces = _Cutter(_characters(typed, len(text)), functions).cut(len(text))
    if parameters is not None:
        pieces, named = _right_side(pieces, text)
        parameters.extend(named)
    found = _with_left_out_signs(pieces)
    if notes is not None:
        notes.extend(_notes(pieces))
    return found


def _right_side(pieces: list[Token], text: str) -> tuple[list[Token], list[str]]:
    """What stands on the right of `y = …` or `f(x, y) = …`, and the names in the brackets.

    Only where the name on the left is not on the right as well: y = y·x is an equation.
    """
    if pieces[0].type != "NAME":
        return pieces, []
    end, named = 1, list[str]()
    if pieces[1].type == "OPEN" and not pieces[1].before:
        end = next((place for place, piece in enumerate(pieces) if piece.type == "CLOSE"), 0) + 1
        inside = pieces[2 : end - 1]
        named = [piece.value for piece in inside[::2] if piece.type == "NAME"]
        commas = all(piece.type == "COMMA" for piece in inside[1::2])
        if not commas or not named or len(set(named)) < len(inside[::2]):
            return pieces, []
    sign, right = pieces[end], pieces[end + 1 :]
    equals = sign.value == "==" and re.match("[=＝](?![=＝])", text[sign.column :]) is not None
    asks = any(piece.value == pieces[0].value or piece.type == "COMPARE" for piece in right)
    if not equals or asks or not (named or any(piece.type == "NAME" for piece in right)):
        return pieces, []
    return [right[0]._replace(before=""), *right[1:]], named


# ---- characters: one kind of each ----------------------------------------------------------------

_PLAIN = {
    **dict.fromkeys("−–‐‑﹣", "-"),
    **dict.fromkeys("·⋅•∙×✕∗・", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("，、､", ","),
    "∧": "&",
    "＆": "&",
    "∶": "/",
    "【": "[",
    "】": "]",
    "〔": "[",
    "〕": "]",
}
_RAISED = {
    raised: chr(plain) for plain, raised in ((plain, chr(raised)) for plain, raised in SUPERSCRIPTS.items())
}
_RAISED |= {"⁽": "(", "⁾": ")", "⁻": "-", "⁺": "+", "ᐧ": "*", "ⁿ": "n"}
_MISLEADING = (
    "<super>",
    "<fraction>",
    "<circle>",
    "<square>",
)  # their plain forms would mean something else: 2½
_RAISE, _LOWER = "\x01", "\x02"  # stand before and after a run of raised characters


class _Character(NamedTuple):
    value: str
    column: int
    lowered: bool = False


def _characters(text: Sequence[Typed], end: int) -> list[_Character]:
    """The characters in their plain forms, a run of raised ones between two markers; ½ as (1/2)."""
    characters: list[_Character] = []
    raised = False
    for typed, column in text:
        if (typed in _RAISED) != raised:
            characters.append(_Character(_LOWER if raised else _RAISE, column))
            raised = not raised
        if raised:
            characters.append(_Character(_RAISED[typed], column))
            continue
        folded = unicodedata.normalize("NFKC", typed)
        decomposition = unicodedata.decomposition(typed)
        if decomposition.startswith("<fraction>") and folded[-1].isdigit():
            if characters and characters[-1].value.isdigit():
                raise Fault(column, f"a number before {typed} could mean a sum or a product: write + or * between them")
            folded = f"({folded})"
            decomposition = ""
        lowered = decomposition.startswith("<sub>")
        lowered_sign = lowered and not folded.isalnum()
        if lowered_sign or (typed not in _PLAIN and decomposition.startswith(_MISLEADING)):
            raise Fault(column, f"unexpected character {typed!r}: write it with plain letters and digits")
        if unicodedata.category(typed).startswith("C") and not typed.isspace():
            raise Fault(column, f"unexpected character {typed!r}: it is invisible, so take it out")
        plains = _PLAIN.get(typed, folded)
        characters.extend(_Character(_PLAIN.get(plain, plain), column, lowered) for plain in plains)
    if raised:
        characters.append(_Character(_LOWER, end))
    return characters


# ---- pieces: names, numbers, operators, matched brackets -----------------------------------------

_OPERATORS = {
    "**": "POWER", "^": "POWER", "+": "PLUS", "-": "MINUS", "*": "TIMES", "//": "FLOOR_DIVIDE",
    "/": "DIVIDE", "%": "MOD", "@": "MATMUL", ",": "COMMA", "<=": "COMPARE", ">=": "COMPARE",
    "==": "COMPARE", "!=": "COMPARE", "<": "COMPARE", ">": "COMPARE", "=": "COMPARE", "≤": "COMPARE",
    "≥": "COMPARE", "≠": "COMPARE", "≦": "COMPARE", "≧": "COMPARE", "⩽": "COMPARE", "⩾": "COMPARE",
    "√": "ROOT", "∛": "ROOT", "∜": "ROOT", "°": "DEGREE", "&&": "AND", "&": "AND", "∨": "OR", "¬": "NOT",
}  # fmt: skip
_MISSPELT = {"=>": ">=", "=<": "<=", "<>": "!=", "><": "!=", "~=": "!=", "===": "="}
_SPELLINGS = {"=": "==", "≤": "<=", "≦": "<=", "⩽": "<=", "≥": ">=", "≧": ">=", "⩾": ">=", "≠": "!="}
_WORDS = {"and": "AND", "or": "OR", "not": "NOT", "mod": "MOD", "if": "IF", "otherwise": "OTHERWISE"}
_CONSTANTS = {
    "π": "pi", "pi": "pi", "e": "e", "τ": "tau", "tau": "tau", "inf": "inf", "∞": "inf", "nan": "nan",
    "True": "True", "False": "False",
}  # fmt: skip
_OPENING = {"(": "OPEN", "{": "CASES_OPEN", "⌊": "FLOOR_OPEN", "⌈": "CEIL_OPEN", _RAISE: "SUP_OPEN"}
_CLOSING = {")": "OPEN", "}": "CASES_OPEN", "⌋": "FLOOR_OPEN", "⌉": "CEIL_OPEN", _LOWER: "SUP_OPEN"}
_PARTNER = {"(": ")", "{": "}", "⌊": "⌋", "⌈": "⌉", "|": "|", _RAISE: "the end of the raised part"}
VALUE_ENDS = {
    "NUMBER",
    "NAME",
    "CONSTANT",
    "CLOSE",
    "BAR_CLOSE",
    "FLOOR_CLOSE",
    "CEIL_CLOSE",
    "CASES_CLOSE",
    "SUP_CLOSE",
    "DEGREE",
}
_NUMBER = re.compile(r"([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_ALONE = "πτ∞"  # never part of a longer name: 2πx is 2·π·x


class _Cutter:
    """Reads the characters from left to right and keeps the brackets that are open."""

    def __init__(self, characters: list[_Character], functions: Collection[str]) -> None:
        self.characters = characters
        self.plain = "".join(character.value for character in characters)
        self.functions = functions
        self.pieces: list[Token] = []
        self.spaces: list[str] = []  # the white space before each piece
        self.brackets: list[Token] = []

    def cut(self, end: int) -> list[Token]:
        position, space = 0, ""
        while position < len(self.plain):
            letter = self.plain[position]
            if letter.isspace():
                space = "\n" if space == "\n" or letter in _LINE_BREAKS else " "
                position += 1
                continue
            position = self.piece(position)
            self.spaces.append(space)
            space = ""
        if self.brackets:
            opening = self.brackets[-1]
            raise Fault(opening.column, f"'{opening.value}' is opened here and never closed")
        self.pieces.append(Token("END", "", end))
        befores = [*self.spaces, space]
        afters = [*befores[1:], ""]
        return [
            piece._replace(before=before, after=after)
            for piece, before, after in zip(self.pieces, befores, afters, strict=True)
        ]

    def piece(self, position: int) -> int:
        """Read the piece at `position` and return the position after it."""
        letter, column, lowered = self.characters[position]
        if lowered:
            raise Fault(column, _LOWERED)
        latex = letter == "{" and position and self.plain[position - 1] in "^_"
        if latex and "otherwise" not in self.plain[position:]:
            raise Fault(column, "these are LaTeX's braces: write round parentheses, as in x^(2)")
        if letter in _OPENING:
            self.open(Token(_OPENING[letter], letter, column))
            return position + 1
        if letter in _CLOSING:
            self.close(_CLOSING[letter], letter, column)
            return position + 1
        if letter == "|":
            self.bar(column)
            return position + 1
        number = _NUMBER.match(self.plain, position)
        if number:
            return self.number(number[0], position, column)
        if letter in _ALONE:
            self.pieces.append(Token("CONSTANT", _CONSTANTS[letter], column))
            return position + 1
        if letter.isidentifier() and letter != "_":
            return self.name(position, column)
        for wrong, right in _MISSPELT.items():
            if self.plain.startswith(wrong, position):
                raise Fault(column, f"'{wrong}' is no sign: write {right}")
        for length in (2, 1):
            operator = self.plain[position : position + length]
            if operator in _OPERATORS:
                self.pieces.append(Token(_OPERATORS[operator], _SPELLINGS.get(operator, operator), column))
                return position + length
        primed = letter == "'" and bool(self.pieces) and self.pieces[-1].type in VALUE_ENDS
        advice = _advice("′" if primed else letter)
        raise Fault(column, f"unexpected character {letter!r}{advice}")

    def open(self, opening: Token) -> None:
        if len(self.brackets) >= DEEPEST_NESTING:
            raise Fault(opening.column, f"the formula is nested deeper than {DEEPEST_NESTING} levels")
        self.brackets.append(opening)
        self.pieces.append(opening)

    def close(self, kind: str, letter: str, column: int) -> None:
        if not self.brackets:
            raise Fault(column, f"'{letter}' closes nothing: no bracket is open here")
        opening = self.brackets[-1]
        if opening.type != kind:
            if letter == _LOWER:
                raise Fault(opening.column, f"'{opening.value}' is opened here and never closed")
            raise Fault(
                opening.column,
                f"'{opening.value}' is opened here and closed by '{letter}' instead of "
                f"'{_PARTNER[opening.value]}'",
            )
        self.brackets.pop()
        self.pieces.append(Token(kind.replace("OPEN", "CLOSE"), letter, column))

    def bar(self, column: int) -> None:
        """A bar closes after a value when a bar is the innermost open bracket; otherwise it opens."""
        after_value = bool(self.pieces) and self.pieces[-1].type in VALUE_ENDS
        if after_value and self.brackets and self.brackets[-1].type == "BAR_OPEN":
            self.close("BAR_OPEN", "|", column)
        else:
            self.open(Token("BAR_OPEN", "|", column))

    def number(self, digits: str, position: int, column: int) -> int:
        end = position + len(digits)
        following = self.plain[end:]
        lowered = next((letter.column for letter in self.characters[position:end] if letter.lowered), None)
        if lowered is not None:
            raise Fault(lowered, _LOWERED)
        coded = _CODED.match(self.plain, position)
        if coded:
            raise Fault(
                column,
                f"{coded[0]} is how programs write a number: "
                f"write {int(coded[0], 0)}, or for a product 0·{coded[0][1:]}",
            )
        if len(digits) > LONGEST_NUMBER:
            raise Fault(
                column,
                f"the number is too long: {len(digits)} characters, and at most {LONGEST_NUMBER} are read",
            )
        try:
            number_value(digits)
        except WrongNumberError as error:
            raise Fault(column, str(error)) from None
        if following[:1] == "." or (self.pieces and self.pieces[-1].type == "NUMBER"):
            second = self.characters[end].column if following[:1] == "." else column
            remedy = "a number has one decimal point" if "." in digits else "put an operator between them"
            raise Fault(second, f"two numbers stand next to each other: {remedy}")
        grouped = _GROUPED.match(following)
        if grouped:
            whole = digits + re.sub("[^0-9]", "", grouped[0])
            raise Fault(self.characters[end].column, f"no sign stands between the digits of a number: write {whole}")
        powers = "e" in digits.lower()
        letter = following[:1]
        if letter in ("e", "E") and (powers or (float(digits) == 1 and _UNFINISHED.match(following))):
            advice = f"for a product write {digits}·{letter}"
            if not powers:
                advice = f"write {digits}e5 for a power of ten, or {letter} alone"
            raise Fault(column, f"the number {digits}{letter} is not finished: {advice}")
        self.pieces.append(Token("NUMBER", digits, column))
        return end

    def name(self, position: int, column: int) -> int:
        end = position + 1
        while (
            end < len(self.plain)
            and self.plain[end] not in _ALONE
            and ("a" + self.plain[end]).isidentifier()
            and not (self.characters[end - 1].lowered and not self.characters[end].lowered)  # x₁x₂ is x₁·x₂
        ):
            end += 1
        name = unicodedata.normalize("NFKC", self.plain[position:end])
        kind = self.kind(name, end, column)
        self.pieces.append(Token(kind, _CONSTANTS.get(name, name), column))
        return end

    def kind(self, name: str, end: int, column: int) -> str:
        """What a run of letters is: a known word, a constant, a function, or else one variable."""
        following = self.plain[end:]
        after_value = bool(self.pieces) and self.pieces[-1].type in VALUE_ENDS
        if name == "σ":  # a function right before a bracket, a variable elsewhere: x/σ
            return "FUNCTION" if following[:1] == "(" else "NAME"
        if name == "lim" or name.startswith("lim_"):
            raise Fault(column, "a limit is no formula: write the function itself")
        if name == "mod" and not after_value and following.lstrip()[:1] == "(":
            return "FUNCTION"
        if name in _WORDS:
            return _WORDS[name]
        if name in _CONSTANTS:
            return "CONSTANT"
        if name in self.functions or _LOGARITHM.fullmatch(name):
            return "FUNCTION"
        if "__" in name or name.endswith("_"):
            raise Fault(column, f"{name!r} is no name for a variable: use letters, and digits at the end")
        if name == "else":
            raise Fault(column, "cases are written {a if x > 0, b otherwise}, without else")
        if keyword.iskeyword(name):
            other = "λ" if name == "lambda" else "another one"
            raise Fault(column, f"{name!r} is a word of Python and no name in a formula: write {other}")
        reason = names.refusal(name, following, self.functions, after_value=after_value)
        if reason:
            raise Fault(column, reason)
        if self.plain[end : end + 1] == "(" and len(name.rstrip("0123456789").rstrip("_")) > 1:
            close = get_close_matches(name, self.functions, n=1, cutoff=0.7)
            advice = f"did you mean {close[0]}?" if close else f"for a product, write {name}*(…)"
            raise Fault(column, f"{name!r} is not a function that is known here; {advice}")
        return "NAME"


_LOGARITHM = re.compile(r"log(_?[0-9]+|_[^\W\d_]\w*)")  # log_3(x), log₃(x), log_b(x)
_LOWERED = "a lowered character stands only at the end of a name, as in x₁"
_CODED = re.compile(r"0(?:[xX][0-9a-fA-F]+|[bB][01]+|[oO][0-7]+)(?!\w)")
_GROUPED = re.compile(r"(?:_[0-9]+|['’][0-9]{3})+")
_UNFINISHED = re.compile(r"[eE](?![\w^\x01.]|\*\*)")
_LINE_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"

_ADVICE = {
    **dict.fromkeys("[]", "write round parentheses"),
    **dict.fromkeys("\"'`“”‘’", "a formula has no text in it"),
    **dict.fromkeys("′″", "a formula is the function itself: its derivative is what chainrule computes"),
    **dict.fromkeys("∂∫", "a formula is the function itself: write only what is differentiated"),
    ".": "a point stands only inside a number; multiplication is * or ·",
    **dict.fromkeys(":;", "a formula is one expression; division is /"),
    "~": "write not for “not”, and - for a minus sign",
    **dict.fromkeys("—―─", "for a minus sign write -"),
    "‰": "write /1000",
    "±": "write two formulas, one with + and one with -",
    "∓": "write two formulas, one with + and one with -",
    "∑": "write the terms out, or sum(x) for the sum of an array",
    "∏": "write the factors out",
    "\\": "it begins a command of LaTeX, such as \\sin or \\frac{a}{b}",
    **dict.fromkeys("→↦⟶", "write only the function, what stands on the right side"),
    **dict.fromkeys("≈≃≅", "for a comparison write = or <"),
    "。": "a decimal point is written as . and a formula ends without a point",
    "٫": "a decimal point is written as .",
    **dict.fromkeys("$€¥£#", "a formula is made of numbers, names and signs, without units"),
}  # fmt: skip


def _advice(letter: str) -> str:
    if letter == "!":
        return ": factorials are not differentiable; “not” is written not"
    return f": {_ADVICE[letter]}" if letter in _ADVICE else ""


# ---- signs that people leave out -----------------------------------------------------------------

_STARTS = {
    "NUMBER", "NAME", "CONSTANT", "FUNCTION", "ROOT", "OPEN", "BAR_OPEN", "FLOOR_OPEN", "CEIL_OPEN",
    "CASES_OPEN",
}  # fmt: skip
_GROUP_STARTS = {"OPEN", "BAR_OPEN", "FLOOR_OPEN", "CEIL_OPEN", "CASES_OPEN"}
_GROUP_ENDS = {"CLOSE", "BAR_CLOSE", "FLOOR_CLOSE", "CEIL_CLOSE", "CASES_CLOSE"}


class _Bare(NamedTuple):
    """A function's argument without parentheses: how many brackets are open around it, and its function."""

    depth: int
    function: Token


def _with_left_out_signs(pieces: list[Token]) -> list[Token]:
    """`pieces` with JOIN between factors that stand side by side, and parentheses around bare arguments.

    A bare argument goes on over powers and over numbers and names side by side, and ends before a + or −, an
    explicit sign of multiplication or division, or the next function: sin 2x cos x + 1 is sin(2x)·cos(x) + 1.
    """
    out: list[Token] = []
    bare: list[_Bare] = []
    heads: list[str] = []  # for each open bracket: what is expected after it closes
    head = ""  # after a function's name: "name", "exponent" (sin^…), "argument"; after ³ in ³√x: "index"; otherwise ""
    function = Token("END", "", 0)

    def close_bare(column: int) -> None:
        while bare and bare[-1].depth == len(heads):
            bare.pop()
            out.append(Token("CLOSE", ")", column))

    for position, piece in enumerate(pieces):
        kind = piece.type
        if head == "name" and kind in ("POWER", "SUP_OPEN"):
            head = "exponent" if kind == "POWER" else ""
            if kind == "SUP_OPEN":
                heads.append("argument")
            out.append(piece)
            continue
        if head == "exponent":
            out.append(piece)
            if kind in ("NUMBER", "NAME", "CONSTANT"):
                head = "argument"
            elif kind == "OPEN":
                heads.append("argument")
                head = ""
            elif kind not in ("MINUS", "PLUS"):
                raise Fault(piece.column, f"the power of {function.value} is missing here")
            continue
        begins_argument = head in ("name", "argument")
        of_root = head == "index" and kind == "ROOT"
        head = ""
        if begins_argument:
            if kind not in _STARTS and not (kind == "MINUS" and not piece.after):
                raise Fault(function.column, _needs_argument(function))
            if kind == "MINUS" and pieces[position + 1].value == "1" and pieces[position + 2].type in _STARTS:
                raise Fault(
                    piece.column,
                    f"{function.value}-1 could be the inverse or a minus sign in the argument: "
                    f"write {function.value}^-1(x) or {function.value}(-x)",
                )
            if kind != "OPEN":
                if len(bare) + len(heads) >= DEEPEST_NESTING:
                    raise Fault(piece.column, f"the formula is nested deeper than {DEEPEST_NESTING} levels")
                out.append(Token("OPEN", "", piece.column))
                bare.append(_Bare(len(heads), function))
        elif out and out[-1].type in VALUE_ENDS and not of_root:
            in_bare = bool(bare) and bare[-1].depth == len(heads)
            if kind in _STARTS:
                if kind == "NUMBER":
                    raise Fault(piece.column, f"an operator is missing before {piece.value}")
                if piece.before == "\n":
                    raise Fault(piece.column, "a line break does not multiply: write a sign between the lines")
                if kind == "FUNCTION" and out[-1].type == "NAME" and out[-1].value in ("arc", "arcus", "ar"):
                    raise Fault(
                        out[-1].column,
                        f"{out[-1].value!r} alone is read as a variable: write {out[-1].value[:3]}{piece.value}",
                    )
                if in_bare and kind == "FUNCTION":
                    close_bare(piece.column)
                elif in_bare and (kind in _GROUP_STARTS or out[-1].type in _GROUP_ENDS):
                    name = bare[-1].function.value
                    raise Fault(
                        piece.column, f"where the argument of {name} ends is not clear: write {name}(…)"
                    )
                out.append(Token("JOIN", kind, piece.column, piece.before))
            elif kind not in ("POWER", "SUP_OPEN", "DEGREE"):
                close_bare(piece.column)
        elif kind in _GROUP_ENDS or kind in ("SUP_CLOSE", "END"):
            close_bare(piece.column)
        if kind in _GROUP_STARTS or kind == "SUP_OPEN":
            raised_first = kind == "SUP_OPEN" and not (out and out[-1].type in VALUE_ENDS)
            heads.append("index" if raised_first else "")  # ³√x
        elif kind in _GROUP_ENDS or kind == "SUP_CLOSE":
            head = heads.pop()
        elif kind == "FUNCTION":
            head, function = "name", piece
        out.append(piece)
    return out


def _needs_argument(function: Token) -> str:
    return f"{function.value} needs an argument: write {function.value}(x)"


# ---- what can be read in two ways ----------------------------------------------------------------


def _notes(pieces: list[Token]) -> list[Note]:
    """What is to be said of names, numbers and bars, in the order in which they stand."""
    variables = {piece.value for piece in pieces if piece.type == "NAME"}
    said: set[str] = set()
    notes: list[Note] = []
    for last, piece, following in zip([None, *pieces], pieces, [*pieces[1:], pieces[-1]], strict=False):
        after_number = last is not None and last.type == "NUMBER" and not piece.before
        if piece.type == "NUMBER" and digits_lost(piece.value):
            kept = f"{number_value(piece.value):.17g}"
            notes.append(
                Note(
                    piece.column,
                    f"{piece.value} has more digits than a float keeps; it is read as {kept}",
                    f"{piece.value} 的位数超出浮点数的精度，读作 {kept}",
                )
            )
        if after_number and piece.value in ("e", "E") and following.type not in ("POWER", "SUP_OPEN"):
            notes.append(_number_before_e(last.value, piece))  # type: ignore[union-attr]
        if piece.type != "NAME" or piece.value in said:
            continue
        doubt = names.doubts(piece.value, variables, after_number=after_number)
        if doubt:
            said.add(piece.value)
            notes.append(Note(piece.column, *doubt))
    return [*notes, *_notes_on_variables(pieces, variables), *_notes_on_bars(pieces), *_notes_on_signs(pieces)]


def _number_before_e(digits: str, piece: Token) -> Note:
    what = ("the number e", "e 是自然常数") if piece.value == "e" else ("the variable E", "E 是变量")
    return Note(
        piece.column,
        f"read as {digits}·{piece.value} with {what[0]}; for a power of ten write {digits}e5",
        f"读作 {digits}·{piece.value}，其中 {what[1]}；若要十的幂，请写作 {digits}e5",
    )


def _notes_on_variables(pieces: list[Token], variables: set[str]) -> list[Note]:
    columns = {piece.value: piece.column for piece in reversed(pieces) if piece.type == "NAME"}
    notes = [
        Note(
            columns[letter],
            f"{letter} is read as a variable; formulas have real numbers only",
            f"{letter} 读作变量；公式中只有实数",
        )
        for letter in sorted(variables & {"i", "j"})
    ]
    for name, latin in names.twins(variables):
        notes.append(
            Note(
                columns[name],
                f"{name} and {latin} look alike, but are letters of two alphabets and so two variables",
                f"{name} 与 {latin} 看起来一样，却是两种字母，因此是两个变量",
            )
        )
    for name in sorted(variables):
        plain = names.without_index_sign(name)
        if plain != name and plain in variables:
            notes.append(
                Note(columns[name], f"{name} and {plain} are read as two variables", f"{name} 与 {plain} 读作两个变量")
            )
    sigmoid = next((piece for piece in pieces if piece.type == "FUNCTION" and piece.value == "σ"), None)
    if sigmoid is not None:
        notes.append(
            Note(
                sigmoid.column,
                "σ(…) is read as the sigmoid function; for a product write σ·(…)",
                "σ(…) 读作 sigmoid 函数；若要乘积，请写作 σ·(…)",
            )
        )
    for head, opening, inside, closing in zip(pieces, pieces[1:], pieces[2:], pieces[3:], strict=False):
        called = head.type == "NAME" and opening.type == "OPEN" and not opening.before and inside.type == "NAME"
        if called and closing.type == "CLOSE":
            f, x = head.value, inside.value
            notes.append(
                Note(
                    head.column,
                    f"{f}({x}) is read as {f}·{x}: {f} is a variable here, not a function",
                    f"{f}({x}) 读作 {f}·{x}：这里 {f} 是变量，不是函数",
                )
            )
    return notes


def _notes_on_bars(pieces: list[Token]) -> list[Note]:
    """|x|y|z| may be |x|·y·|z| or |x·|y|·z|: bars that stand between two values on both sides."""
    closed: list[Token | None] = [None]  # for each open bracket: the bar that closed before a value
    for last, piece, following in zip(pieces, pieces[1:], [*pieces[2:], pieces[-1]], strict=False):
        if piece.type == "BAR_OPEN" and closed[-1] is not None and last.type in VALUE_ENDS and last.type != "BAR_CLOSE":
            return [
                Note(
                    piece.column,
                    "each | closes the nearest one that is open; write abs(…) for another pairing",
                    "每个 | 与最近的未闭合的 | 配对；若要别的配对，请写 abs(…)",
                )
            ]
        if piece.type == "BAR_CLOSE" and following.type in _STARTS and following.type != "BAR_OPEN":
            closed[-1] = piece
        elif piece.type in _GROUP_STARTS and piece.type != "BAR_OPEN":
            closed.append(None)
        elif piece.type in _GROUP_ENDS and piece.type != "BAR_CLOSE" and len(closed) > 1:
            closed.pop()
    return []


def _notes_on_signs(pieces: list[Token]) -> list[Note]:
    """1,5 within max(…), 50% and dy/dx."""
    notes = []
    functions: list[str] = [""]  # for each open bracket: the function that it belongs to
    for before, left, sign, right in zip([None, *pieces], pieces, pieces[1:], pieces[2:], strict=False):
        if left.type in _GROUP_STARTS:
            functions.append(before.value if before is not None and before.type == "FUNCTION" else "")
        elif left.type in _GROUP_ENDS:
            functions.pop()
        numbers = left.type == right.type == "NUMBER" and left.value.isdigit()
        if sign.type == "COMMA" and sign.glued and numbers and functions[-1] in ("max", "min", "log"):
            decimal = f"{left.value}.{right.value}"
            notes.append(
                Note(
                    sign.column,
                    f"{left.value},{right.value} is read as two numbers; a decimal point is written as in {decimal}",
                    f"{left.value},{right.value} 读作两个数；小数点请写作 {decimal}",
                )
            )
        if sign.value == "%" and not (sign.before and sign.after):
            notes.append(
                Note(
                    sign.column,
                    "% is read as the remainder, as in 5 mod 3; for percent write /100",
                    "% 读作取余，如 5 mod 3；若要百分数，请写作 /100",
                )
            )
        differential = left.type == right.type == "NAME" and len(left.value) <= 2 and len(right.value) == 2
        if sign.type == "DIVIDE" and sign.glued and differential and left.value[0] == right.value[0] == "d":
            what = f"{left.value}/{right.value}"
            notes.append(
                Note(
                    left.column,
                    f"{what} is read as a quotient of two variables; a formula is the function itself",
                    f"{what} 读作两个变量的商；公式就是函数本身",
                )
            )
    return notes
