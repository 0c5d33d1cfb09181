"""The names of what a study can seek."""

from __future__ import annotations

from itertools import product

from l5tui.analysis.block_weights import QUANTITIES
from l5tui.analysis.loss import LOSS_TERMS
from l5tui.analysis.measures import CONDITIONS
from l5tui.analysis.selectivity import MEASURES
from l5tui.analysis.statistics import STATISTICS
from l5tui.analysis.summary import CONTRASTS
from l5tui.config import POPULATIONS, Experiment
from l5tui.config.spelling import did_you_mean
from l5tui.errors import ConfigError, Fault


def objective_names() -> tuple[str, ...]:
    """Every name, as `l5tui.tracking.flatten.metrics_of` gives them."""
    endings = ("", *(f".{name}" for name in STATISTICS if name != "mean"))
    measures = product(CONDITIONS, MEASURES, POPULATIONS, endings)
    blocks = product(QUANTITIES, POPULATIONS, POPULATIONS, endings)
    return (
        "loss",
        *(f"loss/{term}" for term in LOSS_TERMS),
        *(f"{condition}/{name}.{population}{ending}" for condition, name, population, ending in measures),
        *(f"weight_{quantity}/{post}_from_{pre}{ending}" for quantity, post, pre, ending in blocks),
        *(f"summary/contrast_{name}" for name in CONTRASTS),
        "summary/not_in_equilibrium",
    )


def check_objective(experiment: Experiment, source: str = "") -> None:
    """See that an experiment's objective is one.

    Raises
    ------
    ConfigError
        Where there is no measure of that name.
    """
    name = experiment.tuning.objective
    if name not in (known := objective_names()):
        near = did_you_mean(name, known)
        allowed = f"loss, a term such as loss/rmse, or a measure such as after/DS.CS{near}"
        raise ConfigError([Fault("tuning.objective", f'"{name}"', allowed)], source)
