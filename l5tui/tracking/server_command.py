"""``mlflow server`` with `l5tui.tracking.server_app` in place of MLflow's web application; takes the same arguments.

MLflow builds the command of its web server in one function, which is replaced here. Where a later version has no such
function, nothing is started: better no server than one without the check.
"""

from __future__ import annotations

from typing import Any, Final

APPLICATION: Final = "l5tui.tracking.server_app:app"


def main() -> None:
    """Run MLflow's command line."""
    import mlflow.cli
    import mlflow.server

    server: Any = mlflow.server
    build = server._build_uvicorn_command

    def build_guarded(
        options: Any, host: Any, port: Any, workers: Any, application: Any, *others: Any, **named: Any
    ) -> Any:
        return build(options, host, port, workers, APPLICATION, *others, **named)

    server._build_uvicorn_command = build_guarded
    mlflow.cli.cli()


if __name__ == "__main__":
    main()
