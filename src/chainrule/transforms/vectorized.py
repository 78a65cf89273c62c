"""`vmap`: a function of one example, called on a batch of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.engine.arguments import Function, as_function, call_function, name_of
from chainrule.engine.containers import Rebuild, flatten
from chainrule.engine.location import at_user_line
from chainrule.engine.operations import Guard, Operation, Reference
from chainrule.engine.results import result_parts
from chainrule.engine.staging import Staging
from chainrule.engine.values import Tracked, plain, settled
from chainrule.errors import ShapeError
from chainrule.transforms.batched import Batch, batched, entry

Axes = Any
"""An axis, None, or a tuple, list or dict of such that is put together as the arguments (or results) are."""


def vmap(f: Function | str, in_axes: Axes = 0, out_axes: Axes = 0) -> Vectorized:
    """`f`, a function of one example, as a function of a batch of them, which runs once and not once for each.

    `in_axes` says along which axis of each argument the examples lie: one number for all, None for an argument that all
    examples share, or a tuple with one entry for each argument, in which a container may have one for each of its
    leaves. Arguments by name are batches along the first axis. `out_axes` says the same of the results.

    `f` is any function and any transform of one: `vmap(cr.grad(loss), (None, 0, 0))` gives the gradients of single
    examples. It is itself differentiated like any function. Branches and loops may depend on values: examples that take
    the same way are computed together. Functions without a form for batches are called for each example;
    :attr:`Vectorized.one_by_one` names them.

    Raises ShapeError where the batches have different sizes, or there is none.

    >>> import numpy as np, chainrule as cr
    >>> X, w = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, -1.0])
    >>> cr.vmap(cr.grad(lambda w, x: np.tanh(w @ x)), in_axes=(None, 0))(w, X).shape
    (2, 2)
    >>> cr.vmap(lambda x: x if x > 0 else -2 * x)(np.array([1.0, -1.0, 3.0]))
    array([1., 2., 3.])
    """
    return Vectorized(as_function(f), in_axes, out_axes)


class Vectorized:
    """A function of a batch; see :func:`vmap`."""

    def __init__(self, f: Function, in_axes: Axes, out_axes: Axes) -> None:
        functools.update_wrapper(self, f, updated=())
        self.__wrapped__ = f
        self._in_axes = in_axes
        self._out_axes = out_axes
        self.one_by_one: tuple[str, ...] = ()
        """The functions that the latest call made for one example after the other."""

    def __repr__(self) -> str:
        return f"<vectorized {name_of(self.__wrapped__)}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        f = self.__wrapped__
        leaves, rebuild = flatten((list(args), kwargs))
        in_axes = self._in_axes
        if isinstance(in_axes, tuple | list) and len(in_axes) != len(args):
            raise ShapeError(
                f"vmap of {name_of(f)} got {len(args)} arguments{at_user_line()}, but in_axes has {len(in_axes)} "
                "entries"
            )
        each = list(in_axes) if isinstance(in_axes, tuple | list) else [in_axes] * len(args)
        axes = [axis for argument, axis in zip(args, each, strict=True) for axis in _spread(argument, axis)]
        axes += [axis for name in sorted(kwargs) for axis in _spread(kwargs[name], 0)]
        values = [_batch(leaf, axis) for leaf, axis in zip(leaves, axes, strict=True)]
        size = self._size(values)
        noted: dict[str, None] = {}
        found, waiting = _Parts(size), np.arange(size)
        while len(waiting):
            some = values if len(waiting) == size else [_chosen(value, waiting) for value in values]
            out, stayed, rebuild_out = _run(f, some, rebuild, len(waiting), lambda name: noted.update({name: None}))
            found.add(out, waiting[stayed], rebuild_out)
            waiting = waiting[~stayed]
        self.one_by_one = tuple(noted)
        return found.joined(self._out_axes)

    def _size(self, values: Sequence[Any]) -> int:
        sizes = {np.shape(plain(value.values))[0] for value in values if type(value) is Batch}
        if len(sizes) != 1 or 0 in sizes:
            which = f"batches of {sorted(sizes)} examples" if sizes else "no batch"
            raise ShapeError(
                f"vmap of {name_of(self.__wrapped__)} got {which}{at_user_line()}, but needs batches of one size, at "
                "least 1, along the axes in in_axes. An axis of None is for what all examples share."
            )
        return int(sizes.pop())


def _spread(tree: Any, axis: Any) -> list[Any]:
    """The axis of each leaf of an argument."""
    if isinstance(axis, dict):
        return [one for key in sorted(tree) for one in _spread(tree[key], axis[key])]
    if isinstance(axis, tuple | list):
        return [one for item, its in zip(tree, axis, strict=True) for one in _spread(item, its)]
    return [axis] * len(flatten(tree)[0])


def _batch(leaf: Any, axis: Any) -> Any:
    """An argument's leaf: a batch along its first axis, or what all examples share."""
    if axis is None or leaf is None or isinstance(leaf, str | bytes):
        return leaf
    leaf = leaf if isinstance(leaf, Tracked) else np.asarray(leaf)
    if not np.ndim(plain(leaf)):
        raise ShapeError(
            f"vmap got a number where in_axes asks for a batch{at_user_line()}. "
            "Give None in in_axes for what all examples share."
        )
    return Batch(leaf if axis == 0 else np.moveaxis(leaf, axis, 0))


