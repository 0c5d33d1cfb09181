"""Disks that are full, folders that cannot be written or vanish: one line, the reason kept, the rest untouched."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from l5tui.workspace import Workspace
from tests.cli.processes import Preloaded, Running
from tests.stress.kills import counted, preloaded
from tests.stress.tally import Tally
from tests.stress.truth import losses_of
from tests.workspaces import TINY, copy_of, rows, snapshot, template

RUN = ("run", "--headless", "experiments/full.toml", "--quiet")
NEXT = ("run", "--headless", "experiments/tiny.toml", "--quiet")
FULL = TINY.replace('"none"', '"light"').replace("sizes = [9, 22, 7, 6]", "sizes = [40, 120, 30, 20]")
"""Its file has about a megabyte."""

DISK_BYTES = 24_000_000
OTHER_USER = 65534
LONG = TINY.replace("duration_tau = 30.0", "duration_tau = 60_000.0").replace(
    "[recording]", "[recording]\nevery = 1_000_000"
)
"""It computes for some seconds."""


def trial(tally: Tally, share: float = 1.0) -> None:
    """Every fault in turn."""
    made = template(tally.scratch / "template")
    with preloaded(tally.scratch / "forks") as server:
        fill_disks(tally, server, made, counted(16, share))
        limit_files(tally, server, made, counted(16, share))
        refuse_writing(tally, server, made)
        lose_folders(tally, server, made)


def fill_disks(tally: Tally, server: Preloaded, made: Workspace, count: int) -> None:
    """A file system of its own, with more and more room on it."""
    row = tally.row("runs on a disk with less and less room")
    place = tally.scratch / "disk"
    place.mkdir()
    with mounted(place, "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs") as allowed:
        if not allowed:
            row.what += " (not tried: mounting is not permitted)"
            return
        workspace = used(server, made, place / "workspace")
        for number in range(count):
            room = 2_600_000 * number // count
            tally.report(f"{row.what}: {room:,} bytes")
            before = kept(workspace)
            filler = place / "filler"
            status = os.statvfs(place)
            filler.write_bytes(bytes(max(0, status.f_bavail * status.f_frsize - room)))
            running = server.start(*RUN, folder=workspace.root)
            losses = refusal_losses(running)
            filler.unlink()
            losses += changed(workspace, before)
            row.tried([f"{room:,} bytes: {loss}" for loss in [*losses, *after_losses(server, workspace)]])


def limit_files(tally: Tally, server: Preloaded, made: Workspace, count: int) -> None:
    """No file may become larger than so many bytes."""
    row = tally.row("runs whose files may not grow, which fails at each stage")
    workspace = used(server, made, tally.scratch / "limited")
    for number in range(count):
        largest = round(4_000 * 400 ** (number / max(1, count - 1)))
        tally.report(f"{row.what}: {largest:,} bytes")
        before = kept(workspace)
        running = server.start(*RUN, folder=workspace.root, largest_file=largest)
        losses = [*refusal_losses(running), *changed(workspace, before)]
        row.tried([f"{largest:,} bytes: {loss}" for loss in [*losses, *after_losses(server, workspace)]])


def refuse_writing(tally: Tally, server: Preloaded, made: Workspace) -> None:
    """A workspace on a read-only mount, and one that belongs to another user."""
    row = tally.row("commands in a workspace that can only be read")
    workspace = used(server, made, tally.scratch / "read only")
    with mounted(workspace.root, "--bind", str(workspace.root)) as allowed:
        read_only = allowed and not _mount("-o", "remount,ro,bind", str(workspace.root)).returncode
        if read_only:
            before = snapshot(workspace.root)
            row.tried(refusal_losses(server.start(*RUN, folder=workspace.root), must_fail=True))
            for words in (("runs",), ("show", "last"), ("check", "experiments/tiny.toml")):
                running = server.start(*words, folder=workspace.root)
                row.tried([] if running.wait() == 0 else [f"{words}: {running.stderr}"])
            row.tried([] if snapshot(workspace.root) == before else ["something was written"], times=0)
        else:
            row.what += " (not tried: mounting is not permitted)"
    row = tally.row("commands of a user without permission")
    if os.geteuid() != 0:
        row.what += " (not tried: only root can become another user)"
        return
    for mode in (0o755, 0o700):
        workspace.root.chmod(mode)
        before = snapshot(workspace.root)
        file = str(workspace.experiments / "tiny.toml")
        for command in (("run", "--headless", file), ("runs",), ("show", "last")):
            named = ("--workspace", str(workspace.root))
            running = server.start(*command, *named, folder=Path("/"), user=OTHER_USER)
            code, lines = running.wait(), running.stderr.strip().splitlines()
            refused = code in (1, 2) and len(lines) == 1 and "Traceback" not in running.stderr
            fine = refused or (command[0] != "run" and code == 0)
            row.tried([] if fine else [f"{oct(mode)} {command}: {code} {running.stderr[:500]}"])
        row.tried([] if snapshot(workspace.root) == before else ["something was written"], times=0)
    workspace.root.chmod(0o755)


def lose_folders(tally: Tally, server: Preloaded, made: Workspace) -> None:
    """Folders that vanish while a run computes."""
    row = tally.row("folders that vanish while a run computes")
    for name in ("store/runs", "store", "mlruns", "."):
        workspace = used(server, made, tally.scratch / "vanishing")
        (workspace.experiments / "full.toml").write_text(LONG)
        running = server.start(*RUN, folder=workspace.root)
        _until_running(workspace)
        time.sleep(0.3)
        shutil.rmtree(workspace.root / name)
        code = running.wait()
        row.tried(f"{name}: {loss}" for loss in _vanished_losses(running, workspace, name, code))
        if name in ("store/runs", "mlruns"):
            losses = after_losses(server, workspace, in_mlflow=name == "store/runs")
            # The file of the earlier run went with its folder.
            row.tried([f"{name}: {loss}" for loss in losses if "has lost its file" not in loss], times=0)
        shutil.rmtree(workspace.root, ignore_errors=True)


def _vanished_losses(running: Running, workspace: Workspace, name: str, code: int) -> list[str]:
    # That the log is gone with its folder is said once too.
    lines = [line for line in running.stderr.strip().splitlines() if "l5tui.log could not be" not in line]
    if "Traceback" in running.stderr:
        return [running.stderr]
    if name == "mlruns":
        return [] if code == 0 else [f"exit code {code}: {running.stderr}"]
    if code != 1 or len(lines) != 1:
        return [f"exit code {code}: {running.stderr}"]
    if name == "store/runs":
        last = rows(workspace)[-1]
        if last["status"] != "failed" or last["error"] not in lines[0] or "folder" not in last["error"]:
            return [f"{last['status']}, {last['error']!r}, not {lines[0]!r}"]
    return []


def used(server: Preloaded, made: Workspace, root: Path) -> Workspace:
    """A workspace with an earlier result in it."""
    workspace = copy_of(made, root)
    (workspace.experiments / "full.toml").write_text(FULL)
    if code := server.start(*NEXT, folder=workspace.root).wait():
        raise RuntimeError(f"the first run ended with {code}")
    return workspace


def kept(workspace: Workspace) -> dict[str, str]:
    """Digest of each run's file, by its run."""
    return {row["id"]: row["file_sha256"] for row in rows(workspace) if row["file_sha256"]}


