"""Opening the app: the terminal it needs, the workspace it shows, and the exit code it leaves with."""

from __future__ import annotations

import gc
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from l5tui.errors import L5Error, WorkspaceError
from l5tui.workspace import VARIABLE, Workspace, find_workspace, unstorable_path

if TYPE_CHECKING:
    from l5tui.config.toml_file import ReadExperiment

NO_TERMINAL = "l5tui: the app needs a terminal; `l5tui --help` lists what works without one"
BAD_INPUT = 2


def open_app(
    explicit: Path | None = None, run: ReadExperiment | None = None, *, force: bool = False
) -> NoReturn:
    """Open the app, and end the process when it is left.

    Parameters
    ----------
    explicit : Path, optional
        The workspace that was named.
    run : ReadExperiment, optional
        An experiment to run at once.
    force : bool, optional
        Start that run even if more memory is needed than is free.
    """
    # Textual reads keys from standard input and draws on standard error.
    streams = (sys.stdin, sys.stdout, sys.stderr)
    if not all(stream.isatty() for stream in streams) or os.environ.get("TERM") == "dumb":
        sys.stderr.write(f"{NO_TERMINAL}\n")
        sys.exit(BAD_INPUT)
    try:
        workspace = _workspace(explicit)
    except L5Error as error:
        from l5tui.text import safe

        sys.stderr.write(f"{safe(str(error))}\n")
        sys.exit(error.exit_code)
    logging.captureWarnings(True)
    # Imports make no garbage: looking for it takes a tenth of the start. The app turns it on again.
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if workspace is None:
        from l5tui.tui.welcome import WelcomeApp

        welcome = WelcomeApp(Path.cwd())
        workspace = welcome.run()
        if workspace is None:
            sys.exit(welcome.return_code or 0)
    from l5tui.tui.app import L5App
    from l5tui.tui.leaving import run_to_end

    run_to_end(L5App(workspace, run=run, force=force))


def _workspace(explicit: Path | None) -> Workspace | None:
    """Return the workspace; None if there is none and none was named: the app then offers to create one."""
    try:
        return find_workspace(explicit)
    except WorkspaceError:
        # Below a path like that none can be made either.
        if explicit is not None or os.environ.get(VARIABLE) or unstorable_path(Path.cwd()):
            raise
        return None
