"""Progress in one line that is written over: in a notebook's output, or on a terminal; elsewhere nothing."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self, TextIO

from l5tui.runner import events
from l5tui.text import duration, number, safe
from l5tui.tuning import events as study_events

PHASES = {
    "compile": "compiling the engine, once after installation, up to 20 s",
    "measure": "measuring",
    "store": "writing the file",
    "track": "recording in MLflow",
    "catch_up": "recording earlier runs in MLflow",
}
REDRAW_SECONDS = 0.1


class ProgressLine:
    """Shows the events of a run or a study while a block lasts.

    Parameters
    ----------
    shown : bool
        Whether to show anything.
    stream : TextIO, optional
        Where to; by default a notebook's output, else standard error where that is a terminal.
    """

    def __init__(self, shown: bool, stream: TextIO | None = None) -> None:
        self._stream = (stream or _surface()) if shown else None
        self._width = 0
        self._due = 0.0
        self._best = "no value yet"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write("")
        if self._stream is not None and self._width:
            self._stream.write("\r")
            self._stream.flush()

    def run(self, event: events.Event) -> None:
        """Show an event of a run."""
        if isinstance(event, events.Progress):
            left = f", {duration(event.remaining)} left" if event.remaining is not None else ""
            where = f"{event.done} of {event.realizations} realizations"
            self._write(f"{where}, {event.fraction:.0%}{left}", often=True)
        elif isinstance(event, events.PhaseStarted):
            self._write(PHASES.get(event.phase, ""))
        elif isinstance(event, events.Warned):
            self._line(f"warning: {event.text}")

    def study(self, event: study_events.StudyEvent) -> None:
        """Show an event of a study."""
        if isinstance(event, study_events.TrialEnded):
            if event.best_trial is not None:
                self._best = f"best in search {number(event.best_value, 4)} (trial {event.best_trial})"
        elif isinstance(event, study_events.StudyProgress):
            left = f", {duration(event.remaining)} left" if event.remaining is not None else ""
            self._write(f"{event.ended} of {event.trials} trials, {self._best}{left}", often=True)
        elif isinstance(event, study_events.Confirming):
            left = f", {duration(event.remaining)} left" if event.remaining is not None else ""
            self._write(f"{event.done} of {event.total} runs of the best in fresh circuits{left}", often=True)
        elif isinstance(event, study_events.Recording):
            self._write(f"recording in MLflow, {event.left} left")
        elif isinstance(event, study_events.StudyWarned):
            self._line(f"warning: {event.text}")

    def _write(self, text: str, *, often: bool = False) -> None:
        """Write over the line; what comes often is left out where it comes too soon."""
        now = time.monotonic()
        if self._stream is None or (often and now < self._due):
            return
        self._due = now + REDRAW_SECONDS if often else 0.0
        shown = safe(text)
        self._stream.write(f"\r{shown:<{self._width}}")
        self._stream.flush()
        self._width = max(self._width, len(shown))

    def _line(self, text: str) -> None:
        """Leave a line standing."""
        self._write(text)
        if self._stream is not None:
            self._stream.write("\n")
            self._width = 0


def _surface() -> TextIO | None:
    if "ipykernel" in sys.modules:
        return sys.stdout
    return sys.stderr if sys.stderr is not None and sys.stderr.isatty() else None
