"""The tutorial's commands do what the page says they do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import run_tutorial

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"

SHORT = """\
# A page

```console
$ printf 'id 20261124-112114-6xqz6c done in 2 min 3 s\\n'
id 20251231-235959-abc123 done in 15 ms
$ cat > note <<'END'
> one
>
> two
> END
$ cat note
one

two
$ pwd
/home/you/first-study
```
"""


@pytest.mark.slow
def test_every_command_prints_what_the_page_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run_tutorial.main(["--check"], Path(shutil.copy(PAGE, tmp_path)))
    assert code == 0, capsys.readouterr().err


def test_ids_and_times_may_differ_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text(SHORT)
    assert run_tutorial.main(["--check"], page) == 0
    stale = SHORT.replace("\n\ntwo\n$ pwd", "\n\nthree\n$ pwd")
    page.write_text(stale)
    assert run_tutorial.main(["--check"], page) == 1
    assert "-three" in capsys.readouterr().err
    assert page.read_text() == stale
    assert run_tutorial.main([], page) == 0
    assert "\n\ntwo\n$ pwd" in page.read_text()


def test_a_command_that_fails_is_reported_with_its_output(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ echo why >&2; exit 3\n```\n")
    with pytest.raises(RuntimeError, match=r"left with 3\nwhy"):
        run_tutorial.main([], page)
