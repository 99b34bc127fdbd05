"""Moments of a linear form z = b + a·x of uniform features, plain or cut by ReLU, for many models.

Where no ReLU cuts, with z²/2, z and 1 in the places of R_2, R_1 and R_0: E[z²] = E[z]² + Σa²/12 and
E[xⱼz] = E[z]/2 + aⱼ/12; E[xⱼ] = 1/2, E[xᵢxⱼ] = 1/4 and E[xⱼ²] = 1/3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from handcalc.superposition.numeric.arrays import Array, Arrays
from handcalc.superposition.numeric.patterns import Level

# --------------------------------------------------------------------------------------------------
# What a table of moments holds, slot by slot.


@dataclass(frozen=True, slots=True)
class Slots:
    """One slot for each R_k, k in ``orders``; then for each star j one for xⱼR_k, k in ``starred``.

    ``starred`` are the last of ``orders``.

    >>> slots = Slots((2, 1, 0), (1, 0))  # R₂ R₁ R₀, x₁R₁ x₁R₀, x₂R₁ x₂R₀
    >>> slots.count(2), slots.place(0), slots.of_star(1), list(range(7))[slots.of_order(1, 2)]
    (7, 2, slice(5, 7, None), [3, 5])
    """

    orders: tuple[int, ...]
    starred: tuple[int, ...]

    @property
    def head(self) -> int:
        """The number of slots without a star."""
        return len(self.orders)

    def count(self, stars: int) -> int:
        """The number of all slots."""
        return self.head + stars * len(self.starred)

    def place(self, k: int) -> int:
        """The slot of R_k."""
        return self.orders.index(k)

    def of_order(self, k: int, stars: int, first: int = 0) -> slice:
        """The slots of xⱼR_k, one for each of so many stars j, from the ``first``."""
        if first == stars:
            return slice(0, 0)
        return slice(self.of_star(first).start + self.starred.index(k), None, len(self.starred))

    def of_star(self, r: int) -> slice:
        """The slots of star r, counted from 0."""
        step = len(self.starred)
        return slice(self.head + r * step, self.head + (r + 1) * step)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The slots of the table ``free``, and of ``own``, in which all stands times x₀."""

    free: Slots
    own: Slots


FOR_LOSS = Wanted(Slots((2, 1), ()), Slots((1,), ()))
FOR_GRADIENT = Wanted(Slots((2, 1, 0), (1, 0)), Slots((1, 0), (0,)))


@dataclass(frozen=True, slots=True)
class Moments:
    """The moments of a level for each set of active features, its stars; all others are 0.

    ``free`` has shape (slots, sets, batch), ``own`` (slots, sets that hold feature 0, batch).
    """

    level: Level
    free: Array
    own: Array


def plain_tables(
    arrays: Arrays, b: Array, overlaps: Array, levels: Sequence[Level], wanted: Wanted
) -> Iterator[Moments]:
    """The moments with none, one, two, … active features.

    ``b`` has shape (batch,); ``overlaps``, the a, (n, batch), each output's own feature first.
    """
    for level in levels:
        slopes = slopes_of(arrays, overlaps, level)
        mean = b + arrays.xp.sum(slopes, axis=0) / 2  # (sets, 1, batch)
        everywhere = arrays.xp.ones_like(mean, dtype=arrays.xp.bool)
        free = arrays.zeros(wanted.free.count(level.stars), *mean.shape)
        own = arrays.zeros(wanted.own.count(level.stars), level.own, *mean.shape[1:])
        fill_plain(arrays, (free, own), everywhere, mean, slopes, wanted)
        yield Moments(level, free[:, :, 0, :], own[:, :, 0, :])


def slopes_of(arrays: Arrays, overlaps: Array, level: Level) -> Array:
    """The overlaps of the stars, of shape (stars, sets, 1, batch)."""
    taken = arrays.xp.take(overlaps, level.features, axis=0)  # (stars · sets, batch)
    return arrays.xp.reshape(taken, (level.stars, level.sets, 1, overlaps.shape[1]))


