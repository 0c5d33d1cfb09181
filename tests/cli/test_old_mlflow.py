"""A workspace whose MLflow database is of an earlier MLflow: it is opened, listed, compared, and its study resumed."""

from __future__ import annotations

import json
import shutil

import pytest

from l5tui.tracking.mlflow_database import EXPERIMENT_NAME, STUDIES_NAME, open_client
from l5tui.tracking.mlflow_schema import installed_revisions
from l5tui.tuning.events import StudyEvent
from l5tui.tuning.study import show_study
from l5tui.workspace import Workspace, create_workspace
from tests.cli.conftest import CommandLine
from tests.runner.running import run
from tests.tracking.test_old_databases import EARLIER, REVISIONS, backups, dump, revision_of, thaw
from tests.tuning.searches import search, study_toml
from tests.tuning.test_study import stop_after
from tests.workspaces import rows

TOML = study_toml(trials=3)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, str, float]]:
    """The trials of the study, not interrupted."""
    report = search(create_workspace(tmp_path_factory.mktemp("undisturbed")), TOML)
    return [(each.number, each.status, each.value) for each in report.trials]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with two runs and a stopped study that MLflow does not have yet."""
    workspace = create_workspace(tmp_path_factory.mktemp("before"))
    for _ in range(2):
        assert run(workspace).record.status == "completed"
    events: list[StudyEvent] = []
    stopped = search(workspace, TOML, events, requests=stop_after(1, events))
    assert stopped.record.status == "stopped"
    return workspace


@pytest.mark.slow
@pytest.mark.parametrize("version", REVISIONS)
def test_a_workspace_of_an_earlier_mlflow_is_used_and_its_study_resumed(
    cli: CommandLine,
    workspace: Workspace,
    before: Workspace,
    undisturbed: list[tuple[int, str, float]],
    version: str,
) -> None:
    for name in ("store", "mlruns"):
        shutil.rmtree(workspace.root / name)
        shutil.copytree(before.root / name, workspace.root / name)
    thaw(workspace, version)
    old = dump(workspace.mlflow_database)

    # Commands that only read leave the database as it is.
    runs = json.loads(cli("runs", "--json").stdout)
    assert [each["status"] for each in runs] == ["completed", "completed"]
    compared = json.loads(cli("compare", *(each["run_id"] for each in runs), "--json").stdout)
    assert compared["parameters"] == {}
    (study,) = json.loads(cli("studies", "--json").stdout)
    assert study["status"] == "stopped"
    assert dump(workspace.mlflow_database) == old

    verified = json.loads(cli("rerun", runs[1]["run_id"], "--verify", "--json").stdout)
    assert verified["same"]
    resumed = json.loads(cli("tune", "--resume", study["id"], "--json").stdout)
    assert (resumed["status"], resumed["warnings"]) == ("completed", [])
    report = show_study(workspace, study["id"])
    assert [(each.number, each.status, each.value) for each in report.trials] == undisturbed

    assert revision_of(workspace.mlflow_database) == installed_revisions().head
    assert backups(workspace) == [f"mlflow.db.{REVISIONS[version]}.bak"]
    assert dump(workspace.mlruns / backups(workspace)[0]) == old
    with open_client(workspace) as client:
        assert client.get_run(EARLIER).info.run_name == "earlier"
        ids = {}
        for name in (EXPERIMENT_NAME, STUDIES_NAME):
            experiment = client.get_experiment_by_name(name)
            assert experiment is not None
            found = client.search_runs([experiment.experiment_id])
            ids[name] = {each.info.run_id for each in found}
    # This process is alive, and has its own runs still to record.
    assert ids[EXPERIMENT_NAME] == {EARLIER, rows(workspace)[-1]["mlflow_run"]}
    assert {report.record.mlflow_run, *(each.mlflow_run for each in report.trials)} == ids[STUDIES_NAME]
    examined = json.loads(cli("doctor", "--json", code=None).stdout)
    assert "mlflow-older" not in {each["kind"] for each in examined["findings"]}
