"""Answers of every kind at the command line: from options, from files, asked for; and variants."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli_runs import Shell
from tests.practice_runs import COURSE, RIGHT, WRONG, flat, records, typing

HERE = f"--course={COURSE}"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return typing(monkeypatch)


@pytest.mark.parametrize("slug", RIGHT)
def test_each_kind_is_graded(shell: Shell, slug: str) -> None:
    wrong = shell("exercise", slug, HERE, *WRONG[slug], "--json")
    assert wrong.code == 1
    assert wrong.json()["status"] in ("partial", "wrong")
    assert wrong.json()["feedback"]["happened"]
    assert wrong.json()["feedback"]["try"]
    right = shell("exercise", slug, HERE, *RIGHT[slug], "--json")
    assert right.code == 0
    assert right.json()["status"] == "solved"
    assert right.json()["score"] == "1"
    assert {"raw", "parsed"} <= set(right.json()["answer"])
    assert "Your answer as understood" in shell("exercise", slug, HERE, *RIGHT[slug]).out


@pytest.mark.parametrize(
    ("slug", "given", "said", "instead"),
    [
        (
            "two-in-one",
            "--answer=1 0",
            "asks for W and b, not for --answer",
            '--W="1; 1" --b="0 0"',
        ),
        ("loss-of-a-pair", "--W=1/12", "asks for a number, not for --W", '--answer="3/7"'),
        ("where-the-root-is", "--b=0 1", "asks for two numbers, the lower", '--answer="0 1"'),
        ("three-outputs", "--W=1 1 1", "asks for 3 numbers, not", '--answer="1 1 1"'),
        ("which-inputs", "--W=b 1", "asks for a letter and a number, not", '--answer="c 2"'),
    ],
)
def test_the_wrong_option_for_the_kind(
    shell: Shell, slug: str, given: str, said: str, instead: str
) -> None:
    done = shell("exercise", slug, HERE, given, "--json")
    assert done.code == 2
    assert said in done.json()["error"]["message"]
    assert done.json()["error"]["suggestion"] == instead
    assert records() == {}


@pytest.mark.parametrize(
    ("slug", "text"),
    [
        ("two-in-one", "b = 0 1/2\nW = 1; 0"),
        ("loss-of-a-pair", "1/12\n"),
        ("loss-of-a-pair", "\ufeffanswer = 1/12"),
        ("where-the-root-is", "answer: [0.7, 0.71]\n"),
        ("three-outputs", "1\n1/4\n0\n"),
        ("which-inputs", "Answer = b 1\n"),
        ("which-inputs", "\n1, B\n"),
    ],
)
def test_an_answer_from_a_file(shell: Shell, tmp_path: Path, slug: str, text: str) -> None:
    file = tmp_path / "answer.txt"
    file.write_text(text, encoding="utf-8")
    assert shell("exercise", slug, HERE, f"--file={file}").code == 0
    both = shell("exercise", slug, HERE, f"--file={file}", "--answer=1", "--json")
    assert both.code == 2
    assert "--file" in both.json()["error"]["message"]


@pytest.mark.parametrize(
    ("slug", "text", "column"),
    [
        ("loss-of-a-pair", "1/2 oops", 5),
        ("three-outputs", "1 2", None),
        ("which-inputs", "z", None),
    ],
)
def test_what_cannot_be_read(shell: Shell, slug: str, text: str, column: int | None) -> None:
    done = shell("exercise", slug, HERE, f"--answer={text}", "--json")
    assert (done.code, done.json()["status"]) == (3, "unreadable")
    assert done.json()["error"]["option"] == "--answer"
    assert done.json()["error"]["column"] == column
    assert all(check["passed"] is None for check in done.json()["checks"])
    assert records() == {}


@pytest.mark.parametrize(
    ("slug", "typed", "prompts"),
    [
        ("loss-of-a-pair", ["a half", "1/12"], ["L (one number): "] * 2),
        (
            "where-the-root-is",
            ["0.7", "0.71"],
            ["l (lower end and upper end): ", "number 2 of 2: "],
        ),
        ("three-outputs", ["1 1/4", "[1, 1/4,", "0]"], ["x̂ (3 numbers): "] * 2),
        ("three-outputs", ["1", "1/4 0"], ["x̂ (3 numbers): ", "number 2 of 3: "]),
        ("three-outputs", ["1,", "1/4,", "0"], ["number 2 of 3: ", "number 3 of 3: "]),
        (
            "which-inputs",
            ["perhaps b", "b", "b 1"],
            ["The letter of a claim, and the number of a reason: "] * 3,
        ),
    ],
)
def test_each_kind_is_asked_for(
    shell: Shell, lines: list[str], slug: str, typed: list[str], prompts: list[str]
) -> None:
    lines += typed
    done = shell("exercise", slug, HERE)
    assert (done.code, lines) == (0, [])
    for prompt in prompts:
        assert done.out.count(prompt) == prompts.count(prompt)
    assert "solved" in done.out.split(prompts[-1])[-1]
    (record,) = records().values()
    assert record["attempts"] == 1


def test_a_cry_for_a_hint_is_answered_with_a_hint(shell: Shell, lines: list[str]) -> None:
    lines += ["hint"]
    done = shell("exercise", "2", HERE, "--student", "ada")
    assert "Exercise 2, hint 1 of" in done.out
    back = f"handcalc exercise 2 --student ada {HERE.replace('=', ' ')}"
    assert back in flat(done.out)


@pytest.mark.parametrize("slug", RIGHT)
def test_a_person_may_leave(shell: Shell, lines: list[str], slug: str) -> None:
    lines += [""]
    done = shell("exercise", slug, HERE)
    assert done.code == 0
    assert f"nothing changed. Come back with: handcalc exercise {slug_position(slug)}" in done.out
    assert records() == {}


def slug_position(slug: str) -> int:
    return list(RIGHT).index(slug) + 1


# -- variants -----------------------------------------------------------------------------------


def sparsity(shell: Shell, *arguments: str) -> str:
    """The S of the exercise that comes in three variants."""
    statement = shell("exercise", "2", HERE, *arguments, "--json").json()["statement"]
    return str(statement.split("S = ")[1].split(".")[0])


def test_a_cry_for_help_is_no_answer(shell: Shell, lines: list[str]) -> None:
    lines += ["?", "1/12"]
    done = shell("exercise", "loss-of-a-pair", HERE)
    assert done.code == 0
    assert "a hint, and then the next" in done.out
    assert "Exercise 2: solved" in done.out


def test_a_student_gets_numbers_of_their_own(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = {name: sparsity(shell, "--student", name) for name in ("ada", "cy", "hal")}
    assert set(drawn.values()) == {"1/3", "1/2", "3/4"}
    assert drawn["ada"] == sparsity(shell, "--student= ada ")
    assert sparsity(shell, "--seed", "3") == sparsity(shell, "--student", "seed 3")
    monkeypatch.setenv("HANDCALC_STUDENT", "ada")
    assert sparsity(shell) == drawn["ada"]
    assert sparsity(shell, "--student=cy") == drawn["cy"]


def test_a_right_answer_is_right_for_its_student(shell: Shell) -> None:
    losses = {"1/2": "1/12", "1/3": "4/27", "3/4": "1/48"}
    for name in ("ada", "cy", "hal"):
        mine = losses[sparsity(shell, "--student", name)]
        for loss in losses.values():
            done = shell("exercise", "2", HERE, "--student", name, f"--answer={loss}")
            assert done.code == (0 if loss == mine else 1)


@pytest.mark.parametrize(
    ("student", "said"),
    [
        (("--student", "ada"), "--student ada"),
        (("--student", "Ada L."), '--student="Ada L."'),
        (("--student=--b",), "--student=--b"),
        (("--seed", "3"), "--seed 3"),
    ],
)
def test_commands_in_texts_carry_the_student(
    shell: Shell, student: tuple[str, ...], said: str
) -> None:
    for arguments in (("exercise", "2"), ("exercise", "2", "--answer=1"), ("hint", "2")):
        out = shell(*arguments, *student, HERE).out
        named = [" ".join(line.split()) for line in out.replace("\n   ", " ").splitlines()]
        named = [line for line in named if "handcalc " in line]
        assert named
        assert all(said in line for line in named)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--student=ada", "--seed=1"], "give one of the two"),
        (["--student= "], "A student has a name"),
        (["--student=\udcff"], "A student has a name"),
        (["--seed=-1"], "--seed"),
    ],
)
def test_a_student_that_is_none(shell: Shell, arguments: list[str], said: str) -> None:
    done = shell("exercise", "2", HERE, *arguments, "--json")
    assert done.code == 2
    assert said in done.json()["error"]["message"]
