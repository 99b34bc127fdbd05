"""What the compiled loops work with, and the small steps that several of them take."""

from __future__ import annotations

from typing import NamedTuple

from handcalc.superposition.numeric.compiled.compiler import inlined
from handcalc.superposition.numeric.compiled.lanes import Lanes, choose, fill, load, store
from handcalc.superposition.numeric.compiled.rows import STAR, AssignmentRows, Floats

CLIPPED, PASSED, ACTIVE, OWN, PASSED_FIRST = range(5)
"""The slots of a row: E[R_1], λ; for the gradient E[R_0], E[xᵢR_0], μ too, as ``slopes`` says."""

BY_B, SQUARES, CROSSED, KEPT = range(4)
"""Behind the n slopes by overlaps in ``found``: the slope by b, and three parts of the loss."""


class Work(NamedTuple):
    """One output of eight models: its form z = b + a·x, its tables, and what is found.

    All arrays of numbers have a last axis of lanes.
    """

    rows: AssignmentRows
    table: Floats  # (rows · slots, LANES)
    slots: int  # 2 for the loss alone, 5 with the gradient
    form: Floats  # (n + 1, LANES): a, then b
    sums: Floats  # (2(n + 1), LANES): the least z over the first digits of a row, and the greatest
    weights: Floats  # (patterns, LANES), P(A)
    found: Floats  # (n + 4, LANES), of the last rows
    total: Floats  # (n + 4, LANES), of those before
    parts: Floats  # (n + 4,): 1/k in place k


@inlined
def begin(work: Work) -> None:
    """The sums before any digit: b."""
    n = work.form.shape[0] - 1
    b = load(work.form, n)
    store(work.sums, 0, b)
    store(work.sums, n + 1, b)


@inlined
def extremes(work: Work, s: int, shared: int) -> tuple[Lanes, Lanes]:
    """The least and the greatest z on the cube of row s, whose first digits are summed already."""
    # Summed in the order of the features, each extreme is the z of a corner to the last bit, so
    # that a cube, its faces and its corners agree on what sign z has.
    n, digits, form, sums = work.form.shape[0] - 1, work.rows.digits, work.form, work.sums
    for j in range(shared, n):
        low, high = load(sums, j), load(sums, n + 1 + j)
        if digits[s, j]:
            a = load(form, j)
            least, greatest = a, a
            if digits[s, j] == STAR:
                zero = fill(0.0)
                rises = a >= 0.0
                least, greatest = choose(rises, zero, a), choose(rises, a, zero)
            low, high = low + least, high + greatest
        store(sums, j + 1, low)
        store(sums, n + 2 + j, high)
    return load(sums, n), load(sums, 2 * n + 1)


@inlined
def shares(low: Lanes, high: Lanes) -> tuple[Lanes, Lanes]:
    """Where z = 0 on the diagonal from the least z to the greatest, and 1 less that."""
    width = high - low
    width = choose(width > 0.0, width, fill(1.0))
    return (0.0 - low) / width, high / width


@inlined
def faces(work: Work, feature: int, before: Lanes, behind: Lanes) -> tuple[Lanes, Lanes]:
    """The shares of the faces on which a feature is 1 and 0: 1 − τ and τ."""
    rises = load(work.form, feature) >= 0.0
    return choose(rises, behind, before), choose(rises, before, behind)


@inlined
def add(table: Floats, row: int, value: Lanes) -> None:
    """Add to a row."""
    store(table, row, load(table, row) + value)
