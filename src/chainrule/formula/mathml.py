r"""Read a formula as MathML, which browsers set without any script.

The LaTeX reading is translated piece by piece, so there is one table of notation and the two always agree:

>>> from chainrule.formula.expression import symbols
>>> (x,) = symbols("x")
>>> mathml(x**2)
'<msup><mi>x</mi><mn>2</mn></msup>'
"""

from __future__ import annotations

import html
import re

from chainrule.formula.expression import Expression
from chainrule.formula.latex import latex


def mathml(expression: Expression) -> str:
    """The formula as the content of a `<math>` element (MathML Core), without the element itself."""
    return translated(latex(expression))


def translated(written: str) -> str:
    r"""LaTeX as this package writes it, in MathML: fractions, roots, powers, indices, brackets, cases, names.

    >>> translated(r"\frac{1}{x_{1}}")
    '<mfrac><mn>1</mn><msub><mi>x</mi><mn>1</mn></msub></mfrac>'

    Raises ValueError for a command that the package does not write.
    """
    return _Translation(_TOKEN.findall(written)).row()


_TOKEN = re.compile(r"\\[A-Za-z]+\s?|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_NAMED_FUNCTIONS = frozenset(
    {"ln", "log", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "max", "min"}
)
_OPERATORS = {
    "cdot": "⋅", "times": "×", "leq": "≤", "geq": "≥", "neq": "≠", "wedge": "∧", "vee": "∨", "neg": "¬", "sum": "∑",
    "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "to": "→", "approx": "≈", "cdots": "⋯",
    "circ": "°",
}  # fmt: skip
_LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω", "infty": "∞", "partial": "∂", "nabla": "∇",
}  # fmt: skip
_LEFT = '<mtd style="text-align: left">'
_MACRON, _SPACE = "\N{COMBINING MACRON}", "\N{NO-BREAK SPACE}"
_SIGNS = {"-": "−", "*": "∗"}


class _Translation:
    """A walk over the tokens of one formula."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.place = 0

    def row(self, *ends: str) -> str:
        """Atoms up to one of the `ends` (which is passed over), each with what is raised or lowered on it."""
        parts: list[str] = []
        while self.place < len(self.tokens):
            token = self._next()
            if token.strip() in ends and token.strip():
                break
            if token == "^":
                parts.append(f"<msup>{parts.pop()}{self._argument()}</msup>")
            elif token == "_":
                parts.append(f"<msub>{parts.pop()}{self._argument()}</msub>")
            elif token == "'":
                parts.append(f'<mrow>{parts.pop()}<mo lspace="0" rspace="0">′</mo></mrow>')
            elif atom := self._atom(token):
                parts.append(atom)
        return "".join(parts)

    def _next(self) -> str:
        token = self.tokens[self.place]
        self.place += 1
        return token

    def _peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def _argument(self) -> str:
        """What stands in the braces that follow, as one element."""
        assert self._next() == "{"
        return _one(self.row("}"))

    def _raw(self) -> str:
        """The characters in the braces that follow, as they are."""
        assert self._next() == "{"
        letters, depth = "", 1
        while True:
            token = self._next()
            depth += (token == "{") - (token == "}")
            if depth == 0:
                return letters
            letters += token[1:] if re.fullmatch(r"\\[^A-Za-z]", token) else token

    def _atom(self, token: str) -> str:
        if token.isspace() or token == "&":
            return ""
        if token == "{":
            return _one(self.row("}"))
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token.startswith("\\"):
            return self._command(token[1:].strip())
        if token.isalpha():
            return f"<mi>{html.escape(token)}</mi>"
        return f"<mo>{html.escape(_SIGNS.get(token, token))}</mo>"

    def _command(self, name: str) -> str:
        if name == "frac":
            return f"<mfrac>{self._argument()}{self._argument()}</mfrac>"
        if name == "sqrt":
            if self._peek() == "[":
                self._next()
                index = _one(self.row("]"))
                return f"<mroot>{self._argument()}{index}</mroot>"
            return f"<msqrt>{self._argument()}</msqrt>"
        if name == "left":
            return self._bracketed()
        if name in ("operatorname", "mathrm"):
            return f'<mi mathvariant="normal">{html.escape(self._raw())}</mi>'
        if name == "text":
            return f"<mtext>{html.escape(self._raw()).replace(chr(32), _SPACE)}</mtext>"
        if name == "bar":  # a combining mark sits well in every font
            letter = re.sub(r"<[^>]*>", "", self._argument())
            return f'<mi style="font-style: italic">{letter}{_MACRON}</mi>'
        if name == "overline":
            return f'<mover accent="true">{self._argument()}<mo>¯</mo></mover>'
        if name == "begin":
            return self._cases()
        if name in _NAMED_FUNCTIONS:
            return f'<mi mathvariant="normal">{name}</mi>'
        if name in _OPERATORS:
            return f"<mo>{_OPERATORS[name]}</mo>"
        if name in _LETTERS:
            return f"<mi>{_LETTERS[name]}</mi>"
        if name == ",":
            return '<mspace width="0.17em"/>'
        if name == "":
            return '<mspace width="0.33em"/>'
        raise ValueError(f"no MathML for the LaTeX command \\{name}")

    def _bracketed(self) -> str:
        opening = self._bracket()
        inside = self.row("\\right")
        closing = self._bracket()
        return f"<mrow>{_fence(opening)}{inside}{_fence(closing)}</mrow>"

    def _bracket(self) -> str:
        token = self._next().strip()
        return _OPERATORS.get(token[1:], token[1:]) if token.startswith("\\") else token

    def _cases(self) -> str:
        assert self._raw() == "cases"
        rows = []
        while True:
            start = self.place
            value = self.row("&")
            condition = self.row("\\\\", "\\end")
            rows.append(f"<mtr>{_LEFT}{_one(value)}</mtd>{_LEFT}{_one(condition)}</mtd></mtr>")
            assert self.place > start
            if self.tokens[self.place - 1].strip() == "\\end":
                self._raw()
                table = "".join(rows)
                return f"<mrow>{_fence('{')}<mtable>{table}</mtable></mrow>"


def _one(row: str) -> str:
    """`row` as one element: itself if it is one, otherwise an `<mrow>`."""
    return row if _is_one(row) else f"<mrow>{row}</mrow>"


def _is_one(row: str) -> bool:
    depth = 0
    for match in re.finditer(r"<(/?)(\w+)[^>]*?(/?)>", row):
        depth += -1 if match[1] else 0 if match[3] else 1
        if depth == 0 and match.end() < len(row):
            return False
    return bool(row)


def _fence(bracket: str) -> str:
    return "" if bracket == "." else f'<mo fence="true" stretchy="true">{html.escape(bracket)}</mo>'
