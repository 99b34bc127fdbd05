"""``handcalc grade``: from what was typed to a graded class, its files and its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from handcalc.cli.report import (
    CommandError,
    Exit,
    Report,
    ReportedError,
    Session,
    refuse,
    with_trouble,
)
from handcalc.cli.terminal import Terminal
from handcalc.cli.visible import visible
from handcalc.cli.work.course import CourseContext
from handcalc.wording import joined

from .files import UnreadableFileError, entry_at
from .gradebook import ClassPlan, Entrant, Gradebook, entrants, graded_class
from .gradescope import MOST_METADATA, Submitted, read_autograder
from .identify import students_of
from .layouts import HandIns, one_hand_in
from .page import page_of_course, page_of_exercise
from .plan import GradeOptions, class_plan, deadline_of_class, deadline_of_group
from .regrade import ChangedRow, EarlierTable, changes, changes_text, read_earlier
from .roster import read_roster
from .sections import CourseNames
from .student_files import file_names
from .tables import book_data, row_data
from .verdicts import TimeLimits, judged
from .written import WrittenFiles


def grade(session: Session, handed: HandIns, asked: GradeOptions) -> Report:
    """Grade a class: a row for every answer, and the files that were asked for."""
    written = WrittenFiles.of(asked)
    roster = None if asked.roster is None else read_roster(asked.roster)
    place, plan = class_plan(asked, deadline_of_class(asked, roster))
    earlier = None if asked.since is None else read_earlier(asked.since)
    written.refuse_early()
    _refuse_unclear(handed, plan.names)
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
    handed = HandIns((one_hand_in(path, students),), ())
    written = WrittenFiles.of(asked)
    place, plan = class_plan(asked, deadline_of_group(asked, students))
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
        return read_autograder(found.read(MOST_METADATA))
    except UnreadableFileError as error:
        if asked.student_from is None and asked.late is None:
            return ()
        message = f"{visible(str(file))}: {error} It says who handed in, and when."
        raise CommandError(ReportedError("missing_file", message)) from None


# --------------------------------------------------------------------------------------------------
# Before the work.


def _refuse_unclear(handed: HandIns, names: CourseNames) -> None:
    """Refuse a zip of one folder whose files may be a student's, or those of a class."""
    for folder in handed.alone:
        inside = [each.name for each in folder.inside()]
        # of one exercise, 1.txt and 2.txt may well be two students
        if len(names.graded) == 1 or not all(map(names.of_path, inside)):
            message = (
                f"All that is in the zip is the folder {folder.shown}, with {len(inside)} files, "
                f"such as {visible(inside[0])}: that may be one student's, or a class. Unpack it; "
                "then name this folder, where it is a class, or the one that it lies in."
            )
            refuse(message)


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
        refuse(message, "--student-from name")
    return students_of(handed.hand_ins, asked.student_from)


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
