"""Results of a study for its parameters beyond the best point: posterior marginals, or sensitivity indices."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from l5tui.analysis.sensitivity import OUTPUTS
from l5tui.errors import UnsuitableRunError
from l5tui.runner.output import write_files
from l5tui.store.id_paths import file_name, inference_file
from l5tui.store.netcdf import lock, store_errors
from l5tui.store.netcdf_reader import open_netcdf
from l5tui.text import count
from l5tui.tuning.events import PosteriorEstimated
from l5tui.tuning.marginals import Marginal, marginal
from l5tui.tuning.methods import DESIGNS, INFERENCES, SALTELLI, study_kind
from l5tui.tuning.report import StudyReport
from l5tui.workspace import Workspace


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
    std : float
        Of an inference, the posterior's standard deviation; else NaN.
    first, first_half : float
        Of a Sobol' design, the first-order index and half the width of its 95 % interval; else NaN.
    """

    path: str
    value: float
    low: float
    high: float
    shares: tuple[float, ...] = ()
    std: float = math.nan
    first: float = math.nan
    first_half: float = math.nan


@dataclass(frozen=True)
class Insight:
    """All parameters.

    Parameters
    ----------
    title : str
        What the numbers are.
    text : str
        How far they can be trusted, in words.
    rows : tuple of ParameterInsight
    short : str
        The most important part of `text`, for a headline; empty if there is none.
    course : tuple of float
        Estimates of the log evidence while it is being looked for, oldest first.
    """

    title: str
    text: str
    rows: tuple[ParameterInsight, ...]
    short: str = ""
    course: tuple[float, ...] = ()


def study_insight(workspace: Workspace, report: StudyReport) -> Insight | None:
    """Return the result so far of an inference or a sensitivity design; None for a search, or without a result.

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

    path = inference_file(workspace, record.id)
    return _of_file(path, record.space) if path.exists() else _of_trials(report)


def live_insight(estimates: Sequence[PosteriorEstimated]) -> Insight:
    """Return the live posterior of an inference.

    Parameters
    ----------
    estimates : sequence of PosteriorEstimated
        Oldest first, one or more.
    """
    last = estimates[-1]
    rows = tuple(_row(path, each) for path, each in last.marginals.items())
    text = f"so far, from {count(last.evaluations, 'evaluation')}; no posterior yet"
    course = tuple(each.log_evidence for each in estimates)
    return Insight("Posterior so far", text, rows, last.in_words, course)


def study_figure(workspace: Workspace, study_id: str, folder: Path) -> Path:
    """Draw the pair plot of an inference, or the indices of a sensitivity design.

    Parameters
    ----------
    workspace : Workspace
    study_id : str
    folder : Path
        Where the PNG file goes, under the study's id.

    Raises
    ------
    L5Error
        Where the study is a search, or has not come to its end yet; or what it takes is not installed.
    """
    from l5tui.tuning.inference.infer import show_inference
    from l5tui.tuning.inference.pictures import inference_pictures
    from l5tui.tuning.sensitivity import SensitivityReport, analysed, draw_sensitivity
    from l5tui.tuning.study import show_study

    study = show_study(workspace, study_id)
    kind = study_kind(study.record.method)
    if kind == "search":
        raise UnsuitableRunError(f"study {study_id} is a search: only an inference has a posterior to draw")
    if kind == "sensitivity":
        found = analysed(study.record, study.trials)
        if found is None:
            raise UnsuitableRunError(f"study {study_id} has no indices yet: not all of its trials have ended")
        return draw_sensitivity(SensitivityReport(study, found), folder)
    report = show_inference(workspace, study_id)
    if report.file is None:
        raise UnsuitableRunError(f"study {study_id} has no posterior yet: it is {study.record.status}")
    (path,) = write_files(folder, {file_name(study_id, "-pairs.png"): inference_pictures(report)["pairs"]})
    return path


def _of_file(path: Path, space: Mapping[str, Any]) -> Insight:
    from l5tui.tuning.inference.pictures import evidence_in_words

    with store_errors(path, "read"), lock, open_netcdf(path) as root:
        attributes = root.attributes()
    with store_errors(path, "read"), lock, open_netcdf(path, "posterior") as posterior:
        draws = {name: np.asarray(posterior.values(name), dtype=float).ravel() for name in space}
    rows = tuple(_row(name, marginal(each, space[name])) for name, each in draws.items())
    evidence = evidence_in_words(attributes)
    return Insight("Posterior", evidence, rows, evidence.split(": ", 1)[0].replace(";", ","))


def _of_trials(report: StudyReport) -> Insight | None:
    from l5tui.tuning.inference.simulator import KERNEL

    known = [trial for trial in report.trials if math.isfinite(trial.value)]
    if len(known) < 2:
        return None
    values = np.array([trial.metrics.get(KERNEL, trial.value) for trial in known])
    weights = np.exp(values - values.max())
    worth = float(weights.sum() ** 2 / (weights**2).sum())
    space = report.record.space
    rows = tuple(
        _row(name, marginal(np.array([float(trial.point[name]) for trial in known]), space[name], weights))
        for name in space
    )
    text = (
        f"so far: {len(known)} evaluations, weighted by their likelihood (effective sample size {worth:.1f}); the "
        "posterior will be wider, because the evaluations are concentrated where the likelihood is high"
    )
    return Insight("Posterior so far", text, rows, "no posterior yet")


def _row(path: str, of: Marginal) -> ParameterInsight:
    return ParameterInsight(path, of.mean, of.low, of.high, of.shares, of.std)


def _of_design(report: StudyReport) -> Insight:
    from l5tui.tuning.sensitivity import analysed

    record = report.record
    found = analysed(record, report.trials)
    if found is None:
        text = f"so far: {record.ended_trials} of {record.trials} trials; indices need them all"
        return Insight("Sensitivity", text, (), "no indices yet")
    # A design is measured by the same outputs whatever its experiment would seek.
    rows = [row for row in found.rows() if row["output"] == OUTPUTS[0]]
    if record.method == SALTELLI:
        samples, wanted = (rows[0]["samples"] if rows else 0), record.trials // (len(record.space) + 2)
        indices = tuple(
            _index(row["parameter"], row["total"], row["total_interval"], row["first"], row["first_interval"])
            for row in rows
        )
        text = f"█ first-order and ░ total Sobol' index, ± 95 %, of {samples} of {wanted} base samples"
        return Insight(f"Sensitivity of the {OUTPUTS[0]}", text, indices, f"{samples} of {wanted} samples")
    slopes = tuple(_index(row["parameter"], row["slope"], 0.0) for row in rows)
    text = "change for a tenth of the parameter's range, by central differences"
    return Insight(f"Slope of the {OUTPUTS[0]}", text, slopes)


def _index(
    path: str, value: float, half: float, first: float = math.nan, first_half: float = math.nan
) -> ParameterInsight:
    return ParameterInsight(path, value, value - half, value + half, first=first, first_half=first_half)
