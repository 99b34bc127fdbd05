"""``handcalc grade``: from what was typed to a graded class, its files and its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from functools import partial
from pathlib import Path

from exercises import Exercise
from exercises.assessment import course_version, exercise_points
from exercises.course import drawn_variant, manifest_slugs
from handcalc.cli.failures import of_input
from handcalc.cli.report import (
    CommandError,
    Exit,
    Report,
    ReportedError,
    Session,
    with_trouble,
)
from handcalc.cli.terminal import Terminal
from handcalc.cli.visible import visible
from handcalc.cli.work.course import CourseContext, course_context
from handcalc.cli.work.outputs import Output, write_all
from handcalc.errors import InputError
from handcalc.wording import joined

from . import feedback as feedback_pages
from . import results as results_files
from .files import UnreadableFileError, entry_at
from .gradebook import ClassPlan, Deadline, Entrant, Gradebook, StudentLine, entrants, graded_class
from .gradescope import Submitted, read_autograder
from .identify import check_pattern, students_of
from .junit import junit
from .late import EVERYTHING, read_rule, read_time
from .layouts import HandIns, one_hand_in
from .page import page_of_course, page_of_exercise
from .points import typed_points
from .regrade import ChangedRow, EarlierTable, changes, changes_text, read_earlier
from .roster import read_roster
from .sections import CourseNames
from .student_files import FolderOutput, file_names
from .tables import book_data, is_table, long_table, row_data, sheet
from .verdicts import TimeLimits, judged

_MOST_METADATA = 1 << 24  # bytes: earlier results stand in it


@dataclass(frozen=True, slots=True)
class GradeOptions:
    """What was asked for, as it was typed; ``which`` is one exercise, None for all of a course."""

    which: str | None
    course: str | None
    student_from: str | None
    roster: str | None
    points: str | None
    due: str | None
    late: str | None
    since: str | None
    table: str | None
    sheet: str | None
    junit: str | None
    results: str | None
    feedback: str | None
    limits: TimeLimits


@dataclass(frozen=True, slots=True)
class _Written:
    """The files that were asked for."""

    table: Output | None
    sheet: Output | None
    junit: Output | None
    results: FolderOutput | None
    feedback: FolderOutput | None

    @classmethod
    def of(cls, asked: GradeOptions) -> _Written:
        """Those of the options; what would fail in the end is refused before the work."""
        found = cls(
            _output("--csv", asked.table),
            _output("--sheet", asked.sheet),
            _output("--junit", asked.junit),
            FolderOutput.of("--results", asked.results, results_files.MARK),
            FolderOutput.of("--feedback", asked.feedback, feedback_pages.MARK),
        )
        for table in filter(None, (found.table, found.sheet)):
            _refuse_other_files(table, is_table, "table of grades")
        if found.junit is not None:
            _refuse_other_files(found.junit, _is_junit, "JUnit XML")
        for folder in filter(None, (found.results, found.feedback)):
            folder.refuse_early()
        return found

    def refuse_early(self) -> None:
        """Refuse files that could not be written."""
        for file in filter(None, (self.table, self.sheet, self.junit)):
            file.refuse_early()

    def write(
        self, book: Gradebook, result_names: Sequence[str]
    ) -> tuple[tuple[str, ...], ReportedError | None]:
        """Write them all, as far as that can be: what to say of it, and what could not be."""
        notes, trouble = write_all(
            [
                (self.table, lambda: long_table(book.rows, book.version)),
                (self.sheet, lambda: sheet(book)),
                (self.junit, lambda: junit(book)),
            ]
        )
        names = file_names(book)
        pages = (
            (self.results, result_names, results_files.results, ".json"),
            (self.feedback, names, feedback_pages.feedback, ".md"),
        )
        for folder, own, content, ending in pages:
            if folder is None:
                continue
            try:
                files = _of_each(own, book, content, ending)
                notes = (*notes, folder.write(files))
            except CommandError as refused:
                trouble = trouble or refused.problem
        return notes, trouble


def _of_each(
    names: Sequence[str],
    book: Gradebook,
    content: Callable[[StudentLine, Gradebook], str],
    ending: str,
) -> dict[str, str]:
    lines = zip(names, book.lines, strict=True)
    return {f"{name}{ending}": content(line, book) for name, line in lines}


def grade(session: Session, handed: HandIns, asked: GradeOptions) -> Report:
    """Grade a class: a row for every answer, and the files that were asked for."""
    written = _Written.of(asked)
    place, plan = _plan(asked)
    roster = None if asked.roster is None else read_roster(asked.roster)
    earlier = None if asked.since is None else read_earlier(asked.since)
    written.refuse_early()
    people = _people(handed, asked, plan.names)
    book = _book(session, entrants(handed.hand_ins, people, roster), place, plan, asked.limits)
    notes, trouble = written.write(book, file_names(book))
    changed = None if earlier is None else changes(book, earlier)
    notes = (*(["\n".join(notes)] if notes else []), *_notes(plan, handed))
    return with_trouble(_report(asked, book, handed, (earlier, changed), notes), trouble)


def grade_submission(session: Session, path: Path, asked: GradeOptions) -> Report:
    """Grade what one student handed in to Gradescope, and write its results.json."""
    root = path.absolute().parent
    asked = replace(asked, results=asked.results or str(root / "results"))
    students = _submitters(root / "submission_metadata.json", asked)
    due = students[0].due if students and asked.late is not None else None
    handed = HandIns((one_hand_in(path, students),), ())
    written = _Written.of(asked)
    place, plan = _plan(asked, due=due)
    written.refuse_early()
    if asked.student_from is None:
        name = ", ".join(each.known.get("name", "") for each in students)
        everybody = [Entrant(name or None, handed.hand_ins[0], None)]
    else:
        everybody = entrants(
            handed.hand_ins, students_of(handed.hand_ins, asked.student_from), None
        )
        everybody = everybody if len(everybody) == 1 else [_of_several(everybody)]
    book = _book(session, everybody, place, plan, asked.limits)
    notes, trouble = written.write(book, ["results"])
    return with_trouble(_report(asked, book, handed, (None, None), notes), trouble)


def _of_several(everybody: Sequence[Entrant]) -> Entrant:
    said = f"Handed in by {len(everybody)} students, who have numbers of their own: one at a time."
    return replace(everybody[0], standing="doubled", said=said)


def _submitters(file: Path, asked: GradeOptions) -> Sequence[Submitted]:
    """Who handed it in, by Gradescope; refused where that is asked for and not to be known."""
    try:
        (found,) = entry_at(file).files()
        return read_autograder(found.read(_MOST_METADATA))
    except UnreadableFileError as error:
        if asked.student_from is None and asked.late is None:
            return ()
        message = f"{visible(str(file))}: {error} It says who handed in, and when."
        raise CommandError(ReportedError("missing_file", message)) from None


# --------------------------------------------------------------------------------------------------
# Before the work.


def _plan(asked: GradeOptions, due: datetime | None = None) -> tuple[CourseContext, ClassPlan]:
    """What to grade, of which course; all that can be refused of it is refused here."""
    if asked.student_from is not None:
        check_pattern(asked.student_from)
    # not the lecturer's own numbers
    place = replace(course_context(course=asked.course), student=None)
    if place.is_edition:
        message = "A student edition grades nothing: grade with the course it was released from."
        raise CommandError(ReportedError("student_edition", message))
    if asked.which is None:
        found, points = _all_exercises(place, asked.points)
    else:
        own = asked.student_from is not None
        one = place.variants(asked.which)[0] if own else place.exercise(asked.which)
        with place.explained():
            found, points = (one,), {one.id: exercise_points(place.folder)[one.id]}
    with place.explained():
        version = course_version(place.folder)
        slugs = manifest_slugs(place.folder)
    plan = ClassPlan(
        exercises=found,
        points=points,
        names=CourseNames(slugs, tuple(each.id for each in found)),
        version=visible(version),
        variant_of=None if asked.student_from is None else partial(_variant, place.folder),
        deadline=_deadline(asked, due),
    )
    return place, plan


def _variant(folder: Path | None, exercise: Exercise, student: str) -> int:
    return drawn_variant(exercise, student, folder) if exercise.variants > 1 else 1


def _all_exercises(
    place: CourseContext, typed: str | None
) -> tuple[tuple[Exercise, ...], Mapping[str, Fraction]]:
    everything = tuple(place.exercises())
    with place.explained():
        points = exercise_points(place.folder)
    if typed is not None:
        slugs = tuple(points)
        points = typed_points(typed, CourseNames(slugs, slugs))
    return tuple(each for each in everything if each.id in points), points


def _deadline(asked: GradeOptions, due: datetime | None) -> Deadline | None:
    """By when it is due: as typed, else as Gradescope says, else nothing is late."""
    try:
        rule = EVERYTHING if asked.late is None else read_rule(asked.late)
        due = due if asked.due is None else read_time(asked.due, "--due")
    except InputError as error:
        raise CommandError(of_input(error)) from None
    if due is None and asked.late is not None:
        message = "--late says what lateness costs: say with --due by when it is due."
        again = '--due "2026-11-30 23:59 Europe/Berlin"'
        raise CommandError(ReportedError("usage", message, suggestion=again))
    return None if due is None else Deadline(due, rule)


def _people(
    handed: HandIns, asked: GradeOptions, names: CourseNames
) -> Sequence[tuple[str, ...] | str | None]:
    """Whose each hand-in is; of one exercise nobody's, where nobody asks."""
    if asked.which is not None and asked.student_from is None and asked.roster is None:
        return [None] * len(handed.hand_ins)
    paths = [hand_in.path for hand_in in handed.hand_ins]
    if asked.which is None and asked.student_from is None and all(map(names.of_path, paths)):
        message = (
            f"All that lies there is named after exercises, as {visible(paths[0])} is: that looks "
            "like one student's. Name the folder that has a folder for each student; or say that "
            "these are names of students."
        )
        raise CommandError(ReportedError("usage", message, suggestion="--student-from name"))
    return students_of(handed.hand_ins, asked.student_from)


