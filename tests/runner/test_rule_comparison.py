"""One experiment under several rules, in one group."""

from __future__ import annotations

import shutil
import threading

import numpy as np
import pytest

from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate
from l5tui.errors import ConfigError, StoreError, UnknownRunError
from l5tui.runner.events import Event, Progress, RunStarted
from l5tui.runner.forecast import forecast
from l5tui.runner.history import list_runs
from l5tui.runner.rule_comparison import RuleComparison, compare_rules, stored_rule_comparison
from l5tui.store.file_comparison import first_difference
from l5tui.store.netcdf import open_run
from l5tui.store.records import RunStatus
from l5tui.workspace import Workspace
from tests.runner.running import in_mlflow, run
from tests.workspaces import ENDLESS, TINY, assert_truthful

SAME = ("initial_weights", "initial_rates", "positions", "stimulus", "rates_before")
LONG = TINY.replace("duration_tau = 30.0", "duration_tau = 1500.0")


def compared(workspace: Workspace, *rules: str, text: str = TINY) -> RuleComparison:
    return compare_rules(text, workspace, rules=rules)


def test_all_rules_see_the_same_circuits_and_stimuli(workspace: Workspace) -> None:
    seen: list[Event] = []
    comparison = compare_rules(TINY, workspace, observe=seen.append)
    assert [record.rule for record in comparison.records] == [
        "none",
        "bcm",
        "sliding_bcm",
        "oja",
        "covariance",
    ]
    assert {record.status for record in comparison.records} == {RunStatus.COMPLETED}
    assert list_runs(workspace, group=comparison.group_id) == sorted(
        comparison.records, key=lambda record: record.id, reverse=True
    )
    datasets = [open_run(workspace.root / str(record.file)) for record in comparison.records]
    for dataset in datasets[1:]:
        for name in SAME:
            assert np.array_equal(dataset[name], datasets[0][name]), name
        assert not np.array_equal(dataset["rates_after"], datasets[0]["rates_after"])
    assert_truthful(workspace)
    tagged = in_mlflow(workspace)
    assert {tagged[record.id].data.tags["l5tui.group"] for record in comparison.records} == {
        comparison.group_id
    }
    progress = [event for event in seen if isinstance(event, Progress)]
    assert (progress[-1].done, progress[-1].realizations, progress[-1].fraction) == (10, 10, 1.0)
    assert [event.steps for event in progress] == sorted(event.steps for event in progress)


@pytest.mark.slow
def test_running_beside_another_rule_changes_no_bit(workspace: Workspace) -> None:
    comparison = compared(workspace, "oja", "bcm")
    for record in comparison.records:
        alone = run(workspace, TINY.replace("onset_step = 120", f'onset_step = 120\nrule = "{record.rule}"'))
        files = (workspace.root / str(each.file) for each in (record, alone.record))
        assert first_difference(*files)[1] is None
        assert alone.record.hash == record.hash
        assert alone.record.group_id is None


def test_effects_are_paired_by_realization(workspace: Workspace) -> None:
    comparison = compared(workspace, "oja")
    none, oja = (
        open_run(workspace.root / str(record.file))["selectivity_by_realization"]
        for record in comparison.records
    )
    changes = [each.sel(condition="after") - each.sel(condition="before") for each in (none, oja)]
    for effect in comparison.effects:
        where = {"measure": effect.measure, "population": effect.population}
        if effect.rule == "oja":
            paired = (changes[1] - changes[0]).sel(where).values
            assert effect.effect == pytest.approx(paired.mean(), abs=1e-15)
            # Two realizations are too few for an interval.
            assert np.isnan([effect.low, effect.high, effect.p_holm]).all()
    again = stored_rule_comparison(workspace, comparison.group_id)
    assert again.as_dict() == comparison.as_dict()
    assert comparison.rows()[0][:3] == ["rule", "measure", "population"]
    assert comparison.rows()[0][-4:] == ["realizations", "effect_size", "p", "p_holm"]
    assert len(comparison.rows()) == 1 + 2 * 3 * 4


def test_a_stop_keeps_what_is_complete(workspace: Workspace) -> None:
    begun: list[str] = []

    def observe(event: Event) -> None:
        if isinstance(event, RunStarted):
            begun.append(event.run_id)

    comparison = compare_rules(LONG, workspace, observe=observe, cancelled=lambda: len(begun) > 2)
    statuses = [record.status for record in comparison.records]
    assert statuses.count(RunStatus.COMPLETED) >= 1
    assert RunStatus.CANCELLED in statuses
    assert len(comparison.records) == len(begun) < 5
    complete = {record.rule for record in comparison.records if record.status is RunStatus.COMPLETED}
    if "none" in complete:
        assert {effect.rule for effect in comparison.effects} == complete
    assert_truthful(workspace)
    left = [each.name for each in threading.enumerate() if each.name.startswith(("rule", "realization"))]
    assert left == []


def test_without_its_control_nothing_is_compared(workspace: Workspace) -> None:
    stop = threading.Event()

    def observe(event: Event) -> None:
        if isinstance(event, Progress) and event.steps:
            stop.set()

    comparison = compare_rules(ENDLESS, workspace, observe=observe, cancelled=stop.is_set)
    assert {record.status for record in comparison.records} == {RunStatus.CANCELLED}
    assert comparison.effects == ()
    assert comparison.rows() == []
    assert_truthful(workspace)


def test_a_fault_under_any_rule_is_reported_before_anything_runs(workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match="nothing"):
        compare_rules(TINY + "\n[simulation.nothing]\n", workspace)
    assert list_runs(workspace) == []


def test_an_unknown_group_is_reported(workspace: Workspace) -> None:
    run(workspace)
    with pytest.raises(UnknownRunError, match="no runs of group 'rules-without-runs'"):
        stored_rule_comparison(workspace, "rules-without-runs")


def test_an_error_of_the_catalogue_stops_all(workspace: Workspace) -> None:
    workspace.catalog.mkdir()
    with pytest.raises(StoreError):
        compare_rules(TINY, workspace)
    assert not workspace.runs.exists()


def test_memory_is_checked_for_all_rules(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    one = forecast(validate(parse_toml(TINY))).disk
    monkeypatch.setattr("shutil.disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 0, 3 * one))
    assert compared(workspace, "oja").effects
    with pytest.raises(StoreError, match="of disk"):
        compare_rules(TINY, workspace)
    assert len(list_runs(workspace)) == 2
