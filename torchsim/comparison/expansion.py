"""Models too wide for the exact loss: two numbers between which it lies, and a descent on one.

The loss on sparse inputs goes by how many features are active; ``handcalc.superposition.numeric``'s
``expansion`` works the first orders out and bounds what is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from handcalc.display import fields_text
from handcalc.errors import InputError
from handcalc.inputs.arguments import read_whole
from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.superposition.numeric.expansion import (
    LossBounds,
    loss_bounds,
    loss_bounds_and_gradients,
)
from torchsim.run import Trained
from torchsim.specification import ModelSpec

_THIRD_ORDER = 40  # features up to which three active ones at a time are worked out
_MOST = 512
_MANY = 3  # features on average, beyond which bounds are far apart


def bounds(trained: Trained, restart: int | None = None) -> LossBounds | None:
    """Between which numbers the loss of a restart lies, that of the best one if left out.

    None where that is not known: without ReLU, where features are not drawn independently, where
    one is always on, or more than three are on average, and for more than 512 features. Up to 40
    features three active ones at a time are worked out, beyond that two.

    >>> from torchsim import ModelSpec, TrainingSpec, train
    >>> wide = ModelSpec.of(20, 10, "99/100")
    >>> run = train(TrainingSpec((wide,), "sampled", restarts=1, steps=200, batch=64))
    >>> found = bounds(run.trained[0])
    >>> bool(found.lower[0] < found.upper[0] < 1.1 * found.lower[0])
    True
    """
    model = trained.model
    if not _is_known(model):
        return None
    k = trained.best if restart is None else restart
    W, b = (part[k : k + 1].double().numpy() for part in (trained.W, trained.b))
    order = 3 if model.features <= _THIRD_ORDER else 2
    return loss_bounds(W, b, *_given(model), order=order)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Refined:
    """Where a descent on the upper bound ended: W (n, m) and b (n,), and the bounds there."""

    W: Tensor
    b: Tensor
    before: LossBounds
    after: LossBounds

    __repr__ = fields_text


def refine(trained: Trained, restart: int | None = None, steps: object = 200) -> Refined:
    """Descend from a restart, the best one if left out, on what its loss is at most.

    Quasi-Newton steps (L-BFGS) on the upper bound of the second order, in float64: what is reached
    is known to lose no more, and nothing is sampled.

    Args:
        trained: A model with a ReLU, whose features are drawn independently, none of them always.
        restart: From 0.
        steps: At most so many, from 1.

    Raises:
        InputError: ``bounds`` for another model; ``steps``.

    Examples:
        >>> from torchsim import ModelSpec, TrainingSpec, train
        >>> wide = ModelSpec.of(16, 8, "99/100")
        >>> run = train(TrainingSpec((wide,), "sampled", restarts=1, steps=200, batch=64))
        >>> found = refine(run.trained[0], steps=50)
        >>> bool(found.after.upper[0] < found.before.upper[0])
        True
    """
    model = trained.model
    if not _is_known(model):
        raise InputError(
            "bounds",
            "A descent on the bounds takes a ReLU model of at most "
            f"{_MOST} features that are drawn independently, none of them always on, and at most "
            f"{_MANY} at a time on average.",
        )
    most = read_whole(steps, "number of steps", "steps")
    if most < 1:
        raise InputError("steps", f"At least one step is asked for, not {most}.")
    k = trained.best if restart is None else restart
    W, b = (part[k].double().clone().requires_grad_() for part in (trained.W, trained.b))
    given = _given(model)
    scale = 1 / float(np.sum(given[1] * (1 - given[0])))  # about that of dropping everything
    optimiser = torch.optim.LBFGS(
        [W, b], max_iter=most, history_size=20, line_search_fn="strong_wolfe", tolerance_change=0
    )

    def value() -> float:
        found, by_W, by_b = loss_bounds_and_gradients(*_arrays(W, b), *given)
        W.grad, b.grad = (torch.from_numpy(scale * each[0]) for each in (by_W, by_b))
        return float(scale * found.upper[0])

    before = loss_bounds(*_arrays(W, b), *given)
    optimiser.step(value)  # type: ignore[no-untyped-call] # torch's own
    after = loss_bounds(*_arrays(W, b), *given)
    return Refined(W.detach(), b.detach(), before, after)


def _arrays(W: Tensor, b: Tensor) -> tuple[np.ndarray, np.ndarray]:
    return W.detach().numpy()[None], b.detach().numpy()[None]


def _is_known(model: ModelSpec) -> bool:
    return (
        model.activation == "relu"
        and isinstance(model.distribution, SparseUniform)
        and model.features <= _MOST
        and all(S != 0 for S in model.sparsities)
        and sum(to_float(1 - S) for S in model.sparsities) <= _MANY
    )


def _given(model: ModelSpec) -> tuple[np.ndarray, np.ndarray]:
    """S and the importances, as ``loss_bounds`` takes them."""
    S, importance = (
        np.asarray([to_float(each) for each in values])[None]
        for values in (model.sparsities, model.importance)
    )
    return S, importance
