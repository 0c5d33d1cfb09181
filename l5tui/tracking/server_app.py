"""MLflow's web application behind `HeaderGuard`; the server's process imports it by name."""

from mlflow.server.fastapi_app import app as mlflow_app

from l5tui.tracking.header_guard import HeaderGuard

app = HeaderGuard(mlflow_app)
