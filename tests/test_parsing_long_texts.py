"""Long texts, made so that a pattern could go over them again and again, are read in one pass.

No clock is looked at: what begins anew at every character of one of them would take minutes, where
all together take seconds.
"""

from __future__ import annotations

import pytest

from handcalc import InputError, parse_matrix
from handcalc.parsing.named_texts import named_texts
from tests.refusing import refusal

LONG = 100_000  # characters


def repeated(piece: str) -> str:
    return piece * (LONG // len(piece))


TEXTS = {
    "calls without brackets": (repeated("Fraction "), "unknown_name"),
    "calls left open": (repeated("Fraction("), "too_deep"),
    "blanks behind an environment": (rf"\begin{{array}}{repeated(' ')}&", "unbalanced"),
    "blanks before the first number": (repeated(" ") + "?", "unexpected"),
    "digits behind a backslash": ("\\ " + repeated("1"), "too_many_digits"),
    "percentages": (repeated("1 %\n"), "percent"),
    "lines between the marks of a list": ("- - -1\n" + repeated("\n") + "- - ?", "unexpected"),
    "blanks before a row in brackets": (f"[1] feature 1\n{repeated(' ')}?", "unknown_name"),
    "blanks in a bias": (f"?]\nb = ({repeated(' ')}\n?", "unbalanced"),
    "models in Markdown": (
        r"W = \begin" + repeated(r"\end{bmatrix}, \quad b = \left(") + repeated(r"\right)"),
        "unbalanced",
    ),
    "tables with rules": (repeated(r"\begin{tabular}\toprule\\\midrule"), "too_deep"),
    "blocks of columns": (repeated("Columns 1:\n"), "too_long"),
    "blocks of a frame": (repeated("   a\n0  1\n"), "too_long"),
}


@pytest.mark.parametrize(("text", "code"), TEXTS.values(), ids=TEXTS)
def test_a_long_text_is_refused_in_one_pass(text: str, code: str) -> None:
    assert refusal(parse_matrix, text).code == code


NAMED = {
    "a number before a name": (repeated("1") + " W = 1", ["", "W"]),
    "mappings in mappings": ('{"a":' * (LONG // 6) + "1" + "}" * (LONG // 6), ["a"]),
    "commas behind a number": ("W = 1" + repeated(", "), ["W"]),
    "words behind a number": ("W = 1" + repeated(" and"), ["W"]),
    "blanks behind a bracket": (f"W = [1]{repeated(' ')}x", ["W"]),
    "blanks in a line": (f"x{repeated(' ')}W = 1", ["", "W"]),
    "low lines": (repeated("_") + "!: 1", [""]),
}


@pytest.mark.parametrize(("text", "keys"), NAMED.values(), ids=NAMED)
def test_a_long_file_is_taken_apart_in_one_pass(text: str, keys: list[str]) -> None:
    assert [part.key for part in named_texts(text)] == keys


@pytest.mark.parametrize("text", [repeated("1:"), repeated("1:\n"), repeated("a = 1\n")])
def test_a_file_of_signs_alone_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="there are too many names"):
        named_texts(text)


def test_many_brackets_behind_a_name_are_looked_at_once() -> None:
    parts = named_texts(f"W = 1 0; 0 1\nW{'[]' * 100}x = 1")
    assert parts[0].alone(parts).strip() == "1 0; 0 1"
