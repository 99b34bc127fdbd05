"""Phase diagrams in pairs: what training made of a grid, and what is best on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from torchsim.figures.aligning import alike
from torchsim.figures.grids import Grid, Outcome, grids, outcome
from torchsim.figures.shown import Shown

__all__ = ["Outcomes", "Pair", "pairs_of"]

Outcomes: TypeAlias = "list[list[Outcome]]"
"""A row for each density, in it the outcome for each importance."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A grid with what training made of it, and what is best."""

    grid: Grid
    trained: Outcomes
    exact: Outcomes

    @property
    def differing(self) -> list[tuple[float, float]]:
        """Where the fates differ: density and importance."""
        rows = zip(self.grid.densities, self.trained, self.exact, strict=True)
        return [
            (p, r)
            for p, ours, theirs in rows
            for r, one, other in zip(self.grid.importances, ours, theirs, strict=True)
            if one.fate != other.fate
        ]


def pairs_of(shown: Shown) -> list[Pair]:
    """A pair for each size of model. Errors: ``no_best``."""
    found = []
    for grid in grids(shown.run):
        trained = [[_trained(shown, i) for i in row] for row in grid.places]
        exact = [[_exact(shown, i) for i in row] for row in grid.places]
        found.append(Pair(grid, trained, exact))
    return found


def _trained(shown: Shown, i: int) -> Outcome:
    return outcome(shown.W(i), alike(shown.model(i)))


def _exact(shown: Shown, i: int) -> Outcome:
    return outcome(shown.known_W(i), alike(shown.model(i)))
