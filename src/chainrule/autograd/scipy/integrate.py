"""`odeint`, differentiable in the start, the times and the arguments."""

from chainrule.scipy.integrate import odeint

__all__ = ["odeint"]
