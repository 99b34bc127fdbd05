"""Grading: from what was typed to a verdict, the work behind it, and one thing to try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from exercises.answers import Answer, Typed, Value, read, typed_decimals
from exercises.checking import CheckOutcome, CircuitWitness, Feedback, decide, undecided
from exercises.checking.outcome import plain
from exercises.circuit_checks import CircuitCheck, frame_in
from exercises.course import load
from exercises.exercise import Exercise, MatricesAnswer
from exercises.feedback.diagnosis import explain
from exercises.feedback.remarks import remarks
from exercises.matrices import NamedMatrices
from exercises.variants import student_name
from handcalc.circuits.run import run_circuit
from handcalc.derivation import Claim
from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.wording import joined

if TYPE_CHECKING:
    from exercises.course import Folder
    from handcalc.circuits.run import CircuitRun
    from handcalc.superposition.loss.expected_loss import ExpectedLoss
    from handcalc.superposition.model.forward_pass import Forward


Status: TypeAlias = Literal["solved", "partial", "wrong", "unreadable", "read"]


_READ = (
    "It is not graded here: this is the student edition of a course, and your lecturer grades what "
    "you hand in."
)


@dataclass(frozen=True, slots=True)
class Grade(Displayed):
    """The verdict on an answer.

    ``score`` is the share of the checks that pass. In a student edition there are none: an answer
    is "read", and graded elsewhere. ``work`` is the worked forward pass of the input
    that decides, ``loss`` the exact loss; each is None where it has no part in the check.
    ``remarks`` are for solved answers.
    """

    exercise: Exercise
    answer: Answer = field(repr=False)
    status: Status
    score: Fraction
    checks: tuple[CheckOutcome, ...] = field(repr=False)
    feedback: Feedback = field(repr=False)
    remarks: tuple[Claim, ...] = field(default=(), repr=False)
    work: Forward | None = field(default=None, repr=False)
    loss: ExpectedLoss | None = field(default=None, repr=False)

    @property
    def error(self) -> InputError | None:
        """Why the answer could not be read, or not be decided, or ``None``."""
        return self.answer.error

    @property
    def run(self) -> CircuitRun | None:
        """The circuit with the answer in it, on the first sentence that fails; None without one."""
        if self.exercise.edition_of:
            return None
        check, value = self.exercise.key().check, self.answer.value
        frame = frame_in(check) if isinstance(check, CircuitCheck) else None
        if frame is None or not isinstance(value, NamedMatrices):
            return None
        for each in self.checks:
            found = each.witness
            if isinstance(found, CircuitWitness) and found.of != "row":
                return run_circuit(frame.model(value), found.tokens)
        return None


def grade(
    exercise: Exercise | int | str,
    *typed: Typed | None,
    W: Typed | None = None,
    b: Typed | None = None,
    answer: Typed | None = None,
    folder: Folder | None = None,
    student: str | None = None,
    **matrices: Typed | None,
) -> Grade:
    """Grade an answer to an exercise.

    Args:
        exercise: Its position or id, or what ``load`` gave.
        *typed: The answer as the exercise asks for it: W (one row per feature) and then b (zeros,
            if left out), matrices in their order, or else one answer.
        W: W by its name.
        b: b by its name.
        answer: The answer by its name, where it is no W and b; of named matrices a mapping too, or
            a text with all of them. Each of these is a text, as the command line reads it, or
            nested lists of int, Fraction, str and sympy numbers.
        folder: A course, where the exercise is given by position or id.
        student: Whose numbers, where the exercise is given by position or id.
        **matrices: Named matrices, each by its name, as in W_OV="1 0; 0 1".

    Returns:
        The grade. Nothing is raised for an answer that cannot be read, or whose numbers are too
        complicated to decide on: its status is "unreadable", and ``error`` says why.

    Raises:
        InputError: ``unused_argument`` for what the exercise does not ask for, and those of
            ``load``.

    Examples:
        >>> found = grade(1, "1 0; 0 1; 0 -1", "0 1/2 1/2")
        >>> found.status, found.score, found.feedback.diagnosis
        ('partial', Fraction(2, 3), 'bias-off')
        >>> grade("best-bias-sparse", "3/10", student="ada").status
        'solved'
    """
    found = find_exercise(exercise, folder, student, "grade")
    parts = _asked_for(found, typed, {"W": W, "b": b, "answer": answer, **matrices})
    taken = read(found.answer, parts)
    if taken.value is None:
        return _unreadable(found, taken)
    if found.edition_of:
        return Grade(found, taken, "read", Fraction(0), (), Feedback(plain(_READ)))
    try:
        return _judge(found, taken, taken.value, parts)
    except InputError as error:  # past what can be decided: never graded wrong
        return _unreadable(found, replace(taken, error=error))


def find_exercise(
    given: Exercise | int | str, folder: Folder | None, student: str | None, call: str
) -> Exercise:
    """The exercise that a ``call`` means; one that is loaded has its course and its numbers.

    >>> find_exercise("importance", None, "ada", "grade") == load("importance", student="ada")
    True
    """
    if not isinstance(given, Exercise):
        return load(given, folder, student=student)
    if folder is not None or (student is not None and student_name(student) != given.student):
        whose = f" for {given.student}" if given.student else ""
        unused = "folder" if folder is not None else "student"
        raise InputError(
            "unused_argument",
            f"This exercise was loaded{whose} already, so {unused}=… would be ignored; "
            f'type its id instead: exercises.{call}("{given.id}", …, {unused}=…).',
        )
    return given


def _asked_for(
    exercise: Exercise, typed: tuple[Typed | None, ...], named: Mapping[str, Typed | None]
) -> Mapping[str, Typed | None]:
    """The parts of the answer by name; refused where one would be ignored."""
    parts = tuple(exercise.example)
    if isinstance(exercise.answer, MatricesAnswer):
        parts = _names_taken(exercise.answer, typed, named)
    pairs = (*zip(parts, typed, strict=False), *named.items())
    given = [(name, text) for name, text in pairs if text is not None]
    names = [name for name, _ in given]
    unused = next((name for name in names if name not in parts or names.count(name) > 1), None)
    if unused is None and not any(text is not None for text in typed[len(parts) :]):
        return dict(given)
    wanted = ", ".join(f'{name}="{text}"' for name, text in exercise.example.items())
    reason = f"{len(typed)} were given"
    if unused is not None:
        reason = f"{unused} {'is given twice' if unused in parts else 'would be ignored'}"
    raise InputError(
        "unused_argument",
        f"Exercise {exercise.position} asks for {joined([*exercise.example])}, and {reason}; type "
        f'exercises.grade("{exercise.id}", {wanted}), with your own numbers.',
    )


def _names_taken(
    asked: MatricesAnswer, typed: tuple[Typed | None, ...], named: Mapping[str, Typed | None]
) -> tuple[str, ...]:
    """The names of the matrices, or "answer" where one text or mapping is all of them."""
    is_whole = named.get("answer") is not None or (len(typed) == 1 and len(asked.names) > 1)
    return ("answer",) if is_whole else asked.names


def _judge(
    exercise: Exercise, answer: Answer, value: Value, typed: Mapping[str, Typed | None]
) -> Grade:
    found = decide(exercise.key().check, value)
    share = found.score
    solved = share == 1
    status: Status = "solved" if solved else "partial" if share else "wrong"
    return Grade(
        exercise=exercise,
        answer=answer,
        status=status,
        score=share,
        checks=found.outcomes,
        feedback=found.feedback
        if solved
        else explain(exercise, value, found, typed_decimals(exercise.answer, typed)),
        remarks=remarks(exercise, value) if solved else (),
        work=found.work,
        loss=found.loss,
    )


def _unreadable(exercise: Exercise, answer: Answer) -> Grade:
    """Nothing graded: what was typed cannot be read or, where it has a value, not be decided."""
    error = answer.error
    message = "" if error is None else error.message
    advice = None if answer.value is not None else plain(exercise.typing)
    if error is not None and error.suggestion:
        advice = plain(f"Type {error.suggestion}")
    feedback = Feedback(plain(message), advice)
    outcomes = () if exercise.edition_of else undecided(exercise.key().check)
    return Grade(exercise, answer, "unreadable", Fraction(0), outcomes, feedback)
