"""Completions of the shell, requested as a shell requests them."""

from __future__ import annotations

from pathlib import Path

import pytest

from l5tui.cli.main import COMPLETION
from tests.cli.conftest import CommandLine
from tests.cli.processes import Preloaded
from tests.workspaces import rows


def offered(preloaded: Preloaded, folder: Path, words: str, shell: str = "bash") -> list[str]:
    """What is offered after some words, the last of which may be unfinished; it is empty after a blank."""
    request = {
        COMPLETION: f"complete_{shell}",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    running = preloaded.start(folder=folder, environment=request)
    assert running.wait() == 0, running.stderr
    return running.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("l5tui comp", ["compare", "compare-rules"]),
        ("l5tui runs --ru", ["--rule"]),
        ("l5tui runs --rule s", ["sliding_bcm"]),
        ("l5tui compare-rules --rules bcm,o", ["bcm,oja"]),
        ("l5tui figures last --which tuning,stab", ["tuning,stability"]),
        ("l5tui run --set plasticity.tau", ["plasticity.tau_learn=", "plasticity.tau_threshold="]),
        ("l5tui run --set plasticity.rule=o", ["plasticity.rule=oja"]),
        ("l5tui show l", ["last"]),
    ],
)
def test_what_is_offered(preloaded: Preloaded, tmp_path: Path, words: str, expected: list[str]) -> None:
    assert offered(preloaded, tmp_path, words) == expected


def test_runs_of_the_workspace_are_offered(cli: CommandLine, preloaded: Preloaded) -> None:
    cli("run", "--headless", "experiments/tiny.toml", "--quiet")
    (run,) = (row["id"] for row in rows(cli.workspace))

    assert offered(preloaded, cli.workspace.root, "l5tui show ") == ["last", run]
    assert offered(preloaded, cli.workspace.root, f"l5tui rerun {run[:10]}") == [run]


def test_the_script_for_a_shell_is_printed(preloaded: Preloaded, tmp_path: Path) -> None:
    running = preloaded.start("--show-completion", "bash", folder=tmp_path)

    assert running.wait() == 0
    assert f"{COMPLETION}=complete_bash" in running.stdout
