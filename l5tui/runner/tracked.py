"""A stored run as MLflow shows it."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, cast

import numpy as np

from l5tui.analysis.frames import selectivity_frame, weight_frame
from l5tui.analysis.loss_course import loss_course
from l5tui.analysis.tables import RunTables
from l5tui.config import Experiment
from l5tui.errors import StoreError
from l5tui.figures.names import ALL, LIGHT
from l5tui.runner.shield import shielded
from l5tui.store.id_paths import run_file
from l5tui.store.netcdf import open_run
from l5tui.store.records import RunRecord
from l5tui.tracking.flatten import metrics_of, parameters_of
from l5tui.tracking.tracked_run import Status, StepMetrics, TrackedRun
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    import xarray as xr


SHOWN_BYTES = 64_000_000
"""Size in bytes above which MLflow gets no summary of a variable: reading it would take longer than the run."""

FIGURES = {"all": ALL, "light": LIGHT, "none": ()}
"""Names of the figures that MLflow is shown, by `recording.figures`."""

log = logging.getLogger(__name__)


def stored_dataset(record: RunRecord, workspace: Workspace) -> xr.Dataset | None:
    """Return the arrays of a run without the largest; None if it has no file."""
    if record.file is None:
        return None
    try:
        with shielded():
            return open_run(run_file(workspace, record.id), largest=SHOWN_BYTES)
    except StoreError as error:
        log.warning("run %s is recorded in MLflow without its file: %s", record.id, error)
        return None


def tracked_run(
    record: RunRecord,
    experiment: Experiment | None,
    workspace: Workspace,
    tables: RunTables | None,
    dataset: xr.Dataset | None,
) -> TrackedRun:
    """Return the MLflow record of a run that has ended.

    Parameters
    ----------
    record : RunRecord
    experiment : Experiment or None
        As the run resolved it; None where that cannot be read any more.
    workspace : Workspace
    tables : RunTables or None
    dataset : xarray.Dataset or None
        None where the run left no file.
    """
    tags = {
        "l5tui.file": str(run_file(workspace, record.id)) if record.file else "",
        "l5tui.file_sha256": record.file_sha256 or "",
        "l5tui.hash": record.hash,
        "l5tui.rule": record.rule,
        "l5tui.variant": record.variant,
        "l5tui.error": record.error or "",
        "l5tui.group": record.group_id or "",
        **label_tags(record),
    }
    if record.git_commit:
        tags["mlflow.source.git.commit"] = record.git_commit
    return TrackedRun(
        run_id=record.id,
        name=record.name,
        status=cast(Status, str(record.status)),
        started=record.started or record.created,
        ended=record.ended or record.created,
        parameters=parameters_of(experiment) if experiment else {},
        metrics=metrics_of(tables) if tables else {},
        series=_series(dataset) if dataset is not None else (),
        tags={name: value for name, value in tags.items() if value},
        texts={"experiment.toml": record.toml, **(_tables(tables) if tables else {})},
        images=_images(dataset, experiment) if dataset is not None else {},
    )


def label_tags(record: RunRecord) -> dict[str, str]:
    """Return a run's notes and tags as MLflow's tags.

    ``l5tui.tags`` is for reading and for MLflow's search; ``l5tui.tags_json`` keeps apart tags that hold a comma.
    """
    return {
        "l5tui.tags": ", ".join(record.tags),
        "l5tui.tags_json": json.dumps(record.tags, ensure_ascii=False) if record.tags else "",
        "mlflow.note.content": record.notes,
    }


def _tables(tables: RunTables) -> dict[str, str]:
    rows = {**tables.summary, "loss": tables.loss, **tables.loss_terms}
    return {
        "tables/selectivity.csv": selectivity_frame(tables).to_csv(),
        "tables/weights.csv": weight_frame(tables).to_csv(),
        "tables/summary.csv": "name,value\n" + "".join(f"{name},{value}\n" for name, value in rows.items()),
    }


def _series(dataset: xr.Dataset) -> list[StepMetrics]:
    """Each population's mean rate over realizations and directions, and the loss and its terms, over time."""
    rates = dataset["rate_mean"].mean(["realization", "direction"]).transpose("time", "population")
    names = [f"rate_over_time/{name}" for name in rates["population"].values]
    steps = [int(step) for step in dataset["last_step"].values]
    courses = [
        *(
            StepMetrics(step, dict(zip(names, map(float, values), strict=True)))
            for step, values in zip(steps, rates.values, strict=True)
        ),
        *(
            StepMetrics(step, {f"loss_over_time/{name}": value for name, value in terms.items()})
            for step, terms in loss_course(dataset).items()
        ),
    ]
    return [each for each in courses if np.isfinite(list(each.values.values())).any()]


def _images(dataset: xr.Dataset, experiment: Experiment | None) -> dict[str, bytes]:
    """Return the figures of an experiment's `recording.figures`, as PNG by the paths of their artifacts."""
    wanted = FIGURES[experiment.recording.figures if experiment else "light"]
    if not wanted:
        return {}
    from l5tui.figures.gallery import GALLERY
    from l5tui.figures.output import png_bytes

    return {f"figures/{name}.png": png_bytes(GALLERY[name](dataset)) for name in wanted}
