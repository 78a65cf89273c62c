"""The error for a lost value: it names what lost it and the line that helps, and not one that is in use already."""

from __future__ import annotations

import linecache
from contextlib import nullcontext, suppress
from typing import Any

import numpy as np
import pytest
import scipy.optimize

import chainrule as cr
import chainrule.scipy.stats
from chainrule.errors import TrackingError

NUMPY, MATH, PATCH = "import chainrule.numpy as np", "import chainrule.math as math", "cr.patch()"
LINES = (NUMPY, MATH, PATCH, "from chainrule.scipy")


def message(imports: str, line: str, patched: bool = False, early: bool = False) -> str:
    """The error of a function with `line`, its imports done after `cr.patch()`, before it (`early`), or without it."""
    text = f"{imports}\n\ndef f(x):\n    {line}\n"
    linecache.cache["model.py"] = (len(text), None, text.splitlines(keepends=True), "model.py")
    names: dict[str, Any] = {"__name__": "model"}
    try:
        if early:
            exec(compile(text, "model.py", "exec"), names)
        if patched:
            cr.patch()
        if not early:
            exec(compile(text, "model.py", "exec"), names)
        with pytest.raises(TrackingError) as caught:
            cr.grad(names["f"])(0.5)
    finally:
        cr.unpatch()
    assert "at model.py:" in str(caught.value)
    return str(caught.value)


CASES = [
    ("import math", "return math.sin(x)", "math.sin()", ["np.sin instead of math.sin", MATH, PATCH]),
    ("import math", "return math.acos(x)", "math.acos()", ["np.arccos instead of math.acos", MATH, PATCH]),
    ("from math import sin", "return sin(x)", "sin()", ["np.sin instead of math.sin", MATH, PATCH]),
    ("import cmath", "return cmath.sqrt(x)", "cmath.sqrt()", ["np.sqrt"]),
    ("import numpy as np", "return np.array([x, 1.0]).sum()", "np.array()", [NUMPY, PATCH, "np.stack"]),
    ("import numpy as np", "return np.sum([x, x])", "np.sum()", [NUMPY, PATCH]),
    ("import numpy as np", "y = np.zeros(2); y[0] = x; return y[0]", "array[i]", [NUMPY, PATCH, "np.stack"]),
    ("import numpy as np", "y = np.zeros(2); y += x; return y[0]", "+=", [NUMPY, PATCH, "y = y + v"]),
    ("import numpy as np", "return np.zeros(2)[x]", "an index", ["int(cr.stop_gradient(v))"]),
    ("", "return x * float(x)", "float()", ["Leave float() out"]),
    ("import numpy as np", "return x * np.float64(x)", "np.float64()", ["Leave float64() out"]),
    ("import numpy as np", "return x * complex(x)", "complex()", ["Leave complex() out"]),
    ("from scipy.stats import norm", "return norm.cdf(x)", "norm.cdf()",
     ["from chainrule.scipy.stats import norm", PATCH]),
    ("import scipy.stats as st", "return st.norm(x, 1.0).logpdf(0.0)", "st.norm(",
     ["from chainrule.scipy.stats import norm", PATCH]),
    ("from scipy.interpolate import CubicSpline\ns = CubicSpline([0, 1, 2], [0, 1, 4])", "return s(x)", "s()",
     ["from chainrule.scipy.interpolate import CubicSpline", PATCH]),
    ("from scipy.linalg import expm", "return expm([[x]])[0, 0]", "expm()",
     ["from chainrule.scipy.linalg import expm", PATCH]),
    ("from scipy.special import lqn", "return lqn(1, x)[0][0]", "lqn()", ["cr.custom"]),
    ("import statistics", "return statistics.fmean([x, x])", "statistics.fmean()", ["cr.custom"]),
]  # fmt: skip


@pytest.mark.parametrize(("imports", "line", "what", "remedies"), CASES, ids=[case[1] for case in CASES])
def test_it_says_what_lost_the_value_and_which_lines_help(
    imports: str, line: str, what: str, remedies: list[str]
) -> None:
    said = message(imports, line)
    assert what in said
    assert all(remedy in said for remedy in remedies)
    assert not any(other in said for other in LINES if not any(other in remedy for remedy in remedies))


