"""A run as one self-contained xarray dataset, with labels and units."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from l5tui.analysis.block_weights import QUANTITIES
from l5tui.analysis.caveats import caveats
from l5tui.analysis.cells import floor_of
from l5tui.analysis.measures import Measures, condition_rates, measured_tables
from l5tui.analysis.selectivity import MEASURES
from l5tui.analysis.statistics import STATISTICS, ddof_of, sample_std
from l5tui.analysis.targets import target_variables
from l5tui.analysis.trajectories import trajectories
from l5tui.analysis.windows import measurement_windows, recording_bins
from l5tui.config import POPULATIONS, Experiment
from l5tui.config.measure_names import CELL_COUNTS, CONDITIONS
from l5tui.model.grating import moving_grating
from l5tui.model.layout import Layout
from l5tui.model.recording import Recording

RATE, WEIGHT, PURE = "a.u.", "1", "1"
"""Units: rates are in the model's own unit; weights are scaled so that the spectral abscissa is 1."""


def run_dataset(
    recordings: list[Recording], measures: Measures, experiment: Experiment, attributes: Mapping[str, Any]
) -> xr.Dataset:
    """Return everything of a run as one dataset with labelled dimensions, long names and units.

    Parameters
    ----------
    recordings : list of Recording
        One a realization.
    measures : Measures
        Measures of the run.
    experiment : Experiment
        Experiment of the run.
    attributes : mapping of str to str or number
        Further global attributes, such as the run's id and the versions.

    Returns
    -------
    xarray.Dataset
        Time courses, circuits, measures and targets; weight matrices are ``[post, pre]``.
    """
    variables = {
        **_time_courses(recordings, experiment),
        **_circuits(recordings, experiment),
        **_measures(measures),
        **target_variables(measures.targets),
    }
    return xr.Dataset(
        variables,
        coords={
            **_coordinates(experiment),
            "loss_term": _variable(
                "loss_term", np.array(list(measures.loss_terms)), "term of the loss", PURE
            ),
        },
        attrs={
            "Conventions": "CF-1.11",
            "title": f"l5tui run: {experiment.name}",
            "comment": "Weight matrices are W[post, pre] everywhere.",
            "name": experiment.name,
            "rule": experiment.plasticity.rule,
            "variant": experiment.variant,
            "seed": experiment.seed,
            "realizations": experiment.simulation.realizations,
            "onset_step": experiment.plasticity.onset_step,
            "tau": experiment.dynamics.tau,
            "dt": experiment.dynamics.dt,
            "tau_ms": experiment.dynamics.tau_ms,
            "step_ms": 1000 * experiment.dynamics.step_seconds,
            "experiment_hash": experiment.hash,
            "loss": measures.loss,
            "loss_form": experiment.loss_form,
            "silent_floor": floor_of(experiment),
            "std_ddof": ddof_of(experiment.variant),
            "caveats": json.dumps(caveats(measured_tables(measures)), ensure_ascii=False),
            "summary": json.dumps({name: _null(value) for name, value in measures.summary.items()}),
            "measurement_windows": json.dumps(measurement_windows(experiment)),
            **attributes,
        },
    )


def _null(value: float) -> float | None:
    return None if np.isnan(value) else value


def _variable(dims: str, values: Any, long_name: str, units: str, **attributes: str) -> xr.Variable:
    return xr.Variable(dims.split(), values, {"long_name": long_name, "units": units, **attributes})


def _coordinates(experiment: Experiment) -> dict[str, xr.Variable]:
    layout = Layout(experiment.network.sizes.in_order())
    bins = np.array(recording_bins(experiment))
    neurons = np.arange(layout.neurons)
    names = np.array(POPULATIONS)
    dt = experiment.dynamics.dt
    return {
        "realization": _variable(
            "realization", np.arange(experiment.simulation.realizations), "realization", PURE
        ),
        "direction": _variable(
            "direction", np.array(experiment.stimulus.directions), "direction of motion", "degree"
        ),
        "time": _variable(
            "time",
            (bins.sum(axis=1) + 1) / 2 * dt,
            "middle of the averaged steps, in the unit of tau",
            PURE,
            comment=f"one unit is {1000 * experiment.dynamics.step_seconds / dt:.12g} ms",
        ),
        "first_step": _variable("time", bins[:, 0] + 1, "first step of the average", PURE),
        "last_step": _variable(
            "time", bins[:, 1], "last step of the average; weights are those after it", PURE
        ),
        "neuron": _variable("neuron", neurons, "neuron", PURE),
        "post_neuron": _variable("post_neuron", neurons, "postsynaptic neuron", PURE),
        "pre_neuron": _variable("pre_neuron", neurons, "presynaptic neuron", PURE),
        "neuron_population": _variable("neuron", names[layout.population], "population of the neuron", PURE),
        "population": _variable("population", names, "population", PURE),
        "post": _variable("post", names, "postsynaptic population", PURE),
        "pre": _variable("pre", names, "presynaptic population", PURE),
        "axis": _variable("axis", np.array(["a", "b"]), "axis of the patch", PURE),
        "condition": _variable("condition", np.array(CONDITIONS), "before or after learning", PURE),
        "measure": _variable("measure", np.array(MEASURES), "measure of selectivity", PURE),
        "vector_measure": _variable("vector_measure", np.array(MEASURES[-2:]), "vector measure", PURE),
        "cell_count": _variable("cell_count", np.array(CELL_COUNTS), "count of cells", PURE),
        "statistic": _variable(
            "statistic",
            np.array(STATISTICS),
            "mean over realizations, standard deviation of their means, mean of their standard deviations",
            PURE,
        ),
        "bound": _variable("bound", np.array(["low", "high"]), "bound of the interval", PURE),
        "quantity": _variable("quantity", np.array(QUANTITIES), "what is said of a block", PURE),
    }


