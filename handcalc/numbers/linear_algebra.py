"""How many ways a quadratic form falls, stays and rises: the inertia of a symmetric matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from handcalc.numbers.field import Element

_Rows: TypeAlias = "Sequence[Sequence[Element]]"


def symmetric_inertia(rows: _Rows) -> tuple[int, int, int]:
    """How many eigenvalues of a symmetric matrix are negative, zero and positive.

    Decided by exact elimination with pivots of size 1 and 2, which leaves these numbers as they
    are (Sylvester's law of inertia).

    >>> from handcalc.numbers.field import Field
    >>> one, form = Field().rational(1), [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    >>> symmetric_inertia([[cell * one for cell in row] for row in form])
    (1, 1, 1)
    """
    negative = positive = 0
    while rows:
        pivot = _pivot(rows)
        if not pivot:
            break
        block = [[rows[p][q] for q in pivot] for p in pivot]
        if len(pivot) == 1:
            positive += block[0][0].sign() > 0
            negative += block[0][0].sign() < 0
        else:  # 0 a; a 0
            positive, negative = positive + 1, negative + 1
        rows = _eliminated(rows, pivot)
    return negative, len(rows), positive


def _pivot(rows: _Rows) -> tuple[int, ...]:
    """The simplest entry of the diagonal, else a pair with an entry beside it, else nothing."""
    diagonal = [i for i, row in enumerate(rows) if row[i]]
    if diagonal:
        return (min(diagonal, key=lambda i: rows[i][i].bits),)
    pairs = ((i, j) for i, row in enumerate(rows) for j in range(i) if row[j])
    return next(pairs, ())


def _eliminated(rows: _Rows, pivot: tuple[int, ...]) -> _Rows:
    """What is left of the form once the pivot's variables are completed to squares."""
    rest = [i for i in range(len(rows)) if i not in pivot]
    i, j = pivot[0], pivot[-1]
    inverse = 1 / rows[i][j]
    left: list[list[Element]] = []
    for p in rest:
        across, down = rows[p][i] * inverse, rows[p][j] * inverse
        row = [rows[p][q] for q in rest]
        if across:
            row = [value - across * rows[j][q] for value, q in zip(row, rest, strict=True)]
        if len(pivot) == 2 and down:
            row = [value - down * rows[i][q] for value, q in zip(row, rest, strict=True)]
        left.append(row)
    return left
