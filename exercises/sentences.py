"""Small pieces of sentences: lists of features, of letters, of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy

from handcalc.derivation import Claim, Name, Number
from handcalc.wording import joined


def features(numbers: Sequence[int]) -> str:
    """The features by name: "Feature 3", or "Features 2 and 3".

    >>> features([2, 3])
    'Features 2 and 3'
    """
    return f"Feature{'s' if len(numbers) > 1 else ''} {joined([str(i) for i in numbers])}"


def letters(letter: str, numbers: Sequence[int]) -> Claim:
    """A letter with each index, for a notation to write: b₂ and b₃."""
    names = tuple(Name(letter, (i,)) for i in numbers)
    return Claim(joined(["{}"] * len(names)), names)


def vector(values: Iterable[sympy.Expr]) -> Claim:
    """A vector for a notation to write: (1, 1/2, 1/4)."""
    numbers = tuple(Number(value) for value in values)
    return Claim(f"({', '.join(['{}'] * len(numbers))})", numbers)


def plain(text: str) -> Claim:
    """A text in which nothing is put in, braces included.

    >>> plain("{1, 2}").sentence.format()
    '{1, 2}'
    """
    return Claim(text.replace("{", "{{").replace("}", "}}"))
