"""Calls of NumPy's functions for every option that their signatures have, with several values each.

`SAMPLES` is a list for others to extend: a function, its operands, and values for its options. What is made of arrays
of floats among the operands is differentiated; lists and Python's numbers are constants. An option whose value is an
array of floats or a float64 is differentiated as well in half of the calls.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from chainrule import stop_gradient as stop
from chainrule.rules import TABLE, Elementwise, Piecewise
from tests.rules.calls import array


class Sample(NamedTuple):
    """A function with operands, and the values to try for each option; `of` has the signature that it fulfils."""

    function: Callable[..., Any]
    operands: tuple[Any, ...]
    options: dict[str, list[Any]]
    of: Callable[..., Any]
    smooth: bool


SAMPLES: list[Sample] = []


def use(
    function: Any, *operands: Any, of: Any = None, smooth: bool = True, by: dict[str, list[Any]] | None = None,
    **options: list[Any],
) -> None:  # fmt: skip
    """Add a sample. `by` is for options whose names are in the way here. Not `smooth`: only the value is compared."""
    SAMPLES.append(Sample(function, operands, {**(by or {}), **options}, of or function, smooth))


def quietly_called(function: Any, *operands: Any, **options: Any) -> Any:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return function(*operands, **options)


def writing(function: Any) -> Callable[..., Any]:
    """A function that writes into its first argument, as one that returns a changed copy."""

    def changed(x: Any, *others: Any, **options: Any) -> Any:
        y = x * 1.0
        function(y, *others, **options)
        return y

    return changed


def joined(function: Any) -> Callable[..., Any]:
    """A function of one list, as one of its entries."""
    return lambda *parts, **options: function(list(parts), **options)


def then(function: Any, *positions: int) -> Callable[..., Any]:
    """Some of a function's results, where the others have no derivative or an arbitrary sign."""

    def chosen(*operands: Any, **options: Any) -> Any:
        found = function(*operands, **options)
        return [found[i] for i in positions] if isinstance(found, tuple) and len(found) > max(positions) else found

    return chosen


def holed(function: Any) -> Callable[..., Any]:
    """The function of the array with NaN at two places."""

    def of_holes(x: Any, *others: Any, **options: Any) -> Any:
        return function(np.where(np.arange(x.size).reshape(x.shape) % 7 == 4, np.nan, x), *others, **options)

    return of_holes


def repeated(function: Any) -> Callable[..., Any]:
    """The function of an array in which every entry stands twice or three times along the first axis."""
    return lambda x, *others, **options: function(x[[0, 1, 2, 0, 1, 0]], *others, **options)


v, w = array(6), array(6, seed=1)
m, n = array(3, 4), array(3, 4, seed=1)
t, r = array(2, 3, 4), array(2, 3, 4, seed=1)
square, stack = array(3, 3) + 2 * np.eye(3), array(2, 3, 3) + 2 * np.eye(3)
positions = np.cumsum(array(4, seed=3))
mask = np.arange(24).reshape(2, 3, 4) % 3 != 1
mask4 = np.array([True, False, True, True])
AXES = [0, 1, -1, -2, (0, 1), (2, 0), (-1, 1), (0, 1, 2), (1,), ()]
ONE_AXIS = [0, 1, -3, -2, 2, None]
DTYPES = ["f", "D", np.float64, np.longdouble]
KEEP = [True, False]
ORDERS = ["C", "F", "A", "K"]
METHODS = [
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull",
    "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest",
]  # fmt: skip

# ---------------------------------------------------------------------- reductions

for _sum in (np.sum, np.prod, np.nansum, np.nanprod):
    for _f in (_sum, holed(_sum)):
        use(
            _f,
            t,
            of=_sum,
            axis=AXES,
            dtype=DTYPES,
            keepdims=KEEP,
            initial=[2, -0.5, np.float64(0.7)],
            where=[mask, mask4, False, np.bool_(True)],
        )
for _mean in (np.mean, np.nanmean):
    for _f in (_mean, holed(_mean)):
        use(_f, t, of=_mean, axis=AXES, dtype=DTYPES, keepdims=KEEP, where=[mask, mask4, True])
for _most in (np.max, np.min, np.amax, np.amin, np.nanmax, np.nanmin):
    for _f in (_most, holed(_most)):
        use(
            _f, t, of=_most, axis=AXES, keepdims=KEEP, initial=[1.1, np.float64(1.1), -9, 9], where=[mask, mask4, False]
        )
for _var in (np.var, np.std, np.nanvar, np.nanstd):
    for _f in (_var, holed(_var)):
        use(
            _f,
            t,
            of=_var,
            axis=AXES,
            dtype=DTYPES,
            keepdims=KEEP,
            ddof=[1, 0.5, -1],
            where=[mask, mask4],
            correction=[1, 0.25],
        )
        use(_f, t, of=_var, axis=[1], mean=[1.25, array(2, 1, 4, seed=2), np.float64(0.3)], ddof=[1], where=[mask])
use(np.ptp, t, axis=AXES, keepdims=KEEP)
for _median in (np.median, np.nanmedian):
    for _f in (_median, holed(_median)):
        use(_f, t, of=_median, axis=AXES, keepdims=KEEP, overwrite_input=[True])
