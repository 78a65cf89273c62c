"""The transforms: from a function to its gradient, derivative, Jacobian, Hessian and products with them.

Every transform takes a plain NumPy function and returns a plain function (or a value); they nest in any order.
Arguments and results may be containers: dicts, lists, tuples, named tuples and dataclasses of numbers and arrays.
"""
