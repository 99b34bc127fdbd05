"""A finished run in its folder: ``weights.safetensors`` for all its tensors, and ``record.json``.

The record is for people and other programs: what the run is, how it went, the checksum of the
weights, and its own. It is written last, so that a folder with a record holds a whole run.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from math import isfinite
from pathlib import Path

from torch import Tensor

from handcalc.errors import InputError
from handcalc.storage.files import PART
from torchsim.run import Trained, TrainingRun
from torchsim.storage.checkpoints import FolderCheckpointer, versions
from torchsim.storage.files import unlink, write
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
from torchsim.storage.json import Entry, read_document, write_document
from torchsim.storage.sealed import run_tensors, seal, trained, unseal
from torchsim.storage.specifications import model_to_data, spec_digest

_HEADER = ("spec", "wall_seconds", "device")
_RECORDED = (
    *("preset", "finished", "trainer", "wall_seconds", "device", "versions", "weights"),
    "models",
)
_SEAL = "sha256"


def save(run: TrainingRun, folder: str | Path, preset: str | None = None) -> None:
    """Write a finished run into a folder: a new or empty one, or the one it was begun in.

    Its checkpoint goes once all is written. Errors: those of ``start``; nothing is overwritten.
    """
    folder = Path(folder)
    start(folder, run.spec, preset)
    with locked(folder):
        header = {"spec": spec_digest(run.spec), "wall_seconds": run.wall_seconds}
        raw = seal(run_tensors(run), {**header, "device": run.device})
        write(folder / WEIGHTS, raw)
        weights = {"file": WEIGHTS, "sha256": sha256(raw).hexdigest()}
        record = _record(run, preset_of(folder), weights)
        write_document(folder / RECORD, {**record, _SEAL: _checksum(record)})
        with suppress(InputError):  # the run is whole, and a checkpoint beside it does no harm
            for name in (CHECKPOINT, CHECKPOINT + PART):
                unlink(folder / name)


def finish(run: TrainingRun, keeping: FolderCheckpointer) -> InputError | None:
    """Save a run where it was kept as it went; what is wrong, where that fails.

    Whatever state was kept last then still stands, and a later training goes on from there.
    """
    try:
        save(run, keeping.folder, keeping.preset)
    except InputError as trouble:
        return trouble
    return None


def load(folder: str | Path) -> TrainingRun:
    """The finished run in a folder, equal to the one that was saved, bit for bit.

    Errors: ``no_run``; ``unfinished`` where the run did not come to its end; ``damaged``,
    ``schema``, ``run_file`` for a file that is not whole, was changed, or is not of this run.
    """
    folder = Path(folder)
    spec = load_spec(folder)
    if not is_finished(folder):
        raise InputError(
            "unfinished",
            f"The run in {folder} is not finished. To go on from where it stopped, type the "
            "command again that began it.",
        )
    record = _read(folder / RECORD)
    file = folder / WEIGHTS
    found = unseal(file, *_HEADER)
    if found.data["spec"].text() != spec_digest(spec):
        raise InputError(
            "damaged",
            f"{file} holds the weights of another run than {folder / SPEC} specifies. Restore the "
            "file that is wrong, or train anew in another folder.",
        )
    if record["weights"].members("file", "sha256")["sha256"].text() != found.sha256:
        raise InputError(
            "damaged",
            f"{file} and {RECORD} beside it do not belong together: the record has another "
            "checksum. Restore the one that is wrong, or train anew in another folder.",
        )
    wall_seconds, device = found.data["wall_seconds"].number(), found.data["device"].text()
    return TrainingRun(spec, trained(file, spec, found.tensors), wall_seconds, device)


def _read(file: Path) -> dict[str, Entry]:
    """The entries of a record that is as it was written."""
    record = read_document(file, *_RECORDED, _SEAL)
    data = {name: record[name].value for name in _RECORDED}
    if record[_SEAL].text() != _checksum(data):
        raise InputError(
            "damaged",
            f"{file} was changed: its checksum is not that of what it holds. Restore it, or train "
            "anew in another folder.",
        )
    return record


def _checksum(record: dict[str, object]) -> str:
    """The SHA-256 of a record's data, however it is laid out."""
    return sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _record(run: TrainingRun, preset: str | None, weights: dict[str, str]) -> dict[str, object]:
    return {
        "preset": preset,
        "finished": datetime.now(UTC).isoformat(),
        "trainer": run.spec.trainer,
        "wall_seconds": run.wall_seconds,
        "device": run.device,
        "versions": versions(),
        "weights": weights,
        "models": [_summary(run, i, each) for i, each in enumerate(run.trained)],
    }


def _summary(run: TrainingRun, i: int, each: Trained) -> dict[str, object]:
    """A model, and its best restart (from 1) with what it lost."""
    best = each.best
    return {
        **model_to_data(each.model),
        "restarts": run.spec.restarts,
        "best": best + 1,
        "agreed": run.agreed(i),
        "exact_loss": None if each.exact_loss is None else _number(each.exact_loss[best]),
        "sampled_loss": _number(each.sampled_loss[best]),
        "standard_error": _number(each.standard_error[best]),
    }


def _number(value: Tensor) -> float | None:
    """The number, or None for what JSON has no number for."""
    number = float(value)
    return number if isfinite(number) else None
