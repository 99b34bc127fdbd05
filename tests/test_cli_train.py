"""``train``: the presets on the command line, what is kept, and Ctrl-C in the middle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.cells import cell_len

import torchsim.training
from handcalc.cli.names import PRESETS, preset_names
from handcalc.superposition.best.optimum import optimum
from tests.cli_runs import ROOT, Run, Shell, outside
from torchsim.presets import preset
from torchsim.run import _SAME
from torchsim.views.runs import _NEARLY

pytestmark = pytest.mark.usefixtures("compiled_losses")
SMALL = ["train", "by-hand", "--small"]
SAMPLED = ["train", "by-hand", "--small", "--trainer=sampled", "--restarts=1"]
MODEL = {"activation", "sparsity", "importance", "W", "b", "exact_loss", "restarts", "agreed"}


def runs_folder() -> Path:
    return Path(os.environ["HANDCALC_STATE_DIR"]) / "runs"


def kept() -> list[Path]:
    """The runs in the state folder."""
    return sorted(path for path in runs_folder().glob("*") if path.is_dir())


def words(text: str) -> str:
    return " ".join(text.split())


def widest(page: str) -> int:
    """How wide a page is, down to where it names the folder of the run, which has any length."""
    return max(map(cell_len, page.partition("The run is in")[0].splitlines()))


def trained(done: Run) -> list[dict[str, Any]]:
    """The models of the object, which do not differ from run to run."""
    assert done.code == 0, done.err
    models: list[dict[str, Any]] = done.json()["models"]
    return models


# -- what it answers ------------------------------------------------------------------------------


def test_without_a_preset_they_are_listed(shell: Shell) -> None:
    done = shell("train")
    assert (done.code, done.err) == (0, "")
    for name in PRESETS:
        assert f"   {name} " in done.out
        assert preset(name).title in done.out
    assert "handcalc train by-hand --small" in done.out
    listed = shell("train", "--json").json()["presets"]
    assert tuple(each["name"] for each in listed) == PRESETS


def test_text(shell: Shell) -> None:
    done = shell(*SMALL)
    assert (done.code, done.err) == (0, "")
    assert widest(done.out) <= 80
    lines = done.out.splitlines()
    assert lines[0] == "Three features in two dimensions"
    assert lines[7].split() == ["model", "S", "loss", "agreed", "held", "shape"]
    assert lines[8].split()[-1] == "triangle"
    assert lines[13].split()[:3] == ["6", "0.9", "0.0033195"]
    assert lines[13].split()[-1] == "antipodal"
    said = words(done.out)
    assert "6 models, 12 restarts each, trained by descent on the exact loss, on the " in said
    claim = preset("by-hand").claim.sentence
    assert f"What is known: {claim} Here it holds." in said
    (folder,) = kept()
    assert f"The run is in {folder} How close to the best: handcalc compare A picture" in said
    assert "A restart agreed if its loss is at most a millionth above the best one." in said


def test_json(shell: Shell) -> None:
    found = shell(*SMALL, "--json").json()
    assert list(found)[:4] == ["schema", "command", "status", "error"]
    assert (found["command"], found["preset"], found["trainer"]) == ("train", "by-hand", "exact")
    assert found["wall_seconds"] > 0
    assert found["device"] == ("cuda" if torch.cuda.is_available() else "cpu")
    assert found["device_name"]
    assert found["claim"] == {"sentence": preset("by-hand").claim.sentence, "holds": True}
    assert [found["run"]] == list(map(str, kept()))
    assert [model["sparsity"] for model in found["models"]] == [
        *("0", "1/5", "2/5", "1/2", "7/10", "9/10")
    ]
    for model in found["models"]:
        assert set(model) >= MODEL
        assert model["importance"] == ["1", "1", "1"]
        assert (len(model["W"]), len(model["W"][0]), len(model["b"])) == (3, 2, 3)
        assert model["restarts"] == 12
        assert 1 <= model["agreed"] <= 12
    half = found["models"][3]
    best = float(optimum(3, 2, "1/2").loss)
    assert half["exact_loss"] == pytest.approx(best, abs=1e-8)


def test_where_the_exact_loss_is_out_of_reach(shell: Shell, tmp_path: Path) -> None:
    asked = ["train", "demonstrating", "--small", "--steps=3", f"--out={tmp_path / 'run'}"]
    done = shell(*asked)
    assert done.code == 0, done.err
    assert widest(done.out) <= 80
    heads = next(line.split() for line in done.out.splitlines() if line.startswith("model  "))
    assert heads == ["model", "kind", "S", "loss", "agreed", "held", "shape"]
    assert done.out.count(" ± ") >= 3 + 1  # the linear ones may be known exactly
    assert "in 3 steps of 256 inputs" in words(done.out)
    assert "Here it does not hold: the best of more restarts, or of more steps" in words(done.out)
    assert "A restart agreed if its loss is at most 1 per cent above" in words(done.out)
    models = trained(shell(*asked, "--json"))
    assert [model["activation"] for model in models] == ["linear"] * 3 + ["relu"] * 3
    assert {model["exact_loss"] for model in models[3:]} == {None}
    assert all(model["standard_error"] > 0 for model in models)
    assert {model["family"] for model in models} == {"mixed"}  # hardly trained


def test_a_phase_diagram_is_a_picture(shell: Shell) -> None:
    done = shell("train", "phase-change", "--small", "--restarts=2", "--no-state")
    assert done.code == 0, done.err
    assert widest(done.out) <= 80
    assert "What becomes of feature 3 of 3 in 2 dimensions:" in done.out
    assert "    10 D D " in done.out
    assert "   0.1 . . S S S S\n   p = 1      0.01\n" in done.out


def test_on_a_narrow_terminal_without_colours() -> None:
    env = {"PYTHONIOENCODING": "ascii", "NO_COLOR": "1"}
    done = outside(*SMALL, "--no-state", env=env)
    assert done.returncode == 0
    told = done.stderr.split(b"\n")  # a busy machine takes a while to read the loops, and says so
    assert all(line.startswith(b"Compil") for line in told if line)
    assert done.stdout.isascii()
    assert b"\x1b" not in done.stdout
    assert b"?" not in done.stdout


# -- what it keeps --------------------------------------------------------------------------------


def test_the_same_command_reads_what_it_kept(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    first = trained(shell(*SMALL, "--json"))
    monkeypatch.setattr(torchsim.training, "train", None)
    again = shell(*SMALL, "--json")
    assert trained(again) == first
    assert again.json()["read_from_disk"] is True
    assert "It was trained before; the run was read from" in words(shell(*SMALL).out)


def test_fresh_trains_again(shell: Shell) -> None:
    first = trained(shell(*SMALL, "--json"))
    again = shell(*SMALL, "--fresh", "--json")
    assert trained(again) == first
    assert again.json()["read_from_disk"] is False


def test_another_seed_is_another_run(shell: Shell) -> None:
    first = trained(shell(*SMALL, "--json"))
    other = trained(shell(*SMALL, "--seed=5", "--json"))
    assert [model["seed"] for model in other] == [5] * 6
    assert other[0]["W"] != first[0]["W"]
    assert len(kept()) == 2


def test_no_state_keeps_nothing(shell: Shell) -> None:
    done = shell(*SMALL, "--no-state", "--json")
    assert done.json()["run"] is None
    assert not runs_folder().exists()
    assert "The run is in" not in shell(*SMALL, "--no-state").out


def test_no_state_with_a_folder_is_not_remembered(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    said = words(shell(*SMALL, "--no-state", f"--out={folder}").out)
    assert f"handcalc compare {folder} A picture of it: handcalc figure {folder}" in said
    assert not runs_folder().exists()


def test_more_steps_are_no_advice_for_the_exact_trainer(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torchsim.presets.experiment.PresetClaim.holds", lambda *_: False)
    said = words(shell(*SMALL, "--restarts=1", "--no-state").out)
    assert "Here it does not hold: the best of more restarts may come closer." in said


def test_agreed_is_as_the_run_counts() -> None:
    assert _SAME == {"exact": 1e-6, "sampled": 1e-2}
    assert _NEARLY == {"exact": "a millionth", "sampled": "1 per cent"}


def test_a_run_without_its_specification_begins_anew(shell: Shell) -> None:
    shell(*SMALL)
    (folder,) = kept()
    (folder / "spec.json").unlink()
    done = shell(*SMALL)
    assert (done.code, done.out) == (2, "")
    assert "but not its spec.json" in words(done.err)
    assert "but not its spec.json" in words(shell("compare", str(folder)).err)
    assert words(done.err).endswith("handcalc train by-hand --small --fresh")
    assert shell(*SMALL, "--fresh").code == 0


def test_a_folder_of_ones_own(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "my run"
    found = shell(*SMALL, f"--out={folder}", "--json").json()
    assert found["run"] == str(folder)
    assert (folder / "record.json").is_file()
    assert kept() == []
    other = shell(*SMALL, "--restarts=2", f"--out={folder}")
    assert (other.code, other.out) == (2, "")
    assert "holds another run" in words(other.err)
    assert words(other.err).endswith(" --out ANOTHER_FOLDER")  # not what deletes it
    assert shell(*SMALL, "--restarts=2", f"--out={folder}", "--fresh").code == 0


def test_a_folder_with_other_things_in_it(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("work of years")
    done = shell(*SMALL, f"--out={tmp_path}", "--fresh")
    assert done.code == 2
    assert "holds other files, such as thesis.tex" in words(done.err)
    assert (tmp_path / "thesis.tex").read_text() == "work of years"


def test_a_damaged_file_says_what_to_type(shell: Shell) -> None:
    shell(*SMALL)
    (folder,) = kept()
    (folder / "weights.safetensors").write_bytes(b"half a fi")
    done = shell(*SMALL)
    assert (done.code, done.out) == (2, "")
    assert f"{folder.name}/weights.safetensors is damaged" in done.err.replace("\n", "")
    assert words(done.err).endswith("handcalc train by-hand --small --fresh")
    assert shell(*SMALL, "--fresh").code == 0


def test_a_state_folder_that_cannot_be_is_a_warning(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HANDCALC_STATE_DIR", str(tmp_path / "file"))
    done = shell(*SMALL)
    assert done.code == 0
    assert "Note: The run is not kept. No run can be kept in" in done.err
    assert "Here it holds" in done.out
    mine = shell(*SMALL, f"--out={tmp_path / 'file' / 'run'}")
    assert (mine.code, mine.out) == (2, "")


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said", "suggestion"),
    [
        (["by-han"], "There is no preset 'by-han'", "handcalc train by-hand"),
        (["zzz"], "There is no preset 'zzz'; there are by-hand,", "handcalc train"),
        (["--small"], "--small is for an experiment: say which", "handcalc train"),
        (
            ["--kernel=plain", "--steps=3"],
            "--steps and --kernel are for an experiment: say which",
            "handcalc train",
        ),
        (
            ["by-hand", "--steps=9"],
            "--steps belongs to the trainer on samples; the exact one stops by itself.",
            "--trainer sampled",
        ),
        (
            ["by-hand", "--kernel=plain"],
            "--kernel belongs to the trainer on samples; the exact one has none.",
            "--trainer sampled",
        ),
        (
            ["demonstrating", "--trainer=exact"],
            "takes up to 10 features, not 20",
            "--trainer sampled",
        ),
        (["by-hand", "--trainer=both"], "'both' is not one of", "handcalc train --help"),
        (["by-hand", "--restarts=0"], "0 is not in the range", "handcalc train --help"),
        (["by-hand", "--seed=4294967296"], "is not in the range", "handcalc train --help"),
    ],
)
def test_what_is_refused(shell: Shell, arguments: list[str], said: str, suggestion: str) -> None:
    done = shell("train", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in words(done.err)
    assert shell("train", *arguments, "--json").json()["error"]["suggestion"] == suggestion


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there(shell: Shell) -> None:
    done = shell(*SMALL, "--device=cuda")
    assert (done.code, done.out) == (2, "")
    assert "torch finds no CUDA device here." in done.err
    assert done.err.endswith("--device cpu\n")


@pytest.mark.parametrize("module", ["torch", "safetensors"])
def test_without_torch_it_says_what_to_install(module: str) -> None:
    code = f"""
