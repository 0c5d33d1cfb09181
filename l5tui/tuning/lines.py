"""The events of a study as lines of JSON, for scripts and for the app; docs/progress-lines.md describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from l5tui.runner.lines import as_line
from l5tui.tuning.events import (
    Recording,
    StudyEvent,
    StudyProgress,
    StudyStarted,
    StudyWarned,
    TrialEnded,
)

KINDS: Final[Mapping[type[StudyEvent], str]] = {
    StudyStarted: "started",
    TrialEnded: "trial",
    StudyProgress: "progress",
    Recording: "recording",
    StudyWarned: "warning",
}
"""What each event is called on a line."""


def study_line(event: StudyEvent) -> str:
    """An event as one line of JSON, in ASCII, without its end; what is not a finite number is null.

    Parameters
    ----------
    event : StudyEvent
    """
    values: dict[str, Any] = dict(vars(event))
    if isinstance(event, TrialEnded):
        values["trial"] = _trial(event)
    return as_line(KINDS[type(event)], **values)


def _trial(event: TrialEnded) -> dict[str, Any]:
    trial = asdict(event.trial)
    for name in ("started", "ended"):
        trial[name] = trial[name].isoformat() if trial[name] else None
    return {**trial, "status": str(event.trial.status)}
