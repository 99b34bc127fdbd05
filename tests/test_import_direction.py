"""Data flows one way: a module imports only what stands above it in the table below.

A reader can learn the theory from the top of this table downwards. Every import is read from the
source, those inside functions and for type checkers included.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.guarded import PACKAGES, ROOT

# Flow is downwards. "name.*" is a package whose files may import one another.
LAYERS = (
    "handcalc.errors",
    "handcalc.errors",
    "handcalc.wording",
    "handcalc.shell_words",
    "handcalc.lazy",
    "handcalc.processes.signals",
    "handcalc.processes.time_limits",
    "handcalc.storage.*",
    "handcalc.numbers.cosine_field",
    "handcalc.numbers.tower",
    "handcalc.numbers.field",
    "handcalc.numbers.exact",
    "handcalc.inputs.array_files",
    "handcalc.numbers.decimals",
    "handcalc.parsing.*",
    "handcalc.inputs.containers",
    "handcalc.inputs.arguments",
    "handcalc.display",
    "handcalc.derivation",
    "handcalc.export",
    "handcalc.superposition.model.toy_model",
    "handcalc.superposition.model.affine",
    "handcalc.superposition.model.geometry",
    "handcalc.superposition.model.worked_steps",
    "handcalc.superposition.model.worked_steps",
    "handcalc.superposition.model.forward_pass",
    "handcalc.superposition.model.same_model",
    "handcalc.superposition.model.same_model",
    "handcalc.superposition.model.reconstruction_claims",
    "handcalc.superposition.model.embeddings",
    "handcalc.superposition.model.arrows",
    "handcalc.superposition.loss.distribution",
    "handcalc.superposition.loss.support_weights",
    "handcalc.superposition.loss.moments",
    "handcalc.superposition.loss.expected_loss",
    "handcalc.superposition.loss.expected_loss",
    "handcalc.superposition.loss.expected_loss",
    "handcalc.superposition.loss.derivatives",
    "handcalc.numbers.linear_algebra",
    "handcalc.superposition.loss.derivatives",
    "handcalc.superposition.loss.gradient",
    "handcalc.superposition.loss.polynomial",
    "handcalc.superposition.loss.loss_steps",
    "handcalc.superposition.loss.problem",
    "handcalc.superposition.loss.problem",
    "handcalc.superposition.numeric.*",
    "handcalc.superposition.model.angles",
    "handcalc.superposition.model.regular_shapes",
    "handcalc.superposition.model.families",
    "handcalc.superposition.closed_forms.*",
    "handcalc.superposition.search.*",
    "handcalc.superposition.best.canonical_form",
    "handcalc.superposition.best.polish",
    "handcalc.superposition.best.canonical_form",
    "handcalc.superposition.best.optimum",
    "handcalc.superposition.phases.*",
    "handcalc.superposition",
    "handcalc.views.*",
    "handcalc.registered_views",
    "handcalc.distribution_strategies",
    "handcalc.strategies",
    "handcalc",
    "exercises.*",
    "torchsim.specification",
    "torchsim.run",
    "torchsim.sampling.philox",
    "torchsim.sampling.sampler",
    "torchsim.sampling.initial",
    "torchsim.training.models",
    "torchsim.training.numeric_loss",
    "torchsim.training.losses",
    "torchsim.training.checkpoint",
    "torchsim.training.sampled",
    "torchsim.training.sampled",
    "torchsim.training.sampled",
    "torchsim.training.exact",
    "torchsim.training.runner",
    "torchsim.training",
    "torchsim.storage.*",
    "torchsim.sweeping",
    "torchsim.comparison.best_store",
    "torchsim.comparison.best_known",
    "torchsim.by_hand.*",
    "torchsim.comparison",
    "torchsim.presets.*",
    "torchsim.views.*",
    "torchsim.registered_views",
    "torchsim.experiments",
    "torchsim.figures.*",
    "torchsim",
    "handcalc.cli.*",
    "handcalc.__main__",
)

# Imported only inside functions, for the sake of start-up time.
LAZY = {"handcalc.cli.*": ("exercises.*", "torchsim.*")}

SIM = tuple(row for row in LAYERS if row.partition(".")[0] == "torchsim")

# What is not Python's own, and where it may be imported. Anything else is refused: scipy has no
# place in these packages, and torch only in torchsim.
THIRD_PARTY = {
    "sympy": LAYERS,
    "flint": (
        "handcalc.numbers.cosine_field",
        "handcalc.numbers.tower",
        "handcalc.numbers.field",
        "handcalc.numbers.exact",
    ),
    "lark": ("handcalc.parsing.*",),
    "rich": ("handcalc.views.*", "exercises.*", "torchsim.views.*", "handcalc.cli.*"),
    "click": ("handcalc.cli.*",),
    "rich_click": ("handcalc.cli.*",),
    "platformdirs": ("exercises.*", "handcalc.cli.*"),
    "filelock": ("handcalc.storage.*",),
    "array_api_compat": ("handcalc.superposition.numeric.*",),
    "numpy": (
        "handcalc.inputs.array_files",
        "handcalc.superposition.search.*",
        "handcalc.superposition.best.polish",
        "handcalc.superposition.phases.*",
        *SIM,
    ),
    "torch": SIM,
    "safetensors": ("handcalc.inputs.array_files", "torchsim.storage.*"),
    "matplotlib": ("handcalc.views.*", "torchsim.figures.*"),
    "hypothesis": ("handcalc.distribution_strategies", "handcalc.strategies"),
}


@dataclass(frozen=True, slots=True)
class Import:
    """One import: ``importer`` asks for ``imported``, at the top of the file or not."""

    importer: str
    imported: str
    at_top: bool


def layer(module: str) -> str | None:
    """The row of the table in which a module stands."""
    if module in LAYERS:
        return module
    rows = (row for row in LAYERS if row.endswith(".*"))
    return next((row for row in rows if f"{module}.".startswith(row[:-1])), None)


def name_of(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources(root: Path) -> dict[str, Path]:
    paths = (path for package in PACKAGES for path in (root / package).rglob("*.py"))
    return {name_of(path, root): path for path in paths}


def nodes(tree: ast.AST, at_top: bool = True) -> Iterator[tuple[ast.AST, bool]]:
    """Every node, and whether it runs when the file is imported."""
    for child in ast.iter_child_nodes(tree):
        is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for_checkers = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        yield child, at_top
        yield from nodes(child, at_top and not is_function and not for_checkers)


def targets(node: ast.AST, module: str, is_package: bool, known: dict[str, Path]) -> list[str]:
    """The modules that an import statement asks for, in full."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    parts = module.split(".")
    base = parts[: len(parts) - node.level + is_package] if node.level else []
    source = ".".join([*base, *([node.module] if node.module else [])])
    inner = (f"{source}.{alias.name}" for alias in node.names)
    return [name if name in known else source for name in inner]


