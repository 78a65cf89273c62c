"""Walk a record backwards: from the cotangents of outputs to those of inputs.

Entry k of a record says how the cotangent of the k-th variable reaches its parents, `(pull, parents, kept, rule)`; see
:mod:`chainrule.engine.record`. Parents stand earlier in the list, so one walk from the end visits every variable after
all of its uses: no recursion, no sorting. The walk only uses NumPy on the kept values; where those are tracked by an
outer transform, the walk itself is recorded there, which is all that higher derivatives need.

Cotangents may have any shape that broadcasts to that of their variable; the pullback of `sum` costs nothing.

**Whose is a cotangent?** One array may stand for several: `x + y` hands the same `g` to both, a user's own rule may
return an array that it keeps, the seed is the caller's. So the walk writes only into arrays that it has made itself and
that nothing else has seen: a sum of two contributions, or the zeros into which a part is put. Once it has handed one to
a pullback it never writes into it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.engine.pieces import SHARED, in_pieces
from chainrule.engine.values import Tracked, fit, fit_idle, known, plain, settled, whole
from chainrule.rules import Elementwise
from chainrule.rules.shaping import scatter

float64 = np.float64
ndarray = np.ndarray
Observer = Callable[[int, int | None, Any], None]


# ---------------------------------------------------------------------- pullbacks of entries


def pull_fitted(g: Any, pull: Any, fits: Any, shape: Any, kept: Any) -> Any:
    """The pullback of an elementwise operation with broadcasting or a change of dtype."""
    cotangents = pull(g if g.shape == shape else whole(g, shape), *kept)
    if len(fits) == 1:
        return cotangents if cotangents is None else fit(cotangents, *fits[0])
    return [c if c is None or f is None else fit(c, *f) for c, f in zip(cotangents, fits, strict=True)]


def pull_structural(g: Any, pullback: Any, fits: Any, shape: Any) -> Any:
    """The pullback of an operation on whole arrays. What it returns may have fewer axes than its operand."""
    cotangents = pullback(g if g.shape == shape else whole(g, shape))
    if len(fits) == 1:  # nearly always, and without the loop 1 µs faster
        (c,), ((into, dtype),) = cotangents, fits
        return [c if c.shape == into and c.dtype is dtype else fit(c, into, dtype)]
    return [
        c if c.shape == into and c.dtype is dtype else fit(c, into, dtype)
        for c, (into, dtype) in zip(cotangents, fits, strict=True)
    ]


def pull_part(g: Any, index: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """The pullback of `x[index]` for an index that names no entry twice: `g` among zeros."""
    if isinstance(g, Tracked):
        return fit(scatter(g, index, shape), shape, dtype)
    full = np.zeros(shape, g.dtype)
    full[index] = g
    return full if full.dtype is dtype else fit(full, shape, dtype)


def pull_gathered(g: Any, index: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """The pullback of `x[index]` for an index with arrays of whole numbers, which may name an entry twice."""
    if isinstance(g, Tracked):
        return fit(scatter(g, index, shape), shape, dtype)
    full = np.zeros(shape, g.dtype)
    np.add.at(full, index, g)
    return full if full.dtype is dtype else fit(full, shape, dtype)


# ---------------------------------------------------------------------- the usual walk


def walk_numbers(entries: Sequence[Any], seeds: Sequence[tuple[int, Any]], inputs: int) -> list[Any]:
    """The cotangents of the inputs, given those of outputs by their places, where all operations were on numbers."""
    last = seeds[0][0] if len(seeds) == 1 else max(mark for mark, _ in seeds)
    cotangents: list[Any] = [None] * (last + 1 if last >= inputs else inputs)
    for mark, seed in seeds:
        cotangents[mark] = seed if cotangents[mark] is None else cotangents[mark] + seed
    for mark in range(last, inputs - 1, -1):
        g = cotangents[mark]
        if g is None:
            continue
        cotangents[mark] = None
        pull, parents, kept, _ = entries[mark]
        if type(parents) is int:
            c = pull(g, *kept)
            if c is not None:
                previous = cotangents[parents]
                cotangents[parents] = c if previous is None else previous + c
        else:
            for parent, c in zip(parents, pull(g, *kept), strict=True):
                if c is not None:
                    previous = cotangents[parent]
                    cotangents[parent] = c if previous is None else previous + c
    return cotangents[:inputs]


def walk_arrays(entries: list[Any], seeds: Sequence[tuple[int, Any]], inputs: int, once: bool) -> list[Any]:
    """:func:`walk_numbers` for operations on arrays: what the walk owns is added to in place.

    A record that is walked `once` gives its entries up as the walk passes them: their memory serves the next ones.
    """
    last = seeds[0][0] if len(seeds) == 1 else max(mark for mark, _ in seeds)
    cotangents: list[Any] = [None] * (last + 1 if last >= inputs else inputs)
    owned = bytearray(len(cotangents))
    for mark, seed in seeds:
        cotangents[mark] = seed if cotangents[mark] is None else cotangents[mark] + seed
    for mark in range(last, inputs - 1, -1):
        g = cotangents[mark]
        if g is None:
            continue
        cotangents[mark] = None
        pull, parents, kept, rule = entries[mark]
        if once:
            entries[mark] = None
        if type(parents) is int:
            previous = cotangents[parents]
            if pull is pull_part:
                if type(previous) is ndarray and _add_part(cotangents, owned, parents, g, *kept):
                    continue
                c = pull_part(g, *kept)
                if previous is None:
                    cotangents[parents], owned[parents] = c, type(c) is ndarray
                    continue
            else:
                large = kept and type(kept[-1]) is ndarray and kept[-1].size >= SHARED
                c = in_pieces(pull, g, *kept) if large else pull(g, *kept)
                if previous is None:
                    cotangents[parents] = c
                    continue
                if c is None:
                    continue
            if _is_large(previous):
                new = type(rule) is Elementwise and c is not g
                cotangents[parents] = _sum_of_large(previous, c, owned[parents], new)
            else:
                cotangents[parents] = previous + c
            owned[parents] = type(cotangents[parents]) is ndarray
        else:
            large = kept and type(kept[-1]) is ndarray and kept[-1].size >= SHARED
            pulled = in_pieces(pull, g, *kept) if large else pull(g, *kept)
            for parent, c in zip(parents, pulled, strict=True):
                if c is None:
                    continue
                previous = cotangents[parent]
                if previous is None:
                    cotangents[parent] = c
                    continue
                if _is_large(previous):
                    new = type(rule) is Elementwise and c is not g and sum(c is other for other in pulled) == 1
                    cotangents[parent] = _sum_of_large(previous, c, owned[parent], new)
                else:
                    cotangents[parent] = previous + c
                owned[parent] = type(cotangents[parent]) is ndarray
    return cotangents[:inputs]


def _add_part(
    cotangents: list[Any], owned: bytearray, mark: int, g: Any, index: Any, shape: tuple[int, ...], dtype: Any
) -> bool:
    """Add `g` to a part of a cotangent that has the whole shape already. Returns False where that cannot be done."""
    whole = cotangents[mark]
    if whole.shape != shape or whole.dtype is not dtype or isinstance(g, Tracked) or g.dtype is not dtype:
        return False
    if not owned[mark]:
        whole = cotangents[mark] = whole.copy()
        owned[mark] = True
    part = whole[index]
    if type(part) is ndarray:
        np.add(part, g, part)
    else:
        whole[index] = part + g
    return True


# ---------------------------------------------------------------------- large arrays

LARGE = 2**15
"""From this number of entries on, a sum is made in place."""

def _is_large(value: Any) -> bool:
    return type(value) is ndarray and value.size >= LARGE


def _sum_of_large(previous: Any, c: Any, owned: int, new: bool) -> Any:
    """The sum of two contributions, in the memory of one that nothing else refers to: `previous` if `owned`, or `c`.

    `new` says that a formula has computed `c`: no one else has seen it.
    """
    if type(c) is ndarray and c.shape == previous.shape and c.dtype is previous.dtype:
        if owned:
            return np.add(previous, c, previous)
        if new and c.base is None:
            return np.add(previous, c, c)
    return previous + c


# ---------------------------------------------------------------------- the walk with masks


def careful_walk(
    entries: Sequence[Any], seeds: Sequence[tuple[int, Any]], inputs: int, observe: Observer | None = None
) -> list[Any]:
    """The same walk, each cotangent with a mask of its idle entries: those that nothing used. An idle entry is 0.

    `observe(mark, position, g)` is told of every variable reached, with its whole gradient (position None), and of
    every contribution that flows from it to the parent at `position`, None where nothing flows.
    """
    last = seeds[0][0] if len(seeds) == 1 else max(mark for mark, _ in seeds)
    cotangents: list[Any] = [None] * max(last + 1, inputs)
    idle: list[Any] = [None] * len(cotangents)

    def arrive(mark: int, g: Any, mask: Any) -> None:
        if cotangents[mark] is None:
            cotangents[mark], idle[mark] = g, mask
        else:
            cotangents[mark] = cotangents[mark] + g
            idle[mark] = _some(None if mask is None or idle[mark] is None else mask & idle[mark])

    for mark, seed in seeds:
        arrive(mark, seed, idle_in(seed))
    for mark in range(last, inputs - 1, -1):
        g = cotangents[mark]
        if g is None:
            continue
        if observe is not None:
            observe(mark, None, g)
        pull, parents, kept, rule = entries[mark]
        pulled = pull(g, *kept)
        if type(parents) is int:
            parents, pulled = (parents,), (pulled,)
        if idle[mark] is None and not rule.selects:
            masks: list[Any] = [None] * len(parents)
        else:
            masks = _idle_after(rule, pull, kept, g, idle[mark], len(parents))
        for position, (parent, c, idle_here) in enumerate(zip(parents, pulled, masks, strict=True)):
            if c is not None and idle_here is not None:
                c = None if known(idle_here) and idle_here.all() else np.where(idle_here, 0.0, c)[()]
            if observe is not None:
                observe(mark, position, c)
            if c is not None:
                arrive(parent, c, idle_here)
    return cotangents[:inputs]


def _idle_after(rule: Any, pull: Any, kept: Any, g: Any, mask: Any, count: int) -> list[Any]:
    """For each parent the mask of entries that receive nothing because nothing used them. It broadcasts, as g does."""
    if type(rule) is Elementwise:
        fits: Any = None
        if pull is pull_fitted:
            pull, fits, shape, kept = kept
            g = whole(plain(g), shape)
        if rule.selects:
            # What a selection passes on of a cotangent of ones is the weight of each entry.
            weights = pull(np.ones(plain(g).shape), *[settled(k) for k in kept])
            weights = weights if isinstance(weights, tuple) else (weights,)
            masks = [
                np.equal(0.0 if w is None else w, 0) if rule.is_unused_at_zero(position) else None
                for position, w in zip(rule.tracked_by(pull), weights, strict=True)
            ]
            if mask is not None:
                masks = [mask if m is None else m | mask for m in masks]
        else:
            masks = [mask] * count
        if fits is not None:
            masks = [
                m if m is None or f is None else fit_idle(np.broadcast_to(m, shape), f[0])
                for m, f in zip(masks, fits, strict=True)
            ]
        return masks
    if rule.moves:
        weight = 1.0 + 1.0j if g.dtype.kind == "c" else 1.0  # a complex entry is used in both of its parts
        used = np.full(plain(g).shape, weight) if mask is None else np.where(mask, 0.0, weight)
        pulled = pull(used, *[settled(k) for k in kept])
        return [np.equal(settled(c), 0) for c in (pulled if count > 1 or type(pulled) is list else (pulled,))]
    return [None] * count


def has_nan(g: Any) -> bool:
    g = plain(g)
    if type(g) is np.ndarray:
        g = g.ravel()
        g = g.dot(g)  # one pass, no temporary: NaN if any entry is
    return bool(g != g)


def idle_in(seed: Any) -> Any:
    """The mask of entries that a cotangent does not ask for: a plain 0 there. None if it asks for all."""
    if type(seed) is float64 and seed:
        return None
    if isinstance(seed, Tracked) and not seed.staged:
        return None
    return _some(np.equal(seed, 0))


def _some(mask: Any) -> Any:
    """A mask, or None where it is known that no entry is in it."""
    return mask if mask is not None and (not known(mask) or mask.any()) else None


def all_asked(seeds: Sequence[tuple[int, Any]]) -> bool:
    seed = seeds[0][1]
    if len(seeds) == 1 and type(seed) is float64:  # the gradient of a number, by far the most common case
        return bool(seed != 0)
    return all(idle_in(seed) is None for _, seed in seeds)
