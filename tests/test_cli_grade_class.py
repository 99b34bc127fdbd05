"""A class is graded, whatever it hands in: a row for each file, and honest ones lose nothing."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from fractions import Fraction
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from handcalc.cli.work.grading import verdicts
from handcalc.cli.work.grading.gradebook import Row
from handcalc.cli.work.grading.tables import long_table
from tests.class_folder import EXERCISE, IS_POSIX, NOT_HANDED_IN, Class, make_class
from tests.cli_runs import Shell, interruptible, outside
from tests.full_disk import filling_up
from tests.practice_runs import flat, records

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM") if IS_POSIX]
EMPTY = long_table([], "week@1")
Answer = Mapping[str, Any]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, beside which commands are run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answers").mkdir()
    return Path("answers")


def check(found: Mapping[str, Any], handed: Class, folder: Path, shell: Shell) -> None:
    """A row for each file in the order of their names, and the honest ones as graded alone."""
    rows = {row["file"]: row for row in found["answers"]}
    assert len(rows) == len(found["answers"]) == handed.size
    honest = [name for name in rows if name in handed.honest]
    assert honest == sorted(honest)
    for name in handed.honest[:40]:
        row = rows[name]
        file = str(folder / name)
        alone = shell("exercise", EXERCISE, f"--file={file}", "--no-state", "--json").json()
        assert (row["status"], row["score"]) == (alone["status"], alone["score"] or "0")
        said = alone.get("feedback") or {"happened": alone["error"]["message"], "diagnosis": None}
        assert row["happened"] == " ".join(said["happened"].split())
        assert row["diagnosis"] == said["diagnosis"]


SAID = {
    "huge.txt": "too large",
    "latin1.txt": "not UTF-8",
    "six-roots-0.txt": "Not graded within 5 s",
    "pipe.txt": "a named pipe",
    "device.txt": "a link",
    "socket.txt": "and no file",
    "loop.txt": "a link",
    "dangling.txt": "a link",
    "folder.txt": "no file in this folder",
    "folder": "no file in this folder",
    "sparse.txt": "too large",
}
SHOWN = (r"zo\xeb.txt", r"\u202etxt.exe", r"new\nline.txt", "=1+2.txt", "日本語.txt")


def check_hostile(rows: Sequence[Answer]) -> None:
    texts = [text for row in rows for text in row.values() if isinstance(text, str)]
    assert all(text.isprintable() for text in texts)
    assert all(row["happened"] for row in rows)
    by_name = {row["file"]: row for row in rows}
    there = [name for name in SAID if name in by_name]
    assert len(there) == (len(SAID) if IS_POSIX else 3)
    assert [by_name[n] for n in there if SAID[n] not in by_name[n]["happened"]] == []
    late = [row for row in rows if row["status"] == "error"]
    assert all(row["file"].startswith("six-roots") and row["score"] is None for row in late)
    assert late
    assert not IS_POSIX or by_name.keys() >= set(SHOWN)


def check_table(rows: Sequence[Answer], text: str) -> None:
    """The table says what the rows of JSON say, and no cell is a formula."""
    lines = list(csv.DictReader(StringIO(text, newline="")))
    for row, line in zip(rows, lines, strict=True):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in line.values())
        for key in ("file", "status", "happened"):
            assert line[key].removeprefix("'") == row[key]
        assert line["exact_score"].replace(" over ", "/") == (row["score"] or "")
        score = None if row["score"] is None else float(f"{float(Fraction(row['score'])):.4g}")
        assert (float(line["score"]) if line["score"] else None) == score


def graded(folder: Path, jobs: int) -> tuple[Mapping[str, Any], str, int]:
    """What a real process says of a class, on standard output and in its table."""
    table = Path(f"grades-{jobs}.csv").absolute()
    arguments = ("grade", EXERCISE, ".", "--timeout=5", f"--jobs={jobs}", f"--csv={table}")
    done = outside(*arguments, "--json", cwd=folder, timeout=600)
    assert done.stderr == b""
    return json.loads(done.stdout), table.read_bytes().decode("utf-8-sig"), done.returncode


def test_a_class_with_everything_in_it(shell: Shell, folder: Path) -> None:
    handed = make_class(folder, 48)
    assert len(handed.honest) >= 6
    found, table, code = graded(folder, 2)
    assert code == 4  # one was not graded in time
    check(found, handed, folder, shell)
    check_hostile(found["answers"])
    check_table(found["answers"], table)
    left_out = " ".join(found["left_out"])
    assert all(name in left_out for name in (*NOT_HANDED_IN, "__MACOSX"))
    assert records() == {}


@pytest.mark.slow
def test_three_hundred_answers_with_one_job_and_with_two(shell: Shell, folder: Path) -> None:
    handed = make_class(folder, 300, slow=2)
    assert handed.size == 300
    first, table, code = graded(folder, 1)
    assert code == 4
    check(first, handed, folder, shell)
    check_hostile(first["answers"])
    check_table(first["answers"], table)
    second, other_table, code = graded(folder, 2)
    assert (code, second["answers"], other_table) == (4, first["answers"], table)


def test_nothing_of_a_name_or_an_answer_reaches_the_terminal(shell: Shell, folder: Path) -> None:
    make_class(folder, 0, slow=0)
    done = shell("grade", EXERCISE, str(folder), "--student-from-name")
    assert done.code == 4  # whose some of them are is not known
    for text in (done.out, done.err):
        assert all(character.isprintable() or character == "\n" for character in text)
    assert "No submissions:" in done.out
    assert "ada.txt~: a backup of an editor" in done.out


def test_numbers_of_ones_own_by_a_name_however_it_is_written(shell: Shell, folder: Path) -> None:
    for name in ("Jose\u0301.txt", "José .txt", "jos\u00e9.txt"):
        (folder / name).write_text("3/10", encoding="utf-8")
    arguments = ("best-bias-sparse", str(folder), "--student-from-name", "--json")
    rows = shell("grade", *arguments).json()["answers"]
    found = {row["student"]: row for row in rows}
    assert sorted(found) == ["José", "jos\u00e9"]
    assert found["José"]["status"] == "doubled"
    assert "Handed in 2 times" in found["José"]["happened"]
    assert found["jos\u00e9"]["variant"] in {1, 2, 3, 4, 5, 6}


def test_cells_that_no_spreadsheet_takes_for_a_formula() -> None:
    starts = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠")
    half, one = Fraction(1, 2), Fraction(1)
    rows = [
        Row(f"{s}1", f"{s}2", f"{s}3", 1, "wrong", half, half, one, None, f"{s}4") for s in starts
    ]
    table = long_table(rows, "=5").removeprefix("\ufeff")
    found = list(csv.DictReader(StringIO(table, newline="")))
    for start, cells in zip(starts, found, strict=True):
        shown = [cells[key] for key in ("file", "student", "exercise", "happened", "course")]
        assert shown == [f"'{start}1", f"'{start}2", f"'{start}3", f"'{start}4", "'=5"]
        numbers = [cells[key] for key in ("variant", "score", "points", "of", "exact_score")]
        assert numbers == ["1", "0.5", "0.5", "1", "1 over 2"]
    row = Row("a;=b", "Zoë, A.", "one", 1, "solved", one, one, one, None, 'say "1"')
    harmless = long_table([row], "week@1").splitlines()[1]
    start = '"a;=b","Zoë, A.","one",1,"solved",1,1,1,"","","say ""1""","1","1","1","week@1"'
    assert harmless == start


