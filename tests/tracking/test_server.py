"""MLflow's server over a workspace: what it shows, what it refuses, and that it ends."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest

from l5tui.errors import TrackingError
from l5tui.tracking.mlflow_database import ensure_database
from l5tui.tracking.run_recorder import TrackedRun, record_run
from l5tui.tracking.server import MlflowServer
from l5tui.workspace import Workspace

GONE_WITHIN_S = 15.0
SERVE = """
import sys, time
from pathlib import Path
from l5tui.tracking.server import MlflowServer
from l5tui.workspace import Workspace

server = MlflowServer(Workspace(Path(sys.argv[1])))
server.start()
print(server.port, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def served(original: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("served") / "workspace"
    shutil.copytree(original.root, root)
    ensure_database(Workspace(root))
    (root / "store" / "secret.txt").write_text("secret")
    return Workspace(root)


@pytest.fixture(scope="module")
def waited() -> list[float]:
    return []


@pytest.fixture(scope="module")
def server(served: Workspace, waited: list[float]) -> Iterator[MlflowServer]:
    with pytest.MonkeyPatch.context() as stray:
        stray.setenv("MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE", "true")
        stray.setenv("MLFLOW_SERVER_ALLOWED_HOSTS", "*")
        started = MlflowServer(served, progress=waited.append)
        started.start()
    try:
        yield started
    finally:
        started.stop()


def fetch(
    server: MlflowServer, path: str, *, method: str = "GET", body: str = "", **headers: str
) -> tuple[int, bytes]:
    assert server.port is not None
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        connection.request(method, path, body or None, {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        return response.status, response.read()


def descendants(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def still_alive(processes: list[psutil.Process], within_s: float = GONE_WITHIN_S) -> list[psutil.Process]:
    return psutil.wait_procs(processes, timeout=within_s)[1]


def test_address_leads_to_the_experiment(
    server: MlflowServer, served: Workspace, waited: list[float]
) -> None:
    assert server.is_running
    page = f"experiments/{ensure_database(served)}/runs?workflowType=machine_learning"
    assert server.url == f"http://127.0.0.1:{server.port}/#/{page}"
    assert fetch(server, "/")[0] == 200
    assert waited == sorted(waited)
    assert len(waited) > 2


def test_recorded_run_is_served(server: MlflowServer, served: Workspace, run: TrackedRun) -> None:
    mlflow_id = record_run(served, run)
    status, body = fetch(server, f"/api/2.0/mlflow/runs/get?run_id={mlflow_id}")
    assert status == 200
    assert run.run_id.encode() in body
    assert fetch(server, f"/get-artifact?run_uuid={mlflow_id}&path=selectivity.png") == (
        200,
        run.images["selectivity.png"],
    )


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "10.evil.example",
        "192.168.evil.example",
        "127.0.0.1.evil.example",
        "localhost:x.evil.example",
        "127.0.0.1:80.evil.example",
        "localhost:",
        "localhost:5000:5000",
        "user@localhost:5000",
        "localhost.",
        "0.0.0.0:5000",
    ],
)
def test_foreign_host_is_refused(server: MlflowServer, host: str) -> None:
    assert fetch(server, "/", Host=host)[0] == 403


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:5000", "localhost"])
def test_forwarded_port_is_answered(server: MlflowServer, host: str) -> None:
    assert fetch(server, "/", Host=host)[0] == 200


def test_foreign_origin_cannot_write(server: MlflowServer) -> None:
    create = "/api/2.0/mlflow/experiments/create"
    status, _ = fetch(server, create, method="POST", body='{"name": "foreign"}', Origin="http://evil.example")
    assert status == 403
    status, _ = fetch(server, "/api/2.0/mlflow/experiments/get-by-name?experiment_name=foreign")
    assert status == 404


def raw(server: MlflowServer, *lines: str) -> bytes:
    """Send a request as it is written, and return the answer's first line."""
    assert server.port is not None
    with closing(socket.create_connection(("127.0.0.1", server.port), 30)) as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        return connection.makefile("rb").readline()


def test_two_hosts_or_none_are_refused(server: MlflowServer) -> None:
    own = f"Host: localhost:{server.port}"
    assert b" 200 " in raw(server, "GET / HTTP/1.1", own)
    assert b" 200 " not in raw(server, "GET / HTTP/1.1", own, "Host: evil.example")
    assert b" 200 " not in raw(server, "GET / HTTP/1.0")


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_pages_of_other_programs_of_this_machine_are_refused(server: MlflowServer, method: str) -> None:
    search = "/api/2.0/mlflow/experiments/search"
    path, body = (search, '{"max_results": 1}') if method == "POST" else (f"{search}?max_results=1", "")
    own = f"http://127.0.0.1:{server.port}"
    preflight = {"Access-Control-Request-Method": "POST"} if method == "OPTIONS" else {}
    assert fetch(server, path, method=method, body=body, Origin=own, **preflight)[0] in (200, 204)
    for origin in (
        "http://localhost:3000",
        "http://127.0.0.1:3000",
        f"http://localhost:{server.port}",
        f"https://127.0.0.1:{server.port}",
        "http://127.0.0.1",
        "null",
    ):
        status, _ = fetch(server, path, method=method, body=body, Origin=origin, **preflight)
        assert status == 403, origin


def test_pages_at_a_forwarded_port_work(server: MlflowServer) -> None:
    search, body = "/api/2.0/mlflow/experiments/search", '{"max_results": 1}'
    forwarded = {"Host": "localhost:8080", "Origin": "http://localhost:8080"}
    assert fetch(server, search, method="POST", body=body, **forwarded)[0] == 200


def test_only_artifacts_are_served(server: MlflowServer, served: Workspace, run: TrackedRun) -> None:
    mlflow_id = record_run(served, run)
    secret = served.store / "secret.txt"
    ways = [
        f"/get-artifact?run_uuid={mlflow_id}&path=../../../mlflow.db",
        f"/get-artifact?run_uuid={mlflow_id}&path=..%2F..%2F..%2F..%2Fstore%2Fsecret.txt",
        f"/get-artifact?run_uuid={mlflow_id}&path=%252e%252e/%252e%252e/%252e%252e/mlflow.db",
        f"/get-artifact?run_uuid={mlflow_id}&path={secret}",
        f"/get-artifact?run_uuid={mlflow_id}&path={secret.as_uri()}",
        "/mlflow.db",
        "/static-files/../../mlflow.db",
        "/static-files/..%2f..%2fmlflow.db",
        "/../store/secret.txt",
        "/api/2.0/mlflow-artifacts/artifacts/../mlflow.db",
        "/ajax-api/2.0/mlflow-artifacts/artifacts/..%2f..%2fstore%2fsecret.txt",
    ]
    for way in ways:
        status, body = fetch(server, way)
        assert status >= 400, way
        assert body != b"secret", way
        assert not body.startswith(b"SQLite format 3"), way


def test_taken_port_gives_one_line(served: Workspace) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        with pytest.raises(TrackingError, match=f"^port {port} on 127.0.0.1: Address already in use"):
            MlflowServer(served, port).start()


@pytest.mark.parametrize("port", [-1, 65_536, 10**9])
def test_impossible_port_gives_one_line(served: Workspace, port: int) -> None:
    with pytest.raises(TrackingError, match=f"^port {port} on 127.0.0.1: allowed 1 to 65535"):
        MlflowServer(served, port).start()


@pytest.mark.slow
def test_no_server_is_started_on_the_database_of_a_newer_mlflow(workspace: Workspace) -> None:
    with closing(sqlite3.connect(workspace.mlflow_database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0123456789ab'")
    server = MlflowServer(workspace)
    with pytest.raises(
        TrackingError, match=r"0123456789ab is unknown to the installed MLflow .*; update MLflow"
    ):
        server.start()
    assert not server.is_running


@pytest.mark.slow
def test_server_that_is_slow_is_ended(served: Workspace) -> None:
    began = time.monotonic()
    others = descendants(os.getpid())
    with pytest.raises(TrackingError, match=r"did not answer within 0 s"):
        MlflowServer(served, timeout_s=0.3).start()
    assert descendants(os.getpid()) == others
    assert time.monotonic() - began < GONE_WITHIN_S


@pytest.mark.slow
def test_server_goes_with_a_killed_parent(served: Workspace) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(served.root)], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        port = int(owner.stdout.readline())
        children = descendants(owner.pid)
        assert len(children) >= 2
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        assert still_alive(children) == []
        with closing(socket.socket()) as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_stop_ends_every_process_and_frees_the_port(server: MlflowServer) -> None:
    # The last test of this module, as starting another server would take as long as all the others.
    children = [each for each in descendants(os.getpid()) if str(server.port) in each.cmdline()]
    assert len(children) >= 3
    server.stop()
    assert still_alive(children, 0.5) == []
    assert not server.is_running
    server.stop()
    assert server.port is not None
    with closing(socket.socket()) as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", server.port))
