"""Variants: the sets of numbers that an exercise can be given with, and which one a student gets.

A text of the file may hold {name}; each variant says what stands there. The draw is SHA-256 of the
course's salt, the student and the exercise's slug, so that it is the same everywhere and for ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256

__all__ = ["drawn", "substituted"]

_NAME = re.compile(r"\{([A-Za-z][A-Za-z0-9_]*)\}")


def drawn(salt: str, student: str, slug: str, variants: int) -> int:
    """Which of the variants, counted from 1, a student gets: SHA-256 of the three, modulo.

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
