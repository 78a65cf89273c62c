"""The interface of HIPS autograd: a program written for it runs with `chainrule.autograd` in the place of `autograd`.

    import chainrule.autograd.numpy as np
    from chainrule.autograd import grad

    grad(lambda x: np.sum(np.tanh(x)))(np.ones(3))

A library that imports autograd itself needs :func:`as_autograd` once, before it is imported.

Every name is made of chainrule's own transforms; new programs need none of them. `make_vjp`, `grad` and their relatives
hand plain containers to the function, with tracked numbers in them. Autograd's inner classes (nodes, sparse objects,
vector spaces and boxes of a user's own) are not here.
"""

from chainrule.autograd.alias import as_autograd
from chainrule.autograd.builtins import dict, isinstance, list, tuple, type
from chainrule.autograd.core import primitive
from chainrule.autograd.differential_operators import (
    checkpoint,
    deriv,
    elementwise_grad,
    grad,
    grad_and_aux,
    grad_named,
    hessian,
    hessian_tensor_product,
    hessian_vector_product,
    holomorphic_grad,
    jacobian,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_vjp,
    multigrad_dict,
    tensor_jacobian_product,
    value_and_grad,
    vector_jacobian_product,
)

__all__ = [
    "as_autograd", "checkpoint", "deriv", "dict", "elementwise_grad", "grad", "grad_and_aux", "grad_named", "hessian",
    "hessian_tensor_product", "hessian_vector_product", "holomorphic_grad", "isinstance", "jacobian", "list",
    "make_ggnvp", "make_hvp", "make_jvp", "make_vjp", "multigrad_dict", "primitive", "tensor_jacobian_product",
    "tuple", "type", "value_and_grad", "vector_jacobian_product",
]  # fmt: skip
