"""Studies: every search of the workspace, those that go on as well."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from l5tui.errors import L5Error
from l5tui.text import count, number, safe
from l5tui.tui.catalogue_watch import LOOK_SECONDS, CatalogueWatch
from l5tui.tui.colours import STATUS_SIGNS, STATUS_STYLES
from l5tui.tui.screens.study_page import StudyPage
from l5tui.tui.study_actions import StudyActions
from l5tui.tui.study_words import (
    aim_in_words,
    best_in_words,
    kind_in_words,
    kind_of,
    objective_in_words,
    unconfirmed,
)
from l5tui.tui.while_shown import while_shown
from l5tui.tui.widgets.crumbs import Crumbs
from l5tui.tui.widgets.key_line import KeyLine
from l5tui.tui.widgets.line_table import Column, LineTable
from l5tui.tui.widgets.run_columns import when
from l5tui.tuning.confirmed import Candidate, read_best

if TYPE_CHECKING:
    from l5tui.tuning.study import StudyRecord
    from l5tui.workspace import Workspace

EMPTY = "no studies yet: 1, choose tuning, t"
COLUMNS = (
    Column("when", 12),
    Column("status", 11),
    Column("trials", 9, right=True),
    Column("best", 13, right=True),
    Column("n", 2, right=True),
    Column("in search", 9, right=True),
    Column("name", 13, grows=True),
    Column("kind", 11),
    Column("objective", 16),
    Column("method", 9),
    Column("study", 22),
)


class StudiesScreen(StudyActions):
    """The table, and a line about the study at the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f5", "reload", "Reload", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self._records: dict[str, StudyRecord] = {}
        self._confirmed: dict[str, Candidate] = {}

    def compose(self) -> ComposeResult:
        """All parts."""
        yield Crumbs("studies")
        yield LineTable(EMPTY, name="studies")
        yield Static("", id="about", classes="status", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Read the catalogue, and look now and then."""
        self._watch = CatalogueWatch(lambda: self.app.workspace.catalog)
        self.query_one(LineTable).border_title = "Studies"
        self.query_one(LineTable).focus()
        self.catalogue_changed()
        self.set_interval(LOOK_SECONDS, self._look)

    def on_screen_resume(self) -> None:
        """Read the catalogue again."""
        self.catalogue_changed()

    @property
    def chosen(self) -> str:
        """The study at the cursor."""
        return str(self.query_one(LineTable).key or "")

    @work(exclusive=True, group="reading")
    @while_shown
    async def catalogue_changed(self) -> None:
        """Read the studies."""
        try:
            records, self._confirmed = await asyncio.to_thread(_studies, self.app.workspace)
        except L5Error as error:
            self.say(str(error), "error")
            return
        self._records = {record.id: record for record in records}
        table = self.query_one(LineTable)
        table.border_title = f"Studies ({len(records)})"
        table.border_subtitle = _caveat(records)
        table.show(COLUMNS, [(each.id, _row(each, self._confirmed.get(each.id))) for each in records])
        self._show_details()

    def on_line_table_moved(self) -> None:
        """Say what there is to say of the study at the cursor."""
        self._show_details()

    def on_line_table_opened(self) -> None:
        """Open the study's page."""
        self.open(self.chosen)

    def open(self, study_id: str) -> None:
        """Open a study's page."""
        self.app.push_screen(StudyPage(study_id))

    def action_reload(self) -> None:
        """Read the studies again."""
        self.catalogue_changed()

    def _look(self) -> None:
        if self.is_current:
            self._show_details()
            if self._watch.changed():
                self.catalogue_changed()

    def _show_details(self) -> None:
        unfinished = self.app.studies.unfinished
        starting = [each for each in unfinished if not each.study_id]
        running = sum(record.status == "running" for record in self._records.values())
        state = "a study is being started" if starting else f"{running} running" if running else ""
        self.query_one(Crumbs).show_state(state)
        record = self._records.get(self.chosen)
        self.query_one("#about", Static).update(
            _about(record, self._confirmed.get(record.id)) if record else EMPTY
        )


def _caveat(records: Sequence[StudyRecord]) -> str:
    from l5tui.tuning.report import unequal_studies

    return unequal_studies(records)


def _row(record: StudyRecord, confirmed: Candidate | None) -> Sequence[str | Text]:
    status = record.shown_status
    return (
        when(record.created.isoformat()),
        Text(f"{STATUS_SIGNS.get(status, '?')} {status}", STATUS_STYLES.get(status, "")),
        f"{record.ended_trials}/{record.trials}",
        Text(confirmed.short) if confirmed else Text(unconfirmed(record), "dim"),
        str(confirmed.n) if confirmed else "",
        number(record.best_value, 4),
        safe(record.name),
        kind_of(record),
        ("↑ " if record.maximize else "↓ ") + objective_in_words(record),
        record.method,
        record.id,
    )


def _realizations(record: StudyRecord) -> int | None:
    from l5tui.tuning.report import realizations_of

    return realizations_of(record)


def _about(record: StudyRecord, confirmed: Candidate | None) -> str:
    facts = [kind_in_words(record), aim_in_words(record)]
    if realizations := _realizations(record):
        facts.append(f"{count(realizations, 'realization')} each")
    facts.append(best_in_words(record, confirmed))
    if record.status == "running":
        facts.append(f"process {record.pid} on {record.host}")
    if (error := record.shown_error) and error != str(record.status):
        facts.append(error)
    facts.append(record.id)
    return safe(" · ".join(part for part in facts if part))


def _studies(workspace: Workspace) -> tuple[list[StudyRecord], dict[str, Candidate]]:
    """Read the studies, newest first, and the best points that are confirmed."""
    from l5tui.tuning.study import list_studies

    records = list_studies(workspace)
    found = {record.id: read_best(workspace, record) for record in records}
    return records, {study_id: best for study_id, best in found.items() if best is not None}
