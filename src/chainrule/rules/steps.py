"""Functions whose results do not change continuously with their arguments: questions, positions, shapes.

Their results are ordinary NumPy values and are not tracked.
"""

from __future__ import annotations

import numpy as np

from chainrule.rules.rule import constant

constant(np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal)
constant(np.logical_and, np.logical_or, np.logical_not, np.logical_xor)
constant(np.isnan, np.isfinite, np.isinf, np.isposinf, np.isneginf, np.signbit)
constant(np.isclose, np.allclose, np.array_equal, np.array_equiv, np.any, np.all, np.iscomplexobj, np.isrealobj)
constant(np.iscomplex, np.isreal, np.count_nonzero, np.nonzero, np.flatnonzero, np.argwhere)
constant(np.argmax, np.argmin, np.argsort, np.argpartition, np.searchsorted, np.digitize, np.isin, np.lexsort)
constant(np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.common_type, np.min_scalar_type)
constant(np.zeros_like, np.ones_like, np.empty_like, np.may_share_memory, np.shares_memory)
