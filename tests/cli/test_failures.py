"""What a command leaves with, whatever it raises."""

from __future__ import annotations

import signal

import pytest
import typer

from l5tui.cli import failures
from l5tui.cli.interrupts import Interrupts
from l5tui.errors import StoreError


class Requested(Interrupts):
    """Interrupts of a process with or without a stop request."""

    def __init__(self, *, stop: bool) -> None:
        super().__init__()
        if stop:
            with pytest.raises(KeyboardInterrupt):
                self._interrupt(signal.SIGINT, None)


@pytest.mark.parametrize(
    ("error", "stop", "code", "message"),
    [
        (SystemError("half imported"), True, 130, "interrupted"),
        (StoreError("interrupted"), True, 130, "interrupted"),
        (KeyboardInterrupt(), True, 130, "interrupted"),
        (StoreError("no room"), False, 1, "no room; details: "),
        (SystemError("half imported"), False, 1, "SystemError: half imported; details: "),
    ],
)
def test_an_error_is_printed_unless_an_interrupt_caused_it(
    error: BaseException,
    stop: bool,
    code: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    @failures.with_exit_codes
    def command() -> None:
        raise error

    monkeypatch.setattr(failures, "interrupts", Requested(stop=stop))
    with pytest.raises(typer.Exit) as left:
        command()
    assert left.value.exit_code == code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(message) if message.endswith(" ") else line == message
