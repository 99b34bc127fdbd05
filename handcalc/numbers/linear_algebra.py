"""Matrices of field elements: products, Gram matrix, rank, determinant, solution, inertia."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from flint import fmpq, fmpq_mat

from handcalc.numbers.field import Element

Rows: TypeAlias = "Sequence[Sequence[Element]]"


def dot(a: Sequence[Element], b: Sequence[Element]) -> Element:
    """a·b, for vectors of one length, at least 1.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> dot([one, 2 * one], [one, one])
    Element(3)
    """
    first, *others = (p * q for p, q in zip(a, b, strict=True))
    return sum(others, first)


def gram(W: Rows) -> tuple[tuple[Element, ...], ...]:
    """W Wᵀ for the rows of W, whose length is the same.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> gram([[one, one / 2]])
    ((Element(5/4),),)
    """
    n, field = len(W), W[0][0].field
    cells = [cell.raw for row in W for cell in row]
    fractions = [raw for raw in cells if isinstance(raw, fmpq)]
    if len(fractions) == len(cells):  # in one step of the library
        matrix = fmpq_mat(n, len(W[0]), fractions)
        products = (matrix * matrix.transpose()).tolist()
        return tuple(tuple(Element(field, raw) for raw in row) for row in products)
    zero = field.rational(0)
    below = [
        [sum((p * q for p, q in zip(a, b, strict=True)), zero) for b in W[: i + 1]]
        for i, a in enumerate(W)
    ]
    return tuple(tuple(below[max(i, j)][min(i, j)] for j in range(n)) for i in range(n))


class Reduced(NamedTuple):
    """The reduced row echelon form of a matrix: 1 at each pivot, and 0 above and below it.

    ``rows`` begin with one for each of ``pivots``, the pivots' columns; ``factor`` is the product
    of what the pivots were, its sign changed by each exchange of rows.
    """

    rows: list[list[Element]]
    pivots: list[int]
    factor: Element


def reduced(rows: Rows, columns: int | None = None) -> Reduced:
    """The reduced row echelon form, with pivots in the first ``columns``, or in all of them.

    It is unique, so of the pivots in a column the simplest is taken, which keeps numbers short.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> reduced([[0 * one, 2 * one], [3 * one, one]]).factor
    Element(-6)
    """
    left = [list(row) for row in rows]
    done, pivots, factor = 0, list[int](), left[0][0] * 0 + 1
    for column in range(len(left[0]) if columns is None else columns):
        candidates = [k for k in range(done, len(left)) if left[k][column]]
        if not candidates:
            continue
        # any pivot gives the same form; the shortest number keeps fractions from growing on the way
        chosen = min(candidates, key=lambda k: left[k][column].bits)
        if chosen != done:
            left[done], left[chosen], factor = left[chosen], left[done], -factor
        pivot = left[done][column]
        factor = factor * pivot
        top = left[done] = [cell / pivot if cell else cell for cell in left[done]]
        for k, row in enumerate(left):
            if k != done and row[column]:
                times = row[column]
                left[k] = [
                    cell - times * t if t else cell for cell, t in zip(row, top, strict=True)
                ]
        pivots.append(column)
        done += 1
    return Reduced(left, pivots, factor)


def rank(rows: Rows) -> int:
    """How many rows are linearly independent.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> rank([[one, 2 * one], [2 * one, 4 * one]])
    1
    """
    return len(reduced(rows).pivots)


def determinant(rows: Rows) -> Element:
    """The determinant of a square matrix.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> determinant([[one, 2 * one], [3 * one, 4 * one]])
    Element(-2)
    """
    found = reduced(rows)
    return found.factor if len(found.pivots) == len(rows) else found.factor * 0


def solve(A: Rows, B: Rows) -> list[list[Element]] | None:
    """X with A X = B; None where there is none, or more than one.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> solve([[2 * one]], [[one]]), solve([[one, one]], [[one]])
    ([[Element(1/2)]], None)
    """
    size = len(A[0])
    rows, pivots, _ = reduced([[*a, *b] for a, b in zip(A, B, strict=True)], size)
    if len(pivots) < size or any(any(row) for row in rows[size:]):
        return None
    return [row[size:] for row in rows[:size]]


def inertia(form: Rows) -> tuple[int, int, int]:
    """How many eigenvalues of a symmetric matrix are negative, zero and positive.

    Decided by exact elimination with pivots of size 1 and 2, which leaves these numbers as they
    are (Sylvester's law of inertia).

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> inertia([[cell * one for cell in row] for row in [[0, 1, 0], [1, 0, 0], [0, 0, 0]]])
    (1, 1, 1)
    """
    # completing a square takes one variable out and leaves the signs of the others; where the
    # diagonal is all 0, 2a·xy = a/2·((x + y)² − (x − y)²) takes two, one of either sign
    negative = positive = 0
    while form:
        pivot = _symmetric_pivot(form)
        if not pivot:
            break
        if len(pivot) == 1:
            sign = form[pivot[0]][pivot[0]].sign()
            positive, negative = positive + (sign > 0), negative + (sign < 0)
        else:  # 0 a; a 0
            positive, negative = positive + 1, negative + 1
        form = _without_squares(form, pivot)
    return negative, len(form), positive


def _symmetric_pivot(form: Rows) -> tuple[int, ...]:
    """The simplest entry of the diagonal, else a pair with an entry beside it, else nothing."""
    diagonal = [i for i, row in enumerate(form) if row[i]]
    if diagonal:
        return (min(diagonal, key=lambda i: form[i][i].bits),)
    pairs = ((i, j) for i, row in enumerate(form) for j in range(i) if row[j])
    return next(pairs, ())


def _without_squares(form: Rows, pivot: tuple[int, ...]) -> Rows:
    """What is left of the form once the pivot's variables are completed to squares."""
    rest = [i for i in range(len(form)) if i not in pivot]
    i, j = pivot[0], pivot[-1]
    inverse = 1 / form[i][j]
    # each entry less its Schur complement's part: form[p][i]·form[j][q]/form[i][j], and the same
    # with i and j exchanged for a pair
    left: list[list[Element]] = []
    for p in rest:
        across, down = form[p][i] * inverse, form[p][j] * inverse
        row = [form[p][q] for q in rest]
        if across:
            row = [value - across * form[j][q] for value, q in zip(row, rest, strict=True)]
        if len(pivot) == 2 and down:
            row = [value - down * form[i][q] for value, q in zip(row, rest, strict=True)]
        left.append(row)
    return left
