"""A workspace that is moved while a run computes gets the result all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from l5tui.runner.anchor import Anchor
from l5tui.runner.events import Event, PhaseStarted, Progress
from l5tui.runner.rule_comparison import compare_rules
from l5tui.store.catalog import Catalog
from l5tui.store.netcdf import verify_run
from l5tui.workspace import Workspace
from tests.runner.running import in_mlflow
from tests.runner.running import tracked_run as run
from tests.workspaces import TINY, assert_truthful, run_files


def test_a_run_in_flight_is_stored_where_the_workspace_is_now(workspace: Workspace, tmp_path: Path) -> None:
    moved = Workspace(tmp_path / "elsewhere" / "named anew")
    moved.root.parent.mkdir()

    def move(event: Event) -> None:
        if isinstance(event, Progress) and workspace.root.exists():
            workspace.root.rename(moved.root)

    report = run(workspace, observe=move)
    record = report.record
    assert (record.status, report.workspace) == ("completed", moved)
    assert f"the workspace was moved to {moved.root}; the run is stored there" in report.warnings
    assert Catalog.open(moved).find(record.id) == record
    assert verify_run(moved.root / str(record.file), str(record.file_sha256))
    assert run_files(moved) == {f"{record.id}.nc"}
    assert not workspace.root.exists()
    assert record.mlflow_run


@pytest.mark.slow
def test_a_comparison_of_rules_continues_where_the_workspace_is_now(
    workspace: Workspace, tmp_path: Path
) -> None:
    moved = Workspace(tmp_path / "elsewhere")

    def move(event: Event) -> None:
        if isinstance(event, Progress) and workspace.root.exists():
            workspace.root.rename(moved.root)

    comparison = compare_rules(TINY, workspace, rules=["bcm", "oja", "covariance"], observe=move)
    assert [record.status for record in comparison.records] == ["completed"] * 4
    assert comparison.effects
    assert set(in_mlflow(moved)) == {record.id for record in comparison.records}
    assert_truthful(moved)
    assert not workspace.root.exists()


def test_a_run_that_is_cancelled_after_a_move_says_so_there(workspace: Workspace, tmp_path: Path) -> None:
    moved = Workspace(tmp_path / "elsewhere")
    stopping = False

    def move(event: Event) -> None:
        nonlocal stopping
        if isinstance(event, PhaseStarted) and event.phase == "measure":
            workspace.root.rename(moved.root)
            stopping = True

    record = run(workspace, observe=move, cancelled=lambda: stopping).record
    assert record.status == "cancelled"
    assert Catalog.open(moved).find(record.id).status == "cancelled"
    assert run_files(moved) == set()
    assert not workspace.root.exists()


def test_a_workspace_that_is_gone_stays_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    workspace = Workspace(tmp_path / "gone")
    anchor = Anchor(workspace)
    assert anchor.workspace() == workspace
    workspace.root.rmdir()
    assert anchor.workspace() == workspace
    # Another folder of the name is not the one that was opened.
    workspace.root.mkdir()
    assert anchor.workspace() == workspace
    anchor.close()
    anchor.close()
