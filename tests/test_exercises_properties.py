"""What holds for every exercise: turned and reordered answers are right, and no answer raises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from itertools import permutations

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import exercises
from exercises import Exercise, Grade
from exercises.checks import ReconstructsInput, SameModel
from exercises.exercise import ModelAnswer, PerFeature
from exercises.feedback.near_misses import solutions
from exercises.feedback.symmetries import orders, turned_copies
from handcalc import ToyModel, same_model, strategies
from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix
from handcalc.numbers.exact import join_text
from handcalc.superposition.model.same_model import permuted
from handcalc.views.notation import UNICODE

COURSE = exercises.load_all()
MODELS = [exercise for exercise in COURSE if isinstance(exercise.answer, ModelAnswer)]
FREE = [e for e in MODELS if not (isinstance(e.key().check, SameModel) and e.key().check.rows)]
OTHERS = [exercise for exercise in COURSE if exercise not in MODELS]
TURNS = strategies.orthogonal_matrices(2, roots=False)
STATES = ("solved", "partial", "wrong", "unreadable")


def graded(exercise: Exercise, model: ToyModel) -> Grade:
    rows = "; ".join(join_text(row) for row in model.W)
    return exercises.grade(exercise, rows, join_text(model.b))


def remarked(found: Grade) -> str:
    return "\n".join(UNICODE.claim(remark) for remark in found.remarks)


@st.composite
def right(draw: st.DrawFn) -> tuple[Exercise, ToyModel]:
    """An exercise that asks for a model, and a listed solution."""
    exercise = draw(st.sampled_from(FREE))
    return exercise, draw(st.sampled_from(solutions(exercise)))


# -- turned and reordered -------------------------------------------------------------------------


@settings(max_examples=60)
@given(right(), TURNS)
def test_a_turned_copy_of_a_right_answer_is_right_and_known(
    case: tuple[Exercise, ToyModel], Q: Matrix
) -> None:
    exercise, model = case
    found = graded(exercise, strategies.rotated(model, Q))
    assert found.status == "solved"
    assert "of the solution" in remarked(found)


@settings(max_examples=60)
@given(right(), TURNS, st.integers(0, 119))
def test_a_reordered_copy_of_a_right_answer_is_right_where_the_check_knows_no_order(
    case: tuple[Exercise, ToyModel], Q: Matrix, which: int
) -> None:
    exercise, model = case
    allowed = list(orders(exercise.key().check, model.n)) or [tuple(range(model.n))]
    order = allowed[which % len(allowed)]
    found = graded(exercise, strategies.rotated(permuted(model, order), Q))
    assert found.status == "solved"
    assert "of the solution" in remarked(found)


@pytest.mark.parametrize("exercise", FREE, ids=lambda exercise: exercise.id)
def test_the_orders_are_those_for_which_every_right_answer_stays_right(exercise: Exercise) -> None:
    """By other means: where all listed solutions stay right in another order, it is among them."""
    n = solutions(exercise)[0].n
    if n > 4:  # 120 orders of five; each of them is drawn above
        return
    allowed = set(orders(exercise.key().check, n))
    for order in list(permutations(range(n)))[1:]:
        stay = all(graded(exercise, permuted(m, order)).score == 1 for m in solutions(exercise))
        assert stay or order not in allowed, order


def test_of_many_features_only_neighbours_are_swapped() -> None:
    even = ReconstructsInput(PerFeature(map(sympy.Integer, [1, 1, 0, 0, 0, 0, 1])))
    found = list(orders(even, 7))
    assert found[0] == (1, 0, 2, 3, 4, 5, 6)
    assert len(found) == 4


@pytest.mark.parametrize(
    ("slug", "W", "b", "said"),
    [
        (
            "keep-two-drop-one",
            "0 1; -1 0; 0 0",
            "0",
            "“The orthogonal embedding”, route 1 of the solution, but rotated by 90°.",
        ),
        ("keep-two-drop-one", "1 0; 0 -1; 0 0", "0", "reflected in the line at 0°."),
        ("one-feature-at-a-time", "1 0; -1 0; 0 1; 0 -1", "0", "with features 2 and 3 swapped."),
        ("best-at-nine-tenths", "0 1.006; -1 0; 0 -1.006", "0", "features 1 and 2 swapped, then "),
        (
            "beat-dropping",
            "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2",
            "0",
            "“The triangle”, route 1 of the solution, to the number.",
        ),
    ],
)
def test_how_a_right_answer_comes_from_the_listed_one(slug: str, W: str, b: str, said: str) -> None:
    found = exercises.grade(exercises.load(slug), W, b)
    assert found.status == "solved"
    assert said in remarked(found)


def test_one_listed_solution_is_named_at_most() -> None:
    found = exercises.grade(exercises.load("feature-one-perfect"), "3/5 4/5; -4/5 3/5; 4/5 -3/5")
    assert remarked(found).count("of the solution") == 1
    assert "The same, in other directions”, route 2 of the solution, to the number." in remarked(
        found
    )


def test_a_fixed_row_must_stand_as_it_is() -> None:
    exercise = exercises.load("the-same-model-turned")
    for model in solutions(exercise):
        assert graded(exercise, model).status == "solved"
        for copy in turned_copies(model):
            assert graded(exercise, copy).status != "solved"
            assert same_model(copy, model)


# -- one step from a solution ---------------------------------------------------------------------


@settings(max_examples=40)
@given(right(), st.sampled_from(["1/2", "2", "sqrt(2)", "sqrt(2)/2"]), TURNS)
def test_right_directions_are_known_whatever_the_lengths(
    case: tuple[Exercise, ToyModel], factor: str, Q: Matrix
) -> None:
    exercise, model = case
    size = sympy.sqrt(2) / (2 if "/" in factor else 1) if "s" in factor else sympy.Rational(factor)
    longer = ToyModel([[size * w for w in row] for row in model.W], model.b, model.activation)
    found = graded(exercise, strategies.rotated(longer, Q))
    if found.status != "solved" and not isinstance(exercise.key().check, ReconstructsInput):
        assert found.feedback.diagnosis in {
            "lengths-off",
            *(w.diagnosis for w in exercise.key().wrong),
        }


@pytest.mark.parametrize(
    ("slug", "W", "b", "diagnosis"),
    [
        ("keep-two-drop-one", "1 0; 0 0; 0 1", "0", "swapped"),
        ("keep-two-drop-one", "sqrt(2)/2 0; 0 sqrt(2)/2; 0 0", "0", "lengths-off"),
        ("keep-two-drop-one", "sqrt(2) 0; 0 sqrt(2); 0 0", "-1", "lengths-off"),
        ("one-feature-at-a-time", "1 0; 0 1; 0 -1; -1 0", "1/8", "bias-off"),
        ("feature-one-perfect", "0 1; 1 0; 0 -1", "0", "swapped"),
        ("feature-one-perfect", "1/2 0; 0 1/2; 0 -1/2", "7 7 7", "lengths-off"),
        ("importance", "0 0; 1 0; 0 1", "1/4 0 0", "swapped"),
        ("importance", "1 0; 0 1; 0 0", "0 0 1/3", "bias-off"),
        ("correlated-pairs", "1 0; 0 1; -1 0; 0 -1", "1/8", "bias-off"),
        ("best-at-nine-tenths", "1/2 0; 0 1/2; 0 -1/2", "0", "lengths-off"),
        ("best-at-nine-tenths", "1/2 0; 0 1/2; 0 -1/2", "1/8", "lengths-off"),
        ("perfect-reconstruction", "1 0; 0 0; 0 1", "0 0 1/4", "lost"),
    ],
)
def test_one_step_from_a_solution(slug: str, W: str, b: str, diagnosis: str) -> None:
    found = exercises.grade(exercises.load(slug), W, b)
    assert found.feedback.diagnosis == diagnosis
    assert found.feedback.advice is not None
    assert "?" in found.feedback.advice.sentence


# -- no answer raises -----------------------------------------------------------------------------

LOOKS_RIGHT = st.text("0123456789-/. ;,sqrt()πcos[]{}abcd=½√", max_size=30)


@settings(max_examples=200)
@given(st.sampled_from(OTHERS), st.one_of(st.text(max_size=30), LOOKS_RIGHT))
def test_no_text_raises_whatever_is_asked_for(exercise: Exercise, text: str) -> None:
    found = exercises.grade(exercise, answer=text)
    assert found.status in STATES
    assert (found.error is None) == (found.status != "unreadable")


@settings(max_examples=150)
@given(st.sampled_from(MODELS), LOOKS_RIGHT, LOOKS_RIGHT)
def test_no_text_raises_where_a_model_is_asked_for(exercise: Exercise, W: str, b: str) -> None:
    assert exercises.grade(exercise, W, b).status in STATES


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(),
    st.fractions(max_denominator=9),
    st.text(max_size=4),
    st.just(sympy.sqrt(2)),
    st.just(sympy.Symbol("x1")),
    st.just(object()),
)


@settings(max_examples=200)
@given(st.sampled_from(COURSE), st.one_of(values, st.lists(values, max_size=4)))
def test_no_value_raises(exercise: Exercise, value: object) -> None:
    """From Python: numbers, lists, and what is neither."""
    model = isinstance(exercise.answer, ModelAnswer)
    given_: Mapping[str, object] = {"W": value, "b": value} if model else {"answer": value}
    assert exercises.grade(exercise, **given_).status in STATES  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("exercise", OTHERS, ids=lambda exercise: exercise.id)
@pytest.mark.parametrize(
    "answer", ["", " ", "?", "1/0", "sqrt(-1)", "c=d", "1 2 3 4 5 6 7", None, {}]
)
def test_an_answer_that_cannot_be_read_says_why(exercise: Exercise, answer: object) -> None:
    found = exercises.grade(exercise, answer=answer)  # type: ignore[arg-type]  # wrong on purpose
    assert (found.status, found.score) == ("unreadable", Fraction(0))
    assert found.error is not None
    assert found.error.code
    assert re.search(r"[.:;]", found.error.message)
    assert [check.passed for check in found.checks] == [None]
    assert found.feedback.advice is not None


def test_one_number_does_not_stand_for_all() -> None:
    for slug, said in (("half-helps-linear", "2 numbers"), ("predict-the-output", "3 numbers")):
        for answer in ("1", [1], 1):
            error = exercises.grade(exercises.load(slug), answer=answer).error  # type: ignore[arg-type]  # a number alone
            assert error is not None
            assert (error.code, error.message) == ("wrong_shape", f"{said} are asked for, not 1.")


def test_a_number_that_no_field_holds_is_not_graded_wrong() -> None:
    """√103 and the roots of six primes need a field of degree 128."""
    answer = "0 sqrt(2)+sqrt(3)+sqrt(5)+sqrt(7)+sqrt(11)+sqrt(13)"
    found = exercises.grade(exercises.load("half-helps-relu"), answer=answer)
    assert found.status == "unreadable"
    assert found.error is not None
    assert found.error.code == "too_complicated"


def test_W_is_asked_for_and_answer_given_or_the_other_way_round() -> None:
    with pytest.raises(InputError, match="asks for W and b, and answer would be ignored"):
        exercises.grade(1, answer="1")
    with pytest.raises(InputError, match="asks for answer, and b would be ignored"):
        exercises.grade("best-bias-dense", b="0 0 0")
