"""Names, tags and notes of whatever kind do no harm on the command line, in files, and in MLflow."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from l5tui.runner.export_readme import readme
from l5tui.store.catalog import Catalog
from tests.cli.conftest import CommandLine
from tests.hostile import HOSTILE, hostile_toml
from tests.runner.running import in_mlflow


def test_they_are_kept_and_shown_harmlessly_everywhere(cli: CommandLine) -> None:
    place, name = cli.workspace, " ".join(HOSTILE)[:200]
    (place.experiments / "hostile.toml").write_text(hostile_toml(name))
    before = {path for path in place.root.parent.rglob("*") if not path.is_relative_to(place.root)}
    for arguments in (
        ("run", "--headless", "experiments/hostile.toml"),
        ("runs",),
        ("show", "last"),
        ("doctor",),
    ):
        printed = cli(*arguments)
        assert all(line.isprintable() for line in (printed.stdout + printed.stderr).split("\n"))
    kept = json.loads(cli("show", "last", "--json").stdout)
    assert kept["name"] == name
    assert kept["tags"] == [each[:100] for each in HOSTILE]
    assert kept["notes"].startswith("\n".join(HOSTILE))
    cells = list(csv.reader(io.StringIO(cli("export", "--table", "-").stdout, newline="")))
    assert len(cells) == 2
    assert not any(cell.startswith(("=", "@", "\t", "\r")) for cell in cells[1])
    (tracked,) = in_mlflow(place).values()
    assert tracked.info.run_name == name
    assert tracked.data.tags["mlflow.note.content"] == kept["notes"]
    assert {path for path in place.root.parent.rglob("*") if not path.is_relative_to(place.root)} == before
    markdown = readme(Catalog.open(place).find("last"))
    assert all(line.isprintable() for line in markdown.split("\n"))
    outside_code = [
        line for line in markdown.splitlines() if "<script" in line and not line.startswith("    ")
    ]
    assert all(line.count("`") % 2 == 0 for line in outside_code)
    assert [line for line in markdown.splitlines() if line.startswith("# ")] == [f"# Run {kept['run_id']}"]


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "a/b", "x\0y", "n" * 4000])
def test_a_name_that_is_a_path_or_too_long_makes_no_file(cli: CommandLine, name: str) -> None:
    code = 2 if len(name) > 200 else 0
    printed = cli("run", "--headless", "experiments/tiny.toml", "--name", name, "--quiet", code=code)
    assert len(printed.stderr) < 1000
    files = (
        {Path(path).name for path in cli.workspace.runs.glob("*")} if cli.workspace.runs.exists() else set()
    )
    assert len(files) == (code == 0)
