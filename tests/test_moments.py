"""Exact moments of a clipped linear form, against a recursion that divides by no overlap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from random import Random

import pytest
import sympy
from sympy import Rational, sqrt

from handcalc.numbers.exact import elements, sign
from handcalc.numbers.field import Element
from handcalc.superposition.loss.distribution import Distribution, SparseUniform
from handcalc.superposition.loss.moments import SupportWeights, clipped_moments, presence
from tests.loss_cases import distribution, fraction
from tests.oracles.loss_models import KINDS, Inputs, random_inputs, random_model
from tests.oracles.recursion import Active, Patterns, clipped

# -- the same moments by both routes --------------------------------------------------------------


def by_recursion(
    patterns: Patterns,
    b: Fraction,
    overlaps: Sequence[Fraction],
    k: int,
    exponents: Mapping[int, int],
) -> Fraction:
    """Pattern by pattern; a power of a feature that is off is 0."""

    def given(active: Active) -> Fraction:
        on = sorted(active)
        if not set(exponents) <= active:
            return Fraction(0)
        a, e = tuple(overlaps[j] for j in on), tuple(exponents.get(j, 0) for j in on)
        return clipped(b, a, e, k)

    return sum((p * given(active) for active, p in patterns.items()), Fraction(0))


def by_handcalc(
    inputs: Distribution,
    b: sympy.Expr,
    overlaps: Sequence[sympy.Expr],
    k: int,
    exponents: Mapping[int, int],
) -> sympy.Expr:
    """The expectation, with the weights of a shared S put in."""
    blocks = inputs.blocks(len(overlaps))
    numbers = [block.sparsity for block in blocks]
    field, (shift, *others) = elements(b, *overlaps, *numbers)
    draws = SupportWeights.of(field, blocks)
    slopes, s = others[: len(overlaps)], others[len(overlaps)]
    return total(draws, s, clipped_moments(draws, shift, slopes, k, exponents)).to_sympy()


def total(draws: SupportWeights, s: Element, counts: Sequence[Element]) -> Element:
    if not draws.shared:
        return sum(counts[1:], counts[0])
    last = len(draws.blocks)
    weighted = [c * (1 - s) ** on * s ** (last - on) for on, c in enumerate(counts)]
    return sum(weighted[1:], weighted[0])


def rationals(values: Iterable[Fraction]) -> list[sympy.Expr]:
    return [Rational(value.numerator, value.denominator) for value in values]


EXPONENTS: list[dict[int, int]] = [{}, {0: 1}, {1: 1}, {0: 2}, {0: 1, 1: 1}, {0: 2, 2: 1}, {1: 3}]


def one_output(seed: int, kind: str) -> tuple[Inputs, Fraction, tuple[Fraction, ...]]:
    random = Random(f"{kind} {seed}")  # noqa: S311 - a repeatable draw, no secret
    n = random.randint(3, 4)
    model = random_model(random, kind, n)
    return random_inputs(random, n), model.b[0], model.overlaps(0)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", KINDS)
def test_moments_are_those_of_the_recursion(kind: str, seed: int) -> None:
    inputs, b, overlaps = one_output(seed, kind)
    shift, *slopes = rationals([b, *overlaps])
    for k, exponents in product(range(4), EXPONENTS):
        found = by_handcalc(distribution(inputs), shift, slopes, k, exponents)
        expected = by_recursion(inputs.patterns, b, overlaps, k, exponents)
        assert fraction(found) == expected, (inputs, b, overlaps, k, exponents)


@pytest.mark.parametrize("seed", range(20))
def test_dirac_s_delta_is_r_minus_one(seed: int) -> None:
    """Its index is −1 by the same rule, where z is 0 at no corner."""
    inputs, b, overlaps = one_output(seed, "as drawn")
    b += Fraction(1, 1009)
    shift, *slopes = rationals([b, *overlaps])
    for exponents in EXPONENTS:
        found = by_handcalc(distribution(inputs), shift, slopes, -1, exponents)
        assert fraction(found) == by_recursion(inputs.patterns, b, overlaps, -1, exponents)


# -- by hand --------------------------------------------------------------------------------------

ALWAYS = SparseUniform(0)
HALF, THIRD = Rational(1, 2), Rational(1, 3)
BY_HAND: dict[str, tuple[object, list[object], int, dict[int, int], object]] = {
    # b, overlaps, k, exponents; one line of work each
    "x": (0, [1], 1, {}, HALF),
    "x, squared over 2": (0, [1], 2, {}, Rational(1, 6)),
    "x times x": (0, [1], 1, {0: 1}, THIRD),
    "where x > 1/2": (-HALF, [1], 0, {}, HALF),
    "2x − 1 where x > 1/2": (-1, [2], 1, {}, Rational(1, 4)),
    "x(2x − 1) where x > 1/2": (-1, [2], 1, {0: 1}, Rational(5, 24)),
    "1 − 2x where x < 1/2": (1, [-2], 1, {}, Rational(1, 4)),
    "x(1 − 2x) where x < 1/2": (1, [-2], 1, {0: 1}, Rational(1, 24)),
    "x − y where x > y": (0, [1, -1], 1, {}, Rational(1, 6)),
    "x(x − y) where x > y": (0, [1, -1], 1, {0: 1}, Rational(1, 8)),
    "half the square": (0, [1, -1], 0, {}, HALF),
    "x + y − 1 above the diagonal": (-1, [1, 1], 1, {}, Rational(1, 6)),
    "the corner of a cube": (-2, [1, 1, 1], 0, {}, Rational(1, 6)),
    "all but the other corner": (-1, [1, 1, 1], 0, {}, Rational(5, 6)),
    "a constant": (THIRD, [0, 0], 1, {}, THIRD),
    "a constant times xy²": (THIRD, [0, 0], 1, {0: 1, 1: 2}, Rational(1, 18)),
    "never": (-1, [1], 1, {}, 0),
    "never, in a corner": (-1, [1], 0, {}, 0),
    "z is 0 everywhere": (0, [0], 0, {}, 0),
    "√2·x": (0, [sqrt(2)], 1, {}, sqrt(2) / 2),
    "√2·x − 1 where it is positive": (-1, [sqrt(2)], 1, {}, Rational(3, 4) * sqrt(2) - 1),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_moments_by_hand(name: str) -> None:
    b, overlaps, k, exponents, expected = BY_HAND[name]
    slopes = [sympy.Integer(0) + value for value in overlaps]
    found = by_handcalc(ALWAYS, sympy.Integer(0) + b, slopes, k, exponents)
    assert sign(found - expected) == 0


def test_an_off_feature_is_0_and_takes_its_monomial_along() -> None:
    """Off with probability 1/4: E[R₁(1/2 − x)] = 1/4·1/2 + 3/4·1/8, E[x R₁] = 3/4·1/48."""
    inputs = SparseUniform("1/4")
    assert by_handcalc(inputs, HALF, [sympy.Integer(-1)], 1, {}) == Rational(7, 32)
    assert by_handcalc(inputs, HALF, [sympy.Integer(-1)], 1, {0: 1}) == Rational(1, 64)


# -- how probable it is that features are active --------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_presence_is_a_sum_over_patterns(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw, no secret
    n = random.randint(1, 5)
    inputs = random_inputs(random, n)
    blocks = distribution(inputs).blocks(n)
    field, (s, *_) = elements(*(block.sparsity for block in blocks))
    draws = SupportWeights.of(field, blocks)
    for size in range(n + 1):
        features = random.sample(range(n), size)
        expected = sum(p for active, p in inputs.patterns.items() if active >= set(features))
        assert fraction(total(draws, s, presence(draws, features)).to_sympy()) == expected


def test_presence_with_s_shared_counts_the_blocks_that_are_on() -> None:
    """Of three features k are on in 3!/(k!(3 − k)!) ways, with the first among them in k/3."""
    blocks = SparseUniform().blocks(3)
    field, _ = elements(sympy.Integer(1))
    draws = SupportWeights.of(field, blocks)
    assert [fraction(w.to_sympy()) for w in presence(draws, [])] == [1, 3, 3, 1]
    assert [fraction(w.to_sympy()) for w in presence(draws, [0])] == [0, 1, 2, 1]
    assert [fraction(w.to_sympy()) for w in presence(draws, [0, 2])] == [0, 0, 1, 1]
