"""SIGKILL of ``l5tui tune`` at random moments; what was killed is taken up again, and killed again."""

from __future__ import annotations

import time

from l5tui.store.studies import Studies
from l5tui.tuning.study import open_studies
from l5tui.workspace import Workspace
from tests.stress.kills import PATIENCE_S, counted, helpers, kill, moments, outlived, start_interpreter
from tests.stress.tally import Row, Tally
from tests.stress.truth import losses_of, study_losses
from tests.workspaces import TINY, copy_of, template

TUNE = ("tune", "experiments/search.toml", "--json")
SEARCH = (
    TINY
    + """
[tuning]
method = "random"
trials = 12
workers = 1

[tuning.space]
"plasticity.tau_learn" = {low = 100.0, high = 4000.0, log = true}
"""
)
KILLS_A_STUDY = 5


def trial(tally: Tally, share: float = 1.0) -> None:
    """Kill 30 searches: five times each of six studies, which are then taken up to their end."""
    workspace = copy_of(template(tally.scratch / "template"), tally.scratch / "used")
    (workspace.experiments / "search.toml").write_text(SEARCH)
    kill_searches(
        tally, tally.row("SIGKILL of tune, every other with all its processes"), workspace, counted(25, share)
    )


def kill_searches(tally: Tally, row: Row, workspace: Workspace, count: int) -> None:
    """Kill and take up, until so many were killed; then look."""
    begun = time.monotonic()
    if code := start_interpreter(workspace, *TUNE).wait(PATIENCE_S):
        raise RuntimeError(f"a search that was not killed ended with {code}")
    life = time.monotonic() - begun
    study = ""
    for number, moment in enumerate(moments(count, life), 1):
        tally.report(f"{row.what}: {number} of {count}, after {moment:.2f} of {life:.2f} s")
        process = start_interpreter(workspace, *(("tune", "--resume", study) if study else TUNE))
        time.sleep(moment)
        children = kill(process.pid, with_children=number % 2 == 0)
        process.wait()
        losses = _still_open(workspace)
        study = _newest(workspace)
        if number % KILLS_A_STUDY == 0 or number == count:
            losses += _taken_up(workspace)
            # A search ends once MLflow has its own trials; those of earlier ones may still be on their way.
            losses += [
                *outlived([*children, *helpers(workspace)]),
                *study_losses(workspace),
                *losses_of(workspace),
            ]
            study = ""
        row.tried(losses)


def _still_open(workspace: Workspace) -> list[str]:
    """Return studies and trials that are still marked as running after the search for stale ones."""
    studies = open_studies(workspace)
    found = [f"study {each.id} is {each.status}" for each in studies.studies() if each.status == "running"]
    for study in studies.studies():
        found += [
            f"trial {each.number} of study {study.id} is {each.status}"
            for each in studies.trials(study.id)
            if each.status == "running"
        ]
    return found


def _newest(workspace: Workspace) -> str:
    """The study that is not complete yet; empty where there is none."""
    left = [each.id for each in Studies.open(workspace).studies() if each.status != "completed"]
    return left[0] if left else ""


def _taken_up(workspace: Workspace) -> list[str]:
    """Resume every study that is left, to its end; or search once more, which records the end in MLflow."""
    left = [each.id for each in Studies.open(workspace).studies() if each.status != "completed"]
    losses = []
    resumed: list[tuple[str, ...]] = [("tune", "--resume", study) for study in left]
    for arguments in resumed or [TUNE]:
        if code := start_interpreter(workspace, *arguments).wait(PATIENCE_S):
            losses.append(f"{' '.join(arguments)} ended with {code}")
    return losses
