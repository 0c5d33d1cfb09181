"""Circuits whose scaling is an accident of the sample."""

from __future__ import annotations

import numpy as np
import pytest

from l5tui.config import Experiment
from l5tui.config.toml_file import parse_experiment
from l5tui.model.circuit import Circuit
from l5tui.model.spectrum import spectral_abscissa
from l5tui.runner.preview import preview
from l5tui.runner.scaling import first_circuit, scaling_warning
from l5tui.store.netcdf import open_run
from l5tui.workspace import Workspace
from tests.runner.running import run

ACCIDENTAL = """\
seed = 2
[network]
sizes = [2, 0, 2, 0]
connection_probability = [[0, 0, 1, 0], [0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
[dynamics]
duration_tau = 30.0
[plasticity]
onset_step = 120
[simulation]
realizations = 2
[recording]
figures = "none"
"""


def test_a_circuit_with_an_accidental_abscissa_gives_a_warning(workspace: Workspace) -> None:
    report = run(workspace, ACCIDENTAL)
    (warning,) = (text for text in report.warnings if "spectral abscissa is below" in text)
    dataset = open_run(workspace.root / str(report.record.file))
    assert dataset["weight_divisor"].attrs["units"] == "mV"
    divisor = float(dataset["weight_divisor"][0])
    # 1.01 mV becomes 135.
    assert 1.01 / divisor == pytest.approx(135.4, rel=0.01)
    assert f"{divisor:.3g}" in warning
    assert warning in dataset.attrs["warnings"]


@pytest.mark.parametrize("sizes", [[9, 22, 7, 6], [45, 275, 46, 34]])
def test_circuits_of_the_default_are_scaled_as_intended(sizes: list[int]) -> None:
    experiment = Experiment.model_validate({"network": {"sizes": sizes}})
    circuits = [Circuit.sample(experiment, index) for index in range(2)]
    assert scaling_warning(circuits) == ""
    # W times its divisor is the sampled matrix, with the divisor as its abscissa.
    for circuit in circuits:
        assert circuit.divisor == pytest.approx(spectral_abscissa(circuit.weights * circuit.divisor))
        assert 0.1 < circuit.divisor < 10


def test_a_circuit_without_loops_is_not_divided() -> None:
    table = np.zeros((4, 4))
    table[0, 1] = 0.5
    experiment = Experiment.model_validate(
        {
            "network": {
                "sizes": [5, 5, 0, 0],
                "target_weights": table.tolist(),
                "connection_probability": table.tolist(),
            }
        }
    )
    circuit = Circuit.sample(experiment)
    assert (circuit.divisor, scaling_warning([circuit])) == (1.0, "")


def test_the_first_circuit_has_the_warnings_of_a_run() -> None:
    accidental = parse_experiment(ACCIDENTAL, "a").experiment
    divisor = Circuit.sample(accidental).divisor
    found = first_circuit(accidental)
    assert f"divided by {divisor:.3g} mV" in found.note
    assert "spectral abscissa is below 0.1" in found.warning
    assert first_circuit(Experiment()).warning == ""
    assert preview(accidental).divisor == divisor


def test_a_large_circuit_is_not_sampled_for_a_check() -> None:
    large = Experiment.model_validate({"network": {"sizes": [20_000, 0, 0, 0]}})
    found = first_circuit(large)
    assert "not computed for more than 2,000 neurons" in found.note
    assert found.warning == ""
