"""Exercises and grades in the terminal, as rich renderables that fit 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from exercises.answers import read_listed
from exercises.checks import HasGeometry
from exercises.exercise import Exercise, IntervalAnswer
from exercises.grading import Grade
from exercises.matrices import NamedMatrices
from exercises.reporting.listing import paragraph_lines
from exercises.reporting.prose import (
    answer_options,
    blocks,
    choices,
    counted,
    findings,
    model_cells,
    said,
    unread,
)
from handcalc.inputs.arguments import Vector
from handcalc.superposition.model.geometry import geometry
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views import text as views
from handcalc.views.circuits import runs
from handcalc.views.circuits.blocks import Named
from handcalc.views.circuits.text import rendered
from handcalc.views.layout import INDENT, Paragraph, spaced, to_type
from handcalc.views.notation import PlainNotation


@dataclass(frozen=True, slots=True)
class _Choice:
    """A mark in bold, and behind it a text, all of whose lines stand below each other."""

    mark: str
    text: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        before = INDENT + cell_len(self.mark) + 1
        first, *rest = paragraph_lines(self.text, before, console, options)
        yield Text.assemble(" " * INDENT, (self.mark, "bold"), " ") + first[before:]
        yield from rest


_MOST_CHECKS = 3  # that are all told, in their order
_MOST_ALIKE = {None: 3, False: 3, True: 1}  # of more checks: of which more are counted
_NO_STEPS = "There are no steps to show here."
_SHORT_LINE = 78
_MOST_TYPED = 160  # characters of a model that is told as it is typed
MARKS = {True: ("right", "green"), False: ("wrong", "red"), None: ("open", "dim")}


def exercise_text(
    exercise: Exercise, notation: PlainNotation, carried: str | None = ""
) -> RenderableType:
    """The statement, what to type, and an example of it.

    ``carried`` is what commands carry on behind the number, as in " --student ada"; None at the
    prompt, where an answer is typed without a command.
    """
    if carried is None:
        texts = (f"{name} = {text}" for name, text in exercise.example.items())
        alone = len(exercise.example) == 1
        example = next(iter(exercise.example.values())) if alone else "   ".join(texts)
    else:
        given = answer_options(exercise, exercise.example)
        example = f"handcalc exercise {exercise.position}{carried} {given}"
    return spaced(
        views.heading(f"Exercise {exercise.position}: {notation.words(exercise.title)}", notation),
        *_prose(exercise.statement, notation),
        *_choices(exercise, notation),
        _section(
            "How to answer",
            spaced(*_prose(exercise.typing, notation)),
            *_example(example, is_command=carried is not None),
            *_stuck(exercise, carried),
        ),
    )


def grade_text(
    grade: Grade, notation: PlainNotation, carried: str | None = "", *, steps: bool = False
) -> RenderableType:
    """The verdict, what happened, what to try, and what the checks found.

    It fits the first screen of a terminal; with ``steps``, the work behind it stands there too.
    """
    if grade.status == "solved":
        return spaced(*_solved(grade, notation, steps, carried is None))
    if grade.status == "unreadable":
        return spaced(*_unreadable(grade, notation))
    if grade.status == "read":
        return spaced(*_read(grade, notation))
    return spaced(*_missed(grade, notation, steps), *_stuck(grade.exercise, carried))


def has_steps(grade: Grade) -> bool:
    """Whether there is work behind a grade: of a model, or of a sentence that a circuit fails."""
    return isinstance(grade.answer.value, ToyModel) or grade.run is not None


def steps_text(grade: Grade, notation: PlainNotation) -> RenderableType:
    """An answer worked through: the forward pass or the loss that decides, else its geometry.

    Of matrices in a circuit it is the sentence that decides, at its last position.
    """
    value = grade.answer.value
    if grade.run is not None:
        return rendered(runs.run(grade.run), notation)
    if grade.work is not None:
        return views.forward(grade.work, notation)
    if grade.loss is not None:
        return views.loss(grade.loss, notation)
    if isinstance(value, ToyModel):
        return views.geometry(geometry(value), notation)
    return Text(_NO_STEPS)


def hint_text(
    exercise: Exercise, number: int, notation: PlainNotation, carried: str | None = ""
) -> RenderableType:
    """One hint, counted from 1, and where the next help is."""
    hints = exercise.key().hints
    last = len(hints)
    which = f"{exercise.position}{carried}"
    more = [to_type(f"handcalc hint {which}", "There is another hint: ")]
    if number == last:
        more = [to_type(f"handcalc solution {which}", "That was the last hint. The solution: ")]
    if number > 1:
        more.append(to_type(f"handcalc hint {which} --level 1", "The first hint again: "))
    if carried is None:  # at the prompt, where a key does that
        more = [
            Text("h: the next hint." if number < last else "That was the last; s: the solution.")
        ]
    return spaced(
        views.heading(f"Exercise {exercise.position}, hint {number} of {last}", notation),
        *_prose(hints[number - 1], notation),
        Group(*more),
    )


def solution_text(exercise: Exercise, notation: PlainNotation) -> RenderableType:
    """Every route with its reasoning, and why it works."""
    routes: list[RenderableType] = []
    for number, solution in enumerate(exercise.key().solutions, 1):
        value = read_listed(exercise.answer, solution)
        routes.append(Text(f"Route {number}. {notation.words(solution.title)}", "bold"))
        if isinstance(value, ToyModel):
            cells = model_cells(solution.typed, value, notation)
            routes.append(views.model(value, notation, cells))
        elif isinstance(value, NamedMatrices):
            routes.append(_in_brackets(value, notation))
        else:
            routes.append(_formula(notation.words(solution.typed["answer"])))
        routes += _prose(solution.reasoning, notation)
    return spaced(
        views.heading(f"Exercise {exercise.position}: solution", notation),
        *routes,
        views.heading("Why it works", notation),
        *_prose(exercise.key().why, notation),
    )


def _stuck(exercise: Exercise, carried: str | None) -> Iterator[Text]:
    """Where help is, if there is any; at the prompt, whose keys say that themselves, nothing."""
    if carried is not None and exercise.hint_count:
        yield to_type(f"handcalc hint {exercise.position}{carried}", "Stuck? Type: ")


def _solved(
    grade: Grade, notation: PlainNotation, steps: bool, is_brief: bool
) -> Iterator[RenderableType]:
    yield views.heading(f"Exercise {grade.exercise.position}: solved", notation)
    if steps:
        yield from _worked_through(grade, notation)
    else:
        yield from (_understood_briefly if is_brief else _understood)(grade, notation)
    yield Paragraph(said(grade.feedback.happened, notation))
    yield views.heading("Why it works", notation)
    yield from _prose(grade.exercise.key().why, notation)
    if grade.remarks:
        yield views.heading("About your answer", notation)
        yield spaced(*(Paragraph(said(remark, notation)) for remark in grade.remarks))


def _missed(grade: Grade, notation: PlainNotation, steps: bool) -> Iterator[RenderableType]:
    yield views.heading(f"Exercise {grade.exercise.position}: not yet{counted(grade)}", notation)
    yield from _worked_through(grade, notation) if steps else _understood_briefly(grade, notation)
    yield _section("What happened", Paragraph(said(grade.feedback.happened, notation), INDENT))
    if grade.feedback.advice is not None:
        advice = blocks(said(grade.feedback.advice, notation), notation)
        yield _section("What to try", *(Paragraph(block.text, INDENT) for block in advice))
    found = [*_findings(grade, notation)]
    if found:
        yield _section("What came out", *found)


def _findings(grade: Grade, notation: PlainNotation) -> Iterator[RenderableType]:
    """What the checks found; of many checks the wrong ones first, and the others are counted."""
    news = findings(grade)
    groups = [[each for each in news if each.passed is mark] for mark in (None, False, True)]
    most = _MOST_ALIKE
    if len(grade.checks) <= _MOST_CHECKS:
        groups, most = [list(news)], dict.fromkeys(most, _MOST_CHECKS)
    for group in filter(None, groups):
        limit = most[group[0].passed]
        told = group if len(group) <= limit else group[: limit - 1]
        for outcome in told:
            mark, style = MARKS[outcome.passed]
            message = f": {said(outcome.message, notation)}"
            yield Paragraph(message, INDENT, lead=mark, style=style)
        if len(told) < len(group):
            mark, style = MARKS[group[0].passed]
            others = f": the {len(group) - len(told)} others."
            yield Paragraph(others, INDENT, lead=mark, style=style)


def _section(title: str, *parts: RenderableType) -> RenderableType:
    """Parts below a title without a line of its own: several of them fit a screen."""
    return Group(Text(title, "bold"), *parts)


def _read(grade: Grade, notation: PlainNotation) -> Iterator[RenderableType]:
    yield views.heading(f"Exercise {grade.exercise.position}: read, and not graded", notation)
    yield from _understood_briefly(grade, notation)
    yield Paragraph(said(grade.feedback.happened, notation))


def _unreadable(grade: Grade, notation: PlainNotation) -> Iterator[RenderableType]:
    heading = f"Exercise {grade.exercise.position}: {unread(grade)}"
    yield views.heading(heading, notation)
    yield Paragraph(said(grade.feedback.happened, notation))
    if grade.error is not None:
        if grade.error.caret:
            yield Text(f"Line {grade.error.row}, character {grade.error.column}:")
            line, below = grade.error.caret.split("\n")
            # the caret moves along where a letter before it takes another width
            before, after = (
                notation.words(part) for part in (line[: len(below) - 1], line[len(below) - 1 :])
            )
            yield _formula(f"{before}{after}\n{' ' * cell_len(before)}^")
        if grade.error.suggestion:
            yield Text("Type instead:")
            lines = notation.words(grade.error.suggestion).split("\n")
            yield Group(*(to_type(line, " " * INDENT) for line in lines))
        elif grade.answer.value is None:
            yield views.heading("How to answer", notation)
            yield from _prose(grade.exercise.typing, notation)
    yield Text("No attempt was used.")


def _understood(grade: Grade, notation: PlainNotation) -> Iterator[RenderableType]:
    value = grade.answer.value
    if isinstance(value, ToyModel):
        yield Text("Your answer as understood:")
        yield views.model(value, notation)
        yield from _missing_b(grade)
    elif isinstance(value, tuple):
        yield Text(f"Your answer as understood: {numbers(grade.exercise, value, notation)}")
    elif isinstance(value, NamedMatrices):
        yield from _matrices_understood(value, notation)
    elif value is not None:
        yield Text(f"Your answer as understood: {value.claim} {value.reason}".rstrip())


def _matrices_understood(value: NamedMatrices, notation: PlainNotation) -> Iterator[RenderableType]:
    """Matrices as they are typed, a line each; in columns where their numbers are long."""
    said = []
    for name, rows in value.parts:
        shown = "; ".join(" ".join(notation.number(cell) for cell in row) for row in rows)
        equals = notation.words(notation.equals(*(cell for row in rows for cell in row)))
        said.append(f"{name} {equals} {shown}")
    lead = "Your answer as understood:"
    is_short = all(cell_len(line) <= _MOST_TYPED for line in said)
    if is_short and len(said) == 1:
        yield Paragraph(f"{lead} {said[0]}")
    elif is_short:
        yield Group(Text(lead), *(Paragraph(line, INDENT) for line in said))
    else:
        yield Text(lead)
        yield _in_brackets(value, notation)


def _in_brackets(value: NamedMatrices, notation: PlainNotation) -> RenderableType:
    """Matrices by their names, whose rows are no features."""
    return rendered([Named(name, rows) for name, rows in value.parts], notation)


def _worked_through(grade: Grade, notation: PlainNotation) -> Iterator[RenderableType]:
    if not has_steps(grade):
        yield from _understood(grade, notation)
        yield Text(_NO_STEPS)
        return
    yield Text("Your answer as understood, worked through:")
    yield from _missing_b(grade)
    yield steps_text(grade, notation)


def _understood_briefly(grade: Grade, notation: PlainNotation) -> Iterator[RenderableType]:
    """A model as it is typed, on a line or two; in columns where its numbers are long."""
    value = grade.answer.value
    if not isinstance(value, ToyModel):
        yield from _understood(grade, notation)
        return
    rows = [[notation.number(cell) for cell in row] for row in value.W]
    b = [notation.number(each) for each in value.b]
    equals = notation.words(notation.equals(*(cell for row in value.W for cell in row)))
    line = f"Your answer as understood: W {equals} {'; '.join(map(' '.join, rows))}"
    columns: list[RenderableType] = [views.matrix(value.W, notation, "W")]
    missing: list[RenderableType] = []
    asked = grade.exercise
    if asked.edition_of or not isinstance(asked.key().check, HasGeometry):  # else b plays no part
        missing = [*_missing_b(grade)]
        columns.append(views.vector(value.b, notation, "b"))
        is_equal = notation.words(notation.equals(*value.b))
        line += "" if missing else f" and b {is_equal} ({', '.join(b)})"
    is_short = cell_len(line) <= _MOST_TYPED and not any(" " in cell for cell in sum(rows, b))
    yield Group(*([Paragraph(line)] if is_short else columns), *missing)


def _missing_b(grade: Grade) -> Iterator[RenderableType]:
    if "b" in grade.answer.typed and grade.answer.typed["b"] is None:
        yield Text("You gave no b, so b is all zeros.")


def _example(example: str, *, is_command: bool) -> Iterator[Text]:
    """How an answer is typed: a command on a line of its own, anything shorter in the line."""
    lead = "For example (this shows how to type, and is no solution):"
    if is_command or len(lead) + len(example) > _SHORT_LINE:
        yield Text(lead)
        yield to_type(example, " " * INDENT, "bold")
    else:
        yield to_type(example, f"{lead} ", "bold")


def _choices(exercise: Exercise, notation: PlainNotation) -> Iterator[RenderableType]:
    for title, listed in choices(exercise):
        marked = (line.partition(" ") for line in listed)
        yield _section(title, *(_Choice(mark, notation.words(text)) for mark, _, text in marked))


def numbers(exercise: Exercise, value: Vector, notation: PlainNotation) -> str:
    """The numbers of an answer under their name."""
    shown = [notation.number(each) for each in value]
    name = notation.words(getattr(exercise.answer, "name", ""))
    equals = notation.words(notation.equals(*value))  # ≈ where digits that were typed are left out
    if isinstance(exercise.answer, IntervalAnswer):
        return f"{name} from {shown[0]} to {shown[1]}"
    return f"{name} {equals} " + (shown[0] if len(shown) == 1 else f"({', '.join(shown)})")


def _prose(text: str, notation: PlainNotation) -> Iterator[RenderableType]:
    for block in blocks(text, notation):
        yield _formula(block.text) if block.is_formula else Paragraph(block.text)


def _formula(lines: str) -> Text:
    """Lines that stand as they are, indented; a command, which is to be copied, at any width."""
    shown = Text("\n".join(" " * INDENT + line for line in lines.split("\n")))
    if lines.startswith("handcalc "):
        shown.no_wrap, shown.overflow = True, "ignore"
    return shown
