"""All changes of the best embedding along a grid, each to many digits and checked by a search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, TypeAlias

from handcalc.errors import EngineError
from handcalc.superposition.phases.bifurcations import bifurcation
from handcalc.superposition.phases.brackets import Bracket, brackets
from handcalc.superposition.phases.crossings import minima_crossing
from handcalc.superposition.phases.grid import Seek, best_at, intervals_to_search
from handcalc.superposition.phases.sparsity_path import MinimumAt, SparsityPath, rounded

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
    before: MinimumAt
    after: MinimumAt
    restarts: int


def changes(
    line: SparsityPath,
    left: MinimumAt,
    right: MinimumAt,
    digits: int,
    seek: Seek,
    depth: int = _DEPTH,
) -> Iterator[Change]:
    """The changes between the best minima at two sparsities, to ``digits`` decimals.

    What lies between two changes is looked through for more.
    """
    last = left
    for change in _between(line, (left, right), digits, seek, depth):
        yield from _along(line, last, change.before, digits, seek, depth)
        yield change
        last = change.after
    if last is not left:
        yield from _along(line, last, right, digits, seek, depth)


def _along(
    line: SparsityPath, left: MinimumAt, right: MinimumAt, digits: int, seek: Seek, depth: int
) -> Iterator[Change]:
    """The changes within a stretch between two changes."""
    if depth and left.sparsity < right.sparsity:
        for pair in intervals_to_search(line, [left, right]):
            yield from changes(line, *pair, digits, seek, depth - 1)


def _between(
    line: SparsityPath, ends: tuple[MinimumAt, MinimumAt], digits: int, seek: Seek, depth: int
) -> Iterator[Change]:
    for bracket in brackets(line, *ends):
        if not bracket.cross and bracket.left.shape.key == bracket.right.shape.key:
            continue
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


def _change(line: SparsityPath, bracket: Bracket, digits: int) -> Change:
    """The change in a bracket: a crossing where the exact losses say so, else an onset."""
    if bracket.cross:
        try:
            met = minima_crossing(line, bracket, digits)
        except EngineError:
            pass
        else:
            before = line.polished_spot(met.sparsity, met.left)
            after = line.polished_spot(met.sparsity, met.right)
            return Change("crossing", met.sparsity, met.loss, met.digits, before, after, 0)
    begun = bifurcation(line, bracket, digits)
    ends = begun.before, begun.after
    return Change("continuous", begun.sparsity, begun.loss, begun.digits, *ends, restarts=0)
