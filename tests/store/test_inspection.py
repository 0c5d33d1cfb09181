"""What a catalogue's file is said to be, before anything is done with it."""

from __future__ import annotations

from pathlib import Path

from l5tui.store.inspection import CatalogueState, inspect


def test_what_is_not_there(tmp_path: Path) -> None:
    found = inspect(tmp_path / "catalog.sqlite")
    assert (found.state, found.fault) == (CatalogueState.MISSING, "is not there")


def test_what_is_no_database_is_said_without_advice(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"something else" * 1000)
    found = inspect(path)
    assert (found.state, found.fault) == (CatalogueState.DAMAGED, "is not a SQLite database")
    assert path.read_bytes() == b"something else" * 1000
