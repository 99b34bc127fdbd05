"""Grading a class: one exercise, many files, one table."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli_runs import Shell
from tests.practice_runs import COURSE, RIGHT, records

HERE = f"--course={COURSE}"


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the answers of a class to exercise 2, which becomes the current one."""
    texts = {"ada": "1/48", "ben": "answer = 1/12\n", "cy": "1/3", "hal": "1/24", "eve": "one"}
    for name, text in texts.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "fay.txt").write_bytes(b"PK\x03\x04\xff\xfe")
    monkeypatch.chdir(tmp_path)
    return tmp_path


NAMES = ("ada.txt", "ben.txt", "cy.txt", "hal.txt", "eve.txt", "fay.txt")


@pytest.mark.usefixtures("answers")
def test_a_class(shell: Shell) -> None:
    done = shell("grade", "2", HERE, *NAMES, "--json")
    assert done.code == 1
    found = done.json()
    assert (found["status"], found["error"], found["id"]) == ("ok", None, "loss-of-a-pair")
    verdicts = [(row["file"], row["status"], row["diagnosis"]) for row in found["answers"]]
    assert verdicts == [
        ("ada.txt", "wrong", "too-small"),
        ("ben.txt", "solved", None),
        ("cy.txt", "wrong", "always-on"),
        ("hal.txt", "wrong", "one-output"),
        ("eve.txt", "unreadable", None),
        ("fay.txt", "unreadable", None),
    ]
    assert found["answers"][3]["happened"] == "1/24 is what one of the two outputs loses."
    assert "copy it again" in found["answers"][5]["happened"]
    assert records() == {}


def test_its_own_table_is_no_answer(shell: Shell, answers: Path) -> None:
    for _ in range(2):
        done = shell("grade", "2", HERE, str(answers), "--csv", "./grades.csv", "--json")
        assert len(done.json()["answers"]) == len(NAMES)
    assert (answers / "grades.csv").exists()


@pytest.mark.usefixtures("answers")
def test_the_table(shell: Shell) -> None:
    out = shell("grade", "2", HERE, *NAMES).out
    assert "\nwrong       0      one-output  hal.txt\n" in out
    assert "1 of 6 solved. Graded by course@" in out
    assert 'eve.txt: The name "one" is not known' in out
    assert "Diagnoses: too-small (1), always-on (1), one-output (1)." in out
    assert "has 3 variants" in out
    assert all(len(line) <= 80 and line == line.rstrip() for line in out.splitlines())


def test_each_against_their_own_numbers(
    shell: Shell, answers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDCALC_STUDENT", "the lecturer")
    rows = shell("grade", "2", HERE, *NAMES, "--student-from-name", "--json").json()["answers"]
    for row in rows[:4]:
        (answers / "again.txt").write_text((answers / row["file"]).read_text())
        arguments = ("--student", row["student"], "--file=again.txt", "--json", "--no-state")
        alone = shell("exercise", "2", HERE, *arguments).json()
        assert row["status"] == alone["status"]
        assert row["student"] == row["file"].removesuffix(".txt")
    assert len({row["variant"] for row in rows}) == 3
    assert {
        row["variant"] for row in shell("grade", "2", HERE, *NAMES, "--json").json()["answers"]
    } == {1}


def test_a_folder_is_all_its_files(shell: Shell, answers: Path) -> None:
    (answers / ".hidden").write_text("1/12", encoding="utf-8")
    done = shell("grade", "2", HERE, ".", "--student-from-name")
    lines = [line.split() for line in done.out.splitlines() if line.endswith(".txt")]
    assert [line[0] for line in lines] == ["ada", "ben", "cy", "eve", "fay", "hal"]
    assert all(line[1] in {"1", "2", "3"} for line in lines)
    (answers / "empty").mkdir()
    refused = shell("grade", "2", HERE, "empty")
    assert (refused.code, "no file in the folder empty" in refused.err) == (2, True)


def test_everybody_right(shell: Shell, answers: Path) -> None:
    (answers / "model.txt").write_text("W = 1; 0\nb = 0 1/2\n")
    (answers / "choice.txt").write_text("b 1")
    assert shell("grade", "two-in-one", HERE, "model.txt", "model.txt").code == 0
    assert (
        shell("grade", "which-inputs", HERE, "choice.txt", "--json").json()["answers"][0]["score"]
        == "1"
    )
    wrong_form = shell("grade", "two-in-one", HERE, "choice.txt", "--json")
    assert (wrong_form.code, wrong_form.json()["answers"][0]["status"]) == (1, "unreadable")


def test_a_table_for_a_spreadsheet(shell: Shell, answers: Path) -> None:
    (answers / "vector.txt").write_text(RIGHT["three-outputs"][0].removeprefix("--answer="))
    (answers / "near.txt").write_text("1 1/4 -1/4")
    shell("grade", "4", HERE, "vector.txt", "near.txt", "--csv", "grades.csv")
    with (answers / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["status"], row["score"]) for row in rows] == [
        ("vector.txt", "solved", "1"),
        ("near.txt", "partial", "0.6667"),
    ]
    assert rows[1]["diagnosis"] == "relu-forgotten"
    assert shell("grade", "4", HERE, "near.txt", "--csv", "grades.csv").code == 1
    assert len((answers / "grades.csv").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["2", "ada.txt", "nobody.txt"], "missing_file", "nobody.txt. Nothing was graded."),
        (["2", "gone.txt", "nobody.txt"], "missing_file", "gone.txt (and 1 more)"),
        (["2", "ada.txt", "--csv=ben.txt"], "file_exists", "stays as it is"),
        (["2", "ada.txt", "--csv=no/where/x.csv"], "unwritable_file", "cannot be written"),
        (["99", "ada.txt"], "unknown_exercise", "There is no exercise"),
        (["2"], "usage", "FILE"),
    ],
)
def test_what_is_refused(
    shell: Shell, answers: Path, arguments: list[str], code: str, said: str
) -> None:
    before = {path.name: path.read_bytes() for path in answers.iterdir()}
    done = shell("grade", *arguments, HERE, "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, code)
    assert said in done.json()["error"]["message"]
    assert {path.name: path.read_bytes() for path in answers.iterdir()} == before
