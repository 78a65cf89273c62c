"""Formulas for exercises, made at random: what a textbook sets for each rule, from the first steps to nested functions.

Level 1 is one rule and plain x, level 2 has coefficients and linear functions inside, level 3 joins two rules, and
level 4 nests three functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

LEVELS = (1, 2, 3, 4)
_TRIES = 12
_PIECES = re.compile(r"\d+|[a-z]+(?=\(x\))|\w(?=\^x)|√(?=x)")
_INVERSE = re.compile(r"ln\(+e\^|e\^\(+ln|√\(+[^()]*\)\^2")  # functions that undo one another
_BASIC = ("sin(x)", "cos(x)", "e^x", "ln(x)", "√x")
_MORE = (*_BASIC, "tan(x)", "arctan(x)", "1/x", "2^x")
_OUTER = ("sin({})", "cos({})", "e^({})", "({})^3", "({})^2", "({})^5", "({})^4")
_OUTER_MORE = (*_OUTER, "tan({})", "√({})", "ln({})", "arctan({})", "1/({})", "2^({})", "({})^(-2)")
_POSITIVE = ("x^2 + 1", "x^2 + 4", "2x^2 + 1", "x^4 + 1", "e^x + 1", "x^2 + x + 1", "3x^2 + 2")


def made(rule: str, level: int, random: Random) -> str:
    """A formula in x for a rule of `RULES` and a level, as text that the parser reads.

    Where it can be, its numbers are different ones, and so are its functions: of 2·sin(2x) nobody could tell which 2
    was forgotten.

    >>> made("power", 1, Random(3))
    'x^4'
    """
    for _ in range(_TRIES):
        formula = _MAKERS[rule](level, random)
        pieces = _PIECES.findall(formula)
        if len(pieces) == len(set(pieces)) and not _INVERSE.search(formula):
            break
    return formula


def _times(factor: int, body: str) -> str:
    """factor·body, without a 1."""
    if factor in (1, -1):
        return body if factor == 1 else f"-{body}"
    joined = body[0] in "xe√(" and not body.startswith("e^")
    return f"{factor}{body}" if joined else f"{factor}·{body}"


def _plus(left: str, number: int, body: str = "") -> str:
    """left + number·body, with the sign as it is written."""
    if not number:
        return left
    size = _times(abs(number), body) if body else str(abs(number))
    return f"{left} {'+' if number > 0 else '-'} {size}"


def _over(top: str, bottom: str) -> str:
    """top/bottom, with the brackets that it needs."""
    grouped = [part if re.fullmatch(r"x(\^\d+)?|e\^x|[a-z]+\(x\)", part) else f"({part})" for part in (top, bottom)]
    return "/".join(grouped)


def _other(random: Random, than: str, pick: Callable[[], str]) -> str:
    """What `pick` finds that is not `than`."""
    while (found := pick()) == than:
        pass
    return found


def _put(outer: str, inner: str, random: Random) -> str:
    """A function of an inner one; within a power or a root, 5x becomes 5x + 2, for (5x)^3 is no chain."""
    if re.match(r"\(|√|1/", outer) and re.fullmatch(r"\d*x(\^\d+)?", inner):
        inner = _plus(inner, _signed(random))
    return outer.format(inner)


def _power(exponent: int) -> str:
    return "x" if exponent == 1 else f"x^{exponent}" if exponent > 0 else f"x^({exponent})"


def _number(random: Random, low: int = 2, high: int = 7) -> int:
    return random.randint(low, high)


def _signed(random: Random, high: int = 7) -> int:
    return random.choice([-1, 1]) * random.randint(1, high)


def _linear(random: Random) -> str:
    """3x, 2x + 5, 1 - 4x."""
    kind = random.randrange(4)
    if kind == 0:
        return _times(_number(random), "x")
    if kind == 1:
        return f"{_number(random, 1, 6)} - {_times(_number(random, 2, 5), 'x')}"
    return _plus(_times(_number(random), "x"), _signed(random))


def _quadratic(random: Random) -> str:
    first = _times(_number(random, 1, 4), random.choice(["x^2", "x^2", "x^3"]))
    return _plus(first, _signed(random, 5), random.choice(["", "x", "x"]))


def _inner(level: int, random: Random) -> str:
    """What stands inside a function."""
    if level <= 1:
        return "x"
    if level == 2:
        return _linear(random)
    if level == 3:
        return random.choice(
            [_quadratic(random), random.choice(_BASIC), _linear(random), _times(_number(random), "√x")]
        )
    return _put(random.choice(_OUTER[:3]), random.choice([_linear(random), _quadratic(random)]), random)


def _nested(random: Random) -> str:
    """Three functions in one another, no two of them powers."""
    inner = random.choice([_linear(random), _quadratic(random)])
    middle = random.choice(_OUTER[:3] if random.random() < 0.6 else _OUTER[3:])
    outers = [
        outer for outer in _OUTER_MORE[:9] if outer != middle and not (outer in _OUTER[3:] and middle in _OUTER[3:])
    ]
    return _put(random.choice(outers), _put(middle, inner, random), random)


def _function(level: int, random: Random) -> str:
    """A factor, a term or a numerator."""
    if level <= 1:
        return random.choice(_BASIC)
    if level == 2:
        return random.choice([*_MORE, _put(random.choice(_OUTER[:3]), _linear(random), random)])
    return _put(random.choice(_OUTER_MORE[:11]), _inner(min(level - 1, 3), random), random)


def _polynomial(level: int, random: Random) -> str:
    degree = random.randint(2, 3 + level)
    formula = _times(_number(random, 1, 6), _power(degree))
    if level > 1:
        formula = _plus(formula, _signed(random), _power(random.randint(1, degree - 1)))
    return _plus(formula, _signed(random, 9)) if random.random() < 0.6 else formula


def _of_power(level: int, random: Random) -> str:
    if level == 1:
        return _times(random.choice([1, 1, 2, 3, 4, 5]), _power(random.randint(2, 9)))
    if level == 2:
        return random.choice(
            [
                _polynomial(2, random),
                _times(_number(random, 1, 5), _power(-random.randint(1, 5))),
                _plus(f"{_number(random, 2, 9)}/x", _signed(random), "x^2"),
            ]
        )
    roots = ["x^(1/2)", "x^(1/3)", "x^(3/2)", "x^(2/3)", "x^(-1/2)", "√x", "x^(5/2)"]
    if level == 3:
        return _plus(
            _times(_number(random, 1, 6), random.choice(roots)),
            _signed(random, 5),
            _power(random.choice([-3, -2, 2, 3])),
        )
    return f"({_quadratic(random)})^{random.choice(['3', '4', '5', '(-2)'])}"


def _of_sum(level: int, random: Random) -> str:
    if level == 1:
        return _plus(_plus(_times(_number(random, 1, 5), "x^2"), _signed(random), "x"), _signed(random))
    first = _times(_number(random, 1, 5), _power(random.randint(2, 4)))
    terms = [_times(_number(random, 1, 5), _function(level - 1, random)), _function(level - 1, random)]
    formula = f"{first} {random.choice('+-')} {terms[0]}"
    return _plus(formula, _signed(random)) if level == 2 else f"{formula} {random.choice('+-')} {terms[1]}"


def _of_product(level: int, random: Random) -> str:
    if level == 1:
        return f"{_power(random.randint(1, 4))}·{random.choice(_BASIC)}"
    if level == 2:
        polynomial = _plus(_times(_number(random, 1, 4), _power(random.randint(1, 3))), _signed(random))
        return f"({polynomial})·{random.choice(_MORE[:6])}"
    if level == 3:
        return f"{_power(random.randint(1, 3))}·{_put(random.choice(_OUTER), _linear(random), random)}"
    if random.random() < 0.5:
        exponent = _times(_number(random, -3, 3) or 2, "x")
        return f"x·{_put(random.choice(_OUTER[:2]), _linear(random), random)}·e^({exponent})"
    first = _put(random.choice(_OUTER), _linear(random), random)
    return f"{first}·{_put(random.choice(_OUTER_MORE[:11]), _inner(3, random), random)}"


def _of_quotient(level: int, random: Random) -> str:
    if level == 1:
        top = random.choice(["x", "x^2", _plus("x", _signed(random)), _times(_number(random), "x")])
        return _over(top, _other(random, top, lambda: _plus("x", _signed(random))))
    if level == 2:
        top = random.choice([*_BASIC[:4], _linear(random), _quadratic(random)])
        return _over(top, _other(random, top, lambda: random.choice([_linear(random), *_POSITIVE[:3]])))
    if level == 3:
        top = _put(random.choice(_OUTER[:3]), _linear(random), random)
        bottoms = [_power(random.randint(1, 3)), random.choice(_POSITIVE), "ln(x)", *([] if "e^" in top else ["e^x"])]
        return _over(top, random.choice(bottoms))
    top = f"x·{_put(random.choice(_OUTER[:3]), _linear(random), random)}"
    return _over(top, random.choice([*_POSITIVE, _plus("cos(x)", 2), "√(x^2 + 1)"]))


def _of_chain(level: int, random: Random) -> str:
    if level == 1:
        return _put(random.choice(_OUTER), _linear(random), random)
    if level == 2:
        inner = random.choice([_quadratic(random), _linear(random)])
        outer = random.choice(_OUTER_MORE)
        return (
            f"{_number(random)}/({inner})"
            if outer == "1/({})"
            else _times(_number(random, 1, 5), _put(outer, inner, random))
        )
    if level == 3:
        return _put(
            random.choice(_OUTER_MORE), random.choice([*_BASIC[:3], *_POSITIVE, _plus("cos(x)", 2), "x·e^x"]), random
        )
    return _nested(random)


def _of_exponential(level: int, random: Random) -> str:
    base = random.choice(["e", "e", "2", "3", "5", "10"])
    if level == 1:
        return _times(random.choice([1, 1, 2, 3, 4]), f"{base}^x")
    if level == 2:
        return _times(_number(random, 1, 5), f"{base}^({_linear(random)})")
    if level == 3:
        return random.choice(
            [
                f"{base}^({_quadratic(random)})",
                f"{_power(random.randint(1, 3))}·{base}^({_times(_signed(random, 4), 'x')})",
                f"e^({random.choice(['sin(x)', 'cos(x)', '√x', '1/x'])})",
            ]
        )
    return random.choice(
        [
            "x^x",
            "x^(sin(x))",
            "(x^2 + 1)^x",
            "x^(2x)",
            "x^(√x)",
            f"{base}^(x·sin({_linear(random)}))",
            f"e^(sin({_linear(random)}))",
            f"ln(x)·{base}^({_quadratic(random)})",
        ]
    )


def _of_logarithm(level: int, random: Random) -> str:
    name = random.choice(["ln", "ln", "log_2", "lg"])
    if level == 1:
        return _times(random.choice([1, 1, 2, 3, 5]), f"{name}(x)")
    if level == 2:
        return _times(_number(random, 1, 4), f"{name}({_linear(random)})")
    if level == 3:
        return random.choice(
            [
                f"{name}({random.choice(_POSITIVE)})",
                f"{_power(random.randint(1, 3))}·{name}({_times(_number(random), 'x')})",
                f"{name}({random.choice(['sin(x)', 'cos(x)', 'tan(x)', 'ln(x)'])})",
                f"ln(x)/{_power(random.randint(1, 3))}",
            ]
        )
    return random.choice(
        [
            f"{name}(x + √(x^2 + {_number(random, 1, 5)}))",
            f"{name}(({random.choice(_POSITIVE)})/(x^2 + 5))",
            f"({name}({_linear(random)}))^{random.randint(2, 4)}",
            f"sin({name}({random.choice(_POSITIVE)}))",
        ]
    )


def _of_trigonometric(level: int, random: Random) -> str:
    name = random.choice(["sin", "cos", "tan"])
    if level == 1:
        return _times(random.choice([1, 1, 2, 3, 4]), f"{name}(x)")
    if level == 2:
        return random.choice(
            [
                _times(_number(random, 1, 5), f"{name}({_linear(random)})"),
                f"{_number(random)}·sin(x) - {_number(random)}·cos(x)",
            ]
        )
    if level == 3:
        return random.choice(
            [
                f"{name}({_quadratic(random)})",
                f"({name}(x))^{random.randint(2, 4)}",
                f"{_power(random.randint(1, 3))}·{name}({_linear(random)})",
                "sin(x)·cos(x)",
                f"{name}(x)/x",
                "cot(x)",
                "1/cos(x)",
            ]
        )
    return random.choice(
        [
            f"({name}({_linear(random)}))^{random.randint(2, 4)}",
            f"{name}(√({random.choice(_POSITIVE)}))",
            f"sin({_linear(random)})·cos({_linear(random)})",
            f"{name}(e^({_linear(random)}))",
            "sin(x)/(1 + cos(x))",
        ]
    )


def _of_inverse(level: int, random: Random) -> str:
    name = random.choice(["arcsin", "arccos", "arctan"])
    if level == 1:
        return _times(random.choice([1, 1, 2, 3, 4]), f"{name}(x)")
    if level == 2:
        return f"{name}({random.choice([_times(_number(random), 'x'), f'x/{_number(random)}', 'x^2', 'x^3'])})"
    if level == 3:
        return random.choice(
            [
                f"{_power(random.randint(1, 3))}·{name}(x)",
                f"arctan({random.choice(['√x', 'e^x', '1/x', 'ln(x)'])})",
                f"({name}(x))^{random.randint(2, 3)}",
                f"arcsin({_times(_number(random), 'x')})",
            ]
        )
    return random.choice(
        [
            f"x·{name}(x) + √(1 - x^2)",
            f"({name}({_times(_number(random), 'x')}))^2",
            f"arctan({_quadratic(random)})",
            f"e^({name}(x))",
            "arctan((x + 1)/(x - 1))",
        ]
    )


def _of_root(level: int, random: Random) -> str:
    if level == 1:
        return _times(random.choice([1, 2, 3, 4, 6]), random.choice(["√x", "√x", "³√x"]))
    if level == 2:
        return _put("√({})", _linear(random), random)
    if level == 3:
        return random.choice(
            [
                f"√({random.choice(_POSITIVE)})",
                f"x·√({_linear(random)})",
                f"√(1 - {_power(random.randint(2, 4))})",
                f"1/√({_linear(random)})",
            ]
        )
    return random.choice(
        [
            f"x/√({random.choice(_POSITIVE)})",
            f"√({random.choice(_POSITIVE)})·sin({_linear(random)})",
            f"√({_plus('sin(x)', 2)})",
            f"√(1 + √({random.choice(_POSITIVE)}))",
            f"³√({_quadratic(random)})",
        ]
    )


def _of_hyperbolic(level: int, random: Random) -> str:
    name = random.choice(["sinh", "cosh", "tanh"])
    if level == 1:
        return _times(random.choice([1, 1, 2, 3]), f"{name}(x)")
    if level == 2:
        return _times(_number(random, 1, 4), f"{name}({_linear(random)})")
    if level == 3:
        return random.choice(
            [f"x·{name}(x)", f"({name}(x))^{random.randint(2, 3)}", f"{name}({_quadratic(random)})", "sinh(x)/x"]
        )
    return random.choice(
        [
            f"ln(cosh({_linear(random)}))",
            f"e^x·{name}({_linear(random)})",
            f"({name}({_linear(random)}))^2",
            f"√({_plus('cosh(x)', 1)})",
        ]
    )


_MAKERS: dict[str, Callable[[int, Random], str]] = {
    "power": _of_power,
    "sum": _of_sum,
    "product": _of_product,
    "quotient": _of_quotient,
    "chain": _of_chain,
    "exponential": _of_exponential,
    "logarithm": _of_logarithm,
    "trigonometric": _of_trigonometric,
    "inverse": _of_inverse,
    "root": _of_root,
    "hyperbolic": _of_hyperbolic,
}
RULES = tuple(_MAKERS)
"""The rules that exercises are made for."""