for _quantile, _scale in ((np.quantile, 1), (np.nanquantile, 1), (np.percentile, 100), (np.nanpercentile, 100)):
    for _f in (_quantile, holed(_quantile)):
        for _q in (0.3 * _scale, [0.15 * _scale, 0.8 * _scale]):
            use(
                lambda x, f=_f, q=_q, **o: f(x, q, **o),
                t,
                of=_quantile,
                axis=AXES,
                keepdims=KEEP,
                method=METHODS,
                overwrite_input=[True],
            )
            use(
                lambda x, f=_f, q=_q, **o: f(x, q, method="inverted_cdf", **o),
                t,
                of=_quantile,
                axis=[-2, 1],
                weights=[[3, 1, 2], [0.5, 0.7, 1.9]],
                keepdims=KEEP,
            )
            use(
                lambda x, f=_f, q=_q, **o: f(x, q, axis=(2, 0), method="inverted_cdf", **o),
                t,
                of=_quantile,
                weights=[array(4, 2, seed=4).round(2).tolist(), (array(4, 2) > 1).astype(int).tolist()],
                keepdims=KEEP,
            )
            use(
                lambda x, f=_f, q=_q, **o: f(x, q, method="inverted_cdf", **o),
                t,
                of=_quantile,
                keepdims=KEEP,
                axis=[1, -1, (2, 0), (0, 1, 2)],
                weights=[(9 * r).astype(int), (9 * r - 2).astype(int).clip(0)],
            )
use(np.average, t, axis=[*AXES[:-1], None], returned=[True], keepdims=KEEP, weights=[r, r > 1])
use(np.average, t, axis=[1, -2], returned=[True], keepdims=KEEP, weights=[[1.0, 2.0, 0.5], array(3, seed=5)])
use(
    lambda x, **o: np.average(x, axis=(2, 0), **o),
    t,
    of=np.average,
    returned=[True],
    keepdims=KEEP,
    weights=[array(4, 2, seed=2), [[1, 2], [3, 4], [1, 1], [0, 2]]],
)
for _all in (np.all, np.any):
    for _cut in (0.6, 2.1):
        use(
            lambda x, f=_all, c=_cut, **o: f(x > c, **o),
            t,
            of=_all,
            axis=AXES,
            keepdims=KEEP,
            where=[mask, mask4, t < 2],
        )
use(lambda x, **o: np.count_nonzero(x > 1, **o), t, of=np.count_nonzero, axis=AXES, keepdims=KEEP)
for _arg in (np.argmax, np.argmin, np.nanargmax, np.nanargmin):
    use(_arg, t, axis=ONE_AXIS, keepdims=KEEP)
use(np.size, t, axis=[0, 1, -1])

# ---------------------------------------------------------------------- running sums, differences, integrals

for _running in (np.cumsum, np.cumprod, np.nancumsum, np.nancumprod):
    for _f in (_running, holed(_running)):
        use(_f, t, of=_running, axis=ONE_AXIS, dtype=DTYPES)
for _running in (np.cumulative_sum, np.cumulative_prod):
    use(_running, t, axis=[0, 1, -1], dtype=DTYPES, include_initial=[True])
    use(_running, v, axis=[0, -1], dtype=["f"], include_initial=[True])
use(
    np.diff,
    t,
    n=[0, 2, 3],
    axis=[0, 1, -2],
    prepend=[0.5, np.float64(0.3), array(2, 3, 1), array(1, 3, 4), array(2, 2, 4)],
    append=[2, array(2, 3, 2)],
)
use(np.ediff1d, m, to_end=[1.0, [2.0, 3.0], array(2)], to_begin=[-1.0, array(3, seed=2)])
for _axis, _n in ((0, 3), (1, 4), (-1, 4)):
    use(
        lambda x, *s, axis=_axis, **o: np.gradient(x, *s, axis=axis, **o),
        m,
        of=np.gradient,
        edge_order=[2],
        axis=[0, 1, (0, 1), (1, 0), (-1,), None],
    )
    use(
        lambda x, s, axis=_axis, **o: np.gradient(x, s, axis=axis, **o),
        m,
        np.cumsum(array(_n, seed=2)),
        of=np.gradient,
        edge_order=[2],
    )
use(np.gradient, m, np.float64(0.4), np.cumsum(array(4, seed=2)), edge_order=[2], axis=[(0, 1)])
use(
    np.trapezoid,
    t,
    dx=[0.5, np.float64(0.3), -2],
    axis=[0, 1, -2],
    x=[positions, [0.0, 1.0, 3.0, 3.5], np.cumsum(r, 2)],
)
use(np.trapezoid, t, dx=[0.5], axis=[1, -2], x=[positions[:3], np.cumsum(r, 1)])
use(lambda x, **o: np.unwrap(9.37 * x, **o), m, of=np.unwrap, axis=[0, -2], discont=[4.0, 0.5], period=[3.1, 2])
use(
    np.interp,
    np.array([-1.0, 0.3, 0.8, 1.7, 2.9, 3.6, 9.0]),
    positions - 1,
    array(4, seed=6),
    left=[0.5, np.float64(7)],
    right=[-2, np.float64(1.5)],
    period=[4.7, np.float64(5.3), 1.9, -4.7, -7],
)
use(np.interp, m, positions, array(4) * (1 + 2j), left=[0.5j], right=[-2.0], period=[4.7, -1.3])

# ---------------------------------------------------------------------- orders, selections, sets

