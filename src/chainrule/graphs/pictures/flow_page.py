"""Read a gradient flow as a page: the parts of its figure, which stack on a narrow page, and its layers as a table."""

from __future__ import annotations

from chainrule.formula.latex import latex_name
from chainrule.graphs.layers import GradientFlow
from chainrule.graphs.lettering import number
from chainrule.graphs.pictures.flow_figure import WORDS, draw
from chainrule.showing.figures import panels, rendered
from chainrule.showing.language import Language, Phrase
from chainrule.showing.notebook import beside, table

_COLUMNS = (
    Phrase("parameter", "参数"), Phrase("shape", "形状"), Phrase("gradient, first", "首步梯度范数"),
    Phrase("gradient, last", "末步梯度范数"), Phrase("status", "状态"),
)  # fmt: skip
_HEALTHY = Phrase("healthy", "正常")


def html(flow: GradientFlow, lang: Language) -> str:
    """The piece of HTML."""
    figure = draw(flow, lang)
    rows = []
    for name in flow.parameters:
        norms, status = flow.norms(name), flow.status(name)
        said = _HEALTHY.say(lang) if status == "healthy" else WORDS[status][lang]
        shape = "×".join(map(str, flow.steps[-1].layer(name).shape)) or "1"
        rows.append((name, shape, f"{norms[0]:.3g}", f"{norms[-1]:.3g}", said))
    shown = beside([panel.svg for panel in panels(figure, figure.axes)], repr(flow))
    return f"{shown}\n{table([column.say(lang) for column in _COLUMNS], rows, lang)}"


def svg(flow: GradientFlow, lang: Language = "en") -> str:
    """The figure."""
    return rendered(draw(flow, lang), "svg", 72).decode()


def latex(flow: GradientFlow) -> str:
    """The norms of the last gradients, one equation for each parameter."""
    lines = [
        rf"\lVert \nabla {latex_name(name)} \rVert &= {number(flow.norms(name)[-1]).latex} \\"
        for name in flow.parameters
    ]
    return "\n".join([r"\begin{align*}", *lines, r"\end{align*}"])
