"""What lateness costs, from the command line: by typed dates, the list's and a platform's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli_runs import Run, Shell
from tests.course_class import RIGHT, SLUGS, make_course, write_files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a course and a class, from which commands are run."""
    monkeypatch.chdir(tmp_path)
    make_course(tmp_path / "course")
    names = ("names/ada/2.txt", "canvas/ada_8_9_2.txt", "canvas/late_LATE_8_9_2.txt")
    write_files(tmp_path, dict.fromkeys(names, RIGHT[SLUGS[1]].encode()))
    return tmp_path


def graded(
    shell: Shell, place: str, roster: str, *more: str
) -> tuple[Run, Mapping[str, Mapping[str, Any]]]:
    """The run, and the row of each student."""
    Path("list.csv").write_text(roster)
    arguments = ("--course=course", "--points=2=10", "--roster=list.csv", *more)
    done = shell("grade", place, *arguments, "--jobs=1", "--json")
    return done, {row["student"]: row for row in done.json().get("answers", [])}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("zone", ["Europe/Berlin", "+01:00"])
def test_one_moment_is_one_grade_however_it_is_written(shell: Shell, zone: str) -> None:
    """The clocks of Berlin were put back in between: the day had 25 hours."""
    rules = ("--due=2026-10-24 23:59 Europe/Berlin", "--late=1/10 per day")
    roster = f"student,submitted\nada,2026-10-25 23:59 {zone}\n"
    _, rows = graded(shell, "names", roster, *rules)
    assert (rows["ada"]["points"], rows["ada"]["late"]) == ("8", "1 day 1 hour late, counts 4/5")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("due", "late", "points"),
    [
        ("", "1/2", {"ada": "10", "late": "5"}),
        ("2026-12-30 12:00 UTC", "1/2", {"ada": "10", "late": None}),
        ("2026-11-01 12:00 UTC", "1/2", {"ada": None, "late": "5"}),
        ("", "1/2 after 15 minutes", {"ada": "10", "late": None}),
        ("", "1/10 per day", {"ada": "10", "late": None}),
    ],
)
def test_late_by_canvas_is_late_by_the_date_of_the_class(
    shell: Shell, due: str, late: str, points: Mapping[str, str | None]
) -> None:
    roster = f"student,due\nada,{due}\nlate,{due}\n"
    rules = ("--due=2026-11-30 12:00 UTC", f"--late={late}")
    done, rows = graded(shell, "canvas", roster, *rules)
    assert {student: row["points"] for student, row in rows.items()} == points
    assert done.code == (4 if None in points.values() else 0)


LATE = "ada,2026-11-11 12:00 UTC,2026-11-30 12:00 UTC\n"


@pytest.mark.usefixtures("folder")
def test_due_dates_of_the_list_alone(shell: Shell) -> None:
    head = "student,due,submitted\n"
    _, rows = graded(shell, "names", head + LATE)
    assert (rows["ada"]["points"], rows["ada"]["late"]) == ("0", "19 days late, counts 0")
    _, rows = graded(shell, "names", head + LATE, "--late=1/2")
    assert rows["ada"]["points"] == "5"
    done, _ = graded(shell, "names", f"{head}{LATE}ben,,\n")
    assert (done.code, done.json()["error"]["suggestion"][:6]) == (2, "--due ")
    assert "due dates of some students" in done.json()["error"]["message"]
    _, rows = graded(shell, "names", "student,submitted\nada,2026-11-30 12:00 UTC\n")
    assert (rows["ada"]["points"], rows["ada"]["late"]) == ("10", None)
    done, rows = graded(shell, "canvas", "student,due\nada,2026-11-11 12:00 UTC\n")
    assert (done.code, rows["ada"]["points"]) == (4, None)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("zone", ["Europe", "America", "Europe/"])
def test_a_part_of_a_zone_is_no_zone(shell: Shell, zone: str) -> None:
    done, _ = graded(shell, "names", "student\nada\n", f"--due=2026-11-30 23:59 {zone}")
    assert (done.code, done.json()["error"]["code"]) == (2, "time")
    done, _ = graded(shell, "names", f"student,due\nada,2026-11-30 23:59 {zone}\n")
    assert (done.code, done.json()["error"]["code"]) == (2, "not_a_roster")


@pytest.mark.parametrize(
    ("due", "points"),
    [
        ([None], "1/2"),
        (["2026-12-01T12:00:00-07:00", None], "1/2"),
        ([None, "2026-12-02T12:00:00-07:00"], "1/2"),
        (["2026-11-30T12:00:00-07:00", "2026-12-02T12:00:00-07:00"], "1/2"),
        (["2026-11-30T12:00:00-07:00", "2026-11-29T12:00:00-07:00"], "1/4"),
    ],
)
def test_an_autograder_where_nothing_is_due_or_a_group_has_an_extension(
    shell: Shell, folder: Path, due: list[str | None], points: str
) -> None:
    (folder / "submission").mkdir()
    (folder / "submission" / "2.txt").write_text(RIGHT[SLUGS[1]])
    users = [{"name": f"s{i}", "assignment": {"due_date": at}} for i, at in enumerate(due)]
    metadata = {
        "users": users,
        "created_at": "2026-12-01T10:00:00-07:00",
        "assignment": {"due_date": None},
    }
    (folder / "submission_metadata.json").write_text(json.dumps(metadata))
    arguments = ("--gradescope", "--course=course", "submission", "--late=1/2", "--points=2=1/2")
    shell("grade", *arguments, "--jobs=1")
    found = json.loads((folder / "results" / "results.json").read_text())
    assert found["extra_data"]["points"] == points
