"""A recorded computation as plain data: nodes with values and gradients, edges with local derivatives, steps."""
