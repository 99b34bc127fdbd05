"""Moments of a clipped linear form in floating point, without dividing by overlaps.

For z = b + a·x on a cube of d uniform features, R_k(z) is homogeneous of degree k about the point of
the cube's diagonal where z = 0, which lies at τⱼ in the direction of feature j. By Euler's identity

    (k + d) E[R_k]           = Σⱼ (1−τⱼ) E[R_k | xⱼ=1] + τⱼ E[R_k | xⱼ=0]
    (k + d + 1) E[xᵢR_k]     = the same over faces of xᵢR_k, + τᵢ E[R_k]
    (k + d + 2) E[xᵢxⱼR_k]   = the same over faces of xᵢxⱼR_k, + τᵢ E[xⱼR_k] + τⱼ E[xᵢR_k]

so tables over all assignments of {0, 1, *} are built from the corners upwards. Every term is at
least 0: nothing cancels. Where z ≥ 0 on the whole cube the plain moments serve. Derived here.

A table has shape (slots, rows, batch). ``free`` holds E[R_2], E[R_1], E[R_0], then E[xⱼR_1], E[xⱼR_0]
for each star j; ``own``, where feature 0 is a star, E[x₀R_1], E[x₀R_0], then E[x₀xⱼR_0]. Without the
gradient's moments, E[R_2], E[R_1] and E[x₀R_1] are left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

from handcalc.superposition.assignments import Array, Level

__all__ = ["Moments", "clipped_tables", "plain_tables"]


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments with d stars and all other features 0, by set of stars: the active features.

    ``free`` has shape (slots, sets, batch), ``own`` (slots, sets with feature 0, batch).
    """

    level: Level
    free: Array
    own: Array


@dataclass(frozen=True, slots=True)
class _Family:
    """The index k of each slot R_k, and how many of the last also come times each star."""

    orders: tuple[int, ...]
    spread: int

    @property
    def head(self) -> int:
        return len(self.orders)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where z = 0 on the diagonal of each cube: by star, τ and 1 − τ of shape (rows, batch)."""

    off: Sequence[Array]
    on: Sequence[Array]


def clipped_tables(
    xp: ModuleType, b: Array, overlaps: Array, levels: Sequence[Level], gradient: bool
) -> Iterator[Moments]:
    """The moments of R_k(b + a·x), level by level.

    ``b`` has shape (batch,), ``overlaps`` (n, batch) with each output's own feature first.
    """
    families = _families(gradient)
    low = high = _corners(xp, b, overlaps)  # (rows, batch)
    free, own = _at_corners(xp, families[0], low), low[None, :0, :]
    yield _all_others_0(levels[0], free, own)
    for level in levels[1:]:
        below = low, high, free, own
        low = xp.minimum(*(xp.take(low, side[0], axis=0) for side in (level.off, level.on)))
        high = xp.maximum(*(xp.take(high, side[0], axis=0) for side in (level.off, level.on)))
        slopes = _slopes(xp, overlaps, level)  # (stars, sets, batch)
        cut = _cut(xp, low, high, slopes, level)
        free = _free(xp, families[0], below[2], level, cut)
        own = _own(xp, families, below[2:], free, level, cut)
        sure = low >= 0
        plain = _plain(xp, families, (low + high) / 2, slopes, level)
        free = xp.where(sure, plain[0], free)
        own = xp.where(sure[: level.own * level.fixed], plain[1], own)
        yield _all_others_0(level, free, own)
