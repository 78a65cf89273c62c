"""Functions that arrange, join, split, pad and choose entries."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import chainrule as cr
from tests.rules.agreement import assert_right, points

V, X, C = points(6), points(3, 4), points(2, 3, 4)

ARRANGE = {
    "repeat": (
        lambda x: [
            np.repeat(x, 3),
            np.repeat(x, 2, axis=0),
            np.repeat(x, [1, 0, 2], axis=0),
            np.repeat(x, [2], axis=-1),
        ],
        X,
    ),
    "tile": (lambda x: [np.tile(x, 2), np.tile(x, (2, 1)), np.tile(x, (2, 1, 3)), np.tile(x, (0, 1))], X),
    "rot90": (lambda x: [np.rot90(x, k, axes) for k in range(-1, 5) for axes in ((0, 1), (2, 0), (-1, -2))], C),
    "flips": (lambda x: [np.flip(x), np.flip(x, 1), np.flip(x, (0, 2)), np.fliplr(x), np.flipud(x)], C),
    "rollaxis": (lambda x: [np.rollaxis(x, a, s) for a in range(3) for s in range(4)], C),
    "roll": (lambda x: [np.roll(x, 2), np.roll(x, -1, 1), np.roll(x, (1, 2), (0, 2)), np.roll(x, 1, (0, 1))], C),
    "insert": (
        lambda x: [
            np.insert(x, 2, 7.0),
            np.insert(x, 1, 7.0, axis=1),
            np.insert(x, [1, 3], [[1.0], [2.0], [3.0]], axis=1),
            np.insert(x, [0, 2], 5.0),
            np.insert(x, slice(0, 2), 5.0, axis=0),
            np.insert(x, -1, 5.0, axis=0),
            np.insert(x, 1, np.ones((2, 3)), axis=1),
            np.insert(x, [2], np.ones((3, 2)), axis=1),
        ],
        X,
    ),
    "delete": (
        lambda x: [
            np.delete(x, 1),
            np.delete(x, [0, 2], 1),
            np.delete(x, slice(0, 2), 0),
            np.delete(x, [True, False, True], 0),
        ],
        X,
    ),
    "append": (lambda x: [np.append(x, 3.0), np.append(x, x, 0), np.append(x, x[:, :1], 1)], X),
    "resize": (lambda x: [np.resize(x, 5), np.resize(x, (4, 5))], X),
    "atleast": (
        lambda x: [np.atleast_1d(x), np.atleast_2d(x), np.atleast_3d(x), np.atleast_3d(x[0]), np.atleast_3d(x[0, 0])],
        X,
    ),
    "splits": (
        lambda x: [
            *np.split(x, 2, axis=1),
            *np.array_split(x, 3, axis=1),
            *np.hsplit(x, [1, 3]),
            *np.vsplit(x, 3),
            *np.split(x, [1, 1], 0),
        ],
        X,
    ),
    "deep splits": (lambda x: [*np.dsplit(x, 2), *np.unstack(x), *np.unstack(x, axis=-1)], C),
    "stacks": (
        lambda x: [
            np.vstack([x, x]),
            np.hstack([x, x]),
            np.dstack([x, x]),
            np.column_stack([x, x[:, 0]]),
            np.stack([x, x], -1),
        ],
        X,
    ),
    "block": (
        lambda x: [
            np.block([[x, x], [x[:1], x[1:2]]]),
            np.block([x[0], x[1]]),
            np.block(x),
            np.block([[x[0, 0], x[0, 1]]]),
        ],
        X,
    ),
    "diagonals": (
        lambda x: [
            np.diag(x),
            np.diag(x, 1),
            np.diag(x, -2),
            np.diag(x, 4),
            np.diag(x[0], -1),
            np.diagflat(x, 1),
            np.trace(x, 1),
        ],
        X,
    ),
    "diagonals of stacks": (
        lambda x: [
            np.diagonal(x, 1, 1, 2),
            np.diagonal(x, 0, 0, 2),
            np.diagonal(x, -1, 2, 0),
            np.trace(x, 0, 2, 1),
            np.trace(x),
        ],
        C,
    ),
    "triangles": (lambda x: [np.tril(x), np.triu(x, 1), np.tril(x, -1), np.triu(x[0])], C),
    "triangles of vectors": (lambda x: [np.tril(x), np.triu(x, 1)], V),
    "vander": (lambda x: [np.vander(x), np.vander(x, 3), np.vander(x, 4, increasing=True), np.vander(x, 0)], V),
    "grids": (
        lambda x: [
            *np.meshgrid(x, x[:2]),
            *np.meshgrid(x, x[:2], x[:3], indexing="ij"),
            *np.meshgrid(x, x, sparse=True),
            *np.ix_(x, x[:2]),
        ],
        V,
    ),
    "broadcasts": (lambda x: [*np.broadcast_arrays(x, x[0], x[:, :1]), np.broadcast_to(x, (2, 3, 4))], X),
    "windows": (
        lambda x: [
            np.lib.stride_tricks.sliding_window_view(x, 2, 1),
            np.lib.stride_tricks.sliding_window_view(x, (2, 3)),
        ],
        X,
    ),
    "trim_zeros": (
        lambda x: [
            np.trim_zeros(x * np.array([0, 0, 1.0, 0, 1.0, 0])),
            np.trim_zeros(x * np.array([0, 1.0, 1, 1, 1, 0]), "f"),
        ],
        V,
    ),
    "take": (lambda x: [np.take(x, 5), np.take(x, [[0, 1], [2, 2]], 1), np.take(x, np.array([0, 0]), 0)], X),
    "take_along_axis": (
        lambda x: [
            np.take_along_axis(x, np.array([[2, 0, 0]]).T, 1),
            np.take_along_axis(x, np.array([[1, 0, 2, 2], [0, 0, 1, 1]]), 0),
            np.take_along_axis(x, np.array([3, 3, 11]), None),
            np.take_along_axis(x, np.array([[1]]), 0),
        ],
        X,
    ),
    "compress": (
        lambda x: [
            np.compress([0, 1, 1], x, 0),
            np.compress([True, False, True], x),
            np.extract(x > 0, x),
            np.compress([1, 0, 1], x, 1),
        ],
        X,
    ),
    "select": (lambda x: [np.select([x > 1, x > 0], [x, x**2], -x), np.select([x > 1], [x])], X),
    "piecewise": (
        lambda x: [
            np.piecewise(x, [x < 0, x > 1], [lambda r: r**2, 3.0, lambda r: -r]),
            np.piecewise(x, [x > 0], [np.sin]),
            np.piecewise(x, [x > 0], [lambda r, k: k * r, lambda r, k: r], 3.0),
        ],
        X,
    ),
    "scalar piecewise": (lambda x: np.piecewise(x, [x > 0], [lambda r: r**2, 0.0]), np.array(0.7)),
    "choose": (
        lambda x: [
            np.choose(np.array([0, 2, 1, 0]), x),
            np.choose([[1], [0]], [x[0], x[1]]),
            np.choose([0, 5, 2, 1], x, mode="clip"),
        ],
        X,
    ),
    "kron": (lambda x: [np.kron(x, x[:2]), np.kron(x[0], x), np.kron(x, 2.0)], X),
    "copies": (
        lambda x: [
            np.copy(x),
            np.full_like(x, 3.0) * x,
            np.astype(x, np.float64),
            x.flatten(),
            x.flat[3],
            np.array(0.0) + list(x.flat)[2],
        ],
        X,
    ),
}


@pytest.mark.parametrize("name", ARRANGE)
def test_an_arrangement_agrees_with_differences(name):
    function, x = ARRANGE[name]
    assert_right(function, x)


def test_two_arguments_are_differentiated():
    assert_right(lambda x, v: np.insert(x, [1, 2], v, axis=1), X, points(3, 2, seed=1))
    assert_right(lambda x, v: np.kron(x, v), points(2, 3), points(4, 1, seed=1))
    assert_right(lambda x, v: np.kron(x, v), points(2), points(2, 3, seed=1))
    assert_right(lambda x, v: np.choose([0, 1, 1, 0], [x, v]), points(4), points(4, seed=1))
    assert_right(lambda x, v: np.piecewise(x, [x > v], [lambda r: r**2, lambda r: r]), points(4), points(4, seed=1))
    assert_right(lambda a, b: np.block([[a, b], [b.T @ a, b.T @ b]]), points(2, 2), points(2, 3))


PADS = [
    {"mode": "constant"},
    {"mode": "constant", "constant_values": ((1.0, 2.0), (3.0, 4.0))},
    {"mode": "edge"},
    {"mode": "reflect"},
    {"mode": "reflect", "reflect_type": "odd"},
    {"mode": "symmetric"},
    {"mode": "symmetric", "reflect_type": "odd"},
    {"mode": "wrap"},
    {"mode": "linear_ramp"},
    {"mode": "linear_ramp", "end_values": (2.0, -3.0)},
    {"mode": "maximum"},
    {"mode": "minimum", "stat_length": 2},
    {"mode": "mean"},
    {"mode": "mean", "stat_length": ((1, 2), (3, 2))},
    {"mode": "median"},
]


@pytest.mark.parametrize("options", PADS)
@pytest.mark.parametrize("width", [1, (2, 1), ((1, 0), (2, 3)), ((5, 0), (0, 9)), [[3]], {0: (1, 2), -1: 2}])
def test_every_mode_of_padding_agrees_with_differences(options, width):
    assert_right(lambda x: np.pad(x, width, **options), X)


def test_padding_with_tracked_values():
    assert_right(lambda x, c: np.pad(x, 2, constant_values=c), V, np.array(3.0))
    assert_right(lambda x, c: np.pad(x, (1, 2), mode="linear_ramp", end_values=(c, 2 * c)), V, np.array(3.0))
    assert np.all(cr.grad(lambda x: np.sum(np.pad(x, 2, mode="empty")[2:-2]))(V) == 1)


def test_padding_by_a_function_is_refused_with_advice():
    with pytest.raises(cr.errors.NoRuleError, match="concatenate"):
        cr.grad(lambda x: np.sum(np.pad(x, 1, mode=lambda *a: None)))(V)


def changed(change):
    """The entries after an assignment in place."""

    def f(x, v):
        y = x * 1.0
        change(y, v)
        return y * np.arange(1.0, 5.0)

    return f


@pytest.mark.parametrize(
    "change",
    [
        lambda y, v: np.put(y, [0, 5, -1], v),
        lambda y, v: np.put(y, [0, 13], v, mode="wrap"),
        lambda y, v: y.put([3], v),
        lambda y, v: np.put(y, [1, 99], v, mode="clip"),
        lambda y, v: np.place(y, y > 0, v),
        lambda y, v: np.putmask(y, y > 0, v),
        lambda y, v: np.copyto(y, v[0]),
        lambda y, v: np.copyto(y, v[1], where=y > 0),
        lambda y, v: np.fill_diagonal(y, v[0]),
        lambda y, v: np.fill_diagonal(y, v),
        lambda y, v: y.fill(v[1]),
        lambda y, v: y.sort(axis=0),
        lambda y, v: y.partition(1),
        lambda y, v: np.put_along_axis(y, np.array([[1], [0], [3]]), v[0], 1),
        lambda y, v: y.flat.__setitem__(slice(2), v[:2]),
    ],
)
def test_functions_that_write_into_a_tracked_array_agree_with_differences(change):
    assert_right(changed(change), X, points(3, seed=7))


def test_writing_a_tracked_value_into_a_plain_array_is_refused():
    for change in (
        lambda v: np.put(np.zeros(3), [0], v),
        lambda v: np.copyto(np.zeros(3), v),
        lambda v: np.place(np.zeros(3), [1, 0, 0], v),
        lambda v: np.fill_diagonal(np.zeros((3, 3)), v),
        lambda v: np.put_along_axis(np.zeros(3), np.array([0]), v[:1], 0),
    ):
        with pytest.raises(cr.errors.TrackingError):
            cr.grad(lambda v, c=change: (c(v), np.sum(v))[1])(np.ones(3))


def test_an_index_outside_is_refused():
    with pytest.raises(IndexError):
        cr.grad(lambda x: (np.put(x, 99, 1.0), np.sum(x))[1])(V * 1.0)


GRIDS = {
    "linspace": lambda a, b: [
        np.linspace(a, b, 5),
        np.linspace(a, b, 4, endpoint=False),
        *np.linspace(a, b, 3, retstep=True),
        np.linspace(a, b, 1),
    ],
    "linspace from": lambda a, b: [
        np.linspace(a, 7.0, 5),
        np.linspace(-1.0, b, 5),
        np.linspace([0.0, 1.0], b, 3, axis=-1),
    ],
    "logspace": lambda a, b: [
        np.logspace(a, b, 4),
        np.logspace(a, b, 3, endpoint=False, base=2.0),
        np.logspace(a, 1.0, 3, base=b),
    ],
    "geomspace": lambda a, b: [np.geomspace(a, b, 4), np.geomspace(a, b, 3, endpoint=False), np.geomspace(-a, -b, 4)],
}


@pytest.mark.parametrize("name", GRIDS)
def test_grids_with_tracked_ends_agree_with_differences(name):
    assert_right(GRIDS[name], np.array(0.7), np.array(2.9))
    if name != "linspace from":
        assert_right(lambda a, b: GRIDS[name](a, b)[0], points(2, low=0.5), points(2, seed=1, low=2.5, high=4.0))


def test_the_last_point_of_a_grid_is_its_end():
    assert cr.grad(lambda b: np.linspace(0.1, b, 50)[-1])(0.3) == 1.0
    assert cr.vjp(lambda b: np.linspace(0.1, b, 50)[-1], 0.3)[0] == 0.3


def test_empty_and_scalar_arguments():
    assert cr.grad(lambda x: np.sum(np.tile(x, 2)))(np.zeros((0, 2))).shape == (0, 2)
    assert cr.grad(lambda x: np.sum(np.repeat(x, 3)))(2.0) == 3
    assert cr.grad(lambda x: np.sum(np.pad(x, 0)))(np.zeros((2, 0))).shape == (2, 0)
    assert cr.grad(lambda x: np.sum(np.diag(x)))(np.zeros(0)).shape == (0,)


def test_single_precision_stays_single():
    x = X.astype(np.float32)
    for function in (
        lambda x: np.pad(x, 1, mode="mean"),
        lambda x: np.tile(x, 2),
        lambda x: np.kron(x, x),
        lambda x: np.tril(x),
        lambda x: np.pad(x, 2, mode="linear_ramp"),
        lambda x: np.insert(x, 1, 0.5),
        np.diagflat,
    ):
        value, pullback = cr.vjp(function, x)
        assert value.dtype == np.float32
        assert pullback(np.ones_like(value))[0].dtype == np.float32


def test_views_strides_and_read_only_arrays():
    base = points(6, 8)
    for x in (base[::2, ::-2], base.T[:4, :3], np.broadcast_to(points(4), (3, 4))):
        assert_right(lambda x: [np.pad(x, 1, mode="reflect"), np.sort(x, 1), np.tile(x, 2)], x)


def test_views_share_memory_in_every_mode_and_at_every_level():
    def f(x):
        y = x * 1.0
        y.ravel()[:2] = 3.0 * x[1, :2]
        y[1][0] = x[0, 0] ** 3
        return np.sum(y**2)

    x = points(2, 3)
    cr.check_grads(f, (x,), order=2)
    np.testing.assert_allclose(cr.hessian(f)(x), cr.jacrev(cr.jacrev(f))(x))


TURNS = [
    lambda x, axes: np.transpose(x, axes), lambda x, axes: x.transpose(*axes), lambda x, axes: x.transpose(axes),
    lambda x, axes: np.moveaxis(x, axes, (0, 1, 2)), lambda x, axes: np.moveaxis(x, (0, 1, 2), axes),
    lambda x, axes: np.swapaxes(x, axes[0], axes[1]), lambda x, axes: np.moveaxis(x, axes[0], axes[1]),
    lambda x, axes: np.rot90(x, 1, axes[:2]), lambda x, axes: np.flip(x, axes[:2]),
    lambda x, axes: np.roll(x, 1, axes[0]),
]  # fmt: skip


@pytest.mark.parametrize("turn", range(len(TURNS)))
def test_every_order_of_axes_counted_from_either_end_puts_the_cotangent_back(turn):
    x, f = points(2, 3, 4), TURNS[turn]
    places = np.arange(x.size).reshape(x.shape)
    for order in itertools.permutations(range(3)):
        for back in itertools.product((0, 3), repeat=3):
            axes = tuple(axis - less for axis, less in zip(order, back, strict=True))
            value, pullback = cr.vjp(lambda x, a=axes: f(x, a), x)
            g = points(*value.shape, seed=1)
            expected = np.zeros(x.size)
            expected[f(places, axes).ravel()] = g.ravel()
            np.testing.assert_array_equal(pullback(g)[0], expected.reshape(x.shape))
            np.testing.assert_array_equal(cr.jvp(lambda x, a=axes: f(x, a), (x,), (places * 1.0,))[1], f(places, axes))


@pytest.mark.parametrize("indexing", ["xy", "ij"])
@pytest.mark.parametrize("sparse", [False, True])
def test_grids_of_any_number_of_axes_of_different_lengths_lie_as_numpy_s(indexing, sparse):
    for count in range(1, 4):
        assert_right(
            lambda *axes: list(np.meshgrid(*axes, indexing=indexing, sparse=sparse)),
            *(points(n) for n in (2, 3, 4)[:count]), order=1,
        )  # fmt: skip
    assert_right(lambda x, y, z: list(np.ix_(x, y, z)), points(2), points(3), points(4), order=1)


@pytest.mark.parametrize("trim", ["f", "b", "fb", "F", "B"])
def test_zeros_are_trimmed_at_the_ends_that_are_asked_for(trim):
    x = np.array([0.0, 0.0, 1.5, 0.0, -2.0, 0.7, 0.0])
    value, pullback = cr.vjp(lambda x: np.trim_zeros(x, trim), x)
    np.testing.assert_array_equal(value, np.trim_zeros(x, trim))
    inside = np.arange(7)
    inside = (inside >= (2 if "f" in trim.lower() else 0)) & (inside <= (5 if "b" in trim.lower() else 6))
    weights = np.arange(1.0, 8.0) * inside
    np.testing.assert_array_equal(pullback(weights[inside])[0], weights)


@pytest.mark.parametrize("axis", [None, 0, 1, 2, -1, -2, -3])
def test_what_compress_keeps_lies_along_the_axis_that_it_is_given(axis):
    x = points(2, 3, 4)
    for condition in ([True, False], [False, True], [True], [False, True, True, False][: 2 if axis in (0, -3) else 3]):
        assert_right(lambda x, c=condition: np.compress(c, x, axis), x, order=1)
        assert_right(lambda x, c=condition: x.compress(c, axis), x, order=1)
