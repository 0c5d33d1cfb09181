"""State of a run that the app has requested, updated from the lines of the process that runs it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from l5tui.runner.events import (
    Event,
    Forecasted,
    Four,
    PhaseStarted,
    Progress,
    RunStarted,
    RunStored,
    Snapshot,
    Warned,
)

PHASES = {
    "compile": "compiling the engine, once after installation, up to 20 s",
    "simulate": "simulating",
    "measure": "measuring",
    "store": "writing the file",
    "track": "recording in MLflow",
    "catch_up": "recording earlier runs in MLflow",
}
WAITING, RUNNING = "waiting", "running"


@dataclass
class Course:
    """The mean rates of one realization over time.

    Parameters
    ----------
    steps : list of int
    rates : list of Four
    last : Snapshot or None
        The newest.
    """

    steps: list[int] = field(default_factory=list)
    rates: list[Four] = field(default_factory=list)
    last: Snapshot | None = None

    def add(self, snapshot: Snapshot) -> None:
        """Append the steps of a snapshot that are later than the last one."""
        for step, rates in zip(snapshot.steps, snapshot.rates, strict=True):
            if not self.steps or step > self.steps[-1]:
                self.steps.append(step)
                self.rates.append(rates)
        self.last = snapshot


class LiveRun:
    """One run, from its request on.

    Parameters
    ----------
    number : int
        The request's number.
    name : str
        The experiment's name, or its file's.
    steps, onset : int
        Steps of the experiment, and those before it learns.
    step_seconds : float, optional
        Length of a step.
    """

    def __init__(
        self, number: int, name: str, steps: int, onset: int, step_seconds: float | None = None
    ) -> None:
        self.number = number
        self.name = name
        self.steps = steps
        self.onset = onset
        self.step_seconds = step_seconds
        self.run_id = ""
        self.status = WAITING
        self.phase = ""
        self.progress: Progress | None = None
        self.courses: dict[int, Course] = {}
        self.shown = 1
        self.log: list[str] = []
        self.report: Mapping[str, Any] | None = None
        self.is_over = False
        self.is_condensed = False
        self.is_cancelling = False
        self.is_pausing = False
        self.verification: Mapping[str, Any] | None = None
        self.begun = time.monotonic()
        self._updated = time.monotonic()

    @property
    def is_running(self) -> bool:
        """Whether it has begun and has not ended."""
        return self.status == RUNNING

    @property
    def course(self) -> Course:
        """The course of the realization that is shown."""
        return self.courses.get(self.shown, Course())

    @property
    def abscissae(self) -> list[float]:
        """The newest spectral abscissa of each realization that has one."""
        known = [course.last.abscissa for course in self.courses.values() if course.last]
        return [value for value in known if math.isfinite(value)]

    @property
    def elapsed(self) -> float | None:
        """Seconds of simulation, going on between two reports."""
        if self.progress is None:
            return None
        moves = self.is_running and self.phase == "simulate" and not self.progress.is_paused
        return self.progress.elapsed + (time.monotonic() - self._updated if moves else 0.0)

    @property
    def is_paused(self) -> bool:
        """Whether its simulation is held."""
        return self.is_simulating and self.progress is not None and self.progress.is_paused

    @property
    def is_simulating(self) -> bool:
        """Whether there is anything that can be held."""
        return self.is_running and self.phase in ("", "compile", "simulate")

    def take(self, event: Event) -> None:
        """Take an event in."""
        match event:
            case RunStarted():
                self.status, self.run_id, self.name = RUNNING, event.run_id, event.name
                self._note(f"run {event.run_id} has begun")
            case PhaseStarted():
                self.phase = event.phase
                self._note(PHASES.get(event.phase, event.phase))
            case Progress():
                if self.progress and event.done > self.progress.done:
                    self._note(f"{event.done} of {event.realizations} realizations done")
                if event.is_paused != (self.progress is not None and self.progress.is_paused):
                    self._note("paused" if event.is_paused else "goes on")
                self.progress, self._updated = event, time.monotonic()
            case Snapshot():
                self._watch(event)
            case RunStored():
                self.report = _without_tables(event.report)
                self.status = event.report["status"]
                self._note(f"stored, {self.status}")
            case Warned():
                self._note(f"warning: {event.text}")
            case Forecasted():
                self._note(f"this run takes about {event.forecast.seconds:.0f} s")

    def end(self, report: Mapping[str, Any]) -> None:
        """Take in that it is over."""
        self.report, self.status, self.is_over = _without_tables(report), report["status"], True
        self._note(f"{self.status}: {report['error']}" if report["error"] else self.status)

    def condense(self) -> None:
        """Drop the curves and the table of selectivity of a run that is over; its page reads them from its file."""
        self.is_condensed = True
        self.courses.clear()
        if self.report is not None:
            self.report = {**self.report, "selectivity": ()}

    def verified(self, verification: Mapping[str, Any]) -> None:
        """Take in whether it gave the same as the run that it repeats."""
        self.verification = verification
        for line in verification["lines"]:
            self._note(line)

    def fail(self, status: str, lines: list[str]) -> None:
        """Take in that it never came to a report."""
        self.status, self.is_over = status, True
        for line in lines:
            self._note(line)

    def _watch(self, snapshot: Snapshot) -> None:
        newest = snapshot.realization not in self.courses
        course = self.courses.setdefault(snapshot.realization, Course())
        course.add(snapshot)
        if newest and self._is_done(self.shown):
            self.shown = snapshot.realization

    def _is_done(self, realization: int) -> bool:
        steps = self.courses[realization].steps if realization in self.courses else []
        return not steps or steps[-1] >= self.steps * 0.9

    def _note(self, text: str) -> None:
        self.log.append(f"{time.monotonic() - self.begun:6.1f} s  {text}")


def _without_tables(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a report without its largest tables, which the run's page reads from the file.

    A session holds the reports of all of its runs.
    """
    return {key: value for key, value in report.items() if key not in ("cells", "weights")}
