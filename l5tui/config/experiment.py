"""The complete configuration of an experiment: one immutable tree with everything that a run depends on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from pydantic import ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from l5tui.config.checks import cross_check
from l5tui.config.experiment_tables import ExperimentTables
from l5tui.config.identity import experiment_hash
from l5tui.config.loading import load_file


class Experiment(ExperimentTables):
    """Validated configuration of one experiment.

    Examples
    --------
    >>> Experiment.model_validate({"plasticity": {"rule": "oja"}}).plasticity.rule
    'oja'
    """

    @model_validator(mode="after")
    def _cross_checks(self, info: ValidationInfo) -> Self:
        context = info.context or {}
        if context.get("stored"):
            return self
        if faults := cross_check(self, context.get("use", "run")):
            # In this order: pydantic fills in placeholders also within what it has filled in before.
            details = {"faults": faults, "text": "; ".join(str(fault) for fault in faults)}
            raise PydanticCustomError("cross_checks", "{text}", details)
        return self

    @classmethod
    def load(cls, path: str | Path, overrides: Sequence[str] = ()) -> Experiment:
        """Read an experiment from a TOML file.

        Parameters
        ----------
        path : str or Path
            The file. An experiment without `name` has the name of the file.
        overrides : sequence of str
            ``section.key=value`` assignments that override the file.

        Raises
        ------
        ConfigError
            If the file has faults; the error lists all of them.
        """
        return load_file(cls, Path(path), overrides).experiment

    @property
    def hash(self) -> str:
        """SHA-256 of the resolved configuration: equal for files that define the same run."""
        return experiment_hash(self)
