"""The app: its sections, what lasts while it is open, and how it is left."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, InputEvent
from textual.screen import Screen
from textual.widgets import Static

from l5tui.text import safe
from l5tui.tui.garbage import LOOK_SECONDS, QuietCollector
from l5tui.tui.leaving import edits_settled, finish_changes, input_settled, runs_answer, stopping_line
from l5tui.tui.run_changes import RunChanges
from l5tui.tui.sections import SECTIONS
from l5tui.tui.state import State
from l5tui.tui.viewer import has_screen
from l5tui.tui.widgets.crumbs import Crumbs
from l5tui.tui.widgets.key_line import KeyLine
from l5tui.tui.workbench import Workbench

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from l5tui.config.toml_file import ReadExperiment
    from l5tui.runner.mlflow_ui import MlflowServer
    from l5tui.tui.live_run import LiveRun
    from l5tui.tui.session import Session
    from l5tui.tui.study_runner import StudyProcess, StudyRunner
    from l5tui.workspace import Workspace

WARM_UP_SECONDS = 0.5
"""Time from the first section's being there to the start of the process that computes, which takes the processor."""

WIDE = 120
"""Columns from which on there is room for what stands side by side."""

SECTION_KEYS = Binding.Group("Go", compact=True)
"""What the footer calls the keys of the sections, whose names are in the line at the top."""

VERIFIED_SECONDS = 30
"""Duration of the notification with the result of a verification."""

MOVEMENTS = ("move(", "edge(", "page", "cell(", "cursor", "scroll", "first", "last", "select", "section(")
"""Actions that have no place in the palette, as they are for keys alone."""


