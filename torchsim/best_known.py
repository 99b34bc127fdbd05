"""The best models known for what was trained: what a trained one is measured by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from handcalc.number import to_float
from handcalc.superposition.lossless import lossless
from handcalc.superposition.problem import MAX_FEATURES, Problem
from handcalc.superposition.search import search
from torchsim.losses import input_moments
from torchsim.specification import ModelSpec

__all__ = ["Best", "best_known", "linear_best"]

_Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """The model with the lowest loss known: ``W`` (n, m) and ``b`` (n,), and its exact loss.

    ``agreed`` of ``restarts`` descents of the search came as low; both are 0 where there was no
    search. ``proved`` says that nothing can be lower; what a search finds is not proved to be so.
    """

    loss: float
    W: _Floats
    b: _Floats
    restarts: int
    agreed: int
    proved: bool


def best_known(models: Sequence[ModelSpec]) -> tuple[Best | None, ...]:
    """The best model known for each configuration, or None.

    Problems without loss and linear models of any size have closed forms. ReLU models of up to 8
    features are searched for, those of one kind in one search; their seeds make no difference.
    Nothing is known of larger ReLU models that must lose something, nor of linear ones with
    features of different importance that are drawn together.

    >>> best = best_known([ModelSpec.of(2, 1, "1/2"), ModelSpec.of(9, 1, "1/2")])
    >>> round(best[0].loss, 10), best[0].proved, best[1]
    (0.076282447, False, None)
    """
    problems = [Problem(m.features, m.hidden, m.distribution, m.importance) for m in models]
    searched = [
        problem
        for model, problem in zip(models, problems, strict=True)
        if model.activation == "relu"
        and model.features <= MAX_FEATURES
        and lossless(problem) is None
    ]
    found = dict(_searched(list(dict.fromkeys(searched))))
    return tuple(
        _linear(model)
        if model.activation == "linear"
        else _without_loss(problem) or found.get(problem)
        for model, problem in zip(models, problems, strict=True)
    )


def _searched(problems: Sequence[Problem]) -> Iterator[tuple[Problem, Best]]:
    """The best minimum that a search finds for each problem, those of one kind searched at once."""
    kinds: dict[object, list[Problem]] = {}
    for problem in problems:
        sets = tuple(block.supports for block in problem.distribution.blocks(problem.features))
        kinds.setdefault((problem.features, problem.hidden, sets), []).append(problem)
    for alike in kinds.values():
        for problem, found in zip(alike, search(alike), strict=True):
            best = found.minima[0]
            W, b = np.asarray(best.W), np.asarray(best.b)
            yield problem, Best(best.loss, W, b, found.restarts, found.agreed, proved=False)


def _without_loss(problem: Problem) -> Best | None:
    model = lossless(problem)
    if model is None:
        return None
    W = np.asarray([[to_float(value) for value in row] for row in model.W])
    b = np.asarray([to_float(value) for value in model.b])
    return Best(0.0, W, b, restarts=0, agreed=0, proved=True)


# -- linear models --------------------------------------------------------------------------------


def linear_best(model: ModelSpec) -> float:
    """The lowest loss known without a ReLU, which the best ReLU model's loss never exceeds.

    Of features drawn each by itself the m with the largest Iᵢv(pᵢ), v(p) = p/3 − p²/4, are kept
    exactly and the others replaced by their means: L is the sum of the other Iᵢv(pᵢ). For features
    that are drawn together this is still a bound. Inputs are at least 0, so a ReLU behind a linear
    model brings no output further away from them.

    Source: Elhage et al. 2022, "Demonstrating Superposition" (PCA); derived here.

    >>> abs(linear_best(ModelSpec.of(3, 2, 0, "1 1/2 1")) - 1 / 24) < 1e-15
    True
    """
    best = _linear(model)
    if best is not None:
        return best.loss
    _, weighed = _weighed_covariance(model)
    return _sum_of_smallest(np.diagonal(weighed), model)


def _linear(model: ModelSpec) -> Best | None:
    """The best linear model, where importances and covariance Σ commute.

    The loss of x̂ = Ax + b is least at b = (1 − A)E[x], the squared distance of √I Σ^½ from
    √I A Σ^½; for no A of rank m is that less than the sum of the n − m smallest eigenvalues of
    √I Σ √I (Eckart, Young 1936). Where I and Σ have their eigenvectors in common, the projection on
    m of them reaches it, and that is a W Wᵀ.
    """
    importance, weighed = _weighed_covariance(model)
    mean, covariance = (values.numpy() for values in input_moments(model))
    if np.any((importance[:, None] != importance) & (covariance != 0)):
        return None
    n, m = model.features, model.hidden
    alone = not np.any(weighed - np.diag(np.diagonal(weighed)))
    values, vectors = (np.diagonal(weighed), np.eye(n)) if alone else np.linalg.eigh(weighed)
    kept = np.sort(np.argsort(-values, kind="stable")[:m]) if alone else np.argsort(-values)[:m]
    W = np.zeros((n, m))
    W[:, : kept.size] = vectors[:, kept] * (values[kept] > 0)
    b = mean - W @ (W.T @ mean)
    return Best(_sum_of_smallest(values, model), W, b, restarts=0, agreed=0, proved=True)


def _weighed_covariance(model: ModelSpec) -> tuple[_Floats, _Floats]:
    """The importances (n,), and √I Σ √I (n, n)."""
    importance = np.asarray([to_float(value) for value in model.importance])
    roots = np.sqrt(importance)
    return importance, roots[:, None] * input_moments(model)[1].numpy() * roots


def _sum_of_smallest(values: _Floats, model: ModelSpec) -> float:
    smallest = np.sort(values)[: max(0, model.features - model.hidden)]
    return float(np.maximum(smallest, 0).sum())
