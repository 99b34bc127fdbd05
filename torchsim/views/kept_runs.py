"""Runs that are kept, in words: what one trains, and how, for lists and by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from handcalc.wording import counted, joined
from torchsim.attention.specification import AttentionTraining
from torchsim.autoencoders.specification import SaeTraining
from torchsim.datasets.specification import DatasetTraining
from torchsim.kinds import KeptSpec, OneTrainerSpec
from torchsim.networks.specification import NetworkTraining
from torchsim.specification import TrainingSpec
from torchsim.storage.summaries import RunSummary, Trainings
from torchsim.sweeps.specification import SweepSpec
from torchsim.views.attention_specifications import attention_sentence
from torchsim.views.attention_specifications import in_common as attention_in_common
from torchsim.views.dataset_specifications import dataset_in_common, dataset_sentence
from torchsim.views.network_specifications import network_in_common, network_sentence
from torchsim.views.one_by_one import starts
from torchsim.views.sae_specifications import sae_in_common, sae_sentence
from torchsim.views.specifications import how_trained, in_common, model_labels, model_sentence
from torchsim.views.sweeps import grid_sentence

_TOLD: dict[type[OneTrainerSpec], tuple[Callable[[Any], str], Callable[[Any], str]]] = {
    AttentionTraining: (attention_sentence, attention_in_common),
    SaeTraining: (sae_sentence, sae_in_common),
    NetworkTraining: (network_sentence, network_in_common),
    DatasetTraining: (dataset_sentence, dataset_in_common),
}
"""How each kind tells of one model, and of what several have in common."""


def count_text(run: RunSummary) -> str:
    """How many models or cells there are, and of a sweep that is not finished how many of them.

    >>> from torchsim.sweeps.grid import SweepGrid
    >>> from torchsim.storage.summaries import trainings
    >>> spec = SweepSpec((SweepGrid.of(2, 1, ["0", "1/2"]),))
    >>> count_text(RunSummary(None, "sweep", "", spec, 2, 1, False, trainings(spec)))
    '1 of 2'
    """
    left = run.kept is not None and run.kept < run.models
    return f"{run.kept:,} of {run.models:,}" if left else f"{run.models:,}"


def trained_text(trained: Trainings) -> str:
    """By which trainer, in how many steps, by which kernel, in a few words.

    >>> trained_text(Trainings(("exact", "sampled"), (20, 100), ("fused",)))
    'exact; 20 to 100 steps, fused'
    """
    told = ["exact"] if "exact" in trained.trainers else []
    if trained.steps:
        few, many = min(trained.steps), max(trained.steps)
        steps = counted(few, "step") if few == many else f"{few:,} to {many:,} steps"
        told.append(", ".join([steps, *trained.kernels]))
    return "; ".join(told)


def spec_sentences(spec: KeptSpec) -> Iterator[str]:
    """What a run trains, and how, a sentence or two each.

    >>> from torchsim.specification import ModelSpec
    >>> list(spec_sentences(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=4)))[1]
    'By descent on the exact loss, 4 restarts, on the CPU.'
    """
    if isinstance(spec, OneTrainerSpec):
        sentence, common = _TOLD[type(spec)]
        models = spec.models
        count = counted(len(models), "model")
        yield sentence(models[0]) if len(models) == 1 else f"{count}. {common(models)}"
        yield starts(spec)
    elif isinstance(spec, SweepSpec):
        yield from _sweep_sentences(spec)
    else:
        yield _models(spec)
        yield how_trained(spec)


def _models(spec: TrainingSpec) -> str:
    differ = model_labels(spec.models)
    which = f", which differ in {joined(list(differ))}" if differ else ""
    return f"{counted(len(spec.models), 'model')}{which}. {in_common(spec.models)}"


def _sweep_sentences(spec: SweepSpec) -> Iterator[str]:
    if len(spec.parts) == 1:
        yield grid_sentence(spec)
        yield _first(spec)
        return
    yield f"{grid_sentence(spec)} One part after the other:"
    for k, part in enumerate(spec.parts, start=1):
        if isinstance(part, TrainingSpec):
            yield f"{k}. {_models(part)} {how_trained(part)}"
        else:
            yield f"{k}. {grid_sentence(part)} {_first(SweepSpec((part,)))}"


def _first(spec: SweepSpec) -> str:
    """What the first cell of a grid is, and how it is trained."""
    one = spec.training(next(spec.shards()))
    alone = len(spec) == 1
    return f"{'' if alone else 'The first: '}{model_sentence(one.models[0])} {how_trained(one)}"
