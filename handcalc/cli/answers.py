"""An answer to an exercise: from options, from a file, or asked for at the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handcalc.errors import InputError

from .explain import of_input, problem_text
from .report import Problem, RefusalError
from .text_options import Given

if TYPE_CHECKING:
    from exercises import Exercise

    from .terminal import Terminal

__all__ = ["Answer", "answer_from_options", "ask_for_answer", "parts_of_file"]

_START = re.compile(r"\s*(?P<name>[Wb])\s*[=:]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a learner typed for W and b, and where; ``b`` is None where it was left out."""

    W: Given
    b: Given | None

    def where(self, name: str | None) -> str | None:
        """Where one of the two was typed, for an error message."""
        given = {"W": self.W, "b": self.b}.get(name or "")
        return given.where if given else None


def answer_from_options(W: Given | None, b: Given | None, file: Given | None) -> Answer | None:
    """The answer that the options hold, or None where there is none."""
    if file is not None:
        if W or b:
            raise RefusalError(
                Problem("usage", "An answer comes from --file, or from --W and --b.")
            )
        return _of_file(file)
    if W is None and b is not None:
        raise RefusalError(
            Problem("usage", "--b comes with --W.", suggestion='--W="1 1; 0 2; 0 0"')
        )
    return None if W is None else Answer(W, b)


def _of_file(file: Given) -> Answer:
    parts = parts_of_file(file.text)
    given = {name: Given(text, f"{name} in {file.where}") for name, text in parts.items()}
    return Answer(given["W"], given.get("b"))


def parts_of_file(text: str) -> dict[str, str]:
    r"""``W = …`` and ``b = …``, each on one line or on several, in any order.

    Line breaks stand in for what comes before a part, so that an error counts rows from the top of
    the file.

    >>> parts_of_file("b = 0 0\nW =\n1 0\n0 1\n")
    {'b': 'b = 0 0', 'W': '\nW =\n1 0\n0 1'}
    """
    parts: dict[str, list[str]] = {}
    name = None
    for number, line in enumerate(text.lstrip("\ufeff").splitlines()):
        start = _START.match(line)
        if start:
            name = start["name"]
            if name in parts:
                raise _not_an_answer(f"{name} = … stands twice in it", number + 1)
            parts[name] = [""] * number
        elif name is None and line.strip():
            raise _not_an_answer("it must begin with W = … or b = …", number + 1)
        if name is not None:
            parts[name].append(line)
    if "W" not in parts:
        raise _not_an_answer("there is no W = … in it", None)
    return {name: "\n".join(lines) for name, lines in parts.items()}


def _not_an_answer(reason: str, row: int | None) -> RefusalError:
    message = f"--file: the file holds W = … and b = …, each from a new line; {reason}."
    return RefusalError(Problem("not_an_answer", message, row=row, suggestion="W = 1 1; 0 2; 0 0"))


def ask_for_answer(exercise: Exercise, terminal: Terminal) -> Answer | None:
    """Ask for W and b, again where a line cannot be read; None where the person leaves."""
    from handcalc.parsing import parse_matrix, parse_vector

    n, m = exercise.answer.features, exercise.answer.dimensions
    W = _Question(
        f"W ({n} rows of {m}, with ; between rows): ",
        lambda text: parse_matrix(text, n, m),
        exercise.example.W,
    ).ask(terminal)
    if not W:
        return None
    b = _Question(
        f"b ({n} numbers, or Enter for zeros): ",
        lambda text: parse_vector(text, n),
        exercise.example.b,
    ).ask(terminal)
    return None if b is None else Answer(Given(W, "W"), Given(b, "b") if b else None)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, what reads the reply, and an example of one that can be read."""

    prompt: str
    read: Callable[[str], object]
    example: str

    def ask(self, terminal: Terminal) -> str | None:
        """A line that can be read, "" for an empty one, or None at the end of input."""
        while True:
            line = terminal.ask(self.prompt)
            if line is None or not line.strip():
                return None if line is None else ""
            try:
                self.read(line)
            except InputError as error:
                self._explain(error, terminal)
            else:
                return line

    def _explain(self, error: InputError, terminal: Terminal) -> None:
        """What is wrong, where, and how to write it."""
        terminal.show(problem_text(of_input(error), terminal))
        terminal.show("" if error.suggestion else f"For example: {self.example}\n")
