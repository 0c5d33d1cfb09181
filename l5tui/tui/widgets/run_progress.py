"""One line: how far a run is, and how long it has been at it and will be."""

from __future__ import annotations

from rich.text import Text
from textual.widget import Widget

from l5tui.text import duration
from l5tui.tui.live_run import PHASES, LiveRun


class RunProgress(Widget):
    """A bar between words."""

    def __init__(self) -> None:
        super().__init__()
        self._run: LiveRun | None = None

    def show(self, run: LiveRun | None) -> None:
        """Show a run."""
        self._run = run
        self.refresh()

    def render(self) -> Text:
        """Return the line."""
        run, width = self._run, self.size.width
        if run is None:
            return Text("")
        progress = run.progress
        fraction = progress.fraction if progress else 0.0
        left = [f"{fraction:4.0%}"]
        if progress:
            left.append(
                f"realization {min(progress.done + 1, progress.realizations)} of {progress.realizations}"
            )
        right = []
        if (elapsed := run.elapsed) is not None:
            right.append(f"{duration(elapsed)}")
        if run.is_paused:
            right.append("paused, p goes on")
        elif run.is_running and run.phase == "simulate" and progress and progress.remaining:
            right.append(f"{duration(progress.remaining)} left")
        elif run.is_running and run.phase != "simulate":
            right = [PHASES.get(run.phase, run.phase)]
        elif run.is_cancelling and not run.is_over:
            right.append("cancelling")
        start, end = " ".join(left), " · ".join(right)
        room = max(width - len(start) - len(end) - 4, 4)
        done = round(fraction * room)
        return Text.assemble(
            f" {start} ", ("━" * done, "bold #2fb58a"), ("─" * (room - done), "dim"), f" {end} ", no_wrap=True
        )
