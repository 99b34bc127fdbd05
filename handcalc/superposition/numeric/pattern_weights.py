"""The probabilities of all patterns of active features, for many models at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.numeric.arrays import Array, Arrays, fitted


@dataclass(frozen=True, slots=True)
class _Block:
    """A block in floating point: P(off) and P(on), None where S is a symbol.

    ``chances`` are those of each support given that the block is on; ``patterns`` are the bit
    masks of nothing and then of each support, ``features`` that of all its features.
    """

    off: float | None
    on: float | None
    chances: tuple[float, ...]
    patterns: tuple[int, ...]
    features: int


def most_active(distribution: Distribution, n: int) -> int:
    """The largest number of features that can be active together.

    >>> from handcalc.superposition.loss.distribution import OneActive
    >>> most_active(OneActive(4), 4)
    1
    """
    return sum(max(p.bit_count() for p in block.patterns) for block in _blocks(distribution, n))


def pattern_weights(
    arrays: Arrays, distribution: Distribution, n: int, models: int, sparsity: object = None
) -> Array:
    """P(A), of shape (models, 2ⁿ); feature i is active in pattern A if bit i of A is set.

    ``sparsity`` takes the place of a symbol S and fits shape (models, blocks); for independent
    features the blocks are the features. Errors: ``sparsity``, ``wrong_shape``.

    >>> import numpy
    >>> from handcalc.superposition.loss.distribution import SparseUniform
    >>> arrays = Arrays.of(numpy.ones(1))
    >>> pattern_weights(arrays, SparseUniform(), 2, 1, 0.25).tolist()
    [[0.0625, 0.1875, 0.1875, 0.5625]]
    """
    blocks = _blocks(distribution, n)
    off, on = _chances(arrays, blocks, models, sparsity)  # (models, blocks) each
    total = arrays.xp.ones_like(off[:, :1])
    for k, (block, matches) in enumerate(
        zip(blocks, _matches(distribution, n, arrays), strict=True)
    ):
        supports = on[:, k : k + 1] * arrays.floats(block.chances)[None, :]
        outcomes = arrays.xp.concat([off[:, k : k + 1], supports], axis=1)  # (models, outcomes)
        total = total * (outcomes @ matches)  # (models, 2ⁿ)
    return total


def _chances(
    arrays: Arrays, blocks: tuple[_Block, ...], models: int, sparsity: object
) -> tuple[Array, Array]:
    shape = models, len(blocks)
    known = [(block.off, block.on) for block in blocks]
    if sparsity is None:
        numbers = [(off, on) for off, on in known if off is not None and on is not None]
        if len(numbers) < len(blocks):
            raise InputError(
                "sparsity",
                "The distribution leaves S open: give it a sparsity, or type sparsity=… here.",
            )
        off, on = (arrays.floats(side)[None, :] for side in zip(*numbers, strict=True))
        return arrays.xp.broadcast_to(off, shape), arrays.xp.broadcast_to(on, shape)
    if any(off is not None for off, _ in known):
        raise InputError(
            "sparsity",
            "The distribution has a sparsity of its own, so sparsity=… must be left out; "
            "for one each model leave S open, as in SparseUniform().",
        )
    chosen = fitted(arrays, "sparsity", sparsity, shape)
    if not bool(arrays.xp.all((chosen >= 0) & (chosen <= 1))):
        raise InputError("sparsity", "Each sparsity is a probability, from 0 to 1.")
    return chosen, 1 - chosen


@lru_cache(maxsize=128)
def _blocks(distribution: Distribution, n: int) -> tuple[_Block, ...]:
    return tuple(
        _Block(
            off=None if block.sparsity is None else to_float(block.sparsity),
            on=None if block.sparsity is None else to_float(1 - block.sparsity),
            chances=tuple(to_float(chance) for _, chance in block.supports),
            patterns=(0, *(sum(1 << j for j in support) for support, _ in block.supports)),
            features=sum(1 << j for j in {j for support, _ in block.supports for j in support}),
        )
        for block in distribution.blocks(n)
    )


@lru_cache(maxsize=32)
def _matches(distribution: Distribution, n: int, arrays: Arrays) -> tuple[Array, ...]:
    """For each block, of shape (outcomes, 2ⁿ): 1 where a pattern agrees with an outcome, else 0."""
    return tuple(
        arrays.floats(
            [[float(A & block.features == p) for A in range(1 << n)] for p in block.patterns]
        )
        for block in _blocks(distribution, n)
    )
