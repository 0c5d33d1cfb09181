"""Random keys, bursts, clicks and scrolls over every screen leave the app running."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from l5tui.tui.state import State
from l5tui.workspace import Workspace
from tests.runner.running import tracked_run as run
from tests.tui.driving import LARGE, SMALL, drive
from tests.tui.monkey import Monkey, MonkeyApp
from tests.tuning.searches import study_toml
from tests.workspaces import TINY, copy_of

SHORT = 100
LONG = 2_500


@pytest.fixture(scope="module")
def ran(original: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with three runs, to be copied."""
    made = copy_of(original, tmp_path_factory.mktemp("monkey") / "workspace")
    for seed in (1, 2, 3):
        run(made, f"seed = {seed}\n{TINY}")
    return made


@pytest.fixture
def workspace(ran: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A copy of it, with tiny experiments alone; the current folder, where exports go."""
    copied = copy_of(ran, tmp_path / "workspace")
    for path in copied.experiments.glob("*.toml"):
        path.write_text(TINY)
    (copied.experiments / "tuning.toml").write_text(study_toml(trials=3))
    monkeypatch.chdir(copied.root)
    return copied


def play(workspace: Workspace, state: State, seed: int, count: int, size: tuple[int, int]) -> Monkey:
    """Send random input to an app of its own."""
    app = MonkeyApp(workspace, state=state)
    monkeys = []

    async def act(pilot: Pilot[Any]) -> None:
        monkeys.append(monkey := Monkey(pilot, seed))
        try:
            await monkey.play(count)
        finally:
            if app._studies is not None:
                await app._studies.leave(stop=True)

    try:
        drive(app, act, size)
    except Exception as error:
        # Closing the app raises its crash once more, without the events.
        raise AssertionError(monkeys[0].failure if monkeys else "no app") from error
    return monkeys[0]


def test_a_short_random_walk_does_not_crash_the_app(workspace: Workspace, state: State) -> None:
    assert play(workspace, state, 1, SHORT, SMALL).sent >= SHORT


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_random_input_does_not_crash_the_app(workspace: Workspace, state: State, seed: int) -> None:
    monkey = play(workspace, state, 100 + seed, LONG, LARGE if seed % 2 else SMALL)
    assert monkey.sent >= LONG
    assert len(monkey.seen) >= 6, monkey.seen
