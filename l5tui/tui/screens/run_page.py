"""The page of one run: measures, weights, rates over time, tuning, experiment, provenance, log and figures."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static, TabbedContent, TabPane

from l5tui.config.populations import POPULATIONS
from l5tui.errors import L5Error
from l5tui.runner.course import RateCourse, rate_course
from l5tui.runner.events import Blocks
from l5tui.runner.run_log import run_log, without_origin
from l5tui.text import count, number, safe
from l5tui.tui.colours import FAULT
from l5tui.tui.netcdf_thread import netcdf_thread
from l5tui.tui.run_actions import RunActions
from l5tui.tui.screens.page import Page
from l5tui.tui.while_shown import while_shown
from l5tui.tui.widgets.block_map import BlockMap
from l5tui.tui.widgets.crumbs import Crumbs
from l5tui.tui.widgets.figure_table import FigureTable
from l5tui.tui.widgets.key_line import KeyLine
from l5tui.tui.widgets.rate_chart import RateChart
from l5tui.tui.widgets.run_details import changes_table, provenance_table, summary_text, weights_table
from l5tui.tui.widgets.run_summary import headline
from l5tui.tui.widgets.tuning_chart import TuningChart

if TYPE_CHECKING:
    from l5tui.config import Experiment
    from l5tui.runner.report import RunReport
    from l5tui.runner.run_tuning import Tuning
    from l5tui.tui.workbench import Workbench

TABS = ("summary", "weights", "rates", "tuning", "experiment", "provenance", "log", "figures")


class RunPage(RunActions, Page):
    """Everything there is to say of a run.

    Parameters
    ----------
    run_id : str
    """

    app: Workbench

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back"),
        Binding("v", "verify", "Verify", tooltip="Run it again and compare the results bit for bit"),
        Binding("e", "export", "Export", tooltip="Export it into a folder"),
        Binding("right,l", "tab(1)", "Next page", show=False),
        Binding("left,h", "tab(-1)", "Page before", show=False),
        Binding("w", "weights", "W/target", show=False, tooltip="Weights, or their distance to the target"),
    ]

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self._run_id = run_id
        self._run_name = ""

    def compose(self) -> ComposeResult:
        """Yield a page for each kind of content."""
        yield Crumbs("runs")
        yield Static("", id="headline", classes="status")
        with TabbedContent(*(name.capitalize() for name in TABS), initial="tab-1"):
            with VerticalScroll():
                yield Static("", id="summary", markup=False)
            with Horizontal():
                yield BlockMap()
                with VerticalScroll():
                    yield Static("", id="weights", markup=False)
            with Vertical():
                yield RateChart()
            with Vertical():
                yield TuningChart("after")
            with VerticalScroll():
                yield Static("", id="changes", markup=False)
                yield Static("", id="experiment", markup=False)
            with VerticalScroll():
                yield Static("", id="provenance", markup=False)
            with VerticalScroll():
                yield Static("", id="log", markup=False)
            yield FigureTable(self._run_id)
        yield KeyLine()

    def on_mount(self) -> None:
        """Read the run."""
        self.query_one(Crumbs).show(self._run_id)
        self.catalogue_changed()

    @property
    def chosen(self) -> list[str]:
        """The run."""
        return [self._run_id]

    @work(exclusive=True, group="reading")
    @while_shown
    async def catalogue_changed(self) -> None:
        """Read the run again."""
        if (report := await self._report(self._run_id)) is None:
            return
        self._run_name = report.record.name
        values = report.as_dict()
        self.query_one(Crumbs).show(values["run_id"], values["name"])
        self.query_one("#headline", Static).update(headline(values))
        self.query_one("#summary", Static).update(summary_text(values, self.size.width - 4))
        self.query_one("#experiment", Static).update(Text(_plain(report.record.toml)))
        self.query_one("#provenance", Static).update(provenance_table(values))
        self._show_weights(values)
        await self._show_changes(report)
        await self._show_log(report)
        await self._show_charts(report)

    def described(self) -> list[str]:
        """Id and name of the run."""
        return [f"{self._run_id}  {safe(self._run_name)}".rstrip()]

    def was_deleted(self, run_ids: list[str]) -> None:
        """Close the page of a run that is gone."""
        if self._run_id in run_ids:
            self.close()

    def action_tab(self, by: int) -> None:
        """Show the next page."""
        tabs = self.query_one(TabbedContent)
        panes = [pane.id for pane in tabs.query(TabPane)]
        tabs.active = str(panes[(panes.index(tabs.active) + by) % len(panes)])

    def on_tabbed_content_tab_activated(self, event: TabbedContent.TabActivated) -> None:
        """Let the keys go to what is shown."""
        for widget in event.pane.query("*"):
            if widget.focusable:
                widget.focus()
                return

    def action_weights(self) -> None:
        """Weights, or their distance to the target."""
        self.query_one(BlockMap).toggle()

    def _show_weights(self, values: Mapping[str, Any]) -> None:
        cells = {
            (row["quantity"], row["post"], row["pre"]): math.nan if row["value"] is None else row["value"]
            for row in values["weights"]
            if row["statistic"] == "mean"
        }
        if not cells:
            return

        def blocks(quantity: str) -> Blocks:
            return tuple(tuple(cells[quantity, post, pre] for pre in POPULATIONS) for post in POPULATIONS)

        rmse = values["loss_terms"].get("rmse")
        note = f"rms distance to target {number(rmse, 4)}" if rmse is not None else ""
        self.query_one(BlockMap).show(blocks("final"), blocks("target"), note)
        self.query_one("#weights", Static).update(weights_table(cells))

    async def _show_changes(self, report: RunReport) -> None:
        """Show the differences from the default experiment, above its text."""
        changes = self.query_one("#changes", Static)
        try:
            changes.update(changes_table(await asyncio.to_thread(_changes, report)))
        except L5Error as error:
            changes.update(Text(safe(f"not compared with the default: {error}"), FAULT))

    async def _show_log(self, report: RunReport) -> None:
        """Show the run's lines of the workspace's log."""
        try:
            lines = await asyncio.to_thread(run_log, report.workspace, report.record.id)
        except L5Error as error:
            lines = [str(error)]
        nothing = f"nothing of this run in {report.workspace.log}"
        text = "\n".join(safe(without_origin(line, report.record.id)) for line in lines)
        self.query_one("#log", Static).update(Text(text or safe(nothing)))

    async def _show_charts(self, report: RunReport) -> None:
        """Rates over time and tuning, from its file."""
        if report.record.file is None:
            self.query_one(TuningChart).say(f"it is {report.record.status} and has no file")
            return
        loop = asyncio.get_running_loop()
        try:
            course, tuning, experiment = await loop.run_in_executor(netcdf_thread, _charts, report)
        except L5Error as error:
            self.query_one(TuningChart).say(safe(str(error)))
            self._say(str(error), "warning")
            return
        onset = experiment.plasticity.onset_step if experiment.plasticity.rule != "none" else 0
        title = "Mean rate, a.u., over realizations and directions"
        self.query_one(RateChart).show(
            course.steps, course.rates, experiment.steps, onset, title, experiment.dynamics.step_seconds
        )
        where = f"mean of {count(experiment.simulation.realizations, 'realization')}"
        self.query_one(TuningChart).show(tuning.angles, tuning.before, tuning.after, where)


def _charts(report: RunReport) -> tuple[RateCourse, Tuning, Experiment]:
    from l5tui.runner.run_tuning import run_tuning
    from l5tui.runner.stored_run import stored_experiment

    place, record = report.workspace, report.record
    return rate_course(place, record), run_tuning(place, record), stored_experiment(record)


def _changes(report: RunReport) -> Mapping[str, tuple[Any, ...]]:
    from l5tui.runner.comparison import changes_from_default

    return changes_from_default(report.record)


def _plain(toml: str) -> str:
    return "\n".join(safe(line) for line in toml.splitlines())
