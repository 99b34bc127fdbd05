"""Finds hints that give the answer away."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from exercises.answers import Choice, read_listed
from exercises.checks import Brackets
from exercises.exercise import Exercise
from exercises.matrices import NamedMatrices
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import equal, sign, to_text
from handcalc.parsing import parse_scalar, parse_vector
from handcalc.superposition.model.toy_model import ToyModel

# A number as a hint may have it: a fraction, a decimal, a root, a share in per cent. A formula is
# a stretch of numbers, signs and functions, so that (1 + √5)/4 is found too.
_ONE = r"(?:√\d+|sqrt\(\d+\)|\d*\.?\d+)"
_NUMBER = re.compile(rf"[-−]?(?:[½¼¾]|{_ONE}(?:\s*/\s*\d+)?(?:\s*(?:%|per cent|percent))?)")
_FORMULA = re.compile(
    r"(?:sqrt|cos|sin|pi|[\d½¼¾√π()+\-−*/·^.])(?:\s*(?:sqrt|cos|sin|pi|[\d½¼¾√π()+\-−*/·^.]))*"
)
_WITHIN_RUN = re.compile(r"[\s,;()\[\]]*")
_BESIDE = r"[\s,;:()\[\]]*"
_COUNTED = re.compile(r"\b(?:row|feature|output|arrow|input|number)s?\s+\d+", re.IGNORECASE)
_SPELT = (
    (re.compile(r"\\[dt]?frac\{(\d+)\}\{(\d+)\}"), r"\1/\2"),
    (re.compile(r"\b(\d+)\s+over\s+(\d+)\b", re.IGNORECASE), r"\1/\2"),
    (re.compile(r"\b(?:one|a)[ -]half\b", re.IGNORECASE), "1/2"),
    (re.compile(r"\b(?:one|a)[ -]third\b", re.IGNORECASE), "1/3"),
    (re.compile(r"\b(?:one|a)[ -]quarter\b", re.IGNORECASE), "1/4"),
)


def leaked_answer(text: str, exercise: Exercise) -> str | None:
    """The part of the answer that a text gives away, as it would be typed; None if it gives none.

    The numbers of a solution in their order are told, however they are written; so is a number in a
    bracket that is asked for, and a claim with its reason. A whole number by itself is not, nor are
    rows of zeros: these stand in many a sentence. Nor is what the statement has already, in one
    run of numbers.

    >>> from exercises.course import load
    >>> exercise = load("best-bias-dense")
    >>> hints = "What is the mean? Is it 0.5?", "What is the mean?"
    >>> tuple(leaked_answer(hint, exercise) for hint in hints)
    ('1/2', None)
    """
    check = exercise.key().check
    known = {*_runs(exercise.statement), *_formulas(exercise.statement)}
    runs, formulas = _runs(text), _formulas(text)
    if isinstance(check, Brackets):
        new = (number for run in (*formulas, *runs) if run not in known for number in run)
        near = (n for n in new if sign(check.width - abs(n - check.value) * 2) >= 0)
        return next(map(to_text, near), None)
    for solution in exercise.key().solutions:
        value = read_listed(exercise.answer, solution)
        if isinstance(value, Choice):
            return _find_choice(text, value)
        if isinstance(value, ToyModel):  # b by itself too, where one number was typed for all
            b = parse_vector(solution.typed["b"])
            rows = tuple(cell for row in value.W for cell in row)
            parts = [rows, value.b, *([b] if len(b) == 1 else [])]
        elif isinstance(value, NamedMatrices):
            parts = [tuple(cell for row in rows for cell in row) for _, rows in value.parts]
        else:
            parts = [value or ()]
        for part in parts:
            says_little = not any(part) or (len(part) == 1 and part[0].is_Integer)
            if not says_little and (_holds(runs, part, known) or _holds(formulas, part, known)):
                return " ".join(map(to_text, part))
    return None


@lru_cache(maxsize=64)  # a statement is asked about again with each of its hints
def _runs(text: str) -> tuple[Vector, ...]:
    """The numbers of a text, those together that commas, blanks and brackets alone divide."""
    plain, runs, end = _plain(text), list[Vector](), 0
    for found in _NUMBER.finditer(plain):
        number = _read(found[0])
        if runs and _WITHIN_RUN.fullmatch(plain, end, found.start()):
            runs[-1] += number
        else:
            runs.append(number)
        end = found.end()
    return tuple(runs)


@lru_cache(maxsize=64)
def _formulas(text: str) -> tuple[Vector, ...]:
    """What stands in a text as formulas without letters, each a run by itself."""
    return tuple(_read(found) for found in _FORMULA.findall(_plain(text)))


def _plain(text: str) -> str:
    """A text without the numbers that count its rows and features, its fractions as digits."""
    for spelt, digits in _SPELT:
        text = spelt.sub(digits, text)
    return _COUNTED.sub("", text)


def _find_choice(text: str, value: Choice) -> str | None:
    """A claim that is named as one, or that stands beside its reason."""
    claim, reason = value.claim, value.reason
    # "a" is an article in most sentences: it names a claim only where no other word follows
    no_article = rf"(?!\s+(?!because|reason\s+{reason}(?!\s+\w)))" if claim == "a" else ""
    said = rf"\bclaim\s+\(?{claim}\b|\b(?:answer|choice)\s+\(?{claim}\b{no_article}"
    if reason:
        because = r"(?:because\s+of\s+|because\s+|for\s+|and\s+)?(?:reason\s+)?"
        said += rf"|\b{claim}{no_article}{_BESIDE}{because}\(?{reason}\b"
        said += rf"|\breason\s+{reason}{_BESIDE}{claim}\b{no_article}"
    told = re.search(said, text, re.IGNORECASE)
    return f"{claim} {reason}".strip() if told else None


def _holds(runs: Sequence[Vector], part: Vector, known: Collection[Vector]) -> bool:
    """Whether whole runs that follow each other are the part, and no single known one is."""
    # words may stand between the rows of W, so that they are several runs: these are joined. Only
    # whole ones count, as "1, 2, 3" does not tell (1, 2).
    for k, run in enumerate(runs):
        numbers, more = run, iter(runs[k + 1 :])
        while len(numbers) < len(part) and (after := next(more, None)) is not None:
            numbers += after
        if len(numbers) != len(part) or (numbers == run and run in known):
            continue
        if all(equal(a, b) for a, b in zip(numbers, part, strict=True)):
            return True
    return False


def _read(found: str) -> Vector:
    """The number that a piece of text is; nothing where it is none, such as 1/0."""
    percent = re.search(r"\s*(?:%|per cent|percent)$", found)
    number = found[: percent.start()] if percent else found
    try:
        value = parse_scalar(number.strip().rstrip(".").replace("−", "-"))
    except InputError:
        return ()
    return (value / 100 if percent else value,)
