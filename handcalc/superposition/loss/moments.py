"""Exact expectations of a clipped linear form, over all patterns of active features at once.

With R_k(t) = max(t, 0)^k / k!, one feature is integrated out of x^e·R_k(c + a·x) by parts,

    ∫₀¹ x^e R_k(c + a·x) dx = Σ_{r=0…e} (−1)^r e!/(e−r)! R_{k+1+r}(c + a)/a^{r+1}
                              − (−1)^e e! R_{k+1+e}(c)/a^{e+1},

so every feature ends at one of its two ends: it adds 0 or a to the form, with a weight, and raises
the index of R. Block after block of a distribution is integrated out in this way; at each corner
that is reached, z is a number, and R_k(z) follows. R_{−1} is Dirac's δ, under the same rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, combinations, product
from math import comb, factorial, perm, prod
from typing import TypeAlias

import sympy

from handcalc.numbers.field import Element, Field
from handcalc.superposition.loss.distribution import Block, S

Monomial: TypeAlias = tuple[int, ...]
"""A product of features (from 0), ascending: x₀²x₂ is (0, 0, 2), and 1 is ()."""

_Moment: TypeAlias = tuple[int, Monomial, int]
"""The index of R, the monomial that it is multiplied with, and how many blocks are on."""

_Raised: TypeAlias = "dict[int, Element]"
"""Weights by how far the index of R is raised."""

_Corner: TypeAlias = "tuple[Element | None, tuple[tuple[int, Element, int], ...]]"
"""What is added to z, and terms (place, weight, source): that moment gets weight · source."""


def clipped_moments(
    draws: SupportWeights,
    b: Element,
    overlaps: Sequence[Element],
    k: int,
    exponents: Mapping[int, int],
) -> list[Element]:
    """E[Π xⱼ^eⱼ · R_k(b + a·x)] for k ≥ −1, by blocks on where ``draws`` are shared.

    ``overlaps`` is a, of length n; ``exponents`` holds the eⱼ ≥ 1 by feature (from 0). Inactive
    features are 0. R_0(0) and R_{−1}(0) count as 0.

    >>> from handcalc.numbers.field import Field
    >>> from handcalc.superposition.loss.distribution import SparseUniform
    >>> one = Field().rational(1)
    >>> draws = SupportWeights.of(one.field, SparseUniform(0).blocks(1), by_count=False)
    >>> clipped_moments(draws, -one, [2 * one], 1, {0: 1})  # the integral of x(2x − 1) from ½ to 1
    [Element(5/24)]
    """
    moment = k, tuple(sorted(Counter(exponents).elements()))
    return clipped_table(draws, b, overlaps, [moment])[moment]


def clipped_table(
    draws: SupportWeights,
    b: Element,
    overlaps: Sequence[Element],
    wanted: Iterable[tuple[int, Monomial]],
) -> dict[tuple[int, Monomial], list[Element]]:
    """E[u·R_k(b + a·x)] for every pair (k, u) that is wanted, u a monomial, in one go.

    >>> from handcalc.numbers.field import Field
    >>> from handcalc.superposition.loss.distribution import SparseUniform
    >>> one = Field().rational(1)
    >>> draws = SupportWeights.of(one.field, SparseUniform("1/2").blocks(2), by_count=False)
    >>> clipped_table(draws, one, [one, -one], [(0, (0, 1)), (1, (0, 0))])
    {(0, (0, 1)): [Element(1/16)], (1, (0, 0)): [Element(1/4)]}
    """
    asked, zero = list(dict.fromkeys(wanted)), draws.field.rational(0)
    moments = [(k, u, on) for k, u in asked for on in range(draws.length)]
    values = _Plan.of(draws, overlaps, moments).values(b) or [None] * len(moments)
    each = iter([zero if value is None else value for value in values])
    return {pair: [next(each) for _ in range(draws.length)] for pair in asked}


@dataclass(frozen=True, slots=True)
class _Plan:
    """How moments follow, block by block, from moments over the blocks that are left.

    ``levels`` holds for each block how many moments are made, and its corners; ``powers`` the
    moments over no block: the index k of each R_k, and 1/k!.
    """

    levels: tuple[tuple[int, tuple[_Corner, ...]], ...]
    powers: tuple[tuple[int, Element], ...]

    @classmethod
    def of(
        cls, draws: SupportWeights, overlaps: Sequence[Element], moments: Sequence[_Moment]
    ) -> _Plan:
        """The plan for moments, with the blocks first that most of them have features of."""
        # A block's features leave the monomials with it, so that moments that differ in them
        # alone become one: those in most monomials go first, where they still save the most.
        uses = Counter(chain.from_iterable(set(u) for _, u, _ in moments))
        blocks = [_Ends.of(block, overlaps, draws.shared) for block in draws.blocks]
        blocks.sort(key=lambda ends: -sum(uses[j] for j in ends.features))
        levels = []
        # Level by level: which corners the block has, and for each the moments over the rest that
        # those asked for are made of, with their weights. None of it depends on b or on where z
        # stands, so it is worked out once, and not at each of the 2ⁿ corners that are walked.
        for left, ends in zip(reversed(range(len(blocks))), blocks, strict=True):
            places: dict[_Moment, int] = {}
            parts = [
                (
                    tuple(j for j in u if j in ends.features),
                    (k, tuple(j for j in u if j not in ends.features), on),
                )
                for k, u, on in moments
            ]
            corners = tuple(_corner(ends, up, parts, places, left) for up in ends.corners())
            levels.append((len(moments), corners))
            moments = list(places)
        one = draws.field.rational(1)
        return cls(tuple(levels), tuple((k, one / factorial(max(k, 0))) for k, _, _ in moments))

    def values(self, z: Element, level: int = 0) -> Sequence[Element | None] | None:
        """The moments at a z that the blocks before ``level`` have made; None where it is 0."""
        # Corners are walked depth first, each z made from the one above it by one addition; all
        # moments that are asked for share the walk, and what is clipped is never multiplied.
        if level == len(self.levels):
            return self._powers(z) if z.sign() > 0 else None
        size, corners = self.levels[level]
        values: list[Element | None] = [None] * size
        for step, terms in corners:
            rest = self.values(z if step is None else z + step, level + 1)
            if rest is None:
                continue
            for place, weight, source in terms:
                value = rest[source]
                if value is not None:
                    known, term = values[place], weight * value
                    values[place] = term if known is None else known + term
        return values

    def _powers(self, z: Element) -> Sequence[Element | None]:
        known = [z * 0 + 1]
        for _ in range(max((k for k, _ in self.powers), default=0)):
            known.append(known[-1] * z)
        return [known[k] * weight if k >= 0 else None for k, weight in self.powers]


@dataclass(frozen=True, slots=True)
class _Ends:
    """Boundary terms at 0 and 1 after integrating a block's features by parts.

    ``bases`` holds each support, how many of its overlaps a are not 0, and q·Π 1/a over those;
    ``factor`` tells what a power x^e of a feature changes at its lower or its upper end.
    """

    block: DrawnBlock
    overlaps: Sequence[Element]
    counted: int
    features: frozenset[int]
    bases: tuple[tuple[frozenset[int], int, Element], ...]
    factor: Callable[[int, int, bool], _Raised]

    @classmethod
    def of(cls, block: DrawnBlock, overlaps: Sequence[Element], shared: bool) -> _Ends:
        # Each feature with a ≠ 0 divides by a once, at either of its ends: what all corners of a
        # support have in common is worked out here. One with a = 0 is no part of z, and has none.
        bases = []
        for support, q in block.supports:
            slopes = [overlaps[j] for j in support if overlaps[j]]
            base = prod((1 / a for a in slopes), start=q * block.on)
            bases.append((frozenset(support), len(slopes), base))
        features = frozenset(chain.from_iterable(support for support, _ in block.supports))
        factor = cache(lambda j, e, upper: _factor(overlaps[j], e, upper))
        return cls(block, overlaps, int(shared), features, tuple(bases), factor)

    def corners(self) -> Iterable[tuple[int, ...]]:
        """The sets of features at their upper ends; a feature that adds nothing to z has one."""
        slopes = ([j for j in s if self.overlaps[j]] for s, _ in self.block.supports)
        return dict.fromkeys(chain([()], *map(subsets, slopes)))

    def weights(self, up: tuple[int, ...], u: Monomial) -> dict[tuple[int, int], Element]:
        """A monomial's weights at a corner, by how far R is raised and whether the block is on."""
        weights: dict[tuple[int, int], Element] = {}
        if not up and not u and self.block.off:
            weights[0, 0] = self.block.off
        for support, raised, base in self.bases:
            # a support without a feature that the monomial has, or that is at its upper end, is 0
            if support.issuperset(up) and support.issuperset(u):
                terms = {raised: base * (-1) ** (raised - len(up))}  # − for each lower end
                for j, exponent in Counter(u).items():
                    terms = _times(terms, self.factor(j, exponent, j in up))
                for d, weight in terms.items():
                    key = d, self.counted
                    weights[key] = weights[key] + weight if key in weights else weight
        return weights


