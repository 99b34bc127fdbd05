"""A canonical representative of all models that are the same: its order and its rotation."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TypeVar

from handcalc.inputs.arguments import Matrix
from handcalc.numbers.exact import sign
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.model.families import TOLERANCE, Family, Kind, family

_ORDER: tuple[Kind, ...] = (
    "dedicated", "pair", "k-gon", "simplex", "cube", "prism", "antiprism", "other", "dropped",
)  # fmt: skip


def ordered(family: Family, problem: Problem, lengths: Sequence[float]) -> list[int]:
    """For each feature the one (both from 0) that takes its place, among those that are alike.

    Dedicated features come first, pairs with the longer arrow first, k-gons and rings in the order
    around them, dropped features last. ``lengths`` are those of the rows.

    >>> from handcalc.superposition.model.families import family
    >>> found = family([[0.0, 1.0], [1.0, 0.0], [0.0, -1.0]])
    >>> ordered(found, Problem.of(3, 2, sparsity=0), [1.0, 1.0, 1.0])
    [1, 0, 2]
    >>> ordered(found, Problem.of(3, 2, sparsity=0, importance="1 1/2 1/2"), [1.0, 1.0, 1.0])
    [0, 1, 2]
    """
    wanted: list[int] = []
    for part in sorted(family.parts, key=lambda part: _ORDER.index(part.kind)):
        features = [i - 1 for i in part.features]
        around = part.kind in ("k-gon", "cube", "prism", "antiprism")
        wanted += features if around else sorted(features, key=lambda i: -round(lengths[i], 6))
    # Features may be exchanged if they are alike and in the same set, where they are in one: a set
    # is drawn as a whole, so that its features keep together.
    sets = [-1] * problem.features
    for number, block in enumerate(problem.blocks):
        members = {i for support, _ in block.supports for i in support}
        for i in members if len(members) > 1 else ():
            sets[i] = number
    kinds = list(zip(problem.alike, sets, strict=True))
    queues = {kind: [i for i in wanted if kinds[i] == kind] for kind in kinds}
    return [queues[kind].pop(0) for kind in kinds]


def upright(W: Matrix) -> Matrix:
    """W with its dimensions renumbered in the order in which features use them, first use positive.

    >>> from handcalc.superposition.model.toy_model import ToyModel
    >>> model = ToyModel("0 -2; 3 1; 1/2 0")
    >>> upright(model.W)
    ((2, 0), (-1, 3), (0, 1/2))
    """
    used = []
    for column in zip(*W, strict=True):
        first = next((i for i, entry in enumerate(column) if entry != 0), len(W))
        turned = first < len(W) and sign(column[first]) < 0
        used.append((first, tuple(-entry for entry in column) if turned else column))
    columns = [column for _, column in sorted(used, key=lambda each: each[0])]
    return tuple(zip(*columns, strict=True))


# --------------------------------------------------------------------------------------------------
# Arrows turned round: where features are always on, several embeddings have one loss.
#
# If xₖ is uniform on [0, 1] and never off, then 1 − xₖ is drawn in the same way. Turn the rows of
# some features round, so that Wₖ becomes −Wₖ, and for each two features j and k of which just one
# is turned add Gⱼₖ to bⱼ and to bₖ. Output j then meets 1 − xₖ wherever it met xₖ, which leaves
# its error distributed as before. Features with zero overlap can be reflected independently.


_MOST_TURNED = 10  # features: there may be 512 choices then, each a few milliseconds to name

Number = TypeVar("Number", float, Fraction)


def reflect(
    W: Sequence[Sequence[Number]], b: Sequence[Number], turned: Collection[int]
) -> tuple[list[list[Number]], list[Number]]:
    """Wₖ → −Wₖ for k in ``turned``, and bⱼ + Σ Gⱼₖ over the k of which just one of j, k is turned.

    ``W`` has shape (n, m), ``b`` length n; ``turned`` counts from 0. The loss stays the same
    wherever ``reflectable_sets`` has it. Source: derived here.

    >>> reflect([[1.0], [-0.25]], [0.5, 0.0], {1})
    ([[1.0], [0.25]], [0.25, -0.25])
    """
    rows = [[-w for w in row] if i in turned else list(row) for i, row in enumerate(W)]
    biases = list(b)
    for j, k in combinations(range(len(W)), 2):
        if (j in turned) != (k in turned):
            overlap = sum((p * q for p, q in zip(W[j], W[k], strict=True)), W[j][0] * 0)
            biases[j] += overlap
            biases[k] += overlap
    return rows, biases


def reflectable_sets(
    W: Sequence[Sequence[Number]], problem: Problem, tolerance: float = 1e-9
) -> Iterator[tuple[int, ...]]:
    """The sets of features (from 0) that may be turned round, few first, none foremost.

    Of two features that overlap, by more than ``tolerance``, and of which one is turned, both are
    always on. Each G that can be had comes up once: of features that overlap, directly or through
    others, the first is not turned.

    >>> list(reflectable_sets([[1.0], [-0.5]], Problem.of(2, 1, sparsity=0)))
    [(), (1,)]
    >>> list(reflectable_sets([[1.0], [-0.5]], Problem.of(2, 1, sparsity="1/100")))
    [()]
    """
    tied: list[tuple[int, int]] = []
    groups = list(range(len(W)))
    for j, k in combinations(range(len(W)), 2):
        if abs(float(sum(p * q for p, q in zip(W[j], W[k], strict=True)))) <= tolerance:
            continue
        first, second = sorted((groups[j], groups[k]))
        groups = [first if group == second else group for group in groups]
        if (problem.probability[j], problem.probability[k]) != (1, 1):
            tied.append((j, k))
    free = [i for i, group in enumerate(groups) if i != group]
    for size in range(len(free) + 1):
        for turned in combinations(free, size):
            if all((j in turned) == (k in turned) for j, k in tied):
                yield turned


@dataclass(frozen=True, slots=True)
class Turned:
    """W (n, m) and b (n,) with the arrows of the features ``turned`` (from 1) turned round."""

    W: tuple[tuple[float, ...], ...]
    b: tuple[float, ...]
    family: Family
    turned: tuple[int, ...]


def recognised(
    W: Sequence[Sequence[float]],
    b: Sequence[float],
    problem: Problem,
    tolerance: float = TOLERANCE,
    right: float = 1e-9,
) -> Turned:
    """The weights and their family, with as few arrows turned as give all its parts a name.

    ``tolerance`` is that of ``family``; overlaps up to ``right`` count as none. Where no choice of
    arrows gives all parts a name, or n is over 10, nothing is turned.

    >>> found = recognised([[1.0], [0.25]], [0.5, 0.0], Problem.of(2, 1, sparsity=0))
    >>> found.family.name, found.turned, found.b
    ('antipodal', (2,), (0.75, 0.25))
    """
    plain = Turned(tuple(map(tuple, W)), tuple(b), family(W, tolerance), ())
    if plain.family.is_recognised or len(W) > _MOST_TURNED:
        return plain
    for turned in reflectable_sets(W, problem, right):
        rows, biases = reflect(W, b, turned)
        named = family(rows, tolerance)
        if named.is_recognised:
            return Turned(
                tuple(map(tuple, rows)), tuple(biases), named, tuple(i + 1 for i in turned)
            )
    return plain
