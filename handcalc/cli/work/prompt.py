"""The prompt of an exercise: a place to stay until it is solved, and to go on from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import wrap
from typing import Any

from rich.text import Text

from exercises import Exercise, reporting
from exercises.course import variant_draw
from exercises.exercise import ChoiceAnswer, MatricesAnswer, ModelAnswer
from exercises.feedback.part_to_change import part_to_change
from handcalc.cli.report import CommandError, Exit, Report, ReportedError, Session
from handcalc.cli.terminal import line_history
from handcalc.cli.typed_text import Given
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.layout import Paragraph, columns, to_type
from handcalc.views.picture import is_drawn_unasked
from handcalc.views.text import drawing

from .answers import AnswerOptions, TypedAnswer
from .asking import ToAsk, ask_for_answer
from .course import CourseContext, course_context
from .keys import KEYS, OF_A_MODEL, command_in, key_in
from .practice import (
    DONE,
    Graded,
    all_solved,
    give_hint,
    grade_answer,
    graded,
    refuse_drawing,
    show_exercise,
    show_solution,
    watch_answer,
)
from .screenful import Screenful

_HISTORY = "answers.history"  # in the state folder
_NO_BREAK = "\u00a0"
_LONG = 4  # rows in all, from which on a file is easier to type
_BELOW = 3  # lines below a grade: a gap, the keys, and the next line to type
_SEEDS = 1000  # students among whom one with other numbers is looked for


@dataclass(frozen=True, slots=True)
class Place:
    """An exercise, in the course with the options that led to it."""

    found: Exercise
    course: CourseContext
    where: Mapping[str, Any]
    back: Place | None = None  # where other numbers were asked for: what is next is next there


class Moved(BaseException):
    """A command at the prompt that the prompt follows, with the answer that was typed in it.

    It is no Exception: whatever reports failures lets it pass. Without a place it leads out;
    ``is_shown`` says that the exercise is on the screen already.
    """

    def __init__(
        self,
        to: Place | None,
        typed: TypedAnswer | None = None,
        *,
        steps: bool = False,
        drawn: Mapping[str, Any] | None = None,
        is_shown: bool = False,
    ) -> None:
        super().__init__()
        self.to, self.typed, self.steps, self.drawn = to, typed, steps, drawn
        self.is_shown = is_shown or typed is not None


def exercise(  # noqa: PLR0913 - the options of the command
    session: Session,
    /,
    *,
    which: str,
    W: Given | None,
    b: Given | None,
    answer: Given | None,
    file: Given | None,
    watch: str | None,
    steps: bool,
    draw: bool,
    svg: Path | None,
    **where: Any,
) -> Report:
    """An exercise, or the grade of an answer to it."""
    course = course_context(**where)
    found = course.exercise(which)
    given = AnswerOptions.of(W, b, answer, file)
    drawn = {"draw": draw, "svg": svg}
    if draw or svg is not None:
        refuse_drawing(found, svg, has_answer=given.given or watch is not None)
    if watch is not None:
        if given.given:
            message = "With --watch, the answer comes from its FILE alone."
            raise CommandError(ReportedError("usage", message))
        return watch_answer(session, watch, found, course, steps, drawn)
    typed = given.answer(found)
    place = Place(found, course, where)
    if session.carried is not None:
        raise Moved(place, typed, steps=steps, drawn=drawn)
    if typed is not None:
        return grade_answer(found, typed, course, steps, drawn)
    return stay(session, place, steps) if session.may_ask else show_exercise(found, course)


def next_exercise(session: Session, /, **where: Any) -> Report:
    """The first exercise that is not solved."""
    course = course_context(**where)
    slug = course.unsolved()
    if slug is None:
        return all_solved(course)
    course.store.open(slug)
    place = Place(course.exercise(slug), course, where)
    if session.carried is not None:
        raise Moved(place)
    return stay(session, place) if session.may_ask else show_exercise(place.found, course)


def stay(session: Session, place: Place, steps: bool = False) -> Report:
    """Ask for an answer, again until it is solved, and go on to others until the person leaves."""
    folder = place.course.store.folder
    moved = Moved(place, steps=steps)
    with line_history(None if folder is None else folder / _HISTORY) as remember:
        last = _Sitting(session, place, remember)
        while moved.to is not None:
            if not last.is_at(moved.to):
                session.terminal.show("")
                last = _Sitting(session, moved.to, remember)
            try:
                last.run(moved)
            except Moved as other:
                moved = other
            except KeyboardInterrupt:
                session.terminal.show("", last.farewell())
                raise
    return replace(last.outcome(), text=lambda _: last.farewell())


@dataclass(slots=True)
class _Sitting:
    """One exercise at the prompt: what was typed last, and what came of it."""

    session: Session
    place: Place
    remember: Callable[[str], None]
    verdict: Graded | None = None
    before: Mapping[str, str] = field(default_factory=dict)
    only: str | int | None = None

    @property
    def found(self) -> Exercise:
        """The exercise."""
        return self.place.found

    def is_at(self, place: Place) -> bool:
        """Whether this is the exercise, with the same numbers."""
        same = place.found == self.found and place.found.folder == self.found.folder
        return same and place.course.carried == self.place.course.carried

    def run(self, moved: Moved) -> None:
        """Show the exercise, ask until it is solved, and then ask what is next."""
        typed = moved.typed
        if not moved.is_shown:
            self._introduce()
        while True:
            if typed is None:
                typed = ask_for_answer(
                    self.found, self.session.terminal, self._listen, ToAsk(self.only, self.before)
                )
                self._show("")
                if self.verdict is not None and _texts(typed) == self.before:
                    self._show("That is the answer from before: change it, or type a key.", "")
                    typed = None
                    continue
            self._grade(typed, moved)
            typed = moved.drawn = None  # a drawing is asked for once
            if self._is_solved:
                self._go_on()

    # -- what is shown ----------------------------------------------------------------------------

    def _show(self, *parts: Any) -> None:
        self.session.terminal.show(*parts)

    def _introduce(self) -> None:
        terminal = self.session.terminal
        self._show(reporting.exercise_text(self.found, terminal.notation, None), "")
        asked, rows = self.found.answer, 0
        if isinstance(asked, ModelAnswer):
            rows = asked.features
        elif isinstance(asked, MatricesAnswer):
            rows = sum(matrix.rows for matrix in asked.matrices)
        if rows >= _LONG:
            again = f"handcalc exercise {self._which} --watch=answer.txt"
            self._show(to_type(again, "Long to type? Saved in a file, it is graded: "))
        self._show_keys()

    def _grade(self, typed: TypedAnswer, moved: Moved) -> None:
        terminal = self.session.terminal
        found = graded(self.found, typed, self.place.course)
        report = found.report(
            self.place.course, steps=moved.steps, drawn=moved.drawn, at_prompt=True
        )
        for warning in report.warnings:
            terminal.complain(terminal.plain(f"Note: {warning}"))
        self.before = _texts(typed)
        if report.status != "unreadable":
            self.verdict = found
        value = found.grade.answer.value
        page = report.text(terminal)
        if isinstance(value, ToyModel) and is_drawn_unasked(value) and not self._is_solved:
            page = Screenful(page, value, terminal.notation, terminal.height - _BELOW)
        self._show(page, "")
        if self._is_solved:
            return
        self.only = None
        if isinstance(value, ToyModel):
            self.only = part_to_change(self.found, value, found.grade.feedback)
        self._show_keys()

    @property
    def _is_solved(self) -> bool:
        return self.verdict is not None and self.verdict.grade.status in DONE

    @property
    def _which(self) -> str:
        return f"{self.found.position}{self.place.course.carried}"

    def _show_keys(self) -> None:
        lead, keys = ("Try again", "hwdsnq?") if self.before else ("Type your answer", "hsnq?")
        if self.verdict is not None and not reporting.has_steps(self.verdict.grade):
            keys = keys.replace("w", "")
        named = "  ".join(f"{key}{_NO_BREAK}{KEYS[key][0]}" for key in keys if self._has(key))
        self._show(Paragraph(f"{lead}, or: {named}"))

    def _has(self, key: str) -> bool:
        """Whether a key is one here: where a letter is an answer, the word alone is."""
        asked = self.found.answer
        letters = asked.letters if isinstance(asked, ChoiceAnswer) else ()
        if key in letters or (self.found.edition_of and key in "hs"):  # an edition has no help
            return False
        with_steps = key == "w" and isinstance(asked, MatricesAnswer)
        return with_steps or isinstance(asked, ModelAnswer) or key not in OF_A_MODEL

    def farewell(self) -> Text:
        """How to come back."""
        if self.verdict is None or not self._is_solved:
            nothing = "No answer, nothing changed. " if self.verdict is None else ""
            return to_type(f"handcalc exercise {self._which}", f"{nothing}Come back with: ")
        course = (self.place.back or self.place).course
        if course.store.folder is None or course.unsolved() is None:
            return Text("")
        return to_type(f"handcalc next{course.carried}", "The next exercise: ")

    def outcome(self) -> Report:
        """The verdict on the last answer, if there was one."""
        if self.verdict is None:
            return Report(data=dict, text=lambda _: "", status="shown")
        status = self.verdict.grade.status
        code = Exit.DONE if status in DONE else Exit.NOT_SOLVED
        return Report(data=dict, text=lambda _: "", status=status, exit_code=code)

    # -- what is typed ----------------------------------------------------------------------------

    def _listen(self, prompt: str, given: str, lead: str, meant: Callable[[str], str]) -> str:
        """A line that is no key and no command: those are done, and the line is asked for again."""
        while True:
            line = self._line(prompt, given, lead)
            # a key is typed behind what stands in the line
            if not (self._heeds(line) or (given and self._heeds(line.removeprefix(given)))):
                if line.strip():
                    self.remember(meant(line))
                return meant(line)
            if not line.strip().endswith("?"):
                self._show_keys()

    def _line(self, prompt: str, given: str = "", lead: str = "") -> str:
        terminal = self.session.terminal
        *above, shown = wrap(prompt, max(terminal.width - 1, 20)) or [""]
        if above:  # a terminal would break a long prompt within a word
            self._show(*above)
        line = terminal.ask(terminal.plain(f"{shown} " if shown else ""), given, lead)
        if line is None:
            raise Moved(None)
        return line

    def _heeds(self, line: str) -> bool:
        """Whether a line is a key or a command; then it is done."""
        words = command_in(line)
        if words is not None:
            self.remember(line)
            self._run_command(words)
            return True
        key = key_in(line)
        is_letter = isinstance(self.found.answer, ChoiceAnswer) and not self._has(key or "")
        if key is None or (is_letter and len(line.strip()) == 1):
            return False
        self._press(key)
        return True

    def _press(self, key: str) -> None:
        course, terminal = self.place.course, self.session.terminal
        if key == "q":
            raise Moved(None)
        if key == "n":
            self._next()
        elif key == "all":
            self.only = None
            raise Moved(self.place, is_shown=True)
        elif key == "?":
            rows = [[each, *KEYS[each]] for each in KEYS if self._has(each)]
            if self._is_solved and self.found.variants > 1:
                rows.insert(0, ["a", "again", "the same with other numbers"])
            rows.append(["", "handcalc …", "any command, pasted as it stands, with handcalc first"])
            said = (
                "An empty line asks again. Ctrl-U empties a line; the arrows up and down bring back"
            )
            self._show(columns(rows, terminal.width), f"{said} what was typed.")
        elif key == "h":
            self._show(give_hint(self.found, course, at_prompt=True).text(terminal))
        elif key == "s":
            self._show(show_solution(self.session, self.found, course).text(terminal))
        else:
            self._look(key)
        self._show("")

    def _look(self, key: str) -> None:
        """The last answer worked through, or drawn."""
        what = "be drawn" if key == "d" else "work through"
        if not self._has(key):
            self._show(f"The answer here is no model: there is nothing to {what}.")
            return
        if self.verdict is None:
            self._show(f"There is no answer yet to {what}: type one first.")
            return
        grade, notation = self.verdict.grade, self.session.terminal.notation
        value = grade.answer.value
        if key == "d" and isinstance(value, ToyModel):
            self._show(drawing(value, notation))
        else:
            self._show(reporting.steps_text(grade, notation))

    def _next(self) -> None:
        """Go to the next exercise that is not solved."""
        place = self.place.back or self.place
        slug = place.course.following(self.found)
        if slug is None:
            self._show("There is no other exercise that is not solved.")
            return
        place.course.store.open(slug)
        raise Moved(Place(place.course.exercise(slug), place.course, place.where))

    def _run_command(self, words: list[str]) -> None:
        """A pasted command, with the options with which the prompt was opened where it has none."""
        named = {word.partition("=")[0] for word in words}
        left_out = {"student", "seed"} if named & {"--student", "--seed"} else set[str]()
        where = {n: value for n, value in self.place.where.items() if value and n not in left_out}
        self.session.at_prompt({**where, "which": self.found.id}).run(words)
        self._show("")

    def _go_on(self) -> None:
        """Solved: the next exercise, other numbers, or out."""
        following = self.place.course.following(self.found)
        keys = ["n next exercise"] if following is not None else []
        keys += ["a the same with other numbers"] if self.found.variants > 1 else []
        prompt = f"{', '.join([*keys, 'q leave', '? keys'])}: "
        while True:
            line = self._line(prompt)
            if line.strip().lower() in ("a", "again", "numbers") and self.found.variants > 1:
                self._with_other_numbers()
            if not self._heeds(line):
                letters = ", ".join(key[0] for key in [*keys, "q"])
                self._show(f"Type {letters}, or ? for the keys.")

    def _with_other_numbers(self) -> None:
        """The same exercise with its next set of numbers, as a seed draws them for somebody."""
        found, where = self.found, {**self.place.where, "student": None}
        wanted, drawn = found.variant % found.variants + 1, variant_draw(found.folder)
        for seed in range(1, _SEEDS):
            if drawn(found, f"seed {seed}") == wanted:
                where["seed"] = seed
                course = course_context(**where)
                raise Moved(
                    Place(course.exercise(found.id), course, where, self.place.back or self.place)
                )


def _texts(typed: TypedAnswer) -> dict[str, str]:
    return {name: given.text for name, given in typed.parts.items()}
