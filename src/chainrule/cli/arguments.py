"""Read what is typed after a command: functions, numbers, values of variables."""

from __future__ import annotations

import inspect
import re
import sys
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from chainrule.cli.echoing import echo
from chainrule.cli.failures import Failure, Mistyped, of_users_code
from chainrule.errors import DomainError, FormulaError

_IN_MODULE = re.compile(r"[^\W\d][\w.]*:[^\W\d]\w*")

NOTE = {"en": "note: {}", "zh": "注意：{}"}
LANGUAGE = click.Choice(["en", "zh"])

takes_formula = {"ignore_unknown_options": True}
"""Settings of a command whose formula may begin with a minus sign, as in chainrule draw "-x^2"."""


@dataclass(frozen=True)
class Given:
    """A function as the user gave it: the function, the names of its variables, and its formula if it has one."""

    function: Callable[..., Any]
    variables: tuple[str, ...]
    formula: Any = None
    name: str = "f"

    def variable(self, typed: str) -> str | None:
        """The variable that is meant by a name as it was typed; None if the function has none like it."""
        if self.formula is not None:
            found: str | None = self.formula.variable(typed)
            return found
        name = unicodedata.normalize("NFKC", typed.strip())
        return name if name in self.variables else None

    def notes(self, lang: str) -> list[str]:
        """What is to be said of how the formula was read, one line each."""
        notes = () if self.formula is None else self.formula.notes
        return [NOTE[lang].format(note.say(lang)) for note in notes]

    def say_notes(self, lang: str, to_stderr: bool = False) -> None:
        """Print the notes: beside output for programs, to stderr."""
        for line in self.notes(lang):
            echo(line, err=to_stderr)


def read_function(typed: str) -> Given:
    """The function that is meant by a formula ("x^2") or by "module:function" in the current folder.

    Raises FormulaError for a text that is neither, and :class:`Mistyped` for a module or function that is not there.
    """
    if _IN_MODULE.fullmatch(typed):
        return _from_module(*typed.split(":"))
    from chainrule.formula.formula import parse  # late: the grammar takes a moment to build

    formula = parse(typed)
    return Given(formula, formula.variables, formula)


def _from_module(module_name: str, name: str) -> Given:
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    with of_users_code(module_name):
        try:
            module = import_module(module_name)
        except ModuleNotFoundError as problem:
            if problem.name != module_name.split(".")[0] and problem.name != module_name:
                raise
            raise Mistyped(f"there is no module {module_name} in {folder}") from problem
    function = getattr(module, name, None)
    if not callable(function):
        there = sorted(key for key, value in vars(module).items() if inspect.isfunction(value))
        raise Mistyped(
            f"{module_name} has no function {name}. It has: {', '.join(there) or 'none'}.")
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        raise Mistyped(f"{module_name}:{name} does not tell the names of its arguments") from None
    wanted = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    variables = tuple(p.name for p in parameters if p.kind in wanted and p.default is p.empty)
    return Given(function, variables, name=f"{module_name}:{name}")


class _Number(click.ParamType[float]):
    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        lang = "en" if ctx is None else ctx.params.get("lang", "en")
        return value if isinstance(value, float) else number(value, lang)


NUMBER = _Number()
"""An option's value as a number: 1.5, -2, 1e-3, or a formula without variables such as π/2."""


def number(typed: str, lang: str = "en") -> float:
    """The number that is typed: 1.5, -2, 1e-3, or a formula without variables such as π/2.

    How a formula was read that could mean something else is said on stderr, in `lang`. Raises FormulaError for anything
    that is no number.

    >>> number("π/2")
    1.5707963267948966
    """
    from chainrule.formula.numbers import PLAIN, digits_lost, number_value

    if PLAIN.fullmatch(typed) and not digits_lost(typed):
        return number_value(typed)
    from chainrule.formula.formula import parse  # late, as above: a plain number needs no grammar

    formula = parse(typed)
    if formula.variables:
        column = typed.find(formula.variables[0])
        raise FormulaError(typed, max(column, 0), "a number is needed here, without variables")
    Given(formula, (), formula).say_notes(lang, to_stderr=True)
    return float(formula())


