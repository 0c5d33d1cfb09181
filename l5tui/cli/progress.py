"""Progress of a run: a bar with the time left on a terminal, a line now and then anywhere else."""

from __future__ import annotations

import time
from contextlib import suppress
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from l5tui.cli.text import duration, safe
from l5tui.runner import events
from l5tui.runner.forecast import Forecast, amount
from l5tui.runner.lines import to_line

LINE_SECONDS = 5.0

PHASES = {
    "compile": "compiling the engine, once after installation, up to 20 s",
    "simulate": "simulating",
    "measure": "measuring",
    "store": "writing the file",
    "track": "telling MLflow",
    "catch_up": "telling MLflow of earlier runs",
}


def forecast_line(expected: Forecast) -> str:
    """What a run will take, in one line."""
    return (
        f"this run takes about {duration(expected.seconds)}, {amount(expected.memory)} of memory and up to "
        f"{amount(expected.disk)} of disk"
    )


class ProgressView:
    """Shows the events of a run on a console.

    Parameters
    ----------
    console : Console
        Where to; nothing is shown where it is quiet.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = console.is_terminal and not console.is_dumb_terminal
        self._line_due = time.monotonic() + LINE_SECONDS
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(None),
            TaskProgressColumn(),
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

    def observe(self, event: events.Event) -> None:
        """Show one event."""
        if isinstance(event, events.Progress):
            self._show_progress(event)
        elif isinstance(event, events.PhaseStarted):
            self._bar.update(self._task, description=PHASES[event.phase], left="")
            if event.phase == "compile" and not self._live:
                self._console.print(PHASES["compile"], highlight=False, soft_wrap=True)
        elif isinstance(event, events.Forecasted):
            self._console.print(forecast_line(event.forecast), highlight=False, soft_wrap=True)
        elif isinstance(event, events.Warned):
            self._console.print(f"warning: {safe(event.text)}", style="yellow", markup=False, soft_wrap=True)

    def _show_progress(self, progress: events.Progress) -> None:
        left = f"{duration(progress.remaining)} left" if progress.remaining is not None else ""
        where = f"{progress.done} of {progress.realizations} realizations"
        self._bar.update(self._task, description=where, completed=progress.fraction, left=left)
        if not self._live and time.monotonic() >= self._line_due:
            self._line_due = time.monotonic() + LINE_SECONDS
            told = ", ".join(part for part in (where, f"{progress.fraction:.0%}", left) if part)
            self._console.print(told, highlight=False, soft_wrap=True)


class LineWriter:
    """Writes the events of a run as lines of JSON.

    Parameters
    ----------
    stream : TextIO
        Where to. The run goes on where nobody reads it any more.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def observe(self, event: events.Event) -> None:
        """Write one event."""
        with suppress(BrokenPipeError):
            self._stream.write(to_line(event) + "\n")
            self._stream.flush()
