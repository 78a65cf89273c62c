"""Read a typed formula: text to expression, by a grammar and never by `eval`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from chainrule.errors import FormulaError
from chainrule.formula.expression import Call, Constant, Expression, Symbol, call, free_symbols
from chainrule.formula.faults import Fault
from chainrule.formula.lexer import DEEPEST_NESTING, VALUE_ENDS, Token, tokens
from chainrule.formula.notation import NOTATION
from chainrule.formula.notes import MOST_NOTES, Note, Reading

MOST_NODES = 5_000


def parse_expression(text: str) -> Expression:
    """The expression that `text` stands for.

    The notation is explained at :func:`chainrule.formula.formula.parse`.

    >>> parse_expression("2x² + sin 2x / |x − 1|")
    Expression(2*x**2 + sin(2*x)/abs(x - 1))

    Raises FormulaError, which knows the column, for a text that is no formula and for one that is too long
    (10,000 characters), too large (5,000 operations) or nested too deeply (100 levels). Any text is answered
    in bounded time; nothing is computed, so 9^9^9^9 is a formula like any other.
    """
    return read(text)[0]


def read(text: str) -> tuple[Expression, tuple[Note, ...]]:
    """The expression that `text` stands for, and notes on what in it could be read in another way.

    >>> expression, (note,) = read("1/2x")
    >>> print(note)
    read as (1/2)·x; for 1/(2x) write brackets

    Raises FormulaError as :func:`parse_expression` does.
    """
    return _read(text, None)


def read_function(text: str) -> tuple[Expression, tuple[Note, ...], tuple[str, ...]]:
    """What :func:`read` gives, for a text that may begin with `y =` or `f(x, y) =`; and the names in those brackets.

    >>> expression, notes, parameters = read_function("f(y, x) = x/y")
    >>> expression, parameters
    (Expression(x/y), ('y', 'x'))
    """
    parameters: list[str] = []
    return (*_read(text, parameters), tuple(parameters))


def _read(text: str, parameters: list[str] | None) -> tuple[Expression, tuple[Note, ...]]:
    if not isinstance(text, str):
        raise TypeError(f"a formula is a text such as 'x^2', not {type(text).__name__}: {text!r}")
    try:
        if not text.strip():
            raise Fault(0, "the formula is empty: write one such as x^2 + sin(x)")
        notes: list[Note] = []
        part = _parse(tokens(text, _FUNCTIONS, notes, parameters))
        notes += [reading.note() for reading in part.all_readings()]
        return part.expression, tuple(sorted(notes, key=lambda note: note.column)[:MOST_NOTES])
    except Fault as fault:
        raise FormulaError(text, fault.column, fault.reason) from None


def is_condition(expression: Expression) -> bool:
    """Whether the values of `expression` are truth values, as those of x > 0."""
    if isinstance(expression, Constant):
        return type(expression.value) is bool
    return isinstance(expression, Call) and expression.function in _CONDITIONS


# ---- the grammar ---------------------------------------------------------------------------------

_GRAMMAR = r"""
?start: disjunction END -> whole

?disjunction: conjunction
    | disjunction OR conjunction -> operation
?conjunction: negation
    | conjunction AND negation -> operation
?negation: comparison
    | NOT negation -> prefix
?comparison: sum
    | sum (COMPARE sum)+ -> comparison
?sum: product
    | sum PLUS product -> operation
    | sum MINUS product -> operation
?product: unary
    | product TIMES unary -> operation
    | product DIVIDE unary -> operation
    | product FLOOR_DIVIDE unary -> operation
    | product MOD unary -> operation
    | product MATMUL unary -> operation
    | product JOIN power -> operation
?unary: power
    | MINUS unary -> prefix
    | PLUS unary -> prefix
?power: raised
    | raised POWER exponent -> power
?exponent: power
    | MINUS exponent -> prefix
    | PLUS exponent -> prefix
?raised: atom
    | root
    | raised SUP_OPEN disjunction SUP_CLOSE -> superscript
    | raised DEGREE -> degrees
    | SUP_OPEN disjunction SUP_CLOSE ROOT atom -> indexed_root
?root: ROOT atom -> root
    | ROOT root -> root