use(np.sort, t, axis=ONE_AXIS, kind=["stable", "heapsort"], stable=[True], order=[None])
use(np.partition, t, 1, of=np.partition, axis=ONE_AXIS, kind=["introselect"], order=[None])
use(lambda x, **o: np.sort(np.partition(x, **o)), v, of=np.partition, kth=[0, 2, -1, [1, 3]])
use(np.argpartition, t, smooth=False, kth=[0, 1, -1], axis=[0, 1, -2], kind=["introselect"], order=[None])
use(np.argsort, t, axis=ONE_AXIS, kind=["stable"], stable=[True], order=[None])
use(np.lexsort, np.stack([t.round(), r]), smooth=False, axis=[0, 1, -2])
use(
    np.clip,
    m,
    a_min=[0.9, n, np.float64(0.8), [0.5, 1.0, 1.5, 2.0], None],
    a_max=[1.5, n + 0.5, [2, 1, 2, 1], None],
    min=[0.9, n, None],
    max=[1.5, n + 0.5, np.float64(1.23)],
)
use(np.take, t, indices=[[0, 1], 1, [[0, -1], [1, 0]]], axis=ONE_AXIS, mode=["wrap", "clip", "raise"])
use(lambda x, **o: np.take(x, [7, -9, 3], **o), t, of=np.take, axis=ONE_AXIS, mode=["wrap", "clip"])
use(lambda x, **o: np.take_along_axis(x, np.argsort(x, **o), **o), t, of=np.take_along_axis, axis=[0, 1, -2, 2])
use(np.compress, [True, False, True], t, axis=[1, -2, None])
use(
    lambda c, *x, **o: np.choose(c, list(x), **o), [1, 0, 4, -1], v[:4], w[:4], 9.0, of=np.choose, mode=["wrap", "clip"]
)
use(lambda c, *x, **o: np.select(c, list(x), **o), [m > 1, n > 1.5], m, n, of=np.select, default=[2.5, array(3, 1), 0])
use(np.searchsorted, positions, m, smooth=False, side=["right"], sorter=[[3, 1, 0, 2], [1, 0, 2, 3]])
use(
    lambda a, x, **o: np.searchsorted(np.round(a), np.round(x), **o),
    positions,
    3 * m,
    of=np.searchsorted,
    side=["right"],
)
use(np.digitize, m, smooth=False, bins=[[0.5, 1.0, 2.0], [2.0, 1.0]])
use(np.digitize, [1.0, 2.0, 2.5], [1.0, 2.0, 3.0], smooth=False, right=[True])
use(
    repeated(np.unique),
    m,
    of=np.unique,
    return_index=[True],
    return_inverse=[True],
    return_counts=[True],
    axis=[0, 1, -1, None],
    equal_nan=[False],
    sorted=[False],
)
use(holed(np.unique), t, of=np.unique, equal_nan=[False], return_counts=[True], return_index=[True])
use(repeated(np.intersect1d), v, w[:2], of=np.intersect1d, assume_unique=[False], return_indices=[True])
use(lambda x, **o: np.intersect1d(x, x[::-2], **o), v, of=np.intersect1d, assume_unique=[True], return_indices=[True])
for _set in (np.setdiff1d, np.setxor1d):
    use(lambda x, y, f=_set, **o: f(np.append(x, x[1]), np.append(y, x[::3]), **o), v, w, of=_set, assume_unique=[True])
use(np.isin, m, [0.5, float(m[0, 1])], smooth=False, assume_unique=[True], invert=[True], kind=["sort"])
use(repeated(np.isin), m, m[0], of=np.isin, assume_unique=[False], invert=[True])
use(lambda x, **o: np.trim_zeros(x * [0, 0, 1, 0, 2, 0], **o), v, of=np.trim_zeros, trim=["f", "b", "B"], axis=[0, -1])
use(
    lambda x, **o: np.trim_zeros(x * np.outer([0, 1, 1], [0, 0, 1, 0]), **o),
    m,
    of=np.trim_zeros,
    trim=["f", "b"],
    axis=[0, 1, -1, (0, 1), None],
)
use(
    lambda x, **o: np.nan_to_num(x / [0, 1, -0.0, 2] * [1, 1, 1, np.nan], **o),
    m,
    of=np.nan_to_num,
    copy=[True],
    nan=[1.5, -2],
    posinf=[7.0, 3],
    neginf=[-7.0, 4],
)

use(
    writing(lambda y, **o: np.nan_to_num(y[0], copy=False, **o)),
    np.array([[np.nan, 1.0, -np.inf], [np.nan, np.inf, 2]]),
    of=np.nan_to_num,
    smooth=False,
    nan=[1.5, -2],
    posinf=[7.0, 3],
    neginf=[-7.0, 4],
)

# ---------------------------------------------------------------------- shapes, joins, copies

use(np.reshape, t, shape=[(4, 6), (3, -1), -1, (2, 2, 3, 2)], order=["C", "F", "A"], copy=[True, None])
use(lambda x, **o: np.reshape(x.T, **o), t, of=np.reshape, shape=[(4, 6), (24,)], order=["C", "F", "A"], copy=[True])
for _f in (lambda x, **o: np.ravel(x.swapaxes(0, 1), **o), lambda x, **o: np.ravel(x.T, **o)):
    use(_f, t, of=np.ravel, order=ORDERS)
use(lambda x, **o: np.copy(x.T, **o), t, of=np.copy, order=ORDERS, subok=[True])
use(np.permute_dims, t, axes=[(1, 2, 0), (2, 0, 1), (-1, -3, -2), (0, 2, 1), None])
use(np.expand_dims, m, axis=[0, -1, 1, (0, 2), (-1, 0)])
use(np.squeeze, array(1, 3, 1), axis=[0, -1, (0, 2), ()])
use(np.moveaxis, t, source=[0, -1, (0, 1), (2, -3)], destination=[2, 1, (2, 0), (-1, 1)])
use(np.swapaxes, t, axis1=[0, -1], axis2=[1, 2, -3])
use(np.rollaxis, t, axis=[0, 1, 2, -1], start=[0, 1, 2, 3, -1])
use(np.roll, t, shift=[1, -2, 5, (1, 2)], axis=[0, -1, (0, 2), (1, 1), None])
use(np.rot90, t, k=[0, 2, 3, -1, 5], axes=[(1, 2), (2, 0), (-1, 0)])
use(np.flip, t, axis=[0, -1, (0, 2), ()])
use(np.broadcast_to, array(3, 1), shape=[(3, 4), (2, 3, 2)], subok=[True])
use(np.broadcast_arrays, array(3, 1), array(4), subok=[True])
use(np.tile, m, reps=[2, (2, 1), (1, 2, 2), (), (0, 1)])
use(np.resize, m, new_shape=[5, (4, 5), (2, 2), (5, 3, 2)])
use(np.repeat, t, repeats=[2, [1, 0, 3], 0], axis=[1, -2, None, 0])
for _join in (np.concat, np.stack):
    use(
        joined(_join),
        t,
        r,
        of=_join,
        axis=[1, -1, 2, *([None] if _join is np.concat else [-4])],
        dtype=["f", "D"],
        casting=["unsafe"],
    )
