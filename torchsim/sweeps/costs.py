"""About what a cell costs, so that a shard is some seconds of work on any machine.

The numbers are rough, and always the same: which cells are trained together must not depend on how
busy a machine was, or a sweep that was stopped would go on with other shards.
"""

from __future__ import annotations

from torchsim.specification import Trainer

_SHARD = 2.0  # seconds of one core
_MOST = 256  # cells
_EVALUATIONS = 85  # of a descent: between 40 and 180 were seen
_LOSS = 1.2e-8  # seconds, a row of the tables of the exact loss and its gradient
_SAMPLE = 8e-11  # seconds, a multiplication on samples
_JUDGING = 2e-8  # seconds, a feature of a sample that training did not see


def cell_seconds(trainer: Trainer, n: int, m: int, restarts: int, samples: int) -> float:
    """About how many seconds one core takes for a model; ``samples`` are those of all its steps.

    >>> cell_seconds("exact", 3, 2, 32, 0) < cell_seconds("exact", 8, 2, 32, 0)
    True
    """
    judging = _JUDGING * (1 << 14) * n
    if trainer == "exact":
        return restarts * (_EVALUATIONS * _LOSS * n * 3.0**n + judging)
    return restarts * (_SAMPLE * samples * n * (3 * m + 10) + judging)


def cells_together(seconds: float) -> int:
    """How many cells of so many seconds make a shard, from 1 to 256.

    >>> cells_together(0.5), cells_together(60.0)
    (4, 1)
    """
    return max(1, min(_MOST, round(_SHARD / seconds)))
