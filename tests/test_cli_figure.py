"""``figure``: a run drawn into a file."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

import torchsim.figures
from handcalc.cli.commands.training import KINDS
from tests.cli_runs import Shell
from tests.test_cli_compare import keep, words
from torchsim.presets import by_hand
from torchsim.presets.experiment import Extent
from torchsim.specification import ModelSpec


@pytest.fixture
def shell(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Shell:
    """In a folder of its own, where files without a name of their own go."""
    monkeypatch.chdir(tmp_path)
    return Shell(capsys)


def test_the_kinds_are_those_of_torchsim() -> None:
    assert KINDS == torchsim.figures.KINDS


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
