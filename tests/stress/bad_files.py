"""Malformed experiment files: each is refused in plain lines, or can be run."""

from __future__ import annotations

import random
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from l5tui.config.schema import Parameter, parameters
from l5tui.config.toml_file import read_experiment
from l5tui.errors import L5Error
from l5tui.runner.forecast import forecast
from l5tui.workspace import Workspace, ready_experiments
from tests.stress.command import run_command
from tests.stress.tally import Row, Tally
from tests.stress.truth import losses_of
from tests.workspaces import copy_of, template

SECONDS = 10
MOST_BYTES = 1_000_000_000
LONGEST_LINE = 2000
QUICK_SECONDS, QUICK_STEPS, QUICK_NEURONS, QUICK_CIRCUITS = 3.3, 2000, 500, 3
SEED = 20262

BLANK = """\
network.sizes = [4, 6, 3, 2]
dynamics.duration_tau = 12.0
plasticity.onset_step = 40
simulation.realizations = 1
"""

FLOATS = st.one_of(
    st.floats(),
    st.sampled_from(
        [0.0, -0.0, 1e-320, 5e-324, 1e308, -1e308, 1e-12, 1e12, 1e18, float("nan"), float("inf")]
    ),
)
INTEGERS = st.one_of(st.integers(-10, 100), st.integers(), st.integers(0, 60).map(lambda n: 10**n))
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.sampled_from(
        ["", "oja", "../../x", "\x1b[31m", "a\nb", "$(x)", "<script>", "\u202e", "\0", "x" * 4000]
    ),
)
SCALARS = st.one_of(FLOATS, INTEGERS, TEXTS, st.booleans(), st.just(None))
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(st.lists(FLOATS, min_size=4, max_size=4), min_size=4, max_size=4),
        st.dictionaries(
            st.one_of(TEXTS, st.sampled_from(["CS", "CC", "PV", "SST", "low", "high"])), inner, max_size=4
        ),
    ),
    max_leaves=12,
)
RAW = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode(errors="surrogatepass")),
    st.integers(1, 5000).map(lambda depth: b"seed = " + b"[" * depth + b"]" * depth),
    st.integers(1, 3000).map(lambda depth: b"a" + b".a" * depth + b" = 1"),
    st.integers(1, 3000).map(lambda depth: b"[" + b"a." * depth + b"a]\nb = 1"),
    st.integers(1, 3000).map(lambda depth: b"seed = " + b"{a = " * depth + b"1" + b"}" * depth),
    st.integers(1, 6000).map(lambda digits: b"seed = " + b"9" * digits),
    st.integers(1, 6000).map(lambda digits: b"[dynamics]\ntau = 0." + b"3" * digits + b"e-9999"),
    st.integers(1, 2000).map(lambda count: b"".join(b"k%d = 1\n" % number for number in range(count))),
    st.integers(1, 300).map(lambda count: b"[[network]]\n" * count),
    st.sampled_from(
        [b"seed = 1979-05-27T07:32:00Z", b"seed = 0xffffffffffffffffffff", b"\xef\xbb\xbfseed = 1"]
    ),
)
"""Whole files that are hardly TOML."""


def near(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Values of a kind that a parameter might take, sensible or not."""
    if parameter.choices:
        return st.sampled_from(parameter.choices)
    if isinstance(parameter.default, bool):
        return st.booleans()
    if isinstance(parameter.default, int):
        return st.one_of(st.integers(0, 12), INTEGERS)
    if isinstance(parameter.default, float):
        return st.one_of(st.floats(0, 20), FLOATS)
    return st.one_of(st.just(parameter.default), ANYTHING)


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    """A file: some keys with sensible values, some with any."""
    if draw(st.integers(0, 9)) == 0:
        raw: bytes = draw(RAW)
        return raw
    known = list(parameters())
    chosen = draw(st.lists(st.sampled_from(known), unique_by=lambda each: each.path, max_size=6))
    lines = BLANK.splitlines() if draw(st.booleans()) else []
    given_keys = {line.partition(" = ")[0] for line in lines}
    for each in chosen:
        if any(each.path.startswith(key) for key in given_keys):
            continue
        value = draw(ANYTHING if draw(st.integers(0, 3)) == 0 else near(each))
        lines.append(f"{each.path} = {written(value)}")
    if draw(st.integers(0, 7)) == 0:
        lines.append(f"{quoted(draw(TEXTS))} = {written(draw(ANYTHING))}")
    return "\n".join(lines).encode(errors="surrogatepass")


def written(value: Any) -> str:
    """A value as TOML; None, which TOML lacks, as a moment."""
    match value:
        case None:
            return "1979-05-27"
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case str():
            return quoted(value)
        case dict():
            return "{" + ", ".join(f"{quoted(key)} = {written(each)}" for key, each in value.items()) + "}"
        case _:
            return "[" + ", ".join(map(written, value)) + "]"


def quoted(text: str) -> str:
    """Text as TOML's basic string."""
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text) + '"'


