"""What signals do to the process itself."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest

from l5tui.cli.interrupts import SIGNALS, Interrupts


@pytest.fixture
def interrupts() -> Iterator[Interrupts]:
    """Installed; afterwards everything is as it was."""
    numbers = [*SIGNALS, signal.SIGALRM]
    before = {number: signal.getsignal(number) for number in numbers}
    made = Interrupts()
    made.install()
    yield made
    made.release()
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_burst_of_signals_is_one_request(interrupts: Interrupts) -> None:
    assert not interrupts.requested()
    interrupts.heed()
    with pytest.raises(KeyboardInterrupt, match="interrupted"):
        signal.raise_signal(signal.SIGINT)
    for number in SIGNALS:
        signal.raise_signal(number)
    assert interrupts.requested()


def test_each_signal_is_reported_by_its_name(interrupts: Interrupts) -> None:
    with pytest.raises(KeyboardInterrupt, match="terminated"):
        signal.raise_signal(signal.SIGTERM)


def test_a_request_is_heeded_though_its_exception_was_lost(interrupts: Interrupts) -> None:
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        interrupts.heed()
    interrupts.repeat()
    with pytest.raises(KeyboardInterrupt):
        time.sleep(5)


def test_released_signals_end_the_process_again(interrupts: Interrupts) -> None:
    interrupts.repeat()
    interrupts.release()
    assert {signal.getsignal(number) for number in SIGNALS} == {signal.SIG_DFL}
    time.sleep(0.05)
