"""Five hundred students hand in three exercises on four platforms, a tenth of them hostile."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.class_folder import IS_POSIX
from tests.cli_runs import Shell, outside
from tests.course_class import SLUGS, CourseClass, make_course, make_hand_ins
from tests.grading_formats import check_junit, check_results
from tests.practice_runs import records

_POINTS = {SLUGS[0]: Fraction(1), SLUGS[1]: Fraction(1, 2), SLUGS[2]: Fraction(2)}


def graded(folder: Path, made: CourseClass, *more: str) -> tuple[dict[str, Any], int]:
    """What a real process says, with everything written that can be."""
    out = folder / "out"
    files = (f"--csv={out}/t.csv", f"--sheet={out}/s.csv", f"--junit={out}/j.xml")
    folders = (f"--results={out}/results", f"--feedback={out}/feedback")
    out.mkdir(exist_ok=True)
    arguments = ("grade", f"--course={folder / 'course'}", *map(str, made.places), "--timeout=5")
    done = outside(*arguments, *files, *folders, *more, "--json", timeout=900)
    assert done.stderr == b""
    (out / "t.json").write_bytes(done.stdout)
    return json.loads(done.stdout), done.returncode


def alone(shell: Shell, folder: Path, made: CourseClass) -> Mapping[tuple[str, str], Any]:
    """Each different answer, graded by itself as its student grades it."""
    found = {}
    for answers in made.honest.values():
        for slug, text in answers.items():
            if (slug, text) not in found:
                file = folder / "one.txt"
                file.write_text(text, encoding="utf-8")
                arguments = (f"--course={folder / 'course'}", f"--file={file}", "--no-state")
                found[slug, text] = shell("exercise", slug, *arguments, "--json").json()
    return found


def check_class(folder: Path, made: CourseClass, found: Mapping[str, Any], shell: Shell) -> None:
    rows = {(row["student"], row["exercise"]): row for row in found["answers"]}
    known = alone(shell, folder, made)
    for student, answers in made.honest.items():
        for slug, text in answers.items():
            row, own = rows[student, slug], known[slug, text]
            assert (row["status"], row["score"]) == (own["status"], own["score"] or "0")
            assert Fraction(row["points"]) == Fraction(row["score"]) * _POINTS[slug]
    hostile = [row for row in found["answers"] if row["student"] not in made.honest]
    statuses = {row["status"] for row in hostile}
    assert statuses <= {"wrong", "unreadable", "missing", "error", "unknown"}
    assert all(row["points"] in ("0", None) for row in hostile)
    assert all(row["happened"] for row in hostile)
    late = {row["file"].split("/")[-2] for row in hostile if row["status"] == "error"}
    assert {name.rstrip("0123456789 ") for name in late} == {"hostile slow"}
    texts = [text for row in found["answers"] for text in row.values() if isinstance(text, str)]
    assert all(text.isprintable() for text in texts)
    assert len(found["students"]) == made.size


def check_files(folder: Path, made: CourseClass) -> None:
    out = folder / "out"
    check_junit((out / "j.xml").read_text(encoding="utf-8"))
    results, pages = sorted((out / "results").iterdir()), sorted((out / "feedback").iterdir())
    assert [path.stem for path in results] == [path.stem for path in pages]
    assert len(results) == made.size
    for path in (*results, *pages):
        assert re.fullmatch(r"[a-z0-9-]+\.(json|md)", path.name)
    for path in results:
        check_results(path.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_a_class_with_everything_in_it(shell: Shell, tmp_path: Path) -> None:
    make_course(tmp_path / "course")
    made = make_hand_ins(tmp_path / "class", 60, slow=1)
    found, code = graded(tmp_path, made)
    assert code == 4  # one was not graded in time
    check_class(tmp_path, made, found, shell)
    check_files(tmp_path, made)
    assert records() == {}


@pytest.mark.slow
def test_five_hundred_students(shell: Shell, tmp_path: Path) -> None:
    make_course(tmp_path / "course")
    made = make_hand_ins(tmp_path / "class", 500, slow=2)
    assert made.size == 500
    assert made.hostile == 50 or not IS_POSIX
    found, code = graded(tmp_path, made, "--jobs=2")
    assert code == 4
    check_class(tmp_path, made, found, shell)
    check_files(tmp_path, made)
    # the course changes: its second exercise takes what was wrong before
    exercise = tmp_path / "course" / f"{SLUGS[1]}.toml"
    text = exercise.read_text(encoding="utf-8")
    first = 'S = "1/4"'
    assert first in text
    exercise.write_text(_swapped(text), encoding="utf-8")
    again, _ = graded(tmp_path, made, "--jobs=2", f"--since={tmp_path / 'out' / 't.csv'}")
    keys = ("status", "score", "points", "of")
    now = {(row["student"], row["exercise"], row["file"]): row for row in again["answers"]}
    expected = {
        (row["student"], row["exercise"])
        for row in found["answers"]
        if any(row[key] != now[row["student"], row["exercise"], row["file"]][key] for key in keys)
    }
    assert {(row["student"], row["exercise"]) for row in again["changes"]} == expected
    assert len(again["changes"]) == len(expected) > 50
    assert {exercise for _, exercise in expected} == {SLUGS[1]}


def _swapped(text: str) -> str:
    """The exercise with its first two sets of numbers the other way round."""
    head, *variants = text.split("[[variants]]")
    variants[:2] = reversed(variants[:2])
    return "[[variants]]".join([head, *variants])
