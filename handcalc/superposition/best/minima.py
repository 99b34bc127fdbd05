"""What a search finds: minima, those that are the same up to symmetry merged into one.

A model depends on W only through G = W Wᵀ, so W may be turned; and features that are alike may be
exchanged. Two minima are the same where that makes their losses, G and b agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

SAME_LOSS = 1e-8
"""Losses are the same that differ by at most so small a part of themselves, …"""
NO_LOSS = 1e-15
"""… or by at most so small a part of the loss of dropping every feature."""
SAME_ENTRY = 1e-5
"""Entries of G and b are the same that differ by at most so much."""

Rows: TypeAlias = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Minimum:
    """A model from which no small step leads down.

    ``W`` has n rows of length m, ``b`` length n; ``slope`` is the length of the gradient of
    ``loss``; ``hits`` says how many of the random restarts ended here, up to symmetry.
    """

    loss: float
    W: Rows
    b: tuple[float, ...]
    slope: float
    hits: int


@dataclass(frozen=True, slots=True)
class Found:
    """The minima that a search found, ascending in loss, no two the same up to symmetry.

    ``agreed`` of ``restarts`` random restarts reached the best loss, be it at different models. 0
    means that only a variation of what the restarts had found led to the best.
    """

    minima: tuple[Minimum, ...]
    restarts: int
    agreed: int


def same_loss(first: float, second: float, unit: float) -> bool:
    """Whether two losses differ by no more than rounding and the last steps of a descent can do.

    ``unit`` is the loss of dropping every feature, Σᵢ Iᵢ(pᵢ/3 − pᵢ²/4).

    >>> same_loss(0.0830895928, 0.0830925939, 0.25), same_loss(0.0830895928, 0.0830895929, 0.25)
    (False, True)
    """
    larger = max(abs(first), abs(second))
    return abs(first - second) <= SAME_LOSS * larger + NO_LOSS * unit


def merged(minima: Iterable[Minimum], alike: Sequence[int], unit: float) -> tuple[Minimum, ...]:
    """The minima, ascending in loss; of those that are the same the first, with all the hits.

    ``alike`` gives features that may be exchanged the same number; ``unit`` is as above.

    >>> pair = [Minimum(0.1, ((w,), (-w,)), (0.0, 0.0), 0.0, 1) for w in (1.0, -1.0)]
    >>> [(minimum.W, minimum.hits) for minimum in merged(pair, (0, 0), 1.0)]
    [(((1.0,), (-1.0,)), 2)]
    """
    kept: list[Minimum] = []
    grams: list[Rows] = []
    for minimum in minima:
        G = tuple(tuple(sum(map(float.__mul__, x, y)) for y in minimum.W) for x in minimum.W)
        for k, other in enumerate(kept):
            if same_loss(other.loss, minimum.loss, unit) and _matched(
                (grams[k], other.b), (G, minimum.b), alike, ()
            ):
                kept[k] = replace(other, hits=other.hits + minimum.hits)
                break
        else:
            kept.append(minimum)
            grams.append(G)
    return tuple(sorted(kept, key=lambda minimum: minimum.loss))


def _matched(
    first: tuple[Rows, tuple[float, ...]],
    second: tuple[Rows, tuple[float, ...]],
    alike: Sequence[int],
    images: tuple[int, ...],
) -> bool:
    """Whether features of the second can stand for all of the first, given those for the first few.

    Each model is given by its G and b.
    """
    # Features get their images one by one, each only one that fits all before it: G and b agree to
    # rounding, so a wrong start fails at once. Where one has failed, so would all that it could be
    # exchanged with, as dropped features can: else there were 9! ways to find that nine of them fit
    # and the tenth feature does not.
    i = len(images)
    if i == len(alike):
        return True
    (G, b), (H, c) = first, second
    failed: list[int] = []
    for j in range(len(alike)):
        if j in images or alike[i] != alike[j] or abs(b[i] - c[j]) > SAME_ENTRY:
            continue
        pairs = zip(G[i], (*(H[j][k] for k in images), H[j][j]), strict=False)
        if not all(abs(x - y) <= SAME_ENTRY for x, y in pairs):
            continue
        if any(_are_twins(second, j, k) for k in failed):
            continue
        if _matched(first, second, alike, (*images, j)):
            return True
        failed.append(j)
    return False


def _are_twins(model: tuple[Rows, tuple[float, ...]], j: int, k: int) -> bool:
    """Whether two features that are alike, exchanged, leave G and b as they are."""
    H, c = model
    others = (abs(H[j][i] - H[k][i]) for i in range(len(c)) if i not in (j, k))
    return max(abs(H[j][j] - H[k][k]), abs(c[j] - c[k]), *others, 0.0) <= SAME_ENTRY


# --------------------------------------------------------------------------------------------------
# What is known of one problem while it is searched.


@dataclass(slots=True)
class Pool:
    """The minima so far, how many restarts led to them, and which have been varied.

    ``alike`` gives features that may be exchanged the same number; ``unit`` is the loss of dropping
    every feature.
    """

    alike: tuple[int, ...]
    unit: float
    minima: tuple[Minimum, ...] = ()
    restarts: int = 0
    varied: set[Rows] = field(default_factory=set)

    @property
    def agreed(self) -> int:
        """How many restarts reached the best loss.

        >>> pool = Pool((0,), 1.0)
        >>> pool.add([Minimum(loss, ((1.0,),), (0.0,), 0.0, 1) for loss in (0.1, 0.1, 0.2)])
        True
        >>> pool.agreed
        2
        """
        best = self.minima[0].loss
        return sum(m.hits for m in self.minima if same_loss(m.loss, best, self.unit))

    def add(self, minima: Iterable[Minimum]) -> bool:
        """Take in more minima; whether the best loss is a new one."""
        before = self.minima[:1]
        self.minima = merged((*self.minima, *minima), self.alike, self.unit)
        return not before or not same_loss(self.minima[0].loss, before[0].loss, self.unit)

    def found(self, m: int) -> Found:
        """The result, for models of m dimensions, of which those that were left out lie idle."""
        wide = (
            Minimum(
                f.loss, tuple(row + (0.0,) * (m - len(row)) for row in f.W), f.b, f.slope, f.hits
            )
            for f in self.minima
        )
        return Found(tuple(wide), self.restarts, self.agreed)
