"""Compare: what differs between two to six runs, their measures, and their rates laid over each other."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Static

from l5tui.analysis.comparison import differences
from l5tui.config.populations import POPULATIONS
from l5tui.errors import L5Error
from l5tui.runner.course import RateCourse, rate_course
from l5tui.text import count, number, safe
from l5tui.tui.colours import FAULT, WARNING
from l5tui.tui.netcdf_thread import netcdf_thread
from l5tui.tui.while_shown import while_shown
from l5tui.tui.widgets.course_chart import COLOURS, LETTERS, CourseChart
from l5tui.tui.widgets.crumbs import Crumbs
from l5tui.tui.widgets.key_line import KeyLine
from l5tui.tui.widgets.line_table import Column, LineTable

if TYPE_CHECKING:
    from l5tui.runner.comparison import Comparison
    from l5tui.tui.workbench import Workbench
    from l5tui.workspace import Workspace

NAME, NUMBER = 26, 9
"""Widths of a measure's name and of its value."""

Rows = Iterator[tuple[object, Sequence[str | Text]]]


EMPTY = "nothing is compared yet: 3, mark 2 to 6 runs with space, then c"


class CompareScreen(Screen[None]):
    """Runs side by side, those that were marked last; the first is what the others are compared with."""

    app: Workbench

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Runs", tooltip="Back to the runs"),
        Binding("a", "turn", "Other A", tooltip="Compare with the next run instead"),
        Binding("p", "population", "Population", tooltip="Draw the next population"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._run_ids: list[str] = []
        self._population = 0
        self._courses: dict[str, RateCourse] = {}

    def compose(self) -> ComposeResult:
        """Yield the runs above; the table and the chart below."""
        yield Crumbs("compare")
        yield Static("", id="compare-runs")
        with Horizontal(id="compare-body"):
            yield LineTable(EMPTY, name="compared", opens=False)
            yield CourseChart()
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin with the runs that were compared last."""
        self.query_one(LineTable).border_title = "Compare"
        self.query_one(LineTable).focus()
        self.show()

    def on_screen_resume(self) -> None:
        """Show the runs that were marked meanwhile."""
        self.show()

    def show(self) -> None:
        """Compare the runs that the app remembers, where these are others."""
        kept = [str(each) for each in self.app.state.get("compare", [])]
        if sorted(kept) != sorted(self._run_ids) and len(kept) > 1 and self.query(LineTable):
            self._run_ids = kept
            self._compare()

    def action_leave(self) -> None:
        """Go back to the runs."""
        self.app.action_section("runs")

    def action_turn(self) -> None:
        """Let the next run be the first."""
        self._run_ids = self._run_ids[1:] + self._run_ids[:1]
        if self._run_ids:
            self._compare()

    def action_population(self) -> None:
        """Draw the next population."""
        self._population = (self._population + 1) % len(POPULATIONS)
        self._draw_rates()

    @work(exclusive=True, group="comparing")
    @while_shown
    async def _compare(self) -> None:
        workspace, table = self.app.workspace, self.query_one(LineTable)
        try:
            comparison = await asyncio.to_thread(_compare_runs, workspace, self._run_ids)
        except L5Error as error:
            self._run_ids = []
            self.query_one("#compare-runs", Static).update("")
            table.show([Column("", 16, grows=True)], [("fault", [Text(safe(str(error)), FAULT)])])
            return
        self.query_one(Crumbs).show(count(len(self._run_ids), "run"))
        self.query_one("#compare-runs", Static).update(_legend(comparison))
        width = _width(comparison, table.size.width)
        columns = [Column("", 16, grows=True)]
        columns += [Column(letter, width, right=True) for letter in LETTERS[: len(comparison.records)]]
        table.border_title = (
            f"Parameters that differ: {len(comparison.parameters)}; measures with the difference from A"
        )
        table.show(columns, list(_rows(comparison)))
        for record in comparison.records:
            if record.file is not None and record.id not in self._courses:
                await self._read_rates(record)
        self._draw_rates()

    async def _read_rates(self, record: Any) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._courses[record.id] = await loop.run_in_executor(
                netcdf_thread, _rate_course, self.app.workspace, record
            )
        except L5Error as error:
            self.notify(safe(str(error)), severity="warning", markup=False)

    def _draw_rates(self) -> None:
        curves = []
        unit = next((each.step_seconds for each in self._courses.values() if each.step_seconds), None)
        for run_id in self._run_ids:
            course = self._courses.get(run_id)
            rates = [four[self._population] for four in course.rates] if course else []
            # Steps of the first run, as those of another can have another length.
            scale = course.step_seconds / unit if course and course.step_seconds and unit else 1.0
            curves.append(([round(step * scale) for step in course.steps] if course else [], rates))
        title = f"Mean rate of {POPULATIONS[self._population]}, a.u. (p)"
        self.query_one(CourseChart).show(curves, title, unit)


def _width(comparison: Comparison, room: int) -> int:
    """Width of a run's column: that of its longest parameter, as far as there is room."""
    longest = max((len(str(each)) for values in comparison.parameters.values() for each in values), default=0)
    return max(NUMBER, min(longest, (room - NAME) // len(comparison.records) - 1))


def _legend(comparison: Comparison) -> Text:
    lines = []
    for index, record in enumerate(comparison.records):
        text = f"{record.id}  {record.status}  {safe(record.name)}"
        lines.append(Text.assemble((f"{LETTERS[index]} ", f"bold {COLOURS[index]}"), text, no_wrap=True))
    lines += [Text(f"caveat: {each}", WARNING) for each in comparison.caveats]
    return Text("\n", no_wrap=True, overflow="ellipsis").join(lines)


def _rows(comparison: Comparison) -> Rows:
    """Parameters that differ, then the measures, with differences from the first run below each."""
    yield "parameters", [Text("Parameters", "bold"), *[""] * len(comparison.records)]
    if not comparison.parameters:
        yield "none", [Text("no parameter differs", "dim"), *[""] * len(comparison.records)]
    for name, values in comparison.parameters.items():
        yield name, [safe(name), *("–" if value is None else safe(str(value)) for value in values)]
    for title, names in comparison.sections().items():
        yield title, [Text(title, "bold"), *[""] * len(comparison.records)]
        for name in names:
            numbers = comparison.measures[name]
            whole = all(value.is_integer() for value in numbers)
            shown = [str(int(value)) if whole else number(value, 4) for value in numbers]
            yield name, [name.partition("/")[2] or name, *shown]
            if any(value != numbers[0] for value in numbers[1:] if math.isfinite(value)):
                changes = [Text(number(each, 4, signed=True), "dim") for each in differences(numbers)[1:]]
                yield f"{name} difference", [Text("  − A", "dim"), "", *changes]


def _compare_runs(workspace: Workspace, run_ids: Sequence[str]) -> Comparison:
    from l5tui.runner.comparison import compare_runs

    return compare_runs(workspace, run_ids)


def _rate_course(workspace: Workspace, record: Any) -> RateCourse:
    return rate_course(workspace, record)
