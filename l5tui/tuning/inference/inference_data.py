"""A posterior as ArviZ InferenceData in a NetCDF file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from l5tui.analysis.parameter_axis import parameter_labels
from l5tui.analysis.targets import TargetRow, target_rows
from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray
from l5tui.store.filesystem import replace_durably
from l5tui.store.netcdf import lock, part_of, store_errors
from l5tui.store.study_records import StudyRecord, TrialRecord
from l5tui.tuning.inference.libraries import library
from l5tui.tuning.inference.posterior import Posterior
from l5tui.tuning.space import SearchSpace

CHAINS = 4
"""Parts that independent draws are shown in, as ArviZ compares chains."""


def write_inference(
    path: Path,
    study: StudyRecord,
    experiment: Experiment,
    space: SearchSpace,
    posterior: Posterior,
    prior_units: FloatArray,
    predictive: Sequence[TrialRecord],
) -> None:
    """Write posterior, prior, posterior_predictive, observed_data and sample_stats, whole or not at all.

    Parameters
    ----------
    path : Path
    study : StudyRecord
    experiment : Experiment
    space : SearchSpace
    posterior : Posterior
    prior_units : ndarray, shape (draw, dimension)
        Draws of the prior.
    predictive : sequence of TrialRecord
        Simulated at draws of the posterior.

    Raises
    ------
    StoreError
        Where it cannot be written.
    """
    arviz = library("arviz")
    rows = [target_rows(trial.metrics, experiment.targets) for trial in predictive]
    names = list(experiment.targets)
    table = {
        name: [[getattr(row, name) for row in each] for each in rows]
        for name in ("predicted", "wanted", "distance")
    }
    shape = (1, len(rows), len(names))
    data = arviz.from_dict(
        posterior=_values(space, posterior.units),
        prior=_values(space, prior_units),
        posterior_predictive={
            name: np.array(values, dtype=float).reshape(shape) for name, values in table.items()
        },
        observed_data=_observed(rows[0] if rows else target_rows({}, experiment.targets)),
        sample_stats={"lp": posterior.log_density.reshape(CHAINS, -1)},
        coords={"target": names},
        dims={name: ["target"] for name in (*table, "value", "uncertainty", "weight")},
        attrs={
            "study": study.id,
            "name": study.name,
            "method": posterior.method,
            "log_evidence": posterior.log_evidence,
            "log_evidence_sd": posterior.log_evidence_sd,
            "converged": json.dumps(posterior.converged),
            "message": posterior.message,
            "evaluations": posterior.evaluations,
            "experiment_hash": study.hash,
            "experiment_toml": study.toml,
            "versions": json.dumps(dict(study.versions)),
        },
    )
    # A NetCDF variable cannot have a slash in its name: a ratio has both paths as its long name.
    for group in (data.posterior, data.prior):
        for name, label in parameter_labels(study.space).items():
            group[name].attrs["long_name"] = label
    part = part_of(path)
    with store_errors(path, "written"), lock:
        path.parent.mkdir(exist_ok=True)
        try:
            data.to_netcdf(str(part), engine="netcdf4")
            replace_durably(part, path)
        finally:
            part.unlink(missing_ok=True)


def _values(space: SearchSpace, units: FloatArray) -> dict[str, FloatArray]:
    """Each parameter's draws, shape (chain, draw); of a ratio, the ratio."""
    return {path: draws.reshape(CHAINS, -1) for path, draws in space.draws(units).items()}


def _observed(rows: Sequence[TargetRow]) -> dict[str, FloatArray]:
    return {
        "value": np.array([row.wanted for row in rows]),
        "uncertainty": np.array([row.uncertainty for row in rows]),
        "weight": np.array([row.weight for row in rows]),
    }
