"""The table's rows for SciPy's special functions; imported when a first one of them is differentiated."""

from chainrule.rules.special import (
    bessel,
    distributions,
    elementary,
    elliptic,
    errors,
    gammas,
    hypergeometric,
    integrals,
    polynomials,
)

__all__ = [
    "bessel",
    "distributions",
    "elementary",
    "elliptic",
    "errors",
    "gammas",
    "hypergeometric",
    "integrals",
    "polynomials",
]
