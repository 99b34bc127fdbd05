"""What is asked for and how it counts: which exercises, for how many points, and by when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from exercises import Exercise
from exercises.assessment import course_version, exercise_points
from exercises.course import manifest_slugs, variant_draw
from handcalc.cli.failures import of_input
from handcalc.cli.report import CommandError, ReportedError
from handcalc.cli.visible import visible
from handcalc.cli.work.course import CourseContext, course_context, explained
from handcalc.errors import InputError

from .gradebook import ClassPlan, Deadline
from .gradescope import Submitted
from .identify import check_pattern
from .late import EVERYTHING, LateRule, read_rule, read_time
from .points import typed_points
from .roster import Enrolled
from .sections import CourseNames
from .verdicts import TimeLimits


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


def class_plan(asked: GradeOptions, deadline: Deadline | None) -> tuple[CourseContext, ClassPlan]:
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
        one = place.variants(asked.which)[0]
        with explained(place.folder):
            found, points = (one,), {one.id: exercise_points(place.folder)[one.id]}
    with explained(place.folder):
        version = course_version(place.folder)
        slugs = manifest_slugs(place.folder)
        drawn = None if asked.student_from is None else variant_draw(place.folder)
    plan = ClassPlan(
        exercises=found,
        points=points,
        names=CourseNames(slugs, tuple(each.id for each in found)),
        version=visible(version),
        variant_of=drawn,
        deadline=deadline,
    )
    return place, plan


def _all_exercises(
    place: CourseContext, typed: str | None
) -> tuple[tuple[Exercise, ...], Mapping[str, Fraction]]:
    everything = tuple(place.exercises())
    with explained(place.folder):
        points = exercise_points(place.folder)
    if typed is not None:
        slugs = tuple(points)
        points = typed_points(typed, CourseNames(slugs, slugs))
    # with every set of numbers: what is faulty in one is said now, and not by whatever grades it
    found = (place.variants(each.id)[0] for each in everything if each.id in points)
    return tuple(found), points


# --------------------------------------------------------------------------------------------------
# By when it is due.


def deadline_of_class(
    asked: GradeOptions, roster: Mapping[str, Enrolled] | None
) -> Deadline | None:
    """As typed, else as the list says, if it says so of everybody; else nothing is late.

    Errors: refused where it is not known of everybody, and would matter.
    """
    due, rule = _typed_deadline(asked)
    dated = [each.due is not None for each in (roster or {}).values()]
    if due is not None or (dated and all(dated)):
        return Deadline(due, rule)
    if any(dated):
        what = "--roster has due dates of some students, and not of others"
    elif asked.late is not None:
        what = "--late says what lateness costs"
    else:
        return None
    again = '--due "2026-11-30 23:59 Europe/Berlin"'
    message = f"{what}: say with --due by when it is due."
    raise CommandError(ReportedError("usage", message, suggestion=again))


def deadline_of_group(asked: GradeOptions, students: Sequence[Submitted]) -> Deadline | None:
    """As typed, else as Gradescope says: of a group the latest date, and nothing is late if none.

    What Gradescope says counts where --late says what it costs.
    """
    due, rule = _typed_deadline(asked)
    if due is None and asked.late is not None:
        due = max((each.due for each in students if each.due is not None), default=None)
    return None if due is None else Deadline(due, rule)


def _typed_deadline(asked: GradeOptions) -> tuple[datetime | None, LateRule]:
    try:
        rule = EVERYTHING if asked.late is None else read_rule(asked.late)
        return None if asked.due is None else read_time(asked.due, "--due"), rule
    except InputError as error:
        raise CommandError(of_input(error)) from None
