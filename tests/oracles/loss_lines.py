"""The expected loss along a half-line in (W, b), expanded exactly: L(t) = L₀ + L₁t + L₂t² + … .

Along W + tU and b + tβ every overlap a(t), and z(t) at every corner of the cube, is a polynomial in
t of degree at most 2. As long as none of them changes its sign, the loss of output i times aᵢᵢ·Π a
over the overlaps that are not 0 throughout is a polynomial of degree at most 2n + 6 (each pattern's
loss is Σ ± R_k(z)/Π a). So it follows from the loss at 2n + 7 small t > 0, by interpolation in
fractions; one more t has to agree. The loss is that of the recursion, which knows no derivative.
Features count from 0; nothing here imports the package that it helps to judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

from tests.oracles.recursion import Model, Numbers, Patterns, given_active

Polynomial = list[Fraction]
Rows = tuple[Numbers, ...]

_TERMS = 3


def expansion(
    model: Model, patterns: Patterns, importance: Numbers, U: Rows, beta: Numbers
) -> tuple[Fraction, ...]:
    """L₀, L₁ and L₂ for small t > 0."""
    n = model.n
    overlaps = [[_overlap(model.W, U, i, j) for j in range(n)] for i in range(n)]
    corners = [
        _sum([[model.b[i], beta[i]], *(a for a, on in zip(overlaps[i], up, strict=True) if on)])
        for i in range(n)
        for up in product((False, True), repeat=n)
    ]
    reach = min(_without_root(p) for p in [*corners, *(a for row in overlaps for a in row)]) / 2
    times = [reach * k / (2 * n + 8) for k in range(1, 2 * n + 9)]
    moved = [_moved(model, U, beta, t) for t in times]
    total = [Fraction(0)] * _TERMS
    for i, weight in enumerate(importance):
        losses = [_loss(m, patterns, i) for m in moved]
        terms = _terms(times, losses, [*overlaps[i], overlaps[i][i]])
        total = [known + weight * term for known, term in zip(total, terms, strict=True)]
    return tuple(total)


def _loss(model: Model, patterns: Patterns, i: int) -> Fraction:
    parts = (p * given_active(model, i, on) for on, p in patterns.items())
    return sum(parts, Fraction(0))


def _terms(
    times: Sequence[Fraction], losses: Sequence[Fraction], overlaps: Sequence[Polynomial]
) -> Polynomial:
    """The expansion of one output's loss, N/Q with Q the product of its overlaps."""
    bottom = [Fraction(1)]
    for overlap in overlaps:
        if any(overlap):
            bottom = _product(bottom, overlap)
    *tops, last = (loss * _at(bottom, t) for loss, t in zip(losses, times, strict=True))
    top = _interpolated(times[:-1], tops)
    assert _at(top, times[-1]) == last, "the loss is no polynomial over its overlaps here"
    lowest = next(k for k, c in enumerate(bottom) if c)
    assert not any(top[:lowest]), "the loss grows without bound"
    return _quotient(top[lowest:], bottom[lowest:])


def _overlap(W: Rows, U: Rows, i: int, j: int) -> Polynomial:
    """(Wᵢ + tUᵢ)·(Wⱼ + tUⱼ)."""
    zero = Fraction(0)
    return [
        sum((p * q for p, q in zip(W[i], W[j], strict=True)), zero),
        sum((p * q for p, q in zip(W[i] + U[i], U[j] + W[j], strict=True)), zero),
        sum((p * q for p, q in zip(U[i], U[j], strict=True)), zero),
    ]


def _moved(model: Model, U: Rows, beta: Numbers, t: Fraction) -> Model:
    W = tuple(
        tuple(w + t * u for w, u in zip(row, step, strict=True))
        for row, step in zip(model.W, U, strict=True)
    )
    b = tuple(value + t * step for value, step in zip(model.b, beta, strict=True))
    return Model(W, b, model.activation)


# ── polynomials, lowest coefficient first ───────────────────────────────────────────────────────


def _without_root(p: Polynomial) -> Fraction:
    """A length of the half-line t > 0 on which p has no root, or is 0 throughout (Cauchy)."""
    low = next((abs(c) for c in p if c), Fraction(1))
    return low / (low + max(abs(c) for c in p))


def _at(p: Polynomial, t: Fraction) -> Fraction:
    return sum((c * t**k for k, c in enumerate(p)), Fraction(0))


def _sum(parts: Sequence[Polynomial]) -> Polynomial:
    longest = max(map(len, parts))
    return [sum((p[k] for p in parts if k < len(p)), Fraction(0)) for k in range(longest)]


def _product(p: Polynomial, q: Polynomial) -> Polynomial:
    total = [Fraction(0)] * (len(p) + len(q) - 1)
    for (j, c), (k, d) in product(enumerate(p), enumerate(q)):
        total[j + k] += c * d
    return total


def _interpolated(times: Sequence[Fraction], values: Sequence[Fraction]) -> Polynomial:
    """Newton's divided differences, multiplied out."""
    differences = list(values)
    for order in range(1, len(times)):
        for k in reversed(range(order, len(times))):
            rise = differences[k] - differences[k - 1]
            differences[k] = rise / (times[k] - times[k - order])
    p = [Fraction(0)]
    for t, difference in zip(reversed(times), reversed(differences), strict=True):
        p = _sum([_product(p, [-t, Fraction(1)]), [difference]])
    return p


def _quotient(top: Polynomial, bottom: Polynomial) -> Polynomial:
    """The first terms of the power series top/bottom, where bottom does not begin with 0."""
    terms: Polynomial = []
    for k in range(_TERMS):
        known = sum(
            (terms[j] * bottom[k - j] for j in range(max(0, k - len(bottom) + 1), k)), Fraction(0)
        )
        terms.append(((top[k] if k < len(top) else Fraction(0)) - known) / bottom[0])
    return terms
