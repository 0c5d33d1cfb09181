"""The figures of an inference, from its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from l5tui.analysis.parameter_axis import parameter_labels
from l5tui.tuning.inference.infer import InferenceReport
from l5tui.tuning.lifecycle import study_experiment

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def inference_pictures(report: InferenceReport) -> dict[str, bytes]:
    """Pair plot and posterior predictive as the content of PNG files, by their names."""
    from l5tui.figures.study.posterior import figure_png

    return {name: figure_png(figure) for name, figure in inference_figures(report).items()}


def inference_figures(report: InferenceReport) -> dict[str, Figure]:
    """Return the pair plot, and the posterior predictive if there are draws of it, by their names."""
    from l5tui.figures.study.posterior import pair_figure, predictive_figure

    record, found = report.study.record, report.read()
    data = found["data"]
    best = next((trial.point for trial in report.study.trials if trial.number == record.best_trial), {})
    # Two lines, as one would not fit.
    heading = [f"{record.method}, study {record.id}", *evidence_in_words(found).split(": ", 1)]
    labels = parameter_labels(record.space)
    posterior = {labels[str(name)]: _flat(values) for name, values in data.posterior.items()}
    prior = {labels[str(name)]: _flat(values) for name, values in data.prior.items()}
    best = {labels[name]: value for name, value in best.items()}
    figures = {"pairs": pair_figure(posterior, prior, best, record.name, heading)}
    distances = data.posterior_predictive["distance"].values
    if distances.size:
        targets = study_experiment(record).targets
        names = [str(name) for name in data.posterior_predictive["target"].values]
        relations = [_relation(targets[name].demands, targets[name].sign) for name in names]
        flat = distances.reshape(-1, len(names))
        figures["predictive"] = predictive_figure(names, flat, relations, record.name, heading)
    return figures


def evidence_in_words(found: Mapping[str, Any]) -> str:
    """Log evidence, and whether the method has converged."""
    evidence = f"{float(found['log_evidence']):.2f} ± {float(found['log_evidence_sd']):.2f}".replace("-", "−")
    state = "converged" if found["converged"] == "true" else "NOT converged"
    return f"log evidence {evidence}; {state}: {found['message']}"


def _flat(values: Any) -> Any:
    return np.asarray(values.values, dtype=float).ravel()


def _relation(demands: tuple[str, ...], sign: str) -> str:
    return {"above": ">", "below": "<", "positive": "> 0", "negative": "< 0"}.get(sign or demands[0], "=")
