"""The exact expected loss L = Σᵢ Iᵢ E[(xᵢ − x̂ᵢ)²] of a toy model, and its decompositions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import comb, prod
from typing import TypeAlias

import sympy

from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.field import Element, Field
from handcalc.number import sign
from handcalc.parsing import parse_vector
from handcalc.superposition.distribution import Block, Distribution, S, SparseUniform
from handcalc.superposition.geometry import gram_elements
from handcalc.superposition.moments import Draws, subsets
from handcalc.superposition.squared_error import squared_error
from handcalc.superposition.toy_model import Matrix, ToyModel, Vector, number_of

__all__ = ["ExpectedLoss", "expected_loss"]

_MAX_WORK = 1 << 12

_Counts: TypeAlias = "list[Element]"
"""Numbers by how many blocks are on."""


@dataclass(frozen=True, slots=True)
class ExpectedLoss(Displayed):
    """An exact expected loss, a number or a polynomial in S, and what it is made of.

    ``per_feature`` holds Iᵢ E[(xᵢ − x̂ᵢ)²] and sums to ``value``. Where one S serves all,
    ``by_active`` holds the L_k of value = Σ (1 − S)^k S^(B−k) L_k, k the number of blocks on (for
    independent features, of active features); else None. Row i of ``costs`` splits the loss of
    feature i: on the diagonal what it loses of itself, with all others held at 0; beside it what
    feature j costs it on top when only j is let in; ``together`` is what the others cost it beyond
    that when several are let in.
    """

    model: ToyModel
    distribution: Distribution
    importance: Vector
    value: sympy.Expr
    per_feature: Vector
    by_active: Vector | None
    costs: Matrix
    together: Vector


def expected_loss(
    model: ToyModel,
    distribution: Distribution | None = None,
    importance: str | Sequence[object] | None = None,
) -> ExpectedLoss:
    """L = Σᵢ Iᵢ E[(xᵢ − x̂ᵢ)²], exactly.

    ``distribution`` is ``SparseUniform`` with S as a symbol unless given; ``importance`` is 1 for
    all, one value, or one each, at least 0. Errors: ``too_complicated`` where the work would take
    long (more than 12 features, or fewer in a larger field), ``wrong_shape``, ``importance``.

    Source: Elhage et al. 2022, "Demonstrating Superposition" and "Mathematical Understanding"; the
    exact value is derived here.

    >>> antipodal = ToyModel("1 0; 0 1; 0 -1")
    >>> expected_loss(antipodal, SparseUniform("9/10")).value
    1/300
    >>> sympy.factor(expected_loss(antipodal).value)
    (S - 1)**2/3
    """
    distribution = SparseUniform() if distribution is None else distribution
    weights = _importance(importance, model.n)
    work = _Work.of(model, distribution, weights)
    losses = [work.loss(i, range(model.n)) for i in range(model.n)]
    costs = [_costs(work, i) for i in range(model.n)]
    together = [_minus(loss, _plus(row)) for loss, row in zip(losses, costs, strict=True)]
    total = _plus(losses)
    return ExpectedLoss(
        model=model,
        distribution=distribution,
        importance=weights,
        value=work.value(total),
        per_feature=tuple(map(work.value, losses)),
        by_active=tuple(c.to_sympy() for c in total) if work.draws.shared else None,
        costs=tuple(tuple(map(work.value, row)) for row in costs),
        together=tuple(map(work.value, together)),
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """A model, the draws of a distribution, importance and the shared S in one field."""

    model: ToyModel
    draws: Draws
    gram: tuple[tuple[Element, ...], ...]
    bias: tuple[Element, ...]
    importance: tuple[Element, ...]
    sparsity: Element | None

    @classmethod
    def of(cls, model: ToyModel, distribution: Distribution, importance: Vector) -> _Work:
        blocks = distribution.blocks(model.n)
        numbers = {block.sparsity for block in blocks if block.sparsity is not None}
        numbers |= {q for block in blocks for _, q in block.supports}
        field, entries = model.elements(*importance, *numbers)
        _check_work(blocks, field)
        shared = blocks[0].sparsity
        return cls(
            model,
            Draws.of(field, blocks),
            gram_elements(entries.W),
            entries.b,
            entries.others[: model.n],
            None if shared is None else field.from_sympy(shared),
        )

    def loss(self, i: int, let_in: Collection[int]) -> _Counts:
        """Iᵢ E[(xᵢ − x̂ᵢ)²] by blocks on, with the features outside ``let_in`` held at 0."""
        zero = self.bias[i] * 0
        overlaps = [g if j in let_in else zero for j, g in enumerate(self.gram[i])]
        counts = squared_error(self.draws, self.model.activation, i, self.bias[i], overlaps)
        return [self.importance[i] * count for count in counts]

    def value(self, counts: _Counts) -> sympy.Expr:
        """The loss from its counts: their sum, or Σ (1 − S)^k S^(B−k) L_k for a shared S."""
        if not self.draws.shared:
            return sum(counts[1:], counts[0]).to_sympy()
        last = len(counts) - 1
        s = self.sparsity
        if s is not None:
            weighted = [c * (1 - s) ** k * s ** (last - k) for k, c in enumerate(counts)]
            return sum(weighted[1:], weighted[0]).to_sympy()
        powers = [counts[0] * 0] * (last + 1)
        for k, c in enumerate(counts):
            for j in range(k + 1):
                powers[last - k + j] = powers[last - k + j] + c * (comb(k, j) * (-1) ** j)
        return sympy.Add(*(c.to_sympy() * S**j for j, c in enumerate(powers)))


def _costs(work: _Work, i: int) -> list[_Counts]:
    """What feature i loses of itself, in its own place, and what each other feature costs it."""
    alone = work.loss(i, {i})
    others = (_minus(work.loss(i, {i, j}), alone) for j in range(work.model.n))
    return [alone if i == j else cost for j, cost in enumerate(others)]


def _plus(rows: Sequence[_Counts]) -> _Counts:
    return [sum(column[1:], column[0]) for column in zip(*rows, strict=True)]


def _minus(a: _Counts, b: _Counts) -> _Counts:
    return [x - y for x, y in zip(a, b, strict=True)]


def _importance(importance: str | Sequence[object] | None, n: int) -> Vector:
    if importance is None:
        return (sympy.Integer(1),) * n
    values: Vector = (
        parse_vector(importance)
        if isinstance(importance, str)
        else tuple(number_of(value) for value in importance)
    )
    if len(values) == 1:
        values *= n
    if len(values) != n:
        raise InputError(
            "wrong_shape",
            f"One importance is asked for, or one for each of the {n} features, not {len(values)}.",
        )
    for value in values:
        if sign(value) < 0:
            raise InputError("importance", f"An importance is at least 0, not {value}.")
    return values


def _check_work(blocks: Sequence[Block], field: Field) -> None:
    """Refuse what would take long: corners over all blocks, times the field's degree."""
    corners = prod(
        len({corner for s, _ in block.supports for corner in subsets(s)} | {()}) for block in blocks
    )
    if corners * field.degree > _MAX_WORK:
        raise InputError(
            "too_complicated",
            f"The exact loss is worked for up to {_MAX_WORK} corners (12 independent features) of "
            f"rational models, and fewer in larger fields; this takes {corners} corners in a field "
            f"of degree {field.degree}.",
        )
