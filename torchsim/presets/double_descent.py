"""From data points to features: what a toy model holds when its data set grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchsim.datasets.specification import DatasetSpec
from torchsim.presets.datasets import DatasetExtent, DatasetPreset
from torchsim.presets.experiment import PresetClaim

if TYPE_CHECKING:
    from torchsim.datasets.run import DatasetRun, TrainedOnDataset

_FULL = (5, 6, 8, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 1000)
_SMALL = (5, 6, 50, 500)
_FEW, _MANY = 6, 500  # data points, up to which they are memorised; from which features are held
_NOTHING = 1e-3  # so small a loss is none
_NEAR = 0.2  # part of 2/T, the dimensionality of T points on a regular polygon
_WORSE = 1.1  # times the unseen loss at either end


def _models(sizes: tuple[int, ...], steps: int, seed: int) -> tuple[DatasetSpec, ...]:
    return tuple(
        DatasetSpec.of(100, 2, T, "19/20", steps=steps, rate=2e-2, seed=seed) for T in sizes
    )


def _holds(run: DatasetRun) -> bool:
    few = [each for each in run.trained if each.model.points <= _FEW]
    many = [each for each in run.trained if each.model.points >= _MANY]
    between = [each for each in run.trained if _FEW < each.model.points < _MANY]
    ends = max(each.mean_unseen for each in (*few, *many))
    peak = max(each.mean_unseen for each in between)
    return (
        all(map(_memorises, few)) and all(map(_has_features, many)) and peak > _WORSE * max(1, ends)
    )


def _memorises(trained: TrainedOnDataset) -> bool:
    """Whether starts lose nothing, and most of these have their data points on a polygon."""
    from torchsim.run import dimensionalities  # which torch has to be there for

    alone = 2 / trained.model.points
    D = dimensionalities(trained.points @ trained.W)  # (restarts, T)
    regular = ((D - alone).abs() < _NEAR * alone).all(1)
    lossless = trained.loss < _NOTHING
    return bool(lossless.any() and regular[lossless].double().mean() > 1 / 2)


def _has_features(trained: TrainedOnDataset) -> bool:
    """Whether some five features are held, and no data point."""
    D = trained.feature_dimensionality
    held = [float(D[i - 1]) for i in trained.held]
    return (
        4 <= len(held) <= 6
        and all(1 / 4 < each < 1 / 2 for each in held)
        and bool(trained.point_dimensionality.max() < 0.1)
        and bool(trained.unseen.max() < 0.95)
    )


PRESET = DatasetPreset(
    name="double-descent",
    title="Few data points are memorised, many give way to features",
    story=(
        "A hundred features in two dimensions, five of them on at a time, and a fixed set of T "
        "data points, each of length 1. The model is trained on all of them in every step. Few "
        "points are memorised: their h stand as a regular polygon, as features would. With many "
        "points features take these places. In between neither comes out well, and on inputs that "
        "training did not see the model loses more than before and after: double descent."
    ),
    source="Henighan et al. 2023, Superposition, Memorization, and Double Descent",
    claim=PresetClaim(
        "Up to 6 data points some starts lose less than 0.001, and in most of these every point "
        "takes 2/T of a dimension, to a fifth. From 500 on, in the best start, 4 to 6 features are "
        "at least 1/2 long, each with 1/4 to 1/2 of a dimension, and every start loses less than "
        "0.95 on unseen inputs. Somewhere between, that loss, the mean of all starts, is a tenth "
        "higher than at both ends, and than 1.",
        _holds,
    ),
    full=DatasetExtent(lambda seed: _models(_FULL, 2000, seed), 8),
    small=DatasetExtent(lambda seed: _models(_SMALL, 1000, seed), 4),
    seed=61,
)
