"""The second derivatives of the expected loss, where they exist, and their signs.

Moving W by U and b by β moves the overlaps a = Gᵢ· of an output by a' = Uᵢ·W + W·Uᵢ to first order
and by a'' = 2U·Uᵢ to second, so that with Dᵢⱼ = Iᵢ ∂Lᵢ/∂Gᵢⱼ

    L'' = Σᵢ Iᵢ (a'ᵢ, βᵢ)ᵀ Hᵢ (a'ᵢ, βᵢ) + Σᵢⱼ 2Dᵢⱼ Uᵢ·Uⱼ,

Hᵢ the second derivatives of the output's own loss in its overlaps and bias.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

from handcalc.numbers.decimals import short_text
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import inertia, rank
from handcalc.superposition.loss.expected_loss import LossSetting
from handcalc.superposition.loss.moments import Monomial, SupportWeights, clipped_table, presence
from handcalc.superposition.model.toy_model import Activation

# --------------------------------------------------------------------------------------------------
# How one output's expected squared error changes with its bias and its row of overlaps.
#
# For z = b + a·x and x̂ = ReLU(z), with R_k as in ``moments`` and v, w among x₀ … x_{n−1} and 1
# (the 1 for the bias),
#
# ∂/∂v E[(xᵢ − x̂)²] = 2E[v·R₁(z)] − 2E[xᵢ·v·R₀(z)], ∂²/∂v∂w E[(xᵢ − x̂)²] = 2E[v·w·R₀(z)] −
# 2E[xᵢ·v·w·R₋₁(z)],
#
# wherever these exist; for the linear model z, 1 and 0 stand for R₁, R₀ and R₋₁.


_Counts: TypeAlias = "list[Element]"
_Table: TypeAlias = "dict[tuple[int, Monomial], _Counts]"


def output_slopes(setting: LossSetting) -> tuple[list[list[_Counts]], list[_Counts]]:
    """Dᵢⱼ = Iᵢ ∂Lᵢ/∂Gᵢⱼ, of shape (n, n), and Iᵢ ∂Lᵢ/∂bᵢ, each by blocks on as the draws are.

    Where z is 0 with positive probability, they leave out what a kink adds on either side.
    """
    gram, bias = [], []
    variables = _variables(setting.model.n)
    for i, weight in enumerate(setting.weights):
        wanted = [*((1, v) for v in variables), *((0, _times(v, (i,))) for v in variables)]
        activation, b, overlaps = setting.model.activation, setting.bias[i], setting.gram[i]
        table = _table(setting.draws, activation, b, overlaps, wanted)
        pairs = ((table[1, v], table[0, _times(v, (i,))]) for v in variables)
        *row, last = (
            [2 * weight * (p - q) for p, q in zip(free, own, strict=True)] for free, own in pairs
        )
        gram.append(row)
        bias.append(last)
    return gram, bias


def second_derivatives(
    draws: SupportWeights, activation: Activation, i: int, b: Element, overlaps: Sequence[Element]
) -> list[list[_Counts]]:
    """The second derivatives, of shape (n + 1, n + 1) in a₀ … a_{n−1} and b; i from 0.

    They hold only where they exist; a jump is not told here.
    """
    variables = _variables(len(overlaps))
    pairs = {_times(v, w) for v in variables for w in variables}
    wanted = [*((0, u) for u in pairs), *((-1, _times(u, (i,))) for u in pairs)]
    table = _table(draws, activation, b, overlaps, wanted)
    values = {
        u: [2 * (p - q) for p, q in zip(table[0, u], table[-1, _times(u, (i,))], strict=True)]
        for u in pairs
    }
    return [[values[_times(v, w)] for w in variables] for v in variables]


def _variables(n: int) -> list[Monomial]:
    return [*((j,) for j in range(n)), ()]


def _times(u: Monomial, v: Monomial) -> Monomial:
    return tuple(sorted(u + v))


def _table(
    draws: SupportWeights,
    activation: Activation,
    b: Element,
    overlaps: Sequence[Element],
    wanted: Iterable[tuple[int, Monomial]],
) -> _Table:
    """E[u·R_k(z)] for ReLU, and for the linear model E[u·z], E[u] and 0."""
    if activation == "relu":
        return clipped_table(draws, b, overlaps, wanted)
    return {(k, u): _linear(draws, b, overlaps, k, u) for k, u in wanted}


def _linear(
    draws: SupportWeights, b: Element, overlaps: Sequence[Element], k: int, u: Monomial
) -> _Counts:
    if k < 1:
        return [value * (k + 1) for value in _plain(draws, u)]
    total = [b * value for value in _plain(draws, u)]
    for j, a in enumerate(overlaps):
        if a:
            more = _plain(draws, _times(u, (j,)))
            total = [t + a * value for t, value in zip(total, more, strict=True)]
    return total


def _plain(draws: SupportWeights, u: Monomial) -> _Counts:
    """E[u]: each active feature's x^e has the mean 1/(e + 1)."""
    return [value / prod(e + 1 for e in Counter(u).values()) for value in presence(draws, u)]


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
    negative, zero, positive = inertia(hessian(setting, gram_slopes))
    # Turning the hidden space moves W by WA for antisymmetric A, and no output: flat directions
    # that say nothing. They are m(m − 1)/2, less those with WA = 0, which turn what W leaves free.
    unused = m - rank(setting.W)
    rotations = (m * (m - 1) - unused * (unused - 1)) // 2
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
    # The second part of L'': Gᵢⱼ = Wᵢ·Wⱼ has the second derivative 1 in each Wᵢₖ and Wⱼₖ, and the
    # loss the slope Dᵢⱼ in it. The first part, by the chain rule, is an output at a time.
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
    # J has at most 2m entries a row, so it is kept by place, and H J is made row by row.
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
