"""Progress of a study: a bar with the best so far on a terminal, a line now and then anywhere else."""

from __future__ import annotations

import time
from contextlib import suppress
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from l5tui.cli.text import count, duration, number, safe
from l5tui.tuning import events
from l5tui.tuning.lines import study_line

LINE_SECONDS = 10.0


class StudyView:
    """Shows the events of a study on a console.

    Parameters
    ----------
    console : Console
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = console.is_terminal and not console.is_dumb_terminal
        self._line_due = time.monotonic() + LINE_SECONDS
        self._best = "no value yet"
        self._told_to_stop = False
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(None),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
            transient=True,
            disable=not self._live or console.quiet,
        )
        self._task = self._bar.add_task("starting", total=1.0, left="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def observe(self, event: events.StudyEvent) -> None:
        """Show one event."""
        if isinstance(event, events.StudyStarted):
            self._bar.update(self._task, total=event.trials, completed=event.ended)
            went_on = f" goes on after {count(event.ended, 'trial')}" if event.resumed else ""
            self._say(f"study {event.study_id}{went_on}")
        elif isinstance(event, events.TrialEnded):
            if event.best_trial is not None:
                self._best = f"best {number(event.best_value, 4)} (trial {event.best_trial})"
        elif isinstance(event, events.StudyProgress):
            self._show_progress(event)
        elif isinstance(event, events.Recording):
            self._bar.update(self._task, description=f"telling MLflow, {event.left} left", left="")
        else:
            self._console.print(f"warning: {safe(event.text)}", style="yellow", markup=False, soft_wrap=True)

    def _show_progress(self, event: events.StudyProgress) -> None:
        left = f"{duration(event.remaining)} left" if event.remaining is not None else ""
        if event.stopping and not self._told_to_stop:
            self._told_to_stop = True
            self._say(f"no more trials; {count(event.running, 'trial')} to end, Ctrl+C stops now")
        self._bar.update(
            self._task, description=self._best, completed=event.ended, total=event.trials, left=left
        )
        if not self._live and time.monotonic() >= self._line_due:
            self._line_due = time.monotonic() + LINE_SECONDS
            parts = (f"{event.ended} of {event.trials} trials", self._best, left)
            self._say(", ".join(part for part in parts if part))

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)


class StudyLineWriter:
    """Writes the events of a study as lines of JSON.

    Parameters
    ----------
    stream : TextIO
        Where to. The study goes on where nobody reads it any more.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def observe(self, event: events.StudyEvent) -> None:
        """Write one event."""
        with suppress(BrokenPipeError):
            self._stream.write(study_line(event) + "\n")
            self._stream.flush()
