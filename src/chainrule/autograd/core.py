"""autograd's inner interface on chainrule's transforms: `make_vjp`, `make_jvp`, vector spaces, rules of primitives."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from itertools import count
from typing import Any

import numpy as np

from chainrule.autograd.tracer import (
    Box,
    UndefinedRuleError,
    getval,
    isbox,
    linear_primitives,
    primitive_jvps,
    primitive_vjps,
)
from chainrule.autograd.tracer import primitive as _primitive
from chainrule.autograd.wrap_util import get_name
from chainrule.engine.containers import flatten, names
from chainrule.transforms.directions import jvp, vjp

__all__ = [
    "Box", "VSpace", "def_linear", "defjvp", "defjvp_argnum", "defjvp_argnums", "defvjp", "defvjp_argnum",
    "defvjp_argnums", "getval", "isbox", "make_jvp", "make_vjp", "primitive", "primitive_jvps", "primitive_vjps",
    "vspace",
]  # fmt: skip

Function = Callable[..., Any]


# ---------------------------------------------------------------------- functions of one argument


def make_vjp(fun: Function, x: Any) -> tuple[Function, Any]:
    """(pullback, value) of `fun` at `x`: the pullback takes a cotangent of the value and gives one of `x`."""
    value, pullback = vjp(fun, x)
    return lambda g: pullback(g)[0], value


def make_jvp(fun: Function, x: Any) -> Function:
    """The function from a tangent of `x` to (value, tangent of the value)."""
    return lambda g: jvp(fun, (x,), (g,))


# ---------------------------------------------------------------------- vector spaces


class VSpace:
    """The vector space in which a value lies: numbers and arrays of one shape and dtype, or containers of such."""

    def __init__(self, value: Any) -> None:
        leaves, self._rebuild = flatten(value)
        self._parts = [np.asarray(getval(leaf)) for leaf in leaves]
        for part, leaf in zip(self._parts, leaves, strict=True):
            if part.dtype.kind not in "biufc":
                raise TypeError(f"Can't find vector space for value {leaf!r:.40} of type {type(leaf).__name__}")
        self._names = names(value, "")
        self.iscomplex = any(part.dtype.kind == "c" for part in self._parts)
        self.size = sum(part.size * (2 if part.dtype.kind == "c" else 1) for part in self._parts)

    @property
    def shape(self) -> Any:
        """The shape of an array; for a container, the same container of vector spaces."""
        if self._names == [""]:
            return self._parts[0].shape
        return self._rebuild([VSpace(part) for part in self._parts])

    @property
    def dtype(self) -> Any:
        """The dtype of the numbers, the common one in a container."""
        return np.result_type(*self._parts)

    def __eq__(self, other: Any) -> bool:
        return (
            isinstance(other, VSpace)
            and self._names == other._names
            and [(part.shape, part.dtype) for part in self._parts] == [(p.shape, p.dtype) for p in other._parts]
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"VSpace({', '.join(f'{part.dtype}{list(part.shape)}' for part in self._parts)})"

    def _made(self, of: Function, *vectors: Any) -> Any:
        leaves = [flatten(vector)[0] for vector in vectors]
        return self._rebuild([of(part, *given) for part, *given in zip(self._parts, *leaves, strict=True)])

    def zeros(self) -> Any:
        """The zero vector."""
        return self._made(lambda part: np.zeros(part.shape, part.dtype)[()])

    def ones(self) -> Any:
        """The sum of the standard basis: entries 1, complex ones 1 + i."""
        return self._made(lambda part: np.full(part.shape, 1 + 1j if part.dtype.kind == "c" else 1, part.dtype)[()])

    def randn(self) -> Any:
        """A vector of normally distributed numbers."""

        def drawn(part: Any) -> Any:
            normal = np.random.randn(*part.shape)  # noqa: NPY002 - as autograd: programs set its seed
            if part.dtype.kind == "c":
                normal = normal + 1j * np.random.randn(*part.shape)  # noqa: NPY002
            return np.asarray(normal).astype(part.dtype)[()]

        return self._made(drawn)

    def standard_basis(self) -> Iterator[Any]:
        """The vectors of the standard basis; complex entries have two, 1 and i."""
        for number, part in enumerate(self._parts):
            for step in (1.0, 1.0j) if part.dtype.kind == "c" else (1.0,):
                for index in np.ndindex(part.shape):
                    leaves = [np.zeros(p.shape, p.dtype) for p in self._parts]
                    leaves[number][index] = step
                    yield self._rebuild([leaf[()] for leaf in leaves])

    def add(self, x: Any, y: Any) -> Any:
        """The sum of two vectors."""
        return self._made(lambda part, x, y: x + y, x, y)

    def mut_add(self, x_prev: Any, x_new: Any) -> Any:
        """The sum of two vectors, where the first may be None for zero."""
        return x_new if x_prev is None else self.add(x_prev, x_new)

    def scalar_mul(self, x: Any, a: Any) -> Any:
        """A vector times a number."""
        return self._made(lambda part, x: x * a, x)

    def inner_prod(self, x: Any, y: Any) -> Any:
        """The inner product over the real numbers: the sum of the products of all real and imaginary parts."""
        pairs = zip(self._parts, flatten(x)[0], flatten(y)[0], strict=True)
        total: Any = 0.0
        for part, left, right in pairs:
            product = np.real(np.conj(left) * right) if part.dtype.kind == "c" else left * right
            total = total + np.sum(product)
        return total

    def covector(self, x: Any) -> Any:
        """The linear form of a vector: the conjugate, by autograd's convention for complex gradients."""
        return self._made(lambda part, x: np.conj(x) if part.dtype.kind == "c" else x, x)


