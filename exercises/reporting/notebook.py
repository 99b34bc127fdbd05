"""Exercises and grades as Markdown: what a notebook shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from exercises.answers import read_listed
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


def exercise_markdown(exercise: Exercise, call: str | None = None) -> str:
    """The statement, what to type, and an example of it: a ``call``, or one of ``grade``.

    >>> from exercises import load
    >>> exercise_markdown(load(1)).splitlines()[0]
    '### Exercise 1: Reconstruct one input perfectly'
    """
    given = ", ".join(f'{name}="{text}"' for name, text in exercise.example.items())
    example = call or f"exercises.grade(exercise, {given})"
    return joined(
        _title(exercise, exercise.title),
        *_prose(exercise.statement),
        *(
            f"**{heading}**\n\n{listed(map(prose, offered))}"
            for heading, offered in choices(exercise)
        ),
        *_how_to_answer(exercise),
        "For example (this shows how to type, and is no solution):",
        code(example),
        *_stuck(exercise),
    )


def statement_markdown(exercise: Exercise) -> str:
    """The statement and how to answer, for a page that has a form: what can be chosen stands there.

    >>> from exercises import load
    >>> "How to answer" in statement_markdown(load(1))
    True
    """
    return joined(*_prose(exercise.statement), *_how_to_answer(exercise))


def grade_markdown(grade: Grade) -> str:
    """The verdict, the work behind it, what happened, what to try, and where there is help."""
    return joined(*_PARTS.get(grade.status, _missed)(grade))


def verdict_markdown(grade: Grade) -> str:
    """The same for a page that has buttons for help: what to try stands above the work."""
    if grade.status in _PARTS:
        return joined(*_PARTS[grade.status](grade))
    title = _title(grade.exercise, f"not yet{counted(grade)}")
    return joined(title, *_happened(grade), *_findings(grade), *_work(grade))


def hint_markdown(exercise: Exercise, number: int) -> str:
    """One hint, counted from 1."""
    return joined(*_prose(exercise.key().hints[number - 1]))


def solution_markdown(exercise: Exercise) -> str:
    """Every route with its reasoning, and why it works."""
    routes: list[str] = []
    for number, solution in enumerate(exercise.key().solutions, 1):
        routes.append(f"**Route {number}. {prose(solution.title)}**")
        value = read_listed(exercise.answer, solution)
        if isinstance(value, ToyModel):
            routes.append(markdown.model(value))
        elif isinstance(value, NamedMatrices):
            routes += _matrices(value)
        else:
            routes.append(code(solution.typed["answer"]))
        routes += _prose(solution.reasoning)
    return joined(*routes, "**Why it works**", *_prose(exercise.key().why))


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
    yield from _work(grade)
    yield from _findings(grade)
    yield from _happened(grade)
    yield from _stuck(grade.exercise)


def _work(grade: Grade) -> Iterator[str]:
    if grade.work is not None:
        yield "Your answer as understood, worked through:"
        yield from _missing_b(grade)
        yield markdown.forward(grade.work)
    else:
        yield from _understood(grade)


def _findings(grade: Grade) -> Iterator[str]:
    if found := findings(grade):
        yield "**What came out**"
        yield listed(f"**{MARKS[each.passed][0]}**: {_claim(each.message)}" for each in found)


def _happened(grade: Grade) -> Iterator[str]:
    yield f"**What happened.** {_claim(grade.feedback.happened)}"
    if grade.feedback.advice is not None:
        yield f"**What to try.** {_claim(grade.feedback.advice)}"


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


def _read(grade: Grade) -> Iterator[str]:
    yield _title(grade.exercise, "read, and not graded")
    yield from _understood(grade)
    yield _claim(grade.feedback.happened)


_PARTS: Mapping[str, Callable[[Grade], Iterator[str]]] = {
    "solved": _solved,
    "unreadable": _unreadable,
    "read": _read,
}


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
        yield from _matrices(value)
    elif value is not None:
        yield f"Your answer as understood: {prose(f'{value.claim} {value.reason}'.rstrip())}"


def _matrices(named: NamedMatrices) -> Iterator[str]:
    for name, rows in named.parts:
        yield markdown.displayed(latex.matrix(rows, name=_subscripted(name)))


def _subscripted(name: str) -> str:
    """W_OV as LaTeX writes it."""
    letter, _, below = name.partition("_")
    return f"{letter}_{{{below}}}".replace("_{}", "")


def _missing_b(grade: Grade) -> Iterator[str]:
    if "b" in grade.answer.typed and grade.answer.typed["b"] is None:
        yield "You gave no b, so b is all zeros."


def _how_to_answer(exercise: Exercise) -> Iterator[str]:
    yield "**How to answer**"
    yield from _prose(exercise.typing)


def _stuck(exercise: Exercise) -> Iterator[str]:
    if not exercise.hint_count:
        return
    call = f"{loading_call(exercise)}.hint(1)"
    yield f"Stuck? Type `{call}`; there are more, up to nearly everything."


def _title(exercise: Exercise, text: str) -> str:
    return f"### Exercise {exercise.position}: {prose(text)}"


def _claim(said: Claim) -> str:
    return told(Claim(prose(said.sentence), said.values), LATEX)


def _prose(text: str) -> Iterator[str]:
    for block in blocks(text, UNICODE):
        yield code(block.text) if block.is_formula else prose(block.text)
