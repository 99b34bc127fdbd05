"""What is imported, and when: each package is cheap to import, and so is ``handcalc --help``."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import exercises
import handcalc
import torchsim
from tests.guarded import PACKAGES, ROOT

HEAVY = {
    "array_api_compat",
    "click",
    "hypothesis",
    "lark",
    "marimo",
    "matplotlib",
    "numba",
    "numpy",
    "rich",
    "rich_click",
    "safetensors",
    "scipy",
    "sympy",
    "torch",
}
OURS = (handcalc, exercises, torchsim)
NAMES = [(package, name) for package in OURS for name in package.__all__]
REPORT = "\nimport json, sys; sys.stderr.write(json.dumps(sorted(sys.modules)))"
COMMAND = """
import sys
sys.argv = ["handcalc", *{arguments}]
from handcalc.cli import main
try:
    main()
except SystemExit as done:
    assert done.code == {code}, done.code
"""
QUICK = {  # what is answered, or refused, before a command's work is imported
    "--help": 0,
    "loss --help": 0,
    "dev check --help": 0,
    "lecture --help": 0,
    "lecture --port=0": 2,
    "loss --sparcity=1/2": 2,
    "optimum --digits=1000": 2,
    "phases --diagram --points=5": 2,
    "show --x=1": 2,
    "sweep --features=2 --hidden=1": 2,
    "reset": 2,
    "grade 1 no-such-file": 2,
    "progress --no-state --export=file": 2,
    "dev": 2,
}


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
    return {name.partition(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}


def test_every_package_is_looked_at() -> None:
    assert tuple(package.__name__ for package in OURS) == PACKAGES


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_package_imports_nothing_heavy(package: str) -> None:
    loaded = loaded_after(f"import {package}")
    assert package in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("typed", QUICK)
def test_help_and_usage_errors_import_neither_sympy_nor_numpy(typed: str) -> None:
    loaded = loaded_after(COMMAND.format(arguments=typed.split(), code=QUICK[typed]))
    assert {"click", "rich"} <= loaded
    assert loaded & {"sympy", "numpy", "flint", "lark", "hypothesis", "torch"} == set()


def test_work_is_imported_when_it_is_done() -> None:
    """The check above can fail."""
    typed = ["geometry", "--W=1"]
    assert "sympy" in loaded_after(COMMAND.format(arguments=typed, code=0))


def test_a_small_search_is_done_before_numba_would_be_loaded() -> None:
    """And a larger one is quicker with it."""
    small = ["optimum", "--features=2", "--hidden=1", "--sparsity=1/2"]
    assert "numba" not in loaded_after(COMMAND.format(arguments=small, code=0))
    assert "numba" in loaded_after(COMMAND.format(arguments=[*small, "--restarts=4"], code=0))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(HEAVY))
def test_a_planted_import_is_found(tmp_path: Path, name: str) -> None:
    """The checks above can fail: the same package with one more line at its top."""
    package = "torchsim" if name in {"torch", "safetensors"} else "handcalc"
    shutil.copytree(ROOT / "handcalc", tmp_path / "handcalc")  # the others import its top
    shutil.copytree(ROOT / package, tmp_path / package, dirs_exist_ok=True)
    with (tmp_path / package / "__init__.py").open("a", encoding="utf-8") as file:
        file.write(f"\nimport {name}\n")
    assert name in loaded_after(f"import {package}", tmp_path) & HEAVY


def test_using_a_name_imports_what_it_needs() -> None:
    assert "matplotlib" not in loaded_after("import torchsim; torchsim.figures")
    assert "sympy" in loaded_after("import handcalc; handcalc.exact")
    assert "sympy" not in loaded_after("import handcalc; handcalc.InputError")


@pytest.mark.parametrize(
    ("package", "name"), NAMES, ids=[f"{package.__name__}.{name}" for package, name in NAMES]
)
def test_every_public_name_resolves(package: ModuleType, name: str) -> None:
    assert getattr(package, name) is not None
    assert name in dir(package)


@pytest.mark.parametrize("package", PACKAGES)
def test_an_unknown_name_is_an_attribute_error(package: str) -> None:
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        _ = import_module(package).nothing


def imports_for_checkers(source: str) -> dict[str, set[str]]:
    """What the ``if TYPE_CHECKING:`` block of an ``__init__.py`` imports, by module."""
    blocks = (node for node in ast.parse(source).body if isinstance(node, ast.If))
    block = next(node for node in blocks if ast.unparse(node.test) == "TYPE_CHECKING")
    homes: dict[str, set[str]] = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        homes.setdefault(node.module or "", set()).update(alias.name for alias in node.names)
    return homes


def disagreements(package: ModuleType, source: str) -> list[str]:
    """Where ``_HOMES``, the imports for type checkers and ``__all__`` are not one list."""
    table = {module: set(names) for module, names in package._HOMES.items()}
    checked, public = imports_for_checkers(source), set(package.__all__) - {"__version__"}
    return [
        *sorted(
            f"{module}: not in both" for module in table if table[module] != checked.get(module)
        ),
        *sorted(f"{module}: only for checkers" for module in checked.keys() - table.keys()),
        *sorted(f"{name}: not in both" for name in set().union(*table.values()) ^ public),
    ]


@pytest.mark.parametrize("package", OURS, ids=PACKAGES)
def test_the_table_and_the_imports_for_type_checkers_agree(package: ModuleType) -> None:
    source = Path(str(package.__file__)).read_text(encoding="utf-8")
    assert disagreements(package, source) == []
    assert sorted(package.__all__) == package.__all__


@pytest.mark.parametrize("package", OURS, ids=PACKAGES)
def test_a_name_that_only_checkers_know_is_found(package: ModuleType) -> None:
    """The comparison can fail, for every package."""
    source = Path(str(package.__file__)).read_text(encoding="utf-8")
    planted = source.replace(
        "if TYPE_CHECKING:\n", "if TYPE_CHECKING:\n    from .errors import no\n"
    )
    assert planted != source
    assert [text for text in disagreements(package, planted) if text.startswith("errors")]


def test_a_public_name_is_the_one_its_module_defines() -> None:
    from handcalc.superposition.model.geometry import geometry

    assert handcalc.geometry is geometry


def test_ground_types_are_flint() -> None:
    """sympy falls back to slower types, without a word, for a python-flint it does not know."""
    from sympy.external.gmpy import GROUND_TYPES

    assert GROUND_TYPES == "flint"


@pytest.mark.parametrize(
    "command",
    [
        ["phases"],
        ["phases", "--diagram"],
        ["optimum", "--sparsity=1/2"],
        ["bigrams", "abaabcbaccacbbaa", "--dimensions=1"],
    ],
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
