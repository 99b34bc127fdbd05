"""An answer to an exercise, from options or from a file."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from .report import Problem, RefusalError
from .text_options import Given

__all__ = ["Answer", "answer_from_options", "parts_of_file"]

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


def answer_from_options(
    W: Given | None, b: Given | None, file: Given | None, example: str
) -> Answer | None:
    """The answer that the options hold, or None where there is none; ``example`` is a W to show."""
    if file is not None:
        if W or b:
            raise RefusalError(
                Problem("usage", "An answer comes from --file, or from --W and --b.")
            )
        return _of_file(file)
    if W is None and b is not None:
        suggestion = f'--W="{example}" {_as_typed(b)}'
        raise RefusalError(Problem("usage", "--b comes with --W.", suggestion=suggestion))
    return None if W is None else Answer(W, b)


def _as_typed(given: Given) -> str:
    """The option again, as a shell takes it: ``--b="0 1"``, ``--b=@file``, ``--b=-``."""
    if "=" in given.where:
        return given.where
    plain = not set(given.text) & set('"$`\\!')
    return f'{given.where}="{given.text}"' if plain else f"{given.where}={shlex.quote(given.text)}"


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
