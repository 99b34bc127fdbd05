"""All exercises of a course are graded for a class: what it prints, and every file it writes."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tests.cli_runs import Shell, outside
from tests.course_class import (
    RIGHT,
    SLUGS,
    Files,
    file_each,
    keys,
    make_course,
    one_file,
    write_files,
    zipped,
)
from tests.grading_formats import check_junit, check_results
from tests.practice_runs import flat, records


@pytest.mark.parametrize(
    "text",
    ["<testsuites><testcase/></testsuites>", '<testsuites><testsuite name="a"/></testsuites>'],
)
def test_the_check_of_junit_can_fail(text: str) -> None:
    with pytest.raises(AssertionError, match="testsuite"):
        check_junit(text)


# --------------------------------------------------------------------------------------------------
# A class in the layouts of three platforms, with a list, a due date and what goes wrong.

WRONG = {**RIGHT, SLUGS[1]: "1/2"}
TYPED = "<img src=x onerror=alert(1)> [x](javascript:1) `*_~|$ 3/8"
ROSTER = """student,name,due,submitted
ada,Ada Lovelace,,2026-11-30 22:00 UTC
ben,Ben,2026-12-02 12:00 UTC,2026-12-02 11:00 UTC
cy,Cy,,2026-12-02 12:00 UTC
dora,Dora,,
eve,Eve,,2026-11-01 12:00 UTC
fay,Fay,,
fay,Fay again,,
gus,Gus,,2026-11-01 12:00 UTC
hal,Hal,,
ian,Ian,,
joe,Joe,,
"""
RULES = ("--due=2026-12-01 12:00 UTC", "--late=1/10 per day")
HAND_INS: Mapping[str, Files] = {
    "moodle/ada_1_assignsubmission_file_": one_file(RIGHT),
    "moodle/ben_2_assignsubmission_file_": keys(WRONG),
    "moodle/cy_3_assignsubmission_file_": {"all.zip": zipped(file_each(RIGHT))},
    "moodle/eve_4_assignsubmission_file_": {"2.txt": TYPED.encode(), "notes.txt": b"I tried."},
    "moodle/mallory_5_assignsubmission_file_": one_file(RIGHT),
    "moodle/fay_6_assignsubmission_file_": one_file(RIGHT),
    "moodle/gus_7_assignsubmission_file_": one_file(RIGHT),
    "names/gus": one_file(WRONG),
    "canvas": {
        "hal_LATE_8_9_answers.txt": one_file(RIGHT)["answers.txt"],
        "joe_9_10_answers.txt": one_file(RIGHT)["answers.txt"],
    },
    "scope/submission_1": one_file(RIGHT),
}
METADATA = """submission_1:
  :submitters:
  - :name: ian
  :created_at: 2026-12-01 12:00:01.000000000 Z
