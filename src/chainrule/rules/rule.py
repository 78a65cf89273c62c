"""The kinds of rule, and the table that holds one rule for each function.

Everything about a derivative is said in one call at the place where the function's family lives:

    rule(np.sin, np.cos(x))                       elementwise: one partial derivative for each argument
    linear(np.sum, transpose=...)                 the forward rule is the function itself
    bilinear(np.matmul, transposes=(...))         linear in each of two arguments
    explicit(np.max, operands=1, ...)             forward and reverse rules written out
    composite(np.var, definition)                 a NumPy function that other NumPy functions define
    constant(np.argmax, ...)                      results that do not depend on their arguments continuously

The rest of chainrule reads these rules; no derivative is written anywhere else.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from chainrule.formula.expression import Constant, Expression, Function, Symbol, call, expression
from chainrule.rules.function import ending
from chainrule.rules.kernels import Kernel, compile_kernel
from chainrule.rules.lazy import lazy_form, shape_of

ARGUMENT_NAMES = ("x", "y", "z", "w")

UNKNOWN: Any = Symbol("unknown")
"""In place of a partial derivative for which there is no formula. Asking for it is an error, never a silent zero."""


class UnknownPartialError(Exception):
    """An argument is differentiated whose partial derivative is UNKNOWN; the engine says so to the user."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


@dataclass(frozen=True)
class Rule:
    """What is known of one function. `name` is NumPy's name for it."""

    function: Function

    @property
    def name(self) -> str:
        return getattr(self.function, "__name__", repr(self.function))


@dataclass(frozen=True)
class At:
    """An exceptional row: where `condition` holds, these partials (None: as usual), because of `reason`.

    A number among them is a constant, with the derivative 0: right at the kink of a piecewise linear function, at an
    end, and where the function is constant. Where the function is smooth a row must be a formula. `sharp` names the
    arguments by which the partials have no derivative there, so that it is NaN: the tip of a cone is sharp in "x y".
    What is infinite or NaN is so in every argument.
    """

    condition: Expression
    partials: tuple[Expression | None, ...]
    reason: str
    sharp: tuple[str, ...] = ()

    def __init__(self, condition: Any, partials: Any, reason: str, sharp: str = "") -> None:
        if not isinstance(partials, tuple):
            partials = (partials,)
        object.__setattr__(self, "condition", condition)
        object.__setattr__(self, "partials", tuple(None if p is None else expression(p) for p in partials))
        object.__setattr__(self, "reason", reason)
        object.__setattr__(self, "sharp", tuple(sharp.split()))


@dataclass(frozen=True)
class Elementwise(Rule):
    """A function applied entry by entry, with its partial derivatives as formulas over `x`, `y`, `z`, `w` and `out`.

    `partials` are the textbook formulas, the ones shown. `computed` are the ones evaluated: the same mathematics in a
    form that neither overflows nor loses digits. `analytic` are the ones for complex arguments. A partial of None
    belongs to an argument that is not differentiated (the condition of `where`), UNKNOWN to one whose derivative has no
    formula here. `domain` is where the function is defined and `smooth` where it is differentiable; None means
    everywhere. `selects` marks functions whose value is one of their arguments, and steps: a partial of zero then means
    that the argument was not used at all. `of_complex` defines a function that is not analytic for complex arguments,
    where no formula can be its derivative. `sample` gives for each argument an interval of typical points.
    `between_floats` says that no floating-point number lies outside of `domain` (no float is a pole of tan): the engine
    then need not look.
    """

    partials: tuple[Expression | None, ...]
    computed: tuple[Expression | None, ...]
    analytic: tuple[Expression | None, ...]
    domain: Expression | None = None
    smooth: Expression | None = None
    at: tuple[At, ...] = ()
    sample: tuple[tuple[float, float], ...] = ()
    source: str = ""
    selects: bool = False
    between_floats: bool = False
    of_complex: Function | None = None
    kernels: dict[Any, Kernel] = field(default_factory=dict, compare=False, repr=False)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the arguments in the formulas."""
        return ARGUMENT_NAMES[: len(self.partials)]

    def is_unused_at_zero(self, position: int) -> bool:
        """Whether an entry with the partial 0 was not used: of copysign's arguments in the second alone."""
        zero = Constant(0)
        return self.selects and (self.computed[position] == zero or zero not in self.computed)

    def tracked_by(self, function: Function) -> tuple[int, ...]:
        """The positions of the arguments that a kernel of this rule is for."""
        return next(key[1] for key, made in self.kernels.items() if made.function is function)

    def kernel(
        self, kind: str, tracked: tuple[int, ...], *, scalar: bool, analytic: bool = False, static: bool = False
    ) -> Kernel:
        """The compiled rule, made at its first use; see :func:`chainrule.rules.kernels.compile_kernel`.

        Raises UnknownPartialError where one of the tracked arguments has no formula.
        """
        key = (kind, tracked, scalar, analytic, static)
        made = self.kernels.get(key)
        if made is None:
            for position in tracked:
                if self.partials[position] is UNKNOWN:
                    raise UnknownPartialError(position)
            made = compile_kernel(self, kind, tracked, scalar=scalar, analytic=analytic, static=static)
            self.kernels[key] = made
        return made


