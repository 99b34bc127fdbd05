"""The exact expected loss L = Σᵢ Iᵢ E[(xᵢ − x̂ᵢ)²] of a toy model, and its decompositions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import sympy

from handcalc.display import Displayed, abridged
from handcalc.export import Exported, Tabular
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.numbers.exact import listed_text, to_text
from handcalc.numbers.field import Element
from handcalc.superposition.distribution import Distribution
from handcalc.superposition.loss_setting import LossSetting
from handcalc.superposition.squared_error import squared_error
from handcalc.superposition.toy_model import ToyModel

__all__ = ["ExpectedLoss", "expected_loss"]

_Counts: TypeAlias = "list[Element]"
"""Numbers by how many blocks are on."""


@dataclass(frozen=True, slots=True, repr=False)
class ExpectedLoss(Displayed, Exported, Tabular):
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

    def __repr__(self) -> str:
        each = listed_text(self.per_feature)
        return abridged(f"ExpectedLoss(value={to_text(self.value)}, per_feature={each})")

    def arrays(self) -> dict[str, Matrix | Vector | sympy.Expr]:
        """The loss, that of each feature, and the costs, exact."""
        names = ("value", "per_feature", "costs", "together")
        return {name: getattr(self, name) for name in names}

    def columns(self) -> dict[str, Sequence[object]]:
        """A row a feature: its loss, split into its own, what each other costs it, and the rest."""
        costs = {f"from {j}": column for j, column in enumerate(zip(*self.costs, strict=True), 1)}
        return {
            "feature": range(1, self.model.n + 1),
            "importance": self.importance,
            "loss": self.per_feature,
            **costs,
            "together": self.together,
        }


def expected_loss(
    model: ToyModel | object,
    distribution: Distribution | object = None,
    importance: object = None,
) -> ExpectedLoss:
    """L = Σᵢ Iᵢ E[(xᵢ − x̂ᵢ)²], exactly.

    ``model`` is a model, or W alone. ``distribution`` is one of ``SparseUniform``, ``OneActive``,
    ``Correlated`` and ``Anticorrelated``, or a sparsity, for ``SparseUniform``, such as "9/10";
    None leaves S a symbol. ``importance`` is 1 for all, one value, or one each, at least 0.
    Errors: ``too_complicated`` where the work would take long (more than 12 features, or fewer in a
    larger field), ``wrong_shape``, ``importance``.

    Source: Elhage et al. 2022, "Demonstrating Superposition" and "Mathematical Understanding"; the
    exact value is derived here.

    >>> antipodal = ToyModel("1 0; 0 1; 0 -1")
    >>> expected_loss(antipodal, "9/10").value
    1/300
    >>> sympy.factor(expected_loss(antipodal).value)
    (S - 1)**2/3
    """
    model = ToyModel.of(model)
    setting = LossSetting.of(model, distribution, importance)
    losses = [_loss(setting, i, range(model.n)) for i in range(model.n)]
    costs = [_costs(setting, i) for i in range(model.n)]
    together = [_minus(loss, _plus(row)) for loss, row in zip(losses, costs, strict=True)]
    total = _plus(losses)
    return ExpectedLoss(
        model=model,
        distribution=setting.distribution,
        importance=setting.importance,
        value=setting.value(total),
        per_feature=tuple(map(setting.value, losses)),
        by_active=tuple(c.to_sympy() for c in total) if setting.draws.shared else None,
        costs=tuple(tuple(map(setting.value, row)) for row in costs),
        together=tuple(map(setting.value, together)),
    )


def _loss(setting: LossSetting, i: int, let_in: Collection[int]) -> _Counts:
    """Iᵢ E[(xᵢ − x̂ᵢ)²] by blocks on, with the features outside ``let_in`` held at 0."""
    b = setting.bias[i]
    overlaps = [g if j in let_in else b * 0 for j, g in enumerate(setting.gram[i])]
    counts = squared_error(setting.draws, setting.model.activation, i, b, overlaps)
    return [setting.weights[i] * count for count in counts]


def _costs(setting: LossSetting, i: int) -> list[_Counts]:
    """What feature i loses of itself, in its own place, and what each other feature costs it."""
    alone = _loss(setting, i, {i})
    nothing = _minus(alone, alone)
    costs = [
        _minus(_loss(setting, i, {i, j}), alone) if overlap and j != i else nothing
        for j, overlap in enumerate(setting.gram[i])
    ]
    return [*costs[:i], alone, *costs[i + 1 :]]


def _plus(rows: Sequence[_Counts]) -> _Counts:
    return [sum(column[1:], column[0]) for column in zip(*rows, strict=True)]


def _minus(a: _Counts, b: _Counts) -> _Counts:
    return [x - y for x, y in zip(a, b, strict=True)]
