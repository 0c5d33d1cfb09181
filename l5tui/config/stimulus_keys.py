"""The two keys of the grating's frequency, of which a file gives one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from l5tui.config.document import Path, lookup, remove
from l5tui.config.stimulus import TEMPORAL_FREQUENCY
from l5tui.errors import Fault

RADIANS: Final[Path] = ("stimulus", "temporal_frequency")
HERTZ: Final[Path] = ("stimulus", "temporal_frequency_hz")


def frequency_fault(hertz: float, radians: float) -> Fault:
    """Return the fault of an experiment that gives the frequency in Hz and in radians per step."""
    return Fault(
        ".".join(HERTZ),
        f"{hertz:g} beside temporal_frequency = {radians:g}",
        "one of the two",
        (".".join(RADIANS),),
    )


def repeated_frequency(data: Mapping[str, Any], changes: Mapping[Path, Any]) -> Iterator[Fault]:
    """Yield a fault where a file gives both keys, or an assignment the one in radians beside Hz, whatever their values.

    An assignment in Hz wins over a default in radians that the file writes. 0 Hz gives no frequency.

    Parameters
    ----------
    data : mapping
        The file's TOML document, without the assignments.
    changes : mapping
        The assignments, by path.
    """
    hertz = changes.get(HERTZ, lookup(data, HERTZ))
    radians = lookup(data, RADIANS) if lookup(data, HERTZ) else None
    radians = changes.get(RADIANS, radians)
    if _is_number(hertz) and hertz > 0 and _is_number(radians):
        yield frequency_fault(hertz, radians)


def drop_default_frequency(document: Any) -> None:
    """Take the default in radians per step out of a document that gives the frequency in Hz."""
    hertz = lookup(document, HERTZ)
    if _is_number(hertz) and hertz > 0 and lookup(document, RADIANS) == TEMPORAL_FREQUENCY:
        remove(document, RADIANS)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
