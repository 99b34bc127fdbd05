"""An answer asked for at the terminal: the questions of each kind of answer, one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from exercises import Exercise
from exercises import exercise as kinds
from exercises.answers import read
from exercises.matrices import read_part
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import Given
from handcalc.numbers.exact import to_text
from handcalc.parsing import parse_matrix, parse_vector

from .answers import TypedAnswer
from .question import (
    BRACKETS,
    Listen,
    PromptQuestion,
    as_line,
    in_one_line,
    missing_numbers,
    missing_rows,
)


@dataclass(frozen=True, slots=True)
class ToAsk:
    """What is to be asked for: all parts, or b, W or one row of it (from 1) alone.

    ``before`` are the texts of the answer before, which stay where nothing else is typed.
    """

    only: str | int | None = None
    before: Mapping[str, str] = field(default_factory=dict)


def ask_for_answer(
    exercise: Exercise, terminal: Terminal, listen: Listen, wanted: ToAsk
) -> TypedAnswer:
    """Ask for each part that is wanted, again where it cannot be read."""
    parts = {name: Given(text, name) for name, text in wanted.before.items()}
    questions = list(_questions(exercise, wanted))
    came_along = ""
    for question, following in zip(questions, [*questions[1:], None], strict=True):
        text, came_along = question.ask(terminal, listen, came_along, following)
        parts[question.name] = Given(text, question.name)
        if not text:
            del parts[question.name]
    return TypedAnswer(parts)


def _questions(exercise: Exercise, wanted: ToAsk) -> Iterator[PromptQuestion]:
    """The parts of an answer, each with its prompt and with what tells whether more is to come."""
    asked, before = exercise.answer, {n: as_line(text) for n, text in wanted.before.items()}
    if isinstance(asked, kinds.ModelAnswer):
        yield from _of_a_model(exercise, asked, wanted)
    elif isinstance(asked, kinds.MatricesAnswer):
        for matrix in asked.matrices:
            own = before.get(matrix.name, "")
            read = partial(read_part, matrix)
            yield _in_rows(matrix, read, exercise.example[matrix.name], own)
    else:
        yield _of_one_text(exercise, before.get("answer", ""))


def _of_a_model(
    exercise: Exercise, asked: kinds.ModelAnswer, wanted: ToAsk
) -> Iterator[PromptQuestion]:
    """W and b, or what is wanted of them."""
    W, b = (as_line(wanted.before.get(name, "")) for name in ("W", "b"))
    if isinstance(wanted.only, int):
        yield _row_question(asked, wanted.only, wanted.before["W"], exercise.example["W"])
    elif wanted.only == "b":
        yield _b_question(exercise, asked, b, is_alone=True)
    else:
        n, m = asked.features, asked.dimensions
        read = partial(parse_matrix, rows=n, columns=m)
        yield _in_rows(kinds.NamedMatrix("W", n, m), read, exercise.example["W"], W)
        if wanted.only is None:
            yield _b_question(exercise, asked, b)


def _in_rows(
    matrix: kinds.NamedMatrix, read: Callable[[str], object], example: str, before: str
) -> PromptQuestion:
    """A matrix, typed row by row."""
    rows, columns = matrix.rows, matrix.columns
    size = f"{rows} row{'' if rows == 1 else 's'} of {columns}"
    between = ", with ; or Enter between rows" if rows > 1 else ""
    return PromptQuestion(
        matrix.name,
        f"{matrix.name} ({size}{between}): ",
        read,
        lambda text: missing_rows(text, rows, columns),
        example,
        before=before,
        size=size,
    )


def _of_one_text(exercise: Exercise, before: str) -> PromptQuestion:
    """Numbers, or a choice."""
    asked = exercise.answer

    def refuse_no_answer(text: str) -> None:
        error = read(asked, {"answer": text}).error
        if error is not None:
            raise error

    prompt, count = _prompt(asked)
    return PromptQuestion(
        "answer",
        prompt,
        refuse_no_answer,
        lambda text: missing_numbers(text, count) if count else "",
        exercise.example["answer"],
        tidied=in_one_line,
        before=before,
    )


def _b_question(
    exercise: Exercise, asked: kinds.ModelAnswer, before: str, is_alone: bool = False
) -> PromptQuestion:
    n = asked.features
    prompt = f"b ({n} numbers, or Enter for zeros): "
    if is_alone:
        prompt = f"b ({n} numbers; W stays, `all` asks for both): "
    return PromptQuestion(
        "b",
        prompt,
        lambda text: parse_vector(text, n),
        lambda text: missing_numbers(text, n, one_for_all=True),
        exercise.example["b"],
        tidied=in_one_line,
        before=before,
        may_be_empty=True,
    )


def _row_question(asked: kinds.ModelAnswer, row: int, W: str, example: str) -> PromptQuestion:
    """Row ``row`` of W alone; whoever types all rows gets what they typed."""
    n, m = asked.features, asked.dimensions
    rows = rows_of(W, n, m)

    def put_in(text: str) -> str:
        if ";" in text or "\n" in text:
            return text
        return "\n".join([*rows[: row - 1], text, *rows[row:]])

    return PromptQuestion(
        "W",
        f"Row {row} of W ({m} numbers; the rest stays, `all` asks for everything): ",
        lambda text: parse_matrix(text, n, m),
        lambda _: "",
        example,
        tidied=put_in,
        before=rows[row - 1],
    )


def rows_of(W: str, n: int, m: int) -> list[str]:
    r"""The rows of a W that can be read, as they were typed where that can be told apart.

    >>> rows_of("1 0; 0 1/2\n0 0", 3, 2), rows_of("[[1, 0], [0, 0.5]]", 2, 2)
    (['1 0', '0 1/2', '0 0'], ['1, 0', '0, 1/2'])
    """
    typed = [row.strip() for row in re.split(r"[;\n]", W) if row.strip()]
    if len(typed) == n and not BRACKETS & set(W.replace("sqrt(", "").replace(")", "")):
        return typed
    return [", ".join(map(to_text, row)) for row in parse_matrix(W, n, m)]


def _prompt(asked: kinds.AnswerKind) -> tuple[str, int]:
    """The prompt that fits a kind of answer, and how many numbers it takes; 0 for no numbers."""
    match asked:
        case kinds.IntervalAnswer(name=name):
            return f"{name} (lower end and upper end): ", 2
        case kinds.VectorAnswer(name=name, length=length):
            return f"{name} ({length} numbers): ", length
        case kinds.NumberAnswer(name=name):
            return f"{name} (one number): ", 1
        case kinds.ChoiceAnswer(reasons=reasons):
            prompt = "The letter of a claim, and the number of a reason: "
            return prompt if reasons else "The letter of a claim: ", 0
    return "Your answer: ", 0
