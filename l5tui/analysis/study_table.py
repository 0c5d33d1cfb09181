"""Trials of a study as plain arrays, for its figures and its CSV file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from l5tui.analysis.csv_table import csv_text
from l5tui.analysis.parameter_axis import ParameterAxis
from l5tui.model.arrays import BoolArray, FloatArray, IntArray

BEST_SHARE = 0.1
"""Fraction of the trials with a value that count as the best ones."""


class Trial(Protocol):
    """Fields of a trial that a table needs."""

    @property
    def number(self) -> int:
        """Number of the trial, from 0."""

    @property
    def status(self) -> str:
        """``completed``, ``diverged``, ``failed``, ``running`` or ``interrupted``."""

    @property
    def value(self) -> float:
        """The objective; NaN where there is none."""

    @property
    def point(self) -> Mapping[str, Any]:
        """Varied parameters by path; of a ratio, the ratio."""

    @property
    def seconds(self) -> float:
        """Duration of its simulation, in seconds."""

    @property
    def error(self) -> str | None:
        """Reason why it has no value, in one line."""


@dataclass(frozen=True)
class StudyTable:
    """The trials of a study, in the order of their numbers.

    Parameters
    ----------
    objective : str
        Name of the objective.
    maximize : bool
        Whether the objective is maximized.
    axes : tuple of ParameterAxis
        One a searched parameter.
    numbers : ndarray, shape (trial,)
        Numbers of the trials, ascending.
    statuses : tuple of str
        Status of each trial.
    values : ndarray, shape (trial,)
        The objective; NaN for all but completed trials, and for those without one.
    units : ndarray, shape (trial, dimension)
        Places of the points in the unit cube, never NaN.
    places : ndarray, shape (trial, dimension)
        The same on the axes: numbers at themselves, choices at their index.
    best_so_far : ndarray, shape (trial,)
        The best value up to each trial; NaN before the first.
    best : int or None
        Row of the first trial with the best value in search.
    seconds : ndarray, shape (trial,)
        Duration of each trial's simulation, in seconds.
    errors : tuple of str
        Reason why a trial has no value; empty otherwise.
    points : tuple of mapping
        Varied parameters of each trial, by path.
    confirmed : int or None
        Row of the best trial in fresh circuits; None where the study is not confirmed.
    """

    objective: str
    maximize: bool
    axes: tuple[ParameterAxis, ...]
    numbers: IntArray
    statuses: tuple[str, ...]
    values: FloatArray
    units: FloatArray
    places: FloatArray
    best_so_far: FloatArray
    best: int | None
    seconds: FloatArray
    errors: tuple[str, ...]
    points: tuple[Mapping[str, Any], ...]
    confirmed: int | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def paths(self) -> tuple[str, ...]:
        """The searched parameters."""
        return tuple(axis.path for axis in self.axes)

    @property
    def chosen(self) -> int | None:
        """Row of the best trial in fresh circuits, or of the best in search where there is no other."""
        return self.best if self.confirmed is None else self.confirmed

    @property
    def finished(self) -> BoolArray:
        """Mask of the trials with a value, shape (trial,)."""
        return np.isfinite(self.values)

    @property
    def best_rows(self) -> IntArray:
        """Rows of the best tenth of the trials with a value, at least one, the best first."""
        rows = np.flatnonzero(self.finished)
        order = np.argsort(-self.values[rows] if self.maximize else self.values[rows], kind="stable")
        return rows[order[: math.ceil(BEST_SHARE * len(rows))]]

    def with_status(self, *statuses: str) -> BoolArray:
        """Return a mask of the trials that have one of the statuses.

        Parameters
        ----------
        *statuses : str
            ``completed``, ``diverged``, ``failed``, ``running`` or ``interrupted``.

        Returns
        -------
        ndarray of bool, shape (trial,)
        """
        return np.array([status in statuses for status in self.statuses], dtype=bool)

    def as_csv(self) -> str:
        """Return all trials as CSV text, a line each under a line of names.

        Returns
        -------
        str
            ``number``, ``status``, the objective under ``value``, ``seconds``, ``error`` and a column for each
            parameter. A ratio has both paths as its name, ``plasticity.tau_threshold / plasticity.tau_learn``, as
            in MLflow; a last column repeats it under ``plasticity.tau_threshold/plasticity.tau_learn``, its name
            in earlier versions. What is not defined is empty. Numbers are written in full, so that reading them
            gives the same ones.
        """
        ratios = [axis for axis in self.axes if axis.times]
        labels = [*(axis.label for axis in self.axes), *(axis.name for axis in ratios)]
        paths = [*self.paths, *(axis.path for axis in ratios)]
        rows: list[list[object]] = [["number", "status", "value", "seconds", "error", *labels]]
        for row in range(len(self)):
            point = (_cell(self.points[row][path]) for path in paths)
            numbers = _cell(float(self.values[row])), _cell(float(self.seconds[row]))
            rows.append([int(self.numbers[row]), self.statuses[row], *numbers, self.errors[row], *point])
        return csv_text(rows)


def study_table(
    space: Mapping[str, Mapping[str, Any]],
    trials: Sequence[Trial],
    objective: str,
    maximize: bool,
    confirmed: int | None = None,
) -> StudyTable:
    """Return the table of a study's trials.

    Parameters
    ----------
    space : mapping of str to mapping
        The searched parameters, as a study keeps them: ``{"low": 0, "high": 20}`` or ``{"choices": [...]}``.
    trials : sequence of Trial
        In any order.
    objective : str
        Name of the objective.
    maximize : bool
        Whether the objective is maximized.
    confirmed : int, optional
        Number of the best trial in fresh circuits.

    Returns
    -------
    StudyTable
        In the order of the trials' numbers.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> trials = [
    ...     SimpleNamespace(number=n, status="completed", value=v, point={"x": p}, seconds=1.0, error=None)
    ...     for n, v, p in [(0, 2.0, 0.5), (1, 1.0, 1.0)]
    ... ]
    >>> table = study_table({"x": {"low": 0.0, "high": 2.0}}, trials, "loss", maximize=False)
    >>> table.best, table.best_so_far.tolist(), table.units.ravel().tolist()
    (1, [2.0, 1.0], [0.25, 0.5])
    """
    ordered = sorted(trials, key=lambda trial: trial.number)
    axes = tuple(ParameterAxis.from_dict(path, spread) for path, spread in space.items())
    places = np.array(
        [[axis.place(trial.point[axis.path]) for axis in axes] for trial in ordered], dtype=float
    )
    places = places.reshape(len(ordered), len(axes))
    units = [axis.units(column) for axis, column in zip(axes, places.T, strict=True)]
    values = np.array([_value(trial) for trial in ordered], dtype=float)
    best_so_far = (np.fmax if maximize else np.fmin).accumulate(values)
    return StudyTable(
        objective=objective,
        maximize=maximize,
        axes=axes,
        numbers=np.array([trial.number for trial in ordered], dtype=np.int64),
        statuses=tuple(str(trial.status) for trial in ordered),
        values=values,
        units=np.stack(units, axis=1),
        places=places,
        best_so_far=best_so_far,
        best=int(np.argmax(values == best_so_far[-1])) if np.isfinite(best_so_far[-1:]).any() else None,
        seconds=np.array([trial.seconds for trial in ordered], dtype=float),
        errors=tuple(trial.error or "" for trial in ordered),
        points=tuple(dict(trial.point) for trial in ordered),
        confirmed=next((row for row, trial in enumerate(ordered) if trial.number == confirmed), None),
    )


def _value(trial: Trial) -> float:
    """Return a trial's objective; NaN if it is infinite or the trial is not completed."""
    return trial.value if trial.status == "completed" and math.isfinite(trial.value) else math.nan


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(float(value)) if math.isfinite(value) else ""
    return str(value)
