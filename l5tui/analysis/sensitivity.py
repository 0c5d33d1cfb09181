"""Effect of each searched parameter on each measure: over the whole space, and near one point."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from l5tui.config.populations import POPULATIONS
from l5tui.errors import MissingExtraError
from l5tui.model.arrays import FloatArray

OUTPUTS: Final = (
    "loss",
    *(f"after/{measure}.{population}" for measure in ("OS", "DS", "rate") for population in POPULATIONS),
)
"""Measures that are analysed."""

RESAMPLES = 500
"""Number of bootstrap samples of an interval."""
LEVEL = 0.95


@dataclass(frozen=True)
class Sensitivity:
    """Sobol' indices of every output.

    Parameters
    ----------
    paths : tuple of str
        The parameters.
    outputs : tuple of str
        Names of the measures.
    first, first_interval, total, total_interval : ndarray, shape (output, parameter)
        First-order and total indices, and half the width of their 95 % bootstrap intervals. NaN for an output
        that does not vary or has too few samples.
    samples : ndarray, shape (output,)
        Base samples in which the output is defined at every point; the others are left out.
    wanted : int
        Base samples in all.
    labels : tuple of str
        Names of the parameters, of a ratio both paths: ``a / b``.
    """

    paths: tuple[str, ...]
    outputs: tuple[str, ...]
    first: FloatArray
    first_interval: FloatArray
    total: FloatArray
    total_interval: FloatArray
    samples: FloatArray
    wanted: int
    labels: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Labels of the parameters; their paths where there are none."""
        return self.labels or self.paths

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each output and parameter.

        Returns
        -------
        list of dict of str to object
            ``output``, ``parameter``, ``first``, ``first_interval``, ``total``, ``total_interval``,
            ``samples`` and ``name``.
        """
        return [
            {
                "output": output,
                "parameter": path,
                "first": float(self.first[o, p]),
                "first_interval": float(self.first_interval[o, p]),
                "total": float(self.total[o, p]),
                "total_interval": float(self.total_interval[o, p]),
                "samples": int(self.samples[o]),
                "name": self.names[p],
            }
            for o, output in enumerate(self.outputs)
            for p, path in enumerate(self.paths)
        ]

    def as_csv(self) -> str:
        """Return the rows as CSV text; undefined numbers are empty.

        Returns
        -------
        str
            A header and one line a row.
        """
        return _csv(self.rows())


@dataclass(frozen=True)
class Slopes:
    """Central differences of every output at one point.

    Parameters
    ----------
    paths, outputs : tuple of str
        The parameters, and the names of the measures.
    values : ndarray, shape (output,)
        At the point itself.
    slopes : ndarray, shape (output, parameter)
        Change of the output for a tenth of the parameter's range; NaN where it is not defined.
    labels : tuple of str
        Names of the parameters, of a ratio both paths: ``a / b``.
    """

    paths: tuple[str, ...]
    outputs: tuple[str, ...]
    values: FloatArray
    slopes: FloatArray
    labels: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Labels of the parameters; their paths where there are none."""
        return self.labels or self.paths

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each output and parameter.

        Returns
        -------
        list of dict of str to object
            ``output``, ``parameter``, ``value``, ``slope`` and ``name``.
        """
        return [
            {
                "output": output,
                "parameter": path,
                "value": float(self.values[o]),
                "slope": float(self.slopes[o, p]),
                "name": self.names[p],
            }
            for o, output in enumerate(self.outputs)
            for p, path in enumerate(self.paths)
        ]

    def as_csv(self) -> str:
        """Return the rows as CSV text; undefined numbers are empty.

        Returns
        -------
        str
            A header and one line a row.
        """
        return _csv(self.rows())


def salib() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Import SALib and return its functions for sampling and for analysis.

    Returns
    -------
    sample, analyze : callable
        ``SALib.sample.sobol.sample`` and ``SALib.analyze.sobol.analyze``.

    Raises
    ------
    MissingExtraError
        Where SALib is not installed.
    """
    try:
        from SALib.analyze.sobol import analyze
        from SALib.sample.sobol import sample
    except ImportError as error:
        raise MissingExtraError("sensitivity needs SALib: pip install 'l5tui[inference]'") from error
    return sample, analyze


