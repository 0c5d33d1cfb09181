"""Full garbage collections run only while the user is idle."""

from __future__ import annotations

import gc
import weakref

import pytest

from l5tui.tui import garbage
from l5tui.tui.garbage import QuietCollector


class _Node:
    """Something that refers to itself."""

    def __init__(self) -> None:
        self.itself = self


def test_keys_put_a_look_off_and_quiet_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = gc.get_threshold()
    collector = QuietCollector()
    collector.begin()
    try:
        node = weakref.ref(_Node())
        gc.disable()
        collector.key_pressed()
        assert not collector.look()
        assert node() is not None

        monkeypatch.setattr(garbage, "QUIET_SECONDS", 0.0)
        assert collector.look()
        assert node() is None
    finally:
        collector.end()
        gc.unfreeze()
    assert gc.isenabled()
    assert gc.get_threshold() == before


def test_keys_without_end_do_not_put_it_off_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "LONGEST_SECONDS", 0.0)
    collector = QuietCollector()
    collector.key_pressed()
    assert collector.look()
