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
    "error", [SystemError("half imported"), StoreError("interrupted"), KeyboardInterrupt()]
)
def test_an_error_after_an_interrupt_is_its_echo(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @failures.with_exit_codes
    def command() -> None:
        raise error

    monkeypatch.setattr(failures, "interrupts", Asked(stop=True))
    with pytest.raises(typer.Exit) as left:
        command()
    assert left.value.exit_code == 130
    assert capsys.readouterr().err == "interrupted\n"


@pytest.mark.parametrize("error", [SystemError("half imported"), StoreError("no room")])
def test_without_an_interrupt_it_is_told(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @failures.with_exit_codes
    def command() -> None:
        raise error

    monkeypatch.setattr(failures, "interrupts", Asked(stop=False))
    with pytest.raises(typer.Exit) as left:
        command()
    assert left.value.exit_code == 1
    assert str(error) in capsys.readouterr().err
