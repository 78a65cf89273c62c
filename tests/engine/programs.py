"""Random small programs over arrays: views of views, copies, writes, and maths between them, as text.

A program is made by running it: each line is tried in plain NumPy first, so shapes fit and the errors that NumPy raises
(a read-only view written to) are part of the program. The same lines then run under tracking.
"""

from __future__ import annotations

import copy
import math
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

SIZE = 8
"""Every program is a function of a vector `x` with this many entries."""

ORDERS = ("C", "F", "A", "K")


_CONSTANT = ("np.zeros", "np.ones", "np.full", "np.array(", "np.copy(np.ones")


@dataclass(frozen=True)
class Lines:
    """Lines of Python, and for each the exception that NumPy raises there; `arrays` are the names that they define.

    `exact` says that the program computes in double precision throughout, so differences can check its derivatives;
    `fused` that it writes complex products in place, which NumPy rounds otherwise than the same products out of place.
    """

    lines: tuple[str, ...]
    raises: tuple[type[Exception] | None, ...]
    arrays: tuple[str, ...]
    exact: bool
    fused: bool

    def __str__(self) -> str:
        notes = ("" if error is None else f"  # raises {error.__name__}" for error in self.raises)
        return "\n".join(line + note for line, note in zip(self.lines, notes, strict=True))


def run(program: Lines, x: Any, namespace: Any) -> tuple[list[Any], list[type[Exception] | None]]:
    """The arrays that a program has made, and the exception of each line, with `namespace` as its `np`."""
    scope = {"np": namespace, "x": x, "copy": copy}
    errors: list[type[Exception] | None] = []
    with np.errstate(all="ignore"):
        for line in program.lines:
            try:
                exec(_compiled(line), scope)
                errors.append(None)
            except Exception as error:
                errors.append(type(error))
    return [scope[name] for name in program.arrays if name in scope], errors


_CODE: dict[tuple[str, str], Any] = {}


def _compiled(line: str, mode: str = "exec") -> Any:
    if (line, mode) not in _CODE:
        if len(_CODE) > 20_000:
            _CODE.clear()
        _CODE[line, mode] = compile(line, f"<program: {line}>", mode)
    return _CODE[line, mode]


def start(seed: int) -> Any:
    """The input of the program with this number: entries well apart, in one of several layouts of memory."""
    random = np.random.default_rng(seed)
    entries = 0.4 + random.permutation(SIZE) / 9 + random.uniform(0, 0.02, SIZE)
    if seed % 4 == 0:
        return np.repeat(entries, 2)[::2]
    if seed % 4 == 1:
        return entries[::-1].copy()[::-1]
    return entries


def make(seed: int, *, buffers: bool, length: int = 12) -> Lines:
    """The program with this number. With `buffers` some of its arrays start as constants, made by `np.zeros` and such.

    Programs with buffers run with chainrule.numpy as their `np`.
    """
    return _Maker(Random(seed), start(seed), buffers).made(length)


def _number(a: Any) -> bool:
    """Whether an array without axes is no view: a tracked number stands for it, which cannot be assigned into."""
    return a.ndim == 0 and a.base is None


