"""Which rows of W depend on each other: the circuits of the kernel of Wᵀ, and their spark.

A circuit, in the sense of linear dependence, is a v ≠ 0 with Wᵀv = 0 whose support is minimal: the
features of its support depend on each other, and no fewer of them do. There are finitely many, up
to scale, of at most rank + 1 entries, and every kernel vector is a sum of some that nowhere have
another sign than it (Rockafellar). They have nothing to do with circuits of transformers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb, gcd, lcm
from typing import TypeAlias

from handcalc.display import fields_text
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import to_text
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import Rows, rank
from handcalc.numbers.tower import Sign, coordinates

Cells: TypeAlias = "tuple[Element, ...]"

MOST_FEATURES = 8
"""Of so many features every set of active ones, and of signs, is looked at."""
_MOST_SETS = 20_000  # of rows that may be independent; it takes seconds
_MOST_WORK = 50_000  # these times the square of the field's degree, of which products take as much
_TELLING = 10**12


@dataclass(frozen=True, slots=True, repr=False)
class Dependence:
    """A circuit: Σ vᵢ·(row i of W) = 0, its entries whole numbers without a common factor.

    The first that is not 0 is positive. Where they are no fractions, so are their coordinates.
    ``signs`` are those of the entries, and ``features`` those in its support, from 1.
    """

    entries: Vector
    signs: tuple[Sign, ...]

    __repr__ = fields_text

    @property
    def features(self) -> tuple[int, ...]:
        """The features in its support, from 1."""
        return tuple(i for i, sign in enumerate(self.signs, 1) if sign)

    @property
    def text(self) -> str:
        """Its entries with blanks between, as the reader takes them.

        >>> from sympy import Integer
        >>> Dependence((Integer(1), Integer(-2)), (1, -1)).text
        '1 -2'
        """
        return " ".join(to_text(entry).replace(" ", "") for entry in self.entries)


@dataclass(frozen=True, slots=True)
class IndependentSet:
    """Independent vectors, and what takes another one apart along them.

    Each of ``echelon`` has a pivot where no other has an entry, and what it is made of.
    """

    members: tuple[int, ...]
    echelon: tuple[tuple[int, Cells, Cells], ...]

    def taken_apart(self, vector: Sequence[Element]) -> tuple[list[Element], list[Element]]:
        """What is left of a vector, 0 where it depends on these; its coefficients along them.

        >>> from handcalc.numbers.field import Field
        >>> one = Field().rational(1)
        >>> only = IndependentSet((), ()).extended(0, (2 * one, 0 * one))
        >>> only.taken_apart((3 * one, one))
        ([Element(0), Element(1)], [Element(3/2)])
        """
        rest = tuple(vector)
        along = tuple(rest[0] * 0 for _ in self.members)
        for pivot, row, made_of in self.echelon:
            times = rest[pivot]
            if times:
                rest, along = _less(rest, times, row), _less(along, -times, made_of)
        return list(rest), list(along)

    def extended(self, member: int, vector: Sequence[Element]) -> IndependentSet:
        """These and one more, which must be independent of them."""
        return self._with(member, *self.taken_apart(vector))

    def extensions(self, rows: Rows) -> Iterator[IndependentSet]:
        """These and each later row that is independent of them."""
        if len(self.members) == len(rows[0]):  # which they span
            return
        for i in range(self.members[-1] + 1 if self.members else 0, len(rows)):
            rest, along = self.taken_apart(rows[i])
            if any(rest):
                yield self._with(i, rest, along)

    def _with(self, member: int, rest: list[Element], along: list[Element]) -> IndependentSet:
        pivot = min((k for k, cell in enumerate(rest) if cell), key=lambda k: rest[k].bits)
        scale = 1 / rest[pivot]
        row = tuple(cell * scale if cell else cell for cell in rest)
        made_of = (*(-cell * scale if cell else cell for cell in along), scale)
        # the new pivot is cleared from the others, so that one pass takes a vector apart
        others = []
        for place, other, parts in self.echelon:
            times, filled = other[pivot], (*parts, scale * 0)
            cleared = _less(other, times, row), _less(filled, times, made_of)
            others.append((place, *cleared))
        return IndependentSet((*self.members, member), (*others, (pivot, row, made_of)))


def _less(cells: Cells, times: Element, others: Cells) -> Cells:
    """cells − times·others."""
    if not times:
        return cells
    return tuple(a - times * b if b else a for a, b in zip(cells, others, strict=True))


def independent_sets(rows: Rows) -> Iterator[IndependentSet]:
    """All sets of independent rows, the empty one first, each once, small ones before large ones.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> [found.members for found in independent_sets([[one], [2 * one], [0 * one]])]
    [(), (0,), (1,)]
    """
    level = [IndependentSet((), ())]
    while level:
        following = list[IndependentSet]()
        for found in level:
            yield found
            following += found.extensions(rows)
        level = following


def dependences(rows: Rows) -> list[Cells]:
    """All circuits of the rows: v with Σ vᵢ·(row i) = 0 and a minimal support, each once.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> [[str(cell.to_sympy()) for cell in found] for found in dependences([[one], [2 * one]])]
    [['2', '-1']]
    """
    zero = rows[0][0] * 0
    found: list[Cells] = []
    for held in independent_sets(rows):
        for i in range(held.members[-1] + 1 if held.members else 0, len(rows)):
            rest, along = held.taken_apart(rows[i])
            if not any(rest) and all(along):  # all of these take part: no fewer would do
                parts = dict(zip(held.members, along, strict=True)) | {i: zero - 1}
                found.append(_primitive([parts.get(k, zero) for k in range(len(rows))]))
    return sorted(found, key=_by_support)


def shown(cells: Cells) -> Dependence:
    """A circuit as sympy has it."""
    return Dependence(
        tuple(cell.to_sympy() for cell in cells), tuple(cell.sign() for cell in cells)
    )


def refuse_many(rows: Rows, what: str) -> None:
    """Refuse a W with more sets of independent rows than can be looked at. Error: ``too_large``.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> refuse_many([[one]] * 8, "a recovery")
    """
    n, degree = len(rows), rows[0][0].field.degree
    most = _MOST_SETS if degree == 1 else min(_MOST_SETS, _MOST_WORK // degree**2)
    if _count(n, min(n, len(rows[0]))) <= most:
        return
    many = _count(n, rank(rows))
    if many > most:
        told = f"up to {many:,}" if many < _TELLING else "very many more"
        raise InputError(
            "too_large",
            f"{what} looks at every set of independent rows of W, of such numbers at most "
            f"{most:,}, and here there are {told}. Eight features of fractions are always few "
            "enough, and more in few dimensions: leave features out, or square roots.",
        )


def _count(n: int, size: int) -> int:
    """How many sets of at most ``size`` of n features there are."""
    return sum(comb(n, k) for k in range(size + 1))


def _by_support(cells: Cells) -> tuple[int, tuple[int, ...]]:
    support = tuple(i for i, cell in enumerate(cells) if cell)
    return len(support), support


def _primitive(cells: Sequence[Element]) -> Cells:
    """The multiple whose coordinates are whole numbers without a common factor, first above 0."""
    first = next(cell for cell in cells if cell)
    scaled = [cell / first if cell else cell for cell in cells]
    parts = [part for cell in scaled for part in coordinates(cell.raw) if part != 0]
    bottom = lcm(*(int(part.q) for part in parts))
    top = gcd(*(int(part.p) * (bottom // int(part.q)) for part in parts))
    factor = first.field.rational(bottom) / top
    return tuple(cell * factor if cell else cell for cell in scaled)