@dataclass(frozen=True)
class Structural(Rule):
    """A rule that acts on whole arrays. `operands` leading arguments are differentiated; -1: the first is a sequence.

    `reverse(out, operands, tracked, *args, **kwargs)` gives the pullback: a function from the cotangent of the output
    to a tuple with one cotangent for each tracked operand. `forward(out, operands, tangents, *args, **kwargs)` gives
    the tangent of the output (a tangent of None is zero). `args` and `kwargs` are the call's other arguments. `moves`
    says that every entry of the output is an entry of an operand or a sum of such: then an unused entry stays unused
    under the transpose. `selects` says that some entries may not be used at all, `linear` that the forward rule is the
    function itself. For formulas, `slope(count)` is the derivative of an entry of the output by each of the `count`
    entries that it is made of, where that is one number, and `written` has the cotangents of two factors as products,
    by the factors' numbers of axes. `factored(*operands)` computes the value, too, and returns it with the factors of a
    matrix, which `reverse` and `forward` then get as `factors`; or None where it cannot.
    """

    operands: int
    reverse: Callable[..., Callable[[Any], tuple[Any, ...]]]
    forward: Callable[..., Any]
    moves: bool = False
    selects: bool = False
    source: str = ""
    linear: bool = False
    slope: Callable[[int], Expression] | None = None
    written: Mapping[tuple[int, int], tuple[Product, Product]] = field(default_factory=dict)
    factored: Callable[..., tuple[Any, Any] | None] | None = None

    def value(self, values: Sequence[Any]) -> tuple[Any, dict[str, Any]]:
        """The value of plain or tracked operands, and what `reverse` and `forward` are to be told beside it."""
        found = None if self.factored is None else self.factored(*values)
        return (self.function(*values), {}) if found is None else (found[0], {"factors": found[1]})


@dataclass(frozen=True)
class Composite(Rule):
    """A function defined by other NumPy functions: differentiating it means running `definition`.

    NumPy's own function is run first, on plain values, where the rule `asks`, always or for these arguments: what it
    refuses is refused, and its result says the dtypes and the memory (a view of an argument, rows or columns). Where it
    does not, NumPy's result is a new array. A function that `writes` changes its first argument.
    """

    definition: Function
    asks: bool | Callable[..., bool] = False
    writes: bool = False


@dataclass(frozen=True)
class Piecewise(Rule):
    """A function whose value does not change continuously (argmax, comparisons): its result is not tracked.

    `because` says in a few words why there is no derivative, `of_values` whether the values of the arguments count and
    not their shape, dtype or memory alone.
    """

    because: str = ""
    of_values: bool = True


class Product(NamedTuple):
    """How formulas write a cotangent that is a product: `Product("g", np.matmul, "yᵀ")`.

    The letters are those of the transposes: `g` for the cotangent of the output, `x` and `y` for the factors.
    """

    left: str
    function: Function
    right: str


class Shaped(NamedTuple):
    """The shape and dtype of an operand whose values are not kept."""

    shape: tuple[int, ...]
    dtype: Any

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))


TABLE: dict[Function, Rule] = {}
"""One rule for each function. Filled when `chainrule.rules` is imported; SciPy's functions join it when one is met."""