@pytest.mark.parametrize(
    ("imports", "line", "remedy"),
    [
        ("", "return x * float(x)", "Leave float() out"),
        (
            "import numpy as np\nbox = [np.ones(3)]",
            "u = box[0].copy(); u[0] = x; return u[0]",
            "np.array(a) or np.copy(a)",
        ),
        ("import numpy as np\nbox = [np.ones(3)]", "u = box[0].copy(); u += x; return u[0]", "y = y + v"),
        ("import statistics", "return statistics.fmean([x, x])", "cr.custom"),
        ("from scipy.special import lqn", "return lqn(1, x)[0][0]", "cr.custom"),
    ],
)
def test_with_the_patch_it_recommends_no_line(imports: str, line: str, remedy: str) -> None:
    said = message(imports, line, patched=True)
    assert remedy in said
    assert not any(other in said for other in LINES)


@pytest.mark.parametrize(
    ("imports", "line"),
    [
        ("from math import sin", "return sin(x)"),
        ("from numpy import array", "return array([x, 1.0])[0]"),
        ("from scipy.stats import norm", "return norm.cdf(x)"),
        ("from scipy.interpolate import CubicSpline\ns = CubicSpline([0, 1, 2], [0, 1, 4])", "return s(x)"),
    ],
)
def test_what_was_imported_before_the_patch_is_to_be_imported_after_it(imports: str, line: str) -> None:
    said = message(imports, line, patched=True, early=True)
    assert "after" in said
    assert not any(other in said for other in (NUMPY, MATH, "from chainrule.scipy"))


def test_with_chainrule_s_numpy_it_is_not_recommended_again() -> None:
    imports = "import numpy\nimport chainrule.numpy as np\nu0 = numpy.ones(3)"
    for line in ("u = u0.copy(); u[0] = x; return u[0]", "u = u0.copy(); u += x; return u[0]"):
        assert not any(other in message(imports, line) for other in LINES)
    assert "from chainrule.scipy.linalg import expm" in message(
        "import chainrule.numpy as np\nfrom scipy.linalg import expm", "return expm(np.diag([x, x]))[0, 0]"
    )


def test_without_the_source_it_still_names_the_line_and_both_ways() -> None:
    names: dict[str, Any] = {"np": np}
    exec(compile("def f(x):\n    return np.array([x, x])[0]", "nowhere.py", "exec"), names)
    with pytest.raises(TrackingError, match=r"at nowhere.py:2 .*`import chainrule.numpy as np`.*cr.patch\(\)"):
        cr.grad(names["f"])(0.5)


def test_a_loss_inside_code_in_c_is_told_in_place_of_that_code_s_error(capfd: pytest.CaptureFixture[str]) -> None:
    def by_fsolve(a: Any) -> Any:
        return scipy.optimize.fsolve(lambda x: x * x - a, 1.0)[0]

    def by_brentq(a: Any) -> Any:
        return scipy.optimize.brentq(lambda x: x * x - a, 0.0, 9.0)

    def by_minimize(a: Any) -> Any:
        return scipy.optimize.minimize(lambda x: (x[0] - a) ** 2, [0.0]).x[0]

    for f in (by_fsolve, by_brentq, by_minimize):
        with pytest.raises(TrackingError, match=r"scipy.optimize.\w+\(\) at test_lost.py:\d+ would lose"):
            cr.grad(f)(2.0)
    capfd.readouterr()  # MINPACK prints the error that it drops


def test_an_error_of_the_user_s_own_stays() -> None:
    def handled(x: Any) -> Any:
        try:
            float(x)
        except TypeError:
            raise KeyError("mine") from None

    def later(x: Any) -> Any:
        with suppress(TypeError):
            float(x)
        return {}["missing"]

    for f in (handled, later):
        with pytest.raises(KeyError):
            cr.grad(f)(2.0)
    with pytest.raises(np.linalg.LinAlgError):  # a loss in an earlier transform does not explain it
        cr.grad(lambda x: x + np.linalg.cholesky(-np.eye(2))[0, 0])(1.0)


def test_a_method_that_falls_through_to_scipys_is_not_recommended() -> None:
    def f(r: Any) -> Any:
        return chainrule.scipy.stats.multivariate_normal.cdf([0.1, 0.2], mean=[0, 0], cov=[[1, r], [r, 1]])

    for way in (nullcontext, cr.patch):
        with way(), pytest.raises(TrackingError, match=r"no derivative of multivariate_normal\.cdf yet") as caught:
            cr.grad(f)(0.4)
        assert "Write `from" not in str(caught.value)


def test_random_numbers_are_to_be_drawn_in_standard_form() -> None:
    rng = np.random.default_rng(0)
    for f in (lambda m: rng.normal(m), lambda m: rng.choice([m, 2 * m])):
        with pytest.raises(TrackingError, match=r"test_lost\.py:\d+ .*rng\.standard_normal\(n\).*rng\.integers"):
            cr.grad(f)(0.4)
