"""Short ways through reverse mode for the commonest operations: operators and functions of numbers and of arrays.

They record exactly what :meth:`chainrule.engine.record.Record.process` would, with less in between; what they do not
know they hand to :func:`chainrule.engine.dispatch.apply`. They belong to the variables of a :class:`QuickRecord`, which
transforms open unless a reader wants to see every operation.
"""

from __future__ import annotations

from types import CodeType, EllipsisType, FunctionType, NoneType
from typing import Any

import numpy as np

from chainrule.engine.assignment import note_view, shares_memory
from chainrule.engine.dispatch import apply, no_partial
from chainrule.engine.pieces import SHARED, computed
from chainrule.engine.record import Record, Recorded, RecordedArray
from chainrule.engine.variable import Variable
from chainrule.engine.walk import float64, pull_fitted, pull_gathered, pull_part, pull_structural
from chainrule.formula.expression import Function
from chainrule.rules import TABLE, Elementwise, Structural, find
from chainrule.rules.rule import UNKNOWN, UnknownPartialError
from chainrule.rules.shaping import getitem

ndarray = np.ndarray


# ---------------------------------------------------------------------- operators


def _entry(pull: str, parents: str, kept: str, kind: str, rule: str = "rule") -> str:
    """The statements that enter an operation with the result `out` and return its variable; see `Record.note`."""
    return (
        f"entries = trace.entries; mark = len(entries); entries.append(({pull}, {parents}, {kept}, {rule})); "
        f"return {kind}(out, trace, mark)"
    )


_NUMBERS = """
def forward(self, other):
    x = self.value
    kind = type(other)
    trace = self.transform
    if type(x) is float64:
        {square}
        if kind is float or kind is int or kind is float64:
            y = float64(other)
            out = x {sign} y
            {left}
        if kind is QuickNumber:
            y = other.value
            if type(y) is float64 and other.transform is trace:
                out = x {sign} y
                {both}
    {otherwise}return apply(function, (self, other), {{}})

def swapped(self, other):
    y = self.value
    kind = type(other)
    if type(y) is float64 and (kind is float or kind is int or kind is float64):
        x = float64(other)
        out = x {sign} y
        trace = self.transform
        {right}
    return apply(function, (other, self), {{}})
"""

_ARRAYS = """
def forward(self, other):
    x = self.value
    if type(x) is ndarray and x.ndim and x.dtype.kind == "f":
        kind = type(other)
        trace = self.transform
        if kind is float or kind is int:
            {square}
            y = other
            out = x {sign} y
            if out.dtype is x.dtype:
                trace.arrays = True
                {left}
        elif kind is QuickArray or kind is QuickNumber:
            y = other.value
            if other.transform is trace and (type(y) is ndarray or type(y) is float64) and x.dtype is y.dtype:
                try:
                    out = x {sign} y
                except ValueError:
                    return apply(function, (self, other), {{}})  # which says what is wrong
                shape = out.shape
                trace.arrays = True
                if x.shape == shape == y.shape:
                    {both}
                fits = (
                    None if x.shape == shape else (x.shape, x.dtype), None if y.shape == shape else (y.shape, y.dtype)
                )
                {both_fitted}
        elif kind is ndarray and x.dtype is other.dtype and other.ndim:
            try:
                out = x {sign} other
            except ValueError:
                return apply(function, (self, other), {{}})
            trace.arrays = True
            y = {keep_y}
            if x.shape == out.shape:
                {left}
            fits = ((x.shape, x.dtype),)
            shape = out.shape
            {left_fitted}
    {otherwise}return apply(function, (self, other), {{}})

def swapped(self, other):
    y = self.value
    if type(y) is ndarray and y.ndim and y.dtype.kind == "f":
        kind = type(other)
        trace = self.transform
        if kind is float or kind is int:
            x = other
            out = x {sign} y
            if out.dtype is y.dtype:
                trace.arrays = True
                {right}
        elif kind is ndarray and y.dtype is other.dtype and other.ndim:
            try:
                out = other {sign} y
            except ValueError:
                return apply(function, (other, self), {{}})
            trace.arrays = True
            x = {keep_x}
            if y.shape == out.shape:
                {right}
            fits = ((y.shape, y.dtype),)
            shape = out.shape
            {right_fitted}
    return apply(function, (other, self), {{}})
"""


_UNWRITTEN: dict[str, Any] = {}
_FIRST_CALLS = """
def forward(self, other): return write(0)(self, other)
def swapped(self, other): return write(1)(self, other)
"""
exec(compile(_FIRST_CALLS, "<chainrule operator>", "exec"), _UNWRITTEN)


