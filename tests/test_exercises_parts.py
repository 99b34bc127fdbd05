"""A course in parts: headings wherever it is listed, positions that count on, and what is said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import exercises
from exercises.course import part_slugs
from exercises.course_list import by_part
from handcalc.errors import AuthorError
from tests.cli_runs import Shell
from tests.practice_runs import COURSE, RIGHT, flat, typing

FIRST, SECOND = "Models", "Numbers & more"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The small course, in two parts."""
    folder = tmp_path / "in-parts"
    shutil.copytree(COURSE, folder)
    (folder / "manifest.toml").write_text(
        'salt = "a course for tests"\n'
        f'[[parts]]\ntitle = "{FIRST}"\nexercises = ["two-in-one", "which-inputs"]\n'
        f'[[parts]]\ntitle = "{SECOND}"\n'
        'exercises = ["loss-of-a-pair", "where-the-root-is", "three-outputs"]\n',
        encoding="utf-8",
    )
    return folder


def test_positions_count_on_from_part_to_part(course: Path) -> None:
    listed = exercises.listing(course, no_state=True)
    assert [one.position for one in listed] == [1, 2, 3, 4, 5]
    assert {part: len(there) for part, there in by_part(listed).items()} == {FIRST: 2, SECOND: 3}
    third = exercises.load(3, course)
    assert (third.id, third.part) == ("loss-of-a-pair", SECOND)
    assert part_slugs(third) == ("loss-of-a-pair", "where-the-root-is", "three-outputs")
    assert exercises.load("three-outputs", course).position == 5


def test_the_bank_has_parts_and_a_course_of_one_list_has_none() -> None:
    assert exercises.load(24).part == "Toy models of superposition"
    assert {one.part for one in exercises.listing(COURSE, no_state=True)} == {None}
    assert len(part_slugs(exercises.load(1, COURSE))) == 5


def test_lists_have_a_heading_for_each_part(
    shell: Shell, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course.parent)
    for command in ("exercises", "progress"):
        lines = shell(command, f"--course={course.name}").out.splitlines()
        assert lines.index(FIRST) < lines.index(SECOND)
        assert all(len(line) <= 80 and line == line.rstrip() for line in lines)
    assert "0 of 2 exercises solved" in shell("progress", f"--course={course}").out
    assert FIRST not in shell("exercises", f"--course={COURSE}").out
    page = exercises.listing(course, no_state=True)._repr_markdown_()
    assert page.index(f"**{FIRST}**") < page.index("**Numbers")


def test_json_says_the_part_of_each(shell: Shell, course: Path) -> None:
    here = f"--course={course}"
    listed = shell("exercises", here, "--json").json()["exercises"]
    assert [one["part"] for one in listed] == [FIRST] * 2 + [SECOND] * 3
    assert shell("exercise", "3", here, "--json").json()["part"] == SECOND
    found = shell("progress", here, "--json").json()
    assert found["parts"] == [
        {"title": FIRST, "solved": 0, "of": 2},
        {"title": SECOND, "solved": 0, "of": 3},
    ]
    assert shell("progress", f"--course={COURSE}", "--json").json()["parts"] == []


def test_the_end_of_a_part_is_said_and_next_leads_on(shell: Shell, course: Path) -> None:
    here = f"--course={course}"
    said = f"That was the last of the part {FIRST}: every exercise of it is solved."
    assert said not in flat(shell("exercise", "1", here, *RIGHT["two-in-one"]).out)
    out = shell("exercise", "which-inputs", here, *RIGHT["which-inputs"]).out
    assert said in flat(out)
    assert "The next exercise: handcalc next" in out
    assert "Exercise 3:" in shell("next", here).out


def test_the_end_of_a_part_is_said_at_the_prompt(
    shell: Shell, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = f"--course={course}"
    shell("exercise", "1", here, *RIGHT["two-in-one"])
    lines = typing(monkeypatch)
    lines += [text.partition("=")[2] for text in RIGHT["which-inputs"]]
    lines += ["n", "q"]
    out = flat(shell("exercise", "2", here).out)
    assert "every exercise of it is solved. n next exercise" in out.replace(",", "")
    assert "Exercise 3:" in out


def test_a_file_that_no_part_lists_is_found(course: Path) -> None:
    (course / "forgotten.toml").write_text("", encoding="utf-8")
    said = 'manifest.toml, parts: "forgotten" is not listed'
    with pytest.raises(AuthorError, match=said):
        exercises.load_all(course)
