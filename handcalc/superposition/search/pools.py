"""What is known of one problem while it is searched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from handcalc.superposition.search.minima import Found, Minimum, Rows, merged, same_loss

__all__ = ["Pool"]


@dataclass(slots=True)
class Pool:
    """The minima so far, how many restarts led to them, and which have been varied.

    ``alike`` gives features that may be exchanged the same number; ``unit`` is the loss of dropping
    every feature.
    """

    alike: tuple[int, ...]
    unit: float
    minima: tuple[Minimum, ...] = ()
    restarts: int = 0
    varied: set[Rows] = field(default_factory=set)

    @property
    def agreed(self) -> int:
        """How many restarts reached the best loss.

        >>> pool = Pool((0,), 1.0)
        >>> pool.add([Minimum(loss, ((1.0,),), (0.0,), 0.0, 1) for loss in (0.1, 0.1, 0.2)])
        True
        >>> pool.agreed
        2
        """
        best = self.minima[0].loss
        return sum(m.hits for m in self.minima if same_loss(m.loss, best, self.unit))

    def add(self, minima: Iterable[Minimum]) -> bool:
        """Take in more minima; whether the best loss is a new one."""
        before = self.minima[:1]
        self.minima = merged((*self.minima, *minima), self.alike, self.unit)
        return not before or not same_loss(self.minima[0].loss, before[0].loss, self.unit)

    def found(self, m: int) -> Found:
        """The result, for models of m dimensions, of which those that were left out lie idle."""
        wide = (
            Minimum(
                f.loss, tuple(row + (0.0,) * (m - len(row)) for row in f.W), f.b, f.slope, f.hits
            )
            for f in self.minima
        )
        return Found(tuple(wide), self.restarts, self.agreed)
