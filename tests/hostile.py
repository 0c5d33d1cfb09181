"""Texts that people should not give as names, and that must do no harm all the same."""

from __future__ import annotations

HOSTILE = (
    "../../x",
    "two\nlines\r\nand\ttabs",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "$(touch x) `touch x`; touch x | cat",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[red]markup[/red] [/] [link=x] [@click=app.quit]x[/]",
    "\u202eright to left\u2066 isolated \u200fmark",
    "=cmd|'/c calc'!A1",
    "# heading\n| a | b |\n```",
)

HOSTILE_TOML = """\
name = {name}
notes = {notes}
tags = {tags}

[network]
sizes = [9, 22, 7, 6]

[dynamics]
duration_tau = 30.0

[plasticity]
onset_step = 120

[simulation]
realizations = 1

[recording]
figures = "none"
"""


def hostile_toml(name: str) -> str:
    """A tiny experiment with a hostile name, and with all of them as notes and tags."""
    import json

    notes = "\n".join(HOSTILE) + "y" * 4000
    return HOSTILE_TOML.format(
        name=json.dumps(name), notes=json.dumps(notes), tags=json.dumps([each[:100] for each in HOSTILE])
    )
