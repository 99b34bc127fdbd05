"""The optimisation problem: n features, m dimensions, an input distribution and importances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy

from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector, read_whole
from handcalc.inputs.containers import as_int
from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.distribution import (
    Block,
    Distribution,
    OneActive,
    distribution_of,
    without_symbol,
)
from handcalc.superposition.loss.expected_loss import importances
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import brief

MAX_FEATURES = 10  # as many as the numeric gradient has tables for
_MAX_HIDDEN = 500  # 10 already keep every feature apart


@dataclass(frozen=True)
class Problem:
    """n features to embed in m dimensions, x drawn from a distribution, each error weighed by Iᵢ.

    ``importance`` has length n. No S is left open.
    """

    features: int
    hidden: int
    distribution: Distribution
    importance: Vector

    @classmethod
    def of(
        cls,
        features: int,
        hidden: int,
        sparsity: Distribution | object = None,
        importance: object = None,
        *,
        distribution: Distribution | object = None,
    ) -> Problem:
        """The problem, checked; give a sparsity, for ``SparseUniform``, or a distribution.

        Errors: ``size`` for anything but 1 to 10 features and 1 to 500 dimensions, ``sparsity``
        where S is left open, ``wrong_shape``, ``importance``.

        >>> Problem.of(3, 2, sparsity="1/2").probability
        (1/2, 1/2, 1/2)
        """
        n, m = _sizes(features, hidden)
        drawn = distribution_of(distribution, sparsity)
        drawn = without_symbol(drawn, n, "The best embedding depends on S")
        return cls(n, m, drawn, importances(importance, n))

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The independent draws that an input is made of."""
        return self.distribution.blocks(self.features)

    @property
    def sparsities(self) -> Vector:
        """S of each block; none where exactly one feature is active, as there is no S to choose.

        >>> Problem.of(3, 2, "1/2").sparsities, Problem.of(3, 2, OneActive(3)).sparsities
        ((1/2, 1/2, 1/2), ())
        """
        if isinstance(self.distribution, OneActive):
            return ()
        return tuple(S for block in self.blocks if (S := block.sparsity) is not None)

    @cached_property
    def probability(self) -> Vector:
        """P(xᵢ ≠ 0) for each feature."""
        totals = [sympy.Integer(0)] * self.features
        for block in self.blocks:
            for support, q in block.supports:
                for i in support:
                    totals[i] += (1 - (block.sparsity or 0)) * q
        return tuple(totals)

    @cached_property
    def loss_of_dropping(self) -> float:
        """Σ Iᵢ Var(xᵢ), the loss of dropping every feature: the unit that losses are measured in.

        >>> round(Problem.of(2, 1, sparsity=0, importance="1 1/2").loss_of_dropping, 12)
        0.125
        """
        weighed = zip(self.importance, self.probability, strict=True)
        return sum(to_float(weight) * float(variance(to_float(p))) for weight, p in weighed)

    @cached_property
    def alike(self) -> tuple[int, ...]:
        """A number for each feature; features that may be exchanged have the same one.

        Features are told apart by importance, by how often they are active, and by how they are
        drawn: the sizes of the sets that they are drawn with.
        """
        kinds: list[object] = [None] * self.features
        for block in self.blocks:
            for i in {i for support, _ in block.supports for i in support}:
                sizes = sorted(len(support) for support, _ in block.supports if i in support)
                kinds[i] = (block.sparsity, len(block.supports), tuple(sizes), self.importance[i])
        return tuple(kinds.index(kind) for kind in kinds)


def variance(p: Any) -> Any:
    """Var(xᵢ) = p/3 − p²/4 for xᵢ uniform on [0, 1] with probability p, and else 0.

    A dropped feature loses that with its best bias, p/2. ``p`` is any number, or an array.

    >>> variance(sympy.Rational(1, 2))
    5/48
    """
    return p / 3 - p * p / 4


def _sizes(features: object, hidden: object) -> tuple[int, int]:
    n, m = as_int(features), as_int(hidden)
    if n is None or not 1 <= n <= MAX_FEATURES:
        raise InputError(
            "size",
            f"The number of features is a whole number from 1 to {MAX_FEATURES}, "
            f"not {brief(features)}.",
        )
    if m is None or not 1 <= m <= _MAX_HIDDEN:
        raise InputError(
            "size",
            f"The number of hidden dimensions is a whole number from 1 to {_MAX_HIDDEN}, "
            f"not {brief(hidden)}.",
        )
    return n, m


def check_effort(restarts: int | None, seed: int) -> tuple[int | None, int]:
    """How many restarts and which seed, as ints. Errors: ``restarts``, ``seed``.

    >>> check_effort(None, 0)
    (None, 0)
    """
    if restarts is not None:
        restarts = read_whole(restarts, "number of restarts", "restarts")
        if restarts < 1:
            raise InputError("restarts", f"At least 1 restart is asked for, not {brief(restarts)}.")
    seed = read_whole(seed, "seed", "seed")
    if seed < 0:
        raise InputError("seed", f"A seed is a whole number from 0, not {brief(seed)}.")
    return restarts, seed


# --------------------------------------------------------------------------------------------------
# Problems whose best embedding loses nothing and is known without a search.
#
# A feature that is never active, or whose errors weigh nothing, needs no dimension. Two features
# that are never active together can share one as an antipodal pair: each pushes the other below 0,
# where ReLU keeps it at 0. All others need one each.


def lossless(problem: Problem) -> ToyModel | None:
    """A model without loss, if there are dimensions enough: dedicated features, and pairs.

    Features get dimensions of their own as far as there are any, the first features first. None
    does not say that there is no such model. Source: derived here.

    >>> from handcalc.superposition.loss.distribution import OneActive
    >>> lossless(Problem.of(3, 2, OneActive(3))).W
    ((1, 0), (0, 1), (0, -1))
    >>> lossless(Problem.of(3, 2, sparsity="9/10")) is None
    True
    """
    told = zip(problem.importance, problem.probability, strict=True)
    matter = [i for i, (weight, p) in enumerate(told) if weight != 0 and p != 0]
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


def _never_together(problem: Problem, features: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of features that are never active together, each feature in one at most; last first."""
    pairs = []
    for block in problem.blocks:
        if all(len(support) == 1 for support, _ in block.supports):
            members = sorted((i for (i,), _ in block.supports if i in features), reverse=True)
            pairs += list(zip(members[1::2], members[::2], strict=False))
    return sorted(pairs, reverse=True)
