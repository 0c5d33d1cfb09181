"""The words of a terminal, which the command line shares with the app."""

from l5tui.text import count, duration, filled, number, safe

__all__ = ["count", "duration", "filled", "number", "safe"]
