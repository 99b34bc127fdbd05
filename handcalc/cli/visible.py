"""Texts of others made visible: none moves a cursor, turns a line round or ends a row."""

from __future__ import annotations

import codecs
import re

from handcalc.views.ascii import standin

# control characters, but for line ends and tabs, and the marks that turn the direction of writing
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


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


def obeyed_by_no_terminal(text: str) -> str:
    r"""A text of many lines, with an escape for each character that a terminal would act on.

    >>> obeyed_by_no_terminal("no\x1b[2J.txt\n") == r"no\x1b[2J.txt" + "\n"
    True
    """
    return _OBEYED.sub(lambda found: _escape(found[0]), text)


def _escape(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte, as Python writes it where it is no text
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape", "surrogatepass").decode()


# --------------------------------------------------------------------------------------------------
# ASCII in place of what a terminal's encoding lacks, so that no output raises and nothing is lost.
#
# The views have an ASCII notation of their own; this is the net below it, for what people type and
# for whatever else is printed.


HANDLER = "handcalc.standins"


def encodable(text: str, encoding: str) -> str:
    """The text with a stand-in for every character that the encoding lacks.

    >>> encodable("√2/2 − ½", "ascii"), encodable("√2/2 − ½", "latin-1")
    ('sqrt2/2 - 1/2', 'sqrt2/2 - ½')
    """
    register()
    return text.encode(encoding, HANDLER).decode(encoding)


def register() -> None:
    """Teach Python's encoders the stand-ins, under the name ``HANDLER``."""
    codecs.register_error(HANDLER, _replace)


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(standin, error.object[error.start : error.end])), error.end