def _output(option: str, path: str | None) -> Output | None:
    return Output.of(option, None if path is None else Path(path))


def _refuse_other_files(output: Output, is_ours: Callable[[Path], bool], what: str) -> None:
    """A slip with an option costs nobody an answer: only a file of the kind is written over."""
    try:
        other = (
            output.path.is_file() and output.path.stat().st_size > 0 and not is_ours(output.path)
        )
    except OSError:  # it cannot be read; whether it can be written is asked next
        return
    if other or (output.path.exists() and not output.path.is_file()):
        name = visible(str(output.path))
        message = f"{output.option}: the file {name} is no {what}, and it stays as it is."
        raise CommandError(ReportedError("file_exists", message))


def _is_junit(path: Path) -> bool:
    with path.open("rb") as file:
        return b"<testsuites" in file.read(200)


# --------------------------------------------------------------------------------------------------
# The work, and what is said of it.


def _book(
    session: Session,
    everybody: Sequence[Entrant],
    place: CourseContext,
    plan: ClassPlan,
    limits: TimeLimits,
) -> Gradebook:
    slugs = [each.id for each in plan.exercises]
    return graded_class(everybody, plan, partial(judged, session, slugs, place.folder, limits))


def _notes(plan: ClassPlan, handed: HandIns) -> list[str]:
    """What was left out, and against which numbers the answers were graded."""
    notes = ["\n".join(["No submissions:", *handed.notes])] if handed.notes else []
    several = [each for each in plan.exercises if each.variants > 1]
    if several and plan.variant_of is None:
        which = f"The exercise has {several[0].variants} variants"
        if len(plan.exercises) > 1:
            positions = [each.position for each in several]
            which = f"There are variants of {'exercises' if several[1:] else 'exercise'} "
            which += joined(positions)
        notes.append(
            f"{which}, and all files were graded against the first; --student-from name grades "
            "each against its student's numbers."
        )
    return notes


