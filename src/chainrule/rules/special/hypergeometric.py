"""Hypergeometric functions and Wright's Bessel function, in their last argument."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from chainrule.formula.expression import symbols
from chainrule.rules.rule import UNKNOWN, rule

x, y, z, w, out = symbols("x y z w out")

rule(special.hyp0f1, UNKNOWN, special.hyp0f1(x + 1, y) / x, sample=((0.5, 3), (-2, 2)), source="DLMF 16.3.1")
rule(
    special.hyp1f1, UNKNOWN, UNKNOWN, x / y * special.hyp1f1(x + 1, y + 1, z),
    sample=((0.5, 2), (1, 3), (-2, 2)), source="DLMF 13.3.15",
)
rule(
    special.hyp2f1, UNKNOWN, UNKNOWN, UNKNOWN, x * y / z * special.hyp2f1(x + 1, y + 1, z + 1, w),
    sample=((0.5, 2), (0.5, 2), (2, 4), (-0.8, 0.7)), source="DLMF 15.5.1",
)
rule(
    special.hyperu, UNKNOWN, UNKNOWN, -x * special.hyperu(x + 1, y + 1, z), domain=z > 0,
    sample=((0.5, 2), (0.5, 2), (0.5, 3)), source="DLMF 13.3.22",
)
_wright: dict[str, Any] = {
    "domain": (x >= 0) & (y >= 0) & (z >= 0), "sample": ((0.5, 2), (0.5, 2), (0.3, 2)),
    "source": "DLMF 10.46.1",
}  # fmt: skip
rule(special.wright_bessel, UNKNOWN, UNKNOWN, special.wright_bessel(x, x + y, z), **_wright)
rule(special.log_wright_bessel, UNKNOWN, UNKNOWN, np.exp(special.log_wright_bessel(x, x + y, z) - out), **_wright)
