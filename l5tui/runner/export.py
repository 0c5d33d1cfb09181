"""Export a run from the workspace: one folder with everything needed to read and to repeat it."""

from __future__ import annotations

import os
import shutil
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from l5tui.analysis.markdown import selectivity_markdown, summary_markdown, weight_markdown
from l5tui.analysis.tables import RunTables
from l5tui.errors import OutputError, StoreError
from l5tui.figures.names import ALL
from l5tui.runner.export_readme import readme
from l5tui.runner.output import csv_text, output_errors, write_files
from l5tui.runner.stored_run import existing_catalog, read_stored, stored_file, stored_tables
from l5tui.store.id_paths import file_name
from l5tui.store.netcdf import verify_run
from l5tui.store.records import RunRecord
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    import xarray as xr


def export_run(workspace: Workspace, reference: str, folder: Path) -> RunRecord:
    """Write everything of a run into a new folder: all of it, or nothing.

    Parameters
    ----------
    workspace : Workspace
    reference : str
    folder : Path
        Must not be there, or be empty.

    Returns
    -------
    RunRecord
        The run.

    Raises
    ------
    UnknownRunError, UnsuitableRunError
        Where there is no such run, or it has no file.
    StoreError
        Where its file cannot be read, or is not what was written.
    OutputError
        Where the folder is not empty, or cannot be written.
    """
    catalog = existing_catalog(workspace)
    record = catalog.find(reference)
    tables, source = stored_tables(catalog, record), stored_file(record, workspace)
    with output_errors(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputError(f"{folder} is there already; give a new or an empty folder")
        folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.parent / f".{folder.name}.{uuid.uuid4().hex}.part"
    try:
        write_files(part, _files(record, tables, read_stored(record, workspace)))
        with output_errors(folder):
            shutil.copyfile(source, part / file_name(record.id, ".nc"))
        _require_unchanged(part / file_name(record.id, ".nc"), source, record)
        with output_errors(folder):
            os.replace(part, folder)  # noqa: PTH105
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return record


def _files(record: RunRecord, tables: RunTables, dataset: xr.Dataset) -> dict[str, bytes]:
    texts = {
        "README.md": readme(record),
        "experiment.toml": record.toml,
        "tables/selectivity.csv": _rows([asdict(row) for row in (*tables.selectivity, *tables.cells)]),
        "tables/selectivity.md": selectivity_markdown(tables),
        "tables/weights.csv": _rows([asdict(row) for row in tables.weights]),
        "tables/weights.md": weight_markdown(tables),
        "tables/summary.csv": _rows(
            [
                {"name": name, "value": value}
                for name, value in {"loss": tables.loss, **tables.loss_terms, **tables.summary}.items()
            ]
        ),
        "tables/summary.md": summary_markdown(tables),
    }
    return {**{name: text.encode() for name, text in texts.items()}, **exported_figures(dataset)}


def exported_figures(dataset: xr.Dataset) -> dict[str, bytes]:
    """Return the figures of a run, by the names of their files."""
    from l5tui.figures.gallery import GALLERY
    from l5tui.figures.output import png_bytes

    return {f"figures/{name}.png": png_bytes(GALLERY[name](dataset)) for name in ALL}


def _rows(rows: list[dict[str, object]]) -> str:
    """Return rows as CSV, for programs; an undefined value is an empty cell."""
    body = [["" if value != value else value for value in row.values()] for row in rows]
    return csv_text([list(rows[0]), *body])


def _require_unchanged(copy: Path, source: Path, record: RunRecord) -> None:
    if not verify_run(copy, record.file_sha256 or ""):
        raise StoreError(
            f"{source} is not what run {record.id} wrote: its SHA-256 is not the catalogue's; "
            "`l5tui rerun` reproduces it"
        )
