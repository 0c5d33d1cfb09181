"""Checks of ``[tuning]``: which parameters a search can vary, between which ends, and which measure it seeks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final, Literal, TypeAlias

from l5tui.config.document import SEARCH_SPACE, TARGETS, put
from l5tui.config.experiment_tables import ExperimentTables
from l5tui.config.faults import Comparison, faults_in
from l5tui.config.identity import LABELS
from l5tui.config.measure_names import STATISTICS, measure_names
from l5tui.config.schema import parameter_paths, parameters, value_at
from l5tui.config.spelling import did_you_mean
from l5tui.config.tuning import Range
from l5tui.config.wording import dotted, overlap, quoted, shown
from l5tui.errors import Fault

Use: TypeAlias = Literal["run", "search", "inference"]
"""What an experiment is checked for: a run needs no search space, an inference needs targets as well."""

NEVER_SEARCHED: Final = LABELS | {"seed", *TARGETS}
SECTIONS_NEVER_SEARCHED: Final = ("tuning", "recording", "simulation")

_Number: TypeAlias = int | float


def is_searchable(path: str) -> bool:
    """Return whether a search can vary a parameter."""
    return path not in NEVER_SEARCHED and path.split(".")[0] not in SECTIONS_NEVER_SEARCHED


def objective_names() -> tuple[str, ...]:
    """Return the names that ``tuning.objective`` can have, which are those of MLflow's metrics."""
    return ("loss", "loss/targets", *measure_names())


def tuning_faults(experiment: ExperimentTables, use: Use, compare: Comparison) -> Iterator[Fault]:
    """Yield every fault of the search space and the objective.

    Parameters
    ----------
    experiment : Experiment
    use : {"run", "search", "inference"}
        A search needs at least one parameter; an inference also ranges, targets, and two circuits or more.
    compare : callable
        Compares the keys of an experiment at the ends of a range; the search space itself is left out.
    """
    yield from _objective(experiment)
    refused = set()
    for path, spread in experiment.tuning.space.items():
        found = list(dict.fromkeys(_entry(path, spread, experiment, compare)))
        if found:
            refused.add(path)
        yield from found
    if use != "run" and not experiment.tuning.space:
        yield Fault(dotted(SEARCH_SPACE), "nothing to search", "a range or a list of choices for a parameter")
    if use == "inference":
        yield from _inference(experiment, refused)


def is_whole(path: str) -> bool:
    """Return whether a parameter takes whole numbers only."""
    default = next(known.default for known in parameters() if known.path == path)
    return isinstance(default, int) and not isinstance(default, bool)


def _objective(experiment: ExperimentTables) -> Iterator[Fault]:
    name, key = experiment.tuning.objective, "tuning.objective"
    if name == "loss":
        return
    if name == "loss/targets" and not experiment.targets:
        yield Fault(key, f"{quoted(name)} without targets", "with a table [targets]", ("targets",))
    elif name not in (known := objective_names()):
        near = did_you_mean(name, known)
        yield Fault(
            key, quoted(name), f"loss, a term such as loss/rmse, or a measure such as after/DS.CS{near}"
        )


def _entry(path: str, spread: Any, experiment: ExperimentTables, compare: Comparison) -> Iterator[Fault]:
    """Faults of one searched parameter: its path, its range or choices, and what the parameter takes."""
    key, known = dotted((*SEARCH_SPACE, path)), parameter_paths()
    if path not in known:
        yield Fault(key, "an unknown parameter", f"the path of a parameter{did_you_mean(path, known)}")
        return
    if not is_searchable(path):
        yield Fault(key, "a parameter that no trial can vary", "a parameter of the model or the stimulus")
        return
    if isinstance(spread, Range) and (found := list(_range(path, spread, experiment))):
        yield from found
        return
    yield from _values(path, spread, key, experiment, compare)


def _range(path: str, spread: Range, experiment: ExperimentTables) -> Iterator[Fault]:
    key, ends = dotted((*SEARCH_SPACE, path)), f"low {spread.low:g}, high {spread.high:g}"
    if spread.low >= spread.high:
        yield Fault(key, ends, "low less than high")
    elif (spread.integer or is_whole(path)) and math.ceil(spread.low) > math.floor(spread.high):
        yield Fault(key, ends, "a whole number between them")
    if spread.log and spread.low <= 0:
        yield Fault(key, f"low {spread.low:g} with log", "low above 0")
    if spread.times:
        yield from _times(f"{key}.times", spread.times, experiment)


