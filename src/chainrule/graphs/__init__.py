"""A recorded computation as plain data: values, gradients, local derivatives, steps."""
