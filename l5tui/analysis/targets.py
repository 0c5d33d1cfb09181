"""Distances of a run from experimental findings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from l5tui.config.targets import Target

if TYPE_CHECKING:
    import xarray as xr

RELATIONS: Final = ("=", ">", "<")
"""Relations of a measure to the wanted value: equal, larger, smaller."""

TEXTS: Final = ("measure", "relation", "reference", "source")


@dataclass(frozen=True)
class TargetRow:
    """Comparison of one measure of a run with its target.

    Parameters
    ----------
    measure : str
        Name of the measure.
    relation : str
        One of `RELATIONS`.
    predicted, wanted : float
        The measure, and the value that it is compared with.
    reference : str
        Name of the measure that `wanted` is the value of; empty where it is a number of its own.
    uncertainty : float
        Standard deviation of `wanted`, in the measure's unit.
    distance : float
        (predicted − wanted)/uncertainty; 0 on the right side of a sign or an order. NaN if it is not defined.
    weight : float
        Factor of the squared distance in the loss.
    source : str
        Publication or data set of the finding.
    """

    measure: str
    relation: str
    predicted: float
    wanted: float
    reference: str
    uncertainty: float
    distance: float
    weight: float
    source: str

    @property
    def contribution(self) -> float:
        """Contribution to the loss, weight · distance²."""
        # A power that is too large would be an error; a product is infinite.
        return self.weight * self.distance * self.distance


def target_rows(metrics: Mapping[str, float], targets: Mapping[str, Target]) -> tuple[TargetRow, ...]:
    """Compare the measures of a run with each target.

    Parameters
    ----------
    metrics : mapping of str to float
        Measures by their names, as `l5tui.analysis.tables.named_measures` gives them.
    targets : mapping of str to Target
        Targets by the name of their measure.

    Returns
    -------
    tuple of TargetRow
        In the order of `targets`.
    """
    return tuple(_row(name, target, metrics) for name, target in targets.items())


def targets_loss(rows: Sequence[TargetRow]) -> float:
    """Return the weighted sum of the squared distances.

    Parameters
    ----------
    rows : sequence of TargetRow

    Returns
    -------
    float
        NaN if a distance is not defined.

    Examples
    --------
    >>> row = TargetRow("after/DS.CS", "=", 0.5, 0.3, "", 0.1, 2.0, 1.0, "")
    >>> targets_loss([row, row])
    8.0
    """
    return float(sum(row.contribution for row in rows))


def _row(name: str, target: Target, metrics: Mapping[str, float]) -> TargetRow:
    predicted = float(metrics.get(name, math.nan))
    relation = {"above": ">", "below": "<", "positive": ">", "negative": "<"}.get(
        target.sign or target.demands[0], "="
    )
    own = target.value if isinstance(target.value, int | float) else 0.0
    wanted = float(metrics.get(target.reference, math.nan)) if target.reference else float(own)
    uncertainty = target.uncertainty * abs(wanted) if target.relative else target.uncertainty
    # Python's own floats go to infinity here without a word, but for a quotient, which is never taken by zero.
    distance = (predicted - wanted) / uncertainty if uncertainty > 0 else math.nan
    if relation == ">":
        distance = min(distance, 0.0) if not math.isnan(distance) else distance
    elif relation == "<":
        distance = max(distance, 0.0) if not math.isnan(distance) else distance
    return TargetRow(
        measure=name,
        relation=relation,
        predicted=predicted,
        wanted=wanted,
        reference=target.reference,
        uncertainty=uncertainty,
        distance=distance,
        weight=target.weight,
        source=target.source,
    )


def target_variables(rows: Sequence[TargetRow]) -> dict[str, xr.Variable]:
    """Return the rows as variables along ``target``, for a run's dataset.

    Parameters
    ----------
    rows : sequence of TargetRow

    Returns
    -------
    dict of str to xarray.Variable
        ``target`` and a variable ``target_<field>`` for each field; empty without rows.
    """
    import xarray as xr

    described: dict[str, str] = {
        "relation": "what is wanted of the measure",
        "predicted": "the measure",
        "wanted": "what it is held against",
        "reference": "measure that it is held against; empty for a number",
        "uncertainty": "standard deviation of what is wanted",
        "distance": "distance in standard deviations; 0 on the right side of a sign or an order",
        "weight": "what the squared distance is multiplied by",
        "source": "who found it",
    }
    if not rows:
        return {}
    names = xr.Variable(("target",), [row.measure for row in rows], {"long_name": "measure", "units": "1"})
    return {"target": names} | {
        f"target_{name}": xr.Variable(
            ("target",), [getattr(row, name) for row in rows], {"long_name": long_name, "units": "1"}
        )
        for name, long_name in described.items()
    }


def stored_target_rows(dataset: xr.Dataset) -> tuple[TargetRow, ...]:
    """Return the target rows in a run's dataset.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dataset of a run.

    Returns
    -------
    tuple of TargetRow
        Empty if the run has no targets.
    """
    if "target" not in dataset:
        return ()
    columns: dict[str, list[Any]] = {"measure": [str(name) for name in dataset["target"].values]}
    for name in TargetRow.__dataclass_fields__:
        if name != "measure":
            kind = str if name in TEXTS else float
            columns[name] = [kind(value) for value in dataset[f"target_{name}"].values]
    return tuple(
        TargetRow(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)
    )
