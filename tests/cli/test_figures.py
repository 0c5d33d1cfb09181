"""``l5tui figures``: paths on standard output, faults in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine

RUN = ("run", "--headless", "experiments/tiny.toml", "--json")


@pytest.fixture
def run_id(cli: CommandLine) -> str:
    """A run of the tiny experiment."""
    found: str = json.loads(cli(*RUN).stdout)["run_id"]
    return found


@pytest.mark.slow
def test_all_nine_are_drawn_into_the_current_folder(cli: CommandLine, run_id: str) -> None:
    lines = cli("figures", run_id).stdout.splitlines()
    assert len(lines) == 9
    for line in lines:
        path = Path(line)
        assert path.parent == Path.cwd()
        assert path.name.startswith(f"{run_id}-")
        assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert not list(Path.cwd().glob("*.part"))


def test_some_are_drawn_where_and_how_they_are_wanted(cli: CommandLine, run_id: str) -> None:
    options = ("--which", "loss,tuning_polar", "--format", "svg", "--out", "my figures/new", "--json")
    paths = [Path(path) for path in json.loads(cli("figures", "last", *options).stdout)]
    folder = Path.cwd() / "my figures" / "new"
    assert paths == [folder / f"{run_id}-{name}.svg" for name in ("loss", "tuning_polar")]
    assert sorted(folder.iterdir()) == sorted(paths)
    assert all(">rule sliding_bcm" in path.read_text() for path in paths)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("last", "--which", "loss,pie"), "no figure 'pie'; there are selectivity, "),
        (("last", "--which", ""), "no figure ''; there are selectivity, "),
        (("last", "--which", "\x1b[31m"), "no figure '\\x1b[31m'; there are "),
        (("nonsense",), "nonsense"),
        (("last", "--which", "loss", "--out", "experiments/tiny.toml"), "cannot be written"),
    ],
)
def test_faults_are_one_line_and_exit_code_2(
    cli: CommandLine, run_id: str, arguments: tuple[str, ...], message: str
) -> None:
    printed = cli("figures", *arguments, code=2)
    assert printed.stdout == ""
    (line,) = printed.stderr.splitlines()
    assert message in line
    assert line.isprintable()


def test_a_format_that_there_is_not(cli: CommandLine, run_id: str) -> None:
    printed = cli("figures", "last", "--format", "gif", code=2)
    assert "png" in printed.stderr
    assert printed.stdout == ""
