"""``handcalc grade`` as Gradescope's autograder, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from handcalc.cli.typed_text import MOST_BYTES
from handcalc.cli.work.grading import verdicts
from handcalc.cli.work.grading.gradescope import MOST_METADATA
from handcalc.errors import InputError
from tests.cli_runs import Run, Shell
from tests.course_class import RIGHT, SLUGS, Files, file_each, make_course, write_files
from tests.grading_formats import check_results

USERS = {"users": [{"name": "ada", "id": 7, "email": "ada@example.org"}]}


def submission(folder: Path, files: Files, metadata: object = None) -> Path:
    make_course(folder / "course")
    write_files(folder / "submission", files)
    if metadata is not None:
        (folder / "submission_metadata.json").write_text(json.dumps(metadata))
    return folder / "submission"


def autograded(shell: Shell, place: Path, *more: str) -> tuple[Run, dict[str, Any]]:
    course = f"--course={place.parent / 'course'}"
    done = shell("grade", "--gradescope", course, str(place), "--jobs=1", *more)
    return done, check_results((place.parent / "results" / "results.json").read_text())


def test_as_an_autograder(shell: Shell, tmp_path: Path) -> None:
    place = submission(tmp_path, file_each(RIGHT), USERS)
    done, found = autograded(shell, place)
    assert done.code == 1  # one is partly right
    assert found["score"] == pytest.approx(17 / 6)
    assert [test["number"] for test in found["tests"]] == ["1", "2", "3"]
    assert found["extra_data"]["student"] == "ada"


def test_an_autograder_with_lateness_by_gradescopes_due_date(shell: Shell, tmp_path: Path) -> None:
    times = {
        "created_at": "2026-12-01T10:00:00.365935-07:00",
        "assignment": {"due_date": "2026-11-30T10:00:00.000000-07:00"},
    }
    place = submission(tmp_path, {"1.txt": RIGHT[SLUGS[0]].encode()}, {**USERS, **times})
    _, found = autograded(shell, place, "--late=1/4 per day", "--student-from=email")
    assert found["extra_data"]["points"] == "1/2"
    assert found["extra_data"]["student"] == "ada@example.org"


def test_an_autograder_that_knows_nobody_refuses_where_it_must(
    shell: Shell, tmp_path: Path
) -> None:
    place = submission(tmp_path, file_each(RIGHT))
    for more in ("--student-from=name", "--late=1"):
        course = f"--course={tmp_path / 'course'}"
        done = shell("grade", "--gradescope", course, str(place), more, "--json")
        assert (done.code, done.json()["error"]["code"]) == (2, "missing_file")
    group = {"users": [*USERS["users"], {"name": "ben"}]}
    (tmp_path / "submission_metadata.json").write_text(json.dumps(group))
    done, found = autograded(shell, place, "--student-from=name")
    assert (done.code, found["score"]) == (4, 0)
    assert "Handed in by 2 students" in found["tests"][0]["output"]


def test_an_autograder_reads_all_earlier_results_or_says_that_they_are_too_many(
    shell: Shell, tmp_path: Path
) -> None:
    results = {"previous_submissions": [{"results": {"output": "x" * (2 * MOST_BYTES)}}]}
    place = submission(tmp_path, file_each(RIGHT), {**results, **USERS})
    _, found = autograded(shell, place, "--student-from=name")
    assert found["extra_data"]["student"] == "ada"
    (tmp_path / "submission_metadata.json").write_bytes(b" " * (MOST_METADATA + 1))
    course = f"--course={tmp_path / 'course'}"
    done = shell("grade", "--gradescope", course, str(place), "--student-from=name", "--json")
    assert done.code == 2
    assert "more than 16,777,216 bytes" in done.json()["error"]["message"]


# --------------------------------------------------------------------------------------------------
# What is refused.


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a course, from which commands are run."""
    monkeypatch.chdir(tmp_path)
    make_course(tmp_path / "course")
    return tmp_path


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--late=1/2"], "say with --due"),
        (["--due=2026-12-01 12:00"], "has no zone"),
        (["--due=2026-12-01 12:00 UTC", "--late=much"], "--late is what"),
        (["--student-from=(?P<student>"], "no regular expression"),
        (["--student-from-name", "--student-from=id"], "give one of the two"),
        (["--points=9=1"], "no exercise 9"),
        (["--roster=nobody.csv"], "no file nobody.csv"),
        (["--since=nobody.csv"], "no file nobody.csv"),
        (["--since=ada.txt"], "cannot be compared with"),
        (["--sheet=ada.txt"], "stays as it is"),
        (["--junit=ada.txt"], "stays as it is"),
        (["--results=ada.txt"], "no folder"),
        (["--timeout=inf"], "a number of seconds"),
        (["--course=nowhere"], "no folder nowhere"),
    ],
)
def test_what_is_refused(shell: Shell, folder: Path, more: list[str], said: str) -> None:
    write_files(folder, {"hand-ins/ada.txt": b"exercise 2\n3/8", "ada.txt": b"3/8"})
    done = shell("grade", "--course=course", "hand-ins", *more, "--json")
    assert done.code in {2, 3}
    assert said in done.json()["error"]["message"]
    assert (folder / "ada.txt").read_text() == "3/8"


def test_a_students_own_folder_is_not_taken_for_a_class(shell: Shell, folder: Path) -> None:
    write_files(folder / "ada", file_each(RIGHT))
    done = shell("grade", "--course=course", "ada", "--json")
    assert (done.code, "one student's" in done.json()["error"]["message"]) == (2, True)
    (folder / "2").mkdir()
    both = shell("grade", "--course=course", "2", "ada", "--json")
    assert (both.code, "type ./2 for the file" in both.json()["error"]["message"]) == (2, True)


def test_feedback_is_not_written_over_answers(shell: Shell, folder: Path) -> None:
    write_files(folder / "hand-ins", {"ada.md": b"exercise 2\n3/8"})
    done = shell("grade", "--course=course", "hand-ins", "--points=2=1", "--feedback=hand-ins")
    assert done.code == 2
    assert "is another file" in done.err
    assert (folder / "hand-ins" / "ada.md").read_text() == "exercise 2\n3/8"
    assert "ada" in done.out  # what was worked out is shown all the same


def test_what_is_read_and_cannot_be_decided_needs_eyes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_course(tmp_path / "course")
    work = verdicts.grader(((SLUGS[1],), course))
    task = verdicts.AnswerTask(SLUGS[1], 1, "2.txt", "3/8")
    assert work(task).status == "solved"

    def gives_up(*_: object) -> None:
        raise InputError("too_complicated", "This is too complicated to decide on.")

    monkeypatch.setattr("exercises.grading.decide", gives_up)
    verdict = work(task)
    assert (verdict.status, verdict.score) == ("undecided", None)
    assert "too complicated" in verdict.happened
