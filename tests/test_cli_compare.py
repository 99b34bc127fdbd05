"""``compare``: a run laid beside what is exact, and which run is meant."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sympy
from rich.cells import cell_len

import handcalc
import torchsim
import torchsim.comparison
from handcalc.cli.work.runs import folder_word, run_folder
from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from tests.cli_runs import Shell
from tests.preset_runs import polygon, written
from torchsim import storage
from torchsim.comparison import Comparison
from torchsim.comparison.best_store import KnownBest
from torchsim.comparison.chosen_models import ChosenModels
from torchsim.presets import preset
from torchsim.specification import ModelSpec, TrainingSpec

RUN = ["sweep", "--features=3", "--hidden=2", "--sparsity=1/5 9/10", "--restarts=12"]
KEYS = {"exact_loss", "best", "gap_percent", "nearest", "distance", "dead", "by_hand"}


def words(text: str) -> str:
    return " ".join(text.split())


def runs_folder() -> Path:
    return Path(os.environ["HANDCALC_STATE_DIR"]) / "runs"


def keep(name: str, *models: ModelSpec) -> Path:
    """A run of triangles in the state folder."""
    spec = TrainingSpec(models or (ModelSpec.of(3, 2, "1/2"),), restarts=1)
    run = written(spec, lambda model: polygon(3, model.features - 3))
    folder = runs_folder() / f"{name}-{len(list(runs_folder().glob('*')))}"
    storage.start(folder, spec, name)
    storage.save(run, folder, name)
    return folder


# -- what it answers ------------------------------------------------------------------------------


def test_a_comparison(shell: Shell) -> None:
    run = shell(*RUN, "--json").json()
    found = shell("compare", "--json").json()
    assert (found["command"], found["run"], found["within"]) == ("compare", run["run"], 0.01)
    dense, sparse = found["models"]
    assert set(dense) >= KEYS
    assert (dense["family"], sparse["family"]) == ("triangle", "antipodal")
    assert (dense["nearest"], sparse["nearest"]) == ("triangle", "antipodal")
    for each, trained in zip(found["models"], run["models"], strict=True):
        assert each["exact_loss"] == each["loss"] == trained["exact_loss"]
        assert each["best"] == pytest.approx(each["exact_loss"], abs=1e-8)
        assert abs(each["gap_percent"]) < 1e-4
        assert each["proved"] is False
        assert 0 <= each["distance"] < 1
        assert each["dead"] == []
        check_by_hand(each)
    check_text(shell("compare").out)


def check_by_hand(each: dict[str, Any]) -> None:
    """The model that is offered, worked out anew."""
    by_hand = each["by_hand"]
    model = handcalc.ToyModel(by_hand["W"], by_hand["b"])
    loss = handcalc.expected_loss(model, handcalc.SparseUniform(each["sparsity"])).value
    assert loss == sympy.Rational(by_hand["loss"])
    assert by_hand["value"] == to_float(loss)
    assert to_float(loss) <= 1.01 * each["exact_loss"]


def check_text(out: str) -> None:
    assert max(map(cell_len, out.splitlines())) <= 80
    lines = out.splitlines()
    assert lines[0] == "Trained, and by hand"
    heads = ["cell", "S", "loss", "best", "gap", "shape", "nearest", "distance"]
    head = next(i for i, line in enumerate(lines) if line.split() == heads)
    row = lines[head + 2].split()
    assert row[:7] == ["2", "0.9", "0.0033195", "0.0033195", "0", "%", "antipodal"]
    assert "Cell 2: S = 0.9" in out
    assert "Nearest named embedding: antipodal" in words(out)
    assert out.count("   By hand, with an exact loss of 0.") == 2
    assert out.count('\n   W = "') == out.count('\n   b = "') == 2


def test_many_models_have_a_table_alone(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    compare = torchsim.comparison.compare_models

    def many(chosen: ChosenModels, best: Sequence[KnownBest | None], **_: object) -> Comparison:
        one = compare(chosen, best)
        models = (replace(one.models[0], model=ModelSpec.of(3, 2, f"{k}/50")) for k in range(45))
        return replace(one, models=tuple(models), numbers=tuple(range(1, 46)))

    monkeypatch.setattr(torchsim.comparison, "compare_models", many)
    done = shell("compare", str(keep("sweep")))
    assert done.code == 0
    assert "… and 5 more: --json has them all." in done.out
    assert "By hand, with an exact loss" not in done.out
    assert "What is to be said of each model is in --json." in words(done.out)


def test_many_features_have_no_best(shell: Shell) -> None:
    folder = keep(
        "sweep", ModelSpec.of(9, 2, "1/2"), ModelSpec.of(9, 2, "1/2", activation="linear")
    )
    relu, linear = shell("compare", str(folder), "--json").json()["models"]
    assert (relu["best"], relu["gap_percent"], relu["by_hand"]) == (None, None, None)
    assert relu["linear_best"] == pytest.approx(linear["best"])
    assert linear["proved"] is True
    page = words(shell("compare", str(folder)).out)
    assert "no best is known" in page
    assert "By hand, a model may lose" not in page


# -- which run is meant ---------------------------------------------------------------------------


def test_a_run_is_a_folder_or_a_preset_or_the_latest(shell: Shell, tmp_path: Path) -> None:
    by_hand, sweep = keep("by-hand"), keep("sweep")
    assert run_folder(None) == run_folder("sweep") == sweep
    assert run_folder("by-hand") == run_folder(str(by_hand)) == by_hand
    mine = tmp_path / "mine"
    asked = ["sweep", "--features=2", "--hidden=1", "--sparsity=1/2", "--restarts=1"]
    for _ in range(2):  # trained, and then read from disk
        assert shell(*asked, f"--out={mine}").code == 0
        assert run_folder(None) == run_folder("sweep") == mine
        assert shell(*asked).code == 0
        assert run_folder(None) not in (mine, sweep)
    (mine / "record.json").unlink()
    (runs_folder() / "last-run.txt").write_text(str(mine))
    assert run_folder(None).parent == runs_folder()


def test_a_folder_here_is_named_the_short_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert folder_word(tmp_path / "mine") == folder_word(Path("mine")) == "mine"
    assert folder_word(tmp_path / "my run") == '"my run"'
    assert folder_word(tmp_path.parent) == str(tmp_path.parent)


@pytest.mark.parametrize(
    ("which", "said", "suggestion"),
    [
        ([], "There is no run under", "handcalc train by-hand"),
        (["introduction"], "There is no run of introduction under", "handcalc train introduction"),
        (
            ["nowhere"],
            "nowhere is neither a folder with a run in it nor a preset, and no run is called so.",
            "handcalc train",
        ),
        (["{empty}"], "is a folder without a run in it.", "handcalc train"),
    ],
)
def test_no_such_run(
    shell: Shell, tmp_path: Path, which: list[str], said: str, suggestion: str
) -> None:
    asked = ["compare", *(text.format(empty=tmp_path) for text in which)]
    done = shell(*asked)
    assert (done.code, done.out) == (2, "")
    assert said in words(done.err)
    assert shell(*asked, "--json").json()["error"]["suggestion"] == suggestion


def test_a_run_that_is_not_finished(shell: Shell) -> None:
    folder = runs_folder() / "by-hand-1"
    storage.start(folder, preset("by-hand").spec(), "by-hand")
    assert "is finished; the newest that was begun is by-hand-1." in words(
        shell("compare", "by-hand").err
    )
    done = shell("compare", str(folder))
    assert (done.code, done.out) == (2, "")


def test_a_damaged_run(shell: Shell) -> None:
    folder = keep("sweep")
    (folder / "record.json").write_text('{"schema": 1, ')
    done = shell("compare", str(folder))
    assert (done.code, done.out) == (2, "")
    assert "record.json is damaged" in words(done.err)


# -- some models, and cells that were trained in different ways -----------------------------------

ON_SAMPLES = ["--trainer=sampled", "--steps=20", "--batch=16", "--restarts=2", "--kernel=plain"]
MIXED = ["sweep", "--features=2", "--hidden=1", "--sparsity=1/2 9/10", *ON_SAMPLES]


def test_cells_that_were_trained_in_different_ways(shell: Shell, tmp_path: Path) -> None:
    asked = [*MIXED, "--rate=1e-2 1e9", "--optimiser=adam adamw", f"--out={tmp_path / 'mine'}"]
    run = shell(*asked, "--json").json()
    failed = [each["cell"] for each in run["failed"]]
    assert failed == [3, 4, 7, 8]
    found = shell("compare", "--json").json()
    assert found["failed"] == run["failed"]
    assert [each["cell"] for each in found["models"]] == [1, 2, 5, 6]
    assert [each["optimiser"] for each in found["models"]] == ["adam"] * 2 + ["adamw"] * 2
    for each in found["models"]:
        trained = run["models"][each["cell"] - 1]
        assert (each["loss"], each["rate"]) == (trained["exact_loss"], 0.01)
        assert each["gap_percent"] == pytest.approx(100 * (each["loss"] / each["best"] - 1))
    page = words(shell("compare").out)
    assert "4 cells failed. Cell 3: " in page
    assert "cell S optimiser loss best gap" in page
    assert "Cell 6: S = 0.9, adamw Exact loss" in page
    some = shell("compare", "--models=6 3..5", "--json").json()
    assert [each["cell"] for each in some["models"]] == [6, 5]
    assert [each["cell"] for each in some["failed"]] == [3, 4]
    none = shell("compare", "--models=3 4")
    assert (none.code, none.out) == (2, "")
    assert "No cell came to anything. Cell 3: " in words(none.err)


def test_some_models_of_a_run(shell: Shell) -> None:
    keep("by-hand", *(ModelSpec.of(3, 2, f"{k}/10") for k in range(1, 6)))
    every = shell("compare", "--json").json()["models"]
    found = shell("compare", "--models=4 1..2", "--json").json()["models"]
    assert found == [every[3], every[0], every[1]]
    assert [each["model"] for each in found] == [4, 1, 2]
    page = shell("compare", "--models=4 1..2").out
    assert [line[:8] for line in page.splitlines() if line.startswith("Model ")] == [
        "Model 4:",
        "Model 1:",
        "Model 2:",
    ]


@pytest.mark.parametrize(
    ("models", "code", "said"),
    [
        ("6", 2, "Models are numbered from 1 to 5; there is no 6."),
        ("0..2", 2, "Models are numbered from 1 to 5; there is no 0."),
        ("1..3 2", 2, "Model 2 is named twice: name each once."),
        ("1/2", 3, "Whole numbers are asked for, such as 3 or 3..8, not 1/2."),
        ("one", 3, "--models could not be read"),
        ("", 3, "--models"),
    ],
)
def test_models_that_there_are_not(shell: Shell, models: str, code: int, said: str) -> None:
    keep("by-hand", *(ModelSpec.of(3, 2, f"{k}/10") for k in range(1, 6)))
    for command in ("compare", "figure"):
        done = shell(command, "by-hand", f"--models={models}")
        assert (done.code, done.out) == (code, "")
        assert said in words(done.err)


def test_attention_only_models_have_no_numbers(shell: Shell) -> None:
    shell("train", "skip-trigrams", "--small", "--restarts=1")
    for command in ("compare", "figure"):
        done = shell(command, "skip-trigrams", "--models=1")
        assert (done.code, done.out) == (2, "")
        assert "--models is for runs of toy models" in words(done.err)


def test_a_sweep_from_python() -> None:
    grid = torchsim.SweepGrid.of(2, 1, ["1/2", "9/10"], seed=range(2), restarts=4)
    swept = torchsim.sweep(grid)
    found = torchsim.compare(swept, models=[4, 1])
    assert found.columns()["cell"] == found.numbers == (4, 1)
    assert found.columns()["seed"] == [1, 0]
    assert [each.loss for each in found.models] == [
        float(swept.trained(number).loss.min()) for number in (4, 1)
    ]
    assert len(torchsim.compare(swept).models) == 4
    with pytest.raises(InputError, match="Cells are numbered from 1 to 4; there is no 5"):
        torchsim.compare(swept, models=[5])
    with pytest.raises(InputError, match="At least one cell is named, from 1 to 4"):
        torchsim.compare(swept, models=[])
