"""How one output's expected squared error changes with its bias and its row of overlaps.

For z = b + a·x and x̂ = ReLU(z), with R_k as in ``moments`` and v, w among x₀ … x_{n−1} and 1 (the
1 for the bias),

    ∂/∂v E[(xᵢ − x̂)²]     = 2E[v·R₁(z)] − 2E[xᵢ·v·R₀(z)],
    ∂²/∂v∂w E[(xᵢ − x̂)²] = 2E[v·w·R₀(z)] − 2E[xᵢ·v·w·R₋₁(z)],

wherever these exist; for the linear model z, 1 and 0 stand for R₁, R₀ and R₋₁.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import prod
from typing import TypeAlias

from handcalc.numbers.field import Element
from handcalc.superposition.draws import Draws, presence
from handcalc.superposition.loss_setting import LossSetting
from handcalc.superposition.moments import Monomial, clipped_table
from handcalc.superposition.toy_model import Activation

__all__ = ["output_slopes", "second_derivatives"]

_Counts: TypeAlias = "list[Element]"
_Table: TypeAlias = "dict[tuple[int, Monomial], _Counts]"


def output_slopes(setting: LossSetting) -> tuple[list[list[_Counts]], list[_Counts]]:
    """Dᵢⱼ = Iᵢ ∂Lᵢ/∂Gᵢⱼ, of shape (n, n), and Iᵢ ∂Lᵢ/∂bᵢ, each by blocks on as the draws are.

    Where z is 0 with positive probability, they leave out what a kink adds on either side.
    """
    gram, bias = [], []
    for i, weight in enumerate(setting.weights):
        slopes = _first_derivatives(
            setting.draws, setting.model.activation, i, setting.bias[i], setting.gram[i]
        )
        *row, last = ([weight * count for count in counts] for counts in slopes)
        gram.append(row)
        bias.append(last)
    return gram, bias


def second_derivatives(
    draws: Draws, activation: Activation, i: int, b: Element, overlaps: Sequence[Element]
) -> list[list[_Counts]]:
    """The second derivatives, of shape (n + 1, n + 1) in the order of the first; i from 0.

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


def _first_derivatives(
    draws: Draws, activation: Activation, i: int, b: Element, overlaps: Sequence[Element]
) -> list[_Counts]:
    """The n + 1 derivatives in a₀ … a_{n−1} and b, each by blocks on as ``draws``; i from 0."""
    variables = _variables(len(overlaps))
    wanted = [*((1, v) for v in variables), *((0, _times(v, (i,))) for v in variables)]
    table = _table(draws, activation, b, overlaps, wanted)
    return [
        [2 * (p - q) for p, q in zip(table[1, v], table[0, _times(v, (i,))], strict=True)]
        for v in variables
    ]


def _variables(n: int) -> list[Monomial]:
    return [*((j,) for j in range(n)), ()]


def _times(u: Monomial, v: Monomial) -> Monomial:
    return tuple(sorted(u + v))


def _table(
    draws: Draws,
    activation: Activation,
    b: Element,
    overlaps: Sequence[Element],
    wanted: Iterable[tuple[int, Monomial]],
) -> _Table:
    """E[u·R_k(z)] for ReLU, and for the linear model E[u·z], E[u] and 0."""
    if activation == "relu":
        return clipped_table(draws, b, overlaps, wanted)
    return {(k, u): _linear(draws, b, overlaps, k, u) for k, u in wanted}


def _linear(draws: Draws, b: Element, overlaps: Sequence[Element], k: int, u: Monomial) -> _Counts:
    if k < 1:
        return [value * (k + 1) for value in _plain(draws, u)]
    total = [b * value for value in _plain(draws, u)]
    for j, a in enumerate(overlaps):
        if a:
            more = _plain(draws, _times(u, (j,)))
            total = [t + a * value for t, value in zip(total, more, strict=True)]
    return total


def _plain(draws: Draws, u: Monomial) -> _Counts:
    """E[u]: each active feature's x^e has the mean 1/(e + 1)."""
    return [value / prod(e + 1 for e in Counter(u).values()) for value in presence(draws, u)]
