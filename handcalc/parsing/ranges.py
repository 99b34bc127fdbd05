"""Numbers and ranges of them: 0..9/10 by 1/10, 0..9/10 in 10, 1/100..1 in 5 log, 3..8."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product
from math import log10

import sympy

from handcalc.errors import InputError
from handcalc.parsing.parse import parse_scalar, parse_vector
from handcalc.wording import brief

MOST = 1 << 16
"""So many numbers a range has at most."""

EXAMPLE = "0..9/10 by 1/10"
"""A range, where nobody knows what its numbers are to be."""

_DOTS = re.compile(r"\s*(?:\.{2,}|…)\s*")
_WORD = re.compile(rf"(?:{_DOTS.pattern}|[^\s,;])+")


def parse_values(
    text: str, *, whole: bool = False, example: str = EXAMPLE
) -> tuple[sympy.Expr, ...]:
    """The numbers of a text, in its order, ranges written out.

    ``A..B by C`` goes from A in steps of C, up to B; ``A..B in K`` is K numbers from A to B, evenly
    spaced; with ``log`` behind it they are evenly spaced in the logarithm, and rounded to four
    digits. Where numbers are ``whole``, ``A..B`` alone are all from A to B. Errors: ``range``, with
    what to type instead, or an ``example``; those of ``parse_vector``.

    >>> parse_values("0 1/4..3/4 by 1/4 9/10"), parse_values("1/100..1 in 3 log")
    ((0, 1/4, 1/2, 3/4, 9/10), (1/100, 1/10, 1))
    >>> parse_values("3..5 8", whole=True)
    (3, 4, 5, 8)
    """
    return tuple(number for place in parse_places(text, whole, example) for number in place)


def parse_vectors(text: str, example: str = EXAMPLE) -> tuple[tuple[sympy.Expr, ...], ...]:
    """Every vector that a text with ranges in some of its places stands for; numbers are places.

    >>> parse_vectors("1 1/2 1..2 by 1"), parse_vectors("1..2 by 1")
    (((1, 1/2, 1), (1, 1/2, 2)), ((1,), (2,)))
    """
    return tuple(product(*parse_places(text, example=example)))


def parse_places(
    text: str, whole: bool = False, example: str = EXAMPLE
) -> list[tuple[sympy.Expr, ...]]:
    """The numbers of each place: one, or those of a range. Errors: those of ``parse_values``.

    >>> parse_places("1 0..1 in 3")
    [(1,), (0, 1/2, 1)]
    """
    if not _DOTS.search(text):
        return [(number,) for number in parse_vector(text)]
    words = [_Word.of(text, found, example) for found in _WORD.finditer(text)]
    return list(_places(words, whole))


@dataclass(frozen=True, slots=True)
class _Word:
    """What stands between spaces: as it is read, and where, from 0, it begins in the ``text``."""

    said: str
    text: str
    start: int
    example: str

    @classmethod
    def of(cls, text: str, found: re.Match[str], example: str) -> _Word:
        said = found.group()
        start = found.start() + len(said) - len(said.lstrip())
        return cls(_DOTS.sub("..", said), text, start, example)

    def number(self, part: str | None = None) -> sympy.Expr:
        """Its number, or that of an end of it; what is none is refused where it stands."""
        try:
            return parse_scalar(self.said if part is None else part)
        except InputError as error:
            row, column = self._place(self.said.find(part or "") + (error.column or 1) - 1)
            raise InputError(
                error.code,
                error.message,
                text=self.text,
                row=row,
                column=column,
                suggestion=error.suggestion,
            ) from error

    def fraction(self, part: str | None = None) -> sympy.Rational:
        """The same, for what must be a fraction."""
        number = self.number(part)
        if not isinstance(number, sympy.Rational):
            raise self.refused(f"a range is made of fractions, and {brief(number)} is none")
        return number

    def refused(self, must: str) -> InputError:
        """The refusal of a range that begins here, with an example."""
        return self._refusal(f"The range {brief(self.said)} could not be read: {must}.")

    def misspelt(self, meant: str) -> InputError:
        """The refusal of a word that should be another one, with the text as it was meant."""
        end = self.start + len(self.said)
        mended = f"{self.text[: self.start]}{meant}{self.text[end:]}"
        what = f'Behind the number of a range "{meant}" may stand, not {brief(self.said)}.'
        return self._refusal(what, mended)

    def _refusal(self, what: str, instead: str | None = None) -> InputError:
        typed = self.example if instead is None else instead
        lead = "Type, for example," if instead is None else "Type"
        row, column = self._place(0)
        return InputError(
            "range",
            f'{what} {lead} "{typed}".',
            text=self.text,
            row=row,
            column=column,
            suggestion=typed,
        )

    def _place(self, further: int) -> tuple[int, int]:
        before = self.text[: self.start + further]
        return before.count("\n") + 1, len(before) - before.rfind("\n")


def _places(words: list[_Word], whole: bool) -> Iterator[tuple[sympy.Expr, ...]]:
    k = 0
    while k < len(words):
        word, how = words[k], words[k + 1].said if k + 1 < len(words) else ""
        k += 1
        if ".." not in word.said:
            yield (word.number(),)
        elif how in ("by", "in"):
            if k + 1 >= len(words):
                raise word.refused(f'"{how}" is followed by a number')
            number = words[k + 1].fraction()
            is_log = how == "in" and k + 2 < len(words) and _is_log(words[k + 2])
            k += 3 if is_log else 2
            ends = _ends(word)
            spaced = _spaced(word, *ends, number, is_log)
            yield tuple(_steps(word, *ends, number) if how == "by" else spaced)
        elif whole:
            yield tuple(_steps(word, *_ends(word), sympy.Integer(1)))
        else:
            raise word.refused("it says how far its steps are, or how many")


def _is_log(word: _Word) -> bool:
    """Whether a word is "log". Errors: ``range`` for one that is nearly so."""
    if word.said != "log" and get_close_matches(word.said.lower(), ["log"], 1):
        raise word.misspelt("log")
    return word.said == "log"


def _ends(word: _Word) -> tuple[sympy.Rational, sympy.Rational]:
    ends = word.said.split("..")
    if len(ends) != 2 or not all(ends):
        raise word.refused("a range has two ends")
    first, last = map(word.fraction, ends)
    return first, last


def _steps(
    word: _Word, first: sympy.Rational, last: sympy.Rational, step: sympy.Rational
) -> Iterator[sympy.Rational]:
    """From the first number, up or down, so far as the steps fit."""
    if step <= 0:
        raise word.refused(f"its steps are longer than 0, and {step} is not")
    count = int(abs(last - first) / step) + 1
    _check(word, count)
    towards = step if last >= first else -step
    for k in range(count):
        yield first + k * towards


def _spaced(
    word: _Word, first: sympy.Rational, last: sympy.Rational, count: sympy.Rational, is_log: bool
) -> Iterator[sympy.Rational]:
    if not count.is_integer or count < 2:
        raise word.refused(f"it has at least two numbers, and {count} is no such count")
    _check(word, int(count))
    if is_log and not (first > 0 and last > 0):
        raise word.refused("in the logarithm its ends are above 0")
    for k in range(int(count)):
        part = sympy.Rational(k, count - 1)
        if is_log and 0 < k < count - 1:
            exponent = log10(first) + float(part) * (log10(last) - log10(first))
            yield sympy.Rational(f"{10**exponent:.4g}")
        else:
            yield first + part * (last - first)


def _check(word: _Word, count: int) -> None:
    if count > MOST:
        raise word.refused(f"it has up to {MOST:,} numbers, and this would be {brief(count)}")
