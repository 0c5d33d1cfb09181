"""One experiment under every learning rule: the same circuits and stimuli, and a control that learns nothing."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from l5tui.analysis.rule_comparison import RuleEffect, realization_measures, rule_effects
from l5tui.config import Experiment
from l5tui.config.overrides import apply_overrides, parse_overrides
from l5tui.config.rules import CONTROL, rule_names
from l5tui.config.toml_text import parse_toml
from l5tui.config.toml_writer import to_toml
from l5tui.config.validation import validate
from l5tui.errors import ConfigError, Fault, UnknownRunError, UnsuitableRunError
from l5tui.runner.anchor import Anchor
from l5tui.runner.events import Event, Forecasted, Observer, RunStarted
from l5tui.runner.forecast import LARGE_BYTES, Forecast, forecast, require_disk
from l5tui.runner.memory import require_memory
from l5tui.runner.mlflow_recorder import MlflowRecorder, default_recorder
from l5tui.runner.output import csv_text, write_files
from l5tui.runner.report import RunReport, listing
from l5tui.runner.run import run_experiment
from l5tui.runner.stored_run import existing_catalog, read_stored, stored_experiment
from l5tui.runner.together import OneAtATime, Together
from l5tui.store.records import RunRecord
from l5tui.store.run_id import make_run_id
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    from matplotlib.figure import Figure

AT_ONCE = 2
"""Runs at a time: while one is measured, written and shown to MLflow, the other keeps the cores busy."""

LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class RuleComparison:
    """Learning rules side by side.

    Parameters
    ----------
    group_id : str
        What the runs share in the catalogue.
    records : tuple of RunRecord
        Those that were begun, the control first; of each rule the newest.
    effects : tuple of RuleEffect
        Of the rules that are complete; empty where the control is not.
    """

    group_id: str
    records: tuple[RunRecord, ...]
    effects: tuple[RuleEffect, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as one JSON object; what is not defined is null."""
        return {
            "group": self.group_id,
            "control": CONTROL,
            "runs": [listing(record) for record in self.records],
            "effects": [
                {name: _finite(value) for name, value in asdict(effect).items()} for effect in self.effects
            ],
        }

    def rows(self) -> list[Sequence[object]]:
        """Return the effects as rows of a table, the first of them its heading."""
        effects = self.as_dict()["effects"]
        return [list(effects[0]), *(list(effect.values()) for effect in effects)] if effects else []


def compare_rules(
    text: str,
    workspace: Workspace,
    *,
    rules: Sequence[str] | None = None,
    observe: Observer = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
    recorder: MlflowRecorder | None = None,
    force: bool = False,
) -> RuleComparison:
    """Run an experiment under several rules, and keep every run as a member of one group.

    Parameters
    ----------
    text : str
        TOML text of the experiment, whatever its rule.
    workspace : Workspace
    rules : sequence of str, optional
        All that there are, unless they are named. The control is run first, whether it is named or not.
    observe : callable, optional
        Called with every event, with progress over all rules; from several threads, one call at a time.
    cancelled : callable, optional
        Called before every step; True stops the comparison, as KeyboardInterrupt does. Complete runs stay stored.
    recorder : MlflowRecorder, optional
        Records the runs in MLflow; this process by default.
    force : bool, optional
        Start even if the runs need more memory than is free.

    Returns
    -------
    RuleComparison

    Raises
    ------
    ConfigError
        Where the experiment cannot be run under one of the rules; nothing has then been run.
    MemoryShortageError
        If the runs need more memory than is free.
    StoreError
        Where nothing can be kept, or the disk has no room for all.
    KeyboardInterrupt
        Where it comes before a run has a row.
    """
    wanted = rule_names() if rules is None else rules
    members = _members(text, list(dict.fromkeys((CONTROL, *wanted))))
    expected = _forecast([experiment for experiment, _ in members.values()])
    require_memory(expected, force=force)
    require_disk(expected, workspace)
    if expected.is_large:
        observe(Forecasted(expected))
    group_id = f"rules-{make_run_id(datetime.now(UTC))}"
    together = Together({rule: experiment for rule, (experiment, _) in members.items()}, observe)
    one_at_a_time = OneAtATime(recorder or default_recorder(workspace))
    stop = threading.Event()
    order = list(members)
    begun = {rule: threading.Event() for rule in order}

    def run(rule: str) -> RunReport:
        experiment, toml = members[rule]
        observe_rule = together.observer_of(rule)

        def watch(event: Event) -> None:
            if isinstance(event, RunStarted):
                begun[rule].set()
            observe_rule(event)

        # One after the other, so that the order of their ids is that of the rules.
        if before := order[: order.index(rule)]:
            begun[before[-1]].wait()
        now = anchor.workspace()
        try:
            return run_experiment(
                experiment,
                toml,
                now,
                observe=watch,
                cancelled=lambda: stop.is_set() or cancelled(),
                # Another one would record in the old place.
                recorder=one_at_a_time if now == workspace else default_recorder(now),
                group_id=group_id,
                force=force,
            )
        finally:
            begun[rule].set()

    with closing(Anchor(workspace)) as anchor:
        _run_all(run, order, stop, cancelled, AT_ONCE if AT_ONCE * expected.memory < LARGE_BYTES else 1)
        place = anchor.workspace()
    try:
        return stored_rule_comparison(place, group_id)
    except UnknownRunError:
        # None has begun, which only a request to stop can do.
        raise KeyboardInterrupt("interrupted") from None


