"""The exact derivatives of the expected loss in W and b, on each side, and what they decide.

With Dᵢⱼ = Iᵢ ∂Lᵢ/∂Gᵢⱼ, ∂L/∂W = (D + Dᵀ)W. There is one kind of place without two-sided derivatives:
a feature i whose row of W and whose bias are 0, so that zᵢ is 0 for every input. Moving them by
(u, β) moves zᵢ by z' = β + Σⱼ (u·Wⱼ)xⱼ, and the loss by −2Iᵢ E[xᵢ·R₁(z')] on top of the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import sympy

from handcalc.derivation import Claim
from handcalc.display import Displayed, abridged
from handcalc.export import Exported, Tabular
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.numbers.decimals import short_text
from handcalc.numbers.exact import sign
from handcalc.numbers.field import Element
from handcalc.superposition.loss.derivatives import Inertia, Undetermined, inertia_at, output_slopes
from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.loss.expected_loss import LossSetting
from handcalc.superposition.loss.moments import clipped_moments, presence
from handcalc.superposition.loss.polynomial import polynomial_expression
from handcalc.superposition.model.toy_model import ToyModel

_Counts: TypeAlias = "list[Element]"


@dataclass(frozen=True, slots=True)
class Slope:
    """The derivatives of the loss in one entry of W or b, from the left and from the right."""

    left: sympy.Expr
    right: sympy.Expr

    @property
    def value(self) -> sympy.Expr | None:
        """The derivative where both sides agree, else None."""
        return self.left if self.left == self.right else None


@dataclass(frozen=True, slots=True)
class Kink:
    """A feature (from 1) at which the loss has no gradient, and the entries whose sides differ.

    They are its bias, and its weights in ``dimensions`` (from 1); ``sentence`` says so, and why.
    """

    feature: int
    dimensions: tuple[int, ...]
    sentence: str


@dataclass(frozen=True, slots=True, repr=False)
class LossGradient(Displayed, Exported, Tabular):
    """Exact one-sided derivatives of the expected loss, numbers or polynomials in S.

    ``W`` has shape (n, m), ``b`` length n; outside ``kinks``, left and right agree.
    ``is_stationary`` says whether no direction descends to first order, None where that depends on
    the symbol S; ``stationarity`` is the reason in a sentence,
    and ``finding`` the same with its number as it is.
    """

    model: ToyModel
    distribution: Distribution
    importance: Vector
    W: tuple[tuple[Slope, ...], ...]
    b: tuple[Slope, ...]
    kinks: tuple[Kink, ...]
    is_stationary: bool | None
    stationarity: str
    finding: Claim
    inertia: Inertia | Undetermined

    def __repr__(self) -> str:
        return abridged(f"<LossGradient: {self.stationarity}>")

    def arrays(self) -> dict[str, Matrix | Vector]:
        """∂L/∂W and ∂L/∂b, exact; nan where the two sides differ, as at a kink."""
        W = tuple(tuple(map(_both_sides, row)) for row in self.W)
        return {"W": W, "b": tuple(map(_both_sides, self.b))}

    def columns(self) -> dict[str, Sequence[object]]:
        """A row for each entry of W and b: its derivatives from the left and from the right."""
        weights = {
            f"W{i}{k}" if max(self.model.n, self.model.m) < 10 else f"W{i},{k}": slope
            for i, row in enumerate(self.W, 1)
            for k, slope in enumerate(row, 1)
        }
        entries = weights | {f"b{i}": slope for i, slope in enumerate(self.b, 1)}
        return {
            "entry": list(entries),
            "left": [slope.left for slope in entries.values()],
            "right": [slope.right for slope in entries.values()],
        }


def _both_sides(slope: Slope) -> sympy.Expr:
    return sympy.nan if slope.value is None else slope.value


def loss_gradient(
    model: ToyModel | object,
    distribution: Distribution | object = None,
    importance: object = None,
) -> LossGradient:
    """∂L/∂W = (D + Dᵀ)W with Dᵢⱼ = Iᵢ ∂Lᵢ/∂Gᵢⱼ, and ∂L/∂b, exactly, from each side.

    Args:
        model: As for ``expected_loss``.
        distribution: As for ``expected_loss``; a symbol S stands for 0 < S < 1.
        importance: As for ``expected_loss``.

    Returns:
        A slope for each entry of W (n × m) and b (n), left and right where they differ; whether the
        model is stationary, and what decides it.

    Raises:
        InputError: What ``expected_loss`` raises.

    Source: derived here.

    Examples:
        >>> from handcalc.superposition.loss.distribution import SparseUniform
        >>> orthogonal = loss_gradient(ToyModel("1 0; 0 1; 0 0"), SparseUniform("9/10"))
        >>> orthogonal.b[2], orthogonal.b[0].value
        (Slope(left=0, right=-1/10), 0)
        >>> orthogonal.is_stationary, orthogonal.stationarity
        (False, 'Raising the bias of feature 3 descends: its derivative is -1/10.')
    """
    model = ToyModel.of(model)
    setting = LossSetting.of(model, distribution, importance, by_count=False)
    gram, bias = output_slopes(setting)
    # z of a feature that matters and can be active is 0 for every input: nowhere else is a kink
    told = zip(setting.W, setting.bias, setting.weights, strict=True)
    idle = [i for i, (row, b, weight) in enumerate(told) if weight and not (b or any(row))]
    relu = model.activation == "relu"
    kinked = [i for i in idle if relu and any(presence(setting.draws, [i]))]
    W = [_row(setting, gram, i, i in kinked) for i in range(model.n)]
    zero = setting.draws.field.rational(0)
    raised = zero + 1, [zero] * model.n  # the bias moves z' alike for every input
    b = [_slope(setting, bias[i], i, i in kinked, raised) for i in range(model.n)]
    kinks = tuple(_kink(i, W[i]) for i in kinked)
    is_stationary, finding, *values = _stationarity(setting, W, b, kinks)
    return LossGradient(
        model=model,
        distribution=setting.distribution,
        importance=setting.importance,
        W=tuple(W),
        b=tuple(b),
        kinks=kinks,
        is_stationary=is_stationary,
        stationarity=finding.format(*map(short_text, values)),
        finding=Claim(finding, tuple(map(polynomial_expression, values))),
        inertia=_inertia(setting, gram, is_stationary),
    )


def _row(
    setting: LossSetting, gram: Sequence[Sequence[_Counts]], i: int, kinked: bool
) -> tuple[Slope, ...]:
    """The slopes in row i of W."""
    both = [_plus(gram[i][j], gram[j][i]) for j in range(setting.model.n)]
    slopes = []
    for column in zip(*setting.W, strict=True):
        terms = ([w * count for count in d] for d, w in zip(both, column, strict=True))
        total = [sum(parts[1:], parts[0]) for parts in zip(*terms, strict=True)]
        zero = column[0] * 0
        slopes.append(_slope(setting, total, i, kinked, (zero, column)))
    return tuple(slopes)


def _slope(
    setting: LossSetting,
    total: _Counts,
    i: int,
    kinked: bool,
    towards: tuple[Element, Sequence[Element]],
) -> Slope:
    """Both sides of a slope; z' = β + a·x as the entry of a kink grows, (β, a) = ``towards``."""
    if not kinked:
        value = setting.value(total)
        return Slope(value, value)
    # Where z is 0 for every input, x̂ = R_1(z') to first order on the side to which the entry grows,
    # and R_1(−z') on the other. Its square counts to second order, so −2Iᵢ E[xᵢ·x̂] is all there is.
    b, a = towards
    weight = -2 * setting.weights[i]
    rise = clipped_moments(setting.draws, b, a, 1, {i: 1})
    fall = clipped_moments(setting.draws, -b, [-slope for slope in a], 1, {i: 1})
    right = _plus(total, [weight * count for count in rise])
    left = _plus(total, [-weight * count for count in fall])
    return Slope(setting.value(left), setting.value(right))


