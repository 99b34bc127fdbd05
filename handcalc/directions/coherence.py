"""How close the rows of W stand: coherence, the largest signed cosine, and bounds on both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import atan2, degrees, sqrt

import sympy

from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.export import Exported, Tabular
from handcalc.numbers.exact import elements, to_fraction, to_text
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import rank
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import listed

Pair = tuple[int, int]
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class _Cosine:
    """A cosine by its sign and its square, which is a number of the field where it may be none."""

    sign: int
    square: Element

    def above(self, other: _Cosine) -> bool:
        """Whether it is the larger one."""
        if self.sign != other.sign:
            return self.sign > other.sign
        return self.sign * (self.square - other.square).sign() > 0

    def to_sympy(self) -> sympy.Expr:
        """The cosine: a root in a field of its own, as that of all need not be small enough."""
        field, (square,) = elements(self.square.to_sympy())
        return self.sign * field.sqrt(square).to_sympy()


@dataclass(frozen=True, slots=True, repr=False)
class Coherence(Displayed, Exported, Tabular):
    """μ = max |cos| over the pairs of rows of W, the largest signed cos, and what bounds them.

    ``pairs`` are those that reach μ, features from 1, and ``signed_pairs`` those that reach
    ``signed``, which is what a ReLU cares about: it clips negative overlap. ``dimensions`` is d,
    the dimension that the rows span. ``welch`` is √((n−d)/(d(n−1))), 0 where n ≤ d; ``orthoplex``
    is 1/√d and ``levenshtein`` √((3n−d²−2d)/((n−d)(d+2))) where n > d(d+1)/2, else None; no n rows
    in d dimensions have a smaller μ. Rows are ``equiangular`` where all |cos| are one number below
    1, so that no two share a line; at most ``gerzon`` = d(d+1)/2 lines are. ``degrees`` is the
    angle of the nearest lines.
    """

    model: ToyModel
    dimensions: int
    coherence: sympy.Expr
    pairs: tuple[Pair, ...]
    signed: sympy.Expr
    signed_pairs: tuple[Pair, ...]
    welch: sympy.Expr
    orthoplex: sympy.Expr | None
    levenshtein: sympy.Expr | None
    meets_welch: bool
    meets_orthoplex: bool
    meets_levenshtein: bool
    equiangular: bool
    degrees: float

    @property
    def gerzon(self) -> int:
        """How many lines at most have one angle between all of them, d(d+1)/2."""
        return self.dimensions * (self.dimensions + 1) // 2

    def __repr__(self) -> str:
        each = f"{to_text(self.coherence)}, signed={to_text(self.signed)}"
        return abridged(f"Coherence(coherence={each}, welch={to_text(self.welch)})")

    def arrays(self) -> dict[str, sympy.Expr]:
        """μ, the largest signed cosine, and Welch's bound, exact."""
        return {"coherence": self.coherence, "signed": self.signed, "welch": self.welch}

    def columns(self) -> dict[str, Sequence[object]]:
        """One row: what is said of W as a whole."""
        return {
            "n": [self.model.n],
            "dimensions": [self.dimensions],
            "coherence": [self.coherence],
            "signed": [self.signed],
            "welch": [self.welch],
            "equiangular": [self.equiangular],
            "degrees": [self.degrees],
        }


def welch_square(n: int, d: int) -> sympy.Rational:
    """What μ² is at least for n rows in d dimensions: (n−d)/(d(n−1)), or 0.

    >>> welch_square(3, 2), welch_square(10_000, 100)
    (1/4, 1/101)
    """
    return sympy.Rational(max(0, n - d), d * (n - 1))


def orthoplex_square(n: int, d: int) -> sympy.Rational | None:
    """1/d for more than d(d+1)/2 rows, else None.

    >>> orthoplex_square(4, 2), orthoplex_square(3, 2)
    (1/2, None)
    """
    return sympy.Rational(1, d) if n > d * (d + 1) // 2 else None


def levenshtein_square(n: int, d: int) -> sympy.Rational | None:
    """(3n−d²−2d)/((n−d)(d+2)) for more than d(d+1)/2 rows, else None.

    >>> levenshtein_square(120, 8)
    1/4
    """
    if n <= d * (d + 1) // 2:
        return None
    return sympy.Rational(3 * n - d * d - 2 * d, (n - d) * (d + 2))


BOUNDS: Mapping[str, Callable[[int, int], sympy.Rational | None]] = {
    "welch": welch_square,
    "orthoplex": orthoplex_square,
    "levenshtein": levenshtein_square,
}
"""What μ² is at least, by name, for n rows in d dimensions; None where a bound says nothing."""


