"""Whose an answer is, from the command line: nobody loses a point because that is not known."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli_runs import Run, Shell
from tests.course_class import SLUGS, make_course, write_files, zipped

Graded = Mapping[str, tuple[str, str | None]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a course, from which commands are run."""
    monkeypatch.chdir(tmp_path)
    make_course(tmp_path / "course")
    return tmp_path


def grade(shell: Shell, *arguments: str) -> tuple[Run, Graded]:
    """The run, and by student or file the status and the points of the second exercise."""
    done = shell("grade", "--course=course", *arguments, "--jobs=1", "--json")
    rows: list[Any] = done.json().get("answers", [])
    of_second = [row for row in rows if row["exercise"] == SLUGS[1]]
    return done, {
        row["student"] or row["file"]: (row["status"], row["points"]) for row in of_second
    }


def test_students_who_are_called_by_numbers(shell: Shell, folder: Path) -> None:
    write_files(folder / "num", dict.fromkeys(("1.txt", "2.txt", "3.txt", "101.txt"), b"3/8"))
    done, found = grade(shell, "2", "num", "--student-from=(?P<student>.+)[.]txt")
    assert set(found) == {"1", "2", "3", "101"}
    assert {status for status, _ in found.values()} <= {"solved", "wrong"}
    done, found = grade(shell, "2", "num")
    assert (done.code, set(found.values())) == (0, {("solved", "1/2")})
    in_text = {"1.txt": b"exercise 2\n3/8", "101.txt": b"exercise 1\n1"}
    write_files(folder / "num", in_text)
    _, found = grade(shell, "num", "--student-from-name", "--points=2=1/2")
    assert found["101"] == ("missing", "0")


def test_a_folder_alone_in_a_zip_is_not_taken_for_one_student(shell: Shell, folder: Path) -> None:
    two = {"class/ada.txt": b"3/8", "class/ben.txt": b"3/8"}
    numbers = zipped({"n/1.txt": b"", "n/2.txt": b""})
    write_files(folder, {"class.zip": zipped(two), "numbers.zip": numbers})
    for arguments in (("2", "class.zip"), ("class.zip",), ("2", "numbers.zip")):
        done, _ = grade(shell, *arguments)
        assert (done.code, done.json()["error"]["code"]) == (2, "usage")
        assert "may be one student's, or a class" in done.json()["error"]["message"]
    # two answers of one student, and a file alone, are what they seem
    own = {"ada/1.txt": b"1", "ada/best-bias-sparse.txt": b"3/8"}
    write_files(
        folder, {"own.zip": zipped(own), "one.zip": zipped({"hw/mine.txt": b"exercise 2: 3/8"})}
    )
    assert grade(shell, "own.zip")[1] == {"ada": ("solved", "1/2")}
    assert grade(shell, "one.zip")[1] == {"hw": ("solved", "1/2")}
    # and what it says to type is taken
    write_files(folder, two)
    done, found = grade(shell, "2", "class")
    assert (done.code, len(found)) == (0, 2)


@pytest.mark.parametrize("name", ["hw_ada.txt", "\u202eada.txt", "\u200bada.txt"])
def test_a_hand_in_of_nobody_known_needs_eyes(shell: Shell, folder: Path, name: str) -> None:
    write_files(folder / "nm", {name: b"exercise 2\n3/8", "ben.txt": b"exercise 2\n3/8"})
    (folder / "list.csv").write_text("student\nada\nben\n")
    way = "--student-from=^(?P<student>[a-z]+|[^a-z]+ada)[.]"
    done, found = grade(shell, "nm", "--roster=list.csv", way)
    assert done.code == 4
    assert set(found.values()) - {found["ben"]} == {("unknown", None)}
    assert found["ben"][0] in {"solved", "wrong"}
    (row,) = (
        row
        for row in done.json()["answers"]
        if (row["student"], row["exercise"]) == ("ada", SLUGS[1])
    )
    assert "nobody knows whose" in row["happened"]
    (folder / "nm" / name).unlink()
    done, found = grade(shell, "nm", "--roster=list.csv", way)
    assert found["ada"] == ("absent", "0")


def test_a_submission_of_nobody_in_gradescopes_metadata(shell: Shell, folder: Path) -> None:
    write_files(folder / "scope", {"submission_1/2.txt": b"3/8", "submission_2/2.txt": b"3/8"})
    (folder / "scope" / "submission_metadata.yml").write_text(
        "submission_1:\n  :submitters:\n  - :name: ada\n"
        "submission_3:\n  :submitters:\n  - :name: cy\n"
    )
    done, found = grade(shell, "scope")
    assert done.code == 4
    assert found == {
        "ada": ("solved", "1/2"),
        "submission_2": ("error", None),
        "cy": ("error", None),
    }


def test_a_name_that_leads_out_of_the_zip_of_a_class_has_a_row(shell: Shell, folder: Path) -> None:
    names = ("ada/2.txt", r"ben\2.txt", "../eve.txt")
    write_files(folder, {"class.zip": zipped(dict.fromkeys(names, b"3/8"))})
    done, found = grade(shell, "class.zip")
    assert found["ada"] == found["ben"] == ("solved", "1/2")
    (row,) = (
        row
        for row in done.json()["answers"]
        if row["file"].endswith("../eve.txt") and not row["exercise"]
    )
    assert "leads out of it" in row["happened"]


def test_why_an_exercise_is_answered_twice(shell: Shell, folder: Path) -> None:
    write_files(folder / "class", {"ada/answers.txt": b"Exercise 2: 3/8\n\nExercise 2: 1/8\n"})
    done, _ = grade(shell, "class", "--points=2=1")
    place = "answers.txt, exercise 2"
    assert f"{place} (line 1) and {place} (line 3)" in done.json()["answers"][0]["happened"]
    with pytest.warns(UserWarning, match="Duplicate name"):
        raw = twice("2.txt")
    write_files(folder / "class", {"ben.zip": raw})
    done, _ = grade(shell, "class", "--points=2=1")
    (said,) = {row["happened"] for row in done.json()["answers"] if row["student"] == "ben"}
    assert said == "It stands in the zip twice."


def twice(name: str) -> bytes:
    """A zip in which a name stands twice."""
    from io import BytesIO
    from zipfile import ZipFile

    with BytesIO() as stream:
        with ZipFile(stream, "w") as archive:
            archive.writestr(name, "3/8")
            archive.writestr(name, "1/8")
        return stream.getvalue()