for _join in (np.hstack, np.vstack):
    use(joined(_join), m, n, of=_join, dtype=["f", "D"], casting=["unsafe"])
use(np.append, m, n, axis=[0, 1, -1])
use(
    np.insert, m, obj=[1, -1, [0, 2], slice(0, 2)], values=[7.0, np.float64(2.5), [[1.0], [2.0]]], axis=[0, 1, -1, None]
)
use(lambda x, y, **o: np.insert(x, [1, 2], y, **o), m, array(2), of=np.insert, axis=[1, None, -1])
for _axis in (0, 1, 2):
    # One place takes a slice without the axis, as an assignment there would; a list of one place takes one with it.
    _slice = array(*[n for k, n in enumerate((2, 3, 4)) if k != _axis], seed=_axis)
    use(np.insert, t, values=[_slice], obj=[1, -1], axis=[_axis, _axis - 3])
    use(np.insert, t, values=[np.expand_dims(_slice, _axis)], obj=[[1], slice(0, 2)], axis=[_axis, _axis - 3])
use(np.delete, m, obj=[0, -1, [0, 2], slice(0, 2), [True, False, True]], axis=[0, -2, 1, None])
for _split in (np.split, np.array_split):
    use(_split, array(4, 4, 2), indices_or_sections=[2, [1, 3], [0, 1], [-1]], axis=[0, 1, -1])
use(np.array_split, array(5, 7), indices_or_sections=[3, 4], axis=[0, -1])
for _split, _d in ((np.hsplit, t), (np.vsplit, t), (np.dsplit, t)):
    use(_split, _d, indices_or_sections=[1, [1], [0, 1]])
use(np.unstack, t, axis=[0, 1, -1])
use(np.diag, m, k=[1, -1, 2, -2])
use(np.diag, v[:3], k=[1, -2])
use(np.diagflat, m[:2, :2], k=[1, -2])
for _f in (np.diagonal, np.trace):
    use(
        _f, t, offset=[1, -1, 2], axis1=[0, -1, 1], axis2=[1, 2, 0], **({"dtype": ["f", "D"]} if _f is np.trace else {})
    )
use(np.linalg.diagonal, t, offset=[1, -1, 3])
use(np.linalg.trace, t, offset=[1, -1], dtype=["f", "D"])
for _f in (np.tril, np.triu):
    use(_f, t, k=[1, -1, 2, -2])
for _f in (np.tril_indices_from, np.triu_indices_from):
    use(_f, m, smooth=False, k=[1, -1])
use(np.vander, v, by={"N": [0, 2, 4]}, increasing=[True])
use(np.meshgrid, v[:2], v[2:5], w[:4], copy=[False, True], sparse=[True], indexing=["ij"])
use(np.meshgrid, v[:2], v[2:5], copy=[True], sparse=[True], indexing=["ij"])
use(sliding_window_view, m, window_shape=[2, (2, 3), (1, 2)], axis=[0, 1, (0, 1), (-1, 0), None], subok=[True])
for _mode, _more in (
    ("constant", {"constant_values": [2.5, (1, 2), ((1, 2), (3, 4)), np.float64(3.5)]}),
    ("edge", {}), ("wrap", {}), ("empty", {}),
    ("linear_ramp", {"end_values": [2.5, (1, 2), ((1, 2), (3, 4))]}),
    ("reflect", {"reflect_type": ["odd"]}), ("symmetric", {"reflect_type": ["odd"]}),
    ("maximum", {"stat_length": [1, 2, ((1, 2), (3, 2))]}), ("minimum", {"stat_length": [2]}),
    ("mean", {"stat_length": [1, 2, ((1, 2), (3, 2))]}), ("median", {"stat_length": [2, 3]}),
):  # fmt: skip
    use(
        lambda x, pad_width=1, mode=_mode, **o: np.pad(x, pad_width, mode, **o) * (1 if mode != "empty" else 0),
        m,
        of=np.pad,
        pad_width=[2, (1, 2), ((0, 2), (3, 1)), 7, ((5, 0), (0, 9)), {1: (2, 0)}],
        **_more,
    )
