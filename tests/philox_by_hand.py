"""Philox4x32-10 in Python's whole numbers, read from the paper: the judge of the tensors."""

from __future__ import annotations

WORD = 1 << 32


def block(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Salmon et al. 2011, section 3.3: L and R in pairs, ten rounds, the key bumped between."""
    left0, right0, left1, right1 = counter
    for i in range(10):
        high0, low0 = divmod(left0 * 0xD2511F53, WORD)
        high1, low1 = divmod(left1 * 0xCD9E8D57, WORD)
        key0 = (key[0] + i * 0x9E3779B9) % WORD
        key1 = (key[1] + i * 0xBB67AE85) % WORD
        left0, right0 = high1 ^ key0 ^ right0, low1
        left1, right1 = high0 ^ key1 ^ right1, low0
    return left0, right0, left1, right1


def number(k: int, i: int, *, step: int, purpose: int, seed: int, restart: int) -> int:
    """Number k of row i: lane k mod 4 of its block."""
    return block((k // 4, step, i, purpose), (seed, restart))[k % 4]
