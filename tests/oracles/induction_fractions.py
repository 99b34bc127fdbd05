"""Three induction heads in plain fractions, typed by hand; one matrix of layer 2 is left free.

The first two leave W_QK free, the third the block from pointers to positions.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from tests.oracles.attention_fractions import Matrix, PlainModel, Vector, matrix, times


def zeros(rows: int, columns: int) -> Matrix:
    return [[Fraction(0)] * columns for _ in range(rows)]


def identity(n: int) -> Matrix:
    return [[Fraction(i == j) for j in range(n)] for i in range(n)]


def turned(start: Vector, count: int) -> Matrix:
    """Positions, each the one before turned by the angle of the 3-4-5 triangle."""
    found = [start]
    while len(found) < count:
        found.append(times(found[-1], matrix("3/5 4/5; -4/5 3/5")))
    return found


COMPACT_QK = "0 0 0 0; 0 0 0 0; 0 0 3/5 -4/5; 0 0 4/5 3/5"
COMPACT_OV = "0 0 1 0; 0 0 0 1; 0 0 -3/5 -4/5; 0 0 4/5 -3/5"


def compact(free: Matrix) -> PlainModel:
    """Four dimensions: tokens in one plane, positions and then previous tokens in the other."""
    circle = turned(matrix("1 0")[0], 7)
    return PlainModel(
        "<s> a b c d",
        matrix("0 0 0 0; 1 0 0 0; 0 1 0 0; -1 0 0 0; 0 -1 0 0"),
        matrix("0 1 0 -1 0; 0 0 1 0 -1; 0 0 0 0 0; 0 0 0 0 0"),
        [
            [(matrix(COMPACT_QK), matrix(COMPACT_OV))],
            [(free, matrix("2 0 0 0; 0 2 0 0; 0 0 0 0; 0 0 0 0"))],
        ],
        [[Fraction(0)] * 2 + place for place in circle],
    )


def three(free: Matrix) -> PlainModel:
    """Three dimensions: numbers of tokens on an axis, their squares in the plane of positions."""
    circle = turned(matrix("-1 0")[0], 6)
    return PlainModel(
        "a b c",
        matrix("8 19/4 -1; 8 6 0; 8 19/4 1"),
        matrix("-1 0 -1; 0 0 0; -2 0 2"),
        [
            [
                (matrix("3/5 -4/5 0; 4/5 3/5 0; 0 0 0"), matrix("-3/5 0 0; 4/5 0 0; 0 0 1")),
                (matrix("1 0 0; 0 1 0; 0 0 0"), matrix("0 0 0; 0 -1 0; 0 1 -1")),
            ],
            [(free, matrix("0 0 0; 0 0 8; 0 0 0"))],
        ],
        [[1000 * cell for cell in place] + [Fraction(0)] for place in circle],
    )


def pointer(free: Matrix) -> PlainModel:
    """Coordinates: three for the token, five for the position, five for the pointer."""

    def cells(where: Callable[[int, int], int]) -> Matrix:
        return [[Fraction(where(i, j)) for j in range(13)] for i in range(13)]

    ask = zeros(13, 13)
    for k in range(4):
        ask[8 + k][3:8] = free[k]
    same = cells(lambda i, j: (1 if i < 3 else -1) * (i == j < 8))
    note = cells(lambda i, j: 3 <= i < 8 and j == i + 5)
    copy = cells(lambda i, j: 2 * (i == j < 3))
    own = identity(13)
    unembed = [row[:3] for row in own]
    return PlainModel("a b c", own[:3], unembed, [[(same, note)], [(ask, copy)]], own[3:8])
