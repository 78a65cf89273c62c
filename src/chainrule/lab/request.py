"""What the lab may be asked: read from plain data, within limits, before anything is computed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from chainrule.showing.language import Language, Phrase

Wish = Literal["reading", "point", "curve", "graph", "derivation", "code", "table", "composed"]
WISHES: frozenset[str] = frozenset(get_args(Wish))

LONGEST = 500  # characters of a formula
MOST_VALUES = 12  # variables with a value
MOST_OVERLAYS = 4
MOST_ORDER = 4  # of derivatives
FARTHEST = 1e12  # of a point and of an interval's ends

COMPOSITIONS = ("sum", "product", "quotient", "chain")  # of g and h


class RequestError(Exception):
    """A request that cannot be read, with the reason in both languages."""

    def __init__(self, reason: Phrase) -> None:
        self.reason = reason
        super().__init__(reason.en)


@dataclass(frozen=True)
class Request:
    """One question of the page.

    - `formula` is the function's text; `values` are numbers for its variables.
    - `variable` is the one along the axis (by default the first), `at` its value, `over` the interval that is drawn.
    - `overlays` are further formulas of the same variable; `order` is the highest derivative that is drawn.
    - `compose` holds a kind of composition and the formulas g and h that are to be composed.
    - `wishes` say what the answer holds.
    """

    formula: str
    wishes: frozenset[str]
    lang: Language = "en"
    variable: str | None = None
    at: float | None = None
    over: tuple[float, float] | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    overlays: tuple[str, ...] = ()
    order: int = 1
    compose: tuple[str, str, str] | None = None


def read(data: Any) -> Request:
    """The request that plain data of JSON stand for.

    >>> read({"formula": "x^2", "wishes": ["curve"], "at": 1}).at
    1.0

    Raises :class:`RequestError` for anything else, naming the field.
    """
    if not isinstance(data, dict):
        raise _refused("a request", "an object", "请求", "一个对象")
    lang = data.get("lang", "en")
    if lang not in ("en", "zh"):
        raise _refused("lang", '"en" or "zh"', "lang", "“en”或“zh”")
    wishes = data.get("wishes")
    if not isinstance(wishes, list) or not all(isinstance(wish, str) and wish in WISHES for wish in wishes):
        known = ", ".join(sorted(WISHES))
        raise _refused("wishes", f"a list of {known}", "wishes", f"由 {known} 组成的列表")
    return Request(
        formula=_formula(data.get("formula", ""), "formula"),
        wishes=frozenset(wishes),
        lang=lang,
        variable=_optional(data.get("variable"), _name, "variable"),
        at=_optional(data.get("at"), _number, "at"),
        over=_optional(data.get("over"), _interval, "over"),
        values=_values(data.get("values", {})),
        overlays=_overlays(data.get("overlays", [])),
        order=_order(data.get("order", 1)),
        compose=_optional(data.get("compose"), _composition, "compose"),
    )


def _refused(what: str, wanted: str, what_zh: str, wanted_zh: str) -> RequestError:
    return RequestError(Phrase(f"{what} must be {wanted}.", f"{what_zh} 必须是{wanted_zh}。"))


def _optional(value: Any, reader: Any, name: str) -> Any:
    return None if value is None else reader(value, name)


def _formula(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise _refused(name, "a text", name, "一段文字")
    if len(value) > LONGEST:
        raise RequestError(
            Phrase(
                f"{name} has {len(value)} characters; the lab reads up to {LONGEST}.",
                f"{name} 有 {len(value)} 个字符，最多 {LONGEST} 个。",
            )
        )
    return value


def _name(value: Any, name: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 40:
        raise _refused(name, "the name of a variable", name, "变量名")
    return value


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= FARTHEST:
        raise _refused(name, f"a number up to {FARTHEST:.0e} in size", name, f"绝对值不超过 {FARTHEST:.0e} 的数")
    return float(value)


def _interval(value: Any, name: str) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise _refused(name, "a pair of numbers", name, "一对数")
    low, high = _number(value[0], name), _number(value[1], name)
    if not high - low > 1e-9 * max(abs(low), abs(high), 1e-3):
        raise RequestError(
            Phrase(
                f"{name} must run from a smaller to a larger number that is not too near.",
                f"{name} 必须从较小的数到较大的数，且不能太近。",
            )
        )
    return low, high


def _values(value: Any) -> dict[str, float]:
    if not isinstance(value, dict) or len(value) > MOST_VALUES:
        raise _refused("values", f"up to {MOST_VALUES} numbers by name", "values", f"最多 {MOST_VALUES} 个有名字的数")
    return {_name(name, "values"): _number(number, "values") for name, number in value.items()}


def _overlays(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_OVERLAYS:
        raise _refused("overlays", f"up to {MOST_OVERLAYS} formulas", "overlays", f"最多 {MOST_OVERLAYS} 个公式")
    return tuple(_formula(each, "overlays") for each in value)


def _composition(value: Any, name: str) -> tuple[str, str, str]:
    if not isinstance(value, list) or len(value) != 3 or value[0] not in COMPOSITIONS:
        kinds = ", ".join(COMPOSITIONS)
        raise _refused(name, f"one of {kinds} and two formulas", name, f"{kinds} 之一和两个公式")
    return value[0], _formula(value[1], "g"), _formula(value[2], "h")


def _order(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_ORDER:
        raise _refused("order", f"a whole number from 1 to {MOST_ORDER}", "order", f"1 到 {MOST_ORDER} 的整数")
    return value


def finite(value: float) -> float | None:
    """A number, or None where there is none: JSON has no NaN."""
    return value if math.isfinite(value) else None
