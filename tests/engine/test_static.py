"""Programs without guards: what common functions do at ties, zeros and other exceptions is in the program itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine.containers import flatten
from chainrule.errors import PathError
from tests.rules.calls import CALLS, weighed_total

pytestmark = pytest.mark.filterwarnings("ignore")

GUARDED = {"average": {1, 2, 3}}
"""The sample calls whose programs have guards: NumPy refuses weights whose sum is zero, and so does the program."""

Call = tuple[Callable[..., Any], tuple[Any, ...]]


def normal(*shape: int) -> Any:
    return np.random.default_rng(sum(shape)).normal(size=shape)


rows, line, square = normal(3, 4), normal(6), normal(4, 4) + 3 * np.eye(4)
positive, definite = np.abs(line) + 0.3, square @ square.T

COMMON: dict[str, Call] = {
    "prod": (np.prod, (rows,)),
    "prod of columns": (lambda x: np.prod(x, axis=0), (rows,)),
    "cumprod": (np.cumprod, (line,)),
    "sort": (np.sort, (rows,)),
    "sort of columns": (lambda x: np.sort(x, axis=0), (rows,)),
    "partition": (lambda x: np.partition(x, 2), (line,)),
    "take_along_axis": (lambda x: np.take_along_axis(x, np.argsort(x, axis=1), 1), (rows,)),
    "median": (np.median, (rows,)),
    "median of columns": (lambda x: np.median(x, axis=0), (rows,)),
    "quantile": (lambda x: np.quantile(x, [0.2, 0.7]), (line,)),
    "percentile": (lambda x: np.percentile(x, 30.0, axis=1), (rows,)),
    "nansum": (np.nansum, (rows,)),
    "nanprod": (np.nanprod, (line,)),
    "nanmax": (lambda x: np.nanmax(x, axis=0), (rows,)),
    "nanmin": (np.nanmin, (rows,)),
    "nanmean": (lambda x: np.nanmean(x, axis=1), (rows,)),
    "nanvar": (np.nanvar, (rows,)),
    "nanstd": (lambda x: np.nanstd(x, axis=0), (rows,)),
    "nanmedian": (lambda x: np.nanmedian(x, axis=0), (rows,)),
    "nanquantile": (lambda x: np.nanquantile(x, [0.3, 0.8], axis=1), (rows,)),
    "nancumsum": (np.nancumsum, (line,)),
    "nan_to_num": (np.nan_to_num, (line,)),
    "where": (lambda x: np.where(x > 0, x**2, np.exp(x)), (line,)),
    "select": (lambda x: np.select([x > 0, x < -1], [x**2, np.exp(x)], 0.0), (line,)),
    "choose": (lambda x: np.choose((x > 0).astype(int), [x, x**2]), (line,)),
    "interp": (lambda x, y: np.interp(x, np.arange(6.0), y), (line, positive)),
    "interp by its points": (lambda x: np.interp(0.5, x, positive), (np.sort(line),)),
    "det": (np.linalg.det, (square,)),
    "det of three": (np.linalg.det, (square[:3, :3],)),
    "slogdet": (lambda a: np.linalg.slogdet(a)[1], (square,)),
    "inv": (np.linalg.inv, (square,)),
    "solve": (np.linalg.solve, (square, line[:4])),
    "cholesky": (np.linalg.cholesky, (definite,)),
    "qr": (lambda a: np.linalg.qr(a)[1], (square,)),
    "eigvalsh": (np.linalg.eigvalsh, (definite,)),
    "eigh": (lambda a: np.linalg.eigh(a)[1] ** 2, (definite,)),
    "svdvals": (np.linalg.svdvals, (rows,)),
    "svd": (lambda a: np.linalg.svd(a, full_matrices=False)[0] ** 2, (rows,)),
    "pinv": (np.linalg.pinv, (rows,)),
    "nuclear norm": (lambda a: np.linalg.norm(a, "nuc"), (rows,)),
    "spectral norm": (lambda a: np.linalg.norm(a, 2), (rows,)),
    "norm of order 3": (lambda x: np.linalg.norm(x, 3, axis=0), (rows,)),
    "cov": (np.cov, (rows,)),
    "cov with weights": (lambda x, w: np.cov(x, aweights=w), (rows, positive[:4])),
    "corrcoef": (np.corrcoef, (rows,)),
    "std of some": (lambda x: np.std(x, where=x > -1), (line,)),
    "mean of some": (lambda x: np.mean(x, where=x > -1), (line,)),
    "max of some": (lambda x: np.max(x, where=x > -1, initial=-5.0), (line,)),
    "linspace": (lambda a, b: np.linspace(a, b, 4), (line[:2], line[2:4])),
    "unwrap": (np.unwrap, (3 * line,)),
    "logaddexp.reduce": (np.logaddexp.reduce, (line,)),
    "hypot.reduce": (np.hypot.reduce, (line,)),
    "pad": (lambda x: np.pad(x, 2, mode="maximum"), (line,)),
    "astype": (lambda x: x * np.floor(x).astype(int), (line,)),
    "stop_gradient": (lambda x: x * cr.stop_gradient(x), (line,)),
}


def gradient(call: Callable[..., Any], count: int) -> Callable[..., Any]:
    """Value and gradient of a number that depends on every entry of a result, each with a weight of its own."""

    def total(*xs: Any) -> Any:
        return weighed_total(call(*xs))

    return cr.value_and_grad(total, tuple(range(count)))


def elsewhere(given: tuple[Any, ...]) -> list[list[Any]]:
    """Other arguments: in another order, with ties, zeros, equal rows, a NaN, large and small."""

    def with_nan(a: Any) -> Any:
        a = np.array(a)
        a[(0,) * a.ndim] = np.nan
        return a

    changes: list[Callable[[Any], Any]] = [
        lambda a: a[::-1].copy() if a.ndim else -a,
        lambda a: a.T.copy().reshape(a.shape) * 0.7,
        np.round,
        lambda a: np.round(a, 1),
        np.zeros_like,
        np.ones_like,
        lambda a: np.where(np.arange(a.size).reshape(a.shape) % 3 == 1, 0.0, a),
        lambda a: np.broadcast_to(np.eye(*a.shape[-2:]) if a.ndim > 1 else np.abs(a), a.shape),
        with_nan,
        lambda a: a * 1e-170,
        lambda a: a * 1e100,
    ]
    return [[np.asarray(change(a), a.dtype) for a in given] for change in changes]


def assert_right(program: Any, f: Callable[..., Any], given: tuple[Any, ...], *, guarded: bool = False) -> None:
    """The program computes what the function does here and elsewhere. Only one with guards may refuse."""
    for arguments in [list(given), *elsewhere(given)]:
        try:
            expected = [np.asarray(leaf) for leaf in flatten(f(*arguments))[0]]
        except (ValueError, ArithmeticError):
            continue
        try:
            found = [np.asarray(leaf) for leaf in flatten(program(*arguments))[0]]
        except PathError:
            assert guarded
            continue
        for a, b in zip(found, expected, strict=True):
            assert (a.dtype, a.shape) == (b.dtype, b.shape)
            size = np.nanmax(np.abs(b), initial=0.0, where=np.isfinite(b))
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12 * size, err_msg=str(arguments))


@pytest.mark.parametrize("name", COMMON)
def test_common_functions_have_programs_without_guards_that_are_right_everywhere(name: str) -> None:
    call, given = COMMON[name]
    f = gradient(call, len(given))
    program = cr.stage(f, *given)
    assert not program.guards
    assert_right(program, f, given)


CALLED = [(function, index) for function, samples in CALLS.items() for index in range(len(samples))]


@pytest.mark.parametrize(("function", "index"), CALLED, ids=lambda v: getattr(v, "__name__", None) or str(v))
def test_functions_of_whole_arrays_have_guards_only_where_numpy_refuses_values(function: Any, index: int) -> None:
    call, arguments = CALLS[function][index]
    given = tuple(a for a in arguments if isinstance(a, np.ndarray) and a.dtype.kind in "fc")
    if not given:
        pytest.skip("the sample has no array of its own to move")

    def of_given(*moving: Any) -> Any:
        rest = iter(moving)
        return call(*[next(rest) if any(a is g for g in given) else a for a in arguments])

    f = gradient(of_given, len(given))
    program = cr.stage(f, *given)
    guarded = index in GUARDED.get(function.__name__, ())
    assert bool(program.guards) == guarded
    assert_right(program, f, given, guarded=guarded)
