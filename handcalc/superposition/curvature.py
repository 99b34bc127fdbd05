"""The second derivatives of the expected loss, where they exist, and their signs.

Moving W by U and b by β moves the overlaps a = Gᵢ· of an output by a' = Uᵢ·W + W·Uᵢ to first order
and by a'' = 2U·Uᵢ to second, so that with Dᵢⱼ = Iᵢ ∂Lᵢ/∂Gᵢⱼ

    L'' = Σᵢ Iᵢ (a'ᵢ, βᵢ)ᵀ Hᵢ (a'ᵢ, βᵢ) + Σᵢⱼ 2Dᵢⱼ Uᵢ·Uⱼ,

Hᵢ the second derivatives of the output's own loss in its overlaps and bias.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from handcalc.numbers.decimals import short_text
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import symmetric_inertia
from handcalc.superposition.draws import presence
from handcalc.superposition.loss_setting import LossSetting
from handcalc.superposition.output_derivatives import second_derivatives

__all__ = ["Inertia", "Undetermined", "hessian", "inertia_at"]

_MAX_WORK = 1 << 20

_Slope: TypeAlias = "dict[int, Element]"
"""How fast an overlap or a bias moves with each parameter that moves it, by place."""


@dataclass(frozen=True, slots=True)
class Inertia:
    """How many independent directions curve down, not at all, and up, to second order.

    ``rotations`` of W, which change no output, are counted apart: together the four numbers make
    nm + n. With neither ``negative`` nor ``zero``, the loss has a strict minimum up to rotation.
    """

    negative: int
    zero: int
    positive: int
    rotations: int


@dataclass(frozen=True, slots=True)
class Undetermined:
    """No inertia is told, for a reason in a sentence."""

    reason: str


def inertia_at(
    setting: LossSetting, gram_slopes: Sequence[Sequence[Element]]
) -> Inertia | Undetermined:
    """The inertia of the Hessian in W and b at a stationary point, or why there is none.

    ``gram_slopes`` is the matrix of Dᵢⱼ = Iᵢ ∂Lᵢ/∂Gᵢⱼ.
    """
    jump = next(_jumps(setting), None)
    if jump is not None:
        return Undetermined(jump)
    n, m = setting.model.n, setting.model.m
    size, degree = n * m + n, setting.draws.field.degree
    if size**3 * degree**2 > _MAX_WORK:
        return Undetermined(
            f"The Hessian has {size} rows of numbers in a field of degree {degree}, which would "
            "take long to tell the signs of."
        )
    negative, zero, positive = symmetric_inertia(hessian(setting, gram_slopes))
    rotations = _rotations(m, symmetric_inertia(setting.gram)[2])
    return Inertia(negative, zero - rotations, positive, rotations)


def hessian(setting: LossSetting, gram_slopes: Sequence[Sequence[Element]]) -> list[list[Element]]:
    """The second derivatives in the entries of W, row by row, and then of b, where they exist.

    Their shape is (nm + n, nm + n); ``gram_slopes`` is the matrix of Dᵢⱼ = Iᵢ ∂Lᵢ/∂Gᵢⱼ.
    """
    n, m = setting.model.n, setting.model.m
    zero = setting.draws.field.rational(0)
    total = [[zero] * (n * m + n) for _ in range(n * m + n)]
    for i, weight in enumerate(setting.weights):
        if weight:
            _add_output(total, setting, i)
    for i in range(n):
        for j in range(n):
            both = gram_slopes[i][j] + gram_slopes[j][i]
            for k in range(m):
                total[i * m + k][j * m + k] += both
    return total


def _add_output(total: list[list[Element]], setting: LossSetting, i: int) -> None:
    """Add Iᵢ·JᵀHᵢJ, J how the overlaps and the bias of output i move with W and b."""
    activation, weight = setting.model.activation, setting.weights[i]
    second = second_derivatives(setting.draws, activation, i, setting.bias[i], setting.gram[i])
    moved = _moved(setting.W, i)
    for slope, row in zip(moved, second, strict=True):
        along: _Slope = {}
        for other, (h,) in zip(moved, row, strict=True):
            if h:
                _add(along, other, h * weight)
        for place, speed in slope.items():
            for column, value in along.items():
                total[place][column] += speed * value


def _moved(W: Sequence[Sequence[Element]], i: int) -> list[_Slope]:
    """How Gᵢ₀ … Gᵢₙ₋₁ and bᵢ move: Gᵢⱼ by Wⱼₖ with Wᵢₖ, and by Wᵢₖ with Wⱼₖ."""
    n, m = len(W), len(W[0])
    moved: list[_Slope] = []
    for j in range(n):
        slope: _Slope = {}
        _add(slope, {i * m + k: w for k, w in enumerate(W[j]) if w})
        _add(slope, {j * m + k: w for k, w in enumerate(W[i]) if w})
        moved.append(slope)
    one = W[0][0] * 0 + 1
    return [*moved, {n * m + i: one}]


def _add(to: _Slope, slope: _Slope, factor: Element | int = 1) -> None:
    for place, value in slope.items():
        to[place] = to[place] + value * factor if place in to else value * factor


def _jumps(setting: LossSetting) -> Iterator[str]:
    """Why second derivatives do not exist: where z stays at its kink, or reaches it at xᵢ = 1.

    Elsewhere the density of z at 0 is continuous in W and b, and they exist.
    """
    if setting.model.activation == "linear":
        return
    for i, (row, b) in enumerate(zip(setting.gram, setting.bias, strict=True)):
        reached = {j for j, overlap in enumerate(row) if overlap}
        if not b:
            (weight,) = presence(setting.draws, [], absent=reached)
            told = f"With probability {{}}, z of feature {i + 1} is 0, just where ReLU bends"
        elif not b + row[i]:
            (weight,) = presence(setting.draws, [i], absent=reached - {i})
            told = (
                f"With probability {{}}, z of feature {i + 1} reaches 0 just where its input is 1"
            )
        else:
            continue
        if weight and setting.weights[i]:
            yield told.format(short_text(weight.to_sympy())) + (
                ", so the second derivative in its bias is not the same on both sides."
            )


def _rotations(m: int, rank: int) -> int:
    """The dimension of {WA : A antisymmetric} for W of rank r: those A with WA = 0 do not count."""
    return (m * (m - 1) - (m - rank) * (m - rank - 1)) // 2
