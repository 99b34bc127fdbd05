"""The stretches of S with one shape of the best embedding, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from handcalc.superposition.model.families import Kind
from handcalc.superposition.phases.shape import Key, Shape

if TYPE_CHECKING:
    from handcalc.superposition.phases.changes import Change
    from handcalc.superposition.phases.line import Spot

__all__ = ["Stretch", "labels", "stretches"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``start`` to ``end`` the best embedding has one shape; ``spots`` are known of it.

    An end is a change of the best embedding, or an end of the grid.
    """

    start: Fraction
    end: Fraction
    spots: tuple[Spot, ...]

    @property
    def shape(self) -> Shape:
        """The shape all along."""
        return self.spots[len(self.spots) // 2].shape


def stretches(spots: Sequence[Spot], changes: Sequence[Change]) -> tuple[Stretch, ...]:
    """What lies between the changes along the best minima ``spots``."""
    ends = [spots[0].sparsity, *(change.sparsity for change in changes), spots[-1].sparsity]
    found = []
    for k in range(len(changes) + 1):
        known = [spot for spot in spots if ends[k] <= spot.sparsity <= ends[k + 1]]
        if k > 0 and (changes[k - 1].kind == "crossing" or not known):
            known.insert(0, changes[k - 1].after)
        if k < len(changes) and (changes[k].kind == "crossing" or not known):
            known.append(changes[k].before)
        found.append(Stretch(ends[k], ends[k + 1], tuple(known)))
    return tuple(found)


def labels(shapes: Iterable[Shape]) -> dict[Key, str]:
    """A name for each shape: that of its family, and what tells it from others of that family.

    >>> from handcalc.superposition.phases.shape import shape_of
    >>> from handcalc.superposition.loss.problem import Problem
    >>> from handcalc.superposition.best.minima import Minimum
    >>> pairs = [Minimum(0.1, ((x,), (-0.5,)), (0.2, 0.2), 0.0, 1) for x in (0.5, 0.9)]
    >>> shapes = [shape_of(pair, Problem.of(2, 1, sparsity=0)) for pair in pairs]
    >>> list(labels(shapes).values()), list(labels(shapes[:1]).values())
    (['antipodal (equal lengths)', 'antipodal (two lengths)'], ['antipodal'])
    """
    known = {shape.key: shape for shape in shapes}
    return {key: _label(shape, list(known.values())) for key, shape in known.items()}


def _label(shape: Shape, known: Sequence[Shape]) -> str:
    name = shape.family.name
    rivals = [s for s in known if s.family.name == name and s.key != shape.key]
    if not rivals:
        return name
    if all(rival.lengths != shape.lengths for rival in rivals):
        return f"{name} ({shape.lengths})" if shape.lengths else name
    told = [_parts(shape)]
    if shape.lengths and any(_parts(rival) == told[0] for rival in rivals):
        told.append(shape.lengths)
    return f"{name} ({'; '.join(told)})"


def _parts(shape: Shape) -> str:
    """How many parts there are of each kind, and how many dropped features.

    One pair, one dedicated feature and two dropped ones are "1 pair, 1 dedicated, 2 dropped".
    """
    counts: dict[Kind, int] = {}
    for part in shape.family.parts:
        more = len(part.features) if part.kind == "dropped" else 1
        counts[part.kind] = counts.get(part.kind, 0) + more
    names = {"dedicated": "dedicated", "dropped": "dropped", "simplex": "simplices"}
    return ", ".join(
        f"{count} {names.get(kind, f'{kind}s') if count > 1 else kind}"
        for kind, count in counts.items()
    )
