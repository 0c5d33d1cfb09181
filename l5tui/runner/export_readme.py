"""What an exported run says of itself: what it is, what lies where, how to repeat and how to cite it."""

from __future__ import annotations

from l5tui.analysis.markdown import markdown_table
from l5tui.store.records import RunRecord
from l5tui.text import safe

CONTENTS = (
    ("`experiment.toml`", "the experiment as it was run, comments included"),
    ("`{id}.nc`", "all arrays, with names and units: NetCDF-4, for `xarray.open_dataset`"),
    ("`tables/selectivity.*`", "rate and selectivity before and after learning, by population"),
    ("`tables/weights.*`", "mean weights of the 16 blocks: initial, final, change and target"),
    ("`tables/summary.*`", "the loss, its terms and the summary"),
    ("`figures/`", "figures, drawn from the NetCDF file alone"),
)
"""Files of an export, and what is in them."""

SOURCES = """\
- The model and its research code: L5Neuron_RateModel, commit 5db6801.
- Weights and connection probabilities: Campagnola et al. 2022, Science 375, eabj5861.
- Vector measures of selectivity: Mazurek, Kager & Van Hooser 2014, Front. Neural Circuits 8:92.
"""


def readme(record: RunRecord) -> str:
    """Return the README of an exported run, in Markdown.

    Parameters
    ----------
    record : RunRecord
    """
    parts = [
        f"# Run {record.id}",
        f"A run of l5tui, a firing-rate model of mouse V1 layer 5 with plastic synapses, named {_code(record.name)}.",
        markdown_table(["", ""], _facts(record), labels=2),
        *(["Notes:", _quoted(record.notes)] if record.notes else []),
        "## What is here",
        markdown_table(
            ["file", "content"],
            [(file.format(id=record.id), content) for file, content in CONTENTS],
            labels=2,
        ),
        "Tables come as CSV, a row a value, for programs, and as Markdown for reading: mean ± standard deviation of "
        "the\nrealizations' means. What is not defined is empty, or n/a. Weight matrices are `W[post, pre]`.",
        "## How to repeat it",
        _repetition(record),
        "## How to cite it",
        _citation(record),
        "The model stands on these; cite them too:",
        SOURCES,
        "## Versions",
        markdown_table(
            ["what", "version"], [(name, str(content)) for name, content in _versions(record)], labels=2
        ),
    ]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _facts(record: RunRecord) -> list[tuple[str, str]]:
    return [
        ("learning rule", record.rule),
        ("variant", record.variant),
        ("seed", str(record.seed)),
        ("status", f"{record.status}{f': {_code(record.error)}' if record.error else ''}"),
        ("created", record.created.isoformat(timespec="seconds")),
        ("tags", ", ".join(map(_code, record.tags)) or "none"),
        ("group", _code(record.group_id) if record.group_id else "none"),
        ("hash of the experiment", f"`{record.hash}`"),
        ("SHA-256 of the NetCDF file", f"`{record.file_sha256}`"),
    ]


def _repetition(record: RunRecord) -> str:
    return f"""\
With l5tui {record.versions.get("l5tui", "of this version")}, in a workspace (`l5tui init DIR` makes one):

    l5tui run --headless experiment.toml

On the same kind of processor and with the versions below, the numbers are the same to the last bit; elsewhere they
agree to rounding as long as the network is well-conditioned. In the workspace that the run comes from,
`l5tui rerun {record.id} --verify` runs it again and compares every number."""


def _citation(record: RunRecord) -> str:
    commit = f", commit `{record.git_commit}`" if record.git_commit else ""
    changed = ", with changes that were not committed" if record.git_dirty else ""
    return (
        f"> l5tui {record.versions.get('l5tui', '')}{commit}{changed}; run `{record.id}`, "
        f"experiment `{record.hash[:12]}`, {record.created:%Y}."
    )


def _versions(record: RunRecord) -> list[tuple[str, str]]:
    commit = [("git commit", record.git_commit)] if record.git_commit else []
    return [*record.versions.items(), *commit]


def _code(text: str) -> str:
    """Text from a person, set so that it cannot be taken for Markdown."""
    return f"`{safe(' '.join(text.replace('`', chr(39)).split()))}`"


def _quoted(text: str) -> str:
    return "\n".join(f"    {safe(line)}" for line in text.splitlines())
