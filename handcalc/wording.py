"""Lists as sentences have them."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["joined"]


def joined(parts: Sequence[object], conjunction: str = "and") -> str:
    """The parts with commas, and the conjunction before the last.

    >>> joined([1]), joined([1, 2, 3]), joined([2, 3], "or")
    ('1', '1, 2 and 3', '2 or 3')
    """
    *most, last = map(str, parts)
    return f"{', '.join(most)} {conjunction} {last}" if most else last
