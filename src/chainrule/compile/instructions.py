"""NumPy's elementwise functions as instructions for LLVM on vectors of entries, each a line of its text form.

Arithmetic, roots, roundings, comparisons and choices have the same bits as NumPy's. Functions such as the sine are
those of the C library for vectors (glibc's libmvec), which are at most 4 units in the last place off; where there are
none, those for single numbers.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import math
import struct
from typing import Any

import numpy as np

TYPES = {"d": "double", "f": "float", "?": "i8"}
"""How entries lie in memory, by the letters of their dtypes."""

_PLAIN: dict[Any, str] = {
    np.add: "fadd {t} {0}, {1}", np.subtract: "fsub {t} {0}, {1}", np.multiply: "fmul {t} {0}, {1}",
    np.divide: "fdiv {t} {0}, {1}", np.negative: "fneg {t} {0}", np.square: "fmul {t} {0}, {0}",
    np.reciprocal: "fdiv {t} {1.0}, {0}", np.absolute: "call {t} @llvm.fabs({t} {0})",
    np.fabs: "call {t} @llvm.fabs({t} {0})", np.sqrt: "call {t} @llvm.sqrt({t} {0})",
    np.floor: "call {t} @llvm.floor({t} {0})", np.ceil: "call {t} @llvm.ceil({t} {0})",
    np.trunc: "call {t} @llvm.trunc({t} {0})", np.rint: "call {t} @llvm.rint({t} {0})",
    np.copysign: "call {t} @llvm.copysign({t} {0}, {t} {1})",
    np.deg2rad: "fmul {t} {0}, {pi/180}", np.radians: "fmul {t} {0}, {pi/180}",
    np.rad2deg: "fmul {t} {0}, {180/pi}", np.degrees: "fmul {t} {0}, {180/pi}",
    np.less: "fcmp olt {t} {0}, {1}", np.less_equal: "fcmp ole {t} {0}, {1}", np.greater: "fcmp ogt {t} {0}, {1}",
    np.greater_equal: "fcmp oge {t} {0}, {1}", np.equal: "fcmp oeq {t} {0}, {1}", np.not_equal: "fcmp une {t} {0}, {1}",
    np.isnan: "fcmp uno {t} {0}, {0}",
}  # fmt: skip
_OF_TRUTHS: dict[Any, str] = {
    np.bitwise_and: "and {t} {0}, {1}", np.logical_and: "and {t} {0}, {1}", np.bitwise_or: "or {t} {0}, {1}",
    np.logical_or: "or {t} {0}, {1}", np.bitwise_xor: "xor {t} {0}, {1}", np.logical_xor: "xor {t} {0}, {1}",
    np.not_equal: "xor {t} {0}, {1}", np.invert: "xor {t} {0}, {true}", np.logical_not: "xor {t} {0}, {true}",
}  # fmt: skip
_CHOSEN = "or {b} {2}, {3}", "select {b} {4}, {t} {0}, {t} {1}"
_STEPS: dict[Any, tuple[str, ...]] = {
    np.maximum: ("fcmp ogt {t} {0}, {1}", "fcmp uno {t} {0}, {0}", *_CHOSEN),
    np.minimum: ("fcmp olt {t} {0}, {1}", "fcmp uno {t} {0}, {0}", *_CHOSEN),
    np.fmax: ("fcmp ogt {t} {0}, {1}", "fcmp uno {t} {1}, {1}", *_CHOSEN),
    np.fmin: ("fcmp olt {t} {0}, {1}", "fcmp uno {t} {1}, {1}", *_CHOSEN),
    np.sign: (
        "fcmp ogt {t} {0}, {0.0}", "fcmp olt {t} {0}, {0.0}", "fcmp oeq {t} {0}, {0.0}",
        "select {b} {3}, {t} {0.0}, {t} {0}", "select {b} {2}, {t} {-1.0}, {t} {4}",
        "select {b} {1}, {t} {1.0}, {t} {5}",
    ),
    np.isinf: ("call {t} @llvm.fabs({t} {0})", "fcmp oeq {t} {1}, {inf}"),
    np.isfinite: ("call {t} @llvm.fabs({t} {0})", "fcmp olt {t} {1}, {inf}"),
    np.logical_not: ("fcmp oeq {t} {0}, {0.0}",),
}  # fmt: skip
"""Several instructions; the number of a result follows those of the operands."""

LIBRARY = {
    np.sin: "sin", np.cos: "cos", np.tan: "tan", np.arcsin: "asin", np.arccos: "acos", np.arctan: "atan",
    np.sinh: "sinh", np.cosh: "cosh", np.tanh: "tanh", np.arcsinh: "asinh", np.arccosh: "acosh", np.arctanh: "atanh",
    np.exp: "exp", np.exp2: "exp2", np.expm1: "expm1", np.log: "log", np.log2: "log2", np.log10: "log10",
    np.log1p: "log1p", np.cbrt: "cbrt", np.power: "pow", np.float_power: "pow", np.arctan2: "atan2", np.hypot: "hypot",
}  # fmt: skip
"""The C library's names. Those for float end in f."""

