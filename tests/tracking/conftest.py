"""Copies of a workspace with a real MLflow database, and a run to record in it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from l5tui.tracking.run_recorder import StepMetrics, TrackedRun
from l5tui.workspace import Workspace

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture
def workspace(original: Workspace, tmp_path: Path) -> Workspace:
    """A test's own copy, under a name with a space in it."""
    shutil.copytree(original.root, tmp_path / "my workspace")
    return Workspace(tmp_path / "my workspace")


@pytest.fixture
def run() -> TrackedRun:
    """A small finished run."""
    return TrackedRun(
        run_id="20260102T030405-abcd",
        name="default",
        status="completed",
        started=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        ended=datetime(2026, 1, 2, 3, 4, 9, 500_000, tzinfo=UTC),
        parameters={"plasticity.rule": "oja", "seed": 42, "dynamics.dt": 0.01, "plasticity.dale": False},
        metrics={"loss": 1.5, "after/OS.CC": float("nan"), "weight_final/CS_from_CC": -0.25},
        series=[StepMetrics(step, {"rate.CS": step / 10, "rate.SST": float("inf")}) for step in (0, 24, 47)],
        tags={"variant": "corrected", "file": "store/runs/x.nc"},
        texts={"experiment.toml": 'name = "défaut"\n', "tables/weights.csv": "post,pre\n"},
        images={"selectivity.png": PNG},
    )
