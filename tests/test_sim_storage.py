"""Runs on disk: what is read equals what was written, and one process writes a folder at a time."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open

from handcalc.errors import InputError
from handcalc.storage.files import PART
from tests.full_disk import filling_up
from tests.sim_devices import DEVICES
from tests.sim_runs import OTHER, SPEC, files_of, made_up, same_result, same_tensor
from torchsim import storage
from torchsim.specification import TrainingSpec
from torchsim.storage import checkpoints
from torchsim.storage.documents import write
from torchsim.training.checkpoint import State

ROOT = Path(__file__).resolve().parent.parent
STATE = State(1, 20, {"W": torch.arange(6.0).reshape(3, 2)}, {"rate": 0.1})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished run's folder."""
    storage.save(made_up(), tmp_path / "run", "a-preset")
    return tmp_path / "run"


# -- runs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("known", [True, False])
def test_a_run_survives_its_folder(tmp_path: Path, dtype: Any, known: bool) -> None:
    spec = TrainingSpec(SPEC.models, restarts=3, dtype=dtype)
    run = made_up(spec, known=known)
    storage.save(run, tmp_path / "deep" / "run")
    read = storage.load(tmp_path / "deep" / "run")
    assert same_result(run, read)
    assert (read.wall_seconds, read.device) == (12.5, "a made-up device")
    assert not same_result(made_up(spec, seed=1, known=known), read)  # the judge can tell


def test_whole_seconds_keep_the_checksum(tmp_path: Path) -> None:
    storage.save(replace(made_up(), wall_seconds=12), tmp_path / "run")
    assert storage.load(tmp_path / "run").wall_seconds == 12


def test_other_programs_read_the_folder(folder: Path) -> None:
    run = made_up()
    raw = (folder / "weights.safetensors").read_bytes()
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    assert record["weights"] == {
        "file": "weights.safetensors",
        "sha256": hashlib.sha256(raw).hexdigest(),
    }
    assert (record["schema"], record["preset"], record["trainer"]) == (1, "a-preset", "exact")
    assert (record["wall_seconds"], record["device"]) == (12.5, "a made-up device")
    assert record["versions"]["torch"] == torch.__version__
    for i, (model, trained) in enumerate(zip(record["models"], run.trained, strict=True)):
        best = trained.best
        assert trained.exact_loss is not None
        assert (model["best"], model["restarts"]) == (best + 1, 4)
        assert model["exact_loss"] == float(trained.exact_loss[best])
        assert model["agreed"] == run.agreed(i)
    with safe_open(folder / "weights.safetensors", "pt") as opened:
        assert same_tensor(opened.get_tensor("model2.W"), run.trained[1].W)
        assert opened.get_tensor("model1.history_steps").tolist() == [0, 10, 25]


def test_a_loss_that_json_has_no_number_for(tmp_path: Path) -> None:
    run = made_up(known=False)
    run.trained[0].sampled_loss.fill_(torch.inf)
    storage.save(run, tmp_path / "run")
    record = json.loads((tmp_path / "run" / "record.json").read_text(encoding="utf-8"))
    assert record["models"][0]["sampled_loss"] is None
    assert same_result(storage.load(tmp_path / "run"), run)


def test_a_folder_holds_four_files_and_its_lock_at_most(folder: Path) -> None:
    assert set(files_of(folder)) == {"spec.json", "record.json", "weights.safetensors"}
    assert storage.load_spec(folder) == SPEC
    assert storage.preset_of(folder) == "a-preset"
    assert storage.is_finished(folder)


# -- whose folder it is -------------------------------------------------------------------------


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    for call in (
        lambda: storage.start(tmp_path, SPEC),
        lambda: storage.save(made_up(), tmp_path),
        lambda: storage.FolderCheckpointer(tmp_path, SPEC).load(),
    ):
        with pytest.raises(InputError, match=r"other files, such as thesis.tex.* another folder"):
            call()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_folder_that_may_not_be_looked_into_hides_no_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exists = Path.exists

    def denied(path: Path) -> bool:
        if path.parent.name == "of someone else":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return exists(path)

    (folder.parent / "of someone else").mkdir()
    monkeypatch.setattr(Path, "exists", denied)
    assert storage.runs(folder.parent) == [storage.latest(folder.parent)] == [folder]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="run is a file, and a run needs a folder"):
        storage.start(tmp_path / "run", SPEC)
    with pytest.raises(InputError, match=r"There is no run in .*holds no spec.json"):
        storage.load(tmp_path / "run")


def test_what_a_crash_at_the_very_start_leaves_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / f"spec.json{PART}").write_text('{"sche', encoding="utf-8")
    (tmp_path / "run.lock").touch()
    storage.start(tmp_path, SPEC)
    assert storage.load_spec(tmp_path) == SPEC
    assert not (tmp_path / f"spec.json{PART}").exists()


