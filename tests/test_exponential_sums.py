"""Sums of exponentials and softmax: values by another library, signs and equality with proofs."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from handcalc import InputError
from handcalc.circuits.exponential_sum import (
    ExponentialSum,
    Value,
    minus,
    plus,
    power,
    quotient,
    sign,
    times,
)
from handcalc.circuits.softmax import Softmax, largest
from handcalc.circuits.terms import Terms
from handcalc.numbers.exact import elements
from handcalc.numbers.field import Element, Field

of = ExponentialSum.of


def numbers(*values: object) -> tuple[Element, ...]:
    return elements(*(sympy.Rational(str(value)) for value in values))[1]


def float_of(value: Value) -> float:
    return value.to_float()


def by_mpmath(terms: Mapping[Any, Any], base: Any) -> Any:
    """Another way to the value, with 60 digits."""
    with mpmath.workdps(60):
        root = (
            mpmath.e
            if base == "e"
            else mpmath.mpf(Fraction(base).numerator) / Fraction(base).denominator
        )
        return mpmath.fsum(
            mpmath.mpf(Fraction(a).numerator)
            / Fraction(a).denominator
            * root ** (mpmath.mpf(Fraction(x).numerator) / Fraction(x).denominator)
            for x, a in terms.items()
        )


# -- softmax, section 2 ---------------------------------------------------------------------------


def test_base_two_weights_of_whole_scores_are_rational() -> None:
    assert Softmax.of("base 2").of_scores("0 1 2") == tuple(sympy.Rational(k, 7) for k in (1, 2, 4))


def test_the_limits_are_uniform_and_hard() -> None:
    third, half = sympy.Rational(1, 3), sympy.Rational(1, 2)
    assert Softmax.of("base 1").of_scores("0 1 2") == (third,) * 3
    assert Softmax.of("hard").of_scores("0 2 2") == (0, half, half)
    steep = Softmax.of("base 1000003").of_scores("0 2 2")[1]
    assert abs(steep - half) < sympy.Rational(1, 10**11)


def test_base_e_has_the_usual_weights() -> None:
    weights = Softmax.of("exp").of_scores("0 1")
    e = sympy.E
    assert [float(weight) for weight in weights] == [float(1 / (1 + e)), float(e / (1 + e))]


@pytest.mark.parametrize("mode", ["hard", "exp", "base 2", "base 3/2", "base 1"])
def test_weights_sum_to_one(mode: str) -> None:
    scores = numbers("1/2", 3, "-2/3", 3, 0)
    weights = Softmax.of(mode).weights(scores)
    total: Value = scores[0].field.rational(0)
    for weight in weights:
        assert sign(weight) >= 0
        total = plus(total, weight)
    assert total == 1


@pytest.mark.parametrize(
    ("given", "code", "remedy"),
    [
        ("base 4", "perfect_power", "write base 2 and multiply the scores by 2"),
        ("base 9", "perfect_power", "write base 3 and multiply the scores by 2"),
        ("base 8/27", "perfect_power", "write base 2/3 and multiply the scores by 3"),
        ("base 1/4", "perfect_power", "write base 1/2"),
        ("base 0", "base", "a positive fraction"),
        ("base sqrt(2)", "base", "a positive fraction"),
        ("soft", "softmax", '"base 2"'),
        (2, "softmax", '"base 2"'),
    ],
)
def test_what_is_no_softmax_is_refused_with_what_to_type(
    given: object, code: str, remedy: str
) -> None:
    with pytest.raises(InputError, match=remedy.replace("(", r"\(")) as refused:
        Softmax.of(given)
    assert refused.value.code == code


# -- ties and signs, section 2 --------------------------------------------------------------------


def test_a_tie_of_one_layer_is_found() -> None:
    """Scores 0, 1, 1, D = −½, v = (½, 1, 0): the two logits are equal."""
    scores = numbers(0, 1, 1)
    weights = Softmax.of("exp").weights(scores)
    field = scores[0].field
    found: Value = field.rational(Fraction(-1, 2))
    for weight, value in zip(weights, (Fraction(1, 2), 1, 0), strict=True):
        found = plus(found, times(weight, field.rational(value)))
    assert found == 0
    nearly = plus(found, field.rational(Fraction(1, 10**400)))
    assert sign(nearly) == 1


def test_three_hundred_sums_of_thirty_terms_behind_two_layers() -> None:
    """Their common field would have a degree of dozens of digits; signs and zeros are told."""
    draw, field = random.Random(13), Field()  # noqa: S311 - a draw of test cases
    for _ in range(300):
        pairs = [
            (
                field.rational(Fraction(draw.randint(-60, 60), draw.randint(2, 40))),
                field.rational(draw.randint(-9, 9)),
            )
            for _ in range(30)
        ]
        assert sign(quotient(Terms.of(Fraction(2), pairs), (), field)) != 0
        # the same once more the other way round, each exponent apart from its own by a whole number
        turned = [(x - 3, -8 * a) for x, a in reversed(pairs)]
        assert sign(quotient(Terms.of(Fraction(2), [*pairs, *turned]), (), field)) == 0


def test_roots_of_the_base_among_the_coefficients() -> None:
    assert sign(of({"1/2": 1, 0: "-sqrt(2)"}, base=2)) == 0
    assert sign(of({"1/4": "sqrt(2)", "3/4": -1}, base=2)) == 0
    assert sign(of({"5/6": 1, "1/3": "-sqrt(2)"}, base=2)) == 0
    assert sign(of({"1/2": "sqrt(3)", 0: "-sqrt(6)"}, base=2)) == 0
    assert sign(of({"1/2": "sqrt(3)", 0: "-sqrt(6)", "1/3": 1}, base=2)) == 1
    assert sign(of({"1/2": "sqrt(2)", 0: "-2", "-300": 1}, base=2)) == 1


def test_irrational_exponents_of_a_rational_base() -> None:
    """Two classes: told apart by Gelfond and Schneider."""
    found = of(
        {"sqrt(2)": 1, 0: "-2665144142690225188650297249873139848274211313714659492835979593364"},
        base=2,
    )
    assert sign(found) == -1
    assert sign(of({"sqrt(2)": 2, "1+sqrt(2)": -1}, base=2)) == 0


def test_exponentials_behind_exponentials() -> None:
    e = of({1: 1})
    assert isinstance(e, ExponentialSum)
    layer, again, one = e + 1, (e * e - 1) / (e - 1), e.field.rational(1)
    assert layer != again
    assert sign(minus(power(None, layer), power(None, again))) == 0
    assert sign(minus(power(None, layer), power(None, again + 1))) == -1
    weights = Softmax.of("exp").weights([layer, again, one])
    assert largest(weights) == (0, 1)
    assert float(weights[2]) == pytest.approx(float(1 / (2 * mpmath.e**mpmath.e + 1)), rel=1e-14)


def test_what_theory_leaves_open_is_not_guessed() -> None:
    """e^S − 1 − S for S = e^(−6000) is about 2^(−17313): above 0, but no proof of it is known."""
    tiny = of({-6000: 1})
    assert isinstance(tiny, ExponentialSum)
    above = power(None, tiny) - 1
    with pytest.raises(InputError, match="cannot be told") as refused:
        sign(above - tiny)
    assert refused.value.code == "undecided"
    # without S the difference is large enough, and one layer is always decided
    assert sign(above) == 1
    assert sign(of({-60000: 1, 0: 1, -60001: "-2"})) == 1


# -- values ---------------------------------------------------------------------------------------

FRACTIONS = st.fractions(min_value=-6, max_value=6, max_denominator=12)
TERMS = st.dictionaries(FRACTIONS, FRACTIONS.filter(bool), min_size=1, max_size=6)
BASES = st.sampled_from(["e", 2, Fraction(3, 2), 3, Fraction(1, 5)])


@given(TERMS, BASES)
@settings(max_examples=60, deadline=None)
def test_values_and_signs_agree_with_another_library(terms: dict[Any, Any], base: Any) -> None:
    found, expected = of(terms, base=base), by_mpmath(terms, base)
    if isinstance(found, ExponentialSum):
        assert found.to_float() == pytest.approx(float(expected), rel=1e-15, abs=1e-300)
        ball = found.to_ball(160)
        assert abs(float(ball.mid()) - float(expected)) <= 1e-12 * (1 + abs(float(expected)))
    assert sign(found) == (mpmath.sign(expected) if abs(expected) > 1e-50 else 0)


@given(TERMS, TERMS, TERMS, BASES)
@settings(max_examples=40, deadline=None)
def test_values_are_a_field(
    a: dict[Any, Any], b: dict[Any, Any], c: dict[Any, Any], base: Any
) -> None:
    x, y, z = (of(terms, base=base) for terms in (a, b, c))
    assert sign(minus(times(plus(x, y), z), plus(times(x, z), times(y, z)))) == 0
    if sign(y):
        again = times(times(x, y), 1 / y)
        assert sign(minus(again, x)) == 0


def test_two_bases_and_a_denominator_that_may_be_zero_are_refused() -> None:
    with pytest.raises(InputError, match="two bases"):
        plus(of({1: 1}), of({"1/2": 1}, base=2))
    with pytest.raises(InputError, match="must be positive"):
        of({1: 1}, over={1: 1, 0: -3})
    with pytest.raises(ZeroDivisionError, match="zero"):
        _ = 1 / minus(of({1: 1}), of({1: 1}))
    with pytest.raises(InputError, match="makes too large a power"):
        of({10**7: 1}, base=2)


def test_texts() -> None:
    assert str(of({0: 1, "1/2": "-1/2"}, over={1: 1, 0: 2}, base="3/2").to_text()) == (  # type: ignore[union-attr]  # a sum
        "2/7 - (1/7)*(3/2)^(1/2)"
    )
    assert of({0: "-1/2", 1: "-1"}, over={2: "sqrt(2)-1", 0: 2}).to_text() == (  # type: ignore[union-attr]  # a sum
        "(-1/2 - e)/((-1+sqrt(2))*e^2 + 2)"
    )


# -- behind two softmaxes -------------------------------------------------------------------------

SMALL = st.dictionaries(
    st.fractions(min_value=-2, max_value=2, max_denominator=3),
    st.fractions(min_value=-3, max_value=3, max_denominator=3).filter(bool),
    min_size=1,
    max_size=3,
)


def of_level_two(field: Field, parts: list[tuple[Any, Any]], base: Any) -> tuple[Value, Any]:
    """Σ cB^s with values c and s of level 1, and the same by mpmath."""
    found: Value = field.rational(0)
    expected = mpmath.mpf(0)
    for coefficient, exponent in parts:
        c, s = of(coefficient, base=base), of(exponent, base=base)
        found = plus(found, times(c, power(None if base == "e" else Fraction(base), s)))
        with mpmath.workdps(60):
            root = mpmath.e if base == "e" else mpmath.mpf(base)
            expected += by_mpmath(coefficient, base) * root ** by_mpmath(exponent, base)
    return found, expected


PARTS = st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=3)


@pytest.mark.slow
@given(PARTS, st.sampled_from(["e", 2, 3]))
@settings(max_examples=40, deadline=None)
def test_values_of_level_two_agree_with_another_library(parts: Any, base: Any) -> None:
    found, expected = of_level_two(Field(), parts, base)
    if abs(expected) > 1e-40:
        assert sign(found) == mpmath.sign(expected)
        if isinstance(found, ExponentialSum):
            assert found.to_float() == pytest.approx(float(expected), rel=1e-12)
    else:
        assert sign(found) == 0


@given(PARTS, PARTS, PARTS, st.sampled_from(["e", 2]))
@settings(max_examples=25, deadline=None)
def test_values_of_level_two_are_a_ring(a: Any, b: Any, c: Any, base: Any) -> None:
    """Zeros are proved, however the two sides are written."""
    field = Field()
    x, y, z = (of_level_two(field, parts, base)[0] for parts in (a, b, c))
    assert sign(minus(times(plus(x, y), z), plus(times(x, z), times(y, z)))) == 0
    assert sign(minus(times(x, times(y, z)), times(times(x, y), z))) == 0


def test_weights_behind_a_softmax_sum_to_one() -> None:
    for mode in ("exp", "base 2"):
        first = Softmax.of(mode).weights(numbers("1/3", "1/2", -1))
        second = Softmax.of(mode).weights(first)
        third = Softmax.of(mode).weights([second[0], first[1], second[2]])
        for weights in (second, third):
            whole = plus(plus(weights[0], weights[1]), weights[2])
            assert whole == 1
            assert largest(weights) == tuple(
                k for k in range(3) if float_of(weights[k]) == max(map(float_of, weights))
            )


def test_sums_are_copied_pickled_and_compared_across_fields() -> None:
    first = of({1: "sqrt(2)", 0: 1}, over={"sqrt(3)": 1, 0: 2})
    second = of({0: 1, "1/2": "sqrt(5)"})
    deep = power(None, of({1: 1, 0: "1/3"}, over={2: 1, 0: 1}))
    for value in (first, second, deep, plus(times(deep, deep), of({"1/2": 1}))):
        assert isinstance(value, ExponentialSum)
        value.to_float()
        for again in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value)):  # noqa: S301 - our own bytes
            assert again == value
            assert hash(again) == hash(value)
            assert again.to_float() == value.to_float()
            assert sign(minus(again, value)) == 0
    assert first != second
    assert of({1: 1, 0: 1}) == of({1: 1, 0: 1})
    assert len({of({1: 1, 0: 1}), of({1: 1, 0: 1}), of({1: 2, 0: 1})}) == 2
