"""A run's tensors by name, and back: ``model1.W`` (restarts, n, m) and so on, models from 1."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from torchsim.run import History, Trained, TrainingRun
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.storage.sealed import refuse_damaged

__all__ = ["run_tensors", "trained"]

_PARTS = ("W", "b", "sampled_loss", "standard_error", "history_steps", "history_losses")
_EXACT = "exact_loss"


def run_tensors(run: TrainingRun) -> dict[str, Tensor]:
    """All tensors of a run by name; ``exact_loss`` is left out where it is not known."""
    named: dict[str, Tensor] = {}
    for i, each in enumerate(run.trained):
        steps = torch.tensor(each.history.steps, dtype=torch.int64)
        own = (each.W, each.b, each.sampled_loss, each.standard_error, steps, each.history.losses)
        named |= {_name(i, part): tensor for part, tensor in zip(_PARTS, own, strict=True)}
        if each.exact_loss is not None:
            named[_name(i, _EXACT)] = each.exact_loss
    return named


def trained(file: Path, spec: TrainingSpec, tensors: dict[str, Tensor]) -> tuple[Trained, ...]:
    """The models of a run from its tensors. Errors: ``damaged`` for one missing, over or misshapen.

    ``file`` is where they come from, for the errors.
    """
    known = {_name(i, part) for i in range(len(spec.models)) for part in (*_PARTS, _EXACT)}
    for name in sorted(tensors.keys() - known):
        refuse_damaged(file, f'it has a tensor "{name}" that no model of this run has')
    return tuple(
        _trained(file, model, spec.restarts, i, tensors) for i, model in enumerate(spec.models)
    )


def _trained(
    file: Path, model: ModelSpec, restarts: int, i: int, tensors: dict[str, Tensor]
) -> Trained:
    n, m = model.features, model.hidden
    records = tensors.get(_name(i, "history_steps"), torch.zeros(0)).numel()
    shapes = ((restarts, n, m), (restarts, n), (restarts,), (restarts,), (records,))
    expected = dict(zip(_PARTS, (*shapes, (records, restarts)), strict=True))
    if _name(i, _EXACT) in tensors:
        expected[_EXACT] = (restarts,)
    own: dict[str, Tensor] = {}
    for part, shape in expected.items():
        name = _name(i, part)
        if name not in tensors:
            refuse_damaged(file, f'it lacks the tensor "{name}"')
        if tuple(tensors[name].shape) != shape:
            came = tuple(tensors[name].shape)
            refuse_damaged(file, f'the tensor "{name}" has the shape {came}, and must have {shape}')
        own[part] = tensors[name]
    history = History(tuple(own["history_steps"].tolist()), own["history_losses"])
    losses = own["sampled_loss"], own["standard_error"]
    return Trained(model, own["W"], own["b"], own.get(_EXACT), *losses, history)


def _name(i: int, part: str) -> str:
    return f"model{i + 1}.{part}"