"""


@dataclass(frozen=True, slots=True)
class GradedClass:
    """A class that was graded once, with all that can be written of it."""

    folder: Path
    data: Mapping[str, Any]
    code: int

    def arguments(self, *more: str) -> list[str]:
        places = [str(self.folder / name) for name in ("moodle", "names", "canvas", "scope")]
        course = f"--course={self.folder / 'course'}"
        return ["grade", course, *places, f"--roster={self.folder / 'list.csv'}", *RULES, *more]

    def read(self, name: str) -> str:
        return (self.folder / "out" / name).read_text(encoding="utf-8-sig")

    @property
    def rows(self) -> dict[tuple[str | None, str | None], Mapping[str, Any]]:
        return {(row["student"], row["exercise"]): row for row in self.data["answers"]}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    folder = tmp_path_factory.mktemp("graded")
    make_course(folder / "course")
    for place, handed_in in HAND_INS.items():
        write_files(folder / place, handed_in)
    (folder / "scope" / "submission_metadata.yml").write_text(METADATA)
    (folder / "list.csv").write_text(ROSTER)
    out = folder / "out"
    out.mkdir()
    made = GradedClass(folder, {}, 0)
    files = (f"--csv={out}/t.csv", f"--sheet={out}/s.csv", f"--junit={out}/j.xml")
    folders = (f"--results={out}/results", f"--feedback={out}/feedback")
    done = outside(*made.arguments(*files, *folders, "--json"))
    assert done.stderr == b""
    (out / "t.json").write_bytes(done.stdout)
    return GradedClass(folder, json.loads(done.stdout), done.returncode)


def standing(graded: GradedClass, student: str) -> list[tuple[str, str | None]]:
    return [(graded.rows[student, slug]["status"], graded.rows[student, slug]["points"])
            for slug in SLUGS]  # fmt: skip


RIGHT_ALONE = [("solved", "1"), ("solved", "1/2"), ("partial", "4/3")]


def test_points_are_exact_shares_less_what_lateness_costs(graded: GradedClass) -> None:
    assert standing(graded, "ada") == RIGHT_ALONE
    # an extension of one's own
    assert standing(graded, "ben") == [("solved", "1"), ("wrong", "0"), ("partial", "4/3")]
    # a day late, to the second
    assert standing(graded, "cy") == [("solved", "9/10"), ("solved", "9/20"), ("partial", "6/5")]
    assert graded.rows["cy", SLUGS[0]]["late"] == "1 day late, counts 9/10"
    # a second late
    assert standing(graded, "ian")[0] == ("solved", "9/10")
    # in time, by Canvas
    assert standing(graded, "joe") == RIGHT_ALONE


def test_who_is_absent_unknown_or_doubled_has_rows_that_say_so(graded: GradedClass) -> None:
    assert standing(graded, "dora") == [("absent", "0")] * 3
    assert standing(graded, "mallory") == [("unknown", None)] * 3
    assert standing(graded, "fay") == [("doubled", None)] * 3
    assert standing(graded, "gus") == [("doubled", None)] * 3
    assert "lines 7 and 8" in graded.rows["fay", SLUGS[0]]["happened"]
    assert "Handed in 2 times" in graded.rows["gus", SLUGS[0]]["happened"]
    assert "not on the list" in graded.rows["mallory", SLUGS[0]]["happened"]


def test_what_came_at_an_unknown_time_has_no_points_yet(graded: GradedClass) -> None:
    assert [points for _, points in standing(graded, "hal")] == [None] * 3
    assert graded.rows["hal", SLUGS[0]]["late"] == "nobody knows how late it came"
    assert graded.code == 4


def test_what_answers_nothing_has_a_row(graded: GradedClass) -> None:
    row = graded.rows["eve", None]
    assert (row["status"], row["of"]) == ("unreadable", "0")
    assert row["file"].endswith("notes.txt")
    assert standing(graded, "eve") == [("missing", "0"), ("unreadable", "0"), ("missing", "0")]


def test_nothing_is_kept(graded: GradedClass) -> None:
    assert graded.data["status"] == "ok"
    assert records() == {}


def test_the_long_table_says_what_json_says(graded: GradedClass) -> None:
    lines = list(csv.DictReader(StringIO(graded.read("t.csv"), newline="")))
    for line, row in zip(lines, graded.data["answers"], strict=True):
        for key in ("file", "student", "exercise", "status", "course"):
            assert line[key] == (row[key] or "")
        for key in ("score", "points", "of"):
            assert line[f"exact_{key}"].replace(" over ", "/") == (row[key] or "")
            number = None if row[key] is None else float(Fraction(row[key]))
            assert (
                line[key] == ""
                if number is None
                else float(line[key]) == pytest.approx(number, rel=1e-3)
            )


def test_the_sheet_has_a_line_for_each_student(graded: GradedClass) -> None:
    head, points, *lines = csv.reader(StringIO(graded.read("s.csv"), newline=""))
    assert head[4:7] == list(SLUGS)
    assert points[4:9] == ["1", "0.5", "2", "3.5", "3.5"]
    found = {line[0]: dict(zip(head, line, strict=True)) for line in lines}
    assert list(found)[:4] == ["ada", "ben", "cy", "dora"]
    assert found["cy"]["name"] == "Cy"
    assert found["cy"]["exact_total"] == "51 over 20"
    assert (found["gus"]["total"], found["gus"]["undecided"]) == ("0", "3")
    assert len(found) == len(lines) == len(graded.data["students"]) == 11


def test_junit_is_of_the_schema(graded: GradedClass) -> None:
    root = check_junit(graded.read("j.xml"))
    suites = {suite.attrib["name"]: suite for suite in root}
    assert suites["ada"].attrib["failures"] == "1"
    assert suites["gus"].attrib["errors"] == "3"
    version = graded.data["course"]
    assert all(suite.find("properties/property").attrib["value"] == version for suite in root)  # type: ignore[union-attr]  # it is there, or this fails


def test_results_are_of_gradescopes_specification(graded: GradedClass) -> None:
    names = sorted(path.name for path in (graded.folder / "out" / "results").iterdir())
    assert names == sorted(f"{line['student']}.json" for line in graded.data["students"])
    cy = check_results(graded.read("results/cy.json"))
    assert cy["extra_data"]["points"] == "51/20"
    assert cy["extra_data"]["course"] == graded.data["course"]
    assert "1 day late" in cy["output"]
    for name in names:
        check_results(graded.read(f"results/{name}"))
    assert check_results(graded.read("results/gus.json"))["score"] == 0


def test_feedback_shows_what_was_typed_and_does_nothing(graded: GradedClass) -> None:
    text = graded.read("feedback/eve.md")
    assert "Could not be read" in text
    page = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)
    assert set(re.findall(r"<(\w+)", page)) == {"h1", "h2", "p", "strong"}
    assert str(graded.folder) not in text
    assert "**51/20 of 7/2 points**" in graded.read("feedback/cy.md")
    assert graded.data["course"].replace("@", "\\@") in text


def test_the_page_fits_a_terminal(graded: GradedClass, shell: Shell) -> None:
    done = shell(*graded.arguments("--jobs=1"))
    assert (done.code, done.err) == (4, "")
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "cy       9/10  9/20  6/5  51/20  late" in lines
    assert "Needs your eyes, no points yet: 12 rows" in done.out
    assert "nobody knows how late it came; the column submitted of --roster" in flat(done.out)


# --------------------------------------------------------------------------------------------------
# Regrading.


@pytest.mark.parametrize("earlier", ["t.csv", "t.json"])
def test_a_regrade_lists_exactly_the_rows_that_change(
    graded: GradedClass, shell: Shell, tmp_path: Path, earlier: str
) -> None:
    since = f"--since={graded.folder}/out/{earlier}"
    if earlier == "t.csv":
        same = shell(*graded.arguments(since, "--jobs=1"))
        assert same.out.startswith("No row changed (course@")
    course = make_course(tmp_path / "course")
    manifest, points = course / "manifest.toml", 'best-bias-sparse = "1/2"\n'
    assert points in manifest.read_text()
    manifest.write_text(manifest.read_text().replace(points, ""))
    arguments = [each for each in graded.arguments() if not each.startswith("--course")]
    done = shell(*arguments, f"--course={course}", since, "--json", "--jobs=1")
    found = done.json()
    changed = {(row["student"], row["exercise"]): row for row in found["changes"]}
    now = {(row["student"], row["exercise"]): row for row in found["answers"]}
    expected = {
        key
        for key, row in graded.rows.items()
        if any(row[part] != now[key][part] for part in ("status", "score", "points", "of"))
    }
    assert changed.keys() == expected
    assert len(expected) == 11  # what best-bias-sparse counts, for everybody
    assert changed["cy", SLUGS[1]]["before"]["points"] == "9/20"
    assert changed["cy", SLUGS[1]]["now"] == {
        "status": "solved", "score": "1", "points": "9/10", "of": "1",
    }  # fmt: skip
    assert found["course"] != graded.data["course"]


def test_a_regrade_by_another_course_lists_what_is_right_no_more(
    graded: GradedClass, shell: Shell, tmp_path: Path
) -> None:
    course = make_course(tmp_path / "course")
    exercise = course / f"{SLUGS[1]}.toml"
    head, first, second, *others = exercise.read_text(encoding="utf-8").split("[[variants]]")
    exercise.write_text("[[variants]]".join([head, second, first, *others]), encoding="utf-8")
    arguments = [each for each in graded.arguments() if not each.startswith("--course")]
    since = f"--since={graded.folder}/out/t.csv"
    found = shell(*arguments, f"--course={course}", since, "--json", "--jobs=1").json()
    changed = {(row["student"], row["exercise"]): row for row in found["changes"]}
    verdicts = {
        key: (row["before"]["status"], row["now"]["status"]) for key, row in changed.items()
    }
    right = {student for (student, slug), row in graded.rows.items()
             if slug == SLUGS[1] and row["status"] == "solved"}  # fmt: skip
    assert verdicts == {(student, SLUGS[1]): ("solved", "wrong") for student in right}
    assert {"ada", "cy", "ian", "joe", "hal"} == right
    assert changed["cy", SLUGS[1]]["now"]["points"] == "0"


# --------------------------------------------------------------------------------------------------
# A course with a fault.


@pytest.mark.parametrize("options", [[], ["--student-from=name"]], ids=["first", "drawn"])
@pytest.mark.parametrize("which", [[], ["2"]], ids=["course", "exercise"])
def test_a_fault_in_a_later_variant_is_named_before_anything_is_graded(
    shell: Shell, tmp_path: Path, which: list[str], options: list[str]
) -> None:
    course = make_course(tmp_path / "course")
    file = course / f"{SLUGS[1]}.toml"
    text = file.read_text(encoding="utf-8")
    broken = text.replace('\nb = "1/8"\n', '\nb = "an eighth"\n')  # of the third
    assert broken != text
    file.write_text(broken, encoding="utf-8")
    (tmp_path / "class" / "ada").mkdir(parents=True)
    (tmp_path / "class" / "ada" / "2.txt").write_text("3/8", encoding="utf-8")
    table = tmp_path / "t.csv"
    typed = [*which, str(tmp_path / "class"), *options, f"--course={course}", f"--csv={table}"]
    done = shell("grade", *typed, "--json")
    error = done.json()["error"]
    assert (done.code, error["code"]) == (2, "unreadable")
    assert f"{SLUGS[1]}.toml, check.value" in error["message"]
    assert "variants[3]" in error["message"]
    assert error["suggestion"] == f"handcalc dev check {course}"
    assert not table.exists()


def test_a_file_that_is_missing_is_named_where_another_is_graded(
    shell: Shell, tmp_path: Path
) -> None:
    course = make_course(tmp_path / "course")
    (course / f"{SLUGS[2]}.toml").unlink()
    (tmp_path / "ada.txt").write_text("3/8", encoding="utf-8")
    done = shell("grade", "2", str(tmp_path / "ada.txt"), f"--course={course}", "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, "missing_file")
    assert f"{SLUGS[2]}.toml: there is no such file" in done.json()["error"]["message"]
