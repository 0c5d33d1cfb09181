"""What a study tells of its parameters beyond its best point: how sure they are, or how much they matter."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from l5tui.tuning.methods import DESIGNS, INFERENCES, SALTELLI
from l5tui.tuning.report import StudyReport
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    from l5tui.model.arrays import FloatArray

BINS: Final = 10
"""Parts of a parameter's range that its marginal is shown in."""


@dataclass(frozen=True)
class ParameterInsight:
    """One parameter.

    Parameters
    ----------
    path : str
    value, low, high : float
        Posterior mean and 90 % interval; or the total index (the slope) and its 95 % interval.
    shares : tuple of float
        Of an inference, the posterior probability of each tenth of the parameter's range; empty for an index.
    """

    path: str
    value: float
    low: float
    high: float
    shares: tuple[float, ...] = ()


@dataclass(frozen=True)
class Insight:
    """All parameters.

    Parameters
    ----------
    title : str
        What the numbers are.
    told : str
        How far they can be trusted, in words.
    rows : tuple of ParameterInsight
    """

    title: str
    told: str
    rows: tuple[ParameterInsight, ...]


def study_insight(workspace: Workspace, report: StudyReport) -> Insight | None:
    """What an inference or a sensitivity design has come to so far; None for a search, or where there is nothing yet.

    While an inference goes on, its evaluations stand for its posterior, each weighted by its likelihood.

    Raises
    ------
    StoreError
        Where the posterior's file cannot be read.
    """
    record = report.record
    if record.method in DESIGNS:
        return _of_design(report)
    if record.method not in INFERENCES:
        return None
    from l5tui.tuning.inference.infer import inference_file

    path = inference_file(workspace, record.id)
    return _of_file(path, record.space) if path.exists() else _of_trials(report)


def pair_plot(workspace: Workspace, study_id: str, folder: Path) -> Path:
    """Draw the pair plot of a finished inference.

    Parameters
    ----------
    workspace : Workspace
    study_id : str
    folder : Path
        Where the PNG file goes, under the study's id.

    Raises
    ------
    L5Error
        Where the study is no inference, or has no posterior yet; or what it takes is not installed.
    """
    from l5tui.errors import UnsuitableRunError
    from l5tui.tuning.inference.infer import show_inference
    from l5tui.tuning.inference.pictures import inference_pictures

    report = show_inference(workspace, study_id)
    if report.file is None:
        raise UnsuitableRunError(f"study {study_id} has no posterior yet; r goes on with it")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{study_id}-pairs.png"
    path.write_bytes(inference_pictures(report)["pairs"])
    return path


def _of_file(path: Path, space: Mapping[str, Any]) -> Insight:
    import numpy as np
    import xarray as xr

    from l5tui.store.netcdf import lock, told
    from l5tui.tuning.inference.pictures import evidence_in_words

    with told(path, "read"), lock, xr.open_dataset(path, engine="netcdf4") as root:
        attributes = dict(root.attrs)
    with told(path, "read"), lock, xr.open_dataset(path, group="posterior", engine="netcdf4") as posterior:
        draws = {name: np.asarray(posterior[name].values, dtype=float).ravel() for name in space}
    rows = tuple(_marginal(name, each, np.ones(len(each)), space[name]) for name, each in draws.items())
    return Insight("Posterior", evidence_in_words(attributes), rows)


def _of_trials(report: StudyReport) -> Insight | None:
    import numpy as np

    known = [trial for trial in report.trials if math.isfinite(trial.value)]
    if len(known) < 2:
        return None
    values = np.array([trial.value for trial in known])
    weights = np.exp(values - values.max())
    worth = float(weights.sum() ** 2 / (weights**2).sum())
    space = report.record.space
    rows = tuple(
        _marginal(name, np.array([float(trial.point[name]) for trial in known]), weights, space[name])
        for name in space
    )
    told = f"so far: {len(known)} evaluations by their likelihood, worth {worth:.1f} draws; no posterior yet"
    return Insight("Posterior so far", told, rows)


def _marginal(
    name: str, values: FloatArray, weights: FloatArray, spread: Mapping[str, Any]
) -> ParameterInsight:
    import numpy as np

    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    low, high = (float(values[order][np.searchsorted(reached, share)]) for share in (0.05, 0.95))
    scale = np.log if spread.get("log") else np.asarray
    ends = scale(np.array([spread["low"], spread["high"]], dtype=float))
    counts, _ = np.histogram(
        scale(values), bins=BINS, range=(float(ends[0]), float(ends[1])), weights=weights
    )
    mean = float(np.average(values, weights=weights))
    return ParameterInsight(name, mean, low, high, tuple((counts / weights.sum()).tolist()))


def _of_design(report: StudyReport) -> Insight | None:
    from l5tui.tuning.sensitivity import analysed

    found = analysed(report.record, report.trials)
    if found is None:
        return None
    objective = report.record.objective
    rows = [row for row in found.rows() if row["output"] == objective]
    if report.record.method == SALTELLI:
        samples = rows[0]["samples"] if rows else 0
        indices = tuple(_index(row["parameter"], row["total"], row["total_interval"]) for row in rows)
        return Insight(
            f"Total index of the {objective}", f"Sobol' indices from {samples} base samples", indices
        )
    slopes = tuple(_index(row["parameter"], row["slope"], 0.0) for row in rows)
    return Insight(f"Slope of the {objective}", "central differences, per range of the parameter", slopes)


def _index(path: str, value: float, half: float) -> ParameterInsight:
    return ParameterInsight(path, value, value - half, value + half)
