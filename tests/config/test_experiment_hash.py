"""The hash is the identity of a run: what does not change numbers does not change it, all else does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from l5tui.config import Experiment, Parameter, parameters
from l5tui.config.identity import FORMAT, WITHOUT_EFFECT, canonical_json, experiment_hash
from l5tui.config.validation import validate

OTHERS: dict[str, Any] = {
    "network.connection_probability": [[0.1] * 4] * 4,
    "network.target_weights": [[0.0] * 4] * 4,
    "stimulus.directions": [45.0, 135.0, 225.0, 315.0],
    "plasticity.threshold_floor": 1e-6,
    "stimulus.temporal_frequency_hz": 4.2,
    "loss.form": "absolute",
    "tuning.objective": "loss/rmse",
    "targets": {"after/DS.CS": {"value": 0.5, "uncertainty": 0.1, "source": "a paper"}},
    "tuning.space": {"network.gamma": [1.0, 2.0]},
    "name": "other",
    "notes": "other",
    "tags": ["other"],
}


def another_value(known: Parameter) -> Any:
    if known.path in OTHERS:
        return OTHERS[known.path]
    if known.choices:
        return next(choice for choice in known.choices if choice != known.default)
    if isinstance(known.default, bool):
        return not known.default
    return known.default + 1 if isinstance(known.default, int) else known.default * 0.9


def changed(known: Parameter) -> Experiment:
    data: dict[str, Any] = {}
    inner = data
    *sections, key = known.path.split(".")
    for section in sections:
        inner = inner.setdefault(section, {})
    inner[key] = another_value(known)
    return validate(data)


def has_effect(known: Parameter) -> bool:
    """Whether a run's numbers depend on a parameter; none of the search does."""
    # Milliseconds count only beside a frequency in Hz, which tests/config/test_temporal_frequency.py covers.
    without = {*WITHOUT_EFFECT, "dynamics.tau_ms"}
    return known.path not in without and not known.path.startswith("tuning.")


@pytest.mark.parametrize("known", parameters(), ids=lambda known: known.path)
def test_every_parameter_with_an_effect_changes_the_hash(known: Parameter) -> None:
    experiment = changed(known)
    assert experiment != Experiment()
    assert (experiment.hash == Experiment().hash) is not has_effect(known)


def test_hashes_of_different_experiments_differ_from_each_other() -> None:
    effective = [known for known in parameters() if has_effect(known)]
    hashes = {changed(known).hash for known in effective}
    assert len(hashes) == len(effective) > 40


def test_comments_order_names_and_spelling_do_not_count(tmp_path: Path) -> None:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text("seed = 3\n[dynamics]\ndt = 0.02\ntau = 0.5\n[network]\nsizes = [9, 55, 9, 7]\n")
    two.write_text(
        '# Remarks.\nname = "x"\nnotes = "y"\nnetwork.N = {SST = 7, CS = 9, CC = 55, PV = 9}\n'
        "dynamics = {tau = 5e-1, delta_t = 0.020}  # more remarks\nseed = 0x3\n"
    )
    first, second = Experiment.load(one), Experiment.load(two)
    assert first != second
    assert first.hash == second.hash != Experiment().hash


def test_what_is_resolved_counts_not_how_it_is_said() -> None:
    assert validate({"loss": {"form": "signed"}}).hash == Experiment().hash
    assert validate({"stimulus": {"spatial_phase": 1}}).hash == Experiment().hash
    zero, negative_zero = ({"stimulus": {"spatial_phase": value}} for value in (0.0, -0.0))
    assert validate(zero).hash == validate(negative_zero).hash


def test_the_format_is_part_of_the_hash() -> None:
    assert f'"format":"{FORMAT}"' in canonical_json(Experiment())
    assert Experiment().hash == experiment_hash(Experiment())
    assert len(Experiment().hash) == 64


def test_the_default_keeps_its_identity() -> None:
    # Runs that are stored already are found by this hash: change it only together with the format's version.
    assert Experiment().hash.startswith("a5feac802885ae05")
