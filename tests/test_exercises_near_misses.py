"""What is said of answers one step from a solution: it is true, and what is asked leads there."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy

import exercises
from exercises import Exercise, Grade
from exercises.checks import LossAtMost
from exercises.exercise import SealedValue
from exercises.feedback.near_misses import solutions
from exercises.feedback.slopes import HOW_FAR
from exercises.reporting.prose import said
from handcalc.numbers.exact import sign
from handcalc.superposition.loss.expected_loss import expected_loss
from handcalc.superposition.loss.gradient import loss_gradient
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.notation import ASCII

LOSSES = [each for each in exercises.load_all() if isinstance(each.key().check, LossAtMost)]
LONG_TRIANGLE = "0.88 0; -0.44 0.44*sqrt(3); -0.44 -0.44*sqrt(3)"
TRIANGLE, CROSS = "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2", "1 0; 0 1; 0 -1; -1 0"
ROUND = [f"cos({k}*pi/5) {{0}}*sin({k}*pi/5)" for k in (2, 4, 6, 8)]


def pentagon(length: str) -> str:
    return "; ".join([f"{length} 0", *(f"{length}*{row.format(length)}" for row in ROUND)])


def graded(which: int, W: str, b: str = "0") -> Grade:
    return exercises.grade(exercises.load(which), W, b)


def happened(found: Grade) -> str:
    return said(found.feedback.happened, ASCII)


def tried(found: Grade) -> str:
    assert found.feedback.advice is not None
    return said(found.feedback.advice, ASCII)


# -- a b that is off ------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", LOSSES, ids=lambda exercise: exercise.id)
@pytest.mark.parametrize("step", ["1/20", "-1/20", "1/5", "-1/5", "-1", "-3"])
def test_the_question_about_b_leads_towards_the_solution(exercise: Exercise, step: str) -> None:
    """Where output i is above 0 it is too low on average exactly if the loss falls as bᵢ rises."""
    assert isinstance(exercise.key().check, LossAtMost)
    for solution in solutions(exercise):
        off = sympy.Rational(step)
        model = ToyModel(solution.W, [b + off for b in solution.b], solution.activation)
        found = exercises.grade(exercise, model.W, model.b)
        if found.feedback.diagnosis != "bias-off":  # it passes, or is a listed wrong answer
            continue
        first = next(i for i in range(1, model.n + 1) if f"utput {i} is" in tried(found))
        slope = loss_gradient(
            model, exercise.key().check.distribution, exercise.key().check.importance
        )
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
    (15, "1 0; 0 1.003; 0 -1.003", "0 1/20 1/20", WHICH_WAY.format(2)),  # these lengths will do
    (16, LONG_TRIANGLE.replace("88", "87").replace("44", "435"), "0.2", WHICH_WAY.format(1)),
    (15, "1 0; 0 1.0058; 0 -1.0058", "0.001 0.0067 0.0067", WHICH_WAY.format(2)),  # the largest
    (14, TRIANGLE, "1/4", WHICH_WAY.format(1)),  # a bound for each feature
    (22, "1 0; 0 1; 0 -1; -1 0", "1/4", WHICH_WAY.format(1)),
    (11, CROSS, "0 0 -1/10 0", "Work x = (0, 0, 1, 0) through: what does b3 do to output 3?"),
    (11, CROSS, "0 0 1/10 0", "What does b3 change when nothing is on, and is that for"),
    (11, CROSS, "0 1/9 1/9 0", "What does each of them change when nothing is on, and is"),
    (11, CROSS, "-1 0 1/9 0", "What does b3 change when nothing is on, and is that for"),
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
    assert happened(graded(which, W, b)) == f"The arrows are right, but {named}"


@pytest.mark.parametrize("which", [14, 15, 16])
@pytest.mark.parametrize("size", ["1/10", "9/10", "11/10", "3"])
@pytest.mark.parametrize("step", ["-1/3", "-1/10", "0", "1/10", "1/3"])
def test_a_question_about_a_loss_never_leads_away(which: int, size: str, step: str) -> None:
    """Whoever does what the answer says loses less, and comes nearer to the solution."""
    exercise = exercises.load(which)
    assert isinstance(exercise.key().check, LossAtMost)
    solution, off = solutions(exercise)[0], sympy.Rational(step)
    W = [[sympy.Rational(size) * w for w in row] for row in solution.W]
    b = [each + off for each in solution.b]
    found = exercises.grade(exercise, W, b)
    if found.feedback.diagnosis not in ("bias-off", "lengths-off"):
        assert found.status == "solved"
        return
    asked, little = tried(found), sympy.Rational(1, 10**4)
    if asked == HOW_FAR:  # what is told then is tried in test_exercises_slopes
        return
    if "before it says anything" in asked:
        assert off < 0 if "must b" in asked else sympy.Rational(size) < 1
        return
    if "does the loss rise or fall" in asked:
        little *= 1 if sympy.Rational(size) < 1 else -1
        W = [[(1 + little) * w for w in row] for row in W]
    else:
        i = int(asked.split(" is ")[0].removeprefix("Where output ")) - 1
        b[i] -= little * sign(off)
    nearer = expected_loss(
        ToyModel(W, b), exercise.key().check.distribution, exercise.key().check.importance
    ).value
    assert found.loss is not None
    assert sign(found.loss.value - nearer) > 0


# -- features in another order --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "W", "named"),
    [
        (23, "1 0; 0 1; 0 -1; -1 0", "features 1 and 3 swapped"),  # or 2 and 4; one swap will do
        (22, "1 0; -1 0; 0 1; 0 -1", "features 2 and 3 swapped"),
        (5, "0 1; 1 0; 0 -1", "features 1 and 2 swapped"),
    ],
)
def test_no_more_features_are_named_than_must_move(which: int, W: str, named: str) -> None:
    exercise = exercises.load(which)
    unlisted = replace(exercise, key=SealedValue(replace(exercise.key(), wrong=())))
    found = exercises.grade(unlisted, W)
    assert happened(found) == f"This would be right with {named}."
    b = "" if which == 5 else " and entry i of b"
    assert tried(found).startswith(f"Row i of W{b} belong")


def test_a_fixed_row_stays_and_others_may_have_changed_places() -> None:
    found = graded(12, "0 1; 1/2 1/2; -1 0", "0 1/4 0")
    assert found.feedback.diagnosis == "swapped"
    assert "features 2 and 3 swapped" in happened(found)


# -- lengths that are off -------------------------------------------------------------------------

LONGER = "If every arrow gets a little longer, does the loss rise or fall?"
SHORT = "A feature meets its arrow twice, going to h and coming back: how much comes back?"
LENGTHS = [
    (
        15,
        "1 0; 0 0.9; 0 -0.9",
        "0",
        "The directions are right, but arrows 2 and 3 are too short.",
        "If arrows 2 and 3 get a little longer, does the loss rise or fall?",
    ),
    (
        14,
        "10 0; -5 5*sqrt(3); -5 -5*sqrt(3)",
        "0",
        "The directions are right, but every arrow is too long.",
        LONGER,
    ),
    (
        21,
        pentagon("1"),
        "-0.2",
        "The directions are right, but every arrow is too short.",
        LONGER,
    ),
    (
        21,
        pentagon("1"),
        "0.2",
        "loss falls with shorter arrows and with a bias a little below 1/5.",
        HOW_FAR,
    ),
    (
        15,
        "1 0; 0 0.9; 0 -0.9",
        "0 1/4 1/4",
        "The directions are right. From here the loss falls with b2 and b3 a little below 1/4.",
        HOW_FAR,
    ),
    (
        14,
        "1/10 0; -1/20 sqrt(3)/20; -1/20 -sqrt(3)/20",
        "-1/100",
        "The directions are right, but every arrow is too short.",
        "Output 1 is 0 for every input: how long must arrow 1 be before it says anything?",
    ),
    (
        15,
        "1 0; 0 1/2; 0 -3",
        "0",
        "The directions are right, but the lengths of arrows 2 and 3 are not.",
        "If arrow 3 gets a little longer, does the loss rise or fall?",
    ),
    (2, "2 0; 0 1; 0 0", "0", "right, but arrow 1 is too long, by a factor of 2.", SHORT),
    (2, "2 0; 0 2; 0 0", "0", "right, but every arrow is too long, by a factor of 2.", SHORT),
    (2, "2 0; 0 3; 0 0", "0", "right, but every arrow is too long.", SHORT),
    (2, "2 0; 0 1/2; 0 0", "0", "right, but the lengths of the arrows are not.", SHORT),
    (2, "2 0; 0 1; 0 0", "0 0 -1", "right, but arrow 1 is too long, by a factor of 2.", SHORT),
    (2, "2 0; 0 1; 0 0", "0 0 1", "arrow 1 is too long, by a factor of 2. b is not right", SHORT),
    (5, "5 0; 0 1/2; 0 -1/2", "7", "right, but the lengths of the arrows are not.", SHORT),
    (5, "3 4; -4/5 3/5; 4/5 -3/5", "0", "but arrow 1 is too long, by a factor of 5.", SHORT),
]


@pytest.mark.parametrize(("which", "W", "b", "what", "ask"), LENGTHS)
def test_right_directions_are_known_row_by_row(
    which: int, W: str, b: str, what: str, ask: str
) -> None:
    found = graded(which, W, b)
    assert found.feedback.diagnosis == "lengths-off"
    assert what in happened(found)
    assert tried(found) == ask
