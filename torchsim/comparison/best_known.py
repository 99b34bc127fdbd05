"""The best models known for what was trained: what a trained one is measured by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from handcalc.superposition.best.minima import Minimum
from handcalc.superposition.best.multistart import descend, search
from handcalc.superposition.loss.problem import Problem, lossless
from torchsim.comparison.best_store import BestStore, KnownBest, is_lower, kinds_of
from torchsim.run import Trained
from torchsim.specification import ModelSpec
from torchsim.training.losses import input_moments

OnProgress: TypeAlias = Callable[[int, int], None]

_Floats: TypeAlias = NDArray[np.float64]
MOST_SEARCHED = 8
"""A run may have thousands of models, and with 10 features each takes a search of a minute."""
_TOGETHER = 12  # problems
_IN_MEMORY = BestStore()


def best_known(
    models: Sequence[ModelSpec],
    store: BestStore | None = None,
    on_progress: OnProgress | None = None,
) -> tuple[KnownBest | None, ...]:
    """The best model known for each configuration, or None.

    Problems without loss and linear models of any size have closed forms. ReLU models of up to 8
    features are searched for, some of one kind in one search; their seeds make no difference.
    Nothing is known of larger ReLU models that must lose something, of linear ones with features of
    different importance that are drawn together, and of other activations. What a ``store`` knows
    is not searched for, and what is found goes into it as it comes; ``on_progress(done, total)``
    hears how many problems are searched.

    >>> best = best_known([ModelSpec.of(2, 1, "1/2"), ModelSpec.of(9, 1, "1/2")])
    >>> round(best[0].loss, 10), best[0].proved, best[1]
    (0.076282447, False, None)
    """
    store = BestStore() if store is None else store
    problems = [model.problem for model in models]
    wanted = dict.fromkeys(
        problem
        for model, problem in zip(models, problems, strict=True)
        if model.activation == "relu" and model.features <= MOST_SEARCHED
        if lossless(problem) is None
    )
    found = store.known(wanted)
    left = [problem for problem in wanted if problem not in found]
    done = 0
    # a few problems of one kind at a time: some seconds of work, which are then kept
    parts = (
        alike[first : first + _TOGETHER]
        for alike in kinds_of(left)
        for first in range(0, len(alike), _TOGETHER)
    )
    for some in parts:
        news = (_best(each.minima[0], each.restarts, each.agreed) for each in search(some))
        store.improve(dict(zip(some, news, strict=True)))
        found |= store.known(some)  # another process, or an older search, may have come lower
        done += len(some)
        if on_progress is not None:
            on_progress(done, len(left))
    return tuple(
        _of_kind(model, found.get(problem)) for model, problem in zip(models, problems, strict=True)
    )


def best_of_trained(
    models: Sequence[Trained],
    store: BestStore | None = None,
    on_progress: OnProgress | None = None,
) -> tuple[KnownBest | None, ...]:
    """The best known for each trained model, which may be one of these itself.

    Where training came lower than the search, by more than rounding and the last steps of a descent
    can do, the minimum below the trained model is the best known from then on. Without a ``store``
    what was found before in this process is known.

    >>> from torchsim.training import train
    >>> from torchsim.specification import TrainingSpec
    >>> run = train(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=2))
    >>> round(best_of_trained(run.trained)[0].loss, 10)
    0.076282447
    """
    store = _IN_MEMORY if store is None else store
    specs = [trained.model for trained in models]
    best = best_known(specs, store, on_progress)
    came_lower = False
    for trained, known in zip(models, best, strict=True):
        lower = _lower(trained, known)
        if lower is not None:
            store.improve({trained.model.problem: lower})
            came_lower = True
    return best_known(specs, store) if came_lower else best


def one_each(
    best: Sequence[KnownBest | None] | None, models: Sequence[Trained]
) -> tuple[KnownBest | None, ...]:
    """What is given as the best of each trained model, else what is found.

    Errors: ``wrong_shape``.
    """
    if best is None:
        return best_of_trained(models)
    if len(best) != len(models):
        raise InputError(
            "wrong_shape",
            f"One best is asked for each of the {len(models)} models, not {len(best)}.",
        )
    return tuple(best)


def _lower(trained: Trained, known: KnownBest | None) -> KnownBest | None:
    """The minimum below a trained model, if that is lower than the best known."""
    if known is None or known.proved or trained.exact_loss is None:
        return None
    if not is_lower(float(trained.exact_loss[trained.best]), known.loss):
        return None
    W, b = (
        part[trained.best : trained.best + 1].double().numpy() for part in (trained.W, trained.b)
    )
    [minimum] = descend([trained.model.problem], W, b)
    return _best(minimum) if is_lower(minimum.loss, known.loss) else None


def _best(minimum: Minimum, restarts: int = 0, agreed: int = 0) -> KnownBest:
    W, b = np.asarray(minimum.W), np.asarray(minimum.b)
    return KnownBest(minimum.loss, W, b, restarts, agreed, proved=False)


def _of_kind(model: ModelSpec, found: KnownBest | None) -> KnownBest | None:
    """The best of a model's activation; ``found`` is what was searched for, the best with ReLU."""
    if model.activation == "linear":
        return _linear(model)
    return (_without_loss(model.problem) or found) if model.activation == "relu" else None


def _without_loss(problem: Problem) -> KnownBest | None:
    model = lossless(problem)
    if model is None:
        return None
    W = np.asarray([[to_float(value) for value in row] for row in model.W])
    b = np.asarray([to_float(value) for value in model.b])
    return KnownBest(0.0, W, b, restarts=0, agreed=0, proved=True)


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


def _linear(model: ModelSpec) -> KnownBest | None:
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
    return KnownBest(_sum_of_smallest(values, model), W, b, restarts=0, agreed=0, proved=True)


def _weighed_covariance(model: ModelSpec) -> tuple[_Floats, _Floats]:
    """The importances (n,), and √I Σ √I (n, n)."""
    importance = np.asarray([to_float(value) for value in model.importance])
    roots = np.sqrt(importance)
    return importance, roots[:, None] * input_moments(model)[1].numpy() * roots


def _sum_of_smallest(values: _Floats, model: ModelSpec) -> float:
    smallest = np.sort(values)[: max(0, model.features - model.hidden)]
    return float(np.maximum(smallest, 0).sum())
