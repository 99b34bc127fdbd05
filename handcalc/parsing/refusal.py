"""A refusal on its way out: a code and a sentence about a place in the text."""

from __future__ import annotations

_SHOWN = 24


class UnreadableError(Exception):
    """Why a text is not read, at which character of it (from 0), and what to type instead.

    It never leaves this package: ``parse`` turns it into an ``InputError``.

    >>> UnreadableError("factorial", "Factorials are not read.", 3).start
    3
    """

    def __init__(
        self, code: str, message: str, start: int | None = None, suggestion: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.start = start
        self.suggestion = suggestion

    def at(self, start: int) -> UnreadableError:
        """The same refusal, with a place if it has none."""
        self.start = start if self.start is None else self.start
        return self


def decimal_comma(start: int | None) -> UnreadableError:
    """The refusal of a comma that is meant as a decimal point."""
    return UnreadableError(
        "decimal_comma",
        "A comma separates numbers; decimals are written with a point, as in 0.5, and thousands "
        "with nothing, as in 1000.",
        start,
    )


def quoted(text: str) -> str:
    """A piece of what came, short and in quotation marks, for use in a sentence.

    >>> quoted("1234567890" * 5)
    '"12345678901…890"'
    """
    shown = "".join(c if c.isprintable() else " " for c in text)
    if len(shown) > _SHOWN:
        shown = f"{shown[:11]}…{shown[-3:]}"
    return f'"{shown}"'
