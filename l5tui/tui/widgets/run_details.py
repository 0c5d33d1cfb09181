"""What the pages of a run say in words and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from l5tui.config.populations import POPULATIONS
from l5tui.text import duration, filled, number, safe, summary_pieces
from l5tui.tui.widgets.run_summary import caveat_lines, cell_table, kept, selectivity_table


def summary_text(values: Mapping[str, Any], width: int) -> Group:
    """Return the measures of a run, its caveats, tags and notes."""
    parts: list[Any] = [kept(values), *caveat_lines(values)]
    if values["tags"] or values["notes"]:
        parts.append(
            Text(safe("  ".join([*(f"#{tag}" for tag in values["tags"]), values["notes"]])), "italic")
        )
    if values["selectivity"]:
        title = Text("Means over realizations, before → after learning", "bold")
        parts += ["", title, selectivity_table(values), ""]
        if values.get("cells"):
            parts += [Text("Cells behind these means", "bold"), cell_table(values), ""]
        terms = [f"{name} {_short(value)}" for name, value in values["loss_terms"].items()]
        parts.append(Text("Loss terms", "bold"))
        parts += [Text(line) for line in filled(terms, width)]
        parts.append(Text("Summary", "bold"))
        parts += [Text(line) for line in filled(summary_pieces(values["summary"]), width)]
    return Group(*parts)


def _short(value: float | None) -> str:
    if value is None:
        return "n/a"
    return str(value) if isinstance(value, int) else number(value, 4)


def weights_table(cells: Mapping[tuple[str, str, str], float]) -> Table:
    """Return initial, final, change and target of the mean weight of each block."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("from to", no_wrap=True)
    for title in ("initial", "final", "change", "target"):
        table.add_column(title, justify="right", no_wrap=True)
    for pre in POPULATIONS:
        for post in POPULATIONS:
            row = [number(cells[name, post, pre], 4) for name in ("initial", "final")]
            row.append(number(cells["change", post, pre], 5, signed=True))
            table.add_row(f"{pre:<4} {post}", *row, number(cells["target", post, pre], 4))
    return table


def provenance_table(values: Mapping[str, Any]) -> Table:
    """Return the origin of a run: ids, times, host, code state, file and versions."""
    rows = {
        **{key: values[key] for key in ("run_id", "name", "rule", "variant", "seed", "hash")},
        **{key: values[key] for key in ("created", "started", "ended", "host", "git_commit")},
        "changed code": {True: "yes, not committed", False: "no", None: "unknown"}[values["git_dirty"]],
        "file": values["paths"]["netcdf"],
        "sha256": values["file_sha256"],
        "MLflow run": values["paths"]["mlflow_run"],
        **{f"time to {phase}": duration(seconds) for phase, seconds in values["timings"].items()},
        **values["versions"],
    }
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in rows.items():
        if value is not None:
            # A table takes a plain text for markup.
            table.add_row(Text(safe(key)), Text(safe(str(value))))
    return table


def changes_table(changes: Mapping[str, tuple[Any, ...]]) -> Group:
    """Return the parameters that are not the default experiment's."""
    if not changes:
        return Group(Text("Every parameter is that of the default experiment.", "bold"), "")
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for title in ("parameter", "default", "this run"):
        table.add_column(title, overflow="fold")
    for key, (usual, own) in changes.items():
        table.add_row(Text(safe(key)), Text(_value_text(usual)), Text(_value_text(own), "bold"))
    return Group(Text("Differs from the default experiment in", "bold"), table, "")


def _value_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return safe(str(value)) if value is not None else "none"
