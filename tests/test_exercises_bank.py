"""Every exercise in the bank keeps its promises to a learner; exercise 1 keeps a few more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import exercises
from exercises import Exercise
from tests import exercises_by_hand as by_hand

ROOT = Path(__file__).resolve().parent.parent
BANK = exercises.load_all()
EXERCISE = BANK[0]
FRACTION = re.compile(r"\d+/\d+")

every_exercise = pytest.mark.parametrize("exercise", BANK, ids=lambda exercise: exercise.id)


def texts(exercise: Exercise) -> list[str]:
    reasons = [solution.reasoning for solution in exercise.solutions]
    return [exercise.statement, exercise.typing, *exercise.hints, *reasons, exercise.why]


@every_exercise
def test_every_listed_solution_passes(exercise: Exercise) -> None:
    for solution in exercise.solutions:
        found = exercises.grade(exercise, W=solution.W, b=solution.b)
        assert (found.status, found.score) == ("solved", 1), solution.title


@every_exercise
def test_the_example_of_how_to_type_is_read_and_is_no_solution(exercise: Exercise) -> None:
    found = exercises.grade(exercise, W=exercise.example.W, b=exercise.example.b)
    assert found.status == "wrong"
    assert found.score == 0


@every_exercise
@pytest.mark.parametrize("blank", ["", " ", "\n", "0 0; 0 0; 0 0"], ids=repr)
def test_blank_and_zero_do_not_pass(exercise: Exercise, blank: str) -> None:
    assert exercises.grade(exercise, W=blank).status in ("wrong", "unreadable")


@every_exercise
def test_there_are_two_hints_and_two_solutions(exercise: Exercise) -> None:
    assert len(exercise.hints) >= 2
    assert len(exercise.solutions) >= 2
    assert len(set(exercise.hints)) == len(exercise.hints)


@every_exercise
def test_hints_ask(exercise: Exercise) -> None:
    assert all("?" in hint for hint in exercise.hints)


@every_exercise
def test_no_hint_contains_the_answer(exercise: Exercise) -> None:
    for hint in exercise.hints:
        assert FRACTION.findall(hint) == []
        for solution in exercise.solutions:
            assert solution.W not in hint
            assert solution.b not in hint
            assert solution.title.lower() not in hint.lower()


@every_exercise
def test_the_statement_and_the_typing_do_not_contain_the_answer(exercise: Exercise) -> None:
    shown = f"{exercise.statement}\n{exercise.typing}"
    for solution in exercise.solutions:
        assert solution.W not in shown
        assert solution.b not in shown


@every_exercise
def test_formulas_fit_80_columns(exercise: Exercise) -> None:
    lines = [line for text in texts(exercise) for line in text.splitlines()]
    assert [line for line in lines if line.startswith("    ") and len(line) > 79] == []


@every_exercise
def test_texts_are_plain(exercise: Exercise) -> None:
    joined = "\n".join(texts(exercise))
    assert "—" not in joined
    assert [character for character in joined if ord(character) > 0x2FFF] == []


def test_exercise_1_is_the_first_for_ever() -> None:
    assert EXERCISE.id == "perfect-reconstruction"
    assert EXERCISE.position == 1
    assert EXERCISE.title == "Reconstruct one input perfectly"


# Worked on paper: h = Wᵀx, z = Wh + b for x = (1, 1/2, 1/4).
ON_PAPER = [
    ("1 0; 0 1; 0 0", "0 0 1/4", "1 1/2", "1 1/2 0"),
    ("1 0; 0 1; 0 -1", "0 1/4 1/2", "1 1/4", "1 1/4 -1/4"),
]


def test_the_stored_solutions_are_those_worked_on_paper() -> None:
    stored = [(solution.W, solution.b) for solution in EXERCISE.solutions]
    assert stored == [(W, b) for W, b, _, _ in ON_PAPER]


@pytest.mark.parametrize(("W", "b", "h", "carried"), ON_PAPER)
def test_the_engine_and_the_fractions_agree_with_the_paper(
    W: str, b: str, h: str, carried: str
) -> None:
    rows, bias = by_hand.matrix(W), by_hand.vector(b)
    assert by_hand.carried(rows, by_hand.X) == by_hand.vector(carried)
    assert by_hand.output(rows, bias, by_hand.X) == list(by_hand.X)
    work = exercises.grade(EXERCISE, W=W, b=b).work
    assert work is not None
    assert [str(value) for value in work.h] == h.split()
    assert [str(value) for value in work.z] == ["1", "1/2", "1/4"]


def test_the_reasoning_has_the_numbers_of_the_paper() -> None:
    for solution, (_, _, h, carried) in zip(EXERCISE.solutions, ON_PAPER, strict=True):
        shown = " ".join(solution.reasoning.split())
        for name, cells in (("h", h), ("Wh", carried), ("z", "1 1/2 1/4")):
            assert f"{name} = ({', '.join(cells.split())})" in shown


def test_the_bank_is_data_beside_the_code() -> None:
    folder = ROOT / "exercises" / "bank"
    listed = {f"{exercise.id}.toml" for exercise in BANK} | {"manifest.toml"}
    assert {path.name for path in folder.iterdir()} == listed
