import numpy as np
import pytest

import chainrule as cr
from chainrule.explanation.checking import beside_differences, sample_point


def test_a_wrong_gradient_is_seen():
    check = beside_differences(lambda x, y: np.sin(x) * y, (1.0, 3.0), 1, 0.0)
    assert check.exact == 0.0
    assert check.difference == pytest.approx(np.sin(1.0), rel=1e-9)


def test_arrays_are_compared_along_a_direction_that_tells_entries_apart():
    x = np.array([1.0, 2.0, 3.0])
    right = beside_differences(lambda v: np.sum(v**2), (x,), 0, 2 * x)
    wrong = beside_differences(lambda v: np.sum(v**2), (x,), 0, 2 * x[::-1])
    assert right.directional
    assert right.difference == pytest.approx(right.exact, rel=1e-9)
    assert wrong.difference != pytest.approx(wrong.exact, rel=1e-3)


def test_a_border_of_the_domain_has_no_difference():
    assert beside_differences(np.sqrt, (0.0,), 0, np.inf).difference is None


@pytest.mark.parametrize(
    "f", [np.log, np.arcsin, np.arccosh, np.arctanh, lambda x: np.sqrt(x - 8), lambda x: np.log(-x)]
)
def test_a_point_inside_the_domain_is_found(f):
    (x,) = sample_point(f, 1)
    assert np.isfinite(f(x))


def test_no_point_is_found_where_there_is_none():
    assert sample_point(lambda x: np.log(-(x**2)), 1) is None


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sqrt(x - 0.5), lambda x: np.sqrt(0.5 - x), lambda x: np.log(x - 0.69),
        lambda x: np.arcsin(x - 1.69),
        lambda x: np.sqrt((x - 0.5) * (1.12 - x)), lambda x: np.arccosh(x), lambda x: 1 / np.sqrt(x - 0.5),
    ],
)  # fmt: skip
def test_a_point_to_compare_at_has_values_on_both_sides(f):
    with np.errstate(all="ignore"):
        (x,) = sample_point(f, 1)
        assert np.isfinite([f(x - 1e-3), f(x), f(x + 1e-3)]).all()
    check = beside_differences(f, (x,), 0, cr.grad(f)(x))
    assert check.difference == pytest.approx(check.exact, rel=1e-4)
