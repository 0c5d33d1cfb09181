"""The source digest of a package, and the settings of code generation."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from l5tui.config.rules import PackageRule
from l5tui.runner.code_state import code_generation, source_digest, source_of


def test_the_digest_covers_every_source_file_of_a_package_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "rules_of_mine"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n")
    (package / "inner" / "rule.py").write_text("A = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    source = source_of(PackageRule("rules_of_mine.inner.rule:Rule", "rules-of-mine", "1"))
    assert source == package
    before = source_digest(source)
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "x.py").write_text("")
    (package / "notes.txt").write_text("later")
    assert source_digest(source) == before
    (package / "inner" / "rule.py").write_text("A = 2\n")
    assert source_digest(source) != before
    assert "rules_of_mine" not in sys.modules
    assert source_of(PackageRule("not_there:Rule", "not-there", "1")) is None


def test_settings_that_change_the_instructions_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NUMBA_CPU_NAME", "OPENBLAS_CORETYPE"):
        monkeypatch.delenv(name, raising=False)
    before = code_generation()
    monkeypatch.setenv("NUMBA_CPU_NAME", "generic")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    assert code_generation() != before
    assert "NUMBA_CPU_NAME=generic" in code_generation()
    assert "OPENBLAS_CORETYPE=Haswell" in code_generation()
