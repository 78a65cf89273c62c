"""Every option of every function of NumPy, with several values each, alone and together: the value and the derivative.

Values, dtypes, shapes and memory are compared with plain NumPy's, derivatives with differences of plain NumPy's values.
That every option is tried, and that it does something there, is a test of its own.
"""

from __future__ import annotations

import itertools
import warnings
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import NoRuleError
from chainrule.rules import TABLE, Elementwise
from tests.rules.alike import difference, parts
from tests.rules.alike_calls import FUNCTIONS, UNCERTAIN
from tests.rules.option_samples import NO_EFFECT, SAMPLES, TEXT, UNTRIED, WITHOUT_RULE, Sample, parameters

COMBINATIONS = 6
"""So many calls of each sample have options drawn at random, beside those that try one value of one option each."""

Options = dict[str, Any]


def name_of(function: Any) -> str:
    return f"{getattr(function, '__module__', '')}.{function.__name__}"


NAMES = sorted({name_of(sample.of) for sample in SAMPLES})


def samples_of(name: str) -> list[Sample]:
    return [sample for sample in SAMPLES if name_of(sample.of) == name]


def quietly(function: Any, *operands: Any, **options: Any) -> Any:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return function(*operands, **options)


def taken(sample: Sample, options: Options) -> bool:
    """Whether NumPy takes the call."""
    try:
        quietly(sample.function, *fresh(sample.operands), **fresh(options))
    except Exception:
        return False
    return True


def fresh(tree: Any) -> Any:
    """The same with new arrays."""
    if isinstance(tree, dict):
        return {key: fresh(value) for key, value in tree.items()}
    if type(tree) in (list, tuple):
        return type(tree)(fresh(part) for part in tree)
    return tree.copy() if isinstance(tree, np.ndarray) else tree


def calls_of(sample: Sample, seed: int) -> list[Options]:
    """Options to call a sample with: none, each value of each option, some at random, as far as NumPy takes them."""
    random = np.random.default_rng(seed)

    def drawn(chance: float) -> Options:
        chosen = {key: values for key, values in sample.options.items() if random.random() < chance}
        return {key: values[random.integers(len(values))] for key, values in chosen.items()}

    made: list[Options] = [{}] if taken(sample, {}) else []
    for key, values in sample.options.items():
        for value in values:
            tries: Iterator[Options] = ({**drawn(chance), key: value} for chance in (0.0, 0.3, 0.5, *[0.8] * 30))
            made += next(([options] for options in tries if taken(sample, options)), [])
    together = (drawn(0.6) for _ in range(4 * COMBINATIONS)) if len(sample.options) > 1 else iter(())
    return made + [options for options in together if taken(sample, options)][:COMBINATIONS]


class Flat(NamedTuple):
    """A call as a function of the arrays in it that are differentiated."""

    function: Any
    arrays: tuple[Any, ...]
    constants: list[Any]

    def again(self, move: float = 0.0, directions: Any = ()) -> list[Any]:
        """The arrays anew, each in its layout, moved along directions."""
        steps = directions or [0.0] * len(self.arrays)
        return [in_layout(a + move * d, layout_of(a)) for a, d in zip(self.arrays, steps, strict=True)]


def flat(sample: Sample, options: Options, random: np.random.Generator) -> Flat:
    """The call, each array in a layout of its own; arrays among the options are differentiated in half of the calls."""
    arrays: list[Any] = []
    constants: list[Any] = []

    def taken_apart(tree: Any, tracked: bool) -> Any:
        if (isinstance(tree, np.ndarray) and tree.dtype.kind in "fc") or isinstance(tree, np.float64):
            if tracked:
                arrays.append(in_layout(tree, int(random.integers(4))))
                return len(arrays) - 1, "place"
            constants.append(fresh(tree))
            return constants[-1]
        if type(tree) in (list, tuple):
            return type(tree)(taken_apart(part, tracked) for part in tree)
        return fresh(tree)

    operands = taken_apart(sample.operands, True)
    chosen = {key: taken_apart(value, random.random() < 0.5) for key, value in options.items()}

    def put_together(tree: Any, values: Any) -> Any:
        if isinstance(tree, tuple) and len(tree) == 2 and isinstance(tree[1], str) and tree[1] == "place":
            return values[tree[0]]
        if type(tree) in (list, tuple):
            return type(tree)(put_together(part, values) for part in tree)
        return tree

    def function(*values: Any, **more: Any) -> Any:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            given = {key: put_together(value, values) for key, value in chosen.items()}
            return sample.function(*put_together(operands, values), **given, **more)

    return Flat(function, tuple(arrays), constants)


