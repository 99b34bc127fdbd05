"""From hand-ins to a row for every student and exercise: who is there, what is graded, what counts.

Nothing is graded of whoever is not on the list, or handed in twice: their rows say so. What has no
verdict, or came at a time that nobody knows, has no points, and a row that says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cached_property

from exercises import Exercise
from handcalc.cli.visible import visible, visible_in_line
from handcalc.wording import joined

from .files import read_all
from .late import LateRule, how_late
from .layouts import HandIn
from .roster import Enrolled
from .sections import Answers, CourseNames, HandedAnswer, NoAnswer, answers_in
from .verdicts import AnswerTask, AnswerVerdict, unreadable

UNJUDGED = ("unreadable", "undecided", "error", "absent", "missing", "unknown", "doubled")
"""The statuses of rows in which no answer was judged; their ``happened`` says why."""

NOBODY_KNOWS = "nobody knows"
"""How a lateness begins that is not known."""


@dataclass(frozen=True, slots=True)
class Row:
    """One answer: whose, to which exercise, against which variant, and the verdict.

    The variant is None where there is no answer, the exercise where a part of a hand-in is an
    answer to none. ``points`` are the share of ``of`` that the answer earned, less what its
    lateness costs; they are None where that is undecided. All texts can be shown as they are.
    """

    file: str
    student: str | None
    exercise: str | None
    variant: int | None
    status: str
    score: Fraction | None
    points: Fraction | None
    of: Fraction
    diagnosis: str | None
    happened: str
    late: str = ""
    advice: str = ""

    @property
    def needs_eyes(self) -> bool:
        """Whether a person must look at it before it is a grade."""
        return self.points is None


@dataclass(frozen=True, slots=True)
class StudentLine:
    """What a student has in all: their rows, and what is known of their hand-in."""

    student: str | None
    name: str
    hand_in: str
    submitted: datetime | None
    late: str
    rows: tuple[Row, ...]

    @property
    def points(self) -> Fraction:
        """The points of all that is decided."""
        return sum((row.points for row in self.rows if row.points is not None), Fraction(0))

    @property
    def of(self) -> Fraction:
        """The points that there are."""
        return sum((row.of for row in self.rows), Fraction(0))

    @property
    def undecided(self) -> int:
        """How many of the rows have no points yet."""
        return sum(row.needs_eyes for row in self.rows)


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when hand-ins are due, and what is lost by those that are not in time.

    ``due`` is None where each student on the list has a date of their own.
    """

    due: datetime | None
    rule: LateRule


@dataclass(frozen=True)
class Gradebook:
    """The exercises that were graded, what each counts, who was graded, by which course."""

    exercises: tuple[Exercise, ...]
    points: Mapping[str, Fraction]
    lines: tuple[StudentLine, ...]
    version: str

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, student by student."""
        return tuple(row for line in self.lines for row in line.rows)

    @cached_property
    def by_slug(self) -> Mapping[str, Exercise]:
        """The exercises by the names that rows have of them."""
        return {each.id: each for each in self.exercises}


@dataclass(frozen=True, slots=True)
class Entrant:
    """Who gets a line: by name, or nobody's hand-in; ``said`` is why nothing of it is graded."""

    student: str | None
    hand_in: HandIn | None
    enrolled: Enrolled | None
    standing: str = ""
    said: str = ""


