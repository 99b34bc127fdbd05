"""Which tensors a trained model of each kind has, by name, in which shapes, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from torchsim.attention.model import AttentionWeights, shapes
from torchsim.attention.run import AttentionHistory, AttentionRun, TrainedAttention
from torchsim.attention.scores import Scores
from torchsim.attention.specification import AttentionSpec, AttentionTraining
from torchsim.autoencoders.codes import NAMES
from torchsim.autoencoders.run import SaeRun, TrainedSae
from torchsim.autoencoders.specification import SaeSpec, SaeTraining
from torchsim.datasets.run import DatasetRun, TrainedOnDataset
from torchsim.datasets.specification import DatasetSpec, DatasetTraining
from torchsim.kinds import AnyRun, AnySpec
from torchsim.networks.run import NetworkRun, TrainedNetwork
from torchsim.networks.specification import NetworkSpec, NetworkTraining
from torchsim.run import History, Trained, TrainingRun
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.training.descent import MEASURES

_EXACT = "exact_loss"
_SCORES = ("induction", "previous")
_JUDGED = ("loss", "standard_error")


@dataclass(frozen=True, slots=True)
class Layout:
    """How the tensors of a kind are laid out.

    ``parts`` has those of a trained model; ``shapes`` those that a model of so many restarts must
    have, given what is there; ``trained`` makes the model of them, and ``run`` the run of models.
    """

    parts: Callable[[Any], dict[str, Tensor]]
    shapes: Callable[[Any, int, Mapping[str, Tensor]], dict[str, tuple[int, ...]]]
    trained: Callable[[Any, Mapping[str, Tensor]], Any]
    run: Callable[..., AnyRun]


def _way(history: History | AttentionHistory) -> dict[str, Tensor]:
    """The losses on the way."""
    steps = torch.tensor(history.steps, dtype=torch.int64)
    return {"history_steps": steps, "history_losses": history.losses}


def _way_shapes(restarts: int, own: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    records = _records(own)
    return {"history_steps": (records,), "history_losses": (records, restarts)}


def _records(own: Mapping[str, Tensor]) -> int:
    return own.get("history_steps", torch.zeros(0)).numel()


def _steps(own: Mapping[str, Tensor]) -> tuple[int, ...]:
    return tuple(own["history_steps"].tolist())


# -- toy models ------------------------------------------------------------------------------------


_MEASURED = tuple(f"history_{name}" for name in MEASURES)


def _toy_parts(trained: Trained) -> dict[str, Tensor]:
    exact = {} if trained.exact_loss is None else {_EXACT: trained.exact_loss}
    losses = {"sampled_loss": trained.sampled_loss, "standard_error": trained.standard_error}
    measured = {f"history_{name}": getattr(trained.history, name) for name in MEASURES}
    measured = {name: tensor for name, tensor in measured.items() if tensor is not None}
    way = _way(trained.history) | measured
    return {"W": trained.W, "b": trained.b, **losses, **exact, **way}


def _toy_shapes(
    model: ModelSpec, restarts: int, own: Mapping[str, Tensor]
) -> dict[str, tuple[int, ...]]:
    n, m = model.features, model.hidden
    parts = ("b", "sampled_loss", "standard_error", _EXACT)
    expected = {"W": (restarts, n, m), **dict.fromkeys(parts, (restarts,)), "b": (restarts, n)}
    if _EXACT not in own:  # where it is not known
        del expected[_EXACT]
    if any(name in own for name in _MEASURED):
        expected |= dict.fromkeys(_MEASURED, (_records(own), restarts, n))
    return {**expected, **_way_shapes(restarts, own)}


def _toy(model: ModelSpec, own: Mapping[str, Tensor]) -> Trained:
    measured = (own.get(name) for name in _MEASURED)
    history = History(_steps(own), own["history_losses"], *measured)
    losses = own["sampled_loss"], own["standard_error"]
    return Trained(model, own["W"], own["b"], own.get(_EXACT), *losses, history)


# -- attention-only models -------------------------------------------------------------------------


def _attention_parts(trained: TrainedAttention) -> dict[str, Tensor]:
    found = trained.weights.named()
    found |= {name: getattr(trained, name) for name in (*_JUDGED, "right")}
    if trained.scores is not None:
        found |= {name: getattr(trained.scores, name) for name in _SCORES}
        chances = trained.scores.induction_chance, trained.scores.previous_chance
        found["chances"] = torch.tensor(chances, dtype=torch.float64)
    ways = {f"history_{name}": getattr(trained.history, name) for name in _SCORES}
    found |= {name: tensor for name, tensor in ways.items() if tensor is not None}
    return found | _way(trained.history)


def _attention_shapes(
    model: AttentionSpec, restarts: int, own: Mapping[str, Tensor]
) -> dict[str, tuple[int, ...]]:
    records, heads = _records(own), (restarts, model.layers, model.heads)
    expected = {name: (restarts, *shape) for name, shape in shapes(model).items()}
    expected |= dict.fromkeys((*_JUDGED, "right"), (restarts,))
    expected |= _way_shapes(restarts, own)
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


# -- sparse autoencoders ---------------------------------------------------------------------------


def _sae_parts(trained: TrainedSae) -> dict[str, Tensor]:
    return {name: getattr(trained, name) for name in (*NAMES, *_JUDGED, "on")} | _way(
        trained.history
    )


def _sae_shapes(
    model: SaeSpec, restarts: int, own: Mapping[str, Tensor]
) -> dict[str, tuple[int, ...]]:
    flat, m = (restarts, model.latents), model.model.m
    expected: dict[str, tuple[int, ...]] = dict.fromkeys(("W_enc", "W_dec"), (*flat, m))
    expected |= dict.fromkeys(("b_enc", "threshold", "on"), flat)
    expected |= {"b_dec": (restarts, m), **dict.fromkeys(_JUDGED, (restarts,))}
    return expected | _way_shapes(restarts, own)


def _sae(model: SaeSpec, own: Mapping[str, Tensor]) -> TrainedSae:
    found = {name: own[name] for name in (*NAMES, *_JUDGED, "on")}
    return TrainedSae(model, **found, history=History(_steps(own), own["history_losses"]))


# -- networks with neurons -------------------------------------------------------------------------


def _network_parts(trained: TrainedNetwork) -> dict[str, Tensor]:
    judged = {name: getattr(trained, name) for name in _JUDGED}
    return {**trained.tensors, **judged, **_way(trained.history)}


def _network_shapes(
    model: NetworkSpec, restarts: int, own: Mapping[str, Tensor]
) -> dict[str, tuple[int, ...]]:
    matrix = (restarts, model.features, model.neurons)
    expected: dict[str, tuple[int, ...]] = dict.fromkeys(model.names, matrix)
    expected |= {"b": (restarts, model.features), **dict.fromkeys(_JUDGED, (restarts,))}
    return expected | _way_shapes(restarts, own)


def _network(model: NetworkSpec, own: Mapping[str, Tensor]) -> TrainedNetwork:
    weights = {name: own[name] for name in model.names}
    history = History(_steps(own), own["history_losses"])
    return TrainedNetwork(model, weights, own["loss"], own["standard_error"], history)


# -- toy models on data sets -----------------------------------------------------------------------


_ON_DATASET = ("W", "b", "loss", "unseen", "standard_error")


def _dataset_parts(trained: TrainedOnDataset) -> dict[str, Tensor]:
    return {name: getattr(trained, name) for name in _ON_DATASET} | _way(trained.history)


def _dataset_shapes(
    model: DatasetSpec, restarts: int, own: Mapping[str, Tensor]
) -> dict[str, tuple[int, ...]]:
    expected: dict[str, tuple[int, ...]] = dict.fromkeys(_ON_DATASET, (restarts,))
    expected |= {"W": (restarts, model.features, model.hidden), "b": (restarts, model.features)}
    return expected | _way_shapes(restarts, own)


def _dataset(model: DatasetSpec, own: Mapping[str, Tensor]) -> TrainedOnDataset:
    found = {name: own[name] for name in _ON_DATASET}
    return TrainedOnDataset(model, **found, history=History(_steps(own), own["history_losses"]))


LAYOUTS: dict[type[AnySpec], Layout] = {
    TrainingSpec: Layout(_toy_parts, _toy_shapes, _toy, TrainingRun),
    AttentionTraining: Layout(_attention_parts, _attention_shapes, _attention, AttentionRun),
    SaeTraining: Layout(_sae_parts, _sae_shapes, _sae, SaeRun),
    NetworkTraining: Layout(_network_parts, _network_shapes, _network, NetworkRun),
    DatasetTraining: Layout(_dataset_parts, _dataset_shapes, _dataset, DatasetRun),
}
"""That of each kind, by its specification."""