def _times(key: str, times: str, experiment: ExperimentTables) -> Iterator[Fault]:
    """Faults of the parameter that another one is a multiple of."""
    if times not in (known := parameter_paths()):
        yield Fault(key, quoted(times), f"the path of a parameter{did_you_mean(times, known)}")
        return
    partner, factor = experiment.tuning.space.get(times), value_at(experiment, times)
    is_number = isinstance(factor, int | float) and not isinstance(factor, bool)
    if not is_number or (isinstance(partner, Range) and partner.times):
        yield Fault(key, quoted(times), "the path of a number that is not itself a multiple")


def _values(
    path: str, spread: Any, key: str, experiment: ExperimentTables, compare: Comparison
) -> Iterator[Fault]:
    """Faults of the ends of a range, or of choices, as values of their parameter.

    A comparison with another parameter counts only where that one is not searched: it may have any value then.
    """
    others = [other for other in experiment.tuning.space if other != path]
    plain: dict[str, Any] = experiment.model_dump(mode="json", exclude={"tuning"})
    before = set(faults_in(plain, compare)) if experiment.tuning.space else set()
    for value in dict.fromkeys(map(_Exact, _candidates(path, spread, experiment))):
        data: dict[str, Any] = experiment.model_dump(mode="json", exclude={"tuning"})
        put(data, tuple(path.split(".")), value.value, new_table=lambda parent, path: {})
        for fault in faults_in(data, compare):
            if fault in before or any(overlap(other, each) for other in others for each in _keys(fault)):
                continue
            if overlap(fault.key, path):
                yield Fault(key, fault.got, fault.allowed)
            elif any(overlap(each, path) for each in fault.depends_on):
                yield Fault(
                    key, f"{shown(value.value)}, with which {fault.key} is {fault.got}", fault.allowed
                )


def _candidates(path: str, spread: Any, experiment: ExperimentTables) -> list[Any]:
    """Return the extreme values of a range: both ends, of a ratio multiplied by its reference; every choice."""
    if not isinstance(spread, Range):
        return list(spread)
    whole = spread.integer or is_whole(path)
    ends: list[_Number] = [spread.low, spread.high]
    if whole:
        ends = [math.ceil(spread.low), math.floor(spread.high)]
    if not spread.times:
        return ends
    partner = experiment.tuning.space.get(spread.times)
    factors = [float(value_at(experiment, spread.times))]
    if isinstance(partner, Range):
        factors = [partner.low, partner.high]
    products = [float(end) * factor for end in ends for factor in factors]
    return [min(products), max(products)]


class _Exact:
    """A value that equals another one only if both have one type: 1 and true are two choices."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Exact) and repr(self.value) == repr(other.value)

    def __hash__(self) -> int:
        return hash(repr(self.value))


def _keys(fault: Fault) -> tuple[str, ...]:
    return (fault.key, *fault.depends_on)


def _inference(experiment: ExperimentTables, refused: set[str]) -> Iterator[Fault]:
    """Faults of a space and targets that only an inference has."""
    for path, spread in experiment.tuning.space.items():
        if path not in refused and not isinstance(spread, Range):
            yield Fault(
                dotted((*SEARCH_SPACE, path)), "choices", "a range; `--rules` compares learning rules"
            )
    if not experiment.targets:
        yield Fault(
            dotted(TARGETS),
            "nothing to infer from",
            "a target for at least one measure, with its uncertainty",
        )
    circuits = experiment.tuning.realizations or experiment.simulation.realizations
    if circuits < 2:
        key = "tuning.realizations" if experiment.tuning.realizations else "simulation.realizations"
        yield Fault(key, str(circuits), "2 or more: their variance is the noise of the likelihood")
    for name, target in experiment.targets.items():
        for each in (name, target.reference):
            if each.endswith(STATISTICS[1:]):
                yield Fault(dotted((*TARGETS, name)), each, "a measure that is defined for a single circuit")
