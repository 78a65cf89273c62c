"""A vectorized function gives for each example what the function gives for it, whatever is computed in between."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine.containers import flatten
from tests.random_functions import cases

pytestmark = pytest.mark.filterwarnings("ignore")


def one_by_one(f: Callable[..., Any], *batches: Any, shared: tuple[int, ...] = ()) -> Any:
    """The results of the examples, stacked: what `vmap` has to give."""
    size = len(batches[min(k for k in range(len(batches)) if k not in shared)])
    found = [f(*[b if k in shared else b[i] for k, b in enumerate(batches)]) for i in range(size)]
    leaves = [flatten(one)[0] for one in found]
    return flatten(found[0])[1]([np.stack(parts) for parts in zip(*leaves, strict=True)])


def agree(found: Any, expected: Any, tolerance: float = 1e-13) -> None:
    for a, b in zip(flatten(found)[0], flatten(expected)[0], strict=True):
        assert np.shape(a) == np.shape(b)
        assert a.dtype == b.dtype
        size = np.nanmax(np.abs(b), initial=1.0, where=np.isfinite(b))
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * size)


class Form(NamedTuple):
    """A function of one example, and whether it has a form for batches."""

    function: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...]
    has_form: bool = True


FORMS = {
    "elementwise": Form(lambda x, y: np.tanh(x) * y + np.hypot(x, y), ((3, 4), (4,))),
    "numbers and arrays": Form(lambda a, x: np.where(a > 0, x * a, a - x), ((), (2, 3))),
    "sum": Form(lambda x: np.sum(x) + np.sum(x, 0) + np.sum(x, axis=-1, keepdims=True), ((3, 3),)),
    "extremes": Form(lambda x: np.max(x, axis=1) - np.min(x) + np.argmax(x) + np.argmin(x, axis=0), ((3, 3),)),
    "averages": Form(lambda x: np.mean(x, axis=0) * np.std(x) + np.var(x, 1), ((3, 3),)),
    "of a number": Form(lambda a: np.sum(a * a) + np.max(a), ((),)),
    "in order": Form(lambda x: np.cumsum(x) + np.sort(x, axis=None), ((2, 3),)),
    "along": Form(lambda x: np.cumsum(x, axis=0) + np.sort(x) - np.flip(x, 1), ((2, 3),)),
    "diff": Form(lambda x: np.diff(x, axis=0), ((3, 2),)),
    "items": Form(lambda x: x[1] + x[-1, ::2].sum() + x[..., 0] + x[:, None, 1][0], ((3, 3),)),
    "arrays of positions": Form(lambda x: x[np.array([2, 0, 2])] + x[:, [1, 1, 0]], ((3, 3),)),
    "a mask": Form(lambda x: x[np.array([True, False, True])], ((3, 2),)),
    "positions apart": Form(lambda x: x[0, :, np.array([1, 0])], ((2, 3, 2),), False),
    "positions of its own": Form(lambda x: x[np.argsort(x)] * np.arange(4.0)[np.argmax(x)], ((4,),)),
    "shapes": Form(lambda x: np.reshape(x, (3, 2)).T + np.ravel(x)[:3] * x.T[0, 0], ((2, 3),)),
    "new axes": Form(lambda x: np.expand_dims(x, 1) + np.broadcast_to(x, (3, 3)) + np.atleast_1d(x[0]), ((3,),)),
    "transposes": Form(lambda x: np.transpose(x, (2, 0, 1)) + np.swapaxes(np.moveaxis(x, 0, -1), 0, 1), ((2, 2, 2),)),
    "matrix and vector": Form(lambda a, v: a @ v + np.dot(v, a) * (v @ v), ((3, 3), (3,))),
    "matrices": Form(lambda a, b: (a @ b) + np.matmul(b, a), ((3, 3), (2, 3, 3))),
    "outer": Form(lambda v, w: np.outer(v, w) + np.einsum("i,j->ij", v, w) * np.einsum("ij,ij", np.outer(v, w),
                                                                                    np.outer(v, v)), ((3,), (3,))),
    "solve": Form(lambda a, b: np.linalg.solve(a @ a.T + 9 * np.eye(3), b), ((3, 3), (3,))),
    "linear algebra": Form(lambda a: np.linalg.inv(a + 9 * np.eye(2)) * np.linalg.det(a), ((2, 2),)),
    "several results": Form(lambda a: np.linalg.slogdet(a)[1] + np.linalg.eigh(a + a.T)[0], ((3, 3),)),
    "joined": Form(lambda x, y: np.concatenate([x, np.stack([y, 2 * y]), np.ones((1, 2))], axis=0), ((3, 2), (2,))),
    "written": Form(lambda x: _written(x), ((4,),)),
    "power of a matrix": Form(lambda a: np.linalg.matrix_power(a, 3), ((2, 2),)),
    "no form": Form(lambda x: np.convolve(x, np.array([1.0, 2.0])) + np.interp(x[0], np.arange(3.0), np.ones(3)),
                    ((4,),), False),
}  # fmt: skip


def _written(x: Any) -> Any:
    y = x * 2
    y[1:] += y[:-1]
    y[0] = x[3]
    y[:2][::-1] *= x[1:3]
    return y


def batches_of(form: Form, dtype: Any = np.float64) -> list[Any]:
    random = np.random.default_rng(0)
    return [random.normal(size=(5, *shape)).astype(dtype) for shape in form.shapes]


@pytest.mark.parametrize("name", FORMS)
def test_each_example_has_the_result_that_it_has_alone(name: str) -> None:
    form = FORMS[name]
    fast = cr.vmap(form.function)
    for dtype in (np.float64, np.float32):
        batches = batches_of(form, dtype)
        agree(fast(*batches), one_by_one(form.function, *batches), 1e-12 if dtype == np.float64 else 1e-4)
    assert bool(fast.one_by_one) is not form.has_form


@pytest.mark.parametrize("name", FORMS)
def test_operands_that_all_examples_share(name: str) -> None:
    form = FORMS[name]
    batches = batches_of(form)
    for shared in range(len(batches) if len(batches) > 1 else 0):
        given = [b[0] if k == shared else b for k, b in enumerate(batches)]
        axes = tuple(None if k == shared else 0 for k in range(len(batches)))
        agree(cr.vmap(form.function, axes)(*given), one_by_one(form.function, *given, shared=(shared,)), 1e-12)


@pytest.mark.parametrize("name", FORMS)
def test_gradients_of_single_examples_and_of_the_whole(name: str) -> None:
    form = FORMS[name]
    batches = batches_of(form)

    def total(*xs: Any) -> Any:
        return np.sum(np.sin(form.function(*xs)))

    every = tuple(range(len(batches)))
    single = cr.vmap(cr.grad(total, every))(*batches)
    agree(single, one_by_one(cr.grad(total, every), *batches), 1e-11)
    agree(cr.grad(lambda *xs: np.sum(cr.vmap(total)(*xs)), every)(*batches), single, 1e-11)
    tangents = [np.ones_like(b) for b in batches]
    along = cr.jvp(cr.vmap(form.function), batches, tangents)[1]
    agree(along, one_by_one(lambda *xs: cr.jvp(form.function, xs, [np.ones_like(x)[()] for x in xs])[1], *batches),
          1e-11)  # fmt: skip


@pytest.mark.parametrize("kind", ["numbers", "arrays", "complex"])
@pytest.mark.parametrize("seed", [3, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(100, 140))])
def test_random_functions(kind: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    for case in cases(15, seed, kind=kind):
        arguments = [np.asarray(a, None if np.asarray(a).dtype.kind in "fc" else float) for a in case.arguments]
        batches = [np.stack([a, a * 0.5 + 0.3, a * random.normal()]) for a in arguments]
        try:
            expected = one_by_one(case.function, *batches)
        except Exception:  # one of the examples has no result
            continue
        agree(cr.vmap(case.function)(*batches), expected, 1e-9)


def test_examples_take_their_own_ways() -> None:
    def f(x: Any) -> Any:
        count = 0
        while np.abs(x) > 1:
            x, count = x / 2, count + 1
        if x < 0:
            return x * 10, count
        return np.sqrt(x), count + int(np.round(x * 2))

    x = np.array([0.3, -8.0, 5.0, 0.25, -0.5, 100.0, 0.0, 4.0])
    found, expected = cr.vmap(f)(x), one_by_one(f, x)
    agree(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])

    def g(x: Any) -> Any:
        while np.abs(x) > 1:
            x = x / 2
        return x * 10 if x < 0 else np.sqrt(x)

    agree(cr.vmap(cr.grad(g))(x[:6]), one_by_one(cr.grad(g), x[:6]))


def test_axes_of_arguments_and_results_in_containers() -> None:
    def f(parameters: Any, x: Any, *, shift: Any) -> Any:
        return {"y": parameters["w"] * x + shift, "pair": (x[0], parameters["b"])}

    random = np.random.default_rng(1)
    w, x, shift = random.normal(size=(2, 3)), random.normal(size=(2, 3)), random.normal(size=3)
    fast = cr.vmap(f, in_axes=({"w": 1, "b": None}, -1), out_axes={"y": 1, "pair": (0, 0)})
    found = fast({"w": w, "b": 4.0}, x, shift=shift)
    np.testing.assert_allclose(found["y"], w * x + shift)
    np.testing.assert_allclose(found["pair"][0], x[0])
    np.testing.assert_array_equal(found["pair"][1], np.full(3, 4.0))


def test_batches_nest_and_are_compiled() -> None:
    random = np.random.default_rng(2)
    x, y = random.normal(size=4), random.normal(size=5)
    table = cr.vmap(cr.vmap(lambda a, b: np.sin(a) * b, (None, 0)), (0, None))
    agree(table(x, y), np.sin(x)[:, None] * y)
    gradients = cr.vmap(cr.grad(lambda w, x, y: (np.tanh(w @ x) - y) ** 2), (None, 0, 0))
    w, batch, targets = random.normal(size=3), random.normal(size=(6, 3)), random.normal(size=6)
    agree(cr.jit(gradients)(w, batch, targets), gradients(w, batch, targets), 1e-12)
    curved = cr.vmap(cr.hessian(lambda x: np.sum(np.sin(x)) * x[0]))(batch)
    agree(curved, one_by_one(cr.hessian(lambda x: np.sum(np.sin(x)) * x[0]), batch), 1e-12)


def test_what_is_captured_keeps_its_derivative() -> None:
    batch = np.random.default_rng(3).normal(size=(6, 3))

    def loss(w: Any) -> Any:
        return np.sum(cr.vmap(lambda x: np.tanh(w @ x) * w[0])(batch))

    w = np.array([0.3, -0.2, 0.5])
    np.testing.assert_allclose(cr.grad(loss)(w), cr.grad(lambda w: np.sum(np.tanh(batch @ w) * w[0]))(w), rtol=1e-13)


def test_results_share_no_memory_with_the_batch() -> None:
    x = np.arange(6.0).reshape(3, 2)
    for f in (lambda x: x, lambda x: x[:1], lambda x: (x, x)):
        for part in flatten(cr.vmap(f)(x))[0]:
            part += 1
    np.testing.assert_array_equal(x, np.arange(6.0).reshape(3, 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cr.vmap(operator.add)(np.ones(2), np.ones(3)), r"batches of \[2, 3\] examples"),
        (lambda: cr.vmap(np.sin, None)(np.ones(2)), "no batch"),
        (lambda: cr.vmap(np.sin)(2.0), "a number where in_axes asks for a batch"),
        (lambda: cr.vmap(operator.add, (0,))(np.ones(2), np.ones(2)), "2 arguments.*in_axes has 1"),
    ],
)
def test_batches_that_do_not_fit_are_refused_with_the_line(call: Any, message: str) -> None:
    with pytest.raises(cr.errors.ShapeError, match=message) as error:
        call()
    assert "test_vmap.py" in str(error.value)
