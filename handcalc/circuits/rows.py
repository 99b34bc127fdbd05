"""Rows of values, and their products with matrices whose zeros are left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from handcalc.circuits.exponential_sum import Value, plus, times
from handcalc.circuits.terms import is_nothing
from handcalc.numbers.field import Element

Row: TypeAlias = tuple[Value, ...]
Sparse: TypeAlias = tuple[tuple[tuple[int, Element], ...], ...]  # of each row, what is not 0


def score(query: Row, key: Row, scale: Element, zero: Element) -> Value:
    """q·k, times the scale."""
    total: Value = zero
    for q, k in zip(query, key, strict=True):
        if not (is_nothing(q) or is_nothing(k)):
            total = _more(total, q, k, zero)
    return total if scale == 1 else times(total, scale)


def row_times(row: Row, matrix: Sparse, width: int, zero: Element) -> Row:
    """x W, for a W of so many columns."""
    found: list[Value] = [zero] * width
    for x, cells in zip(row, matrix, strict=True):
        if is_nothing(x):
            continue
        for column, weight in cells:
            found[column] = _more(found[column], x, weight, zero)
    return tuple(found)


def mixed(weights: Sequence[Value], rows: Sequence[Row], width: int, zero: Element) -> Row:
    """Σⱼ Aⱼ rⱼ, of rows of one width."""
    found: list[Value] = [zero] * width
    for weight, row in zip(weights, rows, strict=True):
        if is_nothing(weight):
            continue
        for column, x in enumerate(row):
            if not is_nothing(x):
                found[column] = _more(found[column], weight, x, zero)
    return tuple(found)


def added(a: Row, b: Row) -> Row:
    """The sum of two rows."""
    return tuple(
        y if is_nothing(x) else x if is_nothing(y) else plus(x, y)
        for x, y in zip(a, b, strict=True)
    )


def _more(total: Value, a: Value, b: Value, zero: Element) -> Value:
    """total + a·b, both not 0, where ``zero`` is what a total begins with."""
    product = times(a, b)
    return product if total is zero else plus(total, product)


def dense(cells: Sequence[tuple[int, Element]], width: int, zero: Element) -> Row:
    """A row with its zeros."""
    row: list[Value] = [zero] * width
    for column, value in cells:
        row[column] = value
    return tuple(row)


def sparse(rows: Iterable[Sequence[Element]]) -> Sparse:
    """A matrix without its zeros."""
    return tuple(tuple((k, cell) for k, cell in enumerate(row) if cell) for row in rows)


def turned(matrix: Sparse, width: int) -> Sparse:
    """The transpose of a matrix of so many columns."""
    found: list[list[tuple[int, Element]]] = [[] for _ in range(width)]
    for i, cells in enumerate(matrix):
        for column, value in cells:
            found[column].append((i, value))
    return tuple(map(tuple, found))


def chain(matrices: Sequence[tuple[Sparse, int]], zero: Element) -> tuple[Row, ...]:
    """The product of matrices, each with its number of columns."""
    (first, width), *others = matrices
    rows = [dense(cells, width, zero) for cells in first]
    for matrix, columns in others:
        rows = [row_times(row, matrix, columns, zero) for row in rows]
    return tuple(rows)
