"""What claims look at: the best weights of a trained model, which features it holds, its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import sympy

from handcalc.superposition.phases.fates import REPRESENTED, length, shared
from handcalc.superposition.problem import MAX_FEATURES

if TYPE_CHECKING:
    from handcalc.superposition.families import Family
    from torchsim.run import Trained
    from torchsim.specification import ModelSpec

__all__ = ["NEAR", "crowded", "density", "held", "rows", "shape", "shape_name"]

Rows: TypeAlias = "list[list[float]]"

NEAR = 0.15
"""Trained directions count as those of a regular shape up to this angle, about 9°."""


def rows(trained: Trained) -> Rows:
    """W of the best restart, n rows of m."""
    found: Rows = trained.W[trained.best].tolist()
    return found


def held(trained: Trained) -> tuple[int, ...]:
    """The features, from 1, whose arrow is at least half as long as that of a feature alone."""
    W = rows(trained)
    return tuple(i + 1 for i in range(len(W)) if length(W, i) >= REPRESENTED)


def crowded(trained: Trained) -> float:
    """The largest Σ_{j≠i} (Ŵᵢ·Wⱼ)² of a held feature; 0 where none is held."""
    W = rows(trained)
    return max((shared(W, i - 1) for i in held(trained)), default=0.0)


def density(model: ModelSpec) -> sympy.Expr:
    """p = 1 − S of the last feature, exactly."""
    sparsity = model.blocks[-1].sparsity
    return 1 - (sympy.Integer(0) if sparsity is None else sparsity)


def shape(trained: Trained) -> Family:
    """The family of the best restart, by the features that it holds, to ``NEAR``.

    What is left of a feature that is not held counts as dropped. Arrows of features that are always
    on are turned round where that gives the family a name: the loss stays the same.
    """
    W = rows(trained)
    kept = (length(W, i) >= REPRESENTED for i in range(len(W)))
    cleared = [row if keep else [0.0] * len(row) for row, keep in zip(W, kept, strict=True)]
    return _family(trained, cleared, NEAR)


def shape_name(trained: Trained) -> str | None:
    """The name of the best restart's family as a comparison has it, all rows counted.

    It is None beyond 8 features, where no name says much.
    """
    from torchsim.by_hand import TOLERANCE

    if trained.model.features > MAX_FEATURES:
        return None
    return _family(trained, rows(trained), TOLERANCE).name


def _family(trained: Trained, W: Rows, tolerance: float) -> Family:
    import numpy as np

    from torchsim.by_hand import turned

    b = trained.b[trained.best].tolist()
    return turned(np.asarray(W), np.asarray(b), trained.model, tolerance).family
