"""Every option of every wrapper, with several values: SciPy's own value, and the derivative of it.

`SAMPLES` is for others to extend: the name of a function as in scipy, operands, which are differentiated, and values
for its options. That each option of a function that stands here is tried is a test of its own.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

import chainrule as cr
from tests.rules.calls import array


class Sample(NamedTuple):
    """A function of scipy by its name, how it is called, its operands, and the values to try for each option."""

    name: str
    call: Callable[..., Any]
    operands: tuple[Any, ...]
    options: dict[str, list[Any]]
    needed: tuple[str, ...] = ()
    """The options without which there is no call."""


SAMPLES: list[Sample] = []


def use(name: str, *operands: Any, call: Any = None, by: Any = None, **options: list[Any]) -> None:
    """Add a sample; `by` holds options that every call needs.

    `call(function, *operands, **options)` is how the function is called, where that is not plain.
    """
    plain: Callable[..., Any] = lambda f, *operands, **options: f(*operands, **options)  # noqa: E731
    SAMPLES.append(Sample(name, call or plain, operands, {**(by or {}), **options}, tuple(by or ())))


square, right = array(3, 3) + 2 * np.eye(3), array(3, 2, seed=1)
turned, turned_right = square + 1j * array(3, 3, seed=2), right * (1 - 0.5j)
vector, matrix = array(4), array(3, 4)
knots = np.array([0.0, 0.7, 1.5, 2.0, 3.0])


def definite(a: Any) -> Any:
    return a @ np.conj(a.T) + np.eye(3)


for _a, _b in ((square, right), (square, right[:, 0]), (turned, turned_right)):
    use(
        "linalg.solve",
        _a,
        _b,
        assume_a=["gen", "sym", "upper triangular", "lower triangular"],
        transposed=[True],
        lower=[True],
        call=lambda f, a, b, **o: f(a + a.T if o.get("assume_a") == "sym" else a, b, **o),
    )
    use("linalg.solve", _a, _b, assume_a=["pos", "her"], lower=[True], call=lambda f, a, b, **o: f(definite(a), b, **o))
    use("linalg.solve_triangular", _a, _b, trans=[1, 2, "N", "T", "C"], lower=[True], unit_diagonal=[True])
    use(
        "linalg.cho_solve", _a, _b, factor=[True],
        call=lambda f, a, b, factor=False: f((np.linalg.cholesky(definite(a), upper=not factor), factor), b),
    )  # fmt: skip
for _a in (square, turned):
    use("linalg.inv", _a, assume_a=["gen", "upper triangular", "lower triangular"], lower=[True])
    use(
        "linalg.inv",
        _a,
        assume_a=["pos", "sym"],
        lower=[True],
        call=lambda f, a, **o: f(a + a.T if o.get("assume_a") == "sym" else definite(a), **o),
    )
    use("linalg.det", _a)
    use("linalg.cholesky", _a, lower=[True], call=lambda f, a, **o: f(definite(a), **o))
    use("linalg.cho_factor", _a, lower=[True],
        call=lambda f, a, lower=False: (np.tril if lower else np.triu)(f(definite(a), lower)[0]))  # fmt: skip
    use("linalg.block_diag", _a, right, vector)
for _name in ("expm", "sqrtm", "logm", "cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm"):
    use(f"linalg.{_name}", square / 8)
    use(f"linalg.{_name}", turned / 8)
for _name in ("softmax", "log_softmax"):
    use(f"special.{_name}", array(2, 3, 4), axis=[0, 1, -1, (0, 2), None])
use("special.logsumexp", array(2, 3, 4), axis=[0, 1, -1, (0, 2), None], keepdims=[True],
    b=[2.0, array(4), array(2, 3, 4, seed=1)])  # fmt: skip
use("special.multigammaln", array(3) + 3, by={"d": [1, 2, 4]})
use("special.polygamma", by={"n": [0, 1, 3], "x": [array(3), array(2, 1) + 1]})
use(
    "special.logsumexp",
    array(4),
    return_sign=[True],
    b=[np.array([1.0, -2.0, -0.5, 0.3])],
    call=lambda f, a, return_sign=False, **o: (
        f(a, return_sign=True, **o)[0] if return_sign else f(a, **{**o, "b": 2.0})
    ),
)
for _name in ("spherical_jn", "spherical_yn", "spherical_in", "spherical_kn"):
    use(f"special.{_name}", by={"n": [0, 1, 3], "z": [array(3), array(2, 1) + 1]}, derivative=[True])
use(
    "interpolate.CubicSpline",
    array(5),
    np.array([0.3, 2.4]),
    bc_type=["natural", "clamped", "periodic", "not-a-knot"],
    call=lambda f, y, at, bc_type="not-a-knot": f(
        knots, np.append(y[:4], y[0]) if bc_type == "periodic" and isinstance(bc_type, str) else y, bc_type=bc_type
    )(at),
)
use("interpolate.CubicSpline", array(2, 5), np.array([0.3, 2.4]), axis=[1, -1],
    call=lambda f, y, at, axis=0: f(knots, y if axis else y.T, axis=axis)(at))  # fmt: skip
use("interpolate.CubicSpline", array(5), np.array([-0.3, 3.4]), extrapolate=[True],
    call=lambda f, y, at, **o: f(knots, y, **o)(at))  # fmt: skip
use("interpolate.make_interp_spline", array(5), np.array([0.3, 2.4]), k=[1, 2, 4], check_finite=[False],
    bc_type=["natural", "clamped"], t=[[0.0, 0.0, 0.0, 0.0, 1.5, 3.0, 3.0, 3.0, 3.0]],
    call=lambda f, y, at, **o: f(
        knots, y, **({name: value for name, value in o.items() if name != "k"} if "t" in o or "bc_type" in o else o)
    )(at))  # fmt: skip
use("interpolate.make_interp_spline", array(2, 5), np.array([0.3, 2.4]), axis=[1, -1],
    call=lambda f, y, at, axis=0: f(knots, y if axis else y.T, axis=axis)(at))  # fmt: skip


def equations(x: Any, c: Any, m: Any) -> Any:
    return [x[0] ** 2 + 3 * x[1] - c[0], 0.5 * np.sin(x[0]) + x[1] + x[1] ** 3 - c[1] * m]


def valley(x: Any, c: Any) -> Any:
    return np.sum((x - c) ** 2 * np.array([1.0, 3.0])) + np.exp(0.3 * x[0] * x[1])


def swing(y: Any, t: Any, pull: Any) -> Any:
    return [y[1] + 0.1 * t, -pull * np.sin(y[0])]


def slopes(x: Any, c: Any, m: Any) -> Any:
    return np.array([[2 * x[0], 3.0], [0.5 * np.cos(x[0]), 1 + 3 * x[1] ** 2]])


use("optimize.root", np.array([2.0, 0.7]), np.array(1.3), method=["lm", "hybr", "krylov"], tol=[1e-13], jac=[slopes],
    options=[{"xtol": 1e-13}], callback=[lambda x, f: None],
    call=lambda f, c, m, tol=1e-13, **o: f(equations, [1.0, 0.5], (c, m), tol=tol, **o).x)  # fmt: skip
use(
    "optimize.minimize",
    np.array([0.6, -0.4]),
    method=["CG", "BFGS", "Newton-CG"],
    tol=[1e-12],
    options=[{"maxiter": 500}],
    callback=[lambda intermediate_result: None],
    call=lambda f, c, tol=1e-11, **o: f(valley, np.zeros(2), (c,), tol=tol, jac=cr.grad(valley), **o).x,
)
use(
    "optimize.fixed_point",
    np.array([0.5, 0.7]),
    method=["iteration", "del2"],
    xtol=[1e-14],
    maxiter=[900],
    call=lambda f, c, xtol=1e-13, **o: f(lambda x, c: np.cos(0.3 * x) * c, np.ones(2), (c,), xtol=xtol, **o),
)
use(
    "optimize.brentq",
    np.array(0.7),
    np.array(2.0),
    xtol=[1e-14],
    rtol=[1e-14],
    maxiter=[200],
    disp=[False],
    call=lambda f, a, b, **o: f(lambda x, a, b: x**3 + a * x - b, -3.0, 3.0, (a, b), **{"xtol": 1e-13, **o}),
)
_times = np.array([0.1, 0.3, 0.4])
use(
    "integrate.odeint",
    np.array([0.5, 0.1]),
    np.array(1.7),
    tfirst=[True],
    rtol=[1e-9],
    atol=[1e-9, np.array([1e-9, 1e-10])],
    h0=[1e-3],
    hmax=[0.05],
    hmin=[1e-12],
    mxstep=[2000],
    mxordn=[5],
    mxords=[4],
    ixpr=[False],
    printmessg=[False],
    call=lambda f, y0, pull, tfirst=False, rtol=1e-11, atol=1e-11, **o: f(
        (lambda t, y, p: np.stack(swing(y, t, p))) if tfirst else (lambda y, t, p: np.stack(swing(y, t, p))),
        y0,
        _times,
        (pull,),
        tfirst=tfirst,
        rtol=rtol,
        atol=atol,
        **o,
    ),
)
use(
    "integrate.solve_ivp",
    np.array([0.5, 0.1]),
    np.array(1.7),
    method=["RK23", "DOP853", "Radau", "BDF", "LSODA"],
    t_eval=[[0.2], [0.0, 0.1, 0.4]],
    rtol=[1e-9],
    atol=[1e-9],
    max_step=[0.1],
    first_step=[1e-3],
    call=lambda f, y0, pull, rtol=1e-9, atol=1e-9, t_eval=(0.1, 0.4), **o: (
        f(
            lambda t, y, p: np.stack(swing(y, t, p)),
            (0.0, 0.4),
            y0,
            args=(pull,),
            rtol=rtol,
            atol=atol,
            t_eval=t_eval,
            **o,
        ).y
    ),
)
LOOSE = {"integrate.odeint": 1e-5, "integrate.solve_ivp": 1e-5, "optimize.minimize": 1e-5}
"""How exact the values are, beside the usual 1e-8."""


def calls_of(sample: Sample) -> Iterator[dict[str, Any]]:
    """No options, each value of each, alone and with all the others, and a few drawn at random together."""
    random = np.random.default_rng(len(sample.name))

    def drawn(chance: float) -> dict[str, Any]:
        keys = [key for key in sample.options if random.random() < chance]
        return {key: sample.options[key][random.integers(len(sample.options[key]))] for key in keys}

    yield {}
    for key, values in sample.options.items():
        yield from ({key: value} for value in values)
        if key in sample.needed:
            yield from ({**drawn(1.0), key: value} for value in values)
    for _ in range(3 if len(sample.options) > 1 else 0):
        yield drawn(0.5)


def function_of(package: str, name: str) -> Any:
    module, function = name.split(".")
    return getattr(importlib.import_module(f"{package}.{module}"), function)


def flat(sample: Sample, options: dict[str, Any], package: str) -> tuple[Callable[[Any], Any], Any]:
    """The call as a real function of a real vector, and the point; arrays among the options are differentiated."""
    of_options = [k for k, v in options.items() if isinstance(v, np.ndarray) and k not in ("atol", "rtol")]
    arrays = [*sample.operands, *(options[k] for k in of_options)]
    parts = [part for a in arrays for part in ((a.real, a.imag) if np.iscomplexobj(a) else (a,))]
    ends = np.cumsum([np.size(part) for part in parts])[:-1]

    def function(x: Any) -> Any:
        pieces = [np.reshape(p, np.shape(part)) for p, part in zip(np.split(x, ends), parts, strict=True)]
        given = [pieces.pop(0) + 1j * pieces.pop(0) if np.iscomplexobj(a) else pieces.pop(0) for a in arrays]
        tracked = dict(zip(of_options, given[len(sample.operands) :], strict=True))
        made = sample.call(function_of(package, sample.name), *given[: len(sample.operands)], **{**options, **tracked})
        made = np.ravel(made)
        return np.concatenate([np.real(made), np.imag(made)]) if np.iscomplexobj(made) else made

    return function, np.concatenate([np.ravel(part) for part in parts])


ELSEWHERE = {
    **dict.fromkeys(("overwrite_a", "overwrite_b", "check_finite", "disp", "blocksize"), "changes no result"),
    **dict.fromkeys(("full_output", "dense_output", "events"), "adds what is no derivative, or is refused"),
    **dict.fromkeys(
        ("Dfun", "col_deriv", "ml", "mu", "jac", "hess", "hessp", "vectorized"), "in test_every_wrapper.py"
    ),
    **dict.fromkeys(("tcrit", "mxhnil"), "a hint to the solver"),
    **dict.fromkeys(("bounds", "constraints"), "in test_every_function.py"),
}
"""Options that are not tried here, and why."""
NAMES = sorted({sample.name for sample in SAMPLES})


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("name", NAMES)
def test_every_option_of_a_wrapper_has_scipy_s_value_and_its_derivative(name: str) -> None:
    offered: set[str] = set()
    tried: set[str] = set()
    for sample in (s for s in SAMPLES if s.name == name):
        offered |= {f"{key}={value!r}" for key, values in sample.options.items() for value in values}
        for options in calls_of(sample):
            try:
                theirs, x = flat(sample, options, "scipy")
                expected = theirs(x)
            except (
                TypeError,
                ValueError,
                NotImplementedError,
            ):  # SciPy asks for more arguments, or takes no two of these together
                continue
            ours, _ = flat(sample, options, "chainrule.scipy")
            check(ours, theirs, x, expected, LOOSE.get(name, 1e-8), f"{name} {sample.operands} {options}")
            tried |= {f"{key}={value!r}" for key, value in options.items()}
    assert tried == offered


def check(ours: Any, theirs: Any, x: Any, expected: Any, exact: float, text: str) -> None:
    random = np.random.default_rng(5)
    v, g = random.normal(size=x.size), random.normal(size=expected.size)
    value, pullback = cr.vjp(ours, x)
    np.testing.assert_allclose(value, expected, rtol=10 * exact, atol=10 * exact, err_msg=text)
    moved = cr.jvp(ours, (x,), (v,))[1]
    h = 2e-3 / np.max(np.abs(v))
    wide, narrow = ((theirs(x + k * h * v) - theirs(x - k * h * v)) / (2 * k * h) for k in (2, 1))
    size = max(1.0, np.max(np.abs(moved)))
    np.testing.assert_allclose(moved, (4 * narrow - wide) / 3, atol=max(1e-6, 100 * exact) * size, err_msg=text)
    np.testing.assert_allclose(pullback(g)[0] @ v, g @ moved, atol=10 * exact * size * x.size, err_msg=text)


@pytest.mark.parametrize("name", NAMES)
def test_every_option_of_a_wrapper_is_tried(name: str) -> None:
    offered = {key for sample in SAMPLES if sample.name == name for key in sample.options}
    for parameter in inspect.signature(function_of("chainrule.scipy", name)).parameters.values():
        if parameter.default is not parameter.empty and parameter.name not in {"args", *ELSEWHERE}:
            assert parameter.name in offered, parameter.name
