"""A warning about an experiment that can be run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ConfigWarning:
    """A combination of values that is valid, but likely to mislead.

    Parameters
    ----------
    key : str
        Dotted path of the key, such as ``network.weight_noise``, with indices for a cell of a table.
    text : str
        One sentence: what happens, and what to change.
    depends_on : tuple of str
        Other keys that contribute to it.
    """

    key: str
    text: str
    depends_on: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.key}: {self.text}"
