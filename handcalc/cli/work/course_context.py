"""Where a command acts: in which course, for which student, with which record, in which folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from exercises import Exercise, load, load_all
from exercises.course import course_mark, load_variants, manifest_slugs
from exercises.progress import ProgressStore, store
from exercises.variants import student_name
from handcalc.cli.failures import of_input
from handcalc.cli.options import STUDENT
from handcalc.cli.report import CommandError, ReportedError
from handcalc.errors import AuthorError, InputError
from handcalc.storage.files import at_home
from handcalc.wording import option_words, word


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
        with self._explained():
            return load(which, self.folder, student=self.student)

    def variants(self, which: str) -> Sequence[Exercise]:
        """The exercise that was named, with each of its sets of numbers."""
        with self._explained():
            return load_variants(which, self.folder)

    def exercises(self) -> Sequence[Exercise]:
        """All exercises, with the student's numbers."""
        with self._explained():
            return load_all(self.folder, student=self.student)

    def unsolved(self) -> str | None:
        """The id of the first exercise that is not solved, or None where all are."""
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


def course_context(
    *,
    course: str | None = None,
    student: str | None = None,
    seed: int | None = None,
    no_state: bool = False,
) -> CourseContext:
    """Where a command acts, by its options; handcalc's own course where they say nothing."""
    folder = None if course is None else folder_at(course, "--course")
    name, said = _student(student, seed)
    carried = f" {said}" if said else ""
    if course is not None:
        carried += f" {option_words('--course', course)}"
    kept = store(no_state, "" if folder is None else _mark(folder))
    return CourseContext(folder, name, carried, kept)


def folder_at(text: str, option: str) -> Path:
    """A folder that is there, by the name that was typed; refused where there is none."""
    folder = at_home(text)
    if not folder.is_dir():
        raise CommandError(ReportedError("missing_folder", f"{option}: there is no folder {text}."))
    return folder


def _student(student: str | None, seed: int | None) -> tuple[str | None, str]:
    """Whose numbers they are, and the option that says so."""
    if student is not None and seed is not None:
        problem = ReportedError("usage", "--seed N is the student “seed N”: give one of the two.")
        raise CommandError(problem)
    if seed is not None:
        return f"seed {seed}", f"--seed {seed}"
    given = os.environ.get(STUDENT, "") if student is None else student
    if student is None and not given.strip():
        return None, ""
    try:
        name = student_name(given)
    except InputError as error:
        raise CommandError(ReportedError("usage", error.message)) from None
    return name, "" if student is None else option_words("--student", name)


def _mark(folder: Path) -> str:
    try:
        return course_mark(folder)
    except AuthorError as error:
        raise _faulty(folder, error) from error


def _faulty(folder: Path, error: AuthorError) -> CommandError:
    message = f"The course in {folder} has a fault. {error.message}"
    suggestion = f"handcalc dev check {word(str(folder))}"
    return CommandError(ReportedError(error.code, message, suggestion=suggestion))
