"""l5tui: a terminal workbench for a firing-rate model of mouse V1 layer 5."""

__version__ = "0.1.0"
