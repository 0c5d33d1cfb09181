"""The model compiled by numba: the same equations as the reference engine, at the speed of the memory."""