_POWERS: dict[float, tuple[str, ...]] = {
    2.0: ("fmul {t} {0}, {0}",), 3.0: ("fmul {t} {0}, {0}", "fmul {t} {2}, {0}"), -1.0: ("fdiv {t} {1.0}, {0}",),
    -2.0: ("fmul {t} {0}, {0}", "fdiv {t} {1.0}, {2}"),
}  # fmt: skip


def is_known(function: Any, letter: str) -> bool:
    """Whether there are instructions for a function of values with dtypes of this letter."""
    if function is np.where:
        return True
    if letter == "?":
        return function in _OF_TRUTHS
    return letter in "df" and (function in _PLAIN or function in _STEPS or function in LIBRARY)


@functools.cache
def lanes() -> tuple[int, str]:
    """How many doubles a vector of this machine has, and the letter of the C library's functions for it.

    Vectors of AVX-512 are left alone: LLVM avoids them where they slow the clock, and then passes them otherwise than
    the C library expects.
    """
    import llvmlite.binding as llvm  # late: an extra

    features = llvm.get_host_cpu_features()
    return (4, "d") if features.get("avx2") else (2, "b")


@functools.cache
def _library() -> Any:
    name = ctypes.util.find_library("mvec") if lanes() else None
    try:
        return ctypes.CDLL(name or "libmvec.so.1")
    except OSError:  # another C library, or another system
        return None


@functools.cache
def vector_function(name: str, letter: str, width: int, arguments: int) -> tuple[str, int] | None:
    """The C library's function for vectors of this width, and its address; None where there is none."""
    size = width * (8 if letter == "d" else 4)
    isa = lanes()[1] if size == 8 * lanes()[0] else "b" if size == 16 else ""
    symbol = f"_ZGV{isa}N{width}{'v' * arguments}_{name}{'' if letter == 'd' else 'f'}"
    found = getattr(_library(), symbol, None) if isa else None
    return None if found is None else (symbol, ctypes.cast(found, ctypes.c_void_p).value or 0)


@functools.cache
def scalar_function(name: str, letter: str) -> tuple[str, int]:
    """The C library's function for single numbers, and its address."""
    symbol = name + ("" if letter == "d" else "f")
    found = getattr(ctypes.CDLL(ctypes.util.find_library("m")), symbol)
    return symbol, ctypes.cast(found, ctypes.c_void_p).value or 0


