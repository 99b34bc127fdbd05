"""Moments of a clipped form over all rows, from the corners upwards: E[R_1], E[R_0], E[xᵢR_0].

The identities are those of ``numeric.moments``; xᵢ is the output's own feature.
"""

from __future__ import annotations

from handcalc.superposition.numeric.compiled.compiler import inlined
from handcalc.superposition.numeric.compiled.lanes import Lanes, both, choose, fill, load, store
from handcalc.superposition.numeric.compiled.rows import STAR
from handcalc.superposition.numeric.compiled.work import (
    ACTIVE,
    CLIPPED,
    OWN,
    PASSED,
    PASSED_FIRST,
    Work,
    begin,
    extremes,
    faces,
    shares,
)


@inlined
def fill_tables(work: Work, own: int) -> None:
    """The moments of all rows; nothing is passed on yet."""
    rows, slots, zero = work.rows, work.slots, fill(0.0)
    begin(work)
    for s in range(rows.digits.shape[0]):
        low, high = extremes(work, s, rows.shared[s])
        store(work.table, s * slots + PASSED, zero)
        if slots > PASSED_FIRST:
            store(work.table, s * slots + PASSED_FIRST, zero)
        if rows.first[s] == rows.first[s + 1]:
            _fill_corner(work, s, low)
        else:
            _fill_cube(work, s, own, low, high)


@inlined
def _fill_corner(work: Work, s: int, z: Lanes) -> None:
    zero, at = fill(0.0), s * work.slots
    store(work.table, at + CLIPPED, choose(z > 0.0, z, zero))
    if work.slots > PASSED_FIRST:
        store(work.table, at + ACTIVE, choose(z > 0.0, fill(1.0), zero))


@inlined
def _fill_cube(work: Work, s: int, own: int, low: Lanes, high: Lanes) -> None:
    """E[R_1] and E[R_0] of d stars are sums over faces, divided by d + 1 and by d."""
    rows, table, slots = work.rows, work.table, work.slots
    before, behind = shares(low, high)
    uncut = both(low >= 0.0, high > 0.0)
    clipped, active = fill(0.0), fill(0.0)
    for r in range(rows.first[s], rows.first[s + 1]):
        on, off = faces(work, rows.places[r, 0], before, behind)
        one, zero = rows.places[r, 1] * slots, rows.places[r, 2] * slots
        clipped = clipped + (on * load(table, one + CLIPPED) + off * load(table, zero + CLIPPED))
        if slots > PASSED_FIRST:
            active = active + (on * load(table, one + ACTIVE) + off * load(table, zero + ACTIVE))
    at, stars = s * slots, rows.first[s + 1] - rows.first[s]
    cut = clipped * work.parts[stars + 1]
    store(table, at + CLIPPED, choose(uncut, (low + high) * 0.5, cut))
    if slots > PASSED_FIRST:
        store(table, at + ACTIVE, choose(uncut, fill(1.0), active * work.parts[stars]))
        if rows.digits[s, own] == STAR:
            cut = _own(work, s, own, before, behind) * work.parts[stars + 1]
            store(table, at + OWN, choose(uncut, fill(0.5), cut))


@inlined
def _own(work: Work, s: int, own: int, before: Lanes, behind: Lanes) -> Lanes:
    """d + 1 times E[xᵢR_0]: a sum over faces, E[R_0] being that of xᵢ = 1, and τᵢE[R_0]."""
    rows, table, slots = work.rows, work.table, work.slots
    on, off = faces(work, own, before, behind)
    face, inner = load(table, rows.ones[s, own] * slots + ACTIVE), load(table, s * slots + ACTIVE)
    total = on * face + off * inner
    for r in range(rows.first[s], rows.first[s + 1]):
        if rows.places[r, 0] != own:
            on, off = faces(work, rows.places[r, 0], before, behind)
            one, zero = rows.places[r, 1] * slots, rows.places[r, 2] * slots
            total = total + (on * load(table, one + OWN) + off * load(table, zero + OWN))
    return total
