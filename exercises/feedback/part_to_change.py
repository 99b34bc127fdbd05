"""Which part of a wrong model is to be changed, where the rest of it can stay."""

from __future__ import annotations

import re

from exercises.checking import Feedback
from exercises.checks import HasGeometry, ReconstructsInput, SameModel
from exercises.exercise import Exercise
from exercises.feedback.near_misses import solutions
from exercises.feedback.symmetries import only_turned
from handcalc.derivation import Name
from handcalc.errors import InputError
from handcalc.numbers.exact import equal
from handcalc.superposition.model.toy_model import ToyModel

_NAMED = re.compile(r"(?:[Aa]rrow|[Rr]ow|[Ff]eature) (\d+)")


def part_to_change(exercise: Exercise, model: ToyModel, feedback: Feedback) -> str | int | None:
    """The part "b" where the arrows are right; a row (from 1) where it alone is off; else None.

    A row that alone is off is told only where the feedback speaks of no other. It is "W" where b
    plays no part. For a single input any W has a b that goes with it: there it is b if the advice
    asks about b. Else the arrows are right if they are those of a listed solution, turned.

    >>> from exercises.course import load
    >>> from exercises.grading import grade
    >>> def part(slug, W, b=None):
    ...     found = grade(load(slug), W, b)
    ...     return part_to_change(found.exercise, found.answer.model, found.feedback)
    >>> part("perfect-reconstruction", "1 0; 0 1; 0 0")
    'b'
    >>> part("one-feature-at-a-time", "0 1; -1 0; 0 -1; 1 0", "0 1/2 1/2 0")
    'b'
    >>> part("one-feature-at-a-time", "1 0; 0 1; -1 0; 0 -2")
    4
    >>> part("one-feature-at-a-time", "1 0; 0 1; -1 0; 1 1")  # features 1 and 4 are spoken of
    >>> part("feature-one-perfect", "1 0; 0 1; 0 1"), part("feature-one-perfect", "1 0; 0 1; 0 -2")
    ('W', 3)
    """
    check = exercise.key().check
    if isinstance(check, ReconstructsInput):
        values = feedback.advice.values if feedback.advice else ()
        is_about_b = any(isinstance(each, Name) and each.letter == "b" for each in values)
        return "b" if is_about_b else None
    plays_a_part = not isinstance(check, HasGeometry)
    try:
        known = solutions(exercise)
        if plays_a_part and any(only_turned(each, model) for each in known):
            is_asked = isinstance(check, SameModel)  # then some rows must stand as they do
            return None if is_asked and not _stands(check, model) else "b"
        alone = {
            i
            for each in known
            if not plays_a_part or all(map(equal, each.b, model.b))
            for i in range(1, model.n + 1)
            if only_turned(_without(each, i), _without(model, i))
        }
    except InputError:  # past the budget of a field: then nothing is known of it
        return None
    said = feedback.happened.sentence + (feedback.advice.sentence if feedback.advice else "")
    named = {int(number) for number in _NAMED.findall(said)}
    if len(alone) == 1 and alone == named and not isinstance(check, SameModel):
        return alone.pop()
    return None if plays_a_part else "W"


def _stands(check: object, model: ToyModel) -> bool:
    """Whether the rows that a check wants to stand as they do, do."""
    rows = check.rows if isinstance(check, SameModel) else ()
    return all(all(map(equal, model.W[i - 1], row)) for i, row in rows)


def _without(model: ToyModel, row: int) -> ToyModel:
    """The model without one of its features (from 1)."""
    return ToyModel([cells for i, cells in enumerate(model.W, 1) if i != row])
