"""Machine code for stretches of elementwise operations, as ufuncs of NumPy's, made by LLVM.

A ufunc's inner loop is one function type: pointers, counts, strides. So NumPy does what it does for its own functions:
it broadcasts, makes the results, and lets other threads run meanwhile. The loop goes through blocks of some hundred
entries. A block of an operand that lies next to each other is read where it is, any other one is copied first; so the
innermost loop knows vectors only. The last block is filled up to whole vectors.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import itertools
import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from chainrule.compile.instructions import TYPES, Instructions, lanes
from chainrule.engine.pieces import shared_among, threads

BLOCK = 512  # entries: an operand's block is 4 KiB, so that those of ten operands stay in the first cache
MOST_KERNELS = 256
"""So many are kept for functions to come, each some 10 KiB of code."""

SHARED = 2**15
"""From this number of entries on, threads share the work."""


@functools.cache
def is_available() -> bool:
    """Whether kernels can be made here: whether there is llvmlite."""
    return importlib.util.find_spec("llvmlite") is not None


class Step(NamedTuple):
    """A call in a stretch: operands are numbers of earlier values (inputs come first) or constants, all of one dtype.

    `letter` is that of the dtype in which it computes, `made` that of its result.
    """

    function: Any
    operands: tuple[Any, ...]
    letter: str
    made: str


class Number(NamedTuple):
    """The number of an earlier value of a stretch."""

    number: int


class Stretch(NamedTuple):
    """Elementwise operations: the letters of the inputs' dtypes, the calls, and which values are results.

    `whole` says of each input that it has the shape of all, and is no single number. `sums` are the values of which
    the sum over all entries is a result, after the others.
    """

    inputs: str
    whole: tuple[bool, ...]
    steps: tuple[Step, ...]
    results: tuple[int, ...]
    sums: tuple[int, ...]


class Kernel:
    """A stretch as a function of arrays, which gives a result or a tuple of them; `text` is what people read of it."""

    def __init__(self, stretch: Stretch, text: str) -> None:
        self.stretch = stretch
        self.text = text
        self.__name__ = "kernel"
        self._made = _compiled(stretch)
        self._ufunc = self._made.ufunc
        letters = [*stretch.inputs, *(step.made for step in stretch.steps)]
        self._dtypes = [np.dtype(letters[number]) for number in stretch.results]
        self._dtypes_of_sums = [np.dtype(letters[number]) for number in stretch.sums]
        self._first = stretch.whole.index(True) if True in stretch.whole else 0

    def __call__(self, *operands: Any) -> Any:
        """The results for these operands."""
        first = operands[self._first]
        if first.size < SHARED:
            return self._ufunc(*operands) if not self.stretch.sums else self._at_once(operands, first.shape)
        if self.stretch.sums:
            return self._with_sums(self._flat(operands), first.shape)
        shape = np.broadcast_shapes(*[operand.shape for operand in operands])
        if threads() < 2 or shape[0] < 2 or math.prod(shape) < SHARED:
            return self._ufunc(*operands)
        outs = [np.empty(shape, dtype) for dtype in self._dtypes]

        def compute(piece: slice) -> None:
            cut = [a[piece] if a.ndim == len(shape) and a.shape[0] != 1 else a for a in operands]
            self._ufunc(*cut, out=tuple([out[piece] for out in outs]))

        shared_among(compute, shape[0], max(SHARED // 2 * shape[0] // math.prod(shape), 1))
        return outs[0] if len(outs) == 1 else tuple(outs)

    def _flat(self, operands: Sequence[Any]) -> list[Any]:
        return [a.reshape(-1) if whole else a for a, whole in zip(operands, self.stretch.whole, strict=True)]

    def _at_once(self, operands: Sequence[Any], shape: tuple[int, ...]) -> Any:
        if len(shape) == 1:
            return self._ufunc(*operands)
        found = self._ufunc(*self._flat(operands))
        return tuple([a.reshape(shape) if a.ndim else a for a in found]) if type(found) is tuple else found

    def _with_sums(self, flat: Sequence[Any], shape: tuple[int, ...]) -> Any:
        """The results and sums. The pieces are always the same, so that a sum depends on no number of threads."""
        size, whole = math.prod(shape), self.stretch.whole
        outs = [np.empty(size, dtype) for dtype in self._dtypes]
        sums = [np.empty(-(-size // SHARED), dtype) for dtype in self._dtypes_of_sums]

        def compute(piece: slice) -> None:
            cut = [a[piece] if is_whole else a for a, is_whole in zip(flat, whole, strict=True)]
            place = piece.start // SHARED
            parts = [part[place : place + 1].reshape(()) for part in sums]
            self._ufunc(*cut, out=(*[out[piece] for out in outs], *parts))

        if threads() < 2:
            for start in range(0, size, SHARED):
                compute(slice(start, start + SHARED))
        else:
            shared_among(compute, size, SHARED)
        found = [out.reshape(shape) for out in outs] + [np.sum(part) for part in sums]
        return found[0] if len(found) == 1 else tuple(found)


# ---------------------------------------------------------------------- ufuncs


class _Compiled:
    """A ufunc, and what it refers to."""

    def __init__(self, stretch: Stretch, text: str, symbols: dict[str, int]) -> None:
        import llvmlite.binding as llvm  # late: an extra, and it takes 0.1 s

        builder = llvm.JITLibraryBuilder().add_ir(text).export_symbol("loop")
        for name, address in symbols.items():
            builder.import_symbol(name, address)
        self._code = builder.link(_compiler(), f"kernel{next(_numbers)}")
        letters = [*stretch.inputs, *(step.made for step in stretch.steps)]
        given = stretch.inputs + "".join(letters[number] for number in (*stretch.results, *stretch.sums))
        self._functions = (ctypes.c_void_p * 1)(self._code["loop"])
        self._data = (ctypes.c_void_p * 1)(None)
        self._types = bytes(np.dtype(letter).num for letter in given)
        counts = 1, len(stretch.inputs), len(given) - len(stretch.inputs), -1
        made = self._functions, self._data, self._types, *counts, b"kernel", b"a compiled stretch", 0
        if stretch.sums:
            entries = ["(n)" if whole else "()" for whole in stretch.whole]
            results = ["(n)"] * len(stretch.results) + ["()"] * len(stretch.sums)
            self._signature = f"{','.join(entries)}->{','.join(results)}".encode()
            self.ufunc = _maker(31, ctypes.c_char_p)(*made, self._signature)
        else:
            self.ufunc = _maker(1)(*made)


_numbers = itertools.count(1)
_kept: OrderedDict[tuple[str, Stretch], _Compiled] = OrderedDict()
_lock = threading.Lock()


def _compiled(stretch: Stretch) -> _Compiled:
    """The ufunc of a stretch, made at its first use, as long as it is among the latest.

    Stretches are equal where 0.0 stands in one and -0.0 in the other; their texts are not.
    """
    text, symbols = source(stretch)
    with _lock:
        made = _kept.get((text, stretch))
        if made is None:
            made = _kept[text, stretch] = _Compiled(stretch, text, symbols)
        _kept.move_to_end((text, stretch))
        while len(_kept) > MOST_KERNELS:
            _kept.popitem(last=False)
    return made


def _maker(place: int, *more: Any) -> Any:
    """A function of NumPy's C interface that makes a ufunc; its place in the table is part of the binary interface."""
    pointer, number, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
    kind = ctypes.PYFUNCTYPE(
        ctypes.py_object, pointer, pointer, text, number, number, number, number, text, text, number, *more
    )
    taken = ctypes.pythonapi.PyCapsule_GetPointer
    taken.restype, taken.argtypes = ctypes.c_void_p, [ctypes.py_object, text]
    table: Any = ctypes.cast(taken(np._core._multiarray_umath._UFUNC_API, None), ctypes.POINTER(pointer))  # type: ignore[attr-defined]
    return kind(table[place])


