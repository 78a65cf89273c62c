"""`ArrayBox`, for `isinstance`: whether a number or an array is tracked."""

from chainrule.autograd.tracer import Box

__all__ = ["ArrayBox"]


class ArrayBox(Box):
    """For `isinstance(x, ArrayBox)`: whether a number or an array is tracked."""
