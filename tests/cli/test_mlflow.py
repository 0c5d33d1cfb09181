"""``l5tui mlflow``: its server is there while it runs, and gone afterwards."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.request

import psutil
import pytest

from l5tui.workspace import Workspace
from tests.cli.conftest import CommandLine
from tests.cli.processes import clean_environment, wait_until


@pytest.mark.slow
def test_it_prints_its_address_and_takes_its_processes_with_it(workspace: Workspace) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "l5tui", "mlflow"],
        cwd=workspace.root,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    address = re.search(r"http://127\.0\.0\.1:\d+/", line)
    assert address, line
    assert str(workspace.root) in line
    with urllib.request.urlopen(f"{address[0]}health") as answer:
        assert answer.read() == b"OK"
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output) == (0, "")
    assert errors.splitlines()[-1] == "MLflow has ended."
    wait_until(lambda: not any(child.is_running() for child in children), "the server is gone")


def test_a_port_in_use_is_reported_in_one_line(cli: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        printed = cli("mlflow", "--port", str(port), code=1)
    assert printed.stdout == ""
    (line,) = printed.stderr.splitlines()
    assert line.startswith(f"port {port} on 127.0.0.1: Address already in use; ")
    assert line.endswith(f"; details: {cli.workspace.log}")


def test_a_file_that_is_not_a_database_is_reported_in_one_line(cli: CommandLine) -> None:
    cli.workspace.mlflow_database.write_bytes(b"no database " * 1000)
    printed = cli("mlflow", code=1)
    assert printed.stdout == ""
    (line,) = printed.stderr.splitlines()
    assert line.startswith(f"{cli.workspace.mlflow_database}: ")
