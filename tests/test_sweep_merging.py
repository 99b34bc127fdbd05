"""Runs merged into one sweep, and sweeps that are looked at before they are finished."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from handcalc.errors import InputError
from tests.cli_runs import surroundings
from tests.full_disk import filling_up
from torchsim import (
    AttentionSpec,
    Contexts,
    ModelSpec,
    SweepGrid,
    SweepRun,
    TrainingRun,
    TrainingSpec,
    load,
    merge,
    sweep,
    train,
)
from torchsim.storage import is_finished, name_of, name_run, save
from torchsim.storage.sweeps import ShardStore
from torchsim.sweeping import ShardTask, train_shard
from torchsim.sweeps.run import NOT_TRAINED
from torchsim.sweeps.specification import SweepSpec
from torchsim.views.sweeps import sweep_markdown

ONE = SweepGrid.of([2, 3], 1, ["0", "1/2"], restarts=2)
OTHER = SweepGrid.of(2, 1, ["1/2", "9/10"], trainer="sampled", steps=20, batch=16, restarts=2)
TOY = TrainingSpec((ModelSpec.of(2, 1, "1/3"), ModelSpec.of(3, 1, "1/3")), restarts=2)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two sweeps and a run of toy models, in folders."""
    root = tmp_path_factory.mktemp("runs")
    sweep(ONE, keep=root / "one")
    sweep(OTHER, keep=root / "other")
    train(TOY, keep=root / "toy")
    return {name: root / name for name in ("one", "other", "toy")}


def swept(folder: Path, *, partial: bool = False) -> SweepRun:
    found = load(folder, partial=partial)
    assert isinstance(found, SweepRun)
    return found


def table(run: SweepRun) -> list[tuple[Any, ...]]:
    """The rows but for the cells' numbers, as texts: NaN is itself."""
    columns = {name: values for name, values in run.columns().items() if name != "cell"}
    return [tuple(map(str, row)) for row in zip(*columns.values(), strict=True)]


def half(folder: Path) -> None:
    """Leave a sweep of ONE in which the first of two shards is done."""
    with ShardStore(SweepSpec((ONE,)), folder) as store:
        store.start()
        first = next(store.spec.shards())
        store.put(first, train_shard(ShardTask(ONE, first, 1)).raw)


def test_all_cells_stand_there_in_the_order_given(kept: dict[str, Path], tmp_path: Path) -> None:
    before = {file: file.read_bytes() for file in kept["one"].rglob("*") if file.is_file()}
    found = merge([kept["other"], kept["toy"], kept["one"]], keep=tmp_path / "all")
    assert len(found) == 8
    assert [cell.number for cell in found.cells()] == list(range(1, 9))
    alone = train(TOY)
    assert torch.equal(found.trained(4).W, alone.trained[1].W)
    assert table(found) == [
        *table(swept(kept["other"])),
        *table(sweep([TOY])),
        *table(swept(kept["one"])),
    ]
    assert found.spec.parts == (OTHER, TOY, ONE)
    assert table(swept(tmp_path / "all")) == table(found)
    assert before == {file: file.read_bytes() for file in before}
    shards, own = tmp_path / "all" / "shards", kept["one"] / "shards"
    for file in own.iterdir():  # the same bytes, under the number of the part
        copy = shards / f"3{file.name[1:]}"
        assert copy.read_bytes() == file.read_bytes()
    assert (tmp_path / "all" / "record.json").exists()


def test_runs_in_memory_are_merged_too(kept: dict[str, Path]) -> None:
    run = train(TOY)
    found = merge((sweep(OTHER), run, str(kept["one"])))
    assert table(found) == table(merge([kept["other"], kept["toy"], kept["one"]]))
    assert len(merge([merge([run]), kept["one"]])) == 6


def test_cells_that_two_have_stand_there_twice(kept: dict[str, Path]) -> None:
    wider = SweepGrid.of([2, 3], 1, ["0", "1/2", "9/10"], restarts=2)
    found = merge([kept["one"], sweep(wider)])
    assert table(found)[0] == table(found)[4]
    assert len(found) == 10


