"""Read and write the TOML file of an experiment: all faults in one error, atomic writes."""

from __future__ import annotations

import os
import re
import stat
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from l5tui.config.experiment import Experiment
from l5tui.config.loading import Loaded, load_file, load_text
from l5tui.config.search_space import Use
from l5tui.config.toml_text import printable
from l5tui.config.toml_writer import edit, to_toml, toml_value
from l5tui.config.wording import one_line
from l5tui.errors import ConfigError, Fault

__all__ = ["ReadExperiment", "parse_experiment", "read_experiment", "to_toml", "write_experiment"]


@dataclass(frozen=True)
class ReadExperiment:
    """An experiment, and the text that says the same.

    Parameters
    ----------
    experiment : Experiment
    text : str
        TOML with the overrides applied, the name filled in and all comments kept.
    """

    experiment: Experiment
    text: str


def read_experiment(path: Path, overrides: Sequence[str] = (), use: Use = "run") -> ReadExperiment:
    """Read an experiment; one that does not name itself takes the file's name.

    Parameters
    ----------
    path : Path
    overrides : sequence of str
        ``section.key=value`` assignments that win over the file.
    use : {"run", "search", "inference"}
        What the experiment has to be complete for.

    Raises
    ------
    ConfigError
        With every fault of the file and of the overrides.
    """
    return _edited(load_file(Experiment, path, overrides, use))


def parse_experiment(text: str, name: str, source: str = "") -> ReadExperiment:
    """Return the experiment of a text, as if it were read from a file.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        What it is called where it does not name itself.
    source : str
        Where it comes from, for the faults.

    Raises
    ------
    ConfigError
        With every fault.
    """
    return _edited(load_text(Experiment, text, name, source))


def _edited(loaded: Loaded[Experiment]) -> ReadExperiment:
    """Write the overrides and the name into the text."""
    experiment, text = loaded.experiment, loaded.text
    if loaded.changes:
        text = edit(text, loaded.changes)
    if not loaded.is_named:
        text = _with_name(text, experiment.name)
    return ReadExperiment(experiment, to_toml(experiment, text) if loaded.changes else text)


def write_experiment(path: Path, experiment: Experiment, base_text: str | None = None) -> None:
    """Write an experiment's file: the whole of it, or nothing.

    Parameters
    ----------
    path : Path
        A file that is there keeps its permissions; a link keeps pointing to the file that it points to.
    experiment : Experiment
    base_text : str, optional
        Text whose comments and layout to keep, as `to_toml` takes it.

    Raises
    ------
    ConfigError
        Where it cannot be written, or `base_text` is not a valid experiment.
    """
    content = to_toml(experiment, base_text).encode()
    try:
        target = path.resolve()
        temporary = target.with_name(f".{uuid.uuid4().hex}.part")
        try:
            _write_synced(temporary, content)
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            os.replace(temporary, target)  # noqa: PTH105
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(
            [Fault("", f"cannot be written: {one_line(reason)}", "")], printable(path)
        ) from error


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _with_name(text: str, name: str) -> str:
    """Return the text with a name below its leading comment."""
    comment = re.match(r"(#[^\n]*\n)*", text)
    end = comment.end() if comment else 0
    ending = "\r\n" if "\r\n" in text else "\n"
    gap = ending if text[end:].lstrip(" \t").startswith(("#", "[")) else ""
    return f"{text[:end]}name = {toml_value(name)}{ending}{gap}{text[end:]}"