import sys
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "{module}" else found(name, *rest)
sys.modules["{module}"] = sys.modules["numpy"] = None
from handcalc.cli.program import run
assert run(["train"]) == 0
del sys.modules["numpy"]
assert [run(words.split()) for words in ("train by-hand", "compare", "figure by-hand")] == [2] * 3
assert run(["sweep", "--features=2", "--hidden=1", "--sparsity=0"]) == 2
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(f"This needs {module}, which is not installed.") == 4
    assert done.stderr.count('pip install "handcalc[sim]"') == 4


def test_without_numba_it_says_what_to_install() -> None:
    """The plain kernel does without, and is chosen then."""
    code = """
import sys
sys.modules["numba"] = None
from handcalc.cli.program import run
asked = "train by-hand --small --trainer=sampled --restarts=1 --steps=2 --device=cpu --no-state"
fused = [*asked.split(), "--kernel=fused"]
assert run(fused) == run([*fused, "--json"]) == 2
assert run([*asked.split(), "--json"]) == 0
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "This needs numba, which is not installed." in done.stderr
    assert done.stdout.count("This needs numba, which is not installed.") == 1


def test_another_torchsim_is_named_with_its_path(tmp_path: Path) -> None:
    theirs = tmp_path / "torchsim.py"
    theirs.write_text("raise SystemExit('this must not run')")
    done = outside("train", "by-hand", "--json", cwd=tmp_path)
    assert done.returncode == 2
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "shadowed"
    assert f"another package named torchsim first, {theirs}" in error["message"]


def test_the_shell_completes_presets() -> None:
    found = preset_names(None, None, "d")  # type: ignore[arg-type]  # neither is looked at
    assert found == ["demonstrating", "demonstrating-large", "dynamics", "double-descent"]


def test_threads_wait_asleep(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for chosen, expected in (("ACTIVE", "ACTIVE"), (None, "PASSIVE")):
        monkeypatch.setenv("OMP_WAIT_POLICY", str(chosen))  # to be undone after the test
        if chosen is None:
            monkeypatch.delenv("OMP_WAIT_POLICY")
        assert shell("compare").code == 2
        assert os.environ["OMP_WAIT_POLICY"] == expected
