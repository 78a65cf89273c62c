"""Random functions as a user writes them: a few lines of plain NumPy, each with a number of its own.

A function is text first, compiled under a file name of its own, so that an error can be asked for the user's line. All
choices come from one seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.rules import TABLE, Elementwise

NUMBERS = (0.0, 1.0, -1.0, 0.5, 2.0, -2.0, 3.0, 1e-9, 700.0)
UNUSUAL = (np.nan, np.inf, -np.inf, -0.0, 1e300, 1e-310)


def public(function: Callable[..., Any]) -> bool:
    """Whether NumPy has the function under its name."""
    return getattr(np, getattr(function, "__name__", ""), None) is function


ELEMENTWISE = {
    count: sorted(
        rule.name
        for function, rule in TABLE.items()
        if isinstance(rule, Elementwise) and public(function) and len(rule.partials) == count
        if rule.name not in ("where", "ldexp", "nextafter", "spacing")
    )
    for count in (1, 2)
}
OF_COMPLEX = ("absolute", "exp", "log", "sqrt", "sin", "cos", "tanh", "square", "conjugate", "reciprocal", "negative")
OPERATORS = ("{} + {}", "{} - {}", "{} * {}", "{} / {}", "{} ** 2", "-{}", "{} ** {}", "abs({})")
SELECTIONS = (
    "np.where({0} > {1}, {0}, {1})", "np.where({0} > 0, np.sqrt({0}), {1})", "np.clip({0}, -1, 1)",
    "np.maximum({0}, 0)", "np.minimum({0}, {1})", "np.maximum(1, {0})", "np.abs({0} - {1})", "np.sign({0}) * {1}",
    "np.where({0} == {1}, {0} * {1}, 2.0)", "({0} if np.all({0} > {1}) else {1} + {0})", "np.fmax({0}, {1})",
)  # fmt: skip
OF_ARRAYS = (
    "np.cumsum({0})", "np.sort({0})", "{0}[::-1]", "np.mean({0}) * {1}", "np.max({0}) + {1}", "{0} - np.min({0})",
    "np.sum({0}) * {1}", "np.flip({0})", "np.roll({0}, 1)", "{0} / np.linalg.norm({0})", "np.prod({0}) + {1}",
    "np.concatenate([{0}, {1}])[:np.size({0})].reshape(np.shape({0}))", "{0}.copy()", "np.stack([{0}, {1}])[0]",
    "np.diff(np.append({0}, 1.0))", "np.where(np.arange({0}.size).reshape({0}.shape) > 0, {0}, {1})",
)  # fmt: skip
ENDS = ("np.sum({0})", "np.mean({0})", "np.max({0})", "np.min({0})", "np.sum({0} ** 2)", "{0}.ravel()[0] * np.sum({0})")
MISTAKES = (
    "b = np.zeros(2); b[0] = np.sum({0}); v{n} = b",
    "v{n} = float(np.sum({0}))",
    "v{n} = __import__('math').sin(np.sum({0}))",
    "v{n} = np.asarray({0})",
    "v{n} = np.array([np.sum({0}), 1.0])",
    "v{n} = np.matmul(np.ones((2, 7)), {0})",
)


@dataclass(frozen=True)
class Case:
    """A function, the arguments to call it with, and its text."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    text: str

    @property
    def file(self) -> str:
        """The name under which tracebacks and errors know the function's text."""
        return self.function.__code__.co_filename  # type: ignore[attr-defined, no-any-return]


def cases(count: int, seed: int, *, kind: str) -> Iterator[Case]:
    """`count` random functions and their arguments.

    `kind` is "numbers" (up to three numbers, one of them twice at times), "arrays" (of size 0, 1, 2, 3, 4), "complex"
    (a complex number, a real result) or "mistakes" (a line that no reading may accept).
    """
    random = np.random.default_rng([seed, len(kind)])
    for number in range(count):
        yield _case(random, kind, f"<random {kind} {seed}.{number}>")


