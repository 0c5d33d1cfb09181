"""Progress of a study: a bar with the best so far on a terminal, a line now and then anywhere else."""

from __future__ import annotations

from rich.console import Console
from rich.progress import TextColumn

from l5tui.cli.bar import ProgressBar
from l5tui.text import count, duration, number, safe
from l5tui.tuning import events

LINE_SECONDS = 10.0
SILENT_SECONDS = 1.0
"""Time that a scheduler may take to answer before a line says that it is waited for."""


class StudyView(ProgressBar):
    """Shows the events of a study on a console.

    Parameters
    ----------
    console : Console
        Where to; nothing is shown where it is quiet.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(console, TextColumn("{task.completed:.0f}/{task.total:.0f}"), LINE_SECONDS)
        self._best = "no value yet"
        self._knows_evidence = False
        self._has_noted_stop = False
        self._has_noted_wait = False

    def observe(self, event: events.StudyEvent) -> None:
        """Show one event."""
        if isinstance(event, events.Connecting):
            self._show_connecting(event)
        elif isinstance(event, events.StudyStarted):
            self.draw(self._best, completed=event.ended, total=event.trials)
            resumed = f" resumes after {count(event.ended, 'trial')}" if event.resumed else ""
            self.say(f"study {event.study_id}{resumed}")
        elif isinstance(event, events.TrialEnded):
            if event.best_trial is not None and not self._knows_evidence:
                self._best = f"best in search {number(event.best_value, 4)} (trial {event.best_trial})"
        elif isinstance(event, events.StudyProgress):
            self._show_progress(event)
        elif isinstance(event, events.Confirming):
            left = f"{duration(event.remaining)} left" if event.remaining is not None else ""
            self.draw("best points in fresh circuits", left, completed=event.done, total=event.total)
            self.line(f"{event.done} of {event.total} runs in fresh circuits", left)
        elif isinstance(event, events.PosteriorEstimated):
            self._best = event.in_words
            self._knows_evidence = True
        elif isinstance(event, events.Recording):
            self.draw(f"recording in MLflow, {event.left} left")
            self.line(f"recording in MLflow, {event.left} trials left")
        else:
            self.warn(event.text)

    def _show_connecting(self, event: events.Connecting) -> None:
        text = f"connecting to {safe(event.address)}"
        self.draw(text, "seconds", completed=event.elapsed, total=event.limit)
        if event.elapsed >= SILENT_SECONDS and not self._has_noted_wait:
            self._has_noted_wait = True
            self.say(f"{text}, for up to {event.limit:.0f} s")

    def _show_progress(self, event: events.StudyProgress) -> None:
        left = f"{duration(event.remaining)} left" if event.remaining is not None else ""
        if event.stopping and not self._has_noted_stop:
            self._has_noted_stop = True
            self.say(f"no more trials; {count(event.running, 'trial')} to end, Ctrl+C stops now")
        self.draw(self._best, left, completed=event.ended, total=event.trials)
        self.line(f"{event.ended} of {event.trials} trials", self._best, left)
