"""What a table of moments holds, slot by slot."""

from __future__ import annotations

from dataclasses import dataclass

from handcalc.superposition.numeric.arrays import Array
from handcalc.superposition.numeric.assignments import Level

__all__ = ["FOR_GRADIENT", "FOR_LOSS", "Moments", "Slots", "Wanted"]


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
