"""What holds for every figure of a run: names, colours, legibility, and files that lack something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l5tui.config.populations import POPULATIONS
from l5tui.figures.gallery import GALLERY
from l5tui.figures.names import ALL, LIGHT, NAMES
from l5tui.figures.output import figure_bytes
from l5tui.figures.style import COLOURS
from tests.experiments import small_experiment
from tests.figures.legible import assert_legible
from tests.figures.stored_runs import stored_run

CASES: dict[str, dict[str, Any]] = {
    "diverged": {"plasticity": {"rule": "oja", "tau_learn": 1e-3}},
    "no before, one realization, no abscissa": {
        "plasticity": {"onset_step": 0},
        "simulation": {"realizations": 1},
        "recording": {"abscissa": "none", "rates": "none"},
    },
    "negative rates": {"network": {"transfer": "tanh"}, "plasticity": {"rule": "none"}},
    "no SST, abscissa at the end": {"network": {"sizes": [9, 22, 7, 0]}, "recording": {"abscissa": "end"}},
    "many directions, single steps": {
        "stimulus": {"directions": list(range(0, 360, 15))},
        "recording": {"every": 20},
        "simulation": {"realizations": 1},
    },
}


def said(figure: Figure) -> str:
    """Everything that is written in panels and around them, on one line."""
    texts = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    return " ".join(" ".join(text.get_text() for text in texts).split())


def test_every_name_has_its_figure() -> None:
    assert set(GALLERY) == set(NAMES)
    assert (len(ALL), LIGHT) == (9, ("selectivity", "weights"))


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_run_is_drawn_legibly(stored: xr.Dataset, name: str) -> None:
    figure = GALLERY[name](stored)
    assert figure.get_suptitle() == "small"
    assert "rule covariance · corrected · 3 realizations" in said(figure)
    assert_legible(figure)


@pytest.mark.parametrize("name", NAMES)
def test_a_long_name_is_cut_and_large_numbers_have_room(stored: xr.Dataset, name: str) -> None:
    dataset = stored.assign_attrs(name="W" * 200)
    for variable in ("rate_mean", "weight_mean", "block_weights", "selectivity", "spectral_abscissa"):
        dataset[variable] = dataset[variable] * 1e-6
    assert_legible(GALLERY[name](dataset))


@pytest.mark.parametrize("case", CASES)
def test_what_was_not_recorded_is_said(tmp_path: Path, case: str) -> None:
    dataset = stored_run(tmp_path, small_experiment(**CASES[case]))
    words = {}
    for name in NAMES:
        figure = GALLERY[name](dataset)
        assert_legible(figure)
        words[name] = said(figure)
    if case == "diverged":
        assert all("2 realizations, 2 of which diverged" in text for text in words.values())
        assert "No mean rates were recorded." in words["tuning"]
        assert "diverged" in words["weight_maps"]
    elif case.startswith("no before"):
        for name in ("selectivity", "tuning", "rate_distribution"):
            assert "Nothing was recorded before learning" in words[name]
        assert 'recording.abscissa = "none"' in words["stability"]
        assert "no bands." in words["rates"]
        assert "no bands or error bars." in words["tuning"]
    elif case.startswith("no SST"):
        assert "There are no SST neurons." in words["weight_course"]
        assert "No neurons." in words["tuning"]
        assert "recorded at the end only" in words["stability"]
    elif case.startswith("many"):
        assert "Shown: 12 of 24 directions." in words["rates"]
        assert "sampled" in words["rates"]
    else:
        rates = GALLERY["rates"](dataset)
        lowest = float(dataset["rate_mean"].mean("realization").min())
        assert rates.axes[0].get_ylim()[0] < lowest < 0


def test_silence_is_said(stored: xr.Dataset) -> None:
    silent = stored.assign({name: stored[name] * 0 for name in ("rates_before", "rates_after")})
    assert "Every neuron is silent." in said(GALLERY["rate_distribution"](silent))
    for name in ("tuning", "tuning_polar"):
        assert said(GALLERY[name](silent)).count("No active neurons.") == 8


def test_a_file_that_lacks_everything_is_drawn_and_says_so(stored: xr.Dataset) -> None:
    bare = stored.drop_vars(list(stored))
    for name in NAMES:
        figure = GALLERY[name](bare)
        assert_legible(figure)
        panels = [axes for axes in figure.axes if not axes.texts]
        assert not panels, name


@pytest.mark.parametrize("lost", ["initial_weights", "final_weights"])
def test_weights_that_are_too_large_to_read_are_named(stored: xr.Dataset, lost: str) -> None:
    dataset = stored.drop_vars(lost)
    assert lost in said(GALLERY["stability"](dataset))
    assert "is not in the file" in said(GALLERY["weight_maps"](dataset))


@pytest.mark.parametrize("name", NAMES)
def test_a_population_has_its_colour(stored: xr.Dataset, name: str) -> None:
    figure = GALLERY[name](stored)
    artists: list[Artist] = [each for legend in figure.legends for each in legend.legend_handles if each]
    artists += [line for axes in figure.axes for line in axes.lines]
    for artist in artists:
        words = str(artist.get_label()).split()
        for population in POPULATIONS:
            if population in words:
                assert isinstance(artist, Line2D)
                assert same_color(artist.get_color(), COLOURS[population])


@pytest.mark.parametrize("name", NAMES)
def test_the_same_run_gives_the_same_bytes_and_text_stays_text(stored: xr.Dataset, name: str) -> None:
    contents = [figure_bytes(GALLERY[name](stored), "svg") for _ in range(2)]
    assert contents[0] == contents[1]
    assert b">rule covariance" in contents[0]
    assert b"<dc:date>" not in contents[0]


def test_pdf_keeps_its_text_and_has_no_date(stored: xr.Dataset) -> None:
    contents = [figure_bytes(GALLERY["weight_maps"](stored), "pdf") for _ in range(2)]
    assert contents[0] == contents[1]
    assert b"/CIDFontType2" in contents[0]
    assert b"/Type3" not in contents[0]
    assert b"CreationDate" not in contents[0]


def test_directions_in_another_order_are_the_same_angles(stored: xr.Dataset) -> None:
    turned = stored.isel(direction=[2, 0, 3, 1])
    for name in ("rates", "rate_distribution"):
        panels = {axes.get_title(loc="left"): axes for axes in GALLERY[name](stored).axes}
        for axes in GALLERY[name](turned).axes:
            same = panels[axes.get_title(loc="left")]
            for line, other in zip(axes.lines, same.lines, strict=True):
                np.testing.assert_array_equal(line.get_ydata(), other.get_ydata())
