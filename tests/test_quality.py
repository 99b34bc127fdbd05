"""Format, lint and types are tests too, so that one command checks everything."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.structure import class_names_with_two_meanings, modules
from tests.guarded import CONFIGURATION, PACKAGES, ROOT

SOURCES = [
    path
    for folder in (*PACKAGES, "tests", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
LONGEST_FILE = 400

# an ignore, its rules, and then two words of reason at least
IGNORE = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma)\b(?P<rest>.*)")
REASON = re.compile(r"^(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|\[[a-z, -]+\])\s*[-#:]*\s*\S+ \S+")


@pytest.mark.parametrize(
    "tool",
    [["ruff", "format", "--check"], ["ruff", "check"], ["mypy"]],
    ids=["format", "lint", "types"],
)
def test_the_tool_finds_nothing(tool: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *tool], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_tool_is_set_on_every_package() -> None:
    tools = CONFIGURATION["tool"]
    assert tools["mypy"]["strict"] is True
    assert tools["mypy"]["files"] == list(PACKAGES)
    assert set(PACKAGES) <= set(tools["pytest"]["ini_options"]["testpaths"])  # doctests
    assert "exclude" not in tools["ruff"] | tools["mypy"]


def test_every_package_is_among_the_sources() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in SOURCES} >= set(PACKAGES)


def ignores_without_reason(text: str) -> list[str]:
    found = ((line, IGNORE.search(line)) for line in text.splitlines())
    return [line.strip() for line, match in found if match and not REASON.match(match["rest"])]


def test_every_ignore_has_a_reason_on_its_line() -> None:
    others = (path for path in SOURCES if path != Path(__file__))  # whose examples have none
    found = {str(path): ignores_without_reason(path.read_text(encoding="utf-8")) for path in others}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ("x = 1  # noqa", 1),
        ("x = 1  # noqa: E501", 1),
        ("x = f()  # type: ignore[arg-type]", 1),
        ("x = 1  # noqa: BLE001 - the last resort of the command line", 0),
        ("x = f()  # type: ignore[arg-type]  # the refusal is what is tested", 0),
    ],
)
def test_the_search_for_reasons_tells_the_two_apart(line: str, faults: int) -> None:
    assert len(ignores_without_reason(line)) == faults


def test_no_file_is_too_long_to_read_in_one_sitting() -> None:
    lengths = {str(path): path.read_text(encoding="utf-8").count("\n") for path in SOURCES}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_class_name_has_two_meanings() -> None:
    assert class_names_with_two_meanings(modules(ROOT)) == []


def test_only_what_users_import_lists_its_names() -> None:
    """An internal module hands on a name with ``import x as x``, which type checkers read too."""
    listing = re.compile(r"^__all__\b", re.MULTILINE)
    found = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if path.relative_to(ROOT).parts[0] != "tests"
        and listing.search(path.read_text(encoding="utf-8"))
    }
    public = {"handcalc", "exercises", "torchsim"}
    assert found == {f"{name}/__init__.py" for name in public} | {
        "handcalc/plot.py",
        "handcalc/strategies.py",
    }
