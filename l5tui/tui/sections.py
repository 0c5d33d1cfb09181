"""The sections of the app: a key, a name and a screen each. A new one is a line here and a file in `screens`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.screen import Screen


@dataclass(frozen=True)
class Section:
    """One section.

    Parameters
    ----------
    key : str
        Key that leads to it from anywhere but a text field.
    name : str
        Name of its mode.
    title : str
        What the footer and the palette call it.
    module, screen : str
        Where its screen is; loaded when it is first shown, as the first paint must not wait for the others.
    """

    key: str
    name: str
    title: str
    module: str
    screen: str

    def load(self) -> Callable[[], Screen[None]]:
        """Return the screen's class."""
        made: Callable[[], Screen[None]] = getattr(import_module(self.module), self.screen)
        return made


SECTIONS = (
    Section("1", "experiments", "Experiments", "l5tui.tui.screens.experiments", "ExperimentsScreen"),
    Section("2", "live", "Run", "l5tui.tui.screens.live", "LiveScreen"),
    Section("3", "runs", "Runs", "l5tui.tui.screens.runs", "RunsScreen"),
    Section("4", "compare", "Compare", "l5tui.tui.screens.compare", "CompareScreen"),
    Section("5", "studies", "Studies", "l5tui.tui.screens.studies", "StudiesScreen"),
)
