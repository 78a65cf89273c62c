"""SciPy's functions that NumPy's protocols cannot intercept, under their own names. The ufuncs need no wrapper."""
