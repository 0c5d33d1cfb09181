"""The content of python.md: signatures, parameters, results and examples, from docstrings."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from typing import Any

INTRODUCTION = """\
# Python

With `import l5tui`, notebooks and scripts use the functions of the command line and the app. Functions and classes are
loaded at first use. Each function applies the same checks as its command. Errors are subclasses of `l5tui.L5Error`,
with the message that the command prints.

```text
from l5tui import run, runs, open_run, compare, compare_rules, preview
from l5tui import tune, sweep, sensitivity, infer, open_study
from l5tui import Experiment, Run, Study, Workspace, L5Error
from l5tui.model import Circuit, simulate, Trajectory, Diverged, Rule
from l5tui.analysis import measure, selectivity
```

Examples run in a workspace (`l5tui init DIR`). [Results in a notebook](how-to/read-results-in-a-notebook.md) shows the
steps of an analysis. These names are stable; [the policy](../CONTRIBUTING.md#public-names) defines how they can
change.
"""

FUNCTIONS = {
    "l5tui": (
        *("run", "runs", "open_run", "weights_at", "compare", "compare_rules", "preview", "tune", "sweep"),
        *("sensitivity", "infer", "open_study", "create_workspace"),
    ),
    "l5tui.model": ("simulate",),
    "l5tui.analysis": ("measure", "selectivity"),
}

CLASSES = (
    *("l5tui.Run", "l5tui.Study", "l5tui.notebook.comparison.RunComparison"),
    *("l5tui.notebook.rules.RuleEffects", "l5tui.notebook.preview.Preview"),
    *("l5tui.notebook.sensitivity.SensitivityAnalysis", "l5tui.notebook.inference.Inference"),
    *("l5tui.Workspace", "l5tui.L5Error", "l5tui.model.Circuit", "l5tui.model.Trajectory"),
    *("l5tui.model.Diverged", "l5tui.model.Rule"),
)

SECTION = re.compile(r"^(\w+)\n-{3,}\n", re.MULTILINE)


def page() -> str:
    """The whole page, without its first line."""
    parts = [INTRODUCTION]
    for package, names in FUNCTIONS.items():
        parts += [_function(f"{package}.{name}") for name in names]
    parts += ["## Classes", "", *map(_class, CLASSES)]
    return "\n".join(parts)


def _found(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    found = getattr(import_module(module), attribute)
    # A module that is called as the function of the same name.
    return getattr(found, attribute, found) if inspect.ismodule(found) else found


def _function(name: str) -> str:
    function = _found(name)
    signature = inspect.signature(function)
    plain = [each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()]
    call = str(inspect.Signature(plain)).removeprefix("(").removesuffix(")")
    text, sections = _docstring(function)
    lines = [f"## `{name}`", "", "```text", *_wrapped(f"{name}(", call), "```", "", text, ""]
    for title in ("Parameters", "Returns", "Raises"):
        if title in sections:
            lines += [f"**{title}**", "", *_entries(sections[title]), ""]
    if "Examples" in sections:
        example = sections["Examples"]
        before, mark, code = example.partition(">>> ")
        lines += [
            *([_inline(before.strip()), ""] if before.strip() else []),
            "```pycon",
            mark + code,
            "```",
            "",
        ]
    return "\n".join(lines)


def _wrapped(start: str, arguments: str) -> list[str]:
    if len(start + arguments) < 100:
        return [f"{start}{arguments})"]
    return [start, *(f"    {each}," for each in arguments.split(", ")), ")"]


def _class(name: str) -> str:
    cls = _found(name)
    text, sections = _docstring(cls)
    lines = [f"### `{name}`", "", text, ""]
    if "Attributes" in sections:
        lines += [*_entries(sections["Attributes"])]
    for base in (each for each in cls.__mro__ if each.__module__.startswith("l5tui.")):
        for key, value in vars(base).items():
            if not key.startswith("_") and (line := _member(key, value)):
                lines.append(line)
    return "\n".join([*lines, ""])


def _member(key: str, value: Any) -> str:
    value = getattr(value, "__func__", value)
    described = inspect.getdoc(value) if not isinstance(value, str | int | tuple | dict) else None
    if not described:
        return ""
    call = ""
    if inspect.isfunction(value):
        names = [each for each in inspect.signature(value).parameters if each not in ("self", "cls")]
        call = f"({', '.join(names)})"
    first = " ".join(described.partition("\n\n")[0].split())
    return f"- `{key}{call}`: {_inline(first)}"


def _docstring(found: Any) -> tuple[str, dict[str, str]]:
    """Summary and further paragraphs, and the sections by their titles."""
    text, *rest = SECTION.split(inspect.getdoc(found) or "")
    sections = {title: body.strip("\n") for title, body in zip(rest[::2], rest[1::2], strict=True)}
    return _inline(text.strip()), sections


def _entries(section: str) -> list[str]:
    """A list item for each entry of a section of numpydoc."""
    items: list[str] = []
    for line in section.splitlines():
        if line and not line.startswith(" "):
            name, _, kind = line.partition(" : ")
            items.append(f"- `{name}`" + (f": {kind}" if kind else ""))
        elif line.strip():
            items[-1] += (
                (". " if items[-1].count("\n") == 0 and "\0" not in items[-1] else " ") + line.strip() + "\0"
            )
    return [_inline(item.replace("\0", "")) for item in items]


def _inline(text: str) -> str:
    return text.replace("``", "`")
