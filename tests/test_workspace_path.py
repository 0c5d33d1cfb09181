"""A workspace is not made where MLflow cannot keep its database, and doctor promises nothing there."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from l5tui.errors import WorkspaceError
from l5tui.runner.doctor import examine
from l5tui.workspace import FOLDERS, VARIABLE, Workspace, create_workspace, find_workspace, unusable_path


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a%41b", "a path with '%41' in it"),
        ("what?", "a path with '?' in it"),
        (os.fsdecode(b"caf\xe9"), "a path with bytes that are not UTF-8 in it"),
        ("one\\two", "a path with '\\\\' in it"),
    ],
)
def test_init_refuses_a_path_that_cannot_be_used(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(WorkspaceError, match="cannot create a workspace here") as refused:
        create_workspace(tmp_path / name)
    assert why in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["100%", "a b", "a#b", "ü", "a&b=c", "50%off"])
def test_other_odd_paths_are_fine(tmp_path: Path, name: str) -> None:
    assert unusable_path(tmp_path / name) is None


@pytest.mark.parametrize(
    ("name", "what"), [("one\\two", "'\\\\'"), (os.fsdecode(b"caf\xe9"), "bytes that are not UTF-8")]
)
def test_a_workspace_in_which_no_run_can_be_stored_is_refused_before_anything_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, what: str
) -> None:
    for folder in FOLDERS:
        (tmp_path / name / folder).mkdir(parents=True)
    monkeypatch.delenv(VARIABLE, raising=False)
    message = re.escape(f": NetCDF cannot write below a path with {what} in it; rename the folder")
    with pytest.raises(WorkspaceError, match=message):
        find_workspace(tmp_path / name)
    (tmp_path / name / "below").mkdir()
    monkeypatch.chdir(tmp_path / name / "below")
    with pytest.raises(WorkspaceError, match=message):
        find_workspace()
    monkeypatch.setenv(VARIABLE, str(tmp_path / name))
    with pytest.raises(WorkspaceError, match=message):
        find_workspace()


def test_doctor_names_the_folder_and_promises_no_repair_there(original: Workspace, tmp_path: Path) -> None:
    shutil.copytree(original.root, tmp_path / "a%41b")
    (found,) = (
        each for each in examine(Workspace(tmp_path / "a%41b")).findings if "MLflow" in each.as_line()
    )
    assert (str(found.kind), found.is_mendable) == ("folder", False)
    assert found.remedy.startswith("rename the folder")
