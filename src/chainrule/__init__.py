"""Automatic differentiation for plain NumPy that shows its work."""

__version__ = "0.1.0"