def coherence(W: ToyModel | object) -> Coherence:
    """μ = max |Wᵢ·Wⱼ|/(‖Wᵢ‖‖Wⱼ‖) over i < j, exactly, with the pairs that reach it.

    Args:
        W: Two rows at least, none of them zero (n × m): a text, or whatever else ``ToyModel``
            takes, or a model.

    Returns:
        μ and the largest signed cosine, Welch's bound and the orthoplex bound and whether they are
        met, whether all |cos| are one, and the angle of the nearest lines in degrees.

    Raises:
        InputError: ``zero_row``, which has no direction; ``one_row``; ``too_large`` for more than
            500 rows; those of a W that could not be taken.

    Source: Welch 1974; Conway, Hardin, Sloane 1996 (orthoplex); Levenshtein 1982; Lemmens, Seidel
    1973 (Gerzon).

    Examples:
        >>> triangle = coherence("1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2")
        >>> triangle.coherence, triangle.signed, triangle.meets_welch, triangle.equiangular
        (1/2, -1/2, True, True)
    """
    model = ToyModel.of(W)
    gram = model.elements()[0].gram
    _refuse(model, gram)
    n, d = model.n, rank(model.elements()[0].W)
    cosines = dict(_cosines(gram))
    absolute = {pair: _Cosine(1 if cos.sign else 0, cos.square) for pair, cos in cosines.items()}
    bounds = {name: bound(n, d) for name, bound in BOUNDS.items()}
    nearest, pairs = _largest(absolute)
    signed, signed_pairs = _largest(cosines)
    square = nearest.square
    roots = {name: None if low is None else sympy.sqrt(low) for name, low in bounds.items()}
    met = {name: low is not None and square == to_fraction(low) for name, low in bounds.items()}
    return Coherence(
        model=model,
        dimensions=d,
        coherence=nearest.to_sympy(),
        pairs=pairs,
        signed=signed.to_sympy(),
        signed_pairs=signed_pairs,
        welch=roots["welch"],
        orthoplex=roots["orthoplex"],
        levenshtein=roots["levenshtein"],
        meets_welch=met["welch"],
        meets_orthoplex=met["orthoplex"],
        meets_levenshtein=met["levenshtein"],
        equiangular=len(pairs) == len(cosines) and square != 1,
        degrees=degrees_of(square),
    )


def degrees_of(square: Element) -> float:
    """The angle whose cosine has this square, in degrees: by the tangent, as near 0° floats need.

    >>> from handcalc.numbers.field import Field
    >>> round(degrees_of(Field().rational(1) / 4), 6)
    60.0
    """
    return degrees(atan2(sqrt((1 - square).to_float()), sqrt(square.to_float())))


def _refuse(model: ToyModel, gram: Sequence[Sequence[Element]]) -> None:
    """Refuse rows that have no direction, rows without another, and too many."""
    if model.n > MOST_ROWS:
        raise InputError(
            "too_large",
            f"The coherence of {MOST_ROWS} rows at most is worked out, not {model.n:,}.",
        )
    zeros = [i for i, row in enumerate(gram, 1) if not row[i - 1]]
    if zeros:
        rows, have = ("Row", "has") if len(zeros) == 1 else ("Rows", "have")
        raise InputError(
            "zero_row",
            f"{rows} {listed(zeros)} of W {have} no direction, being zero, so there is no angle "
            "with the others: leave it out, or give it a number.",
        )
    if model.n < 2:
        raise InputError(
            "one_row", "Coherence is about two rows at least; W has one: give it another row."
        )


def _cosines(gram: Sequence[Sequence[Element]]) -> Iterator[tuple[Pair, _Cosine]]:
    """cos² = Gᵢⱼ²/(GᵢᵢGⱼⱼ) and the sign of Gᵢⱼ, of each pair."""
    inverse = [1 / row[i] for i, row in enumerate(gram)]
    for i, row in enumerate(gram):
        for j in range(i + 1, len(gram)):
            yield (
                (i + 1, j + 1),
                _Cosine(row[j].sign(), row[j] * row[j] * (inverse[i] * inverse[j])),
            )


def _largest(cosines: dict[Pair, _Cosine]) -> tuple[_Cosine, tuple[Pair, ...]]:
    """The largest, and the pairs that have it."""
    best = next(iter(cosines.values()))
    for cos in cosines.values():
        if cos.above(best):
            best = cos
    return best, tuple(pair for pair, cos in cosines.items() if cos == best)