def _report(
    asked: GradeOptions,
    book: Gradebook,
    handed: HandIns,
    since: tuple[EarlierTable | None, list[ChangedRow] | None],
    notes: Sequence[str],
) -> Report:
    earlier, changed = since
    named: dict[str, object] = {}
    if asked.which is not None:
        (one,) = book.exercises
        named = {"position": one.position, "id": one.id, "title": one.title}

    def data() -> Mapping[str, object]:
        return {
            **named,
            **book_data(book),
            "answers": [row_data(row, book.version) for row in book.rows],
            "left_out": list(handed.notes),
            "changes": None if changed is None else [each.data for each in changed],
            "csv": asked.table,
        }

    def text(terminal: Terminal) -> str:
        if earlier is not None and changed is not None:
            parts = [changes_text(changed, earlier, book)]
        else:
            page = page_of_course if asked.which is None else page_of_exercise
            parts = [page(book, terminal)]
        return terminal.plain("\n\n".join([*parts, *notes]))

    return Report(data=data, text=text, exit_code=_exit_code(book))


def _exit_code(book: Gradebook) -> Exit:
    """Whether all is solved, something is not, or something needs a person's eyes."""
    if any(row.needs_eyes for row in book.rows):
        return Exit.INTERNAL
    return Exit.DONE if all(row.status == "solved" for row in book.rows) else Exit.NOT_SOLVED
