"""Every exercise in the bank keeps its promises to a learner; exercise 1 keeps a few more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

import exercises
from exercises import Exercise, Grade
from exercises.authoring.checkup import checkup
from exercises.checks import Chosen, Equals
from tests import exercises_by_hand as by_hand

ROOT = Path(__file__).resolve().parent.parent
BANK = exercises.load_all()
EXERCISE = BANK[0]
FRACTION = re.compile(r"\d+/\d+")

every_exercise = pytest.mark.parametrize("exercise", BANK, ids=lambda exercise: exercise.id)


def texts(exercise: Exercise) -> list[str]:
    reasons = [solution.reasoning for solution in exercise.key().solutions]
    said = [
        text for wrong in exercise.key().wrong for text in (wrong.happened, wrong.advice) if text
    ]
    return [
        exercise.statement,
        exercise.typing,
        *exercise.key().hints,
        *reasons,
        *said,
        exercise.key().why,
    ]


def graded(exercise: Exercise, typed: Mapping[str, str]) -> Grade:
    return exercises.grade(exercise, **typed)


def test_every_promise_of_every_exercise_is_kept_in_every_variant() -> None:
    assert [fault.message for fault in checkup()] == []


def test_the_course_has_at_least_twenty_exercises_and_every_kind_of_answer() -> None:
    assert len(BANK) >= 20
    kinds = {type(exercise.answer).__name__ for exercise in BANK}
    assert kinds == {
        f"{kind}Answer" for kind in ("Model", "Number", "Interval", "Vector", "Choice", "Matrices")
    }


def test_no_two_exercises_share_check_kind_of_answer_and_input() -> None:
    asked = [
        (repr(exercise.key().check), repr(exercise.answer), exercise.statement) for exercise in BANK
    ]
    assert len(set(asked)) == len(asked)
    models = [repr(e.key().check) for e in BANK if not isinstance(e.key().check, Equals | Chosen)]
    assert len(set(models)) == len(models)


@every_exercise
def test_every_listed_solution_passes(exercise: Exercise) -> None:
    for solution in exercise.key().solutions:
        found = graded(exercise, solution.typed)
        assert (found.status, found.score) == ("solved", 1), solution.title


@every_exercise
def test_a_wrong_answer_is_told_what_happened_and_apart_from_it_what_to_try(
    exercise: Exercise,
) -> None:
    said = [graded(exercise, wrong.typed).feedback for wrong in exercise.key().wrong]
    assert len({feedback.diagnosis for feedback in said}) == len(said)
    for feedback in said:
        assert feedback.advice is not None
        assert feedback.happened.sentence != feedback.advice.sentence


@every_exercise
def test_hints_ask(exercise: Exercise) -> None:
    assert all("?" in hint for hint in exercise.key().hints)


def test_no_hint_of_exercise_1_holds_a_number_of_its_answer() -> None:
    for hint in EXERCISE.key().hints:
        assert FRACTION.findall(hint) == []


@every_exercise
def test_the_statement_and_the_typing_do_not_contain_the_answer(exercise: Exercise) -> None:
    shown = f"{exercise.statement}\n{exercise.typing}"
    for solution in exercise.key().solutions:
        for typed in solution.typed.values():
            assert len(typed) < 4 or f" {typed} " not in f" {' '.join(shown.split())} "


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
    stored = [(s.typed["W"], s.typed["b"]) for s in EXERCISE.key().solutions]
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
    for solution, (_, _, h, carried) in zip(EXERCISE.key().solutions, ON_PAPER, strict=True):
        shown = " ".join(solution.reasoning.split())
        for name, cells in (("h", h), ("Wh", carried), ("z", "1 1/2 1/4")):
            assert f"{name} = ({', '.join(cells.split())})" in shown


def test_the_bank_is_data_beside_the_code() -> None:
    folder = ROOT / "exercises" / "bank"
    listed = {f"{exercise.id}.toml" for exercise in BANK} | {"manifest.toml"}
    assert {path.name for path in folder.iterdir()} == listed
