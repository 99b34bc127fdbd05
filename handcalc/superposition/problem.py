"""What a best embedding is asked for: how many features in how few dimensions, met how often."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sympy

from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector, read_whole
from handcalc.inputs.containers import as_int
from handcalc.superposition.distribution import Distribution, distribution_of, without_symbol
from handcalc.superposition.loss_setting import importances
from handcalc.wording import brief

__all__ = ["MAX_FEATURES", "Problem", "check_effort"]

MAX_FEATURES = 8
_MAX_HIDDEN = 500  # 8 already keep every feature apart


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
        distribution: object = None,
        *,
        sparsity: object = None,
        importance: object = None,
    ) -> Problem:
        """The problem, checked; give a sparsity, for ``SparseUniform``, or a distribution.

        Errors: ``size`` for anything but 1 to 8 features and 1 to 500 dimensions, ``sparsity``
        where S is left open, ``wrong_shape``, ``importance``.

        >>> Problem.of(3, 2, sparsity="1/2").probability
        (1/2, 1/2, 1/2)
        """
        n, m = _sizes(features, hidden)
        drawn = distribution_of(distribution, sparsity)
        drawn = without_symbol(drawn, n, "The best embedding depends on S")
        return cls(n, m, drawn, importances(importance, n))

    @cached_property
    def probability(self) -> Vector:
        """P(xᵢ ≠ 0) for each feature."""
        totals = [sympy.Integer(0)] * self.features
        for block in self.distribution.blocks(self.features):
            for support, q in block.supports:
                for i in support:
                    totals[i] += (1 - (block.sparsity or 0)) * q
        return tuple(totals)

    @cached_property
    def alike(self) -> tuple[int, ...]:
        """A number for each feature; features that may be exchanged have the same one.

        Features are told apart by importance, by how often they are active, and by how they are
        drawn: the sizes of the sets that they are drawn with.
        """
        kinds: list[object] = [None] * self.features
        for block in self.distribution.blocks(self.features):
            for i in {i for support, _ in block.supports for i in support}:
                sizes = sorted(len(support) for support, _ in block.supports if i in support)
                kinds[i] = (block.sparsity, len(block.supports), tuple(sizes), self.importance[i])
        return tuple(kinds.index(kind) for kind in kinds)


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
