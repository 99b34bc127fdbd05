"""Checks: what passes, what fails, and what is said of it; each decided again by other means."""

from __future__ import annotations

import numpy as np
import pytest

import exercises
from exercises.answers import Choice
from exercises.checking import Decision, decide, undecided
from exercises.checks import Check, LossAtMost, check_of
from exercises.exercise import AnswerKind, ChoiceAnswer, ModelAnswer, NumberAnswer, VectorAnswer
from exercises.exercise import IntervalAnswer as Interval
from exercises.reporting.prose import said as said_in
from exercises.tables import FileTable
from handcalc import ToyModel
from handcalc.errors import AuthorError, InputError
from handcalc.parsing import parse_vector
from handcalc.superposition.numeric import expected_losses
from handcalc.views.notation import ASCII

THREE = ModelAnswer(3, 2, "relu")
ORTHOGONAL, ANTIPODAL = "1 0; 0 1; 0 0", "1 0; 0 1; 0 -1"
TRIANGLE = "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2"


def check(kind: str, answer: AnswerKind = THREE, **keys: object) -> Check:
    return check_of(FileTable("one.toml", {"kind": kind, **keys}, "check"), answer)


def decided(asked: Check, W: str, b: str = "0") -> Decision:
    return decide(asked, ToyModel(W, b))


def passed(found: Decision) -> list[bool | None]:
    return [outcome.passed for outcome in found.outcomes]


def happened(found: Decision) -> str:
    return said_in(found.feedback.happened, ASCII)


def messages(found: Decision) -> list[str]:
    return [said_in(outcome.message, ASCII) for outcome in found.outcomes]


# -- losses ---------------------------------------------------------------------------------------


def loss(bound: str = "1/300", **keys: object) -> LossAtMost:
    found = check("loss-at-most", bound=bound, sparsity="9/10", **keys)
    assert isinstance(found, LossAtMost)
    return found


def test_a_loss_of_exactly_the_bound_is_low_enough() -> None:
    assert passed(decided(loss("1/300"), ANTIPODAL)) == [True]
    assert passed(decided(loss(f"1/300 - 1/{10**30}"), ANTIPODAL)) == [False]


def test_a_loss_is_within_a_factor_of_the_best() -> None:
    def within(factor: str) -> Decision:
        asked = check("loss-at-most", factor=factor, best="1/400", sparsity="9/10")
        return decided(asked, ANTIPODAL)

    assert passed(within("4/3")) == [True]
    assert "1/300, about 0.00333333, which is low enough: 33 per cent above" in happened(
        within("4/3")
    )
    assert passed(within("13/10")) == [False]
    assert (
        "33 per cent above the best known; at most 0.00325 is asked for."
        in messages(within("13/10"))[0]
    )


@pytest.mark.parametrize(
    ("best", "said"),
    [
        ("1/300", "the best known"),
        ("1/301", "0.33 per cent above the best known"),
        ("100/30001", "less than 0.01 per cent above the best known"),
        ("1/299", "below the best that was known"),
        ("1/900", "3 times the best known"),
    ],
)
def test_how_far_above_the_best(best: str, said: str) -> None:
    asked = check("loss-at-most", factor="10", best=best, sparsity="9/10")
    assert happened(decided(asked, ANTIPODAL)).endswith(f"low enough: {said}.")


LOSING = [
    (ORTHOGONAL, "0", "dropped", "Feature 3 costs most, about 0.0333333. It has no arrow"),
    ("0 0; 0 0; 0 0", "0", "dropped", "All features cost the same, about 0.0333333 each. Look at"),
    ("1 0; 0 1; 0 1", "0", "loses-to-another", "Features 2 and 3 cost most, about 0.0333333 each"),
    ("1 0; 0 1; 0 1", "0", "loses-to-another", "Look at feature 2. Much of that comes from feat"),
    ("1 0; 0 2; 0 0.1", "0", "loses-itself", "Feature 2 costs most"),
    (
        "1 0; 0 2; 0 0.1",
        "0",
        "loses-itself",
        "It loses most of that by itself, even with every oth",
    ),
    (
        ANTIPODAL,
        "1",
        "loses-itself",
        "It loses all of that by itself, even with every other feature off",
    ),
]


@pytest.mark.parametrize(("W", "b", "diagnosis", "said"), LOSING)
def test_which_feature_costs_most_and_through_what(
    W: str, b: str, diagnosis: str, said: str
) -> None:
    found = decided(loss(), W, b)
    assert found.feedback.diagnosis == diagnosis
    assert said in happened(found)
    assert found.feedback.advice is not None
    assert "?" in found.feedback.advice.sentence
    assert found.loss is not None