def test_the_versions_that_trained_it_are_kept(
    kept: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = {"handcalc": "of later", "torch": "0"}
    monkeypatch.setattr("torchsim.storage.sweeps.versions", lambda: now)
    merge([kept["toy"], kept["one"]], keep=tmp_path / "all")
    for file in (tmp_path / "all" / "shards").iterdir():
        assert b"of later" not in file.read_bytes()
    assert json.loads((tmp_path / "all" / "record.json").read_text())["versions"] == now


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "At least one run is merged; none is given."),
        (3, "takes a list of runs and folders, not 3"),
        ("folder", "takes a list of runs and folders, not 'folder'"),
        ([3], "takes sweeps, runs of toy models and folders, not 3"),
        (["no such folder"], "There is no run in no such folder"),
    ],
)
def test_what_is_no_run(given: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        merge(given)


def test_the_same_twice_is_refused(kept: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^The run in .*one is given twice: give each once\."):
        merge([kept["one"], kept["toy"], kept["one"]], keep=tmp_path / "all")
    shutil.copytree(kept["one"], tmp_path / "copy")
    with pytest.raises(InputError, match=r"one and the run in .*copy have the same cells"):
        merge([kept["one"], tmp_path / "copy"])
    run = merge([kept["one"], kept["toy"]])
    with pytest.raises(InputError, match=r"^Run 1 and run 2 have the same cells"):
        merge([run, train(TOY)])
    assert not (tmp_path / "all").exists()


def test_attention_only_models_are_refused(tmp_path: Path) -> None:
    model = AttentionSpec(Contexts.bigrams([[2, 1], [1, 2]]), layers=0, d_model=1, steps=2)
    run = train(model, restarts=1)
    save(run, tmp_path / "heads")
    with pytest.raises(InputError, match=r"^Run 1 has attention-only models, and a sweep has toy"):
        merge([run])  # type: ignore[list-item]  # what a person may try
    with pytest.raises(InputError, match=r"^The run in .*heads has attention-only models"):
        merge([tmp_path / "heads"])


def test_what_is_not_finished_is_refused(kept: dict[str, Path], tmp_path: Path) -> None:
    half(tmp_path / "half")
    with pytest.raises(InputError, match="not finished") as raised:
        merge([kept["toy"], tmp_path / "half"])
    assert raised.value.code == "unfinished"
    with pytest.raises(InputError, match=r"Cells 3 to 4 .* did not come to their end: not trained"):
        merge([swept(tmp_path / "half", partial=True)], keep=tmp_path / "all")
    assert not (tmp_path / "all").exists()


def test_a_shard_that_was_changed_is_not_copied(kept: dict[str, Path], tmp_path: Path) -> None:
    shutil.copytree(kept["one"], tmp_path / "copy")
    shard = tmp_path / "copy" / "shards" / "1-3.safetensors"
    whole = shard.read_bytes()
    other = (tmp_path / "copy" / "shards" / "1-1.safetensors").read_bytes()
    for raw in (whole[:-9], whole[:-3] + b"\0\1\2", other, b""):
        shard.write_bytes(raw)
        with pytest.raises(InputError, match=r"1-3\.safetensors is damaged"):
            merge([kept["toy"], tmp_path / "copy"], keep=tmp_path / "all")
        assert not (tmp_path / "all").exists()
    shard.unlink()
    with pytest.raises(InputError, match="There is no file"):
        merge([kept["toy"], tmp_path / "copy"], keep=tmp_path / "all")
    assert not (tmp_path / "all").exists()


@pytest.mark.parametrize("stays_full", [True, False])
def test_a_full_disk_leaves_nothing_that_looks_finished(
    kept: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stays_full: bool
) -> None:
    k, codes = 0, list[str]()
    while True:
        k += 1
        folder = tmp_path / f"all-{k}"
        with filling_up(monkeypatch, folder, k, stays_full=stays_full) as disk:
            try:
                merge([kept["one"], kept["toy"]], keep=folder)
            except InputError as error:
                codes.append(error.code)
        if disk.writes < k:
            break
        if is_finished(folder):  # what failed was no more than the folder's own settling
            assert len(swept(folder)) == 6
        assert len(merge([kept["one"], kept["toy"]], keep=folder)) == 6
        assert table(swept(folder)) == table(merge([kept["one"], kept["toy"]]))
    assert len(codes) > 8
    assert set(codes) == {"unwritable"}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no process is killed so on Windows")
@pytest.mark.parametrize("strike", range(1, 6))
def test_killed_on_the_way_it_is_not_finished_and_the_same_call_ends_it(
    kept: dict[str, Path], tmp_path: Path, strike: int
) -> None:
    """The five files: spec.json, three shards, the record."""
    code = f"""
import os, signal, torchsim
from torchsim.storage import documents
real, calls = documents.write_whole, []
def write(*args, **more):
    calls.append(1)
    if len(calls) == {strike}:
        os.kill(os.getpid(), signal.SIGKILL)
    real(*args, **more)
documents.write_whole = write
torchsim.merge([{str(kept["one"])!r}, {str(kept["toy"])!r}], keep={str(tmp_path / "all")!r})
"""
    done = subprocess.run([sys.executable, "-c", code], env=surroundings(), check=False)
    assert done.returncode == -signal.SIGKILL
    assert not is_finished(tmp_path / "all")
    found = merge([kept["one"], kept["toy"]], keep=tmp_path / "all")
    assert table(found) == table(merge([kept["one"], kept["toy"]]))
    assert is_finished(tmp_path / "all")


def test_stopped_by_ctrl_c_it_takes_away_what_it_began(
    kept: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt("Ctrl-C")

    monkeypatch.setattr(ShardStore, "put", stop)
    with pytest.raises(KeyboardInterrupt, match="Ctrl-C"):
        merge([kept["one"], kept["toy"]], keep=tmp_path / "all")
    assert not (tmp_path / "all").exists()


def test_a_folder_of_somebody_else_stays(kept: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"holds other files, such as notes\.txt"):
        merge([kept["one"], kept["toy"]], keep=tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(InputError, match="holds another run"):
        merge([kept["one"], kept["toy"]], keep=kept["other"])
    assert len(swept(kept["other"])) == 2


def test_a_sweep_that_was_begun_otherwise_is_never_taken_away(
    kept: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shards of the same sweep that were trained there stay where a merge fails."""
    spec = SweepSpec((ONE, TOY))
    with ShardStore(spec, tmp_path / "all") as store:
        store.start()
        first = next(spec.shards())
        store.put(first, train_shard(ShardTask(ONE, first, 1)).raw)
    with filling_up(monkeypatch, tmp_path / "all", 1), pytest.raises(InputError, match="No space"):
        merge([kept["one"], kept["toy"]], keep=tmp_path / "all")
    assert [file.name for file in (tmp_path / "all" / "shards").iterdir()] == ["1-1.safetensors"]
    assert len(merge([kept["one"], kept["toy"]], keep=tmp_path / "all")) == 6


# -- before it is finished -------------------------------------------------------------------------


def test_a_part_of_a_sweep(kept: dict[str, Path], tmp_path: Path) -> None:
    half(tmp_path / "half")
    with pytest.raises(InputError, match=r"not finished.*partial=True") as raised:
        load(tmp_path / "half")
    assert raised.value.suggestion == f"handcalc runs {tmp_path / 'half'}"
    found = swept(tmp_path / "half", partial=True)
    assert repr(found) == "<SweepRun: 4 cells, 2 not trained yet>"
    assert found.failed == {3: NOT_TRAINED, 4: NOT_TRAINED}
    assert table(found)[:2] == table(swept(kept["one"]))[:2]
    assert found.columns()["failed"] == [None, None, NOT_TRAINED, NOT_TRAINED]
    with pytest.raises(InputError, match="Cell 3 came to nothing: not trained yet"):
        found.trained(3)
    page = " ".join(sweep_markdown(found).split())
    assert "2 of 4 cells in " in page
    assert "The others are not trained yet." in page
    assert "failed." not in page
    assert table(swept(kept["one"], partial=True)) == table(swept(kept["one"]))


def test_nothing_of_a_sweep_is_there(tmp_path: Path) -> None:
    with ShardStore(SweepSpec((ONE,)), tmp_path) as store:
        store.start()
        found = swept(tmp_path, partial=True)  # while another holds the folder
    assert (len(found), found.left) == (4, 4)
    assert "0 of 4 cells in less than 0.1 seconds of work." in " ".join(
        sweep_markdown(found).split()
    )


def test_a_run_of_toy_models_has_no_part(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt, match="stopped"):
        train(TOY, keep=tmp_path, should_stop=lambda: True)
    with pytest.raises(InputError, match=r"is not finished.*that began it\.$"):
        load(tmp_path, partial=True)


# -- names -----------------------------------------------------------------------------------------


def test_a_name_is_kept_beside_what_the_run_is(kept: dict[str, Path], tmp_path: Path) -> None:
    shutil.copytree(kept["toy"], tmp_path / "toy")
    file, before = tmp_path / "toy" / "spec.json", (kept["toy"] / "spec.json").read_text()
    assert "name" not in json.loads(before)
    assert name_of(tmp_path / "toy") is None
    name_run(tmp_path / "toy", "Überblick, S = 1")
    assert name_of(tmp_path / "toy") == "Überblick, S = 1"
    found = load(tmp_path / "toy")
    assert isinstance(found, TrainingRun)
    assert found.spec == TOY
    train(TOY, keep=tmp_path / "toy")  # the same call finds it, and the name stays
    assert name_of(tmp_path / "toy") == "Überblick, S = 1"
    name_run(tmp_path / "toy", None)
    assert file.read_text() == before


def test_cells_that_failed_for_want_of_memory_are_in_no_other_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_memory(spec: TrainingSpec, **named: Any) -> TrainingRun:
        if spec.models[0].features == 3:
            raise MemoryError
        return train(spec, **named)

    monkeypatch.setattr("torchsim.sweeping.train", without_memory)
    found = sweep(ONE)
    assert list(found.failed) == [3, 4]
    with pytest.raises(InputError, match=r"Cells 3 to 4 .* their end: MemoryError.* Sweep") as no:
        merge([found], keep=tmp_path / "merged")
    assert (no.value.code, (tmp_path / "merged").exists()) == ("unfinished", False)

    monkeypatch.undo()
    assert merge([sweep(ONE)], keep=tmp_path / "merged").failed == {}


HOSTILE = [
    ("", "is empty"),
    ("a" * 65, "at most 64 characters, and the one given has 65"),
    ("a/b", "no slashes"),
    ("a\\b", "no slashes"),
    ("a\nb", "do not print"),
    ("a\x1b[31m", "do not print"),
    ("a\u202eb", "do not print"),
    ("a\udc80", "do not print"),
    ("a\0", "do not print"),
    ("..", r"begins with a letter or a digit, not with '\.'"),
    ("-x", "begins with a letter or a digit"),
    ("~", "begins with a letter or a digit"),
    (" a", "begins with a letter or a digit"),
    ("a ", "does not end with a blank"),
]


@pytest.mark.parametrize(("name", "said"), HOSTILE)
def test_names_that_no_run_can_have(
    kept: dict[str, Path], tmp_path: Path, name: str, said: str
) -> None:
    before = (kept["toy"] / "spec.json").read_bytes()
    with pytest.raises(InputError, match=said):
        name_run(kept["toy"], name)
    assert (kept["toy"] / "spec.json").read_bytes() == before
    data = json.loads(before) | {"name": name}
    (tmp_path / "spec.json").write_text(json.dumps(data))
    with pytest.raises(InputError, match=rf'spec\.json: "name": A name .*{said}'):
        name_of(tmp_path)


def test_a_name_that_is_no_text(kept: dict[str, Path], tmp_path: Path) -> None:
    for name in (3, None, ["a"]):
        data = json.loads((kept["toy"] / "spec.json").read_bytes()) | {"name": name}
        (tmp_path / "spec.json").write_text(json.dumps(data))
        with pytest.raises(InputError, match='"name" is a text in quotes, not'):
            load(tmp_path)
