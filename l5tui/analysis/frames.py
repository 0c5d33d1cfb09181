"""Measures of a run as pandas tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from l5tui.analysis.tables import RunTables
from l5tui.config import POPULATIONS

if TYPE_CHECKING:
    import pandas as pd


def selectivity_frame(tables: RunTables) -> pd.DataFrame:
    """Return selectivity: a row for each condition, measure and statistic, a column for each population.

    Parameters
    ----------
    tables : RunTables
        Measures of a run.

    Returns
    -------
    pandas.DataFrame
        Index (condition, measure, statistic), columns CS, CC, PV and SST. Rates are in a.u., indices have no
        unit.
    """
    import pandas as pd

    frame = pd.DataFrame([vars(row) for row in tables.selectivity])
    index = ["condition", "measure", "statistic"]
    return _in_order(frame.pivot(index=index, columns="population", values="value"), frame, index)[
        list(POPULATIONS)
    ]


def weight_frame(tables: RunTables) -> pd.DataFrame:
    """Return weights: a row for each block, a column for each quantity and statistic.

    Parameters
    ----------
    tables : RunTables
        Measures of a run.

    Returns
    -------
    pandas.DataFrame
        Index (post, pre), columns (quantity, statistic).
    """
    import pandas as pd

    frame = pd.DataFrame([vars(row) for row in tables.weights])
    columns = ["quantity", "statistic"]
    pivot = frame.pivot(index=["post", "pre"], columns=columns, values="value")
    pivot = _in_order(pivot, frame, ["post", "pre"])
    return pivot[list(dict.fromkeys(zip(frame["quantity"], frame["statistic"], strict=True)))]


def _in_order(pivot: pd.DataFrame, frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return a pivoted table with its rows in the order in which they first came."""
    return pivot.loc[list(dict.fromkeys(frame[keys].itertuples(index=False, name=None)))]
