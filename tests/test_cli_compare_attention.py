"""``handcalc compare`` and ``handcalc figure`` on runs of attention-only models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import torchsim
from tests.attention_by_hand import SHARP, counting, named, run_of
from tests.cli_runs import Shell
from torchsim.attention.data import TokenChain
from torchsim.attention.specification import AttentionSpec, AttentionTraining


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in a folder: one layer and two, after a few steps."""
    folder = tmp_path_factory.mktemp("kept") / "run"
    models = [AttentionSpec(TokenChain(5, 8), layers=k, steps=30) for k in (1, 2)]
    torchsim.save(torchsim.train(AttentionTraining(tuple(models), restarts=2)), folder)
    return folder


def test_a_comparison_as_text_and_as_data(shell: Shell, kept: Path) -> None:
    page = shell("compare", str(kept))
    assert page.code == 0
    for text in ("Trained, and worked by hand", "Model 2: layers 2", "1.1 → 2.1", "at random"):
        assert text in page.out
    assert max(map(len, page.out.splitlines())) <= 80
    found = shell("compare", str(kept), "--json").json()
    one, two = found["models"]
    assert found["run"] == str(kept)
    assert (len(one["pairs"]), len(two["pairs"])) == (0, 1)
    assert two["measures"][0]["previous"].keys() == {"value", "chance", "nearness"}
    assert two["baseline"] == pytest.approx(32**-0.5)
    assert {each["name"] for each in two["circuits"]} == {
        "copying", "previous-token", "induction", "induction-pointer",
    }  # fmt: skip
    assert two["sentences"][0].startswith("Loss ")


def test_the_page_names_the_nearest_circuit_or_none() -> None:
    circuits = named("induction", V=4, n=8, sharpness=SHARP), counting()
    for name, trained in zip(("induction", "none"), circuits, strict=True):
        found = torchsim.compare(run_of(trained))
        assert (found.models[0].nearest is None) == (name == "none")
        assert name in str(found)
        assert name in found._repr_markdown_()


@pytest.mark.parametrize(
    ("options", "kind"),
    [([], "attention"), (["--kind=tables"], "tables"), (["--dark"], "attention")],
)
def test_a_figure_is_written_with_what_it_shows(
    shell: Shell, kept: Path, tmp_path: Path, options: list[str], kind: str
) -> None:
    file = tmp_path / "figure.png"
    done = shell("figure", str(kept), *options, f"--png={file}", "--json")
    assert done.code == 0, done.err
    assert done.json()["kind"] == kind
    assert len(done.json()["sentence"]) > 40
    assert file.read_bytes()[:4] == b"\x89PNG"


def test_attention_is_drawn_on_a_sentence_of_ones_own(
    shell: Shell, kept: Path, tmp_path: Path
) -> None:
    file = f"--png={tmp_path / 'figure.png'}"
    said: Any = shell("figure", str(kept), "--tokens=a b a", file, "--json").json()["sentence"]
    assert "3 a attends to" in said
    assert "4 " not in said


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--tokens=a x"], "'x' is not in the vocabulary: a b c d e"),
        (["--kind=tables", "--tokens=a b"], "--tokens is for figures of attention alone"),
        (["--kind=gram"], 'is "attention", "losses" or "tables", not "gram"'),
    ],
)
def test_what_cannot_be_drawn_is_told(
    shell: Shell, kept: Path, tmp_path: Path, options: list[str], text: str
) -> None:
    done = shell("figure", str(kept), *options, f"--png={tmp_path / 'figure.png'}")
    assert done.code != 0
    assert text in " ".join(done.err.split())
    assert "Traceback" not in done.err
    assert not (tmp_path / "figure.png").exists()
