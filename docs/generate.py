"""Writes the pages that come from the code itself: configuration.md, command-line.md and database.md.

python docs/generate.py            writes them
python docs/generate.py --check    writes nothing; names stale pages and leaves with 1 where there are any
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from l5tui.config import POPULATIONS, Parameter, parameters
from l5tui.config.checks import MAX_NEURONS, MAX_STEPS
from l5tui.config.document import section_at
from l5tui.config.section import PopulationValues
from l5tui.config.toml_writer import toml_value

FOLDER = Path(__file__).parent
WIDTH = 80
"""Columns that help texts are set in, whatever the terminal."""

MADE = "<!-- Made by docs/generate.py; `make docs` writes it anew. -->"

CONFIGURATION = f"""\
# The keys of an experiment

An experiment is a TOML file. A key that is missing from the file has its default. A key that is not listed here is
an error. Some keys also have a name from the research code; a file can use either name, but not both. `l5tui check
FILE` reports all faults of a file at once, and `--set section.key=value` overrides a key for one run.

Some conditions concern several keys:

- The network has 2 to {MAX_NEURONS:,} neurons in total, and a run has 1 to {MAX_STEPS:,} steps.
- A neuron has no synapse onto itself, so within a population round(P · N) is at most N − 1.
- Target weights from CS and CC are 0 or more, those from PV and SST 0 or less.
- `dynamics.dt` is less than `dynamics.tau`, and `plasticity.onset_step` is less than the number of steps,
  int(duration · `dynamics.tau` / `dynamics.dt`).
- If the learning rule has a window of recent rates, int(−ln(0.1) · `plasticity.tau_threshold` / `dynamics.dt`), the
  window contains at least two rates.
- Each direction occurs once, and its opposite and both orthogonal directions occur as well.
- For a searched parameter, both bounds of its range, or all choices, are valid together with the values of the keys
  that are not searched.

The times `dynamics.tau`, `dynamics.dt`, `plasticity.tau_learn` and `plasticity.tau_threshold` have the same unit.
`dynamics.tau_ms` is the length of `dynamics.tau` in ms. At the default of 100 ms a step is 10 ms, a run 25 s, τ_θ
2.8 s, τ_w 33 min, and 50 rad per step is a grating of 4.2 Hz.

Halving `dynamics.dt` doubles the number of steps. It also doubles the speed of a grating given by
`stimulus.temporal_frequency`, but not of a grating given by `stimulus.temporal_frequency_hz`. A file gives one of
these two keys (`--set stimulus.temporal_frequency_hz=4.2` takes precedence over a `temporal_frequency = 50.0` in
the file). The keys in steps (`plasticity.onset_step`, `plasticity.phase_steps`, `recording.every`) then last half
as long: double them.

Every command, the app and notebooks apply the same checks to the file, to `--set` and to `[tuning]`, and report all
faults at once. In addition, a search needs a `[tuning.space]`; `infer` also needs ranges, `[targets]` and at least
two circuits.

A valid experiment can still give misleading results. `l5tui check`, `l5tui run` and the form of the app show a
warning if

- the BCM rules are ill-posed near silence: `network.transfer = "supralinear"` with `network.gamma` of 2 or more,
  unless `plasticity.threshold_floor` is above 0;
