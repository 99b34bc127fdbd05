"""Where a command acts: in which course, for which student, with which record, in which folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from handcalc.cli.failures import of_input
from handcalc.cli.import_guard import require_our_exercises
from handcalc.cli.report import CommandError, Report, ReportedError
from handcalc.errors import AuthorError, InputError
from handcalc.shell_words import option_words, word
from handcalc.storage.files import at_home

if TYPE_CHECKING:
    from exercises import Exercise
    from exercises.progress import ProgressStore


STUDENT = "HANDCALC_STUDENT"
_Command = Callable[..., Report]


@dataclass(frozen=True, slots=True)
class CourseContext:
    """A course (``folder`` is None for handcalc's own), a student, and the store of what was done.

    ``carried`` is what the next command has to say again, behind the exercise: "" or, say,
    " --student ada".
    """

    folder: Path | None
    student: str | None
    carried: str
    store: ProgressStore

    def exercise(self, which: str) -> Exercise:
        """The exercise that was named, with the student's numbers; an unknown name is exit 2."""
        from exercises import load

        with self._explained():
            return load(which, self.folder, student=self.student)

    def variants(self, which: str) -> Sequence[Exercise]:
        """The exercise that was named, with each of its sets of numbers."""
        from exercises.course import load_variants

        with self._explained():
            return load_variants(which, self.folder)

    def exercises(self) -> Sequence[Exercise]:
        """All exercises, with the student's numbers."""
        from exercises import load_all

        with self._explained():
            return load_all(self.folder, student=self.student)

    def unsolved(self) -> str | None:
        """The id of the first exercise that is not solved, or None where all are."""
        from exercises.course import manifest_slugs

        done = self.store.read()
        with self._explained():
            slugs = manifest_slugs(self.folder)
        return next((slug for slug in slugs if not done.of(slug).solved), None)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """A fault in somebody's course is theirs to mend; one in our own is a fault of handcalc."""
        try:
            yield
        except InputError as error:
            raise CommandError(of_input(error)) from error
        except AuthorError as error:
            if self.folder is None:
                raise
            raise _faulty(self.folder, error) from error


def in_course(*, student: bool = False, state: bool = True) -> Callable[[_Command], _Command]:
    """Give a command ``--course``; it gets a ``place``.

    With ``student``, ``--student`` and ``--seed`` say whose numbers; with ``state``, there is
    ``--no-state``.
    """

    def decorated(function: _Command) -> _Command:
        @wraps(function)
        def with_place(*args: Any, **given: Any) -> Report:
            names = ("course", "student", "seed", "no_state")
            chosen = {name: given.pop(name, None) for name in names}
            return function(*args, place=_place(**chosen), **given)

        for option in _options(student, state):
            option(with_place)
        return with_place

    return decorated


def here() -> CourseContext:
    """handcalc's own course, where no option says otherwise."""
    return _place(None, None, None, None)


def folder_at(text: str, option: str) -> Path:
    """A folder that is there, by the name that was typed; refused where there is none."""
    folder = at_home(text)
    if not folder.is_dir():
        raise CommandError(ReportedError("missing_folder", f"{option}: there is no folder {text}."))
    return folder


def _options(student: bool, state: bool) -> Iterator[Callable[[_Command], _Command]]:
    """Last on the help page first, as decorators stand above a function."""
    if state:
        words = "Keep no record, and look at none."
        yield click.option("--no-state", is_flag=True, help=words)
    folders = click.Path(file_okay=False)
    yield click.option("--course", metavar="DIR", type=folders, help="A course in a folder.")
    if student:
        words = "The numbers of student “seed N”."
        seeds = click.IntRange(min=0)
        yield click.option("--seed", type=seeds, metavar="N", help=words)
        words = f"Whose numbers: any name. {STUDENT} in the environment does the same."
        yield click.option("--student", metavar="NAME", help=words)


def _place(
    course: str | None,
    student: str | None,
    seed: int | None,
    no_state: bool | None,
) -> CourseContext:
    require_our_exercises()
    from exercises.progress import store

    folder = None if course is None else folder_at(course, "--course")
    name, said = _student(student, seed)
    carried = f" {said}" if said else ""
    if course is not None:
        carried += f" {option_words('--course', course)}"
    kept = store(bool(no_state), "" if folder is None else _mark(folder))
    return CourseContext(folder, name, carried, kept)


def _student(student: str | None, seed: int | None) -> tuple[str | None, str]:
    """Whose numbers they are, and the option that says so."""
    if student is not None and seed is not None:
        problem = ReportedError("usage", "--seed N is the student “seed N”: give one of the two.")
        raise CommandError(problem)
    if seed is not None:
        return f"seed {seed}", f"--seed {seed}"
    from exercises.variants import student_name

    given = os.environ.get(STUDENT, "") if student is None else student
    if student is None and not given.strip():
        return None, ""
    try:
        name = student_name(given)
    except InputError as error:
        raise CommandError(ReportedError("usage", error.message)) from None
    return name, "" if student is None else option_words("--student", name)


def _mark(folder: Path) -> str:
    from exercises.course import course_mark

    try:
        return course_mark(folder)
    except AuthorError as error:
        raise _faulty(folder, error) from error


def _faulty(folder: Path, error: AuthorError) -> CommandError:
    message = f"The course in {folder} has a fault. {error.message}"
    suggestion = f"handcalc dev check {word(str(folder))}"
    return CommandError(ReportedError(error.code, message, suggestion=suggestion))
