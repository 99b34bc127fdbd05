"""A run's tensors by name, and back: ``model1.W`` (restarts, n, m) and so on, models from 1."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import save as to_bytes
from torch import Tensor

from handcalc.errors import InputError
from torchsim.attention.run import TrainedAttention, check_sees_itself
from torchsim.kinds import AnyRun, AnySpec
from torchsim.storage.layouts import LAYOUTS
from torchsim.storage.sealed import refuse_damaged


def run_tensors(run: AnyRun) -> dict[str, Tensor]:
    """All tensors of a run by name; what a model does not have is left out."""
    parts = LAYOUTS[type(run.spec)].parts
    return {
        _name(i, part): tensor
        for i, each in enumerate(run.trained)
        for part, tensor in parts(each).items()
    }


def run_of(
    file: Path, spec: AnySpec, tensors: Mapping[str, Tensor], wall_seconds: float, device: str
) -> AnyRun:
    """The run of some tensors. Errors: ``damaged`` for one missing, over or misshapen.

    ``file`` is where they come from, for the errors.
    """
    layout = LAYOUTS[type(spec)]
    own = [_own(i, tensors) for i in range(len(spec.models))]
    known = {_name(i, part) for i, found in enumerate(own) for part in found}
    for name in sorted(tensors.keys() - known):
        refuse_damaged(file, f'it has a tensor "{name}" that no model of this run has')
    trained = []
    for i, model in enumerate(spec.models):
        _check(file, i, own[i], layout.shapes(model, spec.restarts, own[i]))
        trained.append(layout.trained(model, own[i]))
    return layout.run(spec, tuple(trained), wall_seconds, device)


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
