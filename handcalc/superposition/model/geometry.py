"""The geometry of an embedding: what features keep, share and take, and its rows as arrows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import atan2, degrees

import sympy

from handcalc.derivation import Claim, Number
from handcalc.display import Displayed, abridged
from handcalc.export import Exported, Tabular
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.numbers.exact import elements, listed_text, to_float, to_text
from handcalc.numbers.field import Element
from handcalc.superposition.model.toy_model import ToyModel


@dataclass(frozen=True, slots=True, repr=False)
class Geometry(Displayed, Exported, Tabular):
    """G = W Wᵀ, norms ‖Wᵢ‖, interference Σ_{j≠i}(Ŵᵢ·Wⱼ)², dimensionality Dᵢ, capacity Σ Dᵢ.

    ``gram`` has shape (n, n), the other vectors length n; Ŵᵢ = Wᵢ/‖Wᵢ‖, and a zero row has
    interference and dimensionality 0. 0 ≤ Dᵢ ≤ 1, and Σ Dᵢ is at most the rank of W.
    """

    model: ToyModel
    gram: Matrix
    norms: Vector
    interference: Vector
    dimensionality: Vector
    capacity: sympy.Expr

    def __repr__(self) -> str:
        norms, shares = map(listed_text, (self.norms, self.dimensionality))
        capacity = to_text(self.capacity)
        return abridged(f"Geometry({capacity=!s}, {norms=!s}, dimensionality={shares})")

    def arrays(self) -> dict[str, Matrix | Vector | sympy.Expr]:
        """G, the norms, interference, dimensionality and capacity, exact."""
        names = ("gram", "norms", "interference", "dimensionality", "capacity")
        return {name: getattr(self, name) for name in names}

    def columns(self) -> dict[str, Sequence[object]]:
        """A row a feature."""
        return {
            "feature": range(1, self.model.n + 1),
            "norm": self.norms,
            "interference": self.interference,
            "dimensionality": self.dimensionality,
        }


def geometry(model: ToyModel | object) -> Geometry:
    """Gᵢⱼ = Wᵢ·Wⱼ, ‖Wᵢ‖ = √Gᵢᵢ, Σ_{j≠i}Gᵢⱼ²/Gᵢᵢ, Dᵢ = Gᵢᵢ²/ΣⱼGᵢⱼ², and Σ Dᵢ, exactly.

    Args:
        model: A model, or W alone (n × m): a text, or whatever else ``ToyModel`` takes.

    Returns:
        The Gram matrix (n × n); lengths, interference and dimensionality of each feature (n); their
        sum, the capacity, which is at most m.

    Raises:
        InputError: That of a W that could not be taken.

    Source: Elhage et al. 2022, "The Geometry of Superposition" (dimensionality); Scherlis et al.
    2022 (capacity).

    Examples:
        >>> antipodal = geometry(ToyModel("1 0; 0 1; 0 -1"))
        >>> antipodal.dimensionality, antipodal.capacity, antipodal.interference
        ((1, 1/2, 1/2), 2, (0, 1, 1))
    """
    model = ToyModel.of(model)
    entries, _ = model.elements()
    gram = _symmetric(entries.gram)
    shares = [_shares(i, row) for i, row in enumerate(entries.gram)]
    return Geometry(
        model=model,
        gram=gram,
        norms=tuple(_norm(row[i]) for i, row in enumerate(gram)),
        interference=tuple(taken.to_sympy() for taken, _ in shares),
        dimensionality=tuple(share.to_sympy() for _, share in shares),
        capacity=_sum([share for _, share in shares]).to_sympy(),
    )


def clusters(features: Iterable[int], overlap: Callable[[int, int], bool]) -> list[tuple[int, ...]]:
    """Features that overlap, directly or through others, in an order in which each next is joined.

    >>> clusters(range(4), lambda i, j: abs(i - j) == 2)
    [(0, 2), (1, 3)]
    """
    left, found = sorted(features), []
    while left:
        cluster = [left.pop(0)]
        for i in cluster:  # which grows on the way
            reached = [j for j in left if overlap(i, j)]
            left = [j for j in left if j not in reached]
            cluster += reached
        found.append(tuple(cluster))
    return found


def _shares(i: int, row: Sequence[Element]) -> tuple[Element, Element]:
    """The interference that feature i gets, and its dimensionality."""
    own = row[i]
    if not own:
        return own, own
    square, squares = own * own, _sum([g * g for g in row])
    return (squares - square) / own, square / squares


def _symmetric(gram: Sequence[Sequence[Element]]) -> Matrix:
    """A matrix that is its transpose, each pair of its numbers converted once."""
    below = [[g.to_sympy() for g in row[: i + 1]] for i, row in enumerate(gram)]
    n = range(len(gram))
    return tuple(tuple(below[max(i, j)][min(i, j)] for j in n) for i in n)


def _norm(square: sympy.Expr) -> sympy.Expr:
    # √Gᵢᵢ is taken in a field of its own: n square roots need not fit in one that is small enough.
    field, (element,) = elements(square)
    return field.sqrt(element).to_sympy()


def _sum(values: Sequence[Element]) -> Element:
    # By halves: one after the other, every addition would carry the long fraction of all before it,
    # and here only the last few are long.
    if len(values) == 1:
        return values[0]
    middle = len(values) // 2
    return _sum(values[:middle]) + _sum(values[middle:])


# --------------------------------------------------------------------------------------------------
# An embedding of a plane as arrows: where they end, and a sentence that says it.


@dataclass(frozen=True, slots=True)
class Arrow:
    """One feature's embedding in the plane.

    Its end (floats, to draw with), its exact length, and its direction in degrees counter-clockwise
    from the first axis (None at length 0).
    """

    feature: int
    x: float
    y: float
    length: sympy.Expr
    direction: float | None


def arrows(model: ToyModel) -> tuple[Arrow, ...]:
    """The rows of W as arrows, for m ≤ 2; with one dimension they lie on the first axis.

    >>> [arrow.direction for arrow in arrows(ToyModel("1 0; 0 1; 0 -1"))]
    [0.0, 90.0, 270.0]
    """
    if model.m > 2:
        return ()
    norms = geometry(model).norms
    found = []
    for i, (row, norm) in enumerate(zip(model.W, norms, strict=True), 1):
        x, y = (*map(to_float, row), 0.0)[:2]
        direction = None if norm == 0 else degrees(atan2(y, x)) % 360
        found.append(Arrow(i, x, y, norm, direction))
    return tuple(found)


def described(model: ToyModel) -> Claim:
    """The drawing in words: direction and length of each arrow, and which pairs stand out.

    >>> described(ToyModel("1 0; 0 0")).sentence
    'Feature 1 points right with length {}; feature 2 has no arrow: its row of W is zero.'
    """
    shown = arrows(model)
    lengths = tuple(Number(arrow.length) for arrow in shown if arrow.direction is not None)
    each = "; ".join(map(_arrow_in_words, shown))
    directions = [f"{each[:1].upper()}{each[1:]}."] if shown else []
    pairs = _pairs_that_stand_out(model.elements()[0].gram)
    return Claim(" ".join([*directions, *pairs]), lengths)


_DIRECTIONS = {0.0: "right", 90.0: "up", 180.0: "left", 270.0: "down"}


def _arrow_in_words(arrow: Arrow) -> str:
    if arrow.direction is None:
        return f"feature {arrow.feature} has no arrow: its row of W is zero"
    near = round(arrow.direction)
    degrees = f"{near}°" if abs(arrow.direction - near) < 1e-9 else f"about {arrow.direction:.1f}°"
    where = _DIRECTIONS.get(arrow.direction) or f"at {degrees}"
    return f"feature {arrow.feature} points {where} with length {{}}"


def _pairs_that_stand_out(gram: Sequence[Sequence[Element]]) -> list[str]:
    kinds: dict[str, list[str]] = {"Back to back": [], "At a right angle": []}
    for i, row in enumerate(gram):
        for j in range(i + 1, len(gram)):
            product = row[i] * gram[j][j]
            if not product:
                continue
            if not row[j]:
                kinds["At a right angle"].append(f"{i + 1} and {j + 1}")
            # Cauchy and Schwarz: Gᵢⱼ² = GᵢᵢGⱼⱼ only on one line, so no root or angle is needed.
            elif row[j].sign() < 0 and row[j] * row[j] == product:
                kinds["Back to back"].append(f"{i + 1} and {j + 1}")
    return [f"{kind}: features {', '.join(pairs)}." for kind, pairs in kinds.items() if pairs]
