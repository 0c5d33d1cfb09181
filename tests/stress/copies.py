"""Copies of the store at random moments while runs and a study write: what a power failure or a backup leaves.

A copy is made file by file, so that the catalogue and its write-ahead log are of different moments.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from l5tui.errors import L5Error
from l5tui.runner.doctor import repair
from l5tui.runner.history import list_runs
from l5tui.store.inspection import CatalogueState, inspect
from l5tui.store.netcdf import verify_run
from l5tui.tuning.study import list_studies, show_study
from l5tui.workspace import Workspace
from tests.stress.kill_tune import SEARCH, TUNE
from tests.stress.kills import PATIENCE_S, SEED, counted, kill, outlived, start_interpreter
from tests.stress.tally import Tally
from tests.workspaces import copy_of, rows, template

RUN = ("run", "--headless", "experiments/tiny.toml", "--quiet")
COPIED = ("catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm")
LOG_HEADER_BYTES = 32
"""Of SQLite's write-ahead log, with the salts of its present frames."""
MOST_ATTEMPTS = 4
LONG_SEARCH = SEARCH.replace("trials = 12", "trials = 400")


@dataclass
class Known:
    """What was complete before a copy was begun.

    Parameters
    ----------
    runs : set of str
        Ids of runs.
    trials : dict of str to set of int
        Numbers of trials that have ended, by study.
    """

    runs: set[str] = field(default_factory=set)
    trials: dict[str, set[int]] = field(default_factory=dict)


def trial(tally: Tally, share: float = 1.0) -> None:
    """Make 100 copies; each opens and is listed, or is repaired, and has all that was complete."""
    workspace = copy_of(template(tally.scratch / "template"), tally.scratch / "used")
    (workspace.experiments / "search.toml").write_text(LONG_SEARCH)
    row = tally.row("copies of the store while runs and a study write")
    chance = random.Random(SEED)
    if code := start_interpreter(workspace, *RUN).wait(PATIENCE_S):
        raise RuntimeError(f"a run ended with {code}")
    study, running = start_interpreter(workspace, *TUNE), start_interpreter(workspace, *RUN)
    try:
        count = counted(80, share)
        for number in range(1, MOST_ATTEMPTS * count + 1):
            if row.times == count:
                break
            tally.report(f"{row.what}: {row.times} of {count}")
            if running.poll() is not None:
                running = start_interpreter(workspace, *RUN)
            time.sleep(chance.random() * 0.3)
            known, before = _known(workspace), _state(workspace)
            copy = _copied(workspace, tally.scratch / f"copy-{number}", chance)
            # A log that began again, or pages of it that were written to the database, between the files of a copy:
            # no disk had both at one moment.
            if _state(workspace) == before:
                row.tried(copy_losses(copy, known))
            shutil.rmtree(copy.root)
    finally:
        for process in (study, running):
            children = kill(process.pid, with_children=False)
            process.wait(PATIENCE_S)
            row.tried(outlived(children), 0)


def _state(workspace: Workspace) -> tuple[int, bytes]:
    """Time of the last change of the database, and header of its write-ahead log.

    A checkpoint changes the first; the second differs once SQLite begins the log again.
    """
    changed = workspace.catalog.stat().st_mtime_ns
    log = workspace.catalog.with_name(f"{workspace.catalog.name}-wal")
    with suppress(FileNotFoundError), log.open("rb") as file:
        return changed, file.read(LOG_HEADER_BYTES)
    return changed, b""


def _known(workspace: Workspace) -> Known:
    known = Known({row["id"] for row in rows(workspace) if row["status"] == "completed"})
    with closing(sqlite3.connect(workspace.catalog, timeout=30)) as connection:
        for study, number in connection.execute(
            "SELECT study_id, number FROM trial WHERE status = 'completed'"
        ):
            known.trials.setdefault(study, set()).add(number)
    return known


def _copied(workspace: Workspace, root: Path, chance: random.Random) -> Workspace:
    """Copy the catalogue and what belongs to it file by file, in any order and with pauses."""
    copy = Workspace(root)
    for folder in (copy.experiments, copy.store, copy.mlruns):
        folder.mkdir(parents=True)
    names = list(COPIED)
    chance.shuffle(names)
    for name in names:
        with suppress(FileNotFoundError):
            shutil.copyfile(workspace.store / name, copy.store / name)
        time.sleep(chance.random() * 0.02)
    for part in ("runs", "labels"):
        if (workspace.store / part).is_dir():
            (copy.store / part).mkdir()
            for path in (workspace.store / part).iterdir():
                with suppress(FileNotFoundError):
                    shutil.copyfile(path, copy.store / part / path.name)
    return copy


def copy_losses(copy: Workspace, known: Known) -> list[str]:
    """What is not as it should be in a copy, which is repaired if its catalogue is damaged."""
    damaged = inspect(copy.catalog).state is not CatalogueState.GOOD
    try:
        if damaged:
            repair(copy, lambda line: None)
        listed = {run.id: run for run in list_runs(copy)}
        studies = {study.id: study for study in list_studies(copy)}
        found = [f"run {each} is lost" for each in known.runs - listed.keys()]
        for run_id in known.runs & listed.keys():
            run = listed[run_id]
            if run.status != "completed" or run.damage:
                found.append(f"run {run_id} is {run.shown_status}: {run.shown_error}")
            elif not verify_run(copy.root / str(run.file), str(run.file_sha256)):
                found.append(f"run {run_id} has another file than it wrote")
        for study_id, numbers in known.trials.items():
            there = (
                {each.number for each in show_study(copy, study_id).trials if each.status == "completed"}
                if study_id in studies
                else set()
            )
            if lost := numbers - there:
                found.append(f"{len(lost)} of {len(numbers)} trials of study {study_id} are lost")
    except L5Error as error:
        return [f"a copy{', repaired,' if damaged else ''} does not open: {error}"]
    return found
