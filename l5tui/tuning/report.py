"""A study as it is reported: by name for people, as JSON for scripts."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from l5tui.analysis.caveats import unequal_realizations
from l5tui.analysis.parameter_axis import parameter_labels
from l5tui.config.simulation import Simulation
from l5tui.errors import ConfigError, DamagedRowError
from l5tui.runner.report import number_or_none
from l5tui.store.study_records import StudyRecord, TrialRecord
from l5tui.text import number
from l5tui.tuning.confirmed import Candidate, Confirmation, read_confirmation
from l5tui.tuning.space import SearchSpace, search_space
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    from l5tui.config import Experiment


@dataclass(frozen=True)
class StudyReport:
    """What there is to say of a study.

    Parameters
    ----------
    record : StudyRecord
    trials : tuple of TrialRecord
    workspace : Workspace
    warnings : tuple of str
        What fell short without spoiling the study.
    interruption : str
        Why a study that was run has stopped without a request, such as the loss of its cluster.
    """

    record: StudyRecord
    trials: tuple[TrialRecord, ...]
    workspace: Workspace
    warnings: tuple[str, ...] = ()
    interruption: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the study with its trials as one JSON object; what is not defined is null."""
        return {
            **study_listing(self.record, self.confirmed),
            "space": dict(self.record.space),
            "seed": self.record.seed,
            "hash": self.record.hash,
            "mlflow_run": self.record.mlflow_run,
            "git_commit": self.record.git_commit,
            "git_dirty": self.record.git_dirty,
            "versions": dict(self.record.versions),
            "warnings": list(self.warnings),
            "confirmation": self.confirmation.as_dict() if self.confirmation else None,
            "best_confirmed_trial": self.confirmed_trial,
            "trials": [_trial_row(trial, self.parameters(trial)) for trial in self.trials],
        }

    @cached_property
    def confirmation(self) -> Confirmation | None:
        """The best points in fresh circuits; None where there is none of the present trials."""
        return read_confirmation(self.workspace, self.record, self.trials)

    @property
    def confirmed(self) -> Candidate | None:
        """The best trial in fresh circuits; None where the study is not confirmed."""
        return self.confirmation.best if self.confirmation else None

    @property
    def confirmed_trial(self) -> int | None:
        """Number of the best trial in fresh circuits; None where the study is not confirmed."""
        return self.confirmed.trial if self.confirmed else None

    @property
    def best_trial(self) -> int | None:
        """Number of the best trial: in fresh circuits where that is confirmed, else in the tuning circuits."""
        return self.confirmed.trial if self.confirmed else self.record.best_trial

    @property
    def best_in_words(self) -> str:
        """The best trial in fresh circuits, or that there is none; then the best in the circuits of the search."""
        if self.record.best_trial is None:
            return ""
        in_search = f"best in search is trial {self.record.best_trial}: {number(self.record.best_value, 4)}"
        confirmed, found = self.confirmation, self.confirmed
        if confirmed is None or found is None:
            return f"{in_search} in the tuning circuits only, not confirmed"
        spread = (
            f", 95 % {number(found.low, 4)} to {number(found.high, 4)}" if math.isfinite(found.low) else ""
        )
        return (
            f"best is trial {found.trial}: {number(found.mean, 4)} in fresh circuits (n = {found.n} sets of "
            f"{confirmed.circuits}{spread}); {in_search}"
        )

    @property
    def difference_in_words(self) -> str:
        """The difference between the best two in fresh circuits; empty where there are no two."""
        difference = self.confirmation.difference if self.confirmation else None
        return difference.in_words if difference else ""

    def parameters(self, trial: TrialRecord) -> Mapping[str, Any]:
        """Return a trial's parameters as MLflow names them: values under their paths, ratios under ``a / b``.

        Of an experiment of another version of l5tui that this one cannot read, ratios alone are known.
        """
        if self._searched is None:
            labels = parameter_labels(self.record.space)
            return {labels[path]: value for path, value in trial.point.items()}
        space, experiment = self._searched
        return space.parameters(trial.point, experiment)

    @cached_property
    def _searched(self) -> tuple[SearchSpace, Experiment] | None:
        from l5tui.tuning.lifecycle import study_experiment

        try:
            experiment = study_experiment(self.record)
            space = search_space(experiment)
        except (ConfigError, DamagedRowError):
            return None
        # Of another experiment's text, in a damaged row, the parameters mean nothing.
        return (space, experiment) if space.as_dict() == dict(self.record.space) else None

    def as_json(self) -> str:
        """Return the study as JSON text."""
        return json.dumps(self.as_dict(), indent=2, allow_nan=False)


def study_listing(record: StudyRecord, confirmed: Candidate | None = None) -> dict[str, Any]:
    """Return what a list of studies has of each.

    Parameters
    ----------
    record : StudyRecord
    confirmed : Candidate, optional
        The best in fresh circuits, as `l5tui.tuning.confirmed.read_best` returns it.
    """
    times = {"created": record.created, "started": record.started, "ended": record.ended}
    return {
        "id": record.id,
        "status": record.shown_status,
        "name": record.name,
        "method": record.method,
        "objective": record.objective,
        "maximize": record.maximize,
        "wanted": record.trials,
        "counts": dict(record.counts),
        "best_trial": record.best_trial,
        "best_value": number_or_none(record.best_value),
        "confirmed_best": confirmed.as_dict() if confirmed else None,
        "realizations": realizations_of(record),
        "error": record.shown_error,
        **{name: time.isoformat() if time else None for name, time in times.items()},
    }


def realizations_of(record: StudyRecord) -> int | None:
    """Return how many realizations each trial of a study has; None where its text cannot be read any more."""
    try:
        text = tomllib.loads(record.toml)
        own = text.get("tuning", {}).get("realizations", 0)
        return int(own or text.get("simulation", {}).get("realizations", Simulation().realizations))
    except (tomllib.TOMLDecodeError, AttributeError, TypeError, ValueError):
        return None


def unequal_studies(records: Sequence[StudyRecord]) -> str:
    """Return a caveat where the best values of losses are of different numbers of realizations; else an empty text."""
    losses = [each for each in records if each.objective == "loss" and not math.isnan(each.best_value)]
    return unequal_realizations(realizations_of(each) for each in losses)


def _trial_row(trial: TrialRecord, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": trial.number,
        "status": str(trial.status),
        "value": number_or_none(trial.value),
        "point": dict(trial.point),
        "parameters": dict(parameters),
        "seconds": number_or_none(trial.seconds),
        "attempts": trial.attempts,
        "error": trial.error,
        "mlflow_run": trial.mlflow_run,
        "metrics": dict(trial.metrics),
    }
