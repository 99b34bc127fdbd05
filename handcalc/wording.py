"""Lists and values as sentences have them."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["brief", "joined"]

_BRIEF = 80


def joined(parts: Sequence[object], conjunction: str = "and") -> str:
    """The parts with commas, and the conjunction before the last.

    >>> joined([1]), joined([1, 2, 3]), joined([2, 3], "or")
    ('1', '1, 2 and 3', '2 or 3')
    """
    *most, last = map(str, parts)
    return f"{', '.join(most)} {conjunction} {last}" if most else last


def brief(value: object) -> str:
    """What somebody gave, as a sentence can hold it: at most 80 characters.

    >>> brief(10**100)[-3:], brief(10**5000)
    ('00…', 'a number of thousands of digits')
    """
    try:
        text = str(value)
    except ValueError:  # Python writes out no whole number of more than 4300 digits
        return "a number of thousands of digits"
    return text if len(text) <= _BRIEF else f"{text[: _BRIEF - 1]}…"