- `network.weight_noise` is larger than most of the target weights, as for a table in V instead of mV;
- the window `before` or `after` is shorter than a whole number of periods, or begins while more than 1 % of the
  start-up transient is left, exp(−t/τ) > 0.01: before 4.6 τ, 47 steps by default
  ([windows](model.md#what-is-measured)).

`l5tui check` and runs also warn if the spectral abscissa by which W is divided is below 0.1 ‖W‖/√N, which is an
accident of the sample ([scale](model.md#circuit)). A run checks all its circuits; `check` checks the first circuit,
for up to 2,000 neurons.

A run stores its warnings in its file and reports them in its JSON. `l5tui check` also prints two notes: the
increase of the mean weight of a block by noise that is folded to the presynaptic sign (from 1 %), and the divisor
of the first circuit's weights. The preview of the app shows this divisor as well.
"""

COMMAND_LINE = """\
# The command line

The output of `--help` for every command. Commands that read or write runs need a workspace: a folder with
`experiments/`, `store/` and `mlruns/`.

| exit code | meaning |
|---|---|
| 0 | success |
| 1 | failed; the last line on standard error names the log file with the details |
| 2 | bad input: a faulty file, an unknown option or run, no workspace |
| 3 | a rate or a weight of a run became non-finite; its file contains the results up to this step |
| 130 | interrupted by one or more of Ctrl+C, SIGTERM and SIGHUP; `l5tui mlflow` returns 0 after Ctrl+C |
"""

DATABASE = """\
# The tables of the catalogue

The tables of `store/catalog.sqlite`, generated from the code. [What is in a result](results.md#the-catalogue)
defines the columns. Times are UTC in ISO 8601, JSON is stored as text, and a non-finite number is stored as NULL.
Deleting a run or a study also deletes the rows that refer to it.
"""

NOTES = {
    "tuning": "The space of `l5tui tune`, `sweep`, `sensitivity` and `infer`. Every command checks this section, and "
    "it is not part of the experiment's hash."
}
"""What the code does not say of a section."""

SOURCE = "Source: Campagnola et al. 2022, Science 375, eabj5861."
COLUMNS = ("key", "symbol", "default", "unit", "allowed", "meaning", "research code's name")


def main(arguments: list[str], folder: Path = FOLDER) -> int:
    """Write or check the pages of a folder; gives the exit code."""
    parser = argparse.ArgumentParser(description="Write the pages of the docs that come from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; name the pages that are stale")
    check = parser.parse_args(arguments).check
    stale = {name: text for name, text in pages().items() if _read(folder / name) != text}
    for name, text in stale.items():
        if check:
            sys.stderr.write(f"{folder / name} is stale; `make docs` writes it anew\n")
        else:
            (folder / name).write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


def pages() -> dict[str, str]:
    """Every page that is made here, by its file name."""
    return {
        "configuration.md": configuration_page(),
        "command-line.md": command_line_page(),
        "database.md": database_page(),
    }


def configuration_page() -> str:
    """Every key of an experiment, section by section."""
    sections: dict[str, list[Parameter]] = {}
    for known in parameters():
        # A table within a table comes after the keys of the table that it is in.
        sections.setdefault(known.section.partition(".")[0], [])
        sections.setdefault(known.section, []).append(known)
    return "\n".join([MADE, CONFIGURATION, *(_section(path, keys) for path, keys in sections.items())])


def command_line_page() -> str:
    """The help text of every command."""
    from typer.main import get_command

    from l5tui.cli.commands import app

    commands: dict[str, Any] = vars(get_command(app))["commands"]
    texts = [f"## `{name}`\n\n```text\n{_help(words)}```\n" for name, words in _calls(commands)]
    return "\n".join([MADE, COMMAND_LINE, *texts])


def database_page() -> str:
    """Every table of the catalogue with its columns, keys and indexes."""
    # Importing the models of studies makes those of runs known too.
    from l5tui.store.study_models import Study

    return "\n".join([MADE, DATABASE, *map(_database_table, Study.metadata.tables.values())])


def _database_table(table: Any) -> str:
    from sqlalchemy.dialects.sqlite import dialect

    lines = [f"## `{table.name}`", "", _row(("column", "type", "NULL", "key")), _row(["---"] * 4)]
    for column in table.columns:
        refers = [f"refers to `{key.column.table.name}.{key.column.name}`" for key in column.foreign_keys]
        keys = ", ".join([*(["primary"] if column.primary_key else []), *refers])
        kind = column.type.compile(dialect=dialect())
        lines.append(_row([f"`{column.name}`", kind, "may be" if column.nullable else "", keys]))
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        lines += ["", f"Index `{index.name}`: {', '.join(f'`{column.name}`' for column in index.columns)}."]
    return "\n".join([*lines, ""])


def _calls(commands: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    yield "l5tui", []
    for name in commands:
        yield f"l5tui {name}", [name]


def _help(words: list[str]) -> str:
    from typer.testing import CliRunner

    from l5tui.cli.commands import app

    result = CliRunner().invoke(app, [*words, "--help"], prog_name="l5tui", terminal_width=WIDTH, color=False)
    if result.exit_code != 0:
        raise RuntimeError(f"l5tui {' '.join(words)} --help left with {result.exit_code}: {result.output}")
    return result.output


def _section(path: str, keys: list[Parameter]) -> str:
    """A section's heading, its intro and the table of its keys."""
    lines = [f"## `[{path}]`" if path else "## Outside any section", "", *_intro(path), ""]
    lines += [_row(COLUMNS), _row(["---"] * len(COLUMNS)), *(_row(_cells(known)) for known in keys), ""]
    for known in keys:
        if _is_table(known.default):
            lines += _table_of_populations(known)
    return "\n".join(lines)


def _intro(path: str) -> Iterator[str]:
    section = section_at(tuple(path.split(".")) if path else ())
    if section is None:
        raise ValueError(f"{path} is no section")
    # What follows a numpydoc heading is for readers of the code.
    told = re.split(r"\n\n\w+\n---", inspect.getdoc(section) or "")[0]
    yield from told.replace("``", "`").splitlines()
    if issubclass(section, PopulationValues):
        yield f"A table, or a list of four in the order {', '.join(POPULATIONS)}."
        yield from _names(path)
    if path in NOTES:
        yield NOTES[path]


def _names(path: str) -> Iterator[str]:
    """Symbol of a nested table, and the research code's name of it."""
    parent, _, name = path.rpartition(".")
    outer = section_at(tuple(parent.split(".")))
    extra = outer.model_fields[name].json_schema_extra if outer else None
    if isinstance(extra, dict):
        if extra["symbol"]:
            yield f"Symbol: {extra['symbol']}."
        if extra["alias"]:
            yield f"The research code's name: `{extra['alias']}`."


def _cells(known: Parameter) -> list[str]:
    default = "below" if _is_table(known.default) else f"`{toml_value(known.default)}`"
    alias = f"`{known.alias}`" if known.alias else ""
    name = known.path.rpartition(".")[2]
    return [f"`{name}`", known.symbol, default, known.unit, known.allowed, known.description, alias]


def _is_table(default: Any) -> bool:
    return isinstance(default, list) and bool(default) and all(isinstance(row, list) for row in default)


def _table_of_populations(known: Parameter) -> Iterator[str]:
    unit = f", {known.unit}" if known.unit not in ("", "1") else ""
    yield f"Default of `{known.path}`{unit}. {SOURCE}"
    yield ""
    yield _row([f"{known.symbol}, from ↓ to →", *POPULATIONS])
    yield _row(["---", *["---:"] * len(POPULATIONS)])
    for name, row in zip(POPULATIONS, known.default, strict=True):
        yield _row([f"**{name}**", *(f"{value:.2f}".replace("-", "−") for value in row)])
    yield ""


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
