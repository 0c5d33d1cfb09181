"""The identity of an experiment: a hash of what its numbers depend on."""

from __future__ import annotations

import functools
import hashlib
import json
from typing import Any

from l5tui.config.experiment_tables import ExperimentTables

FORMAT = "l5tui-experiment-2"
"""Version of the configuration's format; part of the hash, so that identities never cross formats."""

LABELS = frozenset({"name", "notes", "tags"})
"""Keys that only label an experiment."""

WITHOUT_EFFECT = LABELS | {"simulation.workers", "tuning"}
"""Paths of what changes no number of a run: experiments that differ in nothing else are the same."""


def experiment_hash(experiment: ExperimentTables) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of a resolved configuration."""
    return hashlib.sha256(canonical_json(experiment).encode()).hexdigest()


def canonical_json(experiment: ExperimentTables) -> str:
    """Return the resolved configuration with sorted keys and shortest round-trip numbers."""
    resolved: dict[str, Any] = experiment.model_dump(mode="json")
    resolved["loss"]["form"] = experiment.loss_form
    # Experiments without targets are what they were before there were any.
    if not resolved["targets"]:
        del resolved["targets"]
    # Experiments without a floor are what they were before there was one.
    if not resolved["plasticity"]["threshold_floor"]:
        del resolved["plasticity"]["threshold_floor"]
    # Experiments without a frequency in Hz are what they were before there was one.
    if not resolved["stimulus"]["temporal_frequency_hz"]:
        del resolved["stimulus"]["temporal_frequency_hz"], resolved["dynamics"]["tau_ms"]
    for path in WITHOUT_EFFECT:
        *sections, key = path.split(".")
        del functools.reduce(dict.__getitem__, sections, resolved)[key]
    document = _without_negative_zero({"format": FORMAT, "experiment": resolved})
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _without_negative_zero(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_negative_zero(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_negative_zero(item) for item in value]
    return value + 0.0 if isinstance(value, float) else value