def read_values(typed: tuple[str, ...], given: Given, lang: str = "en") -> dict[str, Any]:
    """The values in "x=1.5", "y=1,2,3", "z=file.npy" or "z=file.csv", in the order of the function's variables.

    A variable is found by its name in any spelling: x₁, x_1 and x1, with full-width letters too. Raises
    :class:`Mistyped` for a value that is missing, given twice, or of a variable that is not there.
    """
    values: dict[str, Any] = {}
    variables = given.variables
    known = ", ".join(variables) or "none"
    notes = "".join(f"\n{line}" for line in given.notes(lang))
    for assignment in typed:
        name, equals, text = assignment.replace("＝", "=", 1).partition("=")
        name = given.variable(name) or name.strip()
        if not equals or not name or not text.strip():
            raise Mistyped(f"a variable's value is written like x=1.5, but got {assignment!r}")
        if name in values:
            raise Mistyped(f"{name} is given twice")
        if name not in variables:
            raise Mistyped(f"the function has no variable {name}; its variables: {known}{notes}")
        values[name] = _value(name, text.strip(), lang)
    missing = [name for name in variables if name not in values]
    if missing:
        raise Mistyped(
            f"no value for {', '.join(missing)}. Add {' '.join(f'{name}=1.0' for name in missing)}.{notes}")
    return {name: values[name] for name in variables}


def check_defined(given: Given, at: Mapping[str, Any]) -> None:
    """Raise DomainError, with the domain, where a formula has no value at the numbers that were typed."""
    import numpy as np  # late, as below

    if given.formula is None or any(np.ndim(value) for value in at.values()):
        return
    with np.errstate(all="ignore"):
        value = given.formula(*at.values())
    if np.isfinite(value):
        return
    from chainrule.explanation.domain import domain_to_say
    from chainrule.formula.expression import evaluate
    from chainrule.formula.text import text

    domain = domain_to_say(given.formula.expression)
    point = {name: np.float64(number) for name, number in at.items()}
    if domain is None or (not np.isnan(value) and bool(evaluate(domain, point))):
        if np.isnan(value):
            raise DomainError(no_value(at))
        return  # e^1000 is a value that is too large
    raise DomainError(f"{no_value(at)}: it is defined where {text(domain)}. Choose a point there.")


def no_value(at: Mapping[str, Any]) -> str:
    """The beginning of an error: the function has no value at x = 0."""
    return f"the function has no value at {', '.join(f'{name} = {value}' for name, value in at.items())}"


def _csv(path: Path, name: str) -> Any:
    """The numbers in a file of comma-separated values; under a header that has the variable's name, that column.

    The first line is a header if not all that it holds are numbers. A header in any encoding is skipped, and so is the
    mark that Excel writes before it.
    """
    import numpy as np  # late, as below

    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    filled = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    heads = [cell.strip().strip('"') for cell in filled[0].split(",")] if filled else []
    if all(map(_is_number, heads)):
        return np.loadtxt(filled, delimiter=",")
    columns = [heads.index(name)] if name in heads else None
    return np.loadtxt(filled[1:], delimiter=",", usecols=columns, ndmin=1)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _value(name: str, text: str, lang: str) -> Any:
    import numpy as np  # late: `chainrule --help` needs no arrays

    if text.endswith((".npy", ".csv")):
        try:
            return np.load(text) if text.endswith(".npy") else _csv(Path(text), name)
        except (OSError, ValueError) as problem:
            reason = getattr(problem, "strerror", None) or problem
            raise Failure(f"cannot read numbers from {text}: {reason}") from problem
    if "," in text:
        return np.array([number(part, lang) for part in text.split(",")])
    return number(text, lang)
