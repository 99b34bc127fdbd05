"""What an exercise is: words for the learner, the kind of answer asked for, what is checked.

An exercise holds no code. A new kind of answer is a record here, a new check one in ``checks``;
``answers`` and ``checking`` know what they mean. Numbers in its file are texts, and how many there
must be follows from the kind of answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import msgspec
import sympy

from exercises.sealed import SealedValue
from exercises.tables import Count, Reader, TableError, TableRecord, Text, TwoTexts
from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.inputs.containers import as_int
from handcalc.parsing import parse_matrix, parse_scalar, parse_vector

if TYPE_CHECKING:
    from exercises.checks import Check
    from exercises.course import Folder
    from handcalc.inputs.arguments import Vector


# --------------------------------------------------------------------------------------------------
# What an exercise asks for: a model, numbers, a reasoned claim, or matrices by name.


class TaggedAnswer(TableRecord, tag_field="kind"):
    """What a table ``[answer]`` describes by its ``kind``."""


class ModelAnswer(TaggedAnswer, tag="model"):
    """The answer is a toy model: W of shape (features, dimensions), and b of length features."""

    features: Count
    dimensions: Count
    activation: Literal["relu", "linear"]


class NumberAnswer(TaggedAnswer, tag="number"):
    """The answer is one exact number; ``name`` says which, as in "L"."""

    name: Text


class IntervalAnswer(TaggedAnswer, tag="interval"):
    """The answer is an interval of ``name``: its lower end, then its upper end."""

    name: Text


class VectorAnswer(TaggedAnswer, tag="vector"):
    """The answer is ``length`` exact numbers, one a feature unless the statement says otherwise."""

    name: Text
    length: Count


class ChoiceAnswer(TaggedAnswer, tag="choice"):
    """The answer is one of the claims, by letter, and one of the reasons, by number.

    There may be no reasons to choose from; then the letter alone is the answer.

    >>> asked = ChoiceAnswer(("It rises.", "It falls."), ("Because of S.",))
    >>> asked.letters, asked.numbers
    (('a', 'b'), ('1',))
    """

    claims: TwoTexts
    reasons: TwoTexts = ()

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the claims."""
        return tuple(ascii_lowercase[: len(self.claims)])

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of the reasons."""
        return tuple(str(i) for i in range(1, len(self.reasons) + 1))


class NamedMatrix(TableRecord):
    """A matrix that is asked for: its name as people type it, and its shape."""

    name: Text
    rows: Count
    columns: Count

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", self.name):
            said = f'a name is letters, digits and _, such as "W_OV", not "{self.name}".'
            raise TableError("wrong_value", "name", said)


class MatricesAnswer(TaggedAnswer, tag="matrices"):
    """The answer is one matrix or several, each by its name.

    >>> MatricesAnswer((NamedMatrix("W_OV", 2, 2),)).names
    ('W_OV',)
    """

    matrices: Annotated[tuple[NamedMatrix, ...], msgspec.Meta(min_length=1)]

    def __post_init__(self) -> None:
        for i, name in enumerate(self.names, 1):
            if name.lower() in _TAKEN_NAMES:
                said = f'"{name}" means something else where answers are typed; take another name.'
                raise TableError("wrong_value", f"matrices[{i}].name", said)
            if name.lower() in map(str.lower, self.names[: i - 1]):
                said = f'"{name}" already names a matrix; capitals alone do not tell two apart.'
                raise TableError("duplicate", f"matrices[{i}].name", said)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the matrices, in the order in which they are asked for."""
        return tuple(matrix.name for matrix in self.matrices)


# keys that stand beside matrices in a file, and arguments of ``grade``
_TAKEN_NAMES = (
    "answer", "title", "reasoning", "diagnosis", "happened", "try", "exercise", "folder", "student",
)  # fmt: skip

AnswerKind: TypeAlias = (
    ModelAnswer | NumberAnswer | IntervalAnswer | VectorAnswer | ChoiceAnswer | MatricesAnswer
)

TypedAnswer: TypeAlias = "Mapping[str, str]"
"""An answer as a learner types it: "W" and "b" for a model, matrices by name, else "answer"."""


class Typed(TableRecord, kw_only=True):
    """A table with an answer in it: "W" and "b" for a model, names of matrices, else "answer".

    In the file each of the ``matrices`` has a key of its own.
    """

    W: Text | None = None
    b: Text | None = None
    answer: Text | None = None
    matrices: tuple[tuple[str, str], ...] = ()

    @property
    def typed(self) -> TypedAnswer:
        """The answer by itself."""
        texts = {"W": self.W, "b": self.b, "answer": self.answer, **dict(self.matrices)}
        return {name: text for name, text in texts.items() if text is not None}


class Solution(Typed, kw_only=True):
    """One right answer, written by hand as a learner would type it, and the way to it."""

    title: Text
    reasoning: Text