def _operator(function: Function, sign: str, template: str) -> tuple[Any, Any]:
    """`__op__` and `__rop__`, written out so that the operation is a bytecode instruction and nothing is looked up.

    A call through the general path costs about 3 µs, such a one 0.4 µs. To write all of them takes 10 ms, as long as
    the rest of chainrule needs to be imported; so each gets its code at its first call.
    """
    names: dict[str, Any] = {}
    methods = FunctionType(_UNWRITTEN["forward"].__code__, names), FunctionType(_UNWRITTEN["swapped"].__code__, names)

    def write(which: int) -> Function:
        for method, code in zip(methods, _codes(function, sign, template, names), strict=True):
            method.__code__ = code
        return methods[which]

    names["write"] = write
    return methods


def _codes(function: Function, sign: str, template: str, names: dict[str, Any]) -> list[CodeType]:
    """The code of an operator and of its swapped form; puts what they refer to among `names`."""
    rule = find(function)
    assert isinstance(rule, Elementwise)
    names |= {
        "apply": apply, "float64": float64, "function": function, "ndarray": ndarray, "pull_fitted": pull_fitted,
        "rule": rule, "QuickArray": QuickArray, "QuickNumber": QuickNumber,
    }  # fmt: skip
    scalar = template is _NUMBERS
    kind = "QuickNumber" if scalar else "QuickArray"
    parts: dict[str, str] = {"sign": sign, "square": "", "otherwise": ""}
    for side, tracked, parents in (
        ("left", (0,), "self.mark"), ("right", (1,), "self.mark"), ("both", (0, 1), "(self.mark, other.mark)")
    ):  # fmt: skip
        kernel = rule.kernel("pull", tracked, scalar=scalar)
        kept = f"({', '.join(kernel.kept)}{',' if kernel.kept else ''})"
        names[side] = kernel.function
        parts[side] = _entry(side, parents, kept, kind)
        parts[f"{side}_fitted"] = _entry("pull_fitted", parents, f"({side}, fits, shape, {kept})", kind)
        if len(tracked) == 1:  # a captured array is kept as it is now
            captured = "xy"[1 - tracked[0]]
            parts[f"keep_{captured}"] = "trace.keep(other)" if captured in kernel.kept else "other"
    if function is np.power:  # NumPy takes the exponent 2 for a square
        square = find(np.square)
        assert isinstance(square, Elementwise)
        names["square"], names["squaring"] = square.kernel("pull", (0,), scalar=scalar).function, square
        arrays = "" if scalar else "trace.arrays = True; "
        entry = _entry("square", "self.mark", "(x,)", kind, rule="squaring")
        parts["otherwise"] = "if type(other) is int and other == 2: return apply(squaring.function, (self,), {})\n    "
        parts["square"] = f"if kind is int and other == 2: out = x * x; {arrays}{entry}"
    written: dict[str, Any] = {}
    exec(compile(template.format(**parts), f"<chainrule operator {sign}>", "exec"), written)
    return [written["forward"].__code__, written["swapped"].__code__]


# ---------------------------------------------------------------------- functions of one argument


class _UnaryKernels(dict[np.ufunc, Any]):
    """For each ufunc of one argument, made at first use: its pullback, whether that keeps x or out, its rule."""

    def __init__(self, *, scalar: bool) -> None:
        super().__init__()
        self.scalar = scalar

    def __missing__(self, ufunc: np.ufunc) -> Any:
        rule = find(ufunc)
        if not isinstance(rule, Elementwise) or len(rule.partials) != 1:
            self[ufunc] = None
        else:
            pull, kept = rule.kernel("pull", (0,), scalar=self.scalar)
            self[ufunc] = (pull, "x" in kept, "out" in kept, rule)
        return self[ufunc]


_unary_scalar = _UnaryKernels(scalar=True)
_unary_array = _UnaryKernels(scalar=False)


def _of_one(
    name: str, kind: str, kernels: str, also: str = "", prepare: str = "pass", compute: str = "ufunc(x)"
) -> Any:
    """`__array_ufunc__` of numbers or arrays, with a short way for functions of one argument."""
    kept = "(((x, out) if keeps_x else (out,)) if keeps_out else (x,) if keeps_x else ())"
    text = f"""
def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
    if len(inputs) == 1 and not kwargs and method == "__call__":
        x = self.value
        kernel = {kernels}[ufunc] if type(x) is {kind}{also} else None
        if kernel is not None:
            pull, keeps_x, keeps_out, rule = kernel
            out = {compute}
            if out.dtype is x.dtype and out.dtype.kind == "f":
                trace = self.transform
                {prepare}
                {_entry("pull", "self.mark", kept, name)}
    return _of_two(self, ufunc, method, inputs, kwargs)
"""
    written: dict[str, Any] = {}
    exec(compile(text, "<chainrule functions of one argument>", "exec"), globals(), written)
    return written["__array_ufunc__"]


