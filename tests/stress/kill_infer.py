"""SIGKILL of ``l5tui infer`` at random moments: a resumed inference equals one that was not interrupted."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from l5tui.store.studies import Studies
from l5tui.workspace import Workspace
from tests.cli.test_study_signals import SEARCH
from tests.stress.kills import PATIENCE_S, counted, kill, moments, outlived, start_interpreter
from tests.stress.tally import Tally
from tests.workspaces import copy_of, template

BUDGET = 40
INFER = ("infer", "experiments/search.toml", "--method", "abc", "--budget", str(BUDGET), "--json")
KILLS_AN_INFERENCE = 5


def trial(tally: Tally, share: float = 1.0) -> None:
    """Kill ten processes of inferences, five of each, and compare what the last one ends with."""
    workspace = copy_of(template(tally.scratch / "template"), tally.scratch / "used")
    (workspace.experiments / "search.toml").write_text(SEARCH)
    row = tally.row("SIGKILL of infer, every other with all its processes; then the posterior is compared")
    begun = time.monotonic()
    if code := start_interpreter(workspace, *INFER).wait(PATIENCE_S):
        raise RuntimeError(f"an inference that was not killed ended with {code}")
    life = time.monotonic() - begun
    expected = _posterior(_file(workspace, _newest(workspace)))
    study, count = "", counted(10, share)
    for number, moment in enumerate(moments(count, life), 1):
        tally.report(f"{row.what}: {number} of {count}, after {moment:.2f} of {life:.2f} s")
        known = _ids(workspace)
        process = start_interpreter(workspace, *(("infer", "--resume", study, "--json") if study else INFER))
        time.sleep(moment)
        children = kill(process.pid, with_children=number % 2 == 0)
        process.wait()
        losses = outlived(children)
        study = study or next(iter(_ids(workspace) - known), "")
        if study and (number % KILLS_AN_INFERENCE == 0 or number == count):
            losses += _compared(workspace, study, expected)
            study = ""
        row.tried(losses)


def _compared(workspace: Workspace, study: str, expected: dict[str, np.ndarray]) -> list[str]:
    """Resume an inference to its end; what of its posterior differs."""
    if not _file(workspace, study).exists():
        code = start_interpreter(workspace, "infer", "--resume", study, "--json").wait(PATIENCE_S)
        if code:
            return [f"infer --resume {study} ended with {code}"]
    found = _posterior(_file(workspace, study))
    if found.keys() != expected.keys():
        return [f"study {study} has {sorted(found)}, not {sorted(expected)}"]
    return [
        f"study {study}: {name} differs from that of the inference that was not interrupted"
        for name in sorted(expected)
        if not np.array_equal(found[name], expected[name], equal_nan=True)
    ]


def _posterior(path: Path) -> dict[str, np.ndarray]:
    """The draws and what they were conditioned on, from a file of ArviZ."""
    import netCDF4

    with netCDF4.Dataset(path) as file:
        return {
            f"{group}/{name}": np.asarray(variable[:])
            for group in ("posterior", "prior")
            for name, variable in file[group].variables.items()
        }


def _file(workspace: Workspace, study: str) -> Path:
    return workspace.store / "inference" / f"{study}.nc"


def _ids(workspace: Workspace) -> set[str]:
    return {each.id for each in Studies.open(workspace).studies()}


def _newest(workspace: Workspace) -> str:
    return Studies.open(workspace).studies(1)[0].id
