"""The events of a study as lines of JSON, for scripts and for the app; docs/progress-lines.md describes them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from l5tui.runner.lines import as_line
from l5tui.tuning.events import (
    Confirming,
    Connecting,
    PosteriorEstimated,
    Recording,
    StudyEvent,
    StudyProgress,
    StudyStarted,
    StudyWarned,
    TrialEnded,
)
from l5tui.tuning.marginals import Marginal

KINDS: Final[Mapping[type[StudyEvent], str]] = {
    Connecting: "connecting",
    StudyStarted: "started",
    TrialEnded: "trial",
    StudyProgress: "progress",
    Confirming: "confirming",
    PosteriorEstimated: "posterior",
    Recording: "recording",
    StudyWarned: "warning",
}
"""What each event is called on a line."""


def study_line(event: StudyEvent) -> str:
    """Return an event as one line of ASCII JSON, without line break; non-finite numbers are null.

    Parameters
    ----------
    event : StudyEvent
    """
    values: dict[str, Any] = dict(vars(event))
    if isinstance(event, TrialEnded):
        values["trial"] = _trial(event)
    elif isinstance(event, PosteriorEstimated):
        values["marginals"] = {path: asdict(each) for path, each in event.marginals.items()}
    return as_line(KINDS[type(event)], **values)


def read_posterior(line: Mapping[str, Any]) -> PosteriorEstimated:
    """Return the event of a ``posterior`` line.

    Parameters
    ----------
    line : mapping
    """
    values = {name: value for name, value in line.items() if name not in ("event", "time")}
    for name in ("log_evidence", "log_evidence_sd"):
        values[name] = math.nan if values[name] is None else values[name]
    values["marginals"] = {path: Marginal(**each) for path, each in line["marginals"].items()}
    return PosteriorEstimated(**values)


def _trial(event: TrialEnded) -> dict[str, Any]:
    trial = asdict(event.trial)
    for name in ("started", "ended"):
        trial[name] = trial[name].isoformat() if trial[name] else None
    return {**trial, "status": str(event.trial.status)}
