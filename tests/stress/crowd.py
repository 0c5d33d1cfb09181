"""Three apps with random keys and four loops of command lines, at once in one workspace."""

from __future__ import annotations

import random
import re
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from l5tui.workspace import Workspace
from tests.cli.processes import l5tui
from tests.stress.crowd_app import CrowdApp
from tests.stress.kill_tune import SEARCH
from tests.stress.kills import SEED
from tests.stress.tally import Row, Tally
from tests.stress.truth import losses_of
from tests.workspaces import TINY, copy_of, rows, template

SECONDS = 60.0
APPS, LOOPS = 3, 4
END_S = 180.0
COMMAND_PAUSE_S = 3.0
"""Longest pause between two commands of a loop."""

ALLOWED = {
    "tune": (0, 130),
    "doctor": (0, 1),
    "tag": (0, 2),
    "note": (0, 2),
    "delete": (0, 2),
    "show": (0, 2),
}
"""Exit codes of commands: an app may stop a study and delete a run, and the doctor finds work that has not ended."""

EXPLAINED = re.compile(r"no run .* is called|is still running|unknown run|no run ", re.IGNORECASE)
"""What a command with exit code 2 says."""

DELETED = re.compile(r"run (\S+) deleted")


class Crowd:
    """The apps and commands of one workspace.

    Parameters
    ----------
    tally : Tally
    workspace : Workspace
    apps, loops : int
        Number of apps and of loops of commands.
    """

    def __init__(self, tally: Tally, workspace: Workspace, apps: int = APPS, loops: int = LOOPS) -> None:
        self._workspace = workspace
        self._keys = tally.row(f"keys in {apps} apps at once in one workspace")
        self._commands = tally.row(f"commands of {loops} loops at the same time")
        self._report = tally.report
        self._loops = loops
        self._apps = [
            CrowdApp(self._keys, workspace, each, random.Random(SEED + each)) for each in range(apps)
        ]
        self.completed: set[str] = set()
        """Runs that a command has reported as completed."""
        self.deleted: set[str] = set()
        """Runs that a command has reported as deleted."""

    def work(self, seconds: float) -> None:
        """Use the workspace for a time."""
        end = time.monotonic() + seconds
        work: list[tuple[Row, Callable[[], None]]] = [
            (self._keys, lambda app=app: app.use(end))  # type: ignore[misc]
            for app in self._apps
        ]
        work += [
            (self._commands, lambda number=number: self._loop(number, end))  # type: ignore[misc]
            for number in range(self._loops)
        ]
        threads = [threading.Thread(target=_guarded, args=each) for each in work]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self._report(
                f"{self._keys.times:,} keys, {self._commands.times:,} commands, {len(self.completed):,} runs "
                f"of commands, {len(self._keys.losses + self._commands.losses)} lost; {self._leaving()}"
            )
            time.sleep(1.0)
        self._keys.what += f"; {self._leaving()}"

    def _leaving(self) -> str:
        taken = [seconds for app in self._apps for seconds in app.leaving_s]
        return f"{len(taken)} times left, within {max(taken, default=0):.1f} s"

    def _loop(self, number: int, end: float) -> None:
        """Run one command after the other; each loop has its own kind of commands."""
        chance = random.Random(SEED + 100 + number)
        while time.monotonic() < end:
            words = self._command(number, chance)
            try:
                done = l5tui(*words, folder=self._workspace.root)
            except subprocess.TimeoutExpired:
                self._commands.tried([f"{' '.join(words)} hangs"])
                continue
            self._commands.tried(_losses_of_command(words, done))
            if words[0] == "run" and done.returncode == 0:
                self.completed.add(done.stdout.strip())
            if words[0] == "delete" and done.returncode == 0:
                self.deleted.add(words[1])
            time.sleep(chance.random() * COMMAND_PAUSE_S)

    def _command(self, number: int, chance: random.Random) -> tuple[str, ...]:
        outside = self._workspace.root.parent
        old = [row["id"] for row in rows(self._workspace) if row["ended"]][:10]
        run = chance.choice(old) if old else ""
        if number == 0 or (number in (1, 3) and not run):
            return ("run", "--headless", str(outside / "tiny.toml"), "--quiet")
        if number == 1:
            return chance.choice([("runs", "--json"), ("show", run), ("studies",)])
        if number == 2:
            return ("tune", str(outside / "search.toml"), "--json")
        return chance.choice(
            [("doctor",), ("note", run, "a word"), ("tag", run, "old"), ("delete", run, "--yes")]
        )


def trial(tally: Tally, share: float = 1.0) -> None:
    """Use a workspace for 60 s; ``--share 60`` is an hour."""
    workspace = copy_of(template(tally.scratch / "template"), tally.scratch / "used")
    for path in workspace.experiments.glob("*.toml"):
        path.unlink()
    for folder in (workspace.experiments, tally.scratch):
        (folder / "tiny.toml").write_text(TINY)
        (folder / "search.toml").write_text(SEARCH)
    crowd = Crowd(tally, workspace)
    crowd.work(SECONDS * share)
    final = tally.row("the workspace after the apps and the commands")
    final.tried(_after(workspace, crowd))


def _guarded(row: Row, work: Callable[[], None]) -> None:
    try:
        work()
    except Exception as error:
        row.tried([f"{type(error).__name__}: {error}"])


def _losses_of_command(words: tuple[str, ...], done: subprocess.CompletedProcess[str]) -> list[str]:
    command, losses = " ".join(words), []
    if done.returncode not in ALLOWED.get(words[0], (0,)):
        losses.append(f"{command} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    elif done.returncode == 2 and not EXPLAINED.search(done.stderr):
        losses.append(f"{command} ended with 2 and no reason: {done.stderr.strip()[-500:]}")
    if "Traceback" in done.stdout + done.stderr:
        losses.append(f"{command} printed a traceback: {done.stderr[-1500:]}")
    return losses


def _after(workspace: Workspace, crowd: Crowd) -> list[str]:
    """What is not as it should be once the background processes have ended and one more run has completed."""
    deadline = time.monotonic() + END_S
    while (left := _processes(workspace)) and time.monotonic() < deadline:
        time.sleep(0.5)
    found = [f"process {each} is left" for each in left]
    for words in (("run", "--headless", str(workspace.root.parent / "tiny.toml"), "--quiet"), ("doctor",)):
        done = l5tui(*words, folder=workspace.root)
        if done.returncode:
            found.append(f"{' '.join(words)} ended with {done.returncode}: {done.stdout} {done.stderr}")
    logged = "".join(path.read_text(errors="replace") for path in workspace.log.parent.glob("l5tui.log*"))
    if "Traceback" in logged:
        first = logged.partition("Traceback")[2][:2500]
        found.append(f"the log has {logged.count('Traceback')} tracebacks: {first}")
    stored = {row["id"] for row in rows(workspace) if row["status"] == "completed"}
    deleted = crowd.deleted | set(DELETED.findall(logged))
    found += [f"run {each}, which completed, is gone" for each in sorted(crowd.completed - stored - deleted)]
    return found + losses_of(workspace)


def _processes(workspace: Workspace) -> list[str]:
    """Processes whose folder or command names the workspace, each with its command."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words = " ".join(process.cmdline())
            if str(workspace.root) in f"{words} {process.cwd()}":
                found.append(f"{process.pid} {words[:200]}")
    return found