@functools.cache
def _compiler() -> Any:
    import llvmlite.binding as llvm  # late: an extra

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=2, jit=True
    )
    return llvm.create_lljit_compiler(machine)


# ---------------------------------------------------------------------- the loop


def source(stretch: Stretch) -> tuple[str, dict[str, int]]:
    """LLVM's text of a stretch's loop, and the addresses of the functions that it calls."""
    wide = lanes()[0]
    letters = [*stretch.inputs, *(step.made for step in stretch.steps)]
    code = Instructions(wide if "d" in letters else 2 * wide)
    width = code.width
    count = len(stretch.inputs)
    memory = [*stretch.inputs, *(letters[number] for number in stretch.results)]
    sizes = [np.dtype(letter).itemsize for letter in memory]
    values = [_loaded(code, k, letter) for k, letter in enumerate(stretch.inputs)]
    for step in stretch.steps:
        values.append(_computed(code, step, values, letters))
    for k, number in enumerate(stretch.results, count):
        _store(code, k, values[number], letters[number])
    totals = [(code.type(letters[number]), TYPES[letters[number]]) for number in stretch.sums]
    for k, number in enumerate(stretch.sums):
        kind = code.type(letters[number])
        counted = code.new(f"select {code.type('?')} %counted, {kind} {values[number]}, {kind} zeroinitializer")
        code.lines.append(f"%new{k} = fadd {kind} %total{k}, {counted}")
    lines = ["define internal void @run(ptr %args, i64 %count, ptr %steps) {", "entry:"]
    for k, letter in enumerate(memory):
        lines += [
            f"%buffer{k} = alloca [{BLOCK} x {TYPES[letter]}], align 64",
            f"%arg{k}.at = getelementptr ptr, ptr %args, i64 {k}", f"%arg{k} = load ptr, ptr %arg{k}.at",
            f"%step{k}.at = getelementptr i64, ptr %steps, i64 {k}", f"%step{k} = load i64, ptr %step{k}.at",
            f"%near{k} = icmp eq i64 %step{k}, {sizes[k]}", f"%one{k} = icmp eq i64 %step{k}, 0",
        ]  # fmt: skip
    lines += ["%some = icmp sgt i64 %count, 0", "br i1 %some, label %block, label %end", "block:"]
    lines.append("%done = phi i64 [0, %entry], [%then, %next]")
    for k, (_, kind) in enumerate(totals):
        lines += [
            f"%sum{k} = phi {kind} [0.0, %entry], [%sum{k}.new, %next]",
            f"%lost{k} = phi {kind} [0.0, %entry], [%lost{k}.new, %next]",
        ]
    lines += [
        "%left = sub i64 %count, %done", f"%many = icmp sge i64 %left, {BLOCK}",
        f"%up = select i1 %many, i64 {BLOCK}, i64 %left", f"%whole = and i64 %up, -{width}",
        "%vectors = icmp ne i64 %whole, 0", "%size = select i1 %vectors, i64 %whole, i64 %up",
        f"%padded = select i1 %vectors, i64 %whole, i64 {width}", "%first = icmp eq i64 %done, 0", "br label %place0",
    ]  # fmt: skip
    for k in range(len(memory)):
        lines += [
            f"place{k}:", f"%offset{k} = mul i64 %done, %step{k}",
            f"%there{k} = getelementptr i8, ptr %arg{k}, i64 %offset{k}",
            f"%direct{k} = and i1 %near{k}, %vectors",
            f"%at{k} = select i1 %direct{k}, ptr %there{k}, ptr %buffer{k}",
        ]  # fmt: skip
        if k < count:  # a single number fills its buffer once
            lines += [
                f"%later{k} = xor i1 %first, true", f"%kept{k} = and i1 %one{k}, %later{k}",
                f"%ready{k} = or i1 %direct{k}, %kept{k}", f"br i1 %ready{k}, label %place{k + 1}, label %copy{k}",
                f"copy{k}:", f"%fill{k} = select i1 %one{k}, i64 {BLOCK}, i64 %padded",
                f"call void @gather{sizes[k]}(ptr %buffer{k}, ptr %there{k}, i64 %step{k}, i64 %size, i64 %fill{k})",
            ]  # fmt: skip
        lines.append(f"br label %place{k + 1}")
    lines += [f"place{len(memory)}:", "br label %vector", "vector:"]
    lines.append(f"%i = phi i64 [0, %place{len(memory)}], [%following, %vector]")
    for k, (kind, _) in enumerate(totals):
        lines.append(f"%total{k} = phi {kind} [zeroinitializer, %place{len(memory)}], [%new{k}, %vector]")
    if totals:
        numbers = ", ".join(f"i64 {lane}" for lane in range(width))
        lines += [
            "%left.here = sub i64 %size, %i",
            f"%lefts.0 = insertelement <{width} x i64> poison, i64 %left.here, i32 0",
            f"%lefts = shufflevector <{width} x i64> %lefts.0, <{width} x i64> poison, <{width} x i32> zeroinitializer",
            f"%counted = icmp slt <{width} x i64> <{numbers}>, %lefts",
        ]  # fmt: skip
    lines += code.lines
    lines += [f"%following = add i64 %i, {width}", "%more = icmp slt i64 %following, %padded"]
    lines += ["br i1 %more, label %vector, label %store"]
    lines.append("store:")
    for k, number in enumerate(stretch.sums):
        lines += _added(k, code.type(letters[number]), TYPES[letters[number]], width)
        code.declared[_reduction(code.type(letters[number]), TYPES[letters[number]], width)[1]] = None
    lines.append(f"br label %result{count}")
    for k in range(count, len(memory)):
        lines += [
            f"result{k}:", f"br i1 %direct{k}, label %result{k + 1}, label %spread{k}", f"spread{k}:",
            f"call void @scatter{sizes[k]}(ptr %there{k}, ptr %buffer{k}, i64 %step{k}, i64 %size)",
            f"br label %result{k + 1}",
        ]  # fmt: skip
    lines += [f"result{len(memory)}:", "br label %next", "next:", "%then = add i64 %done, %size"]
    lines += ["%again = icmp slt i64 %then, %count", "br i1 %again, label %block, label %end", "end:"]
    for name in ("sum", "lost"):
        lines += [
            f"%{name}{k}.end = phi {kind} [0.0, %entry], [%{name}{k}.new, %next]"
            for k, (_, kind) in enumerate(totals)
        ]
    for k, (_, kind) in enumerate(totals):
        lines += _summed(k, len(memory) + k, kind)
    lines += ["ret void", "}"]
    called = [text for size, text in _COPIES.items() if size in sizes]
    loop = _LOOP if not stretch.sums else _outer(stretch, len(memory) + len(totals))
    return "\n".join([*code.declared, *called, *lines, loop]), code.symbols


