"""SciPy by the names of `autograd.scipy`: chainrule's rules and wrappers, with autograd's argument lists."""

from chainrule.autograd.scipy import integrate, linalg, misc, signal, special, stats

__all__ = ["integrate", "linalg", "misc", "signal", "special", "stats"]