def find(function: Function) -> Rule | None:
    """The rule of a function, from the table or carried by a user's own function; None where there is none.

    The first ufunc that is not NumPy's brings in the rules of `scipy.special`, if the user has imported that: SciPy is
    never imported for its own sake.
    """
    found = TABLE.get(function)
    if found is None and isinstance(function, np.ufunc) and "scipy.special" in sys.modules:
        importlib.import_module(_SPECIAL)
        found = TABLE.get(function)
    return found or getattr(function, OWN_RULE, None)


def every_rule() -> tuple[Rule, ...]:
    """Every rule of the table, in its order; those of `scipy.special` too where SciPy is installed."""
    if importlib.util.find_spec("scipy"):
        importlib.import_module(_SPECIAL)
    return tuple(TABLE.values())


_SPECIAL = "chainrule.rules.special"
"""The rows that join the table when they are needed: they import SciPy."""

OWN_RULE = "__chainrule_rule__"
"""The attribute in which a function made by `cr.custom` carries its rule: the table itself stays as it is."""



def carry(function: Function, *partials: Any, source: str) -> None:
    """Give a helper that stands in exceptional rows only a rule of its own, outside of the table that readers see."""
    slopes = tuple(None if p is None else expression(p) for p in partials)
    setattr(function, OWN_RULE, Elementwise(function, slopes, slopes, slopes, source=source))


carry(ending, 1, call(ending, np.nan, Symbol("y")), source="by definition")


def rule(
    function: Function,
    *partials: Any,
    computed: Any = None,
    analytic: Any = None,
    domain: Expression | None = None,
    smooth: Expression | None = None,
    at: tuple[At, ...] = (),
    sample: Sequence[Any] = (-2.0, 2.0),
    source: str = "",
    selects: bool = False,
    between_floats: bool = False,
    of_complex: Function | None = None,
) -> None:
    """Write an elementwise function into the table: one partial derivative for each argument, in order.

    `computed` gives the forms that are evaluated where they differ from the ones shown: one expression, or a tuple
    with None for "as shown"; `analytic` those for complex arguments, in the same way. `sample` is an interval for all
    arguments or a tuple of one for each.
    """
    shown = tuple(None if p is None else expression(p) for p in partials)

    def instead(forms: Any) -> tuple[Expression | None, ...]:
        forms = forms if isinstance(forms, tuple) else (forms,) * len(shown)
        return tuple(p if form is None else expression(form) for p, form in zip(shown, forms, strict=True))

    intervals = tuple(sample) if isinstance(sample[0], tuple) else (tuple(sample),) * len(shown)
    smooth = domain if smooth is None else smooth
    forms = (shown, instead(computed), instead(analytic))
    selects = selects or any(form == Constant(0) for form in forms[1])  # a step does not use its argument either
    _write(
        Elementwise(function, *forms, domain, smooth, at, intervals, source, selects, between_floats, of_complex)
    )


def linear(
    function: Function,
    transpose: Callable[..., Any],
    *,
    moves: bool = True,
    selects: bool = False,
    source: str = "",
    slope: Callable[[int], Any] | None = None,
) -> None:
    """Write a function that is linear in its first argument: `transpose(g, x, *args, **kwargs)` is its transpose.

    `g` is the cotangent of the output, `x` the :class:`Shaped` operand, the rest are the call's other arguments. The
    transpose may return anything that broadcasts to the shape of `x`. `moves=False` says that entries are mixed with
    weights other than 1, so unused entries cannot be followed through it; `selects` that entries may be left out.
    `slope`: see :class:`Structural`.
    """

    def reverse(out: Any, operands: Any, tracked: Any, *args: Any, **kwargs: Any) -> Any:
        x = Shaped(shape_of(operands[0]), operands[0].dtype)
        return lambda g: (transpose(g, x, *args, **kwargs),)

    def forward(out: Any, operands: Any, tangents: Any, *args: Any, **kwargs: Any) -> Any:
        return lazy_form(function, tangents)(tangents[0], *args, **kwargs)

    shown = None if slope is None else lambda count: expression(slope(count))
    _write(Structural(function, 1, reverse, forward, moves, selects, source, linear=True, slope=shown))


