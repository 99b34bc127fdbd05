"""Exercises and grades as Markdown: what a notebook shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exercises.course_list import Listed, by_part
from exercises.exercise import Exercise
from exercises.grading import Grade
from exercises.matrices import NamedMatrices
from exercises.reporting.prose import (
    blocks,
    choices,
    counted,
    findings,
    loading_call,
    unread,
)
from exercises.reporting.sentences import told
from exercises.reporting.text import MARKS, numbers
from handcalc.derivation import Claim
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views import latex, markdown
from handcalc.views.latex import LATEX
from handcalc.views.markdown import code, joined, listed, prose, table
from handcalc.views.notation import UNICODE


def exercise_markdown(exercise: Exercise) -> str:
    """The statement, what to type, and an example of it.

    >>> from exercises import load
    >>> exercise_markdown(load(1)).splitlines()[0]
    '### Exercise 1: Reconstruct one input perfectly'
    """
    given = ", ".join(f'{name}="{text}"' for name, text in exercise.example.items())
    example = f"exercises.grade(exercise, {given})"
    return joined(
        _title(exercise, exercise.title),
        *_prose(exercise.statement),
        *(
            f"**{heading}**\n\n{listed(map(prose, offered))}"
            for heading, offered in choices(exercise)
        ),
        "**How to answer**",
        *_prose(exercise.typing),
        "For example (this shows how to type, and is no solution):",
        code(example),
        _stuck(exercise),
    )


def grade_markdown(grade: Grade) -> str:
    """The verdict, the work behind it, what happened, and what to try."""
    parts = {"solved": _solved, "unreadable": _unreadable}.get(grade.status, _missed)
    return joined(*parts(grade))


def listing_markdown(course: Sequence[Listed]) -> str:
    """The course as a table for each part: position, state, title, id."""
    parts: list[str] = []
    for part, there in by_part(course).items():
        rows = ([str(one.position), one.state, prose(one.title), f"`{one.id}`"] for one in there)
        parts += [f"**{prose(part)}**"] if part is not None else []
        parts.append(table(["", "state", "title", "id"], rows))
    return joined(
        "**Exercises**",
        *parts,
        "To see or answer one: `exercises.load(1)`, or in a terminal `handcalc exercise 1`.",
    )


def _solved(grade: Grade) -> Iterator[str]:
    yield _title(grade.exercise, "solved")
    yield from _understood(grade)
    yield _claim(grade.feedback.happened)
    yield "**Why it works**"
    yield from _prose(grade.exercise.key().why)
    if grade.remarks:
        yield "**About your answer**"
        yield listed(map(_claim, grade.remarks))


def _missed(grade: Grade) -> Iterator[str]:
    yield _title(grade.exercise, f"not yet{counted(grade)}")
    if grade.work is not None:
        yield "Your answer as understood, worked through:"
        yield from _missing_b(grade)
        yield markdown.forward(grade.work)
    else:
        yield from _understood(grade)
    if found := findings(grade):
        yield "**What came out**"
        yield listed(f"**{MARKS[each.passed][0]}**: {_claim(each.message)}" for each in found)
    yield f"**What happened.** {_claim(grade.feedback.happened)}"
    if grade.feedback.advice is not None:
        yield f"**What to try.** {_claim(grade.feedback.advice)}"
    yield _stuck(grade.exercise)


def _unreadable(grade: Grade) -> Iterator[str]:
    """What was typed stands in code blocks only, so that it cannot be taken for Markdown."""
    yield _title(grade.exercise, unread(grade))
    if grade.error is not None:
        yield code(f"{grade.error.message}\n\n{grade.error.caret}".strip())
        if grade.error.suggestion:
            yield "**What to try.** Type this:"
            yield code(grade.error.suggestion)
        elif grade.answer.value is None:
            yield "**How to type it**"
            yield from _prose(grade.exercise.typing)


def _understood(grade: Grade) -> Iterator[str]:
    value = grade.answer.value
    if isinstance(value, ToyModel):
        yield "Your answer as understood:"
        yield from _missing_b(grade)
        yield markdown.model(value)
    elif isinstance(value, tuple):
        yield f"Your answer as understood: {prose(numbers(grade.exercise, value, UNICODE))}"
    elif isinstance(value, NamedMatrices):
        yield "Your answer as understood:"
        for name, rows in value.parts:
            yield markdown.displayed(latex.matrix(rows, name=_subscripted(name)))
    elif value is not None:
        yield f"Your answer as understood: {prose(f'{value.claim} {value.reason}'.rstrip())}"


def _subscripted(name: str) -> str:
    """W_OV as LaTeX writes it."""
    letter, _, below = name.partition("_")
    return f"{letter}_{{{below}}}".replace("_{}", "")


def _missing_b(grade: Grade) -> Iterator[str]:
    if "b" in grade.answer.typed and grade.answer.typed["b"] is None:
        yield "You gave no b, so b is all zeros."


def _stuck(exercise: Exercise) -> str:
    call = f"{loading_call(exercise)}.hint(1)"
    return f"Stuck? Type `{call}`; there are more, up to nearly everything."


def _title(exercise: Exercise, text: str) -> str:
    return f"### Exercise {exercise.position}: {prose(text)}"


def _claim(said: Claim) -> str:
    return told(Claim(prose(said.sentence), said.values), LATEX)


def _prose(text: str) -> Iterator[str]:
    for block in blocks(text, UNICODE):
        yield code(block.text) if block.is_formula else prose(block.text)
