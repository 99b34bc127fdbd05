"""The way through a course: next, progress, reset, files of records, courses side by side."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli_runs import Shell
from tests.practice_runs import COURSE, RIGHT, WRONG, flat, records, state_folder, typing

HERE = f"--course={COURSE}"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return typing(monkeypatch)


def by_slug(shell: Shell) -> dict[str, dict[str, object]]:
    found = shell("progress", HERE, "--json").json()["exercises"]
    return {entry["id"]: entry for entry in found}


# -- next ---------------------------------------------------------------------------------------


def test_the_whole_course_from_next_to_next(shell: Shell) -> None:
    for slug, answer in RIGHT.items():
        assert shell("next", HERE, "--json").json()["id"] == slug
        done = shell("exercise", slug, HERE, *answer)
        assert done.code == 0
    assert "That was the last: every exercise of the course is solved." in done.out
    finished = shell("next", HERE, "--json")
    assert (finished.code, finished.json()["id"]) == (0, None)
    assert "Every exercise is solved" in shell("next", HERE).out
    progress = shell("progress", HERE, "--json").json()
    assert (progress["solved"], progress["of"]) == (5, 5)
    assert "[########################################]  5 of 5" in shell("progress", HERE).out


def test_next_skips_what_is_solved_and_nothing_else(shell: Shell) -> None:
    shell("exercise", "1", HERE, *WRONG["two-in-one"])
    shell("solution", "1", HERE)
    shell("exercise", "2", HERE, *RIGHT["loss-of-a-pair"])
    assert shell("next", HERE, "--json").json()["id"] == "two-in-one"
    out = shell("exercise", "1", HERE, *RIGHT["two-in-one"]).out
    assert f"The next exercise: handcalc next --course {COURSE}" in flat(out)
    assert shell("next", HERE, "--json").json()["id"] == "where-the-root-is"
    assert shell("next", HERE, "--no-state", "--json").json()["id"] == "two-in-one"


def test_next_asks(shell: Shell, lines: list[str]) -> None:
    lines += ["1; 0", "0 1/2"]
    done = shell("next", HERE)
    assert (done.code, lines) == (0, [])
    assert "Exercise 1: solved" in done.out
    assert by_slug(shell)["two-in-one"]["state"] == "solved"


def test_without_a_course_it_is_our_own(shell: Shell) -> None:
    shell("exercise", "two-in-one", HERE, *RIGHT["two-in-one"])
    assert shell("next", "--json").json()["id"] == "perfect-reconstruction"
    assert shell("progress", "--json").json()["solved"] == 0


# -- progress -----------------------------------------------------------------------------------


def test_progress_counts(shell: Shell) -> None:
    shell("exercise", "1", HERE, *WRONG["two-in-one"])
    shell("exercise", "1", HERE, *RIGHT["two-in-one"])
    shell("hint", "2", HERE)
    shell("solution", "3", HERE)
    found = by_slug(shell)
    assert found["two-in-one"] == {
        "position": 1,
        "id": "two-in-one",
        "title": "Two features in one dimension",
        "part": None,
        "state": "solved",
        "solved": True,
        "attempts": 2,
        "hints": 0,
        "of_hints": 2,
        "solution": False,
    }
    assert (found["loss-of-a-pair"]["hints"], found["loss-of-a-pair"]["state"]) == (1, "new")
    assert found["where-the-root-is"]["state"] == "solution seen"
    out = shell("progress", HERE).out
    assert "[########................................]  1 of 5 exercises solved" in out
    assert "  1  solved         2 answers  0 of 2 hints  Two features in one dimension\n" in out
    assert "  3  solution seen  0 answers  0 of 2 hints  Between which lengths\n" in out
    # but for a command to copy, which names a folder
    pages = [line for line in out.splitlines() if not line.startswith("The next exercise")]
    assert all(len(line) <= 80 and line == line.rstrip() for line in pages)
    listed = shell("exercises", HERE).out
    assert "solution seen  Between which lengths" in listed


def test_progress_travels_in_a_file(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell("exercise", "1", HERE, *RIGHT["two-in-one"])
    shell("exercise", "1", "--W=0 0; 0 0; 0 0")
    file = tmp_path / "mine.json"
    exported = shell("progress", "--export", str(file), "--json")
    assert (exported.code, exported.json()["exported"]) == (0, 2)
    before = records()
    monkeypatch.setenv("HANDCALC_STATE_DIR", str(tmp_path / "elsewhere"))
    shell("hint", "1", HERE)
    shell("exercise", "2", HERE, *WRONG["loss-of-a-pair"])
    for changed in (2, 0):
        imported = shell("progress", "--import", str(file), "--json").json()
        assert (imported["imported"], imported["changed"]) == (2, changed)
    after = records()
    assert len(after) == 3
    for name, record in before.items():
        assert after[name]["solved"] is record["solved"]
        assert after[name]["attempts"] == record["attempts"]
    assert by_slug(shell)["two-in-one"]["hints"] == 1


def test_an_export_replaces_no_file(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text("mine")
    done = shell("progress", "--export", str(file), "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, "file_exists")
    assert file.read_text() == "mine"
    done = shell("progress", "--export", str(tmp_path / "no" / "such" / "folder"), "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, "unwritable_file")


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", 3, "is damaged"),
        ('{"format": 1, "exercises": {"a": {"solved": true}}}', 3, "is damaged"),
        ('{"format": 2}', 3, "newer handcalc"),
        (None, 2, "there is no file"),
    ],
)
def test_a_bad_file_is_refused_and_nothing_changes(
    shell: Shell, tmp_path: Path, text: str | None, code: int, said: str
) -> None:
    shell("exercise", "1", HERE, *WRONG["two-in-one"])
    before = (state_folder() / "progress.json").read_bytes()
    file = tmp_path / "bad.json"
    if text is not None:
        file.write_text(text)
    done = shell("progress", "--import", str(file), "--json")
    assert done.code == code
    assert said in done.json()["error"]["message"]
    assert (state_folder() / "progress.json").read_bytes() == before


def test_an_import_that_cannot_be_kept_is_refused(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "good.json"
    shell("exercise", "1", *("--W=0 0; 0 0; 0 0", "--json"))
    shell("progress", "--export", str(file))
    (state_folder() / "progress.json").write_text('{"format": 2}')
    done = shell("progress", "--import", str(file), "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, "not_kept")
    refused = shell("reset", "--all")
    assert (refused.code, "newer handcalc" in flat(refused.err)) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--export=a", "--import=b"],
        ["--no-state", "--export=a"],
        ["--no-state", "--import=a"],
    ],
)
def test_what_progress_refuses(shell: Shell, arguments: list[str]) -> None:
    assert shell("progress", *arguments).code == 2


# -- reset --------------------------------------------------------------------------------------


def test_one_exercise_is_forgotten(shell: Shell) -> None:
    shell("exercise", "1", HERE, *RIGHT["two-in-one"])
    shell("exercise", "2", HERE, *RIGHT["loss-of-a-pair"])
    before = (state_folder() / "progress.json").read_bytes()
    done = shell("reset", "1", HERE, "--json").json()
    assert done["forgotten"] == ["two-in-one"]
    assert done["copy"] == str(state_folder() / "progress.before-reset-1.json")
    assert (state_folder() / "progress.before-reset-1.json").read_bytes() == before
    assert by_slug(shell)["two-in-one"]["state"] == "new"
    assert by_slug(shell)["loss-of-a-pair"]["state"] == "solved"
    again = shell("reset", "two-in-one", HERE)
    assert (again.code, "nothing to forget" in again.out) == (0, True)


def test_all_of_a_course_and_of_no_other_is_forgotten(shell: Shell) -> None:
    shell("exercise", "1", HERE, *RIGHT["two-in-one"])
    shell("exercise", "1", "--W=0 0; 0 0; 0 0")
    refused = shell("reset", "--all", HERE)  # nobody can be asked
    assert (refused.code, "add --yes" in flat(refused.err)) == (2, True)
    shell("reset", "--all", "--yes", HERE)
    assert set(records()) == {"perfect-reconstruction"}
    copy = json.loads((state_folder() / "progress.before-reset-1.json").read_bytes())
    assert len(copy["exercises"]) == 2
    shell("progress", "--import", str(state_folder() / "progress.before-reset-1.json"))
    assert by_slug(shell)["two-in-one"]["state"] == "solved"


@pytest.mark.parametrize(
    ("reply", "yes", "gone"), [("y", False, True), ("", False, False), (None, True, True)]
)
def test_reset_asks_once(
    shell: Shell, lines: list[str], reply: str | None, yes: bool, gone: bool
) -> None:
    shell("exercise", "1", HERE, *RIGHT["two-in-one"])
    lines += [] if reply is None else [reply]
    done = shell("reset", "1", HERE, *(["--yes"] if yes else []))
    assert (done.code, lines) == (0, [])
    assert ("Forget what was done in exercise 1?" in done.out) is (reply is not None)
    assert (records() == {}) is gone


@pytest.mark.parametrize("arguments", [[], ["1", "--all"], ["99"]])
def test_what_reset_refuses(shell: Shell, arguments: list[str]) -> None:
    shell("exercise", "1", HERE, *RIGHT["two-in-one"])
    before = records()
    assert shell("reset", HERE, *arguments).code == 2
    assert records() == before


# -- courses ------------------------------------------------------------------------------------


def test_courses_are_told_apart_by_name_and_salt(shell: Shell, tmp_path: Path) -> None:
    def copied(name: str, salt: str | None) -> str:
        folder = tmp_path / name
        shutil.copytree(COURSE, folder)
        manifest = folder / "manifest.toml"
        line = "" if salt is None else f'salt = "{salt}"'
        text = manifest.read_text(encoding="utf-8")
        manifest.write_text(text.replace('salt = "a course for tests"', line), encoding="utf-8")
        return f"--course={folder}"

    courses = [copied("a/course", "1"), copied("b/course", "2"), copied("c/other", "1")]
    courses += [copied("d/course", None), copied("e/course", None)]
    for course in courses:
        assert shell("progress", course, "--json").json()["solved"] == 0
        shell("exercise", "1", course, *RIGHT["two-in-one"])
    assert len(records()) == 5
    moved = copied("f/course", "1")
    assert shell("progress", moved, "--json").json()["solved"] == 1


@pytest.mark.parametrize(
    "command", ["exercise 1", "exercises", "hint 1", "solution 1", "next", "progress", "reset 1"]
)
def test_a_course_with_a_fault_is_its_authors_to_mend(
    shell: Shell, tmp_path: Path, command: str
) -> None:
    (tmp_path / "manifest.toml").write_text('exercises = ["gone"]\n')
    done = shell(*command.split(), f"--course={tmp_path}", "--json")
    error = done.json()["error"]
    assert (done.code, error["code"]) == (2, "missing_file")
    assert "gone.toml" in error["message"]
    assert error["suggestion"] == f"handcalc dev check {tmp_path}"


@pytest.mark.parametrize("place", ["nowhere", "file"])
def test_a_course_that_is_no_folder(shell: Shell, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    assert shell("exercises", f"--course={tmp_path / place}", "--json").code == 2


SAID = {"title", "reasoning", "W", "b", "answer"}  # of a solution, beside named matrices


@pytest.mark.slow
@pytest.mark.parametrize("student", [(), ("--student=ada",)], ids=["first numbers", "ada's"])
def test_our_own_course_is_solved_from_its_solutions(
    shell: Shell, student: tuple[str, ...]
) -> None:
    """Each way to each answer, typed as its author wrote it."""
    while (slug := shell("next", "--json").json()["id"]) is not None:
        routes = shell("solution", slug, *student, "--json").json()["solutions"]
        for route in routes:
            typed = [f"--{name}={route[name]}" for name in ("W", "b", "answer") if name in route]
            matrices = [f"{name} = {rows}" for name, rows in route.items() if name not in SAID]
            typed += [f"--answer={chr(10).join(matrices)}"] if matrices else []
            done = shell("exercise", slug, *student, *typed, "--json")
            assert (done.code, done.json()["status"]) == (0, "solved")
    progress = shell("progress", "--json").json()
    assert progress["solved"] == progress["of"] >= 20
    assert "Every exercise is solved" in shell().out
