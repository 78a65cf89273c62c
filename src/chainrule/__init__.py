"""Automatic differentiation for plain NumPy that shows its work.

    import numpy as np
    import chainrule as cr

    def f(x):
        return np.tanh(np.sin(x) * np.exp(x)) / (1 + x**2)

    cr.value_and_grad(f)(1.0)      # numbers
    cr.draw(f, at=1.0)             # the function, its tangent, its derivative
    cr.graph(f, 1.0)               # values flow forward, gradients flow back
"""

from typing import Any

from chainrule import errors
from chainrule.engine.variable import Variable
from chainrule.transforms.directions import derivative, jvp, vjp
from chainrule.transforms.gradients import grad, stop_gradient, value_and_grad
from chainrule.transforms.jacobians import hessian, hvp, jacfwd, jacobian, jacrev

__version__ = "0.1.0"

_LATE = {
    "check_grads": "chainrule.check",
    "custom": "chainrule.custom_rules",
    "debug_nans": "chainrule.debug",
    "functions": "chainrule.functions",
    "parse": "chainrule.formula.formula",
    "patch": "chainrule.patching",
    "symbols": "chainrule.formula.expression",
    "draw": "chainrule.drawing",
    "explain": "chainrule.explanation",
    "graph": "chainrule.graphs.building",
    "gradient_flow": "chainrule.graphs.flow",
    "jit": "chainrule.compile.jit",
    "practice": "chainrule.practising",
    "sparsity": "chainrule.transforms.sparse",
    "stage": "chainrule.engine.staging",
    "tree": "chainrule.tree",
    "unpatch": "chainrule.patching",
    "vmap": "chainrule.transforms.vectorized",
}
"""Names that are imported when they are first used, so that `import chainrule` costs little."""

__all__ = [
    "Variable",
    "check_grads",
    "custom",
    "debug_nans",
    "derivative",
    "draw",
    "errors",
    "explain",
    "functions",
    "grad",
    "gradient_flow",
    "graph",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jit",
    "jvp",
    "parse",
    "patch",
    "practice",
    "sparsity",
    "stage",
    "stop_gradient",
    "symbols",
    "unpatch",
    "value_and_grad",
    "vjp",
    "vmap",
]


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module 'chainrule' has no attribute {name!r}")
    import importlib

    module = importlib.import_module(_LATE[name])
    value = module if name in ("functions", "tree") else getattr(module, name)
    globals()[name] = value
    return value
