"""Arguments that are True or False, and nothing else: "no" is not taken as yes."""

from __future__ import annotations

from handcalc.errors import InputError
from handcalc.wording import brief


def read_flag(name: str, value: object) -> bool:
    """The value, which is True or False. Errors: the argument's name.

    >>> read_flag("weighted", True)
    True
    >>> read_flag("weighted", "no")
    Traceback (most recent call last):
    handcalc.errors.InputError: weighted= is True or False, not 'no'.
    """
    if not isinstance(value, bool):
        raise InputError(name, f"{name}= is True or False, not {brief(value)}.")
    return value
