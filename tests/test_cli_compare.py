"""``compare``: a run laid beside what is exact, and which run is meant."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sympy
from rich.cells import cell_len

import handcalc
import torchsim.comparison
from handcalc.cli.work.runs import folder_word, run_folder
from handcalc.numbers.exact import to_float
from tests.cli_runs import Shell
from tests.preset_runs import polygon, written
from torchsim import storage
from torchsim.comparison import Comparison
from torchsim.presets import preset
from torchsim.run import TrainingRun
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
    heads = ["model", "S", "loss", "best", "gap", "shape", "nearest", "distance"]
    head = next(i for i, line in enumerate(lines) if line.split() == heads)
    row = lines[head + 2].split()
    assert row[:7] == ["2", "0.9", "0.0033195", "0.0033195", "0", "%", "antipodal"]
    assert "Model 2: S = 0.9" in out
    assert "Nearest named embedding: antipodal" in words(out)
    assert out.count("   By hand, with an exact loss of 0.") == 2
    assert out.count('\n   W = "') == out.count('\n   b = "') == 2


def test_many_models_have_a_table_alone(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    compare = torchsim.comparison.compare

    def many(run: TrainingRun, **_: object) -> Comparison:
        one = compare(run)
        models = (replace(one.models[0], model=ModelSpec.of(3, 2, f"{k}/50")) for k in range(45))
        return Comparison(tuple(models), one.within, one.tolerance)

    monkeypatch.setattr(torchsim.comparison, "compare", many)
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
            "nowhere is neither a folder with a run in it nor a preset.",
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
