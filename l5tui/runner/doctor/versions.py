"""What this l5tui stands on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from l5tui.version import __version__

MAIN = ("numpy", "scipy", "numba", "xarray", "netCDF4", "sqlalchemy", "alembic", "pandas", "matplotlib")
FACES = ("mlflow", "textual", "typer", "pydantic")
EXTRAS = {"cluster": ("distributed",), "inference": ("arviz", "pyvbmc", "SALib"), "bench": ("jax", "optuna")}
"""Packages of the optional extras."""


def versions() -> dict[str, str]:
    """Versions of l5tui, Python and the main packages, and the platform."""
    packages = {name: installed(name) or "missing" for name in (*MAIN, *FACES)}
    python = f"{platform.python_version()} ({platform.python_implementation()})"
    return {"l5tui": __version__, "python": python, **packages, "platform": platform.platform()}


def missing_extras() -> list[str]:
    """Names of the optional extras that are not installed whole."""
    return [name for name, packages in EXTRAS.items() if not all(map(installed, packages))]


def installed(package: str) -> str | None:
    """Return the version of a package; None if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
