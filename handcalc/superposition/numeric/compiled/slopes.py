"""The loss of one output and its slopes, from the tables: weights passed down to faces."""

from __future__ import annotations

from handcalc.superposition.numeric.compiled.compiler import inlined
from handcalc.superposition.numeric.compiled.lanes import Lanes, both, choose, fill, load, store
from handcalc.superposition.numeric.compiled.rows import STAR
from handcalc.superposition.numeric.compiled.work import (
    ACTIVE,
    BY_B,
    CLIPPED,
    CROSSED,
    OWN,
    PASSED,
    PASSED_FIRST,
    SQUARES,
    Work,
    add,
    begin,
    extremes,
    faces,
    shares,
)

_TOGETHER = 256  # rows are summed together, and then their sums: no error grows with all rows

# Wanted are sums over the sets A of active features, which are rows, each with its P(A):
#
#     L      = Σ P(A)(2E[R_2] + 1_{i∈A}(1/3 − 2E[xᵢR_1]))
#     ∂L/∂b  = 2 Σ P(A)(E[R_1] − 1_{i∈A} E[xᵢR_0])
#     ∂L/∂aⱼ = 2 Σ P(A)(E[xⱼR_1] − 1_{i∈A} E[xᵢxⱼR_0])
#
# A moment is a sum over faces, as ``numeric.moments`` derives, and linear in their moments. So a
# sum over rows with weights is passed on: begin with P(A) at the row A and go through the rows from
# the top; where z = 0 on a cube, give each face its share of the weight, and where z ≥ 0 add the
# plain moment times the weight. One weight λ serves R_2, xᵢR_1, xⱼR_1 and xᵢxⱼR_0, for all j: they
# have the same degree, k plus the number of x before R_k, which is 2, so a cube of d stars divides
# by d + 2; and a row that xⱼR_k is passed on to has j as a star, as have all rows above. What is
# passed on to a face xⱼ = 1 is the moment without xⱼ, for which there is a table, as for what τⱼ
# multiplies. Only with xᵢxⱼR_0 that is xⱼR_0, of degree 1, passed on by a weight of its own, μ, and
# cubes divide by d + 1. So two weights and three tables do for the n slopes. All terms are at
# least 0 until the two sums of a slope meet. Derived here.


@inlined
def pass_down(work: Work, own: int) -> None:
    """Fill ``found`` for one output where ReLU cuts."""
    rows, slots = work.rows, work.slots
    for k in range(rows.patterns.size):
        s, weight = rows.patterns[k], load(work.weights, k)
        store(work.table, s * slots + PASSED, weight)
        if slots > PASSED_FIRST:
            _add_slope_by_b(work, s, own, weight)
    begin(work)
    shared = 0
    for s in range(rows.digits.shape[0] - 1, -1, -1):
        low, high = extremes(work, s, shared)
        shared = rows.shared[s]
        if rows.first[s] == rows.first[s + 1]:
            passed = choose(low > 0.0, load(work.table, s * slots + PASSED), fill(0.0))
            _add(work, SQUARES, passed * (low * low))
        else:
            _pass_cube(work, s, own, low, high)
        if s % _TOGETHER == 0:
            settle(work)


@inlined
def settle(work: Work) -> None:
    """Add what was found of late to all that was found before."""
    for k in range(work.found.shape[0]):
        add(work.total, k, load(work.found, k))
        store(work.found, k, fill(0.0))


@inlined
def add_plain(work: Work, k: int, own: int) -> None:
    """Add the set k of active features to ``found`` where no ReLU cuts."""
    rows, weight, mean = work.rows, load(work.weights, k), load(work.form, work.form.shape[0] - 1)
    s, half = rows.patterns[k], fill(0.0)
    for r in range(rows.first[s], rows.first[s + 1]):
        mean = mean + load(work.form, rows.places[r, 0]) * 0.5
    if rows.digits[s, own] == STAR:
        half = half + 0.5
    if work.slots > PASSED_FIRST:
        _add(work, BY_B, weight * (mean - half))
    _add_uncut(work, s, own, weight, mean, (weight * half) * 0.5)


@inlined
def _add(work: Work, which: int, value: Lanes) -> None:
    add(work.found, work.form.shape[0] - 1 + which, value)


@inlined
def _add_slope_by_b(work: Work, s: int, own: int, weight: Lanes) -> None:
    at = s * work.slots
    if work.rows.digits[s, own] == STAR:
        _add(work, BY_B, weight * (load(work.table, at + CLIPPED) - load(work.table, at + OWN)))
    else:
        _add(work, BY_B, weight * load(work.table, at + CLIPPED))


