"""No number in a text of a lecture is typed by hand: the engine says them all."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from handcalc.lectures.listing import LECTURES, Lecture

# formulas, what is to be typed, and names: of a triangle, of a softmax, of features
NO_NUMBERS = re.compile(
    r"\$[^$]*\$|`[^`]*`|3-4-5|base \d+|sqrt\(\d+\)|"
    r"\b(?:features?|outputs?|arrows?) \d(?:(?:,| and| or) \d)*",
    re.IGNORECASE,
)
BY_NAME = [pytest.param(each, id=each.name) for each in LECTURES]


def typed_numbers(source: str) -> list[str]:
    """Figures in the words of texts that are shown; formulas, code and names have their own."""
    tree = ast.parse(source)
    told = (ast.Module, ast.FunctionDef, ast.ClassDef)
    documented = (node for node in ast.walk(tree) if isinstance(node, told) and node.body)
    docstrings = {
        id(node.body[0].value) for node in documented if isinstance(node.body[0], ast.Expr)
    }
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in docstrings:
            continue
        words = NO_NUMBERS.sub("", str(node.value))
        # a text of numbers alone is what the engine is given
        if isinstance(node.value, str) and re.search(r"[a-zA-Z]{3}", words):
            found += re.findall(r"\d+", words)
    return found


def questions_of(lecture: Lecture) -> Path:
    name = f"handcalc.lectures.questions.{lecture.name.replace('-', '_')}"
    return Path(str(importlib.import_module(name).__file__))


@pytest.mark.parametrize("lecture", BY_NAME)
def test_no_number_in_a_text_is_typed_by_hand(lecture: Lecture) -> None:
    for source in (lecture.file, questions_of(lecture)):
        assert typed_numbers(source.read_text(encoding="utf-8")) == [], source


def test_a_number_that_is_typed_is_found() -> None:
    assert typed_numbers('x = f"It takes 4 heads, {k} in all."') == ["4"]
