"""Searching for parameters: a study in Python, its trials as a table."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from l5tui.analysis.parameter_axis import parameter_labels
from l5tui.config import Experiment
from l5tui.errors import RunFailedError
from l5tui.notebook import markup
from l5tui.notebook.progress import ProgressLine
from l5tui.notebook.source import ExperimentLike, Overrides, WorkspaceLike, read_source, workspace_of
from l5tui.runner.logs import logged_to
from l5tui.text import count, number
from l5tui.tuning.figures import study_figure
from l5tui.tuning.report import StudyReport
from l5tui.tuning.study import StudyStatus, best_experiment, resume_study, run_study, show_study
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SHOWN_TRIALS = 5


class Study:
    """A study with the trials that have been stored so far.

    Parameters
    ----------
    report : StudyReport

    Attributes
    ----------
    id, name, status, objective : str
    best_value : float
        Best value of the objective; NaN if no trial has a value.
    """

    id: str
    name: str
    objective: str
    status: str
    best_value: float

    def __init__(self, report: StudyReport) -> None:
        record = report.record
        self.id, self.name, self.objective = record.id, record.name, record.objective
        self.status, self.best_value = str(record.status), record.best_value
        self._report = report

    @cached_property
    def trials(self) -> pd.DataFrame:
        """One row for each trial: status, value, seconds, error, the searched parameters, and all measures.

        Values of parameters have their dotted paths as names, as in MLflow. A parameter that is searched as a ratio has
        its value under its path, and the ratio under both paths, ``a / b``.
        """
        import pandas as pd

        rows = [
            {
                "number": trial.number,
                "status": str(trial.status),
                "value": trial.value,
                "seconds": trial.seconds,
                "error": trial.error,
                **(parameters := self._report.parameters(trial)),
                **{name: value for name, value in trial.metrics.items() if name not in parameters},
            }
            for trial in self._report.trials
        ]
        columns = ["number", "status", "value", "seconds", "error"]
        return pd.DataFrame(rows, columns=None if rows else columns).set_index("number")

    @cached_property
    def best(self) -> Experiment:
        """The experiment at the best point, without its search; `l5tui.run` runs it.

        The best point in fresh circuits if the study is confirmed, else in the circuits of the search; `best_in_words`
        states which.

        Raises
        ------
        ConfigError
            If no trial has a value.
        """
        return best_experiment(self._report)

    @property
    def best_in_words(self) -> str:
        """The best trial, its objective, and whether fresh circuits confirm it."""
        return self._report.best_in_words

    def figure(self, name: str) -> Figure:
        """Draw one of the figures of a study, such as ``convergence``; returns a matplotlib figure.

        Raises
        ------
        UnknownFigureError
            If there is no such figure; the message lists the figures.
        UnsuitableRunError
            If no trial has ended yet.
        """
        return markup.shown(study_figure(self._report, name))

    def __repr__(self) -> str:
        trial_count = count(len(self._report.trials), "trial")
        return f"<Study {self.id}: {self.name}, {self.status}, {trial_count}, {self.best_in_words or 'no value yet'}>"

    def _repr_html_(self) -> str:
        record = self._report.record
        difference = self._report.difference_in_words
        best = f"{self.objective}: {self.best_in_words or 'no value yet'}{'; ' if difference else ''}{difference}"
        facts = (
            self.status,
            record.method,
            count(len(self._report.trials), "trial"),
            best,
            f"study {self.id}",
        )
        sign = -1.0 if record.maximize else 1.0
        valued = [trial for trial in self._report.trials if trial.value == trial.value]
        ranked = sorted(valued, key=lambda trial: sign * trial.value)[:SHOWN_TRIALS]
        paths, labels = list(record.space), parameter_labels(record.space).values()
        rows = [
            [
                f"trial {trial.number}",
                number(trial.value, 4),
                *(_shown(trial.point.get(path)) for path in paths),
            ]
            for trial in ranked
        ]
        return markup.heading(self.name, facts) + markup.table(["", self.objective, *labels], rows)


def tune(
    experiment: ExperimentLike | None = None,
    overrides: Overrides = None,
    *,
    trials: int | None = None,
    workers: int | None = None,
    resume: str | None = None,
    workspace: WorkspaceLike = None,
    progress: bool = True,
    force: bool = False,
) -> Study:
    """Search an experiment's ``[tuning.space]`` and store every trial, as ``l5tui tune`` does.

    Trials run in separate processes. A script therefore calls this function below ``if __name__ == "__main__":``; a
    notebook does not need this line.

    Parameters
    ----------
    experiment, overrides, workspace, progress, force
        As in `l5tui.run`. The overrides can contain the space, as ``{"tuning.space": {"plasticity.tau_learn": {"low":
        100.0, "high": 4000.0}}}``.
    trials, workers : int, optional
        Total number of trials, and number of concurrent trials, in place of the experiment's
        ``tuning.trials`` and ``tuning.workers``.
    resume : str, optional
        Id of a study to resume, or ``last``, in place of an experiment.

    Returns
    -------
    Study
        The study, complete, or stopped if it was interrupted. All ended trials are stored, and ``resume`` continues it.

    Raises
    ------
    ConfigError
        With every fault of the experiment and its space.
    MemoryShortageError
        If the trials that run at the same time need more memory than is free.
    UnknownRunError
        If there is no such study.
    RunFailedError
        If the study failed.
    ValueError
        If neither or both of `experiment` and `resume` are given.

    Examples
    --------
    >>> import l5tui
    >>> space = {"plasticity.tau_learn": {"low": 100.0, "high": 4000.0}}
    >>> changes = {"tuning.space": space, "tuning.method": "sobol", "tuning.confirm": 0}
    >>> study = l5tui.tune("quickstart", changes, trials=2, workers=1, progress=False)
    >>> len(study.trials)
    2
    >>> study.best.plasticity.tau_learn in study.trials["plasticity.tau_learn"].tolist()
    True
    """
    if (experiment is None) == (resume is None):
        raise ValueError("give either an experiment or resume")
    place = workspace_of(workspace)
    with logged_to(place), ProgressLine(progress) as line:
        if experiment is not None:
            given = {"tuning.trials": trials, "tuning.workers": workers}
            changes = {**(overrides or {}), **{key: n for key, n in given.items() if n is not None}}
            source = read_source(experiment, changes, place)
            report = run_study(source.experiment, source.text, place, observe=line.study, force=force)
        else:
            report = resume_study(
                str(resume), place, trials=trials, workers=workers, observe=line.study, force=force
            )
    require_success(report, place)
    return Study(report)


def sweep(
    experiment: ExperimentLike,
    overrides: Overrides = None,
    *,
    trials: int | None = None,
    workers: int | None = None,
    workspace: WorkspaceLike = None,
    progress: bool = True,
    force: bool = False,
) -> Study:
    """Run a grid of parameters, evenly spaced in ``[tuning.space]``, as ``l5tui sweep`` does.

    Trials run in processes of their own: call it in a script below ``if __name__ == "__main__":``.

    Parameters
    ----------
    experiment, overrides, workers, workspace, progress, force
        As in `tune`.
    trials : int, optional
        Trials at most, in place of the experiment's ``tuning.trials``: the grid has as many points as fit.

    Returns
    -------
    Study
        Complete, or stopped if it was interrupted; `tune` resumes it by its id.

    Raises
    ------
    ConfigError
        With every fault of the experiment and its space.
    MemoryShortageError
        If the trials that run at the same time need more memory than is free.
    RunFailedError
        If the study failed.

    Examples
    --------
    >>> import l5tui
    >>> space = {"plasticity.rule": ["none", "oja"]}
    >>> study = l5tui.sweep(
    ...     "quickstart", {"tuning.space": space, "tuning.confirm": 0}, trials=2, workers=1, progress=False
    ... )
    >>> sorted(study.trials["plasticity.rule"])
    ['none', 'oja']
    """
    grid = {"tuning.method": "grid", **(overrides or {})}
    options: dict[str, Any] = {"workspace": workspace, "progress": progress, "force": force}
    return tune(experiment, grid, trials=trials, workers=workers, **options)


def open_study(reference: str = "last", *, workspace: WorkspaceLike = None) -> Study:
    """Open a study of the workspace.

    Parameters
    ----------
    reference : str
        Its id, the beginning or the end of it, or ``last``.
    workspace : str, Path or Workspace, optional
        As in `l5tui.run`.

    Returns
    -------
    Study
        Of any kind: a search, a sweep, a sensitivity analysis or an inference.

    Raises
    ------
    UnknownRunError
        If no study, or more than one, matches `reference`.

    Examples
    --------
    >>> import l5tui
    >>> study = l5tui.open_study("last")
    >>> study.status
    'completed'
    """
    return Study(show_study(workspace_of(workspace), reference))


def with_options(overrides: Overrides, *, workers: int | None) -> dict[str, Any]:
    """Return overrides together with a number of workers, if it is given."""
    return {**(overrides or {}), **({} if workers is None else {"tuning.workers": workers})}


def require_success(report: StudyReport, place: Workspace) -> None:
    """Check that a study has not failed.

    Raises
    ------
    RunFailedError
        With the study's error.
    """
    if report.record.status == StudyStatus.FAILED:
        raise RunFailedError(f"study {report.record.id} failed: {report.record.error}; details: {place.log}")


def _shown(value: Any) -> str:
    return number(value, 4) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