def sobol_indices(
    paths: Sequence[str], metrics: Sequence[Mapping[str, float]], seed: int, outputs: Sequence[str] = OUTPUTS
) -> Sensitivity:
    """Return Sobol' indices from the trials of Saltelli's design.

    Parameters
    ----------
    paths : sequence of str
        The parameters.
    metrics : sequence of mapping of str to float
        Measures of each trial by its number; empty for a trial without measures.
    seed : int
        Seed of the bootstrap.
    outputs : sequence of str, optional
        Names of the measures.

    Returns
    -------
    Sensitivity
        NaN for an output that is constant or is defined in fewer than four base samples.

    Raises
    ------
    MissingExtraError
        If SALib is not installed.

    References
    ----------
    Saltelli et al. 2010, Comput. Phys. Commun. 181:259.
    """
    _, analyze = salib()
    block = len(paths) + 2
    wanted = len(metrics) // block
    problem = {"num_vars": len(paths), "names": list(paths), "bounds": [[0.0, 1.0]] * len(paths)}
    found = np.full((4, len(outputs), len(paths)), math.nan)
    samples = np.zeros(len(outputs))
    for place, output in enumerate(outputs):
        values = np.array([each.get(output, math.nan) for each in metrics[: wanted * block]], dtype=float)
        groups = values.reshape(wanted, block)
        groups = groups[np.isfinite(groups).all(axis=1)]
        samples[place] = len(groups)
        if len(groups) < 4 or np.ptp(groups) == 0:
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            indices = analyze(
                problem,
                groups.ravel(),
                calc_second_order=False,
                num_resamples=RESAMPLES,
                conf_level=LEVEL,
                seed=seed % 2**32,
            )
        found[:, place] = [indices[name] for name in ("S1", "S1_conf", "ST", "ST_conf")]
    return Sensitivity(
        paths=tuple(paths),
        outputs=tuple(outputs),
        first=found[0],
        first_interval=found[1],
        total=found[2],
        total_interval=found[3],
        samples=samples,
        wanted=wanted,
    )


def slopes(
    paths: Sequence[str],
    shares: FloatArray,
    metrics: Sequence[Mapping[str, float]],
    outputs: Sequence[str] = OUTPUTS,
) -> Slopes:
    """Return central differences from the trials of a local design.

    Parameters
    ----------
    paths : sequence of str
        The parameters.
    shares : ndarray, shape (1 + 2 · parameter, parameter)
        Places of the trials as shares of each parameter's range: the point, then a step down and a step up each axis.
    metrics : sequence of mapping of str to float
        Measures of each trial by its number; empty for a trial without measures.
    outputs : sequence of str, optional
        Names of the measures.

    Returns
    -------
    Slopes
        Changes for a tenth of each parameter's range.

    Examples
    --------
    >>> shares = np.array([[0.5], [0.4], [0.6]])
    >>> slopes(["x"], shares, [{"loss": 1.0}, {"loss": 0.8}, {"loss": 1.2}], ["loss"]).slopes.round(3).tolist()
    [[0.2]]
    """
    table = np.array([[each.get(name, math.nan) for name in outputs] for each in metrics], dtype=float)
    down, up = table[1::2], table[2::2]
    axis = np.arange(len(paths))
    width = shares[2::2][axis, axis] - shares[1::2][axis, axis]
    differences = np.divide(
        0.1 * (up - down), width[:, None], out=np.full_like(up, math.nan), where=width[:, None] > 0
    )
    return Slopes(tuple(paths), tuple(outputs), table[0], differences.T)


def _csv(rows: list[dict[str, Any]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: "" if value != value else value for key, value in row.items()})
    return buffer.getvalue()
