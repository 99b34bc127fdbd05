"""Sweeps trained: by anybody, stopped and killed on the way, always to the same numbers."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from pyarrow import parquet

import torchsim.sweeping
from handcalc.errors import InputError
from handcalc.processes.jobs import Processes
from torchsim import ModelSpec, SweepGrid, SweepRun, TrainingSpec, load, sweep, train
from torchsim.storage import is_finished
from torchsim.storage.sweeps import ShardStore
from torchsim.sweeping import ShardResult, ShardTask, run_shards, train_shard
from torchsim.sweeps.specification import SweepSpec

GRID = SweepGrid.of([2, 3], 1, ["0", "1/2", "9/10"], seed=range(2), restarts=4)
SAMPLED = SweepGrid.of(
    2, 1, ["0", "1/2"], trainer="sampled", steps=[20, 30], batch=64, restarts=2, kernel="plain"
)


def bits(run: SweepRun) -> list[Any]:
    """All tensors of all cells, as bytes, with what failed."""
    found: list[Any] = []
    for cell in run.cells():
        trained = cell.trained
        if trained is None:
            found.append(cell.failed)
            continue
        exact = () if trained.exact_loss is None else (trained.exact_loss,)
        tensors = (trained.W, trained.b, trained.sampled_loss, trained.history.losses, *exact)
        found.append([tensor.numpy().tobytes() for tensor in tensors])
    return found


def loaded(folder: Path) -> SweepRun:
    """A sweep from its folder."""
    found = load(folder)
    assert isinstance(found, SweepRun)
    return found


@pytest.fixture(scope="module")
def unbroken() -> dict[str, list[Any]]:
    """What the sweeps of these tests come to where nothing happens to them."""
    return {"exact": bits(sweep(GRID)), "sampled": bits(sweep(SAMPLED))}


def test_a_cell_is_what_its_shard_comes_to_by_itself() -> None:
    found = sweep(GRID)
    for number, spec in ((1, GRID.spec(range(6))), (7, GRID.spec(range(6, 12)))):
        alone = train(spec)
        for i, trained in enumerate(alone.trained):
            assert torch.equal(found.trained(number + i).W, trained.W)
            assert found.cell(number + i).agreed == alone.agreed(i)


@pytest.mark.parametrize(("name", "grid"), [("exact", GRID), ("sampled", SAMPLED)])
def test_whoever_does_it_the_numbers_are_the_same(
    name: str, grid: SweepGrid, unbroken: dict[str, list[Any]], tmp_path: Path
) -> None:
    with ThreadPoolExecutor(1) as threads:
        assert bits(sweep(grid, executor=threads)) == unbroken[name]
    assert bits(sweep(grid, jobs=2, keep=tmp_path / "run")) == unbroken[name]
    assert bits(loaded(tmp_path / "run")) == unbroken[name]


@pytest.mark.parametrize("most", [34, 40, 50])
def test_stopped_and_gone_on_with_it_is_the_unbroken_sweep(
    most: int, unbroken: dict[str, list[Any]], tmp_path: Path
) -> None:
    looks = stops = 0

    def should_stop() -> bool:
        nonlocal looks
        looks += 1
        return looks > most  # the first shard takes 22 looks, the second 32

    while not is_finished(tmp_path / "run"):
        looks = 0
        try:
            sweep(SAMPLED, keep=tmp_path / "run", should_stop=should_stop)
        except KeyboardInterrupt:
            stops += 1
            assert stops < 3
    assert stops
    assert bits(loaded(tmp_path / "run")) == unbroken["sampled"]


def test_what_is_kept_is_never_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def counting(task: ShardTask, *_: Any, **__: Any) -> ShardResult:
        calls.append(task.place.cells.start)
        if len(calls) == 2:
            raise KeyboardInterrupt("Ctrl-C")
        return train_shard(task)

    monkeypatch.setattr(torchsim.sweeping, "train_shard", counting)
    with pytest.raises(KeyboardInterrupt, match="Ctrl-C"):
        sweep(GRID, keep=tmp_path / "run")
    sweep(GRID, keep=tmp_path / "run")
    sweep(GRID, keep=tmp_path / "run")
    assert calls == [0, 6, 6]


def diverging() -> SweepGrid:
    """Two cells with numbers that run off, and two without."""
    return SweepGrid.of(
        2,
        1,
        "0",
        ["1", "1e30"],
        trainer="sampled",
        rate=[1e-3],
        steps=60,
        batch=16,
        seed=range(2),
        restarts=1,
        optimiser="adam",
    )


def test_a_cell_that_fails_is_told_and_the_others_are_there(tmp_path: Path) -> None:
    grid = diverging()
    found = sweep(grid, keep=tmp_path / "run")
    assert sorted(found.failed) == [3, 4]
    assert "infinity" in found.failed[3] or "NaN" in found.failed[3]
    columns = found.columns()
    assert [why is None for why in columns["failed"]] == [True, True, False, False]
    assert columns["loss"][0] > 0
    assert columns["loss"][2] != columns["loss"][2]  # NaN
    alone = train(replace(grid.spec(range(4)), models=grid.spec(range(2)).models))
    assert torch.equal(found.trained(2).W, alone.trained[1].W)  # the fused kernel: beside whatever
    with pytest.raises(InputError, match="Cell 3 came to nothing"):
        found.trained(3)
    again = loaded(tmp_path / "run")
    assert (again.failed, bits(again)) == (found.failed, bits(found))


def kill_of_cell_6(task: ShardTask) -> ShardResult:
    """The process that gets this shard dies."""
    if task.place.cells.start == 6:
        os.kill(os.getpid(), signal.SIGKILL)
    return train_shard(task)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no process is killed so on Windows")
def test_a_shard_that_kills_its_process_is_told_and_trained_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unbroken: dict[str, list[Any]]
) -> None:
    monkeypatch.setattr(torchsim.sweeping, "train_shard", kill_of_cell_6)
    found = sweep(GRID, jobs=2, keep=tmp_path / "run")
    assert sorted(found.failed) == list(range(7, 13))
    assert not is_finished(tmp_path / "run")
    assert found.columns()["failed"][:6] == [None] * 6
    monkeypatch.undo()
    assert bits(sweep(GRID, keep=tmp_path / "run")) == unbroken["exact"]


def test_want_of_memory_fails_a_cell_until_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unbroken: dict[str, list[Any]]
) -> None:
    real = torchsim.sweeping.train

    def short(spec: TrainingSpec, **more: Any) -> Any:
        if spec.models[-1].features == 3 and spec.models[-1].distribution.blocks(3)[0].sparsity:
            raise RuntimeError("[enforce fail] you tried to allocate 9 bytes\nbacktrace")
        return real(spec, **more)

    monkeypatch.setattr(torchsim.sweeping, "train", short)
    found = sweep(GRID, keep=tmp_path / "run")
    assert sorted(found.failed) == [9, 10, 11, 12]
    assert found.failed[9] == "RuntimeError: [enforce fail] you tried to allocate 9 bytes"
    assert not is_finished(tmp_path / "run")
    monkeypatch.undo()
    assert bits(sweep(GRID, keep=tmp_path / "run")) == unbroken["exact"]


def test_what_every_cell_would_meet_stops_the_sweep() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device, which is what must be missing")
    with pytest.raises(InputError, match="no CUDA device"):
        sweep(replace(GRID, device="cuda"))


def test_a_shard_that_was_changed_is_refused(tmp_path: Path) -> None:
    sweep(GRID, keep=tmp_path / "run")
    shard = tmp_path / "run" / "shards" / "1-7.safetensors"
    raw = bytearray(shard.read_bytes())
    raw[-3] ^= 1
    shard.write_bytes(raw)
    found = loaded(tmp_path / "run")
    assert found.trained(6).model.features == 2
    with pytest.raises(InputError, match="is damaged"):
        found.trained(7)
    shard.write_bytes((tmp_path / "run" / "shards" / "1-1.safetensors").read_bytes())
    with pytest.raises(InputError, match="a shard of another sweep"):
        loaded(tmp_path / "run").trained(7)
    shard.unlink()
    with pytest.raises(InputError, match=r"There is no file .*1-7\.safetensors"):
        loaded(tmp_path / "run").trained(7)


@pytest.mark.parametrize("is_finished", [True, False])
def test_a_damaged_shard_is_set_aside_and_trained_again(tmp_path: Path, is_finished: bool) -> None:
    whole = sweep(GRID, keep=tmp_path / "run").columns()
    shards = tmp_path / "run" / "shards"
    other = (shards / "1-1.safetensors").read_bytes()
    (shards / "1-7.safetensors").write_bytes(other)
    if not is_finished:
        (tmp_path / "run" / "record.json").unlink()
    untouched = (shards / "1-1.safetensors").stat()
    with pytest.warns(UserWarning, match=r"1-7\.safetensors was damaged"):
        assert sweep(GRID, keep=tmp_path / "run").columns() == whole
    assert (shards / "1-7.safetensors.damaged").read_bytes() == other
    assert (shards / "1-1.safetensors").stat().st_mtime_ns == untouched.st_mtime_ns
    (shards / "1-7.safetensors").unlink()  # one that is gone is trained again, too
    assert sweep(GRID, keep=tmp_path / "run").columns() == whole


def test_another_version_does_not_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ShardStore(SweepSpec((GRID,)), tmp_path / "run") as store:
        store.start()
        place = next(SweepSpec((GRID,)).shards())
        store.put(place, train_shard(ShardTask(GRID, place, 1)).raw)
    monkeypatch.setattr("torchsim.storage.checkpoints.versions", lambda: {"torch": "0"})
    with pytest.raises(InputError, match="Go on with those versions"):
        sweep(GRID, keep=tmp_path / "run")


def test_two_at_once_and_another_sweep_are_refused(tmp_path: Path) -> None:
    nothing: Any = 3
    with ShardStore(SweepSpec((GRID,)), tmp_path / "run") as store:
        store.start()
        with pytest.raises(InputError, match="another specification"):
            sweep(SAMPLED, keep=tmp_path / "run")
    with pytest.raises(InputError, match="jobs= are processes in place of an executor"):
        sweep(GRID, jobs=2, executor=ThreadPoolExecutor(1))
    for count in (0, -1, 1.5, "two"):
        jobs: Any = count
        with pytest.raises(InputError, match="jobs= is a number of processes, from 1"):
            sweep(GRID, jobs=jobs)
    with pytest.raises(InputError, match="A sweep takes a SweepGrid, or a list of them, not 3"):
        sweep(nothing)


def test_runs_and_grids_one_after_the_other() -> None:
    one = TrainingSpec((ModelSpec.of(2, 1, "1/3"), ModelSpec.of(3, 1, "1/3")), restarts=2)
    found = sweep([one, GRID])
    assert len(found) == 14
    assert torch.equal(found.trained(2).W, train(one).trained[1].W)
    assert found.columns()["sparsity"][:3] == [*[pytest.approx(1 / 3)] * 2, 0]


def test_cells_chosen_as_a_run() -> None:
    found = sweep(SAMPLED)
    run = found.chosen([2, 1])
    assert [trained.model for trained in run.trained] == [found.cell(2).model, found.cell(1).model]
    assert run.spec.steps == 20
    with pytest.raises(InputError, match=r"different ways \(steps 20 and 30\)"):
        found.chosen([1, 3])
    numbers: tuple[Any, ...] = (0, 5, "1")
    for wrong in numbers:
        with pytest.raises(InputError, match="numbered from 1 to 4"):
            found.cell(wrong)
    with pytest.raises(InputError, match="At least one cell"):
        found.chosen([])


def test_progress_counts_cells() -> None:
    heard: list[tuple[int, int, int]] = []
    sweep(diverging(), on_progress=lambda now: heard.append((now.done, now.total, now.failed)))
    assert heard[0] == (0, 4, 0)
    assert heard[-1] == (4, 4, 2)
    assert [done for done, _, _ in heard] == sorted(done for done, _, _ in heard)


def test_every_row_of_a_table_says_which_cell_it_is() -> None:
    sets = [[(1, 2), (3, 4)], [(1, 3), (2, 4)]]
    kinds = ["independent", "correlated"]
    grid = SweepGrid.of(4, 2, ["1/2", "3/4"], distribution=kinds, sets=sets, restarts=1)
    columns = sweep(grid).columns()
    told = zip(*(columns[name] for name in ("distribution", "sets", "sparsity")), strict=True)
    assert len(set(told)) == 6
    assert columns["sets"][2] == "1 2; 3 4"


def test_a_stop_between_shards_elsewhere_keeps_each_once(tmp_path: Path) -> None:
    grid = SweepGrid.of([2, 3, 4, 5, 6], 1, "1/2", restarts=1)
    looks = 0

    def should_stop() -> bool:
        nonlocal looks
        looks += 1
        return looks > 3

    with pytest.raises(KeyboardInterrupt, match=r"of 5 cells"):
        sweep(grid, jobs=2, keep=tmp_path / "run", should_stop=should_stop)
    assert len(list((tmp_path / "run" / "shards").glob("*.safetensors"))) == 3


def test_tables(tmp_path: Path) -> None:
    found = sweep(diverging())
    frame = found.to_frame()
    assert frame.shape == (4, len(found.columns()) - 1)
    assert frame["loss"].isna().tolist() == [False, False, True, True]
    found.to_csv(tmp_path / "cells.csv")
    lines = (tmp_path / "cells.csv").read_text().splitlines()
    assert lines[0].split(",")[:4] == ["cell", "features", "hidden", "activation"]
    assert float(lines[1].split(",")[lines[0].split(",").index("loss")]) == frame["loss"][1]
    found.to_parquet(tmp_path / "cells.parquet")
    table = parquet.read_table(tmp_path / "cells.parquet").to_pydict()
    assert table["loss"][:2] == frame["loss"].tolist()[:2]
    assert list(table) == list(found.columns())


@pytest.fixture
def two_processes() -> Iterator[Processes]:
    with Processes(2) as processes:
        yield processes


def test_a_store_in_memory_needs_no_folder(
    two_processes: Processes, unbroken: dict[str, list[Any]]
) -> None:
    store = ShardStore(SweepSpec((GRID,)))
    assert bits(run_shards(store, two_processes)) == unbroken["exact"]


@pytest.mark.parametrize(
    ("given", "code", "match"),
    [
        ({"executor": 3}, "executor", "An executor is one of concurrent.futures, .*, not 3"),
        ({"executor": ProcessPoolExecutor}, "executor", "not <class"),
        ({"progress": "no"}, "progress", "progress= is True or False, not 'no'"),
        ({"on_progress": 3}, "on_progress", "on_progress= is a function, or None, not 3"),
        ({"should_stop": True}, "should_stop", "should_stop= is a function, or None, not True"),
        ({"keep": ""}, "path", "A file or folder is given by its name, not ''"),
        ({"keep": 3}, "path", "A file or folder is given by its name, not 3"),
        ({"keep": b"x"}, "path", "not b'x'"),
        ({"jobs": 2.5}, "jobs", "jobs= is a number of processes, from 1, not 2.5"),
    ],
)
def test_what_a_sweep_is_not_run_with(given: Any, code: str, match: str) -> None:
    with pytest.raises(InputError, match=match) as refused:
        sweep(SweepGrid.of(2, 1, "1/2", restarts=1), **given)
    assert refused.value.code == code


@pytest.mark.parametrize("asked", [None, "", [], {}, set(), 3, [3], ["1/2"], float("nan"), b"ab"])
def test_what_is_no_sweep(asked: Any) -> None:
    with pytest.raises(InputError, match=r"A sweep (takes|is|has) .*SweepGrid"):
        sweep(asked)
    with pytest.raises(InputError, match=r"A sweep|parts of a sweep"):
        SweepSpec(asked)


def test_an_executor_that_is_shut_down_is_told() -> None:
    with ThreadPoolExecutor(1) as over:
        pass
    with pytest.raises(InputError, match="cannot schedule new futures after shutdown"):
        sweep(SweepGrid.of(2, 1, "1/2", restarts=1), executor=over)
