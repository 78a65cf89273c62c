"""scipy.spatial: distances have derivatives in :mod:`chainrule.scipy.spatial.distance`; the rest is SciPy's own."""

from __future__ import annotations

from scipy import spatial as _theirs

from chainrule.namesakes import namesake

__getattr__, __dir__ = namesake(_theirs, globals())
