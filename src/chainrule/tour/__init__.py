"""The tour: every figure of the tutorial and a network that learns, as pictures and as a page to read."""

from chainrule.tour.make import Made, Tour, make_tour

__all__ = ["Made", "Tour", "make_tour"]
