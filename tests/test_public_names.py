"""Public names stay importable: those of the package, of the model, and those that the docs use."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[1] / "docs"

PACKAGE = {
    "Experiment": None,
    "L5Error": None,
    "Run": None,
    "Study": None,
    "Workspace": "root",
    "__version__": None,
    "compare": "runs, *, workspace=None",
    "compare_rules": "experiment, rules=None, overrides=None, *, workspace=None, progress=True, force=False",
    "create_workspace": "folder",
    "infer": (
        "experiment=None, overrides=None, *, method='vbmc', budget=300, resume=None, workers=None, workspace=None, "
        "progress=True, force=False"
    ),
    "open_run": "reference='last', *, workspace=None",
    "open_study": "reference='last', *, workspace=None",
    "preview": "experiment, overrides=None, *, workspace=None",
    "run": "experiment, overrides=None, *, workspace=None, progress=True, force=False",
    "runs": "query='', *, status=None, rule=None, tag=None, group=None, limit=None, workspace=None",
    "sensitivity": (
        "experiment=None, overrides=None, *, samples=64, study=None, workers=None, workspace=None, progress=True, "
        "force=False"
    ),
    "sweep": "experiment, overrides=None, *, trials=None, workers=None, workspace=None, progress=True, force=False",
    "tune": (
        "experiment=None, overrides=None, *, trials=None, workers=None, resume=None, workspace=None, progress=True, "
        "force=False"
    ),
    "weights_at": "path, realization, direction, time",
}
"""Names of `l5tui`, with the parameters and defaults of what users call."""

MODEL = {
    "Circuit": None,
    "Diverged": "step, population, neuron, direction, quantity",
    "Rule": "experiment, initial_rates",
    "Trajectory": None,
    "simulate": "circuit, experiment, directions=None, *, progress=None, cancelled=None",
}
ANALYSIS = {"measure": "recordings, experiment", "selectivity": "rates, directions"}

CLASSES = {
    "l5tui.Experiment": (
        "aliases dynamics hash load loss loss_form name network notes plasticity radians_per_step "
        "recording seed simulation steps stimulus tags targets tuning variant"
    ),
    "l5tui.L5Error": "exit_code",
    "l5tui.Run": (
        "dataset experiment figure file id loss name rates rule selectivity status summary warnings "
        "weights weights_at workspace"
    ),
    "l5tui.Study": "best best_in_words best_value figure id name objective status trials",
    "l5tui.Workspace": (
        "catalog experiments figures labels log mlflow_artifacts mlflow_database mlruns relative "
        "root runs store"
    ),
    "l5tui.model.Circuit": "divisor draw initial_rates neurons positions sample synapses target_weights weights",
    "l5tui.model.Diverged": "direction neuron population quantity step",
    "l5tui.model.Rule": "experiment factors flips_inhibitory observe",
    "l5tui.model.Trajectory": (
        "change circuit directions final_weights outcome post pre rates steps weights_at"
    ),
    "l5tui.notebook.comparison.RunComparison": "caveats differences figure measures parameters runs",
    "l5tui.notebook.inference.Inference": (
        "converged data figure file log_evidence log_evidence_sd message study summary warnings"
    ),
    "l5tui.notebook.preview.Preview": "divisor name outcome seconds selectivity weights",
    "l5tui.notebook.rules.RuleEffects": "effects figure group runs",
    "l5tui.notebook.sensitivity.SensitivityAnalysis": "figure indices study",
}
"""Public attributes and methods of each class."""

PACKAGES: dict[str, Mapping[str, str | None]] = {
    "l5tui": PACKAGE,
    "l5tui.model": MODEL,
    "l5tui.analysis": ANALYSIS,
}

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


SELF = re.compile(r"^ {8}self\.(\w+)(?:: \w+)? = ", re.MULTILINE)
"""Attributes that a class sets."""


def imported_by_pages() -> set[str]:
    """Every name that a page of the docs imports from l5tui."""
    texts = [page.read_text(encoding="utf-8") for page in DOCS.rglob("*.md")]
    return {
        f"{module}.{name.strip().partition(' as ')[0]}"
        for text in texts
        for module, names in IMPORT.findall(text)
        for name in names.split(",")
    }


def parameters_of(function: Callable[..., object]) -> str:
    """Parameters and defaults of a function, without their types."""
    signature = inspect.signature(function)
    plain = [each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()]
    return str(inspect.Signature(plain)).removeprefix("(").removesuffix(")")


def attributes_of(cls: type) -> set[str]:
    """Names of public attributes and methods that l5tui defines for a class."""
    own = [base for base in cls.__mro__ if base.__module__.startswith("l5tui.")]
    names = {name for base in own for name in (*vars(base), *inspect.get_annotations(base))}
    if "__init__" in vars(cls):
        names.update(SELF.findall(inspect.getsource(cls)))
    return {name for name in names if not name.startswith("_")} - {"model_config"}


def found(name: str) -> Any:
    """What a dotted name stands for."""
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_public_name_has_come_or_gone_unnoticed(package: str) -> None:
    module = import_module(package)
    assert set(module.__all__) == set(PACKAGES[package])
    assert dir(module) == sorted(module.__all__)
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'rnu'"):
        getattr(module, "rnu")  # noqa: B009 - what a person may type


def test_pages_import_what_is_frozen() -> None:
    assert imported_by_pages() <= set(DOCUMENTED)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        (f"{package}.{name}", parameters)
        for package, names in PACKAGES.items()
        for name, parameters in names.items()
        if parameters is not None
    ],
)
def test_parameters_and_defaults_are_as_frozen(name: str, parameters: str) -> None:
    assert parameters_of(found(name)) == parameters


@pytest.mark.parametrize("name", CLASSES)
def test_attributes_and_methods_are_as_frozen(name: str) -> None:
    assert " ".join(sorted(attributes_of(found(name)))) == CLASSES[name]


@pytest.mark.parametrize(
    "name",
    [
        *(f"{package}.{name}" for package, names in PACKAGES.items() for name in names),
        *DOCUMENTED,
        *FORMER,
    ],
)
def test_each_can_be_imported_and_called(name: str) -> None:
    assert callable(found(name)) or name.rpartition(".")[2] in DATA


@pytest.mark.parametrize("first", ["", "import l5tui.analysis.selectivity; "])
def test_selectivity_is_called_however_it_is_imported(first: str) -> None:
    script = f"{first}from l5tui.analysis import selectivity; from l5tui.analysis.selectivity import MEASURES"
    used = "; print(selectivity([[1], [0], [0], [0]], [0, 90, 180, 270])['DS'], len(MEASURES))"
    done = subprocess.run([sys.executable, "-c", script + used], check=True, capture_output=True, text=True)
    assert done.stdout == "[1.] 6\n"


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
    script = """
import sys, l5tui, l5tui.model, l5tui.analysis
dir(l5tui), dir(l5tui.model), dir(l5tui.analysis)
print(*sys.modules, sep="\\n")
"""
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    slow = {"numpy", "scipy", "numba", "pandas", "xarray", "matplotlib", "mlflow", "sqlalchemy", "pydantic"}
    assert not set(done.stdout.split()) & slow
