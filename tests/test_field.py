"""The number field: arithmetic, roots, signs and equality, against mpmath and known identities."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import gcd

import mpmath
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import cos, pi, sqrt

from handcalc.errors import InputError
from handcalc.numbers.field import Element, Field
from tests.number_trees import (
    NOTHING,
    NoValueError,
    Tree,
    angles_in,
    decimals,
    in_field,
    in_mpmath,
    trees,
)

PRIMES = (2, 3, 5, 7, 11, 13)


def element(value: sympy.Expr) -> Element:
    return Field.of(value).from_sympy(value)


def worked(tree: Tree) -> tuple[Element, mpmath.mpf]:
    """A tree by both routes; trees without a value, or past the budget, are not of interest."""
    try:
        expected = in_mpmath(tree)
        found = in_field(tree, Field(angles_in(tree)))
    except NoValueError:
        assume(False)
    except InputError as error:
        assume(error.code != "too_complicated")
        raise
    return found, expected


# -- against mpmath -------------------------------------------------------------------------------


@settings(max_examples=300)
@given(trees())
def test_signs_are_those_of_mpmath(tree: Tree) -> None:
    found, expected = worked(tree)
    assert found.sign() == (0 if abs(expected) < NOTHING else mpmath.sign(expected))


@settings(max_examples=300)
@given(trees())
def test_values_are_those_of_mpmath(tree: Tree) -> None:
    found, expected = worked(tree)
    with mpmath.workdps(120):
        assert abs(decimals(found.to_sympy()) - expected) <= NOTHING * max(1, abs(expected))


@given(trees(max_leaves=4), trees(max_leaves=4))
def test_equality_is_that_of_mpmath(first: Tree, second: Tree) -> None:
    try:
        expected = abs(in_mpmath(first) - in_mpmath(second)) < NOTHING
        field = Field([*angles_in(first), *angles_in(second)])
        a, b = in_field(first, field), in_field(second, field)
    except (NoValueError, InputError):
        assume(False)
    assert (a == b) == expected
    assert (a - b).sign() == 0 if expected else (a - b).sign() != 0
    assert not expected or hash(a) == hash(b)


@given(trees(max_leaves=5))
def test_a_number_over_itself_is_1(tree: Tree) -> None:
    found, _ = worked(tree)
    assume(found)
    assert found * (1 / found) == 1
    assert found**-3 * found**3 == 1


@given(trees(max_leaves=5))
def test_the_root_of_a_square_is_the_absolute_value(tree: Tree) -> None:
    found, _ = worked(tree)
    degree = found.field.degree
    assert found.field.sqrt(found * found) == (found if found.sign() >= 0 else -found)
    assert found.field.degree == degree, "a root that was there already has been adjoined"


@given(st.lists(trees(max_leaves=3), min_size=3, max_size=3))
def test_a_field_has_the_laws_of_a_field(three: list[Tree]) -> None:
    field = Field([angle for tree in three for angle in angles_in(tree)])
    try:
        _ = [in_mpmath(tree) for tree in three]
        a, b, c = (in_field(tree, field) for tree in three)
    except (NoValueError, InputError):
        assume(False)
    assert (a + b) + c == a + (b + c)
    assert (a * b) * c == a * (b * c)
    assert a * (b + c) == a * b + a * c
    assert a + b == b + a
    assert a * b == b * a
    assert a - b == -(b - a)


# -- zeros that are zeros, and zeros that are not -------------------------------------------------


def cosine_sum(order: int) -> sympy.Expr:
    """Σ cos(2πk²/p), which is √p for a prime p ≡ 1 (mod 4): Gauss."""
    return sum(cos(2 * pi * k**2 / order) for k in range(order))


TRUE_ZEROS = {
    "nested root of 6": sqrt(2) + sqrt(3) - sqrt(5 + 2 * sqrt(6)),
    "nested root of 2": sqrt(3 + 2 * sqrt(2)) - 1 - sqrt(2),
    "three roots": sqrt(2) + sqrt(3) + sqrt(5)
    - sqrt(10 + 2 * sqrt(6) + 2 * sqrt(10) + 2 * sqrt(15)),
    "Shanks": sqrt(5) + sqrt(22 + 2 * sqrt(5)) - sqrt(11 + 2 * sqrt(29))
    - sqrt(16 - 2 * sqrt(29) + 2 * sqrt(55 - 10 * sqrt(29))),
    "golden": 1 / ((1 + sqrt(5)) / 2) - (sqrt(5) - 1) / 2,
    "cyclic quartic": sqrt(10 + 2 * sqrt(5)) * sqrt(10 - 2 * sqrt(5)) - 4 * sqrt(5),
    "sine of 72 degrees": sympy.sin(2 * pi / 5) - sqrt(10 + 2 * sqrt(5)) / 4,
    "heptagon": cos(pi / 7) - cos(2 * pi / 7) + cos(3 * pi / 7) - sympy.Rational(1, 2),
    "heptagon's product": 8 * cos(pi / 7) * cos(2 * pi / 7) * cos(3 * pi / 7) - 1,
    "heptagon's sines": sympy.sin(pi / 7) * sympy.sin(2 * pi / 7) * sympy.sin(3 * pi / 7)
    - sqrt(7) / 8,
    "nonagon's sines": 8 * sympy.sin(pi / 18) * sympy.sin(5 * pi / 18) * sympy.sin(7 * pi / 18) - 1,
    "Morrie": 8 * cos(pi / 9) * cos(2 * pi / 9) * cos(4 * pi / 9) - 1,
    "Gauss 13": cosine_sum(13) - sqrt(13),
    "Gauss 17": cosine_sum(17) - sqrt(17),
    "Gauss 29": cosine_sum(29) - sqrt(29),
    "half angle": sqrt((1 + cos(2 * pi / 11)) / 2) - cos(pi / 11),
    "sixteen": 2 * cos(pi / 16) - sqrt(2 + sqrt(2 + sqrt(2))),
    "fourth roots": (sqrt(sqrt(5)) - 1) * (sqrt(sqrt(5)) + 1) * (sqrt(5) + 1) - 4,
}  # fmt: skip


@pytest.mark.parametrize("value", TRUE_ZEROS.values(), ids=TRUE_ZEROS)
def test_a_true_zero_is_0(value: sympy.Expr) -> None:
    assert abs(decimals(value)) < NOTHING
    zero = element(value)
    assert zero.sign() == 0
    assert zero == 0
    assert not zero
    assert zero.is_rational
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        _ = 1 / zero


@pytest.mark.parametrize("value", TRUE_ZEROS.values(), ids=TRUE_ZEROS)
def test_a_near_miss_is_not_0(value: sympy.Expr) -> None:
    tiny = sympy.Rational(1, 10**140)
    assert element(value + tiny).sign() == 1
    assert element(value - tiny).sign() == -1


@pytest.mark.parametrize("digits", [10, 40, 70])
def test_three_roots_that_nearly_cancel(digits: int) -> None:
    """√n + √(n+2) − 2√(n+1) is about −n^(−3/2)/4."""
    n = 10**digits
    value = sqrt(n) + sqrt(n + 2) - 2 * sqrt(n + 1)
    assert element(value).sign() == -1
    assert element(-value).sign() == 1


@pytest.mark.parametrize("power", [1, 2, 99, 400])
def test_powers_that_tend_to_0_keep_their_sign(power: int) -> None:
    field = Field([Fraction(1, 7)])
    small = field.sqrt(field.rational(2)) - 1
    between = 2 * field.cos(Fraction(3, 7)) - Fraction(1, 2)
    assert (small**power).sign() == 1
    assert (between**power).sign() == (-1) ** power


@pytest.mark.parametrize("digits", [5, 50, 300])
@pytest.mark.parametrize(
    "value", [sqrt(2), sqrt(2 + sqrt(3)), cos(pi / 7), cos(pi / 60), cos(9 * pi / 59)], ids=str
)
def test_a_decimal_cut_off_is_below_and_the_next_above(value: sympy.Expr, digits: int) -> None:
    with mpmath.workdps(digits + 20):
        cut = int(mpmath.floor(decimals(value, digits + 20) * 10**digits))
    found = element(value)
    assert (found - Fraction(cut, 10**digits)).sign() == 1
    assert (found - Fraction(cut + 1, 10**digits)).sign() == -1


# -- roots ----------------------------------------------------------------------------------------

DENESTED = [
    (5 + 2 * sqrt(6), sqrt(2) + sqrt(3)),
    (3 - 2 * sqrt(2), sqrt(2) - 1),
    (2 + sqrt(3), sqrt(6) / 2 + sqrt(2) / 2),
    (4 + sqrt(7), sqrt(14) / 2 + sqrt(2) / 2),
    (sympy.Rational(3, 2) + sqrt(2), 1 + sqrt(2) / 2),
    (2 * sqrt(2) + 2 * sqrt(6) + 2 * sqrt(3) + 6, 1 + sqrt(2) + sqrt(3)),
    (6 + 2 * sqrt(5), 1 + sqrt(5)),
    (cos(2 * pi / 7) / 2 + sympy.Rational(1, 2), cos(pi / 7)),
]


@pytest.mark.parametrize(("radicand", "root"), DENESTED, ids=str)
def test_nested_roots_are_written_without_the_nesting(
    radicand: sympy.Expr, root: sympy.Expr
) -> None:
    field = Field.of(radicand)
    found = field.sqrt(field.from_sympy(radicand))
    assert found.to_sympy() == root
    assert found * found == field.from_sympy(radicand)


@pytest.mark.parametrize("radicand", [2 + sqrt(2), 1 + sqrt(5), 5 + sqrt(2) + sqrt(3)], ids=str)
def test_what_cannot_be_written_without_nesting_stays(radicand: sympy.Expr) -> None:
    assert element(sqrt(radicand)).to_sympy() == sqrt(radicand)


def test_both_roots_of_a_cyclic_quartic_lie_in_one_field_of_degree_4() -> None:
    field = Field()
    plus, minus = (field.from_sympy(sqrt(10 + s * 2 * sqrt(5))) for s in (1, -1))
    assert field.degree == 4
    assert plus * minus == field.from_sympy(4 * sqrt(5))
    assert plus - minus == field.from_sympy(sqrt(20 - 8 * sqrt(5)))
    assert field.degree == 4


def test_a_field_grows_only_when_it_must() -> None:
    field = Field()
    degrees = []
    for radicand in (4, 2, 8, 3, 6, sympy.Rational(2, 3), 5, 30):
        field.from_sympy(sqrt(radicand))
        degrees.append(field.degree)
    assert degrees == [1, 2, 2, 4, 4, 4, 8, 8]


def test_numbers_stay_valid_when_their_field_grows() -> None:
    field = Field()
    before = field.sqrt(field.rational(2)) + 1
    root3 = field.sqrt(field.rational(3))
    after = field.sqrt(field.rational(2)) + 1
    assert before == after
    assert hash(before) == hash(after)
    assert (before * root3).to_sympy() == sqrt(3) + sqrt(6)
    assert before.to_float() == 1 + 2**0.5


def test_a_root_of_a_negative_number_is_refused() -> None:
    field = Field()
    with pytest.raises(InputError, match=r"at least 0, not -1 \+ sqrt\(2\)/2") as caught:
        field.sqrt(field.from_sympy(sqrt(2) / 2 - 1))
    assert caught.value.code == "negative_root"


def test_the_root_of_0_is_0() -> None:
    assert Field().sqrt(Field().rational(0)).sign() == 0


# -- cosines --------------------------------------------------------------------------------------


def totient(n: int) -> int:
    return sum(1 for k in range(1, n + 1) if gcd(k, n) == 1)


@pytest.mark.parametrize("order", [7, 9, 11, 13, 19, 28])
def test_the_field_of_a_cosine_has_half_of_eulers_degree(order: int) -> None:
    assert Field([Fraction(2, order)]).degree == totient(order) // 2


def test_cosines_that_square_roots_write_are_written_by_them() -> None:
    field = Field([Fraction(2, n) for n in (5, 8, 10, 12, 16, 24)])
    assert field.degree == 1
    assert field.cos(Fraction(1, 8)).to_sympy() == sqrt(2 + sqrt(2)) / 2


@pytest.mark.parametrize("order", [7, 9, 11, 13, 16, 28])
def test_products_of_cosines_are_sums_of_cosines(order: int) -> None:
    """2 cos a cos b = cos(a + b) + cos(a − b)."""
    field = Field([Fraction(2, order)])
    for j, k in combinations(range(order), 2):
        a, b = Fraction(2 * j, order), Fraction(2 * k, order)
        assert 2 * field.cos(a) * field.cos(b) == field.cos(a + b) + field.cos(a - b)


@pytest.mark.parametrize("order", [7, 9, 11, 13, 16, 28])
def test_cosines_of_multiples_are_chebyshevs(order: int) -> None:
    field = Field([Fraction(2, order)])
    x = field.cos(Fraction(2, order))
    before, now = field.rational(1), x
    for k in range(1, order + 1):
        assert now == field.cos(Fraction(2 * k, order))
        before, now = now, 2 * x * now - before


@pytest.mark.parametrize("order", [7, 9, 11, 13, 16, 28])
def test_roots_among_cosines_are_found_by_proof(order: int) -> None:
    field = Field([Fraction(2, order)])
    a = field.cos(Fraction(2, order)) * 3 - field.cos(Fraction(6, order)) + Fraction(1, 2)
    degree = field.degree
    root = field.sqrt(a * a)
    assert field.degree == degree
    assert root in (a, -a)
    assert root.sign() >= 0


@pytest.mark.parametrize(
    ("order", "radicand", "lies_within"),
    [(13, 13, True), (13, 3, False), (7, 7, False), (28, 7, True), (28, 2, False), (9, 3, False)],
)
def test_which_roots_lie_among_cosines(order: int, radicand: int, lies_within: bool) -> None:
    field = Field([Fraction(2, order)])
    degree = field.degree
    field.sqrt(field.rational(radicand))
    assert (field.degree == degree) == lies_within