def in_layout(x: Any, layout: int) -> Any:
    """The numbers of `x` in one of four layouts of memory: rows, columns, backwards, with gaps."""
    if not isinstance(x, np.ndarray) or not x.ndim or layout == 0:
        return x.copy() if isinstance(x, np.ndarray) else x
    if layout == 1:
        return x.copy(order="F")
    return x[::-1].copy()[::-1] if layout == 2 else np.repeat(x, 2, axis=-1)[..., ::2]


def layout_of(x: Any) -> int:
    """The layout of an array that :func:`in_layout` has made."""
    if not isinstance(x, np.ndarray) or x.flags.c_contiguous:
        return 0
    return 1 if x.flags.f_contiguous else 2 if x.strides[0] < 0 else 3


def leaves(result: Any) -> list[Any]:
    """The numbers of a result that can have a derivative."""
    found = result if isinstance(result, (tuple, list)) else [result]
    found = [leaf for part in found for leaf in (leaves(part) if isinstance(part, (tuple, list)) else [part])]
    return [leaf for leaf in found if (hasattr(leaf, "dtype") and leaf.dtype.kind in "fc") or isinstance(leaf, float)]


def like(array: Any, random: np.random.Generator) -> Any:
    made = random.normal(size=np.shape(array))
    return made + 1j * random.normal(size=np.shape(array)) if np.iscomplexobj(array) else made


def inner(one: list[Any], other: list[Any]) -> float:
    return float(sum(np.real(np.sum(np.asarray(a) * b)) for a, b in zip(one, other, strict=True)))


def check(sample: Sample, options: Options, number: int, random: np.random.Generator) -> None:
    """One call: its value in both modes, its derivative, and that nothing written to afterwards changes it."""
    made = flat(sample, options, random)
    seen: list[Any] = []

    def numbers(*values: Any) -> list[Any]:
        result = made.function(*values)
        seen.append(parts(result))
        return leaves(result)

    def slope(h: float) -> list[Any]:
        ends = [leaves(made.function(*made.again(k * h, directions))) for k in (1, -1)]
        with np.errstate(invalid="ignore"):  # of infinite entries
            return [np.asarray(a - b) / (2 * h) for a, b in zip(*ends, strict=True)]

    expected = parts(made.function(*made.again()))
    directions = [like(array, random) for array in made.arrays]
    if number % 3 == 2:
        directions = [d * (random.random(np.shape(d)) < 0.4) for d in directions]
    arguments = made.again()
    value, pullback = cr.vjp(numbers, *arguments)
    pushed = cr.jvp(numbers, made.again(), [d.astype(a.dtype) for d, a in zip(directions, made.arrays, strict=True)])[1]
    for found in seen:
        assert difference(expected, found) == ""
    weights = [like(part, random).astype(part.dtype)[()] for part in value]
    if number % 3 == 1 and weights and weights[0].size:
        weights[0] = weights[0] * (np.arange(weights[0].size).reshape(weights[0].shape) == number % weights[0].size)
    pulled = pullback(weights)
    single = options.get("dtype") in ("f", "F") or any(
        part.dtype.itemsize <= 4 * (1 + (part.dtype.kind == "c")) for part in value
    )
    for array, part in zip(made.arrays, pulled, strict=True):
        assert (np.shape(part), part.dtype) == (np.shape(array), array.dtype)
    if sample.smooth:
        h = 1e-3 if single else 1e-5
        slopes = slope(h)
        size = max([1.0, *(float(np.max(np.abs(s), initial=0.0, where=np.isfinite(s))) for s in slopes)])
        size += sum(float(np.max(np.abs(p), initial=0.0, where=np.isfinite(p))) for p in value) / 10 * single
        for found, expected in zip(pushed, slopes, strict=True):
            usual = np.isfinite(expected)
            np.testing.assert_allclose(
                np.asarray(found)[usual], expected[usual], rtol=0, atol=(3e-3 if single else 1e-6) * size
            )
    left, right = inner(weights, pushed), inner(list(pulled), directions)
    if np.isfinite(left):
        size = sum(float(np.sum(np.abs(g * p))) for g, p in zip(weights, pushed, strict=True))
        assert abs(left - right) <= (1e-4 if single else 1e-9) * (size + 1.0), (left, right)
    if sample.smooth and number % 6 == 0 and not single:
        check_second(numbers, made, weights, directions)
    given = [part for part in (*arguments, *made.constants, *weights, *value) if isinstance(part, np.ndarray)]
    once, cotangents = [np.copy(part) for part in pulled], fresh(weights)
    for position, part in enumerate(pulled):
        assert not any(np.shares_memory(part, other) for other in (*given, *pulled[:position]))
    for array in (*given, *pulled):
        if isinstance(array, np.ndarray):
            array[...] = np.nan
    for again, part in zip(pullback(cotangents), once, strict=True):
        np.testing.assert_array_equal(again, part)


