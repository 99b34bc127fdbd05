"""Moments of a clipped linear form in floating point, without dividing by overlaps.

For z = b + a·x on a cube of d uniform features, R_k(z) is homogeneous of degree k about the point
of the cube's diagonal where z = 0, which lies at xⱼ = τⱼ. So by Euler's identity

    (k + d) E[R_k]           = Σⱼ (1−τⱼ) E[R_k | xⱼ=1] + τⱼ E[R_k | xⱼ=0]
    (k + d + 1) E[xᵢR_k]     = the same sum for xᵢR_k, + τᵢ E[R_k]
    (k + d + 2) E[xᵢxⱼR_k]   = the same sum for xᵢxⱼR_k, + τᵢ E[xⱼR_k] + τⱼ E[xᵢR_k]

so tables over all assignments of {0, 1, *} are built from the corners upwards. Every term is at
least 0: nothing cancels. Where z ≥ 0 on the whole cube the plain moments serve, except that z = 0
everywhere counts as off. Derived here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from handcalc.superposition.numeric.arrays import Array, Arrays
from handcalc.superposition.numeric.assignments import Level
from handcalc.superposition.numeric.plain_moments import (
    Moments,
    Slots,
    Wanted,
    fill_plain,
    slopes_of,
)


@dataclass(frozen=True, slots=True)
class _Tables:
    """One level: the extremes of z and both tables of moments.

    ``extremes`` has shape (2, sets, fixed, batch), ``free`` (slots, sets, fixed, batch), and
    ``own`` the same for the sets that hold feature 0.
    """

    extremes: Array
    free: Array
    own: Array


@dataclass(frozen=True, slots=True)
class _Faces:
    """The faces of the cubes of a level: where star r is off, and where it is on.

    ``off[r]`` and ``on[r]`` are rows of the level below. ``share_off`` is τ, ``share_on`` 1 − τ, of
    shape (stars, sets, fixed, batch).
    """

    off: tuple[Array, ...]
    on: tuple[Array, ...]
    share_off: Array
    share_on: Array

    def first(self, sets: int) -> _Faces:
        """The same for the first sets of stars only."""
        size = sets * self.share_on.shape[2]
        off, on = (tuple(rows[:size] for rows in side) for side in (self.off, self.on))
        return _Faces(off, on, self.share_off[:, :sets, ...], self.share_on[:, :sets, ...])


def clipped_tables(
    arrays: Arrays, b: Array, overlaps: Array, levels: Sequence[Level], wanted: Wanted
) -> Iterator[Moments]:
    """The moments of R_k(b + a·x) with none, one, two, … active features.

    ``b`` has shape (batch,); ``overlaps``, the a, (n, batch), each output's own feature first.
    """
    tables = _corners(arrays, b, overlaps, wanted)
    for level in levels:
        if level.stars:
            tables = _raised(arrays, tables, slopes_of(arrays, overlaps, level), level, wanted)
        yield Moments(level, tables.free[:, :, 0, :], tables.own[:, :, 0, :])


def _corners(arrays: Arrays, b: Array, overlaps: Array, wanted: Wanted) -> _Tables:
    """The level without stars: R_k(z) itself."""
    xp = arrays.xp
    z = b[None, :]
    for j in range(overlaps.shape[0]):
        both = xp.stack([z, z + overlaps[j, :]], axis=1)  # (corners, 2, batch)
        z = xp.reshape(both, (2 * z.shape[0], b.shape[0]))  # (2 · corners, batch)
    clipped = xp.where(z > 0, z, xp.zeros_like(z))
    powers = [clipped * clipped / 2, clipped, xp.astype(z > 0, z.dtype)]
    return _Tables(
        extremes=xp.stack([z, z])[:, None, :, :],
        free=xp.stack(powers[: wanted.free.head])[:, None, :, :],
        own=arrays.zeros(wanted.own.head, 0, *z.shape),
    )


def _raised(arrays: Arrays, below: _Tables, slopes: Array, level: Level, wanted: Wanted) -> _Tables:
    """The tables of a level from those of the level below."""
    xp = arrays.xp
    off, on = (_at(arrays, below.extremes, rows[0], level.sets) for rows in (level.off, level.on))
    low, high = xp.minimum(off[0, ...], on[0, ...]), xp.maximum(off[1, ...], on[1, ...])
    faces = _faces(arrays, low, high, slopes, level)
    free = _free(arrays, below.free, faces, wanted.free)
    own = _own(arrays, below, free, faces.first(level.own), wanted)
    uncut = (low >= 0) & (high > 0)
    fill_plain(arrays, (free, own), uncut, (low + high) / 2, slopes, wanted)
    return _Tables(xp.stack([low, high]), free, own)


def _faces(arrays: Arrays, low: Array, high: Array, slopes: Array, level: Level) -> _Faces:
    """−zmin/(zmax − zmin) is τ where z rises with the star, and 1 − τ where it does not.

    Where z has one sign on the whole cube the shares have no meaning, but are finite.
    """
    xp = arrays.xp
    width = xp.where(high > low, high - low, xp.ones_like(low))
    before, behind = -low / width, high / width  # (sets, fixed, batch)
    rises = slopes >= 0  # (stars, sets, 1, batch)
    share_off, share_on = xp.where(rises, before, behind), xp.where(rises, behind, before)
    return _Faces(level.off, level.on, share_off, share_on)


def _free(arrays: Arrays, below: Array, faces: _Faces, slots: Slots) -> Array:
    """E[R_k] and E[xⱼR_k]."""
    d = len(faces.on)
    table = arrays.zeros(slots.count(d), *faces.share_on.shape[1:])
    for r in range(d):
        _add(arrays, table, below, faces, slots, r)
    for k in slots.orders:
        table[slots.place(k), ...] /= k + d
    for k in slots.starred:
        stars, more = slots.of_order(k, d), faces.share_off * table[slots.place(k), ...]
        table[stars, ...] = (table[stars, ...] + more) / (k + d + 1)
    return table


def _own(arrays: Arrays, below: _Tables, free: Array, faces: _Faces, wanted: Wanted) -> Array:
    """E[x₀R_k] and E[x₀xⱼR_k], x₀ being the first star."""
    d, sets, slots = len(faces.on), faces.share_on.shape[1], wanted.own
    table = arrays.zeros(slots.count(d), *faces.share_on.shape[1:])
    on = _at(arrays, below.free, faces.on[0], sets) * faces.share_on[0, ...]
    for k in slots.orders:
        table[slots.place(k), ...] += on[wanted.free.place(k), ...]
    for k in slots.starred:  # where x₀ is 1, x₀² is so too
        table[slots.of_star(0).start, ...] += on[wanted.free.place(k), ...]
        table[slots.of_order(k, d, 1), ...] += on[wanted.free.of_order(k, d - 1), ...]
    for r in range(1, d):
        _add(arrays, table, below.own, faces, slots, r)
    off = faces.share_off[0, ...]
    for k in slots.orders:
        place, more = slots.place(k), off * free[wanted.free.place(k), :sets, ...]
        table[place, ...] = (table[place, ...] + more) / (k + d + 1)
    for k in slots.starred:
        stars, others = slots.of_order(k, d), free[wanted.free.of_order(k, d), :sets, ...]
        more = off * others + faces.share_off * table[slots.place(k), ...]
        table[stars, ...] = (table[stars, ...] + more) / (k + d + 2)
    return table


def _add(arrays: Arrays, table: Array, below: Array, faces: _Faces, slots: Slots, r: int) -> None:
    """Add both faces of star r to all moments; where it is on, xᵣR_k is R_k, and where off, 0."""
    on, off = (_at(arrays, below, rows[r], table.shape[1]) for rows in (faces.on, faces.off))
    on *= faces.share_on[r, ...]
    both = off  # worked out in place
    both *= faces.share_off[r, ...]
    both += on
    mine, repeated = slots.of_star(r), slice(slots.head - len(slots.starred), slots.head)
    table[: mine.start, ...] += both[: mine.start, ...]
    table[mine, ...] += on[repeated, ...]
    table[mine.stop :, ...] += both[mine.start :, ...]


def _at(arrays: Arrays, below: Array, rows: Array, sets: int) -> Array:
    """A table of the level below at some rows, of shape (slots, sets, fixed, batch)."""
    slots, batch = below.shape[0], below.shape[3]
    flat = arrays.xp.reshape(below, (slots, below.shape[1] * below.shape[2], batch))
    taken = arrays.xp.take(flat, rows, axis=1)  # (slots, sets · fixed, batch)
    return arrays.xp.reshape(taken, (slots, sets, rows.shape[0] // sets, batch))
