"""What a graded class is written to: nothing is lost, and what could not be written is said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest

from tests.cli_runs import Run, Shell, onto_full_disk
from tests.course_class import make_course
from tests.full_disk import filling_up
from tests.practice_runs import flat


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a course and two hand-ins, from which commands are run."""
    monkeypatch.chdir(tmp_path)
    make_course(tmp_path / "course")
    for name in ("ada", "ben"):
        (tmp_path / "hand-ins" / name).mkdir(parents=True)
        (tmp_path / "hand-ins" / name / "2.txt").write_text("3/8")
    return tmp_path


CLASS = ("--course=course", "--points=2=1", "--jobs=1")


def grade(shell: Shell, *more: str) -> Run:
    return shell("grade", "hand-ins", *CLASS, *more)


def said(done: Run) -> str:
    message: str = done.json()["error"]["message"]
    return message


@pytest.mark.parametrize(
    ("options", "clash"),
    [
        (("--csv=x", "--sheet=x"), "--csv and --sheet are both x"),
        (("--csv=x", "--junit=./x"), "--csv and --junit are both x"),
        (("--sheet=x", "--feedback=x"), "--sheet and --feedback are both x"),
        (("--csv=link", "--sheet=real"), "--csv and --sheet are both real"),
        (("--csv=-",), "--csv writes a file, and nothing to standard output"),
        (("--sheet=-",), "--sheet writes a file"),
        (("--junit=-",), "--junit writes a file"),
        (("--results=-",), "--results writes a file"),
        (("--feedback=-",), "--feedback writes a file"),
    ],
)
def test_names_that_are_refused(
    shell: Shell, folder: Path, options: Sequence[str], clash: str
) -> None:
    (folder / "link").symlink_to("real")
    done = grade(shell, *options, "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, "usage")
    assert clash in said(done)
    assert {path.name for path in folder.iterdir()} == {"course", "hand-ins", "link"}


@pytest.mark.usefixtures("folder")
def test_two_folders_may_be_one(shell: Shell) -> None:
    assert grade(shell, "--results=out", "--feedback=out").code == 0
    names = sorted(path.name for path in Path("out").iterdir())
    assert names == ["ada.json", "ada.md", "ben.json", "ben.md"]


def test_files_of_others_beside_pages_stay(shell: Shell, folder: Path) -> None:
    (folder / "fb").mkdir()
    for name in ("ben.md.part", "ben.part", "notes.md"):
        (folder / "fb" / name).write_text("mine")
    assert grade(shell, "--feedback=fb").code == 0
    kept = {path.name for path in (folder / "fb").iterdir() if path.read_text() == "mine"}
    assert kept == {"ben.md.part", "ben.part", "notes.md"}


@pytest.mark.slow
def test_of_a_full_disk_each_file_is_named(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = folder / "out"
    out.mkdir()
    options = [f"--csv={out}/t.csv", f"--results={out}", f"--feedback={out}"]
    told = []
    for number in count(1):
        with filling_up(monkeypatch, out, number) as disk:
            done = grade(shell, *options)
        assert [path.name for path in out.iterdir() if "part" in path.name] == []
        if disk.writes < number:
            break
        if "Grades" in done.out or "total" in done.out:  # it was graded, and shown
            told.append([name for name in ("--csv", "--results", "--feedback") if name in done.err])
            assert (done.code, "No space left" in flat(done.err)) == (2, True)
        for path in out.iterdir():
            path.unlink()
    assert done.code == 0
    assert ["--csv", "--results", "--feedback"] in told
    assert ["--feedback"] in told


@pytest.mark.usefixtures("folder")
def test_standard_output_that_is_full() -> None:
    done = onto_full_disk("grade", "hand-ins", *CLASS, "--json")
    assert done.returncode == 2
    assert b"Standard output cannot be written: No space left on device." in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("handins",), ("handins", "hand-ins"), ("handins", "ben", "--points=2=1"), ("hand_ins", "x")],
)
@pytest.mark.usefixtures("folder")
def test_a_folder_that_is_not_there(shell: Shell, arguments: Sequence[str]) -> None:
    done = shell("grade", *arguments, "--course=course", "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, "missing_file")
    assert said(done).startswith(f"There is no file {arguments[0]}")


@pytest.mark.parametrize("word", ["9", "best-bias-spars"])
@pytest.mark.usefixtures("folder")
def test_an_exercise_that_is_not_there(shell: Shell, word: str) -> None:
    done = shell("grade", word, "hand-ins", "--course=course", "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, "unknown_exercise")


def test_who_is_absent_is_named(shell: Shell, folder: Path) -> None:
    names = [f"student{i:03}" for i in range(60)]
    (folder / "list.csv").write_text("student\nada\nben\ncy")
    assert "\nAbsent: cy.\n" in grade(shell, "--roster=list.csv").out
    alone = shell("grade", "2", "hand-ins", *CLASS[::2], "--roster=list.csv").out
    assert "cy: Nothing was handed in." in alone
    (folder / "list.csv").write_text("\n".join(["student", "ada", "ben", *names]))
    page = grade(shell, "--roster=list.csv").out
    listed = page[page.index("Absent: ") :].split("\n")
    assert listed[3] == "  … 60 in all"


def test_rows_that_are_gone_are_counted(shell: Shell, folder: Path) -> None:
    grade(shell, "--csv=before.csv")
    (folder / "hand-ins" / "ben" / "2.txt").unlink()
    (folder / "hand-ins" / "ben").rmdir()
    done = grade(shell, "--since=before.csv")
    assert done.out.startswith("1 of 2 rows changed (course@")
    assert "ben, best-bias-sparse: solved, 1 of 1 -> no row" in done.out


def test_results_and_pages_name_the_exercise(shell: Shell, folder: Path) -> None:
    (folder / "hand-ins" / "ada" / "notes.txt").write_text("I tried.")
    grade(shell, "--points=1=1 2=1", "--results=out", "--feedback=out")
    found = json.loads((folder / "out" / "ada.json").read_text())
    assert [(test.get("number"), "notes.txt" in test["name"]) for test in found["tests"]] == [
        ("1", False),
        ("2", False),
        (None, True),
    ]
    page = (folder / "out" / "ada.md").read_text()
    assert f"## Exercise 2: {found['tests'][1]['name']}" in page
    assert "## In notes" in page