def entrants(
    hand_ins: Sequence[HandIn],
    students: Sequence[tuple[str, ...] | str | None],
    roster: Mapping[str, Enrolled] | None,
) -> list[Entrant]:
    """Everybody on the list in its order, then the others by name; a hand-in of nobody is one too.

    ``students`` are the names of each hand-in, or why there are none, or None where nobody asks.
    Where it is not known whose a hand-in is, nobody on the list is absent for sure.
    """
    handed: dict[str, list[HandIn]] = {}
    nobodys: list[Entrant] = []
    for hand_in, names in zip(hand_ins, students, strict=True):
        if names is None or isinstance(names, str):
            nobodys.append(Entrant(None, hand_in, None, "unknown" if names else "", names or ""))
            continue
        for name in names:
            handed.setdefault(name, []).append(hand_in)
    listed = roster or {}
    others = sorted(handed.keys() - listed.keys())
    known = {name.casefold(): name for name in listed}
    unclaimed = [each.hand_in.shown for each in nobodys if each.hand_in and each.standing]
    found = []
    for name in (*listed, *others):
        own, enrolled = handed.get(name, []), listed.get(name)
        standing, said = _standing(own, enrolled)
        if standing == "absent" and unclaimed:
            more = f" and of {len(unclaimed) - 1} more" if unclaimed[1:] else ""
            standing = "unknown"
            said = f"Nothing is by this name, but {NOBODY_KNOWS} whose {unclaimed[0]} is{more}."
        if roster is not None and enrolled is None:
            near = known.get(name.casefold())
            hint = f"; {visible(near)} is" if near else ""
            standing, said = "unknown", f"This student is not on the list of --roster{hint}."
        found.append(Entrant(name, own[0] if own else None, enrolled, standing, said))
    return [*found, *nobodys]


def _standing(own: Sequence[HandIn], enrolled: Enrolled | None) -> tuple[str, str]:
    """Why nothing is graded of a student, as a status and in words; "" where something is."""
    if enrolled is not None and len(enrolled.lines) > 1:
        lines = " and ".join(map(str, enrolled.lines))
        return "doubled", f"The list of --roster has this student in lines {lines}."
    if len(own) > 1:
        places = " and ".join(hand_in.shown for hand_in in own)
        return "doubled", f"Handed in {len(own)} times: {places}. Leave one."
    return ("", "") if own else ("absent", "Nothing was handed in.")


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """What to grade: the exercises and their points, whose numbers, and by when it was due."""

    exercises: tuple[Exercise, ...]
    points: Mapping[str, Fraction]
    names: CourseNames
    version: str
    variant_of: Callable[[Exercise, str], int] | None
    deadline: Deadline | None


Judge = Callable[[Sequence[AnswerTask]], list[AnswerVerdict]]


