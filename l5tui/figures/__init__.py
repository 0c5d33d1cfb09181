"""Figures of runs, comparisons and studies, drawn with Matplotlib in a common print style."""
