"""The exact expected loss with Python's fractions alone, by a recursion that divides by no overlap.

For z = b + a·x over the cube [0, 1]^d, R_k(z) = max(z, 0)^k / k! and a monomial x^e, take the point
c of the cube's diagonal (of the one that rises with z) at which z = 0. Seen from there z is
homogeneous, and Euler's identity with the divergence theorem gives the integral from the faces,

    (k + d + |e|) E[x^e R_k] = Σⱼ (1 − cⱼ) E[x^e R_k | xⱼ = 1] + cⱼ E[x^e R_k | xⱼ = 0]
                               + Σⱼ cⱼ eⱼ E[x^e R_k / xⱼ].

Where z has one sign on the whole cube, plain moments serve. R_{−1} is Dirac's δ, for a z that is 0
at no corner: over one feature its integral is read off where z is 0. Run
``python tests/oracles/recursion.py`` for the losses of a few models. Nothing here imports the
package that it helps to judge; features count from 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product
from math import factorial

Numbers = tuple[Fraction, ...]
Exponents = tuple[int, ...]
Active = frozenset[int]
Patterns = dict[Active, Fraction]


@dataclass(frozen=True)
class Model:
    """W of shape (n, m) with one row per feature, b of length n, "relu" or "linear"."""

    W: tuple[Numbers, ...]
    b: Numbers
    activation: str = "relu"

    @property
    def n(self) -> int:
        return len(self.W)

    def overlaps(self, i: int) -> Numbers:
        """Row i of W Wᵀ."""
        mine = self.W[i]
        return tuple(
            sum((p * q for p, q in zip(mine, row, strict=True)), Fraction(0)) for row in self.W
        )


# ── one output over one cube ────────────────────────────────────────────────────────────────────


@cache
def clipped(b: Fraction, a: Numbers, e: Exponents, k: int) -> Fraction:
    """E[x^e R_k(b + a·x)] for x uniform on the cube; R_0(t) is 1 for t > 0 and 0 for t ≤ 0."""
    if k == -1 and len(a) == 1:
        return delta(b, a[0], e[0])
    lowest = b + sum(min(value, Fraction(0)) for value in a)
    highest = b + sum(max(value, Fraction(0)) for value in a)
    if highest <= 0:
        return Fraction(0)
    if lowest >= 0:
        return plain(b, a, e, k) / factorial(k) if k >= 0 else Fraction(0)
    crossing = -lowest / (highest - lowest)
    total = Fraction(0)
    for j, value in enumerate(a):
        c = crossing if value >= 0 else 1 - crossing
        rest, left = a[:j] + a[j + 1 :], e[:j] + e[j + 1 :]
        total += (1 - c) * clipped(b + value, rest, left, k)
        if e[j] == 0:
            total += c * clipped(b, rest, left, k)
        else:
            total += c * e[j] * clipped(b, a, (*e[:j], e[j] - 1, *e[j + 1 :]), k)
    return total / (k + len(a) + sum(e))


def delta(b: Fraction, a: Fraction, e: int) -> Fraction:
    """∫₀¹ x^e δ(b + ax) dx."""
    if a == 0 or not 0 < -b / a < 1:
        return Fraction(0)
    return (-b / a) ** e / abs(a)


@cache
def plain(b: Fraction, a: Numbers, e: Exponents, k: int) -> Fraction:
    """E[x^e (b + a·x)^k], one factor of the power at a time."""
    if k == 0:
        volume = Fraction(1)
        for exponent in e:
            volume /= exponent + 1
        return volume
    total = b * plain(b, a, e, k - 1)
    for j, value in enumerate(a):
        total += value * plain(b, a, (*e[:j], e[j] + 1, *e[j + 1 :]), k - 1)
    return total


def given_active(model: Model, i: int, active: Active) -> Fraction:
    """E[(xᵢ − x̂ᵢ)²] given that just these features are active: E[xᵢ²] − 2E[xᵢx̂ᵢ] + E[x̂ᵢ²]."""
    on = sorted(active)
    row, b = model.overlaps(i), model.b[i]
    a, none = tuple(row[j] for j in on), (0,) * len(on)
    mine = tuple(int(j == i) for j in on)
    if model.activation == "linear":
        square, kept = plain(b, a, none, 2), plain(b, a, mine, 1)
    else:
        square, kept = 2 * clipped(b, a, none, 2), clipped(b, a, mine, 1)
    return Fraction(1, 3) - 2 * kept + square if i in active else square


# ── which features are active together ──────────────────────────────────────────────────────────


def independent(sparsities: Sequence[Fraction]) -> Patterns:
    """Feature i is off with probability S_i."""
    patterns: Patterns = {}
    for on in product((False, True), repeat=len(sparsities)):
        probability = Fraction(1)
        for is_on, s in zip(on, sparsities, strict=True):
            probability *= 1 - s if is_on else s
        patterns[frozenset(i for i, is_on in enumerate(on) if is_on)] = probability
    return patterns


def one_active(n: int) -> Patterns:
    """One feature in n."""
    return {frozenset([i]): Fraction(1, n) for i in range(n)}


def correlated(sets: Sequence[Sequence[int]], sparsities: Sequence[Fraction]) -> Patterns:
    """All members of a set, or none; the sets hold every feature."""
    patterns: Patterns = {}
    for chosen, probability in independent(sparsities).items():
        active = frozenset(i for s in chosen for i in sets[s])
        patterns[active] = patterns.get(active, Fraction(0)) + probability
    return patterns


def anticorrelated(sets: Sequence[Sequence[int]], sparsities: Sequence[Fraction]) -> Patterns:
    """One random member of a set, or none; the sets hold every feature."""
    patterns: Patterns = {}
    for chosen, probability in independent(sparsities).items():
        on = [sets[s] for s in sorted(chosen)]
        ways = 1
        for members in on:
            ways *= len(members)
        for active in map(frozenset, product(*on)):
            patterns[active] = patterns.get(active, Fraction(0)) + probability / ways
    return patterns


# ── the loss ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Loss:
    """Iᵢ E[(xᵢ − x̂ᵢ)²] by feature; what it loses alone and by each other; what is left of it."""

    per_feature: Numbers
    costs: tuple[Numbers, ...]
    together: Numbers

    @property
    def value(self) -> Fraction:
        return sum(self.per_feature, Fraction(0))


def loss(model: Model, patterns: Patterns, importance: Sequence[Fraction]) -> Loss:
    """The loss of each output, and again with only some of the features let in."""
    features = range(model.n)

    def of(i: int, let_in: Iterable[int]) -> Fraction:
        seen = frozenset(let_in)
        parts = (p * given_active(model, i, active & seen) for active, p in patterns.items())
        return importance[i] * sum(parts, Fraction(0))

    per_feature = tuple(of(i, features) for i in features)
    alone = tuple(of(i, [i]) for i in features)
    costs = tuple(
        tuple(alone[i] if i == j else of(i, [i, j]) - alone[i] for j in features) for i in features
    )
    together = tuple(per_feature[i] - sum(costs[i]) for i in features)
    return Loss(per_feature, costs, together)


def main() -> None:
    """Print the losses of three models for S = 0, 1/2 and 9/10."""
    W = tuple((Fraction(p), Fraction(q)) for p, q in ((1, 0), (0, 1), (0, -1)))
    for text in ("0 0 0", "0 1/2 1/2", "0 -1/3 1"):
        model = Model(W, tuple(map(Fraction, text.split())))
        for s in (Fraction(0), Fraction(1, 2), Fraction(9, 10)):
            found = loss(model, independent([s] * 3), [Fraction(1)] * 3)
            print(f"b = {text}; S = {s}: L = {found.value}")


if __name__ == "__main__":
    main()
