"""What a command leaves with, whatever it raises."""

from __future__ import annotations

import signal

import pytest
import typer

from l5tui.cli import failures
from l5tui.cli.interrupts import Interrupts
from l5tui.errors import StoreError


class Asked(Interrupts):
    """Those of a process that was asked to stop, or was not."""

    def __init__(self, *, stop: bool) -> None:
        super().__init__()
        if stop:
            with pytest.raises(KeyboardInterrupt):
                self._interrupt(signal.SIGINT, None)


@pytest.mark.parametrize(
    ("error", "stop", "code", "told"),
    [
        (SystemError("half imported"), True, 130, "interrupted"),
        (StoreError("interrupted"), True, 130, "interrupted"),
        (KeyboardInterrupt(), True, 130, "interrupted"),
        (StoreError("no room"), False, 1, "no room; details: "),
        (SystemError("half imported"), False, 1, "SystemError: half imported; details: "),
    ],
)
def test_an_error_is_told_unless_it_is_the_echo_of_an_interrupt(
    error: BaseException,
    stop: bool,
    code: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    @failures.with_exit_codes
    def command() -> None:
        raise error

    monkeypatch.setattr(failures, "interrupts", Asked(stop=stop))
    with pytest.raises(typer.Exit) as left:
        command()
    assert left.value.exit_code == code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(told) if told.endswith(" ") else line == told
