"""Edits that are not saved are kept as long as that is so, and found once their process is gone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from l5tui.runner.unsaved import UnsavedEdits
from l5tui.workspace import Workspace, create_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace."""
    return create_workspace(tmp_path / "w")


def leave(workspace: Workspace, file: str, name: str, text: str) -> None:
    """Let a process keep a text and end without a word."""
    code = (
        "import os, sys; from pathlib import Path; from l5tui.workspace import Workspace\n"
        "from l5tui.runner.unsaved import UnsavedEdits\n"
        "UnsavedEdits(Workspace(Path(sys.argv[1]))).keep(*sys.argv[2:]); os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", code, str(workspace.root), file, name, text], check=False)


def test_what_a_dead_process_kept_is_found_and_dropped(workspace: Workspace) -> None:
    leave(workspace, "default.toml", "default", 'name = "ä"\n')
    edits = UnsavedEdits(workspace)
    (left,) = edits.left_behind()
    assert (left.file, left.name, left.text) == ("default.toml", "default", 'name = "ä"\n')
    edits.drop(left.place)
    assert edits.left_behind() == []
    assert not (workspace.store / "unsaved").exists()


def test_what_a_living_process_keeps_is_its_own(workspace: Workspace) -> None:
    edits = UnsavedEdits(workspace)
    edits.keep("", "new", "seed = 1")
    assert UnsavedEdits(workspace).left_behind() == []
    edits.forget()
    assert not (workspace.store / "unsaved").exists()


def test_a_damaged_file_and_another_machine_s_are_left_alone(workspace: Workspace) -> None:
    folder = workspace.store / "unsaved"
    folder.mkdir()
    (folder / "1.json").write_text("[")
    (folder / "2.json").write_text("{}")
    other = {"file": "", "name": "x", "text": "", "host": "elsewhere", "pid": 1, "started": None}
    (folder / "3.json").write_text(json.dumps(other))
    assert UnsavedEdits(workspace).left_behind() == []
    assert len(list(folder.iterdir())) == 3
