"""The MLflow UI over a workspace."""

from l5tui.tracking.server import MlflowServer

__all__ = ["MlflowServer"]
