"""Sample calls of the rules that act on whole arrays, and sample points of the elementwise ones."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.formula.expression import Function, evaluate
from chainrule.rules import TABLE, Composite, Elementwise, Rule, Structural
from chainrule.rules.complexes import astype
from chainrule.rules.memory import (
    add_at,
    laid_out,
    place_of,
    replace,
    replace_parts,
    replace_through,
    view,
    view_of_parts,
)
from chainrule.rules.shaping import scatter

Sample = tuple[Callable[..., Any], tuple[Any, ...]]


def array(*shape: int, seed: int = 0) -> Any:
    """Numbers between 0.3 and 2.3, all different and far enough apart for differences."""
    size = int(np.prod(shape, dtype=int))
    order = np.random.default_rng(seed + size).permutation(size)
    return (0.3 + 2 * (order + 0.4) / (size + 0.1 * seed)).reshape(shape)


v, m, t, b = array(4), array(3, 4), array(2, 3, 4), array(3, 4, seed=1)
z = m + 1j * b
square, cubes = array(3, 3), array(2, 3, 3)

CALLS: dict[Function, list[Sample]] = {
    np.conjugate: [(np.conjugate, (m,)), (np.conjugate, (z,))],
    np.real: [(np.real, (m,)), (np.real, (z,))],
    np.imag: [(np.imag, (m,)), (np.imag, (z,)), (lambda x: np.imag(x * (1 + 2j)), (m,))],
    astype: [(lambda x: astype(x, np.dtype(float)), (m,)), (lambda x: astype(x, np.dtype(complex)) * (2 + 1j), (m,))],
    np.matmul: [
        (np.matmul, pair)
        for pair in [
            (m, array(4, 2)),
            (v, array(4, 2)),
            (m, v),
            (v, array(4, seed=2)),
            (t, array(2, 4, 5)),
            (t, array(4, 5)),
            (m, array(2, 4, 3)),
            (v, array(2, 4, 3)),
            (t, v),
            (array(1, 3, 4), array(5, 4, 2)),
            (z, array(4, 2)),
        ]
    ],
    np.dot: [
        (np.dot, pair)
        for pair in [
            (v, array(4, seed=2)),
            (m, v),
            (m, array(4, 2)),
            (t, v),
            (t, array(4, 2)),
            (t, array(3, 4, 2)),
            (v, array(3, 4, 2)),
            (v, array(4, 2)),
            (array()[()], m),
            (m, array()[()]),
            (array()[()], array(seed=1)[()]),
        ]
    ],
    np.sum: [
        (np.sum, (m,)),
        (lambda x: np.sum(x, axis=0), (t,)),
        (lambda x: np.sum(x, axis=(0, -1)), (t,)),
        (lambda x: x.sum(-1), (m,)),
        (lambda x: np.sum(x, axis=1, keepdims=True), (t,)),
        (lambda x: np.sum(x, keepdims=True), (t,)),
        (np.sum, (array()[()],)),
        (lambda x: np.sum(x, axis=()), (m,)),
        (lambda x: np.add.reduce(x), (m,)),
    ],
    np.mean: [
        (np.mean, (m,)),
        (lambda x: np.mean(x, axis=0), (t,)),
        (lambda x: np.mean(x, axis=(1, 2), keepdims=True), (t,)),
        (lambda x: x.mean(axis=-1), (m,)),
        (np.mean, (array()[()],)),
    ],
    np.cumsum: [(np.cumsum, (m,)), (lambda x: np.cumsum(x, axis=0), (m,)), (lambda x: x.cumsum(axis=-1), (t,))],
    np.max: [
        (np.max, (m,)),
        (lambda x: np.max(x, axis=0), (t,)),
        (lambda x: x.max(axis=(0, 2)), (t,)),
        (lambda x: np.max(x, axis=-1, keepdims=True), (m,)),
        (np.max, (array()[()],)),
        (lambda x: np.maximum.reduce(x), (m,)),
    ],
    np.min: [(np.min, (m,)), (lambda x: np.min(x, axis=1), (t,)), (lambda x: x.min(axis=0, keepdims=True), (m,))],
    np.reshape: [
        (lambda x: np.reshape(x, (2, 6)), (m,)),
        (lambda x: np.reshape(x, -1), (t,)),
        (lambda x: x.reshape(4, 3), (m,)),
        (lambda x: np.reshape(x, (4, 3), order="F"), (m,)),
        (lambda x: x.reshape((6, 2), order="F"), (m,)),
    ],
    np.ravel: [(np.ravel, (m,)), (lambda x: np.ravel(x, order="F"), (t,)), (lambda x: x.flatten(), (m,))],
    np.expand_dims: [(lambda x: np.expand_dims(x, 0), (v,)), (lambda x: np.expand_dims(x, (0, -1)), (m,))],
    np.squeeze: [(np.squeeze, (array(1, 3, 1),)), (lambda x: np.squeeze(x, axis=0), (array(1, 3, 1),))],
    np.broadcast_to: [
        (lambda x: np.broadcast_to(x, (3, 4)), (v,)),
        (lambda x: np.broadcast_to(x, (2, 3, 4)), (array(3, 1),)),
        (lambda x: np.broadcast_to(x, (2, 2)), (array()[()],)),
    ],
    np.copy: [(np.copy, (m,)), (lambda x: x.copy(), (v,))],
    np.swapaxes: [(lambda x: np.swapaxes(x, 0, 2), (t,)), (lambda x: x.mT, (t,))],
    np.moveaxis: [(lambda x: np.moveaxis(x, 0, -1), (t,)), (lambda x: np.moveaxis(x, (0, 1), (2, 0)), (t,))],
    np.flip: [(np.flip, (m,)), (lambda x: np.flip(x, 1), (m,)), (lambda x: np.flip(x, (0, 2)), (t,))],
    np.roll: [
        (lambda x: np.roll(x, 1), (m,)),
        (lambda x: np.roll(x, 2, axis=1), (m,)),
        (lambda x: np.roll(x, (1, -1), axis=(0, 1)), (m,)),
    ],
    np.transpose: [
        (np.transpose, (t,)),
        (lambda x: x.T, (m,)),
        (lambda x: np.transpose(x, (1, 2, 0)), (t,)),
        (lambda x: x.transpose(2, 0, 1), (t,)),
        (lambda x: np.transpose(x, (-1, 0, 1)), (t,)),
        (lambda x: np.permute_dims(x, (2, 0, 1)), (t,)),
    ],
    operator.getitem: [
        (lambda x, i=index: x[i], (t,))
        for index in (
            0,
            -1,
            slice(None),
            slice(2, 0, -1),
            (slice(None), 1),
            Ellipsis,
            (Ellipsis, 2),
            None,
            (0, None, slice(1, 3)),
            (1, 2, 3),
            [0, 0, 1],
            np.array([1, 0, 1, 1]),
            (np.array([0, 1]), np.array([2, 2])),
            (np.array([[0], [1]]), slice(None), np.array([1, 1, 3])),
            t > 1.0,
            (0, m > 1.0),
            (slice(None), np.array([True, False, True])),
            (slice(None), [0, 0], 1),
            np.array([], dtype=int),
            (),
        )
    ],
    scatter: [
        (lambda g: scatter(g, np.array([0, 2, 0, 1]), (3,)), (v,)),
        (lambda g: scatter(g, (slice(None), slice(1, 5)), (3, 6)), (m,)),
        (lambda g: scatter(g, 1, (3,)), (array()[()],)),
    ],
    replace: [
        (lambda x, y: replace(x, y, 1), (m, v)),
        (lambda x, y: replace(x, y, (slice(None), 2)), (m, array()[()])),
        (lambda x, y: replace(x, y, np.array([0, 0, 2])), (v, array(3))),
        (lambda x, y: replace(x, y, m > 1.0), (m, array()[()])),
        (lambda x, y: replace(x, y, slice(0, 2)), (m, array(1, 4))),
        (lambda x, y: replace(x, y, ([0, 1], [1, 1])), (m, array(2))),
    ],
    replace_through: [
        (lambda x, y: replace_through(x, y, place_of(m.T[1:, ::-1], m), 1), (m, array(3))),
        (lambda x, y: replace_through(x, y, place_of(m[1], m), np.array([0, 0, 2])), (m, array(3))),
    ],
    replace_parts: [
        (lambda x, y: np.abs(replace_parts(x + 0j, y, place_of(z.imag[1], z), slice(0, 2))), (m, array(2))),
        (lambda x, y: replace_parts(x, y, place_of(z.real, z), (slice(None), [0, 0])), (z, array(3, 2))),
    ],
    view: [
        (lambda x: view(x, place_of(m[::-1, 1:3].T, m)), (m,)),
        (lambda x: view(x, place_of(np.broadcast_to(t[:, 0], (3, 2, 4)), t)), (t,)),
    ],
    view_of_parts: [
        (lambda x: view_of_parts(x * (1 + 2j), place_of(z.imag[:, ::2], z)), (m,)),
        (lambda x: view_of_parts(x, place_of(z.view(float), z)), (z,)),
    ],
    laid_out: [(lambda x: laid_out(x, (8, 24)), (m,)), (lambda x: laid_out(x, (-64, 8)), (m,))],
    add_at: [
        (lambda x, y: add_at(x, y, np.array([0, 2, 0])), (v, array(3))),
        (lambda x, y: add_at(x, y, (slice(None), [1, 1])), (m, array()[()])),
    ],
    np.concatenate: [
        (lambda x, y: np.concatenate([x, y]), (m, b)),
        (lambda x, y: np.concatenate((x, y, x), axis=1), (m, array(3, 2))),
        (lambda x, y: np.concatenate([x, y], axis=None), (m, v)),
        (lambda x: np.concatenate([x, np.ones((1, 4))], axis=-2), (m,)),
    ],
    np.stack: [
        (lambda x, y: np.stack([x, y]), (m, b)),
        (lambda x, y: np.stack([x, y], axis=-1), (m, b)),
        (lambda x: np.stack([x, 2.0, x * x]), (array()[()],)),
        (lambda x: np.stack([np.zeros((3, 4)), x], axis=1), (m,)),
    ],
    np.round: [(np.round, (m,)), (lambda x: np.round(x, 1), (m,))],
    np.fix: [(np.fix, (m,))],
    np.tensordot: [
        (lambda x, y: np.tensordot(x, y, 1), (m, array(4, 2))),
        (lambda x, y: np.tensordot(x, y), (t, array(3, 4, 2))),
        (lambda x, y: np.tensordot(x, y, axes=([0, 2], [1, 0])), (t, array(4, 2, 2))),
        (lambda x, y: np.tensordot(x, y, 0), (v, m)),
        (lambda x, y: np.tensordot(x, y, axes=(-1, 0)), (m, v)),
    ],
    np.inner: [(np.inner, (v, array(4, seed=2))), (np.inner, (m, b)), (np.inner, (array()[()], m))],
    np.outer: [(np.outer, (v, array(3))), (np.outer, (m, v)), (lambda x, y: np.multiply.outer(x, y), (m, v))],
    np.vdot: [(np.vdot, (m, b)), (np.vdot, (z, z[::-1]))],
    np.vecdot: [(np.vecdot, (m, b)), (lambda x, y: np.vecdot(x, y, axis=0), (m, b))],
    np.trace: [
        (np.trace, (square,)),
        (lambda x: np.trace(x, 1), (m,)),
        (lambda x: x.trace(offset=-1), (m,)),
        (lambda x: np.trace(x, 1, 1, 0), (m,)),
    ],
    np.linalg.norm: [
        (np.linalg.norm, (m,)),
        (np.linalg.norm, (z,)),
        (lambda x: np.linalg.norm(x, axis=1), (m,)),
        (lambda x: np.linalg.norm(x, 1), (v,)),
        (lambda x: np.linalg.norm(x, np.inf, axis=0), (m,)),
        (lambda x: np.linalg.norm(x, -np.inf), (v,)),
        (lambda x: np.linalg.norm(x, 3), (v,)),
        (lambda x: np.linalg.norm(x, "fro", keepdims=True), (m,)),
        (lambda x: np.linalg.norm(x, 2, axis=-1), (m,)),
    ],
    np.var: [
        (np.var, (m,)),
        (lambda x: np.var(x, axis=0, ddof=1), (m,)),
        (lambda x: x.var(axis=(0, 1), keepdims=True), (t,)),
        (np.var, (z,)),
    ],
    np.std: [(np.std, (m,)), (lambda x: np.std(x, axis=1, ddof=1), (m,))],
    np.average: [
        (np.average, (m,)),
        (lambda x, w: np.average(x, weights=w), (m, b)),
        (lambda x, w: np.average(x, axis=1, weights=w), (m, v)),
        (lambda x, w: np.average(x, axis=0, weights=w, keepdims=True), (m, array(3))),
    ],
    np.ptp: [(np.ptp, (m,)), (lambda x: np.ptp(x, axis=0), (m,))],
    np.clip: [
        (lambda x: np.clip(x, 0.75, 1.8), (m,)),
        (lambda x, low, high: np.clip(x, low, high), (m, array()[()] - 0.5, v + 1.13)),
        (lambda x: np.clip(x, None, 1.8), (m,)),
        (lambda x: x.clip(min=0.75), (m,)),
        (lambda x: np.clip(x, min=0.75, max=1.8), (m,)),
    ],
    np.vstack: [(lambda x, y: np.vstack([x, y]), (m, v)), (lambda x, y: np.vstack((x, y)), (v, v + 1))],
    np.hstack: [(lambda x, y: np.hstack([x, y]), (m, b)), (lambda x, y: np.hstack([x, y]), (v, array()[()]))],
    np.atleast_1d: [
        (np.atleast_1d, (array()[()],)),
        (np.atleast_1d, (m,)),
        (lambda x, y: np.atleast_1d(x, y)[0] * y, (array()[()], v)),
    ],
    np.atleast_2d: [(np.atleast_2d, (v,)), (np.atleast_2d, (array()[()],)), (np.atleast_2d, (t,))],
    np.append: [
        (np.append, (m, v)),
        (lambda x, y: np.append(x, y, axis=1), (m, b)),
        (lambda x, y: np.append(x, y, axis=0), (m, b)),
    ],
    np.split: [(lambda x: np.split(x, 2)[1], (v,)), (lambda x: np.split(x, [1, 3], axis=1)[1], (m,))],
    np.diff: [(np.diff, (m,)), (lambda x: np.diff(x, n=2, axis=0), (m,))],
    np.matrix_transpose: [(np.matrix_transpose, (t,))],
    np.take: [
        (lambda x: np.take(x, [0, 5, 5]), (m,)),
        (lambda x: np.take(x, [1, 1, 0], axis=1), (m,)),
        (lambda x: x.take(2, axis=0), (m,)),
    ],
}


def of_scipy(rule: Rule) -> bool:
    """Whether a rule is SciPy's: those join the table when SciPy is met, and have tests of their own."""
    if isinstance(rule.function, np.ufunc):
        return getattr(np, rule.name, None) is not rule.function
    return (getattr(rule.function, "__module__", None) or "").startswith(("chainrule.rules.special", "chainrule.scipy"))


