"""Bounds on boxes of W, against losses inside: by chance, at vertices, and where they are least."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from handcalc.superposition.certificates.checker.leaf import piece_ends
from handcalc.superposition.certificates.claim import CertifiedClaim
from handcalc.superposition.certificates.cover import GRAIN, STEPS, Floats, Region
from handcalc.superposition.certificates.search.vertex_bound import cut_biases
from handcalc.superposition.loss.problem import Problem
from tests.certificate_cases import (
    PROBLEMS,
    Boxes,
    bounded,
    drawn,
    losses,
    random_boxes,
    rechecked,
)

BOXES, POINTS, SEED = 80, 120, 5
ROUNDING = 1e-12  # of losses in floats


def names(problem: Problem) -> str:
    return f"{problem.features}-{problem.hidden}-{problem.distribution.name}"


@pytest.fixture(scope="module", params=PROBLEMS, ids=names)
def claim(request: pytest.FixtureRequest) -> CertifiedClaim:
    return CertifiedClaim(request.param)


def random_biases(rng: np.random.Generator, boxes: Boxes, points: int) -> Floats:
    """Near the tangents' and far from them."""
    centre = np.repeat(boxes.biases * GRAIN, points, axis=0)
    spread = rng.choice([0.01, 0.1, 0.5, 2.0], (len(centre), 1))
    return centre + spread * rng.normal(size=centre.shape)


def test_no_loss_in_a_box_is_below_its_bounds(claim: CertifiedClaim) -> None:
    rng = np.random.default_rng(SEED)
    boxes = bounded(claim, *random_boxes(rng, claim, BOXES), [0.0])
    again = rechecked(claim, boxes, [0.0])
    W = drawn(rng, boxes.low, boxes.high, POINTS)
    found = losses(claim.problem, claim.order, W, random_biases(rng, boxes, POINTS))
    least = found.reshape(BOXES, POINTS).min(1)
    assert (boxes.margins <= least + ROUNDING).all()
    assert (again <= least + ROUNDING).all()


def test_search_and_check_find_the_same_bounds(claim: CertifiedClaim) -> None:
    rng = np.random.default_rng(SEED + 1)
    boxes = bounded(claim, *random_boxes(rng, claim, BOXES), [0.0])
    assert rechecked(claim, boxes, [0.0]) == pytest.approx(boxes.margins, abs=1e-6)


def test_small_boxes_have_bounds_near_their_losses(claim: CertifiedClaim) -> None:
    rng = np.random.default_rng(SEED + 2)
    most = 10.0  # above all of them, so that biases are cut as finely as there is a use for
    boxes = bounded(claim, *random_boxes(rng, claim, BOXES, 2.0**-9), [most])
    share: Floats = boxes.rows / STEPS
    touched = boxes.low + (boxes.high - boxes.low) * share
    found = losses(claim.problem, claim.order, touched, boxes.biases.astype(float) * GRAIN)
    left = found - (rechecked(claim, boxes, [most]) + most)
    assert left.min() >= -ROUNDING
    assert np.median(left) < 1e-3
    assert left.max() < 4e-2


def test_the_least_loss_of_a_box_is_not_below_its_bounds(claim: CertifiedClaim) -> None:
    """What bounds leave is looked for by a descent inside the box, from several starts."""
    rng = np.random.default_rng(SEED + 3)
    boxes = bounded(claim, *random_boxes(rng, claim, 6), [0.0])
    again = rechecked(claim, boxes, [0.0])
    for t in range(len(again)):
        margin = max(again[t], boxes.margins[t])
        assert least_inside(rng, claim, boxes, t) >= margin - ROUNDING


def least_inside(rng: np.random.Generator, claim: CertifiedClaim, boxes: Boxes, t: int) -> float:
    """The least loss that descents find in a box."""
    low, high = boxes.low[t], boxes.high[t]
    free = high > low
    shape, count = low.shape, int(free.sum())

    def loss(point: Floats) -> float:
        W = low.copy()
        W[free] = point[:count]
        return float(losses(claim.problem, claim.order, W[None], point[None, count:])[0])

    ends = [*zip(low[free], high[free], strict=True), *[(-3.0, 3.0)] * shape[0]]
    found = []
    for _ in range(2):
        start = rng.uniform(low[free], high[free])
        biases = np.clip(boxes.biases[t] * GRAIN, -3, 3)
        found.append(minimize(loss, [*start, *biases], method="L-BFGS-B", bounds=ends).fun)
    return float(min(found))


# -- with a region --------------------------------------------------------------------------------


