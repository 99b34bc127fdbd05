"""What claims look at: the best weights of a trained model, which features it holds, its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import sympy

from handcalc.superposition.phases.regimes import REPRESENTED, length, shared

if TYPE_CHECKING:
    from handcalc.superposition.model.families import Family
    from torchsim.run import Trained
    from torchsim.specification import ModelSpec


Rows: TypeAlias = "list[list[float]]"


def rows(trained: Trained) -> Rows:
    """W of the best restart, n rows of m."""
    found: Rows = trained.W[trained.best].tolist()
    return found


def represented(trained: Trained) -> tuple[int, ...]:
    """The features, from 1, whose arrow is at least half as long as that of a feature alone."""
    W = rows(trained)
    return tuple(i + 1 for i in range(len(W)) if length(W, i) >= REPRESENTED)


def max_sharing(trained: Trained) -> float:
    """The largest Σ_{j≠i} (Ŵᵢ·Wⱼ)² of a held feature; 0 where none is held."""
    W = rows(trained)
    return max((shared(W, i - 1) for i in represented(trained)), default=0.0)


def density(model: ModelSpec) -> sympy.Expr:
    """p = 1 − S of the last feature, exactly."""
    sparsity = model.blocks[-1].sparsity
    return 1 - (sympy.Integer(0) if sparsity is None else sparsity)


def shape(trained: Trained) -> Family:
    """The family of the best restart, as every other place names it: see ``turned``."""
    import numpy as np

    from torchsim.comparison.named_shapes import turned

    W, b = (np.asarray(part[trained.best].tolist()) for part in (trained.W, trained.b))
    return turned(W, b, trained.model).family
