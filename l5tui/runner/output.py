"""Output files requested by the user, outside of the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from l5tui.analysis.csv_table import csv_text
from l5tui.errors import OutputError

__all__ = ["csv_text", "output_errors", "write_files", "write_new_file"]


def write_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files into a folder, which is made where it is not there; files of the same names are replaced.

    Raises
    ------
    OutputError
        Where they cannot be written.
    """
    paths = []
    with output_errors(folder):
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            paths.append(path)
    return paths


def write_new_file(path: Path, content: bytes) -> None:
    """Write a file that must not be there yet.

    Raises
    ------
    OutputError
        Where it is there already, which is left as it is, or cannot be written.
    """
    with output_errors(path):
        try:
            file = path.open("xb")
        except FileExistsError as error:
            raise OutputError(f"{path} is there already; give another file, or move it away") from error
        with file:
            try:
                file.write(content)
                file.flush()
            except BaseException:
                path.unlink(missing_ok=True)
                raise


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn what the system raises inside into an `OutputError`."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"{path} cannot be written: {reason}") from error