@inlined
def _add_uncut(work: Work, s: int, own: int, weight: Lanes, mean: Lanes, less: Lanes) -> None:
    """E[z²], E[xᵢz] and, less what xⱼR_0 takes from it, E[xⱼz] of a cube on which z ≥ 0."""
    rows, form, squares, half = work.rows, work.form, fill(0.0), weight * (mean * 0.5)
    for r in range(rows.first[s], rows.first[s + 1]):
        j = rows.places[r, 0]
        a = load(form, j)
        squares = squares + a * a
        if work.slots > PASSED_FIRST and j != own:
            add(work.found, j, (half + weight * (a * (1 / 12))) - less)
    _add(work, SQUARES, weight * (mean * mean + squares * (1 / 12)))
    if rows.digits[s, own] == STAR:
        crossed = half + weight * (load(form, own) * (1 / 12))
        _add(work, CROSSED, crossed)
        add(work.found, own, crossed - weight * (1 / 3))


@inlined
def _pass_cube(work: Work, s: int, own: int, low: Lanes, high: Lanes) -> None:
    """Pass λ and μ on to the faces; add what is not passed on."""
    rows, table, zero, at = work.rows, work.table, fill(0.0), s * work.slots
    stars, positive = rows.first[s + 1] - rows.first[s], high > 0.0
    uncut, cut = both(low >= 0.0, positive), both(low < 0.0, positive)
    passed, first, less = load(table, at + PASSED), zero, zero
    before, behind = shares(low, high)
    weight = choose(cut, passed * work.parts[stars + 2], zero)
    if work.slots > PASSED_FIRST:
        first = load(table, at + PASSED_FIRST)
    if rows.digits[s, own] == STAR:
        first = first + _pass_own(work, s, own, weight, before, behind)
        less = passed * 0.25
    less = choose(uncut, less + first * 0.5, zero)
    _add_uncut(work, s, own, choose(uncut, passed, zero), (low + high) * 0.5, less)
    first = choose(cut, first * work.parts[stars + 1], zero)
    if work.slots > PASSED_FIRST:
        _pass_both(work, s, own, weight, first, (before, behind))
    else:
        _pass_loss(work, s, weight, before, behind)


@inlined
def _pass_own(work: Work, s: int, own: int, weight: Lanes, before: Lanes, behind: Lanes) -> Lanes:
    """Add E[xᵢR_1] and the slope by aᵢ, pass λ on to μ where xᵢ = 1, and return what stays here."""
    table, at, one = work.table, s * work.slots, work.rows.ones[s, own] * work.slots
    on, off = faces(work, own, before, behind)
    crossed = weight * (off * load(table, at + CLIPPED) + on * load(table, one + CLIPPED))
    _add(work, CROSSED, crossed)
    if work.slots > PASSED_FIRST:
        less = off * (2.0 * load(table, at + OWN)) + on * load(table, one + ACTIVE)
        add(work.found, own, crossed - weight * less)
        add(table, one + PASSED_FIRST, weight * on)
    return weight * off


@inlined
def _pass_loss(work: Work, s: int, weight: Lanes, before: Lanes, behind: Lanes) -> None:
    rows, table, slots = work.rows, work.table, work.slots
    for r in range(rows.first[s], rows.first[s + 1]):
        on, off = faces(work, rows.places[r, 0], before, behind)
        add(table, rows.places[r, 1] * slots + PASSED, weight * on)
        add(table, rows.places[r, 2] * slots + PASSED, weight * off)


@inlined
def _pass_both(
    work: Work, s: int, own: int, weight: Lanes, first: Lanes, ends: tuple[Lanes, Lanes]
) -> None:
    """Pass λ and μ on, and add the slopes by the overlaps with other features than i."""
    rows, table, slots, at = work.rows, work.table, work.slots, s * work.slots
    has_own = rows.digits[s, own] == STAR
    inner = load(table, at + CLIPPED)
    if has_own:
        inner = inner - load(table, at + OWN)
    inner = weight * inner - first * load(table, at + ACTIVE)
    for r in range(rows.first[s], rows.first[s + 1]):
        j, one, zero = rows.places[r, 0], rows.places[r, 1] * slots, rows.places[r, 2] * slots
        on, off = faces(work, j, ends[0], ends[1])
        add(table, one + PASSED, weight * on)
        add(table, zero + PASSED, weight * off)
        add(table, one + PASSED_FIRST, first * on)
        add(table, zero + PASSED_FIRST, first * off)
        if j != own:
            face = load(table, one + CLIPPED)
            if has_own:
                face = face - load(table, one + OWN)
            face = weight * face - first * load(table, one + ACTIVE)
            add(work.found, j, off * inner + on * face)
