"""How many inputs ℓ₁ recovers beyond the k for which it recovers all: counted, not sampled.

Whether ℓ₁ recovers x depends on its support and signs alone: x is the only one of least norm if
Σ sgn(xᵢ)vᵢ over its support and Σ|vᵢ| elsewhere sum to more than 0 for every kernel vector v ≠ 0.
That sum adds up over circuits which nowhere cancel, so it is enough to ask the circuits.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import sympy

from handcalc.directions.kernels import MOST_FEATURES
from handcalc.directions.recovery import Recovery
from handcalc.errors import InputError
from handcalc.numbers.exact import elements


def recovered_shares(shown: Recovery) -> dict[str, tuple[Fraction, ...]]:
    """By k from 0 to n, the share of supports and signs with k entries that ℓ₁ recovers.

    ``l1`` counts all signs, ``l1_nonnegative`` supports of x ≥ 0 alone. The first k with a share
    below 1 is the one after the largest k of ``recovery``. Errors: ``too_large`` for more than 8
    features. Source: Fuchs 2004, for the condition; circuits: derived here.

    >>> from handcalc.directions.recovery import recovery
    >>> shares = recovered_shares(recovery("1 0; 0 1; 1 1"))
    >>> [str(share) for share in shares["l1"]], [str(share) for share in shares["l1_nonnegative"]]
    (['1', '1', '1/2', '0'], ['1', '1', '2/3', '0'])
    """
    n = shown.model.n
    if n > MOST_FEATURES:
        raise InputError(
            "too_large",
            f"Supports and signs are counted for at most {MOST_FEATURES} features, not {n}: leave "
            "features out.",
        )
    vectors = _both_signs(shown)
    found: dict[str, list[Fraction]] = {"l1": [], "l1_nonnegative": []}
    for k in range(n + 1):
        supports = list(combinations(range(n), k))
        # x and −x are recovered together, so the first sign stays
        signs = list(product((1,), *[(1, -1)] * (k - 1))) if k else [()]
        good = sum(_is_shortest(vectors, t, s) for t in supports for s in signs)
        found["l1"].append(Fraction(good, len(supports) * len(signs)))
        good = sum(_is_shortest_nonnegative(vectors, frozenset(t)) for t in supports)
        found["l1_nonnegative"].append(Fraction(good, len(supports)))
    return {name: tuple(each) for name, each in found.items()}


def _both_signs(shown: Recovery) -> list[tuple[list[Any], list[Any]]]:
    """Each circuit and its negative, with the sizes of its entries; whole numbers as ints."""
    flat = [entry for circuit in shown.circuits for entry in circuit.entries]
    if all(isinstance(entry, sympy.Integer) for entry in flat):
        numbers: list[Any] = list(map(int, flat))
    else:
        numbers = list(elements(*flat)[1])
    n, found = shown.model.n, []
    for k in range(len(shown.circuits)):
        v = numbers[k * n : (k + 1) * n]
        sizes = [s * cell for s, cell in zip(shown.circuits[k].signs, v, strict=True)]
        found += [(v, sizes), ([-cell for cell in v], sizes)]
    return found


def _is_shortest(
    vectors: Sequence[tuple[list[Any], list[Any]]], support: Sequence[int], signs: Sequence[int]
) -> bool:
    """Whether Σ sgn(xᵢ)vᵢ over the support and Σ|vᵢ| elsewhere is above 0 for each v."""
    taken = dict(zip(support, signs, strict=True))
    return all(
        _sign(sum(taken[i] * v[i] if i in taken else sizes[i] for i in range(len(v)))) > 0
        for v, sizes in vectors
    )


def _is_shortest_nonnegative(
    vectors: Sequence[tuple[list[Any], list[Any]]], support: frozenset[int]
) -> bool:
    """Whether each v that is ≥ 0 outside of the support has a sum above 0."""
    return all(
        _sign(sum(v)) > 0
        for v, _ in vectors
        if all(i in support or _sign(cell) >= 0 for i, cell in enumerate(v))
    )


def _sign(value: Any) -> int:
    """The sign of an int or an element."""
    return (value > 0) - (value < 0) if isinstance(value, int) else int(value.sign())
