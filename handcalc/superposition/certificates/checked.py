"""What the check of a certificate comes to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction

from handcalc.display import Displayed

_PLACES = 10  # digits of a bound in a sentence


@dataclass(frozen=True, slots=True, repr=False)
class Checked(Displayed):
    """What a certificate proves.

    ``loss`` is the model's, exact; no embedding loses less than ``lower``. With ``is_proved``,
    every embedding but the copies of one is worse than it, and that one is within 2⁻⁴⁰ of the
    model, or of a copy. ``margin`` is by how much all ``leaves`` stay above ``loss``; in the
    regions the loss is strictly convex, with second derivatives of ``convexity`` at least.

    Along an ``interval`` of S, ``is_proved`` says that at every S of it all best embeddings lie in
    the regions around the copies of the model, with one in each at most; ``loss`` is then that of
    the model at the lower end, and ``lower`` is 0.
    """

    is_proved: bool
    loss: Fraction
    lower: Fraction
    margin: float
    convexity: float
    leaves: int
    interval: tuple[Fraction, Fraction] | None = None

    def __repr__(self) -> str:
        if self.interval is not None:
            said = "proved" if self.is_proved else "nothing is proved"
            return f"<Checked: S from {self.interval[0]} to {self.interval[1]}, {said}>"
        what = "proved" if self.is_proved else "bounded"
        return f"<Checked: {what}, no loss is below {rounded_down(self.lower):g}>"

    @property
    def gap(self) -> float:
        """``loss`` − ``lower``."""
        return float(self.loss - self.lower)


def rounded_down(bound: Fraction, digits: int = _PLACES) -> Decimal:
    """A lower bound to so many digits, and never above what it stands for.

    >>> rounded_down(Fraction(2, 3), 3)
    Decimal('0.666')
    """
    return _quotient(bound, Context(digits, ROUND_FLOOR))


def rounded_up(gap: Fraction, digits: int = 3) -> Decimal:
    """A gap to so many digits, and never below what it stands for.

    >>> rounded_up(Fraction(2, 3))
    Decimal('0.667')
    """
    return _quotient(gap, Context(digits, ROUND_CEILING))


def _quotient(number: Fraction, context: Context) -> Decimal:
    return context.divide(Decimal(number.numerator), Decimal(number.denominator))
