"""Values as words of a command, as a shell takes them."""

from __future__ import annotations

import re
import shlex

_PLAIN = re.compile(r"[\w./~:@%+-]+")


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
    return text if _PLAIN.fullmatch(text) else quoted(text)


def option_words(name: str, value: str) -> str:
    """An option with its value, as in ``--student ada``.

    >>> option_words("--student", "ada"), option_words("--student", "Ada L.")
    ('--student ada', '--student="Ada L."')
    """
    plain = word(value) == value and not value.startswith("-")
    return f"{name} {value}" if plain else f"{name}={word(value)}"


# --------------------------------------------------------------------------------------------------
# What a person typed, as their shell would take it again.
