"""Moments of a linear form z = b + a·x of uniform features that no ReLU cuts.

With z²/2, z and 1 in the places of R_2, R_1 and R_0: E[z²] = E[z]² + Σa²/12 and
E[xⱼz] = E[z]/2 + aⱼ/12; E[xⱼ] = 1/2, E[xᵢxⱼ] = 1/4 and E[xⱼ²] = 1/3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from handcalc.superposition.numeric.arrays import Array, Arrays
from handcalc.superposition.numeric.assignments import Level

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
