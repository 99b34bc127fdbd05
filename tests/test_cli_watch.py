"""An answer in a file, graded whenever it changes: ``exercise ID --watch FILE``."""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli_runs import Shell, interrupted, interruptible
from tests.practice_runs import COURSE, flat, records

HERE = f"--course={COURSE}"
PAIR = "course-c9139ff2/loss-of-a-pair"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "answer.txt"


@pytest.fixture
def edits(monkeypatch: pytest.MonkeyPatch, file: Path) -> Iterator[list[str | bytes | None]]:
    """What an editor makes of the file from one look to the next; None takes it away.

    Each stands for two looks, because a file is graded once it has stood still.
    """
    contents: list[str | bytes | None] = []
    looks = 0

    def edit(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks % 2 == 0:
            return
        if not contents:
            raise KeyboardInterrupt
        put(file, contents.pop(0))

    monkeypatch.setattr("handcalc.cli.work.practice.sleep", edit)
    yield contents
    assert contents == []


def put(file: Path, content: str | bytes | None) -> None:
    if content is None:
        file.unlink(missing_ok=True)
    elif isinstance(content, bytes):
        file.write_bytes(content)
    else:
        file.write_text(content, encoding="utf-8")


def test_graded_until_it_is_right(shell: Shell, file: Path, edits: list[str | None]) -> None:
    file.write_text("1/24")
    edits += ["1/24", "1/6", "answer = 1/12"]
    done = shell("exercise", "2", HERE, "--watch", str(file))
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Exercise 2: What an antipodal pair loses")
    assert "1/24 is what one of the two outputs loses." in done.out
    assert done.out.count("Exercise 2: not yet") == 2
    assert flat(done.out).count("change it, or stop with Ctrl-C.") == 2
    assert "Exercise 2: solved" in done.out.split("1/6")[-1]
    assert records()[PAIR] == {"solved": True, "attempts": 3, "hints": 0, "solution": False}


def test_what_stays_the_same_is_graded_once(
    shell: Shell, file: Path, edits: list[str | None]
) -> None:
    edits += [None, "1/6", "1/6", "1/6\n", None, "1/6\n"]
    done = shell("exercise", "2", HERE, "--watch", str(file))
    assert done.code == 130
    assert records()[PAIR]["attempts"] == 3
    assert done.out.count("Exercise 2: not yet") == 3


def test_half_a_file_uses_no_attempt(
    shell: Shell, file: Path, edits: list[str | bytes | None]
) -> None:
    edits += [None, "", "1/12 +", b"\xff\xfe\xfa", "x" * 1_100_000, "1/12"]
    done = shell("exercise", "2", HERE, "--watch", str(file))
    assert (done.code, done.err) == (0, "")
    assert 'A number is missing behind "+".' in done.out
    assert "is not UTF-8 text" in flat(done.out)
    assert "is too large" in flat(done.out)
    assert records()[PAIR]["attempts"] == 1


def test_a_file_of_the_wrong_form_is_said(
    shell: Shell, file: Path, edits: list[str | None]
) -> None:
    edits += ["1; 0", "W = 1; 0\nb = 0 1/2"]
    done = shell("exercise", "1", HERE, "--watch", str(file))
    assert done.code == 0
    assert "it must begin with W = … or b = …" in flat(done.out)
    assert done.out.count("there is no file") == 0  # not there at first, and nothing to say


def test_a_file_that_goes_away_is_said(shell: Shell, file: Path, edits: list[str | None]) -> None:
    file.write_text("1/6")
    edits += ["1/6", None]
    done = shell("exercise", "2", HERE, "--watch", str(file), "--no-state")
    assert done.code == 130
    said = "".join(done.out.split())  # a long name is broken where the line ends
    assert f"thereisnofile{file}" in said
    assert records() == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--answer=1"], "comes from its FILE alone"),
        (["--file=README.md"], "comes from its FILE alone"),
        (["--json"], "grade the file once"),
        (["--watch="], "needs a file name"),
    ],
)
def test_what_watching_refuses(shell: Shell, arguments: list[str], said: str) -> None:
    watch = [] if "--watch=" in arguments else ["--watch=a.txt"]
    done = shell("exercise", "2", HERE, *watch, *arguments)
    assert done.code == 2
    assert said in (done.json()["error"]["message"] if "--json" in arguments else done.err)


def test_a_real_file_in_a_process_of_its_own(file: Path) -> None:
    arguments = ("exercise", "2", HERE, f"--watch={file}")
    with interruptible(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        out = read_until(process.stdout.fileno(), b"Ctrl-C.")
        file.write_text("1/24")
        out += read_until(process.stdout.fileno(), b"Ctrl-C.")
        _, err = interrupted(process)
    assert b"not yet" in out
    assert (process.returncode, err.strip()) == (130, b"Interrupted.")
    assert records()[PAIR]["attempts"] == 1


def read_until(end: int, what: bytes) -> bytes:
    said = b""
    while what not in said:
        ready, _, _ = select.select([end], [], [], 30)
        assert ready, f"{what!r} does not come after {said!r}"
        piece = os.read(end, 4096)
        assert piece, f"{what!r} does not come after {said!r}"
        said += piece
    return said
