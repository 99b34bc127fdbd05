"""``runs``: listed, looked at, named, merged, written as tables, deleted; and names as RUN."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.cli_runs import Shell
from tests.full_disk import filling_up
from tests.kept_runs import HEADS, ONE, OTHER, TOY, half, listed, state, words
from torchsim import SweepRun, load
from torchsim.storage import is_finished
from torchsim.storage.folders import lock


def rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text().splitlines()))


# -- a list, and one -------------------------------------------------------------------------------


def test_the_list_says_what_each_run_is(shell: Shell) -> None:
    for command in ((*ONE, "--name=first look"), (*OTHER, "--name=other"), TOY, HEADS):
        assert shell(*command).code == 0
    half()
    found = listed(shell)
    [toy] = [each for name, each in found.items() if name.startswith("by-hand-")]
    first, other = found["first look"], found["other"]
    assert (first["models"], first["kept"], first["finished"]) == (2, 2, True)
    assert (first["trainers"], first["steps"], first["kernels"]) == (["exact"], [], [])
    assert (other["trainers"], other["steps"]) == (["sampled"], [20, 30])
    assert other["kernels"] == ["fused"]
    assert (toy["called"], toy["preset"], toy["models"]) == (None, "by-hand", 6)
    assert (found["sweep-half"]["models"], found["sweep-half"]["kept"]) == (4, 2)
    assert found["sweep-half"]["finished"] is False
    shards = sum(file.stat().st_size for file in Path(first["folder"]).rglob("*"))
    inside = (Path(first["folder"]) / "shards").stat().st_size  # the folder itself is no file
    assert first["bytes"] == shards - inside > 1000
    done = shell("runs")
    assert (done.code, done.err) == (0, "")
    assert max(map(cell_len, done.out.splitlines())) <= 80
    lines = {line.split("  ")[0]: words(line) for line in done.out.splitlines()}
    day = datetime.fromisoformat(first["started"]).astimezone().date()
    assert lines["first look"].startswith("first look sweep, 2 cells; exact; finished; ")
    assert lines["first look"].endswith(f"; {day.isoformat()}")
    assert "sweep, 4 cells; 20 to 30 steps, fused; finished; " in lines["other"]
    assert "sweep, 2 of 4 cells; exact; unfinished; " in lines["sweep-half"]
    assert f"{toy['name']} by-hand, 6 models; exact; finished; " in words(done.out)


def test_a_long_name_leaves_the_list_within_eighty_columns(shell: Shell) -> None:
    name = "ä" * 64
    assert shell(*ONE, f"--name={name}").code == 0
    lines = shell("runs").out.splitlines()
    assert lines[3].split() == ["run", "preset", "models", "state", "size", "begun", "trained"]
    assert lines[4] == name
    assert lines[5].split()[:3] == ["sweep", "2", "finished"]
    assert lines[5].split()[-1] == "exact"
    assert max(map(cell_len, lines)) <= 80
    wide = "測" * 64  # two columns each
    assert shell("runs", name, f"--name={wide}").code == 0
    page = shell("runs").out
    assert wide in page.replace("\n", "")
    assert max(map(cell_len, page.splitlines())) <= 80


def test_a_long_name_takes_no_fact_from_any_row(shell: Shell) -> None:
    name = "a-name-of-nineteen-"
    for command in ((*ONE, f"--name={name}"), (*OTHER, "--name=other")):
        assert shell(*command).code == 0
    lines = shell("runs").out.splitlines()
    assert max(map(cell_len, lines)) <= 80
    below = lines.index(name) + 1  # which stands above its facts
    assert lines[below].split()[:3] == ["sweep", "2", "finished"]
    assert lines[below].endswith("exact")
    [row] = [line for line in lines if line.startswith("other ")]
    assert row.split()[:4] == ["other", "sweep", "4", "finished"]
    assert row.endswith("  20 to 30 steps,")
    assert lines[lines.index(row) + 1].split() == ["fused"]


def test_one_run(shell: Shell) -> None:
    assert shell(*OTHER, "--name=other").code == 0
    done = shell("runs", "other")
    page = words(done.out)
    assert page.startswith("The run other")
    assert "4 cells: 2 values of steps, 2 values of sparsity." in page
    assert "On samples, in 20 steps of 8 inputs by AdamW" in page
    assert "A sweep, begun on " in page
    assert "seconds of work on " in page
    assert "handcalc runs other --csv FILE" in page
    assert "handcalc compare other" in page
    assert max(map(cell_len, done.out.splitlines())) <= 80
    found = shell("runs", "other", "--json").json()
    assert found["specification"]["parts"][0]["steps"] == [20, 30]
    assert found["record"]["versions"].keys() == {"handcalc", "torch"}
    assert found["failed"] == []


def test_a_run_of_models_and_one_of_heads(shell: Shell) -> None:
    for command in (TOY, HEADS):
        assert shell(*command).code == 0
    toy = words(shell("runs", "by-hand").out)
    assert "6 models, which differ in S. All models: 3 features in 2 dimensions" in toy
    assert "By descent on the exact loss, 1 restart each" in toy
    heads = words(shell("runs", "bigrams").out)
    assert "3 models. All models: counts of 4 tokens" in heads
    assert "--csv" not in heads


def test_an_unfinished_sweep_is_looked_at(shell: Shell, tmp_path: Path) -> None:
    folder = half()
    page = words(shell("runs", "sweep-half").out)
    assert "not finished, 2 of 4 cells are there." in page
    assert "handcalc compare" not in page
    done = shell("runs", str(folder), f"--csv={tmp_path}/half.csv")
    assert (done.code, f"Wrote {tmp_path}/half.csv." in words(done.out)) == (0, True)
    table = rows(tmp_path / "half.csv")
    assert [row["failed"] for row in table] == ["", "", "not trained yet", "not trained yet"]
    refused = shell("compare", "sweep-half")
    assert "is not finished" in words(refused.err)
    assert f"Try: handcalc runs {folder}" in words(refused.err)


def test_cells_that_failed_are_told(shell: Shell) -> None:
    asked = (*ONE[:3], "--sparsity=0", "--importance=1; 1e30", "--trainer=sampled", "--steps=60")
    run = (*asked, "--batch=16", "--restarts=1", "--optimiser=adam", "--rate=1e-3", "--name=off")
    assert shell(*run, "--device=cpu").code == 1
    assert "1 cell failed. Cell 2: " in words(shell("runs", "off").out)
    [failed] = shell("runs", "off", "--json").json()["failed"]
    assert failed["cell"] == 2


def test_a_damaged_shard_of_an_unfinished_sweep_is_told(shell: Shell, tmp_path: Path) -> None:
    folder = half()
    shard = folder / "shards" / "1-1.safetensors"
    shard.write_bytes(shard.read_bytes()[:-1])
    failed = shell("runs", "sweep-half", "--json").json()["failed"]
    assert [each["cell"] for each in failed] == [1, 2]
    assert "1-1.safetensors is damaged" in failed[0]["why"]
    assert shell("runs", "sweep-half", f"--csv={tmp_path}/x.csv").code == 0
    assert "damaged" in rows(tmp_path / "x.csv")[0]["failed"]


def test_a_damaged_shard_of_a_finished_sweep_is_told_and_trained_again(shell: Shell) -> None:
    first = shell(*ONE, "--name=one", "--json").json()
    [shard, *_] = sorted((Path(first["run"]) / "shards").glob("*.safetensors"))
    whole = shard.read_bytes()
    shard.write_bytes(whole[:-1])
    assert "typed again" in shell("runs", "one", "--json").json()["warnings"][0]
    done = shell(*ONE, "--json").json()
    assert "was damaged" in done["warnings"][0]
    assert not done["read_from_disk"]
    assert shard.with_name(f"{shard.name}.damaged").read_bytes() == whole[:-1]
    assert done["cells"] == first["cells"]
    assert "warnings" not in shell("runs", "one", "--json").json()
    assert shell(*ONE, "--json").json()["read_from_disk"]


def test_tables_of_finished_runs(shell: Shell, tmp_path: Path) -> None:
    assert shell(*TOY, "--name=toy").code == 0
    assert shell(*HEADS).code == 0
    assert shell("runs", "toy", f"--csv={tmp_path}/toy.csv").code == 0
    table = rows(tmp_path / "toy.csv")
    run = load(Path(listed(shell)["toy"]["folder"]))
    assert [float(row["loss"]) for row in table] == [
        float(each.loss.min())
        for each in run.trained  # type: ignore[union-attr]  # toy models
    ]
    pyarrow = pytest.importorskip("pyarrow.parquet")
    found = shell("runs", "toy", f"--parquet={tmp_path}/toy.parquet", "--json").json()
    assert found["files"] == {"parquet": f"{tmp_path}/toy.parquet"}
    assert len(pyarrow.read_table(tmp_path / "toy.parquet")) == 6
    refused = shell("runs", "bigrams", f"--csv={tmp_path}/heads.csv")
    assert "Tables are of toy models" in words(refused.err)
    nowhere = shell("runs", "toy", f"--csv={tmp_path}/no/toy.csv")
    assert (nowhere.code, "there is no folder" in words(nowhere.err)) == (2, True)


# -- merged ----------------------------------------------------------------------------------------


def test_runs_are_merged_in_their_order(shell: Shell, tmp_path: Path) -> None:
    for command in ((*ONE, "--name=one"), (*OTHER, "--name=other"), TOY):
        assert shell(*command).code == 0
    asked = ("runs", "--merge=other", "--merge=by-hand", "--merge=one", "--name=all")
    done = shell(*asked)
    assert (done.code, done.err) == (0, "")
    assert "Merged other, by-hand and one: 12 cells." in words(done.out)
    folder = Path(listed(shell)["all"]["folder"])
    found = load(folder)
    assert isinstance(found, SweepRun)
    assert [cell.model.features for cell in found.cells()] == [2] * 4 + [3] * 6 + [2] * 2
    assert {"one", "other"} < set(listed(shell))
    assert shell(*asked, "--json").json()["folder"] == str(folder)  # once more is the same run
    assert listed(shell)["all"]["latest"] is True
    assert shell("runs", "all", f"--csv={tmp_path}/all.csv").code == 0
    assert len(rows(tmp_path / "all.csv")) == 12
    assert shell("runs", "--delete=one", "--delete=other").code == 0
    assert [float(row["loss"]) for row in rows(tmp_path / "all.csv")] == found.columns()["loss"]


def test_merges_that_are_refused(shell: Shell) -> None:
    for command in ((*ONE, "--name=one"), HEADS):
        assert shell(*command).code == 0
    [folder] = state().glob("sweep-*")
    half()
    for merged, said in (
        (["one"], "two or more make a new one"),
        (["one", folder.name], "are the same run"),
        (["one", "bigrams"], "has attention-only models"),
        (["one", "sweep-half"], "is not finished"),
        (["one", "nowhere"], "no run is called so"),
    ):
        done = shell("runs", *(f"--merge={each}" for each in merged), "--name=new")
        assert (done.code, said in words(done.err)) == (2, True), done.err
    assert set(listed(shell)) == {"one", "sweep-half", *(p.name for p in state().glob("big*"))}
    assert shell(*TOY).code == 0
    taken = shell("runs", "--merge=one", "--merge=by-hand", "--name=one")
    assert "Another run is called one" in words(taken.err)
    heads = shell("runs", "--merge=one", "--merge=bigrams")  # as they were typed
    assert words(heads.err).startswith("The run bigrams has attention-only models")
    assert len(listed(shell)) == 4


def test_a_merge_onto_a_full_disk_leaves_no_run(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    for command in ((*ONE, "--name=one"), TOY):
        assert shell(*command).code == 0
    before = set(listed(shell))
    for k in (1, 3, 5, 8):
        with filling_up(monkeypatch, state(), k):
            done = shell("runs", "--merge=one", "--merge=by-hand", "--name=new", "--json")
        error = json.loads(done.out)["error"]
        assert (done.code, error["code"], error["suggestion"]) == (2, "unwritable", None)
        assert "No space left on device" in error["message"]
    left = {name: each for name, each in listed(shell).items() if name not in before}
    assert not any(each["finished"] for each in left.values())
    assert shell("runs", "--merge=one", "--merge=by-hand", "--name=new").code == 0
    assert is_finished(Path(listed(shell)["new"]["folder"]))


# -- deleted ---------------------------------------------------------------------------------------


def test_sweeps_are_deleted_with_their_shards_by_name(shell: Shell) -> None:
    assert shell(*ONE, "--name=one").code == 0
    assert shell(*TOY, "--name=two words").code == 0
    folder = half()
    wrong = shell("runs", "--delete=one", "--delete=nowhere")
    assert (wrong.code, "Nothing was deleted" in " ".join(wrong.err.split())) == (2, True)
    assert len(listed(shell)) == 3
    done = shell("runs", "--delete=one", f"--delete={folder}", "--delete=two words")
    assert "Deleted: one, " in words(done.out)
    assert listed(shell) == {}
    assert [each.name for each in state().iterdir() if each.is_dir()] == []


def test_where_one_cannot_be_deleted_none_is(shell: Shell, tmp_path: Path) -> None:
    assert shell(*ONE, "--name=one").code == 0
    assert shell(*TOY, "--name=two").code == 0
    notes = Path(listed(shell)["two"]["folder"]) / "notes.txt"
    notes.touch()
    done = shell("runs", "--delete=one", "--delete=two")
    assert "its folder holds other files, too" in words(done.err)
    assert set(listed(shell)) == {"one", "two"}
    notes.unlink()
    assert shell(*TOY, f"--out={tmp_path}/mine").code == 0
    for other in (f"{tmp_path}/mine", "..", ".", "", "by-hand", "sweep", "a\0b", "x" * 5000):
        assert shell("runs", "--delete=one", f"--delete={other}").code in (2, 3)
    assert set(listed(shell)) == {"one", "two"}
    assert (tmp_path / "mine" / "record.json").exists()


def test_a_lock_that_this_process_holds_is_let_go(shell: Shell) -> None:
    assert shell(*ONE, "--name=one").code == 0
    folder = Path(listed(shell)["one"]["folder"])
    assert shell("runs", "--delete=one", "--delete=nowhere").code == 2
    assert shell("runs", "one", "--name=two").code == 0
    lock(folder).release()
    assert shell("runs", "--delete=two").code == 0


@pytest.mark.parametrize(
    ("arguments", "said", "instead"),
    [
        (["a", "--merge=b"], "--merge stands before each run", "--merge b --merge a"),
        (["a", "--delete=b"], "--delete stands before each run", "--delete b --delete a"),
        (["--merge=a", "--delete=b"], "--delete and --merge do not go together", "handcalc runs"),
        (["a", "--csv=x", "--name=b"], "--csv and --name do not go together", "handcalc runs"),
        (["--merge=a", "--csv=x"], "--merge and --csv do not go together", "handcalc runs"),
        (["--name=b"], "--name: which run?", "handcalc runs RUN --name b"),
        (["--csv=x"], "--csv: which run?", "handcalc runs RUN --csv FILE"),
    ],
)
def test_what_does_not_go_together(
    shell: Shell, arguments: list[str], said: str, instead: str
) -> None:
    error = json.loads(shell("runs", *arguments, "--json").out)["error"]
    assert said in error["message"]
    assert error["suggestion"].endswith(instead)
    assert not Path("x").exists()
