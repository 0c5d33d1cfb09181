"""A study's page: its values by trial and over each parameter, its trials, and its best point."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from l5tui.errors import L5Error
from l5tui.text import duration, number, safe
from l5tui.tui.catalogue_watch import LOOK_SECONDS, CatalogueWatch
from l5tui.tui.colours import STATUS_SIGNS, STATUS_STYLES
from l5tui.tui.insight_lines import insight_lines
from l5tui.tui.netcdf_thread import netcdf_thread
from l5tui.tui.screens.page import Page
from l5tui.tui.study_actions import StudyActions
from l5tui.tui.study_headline import study_headline
from l5tui.tui.study_picture import StudyPicture, read_picture
from l5tui.tui.study_words import kind_of, objective_in_words
from l5tui.tui.viewer import open_file
from l5tui.tui.while_shown import while_shown
from l5tui.tui.widgets.crumbs import Crumbs
from l5tui.tui.widgets.key_line import KeyLine
from l5tui.tui.widgets.line_table import Column, LineTable
from l5tui.tui.widgets.value_chart import ValueChart
from l5tui.tuning.lines import read_posterior

if TYPE_CHECKING:
    from pathlib import Path

    from l5tui.tui.study_runner import StudyProcess
    from l5tui.tuning.insight import Insight
    from l5tui.tuning.report import StudyReport
    from l5tui.tuning.study import TrialRecord
    from l5tui.workspace import Workspace


WIDE = 120
"""Columns from which parameters have their full names."""
INSIGHT_WIDTH = 48
"""Room for an insight's lines, as the style sheet gives it."""


