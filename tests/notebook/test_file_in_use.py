"""A run's file can be read by l5tui while its user has it open in the same process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import l5tui
from l5tui.notebook.run import Run
from l5tui.workspace import Workspace
from tests.notebook.readers import NAMES

SCRIPT = Path(__file__).with_name("readers.py")


@pytest.fixture(scope="module")
def codes(place: Workspace, run: Run) -> dict[str, int]:
    """Exit codes of processes that each read the run's file in one way, with the user's handle of one kind."""
    factors = {"plasticity.rule": "oja", "recording.weights": "factors"}
    recorded = l5tui.run("tiny", factors, workspace=place, progress=False)
    ended = subprocess.run(
        [sys.executable, "-X", "faulthandler", SCRIPT, place.root, recorded.id, run.id],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=300,
    )
    found: dict[str, int] = json.loads(ended.stdout)
    return found


@pytest.mark.parametrize("reader", NAMES)
def test_reading_does_not_crash_while_the_user_has_the_file_open(codes: dict[str, int], reader: str) -> None:
    of_reader = {name: code for name, code in codes.items() if name.startswith(f"{reader} ")}
    assert of_reader
    assert of_reader == dict.fromkeys(of_reader, 0)
