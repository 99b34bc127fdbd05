"""Regions of a grid of names: the edges between them, and where inside one a label has room."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import accumulate
from math import dist
from typing import TypeAlias, TypeVar

Name = TypeVar("Name", bound=Hashable)
_Cell: TypeAlias = "tuple[int, int]"


def edges(names: Sequence[Sequence[Hashable]]) -> Iterator[tuple[_Cell, _Cell]]:
    """The sides between neighbouring cells of different names, from corner to corner.

    Cell (row, column) has the corners (row, column) to (row + 1, column + 1).

    >>> list(edges(["ab", "aa"]))
    [((0, 1), (1, 1)), ((1, 1), (1, 2))]
    """
    for row, line in enumerate(names):
        for column, name in enumerate(line):
            if column + 1 < len(line) and line[column + 1] != name:
                yield (row, column + 1), (row + 1, column + 1)
            if row + 1 < len(names) and names[row + 1][column] != name:
                yield (row + 1, column), (row + 1, column + 1)


def inmost(names: Sequence[Sequence[Name]]) -> dict[Name, _Cell]:
    """For each name the cell furthest inside, counted in steps to another name or out of the grid.

    Steps go to all sides, slanting ones too. Where several cells are as far inside, the one nearest
    to the middle of them.

    >>> inmost(["aaaaab", "aaaaab", "aaaaab"])
    {'a': (1, 2), 'b': (1, 5)}
    """
    depth = _depths(names)
    found: dict[Name, _Cell] = {}
    for name in dict.fromkeys(name for line in names for name in line):
        cells = [cell for cell in depth if names[cell[0]][cell[1]] == name]
        deepest = max(depth[cell] for cell in cells)
        best = [cell for cell in cells if depth[cell] == deepest]
        middle = [sum(numbers) / len(best) for numbers in zip(*best, strict=True)]
        found[name] = min(best, key=lambda cell: dist(cell, middle))
    return found


def _depths(names: Sequence[Sequence[Hashable]]) -> dict[_Cell, int]:
    """How many steps lead out of each cell's region or out of the grid."""
    cells = [(row, column) for row, line in enumerate(names) for column in range(len(line))]
    depth: dict[_Cell, int] = {}
    # peeled like an onion: a layer is every cell beside another name, the rim, or a layer before
    left, level = {cell: names[cell[0]][cell[1]] for cell in cells}, 0
    steps = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
    while left:
        level += 1
        rim = [
            cell
            for cell, name in left.items()
            if any(left.get((cell[0] + i, cell[1] + j)) != name for i, j in steps)
        ]
        for cell in rim:
            depth[cell] = level
            del left[cell]
    return depth


def label_spots(
    names: Sequence[Sequence[Name]], box: tuple[int, int]
) -> dict[Name, tuple[float, float]]:
    """For each name the middle of a box of so many rows and columns, in rows and columns.

    No other box of that size has more cells of the name; of those that have as many the one nearest
    to the cell that is furthest inside.

    >>> label_spots(["aaaab", "aabbb", "abbbb"], (1, 3))
    {'a': (0.5, 1.5), 'b': (1.5, 3.5)}
    """
    high, wide = min(box[0], len(names)), min(box[1], len(names[0]))
    spots = {}
    for name, (row, column) in inmost(names).items():
        # sums of all cells above and on the left, so that a box is the difference of four of them
        lines = [list(accumulate((cell == name for cell in line), initial=0)) for line in names]
        sums = [[0] * (len(names[0]) + 1)]
        for line in lines:
            sums.append([above + own for above, own in zip(sums[-1], line, strict=True)])
        counts = {
            (up, across): sums[up + high][across + wide] - sums[up][across + wide]
            - sums[up + high][across] + sums[up][across]
            for up in range(len(names) - high + 1)
            for across in range(len(names[0]) - wide + 1)
        }  # fmt: skip
        most = max(counts.values())
        places = [
            (up + high / 2, across + wide / 2)
            for (up, across), count in counts.items()
            if count == most
        ]
        spots[name] = min(places, key=lambda place: dist(place, (row + 0.5, column + 0.5)))
    return spots
