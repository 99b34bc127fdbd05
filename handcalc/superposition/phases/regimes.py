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


def shared(W: Rows, feature: int) -> float:
    """Σ_{j≠i} (Ŵᵢ·Wⱼ)²: how much of the others lies in a feature's direction; 0 for a zero row.

    W has shape (n, m), features count from 0. Rows shorter than 10⁻¹² count as zero.

    Source: Elhage et al. 2022, "Demonstrating Superposition".

    >>> shared([[1.0, 0.0], [0.0, 0.5], [0.0, -1.0]], 2), shared([[1.0], [0.0]], 1)
    (0.25, 0.0)
    """
    own = W[feature]
    size = hypot(*own)
    if size < 1e-12:
        return 0.0
    others = (row for j, row in enumerate(W) if j != feature)
    return sum((sum(map(float.__mul__, own, row)) / size) ** 2 for row in others)


@dataclass(frozen=True, slots=True)
class FeatureRegime:
    """What becomes of a feature: ‖Wᵢ‖, Σ_{j≠i} (Ŵᵢ·Wⱼ)², and the name of that."""

    length: float
    shared: float
    fate: Regime

    @classmethod
    def of(cls, W: Rows, feature: int) -> FeatureRegime:
        """That of a feature, from 0, of W (n, m).

        Not represented below a length of ½; else in superposition from a sharing of ¼ on; else in a
        dimension of its own. In one dimension with one other feature the sharing is the square of
        the other's length, so that either of the two is judged by the same measure.

        >>> FeatureRegime.of([[1.0, 0.0], [0.0, 1.0]], 0).fate
        'dedicated dimension'
        >>> FeatureRegime.of([[0.2], [1.0]], 0).fate, FeatureRegime.of([[0.9], [1.0]], 0).fate
        ('not represented', 'superposition')
        """
        length, sharing = hypot(*W[feature]), shared(W, feature)
        if length < REPRESENTED:
            return cls(length, sharing, "not represented")
        fate: Regime = "superposition" if sharing >= SHARED else "dedicated dimension"
        return cls(length, sharing, fate)


def counted_as_last(W: Rows, alike: Sequence[object]) -> int:
    """Which feature, from 0, is taken for the last, where others are like it.

    ``alike`` has for each feature its kind. Each that is of the last one's kind could be called the
    last: it is the one in superposition, else the one with a dimension of its own; of several the
    one that shares most. W has shape (n, m).

    >>> W = [[1.0, 0.0], [0.0, 1.0], [0.0, -1.0], [0.0, 0.0]]
    >>> counted_as_last(W, "aaaa"), counted_as_last(W, "abbb"), counted_as_last(W, "aaab")
    (2, 2, 3)
    """

    def preferred(i: int) -> tuple[int, float]:
        found = FeatureRegime.of(W, i)
        return REGIMES.index(found.fate), round(found.shared, 6)

    numbers = [i for i, kind in enumerate(alike) if kind == alike[-1]]
    return max(reversed(numbers), key=preferred)
