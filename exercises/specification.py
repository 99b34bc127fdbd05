"""What an exercise is: words for the learner, the kind of answer asked for, what is checked.

An exercise holds no code. A kind of answer and a kind of check are each a small record; a new kind
is a new record here, its keys in ``loading`` and its decision in ``checking``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handcalc.superposition.toy_model import Activation, Vector

__all__ = ["Example", "Exercise", "ModelAnswer", "ReconstructsInput", "Solution"]


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """The answer is a toy model: W of shape (features, dimensions), and b of length features."""

    features: int
    dimensions: int
    activation: Activation


@dataclass(frozen=True, slots=True)
class ReconstructsInput:
    """The check: x̂ᵢ = xᵢ for each feature i of this one input x, of length n."""

    x: Vector


@dataclass(frozen=True, slots=True)
class Example:
    """An answer that shows how to type one, and is not right."""

    W: str
    b: str


@dataclass(frozen=True, slots=True)
class Solution:
    """One right answer, written by hand as a learner would type it, and the way to it."""

    title: str
    W: str
    b: str
    reasoning: str


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise: ``id`` is its slug, ``position`` its place in the course, counted from 1.

    ``typing`` says how to type an answer; ``hints`` go from a question to nearly everything;
    ``why`` is shown after a pass. Texts have paragraphs apart by empty lines, and lines that begin
    with four spaces are formulas, shown as they stand.

    >>> from exercises.loading import load
    >>> exercise = load(1)
    >>> exercise.id, exercise.check.x
    ('perfect-reconstruction', (1, 1/2, 1/4))
    """

    id: str
    position: int
    title: str
    statement: str
    typing: str
    answer: ModelAnswer
    check: ReconstructsInput
    example: Example
    hints: tuple[str, ...]
    solutions: tuple[Solution, ...]
    why: str

    def _repr_markdown_(self) -> str:
        from exercises.reporting.notebook import exercise_markdown

        return exercise_markdown(self)
