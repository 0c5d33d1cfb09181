"""What is drawn, shown or compared from a file that was altered or swapped says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import netCDF4
import pytest

import l5tui
from l5tui.runner.alteration import alteration
from l5tui.store.catalog import Catalog
from l5tui.workspace import Workspace
from tests.cli.conftest import CommandLine
from tests.runner.running import run


@pytest.mark.parametrize("swapped", [False, True])
def test_it_is_said_wherever_the_file_is_used(
    cli: CommandLine, workspace: Workspace, tmp_path: Path, swapped: bool
) -> None:
    first, second = (run(workspace).record for _ in range(2))
    path = workspace.runs / f"{first.id}.nc"
    commands = (
        ["show", first.id],
        ["figures", first.id, "--which", "tuning", "--out", str(tmp_path / "figures")],
        ["compare", first.id, second.id],
        ["rerun", first.id, "--verify"],
    )
    caveat = f"its file store/runs/{first.id}.nc is not what the run wrote"
    for command in commands[:3]:
        assert caveat not in " ".join(cli(*command).output.split())
    if swapped:
        shutil.copyfile(workspace.runs / f"{second.id}.nc", path)
    else:
        with netCDF4.Dataset(path, "a") as file:
            file["final_weights"][:] = 0
    for command in commands:
        done = cli(*command, code=None)
        assert caveat in " ".join(done.output.split()), (command, done.output)
    assert caveat in json.loads(cli("show", first.id, "--json").output)["caveats"][0]
    with pytest.warns(UserWarning, match="is not what the run wrote"):
        l5tui.open_run(first.id, workspace=workspace.root).figure("tuning")


def test_a_large_file_of_its_run_s_time_is_believed_where_it_is_only_shown(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    from l5tui.runner import alteration as module

    record = run(workspace).record
    path = workspace.runs / f"{record.id}.nc"
    with path.open("ab") as file:
        file.write(b"x")
    monkeypatch.setattr(module, "ALWAYS_BYTES", 10)
    assert alteration(record, workspace, quick=True) is None
    assert alteration(record, workspace) is not None
    os.utime(path, (0, 0))
    assert alteration(Catalog.open(workspace).find(record.id), workspace, quick=True) is not None
