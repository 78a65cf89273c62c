"""Write errors.md, the page of common mistakes: `python docs/errors.py`.

Each mistake is a small program. The page shows it, the message that it really gives, and the program that works;
`tests/test_errors.py` runs both and checks that the message names the line marked with ←, the cause and the remedy.
"""

from __future__ import annotations

import linecache
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

import chainrule.errors

PAGE = Path(__file__).with_name("errors.md")
FILE = "model.py"
MARK = "# ←"
HEADER = "import math\nimport numpy as np\nimport chainrule as cr\n\n"


@dataclass(frozen=True)
class Mistake:
    """A mistake: its program with one line marked, words of the cause and of the remedy, the program put right."""

    title: str
    code: str
    kind: type[Exception]
    cause: str
    remedy: str
    right: str

    @property
    def line(self) -> int:
        """The number of the marked line."""
        return 1 + next(i for i, line in enumerate((HEADER + self.code).splitlines()) if MARK in line)

    def error(self) -> Exception:
        """The error that the program raises."""
        text = HEADER + self.code
        linecache.cache[FILE] = (len(text), None, text.splitlines(keepends=True), FILE)  # errors quote the line
        try:
            exec(compile(HEADER + self.code, FILE, "exec"), {"__name__": "model"})
        except self.kind as error:
            return error
        raise AssertionError(f"{self.title}: no error")

    def run_right(self) -> None:
        """Run the program that works."""
        exec(compile(HEADER + self.right, FILE, "exec"), {"__name__": "model"})