def test_a_feature_that_many_disturb() -> None:
    five = ModelAnswer(5, 1, "relu")
    asked = check("loss-at-most", five, bound="0", sparsity="0", importance="1 0 0 0 0")
    found = decided(asked, "1; -1/4; -1/4; -1/4; -1/4")
    assert found.feedback.diagnosis == "loses-to-several"


def test_a_long_number_is_told_by_its_first_digits() -> None:
    said = messages(decided(loss(), "1 0; 0 1.0058; 0 -1.0058", "0 0.00125 0.00125"))[0]
    assert said.startswith("The expected loss is about 0.00331948; at most 1/300, about")


def test_the_twin_in_floats_finds_the_same_losses_for_the_whole_course() -> None:
    checked = 0
    for exercise in exercises.load_all():
        if not isinstance(exercise.key().check, LossAtMost):
            continue
        for typed in [s.typed for s in exercise.key().solutions] + [
            w.typed for w in exercise.key().wrong
        ]:
            found = exercises.grade(exercise, typed["W"], typed["b"])
            model = found.answer.model
            assert model is not None
            assert found.loss is not None
            W = np.asarray([[[float(cell) for cell in row] for row in model.W]])
            b = np.asarray([[float(value) for value in model.b]])
            importance = [float(value) for value in exercise.key().check.importance]
            twin = expected_losses(W, b, exercise.key().check.distribution, importance=importance)
            assert abs(float(twin[0]) - float(found.loss.value)) < 1e-13
            each = exercise.key().check.each
            most = float(max(found.loss.per_feature)) if each else float(twin[0])
            assert (most <= float(exercise.key().check.bound) + 1e-15) == (found.score == 1)
            checked += 1
    assert checked >= 20


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"bound": "1", "factor": "2", "sparsity": "0"}, "check.factor"),
        ({"bound": "1", "sparsity": "0", "sets": ["1 2"]}, "check.sets"),
        ({"bound": "1", "distribution": "one-active", "sparsity": "0"}, "check.sparsity"),
        ({"factor": "2", "sparsity": "0"}, "check.bound"),
        ({"factor": "2", "best": "1", "each": True, "sparsity": "0"}, "check.bound"),
        ({"bound": "1"}, "check.sparsity"),
        ({"bound": "1", "sparsity": "2"}, "check.sparsity"),
    ],
)
def test_keys_of_a_loss_that_do_not_go_together(keys: dict[str, object], key: str) -> None:
    with pytest.raises(AuthorError, match=r"one\.toml") as caught:
        check("loss-at-most", **keys)
    assert caught.value.key == key


# -- geometry -------------------------------------------------------------------------------------

SHAPE = check(
    "geometry",
    angles=[{"features": [1, 2], "cosine": "0"}, {"features": [2, 3], "cosine": "-1"}],
    lengths=[{"feature": 2, "length": "1"}, {"feature": 3, "length": "1"}],
)


@pytest.mark.parametrize(
    ("W", "holds", "diagnosis", "said"),
    [
        (ANTIPODAL, [True] * 4, None, "Every angle and every length is as asked."),
        ("5 0; 0 1; 0 -1", [True] * 4, None, "Every angle"),
        (
            TRIANGLE,
            [False, False, True, True],
            "angle",
            "between arrows 1 and 2 is not right: 120 degrees.",
        ),
        ("1 0; 0 2; 0 -2", [True, True, False, False], "length", "Arrow 2 is too long."),
        (
            "1 0; 0 sqrt(2)/2; 0 -sqrt(2)/2",
            [True, True, False, False],
            "length",
            "Arrow 2 is too short.",
        ),
        ("1 0; 0 1; 0 -3", [True, True, True, False], "length", "Arrow 3 is too long."),
        (
            ORTHOGONAL,
            [True, False, True, False],
            "angle",
            "Where row 3 of W is zero, there is no arrow",
        ),
        (
            "1 1/7; 0 1; 0 -1",
            [False, True, True, True],
            "angle",
            "with cosine sqrt(2)/10, about 81",
        ),
    ],
)
def test_angles_and_lengths(W: str, holds: list[bool], diagnosis: str | None, said: str) -> None:
    found = decided(SHAPE, W)
    assert passed(found) == holds
    assert found.feedback.diagnosis == diagnosis
    assert said in happened(found)


