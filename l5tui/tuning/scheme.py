"""Version of the numerical scheme of a study, recorded with it: a resumed study uses the scheme it began with.

- 1: circuits of fresh trial n have the seed ``seed + n``; `abc` weighs particles by the exponential of an unbiased
  estimate of the log-likelihood. Studies without a recorded scheme have this one.
- 2: circuits of fresh trial n have a seed of ``numpy.random.SeedSequence(seed, spawn_key=(n,))``; `abc` weighs
  particles by the acceptance kernel of `l5tui.analysis.likelihood.Likelihood`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

SCHEME: Final = 2
"""Of new studies."""
KEY: Final = "study_scheme"
"""Name of the scheme among a study's versions."""
CONFIRMATION: Final = 1
"""Last part of the spawn key of circuits that confirm a study's best points; trials have keys of one part."""


def recorded_scheme(versions: Mapping[str, str]) -> int:
    """Return the scheme that a study was begun with.

    Parameters
    ----------
    versions : mapping of str to str
        Of the study.
    """
    return int(versions.get(KEY, 1))


def fresh_seed(seed: int, number: int, scheme: int = SCHEME) -> int:
    """Return the seed of the circuits of one trial with fresh circuits.

    Parameters
    ----------
    seed : int
        Of the experiment.
    number : int
        Of the trial.
    scheme : int, optional
    """
    return (seed + number) % 2**63 if scheme == 1 else _seed(seed, number)


def confirmation_seed(seed: int, number: int) -> int:
    """Return the seed of one set of circuits that no trial of a study has.

    Parameters
    ----------
    seed : int
        Of the experiment.
    number : int
        Of the set, from 0.
    """
    return _seed(seed, number, CONFIRMATION)


def _seed(seed: int, *key: int) -> int:
    """Return a seed of 63 bits, the range that experiments allow."""
    state = np.random.SeedSequence(seed, spawn_key=key).generate_state(1, np.uint64)
    return int(state[0] >> np.uint64(1))
