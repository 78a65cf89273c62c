"""`logsumexp`, at its old place."""

from chainrule.autograd.scipy.special import logsumexp

__all__ = ["logsumexp"]
