"""The one place that knows folders: a workspace holds experiments/, store/ and mlruns/."""

from __future__ import annotations

import errno
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from l5tui.errors import WorkspaceError

VARIABLE = "L5TUI_WORKSPACE"
"""Environment variable that names the workspace where the command line does not."""

FOLDERS = ("experiments", "store", "mlruns")

UNUSABLE = re.compile(r"\?|%[0-9A-Fa-f]{2}|[\udc80-\udcff]")
"""What a workspace's path cannot hold: in the address of MLflow's database a question mark begins a query and ``%41``
encodes another character; bytes that are not UTF-8 have no address at all."""


UNSTORABLE = re.compile(r"\\|[\udc80-\udcff]" if os.sep == "/" else r"[\udc80-\udcff]")
"""What no run's file can have in its path: the NetCDF library takes a backslash for a separator, and UTF-8 alone."""


@dataclass(frozen=True)
class Workspace:
    """Paths inside a workspace.

    Parameters
    ----------
    root : Path
        Absolute path of the folder.
    """

    root: Path

    @property
    def experiments(self) -> Path:
        """TOML experiments."""
        return self.root / "experiments"

    @property
    def store(self) -> Path:
        """The result database."""
        return self.root / "store"

    @property
    def catalog(self) -> Path:
        """SQLite file with one row for each run."""
        return self.store / "catalog.sqlite"

    @property
    def runs(self) -> Path:
        """NetCDF files, one for each run."""
        return self.store / "runs"

    @property
    def labels(self) -> Path:
        """Copies of the runs' notes and tags."""
        return self.store / "labels"

    @property
    def figures(self) -> Path:
        """Figures drawn by the app."""
        return self.store / "figures"

    @property
    def log(self) -> Path:
        """Log file, with details that the screen does not show."""
        return self.store / "l5tui.log"

    @property
    def mlruns(self) -> Path:
        """MLflow's data."""
        return self.root / "mlruns"

    @property
    def mlflow_database(self) -> Path:
        """MLflow's SQLite file."""
        return self.mlruns / "mlflow.db"

    @property
    def mlflow_artifacts(self) -> Path:
        """MLflow's artifacts."""
        return self.mlruns / "artifacts"

    def relative(self, path: Path) -> str:
        """Return a path as it is stored: with forward slashes, and relative to the root if it is inside.

        Links below the root are not followed: what lies behind ``store/runs`` as a link to a large disk is still
        ``store/runs/ID.nc``.
        """
        plain = Path(os.path.abspath(path))  # noqa: PTH100
        if plain.is_relative_to(self.root):
            return plain.relative_to(self.root).as_posix()
        try:
            resolved = path.resolve()
        except (OSError, RuntimeError):  # a loop of links
            return str(plain)
        return (
            resolved.relative_to(self.root).as_posix()
            if resolved.is_relative_to(self.root)
            else str(resolved)
        )


def is_regular(path: Path) -> bool:
    """Whether a path leads to a regular file: no folder, pipe, socket or device, and no loop of links."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def require_regular(path: Path) -> None:
    """Refuse a path that leads to something else than a regular file, before it is opened.

    Opening a named pipe waits for another process, perhaps for ever; a device or a socket is no file of ours.

    Parameters
    ----------
    path : Path
        One that leads nowhere is left to the caller.

    Raises
    ------
    OSError
        With what it is instead.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise
        return
    if not stat.S_ISREG(mode):
        what = next((text for holds, text in KINDS if holds(mode)), "no file")
        raise OSError(errno.EINVAL, f"it is {what}, not a regular file", str(path))


KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
"""What a path may lead to instead of a file."""


def is_workspace(folder: Path) -> bool:
    """Whether a folder has the three folders of a workspace."""
    return all((folder / name).is_dir() for name in FOLDERS)


