"""Philox: random numbers by their place, so that any of them can be had without the ones before.

A block of four 32-bit numbers is a scrambling of its *counter*, four words that say where the block
stands, under a *key*, two words that say which stream. Nothing is remembered from block to block:
the numbers are the same on every device, and however the work is cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor

RoundKeys: TypeAlias = tuple[tuple[Tensor, Tensor], ...]
_Words: TypeAlias = tuple[Tensor, Tensor, Tensor, Tensor]

WORDS = 1 << 32
"""A word is a whole number from 0 to 2³² − 1."""

_MASK = WORDS - 1
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
INCREMENTS = (0x9E3779B9, 0xBB67AE85)
ROUNDS = 10
_SPREAD = 4
"""After so many rounds each word depends on the whole counter and key, so all have one shape."""


def round_keys(first: Tensor, second: Tensor) -> RoundKeys:
    """The two key words of each of the ten rounds, from the two words of the key.

    Round r, from 0, takes word w + r·(increment of w), modulo 2³².

    >>> [int(word) for word in round_keys(torch.tensor(0), torch.tensor(1))[1]]
    [2654435769, 3144134278]
    """
    words = zip((first, second), INCREMENTS, strict=True)
    columns = ([(word + r * more) & _MASK for r in range(ROUNDS)] for word, more in words)
    return tuple(zip(*columns, strict=True))


def philox(counter: Sequence[Tensor], keys: RoundKeys) -> _Words:
    """The four numbers of each block: Philox4x32-10 of its ``counter`` under its ``round_keys``.

    ``counter`` is four tensors of words; they and the keys broadcast against each other. All are
    int64 and hold words from 0 to 2³² − 1, and so are the numbers. Source: Salmon et al. 2011,
    "Parallel Random Numbers: As Easy as 1, 2, 3", section 3.3.

    >>> zero = torch.tensor(0)
    >>> [f"{int(word):08x}" for word in philox((zero,) * 4, round_keys(zero, zero))]
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    c0, c1, c2, c3 = counter
    words = c0, c1, c2, c3
    for key in keys[:_SPREAD]:
        words = _round(words, key)
    words = _rounds_in_place(words, keys[_SPREAD:])
    return words[0], words[1].bitwise_and_(_MASK), words[2], words[3].bitwise_and_(_MASK)


def numbers(
    keys: RoundKeys, rows: Tensor, first: int, count: int, *, step: int, purpose: int
) -> Tensor:
    """Numbers ``first`` to ``first + count − 1`` of each row: (..., rows, count), whole, float64.

    Number k of row i is lane k mod 4 of the block with counter (⌊k/4⌋, ``step``, i, ``purpose``).
    ``keys`` are of shape (..., 1, 1); ``rows`` (rows,), ``step`` and ``purpose`` are words.

    >>> keys = round_keys(torch.tensor([[7]]), torch.tensor([[0]]))
    >>> some = numbers(keys, torch.arange(2), 0, 9, step=5, purpose=0)
    >>> torch.equal(some[:, 3:], numbers(keys, torch.arange(2), 3, 6, step=5, purpose=0))
    True
    """
    start = first // 4
    blocks = torch.arange(start, -(-(first + count) // 4), device=rows.device)
    counter = (blocks, torch.tensor(step), rows.unsqueeze(-1), torch.tensor(purpose))
    lanes = philox(counter, keys)
    drawn = torch.empty(*lanes[0].shape, 4, dtype=torch.float64, device=rows.device)
    for place, lane in enumerate(lanes):
        drawn[..., place] = lane
    return drawn.flatten(-2).narrow(-1, first - 4 * start, count)


def _round(words: _Words, key: tuple[Tensor, Tensor]) -> _Words:
    """One round, on words that broadcast: what is the same for many blocks is worked once.

    An int64 product keeps the low 64 bits, all that there are; its upper half has to be masked, as
    it may look negative. The lower half is masked before its next product, and not before.
    """
    c0, c1, c2, c3 = words
    p0, p1 = c0 * MULTIPLIERS[0], c2 * MULTIPLIERS[1]
    return (p1 >> 32 ^ c1 ^ key[0]) & _MASK, p1, (p0 >> 32 ^ c3 ^ key[1]) & _MASK, p0


def _rounds_in_place(words: _Words, keys: RoundKeys) -> _Words:
    """The same rounds on words of one shape, in the memory of the words and one tensor more."""
    c0, c1, c2, c3 = words
    upper = torch.empty_like(c1)
    for first, second in keys:
        p0, p1 = c0.mul_(MULTIPLIERS[0]), c2.mul_(MULTIPLIERS[1])
        torch.bitwise_right_shift(p1, 32, out=upper)
        c1.bitwise_xor_(upper).bitwise_xor_(first).bitwise_and_(_MASK)
        torch.bitwise_right_shift(p0, 32, out=upper)
        c3.bitwise_xor_(upper).bitwise_xor_(second).bitwise_and_(_MASK)
        c0, c1, c2, c3 = c1, p1, c3, p0
    return c0, c1, c2, c3
