"""The number field: its budgets, and its elements as Python numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sympy import sqrt

from handcalc.errors import EngineError, InputError
from handcalc.numbers.field import Field

PRIMES = (2, 3, 5, 7, 11, 13)


# -- budgets --------------------------------------------------------------------------------------


def test_a_field_of_degree_64_is_the_largest() -> None:
    field = Field()
    roots = [field.sqrt(field.rational(p)) for p in PRIMES]
    assert field.degree == 64
    with pytest.raises(InputError, match=r"degree 128.*at most 64") as caught:
        field.sqrt(field.rational(17))
    assert caught.value.code == "too_complicated"
    total = sum(roots, field.rational(0))
    assert total * (1 / total) == 1
    assert field.degree == 64


def test_cosines_and_roots_share_one_budget() -> None:
    field = Field([Fraction(1, 7)])
    for p in PRIMES[:4]:
        field.sqrt(field.rational(p))
    assert field.degree == 48
    with pytest.raises(InputError, match=r"degree 96.*at most 64"):
        field.sqrt(field.rational(11))


@pytest.mark.parametrize("angle", [Fraction(1, 61), Fraction(2, 121), Fraction(7, 1000)])
def test_an_angle_with_a_large_denominator_is_refused(angle: Fraction) -> None:
    with pytest.raises(InputError, match="denominator of at most 60") as caught:
        Field([angle])
    assert caught.value.code == "too_complicated"


@pytest.mark.parametrize("denominators", [(59, 53), (59, 53, 47), (59, 53, 47, 43, 41, 37, 31, 29)])
def test_angles_that_need_a_large_field_are_refused_at_once(denominators: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="at most 64 is worked with"):
        Field([Fraction(2, denominator) for denominator in denominators])


def test_a_field_may_be_given_a_bound_on_its_work() -> None:
    field = Field([Fraction(1, 59)], effort=2000)
    with pytest.raises(InputError, match="too much exact work together") as caught:
        field.sqrt((field.cos(Fraction(1, 59)) + 1) ** 8 + 1)
    assert caught.value.code == "too_complicated"


def test_small_work_stays_within_a_small_bound() -> None:
    field = Field(effort=2000)
    assert field.from_sympy(sqrt(2) + sqrt(3) - sqrt(5 + 2 * sqrt(6))) == 0


# -- elements as Python numbers -------------------------------------------------------------------


def test_elements_take_ints_and_fractions_on_either_side() -> None:
    field = Field()
    root = field.sqrt(field.rational(2))
    assert 1 + root == root + 1
    assert 3 - root == -(root - 3)
    assert 2 * root == root * Fraction(2)
    assert 2 / root == root
    assert root / 2 == 1 / root
    assert root**0 == 1
    assert root**-2 == Fraction(1, 2)


def test_an_element_that_is_a_fraction_equals_that_fraction_as_a_key() -> None:
    field = Field()
    half = field.sqrt(field.rational(Fraction(1, 4)))
    assert half == Fraction(1, 2)
    assert {half, Fraction(1, 2)} == {half}
    assert half.is_rational
    assert half != "1/2"


def test_bits_measure_the_largest_part() -> None:
    field = Field()
    assert field.rational(0).bits == 1
    assert field.rational(Fraction(-5, 16)).bits == 5
    assert (field.sqrt(field.rational(2)) * 1024 + 1).bits == 11


def test_numbers_of_two_fields_do_not_mix() -> None:
    one, other = Field().rational(1), Field().rational(1)
    with pytest.raises(EngineError, match="two different fields"):
        _ = one + other


def test_a_field_knows_only_the_cosines_it_was_made_for() -> None:
    with pytest.raises(EngineError, match="not made for the cosine of 1/9"):
        Field([Fraction(1, 7)]).cos(Fraction(1, 9))


def test_an_element_shows_its_value() -> None:
    field = Field()
    assert repr(field.sqrt(field.rational(8)) + 1) == "Element(1 + 2*sqrt(2))"
