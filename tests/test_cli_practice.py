"""Practice at the command line: showing, asking, grading, hints, solutions, and what is kept."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.class_folder import SLOW
from tests.cli_runs import Shell, interruptible
from tests.practice_runs import COURSE, records, state_folder, typing

RIGHT = ("--W=1 0; 0 1; 0 0", "--b=0 0 1/4")
WRONG = ("--W=1 0; 0 1; 0 -1", "--b=-1 -1 -1")
NEARLY = ("--W=1 0; 0 1; 0 -1", "--b=0 1/2 1/2")
UNREADABLE = ("--W=1 0; 0 1; 0 3!",)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return typing(monkeypatch)


def record() -> dict[str, object] | None:
    """What is kept about exercise 1, or None where nothing is."""
    return records().get("perfect-reconstruction")


@pytest.mark.parametrize("which", ["1", "perfect-reconstruction"])
def test_without_an_answer_the_exercise_is_shown(shell: Shell, which: str) -> None:
    done = shell("exercise", which)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Exercise 1")
    assert "--W=" in done.out
    assert "--b=" in done.out
    assert record() is None


@pytest.mark.parametrize(
    ("answer", "code", "status"),
    [(RIGHT, 0, "solved"), (WRONG, 1, "wrong"), (NEARLY, 1, "partial")],
)
def test_an_answer_is_graded(shell: Shell, answer: tuple[str, ...], code: int, status: str) -> None:
    done = shell("exercise", "1", *answer)
    assert (done.code, done.err) == (code, "")
    assert done.out.startswith("Exercise 1")
    found = shell("exercise", "1", *answer, "--json")
    assert found.code == code
    assert found.json()["status"] == status
    assert found.json()["answer"]["raw"]["W"] == answer[0].removeprefix("--W=")
    assert {"id", "passed", "message", "witness"} <= set(found.json()["checks"][0])
    kept = record()
    assert kept is not None
    assert kept["attempts"] == 2
    assert kept["solved"] is (status == "solved")


def test_an_unreadable_answer_changes_nothing(shell: Shell) -> None:
    done = shell("exercise", "1", *UNREADABLE)
    assert (done.code, done.out) == (3, "")
    assert "3!" in done.err
    assert "^" in done.err
    found = shell("exercise", "1", *UNREADABLE, "--json")
    assert found.code == 3
    assert found.json()["status"] == "unreadable"
    assert found.json()["error"]["code"] == "factorial"
    assert found.json()["error"]["option"] == "--W"
    kept = record()
    assert kept is None or kept["attempts"] == 0


def test_no_state_keeps_nothing(shell: Shell) -> None:
    shell("exercise", "1", *RIGHT, "--no-state")
    shell("hint", "1", "--no-state")
    shell("solution", "1", "--no-state", "--yes")
    assert record() is None


@pytest.mark.parametrize(
    "text",
    [
        "W = 1 0; 0 1; 0 0\nb = 0 0 1/4\n",
        "b = 0 0 1/4\nW = 1 0; 0 1; 0 0\n",
        "\ufeffW =\r\n1 0\r\n0 1\r\n0 0\r\n\r\nb: 0, 0, 1/4\r\n",
        "W = [[1, 0],\n     [0, 1],\n     [0, 0]]\nb = [0, 0, 1/4]",
    ],
)
def test_an_answer_from_a_file(shell: Shell, tmp_path: Path, text: str) -> None:
    file = tmp_path / "answer.txt"
    file.write_text(text, encoding="utf-8", newline="")
    assert shell("exercise", "1", f"--file={file}", "--json").json()["status"] == "solved"


def test_an_error_in_a_file_counts_rows_from_its_top(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "answer.txt"
    file.write_text("b = 0 0 1/4\n\nW =\n1 0\n0 3!\n0 0\n", encoding="utf-8")
    done = shell("exercise", "1", f"--file={file}", "--json")
    assert done.code == 3
    error = done.json()["error"]
    assert (error["row"], error["column"]) == (5, 4)
    assert error["option"] == f"W in --file={file}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no W = … in it"),
        ("b = 0 0 1/4", "there is no W = … in it"),
        ("1 0; 0 1; 0 0", "it must begin with W = … or b = …"),
        ("W = 1 0\nW = 0 1", "W = … stands twice in it"),
    ],
)
def test_a_file_that_holds_no_answer(shell: Shell, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "answer.txt"
    file.write_text(text, encoding="utf-8")
    done = shell("exercise", "1", f"--file={file}", "--json")
    assert done.code == 3
    assert said in done.json()["error"]["message"]
    assert done.json()["error"]["suggestion"] == "W = 1 1; 0 2; 0 0\nb = 0 0 0"
    assert record() is None


@pytest.mark.parametrize(
    ("b", "kept"),
    [
        ("0 0 1/4", '--b="0 0 1/4"'),
        ("@b.txt", "--b=@b.txt"),
        ('"0" 0', "--b='\"0\" 0'"),
    ],
)
def test_b_without_W_is_kept(
    shell: Shell, b: str, kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "b.txt").write_text("0 0 1/4", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    error = shell("exercise", "1", f"--b={b}", "--json").json()["error"]
    assert error["suggestion"] == f'--W="1 1; 0 2; 0 0" {kept}'


@pytest.mark.parametrize(
    "arguments", [["--b=0 0 1/4"], ["--file=a.txt", "--W=1 0; 0 1; 0 0"], ["--file=nowhere"]]
)
def test_half_an_answer_is_a_mistake_of_usage(
    shell: Shell, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("W = 1", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert shell("exercise", "1", *arguments).code == 2


@pytest.mark.parametrize("command", ["exercise", "hint", "solution"])
@pytest.mark.parametrize("which", ["0", "99", "perfect-reconstuction"])
def test_an_unknown_exercise(shell: Shell, command: str, which: str) -> None:
    done = shell(command, which, "--json")
    assert done.code == 2
    assert done.json()["error"]["code"] == "unknown_exercise"
    assert done.json()["error"]["suggestion"] == "perfect-reconstruction"


def test_the_list_knows_what_was_done(shell: Shell) -> None:
    def state() -> object:
        (first, *_) = shell("exercises", "--json").json()["exercises"]
        assert (first["position"], first["id"]) == (1, "perfect-reconstruction")
        assert first["title"][:21] in shell("exercises").out  # a column may break it further on
        return first["state"]

    assert state() == "new"
    shell("exercise", "1", *WRONG)
    assert state() == "tried"
    shell("solution", "1")
    assert state() == "solution seen"
    shell("exercise", "1", *RIGHT)
    assert state() == "solved"
    assert shell("exercises", "--no-state", "--json").json()["exercises"][0]["state"] == "new"


def test_hints_come_one_after_the_other(shell: Shell) -> None:
    numbers = [shell("hint", "1", "--json").json()["number"] for _ in range(3)]
    assert numbers == [1, 2, 2]
    assert shell("hint", "1", "--level", "1", "--json").json()["number"] == 1
    assert shell("hint", "1", "--no-state", "--json").json()["number"] == 1
    last = shell("hint", "1").out
    assert "hint 2 of 2" in last
    assert "handcalc hint 1 --level 1" in last
    assert "--level" not in shell("hint", "1", "--level", "1").out
    assert "has 2 hints" in shell("hint", "1", "--level", "3").err
    assert shell("hint", "1", "--level", "3").code == 2


def test_the_solution(shell: Shell) -> None:
    found = shell("solution", "1", "--json").json()
    assert len(found["solutions"]) == 2
    assert found["solutions"][0]["title"] in shell("solution", "1").out
    kept = record()
    assert kept is not None
    assert kept["solution"] is True


def test_home_names_the_next_exercise(shell: Shell) -> None:
    out = shell().out
    assert "handcalc exercise 1" in out
    assert len(out.split("\n\n")[0].splitlines()) == 2
    assert shell("--json").json()["next"]["id"] == "perfect-reconstruction"


def test_a_damaged_record_is_a_warning(shell: Shell) -> None:
    shell("exercise", "1", *WRONG)
    folder = state_folder()
    next(folder.glob("*.json")).write_text("{", encoding="utf-8")
    done = shell("exercises", "--json")
    assert done.code == 0
    assert done.json()["warnings"]
    next(folder.glob("*.json")).write_text("{", encoding="utf-8")
    assert shell("exercises").err.startswith("Note: ")


def test_a_person_is_asked(shell: Shell, lines: list[str]) -> None:
    lines += ["1 0; 0 1; 0 0", "0 0 1/4"]
    done = shell("exercise", "1")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Exercise 1: ")
    assert "W (3 rows of 2, with ; or Enter between rows): 1 0; 0 1; 0 0\n" in done.out
    assert "solved" in done.out.split("b (3 numbers")[1]


def test_a_person_is_asked_again(shell: Shell, lines: list[str]) -> None:
    lines += ["1 0; 0 3!; 0 0", "1 0 0; 0 1 0", "1 0; 0 1; 0 0", "0 0 0 0", ""]
    done = shell("exercise", "1")
    assert done.code == 1
    assert done.out.count("W (3 rows of 2, with ; or Enter between rows): ") == 3
    assert done.out.count("b (3 numbers, or Enter for zeros): ") == 2
    assert "  1 0; 0 3!; 0 0\n" + " " * 10 + "^" in done.out
    assert "transposed" in done.out
    kept = record()
    assert kept is not None
    assert kept["attempts"] == 1


ON_LINES = {
    "rows": ("1 0", "0 1", "0 0"),
    "rows and a half": ("1 0; 0 1;", "0 0"),
    "a name first": ("W =", "1 0", "0 1", "0 0"),
    "numpy": ("[[1 0]", " [0 1]", " [0 0]]"),
    "Python": ("W = np.array([", "  [1, 0],", "  [0, 1],", "  [0, 0],", "])"),
    "LaTeX": (r"\begin{pmatrix}", r"1 & 0 \\", r"0 & 1 \\", "0 & 0", r"\end{pmatrix}"),
    "cells": ("1,0", "0,1", "0,0"),
    "pasted as one": ("1 0\n0 1\n0 0",),
}


@pytest.mark.parametrize("W", ON_LINES.values(), ids=ON_LINES)
@pytest.mark.parametrize("b", [("0 0 1/4",), ("0", "0", "1/4"), ("b =", "[0,", "0, 1/4]")])
def test_an_answer_on_several_lines(
    shell: Shell, lines: list[str], W: tuple[str, ...], b: tuple[str, ...]
) -> None:
    lines += [*W, *b]
    done = shell("exercise", "1")
    assert (done.code, lines) == (0, [])
    assert "could not be read" not in done.out
    assert "solved" in done.out


def test_a_prompt_says_what_is_missing(shell: Shell, lines: list[str]) -> None:
    lines += ["1 0", "0 1", "0 0", "0", "0", "1/4"]
    out = shell("exercise", "1").out
    assert "\n   row 2 of 3: 0 1\n   row 3 of 3: 0 0\n" in out
    assert "   number 2 of 3, or Enter for the same in all: 0\n   number 3 of 3: 1/4\n" in out


def test_an_empty_line_ends_what_is_typed(shell: Shell, lines: list[str]) -> None:
    lines += ["1 0", "", "[[1 0]", "", "0 0; 0 0; 0 0", "1/2", ""]
    done = shell("exercise", "1")
    assert (done.code, lines) == (1, [])
    assert "The matrix must be 3 × 2" in done.out
    assert "never closed" in done.out
    assert "b = (1/2, 1/2, 1/2)" in done.out


def test_a_mistake_in_a_later_row_has_its_row(shell: Shell, lines: list[str]) -> None:
    lines += ["1 0", "0 3!", "1 0; 0 1; 0 0", "0 0 1/4"]
    done = shell("exercise", "1")
    assert (done.code, lines) == (0, [])
    assert "  0 3!\n" + " " * 5 + "^" in done.out


@pytest.mark.parametrize(
    "typed", [[], [""], ["  "], ["1 0"], ["1 0; 0 1; 0 0"], ["1 0; 0 1; 0 0", "0"]]
)
def test_a_person_may_leave(shell: Shell, lines: list[str], typed: list[str]) -> None:
    lines += typed
    done = shell("exercise", "1")
    assert (done.code, done.err) == (0, "")
    assert "nothing changed" in done.out
    assert record() is None


def test_a_pipe_is_told_what_a_solution_gives_away(shell: Shell) -> None:
    said = "This shows the answer to exercise 1, not solved yet.\n"
    assert shell("solution", "1", "--json").err == ""
    shell("reset", "1", "--yes")
    assert shell("solution", "1", "--yes").err == ""
    shell("reset", "1", "--yes")
    assert shell("solution", "1").err == said
    assert shell("solution", "1").err == ""


def test_nobody_is_asked_in_json(shell: Shell, lines: list[str]) -> None:
    lines += ["1 0; 0 1; 0 0", "0 0 1/4"]
    assert shell("exercise", "1", "--json").json()["status"] == "shown"
    assert shell("solution", "1", "--json").json()["solutions"]
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("reply", "shown"), [("y", True), ("YES", True), ("n", False), ("", False)]
)
def test_the_solution_asks_once(shell: Shell, lines: list[str], reply: str, shown: bool) -> None:
    lines += [reply]
    assert ("Route 1" in shell("solution", "1").out) is shown
    assert (record() is not None) is shown
    if shown:  # nothing is left to type: a second question would end in Ctrl-D
        assert "Route 1" in shell("solution", "1").out


def test_the_solution_does_not_ask_who_has_solved_it(shell: Shell, lines: list[str]) -> None:
    shell("exercise", "1", *RIGHT)
    assert lines == []
    assert "Route 1" in shell("solution", "1").out


def test_a_real_terminal(terminal: tuple[int, int]) -> None:
    ours, theirs = terminal
    with interruptible("exercise", "1", stdin=theirs, stdout=theirs, stderr=theirs) as process:
        assert b"Exercise 1" in read_until(ours, b"between rows): ")
        os.write(ours, b"1 0\n")
        read_until(ours, b"row 2 of 3: ")
        os.write(ours, b"0 1\n0 0\n")
        read_until(ours, b"for zeros): ")
        interrupt(process, ours)
        assert process.wait(60) == 130


def read_until(end: int, what: bytes) -> bytes:
    """Everything that the terminal shows up to and with ``what``."""
    said = b""
    while what not in said:
        ready, _, _ = select.select([end], [], [], 30)
        assert ready, f"{what!r} does not come after {said!r}"
        said += os.read(end, 4096)
    return said


def interrupt(process: subprocess.Popen[bytes], end: int) -> None:
    """Send Ctrl-C until it is heard: readline is deaf between its prompt and its first wait."""
    for _ in range(15):
        process.send_signal(signal.SIGINT)
        if select.select([end], [], [], 2)[0]:
            read_until(end, b"Interrupted.")
            return
    pytest.fail("Ctrl-C was not heard")


@pytest.mark.parametrize("asked", [False, True], ids=["option", "prompt"])
def test_ctrl_c_while_an_answer_is_graded_uses_no_attempt(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("exercises.grading.decide", interrupted)
    if asked:
        typing(monkeypatch).append("1/12")
    given = [] if asked else ["--answer=1/12"]
    done = shell("exercise", "loss-of-a-pair", f"--course={COURSE}", *given)
    assert (done.code, done.err.strip()) == (130, "Interrupted.")
    assert records() == {}


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_ctrl_c_in_the_midst_of_heavy_work() -> None:
    """Numbers with six roots each keep the exact loss busy for minutes."""
    answer = [f"--{part}={text}" for part, text in zip("Wb", SLOW, strict=True)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with interruptible("exercise", "beat-dropping", *answer, **pipes) as process:
        while b"flint" not in Path(f"/proc/{process.pid}/maps").read_bytes():
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(2)  # it may still be on its way there: then, too, no attempt is used
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err.strip()) == (130, b"", b"Interrupted.")
    assert records() == {}
