"""Compute formulas over large arrays piece by piece: what a piece needs stays in the cache, and threads share the work.

NumPy computes a function of every entry in one thread, and lets other threads run meanwhile. So threads share functions
that take nanoseconds an entry, such as a sine; sums and products wait for memory, and stay whole. Pieces end where
NumPy's own vectors and buffers do, so the results are the same, bit for bit.

There are as many threads as processors that this process may use, at most eight; fewer if the environment variable
CHAINRULE_NUM_THREADS, or else OMP_NUM_THREADS, says so. They start with the first large array.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from chainrule.formula.source import OF_NUMBERS

ndarray = np.ndarray

PIECE = 2**14
"""Entries of a piece: a multiple of the 8192 that NumPy converts together, and 128 KiB in double precision."""

SHARED = 2**16
"""From this number of entries on, costly work is shared: it then takes 0.3 ms, and to ask a thread for help 0.05 ms."""

HUGE = 2**18
"""From this number of entries on, any long formula runs in pieces: its arrays do not all stay in the cache."""

COSTLY = frozenset((
    np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.logaddexp, np.logaddexp2,
    np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.arctan2, np.hypot,
    np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh, np.cbrt, np.power, np.float_power,
))  # fmt: skip
"""Functions that take 4 to 24 ns an entry, ten times and more what a product takes."""


def computed(function: Any, *values: Any) -> Any:
    """`function(*values)` of arrays and numbers, shared among threads where that pays.

    Warnings and errors of floating-point numbers are those of the undivided call: where a piece meets one, the call is
    made again as a whole.
    """
    if function not in COSTLY:
        return function(*values)
    whole = _alike(values)
    if whole is None or whole.size < SHARED or threads() < 2:
        return function(*values)
    strict = {kind: "ignore" if mode == "ignore" else "raise" for kind, mode in np.geterr().items()}
    flat = _flat(values)
    try:
        with np.errstate(**strict):  # type: ignore[arg-type]
            made = np.empty(whole.shape, function(*_cut(flat, slice(1))).dtype)
        out = made.reshape(-1)
        _share(lambda piece: function(*_cut(flat, piece), out[piece]), whole.size, strict)
    except FloatingPointError:
        return function(*values)
    return made


def in_pieces(kernel: Any, *values: Any) -> Any:
    """`kernel(*values)` of an elementwise rule, its pullback or its pushforward, in pieces where that pays.

    A formula makes an array for every operation in it, and huge ones go to memory and back each time. The pullback of
    tanh, with seven operations, takes 9.4 ms for 10⁶ entries, 8.8 in pieces, and half of that in two threads.
    """
    whole = _alike(values)
    if whole is None or whole.size < SHARED:
        return kernel(*values)
    steps, costly = _work(kernel)
    shared = costly and threads() > 1
    if not shared and (whole.size < HUGE or steps < 5):
        return kernel(*values)
    flat = _flat(values)
    made: dict[int, Any] = {}
    numbers: list[tuple[int, slice, Any]] = []  # what is no array: None where nothing flows
    lock = threading.Lock()

    def compute(piece: slice) -> None:
        results = kernel(*_cut(flat, piece))
        for i, result in enumerate(results if type(results) is tuple else (results,)):
            if type(result) is not ndarray:
                numbers.append((i, piece, result))
                continue
            with lock:
                if i not in made:
                    made[i] = np.empty(whole.shape, result.dtype)
            made[i].reshape(-1)[piece] = result

    if shared:
        _share(compute, whole.size, {"all": "ignore"})
    else:
        for piece in _pieces(whole.size):
            compute(piece)
    for i, piece, number in numbers:
        if i in made:
            made[i].reshape(-1)[piece] = 0.0 if number is None else number
    found = {i: number for i, _, number in numbers} | made
    return found[0] if len(found) == 1 else [found[i] for i in range(len(found))]


def _alike(values: Sequence[Any]) -> Any:
    """One of the arrays, if all of them can be cut alike and all other values are numbers; else None."""
    whole: Any = None
    for value in values:
        if type(value) is ndarray:
            if not value.flags.c_contiguous or value.dtype.hasobject:
                return None
            if whole is not None and value.shape != whole.shape:
                return None
            whole = value
        elif not isinstance(value, np.generic | int | float | complex):
            return None
    return whole


def _flat(values: Sequence[Any]) -> list[Any]:
    return [value.reshape(-1) if type(value) is ndarray else value for value in values]


def _cut(flat: Sequence[Any], piece: slice) -> list[Any]:
    return [value[piece] if type(value) is ndarray else value for value in flat]


def _pieces(size: int, piece: int = PIECE) -> Iterator[slice]:
    return (slice(start, start + piece) for start in range(0, size, piece))


@functools.cache
def _work(kernel: Any) -> tuple[int, bool]:
    """How many arrays a formula makes for each of its results, and whether a function in it is costly.

    What it computes for exceptional entries only, below an `if`, does not count.
    """
    import ast  # late: only large arrays need it

    text = kernel.__doc__ or ""
    if not text.startswith(("def pull", "def push")):
        return 0, False
    lines = ast.parse(text).body[0].body  # type: ignore[attr-defined]
    nodes = [node for line in lines if not isinstance(line, ast.If) for node in ast.walk(line)]
    results = lines[-1].value
    count = len(results.elts) if isinstance(results, ast.Tuple) else 1
    steps = sum(isinstance(node, ast.BinOp | ast.UnaryOp | ast.Call) for node in nodes) // count
    called = [kernel.__globals__.get(node.func.id) for node in nodes if isinstance(node, ast.Call)]  # type: ignore[attr-defined]
    return steps, any(function in COSTLY or hasattr(function, OF_NUMBERS) for function in called)


# ---------------------------------------------------------------------- threads

MOST = 8
"""The most threads that are used, as in NumExpr: beyond, the memory is the limit."""

wanted: ContextVar[int | None] = ContextVar("wanted", default=None)
"""How many threads share work, where it is not the number of processors that decides: for measurements and tests."""


def threads() -> int:
    """How many threads share costly work, the caller's own among them."""
    return wanted.get() or _allowed()