@pytest.mark.parametrize("degrees", [0, 30, 45, 60, 72, 90, 108, 120, 135, 150, 180])
def test_angles_are_told_in_degrees(degrees: int) -> None:
    cosine, sine = f"cos({degrees}*pi/180)", f"sin({degrees}*pi/180)"
    asked = check("geometry", angles=[{"features": [1, 2], "cosine": cosine}])
    found = decided(asked, f"2 0; {cosine} {sine}; 0 0")
    assert messages(found) == [f"Arrows 1 and 2 stand at {degrees} degrees, as asked."]


def test_an_angle_that_is_off_by_a_hair_is_off() -> None:
    found = decided(SHAPE, f"1 1/{10**15}; 0 1; 0 -1")
    assert passed(found) == [False, True, True, True]


# -- the same model -------------------------------------------------------------------------------

GIVEN = check(
    "same-model",
    W="1 0; 0 1; 1/2 -1/2",
    b="0 0 1/4",
    rows=[{"feature": 1, "row": "0 1"}],
)


@pytest.mark.parametrize(
    ("W", "b", "holds", "diagnosis", "said"),
    [
        ("0 1; -1 0; 1/2 1/2", "0 0 1/4", [True, True], None, "rotated by 90 degrees"),
        ("0 1; 1 0; -1/2 1/2", "0 0 1/4", [True, True], None, "reflected in the line at 45"),
        ("1 0; 0 1; 1/2 -1/2", "0 0 1/4", [True, False], "row", "Row 1 is (1, 0), but (0, 1) is"),
        ("0 1; -2 0; 1/2 1/2", "0 0 1/4", [False, True], "length", "Arrow 2 is 2 long, but was 1"),
        ("0 1; 0 1; 1/2 1/2", "0 0 1/4", [False, True], "angle", "row 1 times row 2 is 1, but w"),
        ("0 1; -1 0; 1/2 1/2", "0 0 1/5", [False, True], "bias", "b3 is 1/5, but was 1/4 before."),
        ("1 0; 0 1; -1/2 1/2", "0 0 1/4", [False, False], "swapped", "features 1 and 2 swapped"),
        ("0 1; 1 0; 1/2 -1/2", "0 0 1/4", [False, True], "angle", "row 1 times row 3 is -1/2, but"),
        ("0 1; -1 0; -1/2 -1/2", "0 0 1/4", [False, True], "angle", "row 1 times row 3 is -1/2"),
    ],
)
def test_the_same_model(
    W: str, b: str, holds: list[bool], diagnosis: str | None, said: str
) -> None:
    found = decided(GIVEN, W, b)
    assert passed(found) == holds
    assert found.feedback.diagnosis == diagnosis
    assert said in happened(found)


# -- numbers --------------------------------------------------------------------------------------

NUMBERS = [
    (NumberAnswer("b"), "1/2", "1/2", None, "That is it, exactly."),
    (NumberAnswer("b"), "1/2", "1/2+1e-40", "rounded", "is near, but not exactly it."),
    (NumberAnswer("b"), "sqrt(2)", "2/sqrt(2)", None, "That is it, exactly."),
    (NumberAnswer("b"), "1/3", "1/4", "too-small", "1/4 is too small, and none"),
    (NumberAnswer("b"), "1/3", "0.333", "rounded", "333/1000 is near, but not exactly it."),
    (NumberAnswer("b"), "1/3", "3/10", "too-small", "3/10 is too small, and none"),
    (NumberAnswer("b"), "1/3", "334/1001", "too-large", "334/1001 is too large, and none"),
    (NumberAnswer("b"), "100", "99", "too-small", "99 is too small, and none"),
    (NumberAnswer("b"), "1/3", "-1/3", "wrong-sign", "The sign is not right."),
    (VectorAnswer("x", 3), "1 0 1/2", "1 0 1/2", None, "All of them are right, exactly."),
    (VectorAnswer("x", 3), "1 0 1/2", "1/2 0 1", "swapped", "right numbers, in another order."),
    (VectorAnswer("x", 3), "1 0 1/2", "1 0 -1/2", "wrong-sign", "the sign is not."),
    (
        VectorAnswer("x", 3),
        "1 0 1/2",
        "1 1/3 0",
        "too-large",
        "Number 1 is right, but the others are not.",
    ),
    (Interval("S"), "0 1/2", "1/2 0", "swapped", "in another order."),
]


@pytest.mark.parametrize(("asked", "right", "given_", "diagnosis", "said"), NUMBERS)
def test_numbers(
    asked: AnswerKind, right: str, given_: str, diagnosis: str | None, said: str
) -> None:
    found = decide(check("equals", asked, value=right), parse_vector(given_))
    assert (found.score == 1) == (diagnosis is None)
    assert found.feedback.diagnosis == diagnosis
    assert said in happened(found)


