"""The experiment's tree: its schema explains itself, it cannot be changed, and its names all work."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from l5tui.config import POPULATIONS, Experiment, Parameter, parameters
from l5tui.config.checks import in_degree, window_length
from l5tui.config.schema import allowed, describe, parameter_paths, value_at
from l5tui.config.tuning import Range
from l5tui.config.validation import require_runnable, validate, validate_stored
from l5tui.errors import ConfigError

# Numbers that have no physical unit and no natural upper end.
SEEDS = {"seed", "tuning.seed"}

ALIASES = {
    "network.sizes": "N",
    "network.connection_probability": "prob",
    "network.target_weights": "w_target",
    "network.weight_noise": "w_noise",
    "network.transfer": "nonlinearity_rule",
    "dynamics.dt": "delta_t",
    "dynamics.duration_tau": "Ttau",
    "plasticity.rule": "learning_rule",
    "plasticity.onset_step": "number_steps_before_learning",
    "plasticity.schedule": "phase_list",
    "stimulus.steady": "steady_input",
    "stimulus.spatial_frequency": "spatialF",
    "stimulus.temporal_frequency": "temporalF",
    "stimulus.spatial_phase": "spatialPhase",
    "stimulus.directions": "degree",
    "simulation.realizations": "sim_number",
}
VALUES: dict[str, Any] = {
    "network.sizes": [9, 55, 9, 7],
    "network.connection_probability": [[0.5] * 4] * 4,
    "network.target_weights": [[1.0] * 4, [2.0] * 4, [-1.0] * 4, [-2.0] * 4],
    "network.weight_noise": 0.5,
    "network.transfer": "tanh",
    "dynamics.dt": 0.02,
    "dynamics.duration_tau": 123.0,
    "plasticity.rule": "oja",
    "plasticity.onset_step": 77,
    "plasticity.schedule": "alternate_all",
    "stimulus.steady": {"PV": True},
    "stimulus.spatial_frequency": 3.0,
    "stimulus.temporal_frequency": 0.1,
    "stimulus.spatial_phase": -1.0,
    "stimulus.directions": [45, 135, 225, 315],
    "simulation.realizations": 2,
}


def is_number(known: Parameter) -> bool:
    value = known.default
    while isinstance(value, list) and value:
        value = value[0]
    return isinstance(value, int | float) and not isinstance(value, bool)


@pytest.mark.parametrize("known", parameters(), ids=lambda known: known.path)
def test_every_parameter_explains_itself(known: Parameter) -> None:
    assert known.description.endswith(".")
    assert known.allowed
    assert known.path in parameter_paths()


@pytest.mark.parametrize("known", [p for p in parameters() if is_number(p)], ids=lambda known: known.path)
def test_every_number_has_a_unit_and_bounds(known: Parameter) -> None:
    assert known.unit or known.path in SEEDS
    assert re.search(r"from \S+ to \S+|[>≥] \S+ and [<≤] \S+", known.allowed)


def test_names_of_parameters_are_unique_and_say_where_they_stand() -> None:
    paths = parameter_paths()
    assert len(set(paths)) == len(paths) == len(parameters())
    assert {known.section for known in parameters()} >= {"", "network", "stimulus.amplitude", "tuning"}


def test_defaults_are_those_of_the_schema() -> None:
    experiment = Experiment()
    for known in parameters():
        assert value_at(experiment, known.path) == known.default


def test_defaults_of_the_specification() -> None:
    experiment = Experiment()
    assert experiment.network.sizes.in_order() == (45, 275, 46, 34)
    assert experiment.network.connection_probability[0] == (0.16, 0.0, 0.18, 0.23)
    assert experiment.network.target_weights[2] == (-0.32, -0.52, -0.47, -0.44)
    assert experiment.steps == 2500
    assert experiment.stimulus.amplitude.in_order() == (6, 5, 10, 5)
    assert experiment.plasticity.tau_threshold == 2.7922382927606537
    assert (experiment.seed, experiment.variant, experiment.loss_form) == (42, "corrected", "signed")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("plasticity.tau_learn", "a number > 0 and ≤ 1e12"),
        ("dynamics.integrator", 'one of "euler", "rk4"'),
        ("network.sizes.CS", "a whole number from 0 to 20000"),
        ("network.connection_probability", "four lists of four, each a number from 0 to 1"),
        ("stimulus.directions", "a list of 4 to 360 values, each a number ≥ 0 and < 360"),
        ("seed", "a whole number ≥ 0 and < 2^63"),
        ("plasticity.dale", "true or false"),
        ("name", "text of 1 to 200 characters"),
    ],
)
def test_allowed_values_of_a_parameter_are_described_in_words(path: str, words: str) -> None:
    assert next(known for known in parameters() if known.path == path).allowed == words


def test_tables_are_described_by_their_keys() -> None:
    assert describe(Range) == "a table of low, high, log, integer, times, prior"
    sizes = type(Experiment().network).model_fields["sizes"]
    assert allowed(sizes) == (
        "a table or list of four (CS, CC, PV, SST), each a whole number from 0 to 20000"
    )


def test_every_alias_of_the_research_code_is_there() -> None:
    of_parameters = {known.path: known.alias for known in parameters() if known.alias}
    assert of_parameters == {path: alias for path, alias in ALIASES.items() if path in of_parameters}
    assert ALIASES.keys() - of_parameters.keys() == {"network.sizes", "stimulus.steady"}


@pytest.mark.parametrize("path", ALIASES)
def test_an_alias_means_the_same_as_the_name(path: str) -> None:
    section, name = path.split(".")
    by_name = Experiment.model_validate({section: {name: VALUES[path]}})
    by_alias = Experiment.model_validate({section: {ALIASES[path]: VALUES[path]}})
    assert by_alias == by_name != Experiment()
    assert by_alias.hash == by_name.hash


def test_population_values_come_as_a_table_a_list_or_in_part() -> None:
    as_list = Experiment.model_validate({"network": {"sizes": [9, 55, 9, 7]}})
    as_table = Experiment.model_validate(
        {"network": {"sizes": dict(zip(POPULATIONS, [9, 55, 9, 7], strict=True))}}
    )
    assert as_list == as_table
    in_part = Experiment.model_validate({"network": {"sizes": {"CS": 9}}})
    assert in_part.network.sizes.in_order() == (9, 275, 46, 34)


@pytest.mark.parametrize(
    "target", ["", "network", "network.sizes", "dynamics", "stimulus.amplitude", "tuning"]
)
def test_nothing_can_be_changed(target: str) -> None:
    section: Any = Experiment()
    for name in filter(None, target.split(".")):
        section = getattr(section, name)
    for name in type(section).model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(section, name, getattr(section, name))


def test_naming_the_interval_selects_samples() -> None:
    assert Experiment().recording.rates == "period_means"
    assert Experiment.model_validate({"recording": {"every": 5}}).recording.rates == "every"
    both = Experiment.model_validate({"recording": {"every": 5, "rates": "none"}})
    assert both.recording.rates == "none"


@pytest.mark.parametrize(
    ("variant", "form", "resolved"),
    [
        ("corrected", "auto", "signed"),
        ("original", "auto", "absolute"),
        ("original", "signed", "signed"),
        ("corrected", "absolute", "absolute"),
    ],
)
def test_form_of_the_loss_follows_the_variant(variant: str, form: str, resolved: str) -> None:
    assert Experiment.model_validate({"variant": variant, "loss": {"form": form}}).loss_form == resolved


def test_steps_are_not_lost_to_rounding() -> None:
    dynamics = {"tau": 0.3, "dt": 0.1, "duration_tau": 1}
    experiment = Experiment.model_validate({"dynamics": dynamics, "plasticity": {"onset_step": 0}})
    assert experiment.steps == 3


def test_counts_derived_from_parameters() -> None:
    assert in_degree(0.16, 45) == 7
    assert in_degree(0.5, 5) == 2  # halves go to the even number
    assert window_length(2.7922382927606537, 0.01) == 642


def test_a_fault_found_by_pydantic_itself_is_readable() -> None:
    with pytest.raises(
        ValidationError, match=re.escape("dynamics.dt: got 5, allowed less than dynamics.tau = 0.1")
    ):
        Experiment.model_validate({"dynamics": {"dt": 5}})


def test_a_stored_experiment_stays_readable_where_a_check_is_stricter_today() -> None:
    data = {"tuning": {"space": {"seed": [1, 2], "stimulus.steady.CS": [0, 1]}, "objective": "gone"}}
    with pytest.raises(ConfigError):
        validate(data)
    stored = validate_stored(data)
    assert set(stored.tuning.space) == {"seed", "stimulus.steady.CS"}
    # A run does not depend on its search space.
    require_runnable(stored)
    with pytest.raises(ConfigError, match="dynamics"):
        require_runnable(validate_stored({"dynamics": {"dt": 0.5}}))
    with pytest.raises(ConfigError, match=r"^f.toml: sead: got an unknown key"):
        validate_stored({"sead": 1}, "f.toml")