class WrongAnswer(Typed, kw_only=True):
    """A wrong answer that people give, and the name of the mistake behind it.

    ``happened`` and ``advice`` (the key "try") are said to whoever gives this answer; None where
    the mistake is one that ``diagnosis`` recognises by itself.
    """

    diagnosis: Text
    happened: Text | None = None
    advice: Text | None = msgspec.field(name="try", default=None)

    def __post_init__(self) -> None:
        if (self.happened is None) != (self.advice is None):
            key = "try" if self.advice is None else "happened"
            raise TableError("missing_key", key, '"happened" and "try" go together.')


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """What is not shown before somebody answers, or asks for it.

    ``hints`` go from a question to nearly everything; ``why`` is shown after a pass. ``tips`` are
    for numbers that no known mistake gives: one for the first number that is wrong, or for all.
    """

    check: Check
    hints: tuple[str, ...]
    solutions: tuple[Solution, ...]
    wrong: tuple[WrongAnswer, ...]
    why: str
    tips: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exercise(Displayed):
    """One exercise: ``id`` is its slug, ``position`` its place in the course, counted from 1.

    ``typing`` says how to type an answer, ``example`` shows one that is not right. Texts have
    paragraphs apart by empty lines, and lines that begin with four spaces are formulas, shown as
    they stand. ``variant`` says which of the ``variants`` sets of numbers this is, counted from 1,
    and ``student`` for whom it was drawn; ``folder`` is the course, None for the bank, and ``part``
    the title of its part, None in a course of one list. What gives an answer away is in ``key``,
    which opens when it is called. In a student edition it stays closed, and ``edition_of`` says
    which version of the course grades the answer; elsewhere that is "".

    >>> from exercises.course import load
    >>> exercise = load(1)
    >>> exercise
    Exercise(id='perfect-reconstruction', position=1, title='Reconstruct one input perfectly')
    >>> exercise.key().check.x
    (1, 1/2, 1/4)
    """

    id: str
    position: int
    title: str
    statement: str = field(repr=False)
    typing: str = field(repr=False)
    answer: AnswerKind = field(repr=False)
    example: TypedAnswer = field(repr=False)
    key: SealedValue[AnswerKey] = field(repr=False)
    variant: int = field(default=1, repr=False)
    variants: int = field(default=1, repr=False)
    student: str | None = field(default=None, repr=False, compare=False)
    folder: Folder | None = field(default=None, repr=False, compare=False)
    part: str | None = field(default=None, repr=False, compare=False)
    edition_of: str = field(default="", repr=False)

    @property
    def hint_count(self) -> int:
        """How many hints there are; none in a student edition."""
        return 0 if self.edition_of else len(self.key().hints)

    def hint(self, number: int = 1) -> str:
        """One hint, counted from 1: they go from a question to nearly everything.

        Errors: ``InputError`` with code ``unknown_hint``.

        >>> from exercises.course import load
        >>> load("importance").hint(1).endswith("?")
        True
        """
        if as_int(number) is None:
            said = (
                f"A hint is asked for by a whole number, as in hint(1), not hint({number!r:.40})."
            )
            raise InputError("unknown_hint", said)
        hints = self.key().hints
        if number not in range(1, len(hints) + 1):
            said = f"Exercise {self.position} has hints from 1 to {len(hints)}, not {number}."
            raise InputError("unknown_hint", said)
        return hints[number - 1]


# --------------------------------------------------------------------------------------------------
# Exact numbers, typed as texts in its file: how many there must be follows from the answer.


class Feature(int):
    """A feature, counted from 1."""

    @classmethod
    def from_1_to(cls, n: int, given: Any) -> Feature:
        """The feature that a whole number of a file is. Errors: ``TypeError``, ``TableError``."""
        if type(given) is not int:
            raise TypeError(given)
        if not 1 <= given <= n:
            said = f"a feature is a number from 1 to {n}, not {given}."
            raise TableError("wrong_value", "", said)
        return cls(given)


class Numbers(tuple[sympy.Expr, ...]):
    """Exact numbers, as many as there are."""


class PerFeature(Numbers):
    """One number a feature."""


class OneOrPerFeature(PerFeature):
    """One number a feature; where one stands alone, it is that of each."""


class PerDimension(Numbers):
    """A row of W."""


class RowPerFeature(tuple["Vector", ...]):
    """W, one row a feature."""


class AsManyAsAsked(Numbers):
    """As many numbers as are asked for."""


def reader(answer: AnswerKind | None = None) -> Reader:
    """What makes these of what TOML has, in a file that asks for this answer.

    >>> reader(ModelAnswer(3, 2, "relu"))(OneOrPerFeature, "1/2")
    (1/2, 1/2, 1/2)
    """
    n, m = (answer.features, answer.dimensions) if isinstance(answer, ModelAnswer) else (0, 0)
    length = answer.length if isinstance(answer, VectorAnswer) else 1
    size = 2 if isinstance(answer, IntervalAnswer) else length
    sizes = {PerFeature: n, OneOrPerFeature: n, PerDimension: m, AsManyAsAsked: size}

    def read(kind: Any, given: Any) -> object:
        # msgspec says of a TypeError where it is, and ``tables`` what must be there
        if kind is Feature:
            return Feature.from_1_to(n, given)
        if not isinstance(given, str):
            raise TypeError(given)
        if kind is sympy.Expr:
            return parse_scalar(given)
        if kind is RowPerFeature:
            return RowPerFeature(parse_matrix(given, n, m))
        if kind is OneOrPerFeature and len(each := parse_vector(given)) == 1:
            return OneOrPerFeature(each * n)
        return kind(parse_vector(given, sizes.get(kind)))

    return read
