"""ASCII in place of characters that a terminal lacks: one table for everything that is shown."""

from __future__ import annotations

_DASHES = "‐‑‒–—―−"
_FLAT, _UPRIGHT = "─━═╌╍┄┅┈┉╴╶╸╺", "│┃║╎╏┆┇┊┋╵╷╹╻"
_WORDS = {
    "√": "sqrt",
    "π": "pi",
    "β": "beta",
    "λ": "lambda",
    "μ": "mu",
    "ε": "eps",
    "φ": "phi",
    "ℓ": "l",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "≈": "~=",
    "⋮": ":",
    "→": "->",
    "±": "+-",
    "×": "x",
    "·": "*",
    "•": "*",
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "ᵀ": "^T ",
    "ᵢ": "i",
    "ⱼ": "j",
    "ₖ": "k",
    "°": " degrees",
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


def ascii_text(text: str) -> str:
    """The text with a stand-in for every character outside ASCII.

    >>> ascii_text("x̂₃ = ReLU(z₃) at 120°")
    'xhat3 = ReLU(z3) at 120 degrees'
    """
    return "".join(c if c.isascii() else standin(c) for c in text)
