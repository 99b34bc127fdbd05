"""The texts of an exercise, for any medium: paragraphs, formulas in columns, ASCII where needed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from unicodedata import combining

from exercises.checking import CheckOutcome
from exercises.checks import Equals, ReconstructsInput
from exercises.circuit_checks import Attends, Copies, Induces
from exercises.exercise import (
    ChoiceAnswer,
    Exercise,
    MatricesAnswer,
    ModelAnswer,
    TypedAnswer,
)
from exercises.grading import Grade
from exercises.reporting.sentences import told
from handcalc.derivation import Claim
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import equal, to_text
from handcalc.parsing import parse_scalar
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.notation import ASCII, PlainNotation
from handcalc.wording import option_words, quoted

_INDENT = "    "
_GAP = re.compile(r" {3,}")
_NUMBER = re.compile(r"[-−]?[\d√][\d√./]*")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A paragraph as one line, or a formula as lines that stand as they are."""

    text: str
    is_formula: bool


def blocks(text: str, notation: PlainNotation) -> Iterator[TextBlock]:
    r"""The paragraphs and formulas of a text; formulas are the lines indented by four spaces.

    In formulas, what three spaces or more set apart stands in columns; a line indented further
    begins with an empty one.

    >>> from handcalc.views.notation import ASCII
    >>> [block.text for block in blocks("One\ntwo.\n\n    h = Wᵀx   projection", ASCII)]
    ['One two.', 'h = W^T x   projection']
    >>> print(next(blocks("    W =   1   0\n          0   -1/2", ASCII)).text)
    W =   1      0
          0   -1/2
    """
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        lines = paragraph.split("\n")
        if all(line.startswith(_INDENT) for line in lines):
            formula = [line.removeprefix(_INDENT).rstrip() for line in lines]
            yield TextBlock(_columns([notation.words(line) for line in formula]), True)
        else:
            yield TextBlock(notation.words(" ".join(line.strip() for line in lines)), False)


def choices(exercise: Exercise) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What there is to choose from: claims by letter, then reasons by number, under a heading each.

    Each choice is its mark and its text, as in "a. It rises."; nothing where there are none.
    """
    asked = exercise.answer
    if isinstance(asked, ChoiceAnswer):
        yield "Claims", _mark(asked.letters, asked.claims)
        if asked.reasons:
            yield "Reasons", _mark(asked.numbers, asked.reasons)


def _mark(marks: Iterable[str], texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{mark}. {text}" for mark, text in zip(marks, texts, strict=True))


def counted(grade: Grade) -> str:
    """How many of several outcomes are right, as in ", 1 of 3 outputs right".

    Right numbers in another order are in place, or not; what was not looked at is not counted.
    """
    if len(grade.checks) < 2 or any(outcome.passed is None for outcome in grade.checks):
        return ""
    right = sum(outcome.passed is True for outcome in grade.checks)
    check = grade.exercise.key().check
    what = f"{_COUNTED.get(type(check), '')} right".strip()
    if isinstance(check, Equals) and grade.feedback.diagnosis == "swapped":
        what = "in place"
    return f", {right or 'none'} of {len(grade.checks)} {what}"


_COUNTED: Mapping[type, str] = {
    ReconstructsInput: "outputs",
    Copies: "rows",
    Attends: "positions",
    Induces: "lengths",
}


def findings(grade: Grade) -> tuple[CheckOutcome, ...]:
    """What the checks found, where that is news beside the verdict and what happened.

    That one number alone is not the right one is no news, nor is a sentence that is told already.

    >>> from exercises.grading import grade
    >>> findings(grade(4, "1"))
    ()
    """
    if len(grade.checks) == 1 and isinstance(grade.exercise.key().check, Equals):
        return ()
    happened = said(grade.feedback.happened, ASCII)
    return tuple(each for each in grade.checks if said(each.message, ASCII) not in happened)


def unread(grade: Grade) -> str:
    """Which part of an answer could not be read, or that the whole cannot be decided."""
    if grade.answer.value is not None:
        return "the answer cannot be decided"
    part = grade.answer.where if grade.answer.where not in (None, "answer") else "the answer"
    return f"{part} could not be read"


def said(claim: Claim, notation: PlainNotation) -> str:
    """A claim with its expressions put in, in the notation's characters."""
    return notation.words(told(claim, notation))


def _columns(lines: list[str]) -> str:
    """Lines whose parts, three spaces or more apart, stand below each other; numbers to the right.

    A column of one number a line is set to the right: signs stand apart, figures in line.
    """
    rows = [_GAP.split(line) for line in lines]
    columns = [[cell for cell in column if cell] for column in zip_longest(*rows, fillvalue="")]
    widths = [max(map(_width, column), default=0) for column in columns]
    numbers = [all(_NUMBER.fullmatch(cell) for cell in column) for column in columns]
    lines = []
    for row in rows:
        cells = []
        for cell, width, is_number in zip(row, widths, numbers, strict=False):
            space = " " * (width - _width(cell))
            cells.append(f"{space}{cell}" if is_number else f"{cell}{space}")
        lines.append("   ".join(cells).rstrip())
    return "\n".join(lines)


