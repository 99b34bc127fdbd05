"""The geometry of an embedding: what features keep, share and take from one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from handcalc.display import Displayed, abridged
from handcalc.export import Exported, Tabular
from handcalc.field import Element
from handcalc.number import elements
from handcalc.superposition.toy_model import Matrix, ToyModel, Vector

__all__ = ["Geometry", "geometry", "gram_elements"]


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
        each = f"norms={self.norms}, dimensionality={self.dimensionality}"
        return abridged(f"Geometry(capacity={self.capacity}, {each})")

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

    ``model`` is a model, or W alone, a text or whatever else ``ToyModel`` takes.

    Source: Elhage et al. 2022, "The Geometry of Superposition" (dimensionality); Scherlis et al.
    2022 (capacity).

    >>> antipodal = geometry(ToyModel("1 0; 0 1; 0 -1"))
    >>> antipodal.dimensionality, antipodal.capacity, antipodal.interference
    ((1, 1/2, 1/2), 2, (0, 1, 1))
    """
    model = ToyModel.of(model)
    _, entries = model.elements()
    gram = gram_elements(entries.W)
    dimensionality = [_dimensionality(i, row) for i, row in enumerate(gram)]
    return Geometry(
        model=model,
        gram=tuple(_plain(row) for row in gram),
        norms=tuple(_root(row[i].to_sympy()) for i, row in enumerate(gram)),
        interference=_plain([_interference(i, row) for i, row in enumerate(gram)]),
        dimensionality=_plain(dimensionality),
        capacity=_sum(dimensionality).to_sympy(),
    )


def gram_elements(rows: Sequence[Sequence[Element]]) -> tuple[tuple[Element, ...], ...]:
    """W Wᵀ in the field of W's entries."""
    return rows[0][0].field.gram(rows)


def _interference(i: int, row: Sequence[Element]) -> Element:
    if not row[i]:
        return row[i]
    return (_sum([g * g for g in row]) - row[i] * row[i]) / row[i]


def _dimensionality(i: int, row: Sequence[Element]) -> Element:
    if not row[i]:
        return row[i]
    return row[i] * row[i] / _sum([g * g for g in row])


def _root(square: sympy.Expr) -> sympy.Expr:
    """The square root in a field of its own: n lengths need not fit in one."""
    field, (element,) = elements(square)
    return field.sqrt(element).to_sympy()


def _sum(values: Sequence[Element]) -> Element:
    return sum(values[1:], values[0])


def _plain(values: Sequence[Element]) -> Vector:
    return tuple(value.to_sympy() for value in values)
