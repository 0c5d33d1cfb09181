"""The experiments of a workspace: what their files are called and say at a glance, and what can be done to them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from l5tui.config.schema import parameters
from l5tui.config.toml_file import write_experiment
from l5tui.config.toml_text import parse_toml
from l5tui.config.validation import validate
from l5tui.errors import ConfigError, Fault
from l5tui.tui.disk_file import read_disk
from l5tui.workspace import Workspace


@dataclass(frozen=True)
class ExperimentFile:
    """A file at a glance.

    Parameters
    ----------
    path : Path
    name : str
        The experiment's.
    rule : str
        Its learning rule; ``?`` if the text is not TOML, ``unreadable`` if there is no text.
    fault : str
        Reason why it cannot be read; empty if it can.
    """

    path: Path
    name: str
    rule: str
    fault: str = ""


def experiment_files(workspace: Workspace) -> list[ExperimentFile]:
    """Every TOML file, the default and the quick start first."""
    first = {"default": 0, "quickstart": 1}
    paths = sorted(
        workspace.experiments.glob("*.toml"), key=lambda path: (first.get(path.stem, 2), path.stem)
    )
    return [_glance(path) for path in paths]


def new_path(workspace: Workspace, name: str) -> Path:
    """Where a new experiment goes.

    Raises
    ------
    ConfigError
        Where the name is none for a file, or is taken.
    """
    stem = name.strip().removesuffix(".toml")
    if not stem or stem.startswith(".") or any(c in '/\\:*?"<>|' or not c.isprintable() for c in stem):
        raise ConfigError([Fault("", f"{name!r} is no name for a file", "letters, digits, - and _")])
    path = workspace.experiments / f"{stem}.toml"
    if os.path.lexists(path):  # A link to nowhere is taken too: writing would create what it points to.
        raise ConfigError([Fault("", f"{path.name} is there already", "")])
    return path


def free_name(workspace: Workspace, stem: str) -> str:
    """Return a name that is free: the stem itself, or the stem with a number."""
    number, name = 2, stem
    while os.path.lexists(workspace.experiments / f"{name}.toml"):
        name, number = f"{stem}-{number}", number + 1
    return name


def write_text(path: Path, text: str) -> None:
    """Write a valid experiment's text to a file as it stands, whole.

    Raises
    ------
    ConfigError
        Where it cannot be written.
    """
    # Not with the file's name filled in, as reading it would: nothing may differ from what is on the screen.
    write_experiment(path, validate(parse_toml(text)), text)


def rename(path: Path, target: Path) -> None:
    """Give a file another name.

    Raises
    ------
    ConfigError
        Where that cannot be done.
    """
    try:
        os.rename(path, target)  # noqa: PTH104
    except OSError as error:
        raise ConfigError([Fault("", f"cannot be renamed: {error.strerror}", "")], path.name) from error


def delete(path: Path) -> None:
    """Remove a file.

    Raises
    ------
    ConfigError
        Where that cannot be done.
    """
    try:
        path.unlink()
    except OSError as error:
        raise ConfigError([Fault("", f"cannot be deleted: {error.strerror}", "")], path.name) from error


def _glance(path: Path) -> ExperimentFile:
    disk = read_disk(path)
    if disk.fault:
        return ExperimentFile(path, path.stem, "unreadable", disk.fault)
    try:
        data = parse_toml(disk.text)
    except ConfigError:
        return ExperimentFile(path, path.stem, "?")
    plasticity = data.get("plasticity")
    rule = plasticity.get("rule", default_rule()) if isinstance(plasticity, dict) else default_rule()
    return ExperimentFile(path, str(data.get("name", path.stem)), str(rule))


@cache
def default_rule() -> str:
    """Return the default learning rule."""
    return str(next(known.default for known in parameters() if known.path == "plasticity.rule"))
