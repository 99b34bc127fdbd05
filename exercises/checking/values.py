"""Is a number, a vector or an interval the right one? Decided by exact equality and order."""

from __future__ import annotations

import sympy

from exercises.check_kinds import Brackets, Equals
from exercises.checking.outcome import Decision, Feedback, Outcome
from handcalc.derivation import Claim, Number
from handcalc.number import sign
from handcalc.superposition.toy_model import Vector

__all__ = ["brackets", "equals"]


def equals(check: Equals, value: Vector) -> Decision:
    """One outcome an entry, passed exactly if it is the number asked for.

    >>> import sympy
    >>> found = equals(Equals((sympy.Rational(1, 2),)), (sympy.Rational(1, 3),))
    >>> found.score, found.feedback.diagnosis
    (Fraction(0, 1), 'too-small')
    """
    directions = [sign(given - right) for given, right in zip(value, check.value, strict=True)]
    single = len(value) == 1
    outcomes = tuple(
        _entry("The answer" if single else f"Entry {i}", i, given, direction)
        for i, (given, direction) in enumerate(zip(value, directions, strict=True), 1)
    )
    if not any(directions):
        return Decision(outcomes, Feedback(Claim("That is it, exactly.")))
    off = [i for i, direction in enumerate(directions, 1) if direction]
    name = "" if single else f"Entry {off[0]} is off: "
    size = "large" if directions[off[0] - 1] > 0 else "small"
    happened = Claim(f"{name}{{}} is too {size}.", (Number(value[off[0] - 1]),))
    advice = Claim("Work it out for the smallest case you can do by hand, and compare.")
    return Decision(outcomes, Feedback(happened, advice, f"too-{size}"))


def brackets(check: Brackets, value: Vector) -> Decision:
    """Whether the interval holds the value strictly inside, and is narrow enough.

    >>> import sympy
    >>> found = brackets(Brackets(sympy.Rational(1, 3), sympy.Rational(1, 5)), (0, 1))
    >>> [outcome.passed for outcome in found.outcomes], found.feedback.diagnosis
    ([True, False], 'too-wide')
    """
    lower, upper = value
    holds = sign(check.value - lower) > 0 and sign(upper - check.value) > 0
    narrow = sign(check.width - (upper - lower)) >= 0
    width = (Number(upper - lower), Number(check.width))
    outcomes = (
        Outcome("holds", holds, Claim("The interval holds the value." if holds else _MISSED)),
        Outcome("width", narrow, Claim("It is {} wide; at most {} is asked for.", width)),
    )
    if holds and narrow:
        return Decision(outcomes, Feedback(Claim("The value lies in your interval.")))
    if not holds:
        return Decision(outcomes, _beside(check, lower, upper))
    advice = Claim("The value lies in it. Try the middle: on which side of it does the value lie?")
    happened = Claim("The interval is {} wide; at most {} is asked for.", width)
    return Decision(outcomes, Feedback(happened, advice, "too-wide"))


_MISSED = "The interval does not hold the value."


def _beside(check: Brackets, lower: sympy.Expr, upper: sympy.Expr) -> Feedback:
    if sign(upper - lower) <= 0:
        said = Claim("The lower end must come first, and below the upper end.")
        return Feedback(said, Claim("Which of the two numbers is the smaller?"), "no-interval")
    below = sign(check.value - upper) >= 0
    happened = Claim(f"The value lies {'above' if below else 'below'} your interval.")
    return Feedback(happened, Claim("Try a number on that side: what happens there?"), "beside")


def _entry(name: str, number: int, given: sympy.Expr, direction: int) -> Outcome:
    message = Claim(f"{name} is {{}}: {'not it' if direction else 'right'}.", (Number(given),))
    return Outcome(f"entry-{number}", not direction, message)