def _case(random: np.random.Generator, kind: str, file: str) -> Case:
    def pick(options: Any) -> Any:
        return options[random.integers(len(options))]

    count = int(random.integers(1, 4)) if kind == "numbers" else int(random.integers(1, 3))
    names = ["x", "y", "z"][:count]
    lines = []
    made = list(names)

    def operand() -> str:
        if random.random() < 0.2:
            return str(pick((0.0, 1.0, 2, -1.5, "np.nan", "np.inf"))) if random.random() < 0.5 else str(pick(NUMBERS))
        return str(pick(made[-3:] if random.random() < 0.7 else made))

    def moving() -> str:
        return str(pick(made[-2:] if random.random() < 0.7 else made))

    for index in range(int(random.integers(1, 6))):
        shape = random.random()
        if kind == "complex":
            line = f"np.{pick(OF_COMPLEX)}({moving()})"
            if shape > 0.6:
                line = pick(OPERATORS[:4]).format(moving(), operand())
        elif shape < 0.35:
            line = f"np.{pick(ELEMENTWISE[1])}({moving()})"
        elif shape < 0.5:
            line = f"np.{pick(ELEMENTWISE[2])}({moving()}, {operand()})"
        elif shape < 0.7 or (kind == "numbers" and shape < 0.8):
            line = pick(OPERATORS).format(moving(), operand())
        elif shape < 0.85 or kind == "numbers":
            line = pick(SELECTIONS).format(moving(), operand())
        else:
            line = pick(OF_ARRAYS).format(moving(), moving())
        lines.append(f"v{index} = {line}")
        made.append(f"v{index}")
    if kind == "mistakes":
        lines.insert(int(random.integers(len(lines) + 1)), pick(MISTAKES).format("x", n=len(lines)))
        made.append(f"v{len(lines) - 1}")
    last = made[-1]
    if kind == "complex":
        result = pick(("np.real({0})", "np.real({0} * 1j)", "np.abs({0})", "np.real({0}) * np.abs({0})")).format(last)
    elif kind == "numbers":
        result = last
    else:
        result = pick(ENDS).format(f"np.asarray({last})" if kind == "mistakes" else f"(0.0 * x + {last})")
    text = "\n    ".join([f"def f({', '.join(names)}):", *lines, f"return {result}"])
    namespace: dict[str, Any] = {"np": np}
    exec(compile(text, file, "exec"), namespace)
    return Case(namespace["f"], _arguments(random, count, kind), text)


def _arguments(random: np.random.Generator, count: int, kind: str) -> tuple[Any, ...]:
    def number() -> float:
        draw = random.random()
        if draw < 0.5:
            return float(np.round(random.normal() * 2, 3))
        return float(random.choice(NUMBERS if draw < 0.85 else UNUSUAL))

    if kind == "complex":
        return tuple(complex(number(), number()) if random.random() < 0.8 else number() for _ in range(count))
    if kind == "numbers":
        drawn: list[Any] = [number() for _ in range(count)]
        if count > 1 and random.random() < 0.3:
            drawn[1] = drawn[0]  # ties
        if random.random() < 0.2:
            drawn[0] = int(np.nan_to_num(np.clip(drawn[0], -9, 9)))
        elif random.random() < 0.1:
            drawn[0] = np.float32(drawn[0])
        return tuple(drawn)
    shape = [(3,), (2, 2), (1,), (4,), (2,), (0,), ()][random.integers(7)]
    arrays = [np.array([number() for _ in range(int(np.prod(shape)))]).reshape(shape) for _ in range(count)]
    if random.random() < 0.3 and arrays[0].size > 1:
        arrays[0].ravel()[1] = arrays[0].ravel()[0]
    if random.random() < 0.1:
        arrays[0] = arrays[0].astype(np.float32)
    elif random.random() < 0.1:
        arrays[0] = np.nan_to_num(np.clip(arrays[0], -9, 9)).astype(int)
    return tuple(arrays)
