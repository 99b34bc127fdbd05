"""Dictionaries: rows of length 1, and how near each feature has one.

Without a norm the L1 price has no least value: f scaled down and its direction scaled up cost ever
less for the same ĥ. So rows have length 1, or each activation is paid by the length of its row.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import hypot

import sympy

from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix
from handcalc.inputs.named_matrices import matrix_text
from handcalc.numbers.exact import elements, exact, to_text
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import dot
from handcalc.wording import brief, listed

_MOST_SUGGESTED = 24  # numbers of a dictionary that an error writes out


def check_unit_rows(rows: Matrix, remedy: str) -> None:
    """Refuse rows that are not all of length 1; ``remedy`` is what else can be done.

    Errors: ``norms``, with the rows at length 1 as the suggestion where that is short.

    >>> check_unit_rows(((sympy.Rational(3, 5), sympy.Rational(4, 5)),), "")
    """
    squares = [sympy.Add(*(cell**2 for cell in row)) for row in rows]
    wrong = [j for j, square in enumerate(squares, 1) if exact(square - 1) != 0]
    if not wrong:
        return
    length = brief_number(sympy.sqrt(exact(squares[wrong[0] - 1])))
    which = f"row {wrong[0]} has length {length}"
    if len(wrong) > 1:
        which = f"rows {listed(wrong)} have not; row {wrong[0]} has length {length}"
    raise InputError(
        "norms",
        "Without a norm of the dictionary the L1 price has no least value, as f can shrink while "
        f"its direction grows: rows of W_dec have length 1, and {which}. {remedy}",
        suggestion=_at_length_one(rows),
    )


def brief_number(value: sympy.Expr) -> str:
    """A number in a sentence, cut where it is long.

    >>> brief_number(sympy.sqrt(5))
    'sqrt(5)'
    """
    return brief(value) if len(to_text(value)) > 40 else to_text(value)


def _at_length_one(rows: Matrix) -> str | None:
    """The same rows at length 1, where they are few and none is 0."""
    if len(rows) * len(rows[0]) > _MOST_SUGGESTED:
        return None
    field, numbers = elements(*(cell for row in rows for cell in row))
    m = len(rows[0])
    made = []
    for k in range(len(rows)):
        row = numbers[k * m : (k + 1) * m]
        if not any(row):
            return None
        length = field.sqrt(dot(row, row))
        made.append(tuple((cell / length).to_sympy() for cell in row))
    return matrix_text(tuple(made))


def unit_row(row: Sequence[Fraction], bound: int) -> tuple[Fraction, ...]:
    """The direction of a row, as a point with fractions on the unit sphere; a row of 0 stays one.

    Seen from the pole opposite its largest coordinate, the sphere is a plane, t = rest/(1 + that
    coordinate), and its points with fractions are the sphere's: (1 − t², 2t)/(1 + t²). ``bound``
    is the largest denominator of t.

    >>> unit_row((Fraction(6001, 10000), Fraction(4, 5)), 50)
    (Fraction(3, 5), Fraction(4, 5))
    """
    length = hypot(*map(float, row))
    if not length:
        return (Fraction(0),) * len(row)
    largest = max(range(len(row)), key=lambda k: abs(row[k]))
    way = 1 if row[largest] > 0 else -1
    below = 1 + abs(float(row[largest])) / length
    plane = [Fraction(float(cell) / length / below).limit_denominator(bound) for cell in row]
    square = sum((t * t for k, t in enumerate(plane) if k != largest), Fraction(0))
    return tuple(
        way * (1 - square) / (1 + square) if k == largest else 2 * t / (1 + square)
        for k, t in enumerate(plane)
    )


def mean_max_cosine(features: Matrix, dictionary: Matrix) -> sympy.Expr | None:
    """(1/n) Σᵢ maxⱼ cos(Wᵢ, dⱼ): how near each feature has a direction of the dictionary.

    None where a feature is 0 and has no direction, where the dictionary is 0 all over, or where the
    roots of the cosines are too many for one number field. Rows of 0 of the dictionary are left
    out.

    Source: Sharkey, Braun and Millidge 2022, "Taking features out of superposition with sparse
    autoencoders".

    >>> from handcalc.parsing import parse_matrix
    >>> mean_max_cosine(parse_matrix("1 0; 0 1; 0 -1"), parse_matrix("1 0; 0 1"))
    2/3
    """
    m = len(features[0])
    _, numbers = elements(*(cell for row in (*features, *dictionary) for cell in row))
    rows = [numbers[k * m : (k + 1) * m] for k in range(len(features) + len(dictionary))]
    given, directions = rows[: len(features)], [row for row in rows[len(features) :] if any(row)]
    if not directions or not all(map(any, given)):
        return None
    try:
        cosines = [_max_cosine(row, directions) for row in given]
        return exact(sympy.Add(*cosines) / len(cosines))
    except InputError:  # too_complicated
        return None


def _max_cosine(row: Sequence[Element], directions: Sequence[Sequence[Element]]) -> sympy.Expr:
    """The greatest cosine of a row with others, none of them 0."""
    # cosines of one row compare as ±(row·d)²/‖d‖² do, so that one root is taken, of the best
    shared = [dot(row, other) for other in directions]
    signed = [
        each * each * each.sign() / dot(other, other)
        for each, other in zip(shared, directions, strict=True)
    ]
    best = signed[0]
    for each in signed[1:]:
        best = each if (each - best).sign() > 0 else best
    way = best.sign()
    return way * sympy.sqrt((way * best / dot(row, row)).to_sympy())
