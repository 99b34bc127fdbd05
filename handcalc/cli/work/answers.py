"""An answer to an exercise, from options or from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exercises import Exercise, Grade, grade
from exercises import exercise as kinds
from exercises.answers import answer_parts
from handcalc.cli.failures import of_input
from handcalc.cli.report import CommandError, Exit, ReportedError
from handcalc.cli.typed_text import Given
from handcalc.errors import InputError
from handcalc.wording import quoted


@dataclass(frozen=True, slots=True)
class TypedAnswer:
    """What a learner typed, part by part ("W" and "b", or "answer"), and where."""

    parts: Mapping[str, Given]

    def where(self, name: str | None) -> str | None:
        """Where a part was typed, for an error message."""
        given = self.parts.get(name or "")
        return given.where if given else None

    def grade(self, exercise: Exercise) -> Grade:
        """The grade of the answer; nothing is kept."""
        return grade(exercise, **{name: given.text for name, given in self.parts.items()})


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """The options that an answer can come from, as they were given, part by part."""

    parts: Mapping[str, Given]
    file: Given | None

    @classmethod
    def of(
        cls, W: Given | None, b: Given | None, answer: Given | None, file: Given | None
    ) -> AnswerOptions:
        """What was given, by what click read."""
        parts = {"W": W, "b": b, "answer": answer}
        return cls({name: given for name, given in parts.items() if given is not None}, file)

    @property
    def given(self) -> bool:
        """Whether there is an answer in them."""
        return bool(self.parts) or self.file is not None

    def answer(self, exercise: Exercise) -> TypedAnswer | None:
        """The answer to an exercise, or None where none was given; refused if of another kind."""
        if self.file is not None:
            if self.parts:
                raise CommandError(
                    ReportedError(
                        "usage", "An answer comes from --file, or from the other options."
                    )
                )
            return answer_in(self.file, exercise)
        for name in self.parts:
            if name not in exercise.example:
                raise CommandError(_other_kind(name, exercise))
        if "b" in self.parts and "W" not in self.parts:
            suggestion = f"{_option('W', exercise)} {_as_typed(self.parts['b'])}"
            raise CommandError(ReportedError("usage", "--b comes with --W.", suggestion=suggestion))
        return TypedAnswer(self.parts) if self.parts else None


def answer_in(file: Given, exercise: Exercise) -> TypedAnswer:
    """The answer that a file holds; what holds none is refused as a text that cannot be read."""
    try:
        parts = answer_parts(file.text, exercise.answer, exercise.example.get("W", ""))
    except InputError as error:
        raise CommandError(of_input(error, file.where), Exit.UNREADABLE) from None
    if list(parts) == ["answer"]:
        return TypedAnswer({"answer": Given(parts["answer"], file.where)})
    return TypedAnswer({n: Given(text, f"{n} in {file.where}") for n, text in parts.items()})


def asked_for(exercise: Exercise) -> str:
    """What an exercise asks for, in words, as in "a number" or "3 numbers"."""
    match exercise.answer:
        case kinds.ModelAnswer():
            return "W and b"
        case kinds.NumberAnswer():
            return "a number"
        case kinds.IntervalAnswer():
            return "two numbers, the lower end and the upper end"
        case kinds.VectorAnswer(length=length):
            return f"{length} numbers"
        case kinds.ChoiceAnswer(reasons=reasons):
            return "a letter and a number" if reasons else "a letter"


def _other_kind(name: str, exercise: Exercise) -> ReportedError:
    """``--W`` where a number is asked for, or ``--answer`` where W and b are."""
    message = f"Exercise {exercise.position} asks for {asked_for(exercise)}, not for --{name}."
    return ReportedError(
        "usage", message, suggestion=" ".join(_option(n, exercise) for n in exercise.example)
    )


def _option(name: str, exercise: Exercise) -> str:
    """An option with its part of the example, as a shell takes it."""
    return f"--{name}={quoted(exercise.example[name])}"


def _as_typed(given: Given) -> str:
    """The option again, as a shell takes it: ``--b="0 1"``, ``--b=@file``, ``--b=-``."""
    return given.where if "=" in given.where else f"{given.where}={quoted(given.text)}"
