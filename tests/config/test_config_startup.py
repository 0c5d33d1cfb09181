"""What importing the configuration costs: every start of the program pays it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from l5tui.workspace import ready_experiments

HEAVY = {
    "numpy",
    "scipy",
    "pandas",
    "xarray",
    "matplotlib",
    "numba",
    "mlflow",
    "sqlalchemy",
    "tomlkit",
    "textual",
}


def modules_after(code: str) -> set[str]:
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import l5tui.config",
        "import l5tui.config.toml_file",
        f"from l5tui.config import Experiment; Experiment.load({str(ready_experiments() / 'default.toml')!r})",
        f"from l5tui.config import Experiment; Experiment.load({str(ready_experiments() / 'oja.toml')!r})",
    ],
    ids=["package", "toml_file", "load", "load_unnamed"],
)
def test_nothing_heavy_is_imported(code: str) -> None:
    modules = modules_after(code)
    assert "pydantic" in modules
    assert not modules & HEAVY
