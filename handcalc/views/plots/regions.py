"""Regions of a grid of names: the edges between them, and where inside one a label has room."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
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


def inmost(names: Sequence[Sequence[Name]], stretch: int = 1) -> dict[Name, _Cell]:
    """For each name the cell furthest inside, counted in steps to another name or out of the grid.

    Steps go to all sides, slanting ones too, and ``stretch`` rows at a time. Where several cells
    are as far inside, the one nearest to the middle of them.

    >>> inmost(["aaaaab", "aaaaab", "aaaaab"])
    {'a': (1, 2), 'b': (1, 5)}
    """
    depth = _depths(names, stretch)
    found: dict[Name, _Cell] = {}
    for name in dict.fromkeys(name for line in names for name in line):
        cells = [cell for cell in depth if names[cell[0]][cell[1]] == name]
        deepest = max(depth[cell] for cell in cells)
        best = [cell for cell in cells if depth[cell] == deepest]
        middle = [sum(numbers) / len(best) for numbers in zip(*best, strict=True)]
        found[name] = min(best, key=lambda cell: dist(cell, middle))
    return found


def _depths(names: Sequence[Sequence[Hashable]], stretch: int) -> dict[_Cell, int]:
    """How many steps lead out of each cell's region or out of the grid."""
    cells = [(row, column) for row, line in enumerate(names) for column in range(len(line))]
    depth: dict[_Cell, int] = {}
    left, level = {cell: names[cell[0]][cell[1]] for cell in cells}, 0
    while left:
        level += 1
        rim = [
            cell
            for cell, name in left.items()
            if any(left.get(other) != name for other in _near(cell, stretch))
        ]
        for cell in rim:
            depth[cell] = level
            del left[cell]
    return depth


def _near(cell: _Cell, stretch: int) -> Iterator[_Cell]:
    row, column = cell
    sideways = range(-stretch, stretch + 1)
    return ((row + i, column + j) for i in sideways for j in (-1, 0, 1) if i or j)
