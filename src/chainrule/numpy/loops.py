"""`np.vectorize` and `np.ndenumerate`: Python's loops over the entries of arrays, which may be tracked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy

from chainrule.engine.assignment import has_tracked, joined
from chainrule.engine.values import Tracked, plain
from chainrule.numpy.making import in_dtype
from chainrule.numpy.opening import REFUSALS, lost_tracking

_NOTHING: Any = numpy._NoValue


class vectorize(numpy.vectorize):  # noqa: N801
    """`numpy.vectorize` of a function whose arguments or results may be tracked.

    As in NumPy the first result, or `otypes`, says the dtype. Raises TrackingError where that cannot hold a derivative.

    >>> import chainrule as cr
    >>> hinge = vectorize(lambda t, low: t * t if t > low else 0.0)
    >>> cr.grad(lambda x: numpy.sum(hinge(x, 1.0)))(numpy.array([0.5, 3.0]))
    array([0., 6.])
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.pyfunc is _NOTHING:  # it decorates what it is called with
            return super().__call__(*args, **kwargs)
        if not has_tracked([*args, *kwargs.values()]):
            try:
                return super().__call__(*args, **kwargs)
            except REFUSALS as error:
                if not lost_tracking(error):
                    raise  # else tracked values came out of the function, which NumPy's own loop cannot join
        return self._looped(args, kwargs)

    def _looped(self, args: Any, kwargs: dict[str, Any]) -> Any:
        looped: dict[Any, Any] = {
            name: joined(value) if has_tracked(value) else value if isinstance(value, Tracked) else numpy.asarray(value)
            for name, value in [*enumerate(args), *kwargs.items()]
            if name not in self.excluded
        }
        axes = dict.fromkeys(looped, 0)
        if self.signature is not None:
            cores = re.findall(r"\(([^)]*)\)", self.signature.split("->")[0])
            axes = {name: len(re.findall(r"\w+", core)) for name, core in zip(looped, cores, strict=True)}
        outer = {name: value.shape[: value.ndim - axes[name]] for name, value in looped.items()}
        shape = numpy.broadcast_shapes(*outer.values())
        if 0 in shape:  # no call: only NumPy knows what it makes of that
            plain_kwargs = {name: plain(value) for name, value in kwargs.items()}
            return super().__call__(*map(plain, args), **plain_kwargs)
        full: Any = {
            name: numpy.broadcast_to(value, shape + value.shape[len(outer[name]) :]) for name, value in looped.items()
        }
        results = []
        for place in numpy.ndindex(shape):
            given = {name: value[place] for name, value in full.items()}
            results.append(
                self.pyfunc(
                    *[given.get(i, value) for i, value in enumerate(args)],
                    **{name: given.get(name, value) for name, value in kwargs.items()},
                )
            )
        if not isinstance(results[0], tuple):
            return self._joined(results, shape, 0)
        return tuple([self._joined(part, shape, i) for i, part in enumerate(zip(*results, strict=True))])

    def _joined(self, results: Any, shape: tuple[int, ...], place: int) -> Any:
        """The results of all calls as one array, in the dtype of the first or that which was asked for."""
        made = joined([*results])
        made = made.reshape(shape + made.shape[1:])
        dtype = self.otypes[place] if self.otypes else numpy.asarray(plain(results[0])).dtype
        return in_dtype(made, numpy.dtype(dtype))


def ndenumerate(arr: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    """`numpy.ndenumerate`: the indices and entries of an array, which may be tracked.

    >>> [place for place, _ in ndenumerate([[1.0, 2.0]])]
    [(0, 0), (0, 1)]
    """
    arr = joined(arr) if has_tracked(arr) else arr
    if isinstance(arr, Tracked):
        return ((place, arr[place]) for place in numpy.ndindex(arr.shape))  # type: ignore[attr-defined, index]
    return iter(numpy.ndenumerate(arr))
