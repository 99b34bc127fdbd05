"""Wrong answers, exact and rounded: how many diagnoses survive rounding.

Type ``python -m tests.rounded_answers`` for the count, and for every one that does not survive.
For each exercise these are the wrong answers that it lists and those in
``data/other_wrong_answers.json``, which people give; models also turned by 30° and 45°, where
the check does not tell turned ones apart. Each number that has more digits is rounded to 2, 3, 4
and 7 significant ones.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import sympy

import exercises
from exercises import Exercise, Grade
from exercises.answers import read
from exercises.checks import SameModel
from exercises.exercise import ChoiceAnswer
from exercises.matrices import NamedMatrices
from exercises.reporting.prose import said
from handcalc import ToyModel
from handcalc.numbers.decimals import is_exact, rounded
from handcalc.numbers.exact import exact, join_text, to_text
from handcalc.views.notation import ASCII

DIGITS = (2, 3, 4, 7)
OTHERS = json.loads(
    (Path(__file__).resolve().parent / "data/other_wrong_answers.json").read_text("utf-8")
)
TURNS = (sympy.pi / 6, sympy.pi / 4)

Typed = Mapping[str, str]

_REMARK = re.compile(r"^.* taken here as .*?\. ")


@dataclass(frozen=True)
class Case:
    """A wrong answer, and what is typed for it with so many digits."""

    exercise: Exercise
    given: Typed
    digits: int
    typed: Typed

    def __str__(self) -> str:
        return f"{self.exercise.position} {dict(self.typed)}, for {dict(self.given)}"

    def outcome(self) -> str:
        """ "same", "text" where another sentence is said under the same name, or what differs."""
        exactly, roughly = graded(self.exercise, self.given), graded(self.exercise, self.typed)
        if roughly.status == "solved":  # what may be rounded may also be rounded to a right answer
            return f"solved, {exactly.feedback.diagnosis}"
        if exactly.feedback.diagnosis != roughly.feedback.diagnosis:
            return f"{exactly.feedback.diagnosis} -> {roughly.feedback.diagnosis}"
        return "same" if sentences(exactly) == sentences(roughly) else "text"


def graded(exercise: Exercise, typed: Typed) -> Grade:
    return _graded(exercise.position, tuple(typed.items()))


@cache
def _graded(position: int, typed: tuple[tuple[str, str], ...]) -> Grade:
    return exercises.grade(position, **dict(typed))


def sentences(found: Grade) -> tuple[str, str]:
    """What is said, but for the remark about rounding."""
    happened = said(found.feedback.happened, ASCII)
    advice = said(found.feedback.advice, ASCII) if found.feedback.advice else ""
    return _REMARK.sub("", happened), advice


def wrong_answers(exercise: Exercise) -> Iterator[Typed]:
    """Wrong answers that people give to an exercise, exact."""
    seen = []
    for typed in (*(each.typed for each in exercise.key().wrong), *OTHERS[exercise.id]):
        if typed not in seen and graded(exercise, typed).status in ("wrong", "partial"):
            seen.append(typed)
            yield typed


def turned(exercise: Exercise, typed: Typed) -> Iterator[Typed]:
    """The answer itself and, if it is a model that may be turned, turned copies."""
    yield typed
    model = read(exercise.answer, typed).value
    if isinstance(model, ToyModel) and not isinstance(exercise.key().check, SameModel):
        for angle in TURNS:
            c, s = sympy.cos(angle), sympy.sin(angle)
            rows = [(exact(x * c - y * s), exact(x * s + y * c)) for x, y in model.W]
            other = {**typed, "W": "; ".join(map(join_text, rows))}
            if read(exercise.answer, other).value is not None:  # not past the budget of a field
                yield other


def to_digits(exercise: Exercise, typed: Typed, digits: int) -> Typed:
    """The answer with what has more digits rounded to so many."""
    value = read(exercise.answer, typed).value
    if isinstance(value, ToyModel):
        W = "; ".join(" ".join(shortened(cell, digits) for cell in row) for row in value.W)
        return {"W": W, "b": " ".join(shortened(cell, digits) for cell in value.b)}
    if isinstance(value, NamedMatrices):
        return {
            name: "; ".join(" ".join(shortened(cell, digits) for cell in row) for row in rows)
            for name, rows in value.parts
        }
    assert isinstance(value, tuple)
    return {"answer": " ".join(shortened(cell, digits) for cell in value)}


def shortened(value: sympy.Expr, digits: int) -> str:
    """A number as it is where its decimals end so soon, else the nearest decimal."""
    nearest: Decimal = rounded(value, digits)
    return to_text(value).replace(" ", "") if is_exact(nearest, value) else f"{nearest:f}"


def cases(exercise: Exercise, *, turn: bool) -> Iterator[Case]:
    """Every wrong answer in which something is rounded, with every number of digits."""
    if isinstance(exercise.answer, ChoiceAnswer):  # there is nothing to round
        return
    for answer in wrong_answers(exercise):
        for given in turned(exercise, answer) if turn else [answer]:
            whole = to_digits(exercise, given, 60)
            for digits in DIGITS:
                typed = to_digits(exercise, given, digits)
                if typed != whole:
                    yield Case(exercise, given, digits, typed)


def main() -> None:
    """Print the counts, and what is not said in the same words."""
    counts: dict[int, Counter[str]] = {digits: Counter() for digits in DIGITS}
    others = []
    found = (case for each in exercises.load_all() for case in cases(each, turn=True))
    for case in found:
        outcome = case.outcome()
        kind = outcome if outcome in ("same", "text") else "other"
        kind = "solved" if outcome.startswith("solved") else kind
        counts[case.digits][kind] += 1
        if kind in ("text", "other"):
            others.append(f"{outcome}: {case}")
    for digits, count in counts.items():
        whole = sum(count.values())
        print(
            f"{digits} digits: {whole} rounded answers, {count['same']} diagnosed in the same "
            f"words, {count['text']} under the same name, {count['other']} otherwise, "
            f"{count['solved']} solved."
        )
    print("\n".join(others))


if __name__ == "__main__":
    main()
