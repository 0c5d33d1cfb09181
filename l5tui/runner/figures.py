"""Drawing the figures of a stored run into files."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from l5tui.analysis.trajectories import DIMENSIONS
from l5tui.config.spelling import did_you_mean
from l5tui.errors import OutputError, UnknownFigureError, UnknownRunError
from l5tui.figures.names import ALL, NAMES, Format
from l5tui.runner.alteration import alteration
from l5tui.runner.history import show_run
from l5tui.store.filesystem import replace_durably
from l5tui.store.id_paths import figure_file, run_file
from l5tui.store.netcdf import open_run
from l5tui.store.records import RunRecord
from l5tui.workspace import Workspace

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

LARGEST_BYTES = 1_000_000_000
"""Size of a variable above which a figure does without it, and says so."""

__all__ = ["ALL", "NAMES", "draw_figures", "figure_names", "figure_of"]


def figure_names(text: str) -> tuple[str, ...]:
    """Names of figures from a list with commas, each once, in the order given.

    Raises
    ------
    UnknownFigureError
        Where one is none; says which there are.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    _check(names)
    return names


def draw_figures(
    workspace: Workspace,
    reference: str,
    which: Sequence[str] = ALL,
    format: Format = "png",  # noqa: A002
    folder: Path = Path(),
    observe: Callable[[str], None] = lambda name: None,
    warn: Callable[[str], None] = lambda text: None,
) -> list[Path]:
    """Draw figures of a stored run, one a file, each written whole or not at all.

    Parameters
    ----------
    workspace : Workspace
    reference : str
        Id of the run, the beginning or the end of it, or ``last``.
    which : sequence of str
        Names of figures.
    format : str
        ``png``, ``svg`` or ``pdf``; the same run gives the same bytes.
    folder : Path
        Where the files go; made where it is missing.
    observe : callable, optional
        Called with the name of each figure before it is drawn.
    warn : callable, optional
        Called with a line if the run's file is not what the run wrote.

    Returns
    -------
    list of Path
        Absolute: ``RUN-ID-figure.ext`` in the folder.

    Raises
    ------
    UnknownFigureError
        Where there is no such figure.
    UnknownRunError
        Where no run, or more than one, answers to the reference, or the run has left no arrays.
    StoreError
        Where the run's file cannot be read.
    OutputError
        Where a file cannot be written.
    """
    _check(which)
    record = show_run(workspace, reference).record
    if caveat := alteration(record, workspace):
        warn(caveat)
    dataset = _dataset(record, workspace)
    from l5tui.figures.gallery import GALLERY
    from l5tui.figures.output import PRINT_DPI, drawn

    # Figures are full of cycles: drawing sets the collector to work, which need not look at all that was loaded.
    gc.freeze()
    paths: list[Path] = []
    with ThreadPoolExecutor(1) as writer:
        written = None
        for name in which:
            observe(name)
            content = drawn(GALLERY[name](dataset), format, PRINT_DPI)
            if written is not None:
                written.result()
            paths.append(figure_file(folder.resolve(), record.id, name, format))
            written = writer.submit(_write, paths[-1], content)
        if written is not None:
            written.result()
    return paths


def figure_of(record: RunRecord, workspace: Workspace, name: str) -> Figure:
    """One figure of a stored run, to show or to save.

    Parameters
    ----------
    record : RunRecord
    workspace : Workspace
    name : str
        One of `NAMES`.

    Raises
    ------
    UnknownFigureError
        Where there is no such figure.
    UnknownRunError
        Where the run has left no arrays.
    StoreError
        Where the run's file cannot be read.
    """
    _check([name])
    dataset = _dataset(record, workspace)
    from l5tui.figures.gallery import GALLERY

    return GALLERY[name](dataset)


def _check(names: Sequence[str]) -> None:
    for name in names:
        if name not in NAMES:
            raise UnknownFigureError(
                f"no figure {name!r}; there are {', '.join(NAMES)}{did_you_mean(name, NAMES)}"
            )


def _dataset(record: RunRecord, workspace: Workspace) -> xr.Dataset:
    """Return a run's arrays without its long trajectories, which no figure draws."""
    if record.file is None:
        raise UnknownRunError(f"run {record.id} has no figures: it is {record.status} and has no file")
    return open_run(run_file(workspace, record.id), without=tuple(DIMENSIONS), largest=LARGEST_BYTES)


def _write(path: Path, content: Callable[[], bytes]) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(content())
            replace_durably(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
