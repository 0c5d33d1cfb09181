"""Inference in Python: the posterior of parameters, given targets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from l5tui.analysis.parameter_axis import parameter_labels
from l5tui.errors import ConfigError, Fault, UnknownFigureError, UnsuitableRunError
from l5tui.notebook import markup
from l5tui.notebook.progress import ProgressLine
from l5tui.notebook.source import ExperimentLike, Overrides, WorkspaceLike, read_source, workspace_of
from l5tui.notebook.study import Study, require_success, with_options
from l5tui.runner.logs import logged_to
from l5tui.text import number
from l5tui.tuning.defaults import BUDGET, budget_faults
from l5tui.tuning.methods import INFERENCES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from l5tui.tuning.inference.infer import InferenceReport


class Inference:
    """The posterior of parameters, with the study whose trials are its simulations.

    Parameters
    ----------
    report : InferenceReport

    Attributes
    ----------
    study : Study
    warnings : tuple of str
        What limits the result, such as a method that has not converged.
    """

    study: Study
    warnings: tuple[str, ...]

    def __init__(self, report: InferenceReport) -> None:
        self.study, self.warnings = Study(report.study), report.study.warnings
        self._report = report

    @property
    def file(self) -> Path:
        """The NetCDF file of the posterior, for ArviZ.

        Raises
        ------
        UnsuitableRunError
            If the inference ended before there was a posterior.
        """
        if self._report.file is None:
            raise UnsuitableRunError(f"inference {self.study.id} is {self.study.status} and has no posterior")
        return self._report.file

    @cached_property
    def _content(self) -> Mapping[str, Any]:
        self.file  # noqa: B018 - raises if there is none
        return self._report.read()

    @property
    def data(self) -> Any:
        """The content of the file as ArviZ reads it, with the groups ``posterior``, ``prior`` and others."""
        return self._content["data"]

    @cached_property
    def summary(self) -> pd.DataFrame:
        """ArviZ's summary of the posterior: a row for each parameter, and its label as ``name``."""
        labels = parameter_labels(self._report.study.record.space)
        table: pd.DataFrame = self._content["summary"]
        return table.assign(name=[labels.get(str(path), str(path)) for path in table.index])

    @property
    def log_evidence(self) -> float:
        """Natural logarithm of the evidence; a lower bound with ``method="vbmc"``."""
        return float(self._content["log_evidence"])

    @property
    def log_evidence_sd(self) -> float:
        """Standard deviation of `log_evidence`."""
        return float(self._content["log_evidence_sd"])

    @property
    def converged(self) -> bool:
        """Whether the method has converged."""
        return str(self._content["converged"]) == "true"

    @property
    def message(self) -> str:
        """Why the method ended."""
        return str(self._content["message"])

    def figure(self, name: str) -> Figure:
        """Draw a figure of the inference; a matplotlib figure.

        Parameters
        ----------
        name : {"pairs", "predictive"}

        Raises
        ------
        UnknownFigureError
            If there is no such figure.
        UnsuitableRunError
            If there is no posterior.
        """
        from l5tui.tuning.inference.pictures import inference_figures

        self.file  # noqa: B018 - raises if there is none
        figures = inference_figures(self._report)
        if name not in figures:
            raise UnknownFigureError(f"no figure {name!r} of an inference; there are {', '.join(figures)}")
        return markup.shown(figures[name])

    def __repr__(self) -> str:
        found = f"log evidence {self.log_evidence:.2f}" if self._report.file is not None else "no posterior"
        return f"<Inference of study {self.study.id}: {self.study.name}, {self.study.status}, {found}>"

    def _repr_html_(self) -> str:
        facts = [self.study.status, f"study {self.study.id}"]
        if self._report.file is None:
            return markup.heading(self.study.name, [*facts, "no posterior"])
        from l5tui.tuning.inference.pictures import evidence_in_words

        columns = [name for name in self.summary.columns if name != "name"]
        rows = [
            [str(row["name"]), *(number(float(row[name]), 3) for name in columns)]
            for _, row in self.summary.iterrows()
        ]
        head = markup.heading(self.study.name, [*facts, evidence_in_words(self._content)])
        return head + markup.table(["", *map(str, columns)], rows)


def infer(
    experiment: ExperimentLike | None = None,
    overrides: Overrides = None,
    *,
    method: Literal["vbmc", "abc"] = "vbmc",
    budget: int = BUDGET,
    resume: str | None = None,
    workers: int | None = None,
    workspace: WorkspaceLike = None,
    progress: bool = True,
    force: bool = False,
) -> Inference:
    """Infer which parameters of ``[tuning.space]`` agree with ``[targets]``, as ``l5tui infer`` does.

    Simulations run in processes of their own: call it in a script below ``if __name__ == "__main__":``.

    Parameters
    ----------
    experiment, overrides, workspace, progress, force
        As in `l5tui.tune`.
    method : {"vbmc", "abc"}, optional
        ``vbmc``: variational, with a Gaussian process of the likelihood (PyVBMC); ``abc``: sequential Monte Carlo
        without a likelihood.
    budget : int, optional
        Maximum number of simulated points, at least 10 for each parameter.
    resume : str, optional
        Id of an inference to resume, or ``last``, in place of an experiment; it continues with its own method, budget
        and number of workers.
    workers : int, optional
        Simulations at the same time, in place of the experiment's ``tuning.workers``; 0 is one for each core.

    Returns
    -------
    Inference
        Without a posterior if it was interrupted; ``resume`` continues it.

    Raises
    ------
    ConfigError
        With every fault of the experiment, its space, its targets, `method` and `budget`.
    MemoryShortageError
        If the simulations that run at the same time need more memory than is free.
    MissingExtraError
        If a library is not installed.
    UnknownRunError
        If there is no such inference.
    RunFailedError
        If the study failed.
    ValueError
        If neither or both of `experiment` and `resume` are given, or overrides or workers with `resume`.

    Examples
    --------
    >>> import l5tui
    >>> space = {"stimulus.amplitude.CC": {"low": 1.0, "high": 20.0}}
    >>> target = {"after/rate.CC": {"value": 2.0, "uncertainty": 0.2, "source": "made up"}}
    >>> changes = {"tuning.space": space, "targets": target, "tuning.realizations": 2}
    >>> found = l5tui.infer("quickstart", changes, method="abc", budget=20, workers=1, progress=False)
    >>> list(found.summary.index)
    ['stimulus.amplitude.CC']
    """
    if (experiment is None) == (resume is None):
        raise ValueError("give either an experiment or resume")
    if resume is not None and (overrides or workers is not None):
        raise ValueError("overrides and workers need an experiment, resume has its own")
    place = workspace_of(workspace)
    faults = (
        [] if method in INFERENCES else [Fault("method", repr(method), f"one of {', '.join(INFERENCES)}")]
    )
    if faults and resume is not None:
        raise ConfigError(faults)
    if experiment is not None:
        try:
            source = read_source(experiment, with_options(overrides, workers=workers), place, "inference")
        except ConfigError as error:
            raise ConfigError([*error.faults, *budget_faults(0, budget), *faults], error.source) from None
        faults += budget_faults(len(source.experiment.tuning.space), budget)
        if faults:
            raise ConfigError(faults)
    from l5tui.tuning.inference.infer import resume_inference, run_inference

    with logged_to(place), ProgressLine(progress) as line:
        if resume is not None:
            report = resume_inference(resume, place, observe=line.study, force=force)
        else:
            report = run_inference(
                source.experiment,
                source.text,
                place,
                method=method,
                budget=budget,
                observe=line.study,
                force=force,
            )
    require_success(report.study, place)
    return Inference(report)
