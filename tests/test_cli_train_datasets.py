"""``handcalc train``, ``compare`` and ``figure`` of toy models on data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import handcalc
import torchsim
from handcalc.cli.names import DATASET_PRESETS
from tests.cli_kinds import is_refused, is_trained_kept_listed_and_compared
from tests.cli_runs import Shell
from torchsim import DatasetRun, DatasetSpec
from torchsim.figures import describe, draw, kinds, rendered

SHORT = ("--small", "--steps=2", "--restarts=2")


def test_json_is_what_the_run_holds(shell: Shell, tmp_path: Path) -> None:
    out = f"--out={tmp_path / 'run'}"
    done = shell("train", "double-descent", *SHORT, out, "--json").json()
    run = torchsim.load(tmp_path / "run")
    assert isinstance(run, DatasetRun)
    assert (done["preset"], done["trainer"]) == ("double-descent", "dataset")
    for found, trained in zip(done["models"], run.trained, strict=True):
        assert found["loss"] == float(trained.loss[trained.best])
        assert found["unseen"] == float(trained.unseen[trained.best])
        assert found["W"] == trained.W[trained.best].tolist()
        assert found["h"] == trained.hidden.tolist()
        assert found["history"]["steps"] == [1, 2]
        assert len(found["point_dimensionality"]) == found["points"] == trained.model.points


@pytest.mark.parametrize("name", DATASET_PRESETS)
def test_every_preset_is_trained_kept_listed_and_compared(shell: Shell, name: str) -> None:
    is_trained_kept_listed_and_compared(shell, name, SHORT, "dataset")


def test_compare_has_the_keys(shell: Shell) -> None:
    shell("train", "double-descent", *SHORT)
    five, six, fifty, _ = shell("compare", "--json").json()["models"]
    assert (five["shared"], six["shared"]) == (0, 0)
    assert six["radius"] == pytest.approx(2**0.5)
    assert fifty["radius"] is None
    assert five["exact"] == pytest.approx(five["loss"], abs=1e-12)
    assert five["constant"] == pytest.approx(4 / 5)  # five points at right angles
    assert five["constant_unseen"] == fifty["constant_unseen"]
    assert five["sentences"]


def test_a_figure_is_drawn(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shell("train", "double-descent", *SHORT)
    done = shell("figure", "double-descent", "--json").json()
    assert (done["kind"], done["file"]) == ("points", "double-descent-points.png")
    assert (tmp_path / "double-descent-points.png").read_bytes()[:4] == b"\x89PNG"


def run_of(*sizes: tuple[int, int]) -> DatasetRun:
    models = [DatasetSpec.of(12, m, T, "2/3", steps=20) for m, T in sizes]
    return torchsim.train(models, restarts=2)


@pytest.fixture(scope="module")
def run() -> DatasetRun:
    return run_of(*((2, T) for T in (3, 5, 9, 20, 40, 90)), (3, 5))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("kind", ["points", "losses"])
def test_each_kind_is_drawn_and_says_what_it_shows(run: DatasetRun, kind: Any, dark: bool) -> None:
    figure = draw(kind, run, dark)
    assert figure.get_label() == describe(kind, run)
    assert figure.get_suptitle()
    assert rendered(figure, ".png")[:4] == b"\x89PNG"


def test_arrows_are_those_of_the_best_restart(run: DatasetRun) -> None:
    figure = draw("points", run)
    panels = [axes for axes in figure.axes if axes.collections]
    assert len(panels) == 8  # of four models in two dimensions
    trained = run.trained[0]
    for axes, expected in zip(panels[:2], (trained.hidden, trained.W[trained.best]), strict=True):
        dots = axes.collections[1].get_offsets()
        assert [list(map(float, dot)) for dot in dots] == expected.tolist()


@pytest.mark.parametrize("sizes", [[(1, 2)], [(3, 5), (3, 9)], [(2, 4)], [(2, 1), (2, 1)]])
def test_runs_of_other_sizes_are_drawn(sizes: list[tuple[int, int]]) -> None:
    few = run_of(*sizes)
    figure = draw("points", few)
    flat = sum(m == 2 for m, _ in sizes)
    assert sum(bool(axes.collections) for axes in figure.axes) == 2 * flat
    assert rendered(figure, ".svg")


def test_which_kinds_suit_a_run(run: DatasetRun) -> None:
    assert kinds(run) == ("points", "losses")
    with pytest.raises(handcalc.InputError, match='is "points" or "losses", not "gram"'):
        draw("gram", run)
    with pytest.raises(handcalc.InputError, match="not for toy models on data sets") as caught:
        draw("points", run, models=[1])
    assert caught.value.code == "ignored"


@pytest.mark.parametrize(
    ("arguments", "said", "suggestion"),
    [
        (
            ("train", "double-descent", "--trainer=exact"),
            "--trainer is for toy models; double-descent is trained in one way.",
            "handcalc train double-descent",
        ),
        (
            ("train", "double-descent", "--weights=x"),
            "double-descent trains toy models on data sets, whose weights are in --json",
            "handcalc train double-descent",
        ),
        (
            ("code", "double-descent"),
            "trains toy models on data sets",
            "handcalc train double-descent --json",
        ),
    ],
)
def test_what_is_refused(
    shell: Shell, arguments: tuple[str, ...], said: str, suggestion: str
) -> None:
    is_refused(shell, arguments, said, suggestion)
