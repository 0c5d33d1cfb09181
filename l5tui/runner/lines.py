"""The events of a run as lines of JSON, for scripts and for the app; docs/progress-lines.md describes them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from l5tui.runner.events import (
    Event,
    Forecasted,
    PhaseStarted,
    Progress,
    RunStarted,
    RunStored,
    Snapshot,
    Warned,
)
from l5tui.runner.forecast import Forecast

KINDS: Final[Mapping[type[Event], str]] = {
    Forecasted: "forecast",
    RunStarted: "started",
    PhaseStarted: "phase",
    Progress: "progress",
    Snapshot: "snapshot",
    RunStored: "stored",
    Warned: "warning",
}
"""What each event is called on a line."""


def to_line(event: Event, **more: Any) -> str:
    """Return an event as one line of ASCII JSON, without line break; non-finite numbers are null.

    Parameters
    ----------
    event : Event
    **more
        Further keys of the line.
    """
    values = asdict(event.forecast) if isinstance(event, Forecasted) else dict(vars(event))
    if isinstance(event, Snapshot):
        values["distance"] = event.distance
    return as_line(KINDS[type(event)], **values, **more)


def as_line(kind: str, **values: Any) -> str:
    """Return a line of some kind with some values."""
    return json.dumps({"event": kind, **_plain(values)}, allow_nan=False)


def from_line(values: Mapping[str, Any]) -> Event | None:
    """Return the event of a line; None if the line is not an event of a run.

    Parameters
    ----------
    values : mapping
        What the line's JSON says; keys that an event does not have are left alone.
    """
    match values["event"]:
        case "forecast":
            return Forecasted(Forecast(values["seconds"], values["memory"], values["disk"]))
        case "started":
            return RunStarted(values["run_id"], values["name"])
        case "phase":
            return PhaseStarted(values["phase"])
        case "progress":
            done, realizations, steps = values["done"], values["realizations"], values["steps"]
            is_paused = values.get("is_paused", False)
            return Progress(done, realizations, steps, values["total"], values["elapsed"], is_paused)
        case "snapshot":
            return Snapshot(
                values["realization"],
                tuple(values["steps"]),
                tuple(map(_four, values["rates"])),
                tuple(map(_four, values["weights"])),
                tuple(map(_four, values["targets"])),
                _defined(values["abscissa"]),
                tuple(values.get("angles", ())),
                tuple(map(_four, values.get("tuning_before", ()))),
                tuple(map(_four, values.get("tuning", ()))),
            )
        case "stored":
            return RunStored(values["report"])
        case "warning":
            return Warned(values["text"])
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _four(values: list[float | None]) -> tuple[float, ...]:
    return tuple(map(_defined, values))


def _defined(value: float | None) -> float:
    return math.nan if value is None else value