def _kink(i: int, row: Sequence[Slope]) -> Kink:
    dimensions = tuple(k for k, slope in enumerate(row, 1) if slope.value is None)
    named = " and ".join(map(str, dimensions))
    plural = "s" if len(dimensions) > 1 else ""
    weights = f" and in its weight{plural} in dimension{plural} {named}" if dimensions else ""
    return Kink(
        i + 1,
        dimensions,
        f"The row of W and the bias of feature {i + 1} are 0, so its z is 0 for every input, just "
        f"where ReLU bends: left and right derivatives differ in its bias{weights}.",
    )


def _stationarity(
    setting: LossSetting, W: Sequence[Sequence[Slope]], b: Sequence[Slope], kinks: Sequence[Kink]
) -> tuple[bool | None, str] | tuple[bool | None, str, sympy.Expr]:
    """Whether it is stationary, the reason with {} for a number, and that number."""
    if kinks:
        i = kinks[0].feature
        where = " for every S below 1" if setting.is_symbolic else ""
        told = f"Raising the bias of feature {i} descends{where}: its derivative is {{}}."
        return False, told, b[i - 1].right
    entries = {f"bias of feature {i}": slope.left for i, slope in enumerate(b, 1)} | {
        f"weight of feature {i} in dimension {k}": slope.left
        for i, row in enumerate(W, 1)
        for k, slope in enumerate(row, 1)
    }
    steep = next(((name, value) for name, value in entries.items() if value != 0), None)
    if steep is None:
        return True, "No direction descends to first order."
    name, value = steep
    if setting.is_symbolic:
        return None, f"The derivative in the {name} depends on S: give a sparsity to decide."
    way = "Raising" if sign(value) < 0 else "Lowering"
    return False, f"{way} the {name} descends: its derivative is {{}}.", value


def _inertia(
    setting: LossSetting, gram: Sequence[Sequence[_Counts]], is_stationary: bool | None
) -> Inertia | Undetermined:
    if setting.is_symbolic:
        return Undetermined("The inertia of the Hessian depends on S: give a sparsity.")
    if not is_stationary:
        return Undetermined("Minimum or saddle: that is told only where all slopes are zero.")
    return inertia_at(setting, [[value for (value,) in row] for row in gram])


def _plus(a: _Counts, b: _Counts) -> _Counts:
    return [x + y for x, y in zip(a, b, strict=True)]
