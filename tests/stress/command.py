"""The command line in this process, made once: to make it costs more than most commands."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Done:
    """What a command left.

    Parameters
    ----------
    exit_code : int
    stdout, stderr : str
    exception : Exception or None
        What it raised, other than the end of the command line.
    """

    exit_code: int
    stdout: str
    stderr: str
    exception: Exception | None = None

    @property
    def output(self) -> str:
        """All that it said."""
        return self.stdout + self.stderr


@cache
def _command_line() -> Any:
    from typer.main import get_command

    from l5tui.cli.commands import app

    return get_command(app)


def run_command(*words: str) -> Done:
    """Run a command to its end."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    raised: Exception | None = None
    with redirect_stdout(out), redirect_stderr(err):
        try:
            _command_line().main(args=list(words), prog_name="l5tui")
        except SystemExit as end:
            code = end.code or 0
        except TimeoutError:
            raise
        except Exception as error:
            code, raised = 1, error
    return Done(code if isinstance(code, int) else 1, out.getvalue(), err.getvalue(), raised)
