"""What happens during training: features fall into digons, two by two, and the loss with them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from handcalc.superposition.loss.distribution import Correlated
from torchsim.presets.experiment import Extent, Preset, PresetClaim
from torchsim.specification import ModelSpec

if TYPE_CHECKING:
    from torch import Tensor

    from torchsim.run import Trained, TrainingRun


_DIGON = 1 / 2
_NEAR = 0.05  # of the level of a digon
_LATER = 2  # so many times as late as the digon before a last one falls, to be a step of its own
_STEP = 4  # so many times as much the loss falls with it as in the time before
_ROUNDING = 1e-9  # of a mean of losses
_TRIPLES = Correlated(((1, 2, 3), (4, 5, 6)), "9/10")


def arrivals(trained: Trained, restart: int) -> list[int]:
    """From which record on each feature that ends in a digon stands on its level, in order."""
    shares = trained.history.dimensionality
    if shares is None:
        return []
    off = (shares[:, restart] - _DIGON).abs() > _NEAR
    ended = off[:, ~off[-1]].T
    return sorted(int(way.nonzero()[-1]) + 1 if way.any() else 0 for way in ended)


def has_late_digon(trained: Trained, restart: int) -> bool:
    """Whether a last digon falls long after the others, and the loss stands still until then."""
    found = arrivals(trained, restart)
    if len(found) < 4 or found[-1] < _LATER * found[-3]:
        return False
    losses: Tensor = trained.history.losses[:, restart]
    # it takes some time to fall: the first half of the time between is before that
    before, after = losses[found[-3] : (found[-3] + found[-1]) // 2], losses[found[-1] :]
    half = len(before) // 2
    stands = float((before[:half].mean() - before[half:].mean()).abs())
    return float(before.mean() - after.mean()) > _STEP * max(stands, _ROUNDING)


def levels(trained: Trained) -> list[tuple[int, list[float]]]:
    """How many features end in digons, the most first, and the losses of such restarts."""
    losses = trained.loss.tolist()
    each = [(len(arrivals(trained, r)), loss) for r, loss in enumerate(losses)]
    each.sort(key=lambda pair: (-pair[0], pair[1]))
    return [
        (count, [loss for _, loss in those])
        for count, those in groupby(each, key=lambda pair: pair[0])
    ]


def _holds(run: TrainingRun) -> bool:
    uniform, *_, triples = run.trained
    found = levels(uniform)
    ends = [loss for _, losses in found for loss in losses]
    return (
        all(count % 2 == 0 for count, _ in found)
        and ends == sorted(ends)  # no restart is below one with more digons
        and any(has_late_digon(uniform, r) for r in range(run.spec.restarts))
        and len(arrivals(triples, triples.best)) == triples.model.features
    )


def _models(seed: int, is_full: bool) -> tuple[ModelSpec, ...]:
    uniform, triples = (
        ModelSpec.of(60, 6, "2/3", seed=seed),
        ModelSpec.of(6, 3, distribution=_TRIPLES, seed=seed),
    )
    between = (ModelSpec.of(6, 3, "9/10", seed=seed),) if is_full else ()
    return uniform, *between, triples


PRESET = Preset(
    name="dynamics",
    title="Features fall into digons, two by two",
    story=(
        "What happens on the way, step by step. Of sixty features of one importance in six "
        "dimensions, each on one time in three, most are given up, and a few come to half a "
        "dimension each, as two that stand back to back. A feature may wait for the other one for "
        "thousands of steps, in which the loss stands; it falls as that one jumps. Beside it six "
        "features in three dimensions, two triples that are on together, end in three digons."
    ),
    source="Elhage et al. 2022, Superposition and Learning Dynamics",
    claim=PresetClaim(
        "Features of the uniform model end in digons by twos, and a model with more digons has a "
        "lower loss; a last digon falls long after the others, and only then does the loss fall "
        "again. The two triples end in three digons.",
        _holds,
    ),
    full=Extent(lambda seed: _models(seed, True), restarts=(32, 16), steps=12_000, batch=512),
    small=Extent(lambda seed: _models(seed, False), restarts=(8, 4), steps=8000, batch=512),
    optimiser="adam",
    seed=1,
    shows_the_way=True,
)
