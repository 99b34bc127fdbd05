"""Texts of others made visible: none moves a cursor, turns a line round or ends a row."""

from __future__ import annotations

__all__ = ["visible", "visible_in_line"]


def visible(text: str) -> str:
    r"""A name with an escape for every character that does not show by itself.

    Those are control characters, line ends, marks that turn the direction of writing, and the bytes
    of a file name that are no text.

    >>> print(visible("ada\n.txt"), visible("\u202etxt.ada"), visible("zo\udceb.txt"))
    ada\n.txt \u202etxt.ada zo\xeb.txt
    """
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def visible_in_line(text: str) -> str:
    r"""A sentence in one line, with blanks of one kind, and the same escapes.

    >>> print(visible_in_line("W is\n  not \x1b[31mread."))
    W is not \x1b[31mread.
    """
    return visible(" ".join(text.split()))


def _escape(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte, as Python writes it where it is no text
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape", "surrogatepass").decode()
