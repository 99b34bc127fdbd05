"""Exercises and grades as Markdown: what a notebook shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from rich.console import Console

from exercises.course_list import Listed
from exercises.grading import Grade
from exercises.reporting.prose import blocks, choices, counted, unread
from exercises.reporting.text import listing_text
from exercises.specification import Exercise
from handcalc.derivation import Claim
from handcalc.views import markdown
from handcalc.views.latex import LATEX
from handcalc.views.plain import UNICODE

__all__ = ["exercise_markdown", "grade_markdown", "listing_markdown", "listing_plain"]


def exercise_markdown(exercise: Exercise) -> str:
    """The statement, what to type, and an example of it.

    >>> from exercises import load
    >>> exercise_markdown(load(1)).splitlines()[0]
    '### Exercise 1: Reconstruct one input perfectly'
    """
    given = ", ".join(f'{name}="{text}"' for name, text in exercise.example.items())
    example = f"exercises.grade(exercise, {given})"
    return _joined(
        _title(exercise, exercise.title),
        *_prose(exercise.statement),
        *_choices(exercise),
        "**How to answer**",
        *_prose(exercise.typing),
        "For example (this shows how to type, and is no solution):",
        _verbatim(example),
    )


def _choices(exercise: Exercise) -> Iterator[str]:
    for heading, listed in choices(exercise):
        yield f"**{heading}**"
        yield "\n".join(f"- {line}" for line in listed)


def grade_markdown(grade: Grade) -> str:
    """The verdict, the work behind it, what happened, and what to try."""
    parts = {"solved": _solved, "unreadable": _unreadable}.get(grade.status, _missed)
    return _joined(*parts(grade))


def listing_markdown(listed: Sequence[Listed]) -> str:
    """The course as a table: position, state, title, id."""
    rows = (f"| {one.position} | {one.state} | {one.title} | `{one.id}` |" for one in listed)
    return "\n".join(["| | state | title | id |", "|--:|---|---|---|", *rows])


def listing_plain(listed: Sequence[Listed]) -> str:
    """The course as the terminal lists it, 80 columns wide."""
    file = StringIO()
    console = Console(file=file, width=80, color_system=None, force_jupyter=False, markup=False)
    console.print(listing_text(listed, UNICODE))
    return file.getvalue().rstrip("\n")


def _solved(grade: Grade) -> Iterator[str]:
    yield _title(grade.exercise, "solved")
    yield from _work(grade)
    yield LATEX.claim(grade.feedback.happened)
    yield "**Why it works**"
    yield from _prose(grade.exercise.key().why)
    if grade.remarks:
        yield "**About your answer**"
        yield _list(grade.remarks)


def _missed(grade: Grade) -> Iterator[str]:
    yield _title(grade.exercise, f"not yet{counted(grade)}")
    yield from _work(grade)
    yield _list(outcome.message for outcome in grade.checks)
    yield f"**What happened.** {LATEX.claim(grade.feedback.happened)}"
    if grade.feedback.advice is not None:
        yield f"**What to try.** {LATEX.claim(grade.feedback.advice)}"


def _unreadable(grade: Grade) -> Iterator[str]:
    """What was typed stands in code blocks only, so that it cannot be taken for Markdown."""
    yield _title(grade.exercise, unread(grade))
    if grade.error is not None:
        yield _verbatim(f"{grade.error.message}\n\n{grade.error.caret}".strip())
        if grade.error.suggestion:
            yield "**What to try.** Type this:"
            yield _verbatim(grade.error.suggestion)
        elif grade.answer.value is None:
            yield "**How to type it**"
            yield from _prose(grade.exercise.typing)


def _work(grade: Grade) -> Iterator[str]:
    if "b" in grade.answer.typed and grade.answer.typed["b"] is None:
        yield "You gave no b, so b is all zeros."
    if grade.work is not None:
        yield markdown.of(grade.work)


def _title(exercise: Exercise, text: str) -> str:
    return f"### Exercise {exercise.position}: {text}"


def _prose(text: str) -> Iterator[str]:
    for block in blocks(text, UNICODE):
        yield _verbatim(block.text) if block.is_formula else block.text


def _verbatim(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _list(claims: Iterable[Claim]) -> str:
    return "\n".join(f"- {LATEX.claim(claim)}" for claim in claims)


def _joined(*parts: str) -> str:
    return "\n\n".join(parts)
