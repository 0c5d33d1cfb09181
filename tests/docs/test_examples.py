"""The pages of the examples show the scripts as they are, and figures that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import run_examples

EXAMPLES = sorted(run_examples.FOLDER.glob("*.py"))


def test_every_example_has_its_page() -> None:
    assert len(EXAMPLES) == 4
    assert {path.stem for path in run_examples.FOLDER.glob("*.md")} == {path.stem for path in EXAMPLES}


def test_no_example_has_an_interval_of_its_own() -> None:
    """Intervals over circuits come from `l5tui.analysis.intervals`."""
    for script in EXAMPLES:
        source = script.read_text(encoding="utf-8")
        assert re.search("estimate_mean|compare_rules", source), script.name
        assert not re.search("quantile|percentile|bootstrap", source), script.name


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: str(path.stem))
def test_a_page_shows_its_script_and_its_figure(script: Path) -> None:
    text = script.with_suffix(".md").read_text(encoding="utf-8")
    source = script.read_text(encoding="utf-8")
    printed = text.partition("## What it prints\n\n")[2].rpartition("\n![")[0]
    figures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)

    assert text == run_examples.page(source, printed, figures)
    assert figures
    assert all((script.parent / name).stat().st_size <= run_examples.LARGEST_BYTES for name in figures)
