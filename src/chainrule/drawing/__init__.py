"""Figures: a function with its tangent, and beside it its derivative."""

from chainrule.drawing.drawn import Drawing
from chainrule.drawing.figure import draw

__all__ = ["Drawing", "draw"]
