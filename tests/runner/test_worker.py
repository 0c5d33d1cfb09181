"""The warm process: runs, previews, cancellation and exit."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from l5tui.runner import memory
from l5tui.runner.catch_up import catch_up
from l5tui.runner.mlflow_recorder import LATER
from l5tui.runner.worker_client import WorkerClient
from l5tui.store.catalog import Catalog
from l5tui.store.process import is_alive
from l5tui.workspace import Workspace
from tests.workspaces import ENDLESS, TINY, assert_truthful, rows, with_1_kb

PATIENCE_S = 60.0

WORKER = """
import sys
from pathlib import Path
from l5tui.runner.worker import Worker
from l5tui.workspace import Workspace

Worker(Workspace(Path(sys.argv[1])), sys.stdout).serve(sys.stdin)
"""
"""A worker in the foreground."""

Answers = asyncio.Queue[Mapping[str, Any]]


@pytest.fixture(autouse=True)
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow records no runs, which takes seconds."""
    monkeypatch.setenv(LATER, "1")


def talk(workspace: Workspace, talk_to: Callable[[WorkerClient, Answers], Awaitable[None]]) -> None:
    """Talk to a worker, and let it go."""

    async def conversation() -> None:
        answers: Answers = asyncio.Queue()
        client = WorkerClient(lambda: workspace, answers.put_nowait)
        try:
            await talk_to(client, answers)
        finally:
            await client.leave(cancel=True)

    asyncio.run(conversation())


async def until(answers: Answers, event: str, number: int | None = None) -> list[Mapping[str, Any]]:
    """All answers up to the one that is waited for."""
    found: list[Mapping[str, Any]] = []
    while not found or (found[-1]["event"], number or found[-1].get("id")) != (event, found[-1].get("id")):
        found.append(await asyncio.wait_for(answers.get(), PATIENCE_S))
    return found


def test_it_runs_in_order_and_previews_beside(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LATER)

    async def conversation(client: WorkerClient, answers: Answers) -> None:
        client.send("run", id=1, toml=TINY, name="x")
        client.send("run", id=2, toml=TINY.replace('name = "tiny"\n', ""), name="unnamed file")
        client.send("run", id=3, toml="seed = -1", name="faulty")
        received = await until(answers, "refused", 3)
        kinds = [(answer["event"], answer.get("id")) for answer in received]
        for number in (1, 2):
            own = [kind for kind, of in kinds if of == number]
            assert own[0] == "started"
            assert own[-1] == "ended"
            assert {"progress", "snapshot", "phase", "stored"} <= set(own)
        assert kinds.index(("ended", 1)) < kinds.index(("started", 2))
        assert received[-1]["errors"] == ["faulty: seed: got -1, allowed a whole number ≥ 0 and < 2^63"]
        client.send("preview", id=4, toml=TINY)
        found = (await until(answers, "preview", 4))[-1]
        assert found["outcome"] == "completed"
        assert len(found["after"]["OS"]) == 4

    talk(workspace, conversation)
    assert [row["name"] for row in rows(workspace)] == ["tiny", "unnamed file"]
    assert all(row["mlflow_run"] for row in rows(workspace))
    assert_truthful(workspace)


def test_it_cancels_one_that_runs_and_drops_one_that_waits(workspace: Workspace) -> None:
    async def conversation(client: WorkerClient, answers: Answers) -> None:
        client.send("run", id=1, toml=ENDLESS, name="x")
        client.send("run", id=2, toml=TINY, name="x")
        await until(answers, "progress", 1)
        client.send("cancel", id=2)
        received = await until(answers, "dropped", 2)
        assert "ended" not in {answer["event"] for answer in received}
        client.send("pause", id=1)
        while not (await until(answers, "progress", 1))[-1]["is_paused"]:
            pass
        client.send("cancel", id=1)
        ended = (await until(answers, "ended", 1))[-1]
        assert ended["report"]["status"] == "cancelled"

    talk(workspace, conversation)
    assert [row["status"] for row in rows(workspace)] == ["cancelled"]
    assert_truthful(workspace)