def vspace(value: Any) -> VSpace:
    """The vector space of a value, tracked or not. Raises TypeError for what is not made of numbers."""
    return VSpace(value)


# ---------------------------------------------------------------------- rules of primitives


def defvjp_argnums(fun: Function, vjpmaker: Function) -> None:
    """Give a primitive a reverse rule: `vjpmaker(argnums, ans, args, kwargs)(g)` has one cotangent per argnum."""
    primitive_vjps[_primitive_only(fun)] = vjpmaker


def defvjp_argnum(fun: Function, vjpmaker: Function) -> None:
    """Give a primitive a reverse rule: `vjpmaker(argnum, ans, args, kwargs)(g)` is the cotangent of one argument."""

    def by_argnums(argnums: Sequence[int], *given: Any) -> Function:
        makers = [vjpmaker(argnum, *given) for argnum in argnums]
        return lambda g: [made(g) for made in makers]

    defvjp_argnums(fun, by_argnums)


def defvjp(fun: Function, *vjpmakers: Function | None, argnums: Iterable[int] | None = None) -> None:
    """Give a primitive a reverse rule for each argument: `maker(ans, *args, **kwargs)(g)` is its cotangent.

    None says that the function is constant in that argument. `argnums` names the arguments, otherwise in order.

    >>> from chainrule.autograd import grad, primitive
    >>> @primitive
    ... def double(x):
    ...     return 2 * float(x)
    >>> defvjp(double, lambda ans, x: lambda g: 2 * g)
    >>> grad(double)(3.0)
    np.float64(2.0)
    """
    makers = dict(zip(count() if argnums is None else argnums, vjpmakers, strict=False))

    def by_argnum(argnum: int, ans: Any, args: Any, kwargs: Any) -> Function:
        if argnum not in makers:
            raise UndefinedRuleError(fun, (argnum,))
        maker = makers[argnum]
        return (lambda g: None) if maker is None else maker(ans, *args, **kwargs)

    defvjp_argnum(fun, by_argnum)


