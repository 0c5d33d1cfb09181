"""Attributes of the file of a run: what identifies it, and what it was computed with."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from l5tui.runner.run_outcome import divergence, status_of

if TYPE_CHECKING:
    from l5tui.config import Experiment
    from l5tui.model.recording import Recording
    from l5tui.runner.provenance import Provenance
    from l5tui.store.records import RunRecord


def run_attributes(
    record: RunRecord,
    experiment: Experiment,
    toml: str,
    provenance: Provenance,
    recordings: list[Recording],
    timings: Mapping[str, float],
    warnings: Sequence[str],
) -> dict[str, Any]:
    """Return the attributes of the dataset of a run, from which its row can be rebuilt.

    Parameters
    ----------
    record : RunRecord
        Row of the run, which has begun.
    experiment : Experiment
    toml : str
        Text of the experiment, as the user wrote it.
    provenance : Provenance
        Versions, host and state of the code.
    recordings : list of Recording
        One for each realization; they determine the status.
    timings : mapping of str to float
        Seconds of the phases so far.
    warnings : sequence of str

    Returns
    -------
    dict of str to object
        Strings and numbers, in the order in which the file stores them.
    """
    return {
        "run_id": record.id,
        "source": f"l5tui {provenance.versions['l5tui']}",
        "experiment_toml": toml,
        "versions": json.dumps(provenance.versions),
        "host": provenance.host,
        "git_commit": provenance.git_commit or "",
        "git_dirty": json.dumps(provenance.git_dirty),
        "pid": record.pid,
        "process_started": record.process_started or "",
        "radians_per_step": experiment.radians_per_step,
        "temporal_frequency_hz": experiment.radians_per_step
        / (2 * math.pi * experiment.dynamics.step_seconds),
        "group_id": record.group_id or "",
        "timings": json.dumps(timings),
        "error": divergence(recordings) or "",
        "warnings": json.dumps(warnings),
        "created": record.created.isoformat(),
        "measured": datetime.now(UTC).isoformat(),
        "status": str(status_of(recordings)),
    }
