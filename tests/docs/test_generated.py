"""The pages that are made from the code say what the code says now."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from l5tui.config import parameters

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("command-line.md", "configuration.md", "database.md", "python.md")


def generate(*arguments: str, script: Path = DOCS / "generate.py", **environment: str) -> tuple[int, str]:
    """Exit code and standard error of the generator; it writes next to itself."""
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A copy of the generator, with fresh pages beside it."""
    shutil.copy(DOCS / "api_page.py", tmp_path)
    copy = Path(shutil.copy(DOCS / "generate.py", tmp_path))
    assert generate(script=copy) == (0, "")
    return copy


def test_pages_are_fresh() -> None:
    assert generate("--check") == (0, "")


def test_a_narrow_or_colourful_terminal_changes_nothing(script: Path) -> None:
    terminal = {"COLUMNS": "40", "TERMINAL_WIDTH": "40", "FORCE_COLOR": "1"}

    assert generate("--check", script=script, **terminal) == (0, "")


@pytest.mark.parametrize("stale", PAGES)
def test_check_names_a_stale_page_and_leaves_it(script: Path, stale: str) -> None:
    page = script.with_name(stale)
    page.write_text(page.read_text() + "One line more.\n")
    before = page.read_bytes()

    code, output = generate("--check", script=script)

    assert code == 1
    assert [line.split(" is stale")[0] for line in output.splitlines()] == [str(page)]
    assert page.read_bytes() == before


def test_missing_pages_are_stale_until_they_are_made(script: Path) -> None:
    fresh = [script.with_name(name).read_bytes() for name in PAGES]
    for name in PAGES:
        script.with_name(name).unlink()

    assert generate("--check", script=script)[0] == 1
    assert generate(script=script) == (0, "")
    assert [script.with_name(name).read_bytes() for name in PAGES] == fresh


def test_every_key_has_its_row_under_its_section() -> None:
    section, rows = "", []
    for line in (DOCS / "configuration.md").read_text().splitlines():
        if line.startswith("## "):
            section = "".join(re.findall(r"\[(.+)\]", line))
        elif match := re.match(r"\| `(\w+)` \|", line):
            rows.append(f"{section}.{match[1]}".lstrip("."))

    assert sorted(rows) == sorted(known.path for known in parameters())
