"""Large arrays are read-only while a gradient is computed, and as before afterwards: right, or an error."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.engine import holding
from chainrule.engine.values import plain

ROWS, COLUMNS = 4096, 64  # 2 MiB
W = np.linspace(-1.0, 1.0, COLUMNS)


def made(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(ROWS, COLUMNS))


def squares(a: Any) -> Callable[[Any], Any]:
    return lambda w: np.sum((a @ w) ** 2)


WRITES: dict[str, Callable[[Any], Any]] = {
    "an entry": lambda a: a.__setitem__((3, 3), 7.0),
    "everything": lambda a: a.__setitem__(..., 0.0),
    "in place": lambda a: a.__imul__(2.0),
    "out": lambda a: np.add(a, 1.0, out=a),
    "fill": lambda a: a.fill(0.0),
    "sort": lambda a: a.sort(axis=0),
    "copyto": lambda a: np.copyto(a, 0.0),
    "a new view": lambda a: a[5:9].__setitem__(0, 1.0),
    "put": lambda a: a.put([1, 2], 0.0),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_inside_is_numpys_error_with_a_note_and_the_array_is_writable_again(write: str) -> None:
    a, before = made(), made()

    def f(w: Any) -> Any:
        total = np.sum((a @ w) ** 2)
        WRITES[write](a)
        return total

    with pytest.raises(ValueError, match="read-only") as caught:
        cr.grad(f)(W)
    assert caught.value.__notes__ == [holding.NOTE]
    assert a.flags.writeable
    np.testing.assert_array_equal(a, before)
    a[...] = 1.0
    np.testing.assert_allclose(cr.grad(squares(a))(W), 2 * a.T @ (a @ W))


def test_a_write_before_the_first_use_is_allowed_and_counts() -> None:
    a = made()

    def f(w: Any) -> Any:
        a[...] *= 2
        return np.sum((a @ w) ** 2)

    np.testing.assert_allclose(cr.grad(f)(W), 8 * made().T @ (made() @ W))


USES: dict[str, Callable[[Any, Any], Any]] = {
    "a product": lambda w, a: np.sum((a @ w) ** 2),
    "a product on the right": lambda w, a: np.sum((w @ a.T) ** 2),
    "dot": lambda w, a: np.sum(np.dot(a, w) ** 2),
    "times": lambda w, a: np.sum(w * a * w),
    "times on the left": lambda w, a: np.sum(a * w * w),
    "divided": lambda w, a: np.sum(a / (w + 3.0)),
    "a power": lambda w, a: np.sum((w + 3.0) ** a),
    "a function of two": lambda w, a: np.sum(np.arctan2(w, a)),
    "einsum": lambda w, a: np.sum(np.einsum("ij,j->i", a, w) ** 2),
    "where": lambda w, a: np.sum(np.where(a > 0, a * w, w)),
    "concatenate": lambda w, a: np.sum(np.concatenate([a, w[None]]) ** 2),
}
KINDS: dict[str, Callable[[], Any]] = {
    "rows": made,
    "columns": lambda: np.asfortranarray(made()),
    "transposed": lambda: made().T.copy().T,
    "a view of rows": lambda: np.concatenate([made(), made()])[:ROWS],
    "a view of a vector": lambda: made().ravel().reshape(ROWS, COLUMNS),
    "with gaps": lambda: np.repeat(made(), 2, axis=1)[:, ::2],
    "read-only": lambda: _read_only(made()),
    "a read-only view": lambda: _read_only(made()[:]),
    "of bytes": lambda: np.frombuffer(made().tobytes()).reshape(ROWS, COLUMNS),
    "of a bytearray": lambda: np.frombuffer(bytearray(made().tobytes())).reshape(ROWS, COLUMNS),
}


def _read_only(a: Any) -> Any:
    a.flags.writeable = False
    return a


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("use", USES)
def test_gradients_with_large_captured_arrays_are_those_with_copies(use: str, kind: str) -> None:
    a = KINDS[kind]()
    flags, base = a.flags.writeable, a.base
    owner = base is not None and isinstance(base, np.ndarray) and base.flags.writeable
    value, gradient = cr.value_and_grad(USES[use])(W, a)
    out, pullback = cr.vjp(lambda w: USES[use](w, a), W)  # which keeps copies
    assert value == out
    np.testing.assert_array_equal(gradient, pullback(1.0)[0])
    assert a.flags.writeable == flags
    assert a.base is base
    assert (isinstance(base, np.ndarray) and base.flags.writeable) == owner
    assert not holding._held


def test_a_held_array_is_not_copied() -> None:
    import tracemalloc

    a = np.ones((2**17, 32))  # 32 MiB
    f = cr.grad(squares(a))
    f(W[:32])
    tracemalloc.start()
    try:
        f(W[:32])
        assert tracemalloc.get_traced_memory()[1] < a.nbytes / 3
    finally:
        tracemalloc.stop()


CONTAINERS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "a dict": (lambda a: {"data": a, "scale": 2.0}, lambda p: p["data"]),
    "a list": (lambda a: [np.ones(3), a], lambda p: p[1]),
    "a list in a dict": (lambda a: {"layers": [{"w": a}]}, lambda p: p["layers"][0]["w"]),
    "a tuple": (lambda a: (1.5, a), lambda p: p[1]),
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_large_array_in_a_container_is_held_as_one_by_itself_is(kind: str) -> None:
    a = made()
    put, take = CONTAINERS[kind]

    def f(p: Any) -> Any:
        assert np.shares_memory(plain(take(p)), a)
        assert not a.flags.writeable
        return np.sum(take(p)[3]) * 2.0

    expected = np.zeros_like(a)
    expected[3] = 2.0
    gradient = take(cr.grad(f)(put(a)))
    np.testing.assert_array_equal(gradient, expected)
    assert a.flags.writeable
    gradient[...] = 1.0
    np.testing.assert_array_equal(a, made())

    def writing(p: Any) -> Any:
        a[0, 0] = 1.0
        return f(p)

    with pytest.raises(ValueError, match="read-only") as caught:
        cr.grad(writing)(put(a))
    assert caught.value.__notes__ == [holding.NOTE]
    assert a.flags.writeable
    assert not holding._held


def test_arrays_are_given_back_after_any_error() -> None:
    a = made()

    def f(w: Any) -> Any:
        np.sum(a @ w)
        raise KeyError("the user's own")

    with pytest.raises(KeyError):
        cr.grad(f)(W)
    assert a.flags.writeable
    with pytest.raises(cr.errors.ShapeError):
        cr.grad(lambda w: a @ w)(W)
    assert a.flags.writeable
    assert not holding._held


def test_the_owner_of_a_view_is_held_too() -> None:
    memory = np.concatenate([made(), made()])
    a = memory[:ROWS]

    def f(w: Any) -> Any:
        total = np.sum((a @ w) ** 2)
        memory[0, 0] = 5.0
        return total

    with pytest.raises(ValueError, match="read-only"):
        cr.grad(f)(W)
    assert memory.flags.writeable
    assert a.flags.writeable


PARTS = [np.s_[:10], np.s_[1000:1010], np.s_[-3:], np.s_[0], np.s_[-1], np.s_[:, 5], np.s_[:]]


class Holder:
    """An object that has something."""

    def __init__(self, held: Any) -> None:
        self.held = held


@pytest.mark.parametrize("part", PARTS)
def test_a_write_through_a_hidden_view_made_before_is_noticed(part: Any) -> None:
    a = made()
    hidden = Holder([Holder(a[part])])

    def f(w: Any) -> Any:
        total = np.sum((a @ w) ** 2)
        hidden.held[0].held[...] += 1.0
        return total

    with pytest.raises(cr.errors.MutationError, match="through a view that was made before"):
        cr.grad(f)(W)
    assert a.flags.writeable


REACHES: dict[str, Callable[[Any], Callable[[], Any]]] = {
    "a variable": lambda view: lambda: view,
    "a list": lambda view: lambda found=[view]: found[0],  # type: ignore[misc]
    "a dict": lambda view: lambda found={"row": view}: found["row"],  # type: ignore[misc]
    "an object": lambda view: lambda found=Holder(view): found.held,  # type: ignore[misc]  # noqa: B008
}


@pytest.mark.parametrize("reach", REACHES)
@pytest.mark.parametrize("part", [np.s_[3, 3:4], np.s_[7], np.s_[:2, ::5]])
def test_a_view_within_reach_is_read_only_as_long_however_few_entries_it_shows(reach: str, part: Any) -> None:
    a = made()
    other = a[part]
    view_of, apart, reading = REACHES[reach](other), a[20:22], a[part]

    def f(w: Any, write: bool) -> Any:
        row, kept = view_of(), view_of.__defaults__
        total = np.sum((a @ w) ** 2) + np.sum(reading) * 0
        if write:
            row[...] = 7.0
        return total + len(kept or ())

    np.testing.assert_allclose(cr.grad(f)(W, False), 2 * a.T @ (a @ W))
    before = a.copy()
    with pytest.raises(ValueError, match="read-only") as caught:
        cr.grad(f)(W, True)
    assert caught.value.__notes__ == [holding.NOTE]
    np.testing.assert_array_equal(a, before)
    assert a.flags.writeable
    assert other.flags.writeable
    assert apart.flags.writeable


def test_a_view_made_inside_before_the_first_use_is_found() -> None:
    a = made()

    def f(w: Any) -> Any:
        def product(by: Any) -> Any:
            return a @ by

        corner = a[:1, :1]
        total = np.sum(product(w) ** 2)
        corner[...] = 0.0
        return total

    with pytest.raises(ValueError, match="read-only"):
        cr.grad(f)(W)


def test_a_view_in_the_arguments_or_the_globals_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    x = made().ravel()
    first = x[:1]

    def f(x: Any, write: Any) -> Any:
        total = np.sum(x * x)
        write[...] = 5.0
        return total

    with pytest.raises(ValueError, match="read-only"):
        cr.grad(f)(x, first)
    monkeypatch.setitem(globals(), "_first", first)
    with pytest.raises(ValueError, match="read-only"):
        cr.grad(lambda x: np.sum(x * x) + _first.fill(0.0))(x)  # type: ignore[name-defined]  # noqa: F821
    assert first.flags.writeable


def test_looking_for_views_keeps_nothing_alive_and_changes_no_variable() -> None:
    a = made()

    def f(w: Any) -> Any:
        let_go = np.ones(10)
        gone = weakref.ref(let_go)
        mine = locals()
        total = np.sum((a @ w) ** 2)
        assert set(mine) >= {"let_go", "gone"}
        mine.clear()
        del let_go, mine
        assert gone() is None
        return total

    np.testing.assert_allclose(cr.grad(f)(W), 2 * a.T @ (a @ W))


@pytest.mark.parametrize("row", range(0, ROWS, 500))
def test_an_array_of_which_there_are_many_views_is_copied(row: int) -> None:
    a = made()
    rows = list(a)

    def f(w: Any) -> Any:
        total = np.sum((a @ w) ** 2)
        rows[row][3] = 7.0
        return total

    np.testing.assert_allclose(cr.grad(f)(W), 2 * made().T @ (made() @ W))
    assert a[row, 3] == 7.0


def test_an_array_that_is_made_writable_inside_is_noticed() -> None:
    a = made()

    def f(w: Any) -> Any:
        total = np.sum((a @ w) ** 2)
        a.flags.writeable = True
        a[3, 3] = 7.0
        return total

    with pytest.raises(cr.errors.MutationError):
        cr.grad(f)(W)


def test_nested_gradients_hold_one_array_until_the_outer_one_returns() -> None:
    a = made()
    inner = cr.grad(squares(a))

    def f(w: Any) -> Any:
        gradient = inner(w)
        assert not a.flags.writeable
        return np.sum(gradient**2)

    np.testing.assert_allclose(cr.grad(f)(W), 8 * a.T @ (a @ (a.T @ (a @ W))))
    assert a.flags.writeable

    def g(w: Any) -> Any:
        total = np.sum(inner(w) ** 2)
        a[0, 0] = 1.0
        return total

    with pytest.raises(ValueError, match="read-only"):
        cr.grad(g)(W)
    assert a.flags.writeable


def test_a_gradient_inside_that_does_not_depend_on_the_outer_argument_gives_back_at_once() -> None:
    a = made()

    def f(w: Any) -> Any:
        slope = cr.grad(squares(a))(W)
        a[0, 0] = 1.0
        return w @ slope

    np.testing.assert_allclose(cr.grad(f)(W), 2 * made().T @ (made() @ W))
    assert a[0, 0] == 1.0


def test_threads_that_hold_one_array_give_it_back_together() -> None:
    a = made()
    expected = 2 * a.T @ (a @ W)
    both_inside, first_done = threading.Barrier(2), threading.Event()
    found: dict[str, Any] = {}

    def first(w: Any) -> Any:
        total = np.sum((a @ w) ** 2)
        both_inside.wait(timeout=60)
        return total

    def second(w: Any) -> Any:
        total = np.sum((a @ w) ** 2)
        both_inside.wait(timeout=60)
        assert first_done.wait(timeout=60)
        found["writable while the second one runs"] = a.flags.writeable
        return total

    def run(name: str, f: Any, done: threading.Event) -> None:
        found[name] = cr.grad(f)(W)
        done.set()

    threads = [
        threading.Thread(target=run, args=("first", first, first_done)),
        threading.Thread(target=run, args=("second", second, threading.Event())),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_allclose(found["first"], expected)
    np.testing.assert_allclose(found["second"], expected)
    assert found["writable while the second one runs"] is False
    assert a.flags.writeable


def test_views_of_one_memory_held_by_two_transforms_are_all_given_back() -> None:
    memory = np.concatenate([made(), made()])
    upper, lower = memory[:ROWS], memory[ROWS:]

    def f(w: Any) -> Any:
        return np.sum(cr.grad(squares(lower))(W) * w) + np.sum((upper @ w) ** 2)

    np.testing.assert_allclose(cr.grad(f)(W), 2 * lower.T @ (lower @ W) + 2 * upper.T @ (upper @ W))
    assert memory.flags.writeable
    assert upper.flags.writeable
    assert lower.flags.writeable


def test_several_views_of_one_memory_in_one_function_are_all_given_back() -> None:
    memory = np.concatenate([made(), made()])
    upper, lower = memory[:ROWS], memory[ROWS:]
    assert np.all(np.isfinite(cr.grad(lambda w: np.sum((upper @ w) * (lower @ w)) + np.sum((memory @ w) ** 2))(W)))
    assert memory.flags.writeable
    assert upper.flags.writeable
    assert lower.flags.writeable


def test_a_writable_view_of_a_read_only_array_is_copied() -> None:
    memory = made()
    a = memory[:]
    memory.flags.writeable = False

    def f(w: Any) -> Any:
        total = np.sum((a @ w) ** 2)
        a[0, 0] = 7.0
        return total

    np.testing.assert_allclose(cr.grad(f)(W), 2 * made().T @ (made() @ W))
    assert a.flags.writeable


def test_a_large_argument_is_held_and_can_be_assigned_to_inside() -> None:
    x = made().ravel()

    def f(x: Any) -> Any:
        y = x * x
        x[0] = 3.0  # the tracked value takes a new one; the array itself stays
        return np.sum(y * x)

    expected = 3 * x**2
    expected[0] = 2 * x[0] * 3.0
    before = x.copy()
    np.testing.assert_allclose(cr.grad(f)(x), expected)
    np.testing.assert_array_equal(x, before)
    assert x.flags.writeable

    def g(tracked: Any) -> Any:
        y = np.sum(tracked * tracked)
        x[1] = 3.0
        return y

    with pytest.raises(ValueError, match="read-only"):
        cr.grad(g)(x)


def test_a_gradient_never_shares_memory_with_a_large_argument_or_a_captured_array() -> None:
    x, a = made().ravel(), made(1).ravel()
    for f in (lambda x: np.sum(x * a), lambda x: 0.5 * np.sum(x * x), lambda x: np.sum(x), lambda x: x @ a):
        gradient = cr.grad(f)(x)
        assert not np.shares_memory(gradient, x)
        assert not np.shares_memory(gradient, a)
        gradient[...] = 0.0
    value, (same, other) = cr.value_and_grad(lambda x: (np.sum(x), (x, a)), has_aux=True)(x)[0]
    assert not np.shares_memory(same, x)
    assert value == np.sum(x)
    assert other is a


def test_a_pullback_lives_on_so_what_it_needs_is_copied() -> None:
    a = made()
    _, pullback = cr.vjp(squares(a), W)
    assert a.flags.writeable
    a[...] = 0.0
    np.testing.assert_allclose(pullback(1.0)[0], 2 * made().T @ (made() @ W))
