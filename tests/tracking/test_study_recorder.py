"""Trials in MLflow: every parameter, however many, as TOML writes it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from l5tui.tracking.mlflow_database import open_client
from l5tui.tracking.study_recorder import TrackedTrial, open_study_runs
from l5tui.workspace import Workspace
from tests.workspaces import copy_of


def test_no_parameter_is_dropped_and_switches_are_as_in_toml(original: Workspace, tmp_path: Path) -> None:
    workspace = copy_of(original, tmp_path / "w")
    many = {f"key_{number:03d}": number for number in range(230)}
    now = datetime.now(UTC)
    trial = TrackedTrial(
        0, "completed", now, now, {**many, "plasticity.dale": True, "text": "x" * 7000}, {"loss": 1.0}, {}, {}
    )
    with open_client(workspace) as client:
        study = open_study_runs(
            client, workspace, None, "s", now, {**many, "dale": False}, {"l5tui.study_id": "1"}
        )
        found = client.get_run(study.record_trial(trial)).data
        study.close("FINISHED", now, {"l5tui.error": "e" * 9000})
        parent = client.get_run(study.parent).data
    assert len(found.params) == 232
    assert found.params["plasticity.dale"] == "true"
    assert found.tags["l5tui.cut"] == '{"text": 7000}'
    assert len(parent.params) == 231
    assert parent.params["dale"] == "false"
    assert parent.tags["l5tui.cut"] == '{"l5tui.error": 9000}'