use(np.pad, m, ((1, 2), (0, 3)), mode=["edge", "wrap", "reflect", "symmetric", "mean", "minimum", "linear_ramp"])
use(
    lambda x, dtype=float, **o: np.astype(x, dtype, **o),
    m,
    of=np.astype,
    dtype=["f", "D", np.longdouble, int],
    copy=[False],
    device=["cpu"],
)
use(np.nan_to_num, m, copy=[False])
use(writing(np.put), m, of=np.put, ind=[[0, 5], [-1, 13], 2], v=[array(2), 1.5, [1, 2, 3]], mode=["wrap", "clip"])
use(writing(np.place), m, m > 1, of=np.place, vals=[array(3), [2.5], [1, 2]])
use(writing(np.putmask), m, m > 1, of=np.putmask, values=[n, array(3), 2.5])
use(writing(np.copyto), m, n, of=np.copyto, where=[m > 1, mask4, False], casting=["unsafe", "no"])
use(writing(np.fill_diagonal), array(7, 3), of=np.fill_diagonal, val=[1.5, array(3), [1, 2]], wrap=[True])
use(
    writing(np.put_along_axis),
    m,
    np.array([[0, 1, 1, 2]]),
    of=np.put_along_axis,
    values=[array(1, 4), 3.0],
    axis=[0, -2],
)
use(
    writing(np.put_along_axis),
    m,
    np.array([[0], [3], [1]]),
    of=np.put_along_axis,
    values=[array(3, 1), 3.0],
    axis=[1, -1],
)
use(
    np.full_like,
    m,
    fill_value=[2.5, np.float64(0.3), array(4)],
    dtype=["f", "D"],
    order=["F"],
    shape=[(2, 4), 4],
    subok=[False],
    device=["cpu"],
)
for _f in (np.ones_like, np.zeros_like):
    use(_f, m, dtype=["f", int], order=["F"], shape=[(2, 4), 4], subok=[False], device=["cpu"])

# ---------------------------------------------------------------------- products, polynomials, statistics

for _f, _modes in ((np.convolve, ["same", "valid"]), (np.correlate, ["same", "full"])):
    for _sizes in ((6, 3), (2, 5), (4, 4)):
        use(_f, array(_sizes[0]), array(_sizes[1], seed=2), mode=_modes)
        use(_f, array(_sizes[0]) * (1 + 1j), array(_sizes[1], seed=2) * (2 - 1j), mode=_modes)
use(np.tensordot, t, r.transpose(2, 0, 1), axes=[0, ([0], [1]), ([1, 2], [2, 0]), ((-1, 0), (0, 1))])
use(np.linalg.tensordot, t, r.transpose(2, 0, 1), axes=[0, ([0], [1]), ([1, 2], [2, 0])])
use(np.linalg.tensordot, m, n.T, axes=[1, 2, 0])
use(np.tensordot, m, n.T, axes=[1, 2, 0])
use(
    lambda *x, **o: np.einsum("ij,kj->ki", *x, **o),
    m,
    n,
    of=np.einsum,
    optimize=[True, "greedy", "optimal"],
    dtype=["D", np.longdouble],
    order=["F", "C"],
    casting=["unsafe"],
)
use(np.cross, array(3, 2, 3), array(3, 2, 3, seed=1), axisa=[0, -1], axisb=[0, 2], axisc=[0, 1, -1], axis=[0, -1])
use(np.linalg.cross, array(3, 2, 3), array(3, 2, 3, seed=1), axis=[0, 2])
for _f in (np.linalg.vecdot, np.vecdot):
    use(_f, t, r * (1 + 1j), of=np.linalg.vecdot, axis=[0, 1, -2])
use(np.polyder, v, m=[0, 2, 3])
use(np.polyint, v, m=[0, 2, 3], k=[1.5, [1.5], np.float64(0.3)])
use(lambda p, **o: np.polyint(p, 2, **o), v, of=np.polyint, k=[array(2), [1, 2], 3])
use(
    lambda x, y, **o: np.polyfit(x, y, **o),
    v,
    w,
    of=np.polyfit,
    deg=[1, 2, 3],
    w=[array(6, seed=4), [1, 2, 1, 1, 3, 1]],
    rcond=[1e-2],
    cov=["unscaled", True],
)
use(then(lambda x, y, **o: np.polyfit(x, y, 2, **o), 0, 1, 3), v, w, of=np.polyfit, full=[True], w=[array(6, seed=4)])
use(lambda x, y, **o: np.polyfit(x, y, 3, **o), v, np.stack([w, w**2], 1), of=np.polyfit, rcond=[0.2, 1e-12])
for _rows in (True, False):
    use(
        lambda x, r=_rows, rowvar=None, **o: np.cov(x, rowvar=r if rowvar is None else rowvar, **o),
        m,
        of=np.cov,
        y=[n, n[:1] if _rows else n[:, :1]],
        rowvar=[True, False],
        bias=[True],
        ddof=[0, 2, 1],
        dtype=["f", np.longdouble],
        fweights=[[1, 2, 1, 3] if _rows else [2, 1, 3]],
        aweights=[[0.1, 0.2, 1, 0.3] if _rows else [0.5, 1, 2]],
    )
    use(np.corrcoef, m if _rows else m.T, y=[n if _rows else n.T], rowvar=[False, True], dtype=["f", np.longdouble])
# The values at both ends are constants, so that no edge moves over a value and the numbers of values stay.
_ends = [-0.7, 4.1]
use(
    np.histogram_bin_edges,
    v,
    bins=[4, [0.0, 1.0, 3.0], "sturges"],
    range=[(0, 3), (0.5, 1.5)],
    weights=[w, [1, 2, 3, 4, 5, 6]],
)
use(lambda x, **o: np.histogram(x, **o)[1], v, of=np.histogram, bins=[4, 3], range=[(0, 3), (0.5, 1.5)])
use(
    lambda x, **o: np.histogram(np.append(x, _ends), **o),
    v,
    of=np.histogram,
    bins=[4, [0.0, 1.0, 3.0], "sturges"],
    range=[(0, 3), (0.5, 1.5)],
    weights=[array(8, seed=3), [1, 2, 3, 4, 5, 6, 7, 8]],
    density=[True, False],
)
for _f, _hist in (
    (np.histogram2d, lambda x, y, **o: np.histogram2d(np.append(x, _ends), np.append(y, _ends), **o)),
    (np.histogramdd, lambda x, y, **o: (lambda h, e: [h, *e])(
        *np.histogramdd((np.append(x, _ends), np.append(y, _ends)), **o))),
):  # fmt: skip
    use(
        _hist,
        v,
        w,
        of=_f,
        bins=[3, (2, 4), ([0.0, 1, 3], [0.0, 1.5, 3])],
        range=[[(0.013, 3), (-1.017, 4)], [(0.4, 2), (0, 9)]],
        density=[True],
        weights=[array(8, seed=3), [1, 2, 3, 4, 5, 6, 7, 8]],
    )