def test_an_exception_is_one_rows_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "ada.txt").write_text("W = 1 0; 0 1; 0 0")
    work = verdicts.grader(((EXERCISE,), None))
    task = verdicts.AnswerTask(EXERCISE, 1, "ada.txt", "W = 1 0; 0 1; 0 0")
    assert work(task).status == "partial"
    for error in (ZeroDivisionError("by\nzero"), MemoryError(), RecursionError(), OSError(5, "x")):

        def fails(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr("handcalc.cli.work.answers.grade", fails)
            verdict = work(task)
        assert (verdict.status, verdict.score) == ("error", None)
        assert type(error).__name__ in verdict.happened
        assert "not of what you typed" in verdict.happened
    assert work(task).status == "partial"


def test_a_full_disk_leaves_the_old_table_and_shows_the_new_one(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "ada.txt").write_text("W = 1 0; 0 1; 0 0\nb = 0")
    table = folder.parent / "tables" / "grades.csv"
    table.parent.mkdir()
    before = EMPTY.encode()
    shown = []
    for number in count(1):
        table.write_bytes(before)
        with filling_up(monkeypatch, table.parent, number) as disk:
            done = shell("grade", EXERCISE, str(folder), f"--csv={table}")
        assert [path.name for path in table.parent.iterdir()] == ["grades.csv"]
        if disk.writes < number:
            break
        if done.code == 2:
            assert "cannot be written: No space left" in flat(done.err)
            assert table.read_bytes() == before
            shown.append("dropped    answers" in done.out)
    assert done.code == 1
    assert b"ada.txt" in table.read_bytes()
    assert True in shown  # what was worked out is not lost with its table


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def is_there(pid: int) -> bool:
    """Whether a process runs; one that is over, and not yet asked after, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until_gone(pids: Sequence[int]) -> None:
    """Each leaves when it is next given time."""
    until = time.monotonic() + 300
    while any(is_there(pid) for pid in pids):
        assert time.monotonic() < until, "a process is left"
        time.sleep(0.05)


@LINUX
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: signal.Signals(number).name)
def test_stopped_halfway(folder: Path, number: int) -> None:
    """The table stands as it was, and no process is left."""
    make_class(folder, 0)
    table = folder.parent / "grades.csv"
    table.write_text(EMPTY, encoding="utf-8")
    before = table.read_bytes()
    arguments = ("grade", EXERCISE, str(folder / "six-roots-0.txt"), f"--csv={table}")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with interruptible(*arguments, "--timeout=600", **pipes) as process:
        while not (workers := children(process.pid)):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        out, err = process.communicate()
    assert process.returncode == 128 + number
    assert out == b""
    assert b"0 of 1 answers were graded; no table was written" in b" ".join(err.split())
    assert table.read_bytes() == before
    assert [path.name for path in folder.parent.iterdir() if "part" in path.name] == []
    wait_until_gone(workers)


@LINUX
def test_a_killed_command_leaves_no_process(folder: Path) -> None:
    make_class(folder, 0)
    arguments = ("grade", EXERCISE, str(folder / "six-roots-0.txt"), "--timeout=600")
    with interruptible(*arguments) as process:
        while not (workers := children(process.pid)):
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
        process.wait()
    wait_until_gone(workers)


MOODLE = "Ada Lovelace_123456_assignsubmission_file_answer.txt"


def test_long_names_break_no_row_of_the_table(shell: Shell, folder: Path) -> None:
    long = "n" * 240 + ".txt"
    for name in (MOODLE, long, "ben.txt"):
        (folder / name).write_text("3/10", encoding="utf-8")
    for more in ((), ("--student-from-name",)):
        out = shell("grade", "best-bias-sparse", str(folder), *more).out
        lines = out.splitlines()
        assert max(map(len, lines)) <= 80
        head = next(line for line in lines if "diagnosis" in line)
        assert head.split()[-4:] == ["status", "score", "diagnosis", "file"]
        (row,) = (line for line in lines if line.endswith("ben.txt"))
        assert row.index("answers") == head.index("file")
        assert f"  {folder / MOODLE}" in lines
        assert long in "".join(line.strip() for line in lines)


def test_whose_name_cannot_be_read_has_no_variant(shell: Shell, folder: Path) -> None:
    (folder / "\u200bAda.txt").write_text("3/10", encoding="utf-8")
    if sys.platform == "linux":
        Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff\xfename")).write_text("3/10")
    table = folder.parent / "grades.csv"
    arguments = ("grade", "best-bias-sparse", str(folder), "--student-from-name")
    rows = shell(*arguments, f"--csv={table}", "--json").json()["answers"]
    assert {(row["student"], row["variant"], row["status"]) for row in rows} == {
        (None, None, "unknown")
    }
    said = " ".join(row["happened"] for row in rows)
    assert "U+200B (zero width space)" in said
    assert "udc" not in shell(*arguments).out
    lines = list(csv.DictReader(StringIO(table.read_text(encoding="utf-8-sig"))))
    assert {line["variant"] for line in lines} == {""}


def test_what_is_named_beside_its_folder_is_one_row_and_no_leftover(
    shell: Shell, folder: Path
) -> None:
    (folder / ".DS_Store").write_text("3/10", encoding="utf-8")
    (folder / "ada.txt").write_text("3/10", encoding="utf-8")
    names = [str(folder / ".DS_Store"), str(folder / "ada.txt"), str(folder)]
    found = shell("grade", "best-bias-sparse", *names, "--json").json()
    assert [row["file"] for row in found["answers"]] == names[:2]
    assert found["left_out"] == []


def test_caches_and_older_tables_are_no_submissions(shell: Shell, folder: Path) -> None:
    (folder / "ada.txt").write_text("3/10", encoding="utf-8")
    (folder / "__pycache__").mkdir()
    (folder / "grades.csv").write_text(EMPTY, encoding="utf-8")
    (folder / "empty.csv").touch()
    found = shell("grade", "best-bias-sparse", str(folder), "--student-from-name", "--json").json()
    assert [row["student"] for row in found["answers"]] == ["ada", "empty"]
    assert "grades.csv: a table of grades" in " ".join(found["left_out"])
    assert "__pycache__: a cache of Python" in " ".join(found["left_out"])


def test_a_name_that_begins_with_a_tilde_is_nobodys_home(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What "*" finds comes with no folder before it."""
    monkeypatch.chdir(folder)
    for name in ("~ada.txt", "~$dora.docx", "ben.txt"):
        Path(name).write_text("3/10", encoding="utf-8")
    for names in (("~ada.txt", "~$dora.docx", "ben.txt"), (".", "~$dora.docx")):
        found = shell("grade", "best-bias-sparse", *names, "--json").json()
        files = {row["file"]: row["status"] for row in found["answers"]}
        assert files == dict.fromkeys(("~ada.txt", "~$dora.docx", "ben.txt"), files["ben.txt"])
        assert "unreadable" not in files.values()


def test_wide_letters_have_room(shell: Shell, folder: Path) -> None:
    for name in ("日本語", "ada", "Zoe\u0308"):
        (folder / f"{name}.txt").write_text("3/10", encoding="utf-8")
    lines = shell("grade", "best-bias-sparse", str(folder), "--student-from-name").out.splitlines()
    rows = [line for line in lines if line.endswith((".txt", "  file"))]
    assert len(rows) == 4
    assert len({cell_len(row[: row.rindex("  ")]) for row in rows}) == 1


def test_a_time_limit_of_centuries_is_taken(shell: Shell, folder: Path) -> None:
    (folder / "ada.txt").write_text("3/10", encoding="utf-8")
    assert shell("grade", "best-bias-sparse", str(folder), "--timeout=1e10").code in {0, 1}