def _of_two(self: Recorded, ufunc: np.ufunc, method: str, inputs: Any, kwargs: Any) -> Any:
    """The rest of `__array_ufunc__`: operators between arrays, and functions of two numbers or arrays."""
    if len(inputs) == 2 and not kwargs and method == "__call__":
        left, right = inputs
        if type(self) is QuickArray:
            if ufunc is np.matmul:
                return _product(ufunc, left, right)
            rule, forward, swapped = _OPERATORS.get(ufunc, _NONE)
            if rule is not None and rule is TABLE[ufunc]:
                return forward(left, right) if type(left) is QuickArray else swapped(right, left)
            made = _of_arrays(self.transform, ufunc, left, right)
            if made is not None:
                return made
        if type(right) in (int, float):
            rule = TABLE.get(ufunc)
            if type(rule) is Elementwise:
                try:
                    return self.transform._elementwise(rule, inputs, kwargs)
                except UnknownPartialError as unknown:
                    raise no_partial(ufunc, unknown.position) from None
    return Variable.__array_ufunc__(self, ufunc, method, *inputs, **kwargs)


class _BinaryKernels(dict[Any, Any]):
    """For each ufunc of two arguments and the tracked ones: its pullback, the names it keeps, its rule; or None."""

    def __missing__(self, key: tuple[np.ufunc, tuple[int, ...]]) -> Any:
        ufunc, tracked = key
        rule = TABLE.get(ufunc)
        if type(rule) is not Elementwise or any(partial is None or partial is UNKNOWN for partial in rule.partials):
            self[key] = None
        else:
            self[key] = (*rule.kernel("pull", tracked, scalar=False), rule)
        return self[key]


_binary_array = _BinaryKernels()
_LEFT, _RIGHT, _BOTH = (0,), (1,), (0, 1)


def _of_arrays(trace: Record, ufunc: np.ufunc, left: Any, right: Any) -> Any:
    """A function of two arrays of float64, or of one and a Python number; None for what takes the general path."""
    x, y = left, right
    tracked: tuple[int, ...] = _BOTH
    if type(left) is QuickArray:
        if left.transform is not trace:
            return None
        x = left.value
        if type(right) is not QuickArray:
            tracked = _LEFT
    else:
        tracked = _RIGHT
    if type(right) is QuickArray:
        if right.transform is not trace:
            return None
        y = right.value
    for value in (x, y):
        if type(value) is ndarray:
            if value.dtype is not _DOUBLE or not value.ndim:
                return None
        elif type(value) is not float and type(value) is not int:
            return None
    kernel: Any = _binary_array[ufunc, tracked]
    if kernel is None or kernel[2] is not TABLE[ufunc]:
        return None
    pull, names, rule = kernel
    try:
        out = computed(ufunc, x, y)
    except ValueError:
        return None  # the general path says what is wrong
    if out.dtype is not _DOUBLE:
        return None
    given = {"x": x, "y": y, "out": out}
    shape = out.shape
    parents: Any
    operands: tuple[Any, ...]
    if tracked is _BOTH:
        parents, operands = (left.mark, right.mark), (x, y)
    elif tracked is _LEFT:
        parents, operands = left.mark, (x,)
        if type(y) is ndarray and "y" in names:
            given["y"] = trace.keep(y)
    else:
        parents, operands = right.mark, (y,)
        if type(x) is ndarray and "x" in names:
            given["x"] = trace.keep(x)
    kept: Any = tuple([given[name] for name in names])
    if operands[0].shape != shape or operands[-1].shape != shape:
        fits = [None if value.shape == shape else (value.shape, _DOUBLE) for value in operands]
        pull, kept = pull_fitted, (pull, fits, shape, kept)
    trace.arrays = True
    if rule.selects:
        trace.selections = True
    return trace.note(out, pull, parents, kept, rule)


# ---------------------------------------------------------------------- functions of whole arrays


def _total(x: Any) -> Any:
    """`np.sum(x)` without the costs of its dispatch."""
    return np.add.reduce(x, axis=None)


def _mean(x: Any) -> Any:
    """`np.mean(x)` as NumPy computes it."""
    return np.add.reduce(x, axis=None) / x.size


