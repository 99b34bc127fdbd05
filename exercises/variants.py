"""Variants: the sets of numbers that an exercise can be given with, and which one a student gets.

A text of the file may hold {name}; each variant says what stands there. The draw is SHA-256 of the
course's salt, the student and the exercise's slug, so that it is the same everywhere and for ever.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from handcalc.errors import InputError

NAME = re.compile(r"\{([A-Za-z][A-Za-z0-9_]*)\}")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of what does not show: control, format, lone surrogate, line end."""
_FILLERS = frozenset("\u034f\u115f\u1160\u3164\uffa0")
"""Letters and marks of other categories that are empty."""
_JOINERS = frozenset("\u200c\u200d")
_VIRAMA = 9


def student_name(given: object) -> str:
    r"""A student's name as it is drawn from and kept: in Unicode's NFC, without outer blanks.

    Keyboards write é as one character, and some file systems keep it as two: it is one name either
    way. Upper and lower case are two names. What does not show is refused, because two names that
    look alike would have different numbers. Errors: ``InputError`` with code ``no_name``.

    >>> student_name(" Jose\u0301 ") == "Jos\u00e9"
    True
    """
    name = unicodedata.normalize("NFC", given).strip() if isinstance(given, str) else ""
    asked = 'A student has a name, in letters that can be read, such as "ada"'
    if not name:
        raise InputError("no_name", f"{asked}, not {given!a:.60}.")
    for before, character in zip(f" {name}", name, strict=False):
        is_hidden = unicodedata.category(character) in _HIDDEN or character in _FILLERS
        # a joiner has a meaning in Arabic scripts, and after a virama, as RFC 5892 has it
        is_meant = character in _JOINERS and (
            unicodedata.bidirectional(before) == "AL" or unicodedata.combining(before) == _VIRAMA
        )
        if is_hidden and not is_meant:
            said = f"{asked}, and {_called(character)} does not show. Leave it out."
            raise InputError("no_name", said)
    return name


def _called(character: str) -> str:
    r"""A character that does not show, in words.

    >>> _called("\u200b"), _called("\x1b"), _called("\udcff")
    ('U+200B (zero width space)', 'U+001B', 'the byte \\xff')
    """
    if "\udc80" <= character <= "\udcff":  # a byte, as Python writes it where it is no text
        return f"the byte \\x{ord(character) - 0xDC00:02x}"
    name = unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X}" + (f" ({name})" if name else "")


def draw(salt: str, student: str, slug: str, variants: int) -> int:
    """Which of the variants, counted from 1, a student gets: SHA-256 of the three, modulo.

    ``student`` is a ``student_name``.

    >>> draw("2026", "ada", "perfect-reconstruction", 4)
    2
    >>> {draw("2026", str(i), "perfect-reconstruction", 4) for i in range(50)}
    {1, 2, 3, 4}
    """
    # a line end divides the three, so that no two draws hash the same text; of 2²⁵⁶ values the
    # remainder is as good as even
    digest = sha256(f"{salt}\n{student}\n{slug}".encode()).digest()
    return int.from_bytes(digest, "big") % variants + 1


def substitute(value: Any, numbers: Mapping[str, str]) -> Any:
    """Texts, and lists and tables of texts, with each {name} that has a number replaced by it.

    >>> substitute({"x": "1 {half}", "hints": ["What is {half}?", "{other}"]}, {"half": "1/2"})
    {'x': '1 1/2', 'hints': ['What is 1/2?', '{other}']}
    """
    if isinstance(value, str):
        return NAME.sub(lambda found: numbers.get(found[1], found[0]), value)
    if isinstance(value, list):
        return [substitute(item, numbers) for item in value]
    if isinstance(value, Mapping):
        return {key: substitute(item, numbers) for key, item in value.items()}
    return value
