"""Imports run one way: the contracts in pyproject.toml are kept, and each of them can be broken.

``lint-imports`` says the same at a prompt, with the chain of imports that breaks a contract.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from tests.guarded import CONFIGURATION, PACKAGES, ROOT

LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]
CONTRACTS = CONFIGURATION["tool"]["importlinter"]["contracts"]


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """What ``lint-imports`` says of the packages in a folder."""
    env = {**os.environ, "PYTHONPATH": str(root), "COLUMNS": "200", "PYTHONUTF8": "1"}
    command = [*LINT, "--no-cache", str(ROOT / "pyproject.toml")]
    return subprocess.run(
        command, cwd=root, env=env, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_every_contract_is_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in done.stdout


def test_every_library_has_a_contract() -> None:
    """What is not Python's own and not in a contract is imported nowhere: scipy, for one."""
    graph = grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)
    external = {
        name
        for name in graph.modules
        if graph.is_module_squashed(name) and name not in sys.stdlib_module_names
    }
    named = {name for contract in CONTRACTS for name in contract.get("protected_modules", ())}
    assert external == {"sympy", *named}


PLANTED = [
    ("handcalc", "handcalc/numbers/exact.py", "from handcalc.parsing import parse_scalar"),
    ("handcalc", "handcalc/numbers/exact.py", "def f():\n    from handcalc import parsing"),
    ("handcalc", "handcalc/superposition/model/toy_model.py", "from handcalc.views import text"),
    ("handcalc", "handcalc/brand_new.py", ""),
    ("superposition", "handcalc/superposition/loss/moments.py", "from ..best import bfgs"),
    ("packages", "handcalc/derivation.py", "import exercises"),
    ("packages", "exercises/grading.py", "from handcalc.cli import main"),
    ("exercises", "exercises/checking/outcome.py", "from exercises.grading import grade"),
    ("torchsim", "torchsim/training/exact.py", "from torchsim import figures"),
    ("circles", "handcalc/parsing/tokens.py", "from handcalc.parsing import parse"),
    ("torch", "handcalc/export.py", "import torch"),
    ("numpy", "handcalc/superposition/loss/moments.py", "if True:\n    import numpy.linalg"),
    ("hypothesis", "handcalc/numbers/exact.py", "import hypothesis"),
]


@pytest.mark.parametrize(("contract", "file", "line"), PLANTED)
def test_a_planted_import_is_found(tmp_path: Path, contract: str, file: str, line: str) -> None:
    for package in PACKAGES:
        for source in (ROOT / package).rglob("*.py"):
            copy = tmp_path / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
    with (tmp_path / file).open("a", encoding="utf-8") as planted:
        planted.write(f"\n{line}\n")
    done = lint(tmp_path)
    (name,) = (each["name"] for each in CONTRACTS if each["id"] == contract)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{name} BROKEN" in done.stdout
