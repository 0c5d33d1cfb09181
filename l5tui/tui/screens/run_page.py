"""The page of one run: measures before and after, weights against targets, rates over time, provenance."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer, Static, TabbedContent, TabPane

from l5tui.config.populations import POPULATIONS
from l5tui.errors import L5Error
from l5tui.runner.events import Blocks
from l5tui.text import duration, filled, number, safe
from l5tui.tui.netcdf_thread import netcdf_thread
from l5tui.tui.run_actions import RunActions
from l5tui.tui.widgets.block_map import BlockMap
from l5tui.tui.widgets.crumbs import Crumbs
from l5tui.tui.widgets.rate_chart import RateChart
from l5tui.tui.widgets.run_summary import headline, kept, selectivity_table

if TYPE_CHECKING:
    from l5tui.runner.report import RunReport
    from l5tui.tui.app import L5App

TABS = ("summary", "weights", "rates", "experiment", "provenance")


class RunPage(RunActions, Screen[None]):
    """Everything there is to say of a run.

    Parameters
    ----------
    run_id : str
    """

    app: L5App

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back"),
        Binding("right,l", "tab(1)", "Next page", show=False),
        Binding("left,h", "tab(-1)", "Page before", show=False),
        Binding("w", "weights", "W/target", show=False, tooltip="Weights, or their distance to the target"),
    ]

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self._run_id = run_id

    def compose(self) -> ComposeResult:
        """A page for each kind of thing."""
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
            with VerticalScroll():
                yield Static("", id="experiment", markup=False)
            with VerticalScroll():
                yield Static("", id="provenance", markup=False)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Read the run."""
        self.query_one(Crumbs).show(self._run_id)
        self.catalogue_changed()

    @property
    def chosen(self) -> list[str]:
        """The run."""
        return [self._run_id]

    @work(exclusive=True, group="reading")
    async def catalogue_changed(self) -> None:
        """Read the run again."""
        report = await self._report(self._run_id)
        if report is None:
            return
        values = report.as_dict()
        self.query_one(Crumbs).show(values["run_id"], values["name"])
        self.query_one("#headline", Static).update(headline(values))
        self.query_one("#summary", Static).update(_summary(values, self.size.width - 4))
        self.query_one("#experiment", Static).update(Text(_plain(report.record.toml)))
        self.query_one("#provenance", Static).update(_provenance(values))
        self._show_weights(values)
        await self._show_rates(report)

    def was_deleted(self, run_ids: list[str]) -> None:
        """Nothing is left to show."""
        self.action_leave()

    def action_leave(self) -> None:
        """Go back."""
        self.app.pop_screen()

    def action_tab(self, by: int) -> None:
        """Show the next page."""
        tabs = self.query_one(TabbedContent)
        panes = [pane.id for pane in tabs.query(TabPane)]
        tabs.active = str(panes[(panes.index(tabs.active) + by) % len(panes)])

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
        self.query_one("#weights", Static).update(_weights(cells))

    async def _show_rates(self, report: RunReport) -> None:
        from l5tui.config.toml_file import parse_experiment

        if report.record.file is None:
            return
        try:
            course = await asyncio.get_running_loop().run_in_executor(
                netcdf_thread, _rate_course, report.workspace, report.record
            )
            experiment = parse_experiment(report.record.toml, report.record.name).experiment
        except L5Error as error:
            self._say(str(error), "warning")
            return
        onset = experiment.plasticity.onset_step if experiment.plasticity.rule != "none" else 0
        title = "Mean rate, a.u., over realizations and directions"
        self.query_one(RateChart).show(course.steps, course.rates, experiment.steps, onset, title)


def _summary(values: Mapping[str, Any], width: int) -> Group:
    parts: list[Any] = [kept(values)]
    if values["tags"] or values["notes"]:
        parts.append(
            Text(safe("  ".join([*(f"#{tag}" for tag in values["tags"]), values["notes"]])), "italic")
        )
    if values["selectivity"]:
        title = Text("Means over realizations, before → after learning", "bold")
        parts += ["", title, selectivity_table(values), ""]
        terms = [f"{name} {_short(value)}" for name, value in values["loss_terms"].items()]
        parts.append(Text("Loss terms", "bold"))
        parts += [Text(line) for line in filled(terms, width)]
        parts.append(Text("Summary", "bold"))
        told = [f"{name} {_short(value)}" for name, value in values["summary"].items()]
        parts += [Text(line) for line in filled(told, width)]
    return Group(*parts)


def _short(value: float | None) -> str:
    if value is None:
        return "n/a"
    return str(value) if isinstance(value, int) else number(value, 4)


def _weights(cells: Mapping[tuple[str, str, str], float]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("to from", no_wrap=True)
    for title in ("initial", "final", "change", "target"):
        table.add_column(title, justify="right", no_wrap=True)
    for post in POPULATIONS:
        for pre in POPULATIONS:
            row = [number(cells[name, post, pre], 4) for name in ("initial", "final")]
            row.append(number(cells["change", post, pre], 5, signed=True))
            table.add_row(f"{post:<3} {pre}", *row, number(cells["target", post, pre], 4))
    return table


def _provenance(values: Mapping[str, Any]) -> Table:
    rows = {
        **{key: values[key] for key in ("run_id", "name", "rule", "variant", "seed", "hash")},
        **{key: values[key] for key in ("created", "started", "ended", "host", "git_commit")},
        "changed code": {True: "yes, not committed", False: "no", None: "unknown"}[values["git_dirty"]],
        "file": values["paths"]["netcdf"],
        "sha256": values["file_sha256"],
        "MLflow run": values["paths"]["mlflow_run"],
        **{f"time to {phase}": duration(seconds) for phase, seconds in values["timings"].items()},
        **values["versions"],
    }
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in rows.items():
        if value is not None:
            # A table takes a plain text for markup.
            table.add_row(Text(safe(key)), Text(safe(str(value))))
    return table


def _plain(toml: str) -> str:
    return "\n".join(safe(line) for line in toml.splitlines())


def _rate_course(workspace: Any, record: Any) -> Any:
    from l5tui.runner.course import rate_course

    return rate_course(workspace, record)
