"""Lists and values as sentences have them, and as a shell takes them again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from fractions import Fraction

_PLAIN_WORD = re.compile(r"[\w./~:@%+-]+")
_BRIEF = 80
_FEW, _MOST = 8, 12  # numbers, and runs of them, that a sentence has room for


def joined(parts: Sequence[object], conjunction: str = "and") -> str:
    """The parts with commas, and the conjunction before the last.

    >>> joined([1]), joined([1, 2, 3]), joined([2, 3], "or")
    ('1', '1, 2 and 3', '2 or 3')
    """
    *most, last = map(str, parts)
    return f"{', '.join(most)} {conjunction} {last}" if most else last


def counted(count: int, what: str) -> str:
    """So many of something.

    >>> counted(1, "model"), counted(10_000, "step")
    ('1 model', '10,000 steps')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def lasted(seconds: float) -> str:
    """How long something took, in seconds, minutes or hours.

    >>> lasted(0.03), lasted(1.26), lasted(312.0), lasted(10_900.0)
    ('less than 0.1 seconds', '1.3 seconds', '5.2 minutes', '3.0 hours')
    """
    if seconds < 0.05:
        return "less than 0.1 seconds"
    for unit, length in (("second", 1), ("minute", 60)):
        if seconds < 120 * length:
            return f"{seconds / length:.1f} {unit}s"
    return f"{seconds / 3600:.1f} hours"


def brief(value: object) -> str:
    """What somebody gave, as a sentence can hold it: at most 80 characters.

    >>> brief("two"), brief(10**100)[-3:], brief(10**5000)
    ("'two'", '00…', 'a number of thousands of digits')
    """
    try:
        text = str(value) if isinstance(value, Fraction) else repr(value)
    except ValueError:  # Python writes out no whole number of more than 4300 digits
        many = isinstance(value, Iterable)
        return "numbers of thousands of digits" if many else "a number of thousands of digits"
    return cut(text)


def cut(text: str) -> str:
    """A text as a sentence can hold it: at most 80 characters.

    >>> len(cut("a" * 100)), cut("short")
    (80, 'short')
    """
    return text if len(text) <= _BRIEF else f"{text[: _BRIEF - 1]}…"


def listed(numbers: Sequence[int]) -> str:
    """Whole numbers with commas; of many, those that follow each other as one, and not all of them.

    >>> listed([1, 2, 3]), listed([*range(1, 15), 20])
    ('1, 2 and 3', '1 to 14 and 20')
    >>> listed(range(1, 60, 2))
    '1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21 and 19 more'
    """
    if len(numbers) <= _FEW:
        return joined(numbers)
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = runs if len(runs) <= _MOST else runs[: _MOST - 1]
    left = len(numbers) - sum(map(len, shown))
    parts = [f"{run[0]} to {run[-1]}" if len(run) > 1 else f"{run[0]}" for run in shown]
    return joined([*parts, f"{left} more"] if left else parts)


# --------------------------------------------------------------------------------------------------
# What a person typed, or may type, as words of a command.


def quoted(text: str) -> str:
    r"""A value between quotes that most shells read as it stands.

    >>> quoted("1 0; 0 1"), quoted('"0" 0')
    ('"1 0; 0 1"', '\'"0" 0\'')
    """
    return shlex.quote(text) if set(text) & set('"$`\\!') else f'"{text}"'


def word(text: str) -> str:
    """A value as one word, between quotes where it needs them.

    >>> word("./course"), word("my course")
    ('./course', '"my course"')
    """
    return text if _PLAIN_WORD.fullmatch(text) else quoted(text)


def option_words(name: str, value: str) -> str:
    """An option with its value, as in ``--student ada``.

    >>> option_words("--student", "ada"), option_words("--student", "Ada L.")
    ('--student ada', '--student="Ada L."')
    """
    plain = word(value) == value and not value.startswith("-")
    return f"{name} {value}" if plain else f"{name}={word(value)}"