@functools.cache
def _allowed() -> int:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for variable in ("CHAINRULE_NUM_THREADS", "OMP_NUM_THREADS"):
        asked = os.environ.get(variable, "").partition(",")[0].strip()  # OpenMP's may be a list, one for each level
        if asked.isdecimal() and int(asked):
            count = min(count, int(asked))
            break
    return min(count, MOST)


@functools.cache
def _pool() -> Any:
    from concurrent.futures import ThreadPoolExecutor  # late: only large arrays need it

    return ThreadPoolExecutor(MOST - 1, "chainrule")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # a forked process has none of these threads


def shared_among(work: Callable[[slice], Any], size: int, piece: int) -> None:
    """`work` of every slice of `piece` of `size` entries, in several threads, without warnings."""
    _share(work, size, {"all": "ignore"}, piece)


def _share(work: Callable[[slice], Any], size: int, errors: dict[str, str], piece: int = PIECE) -> None:
    """`work(piece)` for every piece, in several threads, with these settings of np.errstate in each.

    The caller works too, and does not wait for a thread that has not begun: all could be busy.
    """
    waiting = deque(_pieces(size, piece))

    def help_out() -> None:
        with np.errstate(**errors):  # type: ignore[arg-type]
            while waiting:
                try:
                    piece = waiting.popleft()
                except IndexError:  # another thread has taken the last one
                    return
                work(piece)

    helpers: list[Any] = []
    with contextlib.suppress(RuntimeError):  # no thread can be started here, or none any more at the very end
        helpers.extend(_pool().submit(help_out) for _ in range(min(threads(), len(waiting)) - 1))
    try:
        help_out()
    finally:
        waiting.clear()  # after an error nothing more is begun
        begun = [helper for helper in helpers if not helper.cancel()]
        problems = [helper.exception() for helper in begun]
    for problem in problems:
        if problem is not None:
            raise problem
