"""Numbers and ranges of them: 0..9/10 by 1/10, 0..9/10 in 10, 1/100..1 in 5 log, 3..8."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from math import log10

import sympy

from handcalc.errors import InputError
from handcalc.parsing.parse import parse_scalar, parse_vector
from handcalc.wording import brief

MOST = 1 << 16
"""So many numbers a range has at most."""

_DOTS = re.compile(r"\s*(?:\.{2,}|…)\s*")
_EXAMPLES = '"0..9/10 by 1/10" (steps of 1/10) or "0..9/10 in 10" (ten numbers)'


def parse_values(text: str, *, whole: bool = False) -> tuple[sympy.Expr, ...]:
    """The numbers of a text, in its order, ranges written out.

    ``A..B by C`` goes from A in steps of C, up to B; ``A..B in K`` is K numbers from A to B, evenly
    spaced; with ``log`` behind it they are evenly spaced in the logarithm, and rounded to four
    digits. Where numbers are ``whole``, ``A..B`` alone are all from A to B. Errors: ``range``;
    those of ``parse_vector``.

    >>> parse_values("0 1/4..3/4 by 1/4 9/10"), parse_values("1/100..1 in 3 log")
    ((0, 1/4, 1/2, 3/4, 9/10), (1/100, 1/10, 1))
    >>> parse_values("3..5 8", whole=True)
    (3, 4, 5, 8)
    """
    return tuple(number for place in parse_places(text, whole=whole) for number in place)


def parse_vectors(text: str) -> tuple[tuple[sympy.Expr, ...], ...]:
    """Every vector that a text with ranges in some of its places stands for; numbers are places.

    >>> parse_vectors("1 1/2 1..2 by 1"), parse_vectors("1..2 by 1")
    (((1, 1/2, 1), (1, 1/2, 2)), ((1,), (2,)))
    """
    return tuple(product(*parse_places(text)))


def parse_places(text: str, *, whole: bool = False) -> list[tuple[sympy.Expr, ...]]:
    """The numbers of each place: one, or those of a range. Errors: those of ``parse_values``.

    >>> parse_places("1 0..1 in 3")
    [(1,), (0, 1/2, 1)]
    """
    if not _DOTS.search(text):
        return [(number,) for number in parse_vector(text)]
    words = re.sub("[,;]", " ", _DOTS.sub("..", text)).split()
    return list(_places(words, whole))


def _places(words: list[str], whole: bool) -> Iterator[tuple[sympy.Expr, ...]]:
    k = 0
    while k < len(words):
        word, how = words[k], " ".join(words[k + 1 : k + 2])
        k += 1
        if ".." not in word:
            yield (parse_scalar(word),)
        elif how in ("by", "in"):
            if k + 1 >= len(words):
                raise _refused(word, f'"{how}" is followed by a number')
            number = _fraction(word, words[k + 1])
            is_log = how == "in" and words[k + 2 : k + 3] == ["log"]
            k += 3 if is_log else 2
            ends = _ends(word)
            spaced = _spaced(word, *ends, number, is_log)
            yield tuple(_steps(word, *ends, number) if how == "by" else spaced)
        elif whole:
            yield tuple(_steps(word, *_ends(word), sympy.Integer(1)))
        else:
            raise _refused(word, "it says how far its steps are, or how many")


def _ends(word: str) -> tuple[sympy.Rational, sympy.Rational]:
    ends = word.split("..")
    if len(ends) != 2 or not all(ends):
        raise _refused(word, "a range has two ends")
    first, last = (_fraction(word, end) for end in ends)
    return first, last


def _fraction(word: str, text: str) -> sympy.Rational:
    number = parse_scalar(text)
    if not isinstance(number, sympy.Rational):
        raise _refused(word, f"a range is made of fractions, and {brief(number)} is none")
    return number


def _steps(
    word: str, first: sympy.Rational, last: sympy.Rational, step: sympy.Rational
) -> Iterator[sympy.Rational]:
    """From the first number, up or down, so far as the steps fit."""
    if step <= 0:
        raise _refused(word, f"its steps are longer than 0, and {step} is not")
    count = int(abs(last - first) / step) + 1
    _check(word, count)
    towards = step if last >= first else -step
    for k in range(count):
        yield first + k * towards


def _spaced(
    word: str, first: sympy.Rational, last: sympy.Rational, count: sympy.Rational, is_log: bool
) -> Iterator[sympy.Rational]:
    if not count.is_integer or count < 2:
        raise _refused(word, f"it has at least two numbers, and {count} is no such count")
    _check(word, int(count))
    if is_log and not (first > 0 and last > 0):
        raise _refused(word, "in the logarithm its ends are above 0")
    for k in range(int(count)):
        part = sympy.Rational(k, count - 1)
        if is_log and 0 < k < count - 1:
            exponent = log10(first) + float(part) * (log10(last) - log10(first))
            yield sympy.Rational(f"{10**exponent:.4g}")
        else:
            yield first + part * (last - first)


def _check(word: str, count: int) -> None:
    if count > MOST:
        raise _refused(word, f"it has up to {MOST:,} numbers, and this would be {brief(count)}")


def _refused(word: str, must: str) -> InputError:
    return InputError(
        "range",
        f"The range {brief(word)} could not be read: {must}. Type {_EXAMPLES}.",
        suggestion="0..9/10 by 1/10",
    )
