"""An experiment and its tables as the flat names and values that MLflow compares runs by."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from l5tui.analysis.tables import RunTables, named_measures
from l5tui.config import POPULATIONS, Experiment
from l5tui.config.identity import LABELS

Value = str | int | float | bool


def metrics_of(tables: RunTables) -> dict[str, float]:
    """Every number that a run was measured by, under one name each.

    Parameters
    ----------
    tables : RunTables

    Returns
    -------
    dict of str to float
        ``loss``, ``loss/TERM``, ``CONDITION/MEASURE.POPULATION``, ``weight_QUANTITY/POST_from_PRE`` and
        ``summary/NAME``; a statistic other than the mean is added at the end, as in
        ``before/rate.PV.std_of_means``. NaN where a number is not defined. ``target/MEASURE`` is the distance
        to a target.
        MLflow groups its charts by what stands before the slash.
    """
    distances = {f"target/{row.measure}": row.distance for row in tables.targets}
    return {"loss": tables.loss, **named_measures(tables), **distances}


def parameters_of(experiment: Experiment) -> dict[str, Value]:
    """Return the resolved configuration, one dotted key a value.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    dict of str to str, int, float or bool
        ``section.key``; a cell of a 4×4 table is ``section.key.PRE_to_POST``, any other list is JSON text.
        Name, notes and tags only label an experiment and are left out; ``loss.form`` is never ``auto``, and
        ``stimulus.temporal_frequency`` is in effect, in radians per step, also where the frequency is given in Hz.
    """
    resolved = experiment.model_dump(mode="json", exclude=set(LABELS))
    resolved["loss"]["form"] = experiment.loss_form
    resolved["stimulus"]["temporal_frequency"] = experiment.radians_per_step
    return dict(_flattened("", resolved))


def _flattened(prefix: str, branch: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    for key, value in branch.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _flattened(f"{path}.", value)
        elif _is_table(value):
            for pre, row in zip(POPULATIONS, value, strict=True):
                for post, cell in zip(POPULATIONS, row, strict=True):
                    yield f"{path}.{pre}_to_{post}", cell
        elif isinstance(value, str | int | float | bool):
            yield path, value
        else:
            yield path, json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _is_table(value: Any) -> bool:
    count = len(POPULATIONS)
    return (
        isinstance(value, list)
        and len(value) == count
        and all(isinstance(row, list) and len(row) == count for row in value)
    )
