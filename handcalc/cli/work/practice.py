"""One exercise at a time: shown, asked, graded, watched; and what comes next.

What was done is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from exercises import Exercise, Grade, reporting
from exercises.course_list import listed
from exercises.exercise import ModelAnswer
from exercises.reporting import notebook
from exercises.reporting.prose import answer_options
from exercises.sealed import NOT_HERE
from handcalc.cli.failures import of_input, report_problem
from handcalc.cli.report import CommandError, Exit, Report, ReportedError, Session
from handcalc.cli.shell_words import how_to_quote
from handcalc.cli.terminal import Terminal, waits_in_pipe
from handcalc.cli.typed_text import Given, read_file
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views import picture
from handcalc.views.layout import Paragraph, spaced, to_type
from handcalc.wording import option_words

from .answers import TypedAnswer, answer_in
from .course import CourseContext, course_context
from .outputs import Drawing, Output
from .where_next import where_next

_PAUSE = 0.3  # seconds between two looks at the file
_MISSING = "missing_file"
_PIPED = "Something came through standard input, and was not read. To have it graded:"
_CUT = (
    "One row of W arrived. If you typed more, they stood behind a ; without quotes, where a shell "
    "ends the command."
)
DONE = ("solved", "read")
"""What is said of an answer that needs no other: in a student edition, that it is read."""
_EXIT = {"solved": Exit.DONE, "read": Exit.DONE, "unreadable": Exit.UNREADABLE}


def exercises(**where: Any) -> Report:
    """All exercises, and which are solved."""
    place = course_context(**where)
    done = place.store.read()
    known = listed(place.exercises(), done.records)
    return Report(
        data=lambda: reporting.listing_data(known),
        text=lambda terminal: reporting.listing_text(known, terminal.notation, place.carried),
        warnings=done.warnings,
    )


def all_solved(place: CourseContext) -> Report:
    """What is said where no exercise is left to be solved."""
    nothing = {"position": None, "id": None, "title": None}
    again = f"handcalc exercise 1{place.carried}"
    said = f"Every exercise is {place.done_word}. Look at one again: "
    return Report(
        data=lambda: nothing,
        text=lambda terminal: spaced(to_type(again, said), *where_next(terminal, place.folder)),
    )


def hint(which: str, level: int | None, **where: Any) -> Report:
    """The next hint of an exercise, or the one of a level."""
    place = course_context(**where)
    return give_hint(place.exercise(which), place, level)


def give_hint(
    found: Exercise, place: CourseContext, level: int | None = None, *, at_prompt: bool = False
) -> Report:
    """The next hint of an exercise, or the one of a level; that it was seen is kept."""
    if found.edition_of:
        return _NOTHING
    last = found.hint_count
    if level is not None and level > last:
        raise CommandError(
            ReportedError("usage", f"Exercise {found.position} has {last} hints, not {level}.")
        )
    number = level or min(place.store.read().of(found.id).hints + 1, last)
    done = place.store.hint(found.id, number)
    carried = None if at_prompt else place.carried
    return Report(
        data=lambda: reporting.hint_data(found, number),
        markdown=lambda: notebook.hint_markdown(found, number),
        text=lambda terminal: reporting.hint_text(found, number, terminal.notation, carried),
        warnings=done.warnings,
    )


def solution(session: Session, /, which: str, yes: bool, **where: Any) -> Report:
    """The solution of an exercise; a person who has not solved it is asked first."""
    place = course_context(**where)
    return show_solution(session, place.exercise(which), place, yes)


def show_solution(
    session: Session, found: Exercise, place: CourseContext, yes: bool = False
) -> Report:
    """The solution, and that it was seen is kept; asked first, as said."""
    if found.edition_of:
        return _NOTHING
    before = place.store.read().of(found.id)
    question = f"Exercise {found.position} is not solved yet. Show its solution?"
    is_open = not (before.solved or before.solution or yes)
    if is_open and not session.confirms(question):
        return Report(data=dict, text=lambda _: "The solution stays hidden.")
    if is_open and not (session.json or session.may_ask):
        session.terminal.complain(
            f"This shows the answer to exercise {found.position}, not solved yet."
        )
    done = place.store.solution(found.id)
    return Report(
        data=lambda: reporting.solution_data(found),
        markdown=lambda: notebook.solution_markdown(found),
        text=lambda terminal: reporting.solution_text(found, terminal.notation),
        warnings=done.warnings,
    )


def show_exercise(found: Exercise, place: CourseContext) -> Report:
    """An exercise that nobody is asked for; an answer that waits in a pipe is not taken unasked."""
    again = f"handcalc exercise {found.position}{place.carried}"
    ways = {"": f"{again} --answer=-"}
    if "W" in found.example:
        ways = {"W alone: ": f"{again} --W=-", "W = … and b = …: ": f"{again} --file=-"}

    def page(terminal: Terminal) -> RenderableType:
        text = reporting.exercise_text(found, terminal.notation, place.carried)
        lines = (to_type(way, lead) for lead, way in ways.items())
        return spaced(text, Group(_PIPED, *lines)) if is_piped else text

    is_piped = waits_in_pipe()
    return Report(
        data=lambda: {
            **reporting.exercise_data(found),
            **({"notes": [f"{_PIPED} {'; '.join(ways.values())}"]} if is_piped else {}),
        },
        markdown=lambda: notebook.statement_markdown(found),
        text=page,
        status="shown",
    )


def grade_answer(
    found: Exercise,
    answer: TypedAnswer,
    place: CourseContext,
    steps: bool = False,
    drawn: Mapping[str, Any] | None = None,
) -> Report:
    """Grade an answer, and keep that it was given; with ``steps``, it is worked through too.

    ``drawn`` are --draw and --svg, as ``Drawing.of`` takes them.
    """
    return graded(found, answer, place).report(place, steps=steps, drawn=drawn)


_NOTHING = report_problem(ReportedError("student_edition", NOT_HERE), Exit.USAGE)
"""What a hint and a solution are in a student edition."""


def graded(found: Exercise, answer: TypedAnswer, place: CourseContext) -> Graded:
    """The grade of an answer, and that it was given is kept."""
    verdict = answer.grade(found)
    return Graded(verdict, answer, place.store.attempt(found.id, verdict.status).warnings)


@dataclass(frozen=True, slots=True)
class Graded:
    """An answer with its grade, and what went wrong in keeping it."""

    grade: Grade
    answer: TypedAnswer
    warnings: tuple[str, ...]

    def report(
        self,
        place: CourseContext,
        *,
        steps: bool = False,
        drawn: Mapping[str, Any] | None = None,
        at_prompt: bool = False,
    ) -> Report:
        """What a command says of it; ``at_prompt``, where keys lead on, no command is named."""
        error, model = self.grade.error, self.grade.answer.value
        report = Report(
            data=lambda: reporting.grade_data(self.grade),
            markdown=lambda: notebook.verdict_markdown(self.grade),
            text=lambda terminal: self._page(terminal, place, steps, at_prompt),
            status=self.grade.status,
            exit_code=_EXIT.get(self.grade.status, Exit.NOT_SOLVED),
            problem=of_input(error, self.answer.where(self.grade.answer.where)) if error else None,
            warnings=self.warnings,
        )
        if drawn is None or not isinstance(model, ToyModel):
            return report
        return Drawing.of(model, **drawn).added_to(report)

    def _page(
        self, terminal: Terminal, place: CourseContext, steps: bool, at_prompt: bool
    ) -> RenderableType:
        shown = self.answer.mended(self.grade, place.carried)
        carried = None if at_prompt else place.carried
        text = reporting.grade_text(shown, terminal.notation, carried, steps=steps)
        if (came := self.answer.cut_off(self.grade)) is not None:
            quotes = Text(how_to_quote("--W", f"{came}; …").strip(), no_wrap=True)
            return spaced(text, Paragraph(_CUT), quotes)
        is_missed = self.grade.status in ("wrong", "partial")
        is_model = isinstance(self.grade.answer.value, ToyModel)
        if is_missed and is_model and not (steps or at_prompt):
            return Group(text, "Every step of it: the same command with --steps.")
        if self.grade.status not in DONE or place.store.folder is None:
            return text
        if place.unsolved() is None:
            done = f"That was the last: every exercise of the course is {place.done_word}."
            return spaced(text, done, *where_next(terminal, place.folder))
        part = place.finished_part(self.grade.exercise)
        if part is not None:
            done = f"That was the last of the part {part}: every exercise of it is "
            done += f"{place.done_word}."
            text = spaced(text, Paragraph(terminal.plain(done)))
        if at_prompt:
            return text
        return spaced(text, to_type(f"handcalc next{place.carried}", "The next exercise: "))


# --------------------------------------------------------------------------------------------------
# An answer in a file that is graded again whenever it changes: ``exercise ID --watch FILE``.


def refuse_drawing(found: Exercise, svg: Path | None, *, has_answer: bool) -> None:
    """Refuse ``--draw`` and ``--svg`` where there is no model, or no file, to come."""
    option, asked = "--draw" if svg is None else "--svg", found.answer
    if not isinstance(asked, ModelAnswer):
        message = f"{option} draws a model, and exercise {found.position} asks for none."
        raise CommandError(ReportedError("usage", message))
    if not has_answer:
        example = answer_options(found, found.example)
        message = f"{option} needs an answer to draw: give it with --W, --file or --watch."
        drawn = option if svg is None else option_words(option, str(svg))
        again = f"handcalc exercise {found.position} {example} {drawn}"
        raise CommandError(ReportedError("usage", message, suggestion=again))
    if svg is not None:
        if asked.dimensions > picture.MOST_DIMENSIONS:
            message = f"--svg: {picture.why_not_drawn(asked.dimensions)}"
            raise CommandError(ReportedError("not_drawn", message))
        Output.at("--svg", svg).refuse_early()


def watch_answer(
    session: Session,
    file: str,
    found: Exercise,
    place: CourseContext,
    steps: bool,
    drawn: Mapping[str, Any],
) -> Report:
    """Show an exercise, and grade the answer in a file until it is right."""

    def verdict(text: str) -> Report:
        typed = answer_in(Given(text, f"--watch={file}"), found)
        return grade_answer(found, typed, place, steps, drawn)

    introduction = reporting.exercise_text(found, session.terminal.notation, place.carried)
    return watch_file(session, file, introduction, verdict)


def watch_file(
    session: Session,
    file: str,
    introduction: RenderableType,
    verdict: Callable[[str], Report],
    what: str = "answer",
) -> Report:
    """Grade the file until it is right; Ctrl-C ends it sooner.

    ``verdict`` grades its text, which holds a person's ``what``. Every other verdict is shown on
    the way, and the last one is the report. A file that is not there yet, or that cannot be read,
    is said and uses no attempt.
    """
    if not file.strip():
        raise CommandError(ReportedError(_MISSING, "--watch needs a file name."))
    if session.json:
        message = "--watch shows every verdict, and --json prints one object: grade the file once."
        raise CommandError(
            ReportedError("usage", message, suggestion=f"{option_words('--file', file)} --json")
        )
    terminal = session.terminal
    name = terminal.plain(file)
    terminal.show(
        introduction, "", f"Watching {name}: save your {what} there. Stop with Ctrl-C.", ""
    )
    for content in _contents(file):
        try:
            if isinstance(content, CommandError):
                raise content
            report = verdict(content)
        except CommandError as refusal:
            report = report_problem(refusal.problem, refusal.exit_code)
        if report.status in DONE:
            return report
        # all of a verdict on the way goes to standard output, where the learner looks
        for warning in report.warnings:
            terminal.complain(terminal.plain(f"Note: {warning}"))
        terminal.show(report.text(terminal))
        terminal.show("", f"Watching {name}: change it, or stop with Ctrl-C.", "")
    raise AssertionError  # a watched file never ends


def _contents(file: str) -> Iterator[str | CommandError]:
    """What the file holds, each time that it has changed and then stood still for one pause."""
    before = _content(file)
    gone = isinstance(before, CommandError) and before.problem.code == _MISSING
    last = before if gone else None  # a file that is still to be written is no news
    while True:
        sleep(_PAUSE)
        now = _content(file)
        if _same(now, before) and not _same(now, last):
            last = now
            yield now
        before = now


def _content(file: str) -> str | CommandError:
    try:
        return read_file(file, "--watch")
    except CommandError as refusal:
        return refusal


def _same(one: str | CommandError | None, other: str | CommandError | None) -> bool:
    if isinstance(one, CommandError) and isinstance(other, CommandError):
        return one.problem == other.problem
    return one == other
