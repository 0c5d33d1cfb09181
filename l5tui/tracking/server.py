"""MLflow's own server and pages over a workspace, for as long as they are wanted."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

from l5tui.errors import TrackingError
from l5tui.tracking import server_command, server_guard
from l5tui.tracking.environment import SWITCHES, artifact_uri, tracking_uri
from l5tui.tracking.failures import first_line
from l5tui.tracking.mlflow_database import ensure_database
from l5tui.workspace import Workspace

HOST = "127.0.0.1"
ALLOWED_HOSTS = "127.0.0.1,127.0.0.1:*,localhost,localhost:*"
"""Host headers that MLflow answers, after the exact check of `l5tui.tracking.header_guard`."""

TIMEOUT_S = 90.0
POLL_S = 0.1
ANSWER_TIMEOUT_S = 5.0
STOP_TIMEOUT_S = server_guard.GRACE_S + 2.0
TAIL_BYTES = 20_000


class MlflowServer:
    """MLflow's server as a child process that never outlives its owner.

    Parameters
    ----------
    workspace : Workspace
        Its database and artifacts are shown; made where they are missing.
    port : int, optional
        Port on 127.0.0.1; a free one where it is not given.
    timeout_s : float
        Seconds that the server may take to answer.
    progress : callable, optional
        Called with the seconds waited so far, several times a second.

    Examples
    --------
    ::

        with MlflowServer(workspace) as server:
            print(server.url)
            server.wait()
    """

    def __init__(
        self,
        workspace: Workspace,
        port: int | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        self.workspace = workspace
        self.port = port
        self._timeout_s = timeout_s
        self._progress = progress
        self._guard: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None
        self._experiment_id = ""
        self._abandoned = threading.Event()

    @property
    def url(self) -> str:
        """Address of the table of all runs; known once the server has started."""
        # Without these endings MLflow shows a page about language models, with no run on it.
        page = f"experiments/{quote(self._experiment_id)}/runs?workflowType=machine_learning"
        return f"http://{HOST}:{self.port}/#/{page}"

    @property
    def is_running(self) -> bool:
        """Whether the server has been started and has not ended."""
        return self._guard is not None and self._guard.poll() is None

    def start(self) -> None:
        """Start the server and wait until it answers; harmless where it already runs.

        Raises
        ------
        TrackingError
            If the port is taken, the server ends early or does not answer in time, or `abandon` is called;
            nothing is left running.
        """
        if self.is_running:
            return
        self._experiment_id = ensure_database(self.workspace)
        self._refuse_abandoned()
        reserved = _reserve(self.port)
        try:
            self.port = int(reserved.getsockname()[1])
            self._launch(self.port)
            self._refuse_abandoned()
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise
        finally:
            reserved.close()

    def wait(self) -> None:
        """Wait for as long as the server runs.

        Raises
        ------
        TrackingError
            When it ends by itself.
        """
        while self.is_running:
            time.sleep(POLL_S)
        if self._guard is not None:
            raise TrackingError(f"MLflow's server ended: {self._last_words()}")

    def stop(self) -> None:
        """End the server and all its processes; harmless where there is none."""
        guard, self._guard = self._guard, None
        if guard is not None:
            assert guard.stdin is not None
            with suppress(BrokenPipeError):
                guard.stdin.close()
            try:
                guard.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(guard.pid, signal.SIGKILL)
                guard.wait()
        output, self._output = self._output, None
        if output is not None:
            output.close()

    def abandon(self) -> None:
        """End the server for good, also while another thread starts it; that thread gets a `TrackingError`."""
        self._abandoned.set()
        self.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _launch(self, port: int) -> None:
        # An unnamed file, not a pipe: a pipe without a reader fills up and blocks the server.
        self._output = TemporaryFile(prefix="l5tui-mlflow-")  # noqa: SIM115 (closed by `stop`)
        guard = [sys.executable, "-P", str(Path(server_guard.__file__)), str(os.getpid())]
        self._guard = subprocess.Popen(
            guard + _command(self.workspace, port),
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            cwd=self.workspace.mlruns,
            env=_environment(),
            start_new_session=True,
        )

    def _wait_until_it_answers(self) -> None:
        began = time.monotonic()
        while (waited := time.monotonic() - began) < self._timeout_s:
            self._refuse_abandoned()
            if self._progress is not None:
                self._progress(waited)
            if not self.is_running:
                raise TrackingError(f"MLflow's server ended before it answered: {self._last_words()}")
            if self._get("/health") is not None and self._is_ours():
                return
            self._abandoned.wait(POLL_S)
        raise TrackingError(
            f"MLflow's server did not answer within {self._timeout_s:.0f} s: {self._last_words()}"
        )

    def _refuse_abandoned(self) -> None:
        if self._abandoned.is_set():
            raise TrackingError("MLflow's server is no longer needed")

    def _is_ours(self) -> bool:
        """Whether what answers shows this workspace, and not another server that took the port meanwhile."""
        answer = self._get(f"/api/2.0/mlflow/experiments/get?experiment_id={quote(self._experiment_id)}")
        if answer is None:
            return False
        location = json.loads(answer).get("experiment", {}).get("artifact_location")
        return bool(location == artifact_uri(self.workspace))

    def _get(self, path: str) -> bytes | None:
        """Return the body of an answer with status 200; None for any other answer, or none."""
        assert self.port is not None
        # http.client, as urllib would go through a proxy that the environment names.
        connection = http.client.HTTPConnection(HOST, self.port, timeout=ANSWER_TIMEOUT_S)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        return body if response.status == http.client.OK else None

    def _last_words(self) -> str:
        if self._output is None:
            return "no output"
        size = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(0, size - TAIL_BYTES))
        lines = self._output.read().decode(errors="replace").strip().splitlines()
        return first_line(lines[-1]) if lines else "no output"


def _command(workspace: Workspace, port: int) -> list[str]:
    uri, artifacts = tracking_uri(workspace), artifact_uri(workspace)
    return [
        *(
            sys.executable,
            "-P",
            "-m",
            server_command.__name__,
            "server",
            "--host",
            HOST,
            "--port",
            str(port),
            "--workers",
            "1",
        ),
        *("--backend-store-uri", uri, "--registry-store-uri", uri, "--default-artifact-root", artifacts),
        *("--no-serve-artifacts", "--allowed-hosts", ALLOWED_HOSTS),
    ]


def _environment() -> dict[str, str]:
    """Return the environment without stray settings of MLflow's, which could switch its protection off."""
    strays = ("MLFLOW_", "_MLFLOW_", "UVICORN_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(strays)}
    here = str(Path(__file__).parents[2])
    own = {
        "MLFLOW_CONFIGURE_LOGGING": "true",
        "PYTHONPATH": os.pathsep.join([here, *filter(None, [kept.get("PYTHONPATH")])]),
        # The server's folder must not be searched for modules.
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
    }
    return kept | SWITCHES | own


def _reserve(port: int | None) -> socket.socket:
    """Bind a port without listening, so that no other program is given it while the server starts.

    The server can still listen on it, as both set SO_REUSEADDR.
    """
    reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        reserved.bind((HOST, port or 0))
    except (OSError, OverflowError) as error:
        reserved.close()
        cause = error.strerror if isinstance(error, OSError) else "allowed 1 to 65535"
        raise TrackingError(
            f"port {port} on {HOST}: {cause}; give another port, or omit the option for a free one"
        ) from error
    return reserved