def around(rng: np.random.Generator, boxes: Boxes, t: int, upper: float) -> Region:
    """A region with a box in it, and biases near those of the tangent."""
    n = boxes.biases.shape[1]
    middle = np.floor(boxes.biases[t] * GRAIN * 256) / 256
    ends = [middle - 2.0 ** -rng.integers(1, 7, n), middle + upper * 2.0 ** -rng.integers(1, 7, n)]
    return Region(boxes.low[t], boxes.high[t], np.stack(ends, axis=1))


def outside(rng: np.random.Generator, region: Region, count: int) -> Floats:
    """Biases some of which lie outside of a region; often just so."""
    low, high = region.biases.T
    n = len(low)
    b = rng.uniform(low - 0.1, high + 0.1, (count, n))
    which = rng.integers(0, n, count)
    away = rng.choice([1e-9, 1e-3, 0.1, 1.0], count)
    beyond = np.where(rng.uniform(size=count) < 0.5, low[which] - away, high[which] + away)
    b[np.arange(count), which] = beyond
    return b


def regions(
    rng: np.random.Generator, claim: CertifiedClaim, count: int
) -> Iterator[tuple[Boxes, Region]]:
    boxes = bounded(claim, *random_boxes(rng, claim, count, 0.25), [0.0])
    for t in range(count):
        region = around(rng, boxes, t, rng.choice([1.0, 64.0]))  # some reach above all pieces
        yield bounded(claim, boxes.low[t : t + 1], boxes.high[t : t + 1], [0.0], region), region


def test_in_a_region_no_loss_with_a_bias_outside_is_below_the_bounds(claim: CertifiedClaim) -> None:
    rng = np.random.default_rng(SEED + 4)
    for box, region in regions(rng, claim, 40):
        again = rechecked(claim, box, [0.0], region)
        W = drawn(rng, box.low, box.high, POINTS)
        found = losses(claim.problem, claim.order, W, outside(rng, region, POINTS)).min()
        assert box.margins[0] <= found + ROUNDING
        assert again[0] <= found + ROUNDING
        assert again[0] == pytest.approx(box.margins[0], abs=1e-6)


def test_in_a_region_bounds_are_not_below_those_without() -> None:
    claim = CertifiedClaim(Problem.of(2, 1, "1/2"))
    rng = np.random.default_rng(SEED + 5)
    rises = []
    for box, _ in regions(rng, claim, 40):
        without = bounded(claim, box.low, box.high, [0.0])
        rises.append(box.margins[0] - without.margins[0])
    assert min(rises) > -1e-3
    assert max(rises) > 5e-3


def test_above_a_region_that_reaches_over_all_pieces_there_is_a_bound_too() -> None:
    """W = 0 with b just above 1/2 loses 1/12 each: much less than with an output that is dead."""
    claim = CertifiedClaim(Problem.of(2, 1, 0))
    low = np.zeros((1, 2, 1))
    high = low + 2.0**-10
    for reach in (0.5, 0.5 + 2.0**-11, 0.5 + 2.0**-10, 0.75):
        region = Region(low[0], high[0], np.array([[-1.0, reach]] * 2))
        box = bounded(claim, low, high, [0.0], region)
        b = np.array([[reach + 1e-9, 0.5]])
        (loss,) = losses(claim.problem, claim.order, low, b)
        assert box.margins[0] <= loss
        assert rechecked(claim, box, [0.0], region)[0] <= loss


# -- pieces of biases -----------------------------------------------------------------------------


@pytest.mark.parametrize("bias", [-3.0, -1.0, 0.25, 0.7])
@pytest.mark.parametrize("widest", [8.0, 0.125])
def test_pieces_cover_all_biases_from_the_dead_end_to_the_top(bias: float, widest: float) -> None:
    bottom, top, width = -1.5, 0.75, 2.0**-5
    ends = np.full(256, np.nan)
    given: list[Any] = [bottom, top, bias, width, widest, np.array([0.1, 5.0]), ends]
    count = piece_ends(*given)
    found = ends[:count]
    assert (found[0], found[-2], found[-1]) == (bottom, top, top)
    assert (np.diff(found) >= 0).all()
    assert 0.1 in found
    assert np.diff(found).max() <= widest
    assert bias in found or bias < bottom
    edges = np.full(97, np.nan)
    given = [bottom, top, bias, width, widest, edges]
    assert set(edges[: cut_biases(*given)]) == set(found) - {0.1}


@pytest.mark.parametrize("bias", [-1000.0, -0.5, 0.25])
def test_pieces_that_there_is_no_room_for_are_not_made(bias: float) -> None:
    fine = 2.0**-18
    for room in (97, 256):
        ends = np.full(room + 1, np.nan)
        given: list[Any] = [-1.5, 0.75, bias, fine, fine]
        with_regions: list[Any] = [*given, np.zeros(0), ends[:room]]
        given.append(ends[:room])
        assert cut_biases(*given) == piece_ends(*with_regions) == 0
        assert np.isnan(ends[room])