def _width(text: str) -> int:
    return sum(not combining(character) for character in text)


# --------------------------------------------------------------------------------------------------
# Numbers as the author of an answer typed them: 1.1*cos(2*pi/5), and not its roots.


_BETWEEN = re.compile(r"[\s,]+")


def model_cells(
    typed: TypedAnswer, model: ToyModel, notation: PlainNotation
) -> tuple[list[list[str]], list[str]]:
    """The cells of W, row by row, and of b: as they were typed, 1/2 and sqrt(3)/2 as ever.

    A row that cannot be told apart cell by cell, as with spaces in its numbers, is shown as ever.

    >>> from handcalc.views.notation import UNICODE
    >>> typed = {"W": "0.88 0; -0.44 sqrt(3)/2", "b": "0.3"}
    >>> model_cells(typed, ToyModel(typed["W"], b=["0.3", "0.3"]), UNICODE)
    ([['0.88', '0'], ['−0.44', '√3/2']], ['0.3', '0.3'])
    """
    rows = typed["W"].split(";")
    rows += [""] * (model.n - len(rows))
    W = [
        _row(text, values, notation) for text, values in zip(rows[: model.n], model.W, strict=True)
    ]
    return W, _row(typed["b"], model.b, notation)


def _row(text: str, values: Vector, notation: PlainNotation) -> list[str]:
    cells = _BETWEEN.split(text.strip())
    if len(cells) == 1:  # one number stands for all
        cells *= len(values)
    try:
        numbers = [parse_scalar(cell) for cell in cells]
        as_typed = len(numbers) == len(values) and all(map(equal, numbers, values))
    except InputError:
        as_typed = False
    if not as_typed:
        return [notation.number(value) for value in values]
    return [
        notation.number(value)
        if cell == to_text(value)
        else notation.words(cell).replace("-", notation.minus)
        for cell, value in zip(cells, values, strict=True)
    ]


# --------------------------------------------------------------------------------------------------
# How it is answered, and how the same exercise, with the same numbers, is asked for again.


def answer_options(exercise: Exercise, texts: TypedAnswer) -> str:
    """An answer as options of a command: ``--W`` and ``--b``, else ``--answer`` with all of it.

    >>> from exercises import load
    >>> answer_options(load(3), {"answer": "0 1/2 0"})
    '--answer="0 1/2 0"'
    """
    if isinstance(exercise.answer, MatricesAnswer):
        named = ", ".join(f"{name} = {text}" for name, text in texts.items())
        texts = {"answer": named if len(texts) > 1 else next(iter(texts.values()))}
    return " ".join(f"--{name}={quoted(text)}" for name, text in texts.items())


def options(exercise: Exercise) -> str:
    """What commands carry on behind the number: whose numbers they are, and of which course.

    >>> from exercises import load
    >>> options(load(7, student="Ada Lovelace")), options(load(7))
    (' --student="Ada Lovelace"', '')
    """
    words = []
    if exercise.student is not None:
        words.append(option_words("--student", exercise.student))
    if exercise.folder is not None:
        words.append(option_words("--course", str(exercise.folder)))
    return "".join(f" {word}" for word in words)


def loading_call(exercise: Exercise) -> str:
    """The exercise in Python, by no variable that may have another name.

    >>> from exercises import load
    >>> loading_call(load(7, student="ada")), loading_call(load(7, variant=2))
    ('exercises.load(7, student="ada")', 'exercises.load(7, variant=2)')
    """
    given = [str(exercise.position)]
    if exercise.folder is not None:
        given.append(_text(str(exercise.folder)))
    if exercise.student is not None:
        given.append(f"student={_text(exercise.student)}")
    elif exercise.variant > 1:
        given.append(f"variant={exercise.variant}")
    return f"exercises.load({', '.join(given)})"


def answering_call(exercise: Exercise) -> str:
    """The call that grades an answer to it and counts it, with the example of how to type one.

    >>> from exercises import load
    >>> answering_call(load(7, student="ada"))
    'exercises.answer(7, "3/7", student="ada")'
    """
    given = [str(exercise.position)]
    if exercise.student is None and exercise.variant > 1:
        given = [loading_call(exercise)]
    example = exercise.example
    is_named = isinstance(exercise.answer, ModelAnswer | MatricesAnswer)
    given += [
        f"{name}={_text(text)}" if is_named else _text(text) for name, text in example.items()
    ]
    if exercise.student is not None:
        given.append(f"student={_text(exercise.student)}")
    if exercise.folder is not None and given[0].isdecimal():
        given.append(f"folder={_text(str(exercise.folder))}")
    return f"exercises.answer({', '.join(given)})"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
