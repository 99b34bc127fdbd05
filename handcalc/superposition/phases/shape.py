"""The shape of an embedding: its family, and which of its features come out alike.

Within one family the best embedding can still change: the two arrows of an antipodal pair are
equally long where features are sparse, and not where they are dense. So a shape also says which
features, of those that a part shares and that are drawn and weighed alike, have the same length
and bias.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import TYPE_CHECKING, TypeAlias

from handcalc.superposition.best.canonical_form import ordered
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.model.families import Family, Part, family

if TYPE_CHECKING:
    from handcalc.superposition.best.minima import Minimum


_NEAR = 1e-5  # entries of a minimum found in floating point are good to so much

Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A family, and in ``lengths`` a few words on which features of its parts are alike, or "".

    ``key`` is the same for the same shape, whatever the numbers of the features that are alike;
    ``free`` counts the lengths that the shape leaves open, and ``dropped`` the dropped features.
    """

    family: Family
    lengths: str
    key: Key
    free: int
    dropped: int

    @property
    def name(self) -> str:
        """The family's name, with the words on lengths in brackets."""
        return f"{self.family.name} ({self.lengths})" if self.lengths else self.family.name


def shape_of(minimum: Minimum, problem: Problem) -> Shape:
    """The shape of a minimum, to 1e-5 in angles, lengths and biases.

    >>> from handcalc.superposition.best.minima import Minimum
    >>> pair = Minimum(0.1, ((0.9,), (-0.4,)), (0.2, 0.5), 0.0, 1)
    >>> shape_of(pair, Problem.of(2, 1, sparsity="1/5")).name
    'antipodal (two lengths)'
    """
    found = family(minimum.W, _NEAR)
    parts = [(part, _groups(part, minimum, problem)) for part in found.parts]
    key = sorted(
        (part.kind, part.rank, sorted((problem.alike[g[0]], len(g)) for g in groups))
        for part, groups in parts
    )
    return Shape(
        family=found,
        lengths=_lengths(parts, problem),
        key=tuple(map(str, key)),
        free=sum(len(groups) for part, groups in parts if part.rank),
        dropped=sum(len(part.features) for part, _ in parts if not part.rank),
    )


def posed(minimum: Minimum, problem: Problem) -> Minimum:
    """The same minimum with the features that are alike in their usual order; see ``ordered``.

    >>> from handcalc.superposition.best.minima import Minimum
    >>> found = Minimum(0.1, ((0.0, -1.0), (0.0, 1.0), (1.0, 0.0)), (0.25, 0.25, 0.0), 0.0, 1)
    >>> posed(found, Problem.of(3, 2, sparsity="1/2")).b
    (0.0, 0.25, 0.25)
    """
    lengths = [hypot(*row) for row in minimum.W]
    order = ordered(family(minimum.W, _NEAR), problem, lengths)
    return replace(
        minimum, W=tuple(minimum.W[i] for i in order), b=tuple(minimum.b[i] for i in order)
    )


def _groups(part: Part, minimum: Minimum, problem: Problem) -> list[list[int]]:
    """The features (from 0) of a part, those with the same length and bias together."""
    groups: list[list[int]] = []
    for i in (feature - 1 for feature in part.features):
        for group in groups:
            if part.kind == "dropped" or _same(group[0], i, minimum, problem):
                group.append(i)
                break
        else:
            groups.append([i])
    return groups


def _same(i: int, j: int, minimum: Minimum, problem: Problem) -> bool:
    if problem.alike[i] != problem.alike[j]:
        return False
    apart = abs(hypot(*minimum.W[i]) - hypot(*minimum.W[j])), abs(minimum.b[i] - minimum.b[j])
    return max(apart) <= _NEAR


def _lengths(parts: Sequence[tuple[Part, list[list[int]]]], problem: Problem) -> str:
    """What is to be said of the lengths of features that could be equal."""
    said = []
    for part, groups in parts:
        kinds = Counter(problem.alike[i - 1] for i in part.features)
        if part.kind in ("dropped", "dedicated") or max(kinds.values()) == 1:
            continue
        if len(groups) == len(kinds):
            said.append("equal lengths" if len(kinds) == 1 else "equal lengths where alike")
        elif len(groups) == len(part.features):
            said.append("two lengths" if len(groups) == 2 else "no two lengths equal")
        else:
            sizes = sorted(map(len, groups), reverse=True)
            said.append(f"equal lengths: {' + '.join(map(str, sizes))}")
    return ", ".join(dict.fromkeys(said))
