"""In a terminal the answer before stands in the line: what is typed behind it is a new one."""

from __future__ import annotations

import pytest

from tests.cli_runs import interruptible
from tests.practice_runs import Typist, state_folder

pytest.importorskip("readline", reason="Windows has no such lines")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("exercise", "turns", "understood"),
    [
        ("7", [("1/2", "not yet"), ("1/3", "not yet")], " = 1/3"),  # and not 1/2 1/3 glued
        ("7", [("1/2", "not yet"), (" + 1/4", "not yet")], " = "),  # a sum goes on
        ("7", [("1/2", "not yet"), ("3/8", "Exercise 7: solved")], " = 3/8"),
        ("3", [("0 3/4 1/2", "not yet"), ("0 1/4 1/8", "not yet")], "(0, 1/4, 1/8)"),
        ("3", [("9 8 7", "not yet"), ("5", "not yet")], "(9, 8, 75)"),  # a digit goes on
        # a typo in row 3, and the row anew; then b
        ("1", [("1 0", "row 2"), ("0 1", "row 3"), ("0 q", "Row 3: "), ("0 0", "zeros)")], ""),
        # after a wrong W, another one row by row
        (
            "15",
            [("1 0; 0 1; 0 -1", "zeros)"), ("", "not yet"), ("1 0", "row 2"), ("0 1", "row 3")],
            "",
        ),
        (
            "15",
            [("1 0; 0 1; 0 -1", "zeros)"), ("", "not yet"), ("W = 1 0", "row 2"), ("0 1", "row 3")],
            "",
        ),
    ],
)
def test_what_is_typed_behind_the_answer_before(
    terminal: tuple[int, int], exercise: str, turns: list[tuple[str, str]], understood: str
) -> None:
    ours, theirs = terminal
    screen = Typist(ours)
    with interruptible("exercise", exercise, stdin=theirs, stdout=theirs, stderr=theirs):
        screen.until(b"): ")
        for number, (typed, comes) in enumerate(turns):
            screen.type(f"{typed}\n".encode())
            shown = screen.until(comes.encode())
            if comes != "not yet":
                continue
            shown += screen.until(b"Try again")
            if number + 1 == len(turns):
                assert understood in shown.decode()
            shown = screen.until(b"): ")
        screen.type(b"\x15q\n")
        screen.until(b"Come back" if "solved" not in turns[-1][1] else b"next exercise")


def test_the_history_has_what_was_meant(terminal: tuple[int, int]) -> None:
    ours, theirs = terminal
    screen = Typist(ours)
    with interruptible("exercise", "3", stdin=theirs, stdout=theirs, stderr=theirs) as process:
        screen.until(b"(3 numbers): ")
        for typed in (b"9 8 7", b"0 8 7", b"q"):
            screen.type(typed + b"\n")
            screen.until(b"Come back" if typed == b"q" else b"not yet")
            if typed != b"q":
                screen.until(b"(3 numbers): ")
        process.wait(60)
    kept = (state_folder() / "answers.history").read_text(encoding="utf-8").splitlines()
    assert kept == ["9 8 7", "0 8 7"]