class L5App(Workbench):
    """A workbench for one workspace.

    Parameters
    ----------
    workspace : Workspace
    run : ReadExperiment, optional
        An experiment to run at once.
    force : bool, optional
        Start that run even if more memory is needed than is free.
    state : State, optional
        What was remembered; by default the user's own.
    """

    MODES: ClassVar = {
        each.name: functools.partial(lambda section: section.load()(), each) for each in SECTIONS
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(each.key, f"section('{each.name}')", each.title, group=SECTION_KEYS) for each in SECTIONS
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012

    def __init__(
        self,
        workspace: Workspace,
        *,
        run: ReadExperiment | None = None,
        force: bool = False,
        state: State | None = None,
    ) -> None:
        super().__init__(state or State(), workspace)
        self.run_changes = RunChanges()
        self._run_first, self._force_first = run, force
        self._session: Session | None = None
        self._studies: StudyRunner | None = None
        self._collector = QuietCollector()
        self._mlflow: MlflowServer | None = None
        self._mlflow_url: str | None = None

    @property
    def session(self) -> Session:
        """What lasts as long as the app; made when it is first needed."""
        if self._session is None:
            from l5tui.tui.session import Session

            self._session = Session(self.anchor.workspace, self._run_stored, self._run_verified)
        return self._session

    @property
    def studies(self) -> StudyRunner:
        """The studies that this app has begun; made when it is first needed."""
        if self._studies is None:
            from l5tui.tui.study_runner import StudyRunner

            self._studies = StudyRunner(self.anchor.workspace, self._study_event)
        return self._studies

    def compose(self) -> ComposeResult:
        """Yield the widgets that are visible while the first section is being loaded."""
        yield Crumbs(SECTIONS[0].name)
        names = (path.stem for path in sorted(self.workspace.experiments.glob("*.toml")))
        listed = Static("\n".join(map(safe, names)), markup=False, classes="panel", id="opening")
        listed.border_title = "Experiments"
        yield listed
        yield KeyLine()

    @work
    async def on_ready(self) -> None:
        """Show the section that was shown last, and do what the first paint must not wait for."""
        from l5tui.runner.logs import log_to

        log_to(self.workspace)
        kept = self.state.get("section", SECTIONS[0].name)
        section = next((each for each in SECTIONS if each.name == kept), SECTIONS[0])
        await asyncio.to_thread(section.load)
        if self._run_first is not None:
            self.start_run(self._run_first, force=self._force_first)
        else:
            self.action_section(section.name)
        self.set_timer(WARM_UP_SECONDS, self._warm_up)

    def delay_update(self, delay: float = 0.0) -> None:
        """Draw at once: Textual would wait, to hide how another section comes to be; see `action_section`."""

    def action_section(self, name: str) -> None:
        """Go to a section; what is on the screen stays there until the section has all its parts."""
        self.state.set("section", name)
        with ExitStack() as drawing:
            drawing.enter_context(self.batch_update())
            self.switch_mode(name)
            if not self.screen.is_mounted:
                # Textual sets the width classes only after the first layout, which costs a second layout.
                self.screen.set_class(self.size.width < WIDE, "-narrow")
                self.screen.set_class(self.size.width >= WIDE, "-wide")
                self._draw_when_mounted(self.screen, drawing.pop_all())

    @work
    async def _draw_when_mounted(self, screen: Screen[object], drawing: ExitStack) -> None:
        with drawing:
            while self.is_running and not screen.is_mounted:
                await asyncio.sleep(0)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action that has a key, and Textual's own."""
        for section in SECTIONS:
            go = functools.partial(self.action_section, section.name)
            yield SystemCommand(section.title, f"Go to {section.title.lower()} ({section.key})", go)
        text = set()
        for node, binding, enabled, _ in screen.active_bindings.values():
            if (
                enabled
                and not binding.action.startswith(MOVEMENTS)
                and binding.description
                and binding.action not in text
                and "section(" not in binding.action
            ):
                text.add(binding.action)
                run = functools.partial(self.run_action, binding.action, node)
                yield SystemCommand(
                    binding.description, f"{binding.tooltip or ''} ({binding.key})".strip(), run
                )
        yield SystemCommand("Theme", "Choose a theme; the choice is saved", self.action_change_theme)
        yield SystemCommand("Keys", "Show or hide the keys of the focused widget (?)", self.action_help)

    def start_run(self, source: ReadExperiment, *, force: bool = False) -> LiveRun:
        """Run an experiment after the runs that are queued, and show it.

        Parameters
        ----------
        source : ReadExperiment
        force : bool, optional
            Start even if more memory is needed than is free.
        """
        self._show_started(run := self.session.run(source, force=force))
        return run

    async def rerun(self, run_ids: Sequence[str], *, verify: bool = False) -> None:
        """Run stored runs again, and show the first of them.

        Raises
        ------
        L5Error
            Where one cannot be run any more.
        """
        if again := await self.session.rerun(self.workspace, run_ids, verify=verify):
            self._show_started(again[0])

    def start_study(self, source: ReadExperiment, command: str = "tune", options: Sequence[str] = ()) -> None:
        """Study an experiment's space in a process of its own, and show it as soon as it has its row.

        Parameters
        ----------
        source, command, options
            As in `StudyRunner.begin`.
        """
        from l5tui.tui.screens.study_start import StudyStartPage

        process = self.studies.begin(source, command, options)

        def show() -> None:
            self._show_section_itself("studies")
            self.push_screen(StudyStartPage(process, source.experiment.name))

        self.when_no_dialog(show)

    def _show_started(self, run: LiveRun) -> None:
        self.session.started = run

        def show() -> None:
            self._show_section_itself("live")
            take = getattr(self.screen, "take_started", None)
            if take is not None and self.screen.is_mounted:
                take()

        self.when_no_dialog(show)

    def _show_section_itself(self, name: str) -> None:
        """Go to a section and close the pages that were open in it, which are of something older."""
        self.action_section(name)
        while len(self.screen_stack) > 1:
            self.pop_screen()

    async def fork(self, toml: str, name: str) -> None:
        """Bring a text into the editor, as a draft without a file."""
        from l5tui.tui.screens.experiments import ExperimentsScreen

        await self.no_dialog()
        self.state.set("section", "experiments")
        await self.switch_mode("experiments")
        editor = self._screen_stacks["experiments"][0]
        assert isinstance(editor, ExperimentsScreen)
        if await editor.settle_edits():
            editor.open_draft(toml, name)

    def catalogue_changed(self) -> None:
        """Let every screen that shows the catalogue look again."""
        for stack in self._screen_stacks.values():
            for screen in stack:
                refresh = getattr(screen, "catalogue_changed", None)
                if refresh is not None and screen.is_mounted:
                    refresh()

    def runs_deleted(self, run_ids: list[str]) -> None:
        """Let every screen that shows runs know which of them are gone."""
        for stack in list(self._screen_stacks.values()):
            for screen in list(stack):
                was_deleted = getattr(screen, "was_deleted", None)
                if was_deleted is not None and screen.is_mounted:
                    was_deleted(run_ids)

    @work(group="mlflow")
    async def open_mlflow(self) -> None:
        """Start MLflow's own server, show and copy its address, and open a browser where there is one."""
        from l5tui.errors import L5Error
        from l5tui.runner.mlflow_ui import MlflowServer

        if self._mlflow_url is None and self._mlflow is not None:
            self.notify("MLflow is already starting")
            return
        if self._mlflow_url is None:
            self.notify("MLflow is starting, which takes 6 to 20 seconds", timeout=20)
            # Known before it starts, so that leaving the app ends the start as well.
            self._mlflow = MlflowServer(self.workspace)
            try:
                await asyncio.to_thread(self._mlflow.start)
            except L5Error as error:
                self._mlflow = None
                self.notify(safe(str(error)), title="MLflow", severity="error", markup=False)
                return
            self._mlflow_url = self._mlflow.url
        url = self._mlflow_url or ""
        self.copy_to_clipboard(url)
        self.notify(
            f"{url}\ncopied to the terminal's clipboard; the server stops with the app",
            title="MLflow shows the runs",
            timeout=30,
            markup=False,
        )
        if has_screen():
            self.open_url(url)

    async def on_unmount(self) -> None:
        """Finish the change of a run that is in progress, detach from studies, and end MLflow's server."""
        self._collector.end()
        await self.run_changes.applied()
        if self._studies is not None:
            await self._studies.leave(stop=False)
        if self._mlflow is not None:
            await asyncio.to_thread(self._mlflow.abandon)

    async def action_quit(self) -> None:
        """Quit, after dialogs about live runs and unsaved edits."""
        self._confirm_leaving()

    @work(exclusive=True, group="leaving")
    async def _confirm_leaving(self) -> None:
        try:
            await self._leave_if_settled()
        finally:
            if not self._exit:
                self._input.continue_overtaken()

    async def _leave_if_settled(self) -> None:
        if not await input_settled(self, self._input.unfinished) or not await edits_settled(self):
            return
        unfinished = self._session.unfinished if self._session else []
        cancel = False
        if unfinished:
            answer = await runs_answer(
                self, len(unfinished), paused=any(run.is_pausing for run in unfinished)
            )
            if answer == "escape":
                return
            cancel = answer == "c"
        if (stopping := await self._studies_settled()) is None:
            return
        await finish_changes(self, self.run_changes)
        self.state.save()
        if self._session:
            await self._session.leave(cancel=cancel)
        self.exit(message=stopping_line(stopping))

    async def _studies_settled(self) -> list[str] | None:
        """Show the dialog about running studies; return the ids of studies that are stopping, None to stay."""
        from l5tui.tui.screens.choice import ChoiceScreen

        if not (unfinished := self._studies.unfinished if self._studies else []):
            return []
        what = "A study is" if len(unfinished) == 1 else f"{len(unfinished)} studies are"
        goes = "it continues" if len(unfinished) == 1 else "they continue"
        text = f"{what} running. Unless stopped, {goes} in the background; a stopped study can be resumed."
        answer = await self.push_screen_wait(
            ChoiceScreen("Quit", text, {"l": "Leave it running", "s": "Stop it", "escape": "Stay here"})
        )
        if answer == "s":
            return await self.studies.leave(stop=True)
        return None if answer == "escape" else []

    def _study_event(self, process: StudyProcess, line: Mapping[str, Any]) -> None:
        if line["event"] == "warning":
            self.notify(safe(line["text"]), title="Study", severity="warning", markup=False)
        elif line["event"] == "ended":
            text = f"{line['report']['name']}: {line['report']['status']}"
            self.notify(safe(text), title=f"Study {process.study_id}", markup=False)
            self.catalogue_changed()
        elif line["event"] == "gone" and process.fault:
            self.notify(safe(process.fault), title="The study failed", severity="error", markup=False)
            self.catalogue_changed()

    def _warm_up(self) -> None:
        self.session.warm_up()
        self._load_sections()

    @work
    async def _load_sections(self) -> None:
        """Import what the other sections are made of, so that no key has to wait for it."""
        for section in SECTIONS:
            await asyncio.to_thread(section.load)
        self._collector.begin()
        self.set_interval(LOOK_SECONDS, self._collector.look)

    async def on_event(self, event: Event) -> None:
        """Note the time of user input."""
        if isinstance(event, InputEvent):
            self._collector.key_pressed()
        await super().on_event(event)

    def _run_stored(self, run: LiveRun) -> None:
        if run.status == "completed":
            # The live screen has the summary.
            if self.current_mode != "live":
                self.notify(safe(f"{run.name} is done"), title=f"Run {run.run_id}", markup=False)
        else:
            self.notify(
                safe(f"{run.name}: {run.log[-1][10:]}"), title=run.status, severity="warning", markup=False
            )
        self.catalogue_changed()

    def _run_verified(self, run: LiveRun) -> None:
        found = run.verification or {}
        title = f"Verified: {'the same' if found['same'] else 'not the same'}"
        severity: SeverityLevel = "information" if found["same"] else "error"
        lines = safe(" ".join(each.strip() for each in found["lines"]))
        self.notify(lines, title=title, severity=severity, timeout=VERIFIED_SECONDS, markup=False)
