"""Programs as JSON: stable text, the same for equal programs, read back without running any code in it."""

from __future__ import annotations

import importlib
import json
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.engine.operations import Guard, Input, Operation, Reference, is_long

FORM = "chainrule program 1"
_QUESTIONS: dict[str, Callable[[Any], Any]] = {"bool": bool, "int": int, "index": operator.index, "array": np.asarray}
_TRUSTED = ("numpy", "scipy", "chainrule", "operator", "_operator")


def written(
    name: str, inputs: Sequence[Input], operations: Sequence[Operation], guards: Sequence[Guard], result: Any
) -> str:
    """The parts of a program as JSON text."""
    document = {
        "form": FORM,
        "name": name,
        "inputs": [
            {"name": given.name, "shape": list(given.shape), "dtype": given.dtype.str, "array": given.array}
            for given in inputs
        ],
        "operations": [
            {
                "function": _function_name(operation.function),
                "args": [_encoded(argument) for argument in operation.args],
                "kwargs": {key: _encoded(value) for key, value in operation.kwargs.items()},
                "shape": None if operation.shape is None else list(operation.shape),
                "dtype": None if operation.dtype is None else operation.dtype.str,
                "number": operation.number,
            }
            for operation in operations
        ],
        "guards": [
            {
                "question": next(key for key, value in _QUESTIONS.items() if value is guard.question),
                "of": guard.of.number,
                "outcome": _encoded(guard.outcome),
                "before": guard.before,
            }
            for guard in guards
        ],
        "result": _encoded(result),
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)


def read(text: str) -> dict[str, Any]:
    """The parts of a program, by their names, from what :func:`written` wrote."""
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("form") != FORM:
        raise ValueError(f"this is not a program in the form {FORM!r}, as Program.to_json writes it")
    return {
        "name": document["name"],
        "inputs": tuple(
            Input(given["name"], tuple(given["shape"]), np.dtype(given["dtype"]), given["array"])
            for given in document["inputs"]
        ),
        "operations": tuple(
            Operation(
                _function(operation["function"]),
                tuple(map(_decoded, operation["args"])),
                {key: _decoded(value) for key, value in operation["kwargs"].items()},
                None if operation["shape"] is None else tuple(operation["shape"]),
                None if operation["dtype"] is None else np.dtype(operation["dtype"]),
                operation["number"],
            )
            for operation in document["operations"]
        ),
        "guards": tuple(
            Guard(
                _QUESTIONS[guard["question"]],
                Reference(guard["of"]),
                _decoded(guard["outcome"]),
                guard["before"],
            )
            for guard in document["guards"]
        ),
        "result": _decoded(document["result"]),
    }


def _function_name(function: Any) -> str:
    name = getattr(function, "__name__", "")
    ufunc = getattr(function, "__self__", None)
    if isinstance(ufunc, np.ufunc):  # a method of a ufunc: np.add.reduce
        return f"{_function_name(ufunc)}.{name}"
    if isinstance(function, np.ufunc):
        module = "numpy" if getattr(np, name, None) is function else "scipy.special"
    else:
        module = getattr(function, "__module__", None) or ""
    found = f"{module}:{name}"
    try:
        same = _function(found) is function
    except (ValueError, ImportError, AttributeError):
        same = False
    if not same:
        raise TypeError(f"{function!r} has no name by which it could be found again, so it cannot be written as JSON")
    return found


def _function(name: str) -> Any:
    module, _, attribute = name.partition(":")
    if module.partition(".")[0] not in _TRUSTED:
        raise ValueError(f"a program in JSON may only name functions of NumPy, SciPy and chainrule, not {name!r}")
    return operator.attrgetter(attribute)(importlib.import_module(module))


def _encoded(value: Any) -> Any:
    """A constant, reference or container as JSON; what JSON has no form for is an object with one key."""
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is Reference:
        return {"value": value.number}
    if kind is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if kind is complex:
        return {"complex": [_encoded(value.real), _encoded(value.imag)]}
    if kind is list:
        return [_encoded(item) for item in value]
    if kind is tuple:
        return {"tuple": [_encoded(item) for item in value]}
    if kind is dict:
        if not all(isinstance(key, str) for key in value):
            raise TypeError("a dict with keys other than text cannot be written as JSON")
        return {"dict": {key: _encoded(item) for key, item in value.items()}}
    if kind is slice:
        return {"slice": [_encoded(part) for part in (value.start, value.stop, value.step)]}
    if kind is range:
        return {"range": [value.start, value.stop, value.step]}
    if value is ...:
        return {"ellipsis": True}
    if isinstance(value, np.dtype):
        return {"dtype": value.str}
    if isinstance(value, type) and issubclass(value, np.generic):
        return {"type": value.__name__}
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufc":
        array = np.asarray(value)
        entries = [str(entry) for entry in array.ravel()] if is_long(array.dtype) else array.ravel().tolist()
        return {
            "number" if isinstance(value, np.generic) else "array": [
                array.dtype.str,
                list(array.shape),
                _encoded(entries),
            ]
        }
    if isinstance(value, tuple) and hasattr(value, "_fields") and kind.__module__.partition(".")[0] in _TRUSTED:
        return {"named": [f"{kind.__module__}:{kind.__qualname__}", [_encoded(item) for item in value]]}
    raise TypeError(f"a {kind.__name__} in a program cannot be written as JSON: {value!r:.60}")


def _decoded(form: Any) -> Any:
    if isinstance(form, list):
        return [_decoded(item) for item in form]
    if not isinstance(form, dict):
        return form
    ((key, held),) = form.items()
    return _DECODERS[key](held)


def _array(held: Any) -> Any:
    dtype, shape, entries = held
    return np.array(_decoded(entries), np.dtype(dtype)).reshape(shape)


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "value": Reference,
    "float": float,
    "complex": lambda parts: complex(*map(_decoded, parts)),
    "tuple": lambda items: tuple(map(_decoded, items)),
    "dict": lambda items: {key: _decoded(item) for key, item in items.items()},
    "slice": lambda parts: slice(*map(_decoded, parts)),
    "range": lambda parts: range(*parts),
    "ellipsis": lambda _: ...,
    "dtype": np.dtype,
    "type": lambda name: getattr(np, name),
    "array": _array,
    "number": lambda held: _array(held)[()],
    "named": lambda held: _function(held[0])(*map(_decoded, held[1])),
}
