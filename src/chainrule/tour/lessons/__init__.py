"""The lessons of the tour, in the tutorial's order, each with its words in two languages."""
