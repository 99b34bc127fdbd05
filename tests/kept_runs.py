"""Runs that the tests of ``handcalc runs`` train, and what the list says of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.cli_runs import Shell
from torchsim import SweepGrid
from torchsim.storage.sweeps import ShardStore
from torchsim.sweeping import ShardTask, train_shard
from torchsim.sweeps.specification import SweepSpec

ONE = ("sweep", "--features=2", "--hidden=1", "--sparsity=0 1/2", "--restarts=1", "--device=cpu")
OTHER = (*ONE, "--trainer=sampled", "--steps=20 30", "--batch=8")
TOY = ("train", "by-hand", "--small", "--restarts=1", "--device=cpu")
HEADS = ("train", "bigrams", "--small", "--restarts=1", "--steps=2", "--device=cpu")
GRID = SweepGrid.of([2, 3], 1, ["0", "1/2"], restarts=1)


def words(text: str) -> str:
    return " ".join(text.split())


def state() -> Path:
    return Path(os.environ["HANDCALC_STATE_DIR"]) / "runs"


def listed(shell: Shell) -> dict[str, dict[str, Any]]:
    """The list by what each run is called."""
    found = shell("runs", "--json").json()["runs"]
    return {each["called"] or each["name"]: each for each in found}


def half(name: str = "sweep-half") -> Path:
    """A sweep in handcalc's own folder of which two cells of four are there."""
    folder = state() / name
    with ShardStore(SweepSpec((GRID,)), folder, "sweep") as store:
        store.start()
        first = next(store.spec.shards())
        store.put(first, train_shard(ShardTask(GRID, first, 1)).raw)
    return folder
