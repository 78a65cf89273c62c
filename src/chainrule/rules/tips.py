"""Tips of cones: a slope that is the mean of opposite ones, and no second derivative.

√(x² + y²) at 0 has the slope 0 by convention. Its second derivative diverges there, so that it is NaN: a constant 0 in
place of the slope would make it 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.formula.expression import symbols
from chainrule.rules.function import dispatched, entrywise
from chainrule.rules.rule import OWN_RULE, At, Elementwise, Structural


@dispatched(lazy=True)
def tip(x: Any) -> Any:
    """0 in the shape of `x`, where a slope has no derivative: that of this function is NaN, to every order.

    >>> tip(np.ones(2))
    array([0., 0.])
    """
    return np.zeros_like(x)


_RULE = Structural(
    tip,
    1,
    lambda out, operands, tracked: lambda g: (g * np.nan,),
    lambda out, operands, tangents: tangents[0] * np.nan,
    source="by definition",
)
setattr(tip, OWN_RULE, _RULE)  # not a row of the table: it is a part of other functions' rules only


@entrywise
def root(total: Any) -> Any:
    """The square root of a sum of squares, with the slope 0 at 0.

    >>> root(np.array([4.0, 0.0]))
    array([2., 0.])
    """
    return np.sqrt(total)


_x, _out = symbols("x out")
_tip = At(np.equal(_x, 0), 0, "the tip of a cone: the mean of opposite slopes", sharp="x")
_slope = (1 / (2 * _out),)
_source = "power rule; at 0 the mean of opposite slopes"
setattr(root, OWN_RULE, Elementwise(root, _slope, _slope, _slope, None, _x > 0, (_tip,), ((0, 4),), _source))