class _Maker:
    def __init__(self, random: Random, x: Any, buffers: bool) -> None:
        self.random = random
        self.scope: dict[str, Any] = {"np": np, "x": x, "copy": copy}
        self.lines: list[str] = []
        self.raises: list[type[Exception] | None] = []
        self.arrays: list[str] = []
        self.buffers = buffers
        self.exact = True
        self.fused = False
        self.moving: set[str] = set()

    # ------------------------------------------------------------------ a whole program

    def made(self, length: int) -> Lines:
        while not self.arrays:
            self.define(self.root())
        for _ in range(2 * self.buffers):
            self.define(self.constant())
        while len(self.lines) < length:
            kind = self.random.random()
            if kind < 0.45 and len(self.arrays) < 9:
                self.define(self.derived(self.array()))
            else:
                self.write()
        return Lines(tuple(self.lines), tuple(self.raises), tuple(self.arrays), self.exact, self.fused)

    def define(self, expression: str) -> None:
        name = f"a{len(self.arrays)}"
        if self.attempt(f"{name} = {expression}", keep_errors=False):
            made = self.scope[name]
            if (
                type(made) is not np.ndarray
                or made.dtype.kind not in "fc"
                or made.size > 60
                or made.ndim > 4
                or _number(made)
            ):
                self.lines.pop(), self.raises.pop()
                del self.scope[name]
                self.moving.discard(name)
                return
            self.exact &= made.dtype in (np.float64, np.complex128)
            self.exact &= not any(word in expression for word in ("unique", "trim_zeros", "real_if_close"))
            self.arrays.append(name)

    def attempt(self, line: str, *, keep_errors: bool) -> bool:
        """Run a line; it becomes part of the program unless it fails or warns."""
        target = re.findall(r"a\d+", line)[0]
        before = np.copy(self.scope.get(target, np.nan))
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error")
            try:
                exec(_compiled(line), self.scope)
            except Exception as error:
                if keep_errors and isinstance(error, ValueError) and "read-only" in str(error):
                    self.lines.append(line)
                    self.raises.append(type(error))
                return False
        self.lines.append(line)
        self.raises.append(None)
        if self.buffers and self.moves(line):
            written = self.scope[target]
            if not np.array_equal(written, before):  # not where a copy of it was written to, and lost
                self.moving |= {target, *(n for n in self.arrays if np.may_share_memory(self.scope[n], written))}
        for name in self.arrays:
            a = self.scope[name]
            self.exact &= bool(np.all(np.isfinite(a)) and np.all(np.abs(a) < 1e3))
            if "sort" in line or "partition" in line:  # among more than two equals, differences see other slopes
                self.exact &= np.unique(a).size == a.size
        return True

    def moves(self, expression: str) -> bool:
        """Whether something in a line depends on x."""
        words = set(re.findall(r"\b[ax]\d*\b", re.sub(r"zeros_like\(\w+\)", "", expression)))
        return "x" in words or any(name in words for name in self.moving)

    def evaluated(self, expression: str) -> Any:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error")
            try:
                return eval(_compiled(expression, "eval"), self.scope)
            except Exception:
                return None

    # ------------------------------------------------------------------ the parts of lines

    def pick(self, *options: Any) -> Any:
        return self.random.choice(options)

    def array(self) -> str:
        return str(self.random.choice(self.arrays[-4:] if self.random.random() < 0.7 else self.arrays))

    def value(self, name: str) -> Any:
        return self.scope[name]

    def root(self) -> str:
        """A new array that depends on x."""
        vector = self.pick("x", "x * 1.0", "(x * (1 + 0.5j))", "(x + 0.5j * x[::-1])")
        shape = self.pick(
            (8,), (2, 4), (4, 2), (2, 2, 2), (1, 8), (2, 1, 4), (3, 2), (2, 3), (2, 2), (1,), (1, 1), (3, 3)
        )
        size = math.prod(shape)
        text = vector if size == SIZE else f"{vector}[:{size}]" if size < SIZE else f"np.resize({vector}, {size})"
        text = f"np.reshape({text}, {shape}{self.pick('', '', ', order=' + repr('F'))})"
        return text + self.pick(" * 1.0", ".copy()", ".copy(order='F')", ".T.copy()", "", ".T * 0.5", "[::-1] * 1.0")

    def constant(self) -> str:
        shape = self.pick((8,), (2, 4), (2, 2, 2), (3, 3), (2, 2), (1, 3), (1,))
        return str(
            self.pick(
                f"np.zeros({shape})",
                f"np.ones({shape}, complex)",
                f"np.full({shape}, 0.3, order='F')",
                f"np.array(np.linspace(0.1, 0.9, {math.prod(shape)}).tolist()).reshape({shape})",
                f"np.zeros({shape}, order='F')",
                f"np.full({shape}, 0.5 - 0.2j)",
                f"np.copy(np.ones({shape}).T)",
                f"np.zeros_like({self.array()})",
            )
        )

    def axis(self, a: Any) -> int:
        return self.random.randrange(-a.ndim, a.ndim) if a.ndim else 0

    def part(self, n: int) -> str:
        return str(
            self.pick(
                ":",
                "::-1",
                "1:",
                ":-1",
                "::2",
                "-1:",
                "...",
                "None",
                ":0",
                f"{self.random.randrange(max(n, 1))}",
                "::-2",
                ":2",
            )
        )

    def basic_index(self, a: Any) -> str:
        parts = [self.part(n) for n in a.shape[: self.random.randint(1, max(a.ndim, 1))]] or ["..."]
        if parts.count("...") > 1:
            parts = [p if p != "..." else ":" for p in parts]
        return ", ".join(parts)

    def mask(self, a: Any) -> str:
        return f"np.arange({a.size}).reshape({a.shape}) % {self.pick(2, 3)} == {self.pick(0, 1)}"

    def fancy_index(self, a: Any) -> str:
        if not a.ndim or not a.size:
            return "..."
        n = a.shape[0]
        positions = [self.random.randrange(-n, n) for _ in range(self.random.randint(1, 3))]
        if self.random.random() < 0.35:
            return self.mask(a)
        if a.ndim > 1 and self.random.random() < 0.5:
            others = [self.random.randrange(a.shape[1]) for _ in positions]
            return self.pick(f"{positions}, {others}", f":, {others}", f"{positions}, 1:")
        return str(positions)

    def index(self, a: Any) -> str:
        return self.basic_index(a) if self.random.random() < 0.6 else self.fancy_index(a)

    def operand(self, shape: tuple[int, ...]) -> str:
        """Something that broadcasts to `shape`."""
        i = self.random.randrange(SIZE)
        choices = [f"x[{i}]", f"0.7 * x[{i}]", "0.4", f"np.cos(x[{i}])"]
        for name in self.arrays:
            there = np.shape(self.value(name))
            if there == shape:
                choices += [
                    name,
                    f"np.sin({name})",
                    f"0.5 * {name}",
                    f"{name} * x[{i}]",
                    f"{name}[::-1]" if shape else name,
                ]
            elif there and len(there) <= len(shape) and shape[len(shape) - len(there) :] == there:
                choices += [name, f"np.cos({name})"]
        if math.prod(shape) <= SIZE and shape:
            choices.append(f"x[:{math.prod(shape)}].reshape({shape})")
        if shape:
            choices.append(f"np.linspace(0.2, 0.8, {math.prod(shape)}).reshape({shape})")
        return str(self.random.choice(choices))

    # ------------------------------------------------------------------ lines

    def write(self) -> None:
        name = self.array()
        a = self.value(name)
        maker: Callable[[str, Any], str] = self.random.choice(
            [
                self.w_index,
                self.w_index,
                self.w_index,
                self.w_operator,
                self.w_indexed_operator,
                self.w_indexed_operator,
                self.w_function,
                self.w_method,
            ]
        )
        line = maker(name, a)
        if self.attempt(line, keep_errors=True) and a.dtype.kind == "c":
            self.fused |= any(sign in line for sign in ("*=", "/=", "multiply"))

    def sign(self) -> str:
        return str(self.pick("+", "-", "*", "+", "*", "/"))

    def w_index(self, name: str, a: Any) -> str:
        index = self.index(a)
        try:
            shape = np.shape(eval(f"a[{index}]", {"a": a, "np": np}))
        except Exception:
            shape = ()
        once = "1.0 * " * ("==" in index)  # under a mask NumPy reads a value while it writes over it
        return f"{name}[{index}] = {once}{self.operand(shape)}"

    def w_operator(self, name: str, a: Any) -> str:
        if self.random.random() < 0.1:
            return f"{name} **= 2"
        return f"{name} {self.sign()}= {self.operand(a.shape)}"

    def w_indexed_operator(self, name: str, a: Any) -> str:
        index = self.index(a)
        try:
            shape = np.shape(eval(f"a[{index}]", {"a": a, "np": np}))
        except Exception:
            shape = ()
        return f"{name}[{index}] {self.sign()}= {self.operand(shape)}"

    def w_function(self, name: str, a: Any) -> str:
        n = max(a.size, 1)
        places = [self.random.randrange(-n, n) for _ in range(2)]
        choices = [
            f"np.put({name}, {places}, {self.operand((2,))})",
            f"np.put({name}, {places[0]}, {self.operand(())})",
            f"np.putmask({name}, {self.mask(a)}, {self.operand(a.shape)})",
            f"np.place({name}, {self.mask(a)}, {self.operand((2,))})",
            f"np.copyto({name}, 0.9 * {self.operand(a.shape)})",
            f"np.copyto({name}, 0.9 * {self.operand(a.shape)}, where={self.mask(a)})",
            f"np.add({name}, {self.operand(a.shape)}, out={name})",
            f"np.multiply({name}, {self.operand(a.shape)}, out={name}, where={self.mask(a)})",
            f"np.sin({self.operand(a.shape)}, out={name})",
        ]
        if not a.__array_interface__["data"][1]:  # ufunc.at of NumPy writes into read-only arrays too
            some = [place % len(a) for place in places] if a.ndim and a.size else ...
            choices += [
                f"np.add.at({name}, {some}, {self.operand(a.shape[1:])})",
                f"np.multiply.at({name}, {[0, 0] if a.ndim and a.size else ...}, {self.operand(a.shape[1:])})",
            ]
        if a.ndim == 2:
            choices += [
                f"np.fill_diagonal({name}, {self.operand(())})",
                f"np.fill_diagonal({name}, {self.operand((min(a.shape),))})",
            ]
        if a.ndim and all(a.shape):
            k = self.axis(a)
            shape = [n if self.random.random() < 0.7 else 1 for n in a.shape]  # what is 1 is stretched
            shape[k] = 1
            choices.append(
                f"np.put_along_axis({name}, np.zeros({tuple(shape)}, int), {self.operand(tuple(shape))}, {k})"
            )
        return str(self.random.choice(choices))

    def w_method(self, name: str, a: Any) -> str:
        n = max(a.size, 1)
        i = self.random.randrange(n)
        choices = [
            f"{name}.flat[{i}] = {self.operand(())}",
            f"{name}.flat[{i}] += {self.operand(())}",
            f"{name}.flat[{[i, (i + 1) % n]}] = 1.0 * {self.operand((2,))}",
            f"{name}.flat[{i % 2}::2] = {self.operand(())}",
            f"{name}.flat = 1.0 * {self.operand(a.shape)}",  # NumPy reads it while it writes
            f"{name}.fill({self.operand(())})",
            f"{name}.put([{i}], {self.operand(())})",
            f"{name}.real = 1.0 * {self.operand(a.shape)}",
            f"{name}.imag = {self.operand(a.shape)}",
            f"{name}.real[...] = {self.operand(())}",
            f"{name}.imag[...] *= {self.operand(())}" if a.ndim else f"{name}.fill(0.2)",
            f"{name}.T[...] += {self.operand(())}",
            f"{name}.reshape(-1)[{i}] = {self.operand(())}",
            f"{name}.ravel()[{i}] *= {self.operand(())}",
        ]
        if a.dtype.kind == "f" and a.ndim:
            choices += [f"{name}.sort(axis={self.axis(a)})"]
        return str(self.random.choice(choices))

    def derived(self, name: str) -> str:
        """A view of an array, a copy of it, or something computed from it."""
        a = self.value(name)
        return self.random.choice(
            [self.d_index, self.d_shape, self.d_shape, self.d_same, self.d_copy, self.d_arranged, self.d_maths]
        )(name, a)

    def d_index(self, name: str, a: Any) -> str:
        return f"{name}[{self.basic_index(a) if self.random.random() < 0.8 else self.fancy_index(a)}]"

    def d_shape(self, name: str, a: Any) -> str:
        k, size = self.axis(a), a.size
        divisors = [d for d in (1, 2, 3, 4) if size and size % d == 0] or [1]
        d = self.random.choice(divisors)
        shape = self.pick("-1", f"({d}, -1)", f"(-1, {d})", f"(1, {d}, -1)") if size else "-1"
        axes = list(range(a.ndim))
        self.random.shuffle(axes)
        order = self.pick(*ORDERS)
        choices = [
            f"{name}.T",
            f"np.transpose({name}, {axes})",
            f"{name}.reshape({shape})",
            f"np.reshape({name}, {shape}, order={self.pick('C', 'F', 'A')!r})",
            f"{name}.ravel()",
            f"{name}.ravel(order={order!r})",
            f"np.ravel({name}, {order!r})",
            f"np.squeeze({name})",
            f"{name}.squeeze()",
            f"np.expand_dims({name}, {k})",
            f"np.swapaxes({name}, 0, {k})",
            f"np.moveaxis({name}, {k}, 0)",
            f"np.flip({name}, {k})",
            f"np.flip({name})",
            f"np.rot90({name}, {self.random.randrange(5)})",
            f"np.split({name}, {d}, {k})[{self.random.randrange(d)}]",
            f"np.array_split({name}, 2, {k})[{self.pick(0, 1)}]",
            f"np.atleast_1d({name})",
            f"np.atleast_2d({name})",
            f"np.atleast_3d({name})",
            f"np.broadcast_to({name}, (2, *{a.shape}))",
            f"np.broadcast_to({name}, {a.shape})",
            f"np.rollaxis({name}, {k})",
            f"{name}.swapaxes(0, {k})",
            f"{name}.transpose()",
            f"np.fliplr({name})",
            f"np.flipud({name})",
        ]
        if size == 1:
            choices.append(f"{name}.reshape(())")
        if a.ndim >= 2:
            choices += [
                f"np.diagonal({name})",
                f"{name}.mT",
                f"np.matrix_transpose({name})",
                f"np.unstack({name})[-1]",
                f"{name}.diagonal(1)",
                f"np.einsum('...ij->...ji', {name})",
                f"np.hsplit({name}, {d})[0]",
            ]
        if a.ndim == 2:
            choices += [
                f"np.diag({name})",
                f"np.einsum('ij->ij', {name})",
                f"np.einsum('ij->ji', {name})",
                f"np.einsum('ij->j', {name})",
            ]
            if a.shape[0] == a.shape[1]:
                choices += [f"np.einsum('ii->i', {name})"] * 3
        if a.ndim == 1:
            choices += [
                f"np.trim_zeros({name})",
                f"np.lib.stride_tricks.sliding_window_view({name}, 2)",
                f"np.ix_({name} > 0)[0]",
                f"np.meshgrid({name}, {name}, copy=False)[0]",
                f"np.meshgrid({name}, {name}, sparse=True, copy=False)[1]",
                f"np.diag({name})",
            ]
        return str(self.random.choice(choices))

    def d_same(self, name: str, a: Any) -> str:
        return str(
            self.pick(
                f"{name}.real",
                f"{name}.imag",
                f"np.real({name})",
                f"np.imag({name})",
                f"{name}.conj()",
                f"np.conj({name})",
                f"{name}.conjugate()",
                f"{name}.astype({name}.dtype, copy=False)",
                f"{name}.astype(float, copy=False)" if a.dtype.kind == "f" else f"{name}.astype(complex, copy=False)",
                f"np.nan_to_num({name}, copy=False)",
                f"np.nan_to_num({name})",
                f"np.tile({name}, 1)",
                f"np.pad({name}, 0)",
                f"np.block({name})",
                f"np.block([{name}])",
                f"{name}[...]",
                f"{name}[()]",
                f"np.real_if_close({name})",
                f"np.concatenate([{name}])",
                f"np.delete({name}, [], 0)",
                f"+{name}",
                f"np.positive({name})",
                f"np.diff({name}, n=0)",
                f"np.roll({name}, 0)",
                f"np.repeat({name}, 1, 0)",
                f"np.resize({name}, {a.shape})",
                f"{name}.astype(np.float32)"
                if a.dtype.kind == "f" and self.random.random() < 0.2
                else f"{name}.astype({name}.dtype)",
                f"np.astype({name}, {name}.dtype, copy=False)",
                f"{name}.astype(complex)",
                f"np.fft.fftshift({name})",
                f"np.tril({name})",
            )
        )

    def d_copy(self, name: str, a: Any) -> str:
        order = self.pick(*ORDERS)
        return str(
            self.pick(
                f"{name}.copy()",
                f"{name}.copy(order={order!r})",
                f"np.copy({name})",
                f"np.copy({name}, order={order!r})",
                f"{name}.flatten()",
                f"{name}.flatten(order={order!r})",
                f"copy.copy({name})",
                f"copy.deepcopy({name})",
                f"{name}.astype({name}.dtype, order={order!r})",
                f"{name}.T.copy()",
                f"np.copy({name}.T)",
                f"{name}.T.copy(order='K')",
            )
        )

    def d_arranged(self, name: str, a: Any) -> str:
        k = self.axis(a)
        n = a.shape[k] if a.ndim else 1
        i, j = self.random.randrange(max(n, 1)), self.random.randrange(max(n, 1))
        choices = [
            f"np.take({name}, [{i}, {j}], axis={k})",
            f"np.take({name}, [0])",
            f"{name}.take([{i}], axis={k})",
            f"np.delete({name}, {i}, {k})",
            f"np.insert({name}, {i}, {self.operand(())}, axis={k})",
            f"np.insert({name}, 0, 0.5)",
            f"np.piecewise({name}, [{self.mask(a)}], [lambda t: 2 * t, lambda t: -t])" if a.size else name,
            f"np.piecewise({name}, [~({self.mask(a)}), True], [0.25, lambda t: 2 * t])" if a.size else name,
            f"np.select([{self.mask(a)}], [{name}], 0.5)",
            f"np.select([{self.mask(a)}, ~({self.mask(a)})], [{name}, 2 * {name}])",
            f"np.where({self.mask(a)}, {name}, 0.5)",
            f"np.sort({name}, axis={k})",
            f"np.partition({name}, 0, axis={k})",
            f"np.tile({name}, 2)",
            f"np.tile({name}, (2, 1))",
            f"np.pad({name}, 1)",
            f"np.pad({name}, 1, mode='edge')",
            f"np.block([[{name}, {name}], [{name}, {name}]])",
            f"np.concatenate([{name}, {name}], axis={k})",
            f"np.stack([{name}, {name}], axis={k})",
            f"np.vstack([{name}])",
            f"np.hstack([{name}, {name}])",
            f"np.dstack([{name}])",
            f"np.column_stack([{name}])",
            f"np.append({name}, {name}, axis={k})",
            f"np.compress([True] * {n}, {name}, axis={k})",
            f"np.extract({self.mask(a)}, {name})",
            f"np.roll({name}, 1, {k})",
            f"np.repeat({name}, 2, {k})",
            f"np.choose({self.mask(a)} + 0, [{name}, 2 * {name}])",
            f"np.take_along_axis({name}, np.zeros({(*a.shape[:-1], 1)}, int), -1)" if a.ndim else "x * 1",
            f"np.resize({name}, (2, 3))" if a.size else name,  # zeros do not depend on x
            f"np.unique({name})",
            f"np.kron({name}, {name})" if a.size < 7 else f"{name} * 0.5",
            f"np.cumsum({name}, axis={k})",
            f"np.diff({name}, axis={k})",
            f"np.rot90({name}).copy(order='K')",
        ]
        return str(self.random.choice(choices))

    def d_maths(self, name: str, a: Any) -> str:
        other = self.operand(a.shape)
        k = self.axis(a)
        return str(
            self.pick(
                f"np.sin({name})",
                f"{name} * 0.5",
                f"{name} * {other}",
                f"{name} + {other}",
                f"{other} - {name}",
                f"np.cos({name}) * {name}",
                f"np.sum({name}, axis={k})",
                f"{name}.mean(axis={k})",
                f"np.outer({name}, {name})",
                f"np.maximum({name}.real, 0.3)",
                f"np.abs({name} + 2)",
                f"np.add({name}, {other}, order={self.pick(*ORDERS)!r})",
                f"np.where({self.mask(a)}, {name}, {other})",
                f"np.var({name}, axis={k})",
                f"np.clip({name}.real, 0.1, 0.8)",
            )
        )
