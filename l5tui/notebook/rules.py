"""Comparing learning rules: what each does to selectivity, against a control that learns nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING

from l5tui.errors import RunFailedError
from l5tui.notebook import markup
from l5tui.notebook.progress import ProgressLine
from l5tui.notebook.recording import session_recorder
from l5tui.notebook.run import Run
from l5tui.notebook.source import ExperimentLike, Overrides, WorkspaceLike, read_source, workspace_of
from l5tui.runner.history import show_run
from l5tui.runner.logs import logged_to
from l5tui.runner.rule_comparison import RuleComparison, compare_rules, rule_comparison_figure_of
from l5tui.text import interval_text, number, p_text
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class RuleEffects:
    """A comparison of learning rules with the control.

    Parameters
    ----------
    comparison : RuleComparison
    workspace : Workspace

    Attributes
    ----------
    group : str
        Id of the group of these runs in the catalogue.
    """

    group: str

    def __init__(self, comparison: RuleComparison, workspace: Workspace) -> None:
        self.group = comparison.group_id
        self._comparison, self._workspace = comparison, workspace

    @cached_property
    def effects(self) -> pd.DataFrame:
        """The effects of the rules: one row for each measure, population and rule, which form the index.

        Columns are the means ``before`` and ``after`` with their standard deviations over realizations, their mean
        difference ``change``, that less the control's (``effect``), the bounds ``low`` and ``high`` of its paired 95 %
        Student t interval over ``realizations`` (NaN for fewer than three), Cohen's d_z (``effect_size``), the p-value
        of the paired t test (``p``), and the same adjusted by Holm's method for all rows (``p_holm``).
        """
        import pandas as pd

        rows = [asdict(effect) for effect in self._comparison.effects]
        return pd.DataFrame(rows).set_index(["measure", "population", "rule"])

    @property
    def runs(self) -> dict[str, Run]:
        """The run of each rule."""
        return {record.rule: Run(show_run(self._workspace, record.id)) for record in self._comparison.records}

    def figure(self) -> Figure:
        """Draw the comparison; returns a matplotlib figure."""
        return markup.shown(rule_comparison_figure_of(self._comparison))

    def __repr__(self) -> str:
        return f"<RuleEffects {self.group}: {', '.join(record.rule for record in self._comparison.records)}>"

    def _repr_html_(self) -> str:
        titles = ("", "before", "after", "change", "against none", "95 % interval", "d_z", "p (Holm)", "n")
        rows = [
            (
                f"{each.measure} {each.population} {each.rule}",
                number(each.before),
                number(each.after),
                number(each.change, signed=True),
                number(each.effect, signed=True),
                interval_text(each.low, each.high),
                number(each.effect_size, 2, signed=True),
                p_text(each.p_holm),
                str(each.realizations),
            )
            for each in self._comparison.effects
        ]
        return markup.heading("learning rules compared", [self.group]) + markup.table(titles, rows)


def run_rules(
    experiment: ExperimentLike,
    rules: Sequence[str] | None = None,
    overrides: Overrides = None,
    *,
    workspace: WorkspaceLike = None,
    progress: bool = True,
    force: bool = False,
) -> RuleEffects:
    """Run an experiment under several learning rules, on the same circuits, as ``l5tui compare-rules`` does.

    Parameters
    ----------
    experiment, overrides, workspace, progress, force
        As in `l5tui.run`; the experiment's own rule is ignored.
    rules : sequence of str, optional
        Learning rules to compare; all by default. The control ``none`` always runs.

    Returns
    -------
    RuleEffects

    Raises
    ------
    ConfigError
        If the experiment is not valid under one of the rules.
    MemoryShortageError
        If the runs need more memory than is free.
    RunFailedError
        If a run failed.
    KeyboardInterrupt
        If the comparison was interrupted.

    Examples
    --------
    >>> import l5tui
    >>> compared = l5tui.compare_rules("quickstart", ["oja"], progress=False)
    >>> list(compared.runs)
    ['none', 'oja']
    >>> effect = compared.effects.loc[("DS", "CS", "oja"), "effect"]
    """
    place = workspace_of(workspace)
    source = read_source(experiment, overrides, place)
    recorder = session_recorder(place)
    with logged_to(place), ProgressLine(progress) as line:
        recorder.prepare()
        comparison = compare_rules(
            source.text, place, rules=rules, observe=line.run, recorder=recorder, force=force
        )
    for record in comparison.records:
        if record.status == "cancelled":
            raise KeyboardInterrupt(f"group {comparison.group_id} was cancelled")
        if record.file is None:
            raise RunFailedError(f"run {record.id} ({record.rule}) {record.status}: {record.error}")
    return RuleEffects(comparison, place)
