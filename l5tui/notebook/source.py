"""What a person hands over, as an experiment and a workspace: a file, a name, a dictionary, an `Experiment`."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from l5tui.config import Experiment
from l5tui.config.loading import with_overrides
from l5tui.config.overrides import SOURCE, split_overrides
from l5tui.config.search_space import Use
from l5tui.config.spelling import did_you_mean
from l5tui.config.toml_file import ReadExperiment, read_experiment
from l5tui.config.toml_text import parse_toml
from l5tui.config.toml_writer import to_toml, toml_value
from l5tui.errors import ConfigError, Fault
from l5tui.workspace import Workspace, find_workspace, ready_experiments

ExperimentLike: TypeAlias = "str | os.PathLike[str] | Experiment | Mapping[str, Any]"
"""A TOML file; the name of an experiment of the workspace or of an included one; an experiment; or a dictionary."""

Overrides: TypeAlias = "Mapping[str, Any] | None"
"""Values by dotted path, such as ``{"plasticity.rule": "oja"}``, that win over the experiment's."""

WorkspaceLike: TypeAlias = "str | os.PathLike[str] | Workspace | None"
"""A folder; without one, that of the environment variable, or the current folder or its nearest parent that is one."""


def workspace_of(place: WorkspaceLike) -> Workspace:
    """Return the workspace to use.

    Raises
    ------
    WorkspaceError
        Where there is none.
    """
    return place if isinstance(place, Workspace) else find_workspace(Path(place) if place else None)


def read_source(
    experiment: ExperimentLike, overrides: Overrides, place: Workspace | None, use: Use = "run"
) -> ReadExperiment:
    """Return an experiment with its TOML text.

    Parameters
    ----------
    experiment : str, Path, Experiment or dict
    overrides : dict or None
    place : Workspace or None
        Workspace of experiments that are given by name; None: only the included experiments.
    use : {"run", "search", "inference"}
        What the experiment has to be complete for.

    Raises
    ------
    ConfigError
        With every fault of the experiment and of the overrides.
    """
    assignments, unwritable = _assignments(overrides or {})
    try:
        if isinstance(experiment, str | os.PathLike):
            read = read_experiment(_file(experiment, place), assignments, use)
        else:
            read = _changed(experiment, assignments, use)
    except ConfigError as error:
        source = "overrides" if error.source == SOURCE else error.source
        raise ConfigError([*unwritable, *error.faults], source) from None
    if unwritable:
        raise ConfigError(unwritable, "overrides")
    return read


def _assignments(overrides: Mapping[str, Any]) -> tuple[list[str], list[Fault]]:
    """Return the overrides as assignments, and the faults of values that TOML has no form for."""
    assignments, faults = [], []
    for path, value in overrides.items():
        try:
            assignments.append(f"{path}={toml_value(_plain(value))}")
        except TypeError:
            allowed = "a number, text, true or false, a list or a table"
            faults.append(Fault(path, type(value).__name__, allowed))
    return assignments, faults


def _changed(given: Experiment | Mapping[str, Any], assignments: Sequence[str], use: Use) -> ReadExperiment:
    if isinstance(given, Experiment):
        text = to_toml(given)
        if not assignments:
            return ReadExperiment(given, text)
        data = parse_toml(text)
    else:
        data = copy.deepcopy(dict(given))
    experiment = with_overrides(Experiment, data, "", *split_overrides(assignments), use)
    return ReadExperiment(experiment, to_toml(experiment))


def _file(name: str | os.PathLike[str], place: Workspace | None) -> Path:
    """Return a path if there is such a file, else the experiment of that name."""
    path = Path(name)
    if path.suffix or path.parent != Path() or path.exists():
        return path
    folders = (*([place.experiments] if place else []), ready_experiments())
    found = next((file for folder in folders if (file := folder / f"{path}.toml").exists()), None)
    if found is None:
        names = sorted({file.stem for folder in folders for file in folder.glob("*.toml")})
        allowed = f"a TOML file, or one of {', '.join(names)}{did_you_mean(str(path), names)}"
        raise ConfigError([Fault("", f"no experiment {str(path)!r}", allowed)])
    return found


def _plain(value: Any) -> Any:
    """Return NumPy's numbers and arrays as Python's."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
