"""The sentence for a name, a command or a sign that means nothing here."""

from __future__ import annotations

import re
from typing import Final

from handcalc.parsing.refusal import RefusalError, quoted
from handcalc.parsing.tokens import Token

__all__ = ["SYMBOL", "refused_name"]

SYMBOL: Final = re.compile(r"x_?\{?([0-9]+|[₀-₉]+)\}?")

_WORDS: Final = {
    **dict.fromkeys(("true", "false"), ("boolean", "Type 1 for true and 0 for false.")),
    "nan": ("nan", "nan is not a number; type the number that is meant."),
    **dict.fromkeys(
        ("inf", "infinity", "oo", "infty", "∞"),
        ("infinite", "Every number must be finite; infinity is not read."),
    ),
    **dict.fromkeys(("i", "j"), ("imaginary", "Every number must be real; i and j are not read.")),
    **dict.fromkeys(
        ("∛", "∜"), ("unexpected", "Of roots, only square roots are read: √2 or sqrt(2).")
    ),
    "none": ("unknown_name", "None is not a number; type 0 if it is 0."),
    "null": ("unknown_name", "null is not a number; type 0 if it is 0."),
}


def refused_name(token: Token, before: Token | None, after: Token | None) -> RefusalError:
    """Why a name, a LaTeX command or an unknown sign is not read.

    >>> refused_name(Token("NAME", "True", 0, ""), None, None).code
    'boolean'
    """
    code, message = _fault(token, before, after)
    return RefusalError(code, message, token.start)


def _fault(token: Token, before: Token | None, after: Token | None) -> tuple[str, str]:
    text = token.text.removeprefix("\\")
    if before is not None and before.kind == "NUMBER" and text.startswith("_") and not token.gap:
        return "underscore", "Digits stand without underscores: 1000, not 1_000."
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if token.kind == "POINT" or "." in text:
        return _attribute(token, after)
    if token.kind == "NAME":
        return _unknown(token, after)
    if token.kind == "COMMAND":
        return "unknown_name", f"The LaTeX command {quoted(token.text)} is not read in a number."
    return "unexpected", f"{quoted(token.text)} has no meaning in a number."


def _attribute(token: Token, after: Token | None) -> tuple[str, str]:
    if token.kind == "POINT" and (after is None or after.kind != "NAME"):
        return "unexpected", "A point stands beside digits only, as in 0.5."
    last = token.text.rpartition(".")[2]
    if last in {"sqrt", "cos", "sin", "pi"}:
        return "attribute", f"Type {last} alone, without the module: {last}, not {token.text}."
    if token.kind == "NAME" and after is not None and after.text == "(":
        return (
            "attribute",
            f"The call {quoted(token.text)} is not read; type the numbers in its brackets alone.",
        )
    return "attribute", "Attributes, names with a point in them, are not read; type the numbers."


def _unknown(token: Token, after: Token | None) -> tuple[str, str]:
    if after is not None and after.text == "(":
        return (
            "unknown_call",
            f"The function {quoted(token.text)} is not known; sqrt, cos and sin are.",
        )
    if SYMBOL.fullmatch(token.text):
        return (
            "unknown_name",
            f"{quoted(token.text)} is not a number; symbols stand alone, and in inputs only.",
        )
    known = "numbers are written with digits, sqrt, cos, sin and pi"
    return "unknown_name", f"The name {quoted(token.text)} is not known; {known}."
