"""A finished run in its folder: ``weights.safetensors`` for all its tensors, and ``record.json``.

The record is for people and other programs: what the run is, how it went, the checksum of the
weights, and its own. It is written last, so that a folder with a record holds a whole run.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace
from torch import Tensor

from handcalc.errors import InputError
from handcalc.inputs.flags import read_flag
from handcalc.storage.files import PART
from handcalc.wording import word
from torchsim.attention.run import AttentionRun, TrainedAttention
from torchsim.autoencoders.run import SaeRun, TrainedSae
from torchsim.datasets.run import DatasetRun, TrainedOnDataset
from torchsim.kinds import AnyRun, KeptRun
from torchsim.networks.run import NetworkRun, TrainedNetwork
from torchsim.restarts import diverged_data
from torchsim.run import TrainingRun
from torchsim.specification import TrainingSpec
from torchsim.storage.attention_specifications import attention_model_keys
from torchsim.storage.checkpoints import FolderCheckpointer, versions
from torchsim.storage.dataset_specifications import dataset_model_keys
from torchsim.storage.documents import (
    Document,
    Struct,
    read_document,
    unlink,
    write,
    write_document,
)
from torchsim.storage.folders import (
    CHECKPOINT,
    RECORD,
    SPEC,
    WEIGHTS,
    is_finished,
    load_spec,
    locked,
    preset_of,
    start,
)
from torchsim.storage.network_specifications import network_model_keys
from torchsim.storage.sae_specifications import sae_model_keys
from torchsim.storage.sealed import Header, seal, unseal
from torchsim.storage.specifications import spec_digest, trainer_name
from torchsim.storage.started import keep_start, load_start
from torchsim.storage.sweeps import load_part, load_sweep
from torchsim.storage.tensors import run_of, run_tensors
from torchsim.storage.toy_specifications import model_data
from torchsim.sweeps.specification import SweepSpec
from torchsim.training.starts import StartWeights


class WeightsHeader(Header, frozen=True, kw_only=True):
    """Of which specification these weights are, by its digest, and how they were trained."""

    spec: str
    wall_seconds: float
    device: str


class WeightsFile(Struct, frozen=True):
    """The file of the weights, and its checksum."""

    file: str
    sha256: str


class RunRecord(Document, frozen=True, kw_only=True):
    """``record.json``; ``sha256`` is the checksum of all but itself and the schema."""

    preset: str | None
    finished: str
    trainer: str
    wall_seconds: int | float  # whole seconds stay an int, as the checksum has them
    device: str
    versions: dict[str, str]
    weights: WeightsFile
    models: tuple[dict[str, Any], ...]
    sha256: str = ""

    def checksum(self) -> str:
        """The SHA-256 of the record's data, however it is laid out."""
        data = msgspec.to_builtins(self)
        del data["schema"], data["sha256"]
        return sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def save(run: AnyRun, folder: str | Path, preset: str | None = None) -> None:
    """Write a finished run into a folder: a new or empty one, or the one it was begun in.

    Its checkpoint goes once all is written. Errors: ``unfinished`` for one that a probe stopped;
    those of ``start``; nothing is overwritten.
    """
    if isinstance(run, TrainingRun):
        run.refuse_unkept()
    folder = Path(folder)
    start(folder, run.spec, preset)
    with locked(folder):
        if isinstance(run, TrainingRun) and run.start is not None:
            keep_start(folder, StartWeights.of(run.start, run.spec.models))
        header = {"spec": spec_digest(run.spec), "wall_seconds": run.wall_seconds}
        raw = seal(run_tensors(run), {**header, "device": run.device})
        write(folder / WEIGHTS, raw)
        record = RunRecord(
            preset=preset_of(folder),
            finished=datetime.now(UTC).isoformat(),
            trainer=trainer_name(run.spec),
            wall_seconds=run.wall_seconds,
            device=run.device,
            versions=versions(),
            weights=WeightsFile(WEIGHTS, sha256(raw).hexdigest()),
            models=tuple(_SUMMARIES[type(run)](run, i) for i in range(len(run.trained))),
        )
        write_document(folder / RECORD, replace(record, sha256=record.checksum()))
        with suppress(InputError):  # the run is whole, and a checkpoint beside it does no harm
            for name in (CHECKPOINT, CHECKPOINT + PART):
                unlink(folder / name)


def finish(run: AnyRun, keeping: FolderCheckpointer) -> InputError | None:
    """Save a run where it was kept as it went; what is wrong, where that fails.

    Whatever state was kept last then still stands, and a later training goes on from there.
    """
    try:
        save(run, keeping.folder, keeping.preset)
    except InputError as trouble:
        return trouble
    return None