def graded_class(everybody: Sequence[Entrant], plan: ClassPlan, judge: Judge) -> Gradebook:
    """The rows of everybody; ``judge`` gives a verdict for each answer, all at once."""
    tasks: list[AnswerTask] = []
    drafts = [_draft(entrant, plan, tasks) for entrant in everybody]
    verdicts = judge(tasks)
    lines = [
        _line(entrant, draft, plan, verdicts)
        for entrant, draft in zip(everybody, drafts, strict=True)
    ]
    return Gradebook(plan.exercises, plan.points, tuple(lines), plan.version)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A row to be: its verdict, or the position of the task whose verdict it waits for."""

    shown: str
    slug: str | None
    variant: int | None
    verdict: AnswerVerdict | int


def _draft(entrant: Entrant, plan: ClassPlan, tasks: list[AnswerTask]) -> list[_Draft]:
    """The rows of one line in the order of the exercises, then what answers none of them."""
    hand_in = entrant.hand_in
    shown = "" if hand_in is None else hand_in.shown
    fault = entrant.said or ("" if hand_in is None else hand_in.fault)
    if fault or hand_in is None:
        status = entrant.standing or "error"
        score = Fraction(0) if status == "absent" else None
        verdict = AnswerVerdict(status, score, None, fault)
        return [_Draft(shown, each.id, None, verdict) for each in plan.exercises]
    answers = answers_in(read_all(hand_in.entries), plan.names)
    found = [_answer(each, entrant, shown, answers, plan, tasks) for each in plan.exercises]
    others = [_Draft(each.shown, None, None, unreadable(each.said)) for each in answers.no_answers]
    return [*found, *others]


def _answer(
    exercise: Exercise,
    entrant: Entrant,
    shown: str,
    answers: Answers,
    plan: ClassPlan,
    tasks: list[AnswerTask],
) -> _Draft:
    """The row of one exercise: a task where there is one answer, else why there is none."""
    handed = answers.by_exercise.get(exercise.id, ())
    variant = exercise.variant
    if plan.variant_of is not None and entrant.student is not None:
        variant = plan.variant_of(exercise, entrant.student)
    if not handed:
        verdict = AnswerVerdict("missing", Fraction(0), None, "No answer to it was handed in.")
        return _Draft(shown, exercise.id, None, verdict)
    if len(handed) > 1:
        return _Draft(shown, exercise.id, None, unreadable(_several(handed)))
    match handed[0]:
        case NoAnswer() as no_answer:
            return _Draft(no_answer.shown, exercise.id, variant, unreadable(no_answer.said))
        case HandedAnswer() as answer:
            tasks.append(AnswerTask(exercise.id, variant, answer.place, answer.content))
            return _Draft(answer.shown, exercise.id, variant, len(tasks) - 1)


def _several(handed: Sequence[HandedAnswer | NoAnswer]) -> str:
    """Why none of several answers to one exercise is graded."""
    first = handed[0]
    if isinstance(first, NoAnswer) and all(part == first for part in handed):
        return first.said
    places = [part.place if isinstance(part, NoAnswer) else part.place_in_words for part in handed]
    more = f" and {len(places) - 3} more" if len(places) > 3 else ""
    listed = f"{', '.join(places[:3])}{more}" if more else joined(places)
    return f"It is answered {len(handed)} times: {listed}. Nothing says which counts."


def _line(
    entrant: Entrant, drafts: Sequence[_Draft], plan: ClassPlan, verdicts: Sequence[AnswerVerdict]
) -> StudentLine:
    factor, late = _lateness(entrant, plan.deadline)
    rows = []
    for draft in drafts:
        verdict = verdicts[draft.verdict] if isinstance(draft.verdict, int) else draft.verdict
        of = Fraction(0) if draft.slug is None else plan.points[draft.slug]
        points = None
        if verdict.score is not None and (factor is not None or not verdict.score):
            points = verdict.score * of * (factor or 0)
        rows.append(
            Row(
                file=draft.shown,
                student=None if entrant.student is None else visible(entrant.student),
                exercise=draft.slug,
                variant=draft.variant,
                status=verdict.status,
                score=verdict.score,
                points=points,
                of=of,
                diagnosis=None if verdict.diagnosis is None else visible(verdict.diagnosis),
                happened=visible_in_line(verdict.happened),
                late=late,
                advice=visible_in_line(verdict.advice),
            )
        )
    hand_in, enrolled = entrant.hand_in, entrant.enrolled
    return StudentLine(
        student=None if entrant.student is None else visible(entrant.student),
        name="" if enrolled is None else enrolled.name,
        hand_in="" if hand_in is None else hand_in.shown,
        submitted=_submitted(entrant),
        late=late,
        rows=tuple(rows),
    )


def _submitted(entrant: Entrant) -> datetime | None:
    """When it came: the list knows better than the platform."""
    if entrant.enrolled is not None and entrant.enrolled.submitted is not None:
        return entrant.enrolled.submitted
    return None if entrant.hand_in is None else entrant.hand_in.submitted


def _lateness(entrant: Entrant, deadline: Deadline | None) -> tuple[Fraction | None, str]:
    """What is left of the points, None where that is not known, and how late it came, in words."""
    if deadline is None or entrant.hand_in is None:
        return Fraction(1), ""
    enrolled, rule = entrant.enrolled, deadline.rule
    due = deadline.due if enrolled is None or enrolled.due is None else enrolled.due
    at = _submitted(entrant)
    if due is None:
        return Fraction(1), ""
    if at is None:
        return _unmeasured(entrant.hand_in.late, due, deadline)
    lateness = at - due
    if lateness <= timedelta():
        return Fraction(1), ""
    factor = rule.factor(lateness)
    return factor, f"{how_late(lateness)} late, counts {factor}"


def _unmeasured(
    late: bool | None, due: datetime, deadline: Deadline
) -> tuple[Fraction | None, str]:
    """The same where a platform says whether it was late, at most, by the class's due date.

    In time by that date is in time by a later one, and late by it is late by an earlier one.
    """
    if late is False and deadline.due is not None and due >= deadline.due:
        return Fraction(1), ""
    left = deadline.rule.unmeasured
    if late and left is not None and deadline.due is not None and due <= deadline.due:
        return left, f"late, counts {left}"
    return None, f"{NOBODY_KNOWS} {'how late it came' if late else 'when it came'}"
