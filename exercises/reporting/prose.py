"""The texts of an exercise, for any medium: paragraphs, formulas in columns, ASCII where needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from unicodedata import combining

from exercises.answer_kinds import ChoiceAnswer
from exercises.check_kinds import ReconstructsInput
from exercises.grading import Grade
from exercises.specification import Exercise
from handcalc.derivation import Claim
from handcalc.views.plain import PlainNotation

__all__ = ["Block", "blocks", "choices", "counted", "said"]

_INDENT = "    "
_GAP = re.compile(r" {3,}")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph as one line, or a formula as lines that stand as they are."""

    text: str
    is_formula: bool


def blocks(text: str, notation: PlainNotation) -> Iterator[Block]:
    r"""The paragraphs and formulas of a text; formulas are the lines indented by four spaces.

    >>> from handcalc.views.plain import ASCII
    >>> [block.text for block in blocks("One\ntwo.\n\n    h = Wᵀx   projection", ASCII)]
    ['One two.', 'h = W^T x   projection']
    """
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        lines = paragraph.split("\n")
        if all(line.startswith(_INDENT) for line in lines):
            yield Block(_columns([notation.words(line.strip()) for line in lines]), True)
        else:
            yield Block(notation.words(" ".join(line.strip() for line in lines)), False)


def choices(exercise: Exercise) -> Iterator[str]:
    """The claims and reasons to choose from, one a line; nothing where none are."""
    asked = exercise.answer
    if isinstance(asked, ChoiceAnswer):
        for mark, text in zip(asked.letters, asked.claims, strict=True):
            yield f"{mark}. {text}"
        for mark, text in zip(asked.numbers, asked.reasons, strict=True):
            yield f"{mark}. {text}"


def counted(grade: Grade) -> str:
    """How many of several outcomes are right, as in ", 1 of 3 outputs right"."""
    if len(grade.checks) < 2:
        return ""
    right = sum(outcome.passed is True for outcome in grade.checks)
    what = "outputs " if isinstance(grade.exercise.check, ReconstructsInput) else ""
    return f", {right or 'none'} of {len(grade.checks)} {what}right"


def said(claim: Claim, notation: PlainNotation) -> str:
    """A claim with its expressions put in, in the notation's characters."""
    return notation.words(notation.claim(claim))


def _columns(lines: list[str]) -> str:
    """Lines whose parts, three spaces or more apart, stand below each other."""
    rows = [_GAP.split(line) for line in lines]
    widths = [max(map(_width, column)) for column in zip_longest(*rows, fillvalue="")]
    aligned = (
        "   ".join(
            f"{cell}{' ' * (width - _width(cell))}"
            for cell, width in zip(row, widths, strict=False)
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in aligned)


def _width(text: str) -> int:
    return sum(not combining(character) for character in text)
