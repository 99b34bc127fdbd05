"""Exact numbers: the way in, one written form, sign and equality, floats and texts at the end."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from math import inf, isinf, nextafter, ulp

import mpmath
import pytest
import sympy
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from sympy import Float, Integer, Rational, Symbol, cos, pi, sin, sqrt
from sympy.external.gmpy import GROUND_TYPES

from handcalc import strategies
from handcalc.errors import InputError
from handcalc.numbers.exact import (
    elements,
    equal,
    exact,
    join_text,
    ordered_terms,
    sign,
    to_float,
    to_text,
)
from handcalc.parsing import parse_scalar, parse_vector
from tests.number_trees import NOTHING, NoValueError, Tree, decimals, in_mpmath, in_sympy, trees


def test_sympys_ground_types_are_flints() -> None:
    assert GROUND_TYPES == "flint"


def within_budget(value: sympy.Expr) -> sympy.Expr:
    """``exact``, on numbers that it can hold."""
    try:
        return exact(value)
    except InputError as error:
        assume(error.code not in {"too_complicated", "too_large"})
        raise


def written(tree: Tree) -> sympy.Expr:
    """A tree as a sympy number within the budget."""
    try:
        in_mpmath(tree)
    except NoValueError:
        assume(False)
    value = in_sympy(tree)
    within_budget(value)
    return value


# -- the way in -----------------------------------------------------------------------------------

REFUSED = [
    (0.5, "float", r'A float such as 0\.5 is only near a number; .*"1/2"'),
    (1 / 3, "float", '"1/3"'),
    (float("nan"), "float", "A float such as nan"),
    (float("inf"), "float", "A float such as inf"),
    (Float("0.25"), "float", r"A float such as 0\.25"),
    (True, "boolean", "not True; type 1 instead"),
    (False, "boolean", "not False; type 0 instead"),
    (sympy.true, "boolean", "not True; type 1 instead"),
    ("1/2", "text", r'type parse_scalar\("1/2"\)'),
    (None, "not_exact", "not a NoneType"),
    ([1], "not_exact", "not a list"),
    (1j, "not_exact", "not a complex"),
    (Decimal("0.5"), "not_exact", "not a Decimal"),
    (Symbol("x1"), "not_exact", "x1 is not"),
    (1 + Symbol("x1"), "not_exact", "x1 is not"),
    (pi, "not_exact", "pi is not"),
    (sympy.E, "not_exact", "E is not"),
    (sympy.I, "not_exact", "I is not"),
    (sympy.oo, "not_exact", "oo is not"),
    (sympy.nan, "not_exact", "nan is not"),
    (cos(1), "not_exact", r"cos\(1\) is not"),
    (cos(sqrt(2) * pi), "not_exact", "is not"),
    (sympy.tan(pi / 7), "not_exact", "is not"),
    (2 ** sqrt(2), "not_exact", "is not"),
    (Integer(2) ** Rational(1, 3), "not_exact", "Only square roots are exact here, not powers 1/3"),
    (sqrt(1 - sqrt(2)), "negative_root", r"at least 0, not 1 - sqrt\(2\)"),
    (sympy.Pow(0, -1, evaluate=False), "division_by_zero", "cannot be divided by zero"),
    (1 / sympy.Add(sqrt(2), -sqrt(2), evaluate=False), "division_by_zero", "divided by zero"),
    (cos(pi / 61), "too_complicated", "denominator of at most 60"),
    (sum(sqrt(p) for p in (2, 3, 5, 7, 11, 13, 17)), "too_complicated", "at most 64"),
    (sum(cos(2 * pi / p) for p in (59, 53, 47)), "too_complicated", "at most 64"),
]


@pytest.mark.parametrize(("value", "code", "message"), REFUSED, ids=lambda part: str(part)[:30])
def test_what_is_not_exact_is_refused(value: object, code: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        exact(value)
    assert caught.value.code == code


def test_a_float_is_sent_to_the_door_for_trained_weights() -> None:
    with pytest.raises(InputError, match=r"For trained weights there is ToyModel\.from_floats"):
        exact(0.3333)


@pytest.mark.parametrize("value", [0, -7, 10**150, Fraction(22, 7), Rational(-3, 4)])
def test_fractions_come_in_as_they_are(value: int | Fraction | sympy.Expr) -> None:
    assert isinstance(exact(value), Rational)
    assert exact(value) == value


@pytest.mark.parametrize(
    "value", [10**5000 + 1, Fraction(1, 7**6000), 10**400 * sqrt(2)], ids="abc"
)
def test_a_number_may_have_thousands_of_digits(value: int | Fraction | sympy.Expr) -> None:
    assert exact(value) == value
    assert sign(-exact(value)) == -1
    assert len(to_text(exact(value))) > 400


def test_all_digits_of_a_long_number_are_written() -> None:
    value = exact(Fraction(10**5000 + 1, 3**20))
    assert to_text(value) == f"1{'0' * 4999}1/3486784401"
    assert to_text(value * sqrt(2)) == f"1{'0' * 4999}1*sqrt(2)/3486784401"


# -- one written form -----------------------------------------------------------------------------

SPELLINGS = [
    ("1/2", [Rational(2, 4), Fraction(1, 2), cos(pi / 3), sqrt(Rational(1, 4)), sin(pi / 6)]),
    ("0", [0, sqrt(2) - sqrt(2), sqrt(8) - 2 * sqrt(2), sqrt(2) + sqrt(3) - sqrt(5 + 2 * sqrt(6))]),
    ("sqrt(2)/2", [1 / sqrt(2), sqrt(Rational(1, 2)), cos(pi / 4), sin(3 * pi / 4), sqrt(8) / 4]),
    ("sqrt(3)/2", [sin(pi / 3), cos(11 * pi / 6), sqrt(Rational(3, 4)), Rational(3, 2) / sqrt(3)]),
    ("1/4 + sqrt(5)/4", [cos(pi / 5), sin(3 * pi / 10), 1 / (sqrt(5) - 1), (1 + sqrt(5)) / 4]),
    ("-1/4 + sqrt(5)/4", [cos(2 * pi / 5), sin(pi / 10), 1 / (sqrt(5) + 1), (sqrt(5) - 1) / 4]),
    ("sqrt(2) + sqrt(3)", [sqrt(5 + 2 * sqrt(6)), 1 / (sqrt(3) - sqrt(2)), sqrt(3) + sqrt(2)]),
    (
        "sqrt(2)/4 + sqrt(6)/4",
        [cos(pi / 12), sin(5 * pi / 12), sqrt(2 + sqrt(3)) / 2, (sqrt(3) + 1) / sqrt(8)],
    ),
    ("sqrt(6)", [sqrt(2) * sqrt(3), 6 / sqrt(6), sqrt(24) / 2, sqrt(3) / sqrt(Rational(1, 2))]),
    (
        "1 + sqrt(2) + sqrt(3) + sqrt(6)",
        [(1 + sqrt(2)) * (1 + sqrt(3)), sqrt((1 + sqrt(2)) ** 2 * (1 + sqrt(3)) ** 2)],
    ),
    ("3 + 2*sqrt(2)", [(1 + sqrt(2)) ** 2, 1 / (3 - sqrt(8)), (3 + sqrt(8))]),
    (
        "1",
        [sin(pi / 5) ** 2 + cos(pi / 5) ** 2, 8 * cos(pi / 9) * cos(2 * pi / 9) * cos(4 * pi / 9)],
    ),
]


@pytest.mark.parametrize(("text", "spellings"), SPELLINGS, ids=lambda part: str(part)[:25])
def test_spellings_of_one_number_become_one_object(
    text: str, spellings: list[int | Fraction | sympy.Expr]
) -> None:
    forms = {exact(spelling) for spelling in spellings}
    assert len(forms) == 1
    (form,) = forms
    assert to_text(form) == text
    assert exact(form) == form


MULTIQUADRATIC = st.lists(
    st.tuples(st.fractions(-3, 3, max_denominator=4), st.sampled_from([1, 2, 3, 5, 6, 10, 15, 30])),
    min_size=1,
    max_size=4,
)
Terms = list[tuple[Fraction, int]]


def total(terms: Terms) -> sympy.Expr:
    return sum((Rational(a.numerator, a.denominator) * sqrt(d) for a, d in terms), Integer(0))


@given(MULTIQUADRATIC, MULTIQUADRATIC, st.randoms(use_true_random=False))
def test_numbers_of_fractions_and_roots_have_one_form(
    first: Terms, second: Terms, order: random.Random
) -> None:
    """The same number by a longer way, with its roots met in another order."""
    a, b = total(first), total(second)
    assume(exact(b) != 0)
    order.shuffle(first)
    way = sympy.Mul(sympy.Add(total(first), b, evaluate=False) * b, 1 / b, evaluate=False) - b
    assert exact(way) == exact(a) == exact(exact(a))
    assert exact(sqrt(sympy.expand(a * a))) == exact(a if sign(a) >= 0 else -a)


@settings(max_examples=200)
@given(trees())
def test_the_written_form_is_that_number_and_stays(tree: Tree) -> None:
    value = written(tree)
    form = exact(value)
    assert equal(form, value)
    assert within_budget(form) == form


# -- sign and equality ----------------------------------------------------------------------------


@settings(max_examples=200)
@given(trees())
def test_signs_are_those_of_mpmath(tree: Tree) -> None:
    value, expected = written(tree), in_mpmath(tree)
    assert sign(value) == (0 if abs(expected) < NOTHING else mpmath.sign(expected))


@given(trees(max_leaves=3), trees(max_leaves=3))
def test_equality_is_that_of_mpmath(first: Tree, second: Tree) -> None:
    a, b = written(first), written(second)
    assert equal(a, b) == (abs(in_mpmath(first) - in_mpmath(second)) < NOTHING)


@pytest.mark.parametrize("digits", [20, 60, 120])
def test_a_number_is_not_its_decimals(digits: int) -> None:
    with mpmath.workdps(200):
        near = Rational(int(decimals(sqrt(2), 200) * 10**digits), 10**digits)
    assert not equal(sqrt(2), near)
    assert sign(sqrt(2) - near) == 1
    assert sign(sqrt(2) - near - Rational(1, 10**digits)) == -1


def test_numbers_with_no_field_in_common_are_told_apart_all_the_same() -> None:
    a, b = (sum(sqrt(p) for p in primes) for primes in ((2, 3, 5, 7), (11, 13, 17, 19)))
    assert not equal(a, b)


def test_python_numbers_can_be_asked_about_too() -> None:
    assert sign(Fraction(-1, 3)) == -1
    assert equal(Fraction(1, 2), cos(pi / 3))
    assert to_float(Fraction(1, 3)) == 1 / 3
    with pytest.raises(InputError, match=r"A float such as 0\.5"):
        equal(0.5, Fraction(1, 2))


def test_elements_of_several_numbers_share_a_field() -> None:
    field, (a, b, c) = elements(cos(2 * pi / 7), sqrt(2), cos(4 * pi / 7))
    assert (a + b) * (a + c) == a * a + a * c + a * b + b * c
    assert field.degree == 6


# -- floats ---------------------------------------------------------------------------------------


def nearest(value: mpmath.mpf) -> float:
    """The float nearest to a number of many digits: a quotient of ints is rounded correctly."""
    mantissa, exponent = int(mpmath.sign(value) * value.man), int(value.exp)
    try:
        return mantissa * 2**exponent / 1 if exponent >= 0 else mantissa / 2**-exponent
    except OverflowError:
        return inf if mantissa > 0 else -inf


def signed_nearest(value: sympy.Expr) -> float:
    with mpmath.workdps(1000):
        return nearest(mpmath.mpf(decimals(value, 1000)))


@settings(max_examples=300)
@given(trees(max_leaves=4), st.integers(-140, 140))
def test_floats_are_rounded_correctly(tree: Tree, power: int) -> None:
    value = written(tree) * Rational(10) ** power
    assert to_float(value) == signed_nearest(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(5e-324)
@example(-2.2250738585072014e-308)
@example(1.7976931348623157e308)
def test_a_float_s_own_fraction_comes_back(value: float) -> None:
    assert to_float(sympy.Rational(*value.as_integer_ratio())) == value


@pytest.mark.parametrize("start", [1.0, 1.5, nextafter(1, 2), 2.0**-30, -3.25, 123456.789, 5e-324])
def test_numbers_beside_a_tie_are_rounded_to_the_right_side(start: float) -> None:
    """(√2 − 1)²⁰⁰ is about 10⁻⁷⁷: the float just below and just above a midpoint."""
    low, high = start, nextafter(start, inf)
    middle = (Fraction(low) + Fraction(high)) / 2
    tie = Rational(middle.numerator, middle.denominator)
    tiny = exact((sqrt(2) - 1) ** 200) / (10**320 if abs(start) < 1e-300 else 1)
    assert to_float(tie + tiny) == high
    assert to_float(tie - tiny) == low
    even = low if (Fraction(low) / Fraction(ulp(low))) % 2 == 0 else high
    assert to_float(tie) == even


def test_past_the_largest_float_is_infinity() -> None:
    assert to_float(Integer(10) ** 400) == inf
    assert isinf(to_float(-sqrt(2) * Integer(10) ** 400))
    assert to_float(sqrt(2) / Integer(10) ** 400) == 0.0


# -- texts ----------------------------------------------------------------------------------------

TEXTS = [
    (Integer(0), "0"),
    (Rational(-7, 12), "-7/12"),
    (sqrt(3) / 2, "sqrt(3)/2"),
    (sqrt(2) - 1, "-1 + sqrt(2)"),
    (sqrt(5) / 4 - Rational(1, 4), "-1/4 + sqrt(5)/4"),
    (sqrt(10 - 2 * sqrt(5)) / 4, "sqrt(10 - 2*sqrt(5))/4"),
    (sqrt(sqrt(2)), "sqrt(sqrt(2))"),
    (Integer(5) ** Rational(3, 4), "sqrt(5*sqrt(5))"),
    (sqrt(1 + sqrt(2)), "sqrt(1 + sqrt(2))"),
    (cos(2 * pi / 7), "cos(2*pi/7)"),
    (-3 * cos(3 * pi / 7) / 2, "-3*cos(3*pi/7)/2"),
    (sin(pi / 7), "sin(pi/7)"),
    (cos(pi / 9) / sqrt(2), "sqrt(2)*cos(pi/9)/2"),
]


@pytest.mark.parametrize(("value", "text"), TEXTS, ids=[text for _, text in TEXTS])
def test_texts_are_plain(value: sympy.Expr, text: str) -> None:
    assert to_text(exact(value)) == text


@settings(max_examples=200)
@given(trees())
@example(("cos", Fraction(1, 60)))
def test_texts_read_back_to_the_same_number(tree: Tree) -> None:
    value = exact(written(tree))
    text = to_text(value)
    assume(len(text) <= 200)
    assert text.isascii()
    assert equal(parse_scalar(text), value)


@pytest.mark.parametrize("function", [cos, sin])
@pytest.mark.parametrize("q", range(1, 61))
def test_every_cosine_and_sine_reads_back(q: int, function: type[sympy.Expr]) -> None:
    for k in range(1, 2 * q, max(1, q // 3)):
        value = exact(function(k * pi / q))
        assert parse_scalar(to_text(value)) == value
        assert abs(decimals(value) - decimals(function(k * pi / q))) < NOTHING


@given(st.lists(strategies.numbers(), min_size=1, max_size=5))
def test_rows_of_numbers_read_back(values: list[sympy.Expr]) -> None:
    assert parse_vector(join_text(values)) == tuple(values)


def test_the_fraction_of_a_sum_is_read_first() -> None:
    assert ordered_terms(sqrt(2) * 2 + 3) == [3, 2 * sqrt(2)]
    assert ordered_terms(Rational(1, 2)) == [Rational(1, 2)]
