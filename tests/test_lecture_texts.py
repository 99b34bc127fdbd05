"""No number in a text of a lecture is typed by hand; and how the file of each begins."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from handcalc import lectures
from handcalc.lectures.listing import LECTURES, Lecture

FORMULA = re.compile(r"\$[^$]*\$")
# what is to be typed, what p is, and names: of a triangle, of a softmax, of features
NO_NUMBERS = re.compile(
    r"`[^`]*`|p = 1 − S|3-4-5|base \d+|sqrt\(\d+\)|"
    r"\b(?:features?|outputs?|arrows?) \d(?:(?:,| and| or) \d)*",
    re.IGNORECASE,
)
RAISED_OR_LOWERED = re.compile(r"[\^_](?:\d|\{\d\})")
ENDS = ("0", "1")  # off and fully on, nothing and all of it: formulas have them as signs
WORKED_OUT = "…"  # what stands for an expression in a text
FOLDERS = ("notebooks", "questions", "workings")


# the page is light or dark as the system is
HEADER = """\
# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""


@pytest.mark.parametrize("lecture", LECTURES, ids=lambda lecture: lecture.name)
def test_a_lecture_follows_the_system(lecture: Lecture) -> None:
    assert lecture.file.read_text(encoding="utf-8").startswith(HEADER)


def texts(source: str) -> Iterator[str]:
    """The texts of a file but for its docstrings, each a whole, however it is put together."""
    tree = ast.parse(source)
    told = (ast.Module, ast.FunctionDef, ast.ClassDef)
    documented = (node for node in ast.walk(tree) if isinstance(node, told) and node.body)
    left_out = {id(node.body[0].value) for node in documented if isinstance(node.body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            pieces = [piece for piece in node.values if isinstance(piece, ast.Constant)]
            left_out |= {id(piece) for piece in pieces}
            yield "".join(
                str(piece.value) if isinstance(piece, ast.Constant) else WORKED_OUT
                for piece in node.values
            )
        elif isinstance(node, ast.Constant) and id(node) not in left_out:
            yield node.value if isinstance(node.value, str) else ""


def typed_numbers(source: str) -> list[str]:
    """Figures in texts that are shown, in their words and in their formulas."""
    found = []
    for text in texts(source):
        words = NO_NUMBERS.sub("", FORMULA.sub("", text))
        if re.search(r"[a-zA-Z]{3}", words):  # a text of numbers alone is what the engine is given
            found += re.findall(r"\d+", words)
        for formula in FORMULA.findall(text):
            digits = re.findall(r"\d+", RAISED_OR_LOWERED.sub("", formula))
            found += [number for number in digits if number not in ENDS]
    return found


FILES = [
    file
    for folder in FOLDERS
    for file in sorted(Path(lectures.__file__).parent.glob(f"{folder}/*.py"))
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_no_number_in_a_text_is_typed_by_hand(file: Path) -> None:
    assert typed_numbers(file.read_text(encoding="utf-8")) == []


def test_every_lecture_is_looked_at() -> None:
    for folder in ("notebooks", "questions"):
        there = {file.stem for file in FILES if file.parent.name == folder}
        assert there >= {each.name.replace("-", "_") for each in LECTURES}


@pytest.mark.parametrize(
    "text",
    [
        '"It takes 4 heads."',
        'f"It takes 4 heads, {k} in all."',
        'f"so {a} at $p = 4r/(2 + {b}r)$"',
        '"$\\\\frac{y}{2}$"',
        'number("$r^2$ 3 of them")',
    ],
)
def test_a_number_that_is_typed_is_found(text: str) -> None:
    assert typed_numbers(f"x = {text}")


@pytest.mark.parametrize(
    "text", ['f"with $1 - p^2$ and $W_{1}$, {k} heads, `4`"', '"1 0; 0 3"', '"features 1 and 2"']
)
def test_notation_is_no_number(text: str) -> None:
    assert typed_numbers(f"x = {text}") == []
