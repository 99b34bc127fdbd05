"""A name that is not there: an error to type checkers, and one at run time with the nearest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import exercises
import handcalc
import torchsim

ROOT = Path(__file__).resolve().parent.parent

MISSPELT: list[tuple[ModuleType, str, str | None]] = [
    (handcalc, "optmum", "optimum"),
    (handcalc, "toymodel", "ToyModel"),
    (handcalc, "TOYMODEL", "ToyModel"),
    (handcalc, "expectedloss", "expected_loss"),
    (handcalc, "SparseUnifrom", "SparseUniform"),
    (exercises, "laod", "load"),
    (exercises, "grades", "grade"),
    (torchsim, "tran", "train"),
    (torchsim, "Presets", "Preset"),
    (torchsim, "figure", "figures"),
    (handcalc, "zzz", None),
    (torchsim, "_tran", None),
]


@pytest.mark.parametrize(("package", "name", "meant"), MISSPELT, ids=str)
def test_a_misspelt_name_is_an_error_with_the_nearest(
    package: ModuleType, name: str, meant: str | None
) -> None:
    hint = "" if meant is None else f"; did you mean '{meant}'\\?"
    message = f"^module '{package.__name__}' has no attribute '{name}'{hint}$"
    with pytest.raises(AttributeError, match=message):
        getattr(package, name)


def test_the_interpreter_adds_no_second_suggestion() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import handcalc; handcalc.optmum"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[-1] == (
        "AttributeError: module 'handcalc' has no attribute 'optmum'; did you mean 'optimum'?"
    )


@pytest.mark.slow
def test_a_misspelt_name_is_an_error_to_mypy(tmp_path: Path) -> None:
    """Right names beside wrong ones: that every name is refused would show too."""
    file = tmp_path / "names.py"
    lines = [
        "import exercises, handcalc, torchsim",
        "handcalc.optimum, handcalc.Distribution, exercises.grade, torchsim.train",
        "handcalc.optmum",
        "exercises.laod",
        "torchsim.tran",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = [
        line.partition(": error: ")[2] for line in done.stdout.splitlines() if ": error: " in line
    ]
    assert [text.partition("  [")[2] for text in found[:3]] == ["attr-defined]"] * 3, done.stdout
    assert ['"optmum"' in found[0], '"laod"' in found[1], '"tran"' in found[2]] == [True] * 3
    assert done.stdout.splitlines()[-1].startswith("Found 3 errors in 1 file")
