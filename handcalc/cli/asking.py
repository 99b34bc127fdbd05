"""An answer asked for at the terminal: W and b, each on one line or on several."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handcalc.errors import InputError

from .answers import Answer
from .explain import of_input, problem_text
from .text_options import Given

if TYPE_CHECKING:
    from exercises import Exercise

    from .terminal import Terminal

__all__ = ["ask_for_answer", "missing_numbers", "missing_rows"]

_OPEN = re.compile(r'(?P<bracket>".+") is never closed\.$')


def ask_for_answer(exercise: Exercise, terminal: Terminal) -> Answer | None:
    """Ask for W and b, again where one cannot be read; None where the person leaves."""
    from handcalc.parsing import parse_matrix, parse_vector

    n, m = exercise.answer.features, exercise.answer.dimensions
    W = _Question(
        f"W ({n} rows of {m}, with ; or Enter between rows): ",
        lambda text: parse_matrix(text, n, m),
        lambda text: missing_rows(text, n, m),
        exercise.example.W,
    ).ask(terminal)
    if not W:
        return None
    b = _Question(
        f"b ({n} numbers, or Enter for zeros): ",
        lambda text: parse_vector(text, n),
        lambda text: missing_numbers(text, n),
        exercise.example.b,
    ).ask(terminal)
    return None if b is None else Answer(Given(W, "W"), Given(b, "b") if b else None)


def missing_rows(text: str, n: int, m: int) -> str:
    """What must follow a text before it can be n rows of m numbers; "" where it is to be judged.

    >>> missing_rows("1 0", 3, 2), missing_rows("[[1 0]", 3, 2), missing_rows("1 0 0", 3, 2)
    ('row 2 of 3', '"[" is not closed yet', '')
    """
    from handcalc.parsing import parse_matrix

    try:
        rows = len(parse_matrix(text, None, m))
    except InputError as error:
        return _still_open(error) or (f"row 1 of {n}" if _only_named(text) else "")
    return f"row {rows + 1} of {n}" if rows < n else ""


def missing_numbers(text: str, n: int) -> str:
    r"""What must follow a text before it can be n numbers, one a line; "" where it is to be judged.

    >>> missing_numbers("0\n1/2", 3), missing_numbers("0 1/2", 3)
    ('number 3 of 3', '')
    """
    from handcalc.parsing import parse_vector

    try:
        found = len(parse_vector(text))
    except InputError as error:
        return _still_open(error) or (f"number 1 of {n}" if _only_named(text) else "")
    lines = sum(bool(line.strip()) for line in text.splitlines())
    if found >= n or found > lines:
        return ""
    return f"number {found + 1} of {n}" + (", or Enter for the same in all" if found == 1 else "")


def _still_open(error: InputError) -> str:
    found = _OPEN.search(error.message) if error.code == "unbalanced" else None
    return f"{found['bracket']} is not closed yet" if found else ""


def _only_named(text: str) -> bool:
    """Whether there is nothing yet but ``W =``."""
    return text.rstrip().endswith("=")


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, what reads the reply, what it still lacks, and an example of one."""

    prompt: str
    read: Callable[[str], object]
    missing: Callable[[str], str]
    example: str

    def ask(self, terminal: Terminal) -> str | None:
        """A text that can be read, "" for an empty one, or None at the end of input."""
        while True:
            text = self._typed(terminal)
            if text is None or not text.strip():
                return None if text is None else ""
            try:
                self.read(text)
            except InputError as error:
                self._explain(error, terminal)
            else:
                return text

    def _typed(self, terminal: Terminal) -> str | None:
        """A line, and more while something is missing; an empty one ends the text as it stands."""
        text = line = terminal.ask(self.prompt)
        while text and line and line.strip() and (missing := self.missing(text)):
            line = terminal.ask(f"   {missing}: ")
            text = None if line is None else f"{text}\n{line}".rstrip("\n")
        return text

    def _explain(self, error: InputError, terminal: Terminal) -> None:
        """What is wrong, where, and how to write it."""
        terminal.show(problem_text(of_input(error), terminal))
        terminal.show("" if error.suggestion else f"For example: {self.example}\n")
