"""What can be done to studies, from the table as well as from a study's page."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.screen import Screen

from l5tui.config.toml_file import parse_experiment
from l5tui.config.toml_writer import to_toml
from l5tui.errors import L5Error
from l5tui.runner.overview import overview
from l5tui.text import count, safe
from l5tui.tui.screens.choice import ChoiceScreen
from l5tui.tui.screens.prompt import PromptScreen
from l5tui.tui.screens.run_page import RunPage
from l5tui.tui.study_words import kind_of, resume_refused

if TYPE_CHECKING:
    from l5tui.tui.workbench import Workbench
    from l5tui.tuning.study import StudyRecord, StudyReport
    from l5tui.workspace import Workspace

MORE_TRIALS = 50
"""Trials that are proposed on top if a complete study is resumed."""


class StudyActions(Screen[None]):
    """Actions on the study that a screen shows or has its cursor at."""

    app: Workbench

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "stop", "Stop", tooltip="Start no more trials; a second time: abort the running ones"),
        Binding("r", "resume", "Resume", tooltip="Resume the study; a complete one runs more trials"),
        Binding("b", "best", "Best", tooltip="Open its best point in the editor"),
        Binding("M", "mlflow", "MLflow", show=False, tooltip="Show it in the MLflow UI"),
        Binding("y", "copy_id", "Copy id", show=False, tooltip="Copy the study's id"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._stop_requested: set[str] = set()

    @property
    @abstractmethod
    def chosen(self) -> str:
        """Id of the study that an action is for; empty where there is none."""

    @work(exclusive=True, group="stop")
    async def action_stop(self) -> None:
        """First no more trials; then stop."""
        if not (study_id := self.chosen):
            return
        now = study_id in self._stop_requested
        try:
            await asyncio.to_thread(_stop, self.app.workspace, study_id, now)
        except L5Error as error:
            self._stop_requested.discard(study_id)
            self.say(str(error), "warning")
            return
        self._stop_requested.add(study_id)
        self.say("stopping now" if now else "no more trials; those that run end. x again stops now")

    @work(exclusive=True, group="resume")
    async def action_resume(self) -> None:
        """Resume it, unless that is under way."""
        # Before the row is read: it names a process that is starting only once that has started.
        if not self.chosen or self._is_being_resumed(self.chosen):
            return
        if (report := await self._study_report()) is None:
            return
        record = report.record
        if record.status == "running":
            self.say(f"study {record.id} is already running", "warning")
            return
        if refused := resume_refused(record):
            self.say(refused, "warning")
            return
        trials = None
        if record.ended_trials >= record.trials:
            question = f"It has all of its {count(record.trials, 'trial')}. How many in all?"
            proposed = str(record.trials + MORE_TRIALS)
            text = await self.app.push_screen_wait(PromptScreen("Resume", question, proposed))
            if text is None:
                return
            if not text.strip().isdecimal() or int(text) <= record.trials:
                self.say(f"{text!r}: enter a whole number above {record.trials}", "error")
                return
            trials = int(text)
        if self._is_being_resumed(record.id):
            return
        self._stop_requested.discard(record.id)
        if self.app.studies.of(record.id):
            self.say("it resumes after its last trials are recorded in MLflow")
        # A worker of the app, as the user may leave the screen meanwhile.
        self.app.run_worker(self._go_on(record, trials), group=f"resume-{record.id}")

    @work(exclusive=True, group="best")
    async def action_best(self) -> None:
        """Bring the experiment at the best point into the editor, as a draft."""
        if not self.chosen or (report := await self._study_report()) is None:
            return
        try:
            toml, name = await asyncio.to_thread(_best, report)
        except L5Error as error:
            self.say(str(error), "warning")
            return
        await self.app.fork(toml, name)

    @work(exclusive=True, group="trial")
    async def open_trial(self, report: StudyReport, number: int) -> None:
        """Open the run of a trial's experiment; where there is none, offer to make it, or to edit it."""
        try:
            toml, name, run_id = await asyncio.to_thread(_trial, self.app.workspace, report, number)
        except L5Error as error:
            self.say(str(error), "warning")
            return
        if run_id:
            self.app.push_screen(RunPage(run_id))
            return
        text = (
            f"Of trial {number} only its measures are kept. A run at its point has all realizations, "
            "a file and figures."
        )
        answers = {"r": "Run it", "f": "Open it in the editor", "escape": "Leave it"}
        answer = await self.app.push_screen_wait(ChoiceScreen(f"Trial {number}", text, answers))
        if answer == "r":
            self.app.start_run(parse_experiment(toml, name))
        elif answer == "f":
            await self.app.fork(toml, name)

    def action_mlflow(self) -> None:
        """Show MLflow's own pages."""
        self.app.open_mlflow()

    def action_copy_id(self) -> None:
        """Copy the study's id."""
        if self.chosen:
            self.app.copy_to_clipboard(self.chosen)
            self.say("sent to the terminal's clipboard")

    def say(self, text: str, severity: Any = "information") -> None:
        """Notify of the result of an action."""
        self.notify(safe(text), severity=severity, markup=False)

    def _is_being_resumed(self, study_id: str) -> bool:
        """Return whether a study is being resumed, and say so."""
        if is_being_resumed := self.app.studies.is_being_resumed(study_id):
            self.say(f"study {study_id} is being resumed", "warning")
        return is_being_resumed

    async def _go_on(self, record: StudyRecord, trials: int | None) -> None:
        # A design goes on as a search does; only an inference chooses its points by itself.
        command = "infer" if kind_of(record) == "inference" else "tune"
        await self.app.studies.resume(record.id, trials, command)
        self.app.notify(f"study {record.id} is resumed", markup=False)

    async def _study_report(self) -> StudyReport | None:
        try:
            return await asyncio.to_thread(_show, self.app.workspace, self.chosen)
        except L5Error as error:
            self.say(str(error), "error")
            return None


def _show(workspace: Any, study_id: str) -> StudyReport:
    from l5tui.tuning.study import show_study

    return show_study(workspace, study_id)


def _stop(workspace: Any, study_id: str, now: bool) -> None:
    from l5tui.tuning.stop import stop_study

    stop_study(workspace, study_id, now=now)


def _best(report: StudyReport) -> tuple[str, str]:
    from l5tui.tuning.study import best_experiment

    return to_toml(best_experiment(report)), f"best-{report.record.id}"


def _trial(workspace: Workspace, report: StudyReport, number: int) -> tuple[str, str, str]:
    """TOML and name of a trial's experiment, and the id of the newest run of it, where there is any."""
    from l5tui.tuning.study import experiment_of_trial

    experiment = experiment_of_trial(report, number)
    runs = (
        run.id for run in overview(workspace) if run.hash == experiment.hash and run.status == "completed"
    )
    return to_toml(experiment), f"trial-{number}-{report.record.id}", next(runs, "")
