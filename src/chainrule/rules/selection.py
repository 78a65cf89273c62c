"""Functions whose value is one of their arguments.

Where an argument was not selected it was not used: its partial derivative is not a number that happens to be 0 but
nothing at all, and the reverse pass treats it so (see `selects`). Among arguments that tie, the slope is the mean of
the one-sided slopes: one half each for two.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.formula.expression import symbols
from chainrule.rules.axes import refuse_unless
from chainrule.rules.function import entrywise
from chainrule.rules.rule import At, as_array, composite, rule

x, y, z = symbols("x y z")
_tie = At(np.equal(x, y), (0.5, 0.5), "a tie: the mean of the slopes 0 and 1")
_apart = np.not_equal(x, y)

rule(np.where, None, np.where(x, 1, 0), np.where(x, 0, 1), selects=True, source="one of two arguments")

def _unless(condition: Any) -> Any:
    """1 where the condition does not hold, NaN among its terms included: a NaN that was selected was used."""
    return np.where(np.logical_not(condition), 1, 0)


rule(
    np.maximum, np.where(x > y, 1, 0), np.where(y > x, 1, 0), computed=(_unless(x <= y), _unless(y <= x)), at=(_tie,),
    smooth=_apart, selects=True, source="the larger",
)
rule(
    np.minimum, np.where(x < y, 1, 0), np.where(y < x, 1, 0), computed=(_unless(x >= y), _unless(y >= x)), at=(_tie,),
    smooth=_apart, selects=True, source="the smaller",
)
rule(
    np.fmax, np.where((x > y) | np.isnan(y), 1, 0), np.where((y > x) | np.isnan(x), 1, 0), at=(_tie,), smooth=_apart,
    selects=True, source="the larger, NaN left aside",
)
rule(
    np.fmin, np.where((x < y) | np.isnan(y), 1, 0), np.where((y < x) | np.isnan(x), 1, 0), at=(_tie,), smooth=_apart,
    selects=True, source="the smaller, NaN left aside",
)


@entrywise
def clamp(x: Any, lower: Any, upper: Any) -> Any:
    """`x` limited to the interval from `lower` to `upper`: NumPy's clip with both bounds given."""
    return np.clip(x, lower, upper)


_bound = (np.equal(x, y) | np.equal(x, z)) & (y < z)
rule(
    clamp,
    np.where((y < x) & (x < z), 1, 0), np.where((x < y) & (y < z), 1, 0), np.where((x > z) | (z <= y), 1, 0),
    computed=(_unless((x <= y) | (z <= x)), _unless((y <= x) | (z <= y)), _unless((x <= z) & (y < z))),
    at=(
        At(_bound & np.equal(x, y), (0.5, 0.5, 0), "at a bound: the mean of the slopes 0 and 1"),
        At(_bound, (0.5, 0, 0.5), "at a bound: the mean of the slopes 0 and 1"),
    ),
    smooth=np.not_equal(x, y) & np.not_equal(x, z), sample=((-2, 2), (-1, -0.5), (0.5, 1)), selects=True,
    source="the argument or a bound",
)


_absent = np._NoValue


def _clip(
    a: Any, a_min: Any = _absent, a_max: Any = _absent, out: Any = None, *, min: Any = _absent, max: Any = _absent
) -> Any:
    """Bounds by place or by name, not by both; of two by place none may be missing."""
    if a_min is _absent and a_max is _absent:
        a_min, a_max = (None if bound is _absent else bound for bound in (min, max))
    else:
        refuse_unless(a_min is not _absent and a_max is not _absent and min is _absent and max is _absent)
    a, lower, upper = as_array(a), as_array(a_min), as_array(a_max)
    if lower is None:
        return a if upper is None else np.minimum(a, upper)
    return np.maximum(a, lower) if upper is None else clamp(a, lower, upper)


composite(np.clip, _clip)