def refusal_losses(running: Running, *, must_fail: bool = False) -> list[str]:
    """What is wrong with how a run took a fault: completed with at most a warning, or one line and a reason."""
    code, said = running.wait(), running.stderr.strip()
    lines = said.splitlines()
    losses = []
    if "Traceback" in said or "Traceback" in running.stdout:
        losses.append(f"a traceback: {said[-600:]}")
    if code == 0 and not must_fail:
        if any(not line.startswith("warning: ") and "could not be written" not in line for line in lines):
            losses.append(f"completed, and says {said[:500]}")
    elif code not in (1, 2):
        losses.append(f"exit code {code}: {said[:500]}")
    elif len([line for line in lines if "l5tui.log could not be written" not in line]) != 1:
        losses.append(f"{len(lines)} lines: {said[:800]}")
    return losses


def changed(workspace: Workspace, before: dict[str, str]) -> list[str]:
    """Whether an earlier result is not what it was."""
    now = kept(workspace)
    return ["an earlier result has changed" for run, digest in before.items() if now.get(run) != digest]


def after_losses(server: Preloaded, workspace: Workspace, *, in_mlflow: bool = True) -> list[str]:
    """Run once more, without the fault; what is not as it should be then."""
    running = server.start(*NEXT, folder=workspace.root)
    losses = [] if running.wait() == 0 else [f"afterwards: {running.stderr}"]
    return [*losses, *losses_of(workspace, in_mlflow=in_mlflow)]


@contextmanager
def mounted(place: Path, *options: str) -> Iterator[bool]:
    """Mount something for as long as the block lasts; false where that is not permitted."""
    allowed = shutil.which("mount") is not None and not _mount(*options, str(place)).returncode
    try:
        yield allowed
    finally:
        if allowed:
            subprocess.run(["umount", "--lazy", str(place)], check=True)


def _mount(*options: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["mount", *options], capture_output=True, check=False)


def _until_running(workspace: Workspace) -> None:
    deadline = time.monotonic() + 60
    while not any(each["status"] == "running" for each in rows(workspace)):
        if time.monotonic() > deadline:
            raise RuntimeError("the run did not begin")
        time.sleep(0.01)
