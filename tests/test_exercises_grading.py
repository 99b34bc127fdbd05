"""Grading exercise 1: any right answer passes, every wrong one is told what happened."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from itertools import permutations

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import exercises
from exercises import Grade
from handcalc import InputError, ToyModel
from handcalc.superposition.model.same_model import Sameness
from handcalc.views.notation import ASCII
from tests import exercises_by_hand as by_hand
from tests.exercises_by_hand import X

EXERCISE = exercises.load("perfect-reconstruction")
TRIANGLE = "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2"


def grade(W: object, b: object = None) -> Grade:
    return exercises.grade(EXERCISE, W=W, b=b)  # type: ignore[arg-type]  # some are wrong on purpose


def remarks(found: Grade) -> str:
    return "\n".join(ASCII.claim(remark) for remark in found.remarks)


# -- right answers ------------------------------------------------------------------------------

ROUTES = {
    "third through the bias": ("1 0; 0 1; 0 0", "0 0 1/4"),
    "second through the bias": ("1 0; 0 0; 0 1", "0 1/2 0"),
    "antipodal pair 2, 3": ("1 0; 0 1; 0 -1", "0 1/4 1/2"),
    "antipodal pair 1, 2": ("1 0; -1 0; 0 1", "1/2 1 0"),
    "overfit": ("0 0; 0 0; 0 0", "1 1/2 1/4"),
    "triangle": (TRIANGLE, "3/8 5/8 3/4"),
    "interfering": ("1 0; 0 1; 1/2 1/2", "-1/8 -1/8 -5/8"),
    "turned by 45 degrees": ("sqrt(2)/2 sqrt(2)/2; -sqrt(2)/2 sqrt(2)/2; 0 0", "0 0 1/4"),
    "reflected by surds": ("1/2 sqrt(3)/2; sqrt(3)/2 -1/2; 0 0", "0 0 0.25"),
    "one long arrow": ("sqrt(2) 0; 0 1; 0 0", "-1 0 1/4"),
    "decimals": ("1 0; 0 1; 0 0", "0 0 0.25"),
}


@pytest.mark.parametrize(("W", "b"), ROUTES.values(), ids=ROUTES)
def test_every_route_passes(W: str, b: str) -> None:
    found = grade(W, b)
    assert (found.status, found.score) == ("solved", 1)
    assert all(check.passed is True and check.witness is None for check in found.checks)
    assert found.feedback.advice is None
    assert found.error is None
    assert found.remarks


@pytest.mark.parametrize(("W", "b"), ROUTES.values(), ids=ROUTES)
def test_every_route_fails_when_one_bias_is_off_by_a_hair(W: str, b: str) -> None:
    model = grade(W, b).answer.model
    assert model is not None
    off = [*model.b[:2], model.b[2] + sympy.Rational(1, 10**12)]
    found = grade(model.W, off)
    assert (found.status, found.score) == ("partial", Fraction(2, 3))
    assert [check.passed for check in found.checks] == [True, True, False]


fractions = st.fractions(-3, 3, max_denominator=8)
matrices = st.lists(st.lists(fractions, min_size=2, max_size=2), min_size=3, max_size=3)
biases = st.lists(fractions, min_size=3, max_size=3)
# the rotations and reflections with rational entries: (p, q)/(p² + q²) from Pythagorean triples
turns = st.builds(
    lambda p, q, flip: (
        Fraction(p * p - q * q, p * p + q * q),
        Fraction(2 * p * q, p * p + q * q) * flip,
        flip,
    ),
    st.integers(1, 9),
    st.integers(-9, 9),
    st.sampled_from([1, -1]),
)


@given(matrices)
def test_every_W_has_a_bias_that_passes(W: list[list[Fraction]]) -> None:
    assert grade(W, by_hand.right_bias(W, X)).status == "solved"


@given(matrices, biases)
def test_the_score_is_that_of_plain_fractions(W: list[list[Fraction]], b: list[Fraction]) -> None:
    found = grade(W, b)
    share = by_hand.share_right(W, b, X)
    assert found.score == share
    assert found.status == ("solved" if share == 1 else "partial" if share else "wrong")
    output = by_hand.output(W, b, X)
    assert [check.passed for check in found.checks] == [
        o == x for o, x in zip(output, X, strict=True)
    ]


@given(matrices, turns)
def test_a_turned_or_reflected_copy_of_a_right_answer_is_right(
    W: list[list[Fraction]], turn: tuple[Fraction, Fraction, int]
) -> None:
    c, s, flip = turn
    turned = [[p * c - q * s * flip, p * s + q * c * flip] for p, q in W]
    assert by_hand.carried(turned, X) == by_hand.carried(W, X)
    assert grade(turned, by_hand.right_bias(W, X)).status == "solved"


@given(matrices, biases)
def test_every_answer_is_explained(W: list[list[Fraction]], b: list[Fraction]) -> None:
    found = grade(W, b)
    said = found.feedback
    assert ASCII.claim(said.happened)
    assert (said.advice is None) == (said.diagnosis is None) == (found.status == "solved")


def test_permuted_solutions_fail_where_they_are_not_right() -> None:
    """x has three different entries, so features cannot trade places for nothing."""
    for order in permutations(range(3)):
        W, b = ([ROWS[i] for i in order] for ROWS in ([[1, 0], [0, 1], [0, 0]], [0, 0, "1/4"]))
        assert (grade(W, b).status == "solved") == (order[2] == 2)


# -- remarks on right answers -------------------------------------------------------------------


def test_the_extreme_overfit_passes_and_is_remarked_on() -> None:
    said = remarks(grade(*ROUTES["overfit"]))
    assert "says (1, 1/2, 1/4) whatever the input is" in said
    assert "overfitting" in said
    assert "right for this one alone" in said


def test_the_bias_route_is_remarked_on() -> None:
    said = remarks(grade(*ROUTES["third through the bias"]))
    assert "The third feature through the bias”, route 1 of the solution, to the number." in said
    assert "Feature 3 has no arrow: its output comes from the bias alone, and is 1/4" in said
    assert "exactly where x3 = 1/4, whatever x1 and x2 are" in said
    assert "x = (1/2, 1/2, 1/4) comes back as it is" in said
    assert "x = (1, 1/2, 1/2) comes back as (1, 1/2, 1/4)" in said


def test_the_antipodal_route_is_remarked_on() -> None:
    said = remarks(grade(*ROUTES["antipodal pair 2, 3"]))
    assert "Features 2 and 3 are an antipodal pair" in said
    assert "b2 and b3 give back what each took from the other" in said
    assert "exactly where x2 = 1/2 and x3 = 1/4, whatever x1 is" in said


@pytest.mark.parametrize(
    ("W", "how"),
    [
        ("0 1; -1 0; 0 0", "rotated by 90"),
        (ROUTES["turned by 45 degrees"][0], "rotated by 45"),
        ("1 0; 0 -1; 0 0", "reflected"),
    ],
)
def test_the_textbook_answer_is_known_however_it_is_turned(W: str, how: str) -> None:
    first, *_ = remarks(grade(W, "0 0 1/4")).splitlines()
    assert first.startswith("This is “The third feature through the bias”, route 1 of the solution")
    assert how in first


def test_another_pair_is_not_called_the_textbook_answer() -> None:
    assert "of the solution" not in remarks(grade(*ROUTES["antipodal pair 1, 2"]))
    assert "Features 1 and 2 are an antipodal pair" in remarks(
        grade(*ROUTES["antipodal pair 1, 2"])
    )


def test_a_remark_that_cannot_be_worked_out_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: ToyModel, __: ToyModel) -> Sameness:
        raise InputError("too_complicated", "Too much.")

    monkeypatch.setattr("exercises.feedback.near_misses.same_model", refuse)
    found = grade(*ROUTES["third through the bias"])
    assert found.status == "solved"
    assert "of the solution" not in remarks(found)
    assert "exactly where x3 = 1/4" in remarks(found)


# -- wrong answers ------------------------------------------------------------------------------

WRONG = [
    ("0 0; 0 0; 0 0", None, "all-zero"),
    ("0 0; 0 0; 0 0", "1 1/2 0", "bias-alone"),
    ("0 0; 0 0; 0 0", "1/4 1/2 1", "bias-alone"),
    ("1 0; 0 1; 0 0", "0 -1/4 1/2", "swapped"),
    ("1 0; 0 1; 0 0", "1/4 0 0", "bias-misplaced"),
    ("1 0; 0 1; 0 -1", "0 1/2 1/4", "bias-misplaced"),
    ("1 0; 0 1; 0 0", "0 0 -1/4", "bias-sign"),
    ("1 0; 0 1; 0 -1", "0 -1/4 1/2", "bias-sign"),
    ("1 0; 0 1/2; 0 0", "0 0 1/4", "input-in-W"),
    ("1 0; 0 1/2; 1/4 0", None, "input-in-W"),
    ("1 0; 0 1; 0 -1", None, "antipodal-without-bias"),
    ("1 0; -1 0; 0 1", "0 0 0", "antipodal-without-bias"),
    ("1 0; 0 1; 0 1", None, "same-arrow"),
    ("1 0; 0 1; 0 0", None, "lost"),
    ("1 0; 0 0; 0 0", None, "lost"),
    ("1 0; 0 1; 0 0", "1 1/2 1/4", "bias-spoils"),
    ("2 0; 0 1; 0 0", "0 0 1/4", "length"),
    ("1 0; 0 1/3; 0 0", "0 0 1/4", "length"),
    (TRIANGLE, None, "clipped"),
    ("1 0; 0 1; 1/2 1/2", None, "interference"),
    ("1 0; 0 1; 0 -1", "0 1/2 1/2", "bias-off"),
    ("1 0; 0 1; 0 0", "0 0 1/2", "bias-off"),
]


@pytest.mark.parametrize(("W", "b", "diagnosis"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(W: str, b: str | None, diagnosis: str) -> None:
    found = grade(W, b)
    assert found.status in ("partial", "wrong")
    assert found.feedback.diagnosis == diagnosis
    assert found.work is not None


@pytest.mark.parametrize(("W", "b", "diagnosis"), WRONG)
def test_what_to_try_does_not_tell_the_number(W: str, b: str | None, diagnosis: str) -> None:
    advice = grade(W, b).feedback.advice
    assert advice is not None
    assert re.search(r"\d/\d", ASCII.claim(advice)) is None, diagnosis


def test_every_diagnosis_says_something_of_its_own() -> None:
    happened, tried = {}, {}
    for W, b, diagnosis in WRONG:
        said = grade(W, b).feedback
        assert said.advice is not None
        happened.setdefault(diagnosis, said.happened.sentence)
        tried.setdefault(diagnosis, said.advice.sentence)
    assert max(Counter(happened.values()).values()) == 1
    assert max(Counter(tried.values()).values()) == 1


SAID = [
    ("1 0; 0 1; 0 0", None, "Feature 3 is lost: what could b3 add?"),
    ("1 0; 0 0; 0 0", None, "Features 2 and 3 are lost: what could b2 and b3 add?"),
    ("1 0; 0 1; 0 -1", None, "b2 and b3 are still 0: what could they give back?"),
    ("1 0; 0 1; 0 -1", "0 1/2 1/2", "b2 is added last and touches no other output"),
    ("1 0; 0 1; 0 -1", "0 1/8 3/4", "b3 is added last and touches no other output"),
    ("1 0; 0 1; 0 0", "0 0 -1/4", "Which way must b3 push?"),
    ("1 0; 0 1; 0 0", "1 0 1/4", "What must b1 be if nothing is missing in feature 1?"),
    ("1 0; 0 1; 1/2 1/2", None, "b3 is still 0: could it take away what feature 1 adds?"),
    ("1 0; 0 1; 0 -1/3", "0 0 1/8", "b2 is still 0: could it give back what feature 3 takes?"),
]


@pytest.mark.parametrize(("W", "b", "advice"), SAID)
def test_what_to_try(W: str, b: str | None, advice: str) -> None:
    said = grade(W, b).feedback.advice
    assert said is not None
    assert advice in ASCII.claim(said)


HAPPENED = [
    ("1 0; 0 1; 0 -1", "0 1/2 1/2", "Feature 2 misses: z2 comes to 3/4", "too large by 1/4"),
    ("1 0; 0 1; 0 -1", "0 1/8 3/4", "Feature 3 misses most: z3 comes to 1/2", "too large by 1/4"),
    ("1 0; 0 1; 0 -1", "0 -2 1/2", "Feature 2 misses: z2 comes to -7/4", "too small by 9/4"),
    ("2 0; 0 1; 0 0", "0 0 1/4", "too long", "4 times as large"),
    ("1 0; 0 1/3; 0 0", "0 0 1/4", "too short", "1/9 times as large"),
    (TRIANGLE, None, "Feature 1 puts -1/2 on feature 2", "z2 is -1/8"),
    ("1 0; 0 1; 1/2 1/2", None, "Feature 1 puts 1/2 on feature 3", ""),
    ("1 0; 0 1/2; 0 0", "0 0 1/4", "Row 2 of W has length 1/2, the value of x2", "keeps only 1/8"),
]


@pytest.mark.parametrize(("W", "b", "first", "second"), HAPPENED)
def test_what_happened(W: str, b: str | None, first: str, second: str) -> None:
    said = ASCII.claim(grade(W, b).feedback.happened)
    assert first in said
    assert second in said


def test_each_output_says_by_how_much_it_misses() -> None:
    found = grade("1 0; 0 1; 0 -1", "0 1/2 1/2")
    assert [ASCII.claim(check.message) for check in found.checks] == [
        "Output 1 is 1, exactly x1.",
        "Output 2 is 3/4 but should be 1/2: too large by 1/4.",
        "Output 3 is 1/4, exactly x3.",
    ]
    witness = found.checks[1].witness
    assert witness is not None
    assert [str(value) for value in witness.difference] == ["0", "1/4", "0"]
    assert found.score == Fraction(2, 3)


def test_a_miss_by_a_surd_is_exact() -> None:
    found = grade("sqrt(2) 0; 0 1; 0 0", "sqrt(2) 0 1/4")
    message = ASCII.claim(found.checks[0].message)
    assert message == "Output 1 is 2 + sqrt(2) but should be 1: too large by 1 + sqrt(2)."
