"""A map along S that several tests look at, worked out once in each process."""

from __future__ import annotations

from functools import cache

from handcalc import PhaseMap, phase_map


@cache
def two_in_one() -> PhaseMap:
    """2 → 1 with equal importances: a crossing within one family."""
    return phase_map(2, 1, points=5)
