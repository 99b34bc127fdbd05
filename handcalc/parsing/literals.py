r"""Numbers as they are written: 0.5, 1e-3, ½, 1½, ¹⁄₂, raised digits, and LaTeX's \frac12."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from handcalc.parsing.characters import FRACTIONS, SUBSCRIPTS, SUPERSCRIPTS
from handcalc.parsing.limits import MAX_DIGITS, MAX_EXPONENT
from handcalc.parsing.refusal import RefusalError

__all__ = ["check_literal", "check_recurring", "literal", "superscript"]

_RECURRING: Final = re.compile(
    r"([0-9]*)\.([0-9]*)(?:\(([0-9]+)\)|\{([0-9]+)\}|\\(?:overline|bar)\s*\{?([0-9]+)\}?)"
)
_NOT_WHOLE: Final = "".join((*FRACTIONS, SUPERSCRIPTS, "/", SUBSCRIPTS))


def check_literal(text: str, start: int) -> None:
    """Refuse a literal of over 1,000 digits (zeros at the end of a whole number aside), or 1e401.

    >>> check_literal("1e-40", 0)
    """
    if len(text) <= MAX_DIGITS and text.isdigit():
        return
    mantissa, _, exponent = text.lower().replace("*^", "e").rstrip(_NOT_WHOLE).partition("e")
    whole = mantissa if "." in mantissa else mantissa.rstrip("0")
    digits = len(whole) - ("." in whole)
    if digits > MAX_DIGITS:
        raise RefusalError(
            "too_many_digits",
            f"A number has at most {MAX_DIGITS:,} digits, not {digits:,}; "
            "type fewer, or a fraction.",
            start,
        )
    size = exponent.lstrip("+-").lstrip("0")
    if len(size) > 3 or (size and int(size) > MAX_EXPONENT):
        raise RefusalError(
            "exponent_too_large",
            f"The exponent after e is at most {MAX_EXPONENT} either way, as in 1e-3.",
            start,
        )


def check_recurring(text: str, start: int) -> None:
    r"""Refuse 0.1(6), which may recur or be a product; 0.(3) and 0.1\overline{6} recur.

    >>> check_recurring("0.(3)", 0)
    """
    found = _RECURRING.fullmatch(text)
    if found is not None and found[2] and not found[5]:
        number, digits = f"{found[1]}.{found[2]}", found[3] or found[4]
        raise RefusalError(
            "ambiguous",
            "Digits in brackets behind a decimal may recur or be a factor; type a fraction for the "
            rf"first, or {number}*{digits} for the second.",
            start,
        )
    if len(text) > MAX_DIGITS:
        raise RefusalError(
            "too_many_digits", f"A number has at most {MAX_DIGITS:,} digits; type fewer.", start
        )


def _recurring(found: re.Match[str]) -> Fraction:
    """0.1(6) = 1/10 + 6/90."""
    whole, fixed, digits = found[1] or "0", found[2], found[3] or found[4] or found[5]
    part = Fraction(int(digits), 10 ** len(digits) - 1)
    return Fraction(int(whole)) + (int(fixed or "0") + part) / Fraction(10 ** len(fixed))


def literal(kind: str, text: str) -> Fraction:
    r"""The value of a NUMBER, FRACTION or SHORT_FRAC: 0.5, 1e-3, ½, 1½ (together 3/2), \frac12.

    Errors: ``ZeroDivisionError`` for ``\frac10`` and its like.

    >>> literal("NUMBER", "0.5"), literal("FRACTION", "1½")
    (Fraction(1, 2), Fraction(3, 2))
    """
    if kind == "NUMBER":
        return Fraction(int(text)) if text.isdigit() else Fraction(text.replace("*^", "e"))
    if kind == "SHORT_FRAC":
        top, bottom = (int(digit) for digit in text if digit.isdigit())
        return Fraction(top, bottom)
    recurring = _RECURRING.fullmatch(text)
    if recurring is not None:
        return _recurring(recurring)
    whole = text.rstrip(_NOT_WHOLE)
    part = text[len(whole) :]
    if part in FRACTIONS:
        return int(whole or "0") + Fraction(*FRACTIONS[part])
    upper, lower = part.split("/")
    return int(whole or "0") + Fraction(superscript(upper), _digits(lower, SUBSCRIPTS))


def superscript(text: str) -> int:
    """The number that raised digits write: ¹⁰ is 10, ⁻¹ is −1."""
    size = _digits(text.lstrip("⁺⁻"), SUPERSCRIPTS)
    return -size if text.startswith("⁻") else size


def _digits(text: str, alphabet: str) -> int:
    return int("".join(str(alphabet.index(character)) for character in text))
