"""An answer to an exercise, from options or from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from exercises import Exercise, Grade, grade
from exercises import exercise as kinds
from exercises.answers import answer_parts
from exercises.reporting.prose import answer_options
from handcalc.cli.failures import of_input
from handcalc.cli.report import CommandError, Exit, ReportedError
from handcalc.cli.typed_text import Given
from handcalc.errors import InputError
from handcalc.wording import joined, quoted


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

    def mended(self, verdict: Grade, carried: str) -> Grade:
        """The grade with what to type instead as a whole command, if it was typed in one.

        ``carried`` is what the command carries on behind the number, as in " --student ada".
        """
        error, name = verdict.error, verdict.answer.where
        typed_in = (f"--{name}", "--answer", f"{name} in --answer")
        if error is None or not error.suggestion or self.where(name) not in typed_in:
            return verdict
        texts = {part: given.where.partition("=")[2] for part, given in self.parts.items()}
        texts = {part: text or self.parts[part].text for part, text in texts.items()}
        texts[str(name)] = error.suggestion
        options = answer_options(verdict.exercise, texts)
        again = f"handcalc exercise {verdict.exercise.position}{carried} {options}"
        where: dict[str, Any] = {"text": error.text, "row": error.row, "column": error.column}
        instead = InputError(error.code, error.message, **where, suggestion=again)
        return replace(verdict, answer=replace(verdict.answer, error=instead))

    def cut_off(self, verdict: Grade) -> str | None:
        """What came of W, where a shell seems to have taken its other rows."""
        error, W = verdict.error, self.parts.get("W")
        if error is None or error.code != "wrong_shape" or W is None or W.where != "--W":
            return None
        text = W.text.strip(" ;,[](){}")
        return None if any(mark in text for mark in ";[({\n") else text


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
                message = "An answer comes from --file, or from the other options."
                raise CommandError(ReportedError("usage", message))
            return answer_in(self.file, exercise)
        whole = self.parts.get("answer")
        if len(self.parts) == 1 and whole and isinstance(exercise.answer, kinds.MatricesAnswer):
            return _matrices_in(whole, exercise)
        for name in self.parts:
            if name not in exercise.example:  # --W for a number, or --answer for W and b
                asked, number = asked_for(exercise), exercise.position
                message = f"Exercise {number} asks for {asked}, not for --{name}."
                suggestion = answer_options(exercise, exercise.example)
                raise CommandError(ReportedError("usage", message, suggestion=suggestion))
        if "b" in self.parts and "W" not in self.parts:
            b = self.parts["b"]  # again as it was typed, which may be --b=@file
            again = b.where if "=" in b.where else f"{b.where}={quoted(b.text)}"
            W = answer_options(exercise, {"W": exercise.example["W"]})
            suggestion = f"{W} {again}"
            raise CommandError(ReportedError("usage", "--b comes with --W.", suggestion=suggestion))
        return TypedAnswer(self.parts) if self.parts else None


def _matrices_in(whole: Given, exercise: Exercise) -> TypedAnswer:
    """Matrices that were typed; a refusal names the exercise, as a grade does."""
    try:
        return answer_in(whole, exercise)
    except CommandError as refusal:
        said = f"No attempt at exercise {exercise.position}, {exercise.title}, was used."
        problem = replace(refusal.problem, message=f"{refusal.problem.message} {said}")
        raise CommandError(problem, refusal.exit_code) from None


def answer_in(file: Given, exercise: Exercise) -> TypedAnswer:
    """The answer that a file holds; what holds none is refused as a text that cannot be read."""
    example = exercise.example.get("W", "")
    if isinstance(exercise.answer, kinds.MatricesAnswer):
        example = "\n".join(f"{name} = {text}" for name, text in exercise.example.items())
    try:
        parts = answer_parts(file.text, exercise.answer, example)
    except InputError as error:
        if error.code == "not_an_answer" and file.where.endswith((".npy", ".npz")):
            names = [*exercise.example]
            said = f"In a file of arrays, {joined(names)} stand by their names; save it by "
            pairs = ", ".join(f"{name}={name}" for name in names)
            error = InputError(error.code, f'{said}numpy.savez("answer.npz", {pairs}).')
        raise CommandError(of_input(error, file.where), Exit.UNREADABLE) from None
    if len(parts) == 1 and "W" not in parts:
        ((name, text),) = parts.items()
        return TypedAnswer({name: Given(text, file.where)})
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
        case kinds.MatricesAnswer(names=names):
            return f"the {'matrix' if len(names) == 1 else 'matrices'} {joined(names)}"
