"""Tracked values that a user's function reaches, made into arguments of it.

A solver calls a function such as `lambda t: np.exp(-a * t)` with plain numbers, and differentiates it by `a`, which the
function captured. So the tracked values are found where Python keeps them: in closures, defaults, `functools.partial`,
bound methods and the attributes of their objects, global names, and the containers there. The same function with other
values in their place is a copy of the parts that lead to one of them; everything else is shared with the original.
"""

from __future__ import annotations

import copy
import functools
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chainrule.engine.location import is_users_file
from chainrule.engine.values import Tracked, plain

_OTHERS = ("chainrule", "numpy", "scipy")
Rebuild = Callable[[Sequence[Any]], Any]
_SIMPLE = (int, float, complex, str, bytes, bool, type(None), type, types.ModuleType, types.BuiltinFunctionType)


def reached(root: Any) -> tuple[list[Any], Rebuild]:
    """The tracked values that `root` reaches (a function, or a tuple of functions and arguments), and its copier.

    The copier makes `root` with other values in their place, in the same order.

    >>> a = [2.0]
    >>> values, rebuild = reached(lambda x: a[0] * x)
    >>> values, rebuild([])(3.0)
    ([], 6.0)
    """
    nodes: dict[int, Any] = {}
    parents: dict[int, list[int]] = {}
    found: list[Any] = []
    stack: list[Any] = [root]
    nodes[id(root)] = root
    while stack:
        node = stack.pop()
        if _is_leaf(node):
            found.append(node)
            continue
        for child in _children(node):
            if _is_simple(child):
                continue
            parents.setdefault(id(child), []).append(id(node))
            if id(child) not in nodes:
                nodes[id(child)] = child
                stack.append(child)
    changed: set[int] = set()
    stack = [id(value) for value in found]
    while stack:
        number = stack.pop()
        if number not in changed:
            changed.add(number)
            stack += parents.get(number, [])
    kept = [value.snapshot() for value in found]
    last: list[Any] = [None, None]

    def rebuild(values: Sequence[Any]) -> Any:
        if not found:
            return root
        if last[0] is None or any(a is not b for a, b in zip(last[0], values, strict=True)):
            made = {id(value): other for value, other in zip(found, values, strict=True)}
            last[:] = list(values), _copied(root, changed, made)
        return last[1]

    return kept, rebuild


def without_tracking(root: Any) -> Any:
    """`root` with plain values in place of the tracked ones that it reaches."""
    values, rebuild = reached(root)
    return rebuild([plain(value) for value in values])


def _is_leaf(node: Any) -> bool:
    return isinstance(node, Tracked)


def _is_simple(node: Any) -> bool:
    return isinstance(node, _SIMPLE) and not _is_leaf(node)  # a tracked number is an instance of float


def _children(node: Any) -> Iterator[Any]:
    """What an object holds; of others than those that are copied, nothing."""
    kind = type(node)
    if kind is dict:
        yield from node.values()
    elif kind is list or issubclass(kind, tuple):
        yield from node
    elif kind is types.FunctionType:
        yield from node.__closure__ or ()
        yield from node.__defaults__ or ()
        yield from (node.__kwdefaults__ or {}).values()
        if is_users_file(node.__code__.co_filename):
            yield from _globals(node).values()
    elif kind is types.CellType:
        if _filled(node):
            yield node.cell_contents
    elif kind is types.MethodType:
        yield node.__func__
        yield node.__self__
    elif kind is functools.partial:
        yield node.func
        yield node.args
        yield node.keywords
    elif _is_users_object(node):
        yield from vars(node).values()


def _filled(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018, an empty cell says so only when it is read
    except ValueError:
        return False
    return True


def _globals(function: types.FunctionType) -> dict[str, Any]:
    """The global values that a function of the user's names, in its inner functions too."""
    names: set[str] = set()
    stack = [function.__code__]
    while stack:
        code = stack.pop()
        names.update(code.co_names)
        stack += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    known = function.__globals__
    return {name: known[name] for name in names if name in known and not _is_simple(known[name])}


def _is_users_object(node: Any) -> bool:
    """Whether an object has attributes, and a class that is neither Python's nor chainrule's, NumPy's or SciPy's."""
    root = type(node).__module__.partition(".")[0]
    users = root == "__main__" or (root not in _OTHERS and root not in sys.stdlib_module_names)
    return users and hasattr(node, "__dict__")


def _copied(node: Any, changed: set[int], made: dict[int, Any]) -> Any:
    """The copy of a node that leads to a tracked value, with copies of those below; others are shared."""
    if id(node) in made:
        return made[id(node)]
    if id(node) not in changed:
        return node

    def inner(child: Any) -> Any:
        return _copied(child, changed, made)

    kind = type(node)
    new: Any
    if kind is dict:
        new = made[id(node)] = {}
        new.update({key: inner(value) for key, value in node.items()})
    elif kind is list:
        new = made[id(node)] = []
        new.extend(map(inner, node))
    elif issubclass(kind, tuple):
        items = list(map(inner, node))
        new = made[id(node)] = kind(*items) if hasattr(kind, "_fields") else tuple(items)
    elif kind is types.FunctionType:
        new = _copied_function(node, made, inner)
    elif kind is types.CellType:
        new = made[id(node)] = types.CellType()
        new.cell_contents = inner(node.cell_contents)
    elif kind is types.MethodType:
        new = made[id(node)] = types.MethodType(inner(node.__func__), inner(node.__self__))
    elif kind is functools.partial:
        new = made[id(node)] = functools.partial(inner(node.func), *inner(node.args), **inner(node.keywords))
    else:
        new = made[id(node)] = copy.copy(node)
        vars(new).update({name: inner(value) for name, value in vars(node).items()})
    return new


def _copied_function(node: types.FunctionType, made: dict[int, Any], inner: Callable[[Any], Any]) -> Any:
    cells = tuple(map(inner, node.__closure__ or ()))
    if id(node) in made:  # a function that names itself was copied on the way
        return made[id(node)]
    names = {}
    if is_users_file(node.__code__.co_filename):
        names = {name: new for name, old in _globals(node).items() if (new := inner(old)) is not old}
    known = {**node.__globals__, **names} if names else node.__globals__
    new = types.FunctionType(node.__code__, known, node.__name__, None, cells)
    made[id(node)] = new
    new.__dict__.update(node.__dict__)
    new.__defaults__ = None if node.__defaults__ is None else tuple(map(inner, node.__defaults__))
    if node.__kwdefaults__ is not None:
        new.__kwdefaults__ = {name: inner(value) for name, value in node.__kwdefaults__.items()}
    return new