def stored_rule_comparison(workspace: Workspace, group_id: str) -> RuleComparison:
    """Return a comparison of rules from the catalogue and the files of its runs.

    Raises
    ------
    UnknownRunError
        Where there is no such group.
    UnsuitableRunError
        Where its runs differ in the number of realizations, so that they are no pairs.
    """
    found = existing_catalog(workspace).runs(group=group_id)
    if not found:
        raise UnknownRunError(
            f"no runs of group {group_id!r}; `l5tui runs --json` says the group of each run"
        )
    newest: dict[str, RunRecord] = {}
    for record in found:
        newest.setdefault(record.rule, record)
    # The package of a rule may be gone since.
    records = [newest[rule] for rule in dict.fromkeys((*rule_names(), *newest)) if rule in newest]
    measured = {
        record.rule: realization_measures(read_stored(record, workspace, ["selectivity_by_realization"]))
        for record in records
        if record.file is not None
    }
    if len({values.shape for values in measured.values()}) > 1:
        raise UnsuitableRunError(f"group {group_id}: its runs have different numbers of realizations")
    effects = rule_effects(measured) if CONTROL in measured else []
    return RuleComparison(group_id, tuple(records), tuple(effects))


def rule_comparison_figure_of(comparison: RuleComparison) -> Figure:
    """Return the figure of a comparison.

    Raises
    ------
    UnsuitableRunError
        Where the control is not complete, so that there is nothing to draw.
    """
    from l5tui.figures.rule_comparison import rule_comparison_figure

    if not comparison.effects:
        raise UnsuitableRunError(f"group {comparison.group_id}: the control is not complete")
    control = comparison.records[0]
    experiment = stored_experiment(control)
    facts = (
        f"{control.variant}  ·  {experiment.simulation.realizations} realizations  ·  seed {control.seed}"
        f"  ·  group {comparison.group_id}"
    )
    return rule_comparison_figure(comparison.effects, control.name, facts)


def draw_rule_comparison(comparison: RuleComparison, folder: Path) -> list[Path]:
    """Write the figure of a comparison, and its table as CSV.

    Raises
    ------
    UnsuitableRunError
        Where the control is not complete, so that there is nothing to draw.
    OutputError
        Where they cannot be written.
    """
    from l5tui.figures.output import png_bytes

    files = {
        "rule_comparison.png": png_bytes(rule_comparison_figure_of(comparison)),
        "rule_comparison.csv": csv_text(comparison.rows()).encode(),
    }
    return write_files(folder, files)


def _members(text: str, rules: Sequence[str]) -> dict[str, tuple[Experiment, str]]:
    """Return the experiment under each rule, or raise the faults that it has under all of them."""
    members: dict[str, tuple[Experiment, str]] = {}
    faults: dict[Fault, None] = {}
    for rule in rules:
        try:
            members[rule] = _under(text, rule)
        except ConfigError as error:
            faults.update(dict.fromkeys(error.faults))
    if faults:
        raise ConfigError([*faults])
    return members


def _under(text: str, rule: str) -> tuple[Experiment, str]:
    """Return an experiment under another rule, and its text with all comments."""
    data = parse_toml(text)
    apply_overrides(data, parse_overrides([f"plasticity.rule={rule}"]))
    experiment = validate(data)
    return experiment, to_toml(experiment, text)


def _forecast(experiments: Sequence[Experiment]) -> Forecast:
    each = [forecast(experiment) for experiment in experiments]
    return Forecast(
        sum(one.seconds for one in each), max(one.memory for one in each), sum(one.disk for one in each)
    )


def _run_all(
    run: Callable[[str], RunReport],
    rules: Sequence[str],
    stop: threading.Event,
    cancelled: Callable[[], bool],
    at_once: int,
) -> None:
    """Run all rules, a few at a time; stop all of them if one raises or a stop is requested."""
    futures: list[Future[RunReport]] = []
    # Around all runs: each sets the same limit and would otherwise lift it for the other when it ends.
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(at_once, "rule") as threads:
        try:
            futures += [threads.submit(run, rule) for rule in rules]
            while wait(futures, LOOK_SECONDS).not_done:
                if cancelled() or any(future.done() and future.exception() for future in futures):
                    break
        except KeyboardInterrupt:
            # Those that run end as cancelled, which their rows say.
            stop.set()
        finally:
            if not all(future.done() for future in futures):
                stop.set()
            threads.shutdown(wait=True, cancel_futures=True)
    for future in futures:
        if not future.cancelled() and not isinstance(future.exception(), KeyboardInterrupt):
            future.result()


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
