"""Run: the runs of this session, one of them live."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.console import Group
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from l5tui.text import count, number, safe
from l5tui.tui.colours import FAULT, GOOD, STATUS_SIGNS, STATUS_STYLES
from l5tui.tui.live_run import WAITING, LiveRun
from l5tui.tui.screens.choice import ChoiceScreen
from l5tui.tui.screens.run_page import RunPage
from l5tui.tui.widgets.block_map import BlockMap
from l5tui.tui.widgets.crumbs import Crumbs
from l5tui.tui.widgets.key_line import KeyLine
from l5tui.tui.widgets.options import Options
from l5tui.tui.widgets.rate_chart import RateChart
from l5tui.tui.widgets.run_progress import RunProgress
from l5tui.tui.widgets.run_summary import caveat_lines, headline, kept, selectivity_table
from l5tui.tui.widgets.tuning_chart import TuningChart

if TYPE_CHECKING:
    from l5tui.tui.workbench import Workbench

REDRAW_SECONDS = 0.2
NOTHING = "Nothing has been run yet.\n\n1 lists the experiments; r runs the one that is open."


SUMMARY = "Summary, before → after learning"


class LiveScreen(Screen[None]):
    """Progress, rates over time, tuning, block weights, the log; the summary where it is over."""

    app: Workbench

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Pause", tooltip="Pause the selected run"),
        Binding("p", "resume", "Go on", tooltip="Resume the selected run"),
        Binding(
            "x",
            "cancel",
            "Cancel",
            tooltip="Cancel the run, after a confirmation, or remove it from the queue",
        ),
        Binding("space", "freeze", "Freeze", tooltip="Freeze the charts; the run continues"),
        Binding("t", "tuning", "Tuning", tooltip="Tuning curves in place of the rates, or the rates again"),
        Binding("l", "log", "Log", tooltip="The log in place of the summary, or the summary again"),
        Binding("w", "weights", "W/target", show=False, tooltip="Weights, or their distance to the target"),
        Binding("right_square_bracket,n", "realization(1)", "Next realization", show=False),
        Binding("left_square_bracket,N", "realization(-1)", "Realization before", show=False),
        Binding("enter", "open", "Open", tooltip="Open the page of the selected run"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._drawn = -1
        self._frozen = False
        self._shown: LiveRun | None = None
        self._listed: tuple[object, ...] = ()
        self._shows_log = False
        self._can_resume = False

    def compose(self) -> ComposeResult:
        """Yield the chart and the map above; the log and the list of runs below."""
        yield Crumbs("live")
        yield RunProgress()
        with Horizontal(id="live-above"):
            yield RateChart()
            yield TuningChart("now")
            yield BlockMap()
        with Horizontal(id="live-below"):
            with VerticalScroll(id="run-text", classes="panel") as panel:
                panel.border_title = "Log"
                yield Static(NOTHING, id="log", markup=False)
            queue = Options(id="queue", classes="panel")
            queue.border_title = "Session"
            yield queue
        yield KeyLine()

    def on_mount(self) -> None:
        """Draw now and then, as far as there is anything new."""
        self.query_one("#queue").focus()
        self.set_interval(REDRAW_SECONDS, self._draw)

    def on_screen_resume(self) -> None:
        """Draw at once: the run that was just started, or the run that runs."""
        if self._shown is not None and self._shown.is_over:
            self._shown = None
        self.take_started()

    def take_started(self) -> None:
        """Show the run that was just started, from its first moment on."""
        started, self.app.session.started = self.app.session.started, None
        if started is not None:
            self._shown, self._frozen, self._shows_log = started, False, False
        self._drawn = -1
        self._listed = ()
        self._draw()

    @property
    def run(self) -> LiveRun | None:
        """The run that is shown: the one that was chosen, else the one that runs."""
        return self._shown or self.app.session.current

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show another run."""
        self._shown = self.app.session.runs[::-1][event.option_index]
        self._drawn = -1
        self._draw()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open its page."""
        self.action_open()

    def action_freeze(self) -> None:
        """Freeze what is drawn, or go on."""
        self._frozen = not self._frozen
        self._drawn = -1
        self._draw()

    def action_tuning(self) -> None:
        """Tuning curves in place of the rates, or the rates again."""
        self.toggle_class("-tuning")

    def action_log(self) -> None:
        """Toggle between the log and the summary."""
        self._shows_log = not self._shows_log
        self._drawn = -1
        self._draw()

    def action_pause(self) -> None:
        """Pause the selected run."""
        run = self.run
        if run is None or not run.is_simulating:
            waits = run is not None and run.status == WAITING
            self.notify("It has not begun; x removes it from the queue." if waits else "Nothing to pause.")
            return
        self.app.session.pause(run, hold=True)
        self._draw()

    def action_resume(self) -> None:
        """Resume the selected run."""
        if (run := self.run) is not None:
            self.app.session.pause(run, hold=False)
            self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """One key pauses, or lets go on what is paused."""
        if action in ("pause", "resume"):
            run = self.run if self.is_mounted else None
            return _is_held(run) == (action == "resume")
        return True

    def action_weights(self) -> None:
        """Weights, or their distance to the target."""
        self.query_one(BlockMap).toggle()

    def action_realization(self, by: int) -> None:
        """Show another realization."""
        if (run := self.run) is not None and run.courses:
            known = sorted(run.courses)
            at = known.index(run.shown) if run.shown in known else 0
            run.shown = known[(at + by) % len(known)]
            self._drawn = -1
            self._draw()

    def action_open(self) -> None:
        """Open the page of the selected run."""
        run = self.run
        if run is None or run.report is None:
            self.notify("Its page is available when the run has ended.")
            return
        self.app.push_screen(RunPage(run.run_id))

    @work(exclusive=True)
    async def action_cancel(self) -> None:
        """Cancel the run that is shown."""
        run = self.run
        if run is None or run not in self.app.session.unfinished:
            self.notify("Nothing to cancel: this run has ended.")
            return
        if run.status == WAITING:
            self.app.session.cancel(run)
            return
        answers = {"y": "Cancel it", "escape": "Let it continue"}
        text = f"Cancel {run.name}? Its results are discarded; its row has the status cancelled."
        if await self.app.push_screen_wait(ChoiceScreen("Cancel", text, answers, default="escape")) == "y":
            self.app.session.cancel(run)

    def catalogue_changed(self) -> None:
        """Show the summary of a run as soon as it has ended."""
        self._drawn = -1
        if self.is_current:
            self._draw()

    def _draw(self) -> None:
        session = self.app.session
        if self._frozen:
            self.query_one(Crumbs).show_state("frozen; space continues")
            return
        run = self.run
        self.query_one(RunProgress).show(run)
        self._show_keys(run)
        if session.revision == self._drawn:
            return
        self._drawn = session.revision
        self._list()
        name = (run.run_id or run.name) if run else ""
        state = f"{len(session.unfinished)} to go" if session.unfinished else "nothing runs"
        if run is not None and _is_held(run):
            state = "paused" if run.is_paused else "pausing"
        self.query_one(Crumbs).show(name, run.name if run and run.run_id else "", state=state)
        if run is None:
            return
        self._draw_live(run)
        self._draw_text(run)

    def _show_keys(self, run: LiveRun | None) -> None:
        if (held := _is_held(run)) != self._can_resume:
            self._can_resume = held
            self.refresh_bindings()

    def _draw_live(self, run: LiveRun) -> None:
        course = run.course
        realizations = run.progress.realizations if run.progress else 1
        title = f"Mean rate, a.u. · realization {run.shown} of {realizations}"
        self.query_one(RateChart).show(
            course.steps,
            course.rates,
            run.steps,
            run.onset,
            title,
            run.step_seconds,
            is_condensed=run.is_condensed,
        )
        if course.last is not None:
            notes = [f"rms distance to target {number(course.last.distance, 4)}"]
            if run.abscissae:
                mean = sum(run.abscissae) / len(run.abscissae)
                warning = "  ! above 1" if mean > 1 else ""
                notes.append(f"max Re λ(W) {number(mean, 3)}{warning}")
            self.query_one(BlockMap).show(course.last.weights, course.last.targets, *notes)
            last = course.last
            where = f"realization {run.shown}"
            self.query_one(TuningChart).show(last.angles, last.tuning_before, last.tuning, where)
        else:
            self.query_one(BlockMap).show((), ())
            self.query_one(TuningChart).show((), (), ())

    def _draw_text(self, run: LiveRun) -> None:
        panel, log = self.query_one("#run-text", VerticalScroll), self.query_one("#log", Static)
        if run.report is not None and not self._shows_log:
            if panel.border_title != SUMMARY:
                # The log before it was at its end.
                panel.scroll_home(animate=False)
            panel.border_title = SUMMARY
            parts = [headline(run.report), kept(run.report), *caveat_lines(run.report)]
            if run.verification:
                style = GOOD if run.verification["same"] else FAULT
                parts += [Text(safe(line), style) for line in run.verification["lines"]]
            table = [selectivity_table(run.report)] if run.report["selectivity"] else []
            warnings = [Text(f"warning: {safe(text)}", "dim") for text in run.report["warnings"]]
            panel.border_subtitle = "Enter opens its page" if run.is_over else "recording in MLflow …"
            log.update(Group(*parts, *table, *warnings))
        else:
            panel.border_title = "Log"
            panel.border_subtitle = "l shows the summary" if run.report is not None else ""
            waits = "waits for its turn" if self.app.session.is_ready else "waits: the engine is being loaded"
            log.update(Text("\n".join(map(safe, run.log)) or waits))
            panel.scroll_end(animate=False)

    def _list(self) -> None:
        session = self.app.session
        runs, waiting = session.runs[::-1], [run for run in session.runs if run.status == WAITING]
        listed = tuple((run.number, run.status, run.is_cancelling, run.is_paused) for run in runs)
        if listed == self._listed:
            return
        self._listed = listed
        queue = self.query_one("#queue", OptionList)
        with queue.prevent(OptionList.OptionHighlighted):
            queue.set_options(Option(_row(run, waiting)) for run in runs)
            queue.highlighted = runs.index(self.run) if self.run in runs else None
        queue.border_title = f"Session ({count(len(runs), 'run')})"
        queue.border_subtitle = "x removes one" if waiting else ""


def _is_held(run: LiveRun | None) -> bool:
    return run is not None and run.is_simulating and run.is_pausing


def _row(run: LiveRun, waiting: list[LiveRun]) -> Text:
    text = run.status
    if run.is_cancelling and not run.is_over:
        text = "cancelling"
    elif run.is_paused:
        text = "paused"
    elif run in waiting:
        text = "waits, next" if run is waiting[0] else f"waits, no. {waiting.index(run) + 1}"
    return Text.assemble(
        (f"{STATUS_SIGNS.get(run.status, '?')} ", STATUS_STYLES.get(run.status, "")),
        safe(run.name),
        (f"  {text}", "dim"),
        no_wrap=True,
    )
