"""ASCII in place of what a terminal's encoding lacks, so that no output raises and nothing is lost.

The views have an ASCII notation of their own; this is the net below it, for what people type and
for whatever else is printed.
"""

from __future__ import annotations

import codecs

from handcalc.views.ascii import standin

__all__ = ["HANDLER", "encodable", "register"]

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
