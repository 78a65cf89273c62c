"""The engine: tracked arrays, and the two directions in which derivatives are followed through them."""

from chainrule.engine import shortcuts  # importing it puts the short ways in place

__all__ = ["shortcuts"]
