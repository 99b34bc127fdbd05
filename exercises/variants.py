"""Variants: the sets of numbers that an exercise can be given with, and which one a student gets.

A text of the file may hold {name}; each variant says what stands there. The draw is SHA-256 of the
course's salt, the student and the exercise's slug, so that it is the same everywhere and for ever.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from hashlib import sha256

from handcalc.errors import InputError

__all__ = ["drawn", "student_name", "substituted"]

_NAME = re.compile(r"\{([A-Za-z][A-Za-z0-9_]*)\}")
_SURROGATE = re.compile("[\ud800-\udfff]")


def student_name(given: object) -> str:
    r"""A student's name as it is drawn from and kept: in Unicode's NFC, without outer blanks.

    Keyboards write é as one character, and some file systems keep it as two: it is one name either
    way. Upper and lower case are two names. Errors: ``InputError`` with code ``no_name``.

    >>> student_name(" Jose\u0301 ") == "Jos\u00e9"
    True
    """
    name = unicodedata.normalize("NFC", given).strip() if isinstance(given, str) else ""
    if not name or _SURROGATE.search(name):  # bytes that are no text come as lone surrogates
        raise InputError(
            "no_name",
            f'A student has a name, in letters that can be read, such as "ada", not {given!a:.60}.',
        )
    return name


def drawn(salt: str, student: str, slug: str, variants: int) -> int:
    """Which of the variants, counted from 1, a student gets: SHA-256 of the three, modulo.

    ``student`` is a ``student_name``.

    >>> drawn("2026", "ada", "perfect-reconstruction", 4)
    2
    >>> {drawn("2026", str(i), "perfect-reconstruction", 4) for i in range(50)}
    {1, 2, 3, 4}
    """
    digest = sha256(f"{salt}\n{student}\n{slug}".encode()).digest()
    return int.from_bytes(digest, "big") % variants + 1


def substituted(value: object, numbers: Mapping[str, str]) -> object:
    """Texts, and lists and tables of texts, with each {name} that has a number replaced by it.

    >>> substituted({"x": "1 {half}", "hints": ["What is {half}?", "{other}"]}, {"half": "1/2"})
    {'x': '1 1/2', 'hints': ['What is 1/2?', '{other}']}
    """
    if isinstance(value, str):
        return _NAME.sub(lambda found: numbers.get(found[1], found[0]), value)
    if isinstance(value, list):
        return [substituted(item, numbers) for item in value]
    if isinstance(value, Mapping):
        return {key: substituted(item, numbers) for key, item in value.items()}
    return value
