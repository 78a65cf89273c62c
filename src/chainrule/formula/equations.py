"""Equations as a notebook shows them: LaTeX between dollar signs, MathML within HTML."""

from __future__ import annotations

from collections.abc import Container, Sequence

from chainrule.formula.mathml import translated
from chainrule.showing.notebook import bundle, text_picture


def of_equations(
    include: Container[str] | None, exclude: Container[str] | None, plain: str, equations: Sequence[str]
) -> dict[str, str]:
    """The bundle of a value that is said by `equations` (in LaTeX) and, as text, by `plain`."""
    return bundle(
        include,
        exclude,
        plain=lambda: plain,
        html=lambda: "\n".join(map(mathematics, equations)),
        svg=lambda: text_picture(plain),
        latex=lambda: latex_lines(equations),
    )


def latex_lines(equations: Sequence[str]) -> str:
    """Equations below each other, between the dollar signs that a notebook asks for."""
    lines = " \\\\\n".join(equations)
    return rf"$\displaystyle {lines}$" if len(equations) == 1 else f"$\\begin{{gathered}}\n{lines}\n\\end{{gathered}}$"


def mathematics(latex: str) -> str:
    """LaTeX as this package writes it, as a MathML element of HTML."""
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{translated(latex)}</math>'


def space_of_arrays(shape: tuple[int, ...], is_complex: bool) -> str:
    r"""The space that arrays of this shape lie in, in LaTeX.

    >>> print(space_of_arrays((2, 3), is_complex=False))
    \mathbb{R}^{2 \times 3}
    """
    lengths = r" \times ".join(map(str, shape))
    return rf"\mathbb{{{'C' if is_complex else 'R'}}}^{{{lengths}}}"