use(np.bincount, [0, 2, 2, 5, 1, 0], weights=[w, [1, 2, 3, 4, 5, 6]], minlength=[3, 9])
for _start, _stop in ((0.7, 3.1), (array(3), array(3, seed=1) + 2), (np.float64(0.5), array(2))):
    use(
        np.linspace,
        _start,
        _stop,
        num=[0, 1, 4],
        endpoint=[False],
        retstep=[True],
        dtype=["f", "D"],
        axis=[0, -1],
        device=["cpu"],
    )
    use(np.geomspace, _start, _stop, num=[1, 4], endpoint=[False], dtype=["f", "D"], axis=[0, -1])
    use(
        np.logspace,
        _start,
        _stop,
        num=[1, 4],
        endpoint=[False],
        dtype=["f", "D"],
        axis=[0, -1],
        base=[2.0, np.float64(1.7), 3],
    )
use(np.logspace, array(2), array(2, seed=1), num=[4], axis=[0, -1], base=[array(2, seed=2)])
for _f in (np.round, np.around):
    use(_f, m, smooth=False, decimals=[1, 2, np.int8(3), 17])
    use(_f, 1e4 * m, smooth=False, decimals=[1, -1, np.int64(-2), -3, -5])
use(np.angle, m * (1 + 0.7j), deg=[True])
use(np.real_if_close, m + 1e-14j, smooth=False, tol=[10, 1e-20, 1e6])

# ---------------------------------------------------------------------- Fourier transforms

for _name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
    _f = getattr(np.fft, _name)
    _x = array(3, 5) if _name in ("rfft", "ihfft") else array(3, 5) + 1j * array(3, 5, seed=1)
    use(_f, _x, n=[1, 3, 4, 7, 8], axis=[0, -2], norm=["ortho", "forward", "backward"])
for _name in ("fft", "ifft", "rfft", "irfft"):
    _x = t if _name == "rfft" else t + 1j * r
    for _n in "2n":
        use(
            getattr(np.fft, _name + _n),
            _x,
            s=[(3, 4), (2, 5), (4, 2)],
            axes=[(0, 1), (-1, 0), (2, 1)],
            norm=["ortho", "forward", "backward"],
        )
for _f in (np.fft.fftshift, np.fft.ifftshift):
    use(_f, t, axes=[0, (0, 2), -2, (1,)])

# ---------------------------------------------------------------------- linear algebra

_hermitian = square * (1 + 0.3j)
use(lambda a, **o: np.linalg.cholesky(a @ np.conj(a.mT), **o), stack, of=np.linalg.cholesky, upper=[True])
use(lambda a, **o: np.linalg.cholesky(a @ np.conj(a.mT), **o), _hermitian, of=np.linalg.cholesky, upper=[True])
for _a in (square, stack, _hermitian):
    for _kept in (False, True):
        _f = (lambda a: a + np.conj(a.mT)) if _kept else (lambda a: a)
        use(
            lambda a, f=_f, **o: np.linalg.eigvalsh(f(a), **o),
            _a,
            of=np.linalg.eigvalsh,
            by={"UPLO": ["U", "u", "l"]},
            smooth=_kept,
        )
        use(
            lambda a, f=_f, **o: (lambda w, v: (w, abs(v)))(*np.linalg.eigh(f(a), **o)),
            _a,
            of=np.linalg.eigh,
            by={"UPLO": ["U", "u", "l"]},
            smooth=_kept,
        )
    use(np.linalg.pinv, _a, rcond=[1e-3, 0.3], rtol=[1e-3, 0.3, None])
    use(lambda a, **o: np.linalg.pinv(a + np.conj(a.mT), **o), _a, of=np.linalg.pinv, hermitian=[True], rcond=[0.2])
    use(np.linalg.pinv, _a, smooth=False, hermitian=[True])
for _a in (array(4, 3), array(2, 3, 4)):
    use(np.linalg.pinv, _a, rcond=[1e-3, 0.4], rtol=[1e-3])
    use(
        lambda a, **o: (lambda f: [abs(p) for p in f] if isinstance(f, tuple) else abs(f))(np.linalg.qr(a, **o)),
        _a,
        of=np.linalg.qr,
        mode=["r", "reduced"],
    )
    use(
        lambda a, **o: (lambda f: [abs(p) for p in f] if isinstance(f, tuple) else f)(
            np.linalg.svd(a, **{"full_matrices": False, **o})
        ),
        _a,
        of=np.linalg.svd,
        compute_uv=[False],
    )
