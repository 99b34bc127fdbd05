"""How much of the house one must hold in the head: files, names, imports, functions, comments.

``python benchmarks/structure.py`` measures this checkout, ``--checkout DIR`` another one, and
``--json`` prints one object. Read from the source alone: nothing of what is measured is imported.

- *Helpers with one caller* are functions and methods named ``_so`` that their file names once more.
- A *circle* is a set of files each of which imports, directly or through others, all the others;
  imports inside functions count, those for type checkers alone do not.
- Between two folders side by side that import each other, the rarer direction *runs up*.
- The *body* of a function is what stands below its docstring, in lines.
"""

from __future__ import annotations

import argparse
import ast  # noqa: TID251 - this reads the source, no text of a person's
import json
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles

import grimp
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

PACKAGES = ("handcalc", "exercises", "torchsim")


@dataclass(frozen=True, slots=True)
class Structure:
    """The measures of one checkout, tests left out."""

    files: int
    lines: int
    files_per_1000_lines: float
    helpers_with_one_caller: int
    helpers_with_one_caller_per_1000_lines: float
    class_names_with_two_meanings: list[str]
    circles: int
    files_in_the_largest_circle: int
    imports_that_run_up: int
    imports_inside_functions: int
    comment_lines: int
    comment_percent: float
    body_median: float
    body_p90: float


@dataclass(frozen=True, slots=True)
class Module:
    """One file, parsed; ``name`` is the dotted one, a package's without ``__init__``."""

    name: str
    is_package: bool
    text: str
    tree: ast.Module

    @property
    def folder(self) -> str:
        """The package that the file lies in, itself where it is one."""
        return self.name if self.is_package else self.name.rpartition(".")[0]


def modules(checkout: Path) -> list[Module]:
    """Every Python file of the three packages."""
    found = []
    for path in sorted(p for name in PACKAGES for p in (checkout / name).rglob("*.py")):
        parts = path.relative_to(checkout).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        text = path.read_text(encoding="utf-8")
        name = ".".join(parts[:-1] if is_package else parts)
        found.append(Module(name, is_package, text, ast.parse(text)))
    return found


def arrows_of(checkout: Path) -> set[tuple[str, str]]:
    """Which module imports which, those imports left out that are for type checkers alone."""
    sys.path.insert(0, str(checkout))
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)
    return {(a, b) for a in graph.modules for b in graph.find_modules_directly_imported_by(a)}


def imports_inside(tree: ast.Module) -> int:
    """The import statements that run when a function does."""
    return sum(
        isinstance(node, ast.Import | ast.ImportFrom)
        for function in functions(tree)
        for node in ast.walk(function)
    )


def circles(names: list[str], arrows: set[tuple[str, str]]) -> list[int]:
    """The sizes of the circles, largest first."""
    place = {name: i for i, name in enumerate(names)}
    rows, columns = zip(*((place[a], place[b]) for a, b in arrows), strict=True)
    graph = coo_array(([1] * len(rows), (rows, columns)), shape=(len(names), len(names)))
    _, labels = connected_components(graph, directed=True, connection="strong")
    return sorted((n for n in Counter(labels.tolist()).values() if n > 1), reverse=True)


def run_up(arrows: set[tuple[str, str]], folders: dict[str, str]) -> int:
    """Imports between two folders, none in the other, against most of those between the two."""
    between: Counter[tuple[str, str]] = Counter()
    for a, b in arrows:
        here, there = f"{folders[a]}.", f"{folders[b]}."
        if not here.startswith(there) and not there.startswith(here):
            between[here, there] += 1
    return sum(min(n, between[b, a]) for (a, b), n in between.items() if a < b)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, nested ones included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def called_once(tree: ast.Module) -> int:
    """How many functions named ``_so`` the file names exactly once besides defining them."""
    uses: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            uses[node.id] += 1
        elif isinstance(node, ast.Attribute):
            uses[node.attr] += 1
    names = {f.name for f in functions(tree)}
    return sum(uses[n] == 1 for n in names if n.startswith("_") and not n.startswith("__"))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a body without its docstring."""
    body = function.body
    if ast.get_docstring(function, clean=False) is not None:
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def comment_lines(text: str) -> int:
    """Lines on which a comment stands."""
    rows = iter(text.splitlines(keepends=True))
    tokens = tokenize.generate_tokens(lambda: next(rows, ""))
    return sum(token.type == tokenize.COMMENT for token in tokens)


def class_names_with_two_meanings(found: list[Module]) -> list[str]:
    """Public names that are a class in more than one file."""
    homes = defaultdict(set)
    for module in found:
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].add(module.name)
    return sorted(name for name, where in homes.items() if len(where) > 1)


def measure(checkout: Path) -> Structure:
    """All the measures of one checkout."""
    found = modules(checkout)
    arrows = arrows_of(checkout)
    round_trips = circles([m.name for m in found], arrows)
    bodies = [n for m in found for f in functions(m.tree) if (n := body_lines(f))]
    lines = sum(len(m.text.splitlines()) for m in found)
    helpers = sum(called_once(m.tree) for m in found)
    comments = sum(comment_lines(m.text) for m in found)
    return Structure(
        files=len(found),
        lines=lines,
        files_per_1000_lines=round(1000 * len(found) / lines, 1),
        helpers_with_one_caller=helpers,
        helpers_with_one_caller_per_1000_lines=round(1000 * helpers / lines, 1),
        class_names_with_two_meanings=class_names_with_two_meanings(found),
        circles=len(round_trips),
        files_in_the_largest_circle=max(round_trips, default=0),
        imports_that_run_up=run_up(arrows, {m.name: m.folder for m in found}),
        imports_inside_functions=sum(imports_inside(m.tree) for m in found),
        comment_lines=comments,
        comment_percent=round(100 * comments / lines, 1),
        body_median=median(bodies),
        body_p90=quantiles(bodies, n=10)[-1],
    )


def main() -> None:
    """Print the measures of a checkout."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkout", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    found = asdict(measure(options.checkout))
    if options.json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        shown = f"{len(value)}: {', '.join(value)}" if isinstance(value, list) else value
        print(f"{name.replace('_', ' '):42} {shown}")


if __name__ == "__main__":
    main()
