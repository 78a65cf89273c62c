"""The engine: tracked arrays, and the two directions in which derivatives are followed through them."""
