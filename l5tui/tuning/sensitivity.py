"""Sensitivity as a use case: a design is simulated as a study, and its trials are analysed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from l5tui.analysis.parameter_axis import parameter_labels
from l5tui.analysis.sensitivity import Sensitivity, Slopes, salib, slopes, sobol_indices
from l5tui.config import Experiment
from l5tui.config.checks import cross_check
from l5tui.config.toml_file import to_toml
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate_stored
from l5tui.errors import ConfigError, UnsuitableRunError
from l5tui.runner.output import write_files
from l5tui.store.id_paths import file_name
from l5tui.store.study_records import StudyRecord, StudyStatus, TrialRecord, TrialStatus
from l5tui.tuning.defaults import samples_faults
from l5tui.tuning.events import StudyObserver
from l5tui.tuning.lifecycle import study_experiment, without_value
from l5tui.tuning.methods import DESIGNS, LOCAL, SALTELLI
from l5tui.tuning.proposers.design import local_units
from l5tui.tuning.space import SearchSpace, search_space
from l5tui.tuning.study import StudyReport, best_experiment, run_study, show_study
from l5tui.workspace import Workspace


@dataclass(frozen=True)
class SensitivityReport:
    """A design's study and what it comes to.

    Parameters
    ----------
    study : StudyReport
    found : Sensitivity or Slopes or None
        None where not all trials have ended, or none has any measure.
    """

    study: StudyReport
    found: Sensitivity | Slopes | None


def run_sensitivity(
    experiment: Experiment,
    toml: str,
    samples: int,
    workspace: Workspace,
    *,
    source: str = "",
    observe: StudyObserver = lambda event: None,
    requests: Callable[[], int] = lambda: 0,
    track: bool = True,
    force: bool = False,
) -> SensitivityReport:
    """Sobol' indices over an experiment's search space.

    Parameters
    ----------
    experiment, toml, workspace, source, observe, requests, track, force
        As in `l5tui.tuning.study.run_study`.
    samples : int
        Base samples N, a power of two; N · (parameters + 2) trials are run.

    Raises
    ------
    ConfigError
        Where the space has faults, or `samples` is no power of two.
    MissingExtraError
        Where SALib is not installed.
    """
    space = checked_design(experiment, samples, source)
    report = run_study(
        experiment,
        toml,
        workspace,
        source=source,
        method=SALTELLI,
        trials=samples * (len(space) + 2),
        observe=observe,
        requests=requests,
        track=track,
        force=force,
    )
    return SensitivityReport(report, analysed(report.record, report.trials))


def checked_design(experiment: Experiment, samples: int, source: str = "") -> SearchSpace:
    """Return the search space of a Sobol' design.

    Raises
    ------
    ConfigError
        Where the space has faults, or `samples` is no power of two.
    MissingExtraError
        Where SALib is not installed.
    """
    salib()
    faults = [*cross_check(experiment, "search"), *samples_faults(samples)]
    if faults:
        raise ConfigError(faults, source)
    return search_space(experiment, source)


def study_sensitivity(
    reference: str,
    workspace: Workspace,
    *,
    observe: StudyObserver = lambda event: None,
    requests: Callable[[], int] = lambda: 0,
    track: bool = True,
    force: bool = False,
) -> SensitivityReport:
    """Return the indices of a design's study; of any other study, slopes around its best point.

    Parameters
    ----------
    reference : str
        A study.
    workspace, observe, requests, track, force
        As in `l5tui.tuning.study.run_study`.

    Raises
    ------
    UnknownRunError
        Where no study, or more than one, answers to it.
    ConfigError
        Where it has no best point, or a parameter without a slope.
    UnsuitableRunError
        Where it is a design that is still running.
    """
    report = show_study(workspace, reference)
    if report.record.method in DESIGNS:
        if report.record.status is StudyStatus.RUNNING:
            raise UnsuitableRunError(
                f"study {report.record.id} is running: its indices need all of its trials"
            )
        return SensitivityReport(report, analysed(report.record, report.trials))
    base = study_experiment(report.record)
    centre = best_experiment(report).model_copy(update={"tuning": base.tuning})
    centre = centre.model_copy(update={"name": f"{base.name[:190]}, slopes"})
    toml = to_toml(centre)
    centre = validate_stored(parse_toml(toml))
    trials = len(local_units(search_space(centre), centre))
    local = run_study(
        centre,
        toml,
        workspace,
        method=LOCAL,
        trials=trials,
        observe=observe,
        requests=requests,
        track=track,
        force=force,
    )
    return SensitivityReport(local, analysed(local.record, local.trials))


def analysed(record: StudyRecord, found: Sequence[TrialRecord]) -> Sensitivity | Slopes | None:
    """Return the result of a design's trials; None if some have not ended, or none has any measure."""
    trials = {trial.number: trial for trial in found if trial.status.is_final}
    if set(trials) != set(range(record.trials)) or without_value(record, [*trials.values()]):
        return None
    # An output counts wherever it is defined, whatever the objective is.
    metrics = [
        trials[number].metrics if trials[number].status is TrialStatus.COMPLETED else {}
        for number in range(record.trials)
    ]
    paths = tuple(record.space)
    labels = tuple(parameter_labels(record.space).values())
    if record.method == SALTELLI:
        return replace(sobol_indices(paths, metrics, record.seed), labels=labels)
    # The points of the trials themselves: whole numbers move by other distances than those that were planned.
    points = [trials[number].point for number in range(record.trials)]
    shares = search_space(study_experiment(record)).shares(points)
    return replace(slopes(paths, shares, metrics), labels=labels)


def draw_sensitivity(report: SensitivityReport, folder: Path) -> Path:
    """Draw what was found into a folder, which is made where it is not there.

    Raises
    ------
    OutputError
        Where it cannot be written.
    """
    from l5tui.figures.study.sensitivity import sensitivity_png

    assert report.found is not None
    record = report.study.record
    picture = sensitivity_png(report.found, record.name, record.id)
    (path,) = write_files(folder, {file_name(record.id, "-sensitivity.png"): picture})
    return path
