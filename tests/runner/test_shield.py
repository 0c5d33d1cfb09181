"""Signals are held back while something is done that must be done whole."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

from l5tui.runner.shield import SIGNALS, shielded


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Python's own handler for Ctrl+C, and everything as it was afterwards."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_signal_takes_effect_at_the_end() -> None:
    done = []

    def work() -> None:
        with shielded() as held:
            assert not held()
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            assert held()
            done.append("whole")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["whole"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_signal_that_the_block_has_handled_is_not_raised_again() -> None:
    def work() -> None:
        with shielded() as held:
            signal.raise_signal(signal.SIGINT)
            if held():
                raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        work()


def test_a_block_that_fails_without_checking_is_interrupted() -> None:
    def work() -> None:
        with shielded():
            signal.raise_signal(signal.SIGINT)
            raise RuntimeError("failed")

    with pytest.raises(KeyboardInterrupt) as caught:
        work()
    assert isinstance(caught.value.__context__, RuntimeError)


def test_shields_inside_shields_hold_to_the_outermost() -> None:
    steps = []

    def work() -> None:
        with shielded():
            with shielded():
                signal.raise_signal(signal.SIGINT)
                steps.append("inner")
            steps.append("outer")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert steps == ["inner", "outer"]


def test_ignored_signals_stay_ignored_and_others_are_held() -> None:
    caught: list[int] = []
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: caught.append(number))
    with shielded() as held:
        signal.raise_signal(signal.SIGHUP)
        assert not held()
        signal.raise_signal(signal.SIGTERM)
        assert held()
        assert caught == []
    assert caught == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


def test_in_another_thread_nothing_is_changed() -> None:
    seen = []

    def work() -> None:
        with shielded() as held:
            seen.append((held(), signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(False, signal.default_int_handler)]


@pytest.mark.skipif(
    "coverage" in sys.modules, reason="an exception that comes amid a tracer leaves its lock taken for ever"
)
def test_it_holds_at_any_moment() -> None:
    """A step that is begun is finished, however many signals come from outside."""
    begun = finished = interrupted = 0
    exposed = False
    stop = threading.Event()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal exposed
        if exposed:
            exposed = False
            raise InterruptedError

    def shoot() -> None:
        while not stop.is_set():
            os.kill(os.getpid(), signal.SIGINT)
            stop.wait(0.0003)

    signal.signal(signal.SIGINT, interrupt)
    shooter = threading.Thread(target=shoot)
    shooter.start()
    while interrupted < 60:
        try:
            exposed = True
            with shielded():
                begun += 1
                sum(range(1000))
                finished += 1
            exposed = False
        except InterruptedError:
            interrupted += 1
    stop.set()
    shooter.join()
    assert begun == finished > 60
