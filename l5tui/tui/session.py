"""State with the lifetime of the app: the workspace, the warm process, and the requested runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from l5tui.config import Experiment
from l5tui.config.toml_file import ReadExperiment
from l5tui.runner.lines import from_line
from l5tui.runner.worker_client import WorkerClient
from l5tui.tui.live_run import LiveRun
from l5tui.workspace import Workspace

WHOLE_RUNS = 50
"""Number of the newest runs of a session that hold their curves and tables in memory."""


class Session:
    """Send requests to the warm process, and store its answers for the screens.

    Parameters
    ----------
    workspace : callable
        Returns the workspace, which may be moved, where it is now.
    stored, verified : callable
        Called with every run that was stored or has ended without, and with every run that was verified.
    """

    def __init__(
        self,
        workspace: Callable[[], Workspace],
        stored: Callable[[LiveRun], None],
        verified: Callable[[LiveRun], None],
    ) -> None:
        self.runs: list[LiveRun] = []
        self.revision = 0
        """Grows with every answer, so that a screen knows whether there is anything to draw."""
        self.is_ready = False
        self.started: LiveRun | None = None
        """Run that the user has just started, for the screen that shows it; the screen takes it from here."""
        self._stored = stored
        self._verified = verified
        self._waiting: dict[int, Callable[[Mapping[str, Any]], None]] = {}
        self._worker = WorkerClient(workspace, self._answered)

    def warm_up(self) -> None:
        """Start the process, so that the first run does not wait for it."""
        self._worker.start()

    @property
    def unfinished(self) -> list[LiveRun]:
        """Runs that wait or run; a stored run counts as done, even if MLflow has not recorded it yet."""
        return [run for run in self.runs if not run.is_over and run.report is None]

    @property
    def current(self) -> LiveRun | None:
        """The run in progress, else the last one that was requested."""
        running = [run for run in self.runs if run.is_running]
        return running[0] if running else self.runs[-1] if self.runs else None

    def run(self, source: ReadExperiment, *, force: bool = False) -> LiveRun:
        """Request a run; it begins when the runs before it have ended.

        Parameters
        ----------
        source : ReadExperiment
        force : bool, optional
            Start even if more memory is needed than is free.
        """
        run = self._new(source.experiment)
        self._worker.send("run", id=run.number, toml=source.text, name=run.name, force=force)
        return run

    async def rerun(self, workspace: Workspace, run_ids: Sequence[str], *, verify: bool) -> list[LiveRun]:
        """Run stored runs again, once the experiments of all have been read.

        Parameters
        ----------
        workspace : Workspace
        run_ids : sequence of str
        verify : bool
            Compare each with the stored one.

        Raises
        ------
        L5Error
            Where one cannot be run any more; none is started then.
        """
        found = [await asyncio.to_thread(_experiment_of_run, workspace, each) for each in run_ids]
        again = [self._new(experiment) for experiment in found]
        for run, run_id in zip(again, run_ids, strict=True):
            self._worker.send("rerun", id=run.number, run=run_id, verify=verify)
        return again

    def pause(self, run: LiveRun, *, hold: bool) -> None:
        """Request that a run pauses, or that it resumes."""
        run.is_pausing = hold
        self._worker.send("pause" if hold else "resume", id=run.number)
        self.revision += 1

    def cancel(self, run: LiveRun) -> None:
        """Request that a run is cancelled, or that it does not begin."""
        run.is_cancelling = True
        self._worker.send("cancel", id=run.number)
        self.revision += 1

    def preview(
        self, toml: str, answered: Callable[[Mapping[str, Any]], None], *, replaceable: bool = True
    ) -> None:
        """Request a preview; the answer is a ``preview``, or the reason why there is none."""
        number = self._worker.number()
        self._waiting[number] = answered
        self._worker.send("preview", id=number, toml=toml, replaceable=replaceable)

    async def leave(self, *, cancel: bool) -> None:
        """Let the process go; see `WorkerClient.leave`."""
        await self._worker.leave(cancel=cancel)

    def _new(self, experiment: Experiment) -> LiveRun:
        onset = experiment.plasticity.onset_step if experiment.plasticity.rule != "none" else experiment.steps
        run = LiveRun(
            self._worker.number(), experiment.name, experiment.steps, onset, experiment.dynamics.step_seconds
        )
        self.runs.append(run)
        self.revision += 1
        return run

    def _answered(self, answer: Mapping[str, Any]) -> None:
        self.revision += 1
        kind, number = answer["event"], answer.get("id")
        if kind == "ready":
            self.is_ready = True
        elif kind == "died":
            self._died(answer["code"])
        elif number in self._waiting:
            self._waiting.pop(number)(answer)
        else:
            for run in self.runs:
                if run.number == number:
                    self._handle(run, kind, answer)

    def _handle(self, run: LiveRun, kind: str, answer: Mapping[str, Any]) -> None:
        if kind == "ended":
            already = run.report is not None
            run.end(answer["report"])
            if not already:
                self._stored(run)
            self._condense_old_runs()
        elif kind == "dropped":
            run.fail("cancelled", ["removed from the queue before it began"])
            self._stored(run)
        elif kind == "verified":
            run.verified(answer)
            self._verified(run)
        elif kind == "refused":
            run.fail("failed", list(answer["errors"]))
            self._stored(run)
        elif (event := from_line(answer)) is not None:
            run.take(event)
            if kind == "stored":
                self._stored(run)

    def _condense_old_runs(self) -> None:
        for run in self.runs[:-WHOLE_RUNS]:
            if run.is_over and not run.is_condensed:
                run.condense()

    def _died(self, code: int) -> None:
        self.is_ready = False
        reason = f"the compute process died (exit code {code}); the next run starts a new one"
        for run in self.unfinished:
            run.fail("failed", [reason])
            self._stored(run)
        for run in self.runs:
            run.is_over = True
        waiting, self._waiting = self._waiting, {}
        for answered in waiting.values():
            answered({"event": "refused", "errors": [reason]})


def _experiment_of_run(workspace: Workspace, run_id: str) -> Experiment:
    """Experiment of a stored run, as it is run again."""
    from l5tui.runner.rerun import find_run
    from l5tui.runner.stored_run import stored_experiment

    return stored_experiment(find_run(workspace, run_id))
