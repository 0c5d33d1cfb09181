"""What was kept of a run, for use cases that begin with one."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from l5tui.analysis.tables import RunTables
from l5tui.config import Experiment
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate_stored
from l5tui.errors import ConfigError, DamagedRowError, Fault, StoreError, UnknownRunError, UnsuitableRunError
from l5tui.runner.missing_rules import warn_of_missing_rule
from l5tui.runner.opening import open_catalog
from l5tui.store.catalog import Catalog
from l5tui.store.id_paths import run_file
from l5tui.store.netcdf import open_run, read_attributes
from l5tui.store.records import RunRecord
from l5tui.workspace import Workspace, is_regular

if TYPE_CHECKING:
    import xarray as xr


log = logging.getLogger(__name__)


def existing_catalog(workspace: Workspace) -> Catalog:
    """Return the catalogue of a workspace; a look-up must not create one.

    Raises
    ------
    UnknownRunError
        Where there is none.
    """
    if not workspace.catalog.exists():
        raise UnknownRunError("no runs yet; `l5tui run --headless FILE` makes one")
    return open_catalog(workspace)


def stored_experiment(record: RunRecord) -> Experiment:
    """Return the experiment of a run.

    Raises
    ------
    ConfigError
        Where it was written for another l5tui, whose keys this one lacks.
    """
    if "toml" in record.damage or not record.toml.strip():
        raise ConfigError([Fault("", "its experiment is lost", "")], f"run {record.id}")
    warn_of_missing_rule(record.rule, record.versions)
    return validate_stored(parse_toml(record.toml), f"run {record.id}")


def require_true_row(record: RunRecord, workspace: Workspace) -> None:
    """Refuse a row that has another experiment, or other versions, than the run's file.

    Parameters
    ----------
    record : RunRecord
        One without a file that can be read has nothing to be compared with.
    workspace : Workspace

    Raises
    ------
    DamagedRowError
        If they differ.
    """
    path = run_file(workspace, record.id)
    if record.file is None or not is_regular(path):
        return
    try:
        filed = read_attributes(path)
    except StoreError as error:
        log.warning("run %s: its row is not compared with its file: %s", record.id, error)
        return
    differs = None
    if (toml := filed.get("experiment_toml")) is not None and toml != record.toml:
        differs = "has another experiment"
    elif filed.get("versions") is not None and _parsed(str(filed["versions"])) != dict(record.versions):
        differs = "has other versions of packages"
    if differs:
        raise DamagedRowError(
            f"run {record.id}: its row in the catalogue {differs} than its file {workspace.relative(path)}; "
            "`l5tui doctor --repair` restores the row"
        )


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def stored_tables(catalog: Catalog, record: RunRecord) -> RunTables:
    """Return the measures of a run.

    Raises
    ------
    UnsuitableRunError
        Where it did not get that far.
    """
    _require_file(record)
    return catalog.tables(record.id)


def stored_file(record: RunRecord, workspace: Workspace) -> Path:
    """Return the NetCDF file of a run.

    Raises
    ------
    UnsuitableRunError
        Where it left none, or it is no longer there.
    """
    _require_file(record)
    path = run_file(workspace, record.id)
    if not path.exists():
        raise UnsuitableRunError(f"run {record.id} has lost its file, {path}; `l5tui rerun` reproduces it")
    return path


def read_stored(
    record: RunRecord, workspace: Workspace, variables: Sequence[str] | None = None
) -> xr.Dataset:
    """Return the arrays of a run, all of them or some.

    Raises
    ------
    UnsuitableRunError
        Where it has no file.
    StoreError
        Where the file cannot be read, or lacks a variable.
    """
    return open_run(stored_file(record, workspace), variables)


def _require_file(record: RunRecord) -> None:
    if record.file is None:
        raise UnsuitableRunError(f"run {record.id} is {record.status} and has no measures; choose another")
