"""Values in one plain notation, such as "sqrt(2)/2", worked out with fractions and mpmath alone.

The notation has whole numbers, ``+ - * /``, parentheses, ``pi``, ``sqrt``, ``cos`` and ``sin``.
This file shares nothing with the package that it helps to judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath

__all__ = ["DIGITS", "Plain", "agree", "cosine", "decimal", "fraction", "root", "sine"]

DIGITS = 60
_TOKEN = re.compile(r"\s*(\d+|[a-z]+|[-+*/()])")
_CONTEXT = mpmath.MPContext()
_CONTEXT.dps = DIGITS + 10


def root(value: int | Fraction) -> Any:
    """The square root of a fraction, to 70 digits."""
    value = Fraction(value)
    return _CONTEXT.sqrt(_CONTEXT.mpf(value.numerator) / value.denominator)


def cosine(numerator: int, denominator: int) -> Any:
    """cos(π · numerator / denominator), to 70 digits."""
    return _CONTEXT.cos(_CONTEXT.pi * numerator / denominator)


def sine(numerator: int, denominator: int) -> Any:
    """sin(π · numerator / denominator), to 70 digits."""
    return _CONTEXT.sin(_CONTEXT.pi * numerator / denominator)


@dataclass
class Plain:
    """One reading of a plain text, left to right; ``whole`` makes numbers, ``names`` the rest."""

    tokens: list[str]
    whole: Any
    names: dict[str, Any]

    def sum(self) -> Any:
        """A product, then any number of ``+ product`` and ``- product``."""
        value = self.product()
        while self.tokens and self.tokens[0] in "+-":
            sign = self.tokens.pop(0)
            other = self.product()
            value = value + other if sign == "+" else value - other
        return value

    def product(self) -> Any:
        """A factor, then any number of ``* factor`` and ``/ factor``."""
        value = self.factor()
        while self.tokens and self.tokens[0] in "*/":
            sign = self.tokens.pop(0)
            other = self.factor()
            value = value * other if sign == "*" else value / other
        return value

    def factor(self) -> Any:
        """A number, ``pi``, a function of a sum, a sum in parentheses, or minus a factor."""
        token = self.tokens.pop(0)
        if token == "-":
            return -self.factor()
        if token.isdigit():
            return self.whole(int(token))
        if token == "pi":
            return self.names[token]
        function = (lambda inner: inner) if token == "(" else self.names[token]
        if token != "(":
            assert self.tokens.pop(0) == "(", f"{token} needs parentheses"
        inner = self.sum()
        assert self.tokens.pop(0) == ")", "a parenthesis is open"
        return function(inner)


def _read(text: str, whole: Any, names: dict[str, Any]) -> Any:
    plain = Plain(_TOKEN.findall(text), whole, names)
    assert "".join(plain.tokens) == text.replace(" ", ""), f"{text!r} is not plain notation"
    value = plain.sum()
    assert not plain.tokens, f"{text!r} is not plain notation"
    return value


def decimal(text: str) -> Any:
    """The value of a plain text to 70 digits.

    >>> abs(decimal("sqrt(2)/2") - cosine(1, 4)) < 1e-60
    True
    """
    context = _CONTEXT
    functions = {"sqrt": context.sqrt, "cos": context.cos, "sin": context.sin}
    return _read(text, context.mpf, {"pi": +context.pi, **functions})


def fraction(text: str) -> Fraction | None:
    """The value of a plain text as a fraction, or None where it has roots or angles.

    >>> fraction("-(1/2 - 3)*2")
    Fraction(5, 1)
    """
    if any(character.isalpha() for character in text):
        return None
    value: Fraction = _read(text, Fraction, {})
    return value


def agree(text: str, value: Any) -> bool:
    """Whether a plain text has this value: exactly for fractions, else to 60 digits.

    >>> agree("1/2", Fraction(1, 2)), agree("cos(2*pi/3)", Fraction(-1, 2)), agree("1/2", root(2))
    (True, True, False)
    """
    exactly = fraction(text)
    if exactly is not None and isinstance(value, (int, Fraction)):
        return exactly == value
    if isinstance(value, Fraction):
        value = _CONTEXT.mpf(value.numerator) / value.denominator
    return bool(abs(decimal(text) - value) <= _CONTEXT.mpf(10) ** -DIGITS * (1 + abs(value)))
