"""MLflow's limits of names and values, and the mark of what they shorten.

MLflow shortens a long value without a word. Here a value is shortened first, and the tag ``l5tui.cut`` lists each
one with the length that it has in full, so that no text that happens to end in an ellipsis is taken for a shortened
one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

LONGEST_NAME: Final = 250
LONGEST_PARAMETER: Final = 6000
LONGEST_TAG: Final = 8000
PARAMETERS_PER_BATCH: Final = 100
"""Parameters that one call may log; it may log 1,000 entries in all."""

ELLIPSIS: Final = "…"
CUT_TAG: Final = "l5tui.cut"
"""Tag that holds, as JSON, the name of each shortened value and its length in full."""


def fitted(texts: Mapping[str, str], longest: int) -> tuple[dict[str, str], dict[str, int]]:
    """Shorten texts to what MLflow stores.

    Parameters
    ----------
    texts : mapping of str to str
    longest : int
        Characters.

    Returns
    -------
    dict of str to str
        The texts; one that is too long ends in an ellipsis.
    dict of str to int
        The length in full of each that is shortened.

    Examples
    --------
    >>> fitted({"a": "short", "b": "much too long"}, 6)
    ({'a': 'short', 'b': 'much …'}, {'b': 13})
    """
    cut = {name: len(text) for name, text in texts.items() if len(text) > longest}
    return {
        name: text[: longest - 1] + ELLIPSIS if name in cut else text for name, text in texts.items()
    }, cut


def cut_mark(cut: Mapping[str, int]) -> dict[str, str]:
    """Return the tag that lists shortened values; none where nothing is shortened."""
    if not cut:
        return {}
    mark = json.dumps(dict(cut))
    # A mark that does not fit itself still says that something is shortened.
    return {CUT_TAG: mark if len(mark) <= LONGEST_TAG else json.dumps({"values": len(cut)})}


def read_cut_mark(tag: str | None) -> dict[str, int]:
    """Return the lengths in full that a tag lists; none where it is not a mark."""
    try:
        read = json.loads(tag or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(read, dict):
        return {}
    return {str(name): length for name, length in read.items() if isinstance(length, int)}


def is_shortened(name: str, value: str, mark: str | None) -> bool:
    """Whether a tag's value is the beginning of a longer one.

    Parameters
    ----------
    name, value : str
    mark : str or None
        The run's tag ``l5tui.cut``. Runs of versions without it have none; their shortened values are exactly as
        long as a tag may be.
    """
    if name in read_cut_mark(mark):
        return True
    return mark is None and len(value) == LONGEST_TAG and value.endswith(ELLIPSIS)


def parameter_text(value: object) -> str:
    """Return a parameter as text; switches as TOML writes them.

    Examples
    --------
    >>> parameter_text(True), parameter_text(0.5)
    ('true', '0.5')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)
