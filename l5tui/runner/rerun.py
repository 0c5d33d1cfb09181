"""Running what was run before: again as it was, or as the beginning of something new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l5tui.analysis.comparison import differing
from l5tui.config.validation import require_runnable
from l5tui.runner.alteration import alteration
from l5tui.runner.code_state import CODE_GENERATION
from l5tui.runner.events import Observer
from l5tui.runner.mlflow_recorder import MlflowRecorder
from l5tui.runner.output import write_new_file
from l5tui.runner.pause import Pause
from l5tui.runner.report import RunReport
from l5tui.runner.run import run_experiment
from l5tui.runner.stored_run import existing_catalog, require_true_row, stored_experiment, stored_file
from l5tui.store.file_comparison import Difference, first_difference
from l5tui.store.records import RunRecord
from l5tui.workspace import Workspace

__all__ = ["Difference", "Verification", "find_run", "fork_run", "rerun", "verify"]


@dataclass(frozen=True)
class Verification:
    """Whether a run gave the same numbers again.

    Parameters
    ----------
    original, again : RunRecord
        The two runs.
    variables : int
        How many numeric variables are the same, up to the first that is not.
    difference : Difference or None
        The first place where their files differ; None where they hold the same bits.
    versions : dict of str to tuple
        Versions, commit and the like that are not the same, then and now.
    warnings : tuple of str
        Which of the two files is not what its run wrote, one line each.
    """

    original: RunRecord
    again: RunRecord
    variables: int
    difference: Difference | None
    versions: dict[str, tuple[Any, ...]]
    warnings: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether both files hold the same bits."""
        return self.difference is None

    def lines(self) -> list[str]:
        """Return the result of the verification, and later changes, in words."""
        ids, found = (self.original.id, self.again.id), self.difference
        if found is None:
            variables = f"{self.variables} numeric variable{'' if self.variables == 1 else 's'}"
            lines = [f"The same bits: run {ids[1]} repeats {ids[0]} in {variables}."]
        else:
            where = found.variable if found.index is None else f"{found.variable}{list(found.index)}"
            lines = [
                f"Not the same: run {ids[1]} differs from {ids[0]} first in {where}:",
                f"  {found.values[0]} before, {found.values[1]} now",
            ]
        if self.versions:
            lines.append("Changed since then:")
            lines += [
                f"  {name}: {before} before, {now} now" for name, (before, now) in self.versions.items()
            ]
        elif found is not None:
            lines.append("No version has changed since then.")
        return lines + [f"warning: {warning}" for warning in self.warnings]

    def as_dict(self) -> dict[str, Any]:
        """Return the verification as one JSON object."""
        found = self.difference
        return {
            "original": self.original.id,
            "again": self.again.id,
            "same": self.is_same,
            "variables": self.variables,
            "difference": None
            if found is None
            else {
                "variable": found.variable,
                "index": None if found.index is None else list(found.index),
                "values": list(found.values),
            },
            "versions": {name: list(values) for name, values in self.versions.items()},
            "warnings": list(self.warnings),
        }


def find_run(workspace: Workspace, reference: str, *, with_file: bool = False) -> RunRecord:
    """Return the run that a reference names.

    Parameters
    ----------
    workspace : Workspace
    reference : str
    with_file : bool
        Whether it must have its file.

    Raises
    ------
    UnknownRunError, UnsuitableRunError
        Where there is no such run, or it lacks its file.
    """
    record = existing_catalog(workspace).find(reference)
    if with_file:
        stored_file(record, workspace)
    return record


def rerun(
    original: RunRecord,
    workspace: Workspace,
    *,
    observe: Observer = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
    recorder: MlflowRecorder | None = None,
    pause: Pause | None = None,
    force: bool = False,
) -> RunReport:
    """Run the configuration of a stored run as a new run.

    Parameters
    ----------
    original : RunRecord
    workspace : Workspace
    observe, cancelled, recorder, pause, force
        As in `l5tui.runner.run.run_experiment`.

    Raises
    ------
    DamagedRowError
        If the row has another experiment than the run's file.
    ConfigError
        If the configuration cannot be read any more, or the package of its learning rule is not installed.
    StoreError
        As `l5tui.runner.run.run_experiment` does.
    """
    require_true_row(original, workspace)
    experiment = stored_experiment(original)
    require_runnable(experiment, f"run {original.id}")
    return run_experiment(
        experiment,
        original.toml,
        workspace,
        observe=observe,
        cancelled=cancelled,
        recorder=recorder,
        pause=pause,
        force=force,
    )


def verify(original: RunRecord, again: RunRecord, workspace: Workspace) -> Verification:
    """Compare all numeric variables of two runs' files, bit for bit.

    Raises
    ------
    UnsuitableRunError
        Where one of them has no file.
    StoreError
        Where one cannot be read.
    """
    require_true_row(original, workspace)
    same, difference = first_difference(*(stored_file(record, workspace) for record in (original, again)))
    before, now = _circumstances(original), _circumstances(again)
    if CODE_GENERATION not in original.versions:
        # An earlier version recorded less: what it lacks has not changed.
        now = {name: value for name, value in now.items() if name in before}
    warnings = tuple(text for record in (original, again) if (text := alteration(record, workspace)))
    return Verification(original, again, same, difference, differing([before, now]), warnings)


def fork_run(record: RunRecord, workspace: Workspace, path: Path) -> None:
    """Write the configuration of a run, comments included, as a new experiment.

    Raises
    ------
    DamagedRowError
        If the row has another experiment than the run's file.
    OutputError
        Where the file is there already, or cannot be written.
    """
    require_true_row(record, workspace)
    write_new_file(path, record.toml.encode())


def _circumstances(record: RunRecord) -> dict[str, Any]:
    return {**record.versions, "git_commit": record.git_commit, "git_dirty": record.git_dirty}
