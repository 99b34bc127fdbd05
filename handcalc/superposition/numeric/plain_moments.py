"""Moments of a linear form z = b + a·x of uniform features that no ReLU cuts.

With z²/2, z and 1 in the places of R_2, R_1 and R_0: E[z²] = E[z]² + Σa²/12 and
E[xⱼz] = E[z]/2 + aⱼ/12; E[xⱼ] = 1/2, E[xᵢxⱼ] = 1/4 and E[xⱼ²] = 1/3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from handcalc.superposition.numeric.arrays import Array, Arrays
from handcalc.superposition.numeric.assignments import Level
from handcalc.superposition.numeric.slots import FOR_GRADIENT, Moments, Wanted

__all__ = ["fill_plain", "plain_tables", "slopes_of"]


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
