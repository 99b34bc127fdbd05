"""What is said of wrong answers is true, fits what was typed, and asks in the right direction."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

import exercises
import exercises.reporting
from exercises import Exercise, Grade
from exercises.checks import Chosen
from exercises.course import load_variants
from exercises.exercise import ChoiceAnswer
from exercises.reporting.prose import counted, said
from handcalc.views.notation import ASCII

BANK = Path(__file__).resolve().parent.parent / "exercises" / "bank"
COURSE = exercises.load_all()
CHOICES = [exercise for exercise in COURSE if isinstance(exercise.answer, ChoiceAnswer)]


def graded(which: int, W: str, b: str = "0") -> Grade:
    return exercises.grade(exercises.load(which), W, b)


def answered(which: int, answer: str) -> Grade:
    return exercises.grade(exercises.load(which), answer=answer)


def happened(found: Grade) -> str:
    return said(found.feedback.happened, ASCII)


def tried(found: Grade) -> str:
    assert found.feedback.advice is not None
    return said(found.feedback.advice, ASCII)


# -- listed solutions that fail themselves --------------------------------------------------------

BROKEN = [
    ("beat-dropping", 'bound = "13/1344"', 'bound = "1/150"'),
    ("keep-two-drop-one", 'W = "1 0; 0 1; 0 0"', 'W = "1 0; 0 1; 1 0"'),
    ("keep-two-drop-one", 'W = "1 0; 0 1; 0 0"\nb = "0 0 0"', 'W = "1 0; 0 1; 0 0"\nb = "0 0 1"'),
    ("one-feature-at-a-time", 'activation = "relu"', 'activation = "linear"'),
    ("best-at-nine-tenths", 'best = "0.00331948399045256"', 'best = "0.0032"'),
    ("one-feature-at-a-time", "sparse = 1", "sparse = 2"),
]


@pytest.mark.parametrize(("slug", "given", "instead"), BROKEN)
def test_a_listed_solution_that_fails_is_wrong_and_nobody_is_compared_with_it(
    tmp_path: Path, slug: str, given: str, instead: str
) -> None:
    text = (BANK / f"{slug}.toml").read_text(encoding="utf-8")
    assert given in text
    (tmp_path / f"{slug}.toml").write_text(text.replace(given, instead, 1), encoding="utf-8")
    (tmp_path / "manifest.toml").write_text(f'exercises = ["{slug}"]\n', encoding="utf-8")
    exercise = exercises.load(1, tmp_path)
    grades = [
        exercises.grade(exercise, each.typed["W"], each.typed["b"])
        for each in exercise.key().solutions
    ]
    failing = [found for found in grades if found.status != "solved"]
    assert failing
    for found in failing:
        assert not re.match(r"The (arrows|directions) are|This would be right", happened(found))
        assert "?" in tried(found)


# -- arrows that are missing, and a b that plays no part -------------------------------------------


def test_a_zero_row_is_named_with_its_pair() -> None:
    messages = [said(each.message, ASCII) for each in graded(5, "1 0; 0 0; 0 0").checks]
    assert messages[:3] == [
        "Arrows 1 and 2 stand at no angle: row 2 of W is zero.",
        "Arrows 1 and 3 stand at no angle: row 3 of W is zero.",
        "Arrows 2 and 3 stand at no angle: rows 2 and 3 of W are zero.",
    ]


@pytest.mark.parametrize(
    ("W", "ask"),
    [
        ("1 0; 0 0; 0 0", "in which directions would the missing ones have to point?"),
        ("0 0; 0 1; 0 -1", "in which direction would the missing one have to point?"),
        ("1 0; 1 1; 0 -1", "which one would you turn, and how far?"),
    ],
)
def test_missing_arrows_are_asked_for(W: str, ask: str) -> None:
    assert tried(graded(5, W)) == f"Draw the arrows on paper: {ask}"


def test_a_b_that_is_not_looked_at_is_remarked_on() -> None:
    found = graded(5, "1 0; 0 1; 0 -1", "5 0 0")
    assert found.status == "solved"
    remarks = [said(remark, ASCII) for remark in found.remarks]
    assert remarks == ["Only the arrows were looked at: b = (5, 0, 0) had no part in it."]
    assert "with no bias, b = 0" in exercises.load(5).statement
    assert "without a bias z₁ = x₁" in " ".join(exercises.load(5).key().why.split())


# -- listed wrong answers -------------------------------------------------------------------------

TURNED = [
    ("1 0; 0 1; 1/2 -1/2", "0 0 1/4", "not-turned"),
    ("-1 0; 0 -1; -1/2 1/2", "0 0 1/4", "row"),
    ("1 0; 0 1; 1/2 -1/2", "0 0 0", "bias"),
    ("0 1; -1 0; 1/2 1/2", "0 0 0", "bias-forgotten"),
    ("0 1; 1 0; -1/2 1/2", "0 0 0", "bias-forgotten"),
    ("0 1; -1 0; -1/2 -1/2", "0 0 1/4", "angle"),
]


@pytest.mark.parametrize(("W", "b", "diagnosis"), TURNED)
def test_where_a_row_is_asked_for_listed_answers_stand_as_they_are(
    W: str, b: str, diagnosis: str
) -> None:
    assert graded(12, W, b).feedback.diagnosis == diagnosis


@pytest.mark.parametrize("exercise", CHOICES, ids=lambda exercise: exercise.id)
def test_every_wrong_claim_has_a_text_of_its_own_whatever_the_reason(exercise: Exercise) -> None:
    assert isinstance(exercise.answer, ChoiceAnswer)
    assert isinstance(exercise.key().check, Chosen)
    texts: dict[str, set[str]] = {}
    for claim in exercise.answer.letters:
        for reason in exercise.answer.numbers:
            found = exercises.grade(exercise, answer=f"{claim} {reason}")
            texts.setdefault(claim, set()).add(f"{happened(found)} {found.feedback.diagnosis}")
            if claim != exercise.key().check.claim:
                assert [each.passed for each in found.checks] == [False, None]
                assert (found.status, found.score) == ("wrong", 0)
                assert found.feedback.diagnosis != "wrong-claim"
    wrong = [texts[claim] for claim in texts if claim != exercise.key().check.claim]
    assert [len(each) for each in wrong] == [1] * len(wrong)
    assert len(set.union(*wrong)) == len(wrong)


def test_a_narrow_interval_anywhere_is_worth_nothing() -> None:
    found = answered(9, "1/100 1/50")
    assert (found.status, [each.passed for each in found.checks]) == ("wrong", [False, None])
    assert answered(9, "0 1").status == "partial"


# -- what to try where nobody listed the mistake --------------------------------------------------


@pytest.mark.parametrize(
    ("which", "answer", "ask"),
    [
        (8, "1/4 1/2", "a little below your lower end: does it belong to the interval as well?"),
        (8, "-1 1/2", "a little above your lower end: does it really belong to the interval?"),
        (8, "0 2/3", "a little below your upper end: does it really belong to the interval?"),
        (8, "0 1/3", "a little above your upper end: does it belong to the interval as well?"),
    ],
)
def test_the_end_that_is_off_is_asked_about(which: int, answer: str, ask: str) -> None:
    assert tried(answered(which, answer)) == f"Take a number {ask}"


@pytest.mark.parametrize(
    ("which", "answer", "tip"),
    [(19, "2/3 2/3 2/5", 0), (19, "1/2 2/3 3/5", 2), (3, "1 1 1", 0), (3, "0 0.7 0", 1)],
)
def test_a_tip_fits_the_first_number_that_is_wrong(which: int, answer: str, tip: int) -> None:
    exercise = exercises.load(which)
    advice = answered(which, answer).feedback.advice
    assert advice is not None
    assert advice.sentence == exercise.key().tips[tip]


@pytest.mark.parametrize(
    ("answer", "said"),
    [("1/3 0", "The lower end must come first."), ("1/4 1/4", "Both ends are the same number")],
)
def test_an_interval_goes_from_below(answer: str, said: str) -> None:
    found = answered(8, answer)
    assert found.feedback.diagnosis == "no-interval"
    assert said in happened(found)
    assert answered(19, "3 2 1").feedback.diagnosis != "no-interval"


def test_right_numbers_in_another_order_are_counted_by_their_places() -> None:
    found = answered(8, "1/2 0")
    assert counted(found) == ", none of 2 in place"
    assert happened(found) == "These are the right numbers, in another order."
    assert counted(answered(19, "1/2 2/5 2/3")) == ", 1 of 3 in place"
    assert counted(answered(19, "1/2 2/5 2/5")) == ", 2 of 3 right"


def test_the_crossing_lies_in_every_interval_that_holds_it() -> None:
    """S* = 0.4781623409285750039920…, which is above 0.478162340928575."""
    for found in (answered(17, "0.478162340928575 0.48"), answered(17, "0.47 0.478162340928576")):
        assert found.status == "solved"
    stored = answered(17, "0.478162340928575003992045031229 0.48")
    assert stored.status == "unreadable"
    assert stored.error is not None
    assert stored.error.code == "undecided"
    assert stored.feedback.advice is None
    shown = StringIO()
    Console(file=shown, width=80).print(exercises.reporting.grade_text(stored, ASCII))
    for text in (shown.getvalue(), stored._repr_markdown_()):
        assert "Exercise 17: the answer cannot be decided" in text
        assert "could not be read" not in text
        assert "How to" not in text


def test_the_first_exercise_asks_and_does_not_tell_where_to_look() -> None:
    for exercise in load_variants(1):
        sentences = " ".join(exercise.key().hints[1].split()).split(". ")
        assert sentences[-1].endswith("?")
        assert "has not been used" not in exercise.key().hints[1]


@pytest.mark.parametrize(
    ("answer", "diagnosis", "told"),
    [
        ("0.09 0.24 0.67", "base-e", "This is softmax with base e"),
        ("0.0900 0.2447 0.6652", "base-e", "This is softmax with base e"),
        ("1/3 1/3 1/3", "uniform", "Equal shares come out"),
        ("1/3 1/3 0.67", "too-large", "None of the numbers is right yet."),
    ],
)
def test_shares_with_another_base_are_known_however_short(
    answer: str, diagnosis: str, told: str
) -> None:
    """What a decimal is taken as is said only where something follows from it."""
    found = exercises.grade("softmax-base-two", answer=answer)
    assert found.feedback.diagnosis == diagnosis
    assert happened(found).startswith(told)


@pytest.mark.parametrize(
    ("W_OV", "ask"),
    [("1 2; 2 1", "qr is not"), ("3 4; -1 -1", "a tie is not enough"), ("2 1; 0 -1", "trace")],
)
def test_what_to_try_fits_what_fails_of_a_copying_score(W_OV: str, ask: str) -> None:
    found = exercises.grade("copying-score-without-copying", answer=W_OV)
    assert ask in tried(found)


@pytest.mark.parametrize("answer", ["0.36 0.55 0.09", "0.36363636 6/11 1/11"])
def test_a_rounded_number_is_named_as_it_was_typed(answer: str) -> None:
    found = exercises.grade("softmax-of-logs", answer=answer)
    assert happened(found) == f"{answer.split(maxsplit=1)[0]} is near, but not exactly it."