ELEMENTWISE = [rule for rule in TABLE.values() if isinstance(rule, Elementwise) and not of_scipy(rule)]
WHOLE = [rule for rule in TABLE.values() if isinstance(rule, (Structural, Composite)) and not of_scipy(rule)]


def whole_samples() -> list[tuple[Rule, int]]:
    """Each rule for whole arrays with the number of each of its sample calls."""
    return [(rule, i) for rule in WHOLE for i in range(len(CALLS.get(rule.function, [])))]


def differentiable(rule: Elementwise) -> tuple[int, ...]:
    """The positions of the arguments that have a derivative."""
    return tuple(i for i, p in enumerate(rule.partials) if p is not None and rule.sample[i][0] < rule.sample[i][1])


def smooth_points(rule: Elementwise, count: int = 7, seed: int = 0) -> list[Any]:
    """For each argument `count` points of its sample interval, in the smooth part of the domain and off its borders."""
    random = np.random.default_rng(seed)
    columns = [random.uniform(low, high, 200) for low, high in rule.sample]
    for i, (low, high) in enumerate(rule.sample):
        if low == high:
            columns[i] = np.full(200, int(low) if float(low).is_integer() else low)  # an order stays an integer
        elif rule.partials[i] is None:
            columns[i] = random.choice([0.0, 1.0], 200)
    good = np.ones(200, bool)
    for shift in (-1e-3, 0.0, 1e-3):  # one step of differences, and room for a second
        for k in range(len(columns)):
            moved = [c + shift * (i == k) if i in differentiable(rule) else c for i, c in enumerate(columns)]
            named = dict(zip(rule.arguments, moved, strict=True))
            with np.errstate(all="ignore"):
                for condition in (rule.domain, rule.smooth):
                    if condition is not None:
                        good &= np.broadcast_to(evaluate(condition, named), 200)
    assert good.sum() >= count, f"{rule.name} has too few smooth points in its sample intervals"
    return [
        column[good][:count] if low < high else column[0]
        for column, (low, high) in zip(columns, rule.sample, strict=True)
    ]


def of_its_arrays(sample: Sample) -> tuple[Callable[..., Any], list[Any]]:
    """A sample call as a function of its arrays of floating-point numbers alone, and these arrays."""
    call, arguments = sample
    given = [a for a in arguments if isinstance(a, np.ndarray) and a.dtype.kind in "fc"]

    def f(*moving: Any) -> Any:
        rest = iter(moving)
        return call(*[next(rest) if any(a is g for g in given) else a for a in arguments])

    return f, given


def weighed_total(out: Any) -> Any:
    """A number that depends on every part of a result, each entry with a weight of its own."""
    parts = out if isinstance(out, tuple | list) else [out]
    weighed = [np.sum(np.real(p) * (1.3 + np.arange(np.size(p)).reshape(np.shape(p)))) for p in parts]
    return functools.reduce(np.add, weighed)
