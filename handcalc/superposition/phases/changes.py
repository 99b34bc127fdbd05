"""All changes of the best embedding along a grid, each to many digits and checked by a search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Literal, TypeAlias

from handcalc.errors import EngineError
from handcalc.superposition.phases.brackets import Bracket, brackets
from handcalc.superposition.phases.crossings import crossing
from handcalc.superposition.phases.grid import Seek, best_at
from handcalc.superposition.phases.line import Line, Spot, rounded
from handcalc.superposition.phases.onsets import onset

__all__ = ["Change", "Kind", "changes", "unlike"]

Kind: TypeAlias = Literal["crossing", "continuous"]

_DEPTH = 4  # how often a search at a change may find something lower there


@dataclass(frozen=True, slots=True)
class Change:
    """Where the best embedding changes: one minimum overtakes another, or turns into it.

    At a ``crossing`` both are minima, and lose the same; where the change is ``continuous``, they
    are one there. ``sparsity`` is good to ``digits`` decimals, ``loss`` to as many. ``restarts`` of
    a search at that sparsity found nothing lower.
    """

    kind: Kind
    sparsity: Fraction
    loss: Fraction
    digits: int
    before: Spot
    after: Spot
    restarts: int


def unlike(line: Line, spots: Sequence[Spot]) -> list[tuple[Spot, Spot]]:
    """The neighbours among the best minima at ascending sparsities that do not continue each other.

    Two continue each other where they have one shape, and following one leads to the other.
    """
    pairs = list(pairwise(spots))
    alike = [pair for pair in pairs if pair[0].shape.key == pair[1].shape.key]
    onwards = line.followed([left for left, _ in alike], [right.sparsity for _, right in alike])
    back = line.followed([right for _, right in alike], [left.sparsity for left, _ in alike])
    joined = {
        (left, right)
        for (left, right), up, down in zip(alike, onwards, back, strict=True)
        if line.same(up, right) or line.same(down, left)
    }
    return [pair for pair in pairs if pair not in joined]


def changes(line: Line, left: Spot, right: Spot, digits: int, seek: Seek) -> Iterator[Change]:
    """The changes between the best minima at two sparsities, to ``digits`` decimals."""
    yield from _between(line, (left, right), digits, seek, _DEPTH)


def _between(
    line: Line, ends: tuple[Spot, Spot], digits: int, seek: Seek, depth: int
) -> Iterator[Change]:
    for bracket in brackets(line, *ends):
        found = _change(line, bracket, digits)
        near = rounded(found.sparsity, digits)
        best = best_at(line, [near], seek)[0]
        before, after = line.followed([found.before, found.after], [near] * 2)
        lower = min(before, after, key=lambda spot: spot.loss)
        if depth and best.spot.loss < lower.loss and not line.same_loss(best.spot, lower):
            yield from _between(line, (bracket.ends[0], best.spot), digits, seek, depth - 1)
            yield from _between(line, (best.spot, bracket.ends[1]), digits, seek, depth - 1)
        else:
            yield replace(found, restarts=best.restarts)


def _change(line: Line, bracket: Bracket, digits: int) -> Change:
    """The change in a bracket: a crossing where the exact losses say so, else an onset."""
    if bracket.cross:
        try:
            met = crossing(line, bracket, digits)
        except EngineError:
            pass
        else:
            before = line.polished_spot(met.sparsity, met.left)
            after = line.polished_spot(met.sparsity, met.right)
            return Change("crossing", met.sparsity, met.loss, met.digits, before, after, 0)
    begun = onset(line, bracket, digits)
    before, after = bracket.left, bracket.right
    return Change("continuous", begun.sparsity, begun.loss, begun.digits, before, after, 0)