def test_another_run_has_another_folder(folder: Path, tmp_path: Path) -> None:
    storage.start(tmp_path / "begun", SPEC)
    for held in (folder, tmp_path / "begun"):
        before = files_of(held)
        for call in (
            lambda held=held: storage.start(held, OTHER),
            lambda held=held: storage.save(made_up(OTHER), held),
            lambda held=held: storage.FolderCheckpointer(held, OTHER).load(),
        ):
            with pytest.raises(
                InputError, match=r"another run, of another spec.* To keep it, give ano"
            ) as caught:
                call()
            assert ("not finished" in caught.value.message) == (held != folder)
        assert files_of(held) == before


@pytest.mark.skipif(sys.platform != "linux", reason="the files of a process have no names")
def test_what_was_there_before_is_spoken_of_where_there_was_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "spec.json"
    for before in (False, True):
        if before:
            file.write_text("{}", encoding="utf-8")
        with (
            filling_up(monkeypatch, tmp_path, 1),
            pytest.raises(InputError, match=r"spec\.json cannot be written: No space") as caught,
        ):
            write(file, b"[]")
        assert ("What was there before still stands." in caught.value.message) == before


def test_a_finished_run_is_not_written_again(folder: Path) -> None:
    before = files_of(folder)
    with pytest.raises(InputError, match="is finished"):
        storage.save(made_up(seed=1), folder)
    with pytest.raises(InputError, match="is finished"):
        storage.FolderCheckpointer(folder, SPEC).load()
    assert files_of(folder) == before


def test_a_cleared_folder_is_ready_for_another_run(folder: Path) -> None:
    with storage.FolderCheckpointer(folder.parent / "stopped", SPEC) as keeping:
        keeping.save(STATE)
    (folder / "spec.json").write_text("damaged", encoding="utf-8")
    for held in (folder, folder.parent / "stopped"):
        (held / f"weights.safetensors{PART}").touch()
        storage.clear(held)
        assert files_of(held) == {}
        storage.save(made_up(OTHER), held)
        assert storage.load_spec(held) == OTHER


def test_only_a_run_is_cleared(folder: Path) -> None:
    (folder / "figure.png").touch()
    before = files_of(folder)
    with pytest.raises(InputError, match=r"other files, such as figure\.png\. Give another folder"):
        storage.clear(folder)
    assert files_of(folder) == before
    with pytest.raises(InputError, match="There is no run in"):
        storage.clear(folder.parent)
    assert files_of(folder) == before


def test_an_unfinished_run_says_how_to_go_on(tmp_path: Path) -> None:
    storage.start(tmp_path / "run", SPEC, "by-hand")
    storage.start(tmp_path / "run", SPEC)  # begun again, nothing changes
    with pytest.raises(
        InputError, match=r"not finished\. To go on .* again that began it"
    ) as caught:
        storage.load(tmp_path / "run")
    assert caught.value.suggestion is None  # a run may have settings that its preset has not


def test_what_is_left_of_a_run_is_told_and_cleared(folder: Path) -> None:
    (folder / "spec.json").unlink()
    before = files_of(folder)
    with pytest.raises(InputError, match=r"not its spec\.json.* begin anew with --fresh") as caught:
        storage.start(folder, SPEC)
    assert (caught.value.code, files_of(folder)) == ("no_spec", before)
    storage.clear(folder)
    assert files_of(folder) == {}
    storage.start(folder, SPEC)


def test_weights_of_someone_elses_are_not_cleared(tmp_path: Path) -> None:
    (tmp_path / "weights.safetensors").write_bytes(b"work of years")  # and no lock of ours
    assert not storage.holds_run(tmp_path)
    with pytest.raises(InputError, match="There is no run in"):
        storage.clear(tmp_path)
    with pytest.raises(InputError, match=r"other files, such as weights\.safetensors"):
        storage.start(tmp_path, SPEC)
    assert files_of(tmp_path) == {"weights.safetensors": b"work of years"}


# -- checkpoints --------------------------------------------------------------------------------


@pytest.mark.parametrize("device", DEVICES)
def test_a_state_survives_its_checkpoint(tmp_path: Path, device: str) -> None:
    whole = torch.randn(4, 3, generator=torch.Generator().manual_seed(0)).to(device)
    tensors = {
        "transposed": whole.mT,
        "row": whole[1],  # shares its memory with the one above
        "doubles": torch.tensor([0.1, -0.0, torch.nan], dtype=torch.float64, device=device),
        "counts": torch.tensor([1 << 40], device=device),
        "done": torch.tensor([True, False], device=device),
        "nothing": torch.zeros(0, 2, device=device),
        "scalar": torch.tensor(3.0, device=device),
    }
    numbers = {"loss": 0.1, "lowest": float("inf"), "list": [1, [2.5, None, True, "μ"]]}
    with storage.FolderCheckpointer(tmp_path / "run", SPEC) as keeping:
        assert keeping.load() is None
        keeping.save(State(0, 1))
        keeping.save(State(2, 99, tensors, numbers))
    read = storage.FolderCheckpointer(tmp_path / "run", SPEC).load()
    assert read is not None
    assert (read.group, read.step, read.numbers) == (2, 99, numbers)
    assert read.tensors.keys() == tensors.keys()
    assert all(same_tensor(read.tensors[name], tensors[name].cpu()) for name in tensors)


