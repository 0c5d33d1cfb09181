"""Rows of studies and trials are checked against themselves and MLflow; one that is damaged stops no other."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from l5tui.cli.commands import app
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate
from l5tui.errors import ConfigError, DamagedRowError
from l5tui.runner.doctor.file_reading import FileReader
from l5tui.runner.doctor.finding import Kind
from l5tui.store.studies import Studies
from l5tui.store.study_records import StudyStatus, TrialStatus
from l5tui.tracking.mlflow_database import open_client
from l5tui.tracking.study_recorder import open_study_runs
from l5tui.tuning.lifecycle import new_study
from l5tui.tuning.space import search_space
from l5tui.tuning.study import list_studies, resume_study, show_study
from l5tui.tuning.tracked import study_parameters, tracked_trial
from l5tui.workspace import Workspace
from tests.runner.doctor.examining import look, mend, sql
from tests.workspaces import TINY

SEARCH = """
[tuning]
method = "random"
trials = 4

[tuning.space]
"stimulus.amplitude.CS" = {low = 0.0, high = 20.0}
"plasticity.tau_learn" = {low = 100.0, high = 4000.0, log = true}
"plasticity.tau_threshold" = {low = 0.001, high = 1.0, times = "plasticity.tau_learn"}
"plasticity.rule" = ["bcm", "sliding_bcm"]
"plasticity.onset_step" = {low = 50, high = 150}
"""


def study(workspace: Workspace, *, track: bool = True) -> str:
    """A stopped study of four trials, three of which completed, as a search leaves it; returns its id."""
    toml = TINY + SEARCH
    experiment = validate(parse_toml(toml), use="search")
    space, tuning = search_space(experiment), experiment.tuning
    studies = Studies.open(workspace)
    row = new_study(
        experiment,
        toml,
        space,
        method=tuning.method,
        trials=4,
        objective=tuning.objective,
        maximize=tuning.maximize,
    )
    study_id = studies.start(row).id
    for number in range(4):
        studies.start_trial(study_id, number, space.point([0.1 + 0.2 * number] * len(space)))  # type: ignore[arg-type]
        loss = 1.5 + number / 7
        if number == 3:
            studies.end_trial(study_id, 3, TrialStatus.DIVERGED, seconds=0.5, error="all diverged")
        else:
            metrics = {"loss": loss, "after/DS.CS": 0.25, "summary/active": 0.5}
            studies.end_trial(
                study_id, number, TrialStatus.COMPLETED, value=loss, metrics=metrics, seconds=0.5
            )
    record = studies.end(study_id, StudyStatus.STOPPED, "stopped")
    if track:
        with open_client(workspace) as client:
            runs = open_study_runs(
                client,
                workspace,
                None,
                record.name,
                record.created,
                study_parameters(record, experiment),
                {"l5tui.study_id": study_id, "l5tui.hash": record.hash},
            )
            studies.note_mlflow(study_id, runs.parent)
            runs.log_files({"experiment.toml": toml.encode()})
            for trial in studies.trials(study_id):
                tracked = tracked_trial(trial, record, experiment, space, None)
                studies.note_mlflow(study_id, runs.record_trial(tracked), trial.number)
            assert record.ended is not None
            runs.close("KILLED", record.ended, {"l5tui.status": "stopped"})
    return study_id


def damage(workspace: Workspace, table: str, where: str, columns: Mapping[str, str]) -> None:
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        for name, value in columns.items():
            connection.execute(f"UPDATE {table} SET {name} = {value} WHERE {where}")


STUDY_GARBAGE = {
    "created": "'then'",
    "ended": "x'00'",
    "method": "'grid'",
    "objective": "'other'",
    "maximize": "1 - maximize",
    "seed": "'x'",
    "hash": "'0'",
    "space": "'{\"a\": 1}'",
    "versions": "'x'",
    "toml": "'not = ['",
}
TRIAL_GARBAGE = {
    "value": "'much'",
    "point": "'{}'",
    "metrics": "'[]'",
    "seconds": "'long'",
    "started": "'once'",
}


def test_altered_values_are_restored_from_mlflow(workspace: Workspace, reader: FileReader) -> None:
    study_id = study(workspace)
    before, studies = show_study(workspace, study_id), Studies.open(workspace)
    assert look(workspace, reader) == {}
    damage(workspace, "trial", "number = 1", {"value": "-1000.0"})
    damage(workspace, "trial", "number = 2", {"point": "(SELECT point FROM trial WHERE number = 0)"})
    damage(workspace, "trial", "number = 3", {"status": "'completed'", "value": "-2000"})
    damage(workspace, "study", "1", {"maximize": "1", "toml": "'name = \"x\"'"})
    found = look(workspace, reader)
    assert {each.subject.rpartition("/")[2]: each.columns for each in found[Kind.TRIAL_DISAGREES]} == {
        "1": ("value",),
        "2": ("point",),
        "3": ("value", "status"),
    }
    (finding,) = found[Kind.STUDY_DAMAGED]
    assert set(finding.columns) == {"maximize", "toml"}
    examined, said = mend(workspace, reader)
    assert examined.findings == (), said
    assert not any(line.startswith("not ") for line in said)
    assert studies.trials(study_id) == list(before.trials)
    assert studies.find(study_id) == before.record


def test_garbage_is_restored_as_far_as_mlflow_has_it(workspace: Workspace, reader: FileReader) -> None:
    study_id = study(workspace)
    before, studies = show_study(workspace, study_id), Studies.open(workspace)
    damage(workspace, "study", "1", STUDY_GARBAGE)
    damage(workspace, "trial", "number = 0", TRIAL_GARBAGE)
    examined, said = mend(workspace, reader)
    assert examined.findings == (), said
    lost = sorted(line.rpartition(": ")[0].rpartition(": ")[2] for line in said if line.startswith("not rec"))
    assert lost == ["created", "metrics", "started", "versions"]
    after = studies.find(study_id)
    lost_times = replace(before.record, created=after.created, ended=after.ended)
    assert after == replace(lost_times, versions=after.versions)
    first, *others = studies.trials(study_id)
    assert replace(first, started=before.trials[0].started) == before.trials[0]
    assert others == list(before.trials[1:])


def test_without_mlflow_it_is_said_what_is_lost(workspace: Workspace, reader: FileReader) -> None:
    study_id = study(workspace, track=False)
    before = show_study(workspace, study_id)
    damage(workspace, "trial", "number = 0", {"point": "'x'"})
    damage(workspace, "trial", "number = 1", {"value": "-7"})
    damage(workspace, "trial", "number = 2", {"seconds": "'x'"})
    _, said = mend(workspace, reader)
    lost = [line for line in said if line.startswith("not recovered")]
    assert [line.split(": ")[1].partition(" of ")[0] for line in lost] == ["trial 0", "trial 2"]
    after = Studies.open(workspace).trials(study_id)
    assert [trial.number for trial in after] == [1, 2, 3]
    assert after[0] == before.trials[1]


@pytest.mark.parametrize(
    "columns", [*({name: value} for name, value in STUDY_GARBAGE.items()), STUDY_GARBAGE], ids=len
)
def test_a_damaged_study_stops_no_listing_and_no_other(
    workspace: Workspace, columns: Mapping[str, str]
) -> None:
    damaged, whole = study(workspace, track=False), study(workspace, track=False)
    damage(workspace, "study", f"id = '{damaged}'", columns)
    damage(workspace, "trial", f"study_id = '{damaged}' AND number = 1", TRIAL_GARBAGE)
    assert [each.id for each in list_studies(workspace)] == [whole, damaged]
    show_study(workspace, damaged).as_json()
    place = ["--workspace", str(workspace.root)]
    for command in (["studies"], ["studies", "--json"], ["show", damaged], ["show", damaged, "--json"]):
        done = CliRunner().invoke(app, [*command, *place])
        assert done.exit_code == 0, (command, done.output)
    assert "damaged" in CliRunner().invoke(app, ["show", damaged, *place]).output
    with pytest.raises((DamagedRowError, ConfigError)):
        resume_study(damaged, workspace, track=False)
    record = Studies.open(workspace).resume(whole, 4, os.getpid(), None)
    assert len(Studies.open(workspace).trials(record.id)) == 4


def test_a_study_with_an_illegal_id_gets_a_legal_one(workspace: Workspace, reader: FileReader) -> None:
    study_id = study(workspace)
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("UPDATE study SET id = '../../x'")
        connection.execute("UPDATE trial SET study_id = '../../x'")
    assert Kind.STUDY_ILLEGAL in look(workspace, reader)
    examined, said = mend(workspace, reader)
    assert examined.findings == (), said
    assert len(Studies.open(workspace).trials(study_id)) == 4


def test_a_trial_that_says_another_value_in_json_is_found(workspace: Workspace, reader: FileReader) -> None:
    study(workspace)
    metrics = json.dumps({"loss": 0.0, "after/DS.CS": 0.25, "summary/active": 0.5})
    sql(workspace.catalog, f"UPDATE trial SET metrics = '{metrics}', value = 0.0 WHERE number = 0")
    (finding,) = look(workspace, reader)[Kind.TRIAL_DISAGREES]
    assert set(finding.columns) == {"value", "metrics"}
