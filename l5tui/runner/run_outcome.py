"""How a run ended, from the ends of its realizations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from l5tui.store.records import RunStatus

if TYPE_CHECKING:
    from l5tui.model.recording import Recording


def status_of(recordings: list[Recording]) -> RunStatus:
    """Return the status of a run whose realizations have all ended."""
    return RunStatus.COMPLETED if all(r.completed for r in recordings) else RunStatus.DIVERGED


def divergence(recordings: list[Recording]) -> str | None:
    """Which realizations diverged, and where the first one did."""
    diverged = [(index, r.outcome) for index, r in enumerate(recordings, 1) if not r.completed]
    if not diverged:
        return None
    index, outcome = diverged[0]
    return f"{len(diverged)} of {len(recordings)} realizations diverged; in realization {index} {outcome}"
