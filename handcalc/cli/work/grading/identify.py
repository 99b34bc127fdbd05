"""Which student a hand-in is from: by its name, its folder, a platform's number, or a pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from re import Pattern

from exercises.variants import student_name
from handcalc.cli.report import refuse
from handcalc.cli.visible import visible
from handcalc.errors import InputError
from handcalc.processes.time_limits import Died, TimedOut, within_time_limit

from .layouts import HandIn

WAYS = ("name", "folder", "id", "email")
"""What a student may be called by, where a hand-in says it."""
_LONGEST = 200  # characters of a pattern
_SECONDS = 2.0  # for one name: a pattern may take for ever
_GROUP = "student"
_EXAMPLE = "--student-from='(?P<student>[a-z]+)-hw1'"


def check_pattern(way: str) -> None:
    """Refuse what is no way and no pattern with a group "student" in it."""
    if way in WAYS:
        return
    message = ""
    try:
        groups = re.compile(way).groupindex if len(way) <= _LONGEST else {_GROUP: 0}
    except (re.error, RecursionError, OverflowError) as error:
        message = f"It is no regular expression: {error}."
    else:
        if len(way) > _LONGEST:
            message = f"It is longer than {_LONGEST} characters."
        elif _GROUP not in groups:
            message = "There is no group (?P<student>…) in it."
    if message:
        said = f"--student-from takes {', '.join(WAYS)}, or a pattern. {message}"
        refuse(said, _EXAMPLE)


def students_of(hand_ins: Sequence[HandIn], way: str | None) -> list[tuple[str, ...] | str]:
    """The names of those who handed each in, or in words why there is none.

    Errors: refused where a pattern takes too long to match.
    """
    if way is not None and way not in WAYS:
        matched = _matched(way, [hand_in.path for hand_in in hand_ins])
        return [_names([text]) for text in matched]
    key = way or "name"
    found: list[tuple[str, ...] | str] = []
    for hand_in in hand_ins:
        texts = [person.get(key, "") for person in hand_in.people]
        if all(texts):
            found.append(_names(texts))
        else:
            found.append(f"Nothing says whose it is by {key}.")
    return found


def _names(texts: Sequence[str | None]) -> tuple[str, ...] | str:
    if None in texts:
        return "The pattern of --student-from does not match its name."
    try:
        return tuple(student_name(text) for text in texts)
    except InputError as error:
        return f"Nobody's name is in the name of the file. {error.message}"


def _matched(pattern: str, paths: Sequence[str]) -> list[str | None]:
    """What the group is in each path. In another process, since a pattern cannot be stopped."""
    found: list[str | None] = [None] * len(paths)
    outcomes = within_time_limit(_searching, pattern, paths, seconds=_SECONDS)
    try:
        for position, outcome in outcomes:
            if isinstance(outcome, TimedOut | Died):
                name = visible(paths[position])
                message = f"--student-from: the pattern takes more than {_SECONDS:g} s on {name}."
                said = f"{message} Nothing was graded."
                refuse(said, _EXAMPLE)
            found[position] = outcome
    finally:
        outcomes.close()
    return found


def _searching(pattern: str) -> Callable[[str], str | None]:
    compiled: Pattern[str] = re.compile(pattern)

    def search(path: str) -> str | None:
        match = compiled.search(path)
        return None if match is None else match[_GROUP]

    return search
