"""What an exercise asks for: a model, a number, an interval, a vector, or a reasoned claim."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_lowercase
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from handcalc.superposition.model.toy_model import Activation

__all__ = [
    "AnswerKind",
    "ChoiceAnswer",
    "IntervalAnswer",
    "ModelAnswer",
    "NumberAnswer",
    "VectorAnswer",
]


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """The answer is a toy model: W of shape (features, dimensions), and b of length features."""

    features: int
    dimensions: int
    activation: Activation


@dataclass(frozen=True, slots=True)
class NumberAnswer:
    """The answer is one exact number; ``name`` says which, as in "L"."""

    name: str


@dataclass(frozen=True, slots=True)
class IntervalAnswer:
    """The answer is an interval of ``name``: its lower end, then its upper end."""

    name: str


@dataclass(frozen=True, slots=True)
class VectorAnswer:
    """The answer is ``length`` exact numbers, one a feature unless the statement says otherwise."""

    name: str
    length: int


@dataclass(frozen=True, slots=True)
class ChoiceAnswer:
    """The answer is one of the claims, by letter, and one of the reasons, by number.

    There may be no reasons to choose from; then the letter alone is the answer.

    >>> asked = ChoiceAnswer(("It rises.", "It falls."), ("Because of S.",))
    >>> asked.letters, asked.numbers
    (('a', 'b'), ('1',))
    """

    claims: tuple[str, ...]
    reasons: tuple[str, ...] = ()

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the claims."""
        return tuple(ascii_lowercase[: len(self.claims)])

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of the reasons."""
        return tuple(str(i) for i in range(1, len(self.reasons) + 1))


AnswerKind: TypeAlias = ModelAnswer | NumberAnswer | IntervalAnswer | VectorAnswer | ChoiceAnswer
