"""Write docs/coverage.md and docs/coverage_scipy.md: every public function of NumPy and SciPy, and what becomes of it.

    python docs/coverage.py           write the pages
    python docs/coverage.py --check   exit with 1 if a page is not what the table says

The pages are read off the table of rules and chainrule.scipy; nothing about a function with a rule is written here.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import scipy.special
import scipy.stats

import chainrule.scipy.special
import chainrule.scipy.stats
from chainrule.formula.expression import Expression
from chainrule.rules import TABLE, UNKNOWN, Composite, Elementwise, Piecewise, Structural

PAGE = Path(__file__).with_name("coverage.md")
SCIPY_PAGE = Path(__file__).with_name("coverage_scipy.md")
LONGEST = 120
NAMESPACES = (("np", np), ("np.linalg", np.linalg), ("np.fft", np.fft))

WITHOUT_A_RULE = {
    "makes an array of plain values; a tracked value raises TrackingError (join tracked values with np.stack)": (
        "arange",
        "array",
        "asanyarray",
        "asarray",
        "asarray_chkfinite",
        "ascontiguousarray",
        "asfortranarray",
        "asmatrix",
        "bartlett",
        "blackman",
        "bmat",
        "empty",
        "eye",
        "from_dlpack",
        "frombuffer",
        "fromiter",
        "fromregex",
        "full",
        "hamming",
        "hanning",
        "identity",
        "indices",
        "kaiser",
        "linalg.LinAlgError",
        "ones",
        "require",
        "tri",
        "zeros",
        "mask_indices",
        "diag_indices",
        "tril_indices",
        "triu_indices",
        "fft.rfftfreq",
    ),
    "works as it is: it calls functions that have rules": (
        "fromfunction",
        "fft.fftfreq",
        "row_stack",
        "broadcast_shapes",
        "iterable",
    ),
    "not yet: it makes a function of Python objects, which NumPy's protocols do not reach; raises NoRuleError": (
        "frompyfunc",
    ),
    "reads or writes files": (
        "fromfile",
        "fromstring",
        "genfromtxt",
        "load",
        "loadtxt",
        "save",
        "savetxt",
        "savez",
        "savez_compressed",
    ),
    "acts on dates": ("busday_count", "busday_offset", "datetime_as_string", "datetime_data", "is_busday"),
    "makes text, or answers a question about NumPy itself": (
        "base_repr",
        "binary_repr",
        "format_float_positional",
        "format_float_scientific",
        "get_include",
        "get_printoptions",
        "getbufsize",
        "geterr",
        "geterrcall",
        "info",
        "isdtype",
        "isfortran",
        "isscalar",
        "issubdtype",
        "mintypecode",
        "nested_iters",
        "printoptions",
        "promote_types",
        "set_printoptions",
        "setbufsize",
        "seterr",
        "seterrcall",
        "show_config",
        "show_runtime",
        "typename",
        "test",
    ),
}
"""The functions for which there is no rule, by what happens instead."""


def public(namespace: Any) -> dict[Any, list[str]]:
    """The public functions of a namespace, each with its names in alphabetical order."""
    found: dict[Any, list[str]] = {}
    for name in sorted(namespace.__all__):
        value = getattr(namespace, name, None)
        if callable(value) and not isinstance(value, type):
            found.setdefault(value, []).append(name)
    return found


def status(function: Any, name: str) -> tuple[str, str]:
    """What chainrule does with a function: (kind, remark). Raises LookupError where nobody has said."""
    rule = TABLE.get(function)
    if isinstance(rule, Elementwise):
        return "rule", "; ".join("—" if p is None or p is UNKNOWN else _code(p) for p in rule.partials)
    if isinstance(rule, Structural):
        return "rule", rule.source or "linear: the forward rule is the function itself"
    if isinstance(rule, Composite):
        return "composite", "by the functions that define it"
    if isinstance(rule, Piecewise):
        return "not differentiable", rule.because
    for remark, names in WITHOUT_A_RULE.items():
        if name in names:
            kind = "not yet" if remark.startswith("not yet") else "works" if remark.startswith("works") else "no rule"
            return kind, remark.removeprefix("not yet: ")
    raise LookupError(f"np.{name} is neither in the table nor in the list of functions without a rule")


def _code(partial: Expression) -> str:
    formula = repr(partial).removeprefix("Expression(").removesuffix(")")
    return "a formula too long for this page" if len(formula) > LONGEST else f"`{formula}`".replace("|", "\\|")


def rows() -> list[tuple[str, str, str]]:
    """One (names, kind, remark) for each public function."""
    made, seen = [], set()
    for prefix, namespace in NAMESPACES:
        for function, names in public(namespace).items():
            if function in seen:
                continue
            seen.add(function)
            short = names[0] if prefix == "np" else f"{prefix[3:]}.{names[0]}"
            kind, remark = status(function, short)
            made.append((", ".join(f"`{prefix}.{name}`" for name in names), kind, remark))
    return made


def special_rows() -> list[tuple[str, str, str]]:
    """One (name, kind, remark) for each special function: SciPy's ufuncs, and the functions of `chainrule.scipy`."""
    made = []
    for name, ufunc in sorted(vars(scipy.special).items()):
        if isinstance(ufunc, np.ufunc) and ufunc.__name__ == name:
            found = status(ufunc, name) if ufunc in TABLE else ("not yet", "raises NoRuleError")
            made.append((f"`scipy.special.{name}`", *found))
    for name in chainrule.scipy.special.__all__:
        function = getattr(chainrule.scipy.special, name)
        function = function if function in TABLE else getattr(function, "__wrapped__", function)
        found = status(function, name) if function in TABLE else ("composite", "by the functions that define it")
        made.append((f"`chainrule.scipy.special.{name}`", *found))
    return made