def imports(root: Path) -> list[Import]:
    known = sources(root)
    return [
        Import(module, imported, at_top)
        for module, path in known.items()
        for node, at_top in nodes(ast.parse(path.read_text(encoding="utf-8")))
        for imported in targets(node, module, path.name == "__init__.py", known)
    ]


def fault(edge: Import) -> str | None:
    """What is wrong with an import, in a sentence, or ``None``."""
    top = edge.imported.partition(".")[0]
    here, there = layer(edge.importer), layer(edge.imported)
    if top in sys.stdlib_module_names or here is None:
        return None
    if top not in PACKAGES:
        allowed = here in THIRD_PARTY.get(top, ())
        return None if allowed else f"{edge.importer} must not import {edge.imported}."
    if there is None:
        return f"{edge.importer} imports {edge.imported}, which has no place in the table."
    if there in LAZY.get(here, ()):
        return f"{edge.importer} imports {edge.imported} at its top." if edge.at_top else None
    if LAYERS.index(there) > LAYERS.index(here):
        return f"{edge.importer} imports {edge.imported}, which stands below it."
    return None


def violations(root: Path) -> list[str]:
    homeless = [f"{module} has no place in the table." for module in sources(root)]
    homeless = [text for text in homeless if layer(text.partition(" ")[0]) is None]
    return homeless + [text for text in map(fault, imports(root)) if text is not None]


