"""Experiments: the files of the workspace, and one of them being edited."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import ContentSwitcher, OptionList, Static, TextArea

from l5tui.config.toml_file import parse_experiment
from l5tui.errors import ConfigError, L5Error
from l5tui.runner.forecast import forecast
from l5tui.runner.memory import memory_shortage
from l5tui.runner.overview import last_by_experiment, overview
from l5tui.text import amount, count, duration, safe
from l5tui.tui import experiment_files
from l5tui.tui.disk_file import read_disk
from l5tui.tui.draft import Draft
from l5tui.tui.form_lines import Cell, typed
from l5tui.tui.previewer import Previewer
from l5tui.tui.recovery import Recovery
from l5tui.tui.screens.choice import ChoiceScreen
from l5tui.tui.space_actions import SpaceActions
from l5tui.tui.tuning_check import space_fault
from l5tui.tui.while_shown import while_shown
from l5tui.tui.widgets.crumbs import Crumbs
from l5tui.tui.widgets.field_panel import FieldPanel
from l5tui.tui.widgets.file_list import FileList
from l5tui.tui.widgets.form import Form
from l5tui.tui.widgets.key_line import KeyLine
from l5tui.tui.widgets.preview_panel import PreviewPanel
from l5tui.tui.widgets.toml_face import TomlFace

if TYPE_CHECKING:
    from l5tui.tui.workbench import Workbench

PREVIEW_DELAY = 0.12
"""Seconds without a key press after which a preview is requested."""


class ExperimentsScreen(SpaceActions, Recovery):
    """A list, an editor with two faces, and a preview."""

    app: Workbench

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run", "Run", tooltip="Run the experiment in the form"),
        Binding("t", "tune", "Tune", tooltip="Start a search of [tuning.space]"),
        Binding("v", "face", "TOML", tooltip="Form or TOML"),
        # In the TOML, where a letter is typed, the footer shows this one instead.
        Binding("f2", "face", "Form", tooltip="Form or TOML"),
        Binding("p", "preview", "Preview", tooltip="Preview each edit with one realization"),
        Binding("escape", "to_list", "List", show=False, tooltip="Back to the form, then to the list"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.draft = Draft(None, "", "unnamed")
        self._previewer: Previewer | None = None
        self._preview_due: Timer | None = None
        self._is_shown = False

    def compose(self) -> ComposeResult:
        """Yield the list on the left; the form with its field, or the TOML; the preview below or on the right."""
        yield Crumbs("experiments")
        with Horizontal(id="body"):
            yield FileList()
            with Vertical(id="editor"), ContentSwitcher(initial="face-form", id="faces"):
                with Vertical(id="face-form"):
                    form = Form(self.draft)
                    form.add_class("panel")
                    yield form
                    yield FieldPanel()
                yield TomlFace()
                yield Static("", id="unreadable", classes="panel", markup=False)
            yield PreviewPanel()
        yield Static("", id="forecast", classes="status", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """List the files and open the one that was open."""
        if not self.query(Form):
            return  # the app is being left already
        self.set_class(bool(self.app.state.get("preview", False)), "-previewing")
        self.list_files()
        kept = self.app.workspace.experiments / str(self.app.state.get("experiment", ""))
        files = self.query_one(FileList)
        files.go_to(kept)
        if files.path is not None:
            self._open(files.path)
        files.focus()
        self.call_after_refresh(self._complete)

    def on_screen_resume(self) -> None:
        """See whether files have come or gone."""
        if self._is_shown:
            self.list_files()
            self.look_at_disk()

    @property
    def faces(self) -> ContentSwitcher:
        """Form and TOML."""
        return self.query_one(ContentSwitcher)

    def _complete(self) -> None:
        """Begin what the list and the form need not wait for: it shares the processor with drawing them."""
        self._is_shown = True
        self._forecast()
        self.catalogue_changed()
        self.offer_edits()
        self.watch_files()

    # The list

    @work(exclusive=True, group="last-runs")
    @while_shown
    async def catalogue_changed(self) -> None:
        """Show the last run of each experiment."""
        try:
            runs = await asyncio.to_thread(overview, self.app.workspace)
        except L5Error as error:
            self.notify(safe(str(error)), severity="warning", markup=False)
            return
        self.query_one(FileList).show_last_runs(last_by_experiment(runs))

    @work(exclusive=True, group="opening")
    async def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Open the file at the cursor, after a dialog if edits would be lost."""
        files = self.query_one(FileList)
        if event.option_list is not files or files.path in (None, self.draft.path):
            return
        wanted = files.path
        if not await self.settle_edits():
            files.go_to(self.draft.path)
        elif wanted is not None:
            self._open(wanted)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go into the form."""
        if event.option_list is self.query_one(FileList):
            self._focus_face()

    def action_to_list(self) -> None:
        """From the TOML to the form, from the form to the list."""
        if isinstance(self.focused, TomlFace):
            self.action_face()
        else:
            self.query_one(FileList).focus()

    # The draft

    def open_draft(self, text: str, name: str) -> None:
        """Show a text that has no file yet."""
        self._show(Draft(None, text, name))
        self._focus_face()

    def on_form_cell_reached(self, event: Form.CellReached) -> None:
        """Explain the cell at the cursor."""
        self.query_one(FieldPanel).show(event.cell, self.draft, self.query_one(Form).hint)

    def on_form_edit_requested(self, event: Form.EditRequested) -> None:
        """Edit a cell."""
        if event.cell.parameter.choices or isinstance(event.cell.parameter.default, bool):
            self._choose(event.cell)
        else:
            self.query_one(FieldPanel).edit(event.cell, self.draft)

    def on_form_choice_requested(self, event: Form.ChoiceRequested) -> None:
        """Give a cell its next choice."""
        choices: list[object] = [*event.cell.parameter.choices] or [False, True]
        now = self.draft.value(event.cell)
        index = choices.index(now) + 1 if now in choices else 0
        self._set(event.cell, choices[index % len(choices)])
        self.draft.end_of_edit()

    @work(exclusive=True, group="choice")
    async def _choose(self, cell: Cell) -> None:
        choices = cell.parameter.choices or cell.words
        answers = {str(number): choice for number, choice in enumerate(choices, 1)}
        title = f"{cell.parameter.path}, now {cell.text_of(self.draft.value(cell))}"
        answers["escape"] = "Leave it"
        answer = await self.app.push_screen_wait(ChoiceScreen(title, cell.parameter.description, answers))
        if answer != "escape":
            chosen = answers[answer]
            self._set(cell, chosen if cell.parameter.choices else chosen == cell.words[1])
            self.draft.end_of_edit()

    def on_field_panel_typed(self, event: FieldPanel.Typed) -> None:
        """Follow what is typed."""
        self._set(event.cell, typed(event.cell, event.text))

    def on_field_panel_done(self, event: FieldPanel.Done) -> None:
        """Go back to the form."""
        if event.restore is not None:
            self._set(event.cell, typed(event.cell, event.restore))
        self.draft.end_of_edit()
        self.draft_changed()
        if isinstance(self.focused, Form) or self.focused is None or not self.focused.display:
            self.query_one(Form).focus()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Follow the TOML."""
        self.draft.set_text(event.text_area.text)
        self.draft_changed()

    def action_face(self) -> None:
        """Show the other face, if the file can be read."""
        if self.draft.unreadable:
            self.notify_faults("cannot be shown")
            return
        self.faces.current = "toml" if self.faces.current == "face-form" else "face-form"
        self._focus_face()
        self.draft_changed()

    def action_preview(self) -> None:
        """Switch the preview on or off."""
        self.toggle_class("-previewing")
        self.app.state.set("preview", self.has_class("-previewing"))
        self.draft_changed()

    # What is done with it

    @work(exclusive=True, group="run")
    async def action_run(self) -> None:
        """Run the experiment in the form, saved or not."""
        if self.draft.experiment is None:
            self.notify_faults("cannot run")
            return
        if not await self.agrees_with_disk():
            return
        self.app.start_run(parse_experiment(self.draft.text, self.draft.name))

    @work(exclusive=True, group="tune")
    async def action_tune(self) -> None:
        """Search the space of what is in the form, saved or not."""
        if self.draft.experiment is None:
            self.notify_faults("cannot be tuned")
            return
        if not await self.agrees_with_disk():
            return
        fault = await asyncio.to_thread(space_fault, self.draft.experiment)
        if fault:
            message = "\n".join(map(safe, fault.splitlines()))
            self.notify(message, title="It cannot be tuned", severity="error", markup=False, timeout=15)
            return
        self.app.start_study(parse_experiment(self.draft.text, self.draft.name))

    # Showing

    def list_files(self) -> None:
        """List the files again."""
        files = self.query_one(FileList)
        files.show(experiment_files.experiment_files(self.app.workspace))
        files.border_title = f"Experiments ({files.option_count})"
        with files.prevent(OptionList.OptionHighlighted):
            files.go_to(self.draft.path)

    @property
    def is_opening(self) -> bool:
        """Whether the cursor has moved to a file that is about to be opened."""
        return self.query_one(FileList).is_away_from(self.draft.path)

    def _open(self, path: Path) -> None:
        disk = read_disk(path)
        self.app.state.set("experiment", path.name)
        self._show(Draft(path, disk.text, path.stem, disk))

    def reopen(self, path: Path | None) -> None:
        """Show another file, or whichever comes first, and list the files again."""
        if path is None:
            self.draft = Draft(None, "", "unnamed")
            self.list_files()
            path = self.query_one(FileList).path
        if path is not None:
            if path != self.draft.path:
                self._open(path)
            self.list_files()
            self.draft_changed()

    def show_draft(self, draft: Draft) -> None:
        """Show another draft, and put the cursor at its file."""
        self._show(draft)
        files = self.query_one(FileList)
        with files.prevent(OptionList.OptionHighlighted):
            files.go_to(draft.path)

    def _show(self, draft: Draft) -> None:
        self.draft = draft
        self.draft_changed()

    def _focus_face(self) -> None:
        faces: dict[str | None, type[Form | TomlFace]] = {"face-form": Form, "toml": TomlFace}
        if self.faces.current in faces:
            self.query_one(faces[self.faces.current]).focus()

    def _set(self, cell: Cell, value: object) -> None:
        try:
            self.draft.set(cell, value)
        except ConfigError as error:
            self.notify(safe(str(error)), severity="error", markup=False)
        self.draft_changed()

    def draft_changed(self) -> None:
        """Show what the draft says in every part of the screen."""
        draft = self.draft
        form = self.query_one(Form)
        form.show(draft)
        name = draft.path.name if draft.path else f"{draft.name} (no file yet)"
        name += " *" if draft.is_changed else " (unreadable)" if draft.unreadable else ""
        form.border_title = safe(f"{name} · differs on disk" if self.differs_on_disk else name)
        self._show_unreadable(draft)
        self.query_one(FieldPanel).show(form.cell, draft, form.hint)
        if self.faces.current == "toml":
            toml = self.query_one(TomlFace)
            toml.show(draft.text, draft.fault_line)
            toml.border_title = f"TOML of {form.border_title}"
        self.query_one(FileList).mark_changed(draft.path if draft.is_changed else None)
        self.query_one(Crumbs).show(form.border_title or "", state=self._summary())
        if self._is_shown:
            self._forecast()
        self.keep_edits()
        if self._preview_due is not None:
            self._preview_due.stop()
        if self.has_class("-previewing"):
            self._preview_due = self.set_timer(PREVIEW_DELAY, self._preview)

    def _show_unreadable(self, draft: Draft) -> None:
        """Show why there is neither form nor TOML, or the form again."""
        if draft.unreadable:
            message = self.query_one("#unreadable", Static)
            message.border_title = safe(draft.path.name if draft.path else draft.name)
            message.update(f"✗ unreadable, left as it is\n\n{safe(draft.unreadable)}")
            self.faces.current = "unreadable"
        elif self.faces.current == "unreadable":
            self.faces.current = "face-form"

    def _summary(self) -> str:
        experiment = self.draft.experiment
        if experiment is None:
            return f"✗ {count(len(self.draft.faults), 'fault')}"
        return f"{sum(experiment.network.sizes.in_order())} neurons · {experiment.plasticity.rule}"

    @work(exclusive=True, group="forecast")
    async def _forecast(self) -> None:
        status, experiment = self.query_one("#forecast", Static), self.draft.experiment
        if experiment is None:
            where = f"line {self.draft.fault_line + 1}: " if self.draft.fault_line is not None else ""
            status.update(safe(f"✗ {where}{self.draft.faults[0]}"), layout=False)
            return
        forecast, amount, memory_shortage = await asyncio.to_thread(_forecaster)
        expected = forecast(experiment)
        if shortage := memory_shortage(expected):
            status.update(f"✗ too large: it {shortage}", layout=False)
            return
        steps = experiment.steps * experiment.simulation.realizations * len(experiment.stimulus.directions)
        status.update(
            f"{steps:,} steps · about {duration(expected.seconds)} · "
            f"{amount(expected.memory)} of memory · {amount(expected.disk)} on disk",
            layout=False,
        )

    def _preview(self) -> None:
        panel = self.query_one(PreviewPanel)
        if self._previewer is None:
            self._previewer = Previewer(self.app.session, panel.show, panel.show_note)
        if self.draft.experiment is None:
            panel.show_note("there are faults")
            return
        if not self.app.session.is_ready:
            panel.show_note("the warm process is starting")
        self._previewer.follow(self.draft.text, self.draft.saved)


def _forecaster():  # type: ignore[no-untyped-def]
    """Return the forecast function; it loads NumPy, whose import must not delay a key."""
    return forecast, amount, memory_shortage