def fill_plain(
    arrays: Arrays,
    tables: tuple[Array, Array],
    where: Array,
    mean: Array,
    slopes: Array,
    wanted: Wanted,
) -> None:
    """Write the plain moments into both tables of a level, ``free`` and ``own``, where that holds.

    Tables have shape (slots, sets, fixed, batch), ``where`` and ``mean``, E[z], the same but slots.
    """
    xp, (free, own), stars = arrays.xp, tables, slopes.shape[0]
    one, half, third, quarter = (arrays.floats(1 / k) for k in (1, 2, 3, 4))
    with_star = mean / 2 + slopes / 12  # (stars, sets, fixed, batch)

    def fill(table: Array, slots: slice, value: Array) -> None:
        chosen = where[: table.shape[1], ...]
        table[slots, ...] = xp.where(chosen, value, table[slots, ...])

    fill(free, slice(0, 1), (mean * mean + xp.sum(slopes * slopes, axis=0) / 12) / 2)
    fill(free, slice(1, 2), mean)
    if wanted is FOR_GRADIENT:
        fill(free, slice(2, 3), one)
    if not stars:
        return
    fill(own, slice(0, 1), with_star[:1, : own.shape[1], ...])
    if wanted is FOR_GRADIENT:
        fill(free, wanted.free.of_order(1, stars), with_star)
        fill(free, wanted.free.of_order(0, stars), half)
        fill(own, slice(1, 2), half)
        fill(own, slice(2, 3), third)
        fill(own, slice(3, None), quarter)


# --------------------------------------------------------------------------------------------------
# Moments of a clipped linear form in floating point, without dividing by overlaps.
#
# For z = b + a·x on a cube of d uniform features, R_k(z) is homogeneous of degree k about the point
# of the cube's diagonal where z = 0, which lies at xⱼ = τⱼ. So by Euler's identity
#
#     (k + d) E[R_k]           = Σⱼ (1−τⱼ) E[R_k | xⱼ=1] + τⱼ E[R_k | xⱼ=0]
#     (k + d + 1) E[xᵢR_k]     = the same sum for xᵢR_k, + τᵢ E[R_k]
#     (k + d + 2) E[xᵢxⱼR_k]   = the same sum for xᵢxⱼR_k, + τᵢ E[xⱼR_k] + τⱼ E[xᵢR_k]
#
# so tables over all assignments of {0, 1, *} are built from the corners upwards. Every term is at
# least 0: nothing cancels. Where z ≥ 0 on the whole cube the plain moments serve, except that z = 0
# everywhere counts as off. Derived here.


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
    # On the diagonal from where z is least to where it is greatest, z = 0 at xⱼ = τⱼ. So τ is
    # −zmin/(zmax − zmin) where z rises with the star, and 1 less that where it falls. If z has one
    # sign on the whole cube there is no such point, and shares are finite, but mean nothing: plain
    # moments then take the place of what they give, or all faces are 0.
    width = xp.where(high > low, high - low, xp.ones_like(low))
    before, behind = -low / width, high / width  # (sets, fixed, batch)
    rises = slopes >= 0  # (stars, sets, 1, batch)
    share_off, share_on = xp.where(rises, before, behind), xp.where(rises, behind, before)
    faces = _Faces(level.off, level.on, share_off, share_on)
    free = _free(arrays, below.free, faces, wanted.free)
    own = _own(arrays, below, free, faces.first(level.own), wanted)
    uncut = (low >= 0) & (high > 0)
    fill_plain(arrays, (free, own), uncut, (low + high) / 2, slopes, wanted)
    return _Tables(xp.stack([low, high]), free, own)


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
    # As in ``_free``, with one more factor: on the face x₀ = 1 a moment with x₀ is the one without
    # it, from ``below.free``, and x₀² is x₀; on the face x₀ = 0 it is 0. All other faces have
    # x₀ free, and take it from ``below.own``.
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