use(lambda a, **o: abs(np.linalg.svd(a, **o)[2]), array(3, 4), of=np.linalg.svd, full_matrices=[False])
use(lambda a, **o: np.linalg.qr(a, **o)[1], array(4, 3), of=np.linalg.qr, mode=["complete"])
use(lambda a, **o: np.linalg.svd(a + a.T, **o)[1], square, of=np.linalg.svd, hermitian=[True])
use(np.linalg.svd, np.array([[1, 0.5, 0.1], [0, 1, 0.2], [0, 0, 1]]), smooth=False, hermitian=[True])
use(np.linalg.matrix_power, square, by={"n": [0, 1, 2, 3, -1, -2, 5]})
use(np.linalg.matrix_rank, stack, smooth=False, tol=[1.0, 3.0], hermitian=[True], rtol=[0.5])
use(np.linalg.tensorinv, array(6, 2, 3), ind=[1])
use(np.linalg.tensorinv, array(2, 3, 6), ind=[2])
use(np.linalg.tensorsolve, array(2, 3, 6), array(2, 3), axes=[None])
use(np.linalg.tensorsolve, array(2, 6, 3), array(2, 3), axes=[(1,), (-2,)])
use(then(np.linalg.lstsq, 0), array(4, 3), array(4), of=np.linalg.lstsq, rcond=[1e-3, 0.4, -1])
use(np.linalg.cond, square, p=[2, -2, 1, -1, np.inf, -np.inf, "fro", "nuc"])
use(
    np.linalg.norm,
    t,
    ord=[1, 3, -1, 0.5, np.inf, -np.inf, 2, "fro", "nuc", -2, 0],
    axis=[0, -1, (0, 1), (2, 0), (-1, 1)],
    keepdims=KEEP,
)
use(np.linalg.vector_norm, t, ord=[1, 3, -1, 0.5, np.inf, -np.inf], axis=[0, (0, 1), (2, 0), -1, None], keepdims=KEEP)
use(np.linalg.matrix_norm, t, ord=["nuc", 1, -1, 2, -2, np.inf, -np.inf], keepdims=KEEP)
use(np.linalg.multi_dot, [m, n.T, array(3, 2)])

# ---------------------------------------------------------------------- comparisons

for _close in (np.isclose, np.allclose):
    use(
        lambda x, y, f=_close, **o: f(np.append(x, np.nan), np.append(y, np.nan), **o),
        v,
        v * 1.001,
        of=_close,
        rtol=[1e-2, 1e-9],
        atol=[0.1, 1e-9],
        equal_nan=[True],
    )
use(np.allclose, v, v * 1.001, rtol=[1e-2, 1e-9], atol=[0.1])
use(
    lambda x, **o: np.array_equal(np.append(x, np.nan), np.append(x, np.nan), **o),
    v,
    of=np.array_equal,
    equal_nan=[True],
)
for _f in (np.isposinf, np.isneginf, np.fix):
    use(_f, m, smooth=False)


use(np.apply_along_axis, np.cumsum, 1, t, of=np.apply_along_axis)
use(
    lambda x, **o: np.apply_along_axis(lambda row: np.outer(row[:2], row), arr=x, **o),
    t,
    of=np.apply_along_axis,
    by={"axis": [0, 1, -1, -3]},
)
use(
    lambda x, **o: np.apply_along_axis(lambda row, power=1, shift=0.0: np.sum(row**power) + shift, 1, x, **o),
    t,
    of=np.apply_along_axis,
    power=[2, 3],
    shift=[1.5],
)
use(
    lambda x, **o: np.piecewise(
        x, [x < 1], [lambda r, k=1.0, shift=0.0: k * r**2, lambda r, k=1.0, shift=0.0: r + shift], **o
    ),
    m,
    of=np.piecewise,
    k=[2.5, np.float64(0.7)],
    shift=[-3.0],
)
use(lambda x, **o: np.apply_over_axes(np.sum, x, **o), t, of=np.apply_over_axes, axes=[0, [0, 2], [-1], [1, 1]])
use(np.empty_like, array(0, 3), smooth=False, dtype=["f"], order=["F"], shape=[(0, 4)], subok=[False], device=["cpu"])
use(lambda x, casting="safe": np.can_cast(x.dtype, np.int8, casting), m, of=np.can_cast, casting=["unsafe", "no"])
use(
    lambda x, y, **o: np.einsum_path("ij,jk,kl->il", x, y, x, **o)[0],
    m,
    n.T,
    of=np.einsum_path,
    optimize=[False, "optimal"],
)
use(np.where, m > 1, m, n)
use(
    np.ravel_multi_index,
    [[1, 0, 3], [2, 5, 1]],
    smooth=False,
    dims=[(4, 6), (3, 5)],
    mode=["wrap", "clip"],
    order=["F"],
)
use(np.unravel_index, [3, 1, 7], smooth=False, shape=[(4, 6), (3, 5)], order=["F"])
use(np.packbits, [[1, 0, 1], [0, 1, 1]], smooth=False, axis=[0, 1, -1], bitorder=["little"])
use(
    lambda **o: np.unpackbits(np.uint8([[2], [7]]), **o),
    of=np.unpackbits,
    axis=[0, 1],
    count=[5, 3],
    bitorder=["little"],
)

# ---------------------------------------------------------------------- ufuncs and their methods


def into(function: Any) -> Callable[..., Any]:
    """A ufunc that writes into tracked arrays where `where=` is given: what it leaves out is else undefined."""

    def written(*operands: Any, **options: Any) -> Any:
        if "where" not in options:
            return function(*operands, **options)
        like = quietly_called(function, *map(stop, operands), **{k: v for k, v in options.items() if k != "where"})
        first, many = operands[0][0, 0], isinstance(like, tuple)
        out = tuple(
            (5.0 + 0.0 * first * np.ones(np.shape(part))).astype(part.dtype) for part in (like if many else (like,))
        )
        return function(*operands, out=out, **options)

    return written


def intervals(ufunc: Any) -> Iterator[Any]:
    """Points for each argument of a ufunc, inside its domain and away from kinks."""
    rule = TABLE[ufunc]
    for k, (low, high) in enumerate(
        rule.sample if isinstance(rule, Elementwise) and rule.sample else [(0.3, 2.3)] * ufunc.nin
    ):
        yield (low + (high - low) * (array(3, 4, seed=k) - 0.25) / 2.2).reshape(3, 4)


