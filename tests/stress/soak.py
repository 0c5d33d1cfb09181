"""Hundreds of runs in one app: memory stays flat, and no file stays open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psutil
from textual.pilot import Pilot

from l5tui.config.toml_file import ReadExperiment, parse_experiment
from l5tui.tui.app import L5App
from l5tui.tui.live_run import LiveRun
from l5tui.tui.session import Session
from l5tui.tui.state import State
from l5tui.workspace import Workspace
from tests.stress.tally import Row, Tally
from tests.stress.truth import losses_of
from tests.workspaces import TINY, copy_of, rows, template

RUNS, SETTLED = 500, 100
APP_RUNS, APP_SETTLED = 80, 30
GROWTH, NEW_FILES = 0.20, 3
LOOK_EVERY = 10
PATIENCE_S = 120.0


def trial(tally: Tally, share: float = 1.0) -> None:
    """500 runs in the app's session, and 80 in the app itself."""
    made = template(tally.scratch / "template")
    row = tally.row("runs in one session of the app, memory flat and no file left open")
    asyncio.run(
        soak_session(
            tally,
            row,
            copy_of(made, tally.scratch / "session"),
            max(20, round(RUNS * share)),
            max(10, round(SETTLED * share)),
        )
    )
    row = tally.row("runs in one app on its screens, memory flat and no file left open")
    asyncio.run(
        soak_app(
            tally,
            row,
            copy_of(made, tally.scratch / "app"),
            max(20, round(APP_RUNS * share)),
            max(10, round(APP_SETTLED * share)),
        )
    )


@dataclass(frozen=True)
class Footprint:
    """What the processes of an app hold.

    Parameters
    ----------
    memory : mapping of str to int
        Bytes, by what the process is for.
    files : mapping of str to int
        Open descriptors.
    """

    memory: Mapping[str, int]
    files: Mapping[str, int]

    @classmethod
    def now(cls) -> Footprint:
        """Of this process and all that it has started."""
        own = psutil.Process()
        found = {"app": own}
        for child in own.children(recursive=True):
            words = child.cmdline()
            name = next((word for word in words if word.startswith("l5tui.")), "")
            found[name or "another process"] = child
        return cls(
            {name: process.memory_info().rss for name, process in found.items()},
            {name: process.num_fds() for name, process in found.items()},
        )

    def grown(self, before: Footprint) -> list[str]:
        """In which ways it is more than it may have become since."""
        found = [
            f"{name} grew from {before.memory[name] / 1e6:.0f} to {size / 1e6:.0f} MB"
            for name, size in self.memory.items()
            if name in before.memory and size > before.memory[name] * (1 + GROWTH)
        ]
        return found + [
            f"{name} has {files} files open, {before.files[name]} before"
            for name, files in self.files.items()
            if name in before.files and files > before.files[name] + NEW_FILES
        ]


async def soak_session(tally: Tally, row: Row, workspace: Workspace, runs: int, settled: int) -> None:
    """Run through what the app's screens talk to."""
    session = Session(lambda: workspace, lambda run: None, lambda run: None)
    source = parse_experiment(TINY, "tiny")
    before: Footprint | None = None
    try:
        for number in range(1, runs + 1):
            run = session.run(source)
            row.tried(await _over(run))
            if number == settled:
                before = Footprint.now()
            if number % LOOK_EVERY == 0:
                tally.report(f"{row.what}: {number:,} of {runs:,}; {_memory(Footprint.now())}")
        assert before is not None
        row.tried(Footprint.now().grown(before), times=0)
    finally:
        await session.leave(cancel=True)
    _look(row, workspace, runs)


async def soak_app(tally: Tally, row: Row, workspace: Workspace, runs: int, settled: int) -> None:
    """Run in the app, a screen after the other."""
    app = L5App(workspace, state=State(workspace.root.parent / "state.json"))
    source = parse_experiment(TINY, "tiny")
    async with app.run_test(size=(120, 40)) as pilot:
        before: Footprint | None = None
        await _shown(pilot, app)
        for number in range(1, runs + 1):
            await pilot.press("123"[number % 3])
            row.tried(await _run_in(pilot, app, source))
            if number == settled:
                before = Footprint.now()
            tally.report(f"{row.what}: {number:,} of {runs:,}; {_memory(Footprint.now())}")
        assert before is not None
        row.tried(Footprint.now().grown(before), times=0)
        await app.session.leave(cancel=True)
    _look(row, workspace, runs)


async def _shown(pilot: Pilot[Any], app: L5App) -> None:
    while app.current_mode == "_default":
        await pilot.pause(0.05)


async def _run_in(pilot: Pilot[Any], app: L5App, source: ReadExperiment) -> list[str]:
    run = app.session.run(source)
    losses = await _over(run)
    await pilot.pause()
    return losses


async def _over(run: LiveRun) -> list[str]:
    """Wait for the end of a run; what is wrong with it."""
    deadline = time.monotonic() + PATIENCE_S
    while not run.is_over:
        if time.monotonic() > deadline:
            return [f"run {run.number} never ended"]
        await asyncio.sleep(0.005)
    return [] if run.status == "completed" else [f"run {run.number} is {run.status}: {run.log[-1]}"]


def _memory(footprint: Footprint) -> str:
    return ", ".join(
        f"{name.rpartition('.')[2]} {size / 1e6:.0f} MB" for name, size in footprint.memory.items()
    )


def _look(row: Row, workspace: Workspace, runs: int) -> None:
    found = losses_of(workspace)
    if len(rows(workspace)) != runs:
        found.append(f"{len(rows(workspace))} rows, not {runs}")
    row.tried(found, times=0)
