"""What a learning rule is: the two factors of a rank-one change of the weights.

Every rule here changes W by an outer product, D(post, pre) = post ⊗ pre:

=========  ============================================================  ================
symbol     meaning                                                       shape
=========  ============================================================  ================
r          rates after the step, r(t+1)                                  (direction, N)
I          stimulus during the step, I(t)                                (direction, N)
W r        recurrent input from the new rates, W(t) r(t+1)               (direction, N)
θ          threshold of each neuron                                      (direction, N)
=========  ============================================================  ================
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from l5tui.config import Experiment
from l5tui.model.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Activity:
    """What a rule may look at after a step.

    Parameters
    ----------
    rates : ndarray, shape (direction, N)
        r(t+1).
    stimulus : ndarray, shape (direction, N)
        I(t).
    recurrent : callable
        Gives W(t) r(t+1), shape (direction, N); only rules that need it pay for it.
    """

    rates: FloatArray
    stimulus: FloatArray
    recurrent: Callable[[], FloatArray]


class Rule(ABC):
    """Base class of learning rules, with the state of the rule for one circuit.

    Parameters
    ----------
    experiment : Experiment
    initial_rates : ndarray, shape (direction, N)
        r(0).
    """

    def __init__(self, experiment: Experiment, initial_rates: FloatArray) -> None:
        self.experiment = experiment

    @classmethod
    def flips_inhibitory(cls, variant: str) -> bool:
        """Whether columns of inhibitory presynaptic neurons are multiplied by −1.

        Parameters
        ----------
        variant : str
            ``corrected`` or ``original``.

        Returns
        -------
        bool
        """
        return True

    def observe(self, rates: FloatArray) -> None:  # noqa: B027 - most rules remember, some need not
        """Update the state of the rule with the rates of a step, with or without learning.

        Parameters
        ----------
        rates : ndarray, shape (direction, N)
            r(t+1).
        """

    @abstractmethod
    def factors(self, activity: Activity) -> tuple[FloatArray, FloatArray]:
        """Return the postsynaptic and the presynaptic factor of D.

        Parameters
        ----------
        activity : Activity

        Returns
        -------
        post, pre : ndarray, shape (direction, N)
        """
