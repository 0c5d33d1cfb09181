"""A run as MLflow is to show it: plain values, checked before anything is written."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Final, Literal

from l5tui.errors import TrackingError
from l5tui.tracking.limits import (
    LONGEST_NAME,
    LONGEST_PARAMETER,
    LONGEST_TAG,
    cut_mark,
    fitted,
    parameter_text,
)

Status = Literal["completed", "diverged", "failed", "cancelled"]

MLFLOW_STATUS: Final[Mapping[str, str]] = {
    "completed": "FINISHED",
    "diverged": "FAILED",
    "failed": "FAILED",
    "cancelled": "KILLED",
}
"""How MLflow names the end of a run."""


@dataclass(frozen=True)
class StepMetrics:
    """Metrics of one step of a run.

    Parameters
    ----------
    step : int
    values : mapping of str to float
    """

    step: int
    values: Mapping[str, float]


@dataclass(frozen=True)
class TrackedRun:
    """What MLflow is to show of a run.

    Parameters
    ----------
    run_id : str
        Our id of the run.
    name : str
        The experiment's name.
    status : str
        ``completed``, ``diverged``, ``failed`` or ``cancelled``.
    started, ended : datetime
        With a time zone.
    parameters : mapping of str to str, int, float or bool
        Dotted keys.
    metrics : mapping of str to float
        Values at the end; those that are not finite are left out and named in the tag ``l5tui.undefined``.
    series : sequence of StepMetrics
        Values along the run; their names should not be among `metrics`.
    tags : mapping of str to str
    texts : mapping of str to str
        Artifact path, such as ``tables/weights.csv``, to content.
    images : mapping of str to bytes
        Artifact path to the content of a PNG file.
    """

    run_id: str
    name: str
    status: Status
    started: datetime
    ended: datetime
    parameters: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    series: Sequence[StepMetrics] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.status not in MLFLOW_STATUS:
            raise ValueError(f"status {self.status!r}, allowed {', '.join(MLFLOW_STATUS)}")
        if self.started.tzinfo is None or self.ended.tzinfo is None:
            raise ValueError("started and ended need a time zone")

    def parameter_texts(self) -> dict[str, str]:
        """Parameters under legal names, as text of a legal length; switches as TOML writes them."""
        return fitted(self._whole_parameters(), LONGEST_PARAMETER)[0]

    def _whole_parameters(self) -> dict[str, str]:
        names = legal_names(self.parameters)
        return {names[key]: parameter_text(value) for key, value in self.parameters.items()}

    def finite_metrics(self) -> list[tuple[str, float, int]]:
        """Name, value and step of every metric that is a finite number; final values have step 0."""
        names = legal_names([*self.metrics, *(name for each in self.series for name in each.values)])
        rows = [(names[name], float(value), 0) for name, value in self.metrics.items()]
        rows += [
            (names[name], float(value), each.step)
            for each in self.series
            for name, value in each.values.items()
        ]
        return [row for row in rows if math.isfinite(row[1])]

    def all_tags(self) -> dict[str, str]:
        """Return the tags, with l5tui's id and status, undefined metrics, and what MLflow's limits shorten."""
        undefined = {name for name, value in self.metrics.items() if not math.isfinite(value)}
        for each in self.series:
            undefined |= {name for name, value in each.values.items() if not math.isfinite(value)}
        own = {"l5tui.run_id": self.run_id, "l5tui.status": self.status, "mlflow.source.name": "l5tui"}
        if undefined:
            own["l5tui.undefined"] = ", ".join(sorted(undefined))
        names = legal_names(self.tags)
        tags, cut = fitted({names[name]: value for name, value in self.tags.items()} | own, LONGEST_TAG)
        return tags | cut_mark(fitted(self._whole_parameters(), LONGEST_PARAMETER)[1] | cut)

    def files(self) -> dict[PurePosixPath, bytes]:
        """Content of every artifact by its path.

        Raises
        ------
        TrackingError
            Where a path leads out of the run's folder.
        """
        contents = {path: text.encode() for path, text in self.texts.items()} | dict(self.images)
        for path in contents:
            if not path or path != normpath(path) or path.startswith(("/", "..")) or path == ".":
                raise TrackingError(
                    f"run {self.run_id}: artifact {path!r} is not a relative path such as a/b.csv"
                )
        return {PurePosixPath(path): content for path, content in contents.items()}


def legal_names(names: Iterable[str]) -> dict[str, str]:
    """MLflow's spelling of each name: other characters become ``_``, and no two names become one."""
    legal: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        if name in legal:
            continue
        # MLflow reads a name as a path too, so empty, dotted and absolute ones are illegal.
        parts = [part for part in re.sub(r"[^\w./\- ]", "_", name).split("/") if part.strip(".")]
        stem = candidate = "/".join(parts)[:LONGEST_NAME] or "_"
        count = 1
        while candidate in taken:
            count += 1
            suffix = f"_{count}"
            candidate = stem[: LONGEST_NAME - len(suffix)] + suffix
        taken.add(candidate)
        legal[name] = candidate
    return legal