def test_it_runs_a_stored_run_again_and_says_whether_that_gives_the_same(workspace: Workspace) -> None:
    async def conversation(client: WorkerClient, answers: Answers) -> None:
        client.send("run", id=1, toml=TINY, name="x")
        first = (await until(answers, "ended", 1))[-1]["report"]["run_id"]
        client.send("rerun", id=2, run=first, verify=True)
        client.send("rerun", id=3, run="nothing like it")
        verified = (await until(answers, "verified", 2))[-1]
        assert (verified["same"], verified["original"]) == (True, first)
        assert verified["lines"] == [
            f"The same bits: run {verified['again']} repeats {first} in {verified['variables']} numeric variables."
        ]
        (refused,) = (await until(answers, "refused", 3))[-1]["errors"]
        assert "nothing like it" in refused

    talk(workspace, conversation)
    assert [row["status"] for row in rows(workspace)] == ["completed", "completed"]
    assert_truthful(workspace)
    # They are left to the next command that records.
    assert [row["mlflow_run"] for row in rows(workspace)] == [None, None]
    assert catch_up(workspace, Catalog.open(workspace)) == 2
    assert all(row["mlflow_run"] for row in rows(workspace))


@pytest.mark.slow
def test_a_paused_run_resumes_when_its_owner_is_gone(workspace: Workspace) -> None:
    async def conversation(client: WorkerClient, answers: Answers) -> None:
        client.send("run", id=1, toml=ENDLESS.replace("1e6", "3e3"), name="x")
        client.send("pause", id=1)
        while not (await until(answers, "progress", 1))[-1]["is_paused"]:
            pass
        await client.leave(cancel=False)
        await client.ended()

    talk(workspace, conversation)
    assert [row["status"] for row in rows(workspace)] == ["completed"]
    assert_truthful(workspace)


@pytest.mark.slow
def test_quit_cancels_and_the_end_of_input_finishes(workspace: Workspace) -> None:
    async def conversation(client: WorkerClient, answers: Answers) -> None:
        client.send("run", id=1, toml=ENDLESS, name="x")
        await until(answers, "progress", 1)
        await client.leave(cancel=True)

    talk(workspace, conversation)
    assert [row["status"] for row in rows(workspace)] == ["cancelled"]

    async def letting_go(client: WorkerClient, answers: Answers) -> None:
        client.send("run", id=1, toml=TINY, name="x")
        await until(answers, "started", 1)
        pid = client.pid
        assert pid is not None
        await client.leave(cancel=False)
        assert is_alive(pid, None)
        await client.ended()

    talk(workspace, letting_go)
    assert [row["status"] for row in rows(workspace)] == ["cancelled", "completed"]
    assert_truthful(workspace)


@pytest.mark.slow
def test_a_process_that_dies_is_reported_and_restarted(workspace: Workspace) -> None:
    async def conversation(client: WorkerClient, answers: Answers) -> None:
        client.send("run", id=1, toml=ENDLESS, name="x")
        await until(answers, "progress", 1)
        assert client.pid is not None
        os.kill(client.pid, signal.SIGKILL)
        assert (await until(answers, "died"))[-1]["code"] == -signal.SIGKILL
        client.send("run", id=2, toml=TINY, name="x")
        await until(answers, "ended", 2)

    talk(workspace, conversation)
    assert [row["status"] for row in rows(workspace)] == ["failed", "completed"]
    assert "ended without a final status" in rows(workspace)[0]["error"]


@pytest.mark.slow
def test_memory_that_is_not_free_is_refused_unless_forced(workspace: Workspace, tmp_path: Path) -> None:
    requests = [
        {"request": "run", "id": 1, "toml": TINY, "name": "x"},
        {"request": "run", "id": 2, "toml": TINY, "name": "x", "force": True},
    ]
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(workspace.root)],
        env={**os.environ, memory.VARIABLE: str(with_1_kb(tmp_path))},
        input="".join(json.dumps(each) + "\n" for each in requests),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    (refused,) = [answer for answer in answers if answer["event"] == "refused"]
    assert refused["id"] == 1
    assert "1.02 kB are free" in refused["errors"][0]
    assert refused["errors"][0].endswith("`l5tui run FILE --force` starts it anyway")
    assert [answer["id"] for answer in answers if answer["event"] == "ended"] == [2]
    assert_truthful(workspace)


@pytest.mark.slow
def test_it_runs_and_records_where_the_workspace_is_now(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(LATER)
    moved = Workspace(tmp_path / "a new place")

    async def conversation(client: WorkerClient, answers: Answers) -> None:
        client.send("run", id=1, toml=TINY, name="x")
        await until(answers, "ended", 1)
        workspace.root.rename(moved.root)
        client.send("run", id=2, toml=TINY, name="x")
        received = await until(answers, "ended", 2)
        assert received[-1]["report"]["warnings"] == []

    talk(workspace, conversation)
    assert [row["status"] for row in rows(moved)] == ["completed", "completed"]
    assert all(row["mlflow_run"] for row in rows(moved))
    assert_truthful(moved)
    assert not workspace.root.exists()
