"""What an author must know about a course: everything that is wrong with it, file by file.

Each exercise is tried in every variant; ``trying`` says what that means. No two may ask for the
same, and manifest and disk must agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exercises.authoring.author_checks import check_exercise, searchable
from exercises.checks import Check, Equals, LossAtMost, ReconstructsSet
from exercises.course import engine_table, load, load_variants, manifest_slugs, unlisted
from exercises.exercise import Exercise
from handcalc.errors import AuthorError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


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
    return any(_has_best(slug, folder) for slug in slugs)


def _has_best(slug: str, folder: Traversable | None) -> bool:
    try:
        check = load(slug, folder).key().check
    except AuthorError:  # a fault, which is told already
        return False
    return isinstance(check, LossAtMost) and check.best is not None


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
    exercise: Exercise, asked: dict[str, str], folder: Traversable | None
) -> Iterator[Fault]:
    """A fault for the second of two exercises with the same check, kind of answer and input."""
    engine = engine_table(exercise, folder) if isinstance(exercise.key().check, Equals) else None
    asked_for = _asked_for(exercise.key().check)
    task = repr((asked_for, exercise.answer, engine and sorted(engine.values.items())))
    first = asked.setdefault(task, exercise.id)
    if first != exercise.id:
        yield _fault(exercise, "check", "same_task", f'"{first}" asks for the same already')


def _asked_for(check: Check) -> object:
    """A check without its spelling: a set of inputs by its corners."""
    if not isinstance(check, ReconstructsSet):
        return check
    corners = {frozenset(piece.corners) for piece in check.pieces}
    return sorted(sorted(map(str, piece)) for piece in corners), check.features