def _loaded(code: Instructions, k: int, letter: str) -> str:
    kind = TYPES[letter]
    at = code.new(f"getelementptr {kind}, ptr %at{k}, i64 %i")
    value = code.new(f"load <{code.width} x {kind}>, ptr {at}, align {np.dtype(letter).itemsize}")
    return code.new(f"icmp ne <{code.width} x i8> {value}, zeroinitializer") if letter == "?" else value


def _store(code: Instructions, k: int, value: str, letter: str) -> None:
    kind = TYPES[letter]
    if letter == "?":
        value = code.new(f"zext {code.type('?')} {value} to <{code.width} x i8>")
    at = code.new(f"getelementptr {kind}, ptr %at{k}, i64 %i")
    code.lines.append(f"store <{code.width} x {kind}> {value}, ptr {at}, align {np.dtype(letter).itemsize}")


def _computed(code: Instructions, step: Step, values: list[str], letters: list[str]) -> str:
    operands = []
    for position, operand in enumerate(step.operands):
        wanted = "?" if step.function is np.where and position == 0 else step.letter
        if type(operand) is Number:
            operands.append(code.converted(values[operand.number], letters[operand.number], wanted))
        else:
            operands.append(code.splat(operand, wanted))
    exponent = step.operands[1] if step.function is np.power and type(step.operands[1]) is not Number else None
    return code.call(step.function, operands, step.letter, exponent)


