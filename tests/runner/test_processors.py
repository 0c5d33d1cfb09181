"""The number of workers follows the processors that are granted, not those that are there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from l5tui.runner.processors import processor_count
from tests.cli.processes import clean_environment

GRANTED_ONE = """
import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from l5tui.config import Experiment
from l5tui.runner.forecast import forecast
from l5tui.runner.realizations import worker_count
from l5tui.tuning.process_pool import LocalPool
four = Experiment.model_validate({"simulation": {"realizations": 4}})
one = Experiment.model_validate({"simulation": {"realizations": 4, "workers": 1}})
pool = LocalPool(0)
print(worker_count(four), pool.workers, forecast(four).seconds == forecast(one).seconds)
pool.stop()
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity")
def test_one_granted_core_is_one_worker_everywhere() -> None:
    done = subprocess.run(
        [sys.executable, "-c", GRANTED_ONE],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["1", "1", "True"]


@pytest.fixture(autouse=True)
def _eight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight processors by affinity."""
    monkeypatch.setattr(os, "process_cpu_count", lambda: 8, raising=False)


def counted(folder: Path, membership: str, files: dict[str, str]) -> int:
    """The count where control groups have these files."""
    for name, text in files.items():
        path = folder / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    (folder / "self").write_text(membership)
    return processor_count(folder / "self", folder / "cgroup")


@pytest.mark.parametrize(
    ("membership", "files", "count"),
    [
        ("0::/job\n", {"job/cpu.max": "max 100000"}, 8),
        ("0::/job\n", {"job/cpu.max": "150000 100000"}, 2),
        ("0::/job\n", {"job/cpu.max": "20000 100000"}, 1),
        ("0::/job/step\n", {"job/step/cpu.max": "max 100000", "job/cpu.max": "300000 100000"}, 3),
        ("0::/on/the/host\n", {"cpu.max": "200000 100000"}, 2),
        (
            "3:cpu,cpuacct:/job\n2:memory:/job\n",
            {"cpu,cpuacct/job/cpu.cfs_quota_us": "250000", "cpu,cpuacct/job/cpu.cfs_period_us": "100000"},
            3,
        ),
        ("3:cpu:/job\n", {"cpu/job/cpu.cfs_quota_us": "-1", "cpu/job/cpu.cfs_period_us": "100000"}, 8),
        ("2:memory:/job\n", {}, 8),
        ("0::/job\n", {"job/cpu.max": "nonsense"}, 8),
    ],
)
def test_a_quota_counts_rounded_up(
    tmp_path: Path, membership: str, files: dict[str, str], count: int
) -> None:
    assert counted(tmp_path, membership, files) == count


def test_without_control_groups_the_affinity_counts(tmp_path: Path) -> None:
    assert processor_count(tmp_path / "missing", tmp_path) == 8
