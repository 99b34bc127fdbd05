"""Where else an answer is right: the equations that are shown against plain fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from exercises.feedback.remarks import other_inputs, right_where, solved_form
from handcalc import ToyModel
from handcalc.numbers.field import Field
from handcalc.superposition.model.affine import Affine
from handcalc.superposition.model.worked_steps import LinearPass
from handcalc.views.notation import ASCII
from tests import exercises_by_hand as by_hand
from tests.exercises_by_hand import X

small = st.fractions(-2, 2, max_denominator=3)
matrices = st.lists(st.lists(small, min_size=2, max_size=2), min_size=3, max_size=3)
on = st.fractions(0, 1, max_denominator=6).filter(bool)
inputs = st.lists(on, min_size=3, max_size=3)
x = tuple(sympy.Rational(value.numerator, value.denominator) for value in X)


def equations(model: ToyModel) -> tuple[Affine, ...]:
    """z − x, solved."""
    work = LinearPass.of(model, sympy.symbols("x1 x2 x3"))
    return solved_form([z - x for z, x in zip(work.z, work.x, strict=True)])


def holds(equation: Affine, at: list[Fraction]) -> bool:
    field = equation.constant.field
    values = {sympy.Symbol(f"x{i}"): field.rational(v) for i, v in enumerate(at, 1)}
    return not equation.at(values)


@given(matrices, inputs)
def test_the_equations_hold_exactly_where_the_answer_is_right(
    W: list[list[Fraction]], other: list[Fraction]
) -> None:
    b = by_hand.right_bias(W, X)
    found = equations(ToyModel(W, b))
    assert all(holds(equation, list(X)) for equation in found)
    right = by_hand.output(W, b, other) == other
    assert all(holds(equation, other) for equation in found) == right


@given(matrices)
def test_each_equation_is_solved_for_a_letter_of_its_own(W: list[list[Fraction]]) -> None:
    found = equations(ToyModel(W, by_hand.right_bias(W, X)))
    leading = [equation.slopes[0][0] for equation in found]
    assert len(set(leading)) == len(leading)
    for letter, equation in zip(leading, found, strict=True):
        assert dict(equation.slopes)[letter] == 1
        assert all(letter not in dict(each.slopes) for each in found if each is not equation)


WHERE = [
    ("1 0; 0 1; 0 0", "0 0 1/4", "exactly where x3 = 1/4, whatever x1 and x2 are."),
    ("1 0; 0 1; 0 -1", "0 1/4 1/2", "exactly where x2 = 1/2 and x3 = 1/4, whatever x1 is."),
    ("0 0; 0 0; 0 0", "1 1/2 1/4", "it is right for this one alone."),
    ("1 0; 0 1; 1/2 1/2", "-1/8 -1/8 -5/8", "exactly where x1 + x2 = 3/2 and x3 = 1/4."),
]


@pytest.mark.parametrize(("W", "b", "said"), WHERE)
def test_it_is_said_in_a_sentence(W: str, b: str, said: str) -> None:
    sentence = ASCII.claim(right_where(ToyModel(W, b)))
    assert sentence.startswith("Of all inputs with every feature on, ")
    assert sentence.endswith(said)


def test_a_model_that_is_right_everywhere_says_so() -> None:
    identity = ToyModel("1 0; 0 1", "0 0")
    assert (
        ASCII.claim(right_where(identity)) == "It is right for every input with every feature on."
    )
    said = [ASCII.claim(claim) for claim in other_inputs(identity, x[:2])]
    assert said[1] == "For example, x = (1/2, 1/2) comes back as it is."


def test_nothing_is_said_where_a_feature_is_off() -> None:
    assert other_inputs(ToyModel("1 0; 0 1; 0 -1"), (x[0], x[1], sympy.Integer(0))) == ()


def test_equations_without_letters_say_nothing() -> None:
    field = Field()
    assert solved_form([Affine(field.rational(0))]) == ()
