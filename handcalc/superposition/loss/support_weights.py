"""The blocks of a distribution with weights in one field, and how probable supports are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from handcalc.numbers.field import Element, Field
from handcalc.superposition.loss.distribution import Block


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
