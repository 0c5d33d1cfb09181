"""What is drawn of a study is what its table says."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.lines import Line2D
from matplotlib.patches import StepPatch

from l5tui.analysis.importance import importance
from l5tui.analysis.parameter_axis import ParameterAxis
from l5tui.analysis.slices import slices
from l5tui.analysis.study_table import StudyTable
from l5tui.figures.study.convergence import convergence_figure
from l5tui.figures.study.heading import StudyHeading
from l5tui.figures.study.importance import importance_figure
from l5tui.figures.study.objective_against_parameters import objective_against_parameters_figure
from l5tui.figures.study.objective_axis import objective_scale
from l5tui.figures.study.parameter_histograms import bin_edges, parameter_histograms_figure
from l5tui.figures.study.parameter_panels import axis_label
from l5tui.figures.study.parameter_traces import parameter_traces_figure
from l5tui.figures.study.slices import slices_figure
from l5tui.model.arrays import FloatArray
from tests.studies import MIXED, SIX, made_table, some_without_value

HEADING = StudyHeading("a study", "20260102T030405-abcd")


@pytest.fixture
def table() -> StudyTable:
    return made_table(60, MIXED, statuses=some_without_value)


def drawn(axes: Axes, label: str) -> tuple[FloatArray, FloatArray]:
    """Places of a labelled line in a panel."""
    (line,) = [each for each in axes.lines if each.get_label() == label]
    assert isinstance(line, Line2D)
    return np.asarray(line.get_xdata(), dtype=float), np.asarray(line.get_ydata(), dtype=float)


def test_convergence_shows_every_trial_and_the_best_so_far(table: StudyTable) -> None:
    (axes,) = convergence_figure(table, HEADING).axes
    numbers, values = drawn(axes, "trial")

    assert numbers.tolist() == table.numbers[table.finished].tolist()
    assert values.tolist() == table.values[table.finished].tolist()
    np.testing.assert_array_equal(drawn(axes, "best so far")[1], table.best_so_far)
    assert drawn(axes, "best")[0] == table.best
    assert drawn(axes, "diverged")[0].tolist() == [3, 13, 23, 33, 43, 53]
    assert drawn(axes, "failed")[0].tolist() == [7, 17, 27, 37, 47, 57]


@pytest.mark.parametrize(("maximize", "edge"), [(False, 0.97), (True, 0.03)])
def test_trials_without_a_value_stand_where_it_is_worst(maximize: bool, edge: float) -> None:
    table = made_table(20, statuses=some_without_value, maximize=maximize)
    (axes,) = convergence_figure(table, HEADING).axes
    worst = axes.transAxes.inverted().transform(
        axes.transData.transform((0, table.values[table.finished].max()))
    )
    least = axes.transAxes.inverted().transform(
        axes.transData.transform((0, table.values[table.finished].min()))
    )

    assert set(drawn(axes, "diverged")[1]) == {edge}
    assert least[1] > 0.05 or not maximize
    assert worst[1] < 0.95 or maximize


def test_every_parameter_has_a_panel_with_its_path_and_unit(table: StudyTable) -> None:
    for draw in (objective_against_parameters_figure, parameter_histograms_figure, slices_figure):
        labels = [axes.get_xlabel() for axes in draw(table, HEADING).axes]
        assert [label.split()[0] for label in labels] == list(MIXED)
        assert labels[5] == "plasticity.tau_learn (time)"
        assert labels[6] == "plasticity.tau_threshold\n(× plasticity.tau_learn)"


def test_the_objective_stands_against_the_values_and_choices_near_their_names(table: StudyTable) -> None:
    panels = objective_against_parameters_figure(table, HEADING).axes
    assert table.best is not None

    for column, (axes, axis) in enumerate(zip(panels, table.axes, strict=True)):
        x, y = drawn(axes, "trial")
        assert y.tolist() == table.values[table.finished].tolist()
        assert x == pytest.approx(table.places[table.finished, column], abs=0.2 if axis.choices else 0)
        assert axes.get_xscale() == ("log" if axis.log else "linear")
        assert axes.get_ylim() == panels[0].get_ylim()
        assert axes.get_xlim()[0] <= x.min()
        assert x.max() <= axes.get_xlim()[1]
    names = [label.get_text() for label in panels[2].get_xticklabels()]
    assert (names, panels[2].get_xticks().tolist()) == (["supralinear", "sigmoid", "tanh"], [0, 1, 2])


def test_running_means_are_those_of_the_last_trials_on_the_axis_that_is_searched(table: StudyTable) -> None:
    panels = parameter_traces_figure(table, HEADING).axes

    for column, axis in enumerate(table.axes):
        lines = [line for line in panels[column].lines if str(line.get_label()).startswith("mean")]
        assert len(lines) == (0 if axis.choices else 1)
    numbers, means = drawn(panels[5], "mean of the last 5")
    logs = np.log(table.places[:, 5])
    assert numbers.tolist() == list(range(4, 60))
    assert means[0] == pytest.approx(np.exp(logs[:5].mean()))
    assert means[-1] == pytest.approx(np.exp(logs[-5:].mean()))


def test_histograms_are_shares_of_all_trials_and_of_the_best(table: StudyTable) -> None:
    panels = parameter_histograms_figure(table, HEADING).axes

    for column, axes in enumerate(panels):
        shares = {each.get_label(): each.get_data() for each in axes.patches if isinstance(each, StepPatch)}
        for label, rows in (("all", np.arange(60)), ("best", table.best_rows)):
            heights, edges, _ = shares[label]
            counts, _ = np.histogram(table.places[rows, column], edges)
            assert heights.sum() == pytest.approx(100.0)
            assert heights == pytest.approx(100 * counts / len(rows))
        assert axes.get_ylim() == panels[0].get_ylim()


@pytest.mark.parametrize("path", MIXED)
def test_bins_take_equal_shares_and_all_that_can_be_tried(path: str) -> None:
    axis = ParameterAxis.from_dict(path, MIXED[path])
    edges, (low, high) = bin_edges(axis), axis.ends

    assert edges[0] <= low
    assert edges[-1] >= high
    assert np.ptp(np.diff(np.log(edges) if axis.log else edges)) < 1e-9
    if axis.choices or (axis.integer and not axis.log):
        assert (edges % 1 == 0.5).all()


def test_slices_are_those_of_the_process_through_the_star() -> None:
    table = made_table(60, SIX)
    found = slices(table)
    assert table.best is not None

    for column, axes in enumerate(slices_figure(table, HEADING).axes):
        x, y = drawn(axes, "median")
        assert x.tolist() == found.slices[column].places.tolist()
        assert y.tolist() == found.slices[column].median.tolist()
        star = drawn(axes, "best")
        assert (star[0][0], star[1][0]) == (table.places[table.best, column], table.values[table.best])


def test_bars_of_importance_stand_beside_their_parameters() -> None:
    table = made_table(60, SIX)
    found = importance(table)
    (axes,) = importance_figure(table, HEADING).axes
    (bars,) = [each for each in axes.containers if isinstance(each, BarContainer)]
    names = [label.get_text().replace("\n/ ", "/") for label in axes.get_yticklabels()]

    assert {name: bar.get_width() for name, bar in zip(names, bars.patches, strict=True)} == dict(
        zip([axis.name for axis in table.axes], found.mean, strict=True)
    )
    assert [bar.get_width() for bar in bars.patches] == sorted(found.mean, reverse=True)


def test_a_heavy_tail_gets_a_logarithmic_axis_and_a_label_that_says_so() -> None:
    even = np.linspace(20.0, 40.0, 50)

    assert objective_scale(even).kind == "linear"
    assert objective_scale(np.append(even, np.nan)).kind == "linear"
    assert objective_scale(np.append(even, [0.3, 0.5, 1, 2, 0.4, 0.9, 0.6])).kind == "log"
    assert objective_scale(np.append(even, 1e5)).kind == "log"
    assert objective_scale(np.append(even, [-1.0, 1e5])).kind == "symlog"
    assert objective_scale(np.linspace(-0.2, 0.6, 50)).kind == "linear"
    assert objective_scale(np.array([])).kind == "linear"
    table = made_table(30, value=lambda units: float(np.exp(20 * units[0])) - 2)
    (axes,) = convergence_figure(table, HEADING).axes
    assert axes.get_yscale() == "symlog"
    assert axes.get_ylabel().startswith("loss\n(log beyond ±")
    assert all("$" not in label.get_text() for label in axes.get_yticklabels())


def test_labels_break_where_they_are_long() -> None:
    assert axis_label(ParameterAxis("stimulus.amplitude.CS")) == "stimulus.amplitude.CS (a.u.)"
    assert axis_label(ParameterAxis("network.initial_weight_cv")) == "network.initial_weight_cv"
    assert "\n(rad/step)" in axis_label(ParameterAxis("stimulus.temporal_frequency"))
