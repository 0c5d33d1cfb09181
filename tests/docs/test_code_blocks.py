"""Every code block of README.md and docs is run as it is written, or has a reason why not."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import tomlkit
import typer
from typer.testing import CliRunner

import l5tui
from l5tui.cli.commands import app
from l5tui.workspace import Workspace
from tests.docs.code_blocks import ROOT, Block, blocks
from tests.docs.test_guarantees import names_in
from tests.workspaces import copy_of

RULE_TESTS: Final = "tests/runner/test_package_rules.py"
TESTED: Final = {
    "docs/how-to/add-a-measure.md python": "tests/docs/test_how_to.py::test_the_measure_of_the_page_is_what_it_says",
    "docs/how-to/add-a-rule.md python": f"{RULE_TESTS}::test_the_pages_test_of_its_rule",
    "docs/how-to/add-a-rule.md sh": f"{RULE_TESTS}::test_the_command_line_names_it",
    "docs/how-to/add-a-rule.md toml": f"{RULE_TESTS}::test_a_rule_of_a_package_is_one_of_the_choices",
    "docs/results.md sql": "tests/docs/test_results_page.py::test_catalogue",
    "docs/tutorial.md console": "tests/docs/test_tutorial.py::test_every_command_prints_what_the_page_says",
    "docs/examples/": "tests/docs/test_examples.py::test_a_page_shows_its_script_and_its_figure",
}
"""Blocks that a test of their own runs, by the beginning of their name."""

MINUTES: Final = {
    "docs/original-and-corrected.md python 1": "ten simulations of the default experiment",
    "docs/how-to/read-results-in-a-notebook.md python 4": "runs and compares rules",
    "docs/how-to/read-results-in-a-notebook.md python 5": "a study of 150 trials",
}
"""Blocks of Python that take half a minute or more; the slow test runs them."""

NOT_RUN: Final = {
    "docs/inference.md python 1": "reads the posterior that the commands of the page make in minutes",
    "docs/cluster.md python 1": "needs SLURM and dask-jobqueue",
}

OTHER_COMMANDS: Final = ("make", ".", "pip", "dask", "#!/bin/sh", "set")
"""First words of lines, or of scripts, that are not commands of l5tui: setting up, and a cluster's own programs."""

CLUSTER: Final = "tcp://first:8786"
"""A scheduler that there is not; tests/tuning/test_cluster.py has one."""

LONG: Final = ("infer", "mlflow")
"""Commands that take minutes even if they are small, or do not end; they are parsed here and run in their own tests."""

PLACEHOLDERS: Final = {"STUDY": "last", "--trials 60": "--trials 6", "--trials 40": "--trials 6"}
"""What stands for an id, and numbers of trials, in the slow test."""


def is_tested(block: Block) -> bool:
    """Whether a test of its own runs a block."""
    return any(block.name.startswith(begin) for begin in TESTED)


def python_pages(*, with_slow: bool) -> dict[str, list[Block]]:
    """Blocks of Python by page: the fast ones, or, of pages that have slow ones, all."""
    pages: dict[str, list[Block]] = {}
    for block in blocks():
        if block.language == "python" and not is_tested(block) and block.name not in NOT_RUN:
            pages.setdefault(block.page, []).append(block)
    if with_slow:
        return {page: found for page, found in pages.items() if any(each.name in MINUTES for each in found)}
    fast = {page: [each for each in found if each.name not in MINUTES] for page, found in pages.items()}
    return {page: found for page, found in fast.items() if found}


def command_lines() -> list[tuple[str, str]]:
    """Each command of l5tui in the shell blocks, with its page; pipes and comments are left out."""
    found = []
    for block in blocks():
        if block.language == "sh" and not is_tested(block):
            script = block.text.startswith("#!")
            for line in block.text.splitlines():
                words = shlex.split(line.partition(" | ")[0], comments=True)
                if words and words[0] == "l5tui" and not script:
                    found.append((block.page, shlex.join(words[1:])))
    return found


