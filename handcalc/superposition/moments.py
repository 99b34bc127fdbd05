"""Exact expectations of a clipped linear form, over all patterns of active features at once.

With R_k(t) = max(t, 0)^k / k!, one feature is integrated out of x^e·R_k(c + a·x) by parts,

    M_0 = (R_{k+1}(c + a) − R_{k+1}(c)) / a,        M_e = R_{k+1}(c + a)/a − (e/a)·M_{e−1} at k + 1,

so every feature ends at one of its two ends: it adds 0 or a to the form, with a weight, and raises
the index of R. A walk over these ends carries the weights of all patterns of a distribution as a
polynomial; at each corner, z is a number, and R_k(z) follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from math import factorial
from operator import itemgetter
from typing import TypeAlias

from handcalc.field import Element, Field
from handcalc.superposition.distribution import Block

__all__ = ["Draws", "clipped_moments", "presence", "subsets"]

# (how far the index of R is raised, how many blocks are on) → weight
_Weights: TypeAlias = "dict[tuple[int, int], Element]"
_Piece: TypeAlias = "dict[int, Element]"


@dataclass(frozen=True, slots=True)
class DrawnBlock:
    """A block in a field: the weights of off and on, and its supports with their probabilities."""

    off: Element
    on: Element
    supports: tuple[tuple[tuple[int, ...], Element], ...]


@dataclass(frozen=True, slots=True)
class Draws:
    """The blocks of a distribution with numbers in one field.

    Where all blocks share one S (or the symbol S), off and on weigh 1, and results by the number k
    of blocks on still wait for S^(B−k)·(1 − S)^k; otherwise the weights are S and 1 − S themselves.
    """

    field: Field
    blocks: tuple[DrawnBlock, ...]
    shared: bool

    @classmethod
    def of(cls, field: Field, blocks: Sequence[Block]) -> Draws:
        """The blocks of a distribution, in a field that is ready for their numbers."""
        shared = len({block.sparsity for block in blocks}) == 1
        one = field.rational(1)
        drawn = []
        for block in blocks:
            off = one if shared else field.from_sympy(block.sparsity)
            supports = tuple((s, field.from_sympy(q)) for s, q in block.supports)
            drawn.append(DrawnBlock(off, one if shared else 1 - off, supports))
        return cls(field, tuple(drawn), shared)


def clipped_moments(
    draws: Draws,
    b: Element,
    overlaps: Sequence[Element],
    k: int,
    exponents: Mapping[int, int],
) -> list[Element]:
    """E[Π xⱼ^eⱼ · R_k(b + a·x)] for each number of blocks on, with weights as in ``draws``.

    ``overlaps`` is a, of length n; ``exponents`` holds the eⱼ ≥ 1 by feature (from 0). R_0(0) is 0.
    """
    pieces = [_pieces(a, exponents.get(j, 0)) for j, a in enumerate(overlaps)]
    corners = [list(_corners(block, overlaps, pieces, exponents)) for block in draws.blocks]
    totals = [b * 0] * (len(draws.blocks) + 1)

    def visit(z: Element, weights: _Weights) -> None:
        if z.sign() > 0:
            _collect(z, k, weights, totals)

    _walk(b, {(0, 0): b * 0 + 1}, corners, visit)
    return totals


def presence(draws: Draws, features: Sequence[int]) -> list[Element]:
    """The weight of all patterns in which the given features are active, by blocks on."""
    zero = draws.field.rational(0)
    totals = [draws.field.rational(1)]
    for block in draws.blocks:
        mine = {j for support, _ in block.supports for j in support} & set(features)
        off = zero if mine else block.off
        on = block.on * sum((q for s, q in block.supports if mine <= set(s)), zero)
        padded = [zero, *totals, zero]
        totals = [padded[k + 1] * off + padded[k] * on for k in range(len(totals) + 1)]
    return totals


def _pieces(a: Element, exponent: int) -> tuple[_Piece, _Piece]:
    """The weights of one feature at its two ends, by how far they raise the index of R."""
    if not a:
        return {0: 1 / (a * 0 + exponent + 1)}, {}
    low, high = {1: -1 / a}, {1: 1 / a}
    for e in range(1, exponent + 1):
        low = {d + 1: -w * e / a for d, w in low.items()}
        high = {1: 1 / a} | {d + 1: -w * e / a for d, w in high.items()}
    return low, high


def _corners(
    block: DrawnBlock,
    overlaps: Sequence[Element],
    pieces: Sequence[tuple[_Piece, _Piece]],
    exponents: Mapping[int, int],
) -> Iterator[tuple[Element | None, _Weights]]:
    """What a block adds to z at each of its corners, and the weights of the patterns there."""
    mine = {j for support, _ in block.supports for j in support} & set(exponents)
    fitting = [(s, q) for s, q in block.supports if mine <= set(s)]
    raised = (subset for s, _ in fitting for subset in subsets([j for j in s if overlaps[j]]))
    for corner in dict.fromkeys(chain([()], raised)):
        weights: _Weights = {(0, 0): block.off} if not corner and not mine else {}
        for support, q in fitting:
            if set(corner) <= set(support):
                ends = (pieces[j][j in corner] for j in support)
                for d, w in _product(ends, q * block.on).items():
                    weights[d, 1] = weights[d, 1] + w if (d, 1) in weights else w
        yield _total([overlaps[j] for j in corner]), weights


def _product(pieces: Iterator[_Piece], weight: Element) -> _Piece:
    total = {0: weight}
    for piece in pieces:
        product: _Piece = {}
        for d, v in total.items():
            for e, w in piece.items():
                product[d + e] = product[d + e] + v * w if d + e in product else v * w
        total = product
    return total


def _walk(
    z: Element,
    weights: _Weights,
    corners: Sequence[Sequence[tuple[Element | None, _Weights]]],
    visit: Callable[[Element, _Weights], None],
) -> None:
    if not corners:
        visit(z, weights)
        return
    for step, factor in corners[0]:
        _walk(z if step is None else z + step, _times(weights, factor), corners[1:], visit)


def _times(weights: _Weights, factor: _Weights) -> _Weights:
    product: _Weights = {}
    for (d, k), v in weights.items():
        for (e, on), w in factor.items():
            key = d + e, k + on
            product[key] = product[key] + v * w if key in product else v * w
    return product


def _collect(z: Element, k: int, weights: _Weights, totals: list[Element]) -> None:
    power, index = z**k, k
    for (d, on), weight in sorted(weights.items(), key=itemgetter(0)):
        while index < k + d:
            power, index = power * z, index + 1
        totals[on] = totals[on] + weight * power / factorial(index)


def _total(steps: Sequence[Element]) -> Element | None:
    return sum(steps[1:], steps[0]) if steps else None


def subsets(items: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All subsets, the smaller ones first."""
    return chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))
