"""What an author must know about a course: everything that is wrong with it, file by file.

Each exercise is tried in every variant: its solutions, turned copies of them, blank and zero
answers, its example, its wrong answers, its hints, and its stored answer against the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exercises.agreement import disagreement
from exercises.answer_kinds import ModelAnswer
from exercises.answers import read
from exercises.check_kinds import Equals, SameModel
from exercises.grading import Grade, grade
from exercises.loading import engine_table, load_variants, manifest_slugs, unlisted
from exercises.specification import Exercise, TypedAnswer
from handcalc.errors import AuthorError
from handcalc.number import join_text
from handcalc.superposition.toy_model import Matrix, ToyModel

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["Fault", "checkup"]

_TURN = (("3/5", "4/5"), ("-4/5", "3/5"))
"""A rotation of the plane by an angle that is no fraction of a turn."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: in which file, at which key, and what it is, in a sentence."""

    file: str
    key: str
    code: str
    message: str


def checkup(folder: Traversable | None = None) -> tuple[Fault, ...]:
    """All faults of a course, or of the bank; nothing is raised for a file that cannot be read.

    >>> checkup()
    ()
    """
    try:
        slugs = manifest_slugs(folder)
    except AuthorError as error:
        return (_of(error),)
    faults = [_of(error) for error in unlisted(folder)]
    for slug in slugs:
        try:
            faults += _faults(slug, folder)
        except AuthorError as error:
            faults.append(_of(error))
    return tuple(faults)


def _of(error: AuthorError) -> Fault:
    return Fault(error.file, error.key, error.code, error.message)


def _faults(slug: str, folder: Traversable | None) -> Iterator[Fault]:
    """The faults of one exercise, each told once, whatever the variant."""
    told: set[tuple[str, str]] = set()
    for exercise in load_variants(slug, folder):
        for key, code, message in _of_variant(exercise, folder):
            if (key, code) not in told:
                told.add((key, code))
                where = f" (variant {exercise.variant})" if exercise.variants > 1 else ""
                file = f"{slug}.toml"
                yield Fault(file, key, code, f"{file}, {key}: {message}{where}.")


def _of_variant(exercise: Exercise, folder: Traversable | None) -> Iterator[tuple[str, str, str]]:
    yield from _solutions(exercise)
    yield from _refused(exercise)
    yield from _wrong(exercise)
    yield from _hints(exercise)
    yield from _engine(exercise, folder)


def _solutions(exercise: Exercise) -> Iterator[tuple[str, str, str]]:
    for i, solution in enumerate(exercise.solutions, 1):
        key = f"solutions[{i}]"
        if _graded(exercise, solution.typed).status != "solved":
            yield key, "solution_fails", "this solution does not pass"
            continue
        turned = _turned(exercise, solution.typed)
        if turned and _graded(exercise, turned).status != "solved":
            yield key, "turned_fails", "this solution, with all arrows turned, does not pass"


def _refused(exercise: Exercise) -> Iterator[tuple[str, str, str]]:
    """Blank and zero answers, and the example of how to type."""
    blank = dict.fromkeys(exercise.example, "")
    if _graded(exercise, blank).status == "solved":
        yield "check", "blank_passes", "a blank answer passes"
    zeros = _zeros(exercise)
    if zeros and _graded(exercise, zeros).status == "solved":
        yield "check", "zero_passes", "an answer of zeros passes"
    status = _graded(exercise, exercise.example).status
    if status in ("solved", "unreadable"):
        said = "passes" if status == "solved" else "cannot be read"
        yield "example", f"example_{status}", f"the example of how to type {said}"


def _zeros(exercise: Exercise) -> TypedAnswer | None:
    asked = exercise.answer
    if isinstance(asked, ModelAnswer):
        row = join_text("0" for _ in range(asked.dimensions))
        return {"W": "; ".join([row] * asked.features), "b": "0"}
    return None


def _wrong(exercise: Exercise) -> Iterator[tuple[str, str, str]]:
    if len(exercise.wrong) < 2:
        yield "wrong", "too_few", "at least two wrong answers that people give must be listed"
    for i, wrong in enumerate(exercise.wrong, 1):
        found = _graded(exercise, wrong.typed)
        if found.status in ("solved", "unreadable"):
            yield f"wrong[{i}]", "not_wrong", f"this wrong answer is {found.status}"
        elif found.feedback.diagnosis != wrong.diagnosis:
            said = f'its diagnosis is "{found.feedback.diagnosis}", not "{wrong.diagnosis}"'
            yield f"wrong[{i}]", "other_diagnosis", said


def _hints(exercise: Exercise) -> Iterator[tuple[str, str, str]]:
    answers = {text for solution in exercise.solutions for text in solution.typed.values()}
    telling = {text for text in answers if len(text) > 1}
    for i, hint in enumerate(exercise.hints, 1):
        if "?" not in hint:
            yield f"hints[{i}]", "no_question", "a hint asks before it tells"
        said = next((text for text in sorted(telling) if _holds(hint, text)), None)
        if said is not None:
            yield f"hints[{i}]", "hint_tells", f'this hint contains the answer, "{said}"'


def _holds(hint: str, text: str) -> bool:
    """Whether a hint holds a text as words of its own."""
    padded = f" {' '.join(hint.split())} ".translate(str.maketrans("(),.;:?!", " " * 8))
    return f" {' '.join(text.split())} " in " ".join(padded.split(" "))


def _engine(exercise: Exercise, folder: Traversable | None) -> Iterator[tuple[str, str, str]]:
    if not isinstance(exercise.check, Equals):
        return
    table = engine_table(exercise, folder)
    if table is None:
        yield "engine", "missing_key", "a stored number needs the calculation that gives it"
        return
    said = disagreement(table, exercise.check.value)
    if said is not None:
        yield "check.value", "engine_disagrees", said


def _turned(exercise: Exercise, typed: TypedAnswer) -> TypedAnswer | None:
    """The same model with its arrows turned or, in one dimension, reflected."""
    model = read(exercise.answer, typed).model
    if model is None or (isinstance(exercise.check, SameModel) and exercise.check.rows):
        return None
    if model.m > 2:
        return None
    if model.m == 1:
        W: Matrix = tuple((-row[0],) for row in model.W)
    else:
        a, b = (ToyModel(_TURN).W[i] for i in range(2))
        W = tuple((x * a[0] + y * b[0], x * a[1] + y * b[1]) for x, y in model.W)
    return {"W": "; ".join(join_text(row) for row in ToyModel(W).W), "b": typed["b"]}


def _graded(exercise: Exercise, typed: TypedAnswer) -> Grade:
    return grade(exercise, typed.get("W"), typed.get("b"), answer=typed.get("answer"))
