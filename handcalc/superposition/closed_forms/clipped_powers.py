"""What a regular part's loss is made of, B(β) and C(β), as polynomials between kinks.

Features with the same importance and the same S, whose rows are l·uᵢ for unit vectors uᵢ at equal
angles (the antipodal pair, k = 2, or a regular k-gon), and whose biases are all b, have

    zᵢ = l²(β + Σⱼ aⱼxⱼ),    b = β·l²,    aⱼ = cos(2πj/k) counted from i,

so ReLU(zᵢ) = l²·R₁(β + a·x), and each of them loses, with q = l² and p = 1 − S,

    E[xᵢ²] − 2q·E[xᵢ·R₁(β + a·x)] + q²·2E[R₂(β + a·x)] = A − 2q·B(β) + q²·C(β),    A = p/3.

Integrating one feature out of R_n(β + a·x) leaves R_n where it is off, and where it is on
(R_{n+1}(β + a) − R_{n+1}(β))/a: it moves β by a or by 0, and raises n. So B and C are sums of
weights times R_n(β + v) over the corners v = a·x, x ∈ {0, 1}^k: polynomials in β between the kinks
−v, with coefficients that are polynomials in S over ℚ(2cos(2π/k)). Derived here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb, factorial
from typing import TypeAlias

import sympy

from handcalc.numbers.exact import elements
from handcalc.numbers.field import Element
from handcalc.superposition.closed_forms.ground import Ground, Number, element_at

__all__ = ["Piece", "pieces", "powers"]

_Terms: TypeAlias = "dict[tuple[Number, int], Number]"
"""Weights of R_{n+d}(β + v) by (v, d)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """B and C for lo ≤ β ≤ hi, each its coefficients in β, the constant first.

    ``lo`` and ``hi`` are neighbouring kinks, numbers in c; ``hi`` is None above the last kink.
    """

    lo: Number
    hi: Number | None
    B: tuple[Number, ...]
    C: tuple[Number, ...]


@lru_cache(maxsize=16)
def pieces(k: int) -> tuple[Piece, ...]:
    """All pieces of B and C in order, from the kink below which every output is 0.

    >>> [(piece.lo, piece.hi) for piece in pieces(2)]
    [(-1, 0), (0, 1), (1, None)]
    >>> pieces(2)[-1].B, pieces(2)[-1].C
    ((-1/4*S**2 + 1/6*S + 1/12, -1/2*S + 1/2), (-1/2*S**2 + 1/3*S + 1/6, 0, 1))
    """
    ground = Ground.of(k)
    in_B, in_C = _corner_weights(ground)
    corners = _descending({v for v, _ in in_C}, k)
    B = C = (ground.c * 0,) * (k + 3)
    found = []
    for v, following in zip(corners, [*corners[1:], None], strict=True):
        B, C = _plus(B, _expanded(ground, v, 1, in_B)), _plus(C, _expanded(ground, v, 2, in_C))
        hi = None if following is None else -following
        found.append(Piece(-v, hi, _trimmed(B), _trimmed(C)))
    return tuple(found)


def powers(base: Element, k: int) -> list[Element]:
    """The powers of c or S that the coefficients for k features can hold."""
    found = [base * 0 + 1]
    while len(found) <= k + 1:
        found.append(found[-1] * base)
    return found


def _corner_weights(ground: Ground) -> tuple[_Terms, _Terms]:
    """The weights in B, where the first feature is averaged with x₁ beside it, and in C."""
    zero, S = ground.c * 0, ground.S
    one, p = zero + 1, 1 - S
    others: _Terms = {(zero, 0): one}
    for a in filter(None, ground.cosines[1:]):
        rate = p * ground.inverse(a)
        others = _times(ground, others, {(zero, 0): S, (a, 1): rate, (zero, 1): -rate})
    in_B = _times(ground, others, {(one, 1): p, (one, 2): -p, (zero, 2): p})
    in_C = _times(ground, others, {(zero, 0): 2 * S, (one, 1): 2 * p, (zero, 1): -2 * p})
    return in_B, in_C


def _times(ground: Ground, terms: _Terms, factor: _Terms) -> _Terms:
    total: _Terms = {}
    for (v, d), weight in terms.items():
        for (step, more), scale in factor.items():
            key = v + step, d + more
            total[key] = total.get(key, 0) + ground.reduced(weight * scale)
    return total


def _descending(corners: Iterable[Number], k: int) -> list[Number]:
    """The corners by their values, the largest first."""
    _, (c,) = elements(2 * sympy.cos(2 * sympy.pi / k))
    known = {v: element_at(v, powers(c, k), [c * 0 + 1]) for v in corners}
    ordered: list[Number] = []
    for v, value in known.items():
        above = sum((known[other] - value).sign() > 0 for other in ordered)
        ordered.insert(above, v)
    return ordered


def _expanded(ground: Ground, v: Number, n: int, terms: _Terms) -> Iterable[tuple[int, Number]]:
    """The powers of β, with coefficients, in Σ_d weight(v, d)·(β + v)^(n+d)/(n + d)!."""
    for (corner, d), weight in terms.items():
        if corner == v:
            top, part = n + d, weight / factorial(n + d)
            for i in range(top, -1, -1):
                yield i, part * comb(top, i)
                part = ground.reduced(part * v)


def _plus(total: Sequence[Number], terms: Iterable[tuple[int, Number]]) -> tuple[Number, ...]:
    result = list(total)
    for i, term in terms:
        result[i] = result[i] + term
    return tuple(result)


def _trimmed(coefficients: Sequence[Number]) -> tuple[Number, ...]:
    """Without zeros at the end."""
    last = max(i for i, part in enumerate(coefficients) if part)
    return tuple(coefficients[: last + 1])
