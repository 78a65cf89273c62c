"""Einstein sums in every form, and convolutions."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from tests.rules.agreement import assert_right, complex_points, points

SUMS = [
    ("ij,jk->ik", [(2, 3), (3, 4)]), ("ij,jk", [(2, 3), (3, 4)]), ("ij->ji", [(2, 3)]), ("ij->", [(2, 3)]), ("ij->j", [(2, 3)]),
    ("ii->i", [(3, 3)]), ("ii", [(3, 3)]), ("iij->j", [(3, 3, 2)]), ("iji->j", [(3, 2, 3)]), ("iii->i", [(2, 2, 2)]),
    ("i,j->ij", [(2,), (3,)]), ("i,i->", [(3,), (3,)]), ("i,i->i", [(3,), (3,)]), ("ij,ij,ij->i", [(2, 3)] * 3),
    ("ab,bc,cd->ad", [(2, 3), (3, 4), (4, 2)]), ("...ij,...jk->...ik", [(2, 3, 4), (2, 4, 2)]), ("...ij,jk->...ik", [(2, 3, 4), (4, 2)]),
    ("...i,...i->...", [(2, 3), (3,)]), ("...ij,...jk->...ik", [(5, 1, 2, 3), (4, 3, 2)]), ("i...->...", [(2, 3, 2)]), ("...", [(2, 3)]),
    ("ij,kl->", [(2, 3), (2, 2)]), ("ij,k->ik", [(2, 3), (2,)]), (",i->i", [(), (3,)]), ("ii,ij->j", [(3, 3), (3, 2)]),
    ("a...a->...", [(3, 2, 3)]), ("ba", [(2, 3)]), ("ij , jk -> ki", [(2, 3), (3, 4)]), ("ij,j->ij", [(2, 3), (1,)]),
]  # fmt: skip


@pytest.mark.parametrize(("subscripts", "shapes"), SUMS)
def test_einsum_agrees_with_differences(subscripts, shapes):
    operands = [points(*shape, seed=k) for k, shape in enumerate(shapes)]
    assert_right(lambda *x: np.einsum(subscripts, *x), *operands)
    for optimize in (True, "greedy", "optimal"):
        assert_right(lambda *x, o=optimize: np.einsum(subscripts, *x, optimize=o), *operands, order=1)


def test_einsum_takes_lists_of_labels():
    x, y = points(2, 3), points(3, 4)
    assert_right(lambda x, y: np.einsum(x, [0, 1], y, [1, 2], [2, 0]), x, y)
    assert_right(lambda x, y: np.einsum(x, [0, 1], y, [1, 30]), x, y)
    assert_right(lambda x, y: np.einsum(x, [..., 1], y, [1, 2], [..., 2]), x, y)


def test_einsum_of_constants_and_of_complex_numbers():
    x, y = points(2, 3), points(3, 4)
    assert_right(lambda x: np.einsum("ij,jk->ik", x, y), x)
    assert_right(lambda y: np.einsum("ij,jk->ik", x, y), y)
    assert_right(lambda z, w: np.einsum("ij,jk->ik", z, w), complex_points(2, 3), complex_points(3, 2))


def test_a_mistake_in_the_subscripts_is_named_as_one():
    with pytest.raises(ValueError, match="einsum|contract"):
        cr.grad(lambda x: np.sum(np.einsum("ij,jk->ik", x, x)))(points(2, 3))


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("sizes", [(6, 3), (6, 4), (3, 6), (4, 6), (5, 5), (1, 4), (4, 1)])
def test_convolutions_agree_with_differences(mode, sizes):
    a, v = points(sizes[0]), points(sizes[1], seed=1)
    assert_right(lambda a, v: (np.convolve(a, v, mode), np.correlate(a, v, mode)), a, v)
    assert_right(lambda a, v: np.correlate(a, v, mode), complex_points(sizes[0]), complex_points(sizes[1], seed=3))
    assert_right(lambda a: np.convolve(a, v, mode), a, order=1)
