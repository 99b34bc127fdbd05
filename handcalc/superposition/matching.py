"""Which feature of one model each feature of another can be: lengths, overlaps and biases agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from handcalc.numbers.exact import elements
from handcalc.numbers.field import Element
from handcalc.superposition.geometry import gram_elements
from handcalc.superposition.toy_model import ToyModel

__all__ = ["Invariants", "Rows", "matching"]

Rows: TypeAlias = "Sequence[Sequence[Element]]"


@dataclass(frozen=True, slots=True)
class Invariants:
    """W, b and G of a model in a field shared with another, and a colour for each feature.

    Features of different colours cannot be matched: a colour is refined from length and bias by
    the colours of all features, each with its overlap.
    """

    W: Rows
    b: Sequence[Element]
    gram: Rows
    colours: Sequence[Hashable]

    @classmethod
    def of(cls, A: ToyModel, B: ToyModel) -> tuple[Invariants, Invariants]:
        """The invariants of two models, with their numbers in one field."""
        flat = [value for model in (A, B) for row in (*model.W, model.b) for value in row]
        values = iter(elements(*flat)[1])
        return cls._taken(A, values), cls._taken(B, values)

    @classmethod
    def _taken(cls, model: ToyModel, values: Iterator[Element]) -> Invariants:
        W = [[next(values) for _ in range(model.m)] for _ in range(model.n)]
        b = [next(values) for _ in range(model.n)]
        gram = gram_elements(W)
        colours: list[Hashable] = [hash((gram[i][i], b[i])) for i in range(model.n)]
        for _ in range(2):
            colours = [
                hash((colours[i], frozenset(Counter(zip(row, colours, strict=True)).items())))
                for i, row in enumerate(gram)
            ]
        return cls(W, b, gram, colours)


def matching(first: Invariants, second: Invariants) -> tuple[int, ...] | None:
    """For each feature of the second the feature of the first that it can be, or None.

    Features that overlap, directly or through others, form clusters. A cluster may take any free
    cluster that fits it, as what fits one thing fits alike: no choice is ever taken back.
    """
    if Counter(first.colours) != Counter(second.colours):
        return None
    free, order = _clusters(first.gram), [0] * len(second.b)
    for cluster in _clusters(second.gram):
        free.sort(key=lambda candidate: set(candidate) != set(cluster))
        for candidate in free:
            images = next(_images(first, second, cluster, candidate, ()), None)
            if images is not None:
                break
        else:
            return None
        free.remove(candidate)
        for i, j in zip(cluster, images, strict=True):
            order[i] = j
    return tuple(order)


def _clusters(gram: Rows) -> list[tuple[int, ...]]:
    """Features joined by overlaps, each cluster in an order in which every next one is joined."""
    left, clusters = set(range(len(gram))), []
    while left:
        cluster = [min(left)]
        for i in cluster:
            left.discard(i)
            cluster += [j for j in sorted(left) if gram[i][j] and j not in cluster]
        clusters.append(tuple(cluster))
    return clusters


def _images(
    first: Invariants,
    second: Invariants,
    cluster: tuple[int, ...],
    candidate: tuple[int, ...],
    taken: tuple[int, ...],
) -> Iterator[tuple[int, ...]]:
    """The ways to match a cluster's features, in its order, with those of a candidate."""
    if len(cluster) != len(candidate):
        return
    if len(taken) == len(cluster):
        yield taken
        return
    i = cluster[len(taken)]
    for j in sorted(set(candidate) - set(taken), key=lambda j: (j != i, j)):
        if (
            first.b[j] == second.b[i]
            and first.colours[j] == second.colours[i]
            and all(
                first.gram[j][there] == second.gram[i][here]
                for here, there in zip((*cluster[: len(taken)], i), (*taken, j), strict=True)
            )
        ):
            yield from _images(first, second, cluster, candidate, (*taken, j))
