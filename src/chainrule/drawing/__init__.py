"""Figures: a function with its tangent, and beside it its derivative."""

from chainrule.drawing.figure import Drawing, draw

__all__ = ["Drawing", "draw"]
