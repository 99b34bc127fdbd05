"""Trained weights, in floats, as the fractions nearest to them."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite

from handcalc.errors import InputError
from handcalc.inputs.arguments import matrix_cells, place, read_number, vector_cells
from handcalc.inputs.containers import as_int, is_float
from handcalc.numbers.exact import to_float
from handcalc.wording import brief


def read_bound(max_denominator: object) -> int:
    """The largest denominator of nearest fractions. Errors: ``max_denominator``.

    >>> read_bound(1000)
    1000
    """
    bound = as_int(max_denominator)
    if bound is None or bound < 1:
        raise InputError(
            "max_denominator",
            f"max_denominator must be a whole number, at least 1, not {brief(max_denominator)}.",
        )
    return bound


def nearest_matrix(values: object, bound: int, name: str = "W") -> list[list[Fraction]]:
    """A matrix of floats and exact numbers, each the nearest fraction. Errors: ``not_finite``.

    >>> nearest_matrix([[0.3333, 1.0]], 100)
    [[Fraction(1, 3), Fraction(1, 1)]]
    """
    return [
        [_nearest(cell, bound, place(name, i, j)) for j, cell in enumerate(row, 1)]
        for i, row in enumerate(matrix_cells(values, name), 1)
    ]


def nearest_vector(values: object, bound: int, name: str) -> list[Fraction]:
    """The same of a list, a row or a column.

    >>> nearest_vector([0.25, 2], 100, "b")
    [Fraction(1, 4), Fraction(2, 1)]
    """
    cells = enumerate(vector_cells(values, name), 1)
    return [_nearest(cell, bound, place(name, i)) for i, cell in cells]


def _nearest(value: object, bound: int, where: str) -> Fraction:
    """The fraction nearest to a float or to an exact number."""
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return Fraction(value).limit_denominator(bound)
    number = float(value) if is_float(value) else to_float(read_number(value, where))  # type: ignore[arg-type]  # a float of any library
    if not isfinite(number):
        raise InputError(
            "not_finite", f"Every weight must be a finite number, not {number} ({where})."
        )
    return Fraction(number).limit_denominator(bound)
