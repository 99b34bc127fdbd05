"""Sweeps on a Dask cluster of this machine, whose workers and whose driver are killed."""

from __future__ import annotations

import gc
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from handcalc.processes.cluster import cluster
from tests.test_sweep_runs import GRID, bits, loaded
from torchsim import SweepGrid, sweep

pytestmark = [
    # a scheduler that is ended leaves sockets to whoever collects the garbage
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals"),
]


@pytest.fixture(autouse=True)
def no_garbage() -> Iterator[None]:
    """What a scheduler leaves to the garbage is collected here, and not in somebody else's test."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    with LocalCluster(
        n_workers=2,
        processes=True,
        threads_per_worker=1,
        dashboard_address=":0",
        silence_logs=logging.CRITICAL + 1,
    ) as running:
        yield running.scheduler_address
    gc.collect()


def test_a_cluster_comes_to_the_same_numbers(scheduler: str, tmp_path: Path) -> None:
    with cluster(scheduler) as executor:
        found = sweep(GRID, executor=executor, keep=tmp_path / "run")
    assert bits(found) == bits(sweep(GRID))


RATES, BATCHES = "1e-4..1e-1 in 10 log", "16..52 by 4"
THOUSANDS = [
    *("sweep", "--features=2", "--hidden=1", "--sparsity=1/2", "--trainer=sampled"),
    *("--steps=300", "--restarts=2", "--seeds=20", f"--rate={RATES}", f"--batch={BATCHES}"),
]
"""2,000 cells in a hundred shards."""


def shards(folder: Path) -> dict[str, tuple[int, int]]:
    """The shards that are there, each with what changes if it is written again."""
    files = {each.name: each.stat() for each in (folder / "shards").glob("*.safetensors")}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in files.items()}


def begin(scheduler: str, folder: Path) -> subprocess.Popen[bytes]:
    """A driver of its own: the command line."""
    command = [sys.executable, "-m", "handcalc", *THOUSANDS, f"--scheduler={scheduler}"]
    return subprocess.Popen(
        [*command, f"--out={folder}", "--no-state", "--json"], stdout=subprocess.DEVNULL
    )


def wait_for(count: int, folder: Path, driver: subprocess.Popen[bytes]) -> None:
    """Until so many shards are there, and the driver is still at work."""
    while len(shards(folder)) < count:
        assert driver.poll() is None
        time.sleep(0.02)


@pytest.mark.slow
def test_two_thousand_cells_though_a_worker_and_the_driver_are_killed(
    scheduler: str, tmp_path: Path
) -> None:
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    driver = begin(scheduler, broken)
    wait_for(15, broken, driver)
    with Client(scheduler, set_as_default=False) as client:
        pids = client.run(os.getpid)
    os.kill(min(pids.values()), signal.SIGKILL)
    wait_for(45, broken, driver)
    driver.kill()
    driver.wait()
    before = shards(broken)
    assert 45 <= len(before) < 100
    assert begin(scheduler, broken).wait() == 0
    after = shards(broken)
    assert len(after) == 100
    assert {name: after[name] for name in before} == before  # nothing was done again

    grid = SweepGrid.of(
        2,
        1,
        "1/2",
        trainer="sampled",
        steps=300,
        restarts=2,
        seed=range(20),
        rate=[float(f"{10 ** (-4 + k / 3):.4g}") for k in range(10)],
        batch=range(16, 53, 4),
    )
    unbroken = sweep(grid, keep=whole)
    found = loaded(broken)
    assert found.spec == unbroken.spec
    assert [cell.number for cell in found.cells()] == list(range(1, 2001))
    assert not found.failed
    assert bits(found) == bits(unbroken)
