"""The numbers of original-and-corrected.md come from the scripts beside it."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import rule_agreement
from rule_agreement import Agreement

from l5tui.analysis.rule_comparison import COMPARED

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "original-and-corrected.md"


def effects(*arguments: str, script: Path = DOCS / "measure_effects.py") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(DOCS.parent)},
    )


@pytest.mark.slow
def test_the_null_result_is_what_is_measured_now() -> None:
    done = effects("--check", "null_result")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_stale_block_is_named_and_then_written(tmp_path: Path) -> None:
    copy = shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copytree(DOCS.parent / "experiments", tmp_path / "experiments")
    page, script = copy / PAGE.name, copy / "measure_effects.py"
    fresh = page.read_text()
    page.write_text(re.sub(r"(OS, original \|) [^|]+", r"\1 +0.999 ", fresh, count=1))
    stale = page.read_bytes()
    done = effects("--check", "null_result", script=script)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        f"{page}: null_result is stale; `make docs` measures it anew",
    )
    assert page.read_bytes() == stale
    assert effects("null_result", script=script).returncode == 0
    assert page.read_text() == fresh
    assert effects("nonsense", script=script).returncode == 2


def test_every_block_is_filled() -> None:
    blocks = re.findall(r"<!-- measured: \w+ -->\n(.*?)<!-- end of measured -->", PAGE.read_text(), re.DOTALL)
    assert len(blocks) == 16
    assert all(re.search(r"\d", block) for block in blocks)


def test_agreement_is_in_standard_errors_of_the_printed_mean() -> None:
    cell = Agreement("oja", "DS", "CS", 0.8, 0.05, 5, 0.8 - 3.1 * 0.05 / math.sqrt(5), 0.1)
    assert cell.distance == pytest.approx(-3.1)
    assert not cell.is_within
    assert cell.pooled_distance == pytest.approx(-3.1 * 0.05 / math.sqrt(5) / (0.1 * math.sqrt(0.2 + 1 / 40)))
    near = Agreement("oja", "DS", "CS", 0.8, 0.05, 5, 0.8 + 2.9 * 0.05 / math.sqrt(5), 0.1)
    assert near.is_within
    verdict = rule_agreement.verdict([cell, near])
    assert verdict.startswith("1 of the 2 means lie within 3 standard errors")
    assert "DS of CS" in verdict
    assert (
        rule_agreement.verdict([near])
        == "1 of the 1 means lie within 3 standard errors of the printed ones: all.\n"
    )


def test_what_was_printed_is_all_there() -> None:
    printed = json.loads((DOCS / "research-code-results.json").read_text())
    assert list(printed["rules"]) == list(rule_agreement.RULES)
    for rule in printed["rules"].values():
        for condition in ("before", "after"):
            for measure in COMPARED:
                cells = rule[condition][measure]
                assert len(cells["mean"]) == len(cells["std"]) == 4
                assert all(0 < each < 1 for each in cells["mean"])
