"""Whether the trials of a study fit in the memory that is free."""

from __future__ import annotations

from l5tui.config import POPULATIONS, Experiment
from l5tui.config.tuning import Range
from l5tui.runner.forecast import forecast
from l5tui.runner.memory import require_memory
from l5tui.runner.processors import processor_count


def require_memory_for_trials(experiment: Experiment, *, force: bool = False) -> None:
    """Refuse a study whose largest trials, as many as run at the same time, need more memory than is free.

    Parameters
    ----------
    experiment : Experiment
    force : bool, optional
        Start all the same.

    Raises
    ------
    MemoryShortageError
        If they do not fit.
    """
    workers = experiment.tuning.workers or processor_count()
    require_memory(forecast(largest_trial(experiment)), workers, force=force)


def largest_trial(experiment: Experiment) -> Experiment:
    """Return the experiment with the circuits of a trial, and the largest populations that are searched.

    Parameters
    ----------
    experiment : Experiment
    """
    space, network = experiment.tuning.space, experiment.network
    sizes = dict(zip(POPULATIONS, network.sizes.in_order(), strict=True))
    for name in POPULATIONS:
        spread = space.get(f"network.sizes.{name}")
        if isinstance(spread, Range) and not spread.times:
            sizes[name] = int(spread.high)
        elif spread is not None and not isinstance(spread, Range):
            sizes[name] = max(int(choice) for choice in spread)
    realizations = experiment.tuning.realizations or experiment.simulation.realizations
    return experiment.model_copy(
        update={
            "network": network.model_copy(update={"sizes": network.sizes.model_copy(update=sizes)}),
            "simulation": experiment.simulation.model_copy(update={"realizations": realizations}),
        }
    )
