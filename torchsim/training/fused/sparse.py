"""Products with inputs, or errors, that are nearly all 0: they cost what is not.

The samples of what is active lie apart, so here it is the dimensions that a processor's vectors
hold: rows of W and of hᵀ, filled up with zeros to whole vectors.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from torchsim.training.fused.compiled import Floats, reordered

LANES = 16
"""Rows are filled up to multiples of this."""

MOST = 0.05
"""Where more than so many are active, it costs less to multiply all."""

MANY = -1
"""What stands in the place of the first end then."""

CHUNK = 32
"""So many samples are looked at together, and mostly passed over; columns are multiples of it."""


class Active(NamedTuple):
    """Where a matrix (n, count) is not 0: row i has ``columns[ends[i]:ends[i + 1]]``."""

    ends: NDArray[np.int64]  # (n + 1,)
    columns: NDArray[np.int32]  # room for all
    values: Floats


class Padded(NamedTuple):
    """Memory for rows that are filled up with zeros."""

    rows: Floats  # (n, padded), those of W
    across: Floats  # (count, padded), hᵀ or another matrix with samples as rows
    sums: Floats  # (padded,)


@reordered
def find(x: Floats, count: int, active: Active) -> None:
    """Write down where the first ``count`` columns of ``x`` are not 0, unless that is at many."""
    if _active(x, count) > MOST * x.shape[0] * count:
        active.ends[0] = MANY
        return
    found = 0
    for i in range(x.shape[0]):
        active.ends[i] = found
        for first in range(0, count, CHUNK):
            total = x.dtype.type(0)
            for k in range(CHUNK):  # what is beyond ``count`` does no harm
                total += abs(x[i, first + k])
            if total == 0:
                continue
            for k in range(first, min(first + CHUNK, count)):
                if x[i, k] != 0:
                    active.columns[found], active.values[found] = k, x[i, k]
                    found += 1
    active.ends[x.shape[0]] = found


@reordered
def _active(x: Floats, count: int) -> float:
    """How many numbers are not 0: quickly said, where finding them takes a while."""
    found = 0.0
    for i in range(x.shape[0]):
        some = x.dtype.type(0)  # exact up to 2²⁴
        for k in range(count):
            some += x.dtype.type(x[i, k] != 0)
        found += float(some)
    return found


@reordered
def descend(out: Floats, active: Active, padded: Padded, count: int) -> None:
    """out = Wᵀx (m, …) on ``count`` samples."""
    across, rows = padded.across, padded.rows
    across[:count] = 0
    for i in range(rows.shape[0]):
        for place in range(active.ends[i], active.ends[i + 1]):
            k, value = active.columns[place], active.values[place]
            for j in range(rows.shape[1]):
                across[k, j] += value * rows[i, j]
    for j in range(out.shape[0]):
        for k in range(count):
            out[j, k] = across[k, j]


@reordered
def add_outer_of_active(
    out: Floats, active: Active, columns: Floats, padded: Padded, count: int
) -> None:
    """Add x · columnsᵀ to ``out`` (n, m) and more columns, ``columns`` being (m, …)."""
    across, sums = padded.across, padded.sums
    for j in range(columns.shape[0]):
        for k in range(count):
            across[k, j] = columns[j, k]
    for i in range(out.shape[0]):
        sums[:] = 0
        for place in range(active.ends[i], active.ends[i + 1]):
            k, value = active.columns[place], active.values[place]
            for j in range(sums.size):
                sums[j] += value * across[k, j]
        for j in range(columns.shape[0]):
            out[i, j] += sums[j]