def test_imports_point_one_way() -> None:
    assert violations(ROOT) == []


def test_every_row_of_the_table_is_a_module() -> None:
    missing = [row for row in LAYERS if row.removesuffix(".*") not in sources(ROOT)]
    assert missing == []


def test_every_import_was_read() -> None:
    """A search that finds nothing would pass: it has to see the edges that surely exist."""
    found = imports(ROOT)
    edges = {(edge.importer, edge.imported) for edge in found}
    assert ("handcalc.superposition.model.toy_model", "handcalc.errors") in edges
    assert ("handcalc.__main__", "handcalc.cli") in edges
    assert {edge.importer.partition(".")[0] for edge in found} == set(PACKAGES)


PLANTED = [
    ("handcalc/numbers/exact.py", "import handcalc.parsing", "which stands below it"),
    ("handcalc/numbers/exact.py", "from handcalc import parsing", "which stands below it"),
    ("handcalc/numbers/exact.py", "from .parsing import parse_scalar", "which stands below it"),
    ("handcalc/numbers/exact.py", "from . import parsing", "which stands below it"),
    (
        "handcalc/numbers/exact.py",
        "def f():\n    from .parsing import parse_scalar",
        "stands below it",
    ),
    (
        "handcalc/superposition/model/toy_model.py",
        "from ..views import text",
        "which stands below it",
    ),
    ("handcalc/superposition/model/toy_model.py", "import exercises", "which stands below it"),
    ("handcalc/views/text.py", "from handcalc import forward", "which stands below it"),
    ("handcalc/display.py", "def f():\n    from handcalc.views import text", "stands below it"),
    ("handcalc/cli/commands/practice.py", "from exercises.grading import grade", "at its top"),
    ("exercises/grading.py", "from handcalc.cli import main", "which stands below it"),
    ("exercises/grading.py", "import torch", "must not import torch"),
    ("exercises/grading.py", "if True:\n    import numpy.linalg", "must not import numpy.linalg"),
    ("handcalc/numbers/exact.py", "import hypothesis", "must not import hypothesis"),
    ("handcalc/brand_new.py", "", "has no place in the table"),
]


@pytest.mark.parametrize(("file", "line", "expected"), PLANTED)
def test_a_planted_violation_is_found(tmp_path: Path, file: str, line: str, expected: str) -> None:
    for row in LAYERS:
        path = tmp_path / Path(*row.removesuffix(".*").split("."))
        path.mkdir(parents=True) if row.endswith(".*") else path.parent.mkdir(exist_ok=True)
        (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).touch()
    assert violations(tmp_path) == []
    (tmp_path / file).write_text(line, encoding="utf-8")
    assert [text for text in violations(tmp_path) if expected in text]


def test_the_edges_that_are_meant_are_allowed(tmp_path: Path) -> None:
    for file, line in [
        ("handcalc/cli/commands/practice.py", "def f():\n    from exercises.grading import grade"),
        ("handcalc/strategies.py", "import hypothesis"),
        ("handcalc/parsing/reader.py", "from . import tokens\nimport lark"),
        ("handcalc/parsing/tokens.py", "import re"),
        ("handcalc/views/text.py", "from ..superposition import forward_pass"),
        ("exercises/grading.py", "from handcalc import ToyModel"),
    ]:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(line, encoding="utf-8")
    assert violations(tmp_path) == []