def _reduced(self: QuickArray, function: Function, compute: Function) -> Any:
    """`np.sum(x)` and `np.mean(x)` of all entries."""
    x = self.value
    if type(x) is ndarray and x.dtype is _DOUBLE and x.size:
        rule = TABLE[function]
        out = compute(x)
        trace = self.transform
        trace.arrays = True
        pullback = rule.reverse(out, (x,), (0,))  # type: ignore[attr-defined]
        return trace.note(out, pull_structural, (self.mark,), (pullback, ((x.shape, x.dtype),), ()), rule)
    return apply(function, (self,), {})


def _reduced_along(function: Function, x: Any, *args: Any, **kwargs: Any) -> Any:
    """`function(x, *args, **kwargs)`; of a sum or a maximum along an axis by what NumPy itself calls: 4 µs less."""
    reduce = _REDUCING.get(function)
    if reduce is None:
        return function(x, *args, **kwargs)
    return reduce(x, *args, **kwargs) if args or "axis" in kwargs else reduce(x, axis=None, **kwargs)


_REDUCING: dict[Function, Function] = {
    np.sum: np.add.reduce, np.max: np.maximum.reduce, np.min: np.minimum.reduce, np.prod: np.multiply.reduce
}  # fmt: skip


def _of_one_array(self: QuickArray, function: Function, args: Any, kwargs: Any) -> Any:
    """A function that rearranges or reduces one array, without the questions that only other calls raise."""
    rule: Any = TABLE.get(function)
    simple = rule.operands == 1 and rule.factored is None and len(args) <= 2 and _NAMES.issuperset(kwargs)
    x = self.value
    if not (simple and args and args[0] is self and type(x) is ndarray):
        return apply(function, args, kwargs)
    for option in (*args[1:], *kwargs.values()):
        if type(option) not in _OPTIONS and not (type(option) is tuple and _OPTIONS.issuperset(map(type, option))):
            return apply(function, args, kwargs)
    try:
        out = _reduced_along(function, x, *args[1:], **kwargs)
    except (TypeError, ValueError, IndexError):
        return apply(function, args, kwargs)  # which says what is wrong
    if out.dtype is not x.dtype or not (out.shape or type(out) is float64):
        return apply(function, args, kwargs)
    trace = self.transform
    trace.arrays = True
    if rule.selects:
        trace.selections = True
    pullback = rule.reverse(out, (x,), (0,), *args[1:], **kwargs)
    kept = (pullback, ((x.shape, x.dtype),), out.shape)
    made = trace.note(out, pull_structural, (self.mark,), kept, rule)
    if shares_memory(out, x):
        note_view(self, made)
    return made


_OPTIONS = frozenset((int, bool, str, NoneType))
_NAMES = frozenset(("axis", "keepdims", "order"))


def _product(function: Function, left: Any, right: Any) -> Any:
    """The product of vectors and matrices, `np.matmul` or `np.dot`, of which one at least is a quick array."""
    operands, values = (left, right), []
    tracked: tuple[int, ...] = ()
    trace: Any = None
    for i, operand in enumerate(operands):
        value = operand
        if type(operand) is QuickArray:
            if trace is None:
                trace = operand.transform
            elif operand.transform is not trace:
                return apply(function, operands, {})
            value = operand.value
            tracked += (i,)
        if type(value) is not ndarray or value.dtype is not _DOUBLE or not 1 <= value.ndim <= 2:
            return apply(function, operands, {})
        values.append(value)
    try:
        out = function(*values)
    except ValueError:
        return apply(function, operands, {})  # which says what is wrong
    if len(tracked) == 1:
        values[1 - tracked[0]] = trace.keep(values[1 - tracked[0]])
    rule: Any = TABLE[function]
    trace.arrays = True
    pullback = rule.reverse(out, values, tracked)
    parents = tuple([operands[i].mark for i in tracked])
    fits = [(values[i].shape, _DOUBLE) for i in tracked]
    return trace.note(out, pull_structural, parents, (pullback, fits, out.shape), rule)


_DOUBLE = np.dtype(float64)
_INDICES = frozenset((int, slice, NoneType, EllipsisType, ndarray))
"""Parts of indices. All but arrays name no entry twice and cannot change."""


# ---------------------------------------------------------------------- the variables that have them


class QuickNumber(Recorded):
    """A number of a :class:`QuickRecord`."""

    __slots__ = ()
    __array_ufunc__ = _of_one("QuickNumber", "float64", "_unary_scalar")
    __add__, __radd__ = _operator(np.add, "+", _NUMBERS)
    __sub__, __rsub__ = _operator(np.subtract, "-", _NUMBERS)
    __mul__, __rmul__ = _operator(np.multiply, "*", _NUMBERS)
    __truediv__, __rtruediv__ = _operator(np.divide, "/", _NUMBERS)
    __pow__, __rpow__ = _operator(np.power, "**", _NUMBERS)

    def __neg__(self) -> Any:
        return self.__array_ufunc__(np.negative, "__call__", self)


