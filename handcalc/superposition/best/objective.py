"""The losses of many problems at once, as functions of d = n·m + n numbers for each model.

The numbers are the entries of W and then bᵢ/√pᵢ: an output that is 0 for most inputs is sensitive
to its bias, the more so the smaller pᵢ is. The loss is in units of that of dropping every feature,
L₀ = Σᵢ Iᵢ(pᵢ/3 − pᵢ²/4). So one step size and one tolerance suit dense and sparse features alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import sympy

from handcalc.bfgs import Floats, Integers
from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.distribution import Block, Distribution
from handcalc.superposition.loss.problem import Problem, variance
from handcalc.superposition.numeric import expected_losses_and_gradients


class LossFunction(Protocol):
    """Works losses out with their gradients: ``expected_losses_and_gradients``, or as it does."""

    def __call__(
        self,
        W: Floats,
        b: Floats,
        distribution: Distribution,
        *,
        sparsity: Floats,
        importance: Floats,
    ) -> tuple[Floats, Floats, Floats]:
        """L (models,), ∂L/∂W (models, n, m) and ∂L/∂b (models, n), S given for each model."""
        ...


@dataclass(frozen=True, slots=True)
class _Open(Distribution):
    """The sets of a distribution, with S left open for each problem to give its own."""

    supports: tuple[tuple[tuple[tuple[int, ...], sympy.Expr], ...], ...]

    def sentence(self) -> str:
        """What the inputs are, in words."""
        return "Sets of features, each off with a probability of its own."

    def blocks(self, n: int) -> tuple[Block, ...]:  # noqa: ARG002 - the sets are of n features
        """The blocks, their sparsities left open."""
        return tuple(Block(None, supports) for supports in self.supports)


@dataclass(frozen=True, slots=True)
class BatchObjective:
    """What the losses of some problems depend on, and the ``twin`` that works them out.

    ``sparsity`` has shape (problems, blocks). ``importance``, Iᵢ/L₀, ``probability``, pᵢ, and
    ``scale``, √pᵢ, or 1 where pᵢ is 0, have shape (problems, n), and ``unit``, L₀, or 1 where that
    is 0, shape (problems,).
    """

    n: int
    m: int
    distribution: _Open
    sparsity: Floats
    importance: Floats
    probability: Floats
    scale: Floats
    unit: Floats
    twin: LossFunction = expected_losses_and_gradients

    @classmethod
    def of(cls, problems: Sequence[Problem], m: int) -> BatchObjective:
        """The problems in floating point, with m columns; error ``unlike`` for different ones."""
        n = problems[0].features
        blocks = [problem.blocks for problem in problems]
        kinds = {
            (problem.features, problem.hidden, tuple(block.supports for block in row))
            for problem, row in zip(problems, blocks, strict=True)
        }
        if len(kinds) > 1:
            raise InputError(
                "unlike",
                "Problems that are searched together must have as many features, as many "
                "dimensions and the same sets; search those that differ by calls of their own.",
            )
        distribution = _Open(tuple(block.supports for block in blocks[0]))
        sparsity = _floats([[block.sparsity for block in row] for row in blocks])
        probability = (1 - sparsity) @ _chances(distribution, n)
        importance = _floats([problem.importance for problem in problems])
        unit = np.sum(importance * variance(probability), axis=1)
        unit = np.where(unit > 0, unit, 1.0)
        return cls(
            n=n,
            m=m,
            distribution=distribution,
            sparsity=sparsity,
            importance=importance / unit[:, None],
            probability=probability,
            scale=np.sqrt(np.where(probability > 0, probability, 1.0)),
            unit=unit,
        )

    @property
    def weight(self) -> Floats:
        """How much an output matters: Iᵢpᵢ/L₀, of shape (problems, n)."""
        return self.importance * self.probability

    def losses_and_gradients(self, X: Floats, which: Integers) -> tuple[Floats, Floats]:
        """L/L₀ and its gradient, of shape (models, d)."""
        W, b = self.parts(X, which)
        S, weighed = self.sparsity[which], self.importance[which]
        L, by_W, by_b = self.twin(W, b, self.distribution, sparsity=S, importance=weighed)
        return L, self._vectors(by_W, by_b * self.scale[which])

    def parts(self, X: Floats, which: Integers) -> tuple[Floats, Floats]:
        """W of shape (models, n, m) and b of shape (models, n)."""
        split = self.n * self.m
        return X[:, :split].reshape(-1, self.n, self.m), X[:, split:] * self.scale[which]

    def joined(self, W: Floats, b: Floats, which: Integers) -> Floats:
        """The models as vectors, of shape (models, d)."""
        return self._vectors(W, b / self.scale[which])

    def slopes(self, G: Floats, which: Integers) -> Floats:
        """The lengths of the gradients by W and b of L itself, of shape (models,)."""
        split = self.n * self.m
        G = np.concatenate([G[:, :split], G[:, split:] / self.scale[which]], axis=1)
        lengths: Floats = np.sqrt(np.sum(G * G, axis=1)) * self.unit[which]
        return lengths

    def _vectors(self, W: Floats, b: Floats) -> Floats:
        return np.concatenate([W.reshape(-1, self.n * self.m), b], axis=1)


def _chances(distribution: _Open, n: int) -> Floats:
    """How likely each feature is where its block is on, of shape (blocks, n)."""
    chances = np.zeros((len(distribution.supports), n))
    for row, supports in zip(chances, distribution.supports, strict=True):
        for features, chance in supports:
            row[list(features)] += to_float(chance)
    return chances


def _floats(rows: Sequence[Sequence[sympy.Expr]]) -> Floats:
    """Exact numbers in floating point; each different one is worked out once."""
    known = {value: to_float(value) for value in {value for row in rows for value in row}}
    return np.asarray([[known[value] for value in row] for row in rows])
