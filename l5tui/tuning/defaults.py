"""How much an inference or a sensitivity design simulates where nobody says; light, for the help of commands."""

from __future__ import annotations

from typing import Final

BUDGET: Final = 300
"""Points that an inference may simulate."""
SAMPLES: Final = 64
"""Base samples of a sensitivity design."""
