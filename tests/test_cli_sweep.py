"""``sweep``: every combination on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from handcalc.superposition.loss.distribution import SparseUniform
from tests.cli_runs import Shell
from torchsim.choices import MOST_EXACT, RESTARTS
from torchsim.specification import TrainingSpec

TWO = ["sweep", "--features=2", "--hidden=1"]
GRID = [*TWO, "--sparsity=1/2 9/10", "--importance=1; 1 1/2", "--restarts=8"]


def words(text: str) -> str:
    return " ".join(text.split())


def test_every_combination(shell: Shell) -> None:
    found = shell(*GRID, "--activation=both", "--seeds=2", "--json").json()
    told = [
        (m["sparsity"], m["importance"][1], m["activation"], m["seed"]) for m in found["models"]
    ]
    assert told == [
        (s, i, kind, seed)
        for s in ("1/2", "9/10")
        for i in ("1", "1/2")
        for kind in ("relu", "linear")
        for seed in (0, 1)
    ]
    assert {model["restarts"] for model in found["models"]} == {8}
    assert Path(found["run"]).name.startswith("sweep-")
    again = shell(*GRID, "--activation=both", "--seeds=2", "--json").json()
    assert (again["models"], again["read_from_disk"]) == (found["models"], True)


def test_text(shell: Shell) -> None:
    done = shell(*GRID, "--no-state")
    assert (done.code, done.err) == (0, "")
    assert max(map(cell_len, done.out.splitlines())) <= 80
    lines = done.out.splitlines()
    assert lines[2].split() == ["cell", "S", "importance", "loss", "agreed", "held", "shape"]
    assert lines[3].split()[:4] == ["1", "0.5", "1", "0.076282"]
    assert lines[4].split()[:4] == ["2", "0.5", "1", "0.5"]
    assert "from 0.5 on it is held, up to 0.1 it is dropped." in words(done.out)
    assert "All models: 2 features in 1 dimension, ReLU, features drawn" in words(done.out)
    assert "4 cells in " in words(done.out)


def test_a_single_model_needs_nothing_to_tell_it_apart(shell: Shell) -> None:
    done = shell(*TWO, "--sparsity=1/2", "--restarts=8", "--no-state")
    assert done.out.splitlines()[2].split() == ["cell", "loss", "agreed", "held", "shape"]
    assert done.out.splitlines()[3].startswith("1     0.076282  ")
    assert done.out.splitlines()[3].endswith(" of 8  2 of 2  antipodal")
    assert "1 cell in " in words(done.out)


def test_it_says_what_can_be_done_with_the_run(shell: Shell, tmp_path: Path) -> None:
    page = shell(*TWO, "--sparsity=1/2", "--restarts=1").out.splitlines()
    assert page[-2:] == [
        "How close to the best:  handcalc compare",
        "A picture of it:        handcalc figure sweep",
    ]
    out = tmp_path / "mine"
    page = shell(*TWO, "--sparsity=1/2", "--restarts=1", f"--out={out}", "--no-state").out.split()
    assert page[-3:] == ["handcalc", "figure", str(out)]


def test_many_models_are_not_all_shown(shell: Shell) -> None:
    sparsities = " ".join(f"{k}/50" for k in range(43))
    done = shell(*TWO, f"--sparsity={sparsities}", "--restarts=1", "--no-state")
    assert done.code == 0
    assert "… and 3 more: --csv FILE has them all." in done.out
    assert "\n40    0.78" in done.out
    assert "\n41 " not in done.out


def test_of_one_active_features_nothing_is_said_of_an_s(shell: Shell) -> None:
    asked = ["--distribution=one-active", "--importance=1; 1 1/2", "--restarts=2", "--name=one"]
    assert "S =" not in words(shell(*TWO, *asked).out)
    assert "S =" not in words(shell("runs", "one").out)
    assert "S =" not in words(shell("compare", "one").out)
    for told in (shell(*TWO, *asked, "--json"), shell("compare", "one", "--json")):
        assert [model["sparsity"] for model in told.json()["models"]] == [None, None]
    shell(*TWO, "--sparsity=0 1/2", "--restarts=2", "--name=two")
    shell("runs", "--merge=one", "--merge=two", "--name=both")
    page = shell("compare", "both").out.splitlines()
    heads = [line for line in page if line.startswith("Cell ")]
    assert "S =" not in heads[0]
    assert "S = 0.5" in heads[3]


def test_the_help_says_what_is_taken_where_an_option_is_left_out(shell: Shell) -> None:
    page = words(shell("sweep", "--help").out.replace("│", " "))
    usual = {field.name: field.default for field in fields(TrainingSpec)}
    for said in (
        f"{RESTARTS['exact']} exact, {RESTARTS['sampled']} on samples if left out.",
        *(f"; {usual[name]} if left out." for name in ("steps", "batch", "optimiser", "schedule")),
        f"; {usual['rate']:.0e} if left out.".replace("e-0", "e-"),
        f"; {SparseUniform.name} if left out.",
        f"exact up to {MOST_EXACT} features",
    ):
        assert said in page


def test_on_samples(shell: Shell) -> None:
    asked = [*TWO, "--sparsity=1/2", "--trainer=sampled", "--steps=20", "--restarts=2"]
    for kernel in ("fused", "plain"):
        done = shell(*asked, "--no-state", "--device=cpu", f"--kernel={kernel}")
        assert done.code == 0
        assert "On samples, in 20 steps of 1,024 inputs by AdamW" in words(done.out)
        assert f"in float32 by the {kernel} kernel" in words(done.out)


def test_nine_features_are_trained_on_samples(shell: Shell) -> None:
    asked = ["sweep", "--features=9", "--hidden=2", "--sparsity=1/2", "--steps=2", "--restarts=1"]
    assert shell(*asked, "--no-state", "--json").json()["models"][0]["trainer"] == "sampled"


def test_from_a_file(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "S.txt").write_text("1/2, 9/10\n")
    done = shell(*TWO, f"--sparsity=@{tmp_path / 'S.txt'}", "--restarts=1", "--json")
    assert [model["sparsity"] for model in done.json()["models"]] == ["1/2", "9/10"]


SAMPLES = ("--sparsity=0", "--trainer=sampled")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--sparsity=0 3/2"], 3, "A sparsity is a probability, from 0 to 1, not 3/2."),
        (["--sparsity=0 oops"], 3, "--sparsity could not be read, row 1, character 3."),
        (["--sparsity=0", "--importance=1; 1 2 3"], 3, "one for each of the 2 features, not 3"),
        (["--sparsity=0", "--importance=;"], 3, "--importance has no numbers."),
        (["--sparsity=0", "--importance=-1"], 3, "--importance could not be read"),
        (["--sparsity=0 0"], 2, "Values 1 and 2 of sparsity are the same, 0"),
        (["--sparsity=0", "--seeds=20000000"], 2, "up to 16777216 cells, not 20000000"),
        (["--sparsity=0..1"], 3, "it says how far its steps are, or how many"),
        (["--sparsity=0..2 by 1/2"], 3, "from 0 to 1, not 3/2"),
        (["--sparsity=0 1;2 3"], 3, "from 0 to 1, not 2"),
        (["--sparsity=0 1/2 1;"], 2, "each of the 2 features, not 3"),
        (["--sparsity=0", "--rate=1/10"], 2, "--rate belongs to the trainer on samples"),
        (["--sparsity=0", "--trainer=sampled", "--rate=0"], 2, "The rate is a number above 0"),
        (["--sparsity=0", "--trainer=sampled", "--optimiser=sgd"], 2, "not 'sgd'"),
        (["--sparsity=0", "--trainer=sampled", "--steps=1/2"], 3, "Whole numbers are asked for"),
        (["--sparsity=0", "--distribution=pairs"], 2, "not 'pairs'"),
        (["--sparsity=0", "--distribution=correlated"], 2, "Correlated features come in sets"),
        (["--sparsity=0", "--distribution=correlated", "--sets=a b"], 3, "features by number"),
        (["--sparsity=0", "--sets=1 2"], 2, "Sets belong to correlated"),
        (["--sparsity=0", "--distribution=correlated", "--sets=;"], 3, '--sets="1 2; 3 4"'),
        (["--sparsity=0", "--distribution=correlated", "--sets=0 1"], 3, "by number, from 1"),
        (
            ["--sparsity=0", "--distribution=correlated", "--sets=1 5"],
            2,
            "once, not {1, 5}",
        ),
        (["--sparsity=0", "--distribution=correlated"], 2, '--sets="1 2; 3 4"'),
        (["--sparsity=0", "--distribution=corelated"], 2, "--distribution correlated"),
        ([*SAMPLES, "--optimiser=adamm"], 2, "--optimiser adam"),
        ([*SAMPLES, "--schedule=cosin"], 2, "--schedule cosine"),
        ([*SAMPLES, "--rate=1e300"], 2, "the rate is a number that float32 holds in full"),
        ([*SAMPLES, "--rate=1e-4..1e-2"], 3, '--rate="1e-4..1e-2 in 5 log"'),
        ([*SAMPLES, "--rate=1e-4..1e-2 in 7 lg"], 3, '--rate="1e-4..1e-2 in 7 log"'),
        ([*SAMPLES, "--batch=64..256 by"], 3, '--batch="256 1024 4096"'),
        ([*SAMPLES, "--steps=1..2..3"], 3, '--steps="1000 10000"'),
        (["--sparsity=0", "--importance=1 0..1"], 3, '--importance="1 1 1/10..10 in 9 log"'),
        (["--sparsity=0", "--scheduler=here"], 2, 'address is HOST:PORT, not "here"'),
        (
            ["--sparsity=0 1/2", "--jobs=2", "--scheduler=h:1", "--fresh"],
            2,
            '--sparsity="0 1/2" --scheduler h:1 --no-state --fresh',
        ),
        (["--distribution=one-active", "--sparsity=0"], 2, "there is no sparsity to choose"),
        (["--sparsity=0", "--seeds=4294967297"], 2, "is not in the range"),
        (["--sparsity=0", "--steps=3"], 2, "--steps belongs to the trainer on samples"),
        ([], 2, "A sweep needs at least one sparsity"),
    ],
)
def test_what_is_refused(shell: Shell, arguments: list[str], code: int, said: str) -> None:
    done = shell(*TWO, *arguments, "--no-state")
    assert (done.code, done.out) == (code, "")
    assert said in words(done.err)


def test_too_many_features_for_the_exact_trainer(shell: Shell) -> None:
    asked = ["sweep", "--features=11", "--hidden=2", "--sparsity=0", "--trainer=exact"]
    done = shell(*asked)
    assert (done.code, done.out) == (2, "")
    assert "takes up to 10 features, not 11" in words(done.err)


def test_every_axis(shell: Shell) -> None:
    asked = [
        "sweep",
        "--features=3..4",
        "--hidden=1 2",
        "--sparsity=0..1/2 by 1/2; 0 1/2 1/2",
        "--importance=1 1 1/2..1 in 2",
        "--no-state",
        "--json",
    ]
    wrong = shell(*asked)
    assert wrong.code == 3
    assert "one for each of the 4 features, not 3" in wrong.json()["error"]["message"]
    found = shell(*asked[:1], "--features=3", *asked[2:], "--restarts=2").json()
    assert found["cells"] == 12
    assert found["varying"] == ["hidden", "sparsity", "importance"]
    assert [m["sparsity"] for m in found["models"][:6:2]] == ["0", "1/2", ["0", "1/2", "1/2"]]
    assert [m["importance"] for m in found["models"][:2]] == [["1", "1", "1/2"], ["1", "1", "1"]]


def test_how_cells_are_trained(shell: Shell) -> None:
    asked = [*TWO, "--sparsity=1/2", "--trainer=sampled", "--restarts=1", "--no-state", "--json"]
    axes = ["--rate=1e-3..1e-1 in 3 log", "--optimiser=adam adamw", "--batch=16 32", "--steps=4"]
    found = shell(*asked, *axes, "--schedule=constant, cosine").json()
    assert found["cells"] == 24
    assert {m["rate"] for m in found["models"]} == {0.001, 0.01, 0.1}
    assert found["models"][0]["steps"] == 4


def test_kinds_of_inputs(shell: Shell) -> None:
    kinds = ["--distribution=independent correlated", "--sets=1 2; 3 4 | 1 3; 2 4"]
    asked = ["sweep", "--features=4", "--hidden=2", "--sparsity=1/2", *kinds, "--restarts=2"]
    found = shell(*asked, "--no-state", "--json").json()
    told = [model["distribution"] for model in found["models"]]
    assert len(set(told)) == found["cells"] == 3
    one = ["--distribution=one-active", "--restarts=1", "--no-state"]
    assert shell(*TWO, *one).code == 0


def test_a_cell_that_fails_is_told_and_the_others_are_there(shell: Shell) -> None:
    asked = [*TWO, "--sparsity=0", "--importance=1; 1e30", "--trainer=sampled", "--steps=60"]
    how = ["--batch=16", "--restarts=1", "--optimiser=adam", "--no-state"]
    done = shell(*asked, *how)
    assert done.code == 1
    assert "1 cell failed. Cell 2: " in words(done.out)
    assert done.out.splitlines()[4].split()[-1] == "failed"
    found = shell(*asked, *how, "--json")
    assert (found.code, found.json()["status"]) == (1, "partial")
    assert [each["cell"] for each in found.json()["failed"]] == [2]
    assert found.json()["models"][0]["failed"] is None


def test_a_table_in_a_file(shell: Shell, tmp_path: Path) -> None:
    done = shell(*GRID, f"--csv={tmp_path / 'cells.csv'}")
    assert f"Wrote{tmp_path / 'cells.csv'}." in "".join(done.out.split())  # however it is broken
    rows = (tmp_path / "cells.csv").read_text().splitlines()
    assert len(rows) == 5
    assert shell(*GRID, f"--csv={tmp_path / 'no' / 'cells.csv'}").code == 2


@pytest.mark.parametrize("by", ["--jobs=1", "--jobs=2"])
def test_by_how_many_is_the_same(shell: Shell, by: str) -> None:
    asked = ["sweep", "--features=2..3", "--hidden=1", "--sparsity=0 1/2", "--restarts=3"]
    here = shell(*asked, "--no-state", "--json", "--jobs=1").json()["models"]
    assert shell(*asked, "--no-state", "--json", by).json()["models"] == here


def test_a_caret_is_under_the_word_that_is_misspelt(shell: Shell) -> None:
    done = shell(*TWO, *SAMPLES, "--rate=1e-4..1e-2 in 5 lg", "--no-state")
    assert "\n  1e-4..1e-2 in 5 lg\n                  ^\n" in done.err


def test_an_address_that_is_none_is_refused_though_nothing_is_left_to_train(shell: Shell) -> None:
    asked = (*TWO, "--sparsity=0", "--restarts=1", "--json")
    assert shell(*asked).json()["read_from_disk"] is False
    done = shell(*asked, "--scheduler=here")
    assert (done.code, done.json()["error"]["code"]) == (2, "scheduler_address")
    assert shell(*asked, "--scheduler=nobody-is-there:1").json()["read_from_disk"] is True


def test_a_stop_while_a_cluster_has_no_workers_yet_says_how_to_go_on(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def waiting(*_: Any, **__: Any) -> Iterator[None]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr("handcalc.cli.work.executors.cluster", waiting)
    done = shell(*TWO, *SAMPLES, "--scheduler=h:1")
    assert (done.code, done.out) == (130, "")
    said = "Interrupted: 0 of 1 cells are done; the same command goes on from there. Try: handcalc"
    assert said in words(done.err)


def test_who_has_a_cluster_train_compiles_no_loop(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def workers(*_: Any, **__: Any) -> Iterator[ThreadPoolExecutor]:
        with ThreadPoolExecutor(1) as executor:
            yield executor

    monkeypatch.setattr("handcalc.cli.work.executors.cluster", workers)
    monkeypatch.setattr("handcalc.cli.work.sweep.compile_loops", None)
    asked = (*TWO, *SAMPLES, "--steps=2", "--restarts=1", "--kernel=plain", "--no-state")
    assert shell(*asked, "--scheduler=h:1").code == 0
