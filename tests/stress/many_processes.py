"""Eight processes that run experiments at once in a new workspace, and concurrent readers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from l5tui.tracking.server import MlflowServer
from l5tui.workspace import Workspace, create_workspace
from tests.cli.processes import Preloaded, clean_environment
from tests.stress.command import run_command
from tests.stress.kills import preloaded
from tests.stress.tally import Row, Tally
from tests.stress.truth import losses_of
from tests.tui.terminal import AppTerminal
from tests.workspaces import TINY, rows, run_files

PROCESSES, RUNS_EACH = 8, 25
PATIENCE_S = 1800.0
TROUBLE = ("Traceback", "locked", "crashed", "cannot", "could not", "retry")
"""Words that a reader must not be shown."""

READ_AGAIN, DOWN = "\x1b[15~", "\x1b[B"
"""Keys, as a terminal sends them."""


def trial(tally: Tally, share: float = 1.0) -> None:
    """Run 8 × 25 experiments while the app, the command line and MLflow's pages are read."""
    runs = tally.row(f"{PROCESSES} processes at once, runs into a new workspace")
    readers = {
        "runs": tally.row("runs --json, beside them"),
        "app": tally.row("the app's Runs screen, beside them"),
        "mlflow": tally.row("MLflow's pages, beside them"),
    }
    workspace = create_workspace(tally.scratch / "workspace")
    with preloaded(tally.scratch / "forks") as server:
        beside = Readers(workspace, readers, server)
        run_at_once(tally, runs, workspace, PROCESSES, max(2, round(RUNS_EACH * share)), beside)


class Readers:
    """Reads in threads while something is written.

    Parameters
    ----------
    workspace : Workspace
    table : mapping of str to Row
        Rows for ``runs``, ``app`` and ``mlflow``.
    server : Preloaded
    """

    def __init__(self, workspace: Workspace, table: dict[str, Row], server: Preloaded) -> None:
        self._workspace = workspace
        self._server = server
        self._over = threading.Event()
        looks: list[tuple[Row, Callable[[Row], None]]] = [
            (table["runs"], self._list_runs),
            (table["app"], self._watch_app),
            (table["mlflow"], self._query_mlflow),
        ]
        self._threads = [threading.Thread(target=self._guarded, args=look) for look in looks]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _guarded(self, row: Row, look: Callable[[Row], None]) -> None:
        try:
            look(row)
        except Exception as error:
            row.tried([f"{type(error).__name__}: {error}"])

    def _list_runs(self, row: Row) -> None:
        known = 0
        while not self._over.wait(0.2):
            running = self._server.start("runs", "--json", folder=self._workspace.root)
            code = running.wait()
            if code or running.stderr:
                row.tried([f"exit code {code}: {running.stderr}"])
                continue
            count = len(json.loads(running.stdout))
            row.tried([f"{count} runs after {known}"] if count < known else [])
            known = count

    def _watch_app(self, row: Row) -> None:
        home = str(self._workspace.root.parent / "home")
        terminal = AppTerminal(["-m", "l5tui"], self._workspace.root, size=(120, 40), XDG_STATE_HOME=home)
        try:
            terminal.until_shown("default.toml")
            terminal.press("3")
            while not self._over.wait(0.5):
                text = terminal.text
                losses = [f"the screen says {word!r}" for word in TROUBLE if word in text]
                if terminal.process.poll() is not None:
                    losses.append(f"the app ended with {terminal.process.returncode}")
                row.tried(losses)
                terminal.press(READ_AGAIN + DOWN)
            terminal.press(READ_AGAIN)
            terminal.until(lambda: f"Runs ({len(rows(self._workspace))})" in terminal.text, "all are shown")
            terminal.press("\x11")
            if (code := terminal.wait()) != 0:
                row.tried([f"the app left with {code}"])
        finally:
            terminal.close()

    def _query_mlflow(self, row: Row) -> None:
        with MlflowServer(self._workspace) as server:
            address = server.url.partition("/#/")[0]
            experiment = server.url.partition("/experiments/")[2].partition("/")[0]
            known = 0
            while not self._over.wait(0.3):
                found = _search(address, experiment)
                row.tried([f"{found} runs after {known}"] if found < known else [])
                known = found
            if (found := _search(address, experiment)) != len(rows(self._workspace)):
                row.tried([f"MLflow's pages show {found} runs"])


def run_at_once(
    tally: Tally, row: Row, workspace: Workspace, processes: int, runs: int, beside: Readers | None = None
) -> None:
    """Have processes begin at once and run; look at what there is in the end."""
    (workspace.experiments / "tiny.toml").write_text(TINY)
    starter = _start(workspace, processes, runs)
    assert starter.stdin is not None
    assert starter.stdout is not None
    if starter.stdout.readline() != b"ready\n":
        raise RuntimeError("the processes did not start")
    with beside or nullcontext():
        starter.stdin.write(b"go\n")
        starter.stdin.flush()
        deadline = time.monotonic() + PATIENCE_S
        while starter.poll() is None and time.monotonic() < deadline:
            tally.report(f"{row.what}: {len(rows(workspace))} of {processes * runs}")
            time.sleep(0.5)
        losses = _ended(starter)
    expected = processes * runs
    if (count := len(rows(workspace))) != expected:
        losses.append(f"{count} rows, not {expected}")
    if (count := len(run_files(workspace))) != expected:
        losses.append(f"{count} files, not {expected}")
    if failed := [each["id"] for each in rows(workspace) if each["status"] != "completed"]:
        losses.append(f"runs {failed} were not completed")
    row.tried([*losses, *losses_of(workspace)], times=expected)


def _start(workspace: Workspace, processes: int, runs: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.stress.many_processes", str(workspace.root), str(processes), str(runs)],
        cwd=workspace.root,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _ended(child: subprocess.Popen[bytes]) -> list[str]:
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        return ["a process hangs"]
    out, err = child.communicate()
    said = [*out.decode().splitlines(), *err.decode().splitlines()]
    return said if child.returncode == 0 else [f"exit code {child.returncode}", *said]


def _search(address: str, experiment: str) -> int:
    """How many runs MLflow's pages are given; raises where they are given none."""
    body = json.dumps({"experiment_ids": [experiment], "max_results": 1000}).encode()
    request = urllib.request.Request(
        f"{address}/ajax-api/2.0/mlflow/runs/search", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: dict[str, Any] = json.loads(answer.read())
    return len(found.get("runs", []))


def main() -> None:
    """Load everything once, and then be the processes, as forks that begin at once."""
    from tests.cli.preloaded import PRELOADED

    root, processes, runs = sys.argv[1:]
    for name in PRELOADED:
        import_module(name)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    children = []
    for _ in range(int(processes)):
        pid = os.fork()
        if not pid:
            _run_often(root, int(runs))
        children.append(pid)
    sys.exit(max(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children))


def _run_often(root: str, runs: int) -> NoReturn:
    """Be one of the processes: run the command again and again; print whatever is not as it should be."""
    file = str(Path(root, "experiments", "tiny.toml"))
    code = 0
    for _ in range(runs):
        done = run_command("run", "--headless", file, "--quiet", "--workspace", root)
        if done.exit_code or done.stderr or done.exception:
            code = 1
            os.write(
                1, f"exit code {done.exit_code}: {done.stderr.strip()} {done.exception or ''}\n".encode()
            )
    os._exit(code)


if __name__ == "__main__":
    main()
