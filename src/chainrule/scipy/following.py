"""How a function of SciPy becomes a row of the table: it keeps its own values, and hands tracked arguments to a rule.

Called without a tracked value, it is SciPy's function. Its derivatives are those of a definition in NumPy's terms,
either run in place of SciPy's function (:func:`composed`), or differentiated beside SciPy's value (:func:`derived`).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from chainrule.engine.assignment import has_tracked, joined
from chainrule.engine.dispatch import apply
from chainrule.engine.values import Tracked
from chainrule.formula.expression import Function
from chainrule.rules.rule import as_full, composite, explicit
from chainrule.transforms.directions import jvp, vjp


def any_tracked(values: Any) -> bool:
    """Whether a value is tracked among arguments, and in their lists and tuples.

    >>> any_tracked([1.0, [2.0]])
    False
    """
    return any(isinstance(value, Tracked) or (type(value) in (list, tuple) and has_tracked(value)) for value in values)


def named_as(function: Any, theirs: Function, module: str, name: str = "") -> None:
    """Give `function` the signature of SciPy's, and the name by which it is found."""
    functools.update_wrapper(function, theirs, updated=())
    public = module.removeprefix("chainrule.")
    function.__doc__ = f"{public}.{name or theirs.__name__} with derivatives: arguments and results are SciPy's."
    function.__module__ = module
    function.__name__ = function.__qualname__ = name or theirs.__name__


def composed(theirs: Function, module: str, definition: Function, arrays: str, *, asks: bool = True) -> Function:
    """SciPy's function `theirs` for `module`, with `definition` run in its place where an argument is tracked.

    SciPy is asked first, with plain values: what it refuses is refused, and it says the dtypes of the result. The
    definition gets the arguments by their names; those named in `arrays` are arrays then, also where they came in lists
    with tracked numbers.
    """
    signature = inspect.signature(theirs)
    names = set(arrays.split())
    gathered = [name for name, p in signature.parameters.items() if p.kind is p.VAR_POSITIONAL]
    options = [name for name, p in signature.parameters.items() if p.kind is p.VAR_KEYWORD]

    def function(*args: Any, **kwargs: Any) -> Any:
        if not any_tracked(args) and not any_tracked(kwargs.values()):
            if args or gathered:
                return theirs(*args, **kwargs)
            bound = signature.bind(**kwargs)  # some of SciPy's functions take their arrays by position only
            return theirs(*bound.args, **bound.kwargs)
        if gathered:
            return apply(function, tuple([as_full(joined(value)) for value in args]), kwargs)
        named = signature.bind(*args, **kwargs).arguments
        for name in options:
            named.update(named.pop(name, {}))
        for name in names & named.keys():
            named[name] = None if named[name] is None else as_full(joined(named[name]))
        return apply(function, (), named)

    named_as(function, theirs, module)
    composite(function, definition, asks=asks)
    return function


def slopes(definition: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The reverse and the forward rule of a function whose derivatives are those of `definition`.

    `definition(out, operands, moving, *options)` is a function of the operands `moving`, by which it is differentiated.
    The function's value `out` and the same operands as `operands` are constants to this derivative, and move in those
    of higher orders only: so the derivative of an inverse function is that of one of Newton's steps.
    """

    def of_moving(out: Any, operands: Any, places: Sequence[int], options: Any) -> Function:
        def function(*values: Any) -> Any:
            moving = list(operands)
            for place, value in zip(places, values, strict=True):
                moving[place] = value
            return definition(out, operands, moving, *options)

        return function

    def reverse(out: Any, operands: Any, tracked: Any, *options: Any) -> Callable[[Any], tuple[Any, ...]]:
        function, values = of_moving(out, operands, tracked, options), [operands[i] for i in tracked]
        return lambda g: vjp(function, *values)[1](g)

    def forward(out: Any, operands: Any, tangents: Any, *options: Any) -> Any:
        places = [i for i, tangent in enumerate(tangents) if tangent is not None]
        function = of_moving(out, operands, places, options)
        return jvp(function, [operands[i] for i in places], [tangents[i] for i in places])[1]

    return reverse, forward


def derived(
    theirs: Function, module: str, definition: Callable[..., Any], operands: int, source: str, name: str = "",
    bind: Callable[[Any, Any], tuple[Any, ...]] = lambda args, kwargs: args,
) -> Function:  # fmt: skip
    """A function with the values of `theirs` and the derivatives of `definition`; see :func:`slopes`.

    `bind` makes of the arguments those in their order: its `operands`, then options.
    """

    def function(*args: Any, **kwargs: Any) -> Any:
        args = bind(args, kwargs)
        return apply(function, args, {}) if any_tracked(args) else theirs(*args)

    named_as(function, theirs, module, name)
    explicit(function, operands, *slopes(definition), source=source)
    return function


def like(theirs: Function) -> Callable[[Function], Function]:
    """Give a function of ours the signature of SciPy's: it gets all arguments by their names."""
    signature = inspect.signature(theirs)
    gathered = [name for name, p in signature.parameters.items() if p.kind is p.VAR_KEYWORD]

    def decorate(ours: Function) -> Function:
        @functools.wraps(ours)
        def function(*args: Any, **kwargs: Any) -> Any:
            named = signature.bind(*args, **kwargs).arguments
            for name in gathered:
                named.update(named.pop(name, {}))
            return ours(**named)

        vars(function)["__signature__"] = signature
        function.__module__ = ".".join(ours.__module__.split(".")[:3])
        return function

    return decorate
