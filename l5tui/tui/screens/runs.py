"""Runs: everything in the catalogue, to be found, opened, tagged, noted, run again, deleted."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input, Static

from l5tui.errors import L5Error
from l5tui.runner.overview import RunListing, overview
from l5tui.text import count, number, safe
from l5tui.tui.catalogue_watch import CatalogueWatch
from l5tui.tui.run_actions import RunActions
from l5tui.tui.screens.checklist import ChecklistScreen
from l5tui.tui.screens.run_page import RunPage
from l5tui.tui.while_shown import while_shown
from l5tui.tui.widgets.crumbs import Crumbs
from l5tui.tui.widgets.key_line import KeyLine
from l5tui.tui.widgets.run_columns import COLUMNS, column
from l5tui.tui.widgets.run_table import RunTable

if TYPE_CHECKING:
    from l5tui.tui.workbench import Workbench

MOST_COMPARED = 6
STALE_DELAY = 1.0
"""Seconds until runs are closed whose process is gone: its imports would keep the first sight of the table waiting."""
HINT = "rule:oja tag:paper loss<3 status:failed -name:test words"


class RunsScreen(RunActions, Screen[None]):
    """A line to filter with, the table, and a line about the run at the cursor."""

    app: Workbench

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("s", "sort", "Sort", show=False, tooltip="Sort by the next column; S reverses the order"),
        Binding("S", "turn", "Turn order", show=False),
        # 80 columns have no room for it at the bottom.
        Binding("t", "tag", "Tag", show=False, tooltip="Add tags; a tag with a leading - is removed"),
        Binding("C", "columns", "Columns", show=False, tooltip="Choose the table's columns"),
        Binding("c", "compare", "Compare", tooltip="Compare the 2 to 6 marked runs"),
        Binding("f5", "reload", "Reload", show=False),
        Binding("escape", "clear", "Clear", show=False, tooltip="Clear the filter, then the marks"),
    ]

    _was_read = False

    def compose(self) -> ComposeResult:
        """All parts."""
        yield Crumbs("runs")
        yield Input(placeholder=f"/ filters: {HINT}", compact=True, id="filter")
        yield RunTable()
        yield Static("", id="about", classes="status", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Read the catalogue, with the filter and the order that were there before."""
        table = self.query_one(RunTable)
        kept = self.app.state.get("runs-sort", [])
        if len(kept) == 2 and column(str(kept[0])) is not None:
            table.sort = (str(kept[0]), bool(kept[1]))
        table.choose(self.app.state.get("runs-columns", []))
        text = self.app.state.get("runs-filter", "")
        if text:
            self.query_one(Input).value = text
        table.focus()
        self.catalogue_changed()
        self.set_timer(STALE_DELAY, self._close_stale)

    def on_screen_resume(self) -> None:
        """Read the catalogue again."""
        if self._was_read:
            self.catalogue_changed()

    @property
    def chosen(self) -> list[str]:
        """Ids of the marked runs that the filter shows, else of the one at the cursor."""
        return [run.id for run in self.query_one(RunTable).chosen]

    @property
    def hidden(self) -> int:
        """Number of marked runs that the filter hides."""
        return self.query_one(RunTable).hidden

    def described(self) -> list[str]:
        """Id and name of each chosen run."""
        return [f"{run.id}  {safe(run.name)}" for run in self.query_one(RunTable).chosen]

    @work(exclusive=True, group="reading")
    @while_shown
    async def catalogue_changed(self) -> None:
        """Read the catalogue."""
        try:
            runs = await asyncio.to_thread(overview, self.app.workspace)
        except L5Error as error:
            self.notify(safe(str(error)), severity="error", markup=False)
            return
        self._was_read = True
        self.query_one(RunTable).show(runs)

    @work(exclusive=True, group="stale")
    async def _close_stale(self) -> None:
        """Let runs be closed whose process is gone; that takes the catalogue's whole machinery."""
        if not self.app.workspace.catalog.exists():
            return
        watch = CatalogueWatch(lambda: self.app.workspace.catalog)
        watch.changed()
        try:
            await asyncio.to_thread(_close_stale, self.app.workspace)
        except L5Error as error:
            self.notify(safe(str(error)), severity="error", markup=False)
            return
        if watch.changed():
            self.catalogue_changed()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as one types."""
        table = self.query_one(RunTable)
        table.search(event.value)
        event.input.set_class(bool(table.query_faults), "faulty")
        self.app.state.set("runs-filter", event.value)

    def on_input_submitted(self) -> None:
        """Go to what was found."""
        self.query_one(RunTable).focus()

    def on_run_table_moved(self) -> None:
        """Say how many there are, and what there is to say of the run at the cursor."""
        table = self.query_one(RunTable)
        found, of = table.found
        what = f"{found:,} of {of:,}" if found != of else f"{of:,}"
        marked = f", {len(table.marked)} marked" if table.marked else ""
        marked += f", {table.hidden} of them hidden" if table.hidden else ""
        table.border_title = f"Runs ({what}{marked})"
        table.border_subtitle = f"R: {table.caveat}" if table.caveat else ""
        self.query_one(Crumbs).show(state=self._going_on())
        about = "; ".join(map(safe, table.query_faults)) or _about(table.run, of)
        self.query_one("#about", Static).update(about)
        self.app.state.set("runs-sort", list(table.sort))

    def on_run_table_opened(self, event: RunTable.Opened) -> None:
        """Open a run's page."""
        self.app.push_screen(RunPage(event.run.id))

    def action_filter(self) -> None:
        """Go to the filter."""
        self.query_one(Input).focus()

    def action_compare(self) -> None:
        """Put the marked runs side by side, the oldest first, whether the filter shows them or not."""
        chosen = sorted(run.id for run in self.query_one(RunTable).all_marked)
        if len(chosen) < 2:
            self._say("mark 2 to 6 runs with space, then c compares them", "warning")
            return
        if len(chosen) > MOST_COMPARED:
            self._say(f"{len(chosen)} runs are marked; at most {MOST_COMPARED} are compared", "warning")
            return
        self.app.state.set("compare", chosen)
        self.app.action_section("compare")

    def action_clear(self) -> None:
        """From the filter to the table; from the table, clear the filter, then the marks."""
        table, field = self.query_one(RunTable), self.query_one(Input)
        if field.has_focus:
            table.focus()
        elif field.value:
            field.value = ""
        elif table.marked:
            table.marked.clear()
            table.action_move(0)

    def action_sort(self) -> None:
        """Sort by the next column."""
        table = self.query_one(RunTable)
        fields = [each.field for each in table.columns]
        at = fields.index(table.sort[0]) if table.sort[0] in fields else -1
        table.sort_by(fields[(at + 1) % len(fields)])

    def action_turn(self) -> None:
        """Turn the order round."""
        table = self.query_one(RunTable)
        table.sort_by(table.sort[0])

    @work(exclusive=True, group="columns")
    async def action_columns(self) -> None:
        """Choose the table's columns."""
        table = self.query_one(RunTable)
        now = {each.field for each in table.columns}
        items = [(each.field, f"{each.title:<8} {each.about}", each.field in now) for each in COLUMNS]
        parts = "If there is no room for all, lower ones are hidden."
        fields = await self.app.push_screen_wait(ChecklistScreen("Columns", parts, items))
        if fields is not None:
            table.choose(fields)
            self.app.state.set("runs-columns", [each.field for each in table.columns])

    def action_reload(self) -> None:
        """Read the catalogue again."""
        self.catalogue_changed()

    def was_deleted(self, run_ids: list[str]) -> None:
        """Take marks from what is gone."""
        self.query_one(RunTable).marked -= set(run_ids)

    def _going_on(self) -> str:
        if self.app.run_changes.running:
            return self.app.run_changes.running
        unfinished = self.app.session.unfinished
        return f"{count(len(unfinished), 'run')} to go" if unfinished else ""


def _about(run: RunListing | None, of: int) -> str:
    if run is None:
        return "no run matches; Esc clears the filter" if of else "no runs yet: 1, choose an experiment, r"
    parts = [run.id, f"seed {run.seed}", run.variant]
    if run.loss is not None:
        parts.append(f"loss {number(run.loss, 4)}")
    if run.realizations is not None:
        parts.append(count(run.realizations, "realization"))
    parts += [run.error or "", run.notes]
    return safe(" · ".join(part for part in parts if part))


def _close_stale(workspace: object) -> None:
    from l5tui.runner.opening import open_catalog

    functools.partial(open_catalog, workspace)()  # type: ignore[arg-type]
