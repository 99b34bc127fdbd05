"""The rows of the tables: assignments of {0, 1, *} to features, and where each one's faces are.

Only those that a distribution has use for: its possible sets of active features, stars where a
feature is active and 0 elsewhere, and what fixing stars at 0 or 1 leads to from there. They stand
in the order of their digits, read with 0 < 1 < *, so faces come before what they are faces of.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.numeric.patterns import float_blocks

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]

STAR = 2


class AssignmentRows(NamedTuple):
    """The assignments, and the possible sets of active features among them.

    ``places`` has one entry for each star of each row, those of row s from ``first[s]`` to
    ``first[s + 1]``: the star's feature, and the rows in which it is fixed at 1 and at 0. ``ones``
    has the row in which a feature is fixed at 1, where it is a star.
    """

    digits: NDArray[np.int8]  # (rows, n)
    shared: Integers  # (rows,), how many digits a row begins with as the row before does
    first: Integers  # (rows + 1,)
    places: Integers  # (stars of all rows, 3)
    ones: Integers  # (rows, n)
    patterns: Integers  # (patterns,), the rows that are sets of active features
    outcomes: Integers  # (patterns, blocks), which outcome of each block makes the set
    chances: Floats  # (blocks, outcomes, 2): P(outcome) is the first · P(off) + the other · P(on)


@lru_cache(maxsize=32)
def rows_of(distribution: Distribution, n: int) -> AssignmentRows:
    """The rows that the sets of a distribution of n features need.

    >>> from handcalc.superposition.loss.distribution import OneActive, SparseUniform
    >>> rows_of(SparseUniform(), 5).digits.shape[0] == 3**5
    True
    >>> rows_of(OneActive(3), 3).digits.tolist()
    [[0, 0, 0], [0, 0, 1], [0, 0, 2], [0, 1, 0], [0, 2, 0], [1, 0, 0], [2, 0, 0]]
    """
    powers = 3 ** np.arange(n)[::-1]
    masks, outcomes, chances = _patterns(distribution, n)
    numbers = STAR * ((masks[:, None] >> np.arange(n)) & 1) @ powers  # in base three
    needed = np.zeros(3**n, np.bool_)
    needed[numbers] = True
    for power in powers.tolist():
        by_digit = needed.reshape(-1, 3, power)
        by_digit[:, :STAR] |= by_digit[:, STAR:]
    assignments = np.flatnonzero(needed)
    place = np.cumsum(needed) - 1
    digits = assignments[:, None] // powers % 3
    rows, features = np.nonzero(digits == STAR)
    stars, steps = assignments[rows], powers[features]
    on, off = place[stars - steps], place[stars - 2 * steps]
    ones = np.zeros(digits.shape, np.int32)
    ones[rows, features] = on
    changed = digits[1:] != digits[:-1]
    return AssignmentRows(
        digits=digits.astype(np.int8),
        shared=np.concatenate([[0], np.argmax(changed, axis=1)]).astype(np.int32),
        first=np.searchsorted(rows, np.arange(assignments.size + 1)).astype(np.int32),
        places=np.stack([features, on, off], axis=1).astype(np.int32),
        ones=ones,
        patterns=place[numbers].astype(np.int32),
        outcomes=outcomes,
        chances=chances,
    )


def _patterns(distribution: Distribution, n: int) -> tuple[NDArray[np.int64], Integers, Floats]:
    """All sets that can be active, as bit masks, which outcomes make them, and their chances."""
    blocks = float_blocks(distribution, n)
    # an outcome that two supports share, or a support and off, is one
    each = [list(dict.fromkeys(block.patterns)) for block in blocks]
    chances = np.zeros((len(blocks), max(map(len, each)), 2))
    for table, block, outcomes in zip(chances, blocks, each, strict=True):
        table[0, 0] = 1
        for mask, chance in zip(block.patterns[1:], block.chances, strict=True):
            table[outcomes.index(mask), 1] += chance
    choices = np.asarray(list(product(*(range(len(outcomes)) for outcomes in each))), np.int32)
    masks = np.asarray([sum(masks) for masks in product(*each)], np.int64)
    return masks, choices, chances
