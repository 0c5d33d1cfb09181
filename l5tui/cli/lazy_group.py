"""A group of commands, each imported when it is called: its file may import at its head what it needs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from l5tui.cli.failures import with_exit_codes

COMMANDS: Mapping[str, str] = {
    **{name: name for name in ("run", "check", "runs", "show", "figures", "compare")},
    "compare-rules": "compare_rules",
    **{name: name for name in ("rerun", "fork", "export", "tag", "note", "delete", "doctor", "tune")},
    "sweep": "tune",
    **{name: name for name in ("sensitivity", "infer", "studies", "mlflow", "init")},
}
"""The module in `l5tui.cli` of each command, in the order of the help; the function has the command's name."""


class LazyCommands(MutableMapping[str, Any]):
    """The commands by name; one is imported when it is read."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            module = import_module(f"l5tui.cli.{COMMANDS[name]}")
            self._loaded[name] = _command(name, getattr(module, name.replace("-", "_")))
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class LazyGroup(TyperGroup):
    """Lists its commands without importing them."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = LazyCommands()

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands, in the order of the help."""
        return list(COMMANDS)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the name and the summary of each command."""
        limit = formatter.width - 6 - max(map(len, COMMANDS))
        summaries = {name: TyperCommand(name, help=summary(name)) for name in COMMANDS}
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, command.get_short_help_str(limit)) for name, command in summaries.items()]
            )


def summary(name: str) -> str:
    """Return the docstring of a command from its source, which takes a tenth of importing it.

    Parameters
    ----------
    name : str
        Of the command.
    """
    module = f"l5tui.cli.{COMMANDS[name]}"
    spec = find_spec(module)
    loader = spec.loader if spec else None
    source = loader.get_source(module) if loader is not None and hasattr(loader, "get_source") else ""
    for node in ast.parse(source or "").body:
        if isinstance(node, ast.FunctionDef) and node.name == name.replace("-", "_"):
            return ast.get_docstring(node) or ""
    return ""


def _command(name: str, function: Callable[..., None]) -> Any:
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    app.command(name)(with_exit_codes(function))
    return get_command(app)