JUMPING = (np.floor_divide, np.remainder, np.fmod, np.heaviside)
UFUNCS = [f for f in vars(np).values() if isinstance(f, np.ufunc) and f in TABLE and not f.signature]
for _f in dict.fromkeys(UFUNCS):
    if _f is np.isnat:
        use(
            _f,
            np.array(["2020-01-01", "NaT"], "M8[D]"),
            smooth=False,
            of=_f,
            order=["F"],
            casting=["unsafe"],
            subok=[False],
            dtype=["?"],
        )
        continue
    if not set("".join(_f.types)) & set("efdgFDG"):
        use(
            _f,
            *[[[1, 2, 3, 5], [4, 0, 7, 6], [1, 1, 2, 9]]] * _f.nin,
            of=_f,
            smooth=False,
            dtype=["i"],
            order=["F"],
            casting=["unsafe"],
            subok=[False],
        )
        continue
    _x = tuple(intervals(_f))
    _constant = isinstance(TABLE[_f], Piecewise)
    _integers = "d" not in _f.types[-1].split("->")[0] and _f in (np.ldexp,)
    use(
        into(_f),
        *((_x[0], [[1, 2, -1, 3]]) if _integers else _x),
        of=_f,
        smooth=not _constant,
        dtype=["f", "d", np.longdouble],
        order=["F", "C"],
        **({} if _constant or _f.nout > 1 else {"where": [mask[0], [True, False, True, True], mask[0][:, :1]]}),
        subok=[False],
        casting=["unsafe"],
    )
    if _f.nin == 2 and _f.nout == 1 and not (_integers or _constant):
        _a = np.stack([_x[0], _x[0] + 0.01])
        for _method, _options in (
            ("reduce", {"axis": AXES, "keepdims": KEEP, "initial": [0.7, 2.0], "where": [mask, mask4]}),
            ("accumulate", {"axis": ONE_AXIS[:-1]}),
        ):
            _options = {**_options, "dtype": ["f", "d"]}
            use(lambda x, f=_f, m=_method, **o: getattr(f, m)(x, **o), _a, of=_f, smooth=_f not in JUMPING, **_options)
        use(
            lambda x, f=_f, **o: f.reduceat(x, [0, 2, 1], **o),
            array(3, 4, 3),
            of=_f,
            smooth=_f not in JUMPING,
            axis=[0, 1, -1],
            dtype=["f"],
        )
        use(lambda x, y, f=_f, **o: f.outer(x, y, **o), _x[0][0], _x[1][:2], of=_f, dtype=["f", "d"])
for _f, _a, _b in ((np.matmul, t, r.mT), (np.vecdot, t, r), (np.matvec, t, m[:2]), (np.vecmat, n[:2, :3], t)):
    use(_f, _a, _b, dtype=["f", "D"], casting=["unsafe"], order=["F"], subok=[False])
    use(_f, _a * (1 + 0.5j), _b * (2 - 1j), dtype=["F"])
use(
    np.matmul,
    t,
    r,
    axes=[[(1, 2), (2, 1), (0, 1)], [(-1, -2), (1, 2), (2, 0)], [(0, 1), (1, 0), (1, 2)]],
    axis=[0],
    keepdims=[True],
)
use(np.vecdot, t, r * (1 + 1j), axes=[[0, 0, ()]], axis=[1, -2], keepdims=[True])
use(np.matvec, t, array(2, 4), axes=[[(1, 2), -1, 0], [(1, 2), 1, -1]], axis=[0], keepdims=[True])
use(np.vecmat, array(2, 3), t, axes=[[-1, (1, 2), 0], [1, (1, 2), -1]], axis=[0], keepdims=[True])

NO_EFFECT = {
    "subok": "no subclasses here", "casting": "only what is refused differs", "device": "there is only the CPU",
    "kind": "one way to compute the same", "optimize": "another", "stable": "equal entries look alike",
    "overwrite_input": "what is left in the argument is undefined", "assume_unique": "saves time",
    "dtype of isnat": "there is one",
    "order of sort": "for structured arrays", "order of partition": "for structured arrays",
    "order of argsort": "for structured arrays", "order of argpartition": "for structured arrays",
    "sorted": "sorting is allowed anyway", "weights of histogram_bin_edges": "refused where they would matter",
    "order": "compared where a layout is chosen",
}  # fmt: skip
"""Options that change no result; they are tried nevertheless."""
WITHOUT_RULE = {
    "axes of matmul", "axes of vecdot", "axes of matvec", "axes of vecmat", "order of divmod", "order of ldexp",
    *(f"{option} of {name}" for option in ("dtype", "casting", "order", "subok", "axis", "keepdims", "axes")
      for name in ("matvec", "vecmat", "vecdot", "matmul", "divmod", "ldexp", "modf", "frexp")),
}  # fmt: skip
"""Options that are refused with what to write instead: nobody is known to need them."""
UNTRIED = {
    "out": "written into a tracked array, by a test of its own",
    "x of where": "an operand",
    "y of where": "an operand",
    "signature": "another way to say dtype",
    "max_work": "only the time differs",
    "kwargs of clip": "options of ufuncs, which are refused",
    "einsum_call": "for NumPy itself",
}
TEXT = (np.array2string, np.array_repr, np.array_str)


def parameters(function: Any) -> Iterator[inspect.Parameter]:
    """The parameters that NumPy declares for a function; none where it does not say."""
    try:
        yield from inspect.signature(function).parameters.values()
    except ValueError:
        return
