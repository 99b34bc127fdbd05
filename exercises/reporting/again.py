"""How the same exercise, with the same numbers, is asked for again."""

from __future__ import annotations

import json

from exercises.specification import Exercise
from handcalc.shell_words import option_words

__all__ = ["loading_call", "options"]


def options(exercise: Exercise) -> str:
    """What commands carry on behind the number: whose numbers they are, and of which course.

    >>> from exercises import load
    >>> options(load(7, student="Ada Lovelace")), options(load(7))
    (' --student="Ada Lovelace"', '')
    """
    words = []
    if exercise.student is not None:
        words.append(option_words("--student", exercise.student))
    if exercise.folder is not None:
        words.append(option_words("--course", str(exercise.folder)))
    return "".join(f" {word}" for word in words)


def loading_call(exercise: Exercise) -> str:
    """The exercise in Python, by no variable that may have another name.

    >>> from exercises import load
    >>> loading_call(load(7, student="ada")), loading_call(load(7, variant=2))
    ('exercises.load(7, student="ada")', 'exercises.load(7, variant=2)')
    """
    given = [str(exercise.position)]
    if exercise.folder is not None:
        given.append(_text(str(exercise.folder)))
    if exercise.student is not None:
        given.append(f"student={_text(exercise.student)}")
    elif exercise.variant > 1:
        given.append(f"variant={exercise.variant}")
    return f"exercises.load({', '.join(given)})"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