SCIPY_MODULES = (
    "fft", "integrate", "interpolate", "linalg", "ndimage", "optimize", "signal", "sparse.linalg", "spatial.distance",
)  # fmt: skip


def scipy_functions(module: str) -> list[str]:
    """The public functions and classes of one of SciPy's modules, without its errors, warnings and modules."""
    theirs = importlib.import_module(f"scipy.{module}")
    names = [name for name in theirs.__all__ if callable(getattr(theirs, name))]
    kinds = (Exception, Warning)
    return [n for n in names if not (isinstance(getattr(theirs, n), type) and issubclass(getattr(theirs, n), kinds))]


def scipy_status(module: str, name: str) -> tuple[str, str]:
    """What chainrule.scipy does with a function: (kind, remark)."""
    ours = importlib.import_module(f"chainrule.scipy.{module}")
    if name not in ours.__all__:
        return "SciPy's own", "no derivative here: of tracked values it raises"
    rule = TABLE.get(getattr(ours, name))
    if isinstance(rule, Structural):
        return "rule", rule.source or "linear: the forward rule is the function itself"
    if isinstance(rule, Composite):
        return "composite", "by the functions that define it"
    said = (getattr(ours, name).__doc__ or "").split("\n\n")[0].replace("\n", " ").replace("    ", "")
    return "solver", said.replace("|", "\\|").replace(":func:", "").replace(":class:", "")


def distribution_rows() -> list[tuple[str, str, str]]:
    """One (name, methods, figures) for each distribution of scipy.stats that chainrule.scipy.stats has."""
    made = []
    for name in sorted(chainrule.scipy.stats.__all__):
        own = getattr(chainrule.scipy.stats, name)
        if hasattr(own, "points"):
            figures = [f for f in own.figures if getattr(own, f"_{'var' if f == 'std' else f}") is not None]
            made.append((f"`{name}`", ", ".join((*own.points, *own.quantiles)), ", ".join(figures) or "—"))
        elif hasattr(own, "_methods"):
            made.append((f"`{name}`", ", ".join(own._methods), "—"))
    return made


def distributions() -> list[str]:
    """The names of SciPy's distributions of numbers."""
    kinds = (scipy.stats.rv_continuous, scipy.stats.rv_discrete)
    return [name for name in scipy.stats.__all__ if isinstance(getattr(scipy.stats, name), kinds)]