def _factor(a: Element, e: int, upper: bool) -> _Raised:
    """What the power x^e changes in the weights of a feature's end."""
    if not a:
        return {0: 1 / (a * 0 + e + 1)}
    return {r: (-1 / a) ** r * perm(e, r) for r in (range(e + 1) if upper else [e])}


def _times(terms: _Raised, factor: _Raised) -> _Raised:
    total: _Raised = {}
    for (d, v), (e, w) in product(terms.items(), factor.items()):
        total[d + e] = total[d + e] + v * w if d + e in total else v * w
    return total


def _corner(
    ends: _Ends,
    up: tuple[int, ...],
    parts: Sequence[tuple[Monomial, _Moment]],
    places: dict[_Moment, int],
    left: int,
) -> _Corner:
    """One corner of a block; ``places`` gathers the moments needed over the ``left`` blocks."""
    terms, weights = [], cache(lambda mine: ends.weights(up, mine))
    for place, (mine, (k, rest, on)) in enumerate(parts):
        for (d, more), weight in weights(mine).items():
            if 0 <= on - more <= left:
                source = places.setdefault((k + d, rest, on - more), len(places))
                terms.append((place, weight, source))
    steps = [ends.overlaps[j] for j in up]
    return sum(steps[1:], steps[0]) if steps else None, tuple(terms)