def bilinear(
    function: Function,
    transposes: tuple[Callable[..., Any], Callable[..., Any]],
    *,
    written: Mapping[tuple[int, int], tuple[Product, Product]] | None = None,
    source: str = "",
) -> None:
    """Write a function that is linear in each of its first two arguments.

    `transposes[0](g, x, y, *args, **kwargs)` is the cotangent of the first, with `x` only :class:`Shaped`;
    `transposes[1](g, x, y, *args, **kwargs)` is that of the second, with `y` only shaped. `written` says the same for
    formulas; see :class:`Structural`.
    """

    def reverse(out: Any, operands: Any, tracked: Any, *args: Any, **kwargs: Any) -> Any:
        x, y = operands
        if tracked == (0,):
            left = Shaped(x.shape, x.dtype)
            return lambda g: (transposes[0](g, left, y, *args, **kwargs),)
        right = Shaped(y.shape, y.dtype)
        if tracked == (1,):
            return lambda g: (transposes[1](g, x, right, *args, **kwargs),)
        left = Shaped(x.shape, x.dtype)
        return lambda g: (transposes[0](g, left, y, *args, **kwargs), transposes[1](g, x, right, *args, **kwargs))

    def forward(out: Any, operands: Any, tangents: Any, *args: Any, **kwargs: Any) -> Any:
        (x, y), (dx, dy) = operands, tangents
        product = lazy_form(function, (x, y, dx, dy))
        if dy is None:
            return product(dx, y, *args, **kwargs)
        if dx is None:
            return product(x, dy, *args, **kwargs)
        return product(dx, y, *args, **kwargs) + product(x, dy, *args, **kwargs)

    _write(Structural(function, 2, reverse, forward, False, False, source, written=written or {}))


def explicit(
    function: Function,
    operands: int,
    reverse: Callable[..., Any],
    forward: Callable[..., Any],
    *,
    moves: bool = False,
    selects: bool = False,
    source: str = "",
    linear: bool = False,
    factored: Callable[..., tuple[Any, Any] | None] | None = None,
) -> None:
    """Write a function whose forward and reverse rules are given; see :class:`Structural`."""
    _write(Structural(function, operands, reverse, forward, moves, selects, source, linear, factored=factored))


def composite(
    function: Function, definition: Function, *, asks: bool | Callable[..., bool] = False, writes: bool = False
) -> None:
    """Write a function that other NumPy functions define; `definition` takes the same arguments.

    `asks` and `writes`: see :class:`Composite`.
    """
    _write(Composite(function, definition, asks, writes))


def constant(*functions: Function, because: str = "", of_values: bool = True) -> None:
    """Write functions whose results are not tracked: comparisons, shapes, positions; see :class:`Piecewise`."""
    for function in functions:
        _write(Piecewise(function, because, of_values))


def _write(made: Rule) -> None:
    """One function, one rule: NumPy has several names for some functions (permute_dims is transpose)."""
    if made.function in TABLE:
        raise ValueError(f"np.{made.name} has a rule already")
    TABLE[made.function] = made


def as_array(value: Any) -> Any:
    """A list or tuple of numbers as an array; anything else, tracked or not, as it is."""
    return np.asarray(value) if isinstance(value, (list, tuple)) else value


def as_full(value: Any) -> Any:
    """Anything untracked as an array, so that Python's numbers count as int64, float64 or complex128."""
    return value if hasattr(value, "__array_ufunc__") else np.asarray(value)


def in_dtype(value: Any, dtype: Any) -> Any:
    """`value`, tracked or not, in `dtype`; of a complex value a real dtype takes the real part."""
    value = as_full(value)
    if value.dtype == dtype:
        return value
    if value.dtype.kind == "c" and np.dtype(dtype).kind != "c":
        value = np.real(value)
    return value.astype(dtype)


def both_in(dtype: Any, left: Any, right: Any) -> tuple[Any, Any]:
    """Two operands as arrays, in `dtype` if one is asked for: that in which a ufunc computes."""
    return (as_full(left), as_full(right)) if dtype is None else (in_dtype(left, dtype), in_dtype(right, dtype))


def takes_dtype(*args: Any, dtype: Any = None, **options: Any) -> bool:
    """Whether a call names a dtype: which of them can be, NumPy says."""
    return dtype is not None


def dtype_of(value: Any) -> np.dtype[Any]:
    """The dtype of a scalar, array or tracked array."""
    dtype: np.dtype[Any] = value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype
    return dtype
