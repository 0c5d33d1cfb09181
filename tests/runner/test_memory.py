"""What needs more memory than is free is refused, by what is free on the machine and in the control groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from l5tui.config import Experiment
from l5tui.config.validation import validate
from l5tui.errors import MemoryShortageError
from l5tui.runner.forecast import Forecast, forecast
from l5tui.runner.memory import free_memory, memory_shortage, require_memory
from l5tui.runner.preview import PreviewRefusedError, preview
from l5tui.tuning.memory import largest_trial, require_memory_for_trials


def machine(folder: Path, available_kb: int, groups: dict[str, str]) -> tuple[Path, Path, Path]:
    """Files as the kernel has them; `groups` by path below the mount of version 2."""
    (folder / "meminfo").write_text(f"MemTotal: 99999999 kB\nMemAvailable:   {available_kb} kB\n")
    (folder / "membership").write_text("0::/job/step\n")
    for name, content in groups.items():
        file = folder / "groups" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return folder / "meminfo", folder / "membership", folder / "groups"


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({}, 8_000_000 * 1024),
        ({"job/step/memory.max": "max", "job/step/memory.current": "5"}, 8_000_000 * 1024),
        ({"job/step/memory.max": "3000", "job/step/memory.current": "1000"}, 2000),
        ({"job/memory.max": "500", "job/memory.current": "100"}, 400),
        ({"job/memory.max": "500", "job/memory.current": "600"}, 0),
        (
            {
                "job/memory.max": "500",
                "job/memory.current": "400",
                "job/memory.stat": "anon 1\ninactive_file 300\n",
            },
            400,
        ),
    ],
)
def test_the_smallest_limit_decides(groups: dict[str, str], expected: int, tmp_path: Path) -> None:
    assert free_memory(*machine(tmp_path, 8_000_000, groups)) == expected


def test_limits_of_version_1(tmp_path: Path) -> None:
    meminfo, membership, groups = machine(
        tmp_path,
        8_000_000,
        {"memory/job/memory.limit_in_bytes": "900", "memory/job/memory.usage_in_bytes": "200"},
    )
    membership.write_text("3:memory:/job\n1:cpu,cpuacct:/other\n")
    assert free_memory(meminfo, membership, groups) == 700
    assert free_memory(tmp_path / "none", tmp_path / "none", groups) is None


def test_this_machine_has_memory_for_the_default_and_not_for_terabytes() -> None:
    assert memory_shortage(forecast(Experiment())) == ""
    too_much = Forecast(1.0, 10**15, 0)
    with pytest.raises(
        MemoryShortageError, match=r"needs about 1e\+03 TB of memory, .* are free; .*force=True"
    ):
        require_memory(too_much)
    require_memory(too_much, force=True)
    with pytest.raises(MemoryShortageError, match=r"\(1000000 processes of 1 GB\)"):
        require_memory(Forecast(1.0, 10**9, 0), 10**6)


def test_a_search_counts_its_largest_trials() -> None:
    experiment = validate(
        {
            "simulation": {"realizations": 7},
            "tuning": {
                "realizations": 2,
                "space": {"network.sizes.CC": {"low": 10, "high": 900}, "network.sizes.PV": [20, 80, 30]},
            },
        }
    )
    trial = largest_trial(experiment)
    assert trial.network.sizes.in_order() == (45, 900, 80, 34)
    assert trial.simulation.realizations == 2


def test_trials_and_previews_are_refused() -> None:
    with pytest.raises(MemoryShortageError):
        require_memory_for_trials(
            validate({"network": {"sizes": [20_000, 0, 0, 0]}, "simulation": {"realizations": 500}})
        )
    with pytest.raises(PreviewRefusedError, match=r"it would take|of memory"):
        preview(
            validate(
                {
                    "network": {"sizes": [20_000, 0, 0, 0]},
                    "dynamics": {"duration_tau": 1.0},
                    "plasticity": {"onset_step": 0},
                }
            )
        )
