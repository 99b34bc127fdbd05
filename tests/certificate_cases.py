"""Boxes of embeddings at random, their bounds by the search and by the check, and losses there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from handcalc.superposition.certificates.checker.checking import case_arrays
from handcalc.superposition.certificates.checker.leaf import leaf_margins
from handcalc.superposition.certificates.claim import CertifiedClaim, free_entries
from handcalc.superposition.certificates.cover import GRAIN, STEPS, Floats, Region, bias_widths
from handcalc.superposition.certificates.search.covering import to_floats
from handcalc.superposition.certificates.search.tangent import scratch
from handcalc.superposition.certificates.search.vertex_bound import bound_boxes
from handcalc.superposition.loss.distribution import Anticorrelated, Correlated, OneActive
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.numeric.losses import expected_losses

HALF = Fraction(1, 2)
STIFFNESS = 6.0

PROBLEMS = (
    Problem.of(2, 1, "1/2"),
    Problem.of(2, 1, "9/10", "1 1/3"),
    Problem.of(2, 1, "1/3 3/4"),
    Problem.of(2, 1, 0),
    Problem.of(3, 1, "4/5", "1/2 1 1/5"),
    Problem.of(3, 2, "7/10"),
    Problem.of(3, 2, "1/10 1/2 9/10", "1 3 1/2"),
    Problem.of(3, 1, importance="1 1/2 1/4", distribution=OneActive(3)),
    Problem.of(4, 2, distribution=OneActive(4)),
    Problem.of(4, 2, distribution=Anticorrelated([(1, 2), (3, 4)], "1/3 1/2")),
    Problem.of(3, 2, distribution=Correlated([(1, 2)], "1/2 3/4")),
    Problem.of(4, 1, distribution=Anticorrelated([(1, 3), (2, 4)], "1/2")),
)


@dataclass(frozen=True, eq=False)
class Boxes:
    """Boxes of W, with where a bound touches each, and how finely biases are cut."""

    low: Floats
    high: Floats
    rows: np.ndarray[Any, np.dtype[np.int64]]
    biases: np.ndarray[Any, np.dtype[np.int64]]
    cuts: np.ndarray[Any, np.dtype[np.int64]]
    margins: Floats


def random_boxes(
    rng: np.random.Generator, claim: CertifiedClaim, count: int, widest: float = 1.0
) -> tuple[Floats, Floats]:
    """Boxes from tiny ones to some as wide as ``widest``, whose ends are multiples of the grain."""
    n, m = claim.problem.features, claim.problem.hidden
    low, high = np.zeros((count, n, m)), np.zeros((count, n, m))
    size = widest * 2.0 ** -rng.integers(0, 8, count)
    for i, k in free_entries(n, m):
        middle = rng.choice([0.0, 0.0, 1.0, -1.0], count) + rng.normal(0, 0.6, count)
        half = size * rng.uniform(0.1, 0.5, count)
        low[:, i, k] = np.floor((middle - half) / GRAIN) * GRAIN
        high[:, i, k] = np.ceil((middle + half) / GRAIN) * GRAIN
    return low, high


def bounded(
    claim: CertifiedClaim,
    low: Floats,
    high: Floats,
    most: Sequence[float],
    region: Region | None = None,
) -> Boxes:
    """The margins of boxes as the search finds them; in a region, of what lies outside of it."""
    cases = to_floats(claim, tuple(most))
    n, m = low.shape[1:]
    count = len(low)
    work = scratch(cases, m, 1 << len(free_entries(n, m)))
    rows, biases = np.zeros(low.shape, np.int64), np.zeros(low.shape[:2], np.int64)
    margins, cuts = np.empty(count), np.zeros(count, np.int64)
    regions = np.array([np.zeros((n, 2)) if region is None else region.biases])
    inside = np.full(count, -1 if region is None else 0)
    bound_boxes(
        cases, low, high, work, rows, biases, bias_widths(low, high), STIFFNESS,
        regions, inside, margins, cuts,
    )  # fmt: skip
    return Boxes(low, high, rows, biases, cuts, margins)


def rechecked(
    claim: CertifiedClaim, boxes: Boxes, most: Sequence[float], region: Region | None = None
) -> Floats:
    """The margins of the same boxes as the check finds them."""
    n, m = boxes.low.shape[1:]
    arrays = case_arrays(claim)
    stacked = [
        np.array([getattr(case, name) for case in arrays])
        for name in ("weights", "importance", "active")
    ]
    touches = boxes.low + (boxes.high - boxes.low) * (boxes.rows / STEPS)
    regions = np.array([np.zeros((n, 2)) if region is None else region.biases])
    inside = np.full(len(boxes.low), -1 if region is None else 0)
    margins = np.empty(len(boxes.low))
    given: list[Any] = [
        arrays[0].sets, *stacked, np.array(most), boxes.low, boxes.high, touches,
        boxes.biases * GRAIN, bias_widths(boxes.low, boxes.high), 2.0 ** -boxes.cuts, inside,
        regions, np.empty((8, 256)), np.empty((5, 1 << len(free_entries(n, m)))), margins,
    ]  # fmt: skip
    leaf_margins(*given)
    return margins


def losses(problem: Problem, order: Sequence[int], rows: Floats, biases: Floats) -> Floats:
    """The losses of models whose rows are in the order of boxes, to 1e-12."""
    places = np.argsort(order)
    importance = np.array([float(each) for each in problem.importance])
    found: Floats = expected_losses(
        np.ascontiguousarray(rows[:, places]),
        np.ascontiguousarray(biases[:, places]),
        problem.distribution,
        importance=importance,
    )
    return found


def drawn(rng: np.random.Generator, low: Floats, high: Floats, count: int) -> Floats:
    """So many W of each box: inside, on its faces and at its vertices; (boxes · count, n, m)."""
    shape = (len(low), count, *low.shape[1:])
    share = rng.uniform(0, 1, shape)
    at_end = rng.uniform(0, 1, shape) < rng.choice([0.0, 0.5, 1.0], (len(low), count, 1, 1))
    share = np.where(at_end, share > 0.5, share)
    found = low[:, None] + (high - low)[:, None] * share
    return found.reshape(-1, *low.shape[1:])