def scipy_page() -> str:
    """The text of the page on SciPy."""
    tables = {module: [(n, *scipy_status(module, n)) for n in scipy_functions(module)] for module in SCIPY_MODULES}
    own = {module: sum(kind != "SciPy's own" for _, kind, _ in table) for module, table in tables.items()}
    of_stats, every = distribution_rows(), distributions()
    known = sum(row[0].strip("`") in every for row in of_stats)
    lines = [
        "# What chainrule does with each function of SciPy",
        "",
        "This page is written by `python docs/coverage.py`, with the SciPy installed, from the table of rules and from "
        "`chainrule.scipy`.",
        "",
        "`chainrule.scipy` has SciPy's modules under their names: `from chainrule.scipy import stats, linalg`. Values "
        "are SciPy's; what has no derivative falls through to SciPy, and raises where it meets a tracked value. "
        "Solvers differentiate by what is in `args` and by what the user's function captures. The "
        "[special functions](coverage.md#special-functions-of-scipy) are on NumPy's page: the ufuncs need no wrapper.",
        "",
        "| module | with derivatives | public functions |",
        "|---|---|---|",
        *(f"| `scipy.{module}` | {own[module]} | {len(table)} |" for module, table in tables.items()),
        f"| `scipy.stats`, distributions of numbers | {known} | {len(every)} |",
        "",
    ]
    for module, table in tables.items():
        lines += [f"## scipy.{module}", "", "| function | kind | derivative, or why there is none |", "|---|---|---|"]
        lines += [f"| `{name}` | {kind} | {remark} |" for name, kind, remark in table if kind != "SciPy's own"]
        rest = [f"`{name}`" for name, kind, _ in table if kind == "SciPy's own"]
        lines += ["", f"SciPy's own, without a derivative: {', '.join(rest) or 'none'}.", ""]
    of_samples = [f"`{n}`" for n in sorted(chainrule.scipy.stats.__all__) if f"`{n}`" not in {r[0] for r in of_stats}]
    missing = [f"`{name}`" for name in every if f"`{name}`" not in {row[0] for row in of_stats}]
    lines += [
        "## scipy.stats", "", "| distribution | methods | figures in closed form |", "|---|---|---|",
        *(f"| {name} | {methods} | {figures} |" for name, methods, figures in of_stats), "",
        "All take `loc` and `scale` as SciPy's do, and can be frozen: `norm(m, s).logpdf(x)`. `median`, `interval`, "
        f"`stats` and `support` follow. SciPy's own, without a derivative: {', '.join(missing)}.", "",
        f"Functions of samples, which run SciPy's own code: {', '.join(of_samples)}.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def page() -> str:
    """The text of the page on NumPy and the special functions."""
    table, special = rows(), special_rows()
    missing = sum(kind == "not yet" for _, kind, _ in special)
    kinds = ("rule", "composite", "works", "not differentiable", "no rule", "not yet")
    counts = {kind: sum(row[1] == kind for row in table) for kind in kinds}
    lines = [
        "# What chainrule does with each function of NumPy",
        "",
        "This page is written by `python docs/coverage.py` from the table of rules.",
        "",
        f"Of {len(table)} public functions of `np`, `np.linalg` and `np.fft`, {counts['rule']} have a rule, "
        f"{counts['composite']} are differentiated through the functions that define them, {counts['works']} work as "
        f"they are, and {counts['not differentiable']} have no derivative, because their results do not change "
        f"continuously. {counts['no rule']} take no tracked values: they make constants, texts and files, and say so "
        f"with an error. {counts['not yet']} cannot be followed yet. No function loses a derivative silently.",
        "",
        "`np.vectorize` and `np.r_`, `np.c_` are classes that make plain arrays: use the function itself, "
        "which acts on arrays, and `np.concatenate`. Arguments `out=` raise an error, `where=` and `initial=` work. "
        "In the formulas, `x`, `y`, `z` are the arguments in their order and `out` is the function's value.",
        "",
        "| function | kind | derivative, or why there is none |",
        "|---|---|---|",
        *(f"| {names} | {kind} | {remark} |" for names, kind, remark in table),
        "",
        "## Special functions of SciPy",
        "",
        f"Of {len(special)} functions, {missing} cannot be followed yet. A — stands for an argument by which no "
        "formula is known, such as most orders: to differentiate by it is an error. SciPy's functions that are written "
        "in Python make plain arrays of their arguments; `chainrule.scipy.special` has some of them.",
        "",
        "| function | kind | derivative, or why there is none |",
        "|---|---|---|",
        *(f"| {names} | {kind} | {remark} |" for names, kind, remark in special),
        "",
    ]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Write the pages, or check them."""
    pages = {PAGE: page(), SCIPY_PAGE: scipy_page()}
    if "--check" in arguments:
        old = [path.name for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]
        for name in old:
            print(f"docs/{name} is not what the table says; run python docs/coverage.py", file=sys.stderr)
        return 1 if old else 0
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
