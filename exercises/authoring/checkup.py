"""What an author must know about a course: everything that is wrong with it, file by file.

Each exercise is tried in every variant. Solutions must pass, and so must copies of them with arrows
turned and features in another order; blank and zero answers, the example and the wrong answers must
fail; hints must ask; the stored answer must agree with the engine. No two exercises may ask for the
same, and manifest and disk must agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from exercises.answers import read_listed
from exercises.authoring.engine_check import best_disagrees, disagreement
from exercises.authoring.hint_leaks import leaked_answer
from exercises.checks import Brackets, Equals, LossAtMost, ReconstructsSet, SameModel
from exercises.circuit_checks import CircuitCheck, allows_multiples
from exercises.circuit_frame import zeros
from exercises.course import edition_of, engine_table, load, load_variants, manifest_slugs, unlisted
from exercises.exercise import (
    AnswerKind,
    ChoiceAnswer,
    Exercise,
    IntervalAnswer,
    MatricesAnswer,
    ModelAnswer,
    NumberAnswer,
    TypedAnswer,
    VectorAnswer,
)
from exercises.feedback.circuit_mistakes import passes
from exercises.feedback.symmetries import orders, turned_copies
from exercises.grading import Grade, grade
from exercises.manifest import manifest_fault
from exercises.matrices import NamedMatrices, matrix_line
from exercises.reporting.prose import blocks
from handcalc.errors import AuthorError, InputError, require
from handcalc.numbers.exact import exact, join_text
from handcalc.superposition.model.same_model import permuted
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.notation import ASCII, UNICODE

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


_WIDEST = 77
"""The characters of a formula line that fit a terminal of 80 columns behind its indent."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: in which file, at which key, and what it is, in a sentence."""

    file: str
    key: str
    code: str
    message: str


def checkup(folder: Traversable | None = None) -> tuple[Fault, ...]:
    """All faults of a course, or of the bank; nothing is raised for a file that cannot be read.

    >>> from pathlib import Path
    >>> checkup(Path("no-course-here"))[0].code
    'missing_file'
    """
    try:
        slugs = manifest_slugs(folder)
        if edition_of(folder):
            said = "this is a student edition: check the course that it was released from."
            return (_of(manifest_fault("student_edition", "edition_of", said)),)
    except AuthorError as error:
        return (_of(error),)
    faults = [_of(error) for error in unlisted(folder)]
    asked: dict[str, str] = {}
    for slug in slugs:
        try:
            variants = load_variants(slug, folder)
            faults += _faults(variants, folder)
            faults += _repeated(variants[0], asked, folder)
        except AuthorError as error:
            faults.append(_of(error))
    return tuple(faults)


def unsearched(folder: Traversable | None = None) -> bool:
    """Whether a best loss is stored in a course, and there is nothing to search with.

    >>> unsearched() == (not searchable())
    True
    """
    try:
        slugs = () if searchable() else manifest_slugs(folder)
    except AuthorError:
        return False
    for slug in slugs:
        with suppress(AuthorError):  # a fault, which is told already
            check = load(slug, folder).key().check
            if isinstance(check, LossAtMost) and check.best is not None:
                return True
    return False


def _of(error: AuthorError) -> Fault:
    return Fault(error.file, error.key, error.code, error.message)


def _faults(variants: tuple[Exercise, ...], folder: Traversable | None) -> Iterator[Fault]:
    """The faults of one exercise, each told once, with the first variant that has it."""
    seen: set[tuple[str, str]] = set()
    for exercise in variants:
        for key, code, message in check_exercise(exercise, folder):
            if (key, code) not in seen:
                seen.add((key, code))
                where = f" (variant {exercise.variant})" if exercise.variants > 1 else ""
                yield _fault(exercise, key, code, f"{message}{where}")


def _fault(exercise: Exercise, key: str, code: str, message: str) -> Fault:
    file = f"{exercise.id}.toml"
    return Fault(file, key, code, f"{file}, {key}: {message}.")


def _repeated(
    exercise: Exercise, tasks: dict[str, str], folder: Traversable | None
) -> Iterator[Fault]:
    """A fault for the second of two exercises with the same check, kind of answer and input."""
    check = exercise.key().check
    engine = engine_table(exercise, folder) if isinstance(check, Equals) else None
    asked: object = check
    if isinstance(check, ReconstructsSet):  # whose inputs can be written in several ways
        pieces = {(frozenset(each.corners), frozenset(each.features)) for each in check.pieces}
        asked = sorted((sorted(map(str, corners)), sorted(outputs)) for corners, outputs in pieces)
    task = repr((asked, exercise.answer, engine and sorted(engine.values.items())))
    first = tasks.setdefault(task, exercise.id)
    if first != exercise.id:
        yield _fault(exercise, "check", "same_task", f'"{first}" asks for the same already')


