"""Runs on a grid: the last feature's importance by the density of all, as in a phase diagram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.superposition.phases.regimes import FeatureRegime, counted_as_last
from torchsim.comparison.aligned import Floats
from torchsim.comparison.best_known import MOST_SEARCHED
from torchsim.specification import ModelSpec


def density(model: ModelSpec) -> float | None:
    """p = 1 − S of every block; None where blocks differ, and where there is no S.

    >>> density(ModelSpec.of(2, 1, "1/4")), density(ModelSpec.of(2, 1, "0 1/4"))
    (0.75, None)
    """
    sparsities = set(model.sparsities)
    return to_float(1 - sparsities.pop()) if len(sparsities) == 1 else None


@dataclass(frozen=True, slots=True)
class Grid:
    """Models of one size by the last importance and the density, both ascending.

    ``places`` has a row for each density, in it the number of the model (from 0) for each
    importance.
    """

    features: int
    hidden: int
    importances: tuple[float, ...]
    densities: tuple[float, ...]
    places: tuple[tuple[int, ...], ...]


def grids(models: Sequence[ModelSpec]) -> tuple[Grid, ...]:
    """The grids that models are made of, a grid for each size; none if there are other models.

    A grid has two importances and two densities at least, and one ReLU model for each pair; all
    features but the last have importance 1.
    """
    on_grids = (
        model.activation == "relu"
        and model.hidden < model.features <= MOST_SEARCHED
        and isinstance(model.distribution, SparseUniform)
        and bool(density(model))
        and all(weight == 1 for weight in model.importance[:-1])
        for model in models
    )
    if not all(on_grids):
        return ()
    sizes = dict.fromkeys((model.features, model.hidden) for model in models)
    found = [_grid(models, size) for size in sizes]
    return tuple(grid for grid in found if grid) if all(found) else ()


def outcome(W: Floats, alike: Sequence[object]) -> FeatureRegime:
    """The fate of the last feature; of those that are ``alike`` to it as in the exact diagram.

    >>> import numpy as np
    >>> outcome(np.asarray([[0.0], [1.0]]), (1, 2)).fate, outcome(np.eye(2, 1), (1, 1)).fate
    ('dedicated dimension', 'dedicated dimension')
    """
    rows = W.tolist()
    return FeatureRegime.of(rows, counted_as_last(rows, alike))


def _grid(models: Sequence[ModelSpec], size: tuple[int, int]) -> Grid | None:
    numbers = [i for i, model in enumerate(models) if (model.features, model.hidden) == size]
    at = {(density(models[i]) or 0.0, to_float(models[i].importance[-1])): i for i in numbers}
    densities, importances = (sorted({place[k] for place in at}) for k in (0, 1))
    whole = len(at) == len(numbers) == len(densities) * len(importances)
    if not whole or min(len(densities), len(importances)) < 2:
        return None
    places = tuple(tuple(at[p, r] for r in importances) for p in densities)
    return Grid(*size, tuple(importances), tuple(densities), places)
