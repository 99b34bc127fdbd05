"""The least curvature of regions, against second derivatives inside them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from handcalc.superposition.certificates.checker.checking import case_arrays
from handcalc.superposition.certificates.checker.curvature import (
    _always_on,
    _on_plane,
    convexity,
)
from handcalc.superposition.certificates.claim import CertifiedClaim, free_entries
from handcalc.superposition.certificates.copies import region_around
from handcalc.superposition.certificates.cover import Floats, Region, regions_of
from handcalc.superposition.loss.distribution import Correlated, OneActive
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.numeric.losses import expected_losses_and_gradients
from tests.oracles.recursion import clipped

STEP = 1e-5

PAIRS = ((1, 2),)
BEST = (
    (Problem.of(2, 1, "1/2"), [[0.96897], [-0.96897]], [0.09768, 0.09768]),
    (Problem.of(2, 1, "9/10"), [[1.00579], [-1.00579]], [0.00125, 0.00125]),
    (Problem.of(2, 1, 0, "1 1/2"), [[1.0], [0.0]], [0.0, 0.5]),
    (Problem.of(2, 1, "1/2", "1 1/5"), [[1.0], [0.0]], [0.01, 0.25]),
    (Problem.of(3, 2, "9/10"), [[1.00579, 0], [-1.00579, 0], [0, 1]], [0.00125, 0.00125, 0]),
    (Problem.of(3, 2, "1/2"), [[1, 0], [0, 0.96897], [0, -0.96897]], [0, 0.09768, 0.09768]),
    (Problem.of(3, 1, distribution=OneActive(3)), [[1], [-1], [0]], [0, 0, 0.16667]),
    (Problem.of(3, 2, distribution=Correlated(PAIRS, "1/2")), [[1, 0], [-0.3, 1], [0, 1]], [0] * 3),
)
"""Models near to the best, and one with little to be said for it."""


def least_eigenvalue(claim: CertifiedClaim, W: Floats, b: Floats) -> float:
    """Of the second derivatives in the free entries of W and in b, by central differences."""
    n, m = W.shape
    entries = [i * m + k for i, k in free_entries(n, m)] + list(range(n * m, n * m + n))
    point = np.concatenate([W.ravel(), b])
    moved = np.array(
        [point + sign * STEP * np.eye(len(point))[e] for e in entries for sign in (1, -1)]
    )
    places = np.argsort(claim.order)
    importance = np.array([float(each) for each in claim.problem.importance])
    _, *slopes = expected_losses_and_gradients(
        np.ascontiguousarray(moved[:, : n * m].reshape(-1, n, m)[:, places]),
        np.ascontiguousarray(moved[:, n * m :][:, places]),
        claim.problem.distribution,
        importance=importance,
    )
    order = list(claim.order)
    own = np.hstack([each[:, order].reshape(len(moved), -1) for each in slopes])[:, entries]
    found = (own[0::2] - own[1::2]) / (2 * STEP)
    return float(np.linalg.eigvalsh((found + found.T) / 2).min())


def ends_of(region: Region) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    return (region.low, region.high), (region.biases[:, 0], region.biases[:, 1])


@pytest.mark.parametrize(("problem", "W", "b"), BEST)
def test_no_point_of_a_region_has_less_curvature_than_is_said(
    problem: Problem, W: list[list[float]], b: list[float]
) -> None:
    claim, rng = CertifiedClaim(problem), np.random.default_rng(6)
    shown = 0
    for radius in (2.0**-6, 2.0**-10) if problem.hidden == 1 else (2.0**-10,):
        region = region_around(np.array(W, float), np.array(b, float), radius)
        said = min(convexity(case, region) for case in case_arrays(claim))
        shown += said > 0
        for _ in range(12):
            W_inside, b_inside = (rng.uniform(*ends) for ends in ends_of(region))
            assert said == 0 or said <= least_eigenvalue(claim, W_inside, b_inside) + 1e-6
    assert shown > 0 or isinstance(problem.distribution, Correlated)


@pytest.mark.parametrize(("problem", "W", "b"), [*BEST[:2], BEST[3]])
def test_in_a_tiny_region_little_curvature_is_lost(
    problem: Problem, W: list[list[float]], b: list[float]
) -> None:
    claim = CertifiedClaim(problem)
    (case,) = case_arrays(claim)
    region = region_around(np.array(W, float), np.array(b, float), 2.0**-15)
    true = least_eigenvalue(claim, np.array(W), np.array(b))
    assert convexity(case, region) > 0.9 * true - 0.01


def still(problem: Problem, W: list[list[float]], b: list[float], radius: float) -> float:
    (case,) = case_arrays(CertifiedClaim(problem))
    return convexity(case, region_around(np.array(W, float), np.array(b, float), radius))


def test_nothing_is_shown_where_there_is_no_curvature() -> None:
    tiny, half = 2.0**-14, Problem.of(2, 1, "1/2")
    assert still(half, [[0.0], [0.0]], [0.25, 0.25], tiny) == 0  # a saddle
    assert still(half, [[1.0], [0.0]], [0.0, -0.5], tiny) == 0  # a dead output: its bias is free
    assert still(half, [[1.0], [0.0]], [0.0, 0.0], tiny) == 0  # a kink
    assert still(half, [[1.0], [0.0]], [0.0, 0.25], tiny) == 0  # a saddle for equal importances
    assert still(half, *BEST[0][1:], 1.0) == 0  # too wide


def test_along_the_turns_of_a_plane_there_is_none() -> None:
    """With a first row of 0 all others turn at the same loss."""
    problem = Problem.of(3, 2, "9/10")
    W = [[0.0, 0.0], [1.0, 0.0], [-1.0, 0.1]]
    assert still(problem, W, [0.05, 0.0, 0.0], 2.0**-13) == 0


# -- the parts of it ------------------------------------------------------------------------------


def forms(features: int, count: int) -> Iterator[list[Fraction]]:
    """Slopes and a bias in 64ths, where z has both signs on the cube."""
    rng = np.random.default_rng(features)
    while count:
        y = [Fraction(int(k), 64) for k in rng.integers(-64, 65, features + 1)]
        low = y[-1] + sum(min(g, Fraction(0)) for g in y[:-1])
        high = y[-1] + sum(max(g, Fraction(0)) for g in y[:-1])
        if low < -Fraction(1, 8) and high > Fraction(1, 8) and min(map(abs, y[:-1])) > 0.1:
            count -= 1
            yield y


def powers(features: int, *chosen: int) -> tuple[int, ...]:
    """The exponents of a product of inputs; the last index stands for 1."""
    return tuple(chosen.count(j) for j in range(features))


@pytest.mark.parametrize("features", [1, 2, 3])
def test_inputs_with_z_above_0_are_at_most_all_of_them(features: int) -> None:
    for y in forms(features, 4):
        found = _always_on(np.array([float(each) for each in y]))
        true = np.array(
            [
                [
                    float(clipped(y[-1], tuple(y[:-1]), powers(features, a, c), 0))
                    for c in range(features + 1)
                ]
                for a in range(features + 1)
            ]
        )
        assert found == pytest.approx(true, abs=0.02)
        assert np.linalg.eigvalsh(true - found).min() > -1e-9


@pytest.mark.parametrize("features", [1, 2, 3])
def test_what_lies_on_the_plane_is_enclosed(features: int) -> None:
    """It is the second difference of E[x… z⁺] in b, where it has no kinks."""
    h = Fraction(1, 2**12)
    for y in forms(features, 4):
        at = np.array([float(each) for each in y])
        for own in range(features):
            bounds = _on_plane(own, at, at)
            assert bounds is not None
            for a, c in product(range(features + 1), repeat=2):
                e = powers(features, own, a, c)
                three = [clipped(y[-1] + k * h, tuple(y[:-1]), e, 1) for k in (-1, 0, 1)]
                true = float((three[0] - 2 * three[1] + three[2]) / h**2)
                assert bounds[0][a, c] - 1e-3 <= true <= bounds[1][a, c] + 1e-3
                assert bounds[1][a, c] - bounds[0][a, c] < 0.1


@pytest.mark.parametrize("features", [1, 2])
def test_a_box_of_planes_encloses_each_of_them(features: int) -> None:
    rng = np.random.default_rng(9)
    for y in forms(features, 6):
        at = np.array([float(each) for each in y])
        below, above = at - 2.0**-6, at + 2.0**-6
        for own in range(features):
            wide = _on_plane(own, below, above)
            assert wide is not None
            inside = rng.uniform(below, above)
            narrow = _on_plane(own, inside, inside)
            assert narrow is not None
            assert (wide[0] <= narrow[1] + 1e-12).all()
            assert (wide[1] >= narrow[0] - 1e-12).all()


def test_no_plane_is_0_and_one_that_may_be_all_is_unknown() -> None:
    above = np.array([0.5, -0.25, 0.3])
    bounds = _on_plane(0, above, above)
    assert bounds is not None
    assert not bounds[0].any()
    assert not bounds[1].any()
    assert _on_plane(0, np.array([-0.1, -0.1, -0.1]), np.array([0.1, 0.1, 0.1])) is None


def test_inputs_with_no_feature_on_count_where_the_bias_is_above_0() -> None:
    assert _always_on(np.array([0.25])).tolist() == [[1.0]]
    assert _always_on(np.array([0.0])).tolist() == [[0.0]]


def test_a_region_holds_what_lies_in_it() -> None:
    region = region_around(np.array([[1.0, 0.0], [0.5, 0.5]]), np.zeros(2), 0.25)
    assert isinstance(region, Region)
    assert region.low.tolist() == [[0.75, 0.0], [0.25, 0.25]]
    low, high = np.array([region.low, region.low - 2.0**-20]), np.array([region.high] * 2)
    assert regions_of([region], low, high).tolist() == [0, -1]