def defjvp_argnums(fun: Function, jvpmaker: Function) -> None:
    """Give a primitive a forward rule: `jvpmaker(argnums, tangents, ans, args, kwargs)` is the result's tangent."""
    primitive_jvps[_primitive_only(fun)] = jvpmaker
    linear_primitives.discard(fun)


def defjvp_argnum(fun: Function, jvpmaker: Function) -> None:
    """Give a primitive a forward rule: `jvpmaker(argnum, tangent, ans, args, kwargs)`, summed over the arguments."""

    def by_argnums(argnums: Sequence[int], tangents: Sequence[Any], ans: Any, args: Any, kwargs: Any) -> Any:
        moved = [jvpmaker(argnum, g, ans, args, kwargs) for argnum, g in zip(argnums, tangents, strict=True)]
        return reduce(vspace(ans).add, moved)

    defjvp_argnums(fun, by_argnums)


def defjvp(fun: Function, *jvpfuns: Function | str | None, argnums: Iterable[int] | None = None) -> None:
    """Give a primitive a forward rule for each argument: `rule(g, ans, *args, **kwargs)` is the result's tangent.

    "same" says that the function is linear in that argument, None that it is constant.
    """
    rules = dict(zip(count() if argnums is None else argnums, jvpfuns, strict=False))

    def by_argnum(argnum: int, g: Any, ans: Any, args: Any, kwargs: Any) -> Any:
        if argnum not in rules:
            raise UndefinedRuleError(fun, (argnum,))
        rule = rules[argnum]
        if rule is None:
            return vspace(ans).zeros()
        if callable(rule):
            return rule(g, ans, *args, **kwargs)
        return fun(*args[:argnum], g, *args[argnum + 1 :], **kwargs)

    for rule in rules.values():
        if rule is not None and rule != "same" and not callable(rule):
            raise TypeError(f"Bad JVP {rule!r} for {get_name(fun)}")
    defjvp_argnum(fun, by_argnum)
    if "same" in rules.values():
        linear_primitives.add(fun)


def def_linear(fun: Function) -> None:
    """Say that a primitive is linear in each of its arguments."""
    defjvp_argnum(fun, lambda argnum, g, ans, args, kwargs: fun(*args[:argnum], g, *args[argnum + 1 :], **kwargs))
    linear_primitives.add(fun)


def _primitive_only(fun: Function) -> Function:
    if not hasattr(fun, "fun"):
        raise TypeError(
            f"{get_name(fun)} is not a primitive, so it cannot be given a rule: chainrule has rules of its own for "
            "NumPy's and SciPy's functions. Write primitive(f) for a function of yours."
        )
    return fun


# ---------------------------------------------------------------------- the old names on primitives


def primitive(f_raw: Function) -> Function:
    """:func:`chainrule.autograd.tracer.primitive`, with the methods that autograd had before `defvjp` was a function.

    `f.defvjp(lambda g, ans, vs, gvs, *args: …, argnum=0)`, `f.defgrad(lambda ans, *args: lambda g: …, argnum=0)` and
    `f.defvjp_is_zero(argnums=(0,))`. They warn.
    """
    wrapped: Any = _primitive(f_raw)
    makers: dict[int, Function | None] = {}

    def define(new: dict[int, Function | None]) -> None:
        warnings.warn("methods of primitives are deprecated; use defvjp(f, …)", DeprecationWarning, stacklevel=3)
        makers.update(new)
        defvjp(wrapped, *makers.values(), argnums=makers)

    def old_defvjp(vjpmaker: Function, argnum: int = 0) -> None:
        def maker(ans: Any, *args: Any, **kwargs: Any) -> Function:
            return lambda g: vjpmaker(g, ans, vspace(args[argnum]), vspace(g), *args, **kwargs)

        define({argnum: maker})

    wrapped.defvjp = old_defvjp
    wrapped.defgrad = lambda gradfun, argnum=0: define({argnum: gradfun})
    wrapped.defvjp_is_zero = lambda argnums=(0,): define(dict.fromkeys(argnums))
    return wrapped  # type: ignore[no-any-return]
