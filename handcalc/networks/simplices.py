"""Exact integrals of piecewise linear functions over a cube, by cutting it into simplices.

A simplex is known by what every linear function of interest is at its corners, weights of a network
and coordinates alike. Where one of them has both signs on a simplex, a point on an edge where it is
0 cuts that in two, until on each piece ReLU is linear, too; no corner's coordinates are solved for,
and no determinant is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from handcalc.numbers.field import Element

Corner = tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Simplex:
    """A ``part`` of the cube's volume, and what linear functions are at its corners."""

    corners: tuple[Corner, ...]
    part: Element

    def cut(self, function: int) -> Iterator[Simplex]:
        """The pieces on each of which one of the functions, by its place, has no two signs."""
        signs = [corner[function].sign() for corner in self.corners]
        if 1 not in signs or -1 not in signs:
            yield self
            return
        above, below = signs.index(1), signs.index(-1)
        p, q = self.corners[above], self.corners[below]
        share = p[function] / (p[function] - q[function])  # how far from p to q the 0 is
        between = tuple(a + share * (b - a) for a, b in zip(p, q, strict=True))
        middle = (*between[:function], p[function] * 0, *between[function + 1 :])
        for place, part in ((above, 1 - share), (below, share)):
            corners = (*self.corners[:place], middle, *self.corners[place + 1 :])
            yield from Simplex(corners, self.part * part).cut(function)

    def mapped(self, change: Callable[[Corner], Corner]) -> Simplex:
        """With other functions, linear in those at hand on this piece."""
        return Simplex(tuple(map(change, self.corners)), self.part)

    def mean_square(self, function: int) -> Element:
        """The mean of a linear function's square: ((Σ f)² + Σ f²)/((d + 1)(d + 2)) of its corners.

        Source: the moments of a simplex, as in any text on finite elements.
        """
        values = [corner[function] for corner in self.corners]
        d = len(values) - 1
        total = sum(values[1:], values[0])
        squares = [value * value for value in values]
        return (total * total + sum(squares[1:], squares[0])) / ((d + 1) * (d + 2))


def unit_cube(d: int, one: Element) -> list[Simplex]:
    """[0, 1]^d in d! simplices, one for each order of the coordinates, which are its functions.

    >>> from handcalc.numbers.field import Field
    >>> pieces = unit_cube(2, Field().rational(1))
    >>> [piece.part for piece in pieces], pieces[0].mean_square(0) * 6  # E[x²; x ≥ y] = 1/4
    ([Element(1/2), Element(1/2)], Element(3))
    """
    zero, orders = one * 0, list(permutations(range(d)))
    found = []
    for order in orders:
        corners = [tuple([zero] * d)]
        for k in range(d):
            on = set(order[: k + 1])
            corners.append(tuple(one if j in on else zero for j in range(d)))
        found.append(Simplex(tuple(corners), one / len(orders)))
    return found


def cut_by_all(pieces: Sequence[Simplex], functions: Sequence[int]) -> list[Simplex]:
    """Pieces on which none of some functions has two signs."""
    found = list(pieces)
    for function in functions:
        found = [part for piece in found for part in piece.cut(function)]
    return found
