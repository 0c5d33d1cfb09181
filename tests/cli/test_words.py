"""The command line's words, their help, and how a workspace is made and found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.core import TyperCommand
from typer.testing import CliRunner

import l5tui as package
from l5tui.cli.commands import app
from l5tui.cli.lazy_group import LazyCommands, summary
from l5tui.workspace import VARIABLE, Workspace, ready_experiments
from tests.cli.conftest import CommandLine
from tests.cli.processes import clean_environment, l5tui
from tests.workspaces import snapshot

WORDS = (
    *("run", "check", "runs", "show", "figures", "compare", "compare-rules", "rerun", "fork", "export"),
    *("tag", "note", "delete", "tune", "sweep", "studies", "mlflow", "init"),
)
HEAVY = ("mlflow", "matplotlib", "xarray", "scipy", "numba", "pandas", "numpy", "sqlalchemy", "textual")

START = f"""
import sys
from l5tui.cli.main import main
sys.argv[0] = "l5tui"
try:
    main()
finally:
    print(*sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)
"""


def invoke(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    result = CliRunner().invoke(app, list(arguments), prog_name="l5tui")
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("word", ["", *WORDS])
def test_every_help_fits_and_has_an_example(word: str) -> None:
    for option in ("--help", "-h"):
        code, output, errors = invoke(*word.split(), option)
        assert (code, errors) == (0, "")
        assert f"Example: l5tui {word}" in output
        assert max(map(len, output.splitlines())) <= 80
    if not word:
        assert all(f"\n  {each} " in output for each in WORDS)


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (("--help",), []),
        (("--version",), []),
        (("check", "experiments/faulty.toml"), []),
        # It samples the first circuit of a valid experiment.
        (("check", "experiments/tiny.toml"), ["numpy"]),
    ],
)
def test_the_start_imports_nothing_heavy(
    workspace: Workspace, arguments: tuple[str, ...], needed: list[str]
) -> None:
    (workspace.experiments / "faulty.toml").write_text("seed = -1\n")
    done = subprocess.run(
        [sys.executable, "-c", START, *arguments],
        cwd=workspace.root,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (2 if "experiments/faulty.toml" in arguments else 0)
    assert done.stderr.splitlines()[-1].split() == needed


def test_the_help_has_the_summaries_of_the_commands_themselves() -> None:
    commands = LazyCommands()
    assert {*WORDS} <= {*commands}
    for name, command in commands.items():
        assert TyperCommand(name, help=summary(name)).get_short_help_str(500) == command.get_short_help_str(
            500
        )
        assert command.name == name


def test_version() -> None:
    assert invoke("--version") == (0, f"l5tui {package.__version__}\n", "")


def test_alone_it_opens_the_app_which_needs_a_terminal() -> None:
    code, output, errors = invoke()
    assert (code, output) == (2, "")
    assert "the app needs a terminal" in errors
    assert "--help" in errors


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("--frobnicate",),
        ("run",),
        ("run", "--headless"),
        ("run", "--headless", "a.toml", "b.toml"),
        ("run", "--headless", "a.toml", "--seed", "one"),
        ("runs", "--limit", "0"),
        ("runs", "--status", "done"),
        ("runs", "--rule", "hebb"),
        ("show",),
        ("mlflow", "--port", "0"),
        ("mlflow", "--port", "65536"),
        ("init",),
    ],
)
def test_wrong_words_end_with_code_2(arguments: tuple[str, ...]) -> None:
    code, output, errors = invoke(*arguments)
    assert (code, output) == (2, "")
    assert "Error: " in errors
    assert "Traceback" not in errors


def test_init_makes_a_workspace_with_the_ready_experiments(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "my study"
    code, output, errors = invoke("init", str(folder))
    ready = sorted(path.name for path in ready_experiments().glob("*.toml"))
    assert (code, output, errors) == (0, f"{folder}: a workspace with {len(ready)} experiments\n", "")
    assert sorted(path.name for path in (folder / "experiments").iterdir()) == ready
    assert sorted(path.name for path in folder.iterdir()) == ["experiments", "mlruns", "store"]
    for name in ready:
        assert invoke("check", str(folder / "experiments" / name))[0] == 0


def test_init_leaves_alone_what_is_there(tmp_path: Path) -> None:
    assert invoke("init", "w")[0] == 0
    (tmp_path / "w" / "experiments" / "default.toml").write_text("seed = 1")
    (tmp_path / "w" / "store" / "note").write_text("mine")
    before = snapshot(tmp_path)
    assert invoke("init", "w")[0] == 0
    assert snapshot(tmp_path) == before


def test_init_says_where_it_cannot(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in ("file", "file/below"):
        code, output, errors = invoke("init", name)
        assert (code, output) == (2, "")
        (line,) = errors.splitlines()
        assert line.startswith(f"{name}: cannot create a workspace here: ")


def test_the_workspace_is_named_by_option_then_variable_then_folder(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("run", "--headless", "experiments/tiny.toml", "--quiet")
    (tmp_path / "empty").mkdir()
    for name in ("option", "variable"):
        assert invoke("init", str(tmp_path / name))[0] == 0

    def is_empty(*arguments: str) -> bool:
        code, output, _ = invoke("runs", *arguments)
        assert code == 0
        return output == ""

    deep = cli.workspace.store / "runs"
    monkeypatch.chdir(deep)
    assert not is_empty()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "variable"))
    assert is_empty()
    assert not is_empty("--workspace", str(cli.workspace.root))
    monkeypatch.delenv(VARIABLE)
    assert is_empty("--workspace", str(tmp_path / "option"))


@pytest.mark.parametrize(
    "arguments",
    [("runs",), ("show", "last"), ("run", "--headless", "tiny.toml"), ("mlflow",)],
    ids=lambda arguments: str(arguments[0]),
)
def test_without_a_workspace_it_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "tiny.toml").write_text("seed = 1")
    before = snapshot(tmp_path)
    for more, begins in (((), str(tmp_path)), (("--workspace", "no\nwhere"), "no\\nwhere: not a workspace")):
        code, output, errors = invoke(*arguments, *more)
        assert (code, output) == (2, "")
        (line,) = errors.splitlines()
        assert line.startswith(begins)
        assert "l5tui init" in line
    monkeypatch.setenv(VARIABLE, "elsewhere")
    assert invoke(*arguments)[2].startswith("elsewhere: not a workspace")
    assert snapshot(tmp_path) == before


def test_a_closed_pipe_is_no_error(cli: CommandLine) -> None:
    cli("run", "--headless", "experiments/tiny.toml", "--quiet")
    done = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' -m l5tui show last --json | head -1"],
        cwd=cli.workspace.root,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_a_terminal_without_unicode_gets_question_marks(cli: CommandLine) -> None:
    cli("run", "--headless", "experiments/tiny.toml", "--quiet", "--name", "Bühne")
    done = l5tui("show", "last", folder=cli.workspace.root, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "(B?hne) completed" in done.stdout