def test_each_number_is_told_apart() -> None:
    asked = check("equals", VectorAnswer("x", 3), value="1 0 1/2")
    found = decide(asked, parse_vector("1 1 1/2"))
    assert passed(found) == [True, False, True]
    said = ["Number 1 is 1.", "Number 2, 1, is too large.", "Number 3 is 1/2."]
    assert messages(found) == said
    single = decide(check("equals", NumberAnswer("b"), value="1/2"), parse_vector("1/3"))
    assert messages(single) == ["1/3 is too small."]


ROOT = "(23 - 2*sqrt(103))/13"  # 0.20786…
BRACKETS = [
    ("1/5 21/100", [True, True], None, "lies in your interval"),
    ("1/5 11/50", [True, True], None, "lies in your interval"),
    ("1/5 1/4", [True, False], "too-wide", "is too wide: 1/20 instead of 1/50."),
    ("1/4 13/50", [False, None], "beside", "lies below your interval"),
    ("1/10 11/100", [False, None], "beside", "lies above your interval"),
    ("1/4 1/5", [False, None], "no-interval", "The lower end must come first."),
    ("1/5 1/5", [False, None], "no-interval", "Both ends are the same number"),
    (f"{ROOT} 0.22".replace(" - ", "-"), [False, None], "on-the-edge", "is an end of your interv"),
    (f"0.2 {ROOT}".replace(" - ", "-"), [False, None], "on-the-edge", "is an end of your interval"),
]


@pytest.mark.parametrize(("given_", "holds", "diagnosis", "said"), BRACKETS)
def test_brackets(given_: str, holds: list[bool | None], diagnosis: str | None, said: str) -> None:
    asked = check("brackets", Interval("S"), value=ROOT, width="1/50")
    found = decide(asked, parse_vector(given_))
    assert passed(found) == holds
    assert found.feedback.diagnosis == diagnosis
    assert said in happened(found)


ROUNDED = "0.478162340928575003992045031229"


@pytest.mark.parametrize("given_", [f"{ROUNDED} 0.48", f"0.47 {ROUNDED}", f"{ROUNDED}-1e-30 0.48"])
def test_of_a_rounded_number_no_end_is_said_to_be_it(given_: str) -> None:
    asked = check("brackets", Interval("S"), value=ROUNDED, width="1/50")
    with pytest.raises(InputError, match="agrees with all 30 decimal places that are known"):
        decide(asked, parse_vector(given_))


def test_next_to_a_rounded_number_there_is_a_verdict() -> None:
    asked = check("brackets", Interval("S"), value=ROUNDED, width="1/50")
    assert passed(decide(asked, parse_vector(f"{ROUNDED}-1e-29 0.48"))) == [True, True]
    assert passed(decide(asked, parse_vector(f"{ROUNDED}+1e-29 0.48"))) == [False, None]
    short = check("brackets", Interval("S"), value="0.25", width="1/50")
    assert decide(short, parse_vector("1/4 0.26")).feedback.diagnosis == "on-the-edge"


# -- choices --------------------------------------------------------------------------------------

CLAIMS = ChoiceAnswer(("One.", "Two.", "Three."), ("Why.", "How."))


@pytest.mark.parametrize(
    ("choice", "holds", "diagnosis"),
    [
        (Choice("b", "2"), [True, True], None),
        (Choice("b", "1"), [True, False], "wrong-reason"),
        (Choice("a", "2"), [False, None], "wrong-claim"),
        (Choice("c", "1"), [False, None], "wrong-claim"),
    ],
)
def test_claims_and_reasons(
    choice: Choice, holds: list[bool | None], diagnosis: str | None
) -> None:
    found = decide(check("chosen", CLAIMS, claim="b", reason="2"), choice)
    assert passed(found) == holds
    assert found.feedback.diagnosis == diagnosis


def test_a_claim_without_reasons() -> None:
    asked = check("chosen", ChoiceAnswer(("One.", "Two.")), claim="b")
    assert passed(decide(asked, Choice("b"))) == [True]
    assert passed(decide(asked, Choice("a"))) == [False]
    assert happened(decide(asked, Choice("b"))) == "The claim is right."


# -- one input ------------------------------------------------------------------------------------


def test_an_unread_answer_has_outcomes_that_are_open() -> None:
    outputs = undecided(check("reconstructs-input", x="1 1/2 1/4"))
    assert [outcome.id for outcome in outputs] == ["output-1", "output-2", "output-3"]
    (answer,) = undecided(loss())
    assert (answer.passed, answer.message.sentence) == (None, "The answer was not checked.")
