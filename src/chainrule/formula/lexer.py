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
from collections.abc import Collection
from difflib import get_close_matches
from typing import NamedTuple

from chainrule.formula.text import SUPERSCRIPTS

LONGEST_TEXT = 10_000
LONGEST_NUMBER = 60
DEEPEST_NESTING = 100


class Fault(Exception):  # noqa: N818 - no error of its own: parse_expression turns it into FormulaError
    """What is wrong with the formula, and where."""

    def __init__(self, column: int, reason: str) -> None:
        self.column = column
        self.reason = reason
        super().__init__(reason)


class Token(NamedTuple):
    """A piece of the formula: what it is, its characters, and the column of the first of them."""

    type: str
    value: str
    column: int


def tokens(text: str, functions: Collection[str]) -> list[Token]:
    """The tokens of `text`, the names of functions told from those of variables.

    >>> [token.type for token in tokens("2 sin x", {"sin"})]
    ['NUMBER', 'JOIN', 'FUNCTION', 'OPEN', 'NAME', 'CLOSE', 'END']

    Raises Fault.
    """
    if len(text) > LONGEST_TEXT:
        raise Fault(
            LONGEST_TEXT, f"a formula has at most {LONGEST_TEXT:,} characters, and this one has {len(text):,}"
        )
    pieces = _Cutter(_characters(text), functions).cut(len(text))
    return _with_left_out_signs(pieces)


# ---- characters: one kind of each ----------------------------------------------------------------

