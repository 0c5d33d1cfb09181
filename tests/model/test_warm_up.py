"""Compiling ahead of time: announced once, cached on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.slow
def test_the_engine_is_compiled_once_for_a_machine(tmp_path: Path) -> None:
    assert answers(tmp_path) == ["True", "False"]
    assert answers(tmp_path) == ["False", "False"]
