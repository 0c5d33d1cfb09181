"""An experiment that needs more memory than is free is refused by every command that simulates."""

from __future__ import annotations

import pytest

from tests.cli.conftest import CommandLine

HUGE = (
    "[network]\nsizes = [2000, 14000, 2400, 1600]\n[dynamics]\nduration_tau = 1.0\n[plasticity]\nonset_step = 0\n"
    "[simulation]\nrealizations = 500\n[tuning.space]\n'plasticity.tau_learn' = {low = 100, high = 200}\n"
)
"""20,000 neurons and 500 circuits: 48 TB."""


def test_every_command_refuses_in_one_line_and_writes_nothing(cli: CommandLine) -> None:
    (cli.workspace.experiments / "huge.toml").write_text(HUGE)
    before = sorted(cli.workspace.root.rglob("*"))
    for command in (
        "run --headless",
        "tune --workers 2",
        "sweep",
        "sensitivity --samples 4",
        "compare-rules",
    ):
        name, *options = command.split()
        done = cli(name, "experiments/huge.toml", *options, code=2)
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert "TB of memory" in done.stderr
        assert "--force" in done.stderr
        # The refusal names an option that the command has.
        assert "--force" in cli(name, "--help").stdout
    assert {file.suffix for file in {*cli.workspace.root.rglob("*")} - {*before}} <= {".log"}


@pytest.mark.parametrize("name", ["NUMBA_DISABLE_JIT=1", "NUMBA_NUM_THREADS=-1"])
def test_a_setting_of_numba_that_cannot_work_is_one_line(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    key, value = name.split("=")
    monkeypatch.setenv(key, value)
    (cli.workspace.experiments / "huge.toml").write_text(HUGE)
    for command in ("run --headless", "tune"):
        done = cli(*command.split(), "experiments/huge.toml", code=2)
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"environment: {key}: got {value}, allowed ")
