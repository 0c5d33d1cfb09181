"""A command of ours in a process of its own, for what takes seconds and imports much."""

from __future__ import annotations

import asyncio
import sys

from l5tui.errors import L5Error
from l5tui.runner.beside import own_environment
from l5tui.workspace import Workspace


class CommandError(L5Error):
    """A command failed; the text is the command's own error line."""


async def run_command(workspace: Workspace, *arguments: str) -> str:
    """Run a command of the command line on a workspace.

    Parameters
    ----------
    workspace : Workspace
    *arguments : str

    Returns
    -------
    str
        What it wrote on standard output.

    Raises
    ------
    CommandError
        Where it failed.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "l5tui", *arguments, "--workspace", str(workspace.root)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env=own_environment(),
    )
    try:
        output, errors = await process.communicate()
    except asyncio.CancelledError:
        # The caller was cancelled; SIGTERM lets the command clean up.
        process.terminate()
        await process.wait()
        raise
    if process.returncode != 0:
        lines = [line for line in errors.decode(errors="replace").splitlines() if line.strip()]
        raise CommandError(lines[-1] if lines else f"the process ended with code {process.returncode}")
    return output.decode(errors="replace")
