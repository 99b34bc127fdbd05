"""A run's tensors by name, and back: ``model1.W`` (restarts, n, m) and so on, models from 1."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save as to_bytes
from torch import Tensor

from handcalc.errors import InputError
from torchsim.attention.model import AttentionWeights, shapes
from torchsim.attention.run import (
    AttentionHistory,
    AttentionRun,
    TrainedAttention,
    check_sees_itself,
)
from torchsim.attention.scores import Scores
from torchsim.attention.specification import AttentionSpec, AttentionTraining
from torchsim.kinds import AnyRun, AnyTrained
from torchsim.run import History, Trained, TrainingRun
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.storage.sealed import refuse_damaged

_EXACT = "exact_loss"
_SCORES = ("induction", "previous")


def run_tensors(run: AnyRun) -> dict[str, Tensor]:
    """All tensors of a run by name; what a model does not have is left out."""
    trained: tuple[AnyTrained, ...] = run.trained
    return {
        _name(i, part): tensor
        for i, each in enumerate(trained)
        for part, tensor in _parts(each).items()
    }


def run_of(
    file: Path,
    spec: TrainingSpec | AttentionTraining,
    tensors: Mapping[str, Tensor],
    wall_seconds: float,
    device: str,
) -> AnyRun:
    """The run of some tensors. Errors: ``damaged`` for one missing, over or misshapen.

    ``file`` is where they come from, for the errors.
    """
    own = [_own(i, tensors) for i in range(len(spec.models))]
    known = {_name(i, part) for i, found in enumerate(own) for part in found}
    for name in sorted(tensors.keys() - known):
        refuse_damaged(file, f'it has a tensor "{name}" that no model of this run has')
    if isinstance(spec, AttentionTraining):
        for i, model in enumerate(spec.models):
            _check(file, i, own[i], _attention_shapes(model, spec.restarts, own[i]))
        attention = tuple(map(_attention, spec.models, own))
        return AttentionRun(spec, attention, wall_seconds, device)
    for i, toy in enumerate(spec.models):
        _check(file, i, own[i], _toy_shapes(toy, spec.restarts, own[i]))
    return TrainingRun(spec, tuple(map(_toy, spec.models, own)), wall_seconds, device)


def _name(i: int, part: str) -> str:
    return f"model{i + 1}.{part}"


def _own(i: int, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a model, from 0, by the names of its parts."""
    start = _name(i, "")
    return {k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)}


def _check(
    file: Path, i: int, own: Mapping[str, Tensor], expected: Mapping[str, tuple[int, ...]]
) -> None:
    """Each part of a model is there, in its shape, and no other."""
    for part in sorted(own.keys() - expected.keys()):
        refuse_damaged(file, f'it has a tensor "{_name(i, part)}" that no model of this run has')
    for part, shape in expected.items():
        name = _name(i, part)
        if part not in own:
            refuse_damaged(file, f'it lacks the tensor "{name}"')
        if tuple(own[part].shape) != shape:
            came = tuple(own[part].shape)
            refuse_damaged(file, f'the tensor "{name}" has the shape {came}, and must have {shape}')


def _records(own: Mapping[str, Tensor]) -> int:
    return own.get("history_steps", torch.zeros(0)).numel()


def _steps(own: Mapping[str, Tensor]) -> tuple[int, ...]:
    return tuple(own["history_steps"].tolist())


def _parts(trained: AnyTrained) -> dict[str, Tensor]:
    """The tensors of a model by name."""
    steps = torch.tensor(trained.history.steps, dtype=torch.int64)
    on_the_way = {"history_steps": steps, "history_losses": trained.history.losses}
    if isinstance(trained, TrainedAttention):
        return {**_attention_parts(trained), **on_the_way}
    exact = {} if trained.exact_loss is None else {_EXACT: trained.exact_loss}
    losses = {"sampled_loss": trained.sampled_loss, "standard_error": trained.standard_error}
    return {"W": trained.W, "b": trained.b, **losses, **exact, **on_the_way}


# -- toy models ------------------------------------------------------------------------------------


def _toy_shapes(
    model: ModelSpec, restarts: int, own: Mapping[str, Tensor]
) -> dict[str, tuple[int, ...]]:
    n, m, records = model.features, model.hidden, _records(own)
    parts = ("b", "sampled_loss", "standard_error", _EXACT)
    expected = {"W": (restarts, n, m), **dict.fromkeys(parts, (restarts,)), "b": (restarts, n)}
    if _EXACT not in own:  # where it is not known
        del expected[_EXACT]
    return {**expected, "history_steps": (records,), "history_losses": (records, restarts)}


def _toy(model: ModelSpec, own: Mapping[str, Tensor]) -> Trained:
    history = History(_steps(own), own["history_losses"])
    losses = own["sampled_loss"], own["standard_error"]
    return Trained(model, own["W"], own["b"], own.get(_EXACT), *losses, history)


# -- attention-only models -------------------------------------------------------------------------


def _attention_parts(trained: TrainedAttention) -> dict[str, Tensor]:
    found = trained.weights.named()
    found |= {name: getattr(trained, name) for name in ("loss", "standard_error", "right")}
    if trained.scores is not None:
        found |= {name: getattr(trained.scores, name) for name in _SCORES}
        chances = trained.scores.induction_chance, trained.scores.previous_chance
        found["chances"] = torch.tensor(chances, dtype=torch.float64)
    ways = {f"history_{name}": getattr(trained.history, name) for name in _SCORES}
    return found | {name: tensor for name, tensor in ways.items() if tensor is not None}


def _attention_shapes(
    model: AttentionSpec, restarts: int, own: Mapping[str, Tensor]
) -> dict[str, tuple[int, ...]]:
    records, heads = _records(own), (restarts, model.layers, model.heads)
    expected = {name: (restarts, *shape) for name, shape in shapes(model).items()}
    expected |= dict.fromkeys(("loss", "standard_error", "right"), (restarts,))
    expected |= {"history_steps": (records,), "history_losses": (records, restarts)}
    if model.is_scored:
        expected |= {**dict.fromkeys(_SCORES, heads), "chances": (2,)}
        expected |= {f"history_{name}": (records, *heads) for name in _SCORES}
    return expected


def _attention(model: AttentionSpec, own: Mapping[str, Tensor]) -> TrainedAttention:
    weights = AttentionWeights(W_pos=own.get("W_pos"), **_matrices(own))
    scores = None
    if model.is_scored:
        scores = Scores(own["induction"], own["previous"], *own["chances"].tolist())
    ways = [own.get(f"history_{name}") for name in _SCORES]
    history = AttentionHistory(_steps(own), own["history_losses"], *ways)
    judged = own["loss"], own["standard_error"], own["right"]
    return TrainedAttention(model, weights, *judged, scores, history)


def _matrices(own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: own[name] for name in ("W_E", "W_U", "W_Q", "W_K", "W_V", "W_O")}


def weights_bytes(trained: TrainedAttention, restart: int | None = None) -> bytes:
    """The matrices of a restart under TransformerLens's names, as a file of safetensors.

    Errors: ``restart``, ``self_attention``, ``scale``.
    """
    found = trained.named_weights(restart)
    check_sees_itself(trained.model)
    if trained.model.layers and trained.model.scale is None:
        raise InputError(
            "scale",
            "Scores of this model are not divided by √d_head, and whoever reads such a file does "
            'so: it would be another model. Train one with scale="sqrt".',
        )
    return to_bytes({name: tensor.contiguous() for name, tensor in found.items()})
