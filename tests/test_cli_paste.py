"""What is pasted at a prompt answers that prompt: nothing is graded before b was asked for."""

from __future__ import annotations

import os
import select
import time

import pytest

from tests.cli_runs import Shell, interruptible
from tests.practice_runs import records, typing

PAUSE = object()
"""Between lines: here the person looks at what the terminal shows."""

B_PROMPT = "b (3 numbers, or Enter for zeros): "


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Lines that come at once, but for the pauses between them."""
    typed: list[object] = typing(monkeypatch)  # type: ignore[assignment]  # pauses stand in it too
    read = __builtins__["input"] if isinstance(__builtins__, dict) else __builtins__.input

    def after_a_pause(prompt: str) -> str:
        while typed and typed[0] is PAUSE:
            typed.pop(0)
        return str(read(prompt))

    monkeypatch.setattr("builtins.input", after_a_pause)
    monkeypatch.setattr(
        "handcalc.cli.terminal.has_input", lambda _: bool(typed) and typed[0] is not PAUSE
    )
    return typed


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What stood in a line before anything was typed there."""
    readline = pytest.importorskip("readline", reason="Windows has no such lines")
    texts: list[str] = []

    def hear(hook: object) -> None:
        if hook is not None:
            texts.append(hook.args[0])  # type: ignore[attr-defined]  # a partial of insert_text

    monkeypatch.setattr(readline, "set_startup_hook", hear)
    return texts


PASTED: dict[str, tuple[str, ...]] = {
    "an empty line behind": ("1 0", "0 1", "0 0", ""),
    "several behind": ("1 0", "0 1", "0 0", "", "  ", ""),
    "numpy": ("[[1 0]", " [0 1]", " [0 0]]", ""),
    "torch": ("tensor([[1., 0.],", "        [0., 1.],", "        [0., 0.]])", ""),
    "empty lines inside": ("1 0", "", "0 1", "", "", "0 0", ""),
    "an empty line first": ("", "1 0", "0 1", "0 0"),
    "Windows' line ends": ("1 0", "", "0 1", "", "0 0", "", ""),
    "Octave": ("W =", "", "   1   0", "   0   1", "   0   0", ""),
    "in one text": ("\n1 0\n0 1\n\n0 0\n\n",),
}


@pytest.mark.parametrize("W", PASTED.values(), ids=PASTED)
def test_b_is_asked_for_by_itself(shell: Shell, lines: list[object], W: tuple[str, ...]) -> None:
    lines += [*W, PAUSE]  # and then the person leaves
    done = shell("exercise", "1")
    assert "nothing changed" in done.out
    assert done.out.count(B_PROMPT) == 1
    assert records() == {}


@pytest.mark.parametrize("W", PASTED.values(), ids=PASTED)
def test_enter_at_the_prompt_of_b_means_zeros(
    shell: Shell, lines: list[object], W: tuple[str, ...]
) -> None:
    lines += [*W, PAUSE, ""]
    assert "You gave no b, so b is all zeros." in shell("exercise", "1").out
    assert records()["perfect-reconstruction"]["attempts"] == 1


BOTH: dict[str, tuple[str, ...]] = {
    "names": ("W = 1 0; 0 1; 0 0", "b = 0 0 1/4", ""),
    "one text": ("W = 1 0; 0 1; 0 0\nb = 0 0 1/4\n",),
    "rows and names": ("W =", "1 0", "0 1", "0 0", "", "b =", "0", "0", "1/4"),
    "an empty line": ("1 0", "0 1", "0 0", "", "0", "0", "1/4", ""),
    "an empty line, one text": ("1 0\n0 1\n0 0\n\n0 0 1/4\n",),
    "nothing between": ("1 0; 0 1; 0 0", "0 0 1/4"),
}


@pytest.mark.parametrize("both", BOTH.values(), ids=BOTH)
def test_a_b_that_comes_along_stands_in_its_line(
    shell: Shell, lines: list[object], given: list[str], both: tuple[str, ...]
) -> None:
    lines += [*both, PAUSE]
    assert "nothing changed" in shell("exercise", "1").out
    assert given == ["0 0 1/4"]
    assert records() == {}


TOO_MUCH: dict[str, tuple[str, ...]] = {
    "four rows": ("1 0", "0 1", "0 0", "1 1"),
    "four rows, and an empty line": ("1 0", "0 1", "0 0", "", "1 1", ""),
    "a mistake in the midst": ("1 0", "0 3!", "0 0", ""),
}


@pytest.mark.parametrize("rows", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_is_no_W_is_refused_as_a_whole(
    shell: Shell, lines: list[object], rows: tuple[str, ...]
) -> None:
    lines += [*rows, PAUSE]
    done = shell("exercise", "1")
    assert B_PROMPT not in done.out
    assert "W (3 rows of 2" in done.out.split(rows[1])[-1]
    assert records() == {}


def test_without_a_line_to_put_it_in_it_is_shown(
    shell: Shell, lines: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "readline", None)
    lines += ["1 0; 0 1; 0 0", "0 0 1/4", PAUSE]
    assert "(What came with it: 0 0 1/4)" in shell("exercise", "1").out


def shown(end: int, until: bytes, seconds: float = 60) -> bytes:
    """What the terminal shows up to ``until``; all that comes in so many seconds if that is b""."""
    said, over = b"", time.monotonic() + seconds
    while not (until and until in said) and time.monotonic() < over:
        if select.select([end], [], [], 0.1)[0]:
            said += os.read(end, 4096)
    return said


REAL: dict[str, list[bytes]] = {
    "at once": [b"1 0\n0 1\n0 0\n\n\n"],
    "in pieces": [b"[[1 0", b"]\n [0 1]\n", b" [0 0]]", b"\n\n"],
    "in brackets": [b"\x1b[200~1 0\n0 1\n0 0\n\n\x1b[201~\n\n"],
}


@pytest.mark.slow
@pytest.mark.parametrize("pieces", REAL.values(), ids=REAL)
def test_a_real_paste(terminal: tuple[int, int], pieces: list[bytes]) -> None:
    ours, theirs = terminal
    with interruptible("exercise", "1", stdin=theirs, stdout=theirs, stderr=theirs) as process:
        shown(ours, b"between rows): ")
        for piece in pieces:
            os.write(ours, piece)
            time.sleep(0.1)
        shown(ours, B_PROMPT.encode())
        assert shown(ours, b"", seconds=1) == b""  # it waits
        assert process.poll() is None
        assert records() == {}
        os.write(ours, b"\n")
        assert b"b is all zeros" in shown(ours, b"b is all zeros")
