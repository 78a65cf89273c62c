"""The function on the page as a Python program that a student can run."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.formula.formula import Formula


def python_code(formula: Formula, values: Mapping[str, float]) -> str:
    """A program that computes the value and the derivatives at the values, draws, and explains.

    >>> from chainrule.formula.formula import parse
    >>> print(python_code(parse("x^2"), {"x": 3.0}))
    import chainrule as cr
    <BLANKLINE>
    f = cr.parse("x^2")
    print(f(x=3.0))                        # the value
    print(cr.grad(f)(3.0))                 # the derivative
    print(cr.explain(f, 3.0).text())       # how it is found
    cr.graph(f, 3.0).save("graph.svg")     # values forward, gradients back
    <BLANKLINE>
    """
    text = formula.source_text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    numbers = [repr(value) for value in values.values()]
    named = ", ".join(f"{name}={value!r}" for name, value in values.items())
    given = "".join(f", {number}" for number in numbers)
    which = f", argnums={tuple(range(len(values)))}" if len(values) > 1 else ""
    rows = [
        (f"print(f({named}))", "the value"),
        (f"print(cr.grad(f{which})({', '.join(numbers)}))", "the derivative"),
        (f"print(cr.explain(f{given}).text())", "how it is found"),
        (f'cr.graph(f{given}).save("graph.svg")', "values forward, gradients back"),
    ]
    if not values:
        rows = rows[:1]
    width = max(len(code) for code, _ in rows) + 2
    width = max(width, 39)
    lines = "".join(f"{code:<{width}}# {comment}\n" for code, comment in rows)
    return f'import chainrule as cr\n\nf = cr.parse("{text}")\n{lines}'
