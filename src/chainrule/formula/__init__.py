"""Formulas: expressions over symbols and their readings as text, LaTeX and Python source."""
