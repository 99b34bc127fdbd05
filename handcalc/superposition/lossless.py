"""Problems whose best embedding loses nothing and is known without a search.

A feature that is never active, or whose errors weigh nothing, needs no dimension. Two features that
are never active together can share one as an antipodal pair: each pushes the other below 0, where
ReLU keeps it at 0. All others need one each.
"""

from __future__ import annotations

from collections.abc import Sequence

from handcalc.superposition.problem import Problem
from handcalc.superposition.toy_model import ToyModel

__all__ = ["lossless"]


def lossless(problem: Problem) -> ToyModel | None:
    """A model without loss, if there are dimensions enough: dedicated features, and pairs.

    Features get dimensions of their own as far as there are any, the first features first. None
    does not say that there is no such model. Source: derived here.

    >>> from handcalc.superposition.distribution import OneActive
    >>> lossless(Problem.of(3, 2, OneActive(3))).W
    ((1, 0), (0, 1), (0, -1))
    >>> lossless(Problem.of(3, 2, sparsity="9/10")) is None
    True
    """
    matter = [i for i in range(problem.features) if _matters(problem, i)]
    missing = max(0, len(matter) - problem.hidden)
    pairs = _never_together(problem, matter)[:missing]
    if len(pairs) < missing:
        return None
    partner = {second: first for first, second in pairs}
    rows = [[0] * problem.hidden for _ in range(problem.features)]
    alone = [i for i in matter if i not in partner]
    for k, i in enumerate(alone):
        rows[i][k] = 1
    for second, first in partner.items():
        rows[second] = [-entry for entry in rows[first]]
    return ToyModel(rows)


def _matters(problem: Problem, i: int) -> bool:
    return bool(problem.importance[i] != 0 and problem.probability[i] != 0)


def _never_together(problem: Problem, features: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of features that are never active together, each feature in one at most; last first."""
    pairs = []
    for block in problem.distribution.blocks(problem.features):
        if all(len(support) == 1 for support, _ in block.supports):
            members = sorted((i for (i,), _ in block.supports if i in features), reverse=True)
            pairs += list(zip(members[1::2], members[::2], strict=False))
    return sorted(pairs, reverse=True)
