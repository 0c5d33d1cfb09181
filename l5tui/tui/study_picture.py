"""What a study's page draws, read and worked out where no key waits for it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from l5tui.analysis.study_table import StudyTable
    from l5tui.tuning.study import StudyReport, TrialRecord
    from l5tui.workspace import Workspace

NEAR_BOUND = 0.02
"""Part of the searched range that counts as its end."""


@dataclass(frozen=True)
class StudyPicture:
    """A study with what follows from its trials.

    Parameters
    ----------
    report : StudyReport
    best_so_far : tuple of (int, float)
        Number and value of the trial each time that one was better than all before.
    places : mapping of str to tuple of float
        For each searched parameter the place of each trial in its range, from 0 to 1.
    """

    report: StudyReport
    best_so_far: tuple[tuple[int, float], ...]
    places: Mapping[str, tuple[float, ...]]

    @property
    def paths(self) -> list[str]:
        """The searched parameters."""
        return list(self.places)

    @property
    def best(self) -> TrialRecord | None:
        """The best trial, in fresh circuits where that is confirmed."""
        number = self.report.best_trial
        return next((each for each in self.report.trials if each.number == number), None)

    def trials(self, *, by_value: bool) -> Sequence[TrialRecord]:
        """Return the trials, best first or newest first; those without a value come last in an order by value."""
        if not by_value:
            return self.report.trials[::-1]
        sign = -1.0 if self.report.record.maximize else 1.0
        return sorted(
            self.report.trials,
            key=lambda trial: (
                (not math.isfinite(trial.value), sign * trial.value, trial.number)
                if math.isfinite(trial.value)
                else (True, 0.0, -trial.number)
            ),
        )

    def end_near(self, path: str) -> str:
        """``low`` or ``high`` where the best trial is at that end of a parameter's range; else empty."""
        if self.best is None or "choices" in self.report.record.space[path]:
            return ""
        place = self.places[path][self.report.trials.index(self.best)]
        return "low" if place <= NEAR_BOUND else "high" if place >= 1 - NEAR_BOUND else ""


def read_picture(workspace: Workspace, study_id: str) -> StudyPicture:
    """Read a study.

    Raises
    ------
    UnknownRunError
        Where there is none.
    StoreError
        Where the catalogue cannot be read.
    """
    from l5tui.analysis.study_table import study_table
    from l5tui.tuning.study import show_study

    report = show_study(workspace, study_id)
    record = report.record
    table = study_table(record.space, report.trials, record.objective, record.maximize)
    places = {path: tuple(column.tolist()) for path, column in zip(table.paths, table.units.T, strict=True)}
    return StudyPicture(report, _steps(table), places)


def _steps(table: StudyTable) -> tuple[tuple[int, float], ...]:
    """Return number and value of each trial that was better than all before it."""
    steps: list[tuple[int, float]] = []
    for number, best in zip(table.numbers.tolist(), table.best_so_far.tolist(), strict=True):
        if math.isfinite(best) and (not steps or best != steps[-1][1]):
            steps.append((number, best))
    return tuple(steps)
