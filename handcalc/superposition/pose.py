"""One embedding for all that are the same model: in which order, and how it is turned."""

from __future__ import annotations

from collections.abc import Sequence

from handcalc.inputs.arguments import Matrix
from handcalc.numbers.exact import sign
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.model.families import Family, Kind

__all__ = ["ordered", "upright"]

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
    kinds = _exchangeable(problem)
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


def _exchangeable(problem: Problem) -> list[tuple[int, int]]:
    """A number for each feature's kind, and one for its set where it has one."""
    sets = [-1] * problem.features
    for number, block in enumerate(problem.distribution.blocks(problem.features)):
        members = {i for support, _ in block.supports for i in support}
        for i in members if len(members) > 1 else ():
            sets[i] = number
    return list(zip(problem.alike, sets, strict=True))
