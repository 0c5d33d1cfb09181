"""An inference from its beginning to its end: checked, simulated as a study, written down, and taken up again."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from l5tui.config import Experiment
from l5tui.config.checks import cross_check
from l5tui.config.validation import require_runnable
from l5tui.errors import ConfigError, Fault, UnknownRunError
from l5tui.runner.anchor import Anchor
from l5tui.runner.engine_settings import require_engine_settings
from l5tui.store.id_paths import inference_file
from l5tui.store.netcdf import lock
from l5tui.store.process import process_start_time
from l5tui.store.study_records import StudyRecord, StudyStatus, TrialRecord
from l5tui.tuning.defaults import BUDGET, budget_faults
from l5tui.tuning.events import PosteriorEstimated, StudyObserver, StudyWarned
from l5tui.tuning.inference.inference_data import write_inference
from l5tui.tuning.inference.libraries import library
from l5tui.tuning.inference.posterior import Estimate, Posterior
from l5tui.tuning.inference.prior import Prior
from l5tui.tuning.inference.simulator import VALUE, Simulator, StoppedError
from l5tui.tuning.inference.smc import run_smc
from l5tui.tuning.inference.vbmc import run_vbmc
from l5tui.tuning.lifecycle import (
    STOPPED,
    Surroundings,
    end_study,
    followed,
    new_study,
    study_experiment,
    without_value,
)
from l5tui.tuning.marginals import marginal
from l5tui.tuning.memory import require_memory_for_trials
from l5tui.tuning.methods import INFERENCES, VBMC
from l5tui.tuning.process_pool import LocalPool
from l5tui.tuning.space import SearchSpace, search_space
from l5tui.tuning.study import StudyReport, open_studies, show_study
from l5tui.workspace import Workspace

DRAWS: Final = 4000
"""Of the posterior and of the prior that are kept."""
PREDICTIVE: Final = 24
"""Draws of the posterior that are simulated once more, to be held against the targets."""
METHODS: Final = {VBMC: run_vbmc, "abc": run_smc}


@dataclass(frozen=True)
class InferenceReport:
    """An inference's study and what it comes to.

    Parameters
    ----------
    study : StudyReport
    file : Path or None
        Its posterior; None where it was stopped before there was one.
    """

    study: StudyReport
    file: Path | None

    def read(self) -> Mapping[str, Any]:
        """Return the content of the file: attributes, and ``summary``, ArviZ's table with a row a parameter."""
        assert self.file is not None
        arviz = library("arviz")
        # Apart from the NetCDF library, by which the user may have the file open, and closed again at once.
        with lock, arviz.rc_context({"data.load": "eager"}):
            data = arviz.from_netcdf(str(self.file), engine="h5netcdf")
        summary = arviz.summary(data, kind="stats", hdi_prob=0.9, round_to="none")
        return {**data.attrs, "summary": summary, "data": data}


def run_inference(
    experiment: Experiment,
    toml: str,
    workspace: Workspace,
    *,
    method: Literal["vbmc", "abc"] = "vbmc",
    budget: int = BUDGET,
    source: str = "",
    observe: StudyObserver = lambda event: None,
    requests: Callable[[], int] = lambda: 0,
    track: bool = True,
    force: bool = False,
) -> InferenceReport:
    """Infer the parameters of an experiment's search space from its targets.

    Parameters
    ----------
    experiment, toml, workspace, source, observe, requests, track, force
        As in `l5tui.tuning.study.run_study`.
    method : str, optional
    budget : int, optional
        Maximum number of simulated points, each with ``tuning.realizations`` fresh circuits; `PREDICTIVE` more follow.

    Raises
    ------
    ConfigError
        Where space or targets have faults; with all of them.
    MissingExtraError
        Where a library is not installed.
    """
    space, _ = checked_inference(experiment, budget, source)
    _require(method)
    require_engine_settings(experiment)
    require_memory_for_trials(experiment, force=force)
    with closing(Anchor(workspace)) as anchor:
        studies = open_studies(workspace).following(anchor.catalog)
        row = new_study(
            experiment,
            toml,
            space,
            method=method,
            trials=budget + PREDICTIVE,
            objective=VALUE,
            maximize=True,
        )
        executor = LocalPool(experiment.tuning.workers)
        around = Surroundings(anchor, studies, executor, observe, requests, track)
        return _go_on(lambda: studies.start(row), experiment, around)