def check_second(numbers: Any, made: Flat, weights: Any, directions: Any) -> None:
    """The derivative of the pullback is the quotient of differences between pullbacks nearby."""

    def pulled(*values: Any) -> list[Any]:
        return list(cr.vjp(numbers, *values)[1](fresh(weights)))

    h = 1e-5
    high, low = (pulled(*made.again(k * h, directions)) for k in (1, -1))
    steps = [d.astype(a.dtype) for d, a in zip(directions, made.arrays, strict=True)]
    with np.errstate(all="ignore"):
        found = cr.jvp(pulled, made.again(), steps)[1]
        quotients = [np.asarray(a - b) / (2 * h) for a, b in zip(high, low, strict=True)]
    size = max([1.0, *(float(np.max(np.abs(q), initial=0.0, where=np.isfinite(q))) for q in (*quotients, *high))])
    for one, expected in zip(found, quotients, strict=True):
        usual = np.isfinite(expected)
        np.testing.assert_allclose(np.asarray(one)[usual], expected[usual], rtol=0, atol=1e-6 * size)


@pytest.mark.parametrize("name", NAMES)
def test_every_option_of_a_function_has_numpy_s_value_and_its_derivative(name: str) -> None:
    for sample in samples_of(name):
        random = np.random.default_rng(zlib.crc32(name.encode()))
        for number, options in enumerate(calls_of(sample, zlib.crc32(name.encode()))):
            try:
                check(sample, options, number, random)
            except NoRuleError:
                assert {f"{key} of {sample.of.__name__}" for key in options} & WITHOUT_RULE, options
            except Exception as error:
                error.add_note(f"{name} with {options}")
                raise


MOST_OF_A_PAIR = 24


