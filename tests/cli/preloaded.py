"""Runs the command line in forks of a process that has everything imported, as that takes seconds.

Reads requests from standard input, a line of JSON each, and answers with the fork's process id as soon as it
has it, and with its exit status once it has ended. The forks have the signals and streams of a new process.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sys
from typing import Any

PRELOADED = (
    *(
        "l5tui.cli.commands",
        "l5tui.cli.run",
        "l5tui.cli.runs",
        "l5tui.cli.show",
        "l5tui.runner.run",
        "l5tui.runner.catch_up",
        "l5tui.analysis.run_dataset",
    ),
    *("l5tui.store.encoding", "l5tui.figures.gallery", "netCDF4", "pandas"),
    *("alembic.command", "mlflow", "mlflow.store.tracking.sqlalchemy_store", "rich.table"),
)


def main() -> None:
    """Answer requests until standard input is closed."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    for name in PRELOADED:
        importlib.import_module(name)
    from l5tui.config import Experiment
    from l5tui.model.compiled.warm_up import warm_up

    warm_up(Experiment())
    # Until the fork is the command line, a signal ends it, as it ends a process that has only just begun.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    answer(0)
    while line := sys.stdin.readline():
        pid = os.fork()
        if not pid:
            run(json.loads(line))
        answer(pid)
        _, status = os.waitpid(pid, 0)
        answer(os.waitstatus_to_exitcode(status))


def answer(number: int) -> None:
    """Send a number to the client."""
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def run(request: dict[str, Any]) -> None:
    """Be the command line; does not return."""
    os.setsid()
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        opened = os.open(request[name], os.O_RDWR | os.O_CREAT | os.O_APPEND)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.chdir(request["folder"])
    os.environ.update(request["environment"])
    if request["largest_file"]:
        # Python 3.11 keeps a cut .pyc file as if it were whole, which would break every later import.
        sys.dont_write_bytecode = True
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["largest_file"], request["largest_file"]))
    if request["user"]:
        os.setgroups([])
        os.setgid(request["user"])
        os.setuid(request["user"])
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", closefd=False, buffering=1)  # noqa: SIM115
    sys.argv = ["l5tui", *request["arguments"]]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from l5tui.cli.main import main as command_line

    code: Any = 0
    try:
        command_line()
    except SystemExit as stop:
        code = stop.code
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    main()