_e = chainrule.errors
MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        "A function of `math`",
        "def f(x):\n    return math.sin(x) * x  # ←\n\ncr.grad(f)(1.0)",
        _e.TrackingError, "math.sin()", "np.sin instead of math.sin",
        "def f(x):\n    return np.sin(x) * x\n\ncr.grad(f)(1.0)",
    ),
    Mistake(
        "`float(x)`",
        "def f(x):\n    scale = float(x)  # ←\n    return scale * x\n\ncr.grad(f)(1.0)",
        _e.TrackingError, "would lose the derivative", "cr.stop_gradient(v)",
        "def f(x):\n    scale = cr.stop_gradient(x)\n    return scale * x\n\ncr.grad(f)(1.0)",
    ),
    Mistake(
        "`int(x)`",
        "def f(x):\n    return x - int(x)  # ←\n\ncr.grad(f)(1.5)",
        _e.TrackingError, "int()", "np.floor or np.trunc",
        "def f(x):\n    return x - np.trunc(x)\n\ncr.grad(f)(1.5)",
    ),
    Mistake(
        "A vector as the result under `grad`",
        "def f(x):  # ←\n    return np.sin(x)\n\ncr.grad(f)(np.ones(2))",
        _e.ShapeError, "needs a scalar result, but f returned shape (2,)", "cr.jacobian, or sum the result",
        "def f(x):\n    return np.sum(np.sin(x))\n\ncr.grad(f)(np.ones(2))",
    ),
    Mistake(
        "Several results under `grad`",
        "def f(x):  # ←\n    return x**2, x\n\ncr.grad(f)(1.0)",
        _e.ShapeError, "f returned a tuple", "has_aux=True",
        "def f(x):\n    return x**2, x\n\ncr.grad(f, has_aux=True)(1.0)",
    ),
    Mistake(
        "A complex result under `grad`",
        "def f(x):  # ←\n    return np.exp(1j * x)\n\ncr.grad(f)(1.0)",
        _e.NotDifferentiableError, "needs a real result", "np.real, np.imag or np.abs",
        "def f(x):\n    return np.real(np.exp(1j * x))\n\ncr.grad(f)(1.0)",
    ),
    Mistake(
        "A function without a rule",
        "erf = np.frompyfunc(math.erf, 1, 1)\n\ndef f(x):\n    return erf(x) ** 2  # ←\n\ncr.grad(f)(1.0)",
        _e.NoRuleError, "there is no rule yet for", "cr.custom",
        "erf = cr.custom(lambda x: np.vectorize(math.erf)(x), formula='2/√π · e^(-x²)')\n\n"
        "def f(x):\n    return erf(x) ** 2\n\ncr.grad(f)(1.0)",
    ),
    Mistake(
        "Writing into `np.zeros`",
        "def f(x):\n    y = np.zeros(2)\n    y[0] = x  # ←\n    return y.sum()\n\ncr.grad(f)(1.0)",
        _e.TrackingError, "assignment to array[i]", "np.stack",
        "import chainrule.numpy as np\n\n"
        "def f(x):\n    y = np.zeros(2)\n    y[0] = x\n    return y.sum()\n\ncr.grad(f)(1.0)",
    ),
    Mistake(
        "Adding to a plain array in place",
        "def f(x):\n    y = np.zeros(2)\n    y += x  # ←\n    return y.sum()\n\ncr.grad(f)(1.0)",
        _e.TrackingError, "an operator such as +=", "y = y + v",
        "def f(x):\n    y = np.zeros(2)\n    y = y + x\n    return y.sum()\n\ncr.grad(f)(1.0)",
    ),
    Mistake(
        "`np.array([v, w])`",
        "def f(x):\n    return np.sum(np.array([x, x**2]))  # ←\n\ncr.grad(f)(1.0)",
        _e.TrackingError, "would lose the derivative", "np.stack",
        "def f(x):\n    return np.sum(np.stack([x, x**2]))\n\ncr.grad(f)(1.0)",
    ),
    Mistake(
        "Shapes that do not fit in `@`",
        "def f(w):\n    return np.sum(np.ones((4, 3)) @ w)  # ←\n\ncr.grad(f)(np.ones(2))",
        _e.ShapeError, "(4, 3) and (2,)", "np.matmul got arguments of shape",
        "def f(w):\n    return np.sum(np.ones((4, 2)) @ w)\n\ncr.grad(f)(np.ones(2))",
    ),
    Mistake(
        "Shapes that do not fit in `+`",
        "def f(b):\n    return np.sum(np.ones((4, 3)) + b)  # ←\n\ncr.grad(f)(np.ones(2))",
        _e.ShapeError, "(4, 3) and (2,)", "np.add got arguments of shape",
        "def f(b):\n    return np.sum(np.ones((4, 2)) + b)\n\ncr.grad(f)(np.ones(2))",
    ),
    Mistake(
        "A tracked value as an index",
        "table = np.array([3.0, 5.0, 7.0])\n\ndef f(n):\n    return table[n] * n  # ←\n\ncr.grad(f)(1)",
        _e.TrackingError, "using it as an index", "int(cr.stop_gradient(v))",
        "table = np.array([3.0, 5.0, 7.0])\n\n"
        "def f(n):\n    return table[int(cr.stop_gradient(n))] * n\n\ncr.grad(f)(1)",
    ),
    Mistake(
        "`range(n)` of a tracked number",
        "def f(x, n):\n    return sum(x**k for k in range(n))  # ←\n\ncr.grad(f, argnums=(0, 1))(2.0, 3)",
        _e.TrackingError, "using it as an index", "int(cr.stop_gradient(v))",
        "def f(x, n):\n    return sum(x**k for k in range(n))\n\ncr.grad(f)(2.0, 3)",
    ),
    Mistake(
        "A missing `return`",
        "def f(x):  # ←\n    y = x**2\n\ncr.grad(f)(1.0)",
        _e.NotDifferentiableError, "returned NoneType", "forget its return",
        "def f(x):\n    y = x**2\n    return y\n\ncr.grad(f)(1.0)",
    ),
    Mistake(
        "A text as an argument",
        "def f(x, kind):\n    return x**2 if kind == 'square' else x\n\ncr.grad(f, argnums=1)(1.0, 'square')  # ←",
        _e.NotDifferentiableError, "'kind' of f is a str", "Pass a number",
        "def f(x, kind):\n    return x**2 if kind == 'square' else x\n\ncr.grad(f)(1.0, 'square')",
    ),
    Mistake(
        "An array of objects",
        "x = np.array([1.0, 2.0], dtype=object)\ncr.grad(np.sum)(x)  # ←",
        _e.NotDifferentiableError, "Python objects", "x.astype(float)",
        "x = np.array([1.0, 2.0], dtype=object)\ncr.grad(np.sum)(x.astype(float))",
    ),
    Mistake(
        "A tracked value that outlives its transform",
        "seen = []\n\ndef f(x):\n    seen.append(x)\n    return x**2\n\ncr.grad(f)(1.0)\nprint(seen[0] + 1)  # ←",
        _e.TrackingError, "after the transform that tracked it has returned", "has_aux=True",
        "def f(x):\n    return x**2, x\n\ngradient, seen = cr.grad(f, has_aux=True)(1.0)\nseen + 1",
    ),
    Mistake(
        "`has_aux=True` without a pair",
        "def f(x):  # ←\n    return x**2\n\ncr.grad(f, has_aux=True)(1.0)",
        TypeError, "returns (result, anything)", "Leave has_aux out",
        "def f(x):\n    return x**2\n\ncr.grad(f)(1.0)",
    ),
    Mistake(
        "`argnums` beyond the arguments",
        "def f(x, y):\n    return x * y\n\ncr.grad(f, argnums=2)(1.0, 2.0)  # ←",
        ValueError, "argnums=2, but f got 2 positional arguments", "counted from 0",
        "def f(x, y):\n    return x * y\n\ncr.grad(f, argnums=1)(1.0, 2.0)",
    ),
    Mistake(
        "A tangent for each primal",
        "cr.jvp(np.multiply, (1.0, 2.0), (1.0,))  # ←",
        _e.ShapeError, "2 primals but 1 tangents", "each primal needs one",
        "cr.jvp(np.multiply, (1.0, 2.0), (1.0, 0.0))",
    ),
    Mistake(
        "A tangent of another shape",
        "cr.jvp(np.sin, (np.ones(3),), (1.0,))  # ←",
        _e.ShapeError, "has shape (), its primal (3,)", "the tangent",
        "cr.jvp(np.sin, (np.ones(3),), (np.ones(3),))",
    ),
    Mistake(
        "A cotangent of another shape",
        "out, pullback = cr.vjp(np.sin, np.ones(3))\npullback(1.0)  # ←",
        _e.ShapeError, "cotangent of shape ()", "value of shape (3,)",
        "out, pullback = cr.vjp(np.sin, np.ones(3))\npullback(np.ones(3))",
    ),
    Mistake(
        "`derivative` of a function that mixes entries",
        "def f(x):  # ←\n    return x * np.sum(x)\n\ncr.derivative(f)(np.array([1.0, 2.0]))",
        _e.ShapeError, "mixes the entries", "Use cr.jacobian",
        "def f(x):\n    return x * np.sum(x)\n\ncr.jacobian(f)(np.array([1.0, 2.0]))",
    ),
    Mistake(
        "`derivative` of a function that changes the shape",
        "def f(x):  # ←\n    return np.sum(x)\n\ncr.derivative(f)(np.array([1.0, 2.0]))",
        _e.ShapeError, "keeps the shape", "Use cr.jacobian",
        "def f(x):\n    return np.sum(x)\n\ncr.jacobian(f)(np.array([1.0, 2.0]))",
    ),
    Mistake(
        "The gradient of a value",
        "x = 2.0\ncr.grad(np.sin(x))  # ←",
        TypeError, "expected a function", "np.sin, not np.sin(x)",
        "x = 2.0\ncr.grad(np.sin)(x)",
    ),
    Mistake(
        "A result written with `out=`",
        "def f(x):\n    y = np.empty(2)\n    np.multiply(x, 2, out=y)  # ←\n"
        "    return np.sum(y)\n\ncr.grad(f)(np.ones(2))",
        _e.TrackingError, "out=", "Use the result instead",
        "def f(x):\n    y = np.multiply(x, 2)\n    return np.sum(y)\n\ncr.grad(f)(np.ones(2))",
    ),
    Mistake(
        "NaN or infinity from inside",
        "def f(x):\n    length = np.sqrt(x[0])  # ←\n    return length * x[1]\n\n"
        "with cr.debug_nans():\n    cr.grad(f)(np.zeros(2))",
        _e.NonFiniteError, "infinite slope at 0", "np.sqrt(x + 1e-12)",
        "def f(x):\n    length = np.sqrt(x[0] + 1e-12)\n    return length * x[1]\n\n"
        "with cr.debug_nans():\n    cr.grad(f)(np.zeros(2))",
    ),
    Mistake(
        "A wrong formula for a function of one's own",
        "cube = cr.custom(lambda x: x**3, formula='3x')  # ←",
        _e.GradientCheckError, "central differences give", "by x is wrong",
        "cube = cr.custom(lambda x: x**3, formula='3x²')",
    ),
)  # fmt: skip

INTRODUCTION = """\
# Errors and what to write instead

Whatever would lose a derivative is an error, and never a gradient of 0 or a wrong number. Each message names the line
of your code, what happened and what to write instead. This page is written by `docs/errors.py`, which runs the programs
below (they begin with `import math`, `import numpy as np` and `import chainrule as cr`).

## Not an error: a constant

A function whose result does not depend on its argument has the derivative 0, and that is what you get. The same holds
for what you take out of the derivative yourself, with `cr.stop_gradient`, and for step functions such as `np.floor`,
`np.sign` and comparisons. If a gradient of 0 surprises you, `cr.graph(f, x)` shows which values the result was made of:
what no gradient reached is marked with "·".
"""


def page() -> str:
    """The text of the page."""
    parts = [INTRODUCTION]
    for mistake in MISTAKES:
        code = mistake.code.replace(MARK, f"# {FILE}:{mistake.line}")
        parts.append(
            f"## {mistake.title}\n\n```python\n{code}\n```\n\n{indent(str(mistake.error()), '    ')}\n\n"
            f"Instead:\n\n```python\n{mistake.right}\n```\n"
        )
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