def pairs_of_options(sample: Sample) -> Iterator[Options]:
    """Two options with some of their values; where one is an axis, once more with axes that are kept."""
    for one, other in itertools.combinations(sample.options, 2):
        pairs = list(itertools.product(sample.options[one], sample.options[other]))
        for values in pairs[:: -(-len(pairs) // MOST_OF_A_PAIR)]:
            options = dict(zip((one, other), values, strict=True))
            yield options
            if "axis" in options and "keepdims" in sample.options and "keepdims" not in options:
                yield {**options, "keepdims": True}


@pytest.mark.parametrize("name", NAMES)
def test_two_options_together_give_numpy_s_value(name: str) -> None:
    for sample in samples_of(name):
        arrays = [a for a in sample.operands if isinstance(a, np.ndarray) and a.dtype.kind in "fc"]
        for options in pairs_of_options(sample) if arrays else ():
            try:
                expected = parts(quietly(sample.function, *fresh(sample.operands), **fresh(options)))
            except Exception:
                continue  # NumPy does not take it
            found: list[Any] = []

            def moving(*arrays: Any, sample: Any = sample, options: Any = options, found: Any = found) -> Any:
                left = iter(arrays)
                tracked = (isinstance(a, np.ndarray) and a.dtype.kind in "fc" for a in sample.operands)
                given = [next(left) if t else fresh(a) for t, a in zip(tracked, sample.operands, strict=True)]
                found.append(parts(quietly(sample.function, *given, **fresh(options))))
                return arrays[0]

            try:
                cr.jvp(moving, fresh(tuple(arrays)), tuple(map(np.zeros_like, arrays)))
            except NoRuleError:
                assert {f"{key} of {sample.of.__name__}" for key in options} & WITHOUT_RULE, options
                continue
            assert difference(expected, found[0]) == "", options


def test_numpy_takes_calls_of_every_sample() -> None:
    made = [len(calls_of(sample, number)) for number, sample in enumerate(SAMPLES)]
    assert min(made) > 0
    assert sum(made) > 5000


WRITTEN = [s for s in SAMPLES if s.function is s.of and any(p.name == "out" for p in parameters(s.of))]


def test_a_result_written_into_a_tracked_array_is_numpy_s_and_has_the_derivative_of_the_result() -> None:
    compared = 0
    for number, sample in enumerate(WRITTEN):
        random = np.random.default_rng(number)
        for options in calls_of(sample, number)[::2]:
            if "dtype" in options or {f"{key} of {sample.of.__name__}" for key in options} & WITHOUT_RULE:
                continue
            expected = quietly(sample.function, *fresh(sample.operands), **fresh(options))
            if not isinstance(expected, np.ndarray) or expected.dtype.kind not in "fc" or not expected.ndim:
                continue
            made = flat(sample, options, random)

            def written(*values: Any, made: Flat = made, like: Any = expected) -> Any:
                out = np.zeros_like(like) + (0 * np.real(np.ravel(values[0])[0])).astype(like.dtype)
                returned = made.function(*values, out=out)
                assert returned is out
                return out

            def plain(*values: Any, made: Flat = made) -> Any:
                return made.function(*values)

            value, pullback = cr.vjp(written, *made.again())
            usual, pull = cr.vjp(plain, *made.again())
            np.testing.assert_array_equal(value, usual)
            g = like(value, random).astype(value.dtype)
            for found, wanted in zip(pullback(g), pull(g), strict=True):
                np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-13)
            compared += 1
    assert compared > 300


WITH_OPTIONS = sorted({f for f in [*FUNCTIONS, *UNCERTAIN] if f in TABLE and any(parameters(f))} - {*TEXT}, key=name_of)


def layouts(result: Any, arguments: Any) -> list[Any]:
    """How the arrays of a result lie in memory, and whether it is an argument's; lengths of one have no stride."""
    arrays = [part[1] for part in result if isinstance(part[1], np.ndarray)]
    strides = [[s for s, n in zip(a.strides, a.shape, strict=True) if n > 1] if a.size else [] for a in arrays]
    return [strides, [any(np.shares_memory(a, b) for b in arguments) for a in arrays]]


def effective(function: Any) -> dict[str, bool]:
    """The options that are tried in the samples of a function, and whether one of their values changes the result."""
    found: dict[str, bool] = {}
    for sample in SAMPLES:
        if sample.of is not function:
            continue
        for options in calls_of(sample, zlib.crc32(name_of(function).encode())):
            given = fresh(sample.operands)
            result = parts(quietly(sample.function, *given, **fresh(options)))
            for key in options:
                others = {k: v for k, v in options.items() if k != key}
                if not found.setdefault(key, False):
                    again = fresh(sample.operands)
                    found[key] = not taken(sample, others) or differs(
                        parts(quietly(sample.function, *again, **fresh(others))), again, result, given
                    )
    return found


def differs(one: Any, of_one: Any, other: Any, of_other: Any) -> bool:
    arrays = [[a for a in operands if isinstance(a, np.ndarray)] for operands in (of_one, of_other)]
    return bool(difference(one, other)) or layouts(one, arrays[0]) != layouts(other, arrays[1])


@pytest.mark.parametrize("function", WITH_OPTIONS, ids=name_of)
def test_every_option_in_numpy_s_signature_is_tried_and_changes_the_result(function: Any) -> None:
    tried = effective(function)
    offered = {key for sample in SAMPLES if sample.of is function for key in sample.options}
    for parameter in parameters(function):
        names = {parameter.name, f"{parameter.name} of {function.__name__}"}
        if parameter.kind is parameter.VAR_KEYWORD and not names & {*UNTRIED}:  # options of the function that it calls
            assert offered - {p.name for p in parameters(function)}
        if parameter.default is parameter.empty or names & {*UNTRIED}:
            continue  # what NumPy needs is in every call
        of_ufunc = isinstance(function, np.ufunc) and parameter.name == "where"
        if of_ufunc and (function.nout > 1 or not isinstance(TABLE[function], Elementwise)):
            continue  # what it leaves out is undefined, and there is no out= for it here
        assert parameter.name in offered
        if parameter.name in tried:
            assert tried[parameter.name] or names & {*NO_EFFECT}, parameter.name
        else:
            assert isinstance(function, np.ufunc), parameter.name  # of a ufunc's options NumPy may take no value at all
