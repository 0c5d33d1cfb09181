"""The four populations, in the order that holds everywhere: arrays, tables, files and figures."""

from __future__ import annotations

from typing import Final, Literal

Population = Literal["CS", "CC", "PV", "SST"]

POPULATIONS: Final[tuple[Population, ...]] = ("CS", "CC", "PV", "SST")
"""CS cortico-subcortical, CC cortico-cortical, PV parvalbumin, SST somatostatin."""

EXCITATORY: Final[frozenset[str]] = frozenset({"CS", "CC"})
"""Populations whose outgoing weights are positive; those of the others are negative."""

SIGNS: Final[tuple[int, ...]] = tuple(1 if name in EXCITATORY else -1 for name in POPULATIONS)
"""Sign of a population's outgoing weights, in the order of `POPULATIONS`."""