def find_workspace(explicit: Path | None = None) -> Workspace:
    """Return the workspace to use.

    Parameters
    ----------
    explicit : Path, optional
        What the user named; else the environment variable ``L5TUI_WORKSPACE``, else the current folder or its
        nearest parent that is a workspace.

    Raises
    ------
    WorkspaceError
        Where there is none, or its path is one below which no run can be stored.
    """
    named = explicit or (Path(value) if (value := os.environ.get(VARIABLE)) else None)
    if named is not None:
        folder = named.expanduser().resolve()
        if not is_workspace(folder):
            raise WorkspaceError(f"{named}: not a workspace; `l5tui init {named}` makes one")
        return _storable(folder)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if is_workspace(folder):
            return _storable(folder)
    raise WorkspaceError(f"{here}: no workspace here or above; `l5tui init DIR` makes one")


def ready_experiments() -> Path:
    """Folder of the experiments that come with l5tui."""
    package = Path(__file__).parent
    installed = package / "ready_experiments"
    return installed if installed.is_dir() else package.parent / "experiments"


def _storable(folder: Path) -> Workspace:
    """Return a workspace whose runs can be stored."""
    if why := unstorable_path(folder):
        raise WorkspaceError(f"{folder}: {why}; rename the folder")
    return Workspace(folder)


def unstorable_path(root: Path) -> str | None:
    r"""Return why no run can be stored below a folder, in a few words; None where it can.

    Parameters
    ----------
    root : Path
        Absolute.

    Examples
    --------
    >>> unstorable_path(Path("/data/one\\two"))
    "NetCDF cannot write below a path with '\\\\' in it"
    """
    found = UNSTORABLE.search(str(root))
    return f"NetCDF cannot write below a path with {_what(found[0])} in it" if found else None


def unusable_path(root: Path) -> str | None:
    """Return why MLflow cannot keep its database below a folder, in a few words; None where it can.

    Parameters
    ----------
    root : Path
        Absolute.

    Examples
    --------
    >>> unusable_path(Path("/data/run%41"))
    "MLflow cannot use a path with '%41' in it"
    """
    found = UNUSABLE.search(str(root))
    return f"MLflow cannot use a path with {_what(found[0])} in it" if found else None


def _what(found: str) -> str:
    return "bytes that are not UTF-8" if "\udc80" <= found <= "\udcff" else repr(found)


def create_workspace(folder: str | Path) -> Workspace:
    """Create a workspace with the included experiments; existing files are not changed.

    There is one exception: an empty or truncated experiment from an interrupted copy is completed.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    Workspace

    Raises
    ------
    WorkspaceError
        If MLflow cannot use the path, or if the folder cannot be created or written to.

    Examples
    --------
    >>> import l5tui
    >>> workspace = l5tui.create_workspace("my-workspace")
    >>> (workspace.experiments / "quickstart.toml").exists()
    True
    """
    root = Path(folder).expanduser().resolve()
    if why := unusable_path(root) or unstorable_path(root):
        raise WorkspaceError(f"{folder}: cannot create a workspace here: {why}; choose another folder")
    try:
        for name in FOLDERS:
            (root / name).mkdir(parents=True, exist_ok=True)
        for source in sorted(ready_experiments().glob("*.toml")):
            _copy_whole(source, root / "experiments" / source.name)
    except OSError as error:
        raise WorkspaceError(
            f"{folder}: cannot create a workspace here: {error.strerror or error}"
        ) from error
    return Workspace(root)


def _copy_whole(source: Path, target: Path) -> None:
    """Copy a file, the whole of it or nothing; one that is there stays, unless it is what a broken copy leaves."""
    content = source.read_bytes()
    if target.is_symlink() or target.exists():
        if not is_regular(target) or target.stat().st_size >= len(content):
            return
        found = target.read_bytes()
        # An editor ends a file with a line; a copy that a full disk cut off ends anywhere.
        if not content.startswith(found) or found.endswith(b"\n"):
            return
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