def _chosen(value: Any, places: Any) -> Any:
    return Batch(value.values[places]) if type(value) is Batch else value


# ---------------------------------------------------------------------- one way through the function


def _run(
    f: Function, values: Sequence[Any], rebuild: Rebuild, size: int, note: Callable[[str], None]
) -> tuple[list[Any], Any, Rebuild]:
    """The results of the examples that go the way of the first one, which these are, and how results are arranged."""
    staging = Staging()
    staged = [isinstance(value, Batch) or _is_of_numbers(value) for value in values]
    given = [
        staging.input(_example(value)) if is_staged else value for value, is_staged in zip(values, staged, strict=True)
    ]
    try:
        args, kwargs = rebuild(given)
        parts, rebuild_out = result_parts(call_function(f, args, kwargs), f)
        results = [staging.reference(part, f) for part in parts]
    finally:
        staging.end()
    stayed = np.ones(size, bool)
    known: list[Any] = [value for value, is_staged in zip(values, staged, strict=True) if is_staged]
    guards = list(staging.guards)
    for number, operation in enumerate(_needed(staging.operations, results, guards, len(known)), len(known)):
        while guards and guards[0].before <= number:
            stayed &= _agreeing(guards.pop(0), known, size)
        with np.errstate(all="ignore"):
            known.append(None if operation is None else batched(operation, known, size, note))
    for guard in guards:
        stayed &= _agreeing(guard, known, size)
    out = [known[result.number] if type(result) is Reference else result for result in results]
    return [_chosen(part, stayed) if not stayed.all() else part for part in out], stayed, rebuild_out


def _is_of_numbers(value: Any) -> bool:
    return isinstance(value, np.ndarray | np.generic | Tracked) and plain(value).dtype.kind in "biufc"


def _example(value: Any) -> Any:
    return value.values[0] if type(value) is Batch else value


def _needed(
    operations: Sequence[Operation], results: Sequence[Any], guards: Sequence[Guard], count: int
) -> list[Operation | None]:
    """The operations, with None for those that neither a result nor a guard needs."""
    wanted = {part.number for part in results if type(part) is Reference} | {guard.of.number for guard in guards}
    for number in range(count + len(operations) - 1, count - 1, -1):
        if number in wanted:
            wanted.update(reference.number for reference in operations[number - count].references())
    return [operation if number in wanted else None for number, operation in enumerate(operations, count)]


def _agreeing(guard: Guard, values: Sequence[Any], size: int) -> Any:
    """Which examples give a question the answer that the first one gave."""
    value = values[guard.of.number]
    if type(value) is not Batch:
        return np.ones(size, bool)
    answers = settled(value.values)
    if guard.question is bool and np.ndim(plain(answers)) == 1:
        return np.asarray(answers).astype(bool) == guard.outcome
    found = [guard.question(entry(Batch(answers), i)) for i in range(size)]
    return np.array([np.array_equal(one, guard.outcome) for one in found])


class _Parts:
    """Results of some of the examples after the other."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.places: list[Any] = []
        self.out: list[list[Any]] = []
        self.rebuild: Rebuild | None = None

    def add(self, out: list[Any], places: Any, rebuild: Rebuild) -> None:
        """Results of the examples at these places."""
        self.places.append(places)
        self.out.append([
            part.values if type(part) is Batch else np.broadcast_to(part, (len(places), *np.shape(plain(part))))
            for part in out
        ])  # fmt: skip
        self.rebuild = rebuild

    def joined(self, out_axes: Axes) -> Any:
        """All results, in the order of the examples, along the axes that are asked for."""
        assert self.rebuild is not None
        if len(self.out) == 1:
            whole = [_own(part) for part in self.out[0]]
        else:
            order = np.argsort(np.concatenate(self.places))
            whole = [np.concatenate(list(parts))[order] for parts in zip(*self.out, strict=True)]
        tree = self.rebuild(whole)
        axes = _spread(tree, out_axes)
        moved = [part if axis == 0 else np.moveaxis(part, 0, axis) for part, axis in zip(whole, axes, strict=True)]
        return self.rebuild(moved)


def _own(part: Any) -> Any:
    """A result that the caller may write to."""
    if type(part) is np.ndarray and (part.base is not None or not part.flags.writeable):
        return part.copy()
    return part