# --------------------------------------------------------------------------------------------------
# One exercise, in one variant.


def check_exercise(
    exercise: Exercise, folder: Traversable | None
) -> Iterator[tuple[str, str, str]]:
    """What is wrong: at which key, by what code, and in a sentence without its full stop.

    >>> from exercises.course import load
    >>> list(check_exercise(load(1), None))
    []
    """
    yield from _check_solutions(exercise)
    yield from _check_refusals(exercise)
    yield from _check_wrong_answers(exercise)
    yield from _check_leaks(exercise)
    yield from _check_tips(exercise)
    yield from _check_formulas(exercise)
    yield from _check_engine(exercise, folder)


def _check_solutions(exercise: Exercise) -> Iterator[tuple[str, str, str]]:
    for i, solution in enumerate(exercise.key().solutions, 1):
        key = f"solutions[{i}]"
        found = _grade(exercise, solution.typed)
        if found.status != "solved":
            said = "cannot be read" if found.status == "unreadable" else "does not pass"
            yield key, "solution_fails", f"this solution {said}"
            continue
        model = read_listed(exercise.answer, solution)
        if isinstance(model, NamedMatrices) and not _multiples_pass(exercise, model):
            yield key, "multiple_fails", "this solution, multiplied, does not pass"
        if not isinstance(model, ToyModel):
            continue
        if not all(_passes(exercise, copy) for copy in _turned(exercise, model)):
            yield key, "turned_fails", "this solution, with all arrows turned, does not pass"
        if not all(_passes(exercise, copy) for copy in _reordered(exercise, model)):
            said = "this solution, with features in another order, does not pass"
            yield key, "reordered_fails", said


def _multiples_pass(exercise: Exercise, matrices: NamedMatrices) -> bool:
    """Whether multiples of a solution pass, where only the order of numbers is asked for."""
    check = exercise.key().check
    if not (isinstance(check, CircuitCheck) and allows_multiples(check)):
        return True
    third = matrices.with_numbers([exact(number / 3) for number in matrices.numbers])
    return passes(exercise, third)


def _turned(exercise: Exercise, model: ToyModel) -> Iterator[ToyModel]:
    """Copies with their arrows turned; none where a row is asked for as it stands."""
    check = exercise.key().check
    if not (isinstance(check, SameModel) and check.rows):
        yield from turned_copies(model)


def _reordered(exercise: Exercise, model: ToyModel) -> Iterator[ToyModel]:
    """Copies with features in another order, of those that leave the check as it is.

    They are the first, and the last one turned: with many features there are too many to try all.
    """
    found = list(orders(exercise.key().check, model.n))
    yield from (permuted(model, order) for order in found[:1])
    yield from (next(turned_copies(permuted(model, order))) for order in found[1:][-1:])


def _passes(exercise: Exercise, model: ToyModel) -> bool:
    rows = "; ".join(join_text(row) for row in model.W)
    return _grade(exercise, {"W": rows, "b": join_text(model.b)}).status == "solved"


def _check_refusals(exercise: Exercise) -> Iterator[tuple[str, str, str]]:
    """Blank and zero answers, and the example of how to type."""
    blank = dict.fromkeys(exercise.example, "")
    if _grade(exercise, blank).status == "solved":
        yield "check", "blank_passes", "a blank answer passes"
    zeros = _zeros(exercise.answer)
    if zeros and _grade(exercise, zeros).status == "solved":
        yield "check", "zero_passes", "an answer of zeros passes"
    status = _grade(exercise, exercise.example).status
    if status in ("solved", "unreadable"):
        said = "passes" if status == "solved" else "cannot be read"
        yield "example", f"example_{status}", f"the example of how to type {said}"


def _zeros(asked: AnswerKind) -> TypedAnswer | None:
    match asked:
        case ModelAnswer():
            row = " ".join(["0"] * asked.dimensions)
            return {"W": "; ".join([row] * asked.features), "b": "0"}
        case NumberAnswer():
            return {"answer": "0"}
        case IntervalAnswer():
            return {"answer": "0 0"}
        case VectorAnswer():
            return {"answer": " ".join(["0"] * asked.length)}
        case MatricesAnswer():
            return {name: matrix_line(rows) for name, rows in zeros(asked).parts}
        case ChoiceAnswer():
            return None


