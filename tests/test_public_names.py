"""Public names stay importable: those of the package, of the model, and those that the docs use."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import l5tui
import l5tui.model

DOCS = Path(__file__).parents[1] / "docs"

PACKAGE = (
    *(
        "Experiment",
        "__version__",
        "compare_rules",
        "create_workspace",
        "open_run",
        "open_study",
        "run",
        "runs",
    ),
    *("tune", "weights_at"),
)
MODEL = ("Circuit", "Trajectory", "simulate")

DOCUMENTED = (
    *("l5tui.config.Experiment", "l5tui.config.POPULATIONS", "l5tui.model.Circuit", "l5tui.model.simulate"),
    *("l5tui.model.arrays.FloatArray", "l5tui.model.layout.Layout", "l5tui.model.plasticity.rule.Activity"),
    *("l5tui.model.plasticity.rule.Rule", "l5tui.model.plasticity.plastic_set.plastic_set"),
    *("l5tui.notebook.run.Run", "l5tui.figures.style.COLOURS"),
    *(
        "l5tui.analysis.intervals.estimate_mean",
        "l5tui.analysis.intervals.t_test",
        "l5tui.analysis.intervals.holm",
    ),
    *("l5tui.analysis.selectivity.MEASURES", "l5tui.analysis.selectivity.neuron_measures"),
    *("l5tui.analysis.intervals.MeanEstimate", "l5tui.analysis.contrasts.contrast"),
)
"""Names that pages import. One that leaves the docs stays here: what was once promised keeps working."""

FORMER = ("l5tui.model.circuit.Circuit", "l5tui.model.simulate.simulate", "l5tui.model.simulation.simulate")
"""Names that pages imported before."""

DATA = ("__version__", "POPULATIONS", "COLOURS", "FloatArray", "MEASURES")
"""Names that are no functions and no classes."""

IMPORT = re.compile(r"^from (l5tui[\w.]*) import \(?([\w, ]+)\)?$", re.MULTILINE)


def imported_by_pages() -> set[str]:
    """Every name that a page of the docs imports from l5tui."""
    texts = [page.read_text(encoding="utf-8") for page in DOCS.rglob("*.md")]
    return {
        f"{module}.{name.strip().partition(' as ')[0]}"
        for text in texts
        for module, names in IMPORT.findall(text)
        for name in names.split(",")
    }


def test_no_public_name_has_come_or_gone_unnoticed() -> None:
    assert set(l5tui.__all__) == set(PACKAGE)
    assert set(l5tui.model.__all__) == set(MODEL)
    assert imported_by_pages() <= set(DOCUMENTED)
    assert {f"l5tui.model.{name}" for name in MODEL} <= {f"l5tui.model.{name}" for name in dir(l5tui.model)}


@pytest.mark.parametrize(
    "name",
    [
        *(f"l5tui.{name}" for name in PACKAGE),
        *(f"l5tui.model.{name}" for name in MODEL),
        *DOCUMENTED,
        *FORMER,
    ],
)
def test_each_can_be_imported_and_called(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    found = getattr(import_module(module), attribute)
    assert callable(found) or attribute in DATA


@pytest.mark.parametrize(
    "script",
    [
        "from l5tui.model import Circuit, simulate",
        "import l5tui.model.simulate; from l5tui.model import Circuit, simulate",
        "from l5tui.model.simulate import simulate; from l5tui.model import Circuit",
        "from l5tui.model.simulation import simulate; from l5tui.model import Circuit, simulate",
    ],
)
def test_a_circuit_is_simulated_however_both_are_imported(script: str) -> None:
    used = """
from l5tui import Experiment
experiment = Experiment.model_validate({"network": {"sizes": [3, 4, 2, 2]}, "dynamics": {"duration_tau": 20.0},
                                        "plasticity": {"onset_step": 100}})
print(simulate(Circuit.sample(experiment), experiment, directions=[90.0]).rates.shape)
"""
    done = subprocess.run([sys.executable, "-c", script + used], check=True, capture_output=True, text=True)
    assert done.stdout == "(1, 200, 11)\n"


def test_importing_the_packages_loads_nothing_slow() -> None:
    script = "import sys, l5tui, l5tui.model; dir(l5tui.model); print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    slow = {"numpy", "scipy", "numba", "pandas", "xarray", "matplotlib", "mlflow", "sqlalchemy", "pydantic"}
    assert not set(done.stdout.split()) & slow
