"""How long rows need to be looked at: beyond, the loss is above that of the model for certain.

Whatever the other features do, z is q·xᵢ + c with q = |Wᵢ|². For q ≥ 1 the least of
∫₀¹ (x − (qx + c)⁺)² dx over all c is ((q − 1)/(q + 1))²/3, at c = −q(q − 1)/(q + 1), and it rises
with q. So a row that long costs at least Iᵢ P(xᵢ ≠ 0) times that. Source: derived here.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from handcalc.errors import InputError
from handcalc.superposition.certificates.claim import CornerCase

_GRAIN, _LONGEST = 8, 64  # sides are multiples of 1/8, up to 8


def loss_of_long_row(case: CornerCase, feature: int, side: Fraction) -> Fraction:
    """What a row of length ``side`` ≥ 1 or more costs at least, for a feature from 0.

    >>> case = CornerCase((((), Fraction(1, 2)), ((0,), Fraction(1, 2))), (Fraction(1),))
    >>> loss_of_long_row(case, 0, Fraction(2))  # (3/5)² / 6
    Fraction(3, 50)
    """
    q = side * side
    share = ((q - 1) / (q + 1)) ** 2 / 3
    return case.importance[feature] * case.probability(feature) * share


def least_side(cases: Sequence[CornerCase], most: Sequence[Fraction]) -> Fraction:
    """The least multiple of 1/8 beyond which each row costs more than ``most``, in all cases.

    Errors: ``unbounded`` where no row up to 8 does.

    >>> case = CornerCase((((), Fraction(1, 2)), ((0,), Fraction(1, 2))), (Fraction(1),))
    >>> least_side([case], [Fraction(1, 20)])
    Fraction(15, 8)
    """
    for eighths in range(_GRAIN + 1, _LONGEST + 1):
        side = Fraction(eighths, _GRAIN)
        if all(
            loss_of_long_row(case, i, side) > bound
            for case, bound in zip(cases, most, strict=True)
            for i in range(len(case.importance))
        ):
            return side
    raise InputError(
        "unbounded",
        "A proof needs Iᵢ·P(xᵢ ≠ 0)/3, what an output loses that is always 0, to be above the loss "
        "of the best embedding for every feature: else rows that are ever longer are not ruled "
        "out. Here one feature matters too little, or too few dimensions are there for the others.",
    )
