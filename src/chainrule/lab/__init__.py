"""The lab: a page on which one sees a derivative and a gradient move, and the pure function that it asks.

The page computes nothing. It sends a request (a formula, a point, an interval, parameters) and shows what comes back:
the public data forms of a curve, a graph and a derivation.
"""