_PLAIN = {
    **dict.fromkeys("−–‐‑﹣", "-"),
    **dict.fromkeys("·⋅•∙×✕∗・", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("，、､", ","),
    "∧": "&",
    "＆": "&",
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


def _characters(text: str) -> list[_Character]:
    """The characters in their plain forms, a run of raised ones between two markers."""
    characters: list[_Character] = []
    raised = False
    for column, typed in enumerate(text):
        if (typed in _RAISED) != raised:
            characters.append(_Character(_LOWER if raised else _RAISE, column))
            raised = not raised
        if raised:
            characters.append(_Character(_RAISED[typed], column))
            continue
        folded = unicodedata.normalize("NFKC", typed)
        decomposition = unicodedata.decomposition(typed)
        lowered_sign = decomposition.startswith("<sub>") and not folded.isalnum()
        if lowered_sign or (typed not in _PLAIN and decomposition.startswith(_MISLEADING)):
            raise Fault(column, f"unexpected character {typed!r}: write it with plain letters and digits")
        if unicodedata.category(typed).startswith("C") and not typed.isspace():
            raise Fault(column, f"unexpected character {typed!r}")
        plains = _PLAIN.get(typed, folded)
        characters.extend(_Character(_PLAIN.get(plain, plain), column) for plain in plains)
    if raised:
        characters.append(_Character(_LOWER, len(text)))
    return characters


# ---- pieces: names, numbers, operators, matched brackets -----------------------------------------

_OPERATORS = {
    "**": "POWER", "^": "POWER", "+": "PLUS", "-": "MINUS", "*": "TIMES", "//": "FLOOR_DIVIDE",
    "/": "DIVIDE", "%": "MOD", "@": "MATMUL", ",": "COMMA", "<=": "COMPARE", ">=": "COMPARE",
    "==": "COMPARE", "!=": "COMPARE", "<": "COMPARE", ">": "COMPARE", "=": "COMPARE", "≤": "COMPARE",
    "≥": "COMPARE", "≠": "COMPARE", "≦": "COMPARE", "≧": "COMPARE", "⩽": "COMPARE", "⩾": "COMPARE",
    "√": "ROOT", "∛": "ROOT", "&&": "AND", "&": "AND", "∨": "OR", "¬": "NOT",
}  # fmt: skip
_SPELLINGS = {"=": "==", "≤": "<=", "≦": "<=", "⩽": "<=", "≥": ">=", "≧": ">=", "⩾": ">=", "≠": "!="}
_WORDS = {"and": "AND", "or": "OR", "not": "NOT", "mod": "MOD", "if": "IF", "otherwise": "OTHERWISE"}
_CONSTANTS = {
    "π": "pi", "pi": "pi", "e": "e", "τ": "tau", "tau": "tau", "inf": "inf", "∞": "inf", "nan": "nan",
    "True": "True", "False": "False",
}  # fmt: skip
_OPENING = {"(": "OPEN", "{": "CASES_OPEN", "⌊": "FLOOR_OPEN", "⌈": "CEIL_OPEN", _RAISE: "SUP_OPEN"}
_CLOSING = {")": "OPEN", "}": "CASES_OPEN", "⌋": "FLOOR_OPEN", "⌉": "CEIL_OPEN", _LOWER: "SUP_OPEN"}
_PARTNER = {"(": ")", "{": "}", "⌊": "⌋", "⌈": "⌉", "|": "|", _RAISE: "the end of the raised part"}
_ENDS = {
    "NUMBER",
    "NAME",
    "CONSTANT",
    "CLOSE",
    "BAR_CLOSE",
    "FLOOR_CLOSE",
    "CEIL_CLOSE",
    "CASES_CLOSE",
    "SUP_CLOSE",
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
        self.brackets: list[Token] = []

    def cut(self, end: int) -> list[Token]:
        position = 0
        while position < len(self.plain):
            position = self.piece(position)
        if self.brackets:
            opening = self.brackets[-1]
            raise Fault(opening.column, f"'{opening.value}' is opened here and never closed")
        self.pieces.append(Token("END", "", end))
        return self.pieces

    def piece(self, position: int) -> int:
        """Read the piece at `position` and return the position after it."""
        letter, column = self.characters[position]
        if letter.isspace():
            return position + 1
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
        for length in (2, 1):
            operator = self.plain[position : position + length]
            if operator in _OPERATORS:
                self.pieces.append(Token(_OPERATORS[operator], _SPELLINGS.get(operator, operator), column))
                return position + length
        raise Fault(column, f"unexpected character {letter!r}{_advice(letter)}")

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
        after_value = bool(self.pieces) and self.pieces[-1].type in _ENDS
        if after_value and self.brackets and self.brackets[-1].type == "BAR_OPEN":
            self.close("BAR_OPEN", "|", column)
        else:
            self.open(Token("BAR_OPEN", "|", column))

    def number(self, digits: str, position: int, column: int) -> int:
        end = position + len(digits)
        if len(digits) > LONGEST_NUMBER:
            raise Fault(
                column,
                f"the number is too long: {len(digits)} characters, and at most {LONGEST_NUMBER} are read",
            )
        if float(digits) == float("inf"):
            raise Fault(column, "the number is too large: the largest is about 1.8e308")
        point = self.plain[end : end + 1] == "."
        if point or (self.pieces and self.pieces[-1].type == "NUMBER"):
            second = self.characters[end].column if point else column
            raise Fault(second, "two numbers stand next to each other: put an operator between them")
        self.pieces.append(Token("NUMBER", digits, column))
        return end

    def name(self, position: int, column: int) -> int:
        end = position + 1
        while (
            end < len(self.plain) and self.plain[end] not in _ALONE and ("a" + self.plain[end]).isidentifier()
        ):
            end += 1
        name = self.plain[position:end]
        self.pieces.append(Token(self.kind(name, end, column), _CONSTANTS.get(name, name), column))
        return end

    def kind(self, name: str, end: int, column: int) -> str:
        """What a run of letters is: a known word, a constant, a function, or else one variable."""
        if name in _WORDS:
            return _WORDS[name]
        if name in _CONSTANTS:
            return "CONSTANT"
        if name in self.functions or _LOGARITHM.fullmatch(name):
            return "FUNCTION"
        if "__" in name or name.endswith("_"):
            raise Fault(column, f"{name!r} is no name for a variable: use letters, and digits at the end")
        if keyword.iskeyword(name):
            raise Fault(column, f"{name!r} is a word of Python and no name in a formula")
        joined = _JOINED_ARGUMENT.fullmatch(name)
        if joined:
            function, argument = joined.groups()
            raise Fault(column, f"{name!r} is read as one name: write {function}({argument})")
        if self.plain[end : end + 1] == "(" and len(name.rstrip("0123456789").rstrip("_")) > 1:
            close = get_close_matches(name, self.functions, n=1, cutoff=0.7)
            advice = f"did you mean {close[0]}?" if close else f"for a product, write {name}*(…)"
            raise Fault(column, f"{name!r} is not a function that is known here; {advice}")
        return "NAME"


_LOGARITHM = re.compile(r"log(_?[0-9]+|_[^\W\d_]\w*)")  # log_3(x), log₃(x), log_b(x)
_JOINED_ARGUMENT = re.compile(
    r"((?:a|arc|ar)?(?:sin|cos|tan)h?|tg|ctg|arctg|cot|sec|csc|ln|lg|log|log2|log10|exp|sqrt)([0-9]\w*|[xyzθφα])"
)  # sinx, cos2x: likelier a function and its argument than a variable


def _advice(letter: str) -> str:
    if letter in "[]":
        return ": write round parentheses"
    if letter in "\"'`":
        return ": a formula has no text in it"
    if letter == ".":
        return ": a point stands only inside a number; multiplication is * or ·"
    if letter in ":;":
        return ": a formula is one expression"
    if letter == "!":
        return ": factorials are not differentiable"
    return ""


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
    head = ""  # after a function's name: "name", "exponent" (sin^…), "argument"; otherwise ""
    function = Token("END", "", 0)

    def close_bare(column: int) -> None:
        while bare and bare[-1].depth == len(heads):
            bare.pop()
            out.append(Token("CLOSE", ")", column))

    for piece in pieces:
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
        head = ""
        if begins_argument:
            if kind not in _STARTS and kind not in ("MINUS", "PLUS"):
                raise Fault(function.column, _needs_argument(function))
            if kind != "OPEN":
                if len(bare) + len(heads) >= DEEPEST_NESTING:
                    raise Fault(piece.column, f"the formula is nested deeper than {DEEPEST_NESTING} levels")
                out.append(Token("OPEN", "(", piece.column))
                bare.append(_Bare(len(heads), function))
        elif out and out[-1].type in _ENDS:
            in_bare = bool(bare) and bare[-1].depth == len(heads)
            if kind in _STARTS:
                if kind == "NUMBER":
                    raise Fault(piece.column, f"an operator is missing before {piece.value}")
                if in_bare and kind == "FUNCTION":
                    close_bare(piece.column)
                elif in_bare and (kind in _GROUP_STARTS or out[-1].type in _GROUP_ENDS):
                    name = bare[-1].function.value
                    raise Fault(
                        piece.column, f"where the argument of {name} ends is not clear: write {name}(…)"
                    )
                out.append(Token("JOIN", "", piece.column))
            elif kind not in ("POWER", "SUP_OPEN"):
                close_bare(piece.column)
        elif kind in _GROUP_ENDS or kind in ("SUP_CLOSE", "END"):
            close_bare(piece.column)
        if kind in _GROUP_STARTS or kind == "SUP_OPEN":
            heads.append("")
        elif kind in _GROUP_ENDS or kind == "SUP_CLOSE":
            head = heads.pop()
        elif kind == "FUNCTION":
            head, function = "name", piece
        out.append(piece)
    return out


def _needs_argument(function: Token) -> str:
    return f"{function.value} needs an argument: write {function.value}(x)"