def mutations(count: int) -> Iterator[bytes]:
    """Ready experiments with something cut out, doubled, exchanged or thrown in."""
    chance = random.Random(SEED)
    files = [path.read_bytes() for path in sorted(ready_experiments().glob("*.toml"))]
    for _ in range(count):
        data = bytearray(chance.choice(files))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            end = min(len(data), at + chance.randint(1, 40))
            match chance.randrange(5):
                case 0:
                    del data[at:end]
                case 1:
                    data[at:at] = data[at:end]
                case 2:
                    data[at] = chance.randrange(256)
                case 3:
                    data[at:at] = chance.choice(
                        [b"nan", b"-inf", b"1e999", b"[[", b'"', b"\0", b"\n", b"9" * 400]
                    )
                case _:
                    other = chance.choice(files)
                    data[at:end] = other[at:end]
        yield bytes(data)


def trial(tally: Tally, share: float = 1.0) -> None:
    """Check 5,000 generated files and 200 mutated ones; run some of those that can be run."""
    workspace = copy_of(template(tally.scratch / "template"), tally.scratch / "used")
    good: list[bytes] = []
    generated = tally.row("generated TOML files, checked")
    check_generated(tally, generated, workspace, max(10, round(5000 * share)), good)
    mutated = tally.row("mutated ready experiments, checked")
    for content in mutations(max(5, round(200 * share))):
        tally.report(f"{mutated.what}: {mutated.times}")
        mutated.tried(check_losses(workspace, content, good))
    run_some(tally, tally.row("of these, run"), workspace, good, max(5, round(100 * share)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    generated.tried([f"{peak:,} bytes of memory"] if peak > MOST_BYTES else [], times=0)


def check_generated(tally: Tally, row: Row, workspace: Workspace, count: int, good: list[bytes]) -> None:
    """Check generated files; collect those that are good and quick to run."""

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(contents())
    def check(content: bytes) -> None:
        if row.times % 100 == 0:
            tally.report(f"{row.what}: {row.times:,} of {count:,}, {len(good):,} can be run quickly")
        row.tried(check_losses(workspace, content, good))

    check()


def check_losses(workspace: Workspace, content: bytes, good: list[bytes]) -> list[str]:
    """Check a file; what was not as it should be."""
    path = workspace.experiments / "bad.toml"
    path.write_bytes(content)
    code, losses = _invoke(["check", str(path)], content)
    if code not in (0, 2):
        losses.append(f"exit code {code} for {_shown(content)}")
    if code == 0 and _is_quick(path):
        good.append(content)
    return losses


def run_some(tally: Tally, row: Row, workspace: Workspace, good: list[bytes], count: int) -> None:
    """Run files that can be run, evenly chosen."""
    step = max(1, len(good) // count)
    for number, content in enumerate(good[::step][:count]):
        tally.report(f"{row.what}: {number}")
        path = workspace.experiments / "good.toml"
        path.write_bytes(content)
        words = ["run", "--headless", str(path), "--json", "--workspace", str(workspace.root)]
        code, losses = _invoke([*words, "--set", "recording.figures=none"], content, SECONDS * 2)
        if code not in (0, 3):
            losses.append(f"run ended with {code} for {_shown(content)}")
        row.tried(losses)
    row.tried(losses_of(workspace), times=0)


def _invoke(words: list[str], content: bytes, seconds: float = SECONDS) -> tuple[int, list[str]]:
    begun = time.monotonic()
    losses = []
    try:
        with _at_most(seconds * 3):
            done = run_command(*words)
    except TimeoutError:
        return 0, [f"hangs with {_shown(content)}"]
    if time.monotonic() - begun > seconds:
        losses.append(f"{time.monotonic() - begun:.0f} s for {_shown(content)}")
    if "Traceback" in done.output or done.exception:
        losses.append(f"{done.exception!r} for {_shown(content)}")
    for line in done.stderr.splitlines():
        if not line.isprintable() or len(line) > LONGEST_LINE:
            losses.append(f"says {line[:200]!r} of {_shown(content)}")
    return done.exit_code, losses


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Give up on what hangs."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _is_quick(path: Path) -> bool:
    try:
        experiment = read_experiment(path).experiment
    except L5Error:
        return False
    return (
        experiment.steps <= QUICK_STEPS
        and sum(experiment.network.sizes.in_order()) <= QUICK_NEURONS
        and experiment.simulation.realizations <= QUICK_CIRCUITS
        and forecast(experiment).seconds < QUICK_SECONDS
    )


def _shown(content: bytes) -> str:
    return repr(content if len(content) < 600 else content[:600] + b" and so on")
