"""What to try where nothing is known of a mistake: the end that is off, else a hint that fits."""

from __future__ import annotations

from exercises.answer_kinds import IntervalAnswer
from exercises.answers import Value
from exercises.check_kinds import Equals
from exercises.checking import Decision
from exercises.specification import Exercise
from exercises.wording import plain
from handcalc.derivation import Claim
from handcalc.numbers.exact import sign

__all__ = ["advice"]

_ENDS = ("lower", "upper")


def advice(exercise: Exercise, value: Value, found: Decision) -> Claim:
    """One thing to try for an answer that fails in a way that nobody listed.

    Of an interval, the first end that is off is asked about. Else it is a hint: the first one, or
    with the first so many numbers right, the one after as many, or the last.

    >>> from exercises.loading import load
    >>> from exercises.checking import decide
    >>> from handcalc.parsing import parse_vector
    >>> def said(slug, text):
    ...     exercise, value = load(slug), parse_vector(text)
    ...     return advice(exercise, value, decide(exercise.key().check, value)).sentence
    >>> said("half-helps-linear", "1/4 1/2")
    'Take a number a little below your lower end: does it belong to the interval as well?'
    >>> said("dimensionality", "1/2 2/3 3/5") == load("dimensionality").key().hints[1]
    True
    """
    key = exercise.key()
    off = next((i for i, each in enumerate(found.outcomes) if each.passed is False), 0)
    if (
        isinstance(exercise.answer, IntervalAnswer)
        and isinstance(key.check, Equals)
        and isinstance(value, tuple)
    ):
        below = sign(value[off] - key.check.value[off]) > 0
        inward = below == bool(off)
        return Claim(
            f"Take a number a little {'below' if below else 'above'} your {_ENDS[off]} end: does "
            f"it {'really belong to the interval' if inward else 'belong to the interval as well'}?"
        )
    return plain(key.hints[min(off, len(key.hints) - 1)])
