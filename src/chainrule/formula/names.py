"""Tell a variable's name from factors and functions that were typed without a space: xlnx, 2pix, 5mod3.

A run of letters is one name (`loss`, `x1`), so a product typed without a space would silently become a variable. What
is surely no name is refused with what to write instead; what may be one is read as one, with a note.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_LONGEST = 24  # a longer run of letters is a name; and the patterns below stay cheap

_FUNCTION = (
    r"(?:arc|ar|a)?(?:sin|cos|tan)h?|arcctg|arctg|ctg|tg|coth?|sech?|csch?|"
    r"ln|lg|log10|log2|log|exp|sqrt|cbrt|abs|sgn"
)
_VARIABLE = "xyztθφϕαω"  # letters that are hardly the end of an English word behind a function's name
_LETTER = r"[^\W\d_]"
_INDEX = r"(?:_?[0-9]+)?"
_LEAD = rf"(?:{_LETTER}?[xyztnkθφαω]|{_LETTER})??"  # the factors before the function: x, 2x, ax
_ARGUMENT = (
    rf"(?:[ωknt]?t|[0-9]*pi[{_VARIABLE}]?|[0-9]+(?:{_LETTER}?[{_VARIABLE}]{_INDEX})?|{_LETTER}?[xyzθφω]{_INDEX}|α)"
)
_CALL = rf"((?:{_FUNCTION})+)({_ARGUMENT})"
_PRODUCT = re.compile(rf"({_LEAD})((?:{_CALL})+)({_FUNCTION})?")
_BEFORE_FUNCTION = re.compile(rf"({_LETTER}?[xyztnkθφαω]|{_LETTER})({_FUNCTION})")
_BEFORE_DIGITS = re.compile(rf"({_FUNCTION})([0-9]\w*)")
_HYPERBOLIC = re.compile(r"([sct]h)([xyz])")
_WITH_PI = re.compile(rf"(?P<factor>[xyztnmkr])?pi(?P<after>(?(factor)|[xyztnkrωθ]){_INDEX})")
_WORD = re.compile(rf"(?P<left>{_LETTER}{{0,2}}?)(?P<word>mod|and|or|not)(?P<right>[0-9]\w*|[xyz]{_INDEX}|)")
_POWER_OF_E = re.compile(rf"({_LETTER}[xyzt]|{_LETTER})e")
_SEVERAL_INDICES = re.compile(rf"(?:{_LETTER}_?[0-9]+){{2,}}")
_BASE_AND_ARGUMENT = re.compile(rf"log_([0-9]+)({_LETTER}\w*)")
_ENGLISH = {"cost", "cosy"}  # words that are also a function and its argument
_WORDS = {"since", "sinus", "logit", "login", "logic", "logos", "tango", "tanks", "sines", "costs", "absol", "cotan"}

_FOREIGN = {
    "ld": "log2", "lb": "log2", "cth": "coth", "cosec": "csc", "cotan": "cot", "sen": "sin", "sine": "sin",
    "cosine": "cos", "tangent": "tan", "arsh": "arsinh", "arch": "arcosh", "arth": "artanh", "root": "sqrt",
    "arcsen": "arcsin", "argsinh": "arsinh", "argcosh": "arcosh", "argtanh": "artanh", "tang": "tan",
}  # fmt: skip
_INFIX = {"div": "x // y", "times": "x·y", "plus": "x + y", "minus": "x - y", "over": "x/y"}
_CONSTANTS = {"pi": "pi", "tau": "tau", "inf": "inf", "infinity": "inf", "nan": "nan", "true": "True", "false": "False"}
_GREEK = {
    "mu", "nu", "xi", "pi", "eta", "psi", "phi", "chi", "rho", "tau",
}  # fmt: skip
_ALGEBRA = frozenset("xyzabce")
_LOOK_LATIN = str.maketrans("асеорхуіАВЕКМНОРСТХУο", "aceopxyiABEKMHOPCTXYo")  # Cyrillic and a Greek letter
_LOOK_LIKE_MINUS = "ー一"


def refusal(name: str, following: str, functions: Collection[str], *, after_value: bool = False) -> str | None:
    """Why `name` is surely not a variable, and what to write; None where it may be one.

    `following` is the text after the name, `after_value` whether a value stands before it.

    >>> refusal("xlnx", "", {"ln"})
    "'xlnx' is read as one name: write x·ln(x)"
    """
    if len(name) > _LONGEST:
        return None
    next_letter = following.lstrip(" \t\u00a0\u3000")[:1]
    powered = next_letter in ("^", "\x01") and not following.startswith("**")
    value_follows = next_letter in ("(", "|", "√", "∛", "⌊", "⌈", "π") or next_letter.isalnum()
    one_name = f"{name!r} is read as one name"
    for say in (_of_signs, _of_words, _of_factors, _of_functions):
        advice = say(name, following)
        if advice:
            return f"{one_name}: {advice}"
    if powered or value_follows:
        before = _BEFORE_FUNCTION.fullmatch(name)
        if before and name not in functions:
            argument = "^…" if powered else "(…)" if next_letter == "(" else " …"
            return f"{one_name}: write {_factors(before[1])}·{before[2]}{argument}"
    exponential = _POWER_OF_E.fullmatch(name)
    if powered and exponential:
        return f"{one_name}: write {exponential[1]}·e^…, or ({name})^… for a variable {name}"
    if value_follows and name in _FOREIGN:
        known = _FOREIGN[name]
        return f"{name!r} is not a function that is known here; did you mean {known}? Then write {known}(…)"
    if value_follows and after_value and name in _INFIX:
        return f"{name!r} is read as a name, and side by side means times: write {_INFIX[name]}"
    small = name.lower()
    if small != name and len(name) > 1:
        if small in _CONSTANTS and name not in _CONSTANTS.values():
            return f"{name!r} is not a number that is known here: write {_CONSTANTS[small]}"
        if small in functions and (value_follows or powered):
            return f"{name!r} is not a function that is known here: names of functions are written small, {small}(…)"
    if small == name and name in ("true", "false", "infinity"):
        return f"{name!r} is not a number that is known here: write {_CONSTANTS[name]}"
    latin = name.translate(_LOOK_LATIN)
    if latin != name and latin in functions:
        return f"{name!r} is written with letters of another alphabet: write {latin} in Latin letters"
    return None


def _of_signs(name: str, following: str) -> str | None:
    """x一1, xー1: signs that look like a minus sign and count as letters."""
    others = [letter for letter in name if letter not in _LOOK_LIKE_MINUS]
    if len(others) < len(name) and all(letter.isascii() for letter in others):
        sign = next(letter for letter in name if letter in _LOOK_LIKE_MINUS)
        return f"for a minus sign write -, not {sign}"
    return None


def _of_words(name: str, following: str) -> str | None:
    """5mod3, x>0 andy>0: a word between values that lacks its space."""
    found = _WORD.fullmatch(name)
    if not found or name in ("mod", "and", "or", "not") or not (found["left"] or found["right"]):
        return None
    right = found["right"] or following.strip()[:1]
    if found["left"] and (found["word"] != "mod" or not right or not right[0].isalnum()):
        return None
    return f"write {' '.join(part for part in (found['left'], found['word'], found['right']) if part)}"


def _of_factors(name: str, following: str) -> str | None:
    """2pix, x1x2, x_1x_2: factors without a sign."""
    if _SEVERAL_INDICES.fullmatch(name):
        return f"write {'·'.join(re.findall(rf'{_LETTER}_?[0-9]+', name))}"
    found = _WITH_PI.fullmatch(name)
    if found and name != "pi" and (found["factor"] or found["after"]):
        return f"write {found['factor']}·pi" if found["factor"] else f"write pi·{found['after']}"
    return None


def _of_functions(name: str, following: str) -> str | None:
    """xlnx, sin2xcosx, sinx, log2x: functions without a space before their arguments."""
    based = _BASE_AND_ARGUMENT.fullmatch(name)
    if based:
        return f"write log_{based[1]}({based[2]})"
    hyperbolic = _HYPERBOLIC.fullmatch(name)
    if hyperbolic:
        return f"write {hyperbolic[1]}({hyperbolic[2]})"
    found = _PRODUCT.fullmatch(name)
    if not found or name in _ENGLISH:
        digits = _BEFORE_DIGITS.fullmatch(name)
        return f"write {digits[1]}({digits[2]})" if digits else None
    lead, last = found[1], found[found.re.groups]
    calls = re.findall(_CALL, found[2])
    function, argument = calls[0]
    alone = len(calls) == 1 and not lead and not last
    greek = re.match(r"[πτ]\w*", following) if argument.isdigit() else None
    if alone and function in ("log2", "log10"):
        return f"write {function}({_factors(argument)}) or log({function[3:]}{argument})"
    if alone and greek:
        return f"write {function}({argument}{greek[0]})"
    written = [_factors(lead)] if lead else []
    for function, argument in calls:
        nested = re.findall(_FUNCTION, function)
        written.append("(".join(nested) + f"({_factors(argument)}" + ")" * len(nested))
    return f"write {'·'.join(written + ([f'{last}(…)'] if last else []))}"


def _factors(argument: str) -> str:
    """2ax as 2a·x, pix as pi·x."""
    digits, letters, index = re.fullmatch(r"([0-9]*)(.*?)(_?[0-9]*)", argument).groups()  # type: ignore[union-attr]
    parts = re.findall("pi|.", letters)
    return f"{digits}{'·'.join(parts)}{index}"


def doubts(name: str, others: Collection[str], *, after_number: bool) -> tuple[str, str] | None:
    """What to write if the variable `name` was meant to be something else, in English and in Chinese.

    `others` are the formula's names; `after_number` says that a number stands right before the name.

    >>> doubts("xy", {"x", "xy"}, after_number=False)[0]
    "'xy' is read as one variable; for a product write x·y"
    """
    meant = _meant(name, others, after_number)
    if meant is None:
        return None
    kind, written = meant
    return (
        f"{name!r} is read as one variable; for {_KINDS[kind][0]} write {written}",
        f"“{name}”读作一个变量；若要{_KINDS[kind][1]}，请写作 {written}",
    )


_KINDS = {"power": ("a power", "幂"), "product": ("a product", "乘积"), "function": ("the function", "函数")}


def _meant(name: str, others: Collection[str], after_number: bool) -> tuple[str, str] | None:
    if name in ("i", "j") or len(name) > _LONGEST:
        return None
    power = re.fullmatch(r"(e|pi|x)([2-9]|[1-9][0-9]+)", name)
    if power:
        base, exponent = power.groups()
        if base != "x" or ((after_number or "x" in others) and not {"x0", "x1"} & set(others)):
            return "power", f"{base}^{exponent}"
    indexed = re.fullmatch(rf"({_LETTER}_?[0-9]+)({_LETTER}{_INDEX})", name)
    if indexed:
        return "product", f"{indexed[1]}·{indexed[2]}"
    call = re.fullmatch(rf"({_FUNCTION})({_LETTER}{{1,2}})|(max|min|sum|mean|sign|floor|ceil)({_LETTER})", name)
    if call and name not in _WORDS:
        function, argument = [group for group in call.groups() if group]
        return "function", f"{function}({_factors(argument)})"
    if not re.fullmatch(rf"{_LETTER}{{2,3}}", name) or name in _GREEK or name in _FOREIGN or name in _INFIX:
        return None
    factors = "product", "·".join(name)
    if any("α" <= letter <= "ω" for letter in name) and name[0] not in "δΔ":
        return factors
    if name[0] in "dδΔ" or not name.isascii():
        return None
    single = {other for other in others if len(other) == 1}
    word = len(name) == 3 and set(name) & set("aeiou")
    if not word or set(name) <= _ALGEBRA | single or after_number:
        return factors
    return None


def twins(names: Collection[str]) -> list[tuple[str, str]]:
    """Pairs of names that look alike in print: х (Cyrillic) and x."""
    return [
        (name, name.translate(_LOOK_LATIN)) for name in names
        if name.translate(_LOOK_LATIN) != name and name.translate(_LOOK_LATIN) in names
    ]


def without_index_sign(name: str) -> str:
    """`name` as it is compared between x_1 and x1, which a textbook both sets as x₁."""
    return re.sub(r"_(?=[0-9]+$)", "", name)