def load(folder: str | Path, *, partial: bool = False) -> KeptRun:
    """The finished run, or sweep, in a folder, equal to the one that was saved, bit for bit.

    ``partial`` takes a sweep that is not finished, too, with the cells that are there. Errors:
    ``no_run``; ``unfinished`` where the run did not come to its end; ``damaged``, ``schema``,
    ``run_file`` for a file that is not whole, was changed, or is not of this run.
    """
    folder = Path(folder)
    is_part = read_flag("partial", partial)
    spec = load_spec(folder)
    if not is_finished(folder):
        if is_part and isinstance(spec, SweepSpec):
            return load_part(folder, spec)
        raise _unfinished(folder, isinstance(spec, SweepSpec))
    if isinstance(spec, SweepSpec):
        return load_sweep(folder, spec)
    record = read_document(folder / RECORD, RunRecord)
    if record.sha256 != record.checksum():
        raise InputError(
            "damaged",
            f"{folder / RECORD} was changed: its checksum is not that of what it holds. Restore "
            "it, or train anew in another folder.",
        )
    file = folder / WEIGHTS
    found = unseal(file, WeightsHeader)
    if found.data.spec != spec_digest(spec):
        raise InputError(
            "damaged",
            f"{file} holds the weights of another run than {folder / SPEC} specifies. Restore the "
            "file that is wrong, or train anew in another folder.",
        )
    if record.weights.sha256 != found.sha256:
        raise InputError(
            "damaged",
            f"{file} and {RECORD} beside it do not belong together: the record has another "
            "checksum. Restore the one that is wrong, or train anew in another folder.",
        )
    run = run_of(file, spec, found.tensors, found.data.wall_seconds, found.data.device)
    if isinstance(spec, TrainingSpec) and isinstance(run, TrainingRun) and spec.start is not None:
        return dataclasses.replace(run, start=load_start(folder, spec.start).given)
    return run


def versions_of(folder: Path) -> dict[str, str]:
    """The versions that the finished run in a folder was trained with. Errors: as ``load``."""
    return read_document(folder / RECORD, RunRecord).versions


def _unfinished(folder: Path, is_sweep: bool) -> InputError:
    what = f"The run in {folder} is not finished."
    go_on = "To go on from where it stopped, type the command again that began it."
    if not is_sweep:
        return InputError("unfinished", f"{what} {go_on}")
    look = "partial=True in torchsim.load reads the cells that are there."
    again = f"handcalc runs {word(str(folder))}"
    return InputError("unfinished", f"{what} {go_on} {look}", suggestion=again)


def _summary(run: TrainingRun, i: int) -> dict[str, Any]:
    """A model, from 0, and its best restart (from 1) with what it lost."""
    each = run.trained[i]
    best = each.best
    return {
        **msgspec.to_builtins(model_data(each.model)),
        "restarts": run.spec.restarts,
        "best": best + 1,
        "agreed": run.agreed(i),
        "exact_loss": None if each.exact_loss is None else _number(each.exact_loss[best]),
        "sampled_loss": _number(each.sampled_loss[best]),
        "standard_error": _number(each.standard_error[best]),
        "diverged": diverged_data(each),
    }


def _attention_summary(run: AttentionRun, i: int) -> dict[str, Any]:
    """The same of an attention-only model, with the scores of its heads, layer by layer."""
    each = run.trained[i]
    best, found = each.best, each.scores
    return {
        **attention_model_keys(each.model),
        **_judged(each),
        "right": _number(each.right[best]),
        "induction": None if found is None or each.is_lost else found.induction[best].tolist(),
        "previous": None if found is None or each.is_lost else found.previous[best].tolist(),
    }


def _sae_summary(run: SaeRun, i: int) -> dict[str, Any]:
    """The same of a sparse autoencoder, with how often each latent is on."""
    each = run.trained[i]
    return {**sae_model_keys(each.model), **_judged(each), "on": each.on[each.best].tolist()}


def _network_summary(run: NetworkRun, i: int) -> dict[str, Any]:
    """The same of a network with neurons, with the features that each neuron holds."""
    each = run.trained[i]
    found = each.neurons()
    held = None if found is None else [list(features) for features in found.held]
    return {**network_model_keys(each.model), **_judged(each), "held": held}


def _dataset_summary(run: DatasetRun, i: int) -> dict[str, Any]:
    """The same of a toy model on a data set, with its loss on unseen inputs."""
    each = run.trained[i]
    judged = {**_judged(each), "unseen": _number(each.unseen[each.best])}
    return {**dataset_model_keys(each.model), **judged}


def _judged(
    each: TrainedAttention | TrainedSae | TrainedNetwork | TrainedOnDataset,
) -> dict[str, Any]:
    """The best restart, from 1, and its loss."""
    best = each.best
    return {
        "restarts": len(each.loss),
        "best": best + 1,
        "agreed": each.agreed,
        "loss": _number(each.loss[best]),
        "standard_error": _number(each.standard_error[best]),
        "diverged": diverged_data(each),
    }


_SUMMARIES: dict[type[AnyRun], Callable[[Any, int], dict[str, Any]]] = {
    TrainingRun: _summary,
    AttentionRun: _attention_summary,
    SaeRun: _sae_summary,
    NetworkRun: _network_summary,
    DatasetRun: _dataset_summary,
}


def _number(value: Tensor) -> float | None:
    """The number, or None for what JSON has no number for."""
    number = float(value)
    return number if isfinite(number) else None
