"""What tests of practice share: a person who types, what is kept, and a small course."""

from __future__ import annotations

import json
import os
import select
from pathlib import Path
from typing import Any

import pytest

COURSE = Path(__file__).resolve().parent / "data" / "course"
# right and wrong answers to its exercises, one of each kind
RIGHT = {
    "two-in-one": ("--W=1; 0", "--b=0 1/2"),
    "loss-of-a-pair": ("--answer=1/12",),
    "where-the-root-is": ("--answer=0.7 0.71",),
    "three-outputs": ("--answer=1 1/4 0",),
    "which-inputs": ("--answer=b 1",),
}
WRONG = {
    "two-in-one": ("--W=1; 0", "--b=0 0"),
    "loss-of-a-pair": ("--answer=1/24",),
    "where-the-root-is": ("--answer=0.6 0.8",),
    "three-outputs": ("--answer=1 1/4 -1/4",),
    "which-inputs": ("--answer=b 2",),
}


def typing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines that a person at a terminal types, to be filled; after the last comes Ctrl-D."""
    typed: list[str] = []

    def type_one(prompt: str) -> str:
        print(prompt, end="")
        if not typed:
            raise EOFError
        print(typed[0])
        return typed.pop(0)

    monkeypatch.setattr("handcalc.cli.terminal.is_interactive", lambda: True)
    monkeypatch.setattr("builtins.input", type_one)
    return typed


def state_folder() -> Path:
    """The folder in which progress is kept."""
    return Path(os.environ["HANDCALC_STATE_DIR"])


def records() -> dict[str, dict[str, Any]]:
    """The records as they are on the disk; none where there is no file."""
    file = state_folder() / "progress.json"
    if not file.exists():
        return {}
    found = json.loads(file.read_text(encoding="utf-8"))["exercises"]
    assert isinstance(found, dict)
    return found


def flat(text: str) -> str:
    """A text as one line, wherever it was broken."""
    return " ".join(text.split())


class Typist:
    """Who reads what a terminal shows up to a text, and types."""

    def __init__(self, end: int) -> None:
        self._end, self._shown = end, b""

    def until(self, what: bytes) -> bytes:
        """Everything up to and with ``what``; 20 seconds of silence is a failure."""
        while what not in self._shown:
            ready, _, _ = select.select([self._end], [], [], 20)
            assert ready, f"{what!r} does not come after {self._shown!r}"
            self._shown += os.read(self._end, 4096)
        before, _, self._shown = self._shown.partition(what)
        return before + what

    def type(self, text: bytes) -> None:
        """Type a text."""
        os.write(self._end, text)
