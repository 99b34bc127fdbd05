"""Kept runs whose files are changed: bits that flip, tensors that are others."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import torchsim
from tests.sim_runs import refusal
from torchsim import storage
from torchsim.kinds import AnyRun
from torchsim.storage.sealed import seal
from torchsim.storage.specifications import spec_digest
from torchsim.storage.tensors import run_tensors


def same_result(first: AnyRun, second: AnyRun) -> bool:
    """Whether two runs came to the same, bit for bit; their times may differ."""
    a, b = (run_tensors(each) for each in (first, second))
    return (
        first.spec == second.spec
        and a.keys() == b.keys()
        and all(a[name].dtype == b[name].dtype and torch.equal(a[name], b[name]) for name in a)
    )


def refusals_of_flipped_bits(
    run: AnyRun,
    folder: Path,
    name: str,
    count: int,
    same: Callable[[Any, Any], bool] = same_result,
) -> list[str]:
    """What is said where one bit of a file is another; where nothing is, the run must be the same.

    It may: a letter of when it began, say.
    """
    torchsim.save(run, folder)
    file = folder / name
    raw = file.read_bytes()
    chance = random.Random(8)  # noqa: S311 - which bits to flip is no secret
    refused = []
    for place in chance.sample(range(8 * len(raw)), count):
        flipped = bytearray(raw)
        flipped[place // 8] ^= 1 << place % 8
        file.write_bytes(bytes(flipped))
        error = refusal(lambda: torchsim.load(folder))
        if error is None:
            found = torchsim.load(folder)
            assert isinstance(found, type(run))
            assert same(found, run)
        else:
            assert error.code in ("damaged", "run_file", "schema")
            refused.append(error.message)
    return refused


def save_with_other_tensors(
    run: AnyRun, folder: Path, change: Callable[[dict[str, torch.Tensor]], object]
) -> None:
    """A run as it is kept, but for its tensors, sealed and written down as if they were its own."""
    torchsim.save(run, folder)
    tensors = run_tensors(run)
    change(tensors)
    header = {"spec": spec_digest(run.spec), "wall_seconds": 1.0, "device": "cpu"}
    raw = seal(tensors, header)
    (folder / "weights.safetensors").write_bytes(raw)
    record = storage.records.read_document(folder / "record.json", storage.records.RunRecord)
    sums = storage.records.WeightsFile(
        "weights.safetensors", storage.records.sha256(raw).hexdigest()
    )
    mended = storage.records.replace(record, weights=sums)
    mended = storage.records.replace(mended, sha256=mended.checksum())
    storage.records.write_document(folder / "record.json", mended)
