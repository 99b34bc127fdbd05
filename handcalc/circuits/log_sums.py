"""Sums of logarithms Σ qₚ log p over primes, with rational qₚ: entropies, and tables of log counts.

Such a sum is 0 only where every qₚ is, as whole numbers have one factorisation. Anything else has
a sign, which ball arithmetic must find.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

import sympy
from flint import arb, ctx, fmpz
from sympy.polys.matrices import DomainMatrix

from handcalc.circuits.terms import BUDGET_BITS, precisions
from handcalc.display import abridged
from handcalc.errors import EngineError, InputError
from handcalc.numbers.exact import to_rational
from handcalc.numbers.tower import Sign

_MOST_GENERIC = 12  # rows of a table whose rank is decided over polynomials
_FIRST_RANK_BITS = 128
_MOST_BITS = 160  # of a whole number that is taken apart into primes


@dataclass(frozen=True, slots=True, repr=False)
class LogSum:
    """Σ qₚ log p: primes in order, each with a fraction that is not 0.

    +, − and products with fractions are exact, and so are == and ``sign``.

    >>> LogSum.log(Fraction(9, 2)), LogSum.log(Fraction(8)) == LogSum.log(Fraction(2)) * 3
    (<LogSum 2*log(3) - log(2)>, True)
    """

    terms: tuple[tuple[int, Fraction], ...] = ()

    @staticmethod
    def log(number: Fraction | int) -> LogSum:
        """log of a positive fraction. Errors: ``too_large`` past 160 bits above or below."""
        if max(number.numerator, number.denominator).bit_length() > _MOST_BITS:
            raise InputError(
                "too_large",
                f"A logarithm is written by the primes of its number, which has at most "
                f"{_MOST_BITS} binary digits here, above and below.",
            )
        found: dict[int, Fraction] = {}
        for part, sign in ((number.numerator, 1), (number.denominator, -1)):
            for prime, power in fmpz(part).factor():
                found[int(prime)] = found.get(int(prime), Fraction(0)) + sign * int(power)
        return LogSum._of(found)

    @staticmethod
    def _of(terms: dict[int, Fraction]) -> LogSum:
        return LogSum(tuple((p, terms[p]) for p in sorted(terms) if terms[p]))

    def __add__(self, other: LogSum) -> LogSum:
        found = dict(self.terms)
        for prime, power in other.terms:
            found[prime] = found.get(prime, Fraction(0)) + power
        return LogSum._of(found)

    def __mul__(self, factor: Fraction | int) -> LogSum:
        return LogSum(tuple((p, q * factor) for p, q in self.terms)) if factor else LogSum()

    __rmul__ = __mul__

    def __neg__(self) -> LogSum:
        return self * -1

    def __sub__(self, other: LogSum) -> LogSum:
        return self + -other

    def __bool__(self) -> bool:
        return bool(self.terms)

    def ball(self) -> arb:
        """An interval around the value, at the working precision."""
        each = ((arb(q.numerator) / q.denominator) * arb(p).log() for p, q in self.terms)
        return sum(each, arb(0))

    def sign(self) -> Sign:
        """−1, 0 or 1, always decided."""
        if not self.terms:
            return 0
        for bits in precisions(1 << 20):
            with ctx.workprec(bits):
                ball = self.ball()
            if ball > 0 or ball < 0:
                return 1 if ball > 0 else -1
        raise EngineError("circuits", "The sign of a sum of logarithms was not found.")

    def to_float(self) -> float:
        """The nearest float."""
        if not self.terms:
            return 0.0
        for bits in precisions(BUDGET_BITS):
            with ctx.workprec(bits):
                low, high = float(self.ball().lower()), float(self.ball().upper())
            if low == high:
                return low
        raise EngineError("circuits", "The float nearest to a sum of logarithms was not found.")

    __float__ = to_float

    def to_sympy(self) -> sympy.Expr:
        """The sum as sympy writes it."""
        each = (to_rational(q) * sympy.log(p) for p, q in self.terms)
        return sympy.Add(*each)

    def to_text(self) -> str:
        """ASCII text, what is added before what is taken away: 2*log(3) - log(2)."""
        text = ""
        for prime, power in sorted(self.terms, key=lambda term: term[1] < 0):
            joint = (" - " if text else "-") if power < 0 else " + " if text else ""
            factor = "" if abs(power) == 1 else f"{abs(power)}*"
            text += f"{joint}{factor}log({prime})"
        return text or "0"

    def to_words(self) -> str:
        """The sum for people: 2·log(3) − log(2)."""
        return self.to_text().replace("-", "−").replace("*", "·")

    def __repr__(self) -> str:
        return abridged(f"<LogSum {self.to_text()}>")


def total(sums: Iterable[LogSum]) -> LogSum:
    """All of them added up."""
    return reduce(LogSum.__add__, sums, LogSum())


def primes_in(rows: Sequence[Sequence[LogSum]]) -> list[int]:
    """The primes whose logarithms stand in a table."""
    return sorted({prime for row in rows for cell in row for prime, _ in cell.terms})


def components(rows: Sequence[Sequence[LogSum]]) -> list[list[Fraction]]:
    """Every row once for each prime: the fractions that stand before its logarithm."""
    return [
        [dict(cell.terms).get(prime, Fraction(0)) for cell in row]
        for row in rows
        for prime in primes_in(rows)
    ]


def log_rank(rows: Sequence[Sequence[LogSum]]) -> int:
    """How many rows of a table of logarithms are linearly independent over the real numbers.

    A minor that intervals part from 0 bounds it from below. The rank over polynomials, with each
    log p a variable, bounds it from above; the two meet, unless Schanuel's conjecture fails.
    Errors: ``undecided``, ``too_complicated``.

    >>> two, three = LogSum.log(2), LogSum.log(3)
    >>> log_rank([[two, three], [2 * two, 2 * three]]), log_rank([[two, three], [three, two]])
    (1, 2)
    """
    if not rows or not rows[0]:
        return 0
    turned = list(zip(*rows, strict=True))
    above = min(_rational_rank(components(rows)), _rational_rank(components(turned)))
    above = min(above, len(rows), len(rows[0]))
    below = _certain_rank(rows, _FIRST_RANK_BITS)
    if below < above:
        if len(rows) > _MOST_GENERIC:
            raise InputError(
                "too_complicated",
                f"The rank of {len(rows)} rows of logarithms takes too much exact work; it is at "
                f"least {below} and at most {above}.",
            )
        above = _generic_rank(rows)
    bits = 2 * _FIRST_RANK_BITS
    while below < above:
        if bits > BUDGET_BITS:
            raise InputError(
                "undecided",
                f"Whether the rank is {below} or {above} cannot be told: no proof is known that "
                "would settle this relation of logarithms.",
            )
        below, bits = _certain_rank(rows, bits), 2 * bits
    return below


def _rational_rank(rows: Sequence[Sequence[Fraction]]) -> int:
    cells = [[sympy.QQ(q.numerator, q.denominator) for q in row] for row in rows]
    return int(DomainMatrix(cells, (len(rows), len(rows[0])), sympy.QQ).rank()) if rows else 0


def _generic_rank(rows: Sequence[Sequence[LogSum]]) -> int:
    """The rank with each logarithm a variable of its own."""
    ring = sympy.QQ[[sympy.Symbol(f"log{prime}") for prime in primes_in(rows)]]
    generators = dict(zip(primes_in(rows), ring.gens, strict=True))

    def cell(sum_: LogSum) -> object:
        each = (generators[p] * sympy.QQ(q.numerator, q.denominator) for p, q in sum_.terms)
        return sum(each, ring.zero)

    cells = [[cell(each) for each in row] for row in rows]
    return int(DomainMatrix(cells, (len(rows), len(rows[0])), ring).to_field().rank())


def _certain_rank(rows: Sequence[Sequence[LogSum]], bits: int) -> int:
    """How many pivots of an elimination are certainly not 0."""
    with ctx.workprec(bits):
        left = [[cell.ball() for cell in row] for row in rows]
        found = 0
        while left and left[0]:
            places = [(i, j) for i, row in enumerate(left) for j in range(len(row))]
            i, j = max(places, key=lambda at: float(left[at[0]][at[1]].abs_lower()))
            pivot = left[i][j]
            if pivot.contains(0):
                break
            found += 1
            top = left.pop(i)
            for k, row in enumerate(left):
                factor = row[j] / pivot
                left[k] = [
                    cell - factor * above
                    for column, (cell, above) in enumerate(zip(row, top, strict=True))
                    if column != j
                ]
    return found