?atom: NUMBER -> number
    | NAME -> name
    | CONSTANT -> constant
    | OPEN disjunction CLOSE -> group
    | BAR_OPEN disjunction BAR_CLOSE -> bars
    | FLOOR_OPEN disjunction FLOOR_CLOSE -> bars
    | CEIL_OPEN disjunction CEIL_CLOSE -> bars
    | CASES_OPEN piece (COMMA piece)* COMMA disjunction OTHERWISE CASES_CLOSE -> cases
    | FUNCTION OPEN disjunction (COMMA disjunction)* CLOSE -> application
    | FUNCTION POWER name_power OPEN disjunction CLOSE -> powered_application
    | FUNCTION SUP_OPEN disjunction SUP_CLOSE OPEN disjunction CLOSE -> raised_application
piece: disjunction IF disjunction
?name_power: NUMBER -> number
    | NAME -> name
    | CONSTANT -> constant
    | OPEN disjunction CLOSE -> group
    | MINUS name_power -> prefix
    | PLUS name_power -> prefix

%declare OR AND NOT COMPARE PLUS MINUS TIMES DIVIDE FLOOR_DIVIDE MOD MATMUL JOIN POWER ROOT NUMBER NAME
%declare CONSTANT END FUNCTION COMMA IF OTHERWISE OPEN CLOSE BAR_OPEN BAR_CLOSE FLOOR_OPEN FLOOR_CLOSE
%declare DEGREE CEIL_OPEN CEIL_CLOSE CASES_OPEN CASES_CLOSE SUP_OPEN SUP_CLOSE
"""


def _parse(pieces: list[Token]) -> _Part:
    from lark.exceptions import UnexpectedToken  # late: lark is loaded with the first formula

    try:
        part: _Part = _lark().parse(pieces)
        return part
    except UnexpectedToken as error:
        position = error.token.start_pos or 0
        token = pieces[position]
        raise Fault(token.column, _unexpected(pieces, position, error.expected)) from None


@cache
def _lark() -> Any:
    """The parser, made when the first formula is read: importing lark costs more than all the rest."""
    import lark
    from lark.lexer import Lexer

    class Tokens(Lexer):
        def __init__(self, configuration: Any) -> None:
            pass

        def lex(self, data: Any, parser_state: Any = None) -> Iterator[lark.Token]:
            for position, token in enumerate(data):
                yield lark.Token(token.type, token, start_pos=position)

    return lark.Lark(_GRAMMAR, parser="lalr", lexer=Tokens, transformer=_Builder())


_NOTHING_RAISED = "there is nothing before the raised part; a root is written √x, ³√x or x^(1/n)"


def _unexpected(pieces: list[Token], position: int, expected: set[str]) -> str:
    """Why the token at `position` cannot stand there, in one sentence."""
    token = pieces[position]
    if token.type == "END":
        return "the formula is not finished: something is missing at its end"
    if "NUMBER" in expected:
        if position and pieces[position - 1].type == "ROOT":
            return "what stands under the root is missing: write √(…) around it"
        if token.type == "SUP_CLOSE":
            start = max(place for place in range(position) if pieces[place].type == "SUP_OPEN")
            if not start or pieces[start - 1].type not in VALUE_ENDS:
                raise Fault(pieces[start].column, _NOTHING_RAISED)
            return "the raised part is not finished"
        if "OPEN" in token.type or "CLOSE" in token.type:
            empty = position > 0 and pieces[position - 1].type == token.type.replace("CLOSE", "OPEN")
            return (
                "there is nothing between the brackets"
                if empty
                else "something is missing before the bracket"
            )
        return f"a number, a variable or a bracket is missing before '{token.value}'"
    if expected <= {"ROOT"}:
        raise Fault(pieces[max(p for p in range(position) if pieces[p].type == "SUP_OPEN")].column, _NOTHING_RAISED)
    if token.type == "COMMA":
        return (
            "a comma stands only between the arguments of a function, as in max(x, y); "
            "a decimal point is written as in 1.5, and thousands without a sign"
        )
    if token.type in ("IF", "OTHERWISE") or "CASES_CLOSE" in (token.type, *expected):
        return "cases are written {a if x > 0, b otherwise}"
    return f"'{token.value}' is not expected here"


# ---- what the rules of the grammar build ---------------------------------------------------------


@dataclass(frozen=True)
class _Run:
    """How a part ends, where a factor or a slash that follows could be meant to belong inside.

    - "quotient": x/2 before y, by `function` (a division, // or mod);
    - "power": e^2 before x or /2, typed with ^;
    - "root": √2 before x;
    - "call": sin x before /2, without brackets around its argument;
    - "spaced": sin (x) before ^2.

    `build` makes the whole of `left` and `inner`, the piece that would take in what follows.
    """

    kind: str
    column: int
    left: Expression | None
    inner: Expression
    build: Callable[[Expression], Expression]
    sign: str = ""
    closed: bool = False  # the inner part ends with a bracket
    reading: Reading | None = None  # what is to be said so far; it grows with each factor that follows


@dataclass(frozen=True)
class _Part:
    """A part of the formula, its size and depth as a tree, and how it was typed."""

    expression: Expression
    column: int
    size: int = 1
    depth: int = 1
    literal: bool = False  # a number without a sign: −2 becomes one constant
    bare_root: bool = False  # √x without brackets: √x² has two meanings
    closed: bool = False  # ends with a bracket
    runs: tuple[_Run, ...] = ()
    readings: tuple[Reading, ...] = ()
    last: Expression | None = None  # the last factor of a product
    joined: tuple[Expression, Expression] | None = None  # names side by side: sin x y

    def all_readings(self) -> tuple[Reading, ...]:
        """The readings, with those that can no longer grow."""
        return (*self.readings, *(run.reading for run in self.runs if run.reading is not None))

    def run(self, kind: str) -> _Run | None:
        return next((run for run in self.runs if run.kind == kind), None)

    @property
    def integer(self) -> bool:
        return isinstance(self.expression, Constant) and type(self.expression.value) is int

    @property
    def condition(self) -> bool:
        return is_condition(self.expression)


class _Builder:
    """One method a rule of the grammar; each takes the rule's parts and tokens and returns a part."""

    def whole(self, children: list[Any]) -> _Part:
        part: _Part = children[0]
        return part

    def number(self, children: list[Any]) -> _Part:
        token: Token = children[0].value
        # Small whole numbers stay whole: x² is a friend of the rules. Others would overflow NumPy's integers.
        whole = token.value.isdigit() and int(token.value) <= 2**53
        value = int(token.value) if whole else float(token.value)
        return _Part(Constant(value), token.column, literal=True)

    def name(self, children: list[Any]) -> _Part:
        token: Token = children[0].value
        return _Part(Symbol(token.value), token.column)

    def constant(self, children: list[Any]) -> _Part:
        token: Token = children[0].value
        return _Part(_CONSTANT_VALUES[token.value], token.column, literal=token.value == "inf")

    def group(self, children: list[Any]) -> _Part:
        inside: _Part = children[1]
        return _Part(
            inside.expression,
            children[0].value.column,
            inside.size,
            inside.depth,
            closed=True,
            readings=inside.all_readings(),
        )

    def bars(self, children: list[Any]) -> _Part:
        token: Token = children[0].value
        return replace(_apply(_BRACKET_FUNCTIONS[token.type], [children[1]], token.column), closed=True)

    def root(self, children: list[Any]) -> _Part:
        token: Token = children[0].value
        under, build = children[1], _ROOTS[token.value]
        part = _checked(np.power, [under], token.column, build)
        bare = not under.expression.arguments or under.bare_root
        run = _Run("root", token.column, None, under.expression, build)
        runs = () if under.closed or under.bare_root else (run,)
        return replace(part, bare_root=bare, closed=under.closed, runs=runs)

    def indexed_root(self, children: list[Any]) -> _Part:
        """³√x, whose index stands before the sign."""
        index, sign, under = children[1], children[3].value, children[4]
        number = index.expression.value if isinstance(index.expression, Constant) else None
        if sign.value != "√" or (number is not None and (type(number) is not int or number < 2)):
            raise Fault(children[0].value.column, "the index of a root is a whole number from 2 on, as in ³√x")
        if number in (2, 3):
            return replace(_apply(np.sqrt if number == 2 else np.cbrt, [under], sign.column), closed=under.closed)
        return replace(_checked(np.power, [under, index], sign.column, _root), closed=under.closed)

    def degrees(self, children: list[Any]) -> _Part:
        return replace(_apply(np.deg2rad, [children[0]], children[1].value.column), closed=True)

    def prefix(self, children: list[Any]) -> _Part:
        token: Token = children[0].value
        operand: _Part = children[1]
        if token.type == "NOT":
            return _apply(np.logical_not, [operand], token.column)
        if operand.literal and isinstance(operand.expression, Constant):
            value = operand.expression.value if token.type == "PLUS" else -operand.expression.value or -0.0
            return _Part(Constant(value), token.column)
        part = _apply(np.positive if token.type == "PLUS" else np.negative, [operand], token.column)
        return replace(part, closed=operand.closed, runs=operand.runs)

    def operation(self, children: list[Any]) -> _Part:
        left, right = children[0], children[2]
        token: Token = children[1].value
        function = _OPERATORS[token.type]
        if function is np.multiply and left.condition and right.condition:
            function = np.logical_and  # the product of two conditions, which stays a condition
        part = _apply(function, [left, right], token.column)
        if token.type == "JOIN":
            return _joined(part, left, right, token)
        if token.type in ("PLUS", "MINUS"):
            return _noted(part, *_readings_of_sum(part, left, right, function))
        runs = right.runs
        if token.type in ("DIVIDE", "FLOOR_DIVIDE", "MOD", "MATMUL"):
            numerator = left.expression
            quotient = _Run(
                "quotient",
                token.column,
                numerator,
                right.expression,
                lambda inner: call(function, numerator, inner),
                sign=token.value,
                closed=right.closed,
            )
            runs = (quotient, *right.runs)
        part = replace(part, runs=runs, closed=right.closed, last=right.expression)
        return _noted(part, *_readings_of_slash(left, right, token)) if token.type == "DIVIDE" else part

    def comparison(self, children: list[Any]) -> _Part:
        result: _Part | None = None
        for left, sign, right in zip(children[:-2:2], children[1::2], children[2::2], strict=True):
            token: Token = sign.value
            link = _apply(_COMPARISONS[token.value], [left, right], token.column)
            result = link if result is None else _apply(np.logical_and, [result, link], token.column)
        assert result is not None
        return result

    def power(self, children: list[Any]) -> _Part:
        return self._raised(children[0], children[2], children[1].value)

    def superscript(self, children: list[Any]) -> _Part:
        return self._raised(children[0], children[2], children[1].value)

    def _raised(self, base: _Part, exponent: _Part, token: Token) -> _Part:
        if base.bare_root:
            raise Fault(token.column, "what stands under the root is not clear: write √(x^2) or (√x)^2")
        foot = base.expression
        if isinstance(foot, Constant) and foot.name == "e":
            part = _apply(np.exp, [exponent], token.column)
        else:
            part = _apply(np.power, [base, exponent], token.column)
        spaced = base.run("spaced")
        if spaced and token.value != "**":
            inside = call(np.power, spaced.inner, exponent.expression)
            part = _noted(part, Reading(token.column, part.expression, spaced.build(inside)))
        if token.value != "^":
            return replace(part, closed=exponent.closed or token.type == "SUP_OPEN")

        def power(inner: Expression) -> Expression:
            return call(np.exp, inner) if part.expression.function is np.exp else call(np.power, foot, inner)  # type: ignore[attr-defined]

        run = _Run("power", token.column, foot, exponent.expression, power, closed=exponent.closed)
        return replace(part, closed=exponent.closed, runs=(run,))

    def piece(self, children: list[Any]) -> tuple[_Part, _Part]:
        return children[0], children[2]

    def cases(self, children: list[Any]) -> _Part:
        token: Token = children[0].value
        result: _Part = children[-3]
        for value, condition in reversed([child for child in children if isinstance(child, tuple)]):
            result = _apply(np.where, [condition, value, result], token.column)
        return result

    def application(self, children: list[Any]) -> _Part:
        token: Token = children[0].value
        parts = [child for child in children if isinstance(child, _Part)]
        return _with_argument(_apply_named(token, parts), token, children[1].value, parts, _named(token).build)

    def powered_application(self, children: list[Any]) -> _Part:
        return self._power_of_function(children[0].value, children[2], children[4], children[3].value)

    def raised_application(self, children: list[Any]) -> _Part:
        return self._power_of_function(children[0].value, children[2], children[5], children[4].value)

    def _power_of_function(self, function: Token, exponent: _Part, argument: _Part, opening: Token) -> _Part:
        """sin²(x) is the square of sin(x), but sin⁻¹(x) is arcsin(x)."""
        name = function.value
        if isinstance(exponent.expression, Constant) and exponent.expression.value == -1:
            if name not in _INVERSES:
                raise Fault(
                    exponent.column,
                    f"{name}^-1 could mean two things: write 1/{name}(x), or name the inverse",
                )
            inverse = _FUNCTIONS[_INVERSES[name]]
            part = _checked(inverse.function, [argument], function.column, inverse.build)
            return _with_argument(part, function, opening, [argument], inverse.build)
        if isinstance(exponent.expression, Constant) and exponent.expression.value < 0:
            raise Fault(
                exponent.column, f"a negative power on the name {name} is not clear: write {name}(x)^-2"
            )
        part = _apply(np.power, [_apply_named(function, [argument]), exponent], exponent.column)
        build, raised = _named(function).build, exponent.expression
        return _with_argument(part, function, opening, [argument], lambda inner: call(np.power, build(inner), raised))


def _apply(function: Callable[..., Any], parts: list[_Part], column: int) -> _Part:
    """`function` of the parts, after the checks that every operation needs."""
    return _checked(function, parts, column, lambda *arguments: call(function, *arguments))


def _named(token: Token) -> _Named:
    return _FUNCTIONS.get(token.value) or _logarithm(token.value)


def _apply_named(token: Token, parts: list[_Part]) -> _Part:
    """The function that is called by name: of the table, an alias, or a composition such as sec."""
    name, named = token.value, _named(token)
    if not named.fewest <= len(parts) <= named.most:
        takes = str(named.fewest) if named.fewest == named.most else f"at least {named.fewest}"
        if named.fewest < named.most < math.inf:
            takes = f"{named.fewest} to {named.most}"
        plural = "" if takes == "1" else "s"
        raise Fault(token.column, f"{name} takes {takes} argument{plural}, and is given {len(parts)}")
    return _checked(named.function, parts, token.column, named.build)


def _checked(
    function: Callable[..., Any] | None, parts: list[_Part], column: int, build: Callable[..., Expression]
) -> _Part:
    _require_conditions(function, parts)
    values = parts[1:] if function is np.where else parts
    if function not in _TAKES_CONDITIONS and any(part.condition for part in values):
        raise Fault(column, "a condition such as x > 0 is not a number: write where(x > 0, 1, 0)")
    size = 1 + sum(part.size for part in parts)
    # A sum of many terms is long, not deep; so is a product, unless quotients need parentheses in it.
    chain = function in _CHAINS and not (function is np.multiply and _is_quotient(parts[0]))
    depth = max(part.depth + (position > 0 or not chain) for position, part in enumerate(parts))
    if size > MOST_NODES:
        raise Fault(column, f"the formula has more than {MOST_NODES:,} operations, numbers and variables")
    if depth > DEEPEST_NESTING:
        raise Fault(column, f"the formula is nested deeper than {DEEPEST_NESTING} levels")
    arguments = [part.expression for part in parts]
    if all(part.integer or part.condition for part in values):
        # Whole numbers among themselves would follow the rules of NumPy's integers: overflow, and no 2^-1.
        for position, part in enumerate(parts):
            if part.integer and isinstance(part.expression, Constant):
                arguments[position] = Constant(float(part.expression.value))
    readings = tuple(reading for part in parts for reading in part.all_readings())[:MOST_NOTES]
    return _Part(build(*arguments), column, size, depth, readings=readings)


def _require_conditions(function: Callable[..., Any] | None, parts: list[_Part]) -> None:
    if function in _WORDS_OF_CONDITIONS:
        for part in parts:
            if not part.condition:
                word = _WORDS_OF_CONDITIONS[function]
                raise Fault(part.column, f"{word} takes conditions such as x > 0, and this is a number")
    elif function is np.where and not parts[0].condition:
        raise Fault(parts[0].column, "this is a number, and a condition is needed here: compare it, as in x ≠ 0")


# ---- what could also have been meant -------------------------------------------------------------


def _noted(part: _Part, *readings: Reading) -> _Part:
    return replace(part, readings=(*part.readings, *readings)[:MOST_NOTES]) if readings else part


def _is_number(expression: Expression) -> bool:
    return isinstance(expression, Constant) and expression.name is None


def _joined(part: _Part, left: _Part, right: _Part, token: Token) -> _Part:
    """The product of factors side by side, with what else 1/2x, e^2x, √2x could have been.

    Where a space stands after a number (1/2 x), it says what belongs together: without it the text would be 1/2x.
    A space between letters says nothing, for 1/x y cannot be written without it.
    """
    spaced, following = bool(token.before), token.value
    runs: list[_Run] = []
    readings = list(left.readings)
    for run in left.runs:
        if run.kind in ("quotient", "power", "root") and _takes_in(run, spaced, following):
            inner = call(np.multiply, run.inner, right.expression)
            read = part.expression
            if run.kind != "quotient":  # e²·x alone, not all that stands before it
                read = run.build(run.inner) if run.reading is None else run.reading.read
                read = call(np.multiply, read, right.expression)
            reading = Reading(run.column, read, run.build(inner))
            runs.append(replace(run, inner=inner, closed=right.closed, reading=reading))
        elif run.reading is not None:
            readings.append(run.reading)
    joined, last = left.joined, left.expression if left.last is None else left.last
    if joined:
        joined = (joined[0], call(np.multiply, joined[1], right.expression))
    elif (following in ("NAME", "CONSTANT") and (isinstance(last, Symbol) or last.arguments)) or (
        following == "ROOT" and (spaced or not _is_number(last))
    ):
        joined = (left.expression, right.expression)
    return replace(
        part,
        runs=(*runs, *right.runs),
        readings=(*readings, *right.all_readings())[:MOST_NOTES],
        closed=right.closed,
        last=right.expression,
        joined=joined,
    )


def _takes_in(run: _Run, spaced: bool, following: str) -> bool:
    """Whether a factor that follows without a sign could be meant to belong inside the run."""
    before_name = following in ("NAME", "CONSTANT")
    number = run.reading is None and _is_number(run.inner)
    if run.kind == "quotient":
        return run.reading is not None or not (spaced and (run.closed or number))
    if run.kind == "root":
        return following not in ("FUNCTION", "ROOT") and not (spaced and number)
    if run.closed:
        return False
    if number:
        return not spaced and (before_name or isinstance(run.left, Constant))
    return before_name


def _reading_with(run: _Run, function: Callable[..., Any], right: _Part) -> Reading:
    """e²·x as it was read, and e^(2x) with what follows taken in."""
    read = call(function, run.build(run.inner), right.expression)
    return Reading(run.column, read, run.build(call(function, run.inner, right.expression)))


def _readings_of_slash(left: _Part, right: _Part, token: Token) -> list[Reading]:
    """x^1/2 and sin x/2 may mean x^(1/2) and sin(x/2), where the slash is glued to a number or a name."""
    divisor = right.expression
    if not token.glued or right.closed or divisor.arguments:
        return []
    found = []
    known = {divisor.name} if isinstance(divisor, Symbol) else set()
    power = left.run("power")
    if power and not power.closed:
        exponent = power.inner
        if _is_number(exponent):
            doubtful = _is_proper_fraction(exponent, divisor)
        else:
            doubtful = not known & set(free_symbols(exponent))  # eˣ/x is no e^(x/x)
        if doubtful:
            found.append(_reading_with(power, np.divide, right))
    call_before = left.run("call")
    if call_before and not known & set(free_symbols(call_before.inner)):
        found.append(_reading_with(call_before, np.divide, right))
    return found


def _is_proper_fraction(exponent: Expression, divisor: Expression) -> bool:
    """Whether x^a/b would have the exponent of a root: 1/2, 2/3, 1/n, but not x²/2 or x³/6."""
    assert isinstance(exponent, Constant)
    if abs(exponent.value) == 1:
        return True
    if not isinstance(divisor, Constant) or float(exponent.value) % 1 or float(divisor.value) % 1:
        return False
    return math.gcd(int(exponent.value), int(divisor.value)) == 1


def _readings_of_sum(part: _Part, left: _Part, right: _Part, function: Callable[..., Any]) -> list[Reading]:
    """x + 5 mod 3 may mean (x + 5) mod 3: in a textbook mod holds together least."""
    found = []
    first, second = left.run("quotient"), right.run("quotient")
    if second and second.sign == "mod":
        assert second.left is not None
        other = call(np.remainder, call(function, left.expression, second.left), second.inner)
        found.append(Reading(second.column, part.expression, other))
    if first and first.sign == "mod":
        inside = first.build(call(function, first.inner, right.expression))
        found.append(Reading(first.column, part.expression, inside))
    return found


def _with_argument(
    part: _Part, function: Token, opening: Token, arguments: list[_Part], build: Callable[..., Expression]
) -> _Part:
    """A call, with what else its argument could have been: sin x y, and sin (x)^2 with a space."""
    argument = arguments[0]
    bare = not opening.value
    kind = "call" if bare else "spaced"
    runs: tuple[_Run, ...] = ()
    if len(arguments) == 1 and (bare or opening.before):
        runs = (_Run(kind, function.column, None, argument.expression, build),)
    part = replace(part, runs=runs, closed=argument.closed if bare else True)
    if bare and function.value == "exp2":
        other = call(np.exp, call(np.multiply, 2, argument.expression))
        part = _noted(part, Reading(function.column, part.expression, other))
    if bare and argument.joined:
        if _named(function).most > 1 and function.value in ("max", "min"):
            name = function.value
            raise Fault(function.column, f"{name} takes its arguments in brackets: write {name}(x, y)")
        first, rest = argument.joined
        part = _noted(part, Reading(function.column, part.expression, call(np.multiply, build(first), rest)))
    return part


def _is_quotient(part: _Part) -> bool:
    return isinstance(part.expression, Call) and part.expression.function is np.divide


# ---- names and signs -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Named:
    """A function that a formula may call: what it builds, and how many arguments it takes."""

    build: Callable[..., Expression]
    fewest: int
    most: float
    function: Callable[..., Any] | None = None


def _plain(function: Callable[..., Any]) -> _Named:
    arity = NOTATION[function].arity
    return _Named(lambda *arguments: call(function, *arguments), arity, arity, function)


def _composed(build: Callable[[Expression], Expression]) -> _Named:
    return _Named(build, 1, 1)


def _largest(one: Callable[..., Any], two: Callable[..., Any]) -> _Named:
    """max and min: over an array with one argument, of several numbers with more."""

    def build(first: Expression, *others: Expression) -> Expression:
        result = first if others else call(one, first)
        for other in others:
            result = call(two, result, other)
        return result

    return _Named(build, 1, math.inf, two)


def _arccot(argument: Expression) -> Expression:
    return _CONSTANT_VALUES["pi"] / 2 - call(np.arctan, argument)


def _sigmoid(argument: Expression) -> Expression:
    from scipy.special import expit  # late: only this formula needs it

    return call(expit, argument)


def _log(argument: Expression, base: Expression | None = None) -> Expression:
    if base is None:
        return call(np.log, argument)
    if isinstance(base, Constant) and base.value in (2, 10):
        return call(np.log2 if base.value == 2 else np.log10, argument)
    return call(np.log, argument) / call(np.log, base)


def _logarithm(name: str) -> _Named:
    """log_3 or log_b: the base is in the name."""
    digits = name.removeprefix("log").removeprefix("_")
    base: Expression = Constant(float(digits)) if digits.isdigit() else Symbol(digits)
    return _composed(lambda argument: _log(argument, base))


_ALIASES: Mapping[str, Callable[..., Any]] = {
    "ln": np.log, "lg": np.log10, "abs": np.absolute, "sgn": np.sign, "conj": np.conjugate, "round": np.rint,
    "pow": np.power, "mod": np.remainder, "tg": np.tan, "arctg": np.arctan, "atan2": np.arctan2,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "sh": np.sinh, "ch": np.cosh, "th": np.tanh,
    "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
    "arsinh": np.arcsinh, "arcosh": np.arccosh, "artanh": np.arctanh,
}  # fmt: skip

_FUNCTIONS: Mapping[str, _Named] = MappingProxyType(
    {row.name: _plain(function) for function, row in NOTATION.items()}
    | {alias: _plain(function) for alias, function in _ALIASES.items()}
    | {
        "log": _Named(_log, 1, 2),
        "max": _largest(np.max, np.maximum),
        "min": _largest(np.min, np.minimum),
        "cot": _composed(lambda x: 1 / call(np.tan, x)),
        "ctg": _composed(lambda x: 1 / call(np.tan, x)),
        "sec": _composed(lambda x: 1 / call(np.cos, x)),
        "csc": _composed(lambda x: 1 / call(np.sin, x)),
        "coth": _composed(lambda x: 1 / call(np.tanh, x)),
        "sech": _composed(lambda x: 1 / call(np.cosh, x)),
        "csch": _composed(lambda x: 1 / call(np.sinh, x)),
        **{name: _composed(_arccot) for name in ("arccot", "acot", "arcctg")},
        **{name: _composed(lambda x: call(np.arccos, 1 / x)) for name in ("arcsec", "asec")},
        **{name: _composed(lambda x: call(np.arcsin, 1 / x)) for name in ("arccsc", "acsc")},
        **{name: _composed(lambda x: call(np.arctanh, 1 / x)) for name in ("arcoth", "acoth")},
        **{name: _composed(_sigmoid) for name in ("sigmoid", "σ")},
    }
)

_INVERSES: Mapping[str, str] = {
    "sin": "arcsin", "cos": "arccos", "tan": "arctan", "tg": "arctan", "cot": "arccot", "ctg": "arccot",
    "sec": "arcsec", "csc": "arccsc", "sinh": "arcsinh", "cosh": "arccosh", "tanh": "arctanh",
}  # fmt: skip

_OPERATORS: Mapping[str, Callable[..., Any]] = {
    "PLUS": np.add, "MINUS": np.subtract, "TIMES": np.multiply, "JOIN": np.multiply, "DIVIDE": np.divide,
    "FLOOR_DIVIDE": np.floor_divide, "MOD": np.remainder, "MATMUL": np.matmul,
    "AND": np.logical_and, "OR": np.logical_or,
}  # fmt: skip

_COMPARISONS: Mapping[str, Callable[..., Any]] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal,
    "!=": np.not_equal,
}  # fmt: skip

