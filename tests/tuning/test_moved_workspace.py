"""A study continues in a workspace that is moved while it runs, with the numbers of an undisturbed one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from l5tui.errors import StoreError
from l5tui.tuning.events import Confirming, StudyEvent, TrialEnded
from l5tui.tuning.study import StudyReport, run_study, show_study
from l5tui.workspace import Workspace
from tests.tuning.searches import experiment_of, study_toml

TOML = study_toml(trials=3, extra="confirm = 1\nconfirm_circuits = 2")


def numbers(report: StudyReport) -> list[tuple[int, str, float, dict[str, float]]]:
    """What a trial comes to, of each trial."""
    return [(each.number, each.status, each.value, dict(each.metrics)) for each in report.trials]


def test_a_study_continues_in_a_workspace_that_is_moved(workspace: Workspace, tmp_path: Path) -> None:
    first, last = Workspace(tmp_path / "elsewhere" / "new name"), Workspace(tmp_path / "last")
    first.root.parent.mkdir()

    def move(event: StudyEvent) -> None:
        if isinstance(event, TrialEnded) and workspace.root.exists():
            workspace.root.rename(first.root)
        if isinstance(event, Confirming) and first.root.exists():
            first.root.rename(last.root)

    report = run_study(experiment_of(TOML), TOML, workspace, observe=move, track=False)
    assert (report.record.status, report.record.error, report.workspace) == ("completed", None, last)
    assert report.warnings == tuple(
        f"the workspace was moved to {each.root}; the study continues there" for each in (first, last)
    )
    assert not workspace.root.exists()
    assert not first.root.exists()
    shown = show_study(last, report.record.id)
    assert numbers(shown) == numbers(report)
    assert shown.confirmation
    assert [trial.attempts for trial in shown.trials] == [1, 1, 1]


def test_a_study_whose_workspace_is_gone_names_the_command_that_resumes_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    copied = tmp_path / "another disk"

    def move(event: StudyEvent) -> None:
        if isinstance(event, TrialEnded) and workspace.root.exists():
            shutil.copytree(workspace.root, copied)
            shutil.rmtree(workspace.root)

    with pytest.raises(
        StoreError, match=r"is gone.*`l5tui tune --resume \S+ --workspace DIR` resumes"
    ) as found:
        run_study(experiment_of(TOML), TOML, workspace, observe=move, track=False)
    assert str(workspace.root) in str(found.value)
    assert not workspace.root.exists()
