"""What is imported, and when: a cheap ``import handcalc`` and a cheap ``handcalc --help``."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import handcalc

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {
    "array_api_compat",
    "click",
    "hypothesis",
    "lark",
    "matplotlib",
    "numpy",
    "rich",
    "rich_click",
    "scipy",
    "sympy",
}
REPORT = "\nimport json, sys; sys.stderr.write(json.dumps(sorted(sys.modules)))"
HELP = """
import sys
sys.argv = ["handcalc", "--help"]
from handcalc.cli import main
try:
    main()
except SystemExit as done:
    assert not done.code, done.code
"""


def loaded_after(code: str, root: Path = ROOT) -> set[str]:
    """The top-level modules that a fresh interpreter holds after running ``code``."""
    done = subprocess.run(
        [sys.executable, "-c", code + REPORT],
        cwd=root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in json.loads(done.stderr)}


def test_importing_handcalc_imports_nothing_heavy() -> None:
    loaded = loaded_after("import handcalc")
    assert "handcalc" in loaded
    assert loaded & HEAVY == set()


def test_help_imports_neither_sympy_nor_numpy() -> None:
    loaded = loaded_after(HELP)
    assert "rich_click" in loaded
    assert loaded & {"sympy", "numpy", "flint", "lark", "hypothesis"} == set()


@pytest.mark.parametrize("name", sorted(HEAVY))
def test_a_planted_import_is_found(tmp_path: Path, name: str) -> None:
    """The checks above can fail: the same package with one more line at its top."""
    shutil.copytree(ROOT / "handcalc", tmp_path / "handcalc")
    with (tmp_path / "handcalc" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write(f"\nimport {name}\n")
    assert name in loaded_after("import handcalc", tmp_path) & HEAVY


def test_using_a_name_imports_what_it_needs() -> None:
    assert "sympy" in loaded_after("import handcalc; handcalc.exact")
    assert "sympy" not in loaded_after("import handcalc; handcalc.InputError")


@pytest.mark.parametrize("name", handcalc.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(handcalc, name) is not None
    assert name in dir(handcalc)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'handcalc' has no attribute 'nothing'"):
        _ = handcalc.nothing


def imports_for_checkers() -> dict[str, set[str]]:
    """What the ``if TYPE_CHECKING:`` block of ``handcalc/__init__.py`` imports, by module."""
    tree = ast.parse((ROOT / "handcalc" / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    homes: dict[str, set[str]] = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        homes.setdefault(str(node.module), set()).update(alias.name for alias in node.names)
    return homes


def test_the_table_and_the_imports_for_type_checkers_agree() -> None:
    table = {module: set(names) for module, names in handcalc._HOMES.items()}
    assert table == imports_for_checkers()
    assert set().union(*table.values()) == set(handcalc.__all__) - {"__version__"}


def test_a_public_name_is_the_one_its_module_defines() -> None:
    from handcalc.superposition.geometry import geometry

    assert handcalc.geometry is geometry


def test_ground_types_are_flint() -> None:
    """sympy falls back to slower types, without a word, for a python-flint it does not know."""
    from sympy.external.gmpy import GROUND_TYPES

    assert GROUND_TYPES == "flint"


@pytest.mark.parametrize(
    "command", [["phases"], ["phases", "--diagram"], ["optimum", "--sparsity=1/2"]]
)
def test_without_numpy_the_search_says_what_to_install(command: list[str]) -> None:
    code = f"""
import sys
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "numpy" else found(name, *rest)
sys.modules["numpy"] = None
from handcalc.cli.program import run
assert run({[*command, "--no-state"] if command[0] == "phases" else command}) == 2
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert 'pip install "handcalc[optimum]"' in done.stderr
