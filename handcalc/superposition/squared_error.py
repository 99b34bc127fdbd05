"""The expected squared error of one output, E[(xᵢ − x̂ᵢ)²], from moments."""

from __future__ import annotations

from collections.abc import Sequence

from handcalc.numbers.field import Element
from handcalc.superposition.draws import Draws, presence
from handcalc.superposition.moments import clipped_table
from handcalc.superposition.toy_model import Activation

__all__ = ["squared_error"]


def squared_error(
    draws: Draws, activation: Activation, i: int, b: Element, overlaps: Sequence[Element]
) -> list[Element]:
    """E[(xᵢ − x̂ᵢ)²] by blocks on, for z = b + Σ aⱼxⱼ, with ``overlaps`` the aⱼ and i from 0.

    Source: derived here; see Elhage et al. 2022, "Mathematical Understanding".
    """
    return (_relu if activation == "relu" else _linear)(draws, i, b, overlaps)


def _relu(draws: Draws, i: int, b: Element, overlaps: Sequence[Element]) -> list[Element]:
    """E[xᵢ²] − 2E[xᵢ R₁(z)] + 2E[R₂(z)], as ReLU(z)² = 2R₂(z)."""
    present = presence(draws, [i])
    moments = clipped_table(draws, b, overlaps, [(1, (i,)), (2, ())])
    kept, square = moments[1, (i,)], moments[2, ()]
    return [p / 3 - k * 2 + s * 2 for p, k, s in zip(present, kept, square, strict=True)]


def _linear(draws: Draws, i: int, b: Element, overlaps: Sequence[Element]) -> list[Element]:
    """E[(b + c·x)²] with c = a − eᵢ: E[xⱼ] = 1/2, E[xⱼ²] = 1/3, E[xⱼxₗ] = 1/4 where active."""
    slopes = [a - 1 if j == i else a for j, a in enumerate(overlaps)]
    totals = [b * b * weight for weight in presence(draws, [])]
    for j, c in enumerate(slopes):
        terms = [([j], b * c + c * c / 3), *(([j, k], c * slopes[k] / 2) for k in range(j))]
        for features, factor in terms:
            weights = presence(draws, features)
            totals = [total + factor * w for total, w in zip(totals, weights, strict=True)]
    return totals