@pytest.fixture(scope="module")
def place(original: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace whose experiments are small, with a run that has every weight."""
    made = copy_of(original, tmp_path_factory.mktemp("blocks") / "workspace")
    for path in sorted(made.experiments.glob("*.toml")):
        path.write_text(shrunk(path.read_text(encoding="utf-8")), encoding="utf-8")
    (made.experiments / "mine.toml").write_text((made.experiments / "quickstart.toml").read_text())
    recorded = {"recording.weights": "factors", "plasticity.rule": "oja", "tags": ["paper"]}
    l5tui.run("quickstart", recorded, workspace=made, progress=False)
    return made


def shrunk(text: str) -> str:
    """An experiment of 44 neurons and 1,000 steps, a search of 6 trials."""
    file = tomlkit.parse(text)
    small: dict[str, dict[str, object]] = {
        "network": {"sizes": [9, 22, 7, 6]},
        "dynamics": {"duration_tau": 100.0},
        "plasticity": {"onset_step": 300},
        "simulation": {"realizations": 2},
    }
    if "tuning" in file:
        small["tuning"] = {"trials": 6, "realizations": 1, "confirm": 0}
    for section, values in small.items():
        table = file.setdefault(section, tomlkit.table())
        for key, value in values.items():
            table[key] = value
    return tomlkit.dumps(file)


def run_pages(place: Workspace, pages: dict[str, list[Block]]) -> dict[str, str]:
    """Run blocks in a process of their own, in which a crash of a library is seen; return each page's fault."""
    run_id = l5tui.open_run("last", workspace=place).id if "<id>" in str(pages) else ""
    given = {page: [each.text.replace("<id>", run_id) for each in found] for page, found in pages.items()}
    ended = subprocess.run(
        [sys.executable, "-X", "faulthandler", ROOT / "tests" / "docs" / "code_blocks.py"],
        input=json.dumps(given),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=place.root,
        env=os.environ | {"MPLBACKEND": "Agg"},
    )
    faults: dict[str, str] = json.loads(ended.stdout)
    return {page: fault for page, fault in faults.items() if fault}


def test_every_block_has_its_place() -> None:
    names = [block.name for block in blocks()]
    for begin, test in TESTED.items():
        path, _, name = test.partition("::")
        assert name in names_in(ROOT / path), test
        assert any(each.startswith(begin) for each in names), begin
    assert set(names) >= {*MINUTES, *NOT_RUN}
    for block in blocks():
        if block.language == "sh" and not is_tested(block):
            begins = {line.split()[0] for line in block.text.splitlines() if line.strip()}
            assert begins <= {"l5tui", *OTHER_COMMANDS} or block.text.startswith("#!"), block.name
        elif block.language in ("console", "sql"):
            assert is_tested(block), block.name


def test_python_runs_as_written(place: Workspace) -> None:
    pages = python_pages(with_slow=False)
    assert {"README.md", "docs/results.md"} <= set(pages)
    assert run_pages(place, pages) == {}


@pytest.mark.slow
def test_python_that_takes_long_runs_as_written(place: Workspace) -> None:
    assert run_pages(place, python_pages(with_slow=True)) == {}


@pytest.mark.parametrize(
    "block", [each for each in blocks() if each.language == "toml"], ids=lambda each: each.name
)
def test_toml_is_an_experiment(block: Block, place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    if is_tested(block):
        return
    monkeypatch.chdir(place.root)
    Path("of-the-page.toml").write_text(block.text, encoding="utf-8")
    result = CliRunner().invoke(app, ["check", "of-the-page.toml"], prog_name="l5tui")
    assert result.exit_code == 0, result.output


def test_commands_have_these_options(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.root)
    group = typer.main.get_command(app)
    lines = command_lines()
    assert len(lines) > 15
    for page, line in lines:
        name, *arguments = shlex.split(line) or [""]
        if name:
            command = group.commands[name]  # type: ignore[attr-defined]
            assert command.make_context(name, arguments) is not None, (page, line)


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted({page for page, line in command_lines() if CLUSTER not in line}))
def test_commands_run_as_written(page: str, place: Workspace) -> None:
    for each, line in command_lines():
        if each != page or line.partition(" ")[0] in ("", *LONG) or CLUSTER in line:
            continue
        command = line
        for written, used in PLACEHOLDERS.items():
            command = command.replace(written, used)
        ended = subprocess.run(
            [Path(sys.executable).with_name("l5tui"), *shlex.split(command)],
            cwd=place.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, (line, ended.stdout)