class Instructions:
    """The lines that compute a stretch on vectors of `width` entries; `symbols` are the addresses of what they call."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[str] = []
        self.symbols: dict[str, int] = {}
        self.declared: dict[str, None] = {}
        self._count = 0

    def type(self, letter: str) -> str:
        """The type of a vector; truth values are bits there."""
        return f"<{self.width} x {'i1' if letter == '?' else TYPES[letter]}>"

    def splat(self, value: Any, letter: str) -> str:
        """A vector whose entries are all this number."""
        if letter == "?":
            text = "true" if value else "false"
            return f"<{', '.join([f'i1 {text}'] * self.width)}>"
        with np.errstate(all="ignore"):
            number = float(np.float32(value) if letter == "f" else value)
        text = f"0x{struct.unpack('>Q', struct.pack('>d', number))[0]:016X}"
        return f"<{', '.join([f'{TYPES[letter]} {text}'] * self.width)}>"

    def new(self, text: str) -> str:
        """The name of what an instruction gives."""
        self._count += 1
        self.lines.append(f"%v{self._count} = {text}")
        return f"%v{self._count}"

    def converted(self, value: str, letter: str, wanted: str) -> str:
        """A vector in another dtype."""
        if letter == wanted:
            return value
        name = "uitofp" if letter == "?" else "fpext" if wanted == "d" else "fptrunc"
        return self.new(f"{name} {self.type(letter)} {value} to {self.type(wanted)}")

    def call(self, function: Any, operands: list[str], letter: str, exponent: Any = None) -> str:
        """The result of a function of vectors of one dtype; `exponent` is that of a power where it is a constant."""
        if function is np.where:
            bits, kind = self.type("?"), self.type(letter)
            return self.new(f"select {bits} {operands[0]}, {kind} {operands[1]}, {kind} {operands[2]}")
        steps = _POWERS.get(exponent) if exponent is not None and function is np.power else None
        if steps is None and function in LIBRARY:
            return self._called(LIBRARY[function], operands, letter)
        if steps is None:
            table = _OF_TRUTHS if letter == "?" else _PLAIN
            steps = (table[function],) if function in table else _STEPS[function]
        values = list(operands)
        for step in steps:
            values.append(self.new(self._filled(step, values, letter)))
        return values[-1]

    def _filled(self, step: str, values: list[str], letter: str) -> str:
        words = {"t": self.type(letter), "b": self.type("?"), "true": self.splat(True, "?")}
        words |= {str(i): value for i, value in enumerate(values)}
        if letter != "?":
            numbers = {"0.0": 0.0, "1.0": 1.0, "-1.0": -1.0, "inf": math.inf}
            numbers |= {"pi/180": math.pi / 180, "180/pi": 180 / math.pi}
            words |= {name: self.splat(value, letter) for name, value in numbers.items()}
        for name, text in words.items():
            step = step.replace(f"{{{name}}}", text)
        if "@llvm." in step:
            name = step.partition("@")[2].partition("(")[0]
            whole = f"{name}.v{self.width}{'f64' if letter == 'd' else 'f32'}"
            kind = self.type(letter)
            given = [kind] * (2 if name == "llvm.copysign" else 1)
            self.declared[f"declare {kind} @{whole}({', '.join(given)})"] = None
            step = step.replace(name, whole)
        return step

    def _called(self, name: str, operands: list[str], letter: str) -> str:
        kind = self.type(letter)
        if name == "log" and letter == "f":  # that of libmvec is up to 3.8 units off, and 5 from NumPy's
            return self._in_double(name, operands[0])
        found = vector_function(name, letter, self.width, len(operands))
        if found is not None:
            self._declare(*found, kind, len(operands))
            return self.new(f"call {kind} @{found[0]}({', '.join(f'{kind} {operand}' for operand in operands)})")
        symbol, address = scalar_function(name, letter)
        self._declare(symbol, address, TYPES[letter], len(operands))
        result = "poison"
        for lane in range(self.width):
            entries = [self.new(f"extractelement {kind} {operand}, i32 {lane}") for operand in operands]
            given = ", ".join(f"{TYPES[letter]} {entry}" for entry in entries)
            one = self.new(f"call {TYPES[letter]} @{symbol}({given})")
            result = self.new(f"insertelement {kind} {result}, {TYPES[letter]} {one}, i32 {lane}")
        return result

    def _in_double(self, name: str, operand: str) -> str:
        """A function of floats, computed in double precision, as many at once as a vector has doubles."""
        wide = min(lanes()[0], self.width)
        part, kind = Instructions(wide), self.type("f")
        part.lines, part.symbols, part.declared = self.lines, self.symbols, self.declared
        part._count, result = 1000 * (self._count + 1), ""
        for start in range(0, self.width, wide):
            places = ", ".join(f"i32 {start + lane}" for lane in range(wide))
            some = part.new(f"shufflevector {kind} {operand}, {kind} poison, <{wide} x i32> <{places}>")
            made = part._called(name, [part.converted(some, "f", "d")], "d")
            few = part.converted(made, "d", "f")
            both = ", ".join(f"i32 {lane}" for lane in range(start + wide))
            half = part.type("f")
            result = few if not start else part.new(
                f"shufflevector {half} {result}, {half} {few}, <{start + wide} x i32> <{both}>"
            )
        return result

    def _declare(self, symbol: str, address: int, kind: str, arguments: int) -> None:
        self.symbols[symbol] = address
        self.declared[f"declare {kind} @{symbol}({', '.join([kind] * arguments)})"] = None
