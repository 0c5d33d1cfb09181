"""The trials of ``make stress``, each with a few attempts of its many."""

from __future__ import annotations

from pathlib import Path

import pytest

from l5tui.workspace import Workspace
from tests.cli.processes import Preloaded
from tests.stress.bad_files import check_generated, check_losses, mutations, run_some
from tests.stress.divergent import CASES, outcome_losses
from tests.stress.faults import limit_files
from tests.stress.kill_run import kill_forks
from tests.stress.many_processes import run_at_once
from tests.stress.tally import Row, Tally
from tests.stress.truth import losses_of

pytestmark = pytest.mark.slow


@pytest.fixture
def tally(tmp_path: Path) -> Tally:
    """What was tried, and lost."""
    return Tally(tmp_path)


@pytest.fixture
def row(tally: Tally) -> Row:
    """Its one row."""
    return tally.row("some of many")


def test_a_killed_run_leaves_nothing_untrue(
    tally: Tally, row: Row, workspace: Workspace, preloaded: Preloaded
) -> None:
    kill_forks(tally, row, preloaded, workspace, 3)
    assert (row.times, row.losses) == (3, [])


def test_two_processes_at_once_in_a_new_workspace_lose_nothing(
    tally: Tally, row: Row, fresh: Workspace
) -> None:
    run_at_once(tally, row, fresh, processes=2, runs=3)
    assert (row.times, row.losses) == (6, [])


@pytest.mark.slow
def test_files_that_may_not_grow_are_reported_in_one_line(
    tally: Tally, workspace: Workspace, preloaded: Preloaded
) -> None:
    limit_files(tally, preloaded, workspace, 3)
    (found,) = tally.rows
    assert (found.times, found.losses) == (3, [])


def test_any_file_is_refused_in_plain_lines_or_can_be_run(
    tally: Tally, row: Row, workspace: Workspace
) -> None:
    good: list[bytes] = []
    check_generated(tally, row, workspace, 300, good)
    for content in mutations(20):
        row.tried(check_losses(workspace, content, good))
    assert row.times >= 300
    assert len(good) > 20
    run_some(tally, row, workspace, good, 4)
    assert row.losses == []


@pytest.mark.parametrize("case", CASES)
def test_odd_dynamics_end_truthfully(workspace: Workspace, case: str) -> None:
    assert outcome_losses(workspace, CASES[case], "oja") == []
    assert losses_of(workspace) == []