def test_a_checkpoint_goes_once_the_run_is_whole(tmp_path: Path) -> None:
    with storage.FolderCheckpointer(tmp_path / "run", SPEC) as keeping:
        keeping.save(STATE)
        assert "checkpoint.safetensors" in files_of(tmp_path / "run")
        storage.save(made_up(), tmp_path / "run")  # by the process that holds the lock
    assert set(files_of(tmp_path / "run")) == {"spec.json", "record.json", "weights.safetensors"}


def test_a_state_is_due_after_so_many_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(checkpoints.time, "monotonic", lambda: now[0])
    with storage.FolderCheckpointer(tmp_path / "run", SPEC, every=30) as keeping:
        now[0] = 129.9
        assert not keeping.due()
        now[0] = 130.0
        assert keeping.due()
        keeping.save(STATE)
        assert not keeping.due()
        now[0] = 160.0
        assert keeping.due()
        keeping.load()
        assert not keeping.due()
    assert storage.FolderCheckpointer(tmp_path / "run", SPEC, every=0).due()


@pytest.mark.parametrize("every", [-1.0, float("nan")])
def test_no_interval_is_negative(tmp_path: Path, every: float) -> None:
    with pytest.raises(InputError, match=f"every so many seconds, from 0, not {every}"):
        storage.FolderCheckpointer(tmp_path, SPEC, every=every)


def test_other_versions_would_not_go_on_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with storage.FolderCheckpointer(tmp_path / "run", SPEC) as keeping:
        keeping.save(STATE)
    monkeypatch.setattr(checkpoints, "versions", lambda: {"handcalc": "9.9", "torch": "3.0"})
    with pytest.raises(InputError, match=r"written by handcalc .* torch 2.*; under handcalc 9.9"):
        storage.FolderCheckpointer(tmp_path / "run", SPEC).load()


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_full_disk_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with storage.FolderCheckpointer(tmp_path / "run", SPEC) as keeping:
        keeping.save(STATE)
        before = files_of(tmp_path / "run")
        with monkeypatch.context() as patch:
            patch.setattr(*((os, "fsync") if broken == "fsync" else (Path, "replace")), full)
            keeping.save(State(1, 21))  # a run goes on without
        assert keeping.trouble is not None
        assert re.search("No space left.* still stands", keeping.trouble.message)
        assert files_of(tmp_path / "run") == before
        read = keeping.load()
    assert read is not None
    assert read.step == 20


HOLDER = """
import sys
from pathlib import Path
from tests.sim_runs import SPEC
from torchsim.storage import FolderCheckpointer
keeping = FolderCheckpointer(Path(sys.argv[1]), SPEC)
keeping.load()
print("held", flush=True)
sys.stdin.read()
"""


def test_two_processes_do_not_write_one_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "run")]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, cwd=ROOT, **pipes) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        calls: list[Callable[[], object]] = [
            storage.FolderCheckpointer(tmp_path / "run", SPEC).load,
            lambda: storage.save(made_up(), tmp_path / "run"),
        ]
        for call in calls:
            with pytest.raises(InputError, match=r"Another process is at work .* another folder"):
                call()
        holder.kill()
    assert storage.FolderCheckpointer(tmp_path / "run", SPEC).load() is None  # free again
    storage.save(made_up(), tmp_path / "run")


# -- listing ------------------------------------------------------------------------------------


def test_the_newest_run_is_the_last_that_was_begun(tmp_path: Path) -> None:
    for name, preset in (("z", "by-hand"), ("m", "introduction"), ("a", None)):
        storage.save(made_up(), tmp_path / name, preset)
    storage.start(tmp_path / "b", SPEC, "by-hand")
    (tmp_path / "no run").mkdir()
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "spec.json").write_text("{", encoding="utf-8")  # damaged: the oldest
    assert [path.name for path in storage.runs(tmp_path)] == ["c", "z", "m", "a", "b"]
    assert storage.latest(tmp_path) == tmp_path / "a"
    assert storage.latest(tmp_path, "by-hand") == tmp_path / "z"


def test_where_there_is_no_run_it_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no run under .* Train one first") as caught:
        storage.latest(tmp_path / "nowhere")
    assert caught.value.suggestion == "handcalc train by-hand"
    storage.start(tmp_path / "b", SPEC, "by-hand")
    with pytest.raises(InputError, match="no run of phase-change under") as caught:
        storage.latest(tmp_path, "phase-change")
    assert caught.value.suggestion == "handcalc train phase-change"
    with pytest.raises(
        InputError, match=r"No run under .* is finished; .* is b\. .*again that beg"
    ) as caught:
        storage.latest(tmp_path)
    assert caught.value.suggestion is None  # the preset's own command may be of another run
