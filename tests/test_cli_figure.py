"""``figure``: a run drawn into a file."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

import torchsim.figures
from handcalc.cli.commands.training import KINDS, VALUES
from tests.cli_runs import Shell
from tests.test_cli_compare import keep, words
from torchsim.presets import by_hand
from torchsim.presets.experiment import Extent
from torchsim.specification import ModelSpec
from torchsim.views import sweep_maps


@pytest.fixture
def shell(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Shell:
    """In a folder of its own, where files without a name of their own go."""
    monkeypatch.chdir(tmp_path)
    return Shell(capsys)


def test_the_kinds_are_those_of_torchsim() -> None:
    assert KINDS == torchsim.figures.KINDS
    assert VALUES == sweep_maps.VALUES


def test_the_latest_run_is_drawn(shell: Shell) -> None:
    run = keep("by-hand")
    done = shell("figure", "by-hand")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("Wrote by-hand-embeddings.png.\n")
    light = Path("by-hand-embeddings.png").read_bytes()
    assert light.startswith(b"\x89PNG")
    assert "Replaced by-hand-embeddings.png." in shell("figure", "by-hand", "--dark").out
    assert Path("by-hand-embeddings.png").read_bytes() != light
    found = shell("figure", "by-hand", "--kind=losses", "--out=l.svg", "--json").json()
    assert (found["kind"], found["file"], found["run"]) == ("losses", "l.svg", str(run))
    assert found["sentence"]
    assert Path("l.svg").read_bytes().startswith(b"<?xml")


def test_without_a_run_the_small_one_is_trained(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = Extent(lambda seed: (ModelSpec.of(3, 2, "1/2", seed=seed),), restarts=(2, 1))
    monkeypatch.setattr(by_hand, "PRESET", replace(by_hand.PRESET, small=tiny))
    done = shell("figure", "by-hand", "--kind=gram")
    assert done.code == 0
    assert "Note: There was no run of by-hand, so its small version was trained" in words(done.err)
    assert Path("by-hand-gram.png").exists()
    assert shell("figure", "by-hand", "--kind=gram").err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["by-han"], "There is no preset 'by-han'"),
        (["by-hand", "--kind=pie"], "'pie' is not one of"),
        (["by-hand", "--out=a.gif"], "is written to a .png or .svg file, not to a.gif."),
        (["by-hand", "--out="], "is written to a .png or .svg file, and here is no name."),
        (["by-hand", "--out=no/a.png"], "there is no folder no."),
        (["by-hand", "--run=nowhere"], "nowhere is neither a folder"),
        ([], "Which run is to be drawn? PRESET is a preset, sweep, or the folder of a run."),
    ],
)
def test_what_a_figure_refuses(shell: Shell, arguments: list[str], said: str) -> None:
    done = shell("figure", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in words(done.err)


def test_where_no_run_is_named_it_says_what_to_type(shell: Shell) -> None:
    def tried(*arguments: str) -> str:
        done = shell("figure", *arguments)
        assert (done.code, done.out) == (2, "")
        return done.err.splitlines()[-1]

    assert tried() == "Try: handcalc figure by-hand"
    keep("sweep")
    assert tried("--kind=embeddings") == "Try: handcalc figure sweep --kind embeddings"
    run = keep("by-hand")
    assert tried("--dark") == "Try: handcalc figure by-hand --dark"
    assert tried(f"--run={run}") == f"Try: handcalc figure {run}"


def test_what_to_type_where_there_is_no_sweep(shell: Shell) -> None:
    done = shell("figure", "sweep")
    assert (done.code, done.out) == (2, "")
    told = done.err.splitlines()[-1]
    assert told == 'Try: handcalc sweep --features 3 --hidden 2 --sparsity="1/2 9/10"'
    assert shell(*shlex.split(told)[2:], "--restarts=2").code == 0
    assert shell("figure", "sweep", "--kind=gram").code == 0


def test_a_picture_has_the_name_of_its_own_run(shell: Shell) -> None:
    run = keep("sweep")
    for asked in (["sweep"], [str(run)], ["sweep", f"--run={run}"]):
        found = shell("figure", *asked, "--kind=gram", "--json").json()
        assert (found["preset"], found["file"]) == ("sweep", "sweep-gram.png")
        assert found["run"] == str(run)
    done = shell("figure", "by-hand", f"--run={run}")
    assert (done.code, done.out) == (2, "")
    assert "is one of sweep, not of by-hand." in words(done.err)
    assert f"handcalc figure {run}" in words(done.err)
    twice = shell("figure", str(run), "--run=sweep")
    assert twice.code == 2
    assert "names another: give one of them." in words(twice.err)


def test_a_kind_that_does_not_suit_the_run(shell: Shell) -> None:
    keep("sweep")
    done = shell("figure", "sweep", "--kind=phases")
    assert (done.code, done.out) == (2, "")
    assert 'not "phases"' in words(done.err)


def test_as_a_picture_and_as_a_drawing(shell: Shell, tmp_path: Path) -> None:
    keep("sweep")
    png, svg = tmp_path / "a.picture", tmp_path / "a.drawing"
    asked = ("figure", "sweep", "--kind=gram", f"--png={png}", f"--svg={svg}", "--json")
    found = shell(*asked).json()
    assert (found["file"], found["files"]) == (str(png), [str(png), str(svg)])
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "<svg" in svg.read_text(encoding="utf-8")
    assert shell("figure", "sweep", f"--svg={tmp_path}/nowhere/a.svg").code == 2


# -- sweeps ---------------------------------------------------------------------------------------

SWEEP = ["sweep", "--features=3", "--hidden=2", "--restarts=2"]


def test_a_sweep_is_a_heat_map(shell: Shell) -> None:
    assert shell(*SWEEP, "--sparsity=0 1/2 9/10", "--importance=1 1 1/10..10 in 2").code == 0
    found = shell("figure", "sweep", "--json").json()
    assert (found["kind"], found["file"]) == ("heatmap", "sweep-heatmap.png")
    assert (found["x"], found["y"], found["value"]) == ("sparsity", "importance", "loss")
    assert found["panels"] == [""]
    assert "models" not in found
    assert found["sentence"].startswith("The loss goes from 0.00")
    asked = ["figure", "sweep", "--x=importance", "--y=sparsity", "--value=gap", "--json"]
    found = shell(*asked).json()
    assert (found["x"], found["y"], found["value"]) == ("importance", "sparsity", "gap")
    assert found["sentence"].startswith("The gap to the best known ")
    some = shell("figure", "sweep", "--models=1 3 5", "--json").json()
    assert (some["x"], some["y"], some["models"]) == ("sparsity", None, [1, 3, 5])


def test_panels_of_a_heat_map(shell: Shell) -> None:
    axes = ["--hidden=1 2", "--sparsity=0 1/2 9/10", "--seeds=2", "--restarts=1"]
    assert shell("sweep", "--features=2..4", *axes).code == 0
    found = shell("figure", "sweep", "--json").json()
    assert (found["x"], found["y"]) == ("sparsity", "features")
    assert found["panels"] == ["m = 1", "m = 2"]
    assert "lowest loss of 2 seeds" in found["sentence"]
    page = shell("figure", "sweep").out
    assert page.count(" goes from ") == 1  # and of the panels a row each
    assert len(page.splitlines()) < 16
    heads, first, second = page.splitlines()[-5:-2]
    assert heads.split() == ["panel", "lowest", "at", "highest", "at"]
    assert (first[:7], second[:7]) == ("m = 1  ", "m = 2  ")
    assert "S = 0.9, n = 2" in first


def test_the_values_of_one_panel_are_a_table(shell: Shell) -> None:
    assert shell(*SWEEP, "--sparsity=0 1/2 9/10", "--activation=both").code == 0
    heads, *rows = shell("figure", "sweep").out.splitlines()[-5:-2]
    assert " ".join(heads.split()) == "S = 0 S = 0.5 S = 0.9"
    assert [row.split()[0] for row in rows] == ["linear", "ReLU"]
    assert rows[1].split()[2] == "0.0763"


def test_which_cells_are_shown_is_said(shell: Shell) -> None:
    sparsities = " ".join(f"{k}/20" for k in range(20))
    assert shell(*SWEEP, f"--sparsity={sparsities}").code == 0
    page = words(shell("figure", "sweep", "--kind=embeddings").out)
    assert "12 of 20 cells are shown" not in page  # which the figure itself says
    assert "Shown are the cells 1, 3, 4, 6, 8, 10, 11, 13, 15, 17, 18 and 20 of 20." in page
    assert 'say which, as in --models "1 3 5..9".' in page
    found = shell("figure", "sweep", "--kind=losses", "--models=7 5", "--json").json()
    assert found["models"] == [7, 5]
    assert "cell 7: S = 0.3: 0.1" in found["sentence"]
    assert found["sentence"].index("cell 7") < found["sentence"].index("cell 5")
    page = words(shell("figure", "sweep", "--kind=losses", "--models=7 5").out)
    assert "Shown are" not in page


@pytest.mark.parametrize(
    ("arguments", "said", "told"),
    [
        (
            ["--x=rate"],
            "x is a setting in which the cells differ, sparsity or seed; rate is the same in all",
            "handcalc figure sweep --x sparsity",
        ),
        (["--y=S"], "y is a setting in which", "handcalc figure sweep --y sparsity"),
        (["--value=losses"], "'losses' is not one of 'loss', 'gap'", None),
        (["--kind=gram", "--x=seed"], "--x is for heat maps alone, not for gram.", None),
        (["--tokens=a"], "--tokens is for figures of attention alone, not for heatmap.", None),
        (["--kind=gram", "--models=1..15"], "A figure of gram holds up to 14 models, not 15", None),
    ],
)
def test_what_a_figure_of_a_sweep_refuses(
    shell: Shell, arguments: list[str], said: str, told: str | None
) -> None:
    assert shell(*SWEEP, "--sparsity=0..7/8 by 1/8", "--seeds=2").code == 0
    done = shell("figure", "sweep", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in words(done.err)
    if told is not None:
        assert done.err.splitlines()[-1] == f"Try: {told}"


def test_some_models_of_a_run_in_their_order(shell: Shell) -> None:
    keep("by-hand", *(ModelSpec.of(3, 2, f"{k}/10") for k in range(1, 6)))
    found = shell("figure", "by-hand", "--kind=losses", "--models=4 2", "--json").json()
    assert found["models"] == [4, 2]
    assert "model 4: S = 0.4: 0." in found["sentence"]
    assert "model 2: S = 0.2: 0." in found["sentence"]
    done = shell("figure", "by-hand", "--x=sparsity")
    assert (done.code, done.out) == (2, "")
    assert "--x is for heat maps alone, not for embeddings." in words(done.err)
