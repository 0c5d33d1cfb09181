"""Progress of a run: a bar with the time left on a terminal, a line now and then anywhere else."""

from __future__ import annotations

from rich.console import Console
from rich.progress import TaskProgressColumn

from l5tui.cli.bar import ProgressBar
from l5tui.runner import events
from l5tui.runner.forecast import Forecast
from l5tui.text import amount, duration

LINE_SECONDS = 5.0

PHASES = {
    "compile": "compiling the engine, once after installation, up to 20 s",
    "simulate": "simulating",
    "measure": "measuring",
    "store": "writing the file",
    "track": "recording in MLflow",
    "catch_up": "recording earlier runs in MLflow",
}


def forecast_line(expected: Forecast) -> str:
    """Return the forecast of a run in one line."""
    return (
        f"this run takes about {duration(expected.seconds)}, {amount(expected.memory)} of memory and up to "
        f"{amount(expected.disk)} of disk"
    )


class ProgressView(ProgressBar):
    """Shows the events of a run on a console.

    Parameters
    ----------
    console : Console
        Where to; nothing is shown where it is quiet.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(console, TaskProgressColumn(), LINE_SECONDS)

    def observe(self, event: events.Event) -> None:
        """Show one event."""
        if isinstance(event, events.Progress):
            left = f"{duration(event.remaining)} left" if event.remaining is not None else ""
            where = f"{event.done} of {event.realizations} realizations"
            self.draw(where, left, completed=event.fraction)
            self.line(where, f"{event.fraction:.0%}", left)
        elif isinstance(event, events.PhaseStarted):
            self.draw(PHASES[event.phase])
            if event.phase == "compile" and not self._live:
                self.say(PHASES["compile"])
        elif isinstance(event, events.Forecasted):
            self.say(forecast_line(event.forecast))
        elif isinstance(event, events.Warned):
            self.warn(event.text)
