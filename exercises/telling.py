"""Does a text tell the answer? Asked of hints, which may ask and lead, and not tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import sympy

from exercises.answers import Choice, read
from exercises.check_kinds import Brackets
from exercises.specification import Exercise
from handcalc.errors import InputError
from handcalc.number import equal, sign, to_text
from handcalc.parsing import parse_scalar
from handcalc.superposition.toy_model import ToyModel, Vector

__all__ = ["told"]

_ONE = r"(?:√\d+|sqrt\(\d+\)|\d*\.?\d+)"
_NUMBER = re.compile(rf"[-−]?(?:[½¼¾]|{_ONE}(?:\s*/\s*\d+)?(?:\s*(?:%|per cent|percent))?)")
_FORMULA = re.compile(
    r"(?:sqrt|cos|sin|pi|[\d½¼¾√π()+\-−*/·^.])(?:\s*(?:sqrt|cos|sin|pi|[\d½¼¾√π()+\-−*/·^.]))*"
)
_COUNTED = re.compile(r"\b(?:row|feature|output|arrow|input|number)s?\s+\d+", re.IGNORECASE)
_SPELT = (
    (re.compile(r"\\[dt]?frac\{(\d+)\}\{(\d+)\}"), r"\1/\2"),
    (re.compile(r"\b(?:one|a)[ -]half\b", re.IGNORECASE), "1/2"),
    (re.compile(r"\b(?:one|a)[ -]third\b", re.IGNORECASE), "1/3"),
    (re.compile(r"\b(?:one|a)[ -]quarter\b", re.IGNORECASE), "1/4"),
)


def told(text: str, exercise: Exercise) -> str | None:
    """The part of the answer that a text tells, as it would be typed; None where it tells nothing.

    The numbers of a solution in their order are told, however they are written; so is a number in a
    bracket that is asked for, and a claim with its reason. A whole number by itself is not, nor are
    rows of zeros: these stand in many a sentence.

    >>> from exercises.loading import load
    >>> exercise = load("best-bias-dense")
    >>> told("What is the mean? Is it 0.5?", exercise), told("What is the mean?", exercise)
    ('1/2', None)
    """
    plain = _plain(text)
    numbers, formulas = tuple(_read(_NUMBER, plain)), tuple(_read(_FORMULA, plain))
    check = exercise.check
    if isinstance(check, Brackets):
        near = (n for n in (*formulas, *numbers) if _is_near(n, check))
        return next(map(to_text, near), None)
    for solution in exercise.solutions:
        value = read(exercise.answer, solution.typed).value
        if isinstance(value, Choice):
            return _told_choice(text, value)
        parts = _parts(value) if isinstance(value, ToyModel) else [value or ()]
        sequences = (numbers, *((formula,) for formula in formulas))
        found = (part for part in parts if any(_holds(each, part) for each in sequences))
        said = next(found, None)
        if said is not None:
            return " ".join(map(to_text, said))
    return None


def _plain(text: str) -> str:
    """A text without the numbers that count its rows and features, its fractions as digits."""
    for spelt, digits in _SPELT:
        text = spelt.sub(digits, text)
    return _COUNTED.sub("", text)


def _is_near(number: sympy.Expr, check: Brackets) -> bool:
    return sign(check.width - abs(number - check.value) * 2) >= 0


def _told_choice(text: str, value: Choice) -> str | None:
    """A claim that is named as one, or that stands beside its reason."""
    said = rf"\b(?:claim|answer|choice)\s+{value.claim}\b"
    if value.reason:
        between = r"[\s,]+(?:because\s+of\s+|because\s+|for\s+|and\s+)?(?:reason\s+)?"
        said = rf"{said}|\b{value.claim}\b{between}{value.reason}\b"
    told = re.search(said, text, re.IGNORECASE)
    return f"{value.claim} {value.reason}".strip() if told else None


def _parts(model: ToyModel) -> list[Vector]:
    """W and b as they are read, row by row."""
    return [tuple(cell for row in model.W for cell in row), model.b]


def _holds(numbers: Sequence[sympy.Expr], part: Vector) -> bool:
    if not any(value != 0 for value in part) or (len(part) == 1 and part[0].is_Integer):
        return False
    starts = range(len(numbers) - len(part) + 1)
    return any(
        all(equal(a, b) for a, b in zip(numbers[k : k + len(part)], part, strict=True))
        for k in starts
    )


def _read(pattern: re.Pattern[str], text: str) -> Iterator[sympy.Expr]:
    for found in pattern.findall(text):
        percent = re.search(r"\s*(?:%|per cent|percent)$", found)
        number = found[: percent.start()] if percent else found
        try:
            value = parse_scalar(number.strip().rstrip(".").replace("−", "-"))
        except InputError:  # such as 1/0, which tells nothing
            continue
        yield value / 100 if percent else value
