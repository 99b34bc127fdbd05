"""What learners type for exercise 1: read, or given back as a grade that says where and how."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import exercises
from exercises import Grade

EXERCISE = exercises.load("perfect-reconstruction")


def grade(W: object, b: object = None) -> Grade:
    return exercises.grade(EXERCISE, W=W, b=b)  # type: ignore[arg-type]  # some are wrong on purpose


# -- answers that cannot be read ----------------------------------------------------------------

UNREADABLE = [
    ("", None, "empty", "W"),
    ("   ", "0 0 0", "empty", "W"),
    ("1 0 0; 0 1 0", None, "transposed", "W"),
    ("1 0; 0 1", None, "wrong_shape", "W"),
    ("1 0 0; 0 1 0; 0 0 1", None, "wrong_shape", "W"),
    ("1 0; 0 1; 0", None, "ragged", "W"),
    ("1 0; 0 one; 0 0", None, "unknown_name", "W"),
    ("__import__('os').system('x')", None, None, "W"),
    ("1 0; 0 1; 0 0", "0 0", "wrong_shape", "b"),
    ("1 0; 0 1; 0 0", "0 0 1/0", "division_by_zero", "b"),
    ("1 0; 0 1; 0 0", "0 0 sqrt(-1)", "negative_root", "b"),
    ([[1, 0, 0], [0, 1, 0]], None, "transposed", "W"),
    ([[1, 0], [0, 1]], None, "wrong_shape", "W"),
    ([[1, 0], [0, 1], [0]], None, "ragged", "W"),
    ([[1.0, 0], [0, 1], [0, 0]], None, "float", "W"),
    ([[True, 0], [0, 1], [0, 0]], None, "boolean", "W"),
    ([["x", 0], [0, 1], [0, 0]], None, None, "W"),
    ([], None, "empty", "W"),
    ([1, 2, 3], None, "wrong_shape", "W"),
    (7, None, "wrong_shape", "W"),
    (None, None, "empty", "W"),
    ("1 0; 0 1; 0 0", [0, 0, 0.25], "float", "b"),
    ("1 0; 0 1; 0 0", [0, 0], "wrong_shape", "b"),
    ("1 0; 0 1; 0 0", [[0, 0], [0, 0]], "wrong_shape", "b"),
    ("1 0; 0 1; 0 0", {"b": 1}, "wrong_shape", "b"),
]


@pytest.mark.parametrize(("W", "b", "code", "where"), UNREADABLE)
def test_what_cannot_be_read_comes_back_as_a_grade(
    W: object, b: object, code: str | None, where: str
) -> None:
    found = grade(W, b)
    assert found.status == "unreadable"
    assert found.error is not None
    assert found.error.code == (code or found.error.code)
    assert found.answer.where == where
    assert found.score == 0
    assert found.work is None
    assert [check.passed for check in found.checks] == [None, None, None]
    assert found.feedback.advice is not None


def test_a_transposed_W_is_turned_for_the_learner() -> None:
    for W in ("1 0 0; 0 1 -1", [[1, 0, 0], [0, 1, -1]]):
        error = grade(W).error
        assert error is not None
        assert error.suggestion == "1 0; 0 1; 0 -1"
        assert "transposed" in error.message


def test_an_error_has_its_place() -> None:
    error = grade("1 0; 0 oops; 0 0").error
    assert error is not None
    assert (error.row, error.column) == (1, 8)
    assert error.caret.splitlines()[1] == "       ^"


@given(st.text(max_size=40), st.text(max_size=20))
def test_no_text_makes_grading_raise(W: str, b: str) -> None:
    assert grade(W, b).status in ("solved", "partial", "wrong", "unreadable")


@given(st.text("0123456789-/. ;sqrt()πcos[],{}", max_size=40))
def test_no_text_that_looks_like_a_matrix_makes_grading_raise(W: str) -> None:
    assert grade(W).status in ("solved", "partial", "wrong", "unreadable")


# -- a bias that was left out -------------------------------------------------------------------


@pytest.mark.parametrize("b", [None, "", "  "])
def test_no_b_means_zeros_and_the_answer_knows(b: str | None) -> None:
    found = grade("1 0; 0 1; 0 0", b)
    assert found.answer.typed["b"] is None
    assert found.answer.model is not None
    assert found.answer.model.b == (0, 0, 0)


def test_a_b_of_zeros_was_not_left_out() -> None:
    assert grade("1 0; 0 1; 0 0", "0 0 0").answer.typed["b"] == "0 0 0"


def test_one_cell_of_b_stands_for_all_features() -> None:
    model = grade("1 0; 0 1; 0 0", "1/4").answer.model
    assert model is not None
    assert [str(value) for value in model.b] == ["1/4", "1/4", "1/4"]


# -- answers that are hard to work with ---------------------------------------------------------

HARD = [
    "sqrt(2) sqrt(3); sqrt(5) sqrt(7); sqrt(11) sqrt(13)",
    "sqrt(2)+sqrt(3) sqrt(5); sqrt(7) 1; 0 1",
    "cos(2*pi/59) 0; 0 1; 0 0",
    "cos(2*pi/7) sqrt(2); sqrt(3) sqrt(5); 0 1",
    "sqrt(2+sqrt(3+sqrt(5))) 1; sqrt(7) 0; 0 1",
    "1e40 1e-40; 1e40 1; -1e40 1",
]


@pytest.mark.parametrize("W", HARD)
@pytest.mark.parametrize("b", [None, "sqrt(2) 0 0", "1 1/2 1/4"])
def test_surds_and_large_numbers_are_graded_or_refused(W: str, b: str | None) -> None:
    found = grade(W, b)
    assert found.status in ("wrong", "partial", "unreadable")