def _check_wrong_answers(exercise: Exercise) -> Iterator[tuple[str, str, str]]:
    listed = exercise.key().wrong
    if len(listed) < 2:
        yield "wrong", "too_few", "at least two wrong answers that people give must be listed"
    names: set[str] = set()
    for i, wrong in enumerate(listed, 1):
        key, found = f"wrong[{i}]", _grade(exercise, wrong.typed)
        if found.status in ("solved", "unreadable"):
            said = "passes" if found.status == "solved" else "cannot be read"
            yield key, "not_wrong", f"this wrong answer {said}"
        elif found.feedback.diagnosis != wrong.diagnosis:
            said = f'its diagnosis is "{found.feedback.diagnosis}", not "{wrong.diagnosis}"'
            yield key, "other_diagnosis", said
        elif wrong.diagnosis in names:
            said = f'another wrong answer has the diagnosis "{wrong.diagnosis}" already'
            yield key, "same_diagnosis", said
        names.add(wrong.diagnosis)


def _check_tips(exercise: Exercise) -> Iterator[tuple[str, str, str]]:
    """Tips that tell the answer, or that somebody reads again as a hint."""
    for i, tip in enumerate(exercise.key().tips, 1):
        if tip in exercise.key().hints:
            yield f"tips[{i}]", "tip_is_hint", "this is a hint already: lead on some other way"
        answer = leaked_answer(tip, exercise)
        if answer is not None:
            yield f"tips[{i}]", "tip_tells", f'this tip contains the answer, "{answer}"'


def _check_leaks(exercise: Exercise) -> Iterator[tuple[str, str, str]]:
    """Texts shown before an answer that tell it, and hints that do not ask."""
    for i, hint in enumerate(exercise.key().hints, 1):
        if "?" not in hint:
            yield f"hints[{i}]", "no_question", "a hint asks before it tells"
        answer = leaked_answer(hint, exercise)
        if answer is not None:
            yield f"hints[{i}]", "hint_tells", f'this hint contains the answer, "{answer}"'
    answer = leaked_answer(exercise.typing, exercise)
    if answer is not None:
        yield "typing", "typing_tells", f'this contains the answer, "{answer}"'
    if any(exercise.example == wrong.typed for wrong in exercise.key().wrong):
        yield "example", "same_answer", "the example is one of the wrong answers that are listed"


def _check_formulas(exercise: Exercise) -> Iterator[tuple[str, str, str]]:
    """Formula lines that a terminal of 80 columns would break."""
    kept = exercise.key()
    texts = {"statement": exercise.statement, "typing": exercise.typing, "why": kept.why}
    texts |= {f"hints[{i}]": hint for i, hint in enumerate(kept.hints, 1)}
    solutions = enumerate(kept.solutions, 1)
    texts |= {f"solutions[{i}].reasoning": solution.reasoning for i, solution in solutions}
    for key, text in texts.items():
        shown = chain(blocks(text, UNICODE), blocks(text, ASCII))
        lines = [line for block in shown if block.is_formula for line in block.text.splitlines()]
        widest = max(map(len, lines), default=0)
        if widest > _WIDEST:
            said = f"a formula line has at most {_WIDEST} characters, not {widest}"
            yield key, "too_wide", said


def _check_engine(exercise: Exercise, folder: Traversable | None) -> Iterator[tuple[str, str, str]]:
    """Stored numbers against the engine; the best loss too, where there is numpy to search with."""
    check, table = exercise.key().check, engine_table(exercise, folder)
    if isinstance(check, Equals | Brackets):
        if table is None:
            yield "engine", "missing_key", "a stored number needs the calculation that gives it"
            return
        said = (
            disagreement(table, check.value)
            if isinstance(check, Equals)
            else disagreement(table, (check.value,), check.places)
        )
        if said is not None:
            yield "check.value", "engine_disagrees", said
    elif table is not None:
        yield "engine", "unknown_key", "a calculation belongs to a stored number, and there is none"
    if isinstance(check, LossAtMost) and isinstance(exercise.answer, ModelAnswer) and searchable():
        said = best_disagrees(check, exercise.answer)
        if said is not None:
            yield "check.best", "engine_disagrees", said


def searchable() -> bool:
    """Whether stored best losses can be compared with a search: it needs the extra ``optimum``."""
    try:
        require("optimum", "numpy", "array_api_compat")
    except InputError:
        return False
    return True


def _grade(exercise: Exercise, typed: TypedAnswer) -> Grade:
    return grade(exercise, **typed)
