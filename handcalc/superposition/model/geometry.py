"""The geometry of an embedding: what features keep, share and take from one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from handcalc.display import Displayed, abridged
from handcalc.export import Exported, Tabular
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.numbers.exact import elements, listed_text, to_text
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
        norms=tuple(_root(row[i]) for i, row in enumerate(gram)),
        interference=tuple(taken.to_sympy() for taken, _ in shares),
        dimensionality=tuple(share.to_sympy() for _, share in shares),
        capacity=_sum([share for _, share in shares]).to_sympy(),
    )


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


def _root(square: sympy.Expr) -> sympy.Expr:
    """The square root in a field of its own: n lengths need not fit in one."""
    field, (element,) = elements(square)
    return field.sqrt(element).to_sympy()


def _sum(values: Sequence[Element]) -> Element:
    """The sum, by halves: the long fractions come late."""
    if len(values) == 1:
        return values[0]
    middle = len(values) // 2
    return _sum(values[:middle]) + _sum(values[middle:])
