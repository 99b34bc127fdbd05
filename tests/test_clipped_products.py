"""E[u⁺v⁺] and [u > 0]·v⁺·xᵢ over cubes: by polygons cut with fractions, by sampling, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from handcalc.directions.clipped_products import ClippedPair, LinearForm
from handcalc.numbers.field import Field
from handcalc.parsing import parse_scalar

Point = tuple[Fraction, Fraction]
Line = tuple[Fraction, Fraction, Fraction]  # c + ax + by

SQUARE: list[Point] = [
    (Fraction(0), Fraction(0)), (Fraction(1), Fraction(0)),
    (Fraction(1), Fraction(1)), (Fraction(0), Fraction(1)),
]  # fmt: skip


def at(line: Line, point: Point) -> Fraction:
    return line[0] + line[1] * point[0] + line[2] * point[1]


def clipped(polygon: Sequence[Point], line: Line) -> list[Point]:
    """The part of a convex polygon with line ≥ 0: Sutherland and Hodgman's algorithm."""
    found: list[Point] = []
    for a, b in pairwise([*polygon, *polygon[:1]]):
        p, q = at(line, a), at(line, b)
        if p >= 0:
            found.append(a)
        if p * q < 0:
            t = p / (p - q)
            found.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
    return found


def integral(polygon: Sequence[Point], factors: Sequence[Line]) -> Fraction:
    """∫ of a product of up to three affine forms, exactly, by fans of triangles.

    Over a triangle ∫ λᵃ is 2A·Π aᵢ!/(Σ aᵢ + 2)!, so a product of k forms has the mean
    2 k!/(k + 2)! times the complete sum over multisets of corners.
    """
    total = Fraction(0)
    for b, c in pairwise(polygon[1:]):
        a = polygon[0]
        area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        total += area * simplex_mean([[at(f, v) for v in (a, b, c)] for f in factors])
    return total


def simplex_mean(values: Sequence[Sequence[Fraction]]) -> Fraction:
    """∫ of Π fₗ over the unit triangle, each f given by its values at the corners."""
    if not values:
        return Fraction(1, 2)
    total, size = Fraction(0), len(values)
    factorial = [1, 1, 2, 6, 24, 120]

    def walk(place: int, powers: tuple[int, int, int], product: Fraction) -> None:
        nonlocal total
        if place == size:
            weight = 1
            for power in powers:
                weight *= factorial[power]
            total += product * weight / factorial[size + 2]
            return
        for corner in range(3):
            more = tuple(p + (k == corner) for k, p in enumerate(powers))
            walk(place + 1, more, product * values[place][corner])

    walk(0, (0, 0, 0), Fraction(1))
    return total


def random_line(rng: np.random.Generator) -> Line:
    c, a, b = (Fraction(int(rng.integers(-6, 7)), int(rng.integers(1, 4))) for _ in range(3))
    return c, a, b


def form(field: Field, line: Sequence[Fraction]) -> LinearForm:
    c, *slopes = map(field.rational, line)
    return LinearForm(c, tuple(slopes))


@pytest.mark.parametrize("seed", range(8))
def test_two_forms_over_the_square_are_what_polygons_give(seed: int) -> None:
    rng, field, seen = np.random.default_rng(seed), Field(), 0
    x, y = (Fraction(0), Fraction(1), Fraction(0)), (Fraction(0), Fraction(0), Fraction(1))
    for case in range(50):
        u, v = random_line(rng), random_line(rng)
        if case % 5 == 0:  # parallel, one way or the other
            k = Fraction(int(rng.integers(-3, 4)), 2)
            v = (v[0], k * u[1], k * u[2])
        pair = ClippedPair(form(field, u), form(field, v))
        part = clipped(clipped(SQUARE, u), v) if any(u) and any(v) else []
        expected = integral(part, [u, v]) if len(part) > 2 else Fraction(0)
        assert pair.product_mean((0, 1)).to_fraction() == expected
        gated = [integral(part, f) if len(part) > 2 else 0 for f in ([v], [v, x], [v, y])]
        assert [mean.to_fraction() for mean in pair.gated_means((0, 1))] == gated
        seen += expected != 0
    assert seen > 15


@pytest.mark.parametrize("k", [1, 3, 4, 5])
def test_more_features_agree_with_sampling(k: int) -> None:
    rng, field = np.random.default_rng(k), Field()
    x = rng.random((200_000, k))
    for case in range(12):
        lines = [[Fraction(int(n), 3) for n in rng.integers(-6, 7, size=k + 1)] for _ in range(2)]
        if case % 4 == 3:
            lines[1] = [lines[1][0], *(-2 * a for a in lines[0][1:])]
        u, v = (float(line[0]) + x @ np.array(line[1:], dtype=float) for line in lines)
        pair = ClippedPair(*(form(field, line) for line in lines))
        gate = (u > 0) * np.maximum(v, 0)
        samples = [np.maximum(u, 0) * np.maximum(v, 0), gate, *(gate * column for column in x.T)]
        means = [pair.product_mean(range(k)), *pair.gated_means(range(k))]
        for sample, mean in zip(samples, means, strict=True):
            error = sample.std() / np.sqrt(len(sample))
            assert abs(sample.mean() - mean.to_float()) <= 5 * error


def test_a_product_is_the_sum_of_its_gated_parts() -> None:
    # u⁺v⁺ = [u > 0]v⁺·(c + Σ aᵢxᵢ): two recursions of different degree give one number
    rng, field = np.random.default_rng(5), Field()
    for _ in range(40):
        lines = [[Fraction(int(n), 2) for n in rng.integers(-5, 6, size=5)] for _ in range(2)]
        u, v = (form(field, line) for line in lines)
        pair = ClippedPair(u, v)
        for active in ((), (1,), (0, 2), (0, 1, 3), (0, 1, 2, 3)):
            whole, *each = pair.gated_means(active)
            parts = sum((a * e for a, e in zip(u.slopes, each, strict=True)), u.constant * whole)
            assert parts == pair.product_mean(active)


def test_a_product_does_not_depend_on_which_form_is_first() -> None:
    rng, field = np.random.default_rng(6), Field()
    for _ in range(40):
        u, v = (
            form(field, [Fraction(int(n), 2) for n in rng.integers(-5, 6, size=5)])
            for _ in range(2)
        )
        every = (0, 1, 2, 3)
        assert ClippedPair(u, v).product_mean(every) == ClippedPair(v, u).product_mean(every)


def test_square_roots_are_as_exact_as_fractions() -> None:
    # E[(x − y)⁺(√2 x − y)⁺]: over y < x it is ∫∫ (x − y)(√2 x − y), as √2 x > x there
    field = Field()
    one, root = field.rational(1), field.sqrt(field.rational(2))
    pair = ClippedPair(LinearForm(one * 0, (one, -one)), LinearForm(one * 0, (root, -one)))
    # ∫ x³·∫₀¹(1 − t)(√2 − t) dt = (1/4)(√2/2 − 1/6)
    assert pair.product_mean((0, 1)).to_sympy() == parse_scalar("sqrt(2)/8 - 1/24")


def test_forms_that_only_touch_zero_have_no_product() -> None:
    field = Field()
    one = field.rational(1)
    touching = LinearForm(-one, (one, one * 0))
    pair = ClippedPair(touching, LinearForm(one, (one * 0, one)))
    assert pair.product_mean((0, 1)) == 0
    nought = ClippedPair(LinearForm(one * 0, (one * 0, one * 0)), LinearForm(one, (one, one)))
    assert nought.product_mean((0, 1)) == 0
    assert not any(nought.gated_means((0, 1)))