def _reduction(kind: str, entry: str, width: int) -> tuple[str, str]:
    name = f"llvm.vector.reduce.fadd.v{width}{'f64' if entry == 'double' else 'f32'}"
    return name, f"declare {entry} @{name}({entry}, {kind})"


def _added(k: int, kind: str, entry: str, width: int) -> list[str]:
    """A block's sum, added to the sum so far; what the addition loses is added up on its own (D. Knuth's TwoSum)."""
    name = _reduction(kind, entry, width)[0]
    return [
        f"%part{k} = call reassoc {entry} @{name}({entry} -0.0, {kind} %new{k})",
        f"%sum{k}.new = fadd {entry} %sum{k}, %part{k}", f"%back{k} = fsub {entry} %sum{k}.new, %sum{k}",
        f"%other{k} = fsub {entry} %sum{k}.new, %back{k}", f"%error{k}.a = fsub {entry} %sum{k}, %other{k}",
        f"%error{k}.b = fsub {entry} %part{k}, %back{k}", f"%error{k} = fadd {entry} %error{k}.a, %error{k}.b",
        f"%lost{k}.new = fadd {entry} %lost{k}, %error{k}",
    ]  # fmt: skip


def _summed(k: int, place: int, entry: str) -> list[str]:
    """The sum stored; where it is not finite, what was lost is no number."""
    return [
        f"%all{k} = fadd {entry} %sum{k}.end, %lost{k}.end", f"%fine{k} = fcmp ord {entry} %lost{k}.end, 0.0",
        f"%total{k}.end = select i1 %fine{k}, {entry} %all{k}, {entry} %sum{k}.end",
        f"%total{k}.at = getelementptr ptr, ptr %args, i64 {place}", f"%total{k}.to = load ptr, ptr %total{k}.at",
        f"store {entry} %total{k}.end, ptr %total{k}.to",
    ]  # fmt: skip


