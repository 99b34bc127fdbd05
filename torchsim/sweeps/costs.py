"""About what a cell costs, so that a shard is some seconds of work on any machine.

The numbers are rough, and always the same: which cells are trained together must not depend on how
busy a machine was, or a sweep that was stopped would go on with other shards.
"""

from __future__ import annotations

from torchsim.specification import TrainingSpec

_SHARD = 2.0  # seconds of one core
_MOST = 256  # cells
_EVALUATIONS = 85  # of a descent: between 40 and 180 were seen
_LOSS = 1.2e-8  # seconds, a row of the tables of the exact loss and its gradient
_SAMPLE = 8e-11  # seconds, a multiplication on samples
_JUDGING = 2e-8  # seconds, a feature of a sample that training did not see


def seconds_of(spec: TrainingSpec) -> float:
    """About how many seconds one core takes for a model of a specification.

    >>> from torchsim.specification import ModelSpec
    >>> seconds_of(TrainingSpec((ModelSpec.of(3, 2, "1/2"),))) < 1
    True
    """
    n, m = spec.models[0].features, spec.models[0].hidden
    judging = _JUDGING * (1 << 14) * n
    if spec.trainer == "exact":
        return spec.restarts * (_EVALUATIONS * _LOSS * n * 3.0**n + judging)
    work = spec.steps * spec.batch * n * (3 * m + 10)
    return spec.restarts * (_SAMPLE * work + judging)


def cells_together(spec: TrainingSpec) -> int:
    """How many models like that of a specification make a shard, from 1 to 256.

    >>> from torchsim.specification import ModelSpec
    >>> cells_together(TrainingSpec((ModelSpec.of(8, 2, "1/2"),)))
    1
    """
    return max(1, min(_MOST, round(_SHARD / seconds_of(spec))))
