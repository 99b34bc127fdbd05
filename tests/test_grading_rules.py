"""Due dates, late rules, lists of a class, points, and which version of a course graded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from exercises.assessment import course_version, exercise_points
from handcalc.cli.report import CommandError
from handcalc.cli.work.grading.late import how_late, read_rule, read_time
from handcalc.cli.work.grading.points import typed_points
from handcalc.cli.work.grading.roster import read_roster
from handcalc.cli.work.grading.sections import CourseNames
from handcalc.errors import AuthorError, InputError
from tests.course_class import SLUGS, make_course

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-30 23:59 Europe/Berlin", "2026-11-30 22:59"),
        ("2026-07-01T12:00+05:30", "2026-07-01 06:30"),
        ("2026-07-01 12:00:30.5 -0800", "2026-07-01 20:00:30.500000"),
        ("2026-07-01 12:00Z", "2026-07-01 12:00"),
        ("2026-10-25 02:30 +02:00", "2026-10-25 00:30"),
        ("2026-10-25 23:59 Europe/Berlin", "2026-10-25 22:59"),
    ],
)
def test_moments(text: str, utc: str) -> None:
    at = read_time(text, "--due")
    assert at == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert at.tzinfo is UTC  # between two of one place Python counts what the clocks there show


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-30 23:59", "has no zone"),
        ("30.11.2026 23:59 UTC", "must be a date and a time"),
        ("2026-11-30 23:59 Europe", "not known here"),
        ("2026-11-30 23:59 America", "not known here"),
        ("2026-11-30 23:59 Europe/", "not known here"),
        ("2026-11-31 23:59 UTC", "is no time"),
        ("2026-11-30 23:59 Europe/Atlantis", "not known here"),
        ("2026-11-30 23:59 ../../etc/passwd", "a date and a time"),
        ("2026-11-30 23:59 Etc/../UTC", "a date and a time"),
        ("2026-10-25 02:30 Europe/Berlin", "twice, or not at all"),
        ("2026-03-29 02:30 Europe/Berlin", "twice, or not at all"),
        ("0001-01-01 00:00 +14:00", "is no time"),
    ],
)
def test_what_is_no_moment(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        read_time(text, "--due")
    assert refused.value.code == "time"


@pytest.mark.parametrize(
    ("rule", "late", "factor"),
    [
        ("1/10 per day", MINUTE, Fraction(9, 10)),
        ("1/10 per day", DAY, Fraction(9, 10)),
        ("1/10 per day", DAY + timedelta(microseconds=1), Fraction(4, 5)),
        ("1/10 per day", 11 * DAY, Fraction(0)),
        ("10% per day up to 2 days", 2 * DAY, Fraction(4, 5)),
        ("10% a day, until 2 days", 2 * DAY + MINUTE, Fraction(0)),
        ("1/3 per hour after 10 minutes", 10 * MINUTE, Fraction(1)),
        ("1/3 per hour after 10 minutes", 61 * MINUTE, Fraction(1, 3)),
        ("1/2", 100 * DAY, Fraction(1, 2)),
        ("1/2 up to 1 week", 8 * DAY, Fraction(0)),
        ("1/10 per day after 15 minutes up to 3 days", 15 * MINUTE, Fraction(1)),
        ("1/10 per day after 15 minutes up to 3 days", 3 * DAY, Fraction(7, 10)),
        ("1/10 per day after 15 minutes, up to 3 days", 3 * DAY + MINUTE, Fraction(0)),
        ("0", DAY, Fraction(1)),
        ("1", timedelta(microseconds=1), Fraction(0)),
    ],
)
def test_what_lateness_costs(rule: str, late: timedelta, factor: Fraction) -> None:
    assert read_rule(rule).factor(late) == factor


@pytest.mark.parametrize(
    "text",
    ["", "2", "1/0", "0.1", "-1/10", "1/10 per year", "ten", "1/10 x",
     "1/2 up to 1 day until 2 days", "1/2 after 1 day after 2 days"],
)  # fmt: skip
def test_rules_that_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="--late is what a late hand-in loses"):
        read_rule(text)


def test_lateness_that_nobody_measured() -> None:
    assert read_rule("1/2").unmeasured == Fraction(1, 2)
    assert read_rule("1/10 per day").unmeasured is None
    assert read_rule("1/2 up to 1 day").unmeasured is None
    assert read_rule("1/2 after 15 minutes").unmeasured is None
    assert how_late(timedelta(microseconds=1)) == "1 second"


def roster(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "class.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_as_a_spreadsheet_writes_it(tmp_path: Path) -> None:
    text = (
        "\ufeffName;Student;Due;Grade\nLovelace, Ada;ada;2026-12-02 12:00 UTC;\n;;;\n"
        "Ben;ben;;3\nX;ada;;\n"
    )
    found = read_roster(str(roster(tmp_path, text)))
    assert list(found) == ["ada", "ben"]
    assert found["ada"].lines == (2, 5)
    assert found["ada"].due == datetime(2026, 12, 2, 12, tzinfo=UTC)
    assert (found["ben"].name, found["ben"].due, found["ben"].lines) == ("Ben", None, (4,))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must name a column student"),
        ("name,email\nAda,a@x.org\n", "must name a column student, not name, email"),
        ("student\n", "names no student"),
        ("student,due\nada,tomorrow\n", "line 2: due"),
        ("student\n\u200bada\n", "line 2: A student has a name"),
        ("student,name\n,Ada\n", "line 2: A student has a name"),
    ],
)
def test_lists_that_are_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        read_roster(str(roster(tmp_path, text)))


NAMES = CourseNames(SLUGS, SLUGS)


def test_points_as_typed() -> None:
    found = typed_points("3=2, perfect-reconstruction=1/2", NAMES)
    assert list(found.items()) == [(SLUGS[0], Fraction(1, 2)), (SLUGS[2], Fraction(2))]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no exercise"),
        ("1", "no exercise with its points"),
        ("1=-2", "no exercise with its points"),
        ("1=1/0", "no exercise with its points"),
        ("9=1", "no exercise 9"),
        ("1=1 perfect-reconstruction=2", "stands in it twice"),
    ],
)
def test_points_that_are_refused(text: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        typed_points(text, NAMES)


def test_points_of_the_manifest(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    assert list(exercise_points(course).values()) == [1, Fraction(1, 2), 2]
    manifest = course / "manifest.toml"
    text = manifest.read_text()
    manifest.write_text(text.replace('"2"', "3"))
    assert exercise_points(course)["beat-dropping"] == 3
    for wrong, code in (
        ('nobody = "1"', "unknown_name"),
        ('beat-dropping = "-1"', "wrong_value"),
        ("beat-dropping = 0.1", "wrong_value"),
        ("beat-dropping = true", "wrong_value"),
    ):
        manifest.write_text(text.replace('beat-dropping = "2"', wrong))
        with pytest.raises(AuthorError, match=r"manifest\.toml, points\.") as refused:
            exercise_points(course)
        assert refused.value.code == code


def test_the_version_of_a_course_is_that_of_its_files(tmp_path: Path) -> None:
    course = make_course(tmp_path / "week-3")
    first = course_version(course)
    assert first.startswith("week-3@")
    (course / "notes.txt").write_text("no part of it")
    exercise = course / f"{SLUGS[0]}.toml"
    raw = exercise.read_bytes()
    exercise.write_bytes(raw.replace(b"\n", b"\r\n"))
    assert course_version(course) == first == course_version(str(course))
    exercise.write_bytes(raw + b"# changed\n")
    assert course_version(course) != first
