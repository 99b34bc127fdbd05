"""ASCII in place of what a terminal's encoding lacks, so that no output raises and nothing is lost.

The views have an ASCII notation of their own; this is the net below it, for what people type and
for whatever else is printed.
"""

from __future__ import annotations

import codecs

__all__ = ["HANDLER", "encodable", "register"]

HANDLER = "handcalc.standins"

_DASHES = "‐‑‒–—―−"
_FLAT, _UPRIGHT = "─━═╌╍┄┅┈┉╴╶╸╺", "│┃║╎╏┆┇┊┋╵╷╹╻"
_WORDS = {
    "√": "sqrt",
    "π": "pi",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "→": "->",
    "×": "x",
    "·": "*",
    "•": "*",
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "ᵀ": "^T ",
    "∞": "inf",
    "∈": "in",
    "Σ": "sum",
    "‖": "||",
    "…": "...",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "\u0302": "hat",  # x̂ becomes xhat, as in the views' ASCII notation
    "\u00a0": " ",
}
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_SUPERSCRIPTS = {
    raised: f"^{digit}" for raised, digit in zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)
}
_LINES = {**dict.fromkeys(_DASHES + _FLAT, "-"), **dict.fromkeys(_UPRIGHT, "|")}
_STANDINS = {**_WORDS, **_SUBSCRIPTS, **_SUPERSCRIPTS, **_LINES}


def standin(character: str) -> str:
    """ASCII for one character: a word, a line-drawing "+", or its code point in brackets.

    >>> [standin(character) for character in "√½₃★"]
    ['sqrt', '1/2', '3', '<U+2605>']
    """
    if character in _STANDINS:
        return _STANDINS[character]
    return "+" if "\u2500" <= character <= "\u257f" else f"<U+{ord(character):04X}>"


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
