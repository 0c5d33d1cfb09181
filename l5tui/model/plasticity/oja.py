"""Oja's rule as a network's: what is left of the input once the recurrent input has explained it.

D = r ⊗ (r + I − W r). After Oja 1982, J. Math. Biol. 15:267, as a reconstruction error in a recurrent
network; the textbook's fixed points do not carry over.
"""

from __future__ import annotations

from l5tui.model.arrays import FloatArray
from l5tui.model.plasticity.rule import Activity, Rule


class Oja(Rule):
    """Oja's rule in a recurrent network (after Oja 1982).

    Parameters
    ----------
    experiment : Experiment
    initial_rates : ndarray, shape (direction, N)
        r(0).
    """

    def factors(self, activity: Activity) -> tuple[FloatArray, FloatArray]:
        """Return the rates, and the residual r + I − W r.

        Parameters
        ----------
        activity : Activity

        Returns
        -------
        post, pre : ndarray, shape (direction, N)
        """
        return activity.rates, activity.rates + activity.stimulus - activity.recurrent()
