"""Calls of every public NumPy function of the table, and of its methods, with arguments of every kind that NumPy takes.

They are made from the table and from the functions' signatures, so a function is called as soon as it has a rule. Most
are calls that NumPy takes; many are calls that it refuses, which are to be refused alike.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.coverage import INPUTS, names
from benchmarks.coverage import calls as coverage_calls
from chainrule.rules import TABLE

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
import coverage as page


class Call(NamedTuple):
    """A function of tracked values, those values, and how the call is written.

    In an `option` call a tracked value stands where most functions have no derivative: refusing it is right there.
    """

    function: Callable[..., Any]
    tracked: tuple[Any, ...]
    text: str
    option: bool = False


UNCERTAIN = {
    np.empty_like,  # its entries are whatever the memory held
    # The signs and the last digits of these are LAPACK's, which NumPy reaches by other ways than the definitions do.
    np.linalg.svd,
    np.linalg.lstsq,
    # norms.py has the tips of norms for its subject; empty matrices and longdouble are compared there
    np.linalg.norm,
    np.linalg.vector_norm,
    np.linalg.matrix_norm,
    np.linalg.cond,
}
DTYPE_SECOND = {np.zeros_like, np.ones_like, np.can_cast, np.astype}
"""Functions whose second argument is a dtype, which a tracked value cannot be."""

FUNCTIONS: dict[Any, str] = {
    function: f"{prefix}.{found[0]}"
    for prefix, namespace in reversed((*page.NAMESPACES, ("np.emath", np.emath)))
    for function, found in page.public(namespace).items()
    if function in TABLE and function not in UNCERTAIN
}
"""The public functions with a rule, and their names."""

SHAPES = [(), (1,), (3,), (0,), (2, 3), (3, 3), (1, 1), (2, 0), (2, 2, 3)]
AXES = [None, 0, -1, 1, 2, -3, (0,), (0, 1), (1, 0), (), (0, 0), (-1, 0), 5, 1.0]
SECOND: list[Callable[[], Any]] = [
    lambda: 2,
    lambda: -1,
    lambda: 1.5,
    lambda: 0,
    lambda: 1j,
    lambda: np.int8(2),
    lambda: np.float32(0.5),
    lambda: np.array(2),
    lambda: [0, 1],
    lambda: np.uint8([1, 0, 2]),
    lambda: np.arange(3),
    lambda: np.ones((3, 3), np.float32),
]
"""What may stand beside a tracked value; made anew for each call, for some functions write into their arguments."""

REQUIRED: dict[Any, tuple[Any, ...]] = {
    np.percentile: (30.0,),
    np.nanpercentile: (30.0,),
    np.quantile: (0.3,),
    np.nanquantile: (0.3,),
    np.partition: (0,),
    np.take: ([0],),
    np.repeat: (2,),
    np.roll: (1,),
    np.delete: ([0],),
    np.insert: (0, 1.0),
    np.append: ([1.0],),
    np.compress: ([True],),
    np.take_along_axis: (np.array([0]),),
    np.array_split: (2,),
    np.split: (1,),
    np.linspace: (2.0,),
    np.logspace: (2.0,),
    np.geomspace: (2.0,),
    np.cross: ([1.0, 2.0, 3.0],),
}
"""Arguments after the first that a function needs."""

OPTIONS: dict[str, list[Any]] = {
    "dtype": ["f", "d", "F", "e", "g"],
    "ddof": [0, 1, 2, 5, 0.5],
    "correction": [1, 0.5],
    "mean": [1.0],
    "initial": [0, 2, 2.5, np.float32(2), 1j],
    "where": [True, False, "mask", np.array([True, False, True])],
    "returned": [True],
    "weights": ["ones", np.ones(3, "f"), [1, 2, 3]],
    "n": [0, 1, 2, 3, -1],
    "k": [-1, 1, 2],
    "order": ["C"],
    "mode": ["clip", "wrap", "raise", "same", "valid", "none of them"],
    "prepend": [0, 1.5, "ones"],
    "append": [2],
    "edge_order": [1, 2, 3],
    "norm": ["ortho", "forward", "none of them"],
    "include_initial": [True],
    "method": ["hazen", "lower", "inverted_cdf", "nearest", "weibull", "none of them"],
    "num": [0, 1, 3],
    "endpoint": [False],
    "retstep": [True],
    "base": [2, np.float32(2)],
    "nan": [1.0],
    "posinf": [2],
    "neginf": [-3],
    "bins": [2, [0, 1, 2], "auto"],
    "range": [(0, 2)],
    "density": [True],
    "rowvar": [False],
    "bias": [True],
    "aweights": [[1.0, 2.0, 3.0]],
    "fweights": [[1, 2, 3]],
    "y": ["ones"],
    "decimals": [0, 1, -1],
    "offset": [1, -1, 9],
    "axis1": [1],
    "axis2": [0],
    "return_inverse": [True],
    "return_counts": [True],
    "return_index": [True],
    "equal_nan": [False],
    "sparse": [True],
    "indexing": ["ij"],
    "period": [3],
    "left": [0],
    "trim": ["f", "b"],
    "N": [0, 2, 5],
    "increasing": [True],
    "keepdims": [True],
}
"""Values for the options of functions, by the names of their parameters."""

METHODS = [
    "sum", "mean", "max", "min", "var", "std", "prod", "cumsum", "cumprod", "ravel", "squeeze", "swapaxes", "copy",
    "conj", "round", "argmax", "argmin", "argsort", "any", "all", "trace", "take", "nonzero", "searchsorted",
    "diagonal", "repeat", "choose", "reshape", "transpose", "flatten", "astype", "clip", "compress",
]  # fmt: skip
METHOD_ARGUMENTS: list[tuple[Any, ...]] = [
    (), (0,), (-1,), (1,), (5,), (0, 1), ((0,),), ((),), (None,), ("d",), (1.5,), ([0],), ((0, 1),), (2, 1),
]  # fmt: skip


def sample(shape: tuple[int, ...], dtype: Any) -> Any:
    """Positive numbers of the given shape and dtype, all different among the first eleven."""
    size = int(np.prod(shape))
    values = (0.3 + (np.arange(size) * 7 % 11) / 8).reshape(shape)
    return (values * (1 + 0.5j) if np.dtype(dtype).kind == "c" else values).astype(dtype)


def fresh(value: Any) -> Any:
    """A copy of an argument that the function may write to."""
    return value.copy() if isinstance(value, np.ndarray) else list(value) if isinstance(value, list) else value


def _parameters(function: Any) -> Any:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


def by_place(function: Any, name: str) -> Iterator[Call]:
    """The function of one tracked value of every shape and dtype, alone and with another argument on either side."""
    alone = (isinstance(function, np.ufunc) and function.nin == 1) or function is np.fix  # the second would be `out`
    for shape in SHAPES:
        for dtype in "efdgFD" if shape in ((), (3,), (3, 3)) else "fd":
            x = sample(shape, dtype)
            yield Call(function, (x,), f"{name}({dtype}{shape})")
            if alone:
                continue
            if function not in DTYPE_SECOND:
                yield Call(function, (x, x + 1), f"{name}({dtype}{shape}, {dtype}{shape})", option=True)
            for make in SECOND:
                text = repr(make())
                yield Call(lambda x, m=make: function(x, m()), (x,), f"{name}({dtype}{shape}, {text})")
                if dtype in "fd" and function not in DTYPE_SECOND:
                    called = f"{name}({text}, {dtype}{shape})"
                    yield Call(lambda x, m=make: function(m(), x), (x,), called, option=True)


def by_axis(function: Any, name: str) -> Iterator[Call]:
    """Every axis, tuple of axes and wrong axis, with and without keepdims."""
    parameters = _parameters(function)
    word = "axis" if "axis" in parameters else "axes"
    if word not in parameters:
        return
    more = REQUIRED.get(function, ())
    for shape in SHAPES:
        for dtype in "dfeF" if shape in ((), (3,), (2, 3)) else "d":
            for axis, keep in itertools.product(AXES, (False, True) if "keepdims" in parameters else (False,)):
                options = {word: axis, **({"keepdims": True} if keep else {})}

                def call(x: Any, options: Any = options) -> Any:
                    return function(x, *map(fresh, more), **options)

                yield Call(call, (sample(shape, dtype),), f"{name}({dtype}{shape}, {more}, {options})")


def by_option(function: Any, name: str) -> Iterator[Call]:
    """Every option with a few values each."""
    parameters = _parameters(function)
    more = REQUIRED.get(function, ())
    axes: list[dict[str, Any]] = [{}]
    if {"axis", "keepdims"} <= set(parameters):
        axes += [{"axis": 0}, {"axis": -1, "keepdims": True}]
    for option, values in OPTIONS.items():
        if option not in list(parameters)[1:]:
            continue
        if isinstance(function, np.ufunc) and option == "where":  # what it leaves out is undefined
            continue
        for shape, dtype, value in itertools.product([(3,), (2, 3), (3, 3), (), (0,), (2, 0)], "dfFe", values):
            if 0 in shape and function in (np.fft.irfft, np.fft.hfft):  # NumPy gives whatever the memory held
                continue
            for axis in axes if option not in ("axis", "keepdims") else axes[:1]:

                def call(x: Any, option: str = option, value: Any = value, axis: Any = axis) -> Any:
                    if isinstance(value, str) and value == "mask":
                        value = np.arange(np.size(x)).reshape(np.shape(x)) % 2 == 0
                    elif isinstance(value, str) and value == "ones":
                        value = np.ones(np.shape(x), "f")
                    return function(x, *map(fresh, more), **{option: fresh(value), **axis})

                text = f"{name}({dtype}{shape}, {more}, {option}={value!r}, {axis})"
                yield Call(call, (sample(shape, dtype),), text)


def by_method_of_ufunc(function: Any, name: str) -> Iterator[Call]:
    """outer, reduce, accumulate and reduceat of the binary ufuncs."""
    if not isinstance(function, np.ufunc) or function.nin != 2 or function.nout != 1 or function.signature:
        return
    second = [2, 2.0, np.float32(2), np.arange(1, 3), np.ones(2, "e"), 1j, np.int8([1, 2])]
    for dtype, shape in itertools.product("efdFg", [(3,), (2, 3), (), (0,), (1,)]):
        x = sample(shape, dtype)
        for other in second:
            yield Call(lambda x, o=other: function.outer(x, fresh(o)), (x,), f"{name}.outer({dtype}{shape}, {other!r})")
            yield Call(lambda x, o=other: function.outer(fresh(o), x), (x,), f"{name}.outer({other!r}, {dtype}{shape})")
        for axis in AXES:
            for more in ({}, {"keepdims": True}, {"dtype": "d"}, {"initial": 2.0}, {"dtype": "f"}):
                options = {"axis": axis, **more}
                yield Call(
                    lambda x, o=options: function.reduce(x, **o), (x,), f"{name}.reduce({dtype}{shape}, {options})"
                )
            yield Call(
                lambda x, a=axis: function.accumulate(x, axis=a), (x,), f"{name}.accumulate({dtype}{shape}, {axis})"
            )
            yield Call(
                lambda x, a=axis: function.reduceat(x, [0, 1], axis=a), (x,), f"{name}.reduceat({dtype}{shape}, {axis})"
            )


VALUES = {
    "ends": [2.0, -np.inf, 0.5, np.inf],
    "complex ends": [2 - 1j, complex(-np.inf, 1), complex(0.0, np.inf), complex(0.0, -np.inf)],
    "holes": [[1.0, np.nan, 2.0], [np.nan] * 3],
    "ties": [2.0, 1.0, 2.0, -0.0, 0.0, 1.0],
    "least": [-np.inf, -np.inf],
    "negative": [-1.0, -3.0, -2.0, -0.25, -3.0],
}
"""Entries that are not finite, NaN, equal, zeros of both signs, or negative: the samples have none of these."""
OF_VALUES = {
    "nan", "posinf", "neginf", "initial", "ddof", "method", "return_counts", "equal_nan", "trim", "left", "density",
}  # fmt: skip
"""The options that such values may meet in a special way."""


def by_value(function: Any, name: str) -> Iterator[Call]:
    """Exceptional values, alone, with an option, along an axis, in pairs and in the methods of ufuncs."""
    parameters = list(_parameters(function))
    more = REQUIRED.get(function, ())
    options = [{}] + [{o: OPTIONS[o][0]} for o in parameters[1:] if o in OF_VALUES & set(OPTIONS)]
    if {"posinf", "neginf"} <= set(parameters):
        options.append({"nan": 1.0, "posinf": 2.0, "neginf": -3.0})
    pairs = isinstance(function, np.ufunc) and function.nin == 2 and function.nout == 1 and not function.signature
    for kind, values in VALUES.items():
        x = np.array(values)
        if function is np.geomspace and x.dtype.kind == "c":  # NumPy's own way, by logarithms, leaves NaN at the ends
            continue
        axes: list[dict[str, Any]] = [{"axis": 0}, {"axis": 1}] if x.ndim == 2 and "axis" in parameters else []
        for option in options + axes:

            def call(x: Any, option: Any = option) -> Any:
                return function(x, *map(fresh, more), **option)

            yield Call(call, (x,), f"{name}({kind}, {option})")
        if pairs:
            yield Call(lambda x: function(x, x[::-1]), (x,), f"{name}({kind}, reversed)")
            yield Call(lambda x: function.reduce(x), (x,), f"{name}.reduce({kind})")
            yield Call(lambda x: function.accumulate(x), (x,), f"{name}.accumulate({kind})")
            yield Call(lambda x: function.reduceat(x, [0, 1, 1, 0]), (x,), f"{name}.reduceat({kind})")


GENERATORS = (by_place, by_axis, by_option, by_method_of_ufunc, by_value)


def calls_of(function: Any) -> list[list[Call]]:
    """All the calls of a function, a list for each way of making them."""
    return [list(generator(function, FUNCTIONS[function])) for generator in GENERATORS]


def calls_of_method(name: str) -> Iterator[Call]:
    """A method of arrays with every tuple of a few arguments."""
    for shape, dtype, arguments in itertools.product(SHAPES, "dfFe", METHOD_ARGUMENTS):
        if name == "reshape" and not arguments:
            continue
        yield Call(
            lambda x, a=arguments: getattr(x, name)(*a), (sample(shape, dtype),), f"{dtype}{shape}.{name}{arguments}"
        )


@functools.cache
def written_calls() -> list[Call]:
    """The list of calls in benchmarks/coverage.py, each in every dtype and in two dtypes at once."""
    made = []
    for _, text in coverage_calls():
        if any(word in text for word in ("vectorize", "svd", "lstsq", "linalg.norm")):
            continue
        code = compile(text, "<call>", "eval")
        given = names(text)
        for dtype in ("e", "f", "d", "g", "F", "D", "fd"):
            values = [
                np.asarray(INPUTS[name] * (1 + 0.3j) if dtype in "FD" else INPUTS[name]).astype(kind)
                for name, kind in zip(given, itertools.cycle(dtype), strict=False)
            ]

            def call(*tracked: Any, code: Any = code, given: Any = given) -> Any:
                return eval(code, {"np": np, **dict(zip(given, tracked, strict=True))})

            made.append(Call(call, tuple(values), f"{text} {dtype}"))
    return made
