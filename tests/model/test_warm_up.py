"""Compiling ahead of time: announced once, cached on disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import l5tui
from l5tui.model.compiled.cache import MODEL, source_digest
from l5tui.model.compiled.low_rank import advance_low_rank
from l5tui.model.compiled.window import observe

PACKAGE = Path(l5tui.__file__).parent

PROGRAM = """
from l5tui.config import Experiment
from l5tui.model.compiled.warm_up import needs_compiling, warm_up
experiment = Experiment.model_validate({"plasticity": {"rule": "none"}})
print(needs_compiling(experiment))
warm_up(experiment)
print(needs_compiling(experiment))
"""


def answers(cache: Path) -> list[str]:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.split()


EDITED = """
from l5tui.config import Experiment
from l5tui.model.circuit import Circuit
from l5tui.model.compiled.warm_up import needs_compiling
from l5tui.model.simulation import simulate
experiment = Experiment.model_validate({
    "network": {"sizes": [3, 3, 2, 2]}, "dynamics": {"duration_tau": 5.0}, "seed": 3,
    "plasticity": {"rule": "covariance", "onset_step": 20, "tau_learn": 1.0},
})
print(needs_compiling(experiment))
print(float(simulate(Circuit.sample(experiment), experiment, [0.0]).final_weights.sum()))
"""


@pytest.mark.slow
def test_an_edit_of_a_function_that_a_kernel_calls_is_compiled(tmp_path: Path) -> None:
    """The window of recent rates is in another file than the kernels that call it."""
    shutil.copytree(PACKAGE, tmp_path / "l5tui", ignore=shutil.ignore_patterns("__pycache__"))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    environment.pop("NUMBA_CACHE_DIR", None)

    def outcome() -> list[str]:
        command = [sys.executable, "-c", EDITED]
        return subprocess.check_output(command, env=environment, cwd=tmp_path, text=True, timeout=300).split()

    compiling, first = outcome()
    assert (compiling, outcome()) == ("True", ["False", first])
    called = tmp_path / "l5tui" / "model" / "compiled" / "window.py"
    text = called.read_text()
    assert ") / count" in text
    called.write_text(text.replace(") / count", ") / count / 2"))
    compiling, second = outcome()
    assert compiling == "True"
    assert second != first


def test_the_folder_of_kernels_is_that_of_the_source(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.py").write_text("y = 1")
    found = source_digest(tmp_path)
    (tmp_path / "notes.txt").write_text("no source")
    assert source_digest(tmp_path) == found
    (tmp_path / "b" / "c.py").write_text("y = 2")
    assert source_digest(tmp_path) != found
    kernel: Any = advance_low_rank
    assert f"kernels-{source_digest(MODEL)}" in kernel.stats.cache_path
    assert f"kernels-{source_digest(MODEL)}" in observe.stats.cache_path  # type: ignore[attr-defined]


@pytest.mark.slow
def test_the_engine_is_compiled_once_for_a_machine(tmp_path: Path) -> None:
    assert answers(tmp_path) == ["True", "False"]
    assert answers(tmp_path) == ["False", "False"]