def resume_inference(
    reference: str,
    workspace: Workspace,
    *,
    observe: StudyObserver = lambda event: None,
    requests: Callable[[], int] = lambda: 0,
    track: bool = True,
    force: bool = False,
) -> InferenceReport:
    """Take an inference up where it was left: it goes the same way, and what was simulated is not simulated again.

    Raises
    ------
    ConfigError
        Where the study is no inference.
    UnknownRunError
        Where no study, or more than one, answers to the reference.
    StoreError
        Where it is running.
    """
    with closing(Anchor(workspace)) as anchor:
        studies = open_studies(workspace).following(anchor.catalog)
        found = studies.find(reference)
        if found.method not in INFERENCES:
            fault = Fault(
                "", f"study {found.id}, a {found.method} study", f"`l5tui tune --resume {found.id}`"
            )
            raise ConfigError([fault])
        _require(found.method)
        experiment = study_experiment(found)
        require_runnable(experiment, f"study {found.id}")
        require_engine_settings(experiment)
        require_memory_for_trials(experiment, force=force)
        executor, pid = LocalPool(experiment.tuning.workers), os.getpid()
        return _go_on(
            lambda: studies.resume(found.id, found.trials, pid, process_start_time(pid)),
            experiment,
            Surroundings(anchor, studies, executor, observe, requests, track),
        )


def show_inference(workspace: Workspace, reference: str) -> InferenceReport:
    """Return an inference and its file, if there is one.

    Raises
    ------
    UnknownRunError
        Where no inference answers to it.
    """
    report = show_study(workspace, reference)
    if report.record.method not in INFERENCES:
        raise UnknownRunError(f"study {report.record.id} is no inference")
    path = inference_file(workspace, report.record.id)
    return InferenceReport(report, path if path.exists() else None)


def checked_inference(experiment: Experiment, budget: int, source: str = "") -> tuple[SearchSpace, Prior]:
    """Return space and prior of an experiment whose parameters can be inferred.

    Raises
    ------
    ConfigError
        With every fault of space, prior, targets and budget.
    """
    faults = [*cross_check(experiment, "inference"), *budget_faults(len(experiment.tuning.space), budget)]
    if faults:
        raise ConfigError(faults, source)
    space = search_space(experiment, source)
    return space, Prior(experiment, space)


def _require(method: str) -> None:
    """See that all libraries are there before anything is simulated."""
    library("arviz")
    if method == VBMC:
        library("pyvbmc")


def _go_on(begin: Callable[[], StudyRecord], experiment: Experiment, around: Surroundings) -> InferenceReport:
    """Infer until there is a posterior or a stop is requested."""
    studies = around.studies
    try:
        with followed(begin, around) as following:
            record = following.record
            space = search_space(experiment)
            prior = Prior(experiment, space)
            simulator = Simulator(
                record, experiment, space, around.executor, studies, following.emit, following.stop_requests
            )
            try:
                posterior, predictive = _infer(record, prior, space, simulator, following.emit)
            except StoppedError:
                studies.end(record.id, StudyStatus.STOPPED, STOPPED)
            else:
                if not without_value(record, studies.trials(record.id)):
                    drawn = prior.transform(np.random.default_rng(record.seed).random((DRAWS, len(space))))

                    def write(workspace: Workspace) -> None:
                        file = inference_file(workspace, record.id)
                        write_inference(file, record, experiment, space, posterior, drawn, predictive)

                    around.in_place(write)
                    if not posterior.converged:
                        following.emit(StudyWarned(f"not converged: {posterior.message}"))
                end_study(studies, record)
    finally:
        # Nothing that is of use runs any more: a worker that was lost must not be waited for.
        around.executor.stop()
    report = around.in_place(lambda workspace: show_inference(workspace, record.id))
    return replace(report, study=replace(report.study, warnings=tuple(following.warnings)))


def _infer(
    record: StudyRecord, prior: Prior, space: SearchSpace, simulator: Simulator, emit: StudyObserver
) -> tuple[Posterior, Sequence[TrialRecord]]:
    budget = record.trials - PREDICTIVE

    def watch(estimate: Estimate) -> None:
        draws = space.draws(estimate.units)
        emit(
            PosteriorEstimated(
                estimate.log_evidence,
                estimate.log_evidence_sd,
                estimate.is_bound,
                estimate.evaluations,
                estimate.stage,
                {path: marginal(each, record.space[path]) for path, each in draws.items()},
            )
        )

    posterior = METHODS[record.method](simulator, prior, len(space), budget, DRAWS, record.seed, watch)
    chosen = np.linspace(0, DRAWS - 1, PREDICTIVE).astype(int)
    predictive = simulator.simulate(posterior.units[chosen])
    return posterior, [trial for trial in predictive if math.isfinite(trial.value)]