class StudyPage(StudyActions, Page):
    """Everything there is to say of a study, also while it goes on.

    Parameters
    ----------
    study_id : str
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back"),
        # The title of its chart names the key; the footer of 80 columns has no room for it.
        Binding("p,right_square_bracket", "parameter(1)", "Parameter", key_display="p", show=False),
        Binding("P,left_square_bracket", "parameter(-1)", "Parameter before", show=False),
        Binding("s", "sort", "Sort", tooltip="Best first, or newest first"),
        Binding(
            "f",
            "figure",
            "Figure",
            show=False,
            tooltip="Draw an inference's pair plot, or a sensitivity's indices, and open it",
        ),
    ]

    def __init__(self, study_id: str) -> None:
        super().__init__()
        self._study_id = study_id
        self._picture: StudyPicture | None = None
        self._insight: Insight | None = None
        self._parameter = 0
        self._by_value = True

    def compose(self) -> ComposeResult:
        """Two charts above; the trials and the best point below."""
        yield Crumbs("studies")
        yield Static("", id="study-headline", classes="status")
        with Horizontal(id="study-charts"):
            yield ValueChart(name="by-trial")
            yield ValueChart(name="by-parameter")
        with Horizontal(id="study-below"):
            yield LineTable("no trials yet", name="trials")
            with VerticalScroll(id="best", classes="panel") as best:
                best.border_title = "Best"
                yield Static("", id="best-point")
        yield KeyLine()

    def on_mount(self) -> None:
        """Read the study, and look now and then."""
        self._watch = CatalogueWatch(lambda: self.app.workspace.catalog)
        self.query_one(Crumbs).show(self._study_id)
        self.query_one(LineTable).focus()
        self.catalogue_changed()
        self.set_interval(LOOK_SECONDS, self._look)

    @property
    def chosen(self) -> str:
        """The study."""
        return self._study_id

    @work(exclusive=True, group="reading")
    @while_shown
    async def catalogue_changed(self) -> None:
        """Read the study again."""
        try:
            self._picture = await asyncio.to_thread(read_picture, self.app.workspace, self._study_id)
        except L5Error as error:
            self.say(str(error), "error")
            return
        self._draw()
        report = self._picture.report
        process = self.app.studies.of(self._study_id)
        known = tuple(process.posteriors) if process is not None else ()
        reading = asyncio.get_running_loop().run_in_executor(
            netcdf_thread, _insight, self.app.workspace, report, known
        )
        try:
            self._insight = await reading
        except L5Error as error:
            self.say(str(error), "error")
        self._draw()

    def on_resize(self) -> None:
        """Make the best of the room."""
        self._draw()

    def on_line_table_opened(self) -> None:
        """Open the run of the trial at the cursor, or offer to make it."""
        number = self.query_one("#trials", LineTable).key
        if isinstance(number, int) and self._picture is not None:
            self.open_trial(self._picture.report, number)

    def action_parameter(self, by: int) -> None:
        """Show the values over another parameter."""
        self._parameter += by
        self._draw()

    def action_sort(self) -> None:
        """Best first, or newest first."""
        self._by_value = not self._by_value
        self._draw()

    @work(exclusive=True, group="figure")
    async def action_figure(self) -> None:
        """Draw the pair plot or the indices, and open that where there is something to open it with."""
        workspace = self.app.workspace
        drawing = asyncio.get_running_loop().run_in_executor(
            netcdf_thread, _figure, workspace, self._study_id
        )
        try:
            path = await drawing
        except L5Error as error:
            self.say(str(error), "warning")
            return
        if not open_file(path):
            self.say(f"no viewer here; the figure is {path}")

    def _look(self) -> None:
        if self.is_current:
            self._draw_headline()
            if self._watch.changed():
                self.catalogue_changed()

    def _draw(self) -> None:
        if self._picture is None or not self.query(Crumbs):  # not read yet, or left already
            return
        self._draw_headline()
        self._draw_charts(self._picture)
        self._draw_trials(self._picture)
        self._draw_best(self._picture)

    def _draw_best(self, picture: StudyPicture) -> None:
        panel = self.query_one("#best", VerticalScroll)
        panel.border_title = self._insight.title if self._insight else "Best"
        self.set_class(self._insight is not None, "-insight")
        parts: list[Text | Table] = [_best_point(picture)]
        if kind_of(picture.report.record) == "search" and picture.best is not None:
            words = picture.report.best_in_words, picture.report.difference_in_words
            parts.append(Text("".join(f"\n{each}" for each in words if each), "dim"))
        if self._insight is not None:
            names = dict(zip(picture.paths, _labels(picture.paths, picture.report.record.space), strict=True))
            # Not the panel's own width: it has not been laid out yet where it has just become wider.
            lines = insight_lines(self._insight, names, INSIGHT_WIDTH)
            parts = [lines, Text("\nBest trial", "bold"), *parts]
        self.query_one("#best-point", Static).update(Group(*parts))

    def _draw_headline(self) -> None:
        if self._picture is None:
            return
        record = self._picture.report.record
        process = self.app.studies.of(self._study_id)
        self.query_one(Crumbs).show(self._study_id, record.name, state=self._state(process))
        self.query_one("#study-headline", Static).update(
            study_headline(self._picture, self._insight, self.size.width - 2)
        )

    def _state(self, process: StudyProcess | None) -> str:
        if process is None:
            return ""
        progress = process.progress
        if self._study_id in self.app.studies.resuming:
            return f"recording in MLflow, {process.left_to_track} left, then it resumes"
        if process.left_to_track:
            return f"recording in MLflow, {process.left_to_track} left"
        if progress.get("stopping"):
            return f"stopping, {progress['running']} to end"
        left = progress.get("remaining")
        return f"about {duration(left)} left" if left is not None else "running"

    def _draw_charts(self, picture: StudyPicture) -> None:
        record, trials = picture.report.record, picture.report.trials
        values = [trial.value for trial in trials]
        last = max([*(trial.number for trial in trials), 1])
        best = trials.index(picture.best) if picture.best else -1
        # A design seeks nothing: its values do not get better.
        seeks = kind_of(record) != "sensitivity"
        steps = [(trial / last, value) for trial, value in picture.best_so_far] if seeks else []
        self.query_one("#by-trial", ValueChart).show(
            [trial.number / last for trial in trials],
            values,
            ends=("0", f"trial {last}"),
            title=f"{objective_in_words(record)} by trial{', best so far' if seeks else ''}",
            best=best,
            steps=steps,
            maximize=record.maximize,
        )
        self._parameter %= max(len(picture.paths), 1)
        path = picture.paths[self._parameter]
        name = (
            _full_label(path, record.space)
            if self.size.width >= WIDE
            else _labels(picture.paths, record.space)[self._parameter]
        )
        self.query_one("#by-parameter", ValueChart).show(
            picture.places[path],
            values,
            ends=_ends(record.space[path]),
            title=f"over {name} ({self._parameter + 1}/{len(picture.paths)}, p)",
            best=best,
            maximize=record.maximize,
        )

    def _draw_trials(self, picture: StudyPicture) -> None:
        # The parameter that is drawn comes first, as not all have room.
        at = self._parameter
        paths = picture.paths[at:] + picture.paths[:at]
        names = _labels(paths, picture.report.record.space)
        columns = [Column("trial", 5, right=True), Column("value", 9, right=True), Column("", 1)]
        columns += [Column(name, max(len(name), 7), right=True) for name in names]
        columns += [Column("time", 7, right=True), Column("", 10, grows=True)]
        table = self.query_one(LineTable)
        best = "best in search first" if kind_of(picture.report.record) == "search" else "best first"
        table.border_title = f"Trials, {best if self._by_value else 'newest first'}"
        rows = picture.trials(by_value=self._by_value)
        table.show(columns, [(trial.number, _row(trial, paths)) for trial in rows])


def _insight(workspace: Workspace, report: StudyReport, known: Sequence[Mapping[str, Any]]) -> Insight | None:
    """Return the results for the parameters; of an inference that runs here, its latest live estimates."""
    from l5tui.tuning.insight import live_insight, study_insight

    if known and report.record.status == "running":
        return live_insight([read_posterior(each) for each in known])
    return study_insight(workspace, report)


def _figure(workspace: Workspace, study_id: str) -> Path:
    from l5tui.tuning.insight import study_figure

    return study_figure(workspace, study_id, workspace.figures)


def _best_point(picture: StudyPicture) -> Table | Text:
    if picture.best is None:
        return Text("no trial has a value yet", "dim")
    # Without room for all, names are cut, not values.
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim", expand=True)
    table.add_column(f"trial {picture.best.number}", no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("searched", no_wrap=True)
    for path, name in zip(picture.paths, _labels(picture.paths, picture.report.record.space), strict=True):
        near = picture.end_near(path)
        low, high = _ends(picture.report.record.space[path])
        table.add_row(
            name,
            _value(picture.best.point[path]),
            Text.assemble((f"{low}…{high}", "dim"), (f" ! {near}", "bold") if near else ""),
        )
    return table


def _ends(spread: Mapping[str, Any]) -> tuple[str, str]:
    if "choices" in spread:
        choices = [str(choice) for choice in spread["choices"]]
        return choices[0], choices[-1] if len(choices) < 3 else f"{', '.join(choices[1:])}"
    return f"{spread['low']:g}", f"{spread['high']:g}" + (" log" if spread.get("log") else "")


def _row(trial: TrialRecord, paths: Sequence[str]) -> Sequence[str | Text]:
    status = str(trial.status)
    return (
        str(trial.number),
        number(trial.value, 4) if math.isfinite(trial.value) else "n/a" * (status == "completed"),
        Text(STATUS_SIGNS.get(status, "?"), STATUS_STYLES.get(status, "")),
        *(_value(trial.point[path]) for path in paths),
        f"{trial.seconds:.2f} s" if math.isfinite(trial.seconds) else "",
        safe(trial.error or (status if status != "completed" else "")),
    )


def _value(value: object) -> str:
    return number(value, 3) if isinstance(value, float) else safe(str(value))


def _full_label(path: str, space: Mapping[str, Any]) -> str:
    return f"{path} / {space[path]['times']}" if space[path].get("times") else path


def _labels(paths: Sequence[str], space: Mapping[str, Any]) -> list[str]:
    """Short names of parameters; of one that is searched as a ratio, those of both."""
    names = zip(paths, _short_names(paths), strict=True)
    return [
        f"{name} / {space[path]['times'].rpartition('.')[2]}" if space[path].get("times") else name
        for path, name in names
    ]


def _short_names(paths: Sequence[str]) -> list[str]:
    """Return the shortest ends of the paths that are unique."""
    names = []
    for path in paths:
        parts = path.split(".")
        parts_shown = 1
        while parts_shown < len(parts) and (
            (parts[-1] in ("CS", "CC", "PV", "SST") and parts_shown < 2)
            or sum(each.endswith("." + ".".join(parts[-parts_shown:])) for each in paths) > 1
        ):
            parts_shown += 1
        names.append(".".join(parts[-parts_shown:]))
    return names
