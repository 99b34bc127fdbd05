"""Rows of exact values: products with matrices, independence, and the softmax of scores.

Matrices are held without their zeros. softmax(s)ⱼ = B^sⱼ / Σ B^sₖ with exact weights: a base b is
the usual softmax of scores in units of log b, and its weights of whole scores are rational. *Hard*
is the limit of a large base: the largest scores share the weight equally.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import TypeAlias

import sympy

from handcalc.circuits.exponential_sum import (
    ExponentialSum,
    Value,
    inverse,
    minus,
    plus,
    power,
    quotient,
    shown,
    times,
)
from handcalc.circuits.terms import Terms, is_nothing, read_base
from handcalc.errors import InputError
from handcalc.inputs.arguments import read_vector
from handcalc.numbers.exact import elements
from handcalc.numbers.field import Element
from handcalc.wording import brief

Row: TypeAlias = tuple[Value, ...]
Sparse: TypeAlias = tuple[tuple[tuple[int, Element], ...], ...]  # of each row, what is not 0


@dataclass(frozen=True, slots=True)
class Softmax:
    """How scores become weights that are positive, or 0 for hard attention, and sum to 1.

    ``of`` reads "hard", "exp" or "base b", with b a positive fraction that is no power of another;
    "base 1" gives every score the same weight. Behind another softmax the scores are sums of
    exponentials: with a rational base they are rational powers of it, and all is decided; with e
    signs that theory leaves open are refused (code ``undecided``). Errors: ``softmax``, ``base``,
    ``perfect_power``.

    >>> Softmax.of("base 2").of_scores("0 1 2")
    (1/7, 2/7, 4/7)
    >>> Softmax.of("hard").of_scores("0 1 1"), Softmax.of("exp").of_scores("0 1")[0]
    ((0, 1/2, 1/2), <ExponentialSum 1/(1 + e)>)
    """

    name: str
    base: Fraction | None = None

    @classmethod
    def of(cls, given: object) -> Softmax:
        """The softmax of a name, or itself."""
        if isinstance(given, Softmax):
            return given
        words = given.split() if isinstance(given, str) else []
        if words in (["hard"], ["exp"]):
            return cls(words[0])
        if len(words) == 2 and words[0] == "base":
            if words[1] in ("e", "1"):
                return cls("exp") if words[1] == "e" else cls("base 1", Fraction(1))
            try:
                base = read_base(words[1])
            except InputError as error:
                error.suggestion = error.suggestion and f"base {error.suggestion}"
                raise
            return cls(f"base {base}", base)
        raise InputError(
            "softmax",
            f'The softmax is "hard", "exp" or "base b", such as "base 2", not {brief(given)}.',
            suggestion="base 2",
        )

    def of_scores(self, scores: object) -> tuple[sympy.Expr | ExponentialSum, ...]:
        """The weights of scores as they are typed: a text or a list of exact numbers."""
        _, found = elements(*read_vector(scores, "the scores"))
        return tuple(map(shown, self.weights(found)))

    def weights(self, scores: Sequence[Value]) -> tuple[Value, ...]:
        """B^sⱼ / Σ B^sₖ, or of the largest scores an equal share each."""
        one = scores[0].field.rational(1)
        if self.base == 1:
            return (one / len(scores),) * len(scores)
        if self.name == "hard":
            places = largest(scores)
            share = one / len(places)
            return tuple(share if j in places else one * 0 for j in range(len(scores)))
        if all(isinstance(score, Element) for score in scores):
            below = Terms.of(self.base, ((score, one) for score in scores))
            return tuple(
                quotient(Terms.of(self.base, ((score, one),)), ((below, 1),), score.field)
                for score in scores
            )
        powers = [power(self.base, score) for score in scores]
        whole = inverse(reduce(plus, powers))
        return tuple(times(each, whole) for each in powers)


def largest(values: Sequence[Value]) -> tuple[int, ...]:
    """The places of the largest values, counted from 0; several where they are equal.

    >>> _, values = elements(*map(sympy.Integer, (1, 3, 3)))
    >>> largest(values)
    (1, 2)
    """
    best, places = values[0], [0]
    for place, value in enumerate(values[1:], 1):
        order = minus(value, best).sign()
        if order > 0:
            best, places = value, [place]
        elif order == 0:
            places.append(place)
    return tuple(places)


# -- rows, and matrices without their zeros --------------------------------------------------------


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


def echelon(rows: Iterable[Sequence[Value]]) -> tuple[list[list[Value]], list[int]]:
    """Independent rows with the same span, each 0 up to its pivot, and the columns of the pivots.

    There are as many as the rank. Errors: ``undecided``.

    >>> _, (one, two, four) = elements(*map(sympy.Integer, (1, 2, 4)))
    >>> echelon([[one, two], [two, four]])
    ([[Element(1), Element(2)]], [0])
    """
    left, done, pivots = [list(row) for row in rows], list[list[Value]](), list[int]()
    for column in range(len(left[0]) if left else 0):
        place = next((k for k, row in enumerate(left) if row[column].sign()), None)
        if place is None:
            continue
        top = left.pop(place)
        if isinstance(top[column], Element):  # sums of exponentials are shorter undivided
            share = inverse(top[column])
            top = [times(cell, share) for cell in top]
        left = [_without(row, top, column) if row[column].sign() else row for row in left]
        done.append(top)
        pivots.append(column)
    return done, pivots


def _without(row: Sequence[Value], top: Sequence[Value], column: int) -> list[Value]:
    """A multiple of the row, less what makes its entry in this column 0."""
    return [
        minus(times(top[column], cell), times(row[column], above))
        for cell, above in zip(row, top, strict=True)
    ]
