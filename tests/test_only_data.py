"""What comes from files is data: nothing in l5tui unpickles it, or runs it as code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import l5tui

PACKAGE = Path(l5tui.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

UNPICKLING = {
    "pickle",
    "cPickle",
    "_pickle",
    "dill",
    "cloudpickle",
    "joblib",
    "shelve",
    "marshal",
    "jsonpickle",
}
"""Modules whose way of reading runs what it reads. What processes of our own send each other is not from files."""

EVALUATING = {"eval", "exec", "compile", "__import__", "execfile", "literal_eval"}
FORBIDDEN = {
    "os.system",
    "os.popen",
    "yaml.load",
    "yaml.unsafe_load",
    "pd.read_pickle",
    "np.loads",
    "pd.eval",
}

ENDING = ast.unparse(ast.parse('exec("")'))
"""The one exception, at the end of the command line; it has no text from anywhere."""


def faults_of(module: Path) -> Iterator[str]:
    """What unpickles, or runs text as code, in a file."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    yield from sorted(imported & UNPICKLING)
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called = ast.unparse(call.func)
        given = {word.arg: ast.unparse(word.value) for word in call.keywords}
        if (
            called in FORBIDDEN
            or (called in EVALUATING and ast.unparse(call) != ENDING)
            or given.get("allow_pickle", "False") != "False"
            or given.get("shell", "False") != "False"
        ):
            yield ast.unparse(call)


def test_nothing_is_unpickled_or_evaluated() -> None:
    faults = [f"{module}: {fault}" for module in MODULES for fault in faults_of(module)]

    assert len(MODULES) > 100
    assert not faults, "\n".join(faults)


def test_python_started_by_us_does_not_look_for_modules_in_the_current_folder() -> None:
    """A workspace of another user may contain a file with the name of a module."""
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.List | ast.Tuple)
                and node.elts
                and ast.unparse(node.elts[0]) == "sys.executable"
            ):
                assert ast.unparse(node.elts[1]) == "'-P'", f"{module}: {ast.unparse(node)}"


def test_mlflow_s_process_does_not_run_what_lies_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from l5tui.runner.beside import start_beside

    (tmp_path / "json.py").write_text("import pathlib; pathlib.Path('trap').touch(); raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    with start_beside("json.tool", "--help") as child:
        child.communicate()
    assert child.returncode == 0
    assert not (tmp_path / "trap").exists()
