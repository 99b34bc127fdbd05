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

_NUMBER = re.compile(r"[-−]?(?:[½¼¾]|(?:√\d+|sqrt\(\d+\)|\d+(?:\.\d+)?)(?:/\d+)?)")


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
    numbers = tuple(_numbers(text))
    check = exercise.check
    if isinstance(check, Brackets):
        near = (n for n in numbers if sign(check.width - abs(n - check.value) * 2) >= 0)
        return next(map(to_text, near), None)
    for solution in exercise.solutions:
        value = read(exercise.answer, solution.typed).value
        if isinstance(value, Choice):
            said = rf"{value.claim}[\s,]+{value.reason}" if value.reason else f"claim {value.claim}"
            if re.search(rf"\b{said}\b", text, re.IGNORECASE):
                return f"{value.claim} {value.reason}".strip()
            continue
        parts = _parts(value) if isinstance(value, ToyModel) else [value or ()]
        found = next((part for part in parts if _holds(numbers, part)), None)
        if found is not None:
            return " ".join(map(to_text, found))
    return None


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


def _numbers(text: str) -> Iterator[sympy.Expr]:
    for found in _NUMBER.findall(text):
        try:
            yield parse_scalar(found.replace("−", "-"))
        except InputError:  # such as 1/0, which tells nothing
            continue
