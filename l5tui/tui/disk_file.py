"""The content of an experiment's file at one moment, or the reason why it cannot be read."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path

from l5tui.config.toml_text import read_text
from l5tui.errors import ConfigError, Fault

UNKNOWN = "\0"
"""Text that no readable file has, as one with a zero byte is refused."""


@dataclass(frozen=True)
class DiskFile:
    """A file as it was read.

    Parameters
    ----------
    text : str
        Its content; empty if it cannot be read.
    fault : str
        Reason why it cannot be read, in one line; empty if it can.
    exists : bool
        Whether there is a file, a folder or a link of this name.
    inode : int
        Number that stays with a file that is renamed; 0 if it is unknown.
    """

    text: str
    fault: str = ""
    exists: bool = True
    inode: int = 0

    @property
    def digest(self) -> str:
        """SHA-256 of the text; empty if the file cannot be read."""
        return "" if self.fault else digest(self.text)

    def is_as(self, other: DiskFile) -> bool:
        """Whether the content, or the reason why there is none, is that of another moment."""
        return (self.text, self.fault, self.exists) == (other.text, other.fault, other.exists)


def digest(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_disk(path: Path) -> DiskFile:
    """Read a file of the experiments' folder, whatever it is.

    Parameters
    ----------
    path : Path
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            return DiskFile("", f"{path.name}: a link to {path.readlink()}, which does not exist")
        return DiskFile("", f"{path.name}: no such file", exists=False)
    except OSError as error:
        return DiskFile("", f"{path.name}: cannot be read: {error.strerror}")
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        # Opening a named pipe would wait for a writer.
        return DiskFile("", f"{path.name}: not a regular file")
    try:
        return DiskFile(read_text(path), inode=status.st_ino)
    except ConfigError as error:
        line = error.source.rpartition(":")[2]
        where = f"{path.name}:{line}" if line.isdecimal() else path.name
        return DiskFile("", f"{where}: {error.faults[0]}", inode=status.st_ino)


def readable(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    ConfigError
        If it cannot be read.
    """
    found = read_disk(path)
    if found.fault:
        raise ConfigError([Fault("", found.fault, "")])
    return found.text
