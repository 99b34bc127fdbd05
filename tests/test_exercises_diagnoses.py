"""What is said of wrong answers is true, fits what was typed, and asks in the right direction."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sympy

import exercises
from exercises import Exercise, Grade
from exercises.answer_kinds import ChoiceAnswer
from exercises.check_kinds import Chosen, LossAtMost
from exercises.loading import load_variants
from exercises.near_misses import solutions
from exercises.reporting.prose import counted, said
from handcalc.number import sign
from handcalc.superposition.gradient import loss_gradient
from handcalc.superposition.toy_model import ToyModel
from handcalc.views.plain import ASCII

BANK = Path(__file__).resolve().parent.parent / "exercises" / "bank"
COURSE = exercises.load_all()
LOSSES = [exercise for exercise in COURSE if isinstance(exercise.check, LossAtMost)]
CHOICES = [exercise for exercise in COURSE if isinstance(exercise.answer, ChoiceAnswer)]
LONG_TRIANGLE = "0.88 0; -0.44 0.44*sqrt(3); -0.44 -0.44*sqrt(3)"
ROUND = [f"cos({k}*pi/5) {{0}}*sin({k}*pi/5)" for k in (2, 4, 6, 8)]


def pentagon(length: str) -> str:
    return "; ".join([f"{length} 0", *(f"{length}*{row.format(length)}" for row in ROUND)])


def graded(which: int | Exercise, W: str, b: str = "0") -> Grade:
    return exercises.grade(exercises.load(which) if isinstance(which, int) else which, W, b)


def answered(which: int, answer: str) -> Grade:
    return exercises.grade(exercises.load(which), answer=answer)


def happened(found: Grade) -> str:
    return said(found.feedback.happened, ASCII)


def tried(found: Grade) -> str:
    assert found.feedback.advice is not None
    return said(found.feedback.advice, ASCII)


# -- listed solutions that fail themselves --------------------------------------------------------

BROKEN = [
    ("beat-dropping", 'bound = "13/384"', 'bound = "1/100"'),
    ("keep-two-drop-one", 'W = "1 0; 0 1; 0 0"', 'W = "1 0; 0 1; 1 0"'),
    ("keep-two-drop-one", 'W = "1 0; 0 1; 0 -1"\nb = "0 0 0"', 'W = "1 0; 0 1; 0 -1"\nb = "0 0 1"'),
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
        exercises.grade(exercise, each.typed["W"], each.typed["b"]) for each in exercise.solutions
    ]
    failing = [found for found in grades if found.status != "solved"]
    assert failing
    for found in failing:
        assert not re.match(r"The (arrows|directions) are|This would be right", happened(found))
        assert "?" in tried(found)


# -- a b that is off ------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", LOSSES, ids=lambda exercise: exercise.id)
@pytest.mark.parametrize("step", ["1/20", "-1/20", "1/5", "-1/5", "-1", "-3"])
def test_the_question_about_b_leads_towards_the_solution(exercise: Exercise, step: str) -> None:
    """Where output i is above 0 it is too low on average exactly if the loss falls as bᵢ rises."""
    assert isinstance(exercise.check, LossAtMost)
    for solution in solutions(exercise):
        off = sympy.Rational(step)
        model = ToyModel(solution.W, [b + off for b in solution.b], solution.activation)
        found = exercises.grade(exercise, model.W, model.b)
        if found.feedback.diagnosis != "bias-off":  # it passes, or is a listed wrong answer
            continue
        first = next(i for i in range(1, model.n + 1) if f"utput {i} is" in tried(found))
        slope = loss_gradient(model, exercise.check.distribution, exercise.check.importance)
        if "for every input" in tried(found):
            assert off < 0
            assert slope.b[first - 1].left == 0
        else:
            assert sign(slope.b[first - 1].right) == sign(off)


WHICH_WAY = "is it too low on average, or too high? Which way must b{0} move, then?"
BIASES = [
    (16, LONG_TRIANGLE, "0.2", f"Where output 1 is above 0, {WHICH_WAY.format(1)}"),
    (16, LONG_TRIANGLE, "0", f"Where output 1 is above 0, {WHICH_WAY.format(1)}"),
    (16, LONG_TRIANGLE, "-2", "Output 1 is 0 for every input: which way must b1 move before it"),
    (18, "1 0; 0 1; 0 0", "0 0 0.2", f"Where output 3 is above 0, {WHICH_WAY.format(3)}"),
    (18, "1 0; 0 1; 0 0", "0 0 -1/5", "Output 3 is 0 for every input: which way must b3 move"),
    (21, pentagon("1.1"), "0", WHICH_WAY.format(1)),
    (23, "1 0; -1 0; 0 1; 0 -1", "-1/8", WHICH_WAY.format(1)),
    (11, "1 0; 0 1; 0 -1", "0 0 -1/10", "Work x = (0, 0, 1) through: what does b3 do to output 3?"),
    (11, "1 0; 0 1; 0 -1", "0 0 1/10", "What does b3 change when nothing is on, and is that for"),
    (11, "1 0; 0 1; 0 -1", "0 1/9 1/9", "What does each of them change when nothing is on, and is"),
    (11, "1 0; 0 1; 0 -1", "-1 0 1/9", "What does b3 change when nothing is on, and is that for"),
]


@pytest.mark.parametrize(("which", "W", "b", "ask"), BIASES)
def test_what_is_asked_of_a_bias(which: int, W: str, b: str, ask: str) -> None:
    found = graded(which, W, b)
    assert found.feedback.diagnosis == "bias-off"
    assert ask in tried(found)


@pytest.mark.parametrize(
    ("which", "W", "b", "named"),
    [
        (2, "1 0; 0 1; 0 0", "0 1/4 -1", "b2 is not."),  # ReLU makes -1 into 0, which is right
        (2, "1 0; 0 1; 0 0", "0 1/4 1/4", "b2 and b3 are not."),
        (16, LONG_TRIANGLE, "0.3225 0.3225 0", "b3 is not."),  # the others are better than listed
        (16, LONG_TRIANGLE, "0.355", "b1, b2 and b3 together are not."),  # one of them would do
    ],
)
def test_only_biases_that_are_off_are_named(which: int, W: str, b: str, named: str) -> None:
    assert happened(graded(which, W, b)) == f"The arrows are right, and {named}"


# -- lengths that are off -------------------------------------------------------------------------

LONGER = "If every arrow gets a little longer, does the loss rise or fall?"
SHORT = "A feature meets its arrow twice, going to h and coming back: how much comes back?"
LENGTHS = [
    (
        15,
        "1 0; 0 0.9; 0 -0.9",
        "0",
        "The directions are right, and arrows 2 and 3 are too short.",
        "If arrows 2 and 3 get a little longer, does the loss rise or fall?",
    ),
    (
        14,
        "10 0; 0 10; 0 -10",
        "0",
        "The directions are right, and every arrow is too long.",
        LONGER,
    ),
    (
        21,
        pentagon("1"),
        "-0.2",
        "The directions are right, and every arrow is too short.",
        LONGER,
    ),
    (
        21,
        pentagon("1"),
        "0.2",
        "The directions are right; the lengths are not, or b is not.",
        f"{LONGER} And does it rise or fall if b gets a little larger?",
    ),
    (2, "2 0; 0 1; 0 0", "0", "right, and arrow 1 is too long, by a factor of 2.", SHORT),
    (2, "2 0; 0 2; 0 -2", "0", "right, and arrows 1 and 2 are too long, by a factor of 2.", SHORT),
    (2, "2 0; 0 3; 0 0", "0", "right, and every arrow is too long.", SHORT),
    (2, "2 0; 0 1/2; 0 0", "0", "right, and the lengths of the arrows are not.", SHORT),
    (2, "2 0; 0 1; 0 0", "0 0 -1", "right, and arrow 1 is too long, by a factor of 2.", SHORT),
    (2, "2 0; 0 1; 0 0", "0 0 1", "arrow 1 is too long, by a factor of 2. b is not right", SHORT),
    (5, "5 0; 0 1/2; 0 -1/2", "7", "right, and the lengths of the arrows are not.", SHORT),
    (5, "3 4; -4/5 3/5; 4/5 -3/5", "0", "and arrow 1 is too long, by a factor of 5.", SHORT),
]


@pytest.mark.parametrize(("which", "W", "b", "what", "ask"), LENGTHS)
def test_right_directions_are_known_row_by_row(
    which: int, W: str, b: str, what: str, ask: str
) -> None:
    found = graded(which, W, b)
    assert found.feedback.diagnosis == "lengths-off"
    assert what in happened(found)
    assert tried(found) == ask


def test_a_zero_row_is_named_with_its_pair() -> None:
    messages = [said(each.message, ASCII) for each in graded(5, "1 0; 0 0; 0 0").checks]
    assert messages[:3] == [
        "Arrows 1 and 2 stand at no angle: row 2 of W is zero.",
        "Arrows 1 and 3 stand at no angle: row 3 of W is zero.",
        "Arrows 2 and 3 stand at no angle: rows 2 and 3 of W are zero.",
    ]


def test_a_b_that_is_not_looked_at_is_remarked_on() -> None:
    found = graded(5, "1 0; 0 1; 0 -1", "5 0 0")
    assert found.status == "solved"
    remarks = [said(remark, ASCII) for remark in found.remarks]
    assert remarks == ["Only the arrows were looked at: b = (5, 0, 0) had no part in it."]
    assert "with no bias, b = 0" in exercises.load(5).statement
    assert "without a bias z₁ = x₁" in " ".join(exercises.load(5).why.split())


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
    assert isinstance(exercise.check, Chosen)
    texts: dict[str, set[str]] = {}
    for claim in exercise.answer.letters:
        for reason in exercise.answer.numbers:
            found = exercises.grade(exercise, answer=f"{claim} {reason}")
            texts.setdefault(claim, set()).add(f"{happened(found)} {found.feedback.diagnosis}")
            if claim != exercise.check.claim:
                assert [each.passed for each in found.checks] == [False, None]
                assert (found.status, found.score) == ("wrong", 0)
                assert found.feedback.diagnosis != "wrong-claim"
    wrong = [texts[claim] for claim in texts if claim != exercise.check.claim]
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
    ("which", "answer", "hint"),
    [(19, "2/3 2/3 2/5", 0), (19, "1/2 2/3 3/5", 1), (3, "1 1 1", 0), (3, "0 0.7 0", 1)],
)
def test_a_hint_fits_the_first_number_that_is_wrong(which: int, answer: str, hint: int) -> None:
    exercise = exercises.load(which)
    advice = answered(which, answer).feedback.advice
    assert advice is not None
    assert advice.sentence == exercise.hints[hint]


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


def test_the_first_exercise_asks_and_does_not_tell_where_to_look() -> None:
    for exercise in load_variants(1):
        sentences = " ".join(exercise.hints[1].split()).split(". ")
        assert sentences[-1].endswith("?")
        assert "has not been used" not in exercise.hints[1]
