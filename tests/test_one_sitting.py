"""docs/one-sitting.md is what happens at the prompt.

``python -m tests.test_one_sitting`` writes the sitting anew, for a person to read over.
"""

from __future__ import annotations

import os
import re
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from handcalc.cli.program import run
from tests.practice_runs import typing

PAGE = Path(__file__).resolve().parent.parent / "docs" / "one-sitting.md"
SITTING = re.compile(r"(?<=^```text\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
TYPED = (
    *("1 0; 0 1; 0 0", ""),
    *("h", "0 0 -1/4"),
    *("0 0 1/4", "n"),
    *("1 0", "0 1", "1/2 1/2!", "1/2 1/2", ""),
    *("1 0; 0 1; 0 0", "", "q"),
)


def sitting(monkeypatch: pytest.MonkeyPatch) -> str:
    """What the terminal shows, with what is typed."""
    typing(monkeypatch).extend(TYPED)
    shown = StringIO()
    with redirect_stdout(shown), redirect_stderr(shown):
        assert run(["exercise", "1"]) == 0
    return "".join(f"{line.rstrip()}\n" for line in shown.getvalue().splitlines())


def test_the_page_is_what_the_prompt_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    (recorded,) = SITTING.findall(PAGE.read_text(encoding="utf-8"))
    assert sitting(monkeypatch) == recorded


def _refresh() -> None:
    with TemporaryDirectory() as state, pytest.MonkeyPatch.context() as patch:
        for name, value in (("HANDCALC_STATE_DIR", state), ("COLUMNS", "80")):
            patch.setenv(name, value)
        os.environ.pop("TERM", None)
        shown = sitting(patch)
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(SITTING.sub(lambda _: shown, text), encoding="utf-8")


if __name__ == "__main__":
    _refresh()
