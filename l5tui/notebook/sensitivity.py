"""Sensitivity analysis in Python: which parameters change the loss, selectivity and rates."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from l5tui.errors import ConfigError, UnsuitableRunError
from l5tui.notebook import markup
from l5tui.notebook.progress import ProgressLine
from l5tui.notebook.source import ExperimentLike, Overrides, WorkspaceLike, read_source, workspace_of
from l5tui.notebook.study import Study, require_success, with_options
from l5tui.runner.logs import logged_to
from l5tui.text import number
from l5tui.tuning.defaults import SAMPLES, samples_faults
from l5tui.tuning.sensitivity import SensitivityReport, run_sensitivity, study_sensitivity

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from l5tui.analysis.sensitivity import Sensitivity, Slopes


class SensitivityAnalysis:
    """Sobol' indices over a search space, or slopes around the best point of a study.

    Parameters
    ----------
    report : SensitivityReport

    Attributes
    ----------
    study : Study
        The study whose trials are the simulations of the design.
    """

    study: Study

    def __init__(self, report: SensitivityReport) -> None:
        self.study = Study(report.study)
        self._found = report.found

    @cached_property
    def indices(self) -> pd.DataFrame:
        """A row for each output and parameter, which are the index.

        Of Sobol' indices the columns are ``first`` and ``total`` with half the width of their 95 % bootstrap intervals
        (``first_interval``, ``total_interval``) and the base samples behind them (``samples``); of slopes, ``value`` at
        the point and ``slope``, the change of the output for a tenth of the parameter's range. ``name`` is the label
        of the parameter, ``a / b`` for a ratio. NaN if not defined.

        Raises
        ------
        UnsuitableRunError
            If not all trials have ended, or no trial has a value.
        """
        import pandas as pd

        return pd.DataFrame(self._complete().rows()).set_index(["output", "parameter"])

    def figure(self) -> Figure:
        """Draw the indices of the loss, OS, DS and rates; a matplotlib figure.

        Raises
        ------
        UnsuitableRunError
            If not all trials have ended, or no trial has a value.
        """
        from l5tui.figures.study.sensitivity import sensitivity_figure

        return markup.shown(sensitivity_figure(self._complete(), self.study.name, self.study.id))

    def _complete(self) -> Sensitivity | Slopes:
        if self._found is None:
            raise UnsuitableRunError(
                f"study {self.study.id} is {self.study.status} and has no indices: they need all of its trials, and a "
                "trial with a value"
            )
        return self._found

    def __repr__(self) -> str:
        kind = type(self._found).__name__ if self._found is not None else "no indices"
        return (
            f"<SensitivityAnalysis of study {self.study.id}: {self.study.name}, {self.study.status}, {kind}>"
        )

    def _repr_html_(self) -> str:
        facts = (self.study.status, f"study {self.study.id}")
        head = markup.heading(f"{self.study.name}, sensitivity", facts)
        if self._found is None:
            return head
        rows = [row for row in self._found.rows() if row["output"] == "loss"]
        columns = [name for name in rows[0] if name not in ("output", "parameter", "name")] if rows else []
        cells = [[row["name"], *(number(float(row[name]), 3) for name in columns)] for row in rows]
        return head + markup.table(["loss", *columns], cells)


def sensitivity(
    experiment: ExperimentLike | None = None,
    overrides: Overrides = None,
    *,
    samples: int = SAMPLES,
    study: str | None = None,
    workers: int | None = None,
    workspace: WorkspaceLike = None,
    progress: bool = True,
    force: bool = False,
) -> SensitivityAnalysis:
    """Compute which parameters of ``[tuning.space]`` change the loss, OS, DS and rates, as ``l5tui sensitivity`` does.

    Trials run in processes of their own: call it in a script below ``if __name__ == "__main__":``.

    Parameters
    ----------
    experiment, overrides, workspace, progress, force
        As in `l5tui.tune`.
    samples : int, optional
        Base samples N, a power of two from 4 on; N · (parameters + 2) trials are run.
    study : str, optional
        Id of a study, or ``last``, in place of an experiment: of a sensitivity study, its indices; of any other study,
        slopes around its best point.
    workers : int, optional
        Trials at the same time, in place of the experiment's ``tuning.workers``; 0 is one for each core.

    Returns
    -------
    SensitivityAnalysis
        Without indices if it was interrupted; ``l5tui.tune(resume=…)`` resumes its study, and
        ``l5tui.sensitivity(study=…)`` then gives the indices.

    Raises
    ------
    ConfigError
        With every fault of the experiment, its space and `samples`.
    MissingExtraError
        If SALib is not installed.
    UnknownRunError
        If there is no such study.
    UnsuitableRunError
        If the study is a design that is still running.
    RunFailedError
        If the study failed.
    ValueError
        If neither or both of `experiment` and `study` are given, or overrides or workers with `study`.

    Examples
    --------
    >>> import l5tui
    >>> space = {"plasticity.tau_learn": {"low": 100.0, "high": 4000.0}}
    >>> found = l5tui.sensitivity(
    ...     "quickstart", {"tuning.space": space, "tuning.realizations": 1}, samples=4, workers=1, progress=False
    ... )
    >>> found.indices.loc[("loss", "plasticity.tau_learn"), "samples"]
    4
    """
    if (experiment is None) == (study is None):
        raise ValueError("give either an experiment or study")
    if study is not None and (overrides or workers is not None):
        raise ValueError("overrides and workers need an experiment, study has its own")
    place = workspace_of(workspace)
    with logged_to(place), ProgressLine(progress) as line:
        if experiment is not None:
            try:
                source = read_source(experiment, with_options(overrides, workers=workers), place, "search")
            except ConfigError as error:
                raise ConfigError([*error.faults, *samples_faults(samples)], error.source) from None
            report = run_sensitivity(
                source.experiment, source.text, samples, place, observe=line.study, force=force
            )
        else:
            report = study_sensitivity(str(study), place, observe=line.study, force=force)
    require_success(report.study, place)
    return SensitivityAnalysis(report)