_LOOP = """
define void @loop(ptr %args, ptr %dimensions, ptr %steps, ptr %data) {
  %count = load i64, ptr %dimensions
  call void @run(ptr %args, i64 %count, ptr %steps)
  ret void
}"""


def _outer(stretch: Stretch, count: int) -> str:
    """The loop of a stretch with sums, of which NumPy asks for once or several times; then the steps of entries follow.

    Single numbers have no such step: theirs is 0.
    """
    results = [True] * len(stretch.results) + [False] * len(stretch.sums)
    cores, lines = itertools.count(count), []
    for k, whole in enumerate((*stretch.whole, *results)):
        lines.append(f"%inner{k}.at = getelementptr [{count} x i64], ptr %inner, i64 0, i64 {k}")
        if whole:
            lines.append(f"%core{k}.at = getelementptr i64, ptr %steps, i64 {next(cores)}")
            lines.append(f"%core{k} = load i64, ptr %core{k}.at")
        lines.append(f"store i64 {f'%core{k}' if whole else 0}, ptr %inner{k}.at")
    moves = []
    for k in range(count):
        moves += [
            f"%outer{k}.at = getelementptr i64, ptr %steps, i64 {k}", f"%outer{k} = load i64, ptr %outer{k}.at",
            f"%far{k} = mul i64 %row, %outer{k}", f"%start{k}.at = getelementptr ptr, ptr %args, i64 {k}",
            f"%start{k} = load ptr, ptr %start{k}.at", f"%here{k} = getelementptr i8, ptr %start{k}, i64 %far{k}",
            f"%moved{k} = getelementptr [{count} x ptr], ptr %moved, i64 0, i64 {k}",
            f"store ptr %here{k}, ptr %moved{k}",
        ]  # fmt: skip
    head = [
        "define void @loop(ptr %args, ptr %dimensions, ptr %steps, ptr %data) {", "entry:",
        f"%inner = alloca [{count} x i64]", f"%moved = alloca [{count} x ptr]", "%rows = load i64, ptr %dimensions",
        "%count.at = getelementptr i64, ptr %dimensions, i64 1", "%count = load i64, ptr %count.at",
    ]  # fmt: skip
    return "\n".join([
        *head, *lines, "br label %each", "each:", "%row = phi i64 [0, %entry], [%row.next, %work]",
        "%go = icmp slt i64 %row, %rows", "br i1 %go, label %work, label %out", "work:", *moves,
        "call void @run(ptr %moved, i64 %count, ptr %inner)", "%row.next = add i64 %row, 1", "br label %each",
        "out:", "ret void", "}",
    ])  # fmt: skip


def _copying(size: int) -> str:
    """Copies of entries of this size that lie apart: into a block, whose rest is filled with the first, and back."""
    kind = f"i{8 * size}"
    return f"""
define internal void @gather{size}(ptr %to, ptr %from, i64 %step, i64 %count, i64 %filled) {{
entry:
  %one = load {kind}, ptr %from, align 1
  br label %each
each:
  %i = phi i64 [0, %entry], [%next, %each]
  %far = mul i64 %i, %step
  %at = getelementptr i8, ptr %from, i64 %far
  %inside = icmp slt i64 %i, %count
  %read = select i1 %inside, ptr %at, ptr %from
  %entry.value = load {kind}, ptr %read, align 1
  %place = getelementptr {kind}, ptr %to, i64 %i
  store {kind} %entry.value, ptr %place
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %filled
  br i1 %more, label %each, label %end
end:
  ret void
}}
define internal void @scatter{size}(ptr %to, ptr %from, i64 %step, i64 %count) {{
entry:
  br label %each
each:
  %i = phi i64 [0, %entry], [%next, %each]
  %place = getelementptr {kind}, ptr %from, i64 %i
  %entry.value = load {kind}, ptr %place
  %far = mul i64 %i, %step
  %at = getelementptr i8, ptr %to, i64 %far
  store {kind} %entry.value, ptr %at, align 1
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %count
  br i1 %more, label %each, label %end
end:
  ret void
}}"""


_COPIES = {size: _copying(size) for size in (1, 4, 8)}