def _root(under: Expression, index: Expression) -> Expression:
    if isinstance(index, Constant):
        index = Constant(float(index.value))
    return call(np.power, under, call(np.divide, Constant(1.0), index))


_ROOTS: Mapping[str, Callable[[Expression], Expression]] = {
    "√": lambda under: call(np.sqrt, under),
    "∛": lambda under: call(np.cbrt, under),
    "∜": lambda under: _root(under, Constant(4)),
}

_BRACKET_FUNCTIONS = {"BAR_OPEN": np.absolute, "FLOOR_OPEN": np.floor, "CEIL_OPEN": np.ceil}

_CONDITIONS = frozenset({*_COMPARISONS.values(), np.logical_and, np.logical_or, np.logical_not, np.isfinite, np.isnan})
_WORDS_OF_CONDITIONS: Mapping[Any, str] = {np.logical_and: "and", np.logical_or: "or", np.logical_not: "not"}
_TAKES_CONDITIONS = frozenset({np.logical_and, np.logical_or, np.logical_not, np.multiply})
_CHAINS = frozenset({np.add, np.subtract, np.multiply, np.logical_and, np.logical_or})

_CONSTANT_VALUES: Mapping[str, Constant] = {
    "pi": Constant(np.pi, "pi"), "e": Constant(np.e, "e"), "tau": Constant(2 * np.pi, "tau"),
    "inf": Constant(np.inf), "nan": Constant(np.nan), "True": Constant(True), "False": Constant(False),
}  # fmt: skip
