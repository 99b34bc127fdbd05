"""Imports run one way: the contracts in pyproject.toml are kept, and each of them can be broken.

``lint-imports`` says the same at a prompt, with the chain of imports that breaks a contract.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import grimp
import pytest

from tests.guarded import CONFIGURATION, PACKAGES, ROOT

# packages are found as Python finds them, and so an installed copy may stand in for a folder
LINT = f"""
import sys
from importlib.util import find_spec
from pathlib import Path
for name in {PACKAGES}:
    found = find_spec(name)
    home = Path(found.origin).resolve() if found and found.origin else None
    if home != Path(name, "__init__.py").resolve():
        sys.exit(f"What is analysed of {{name}} is {{home}}, not the folder here.")
from importlinter.cli import lint_imports_command
lint_imports_command()
"""
CONTRACTS = CONFIGURATION["tool"]["importlinter"]["contracts"]


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """What ``lint-imports`` says of the packages in a folder, all of which must be there."""
    env = {**os.environ, "PYTHONPATH": str(root), "COLUMNS": "200", "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", LINT, "--no-cache", str(ROOT / "pyproject.toml")]
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
    ("superposition", "handcalc/superposition/loss/moments.py", "from ..best import minima"),
    ("packages", "handcalc/derivation.py", "import exercises"),
    ("packages", "exercises/grading.py", "from handcalc.cli import main"),
    ("exercises", "exercises/checking/outcome.py", "from exercises.grading import grade"),
    ("torchsim", "torchsim/training/exact.py", "from torchsim import figures"),
    ("circles", "handcalc/parsing/tokens.py", "from handcalc.parsing import parse"),
    ("torch", "handcalc/export.py", "import torch"),
    ("numpy", "handcalc/superposition/loss/moments.py", "if True:\n    import numpy.linalg"),
    ("hypothesis", "handcalc/numbers/exact.py", "import hypothesis"),
]


def copy_packages(folder: Path, packages: Sequence[str] = PACKAGES) -> None:
    """Copy the source of this checkout."""
    for package in packages:
        for source in (ROOT / package).rglob("*.py"):
            copy = folder / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)


@pytest.mark.parametrize("missing", PACKAGES)
def test_a_package_that_is_not_in_the_checkout_is_missed(tmp_path: Path, missing: str) -> None:
    """Whether a copy of it is installed, which would be analysed in its place, or none is."""
    copy_packages(tmp_path, [package for package in PACKAGES if package != missing])
    done = lint(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.fullmatch(
        rf"What is analysed of {missing} is .*, not the folder here\.\s*", done.stderr
    )


@pytest.mark.slow
@pytest.mark.parametrize(("contract", "file", "line"), PLANTED)
def test_a_planted_import_is_found(tmp_path: Path, contract: str, file: str, line: str) -> None:
    copy_packages(tmp_path)
    with (tmp_path / file).open("a", encoding="utf-8") as planted:
        planted.write(f"\n{line}\n")
    done = lint(tmp_path)
    (name,) = (each["name"] for each in CONTRACTS if each["id"] == contract)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{name} BROKEN" in done.stdout
