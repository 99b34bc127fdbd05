"""What becomes of one feature: its length, how much it shares, and the name of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from typing import Literal, TypeAlias, get_args

Regime: TypeAlias = Literal["not represented", "dedicated dimension", "superposition"]
REGIMES: tuple[Regime, ...] = get_args(Regime)
"""All of them; where a choice is free, a later one is chosen."""

REPRESENTED = 1 / 2
"""A feature is represented from this length on: half of that of a feature alone, which is 1."""
SHARED = REPRESENTED**2
"""It shares from here on, as beside one other feature of that length on its own line."""

Rows: TypeAlias = Sequence[Sequence[float]]


def length(W: Rows, feature: int) -> float:
    """‖Wᵢ‖; W has shape (n, m), features count from 0."""
    return hypot(*W[feature])


def shared(W: Rows, feature: int) -> float:
    """Σ_{j≠i} (Ŵᵢ·Wⱼ)²: how much of the others lies in a feature's direction; 0 for a zero row.

    W has shape (n, m), features count from 0. Rows shorter than 10⁻¹² count as zero.

    Source: Elhage et al. 2022, "Demonstrating Superposition".

    >>> shared([[1.0, 0.0], [0.0, 0.5], [0.0, -1.0]], 2), shared([[1.0], [0.0]], 1)
    (0.25, 0.0)
    """
    own = W[feature]
    size = length(W, feature)
    if size < 1e-12:
        return 0.0
    others = (row for j, row in enumerate(W) if j != feature)
    return sum((sum(map(float.__mul__, own, row)) / size) ** 2 for row in others)


def regime_of(size: float, sharing: float) -> Regime:
    """The name of a length ‖Wᵢ‖ and a sharing Σ_{j≠i} (Ŵᵢ·Wⱼ)².

    Not represented below a length of ½; else in superposition from a sharing of ¼ on; else in a
    dimension of its own. In one dimension with one other feature the sharing is the square of the
    other's length, so that either of the two is judged by the same measure.

    >>> regime_of(0.2, 1.0), regime_of(1.0, 0.05), regime_of(0.9, 1.0)
    ('not represented', 'dedicated dimension', 'superposition')
    """
    if size < REPRESENTED:
        return "not represented"
    return "superposition" if sharing >= SHARED else "dedicated dimension"


@dataclass(frozen=True, slots=True)
class FeatureRegime:
    """What becomes of a feature: ‖Wᵢ‖, Σ_{j≠i} (Ŵᵢ·Wⱼ)², and the name of that."""

    length: float
    shared: float
    fate: Regime

    @classmethod
    def of(cls, W: Rows, feature: int) -> FeatureRegime:
        """That of a feature, from 0, of W (n, m).

        >>> FeatureRegime.of([[1.0, 0.0], [0.0, 1.0]], 0).fate
        'dedicated dimension'
        """
        size, sharing = length(W, feature), shared(W, feature)
        return cls(size, sharing, regime_of(size, sharing))
