"""The exact expected loss L = Σᵢ Iᵢ E[(xᵢ − x̂ᵢ)²] of a toy model, and its decompositions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

import sympy

from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.export import Exported, Tabular
from handcalc.inputs.arguments import Matrix, Vector, read_vector, spread
from handcalc.numbers.exact import listed_text, sign, to_text
from handcalc.numbers.field import Element
from handcalc.superposition.loss.distribution import Block, Distribution, distribution_of
from handcalc.superposition.loss.moments import SupportWeights, clipped_table, presence, subsets
from handcalc.superposition.model.toy_model import Activation, ToyModel
from handcalc.wording import brief

# --------------------------------------------------------------------------------------------------
# The expected squared error of one output, E[(xᵢ − x̂ᵢ)²], from moments.


def squared_error(
    draws: SupportWeights, activation: Activation, i: int, b: Element, overlaps: Sequence[Element]
) -> list[Element]:
    """E[(xᵢ − x̂ᵢ)²] by blocks on, for z = b + Σ aⱼxⱼ, with ``overlaps`` the aⱼ and i from 0.

    It is E[xᵢ²] − 2E[xᵢ R₁(z)] + 2E[R₂(z)] for ReLU, as ReLU(z)² = 2R₂(z).

    Source: derived here; see Elhage et al. 2022, "Mathematical Understanding".
    """
    if activation == "linear":
        return _linear_error(draws, i, b, overlaps)
    present = presence(draws, [i])
    moments = clipped_table(draws, b, overlaps, [(1, (i,)), (2, ())])
    kept, square = moments[1, (i,)], moments[2, ()]
    return [p / 3 - k * 2 + s * 2 for p, k, s in zip(present, kept, square, strict=True)]


def _linear_error(
    draws: SupportWeights, i: int, b: Element, overlaps: Sequence[Element]
) -> list[Element]:
    """E[(b + c·x)²] with c = a − eᵢ: E[xⱼ] = 1/2, E[xⱼ²] = 1/3, E[xⱼxₗ] = 1/4 where active."""
    # The square of b + c·x is a sum of b², squares and products of two features: each has the mean
    # above where its features are active, and counts with the weight of their being so.
    slopes = [a - 1 if j == i else a for j, a in enumerate(overlaps)]
    totals = [b * b * weight for weight in presence(draws, [])]
    for j, c in enumerate(slopes):
        terms = [([j], b * c + c * c / 3), *(([j, k], c * slopes[k] / 2) for k in range(j))]
        for features, factor in terms:
            weights = presence(draws, features)
            totals = [total + factor * w for total, w in zip(totals, weights, strict=True)]
    return totals


# --------------------------------------------------------------------------------------------------
# A model, a distribution and importances in one field: what the exact loss is worked out from.


_MAX_WORK = 1 << 12
_TELLING = 10**7  # corners: a longer number tells nobody more


@dataclass(frozen=True, slots=True)
class LossSetting:
    """What was given, and beside it the same as numbers of one field.

    ``W`` has shape (n, m), ``gram`` (n, n); ``bias`` and ``weights``, the importances, have length
    n. ``sparsity`` is the S that all blocks share, whose powers ``draws`` leave out; None where
    that is the symbol, or where there is none.
    """

    model: ToyModel
    distribution: Distribution
    importance: Vector
    draws: SupportWeights
    W: tuple[tuple[Element, ...], ...]
    gram: tuple[tuple[Element, ...], ...]
    bias: tuple[Element, ...]
    weights: tuple[Element, ...]
    sparsity: Element | None

    @classmethod
    def of(
        cls,
        model: ToyModel,
        distribution: object = None,
        importance: object = None,
        by_count: bool = True,
    ) -> LossSetting:
        """The setting of a model; S is a symbol, and every importance 1, unless given.

        ``by_count`` as in ``SupportWeights.of``. Errors: ``too_complicated`` where the work would
        take long (more than 12 features, or fewer in a larger field), ``wrong_shape``,
        ``importance``.
        """
        distribution = distribution_of(distribution)
        given = importances(importance, model.n)
        blocks = distribution.blocks(model.n)
        numbers = {block.sparsity for block in blocks if block.sparsity is not None}
        numbers |= {q for block in blocks for _, q in block.supports}
        _check_work(blocks)
        entries, others = model.elements(*given, *numbers)
        field = entries.field
        _check_work(blocks, field.degree)
        draws = SupportWeights.of(field, blocks, by_count)
        s = blocks[0].sparsity if draws.shared else None
        return cls(
            model,
            distribution,
            given,
            draws,
            entries.W,
            entries.gram,
            entries.b,
            others[: model.n],
            None if s is None else field.from_sympy(s),
        )

    @property
    def is_symbolic(self) -> bool:
        """Whether S is a symbol, so that values are polynomials in S."""
        return self.draws.shared and self.sparsity is None

    def value(self, counts: Sequence[Element]) -> sympy.Expr:
        """A result of ``draws`` as a number, Σ (1 − S)^k S^(B−k) cₖ for a shared S, or in S."""
        return self.draws.value(counts, self.sparsity)


def importances(importance: object, n: int) -> Vector:
    """n importances from one value, from n, or 1 each from None, all at least 0.

    Errors: ``wrong_shape``, ``importance``, and those of a text or number that cannot be taken.

    >>> importances("1/2", 2)
    (1/2, 1/2)
    """
    if importance is None:
        return (sympy.Integer(1),) * n
    wanted = f"One importance is asked for, or one for each of the {n} features"
    values = spread(read_vector(importance, "importance"), n, wanted)
    for value in values:
        if sign(value) < 0:
            raise InputError("importance", f"An importance is at least 0, not {brief(value)}.")
    return values


def _check_work(blocks: Sequence[Block], degree: int = 1) -> None:
    """Refuse what would take long: corners over all blocks, times the field's degree."""
    corners = prod(
        len({corner for s, _ in block.supports for corner in subsets(s)} | {()}) for block in blocks
    )
    if corners * degree > _MAX_WORK:
        many = f"{corners} corners" if corners < _TELLING else "very many more"
        raise InputError(
            "too_complicated",
            f"The exact loss is worked for up to {_MAX_WORK} corners (12 independent features) of "
            f"rational models, and fewer in larger fields; this takes {many}"
            + (f" in a field of degree {degree}." if degree > 1 else "."),
        )


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

    Args:
        model: A model, or W alone (n × m), for zeros as b and ReLU.
        distribution: ``SparseUniform``, ``OneActive``, ``Correlated`` or ``Anticorrelated``; or a
            sparsity for ``SparseUniform``, such as "9/10", in [0, 1], one for all or one each. None
            leaves S a symbol.
        importance: Iᵢ ≥ 0, one for all or one each; None is 1.

    Returns:
        The loss, and how it splits by feature, and by how many are active where one S serves all.

    Raises:
        InputError: ``too_complicated`` where the work would take long (more than 12 features, or
            fewer in a larger field), ``wrong_shape``, ``importance``.

    Source: Elhage et al. 2022, "Demonstrating Superposition" and "Mathematical Understanding"; the
    exact value is derived here.

    Examples:
        >>> antipodal = ToyModel("1 0; 0 1; 0 -1")
        >>> expected_loss(antipodal, "9/10").value
        1/300
        >>> sympy.factor(expected_loss(antipodal).value)
        (S - 1)**2/3
    """
    model = ToyModel.of(model)
    setting = LossSetting.of(model, distribution, importance)
    losses = _losses(setting)
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


def loss_value(
    model: ToyModel, distribution: Distribution | object = None, importance: object = None
) -> sympy.Expr:
    """L alone, as ``expected_loss`` has it, without what it splits into.

    >>> loss_value(ToyModel("1 0; 0 1; 0 -1"), "9/10")
    1/300
    """
    setting = LossSetting.of(model, distribution, importance)
    return setting.value(_plus(_losses(setting)))


def loss_by_active(model: ToyModel, importance: object = None) -> Vector:
    """The L_k of L(S) = Σ (1 − S)^k S^(n−k) L_k for independent features, k of them on.

    >>> loss_by_active(ToyModel("1 0; 0 1; 0 -1"))
    (0, 0, 1/3, 1/3)
    """
    setting = LossSetting.of(model, None, importance)
    total = _plus(_losses(setting))
    return tuple(count.to_sympy() for count in total)


def _losses(setting: LossSetting) -> list[_Counts]:
    """Iᵢ E[(xᵢ − x̂ᵢ)²] of each feature, by blocks on."""
    n = setting.model.n
    return [_loss(setting, i, range(n)) for i in range(n)]


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
