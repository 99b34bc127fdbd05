"""Models that were trained on a data set beside what is exact: a constant output, a polygon."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import cos, pi

import torch
from torch import Tensor

from handcalc.display import Displayed
from handcalc.export import Tabular
from handcalc.wording import counted
from torchsim.comparison.numbered import Numbered
from torchsim.datasets.points import data_points, unseen_points
from torchsim.datasets.run import DatasetRun, TrainedOnDataset
from torchsim.datasets.specification import DatasetSpec

_MOST_WORK = 1 << 17  # numbers of a data set whose loss is worked in fractions


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DatasetCompared(Displayed):
    """The best restart of one configuration, beside what is exact.

    ``restart`` counts from 0. ``loss`` is that on the data set, and ``exact`` the same in
    fractions, of the weights and data points that the floats are; None for large sets. ``unseen``
    with its ``standard_error`` is that on other inputs. ``constant`` and ``constant_unseen`` are
    what the best output loses there that is the same for every input, the mean of these inputs:
    1 − ‖mean‖², as each has length 1.
    ``shared`` counts the pairs of data points that have a feature in common; where there is none,
    ``radius`` is that of the regular polygon on which all of them come back without loss, else
    None. ``points`` has D of each data point, ``features`` of each feature that is held.
    """

    model: DatasetSpec
    restart: int
    loss: float
    exact: Fraction | None
    unseen: float
    standard_error: float
    constant: float
    constant_unseen: float
    shared: int
    radius: float | None
    points: tuple[float, ...]
    features: tuple[float, ...]

    def __repr__(self) -> str:
        said = f"loss {self.loss:.3g} on the data set, {self.unseen:.3g} on unseen inputs"
        return f"<DatasetCompared: {self.model.in_short}, {said}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DatasetComparison(Numbered, Displayed, Tabular):
    """Every model of a run, in the order of its specification, but those that ``failed``."""

    models: tuple[DatasetCompared, ...]
    failed: Mapping[int, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        most = max(each.unseen for each in self.models)
        count = counted(len(self.models), "model")
        return f"<DatasetComparison: {count}, up to {most:.3g} on unseen inputs>"

    def columns(self) -> dict[str, Sequence[object]]:
        """A row for each model: its losses beside those of a constant, and what is held."""
        names = ("loss", "unseen", "constant", "constant_unseen", "shared", "radius")
        found: dict[str, Sequence[object]] = {
            name: [getattr(each, name) for each in self.models] for name in names
        }
        return {
            "model": self.numbers,
            "points": [each.model.points for each in self.models],
            **found,
            "held": [len(each.features) for each in self.models],
        }


def compare_datasets(
    run: DatasetRun, on_progress: Callable[[int, int], None] | None = None
) -> DatasetComparison:
    """For each model of a run, of its restarts the best, all that ``DatasetCompared`` holds.

    ``on_progress`` hears how many of how many are done.

    >>> from torchsim.datasets.specification import DatasetTraining
    >>> from torchsim.datasets.training import train
    >>> model = DatasetSpec.of(40, 2, 3, "9/10", steps=400)
    >>> [found] = compare_datasets(train(DatasetTraining((model,), restarts=4))).models
    >>> abs(float(found.exact) - found.loss) < 1e-12
    True
    """
    models = []
    for trained in run.trained:
        models.append(_compared(trained))
        if on_progress is not None:
            on_progress(len(models), len(run.trained))
    return DatasetComparison(tuple(models))


def _compared(trained: TrainedOnDataset) -> DatasetCompared:
    """The best restart of one configuration."""
    best, model, X = trained.best, trained.model, trained.points
    few = model.points * model.features <= _MOST_WORK
    shared = shared_pairs(X)
    D = trained.feature_dimensionality
    return DatasetCompared(
        model=model,
        restart=best,
        loss=float(trained.loss[best]),
        exact=loss_in_fractions(trained.W[best], trained.b[best], X) if few else None,
        unseen=float(trained.unseen[best]),
        standard_error=float(trained.standard_error[best]),
        constant=1 - float(X.mean(0).square().sum()),
        constant_unseen=1 - float(unseen_points(model).mean(0).square().sum()),
        shared=shared,
        radius=None if shared else polygon_radius(model.points, model.hidden),
        points=tuple(trained.point_dimensionality.tolist()),
        features=tuple(float(D[i - 1]) for i in trained.held),
    )


def loss_in_fractions(W: Tensor, b: Tensor, X: Tensor) -> Fraction:
    """The mean of ‖x − ReLU(W Wᵀx + b)‖² over the rows x of X, without any rounding.

    W is (n, m), b (n,) and X (T, n); each float is the fraction that it stands for.

    >>> W = torch.tensor([[0.5], [0.5]])
    >>> loss_in_fractions(W, torch.zeros(2), torch.tensor([[1.0, 0.0], [0.0, 0.5]]))
    Fraction(25, 64)
    """
    rows, inputs = (
        [[Fraction(value) for value in row] for row in matrix.tolist()] for matrix in (W, X)
    )
    bias = [Fraction(value) for value in b.tolist()]
    total = Fraction(0)
    for x in inputs:
        on = [(row, value) for row, value in zip(rows, x, strict=True) if value]
        h = [sum((row[k] * value for row, value in on), Fraction(0)) for k in range(W.shape[1])]
        for row, c, value in zip(rows, bias, x, strict=True):
            z = sum((w * part for w, part in zip(row, h, strict=True)), c)
            total += (value - max(z, Fraction(0))) ** 2
    return total / len(inputs)


def shared_pairs(X: Tensor) -> int:
    """How many pairs of data points, rows of X, have an active feature in common.

    >>> shared_pairs(torch.tensor([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))
    1
    """
    on = (X > 0).double()
    return int(((on @ on.T) > 0).triu(1).sum())


def polygon_radius(points: int, hidden: int) -> float | None:
    """r = 1/√(1 − cos(2π/T)): the least radius of a regular T-gon that loses no data point.

    Let no two of T data points of length 1 have a feature in common, and v₁ … v_T stand on a
    regular T-gon of radius r. With W = Σ xₜ vₜᵀ, hₜ = vₜ, as xₛ·xₜ is 0 for s ≠ t. With the bias
    (1 − r²) xₜᵢ at the features i of point t, output i at point s is xₜᵢ ReLU(vₜ·vₛ + 1 − r²):
    xₜᵢ where s is t, and 0 for all others if r² (1 − cos(2π/T)) ≥ 1. So any number of such points
    has room in two dimensions. In one dimension two have, at ±r; None for more. Source: derived
    here.

    >>> polygon_radius(4, 2), polygon_radius(3, 1)
    (1.0, None)
    """
    if points == 1:
        return 1.0  # anywhere, without a bias
    return None if hidden == 1 and points > 2 else float((1 - cos(2 * pi / points)) ** -0.5)


def polygon_weights(model: DatasetSpec) -> tuple[Tensor, Tensor] | None:
    """W (n, m) and b (n,) of that polygon; None where data points share features, or lack room.

    >>> model = DatasetSpec.of(40, 2, 1, "9/10")
    >>> loss_in_fractions(*polygon_weights(model), data_points(model)) < 1e-30
    True
    """
    X = data_points(model)
    radius = polygon_radius(model.points, model.hidden)
    if radius is None or shared_pairs(X):
        return None
    angles = torch.arange(model.points, dtype=torch.float64) * (2 * pi / model.points)
    corners = torch.zeros(model.points, model.hidden, dtype=torch.float64)
    for k, across in enumerate((angles.cos(), angles.sin())[: model.hidden]):
        corners[:, k] = radius * across
    return X.T @ corners, (1 - radius**2) * X.sum(0)