class QuickArray(QuickNumber, RecordedArray):
    """An array of a :class:`QuickRecord`."""

    __slots__ = ()
    __array_ufunc__ = _of_one(
        "QuickArray", "ndarray", "_unary_array", also=" and x.ndim", prepare="trace.arrays = True",
        compute=f"ufunc(x) if x.size < {SHARED} else computed(ufunc, x)",
    )
    __add__, __radd__ = _operator(np.add, "+", _ARRAYS)
    __sub__, __rsub__ = _operator(np.subtract, "-", _ARRAYS)
    __mul__, __rmul__ = _operator(np.multiply, "*", _ARRAYS)
    __truediv__, __rtruediv__ = _operator(np.divide, "/", _ARRAYS)
    __pow__, __rpow__ = _operator(np.power, "**", _ARRAYS)

    def __array_function__(self, function: Function, types: Any, args: Any, kwargs: Any) -> Any:
        if not kwargs and len(args) == 1 and function in _REDUCTIONS:
            return _reduced(args[0], function, _REDUCTIONS[function])
        if function is np.dot and len(args) == 2 and not kwargs:
            return _product(function, *args)
        if type(TABLE.get(function)) is Structural:
            return _of_one_array(self, function, args, kwargs)
        return super().__array_function__(function, types, args, kwargs)

    def __getitem__(self, index: Any) -> Any:
        x = self.value
        pull = pull_part
        if type(x) is not ndarray or TABLE[getitem] is not _GETITEM:
            return super().__getitem__(index)
        if type(index) is not slice:
            parts = index if type(index) is tuple else (index,)
            kinds = set(map(type, parts))
            if not kinds <= _INDICES:
                return super().__getitem__(index)
            if ndarray in kinds:
                if any(type(part) is ndarray and part.dtype.kind not in "iu" for part in parts):
                    return self._at_mask(index)
                pull = pull_gathered
                copies = tuple([part.copy() if type(part) is ndarray else part for part in parts])
                index = copies if type(index) is tuple else copies[0]
        try:
            out = x[index]
        except (IndexError, TypeError):
            return super().__getitem__(index)  # which says what is wrong
        trace = self.transform
        trace.arrays = trace.selections = True
        made = trace.note(out, pull, self.mark, (index, x.shape, x.dtype), _GETITEM)
        if pull is pull_part and type(out) is ndarray and out.size:
            note_view(self, made)
        return made

    def _at_mask(self, index: Any) -> Any:
        try:
            return self.transform._structural(_GETITEM, (self, index), {})
        except (TypeError, IndexError, NotImplementedError):
            return super().__getitem__(index)  # which says what is wrong

    def __matmul__(self, other: Any) -> Any:
        return _product(np.matmul, self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _product(np.matmul, other, self)

    def dot(self, other: Any) -> Any:
        return _product(np.dot, self, other)

    def reshape(self, *shape: Any, **options: Any) -> Any:
        """See np.reshape."""
        given = shape[0] if len(shape) == 1 else shape
        return _of_one_array(self, np.reshape, (self, given), options) if shape else super().reshape(*shape, **options)

    def sum(self, *args: Any, **options: Any) -> Any:
        """See np.sum."""
        if args or options:
            return _of_one_array(self, np.sum, (self, *args), options)
        return _reduced(self, np.sum, _total)

    def mean(self, *args: Any, **options: Any) -> Any:
        """See np.mean."""
        if args or options:
            return _of_one_array(self, np.mean, (self, *args), options)
        return _reduced(self, np.mean, _mean)


_REDUCTIONS: dict[Function, Function] = {np.sum: _total, np.mean: _mean}
_GETITEM: Any = find(getitem)
_NONE = (None, None, None)
_OPERATORS: dict[np.ufunc, tuple[Any, Any, Any]] = {
    np.add: (find(np.add), QuickArray.__add__, QuickArray.__radd__),
    np.subtract: (find(np.subtract), QuickArray.__sub__, QuickArray.__rsub__),
    np.multiply: (find(np.multiply), QuickArray.__mul__, QuickArray.__rmul__),
    np.divide: (find(np.divide), QuickArray.__truediv__, QuickArray.__rtruediv__),
}


class QuickRecord(Record):
    """A record whose variables know the short ways."""

    __slots__ = ()
    number = QuickNumber
    array = QuickArray