def _time_courses(recordings: list[Recording], experiment: Experiment) -> dict[str, xr.Variable]:
    course = "realization direction time"

    layout = Layout(experiment.network.sizes.in_order())
    ddof = ddof_of(experiment.variant)

    def stacked(name: str) -> Any:
        return np.stack([getattr(recording, name) for recording in recordings])

    variables = {
        "rate_mean": _variable(
            f"{course} population", stacked("rate_mean"), "mean rate of a population", RATE
        ),
        "rate_std": _variable(
            f"{course} population",
            sample_std(stacked("rate_std"), layout.counts, ddof),
            "standard deviation of rates over neurons",
            RATE,
        ),
        "weight_mean": _variable(
            f"{course} post pre", stacked("weight_mean"), "mean weight over all pairs of a block", WEIGHT
        ),
        "weight_std": _variable(
            f"{course} post pre",
            sample_std(stacked("weight_std"), layout.pairs, ddof),
            "standard deviation of weights over all pairs",
            WEIGHT,
        ),
    }
    variables["spectral_abscissa"] = _variable(
        course, stacked("abscissa"), "largest real part of the eigenvalues of W; 1 before learning", PURE
    )
    variables["final_abscissa"] = _variable(
        "realization direction",
        stacked("final_abscissa"),
        "largest real part of the eigenvalues of W after the last step",
        PURE,
    )
    for name, described in trajectories(experiment).items():
        if name in recordings[0].trajectories:
            values = np.stack([recording.trajectories[name] for recording in recordings])
            values = values.astype(described.dtype, copy=False)
            variables[name] = xr.Variable(described.dims, values, described.attributes)
    return variables


def _circuits(recordings: list[Recording], experiment: Experiment) -> dict[str, xr.Variable]:
    circuits = [recording.circuit for recording in recordings]
    patterns = [
        moving_grating(experiment, circuit.positions, experiment.stimulus.directions) for circuit in circuits
    ]
    # Weights that ran away beyond single precision are infinite in the file.
    with np.errstate(over="ignore"):
        final = np.stack([recording.final_weights for recording in recordings]).astype(
            experiment.recording.dtype, copy=False
        )
    outcomes = np.array([str(recording.outcome) for recording in recordings])
    steps = np.array([recording.steps for recording in recordings])
    return {
        "outcome": _variable("realization", outcomes, "how the simulation ended", PURE),
        "steps": _variable("realization", steps, "steps taken", PURE),
        "positions": _variable(
            "realization neuron axis",
            np.stack([circuit.positions for circuit in circuits]),
            "position in the patch, in units of its radius",
            PURE,
        ),
        "initial_rates": _variable(
            "realization neuron",
            np.stack([circuit.initial_rates for circuit in circuits]),
            "rate at step 0",
            RATE,
        ),
        "stimulus": _variable(
            "realization direction neuron",
            np.stack([grating.pattern for grating in patterns]),
            "spatial pattern of the stimulus, amplitude included",
            RATE,
            comment="I(t) = stimulus * m(t) + stimulus_offset; m(t) = cos(omega t), t the step's number, "
            "or cos(omega) where the input is steady",
        ),
        "stimulus_offset": _variable("neuron", patterns[0].offset, "constant part of the stimulus", RATE),
        "stimulus_steady": _variable(
            "neuron",
            patterns[0].steady.astype("int8"),
            "1 where the input is steady, 0 where it drifts",
            PURE,
        ),
        "weight_divisor": _variable(
            "realization",
            np.array([circuit.divisor for circuit in circuits]),
            "spectral abscissa that the sampled weights were divided by, 1 where they were not",
            "mV",
        ),
        "initial_weights": _variable(
            "realization post_neuron pre_neuron",
            np.stack([circuit.weights for circuit in circuits]),
            "weight before learning",
            WEIGHT,
        ),
        "final_weights": _variable(
            "realization direction post_neuron pre_neuron",
            final,
            "weight after the last step",
            WEIGHT,
        ),
        "target_weights": _variable(
            "realization post pre",
            np.stack([circuit.target_weights for circuit in circuits]),
            "target mean weight over all pairs of a block",
            WEIGHT,
        ),
        **{
            f"rates_{condition}": _variable(
                "realization direction neuron",
                condition_rates(recordings, condition),
                f"mean rate over whole periods {condition} learning",
                RATE,
            )
            for condition in CONDITIONS
        },
    }


def _measures(measures: Measures) -> dict[str, xr.Variable]:
    terms = np.array(list(measures.loss_terms.values()))
    note = "rate in a.u., selectivity without unit"
    return {
        "selectivity": _variable(
            "condition measure statistic population",
            measures.selectivity,
            f"rate and selectivity; {note}",
            PURE,
        ),
        "selectivity_by_realization": _variable(
            "condition measure realization population",
            measures.by_realization,
            f"mean of rate and selectivity over the neurons of each realization; {note}",
            PURE,
        ),
        "selectivity_interval": _variable(
            "condition vector_measure bound population",
            measures.intervals,
            "95 % Student t interval of the mean over realizations; NaN for fewer than three",
            PURE,
            method="Student t over realizations",
        ),
        "cells": _variable(
            "condition cell_count realization population",
            measures.cells,
            "cells behind the means: all, silent in every direction, negative in one, with each index; pairs of neuron "
            "and direction: all, at the floor, at the ceiling",
            PURE,
        ),
        "block_weights": _variable(
            "quantity statistic post pre", measures.weights, "weight of a block over all its pairs", WEIGHT
        ),
        "loss_terms": _variable("loss_term", terms, "term of the loss, before it is weighted", PURE),
    }