# --------------------------------------------------------------------------------------------------
# The blocks of a distribution with weights in one field, and how probable supports are.


@dataclass(frozen=True, slots=True)
class DrawnBlock:
    """A block in a field: the weights of off and on, and its supports with their probabilities."""

    off: Element
    on: Element
    supports: tuple[tuple[tuple[int, ...], Element], ...]


@dataclass(frozen=True, slots=True)
class SupportWeights:
    """The blocks of a distribution with numbers in one field.

    Where ``shared``, all blocks share one S (or the symbol S), off and on weigh 1, and results are
    coefficients: entry k, from 0 to B, the number of blocks on, must still be multiplied by
    S^(B−k)·(1 − S)^k. Otherwise the weights are S and 1 − S themselves, and a result has one entry:
    the expectation.
    """

    field: Field
    blocks: tuple[DrawnBlock, ...]
    shared: bool

    @classmethod
    def of(cls, field: Field, blocks: Sequence[Block], by_count: bool = True) -> SupportWeights:
        """The blocks of a distribution, in a field that is ready for their numbers.

        Without ``by_count``, only the symbol S leaves coefficients, not a number that all share.
        """
        sparsities = {block.sparsity for block in blocks}
        shared = len(sparsities) == 1 and (by_count or None in sparsities)
        one = field.rational(1)
        drawn = []
        for block in blocks:
            off = one if shared else field.from_sympy(block.sparsity)
            supports = tuple((s, field.from_sympy(q)) for s, q in block.supports)
            drawn.append(DrawnBlock(off, one if shared else 1 - off, supports))
        return cls(field, tuple(drawn), shared)

    @property
    def length(self) -> int:
        """How many entries a result has."""
        return len(self.blocks) + 1 if self.shared else 1

    def value(self, counts: Sequence[Element], sparsity: Element | None = None) -> sympy.Expr:
        """A result as a number, Σ (1 − S)^k S^(B−k) cₖ for a shared S, or in the symbol S."""
        if not self.shared:
            return counts[0].to_sympy()
        last, s = len(counts) - 1, sparsity
        if s is not None:
            weighted = [c * (1 - s) ** k * s ** (last - k) for k, c in enumerate(counts)]
            return sum(weighted[1:], weighted[0]).to_sympy()
        powers = [counts[0] * 0] * (last + 1)
        for k, c in enumerate(counts):
            for j in range(k + 1):
                powers[last - k + j] = powers[last - k + j] + c * (comb(k, j) * (-1) ** j)
        return sympy.Add(*(c.to_sympy() * S**j for j, c in enumerate(powers)))

    def patterns(self) -> dict[tuple[int, ...], list[Element]]:
        """The sets of features (from 0) that can be active together, each with its weight.

        >>> from handcalc.superposition.loss.distribution import SparseUniform
        >>> SupportWeights.of(Field(), SparseUniform("1/3").blocks(1), by_count=False).patterns()
        {(): [Element(1/3)], (0,): [Element(2/3)]}
        """
        zero, found = self.field.rational(0), dict[tuple[int, ...], list[Element]]()
        choices = [
            [((), block.off, 0), *((s, block.on * q, 1) for s, q in block.supports)]
            for block in self.blocks
        ]
        for drawn in product(*choices):
            weight = prod((w for _, w, _ in drawn), start=self.field.rational(1))
            if weight:
                active = tuple(sorted(chain.from_iterable(support for support, _, _ in drawn)))
                place = sum(on for _, _, on in drawn) if self.shared else 0
                counts = found.setdefault(active, [zero] * self.length)
                counts[place] = counts[place] + weight
        return found


def presence(
    draws: SupportWeights, features: Iterable[int], absent: Iterable[int] = ()
) -> list[Element]:
    """The weight of the patterns with all ``features`` active and none ``absent``, by blocks on.

    Features count from 0.

    >>> from handcalc.superposition.loss.distribution import SparseUniform
    >>> draws = SupportWeights.of(Field(), SparseUniform("1/3").blocks(3), by_count=False)
    >>> presence(draws, [0], absent=[1, 2])
    [Element(2/27)]
    """
    zero, present, gone = draws.field.rational(0), set(features), set(absent)
    totals = [draws.field.rational(1)]
    for block in draws.blocks:
        mine = {j for support, _ in block.supports for j in support} & present
        fitting = (q for s, q in block.supports if mine <= set(s) and not gone & set(s))
        off, on = zero if mine else block.off, block.on * sum(fitting, zero)
        if draws.shared:
            padded = [zero, *totals, zero]
            totals = [padded[k + 1] * off + padded[k] * on for k in range(len(totals) + 1)]
        else:
            totals = [totals[0] * (off + on)]
    return totals


def subsets(items: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All subsets, the smaller ones first."""
    return chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))
