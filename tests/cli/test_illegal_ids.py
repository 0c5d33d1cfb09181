"""An id becomes a path only where it is one: rows from elsewhere lead no command out of the workspace."""

from __future__ import annotations

import ast
import hashlib
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import l5tui
from l5tui.errors import IllegalIdError
from l5tui.store.id_paths import file_name
from l5tui.store.labels import Labels, load_labels, remove_labels, save_labels
from l5tui.store.studies import Studies
from l5tui.store.study_records import NewStudy, StudyStatus
from l5tui.workspace import Workspace
from tests.cli.conftest import CommandLine
from tests.runner.running import tracked_run as run
from tests.workspaces import TINY, copy_of

PACKAGE = Path(l5tui.__file__).parent

HOSTILE = ["../../../../outside/victim", "*", "[0-9]*", "a/b", "/absolute", "99999999-999999-zzzzzz", "0"]

RUN_COMMANDS = [
    ("delete", "-y"),
    ("figures", "--out", "out"),
    ("export", "--to", "out"),
    ("rerun",),
    ("rerun", "--verify"),
    ("fork", "--out", "out.toml"),
    ("show",),
    ("compare", "--out", "out"),
    ("note",),
    ("tag",),
]

STUDY_COMMANDS = [("tune", "--resume"), ("tune", "--best"), ("infer", "--resume"), ("show",)]


def plant(workspace: Workspace, row_id: str) -> str:
    """Give a run's row, and a study's, an id that is none; returns the id that the run had."""
    study = NewStudy("s", "random", "loss", False, 1, 1, "0" * 64, {}, TINY, "host", 1, None)
    studies = Studies.open(workspace)
    studies.end(studies.start(study).id, StudyStatus.COMPLETED)
    with closing(sqlite3.connect(workspace.catalog)) as connection, connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        (own,) = connection.execute("SELECT id FROM run").fetchone()
        connection.execute("UPDATE run SET id = ?, file = ?", (row_id, f"store/runs/{row_id}.nc"))
        connection.execute("UPDATE study SET id = ?", (row_id,))
        for table in ("run_tag", "selectivity", "weight", "summary", "loss_term"):
            connection.execute(f"UPDATE {table} SET run_id = ?", (row_id,))
    return str(own)


@pytest.fixture(scope="module")
def with_run(original: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with a run, to copy."""
    made = copy_of(original, tmp_path_factory.mktemp("ids") / "workspace")
    run(made)
    return made


@pytest.fixture
def place(with_run: Workspace, tmp_path: Path) -> Workspace:
    """A workspace four folders below one that has victims."""
    root = tmp_path / "deep" / "workspace"
    shutil.copytree(with_run.root, root)
    victims = tmp_path / "outside"
    victims.mkdir()
    for name in ("victim.nc", "victim-notes.txt", "victim.json"):
        (victims / name).write_text("precious")
    (root / "store" / "figures").mkdir()
    (root / "store" / "figures" / "anything-rates.png").write_text("drawn")
    return Workspace(root)


@pytest.mark.parametrize("row_id", HOSTILE)
def test_no_command_follows_an_illegal_id(
    cli: CommandLine, place: Workspace, row_id: str, tmp_path: Path
) -> None:
    own = plant(place, row_id)
    before = _files(tmp_path)
    for name, *options in RUN_COMMANDS:
        more = {"compare": [own], "note": ["noted"], "tag": ["new"]}.get(name, [])
        _refused(cli(name, *options, "--workspace", str(place.root), "--", row_id, *more, code=None), name)
    for name, *options in STUDY_COMMANDS:
        _refused(cli(name, *options, row_id, "--workspace", str(place.root), code=None), name)
    assert _files(tmp_path) == before
    for listing in ("runs", "studies"):
        assert "is not the id of a run or study" in cli(listing, "--workspace", str(place.root)).output
    assert cli("runs", "status:damaged", "--workspace", str(place.root)).output.count("damaged") >= 1


@pytest.mark.parametrize("row_id", ["old-run-1", "zzzz", "99999999-999999-zzzzzz", "99991231-235959-zzzzzz"])
def test_rows_of_other_ids_do_not_stop_further_runs(place: Workspace, row_id: str) -> None:
    plant(place, row_id)
    assert run(place).record.status == "completed"
    assert run(place).record.status == "completed"


@pytest.mark.parametrize("run_id", [*HOSTILE, "", "-", "20260301-120005-yghz00\n", "20260301-120005-yghz00/"])
def test_what_is_no_id_becomes_no_name_of_a_file(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(IllegalIdError):
        file_name(run_id, ".nc")
    workspace = Workspace(tmp_path)
    with pytest.raises(IllegalIdError):
        save_labels(workspace, run_id, Labels("", ()))
    with pytest.raises(IllegalIdError):
        load_labels(workspace, run_id)
    with pytest.raises(IllegalIdError):
        remove_labels(workspace, run_id)
    assert list(tmp_path.iterdir()) == []


ENDING = re.compile(r"[-\w.]*(\.(nc|json|png|toml|csv|part|lock)|\*)")
"""How the names of files and patterns of them end."""

IDS = {"id", "_id", "run_id", "_run_id", "study_id", "_study_id"}


def test_ids_become_paths_in_one_module_only() -> None:
    found = {
        f"{module.relative_to(PACKAGE)}:{line}"
        for module in PACKAGE.rglob("*.py")
        if module.name != "id_paths.py"
        for line in _ids_in_paths(ast.parse(module.read_text(encoding="utf-8")))
    }
    assert found == set()


def test_the_search_for_ids_in_paths_finds_them() -> None:
    for code in (
        'folder / f"{record.id}.nc"',
        "folder / run_id",
        'folder.glob(f"{self._run_id}-*")',
        'folder.glob(run_id + "-*")',
        'path.with_name(f"{study_id}.json")',
        'write_files(folder, {f"{study_id}-pairs.png": b""})',
        "folder.joinpath(str(run.id))",
        'LOCKS.replace("*", study.id)',
    ):
        assert list(_ids_in_paths(ast.parse(code))), code
    assert not list(_ids_in_paths(ast.parse('print(f"run {run.id}"); run_file(workspace, run.id) / 2')))


def _ids_in_paths(tree: ast.AST) -> Iterator[int]:
    """Lines where an id is joined to a path, is part of a pattern of paths, or of the name of a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _names_an_id(node.right):
            yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_path = node.func.attr in ("glob", "rglob", "with_name", "joinpath", "with_stem", "replace")
            if is_path and any(map(_names_an_id, node.args)):
                yield node.lineno
        elif isinstance(node, ast.JoinedStr) and _names_an_id(node):
            last = node.values[-1]
            if isinstance(last, ast.Constant) and ENDING.fullmatch(str(last.value)):
                yield node.lineno


def _names_an_id(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id == "str"):
        return False
    if isinstance(node, ast.Name):
        return node.id in IDS
    if isinstance(node, ast.Attribute):
        return node.attr in IDS
    return any(_names_an_id(each) for each in ast.iter_child_nodes(node))


def _refused(result: object, name: str) -> None:
    output, code = getattr(result, "output", ""), getattr(result, "exit_code", None)
    assert code in (1, 2), (name, output)
    assert len(output.strip().splitlines()) == 1, (name, output)


def _files(folder: Path) -> dict[str, str]:
    """Digest of every file that is not SQLite's or a log."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".sqlite-shm", ".sqlite-wal", ".log", ".lock")
    }
