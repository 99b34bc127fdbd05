"""The errors of handcalc, one class for each person who can mend them."""

from __future__ import annotations

from copyreg import __newobj__  # type: ignore[attr-defined]  # pickle's own, without a stub
from importlib import import_module
from importlib.util import find_spec
from typing import Any


class HandcalcError(Exception):
    """Anything that handcalc refuses, with a ``code`` for programs and a ``message`` for people.

    >>> issubclass(InputError, HandcalcError) and issubclass(EngineError, HandcalcError)
    True
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[Any, ...]:
        """Whole, as it goes from one process to another: Python would make it of its text alone."""
        return __newobj__, (type(self), *self.args), self.__dict__


class InputError(HandcalcError, ValueError):
    """A value or text that cannot be taken, for the person who typed it.

    ``row`` and ``column`` are the line and the character in the text, counted from 1, or ``None``
    where no single place is at fault; ``suggestion`` is what to type instead, or ``None``.

    >>> error = InputError("factorial", "Factorials are not read.", text="1 3!", row=1, column=4)
    >>> print(error.caret)
    1 3!
       ^
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        text: str = "",
        row: int | None = None,
        column: int | None = None,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(code, message)
        self.text = text
        self.row = row
        self.column = column
        self.suggestion = suggestion

    @property
    def caret(self) -> str:
        """The line at fault and a caret below the character, or "" where there is no place.

        A long line is cut to a window around the caret; what cannot be seen is shown as U+XXXX
        in the message, and as a middle dot here.
        """
        if self.row is None or self.column is None:
            return ""
        lines = self.text.splitlines() or [""]
        line = lines[min(self.row, len(lines)) - 1]
        start = max(0, self.column - 1 - _WINDOW)
        shown = line[start : self.column - 1 + _WINDOW]
        visible = "".join(character if character.isprintable() else "·" for character in shown)
        head, tail = ("…" if start else ""), ("…" if start + len(shown) < len(line) else "")
        return f"{head}{visible}{tail}\n{' ' * (len(head) + self.column - 1 - start)}^"


class WorkLostError(InputError):
    """Work that those who did it could not end, for whoever runs them: a process died, or all."""


class AuthorError(HandcalcError):
    """A mistake in an exercise file, for its author: which ``file`` and which ``key``."""

    def __init__(self, code: str, message: str, *, file: str = "", key: str = "") -> None:
        super().__init__(code, message)
        self.file = file
        self.key = key


class EngineError(HandcalcError):
    """A broken promise of handcalc itself; whoever meets one has found a bug."""


_WINDOW = 34


# --------------------------------------------------------------------------------------------------
# Optional parts: what a call needs beside the base install, and how to get it.


def require(extra: str, *modules: str) -> None:
    """Refuse to go on where a module of an optional part is missing, and say what to install.

    Errors: ``missing_extra``.

    >>> require("optimum", "sympy")
    >>> try:
    ...     require("plot", "no_such_module")
    ... except InputError as error:
    ...     print(error.suggestion)
    pip install "handcalc[plot]"
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise InputError(
            "missing_extra",
            f"This needs {missing[0]}, which is not installed.",
            suggestion=f'pip install "handcalc[{extra}]"',
        )


def imported(extra: str, module: str) -> Any:
    """A module of an optional part, for those who ask for it; nothing else imports it here.

    Errors: ``missing_extra``.

    >>> imported("optimum", "math").pi > 3
    True
    """
    require(extra, module)
    return import_module(module)
