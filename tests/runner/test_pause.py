"""A run that is held: it waits, costs next to nothing, and is not taken for one that has died."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from l5tui.runner.events import Event, Progress
from l5tui.runner.pause import Pause
from l5tui.store.catalog import Catalog
from l5tui.store.records import RunRecord
from l5tui.store.silence import Silence
from l5tui.store.stale import SILENCE, interruption
from l5tui.workspace import Workspace
from tests.runner.running import run
from tests.workspaces import ENDLESS, TINY, assert_truthful

HELD_REPORTS = 4


def test_only_the_time_while_it_is_held_counts() -> None:
    now = 10.0
    pause = Pause(lambda: now)
    pause.release()
    assert (pause.is_held, pause.seconds) == (False, 0.0)
    pause.hold()
    now = 13.0
    pause.hold()
    assert (pause.is_held, pause.seconds) == (True, 3.0)
    pause.release()
    now = 20.0
    assert pause.seconds == 3.0
    pause.hold()
    now = 21.0
    assert pause.seconds == 4.0


def test_what_is_to_stop_does_not_wait() -> None:
    pause = Pause()
    pause.hold()
    pause.wait(lambda: True)
    assert pause.is_held


def test_a_run_that_is_held_shows_signs_of_life_and_its_time_leaves_that_out(
    workspace: Workspace, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("l5tui.runner.run.HEARTBEAT_SECONDS", 0.0)
    # Thirty thousand steps: it is held long before it would be over.
    toml = ENDLESS.replace("duration_tau = 1e6", "duration_tau = 3e3")
    pause = Pause()
    held: list[Progress] = []
    seen: list[RunRecord] = []

    def observe(event: Event) -> None:
        if not isinstance(event, Progress):
            return
        pause.hold()
        if event.is_paused:
            held.append(event)
            seen.append(catalog.find("last"))
        if len(held) == HELD_REPORTS:
            pause.release()

    begun = time.perf_counter()
    report = run(workspace, toml, observe, pause=pause)
    wall = time.perf_counter() - begun
    assert report.record.status == "completed"
    # The threads end the call that they were in; from then on nothing moves.
    assert held[-1].steps == held[-2].steps < held[-1].total
    assert held[-1].elapsed == pytest.approx(held[1].elapsed, abs=0.05)
    assert seen[-1].heartbeat is not None
    assert seen[1].heartbeat is not None
    assert seen[-1].heartbeat > seen[1].heartbeat
    now = datetime.now(UTC) + SILENCE - timedelta(seconds=60)
    for host in ("elsewhere", seen[-1].host):
        assert interruption(seen[-1], host, now, Silence(workspace.store / "heartbeats.json")) is None
    assert 0 < report.record.timings["simulate"] <= wall - pause.seconds
    assert_truthful(workspace)


def test_a_run_that_is_held_can_be_cancelled(workspace: Workspace) -> None:
    pause = Pause()
    pause.hold()
    reports: list[Progress] = []

    def observe(event: Event) -> None:
        if isinstance(event, Progress):
            reports.append(event)

    report = run(workspace, TINY, observe, lambda: len(reports) > 1, pause)
    assert report.record.status == "cancelled"
    assert reports[-1].steps == 0
    assert_truthful(workspace)
