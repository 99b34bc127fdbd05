"""Is a number, a vector or an interval the right one? Decided by exact equality and order."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from exercises.answers import Choice
from exercises.checking.outcome import CheckOutcome, Decision, Feedback
from exercises.checks import Brackets, Chosen, Equals
from handcalc.derivation import Claim, Number
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import equal, sign
from handcalc.wording import joined

_NEAR = sympy.Rational(1, 100)
"""How far off, as a share of the right number, a decimal may be to be called rounded."""

_SIZES = {-1: "too small", 1: "too large"}

_UNCHECKED = CheckOutcome("width", None, Claim("The width was not looked at."))


def equals(check: Equals, value: Vector) -> Decision:
    """One outcome an entry, passed exactly if it is the number asked for.

    What is said of a wrong answer: right numbers in another order, no interval where one is asked
    for, wrong signs, a decimal within one per cent, else whether the first wrong number is too
    large or too small.

    >>> import sympy
    >>> found = equals(Equals((sympy.Rational(1, 2),)), (sympy.Rational(1, 3),))
    >>> found.score, found.feedback.diagnosis
    (Fraction(0, 1), 'too-small')
    """
    directions = [sign(given - right) for given, right in zip(value, check.value, strict=True)]
    names = [f"Number {i}" for i in range(1, len(value) + 1)]
    if check.is_interval:
        names = ["The lower end", "The upper end"]
    outcomes = []
    for i, (name, given, off) in enumerate(zip(names, value, directions, strict=True), 1):
        said = f"{name} is {{}}."
        if off:
            said = (
                f"{name}, {{}}, is {_SIZES[off]}." if len(value) > 1 else f"{{}} is {_SIZES[off]}."
            )
        outcomes.append(CheckOutcome(f"entry-{i}", not off, Claim(said, (Number(given),))))
    if not any(directions):
        said = "That is it, exactly." if len(value) == 1 else "All of them are right, exactly."
        return Decision(tuple(outcomes), Feedback(Claim(said)))
    if len(value) > 1 and _in_another_order(check.value, value):
        happened = Claim("These are the right numbers, in another order.")
        ask = Claim("Which of them belongs in which place?")
        return Decision(tuple(outcomes), Feedback(happened, ask, "swapped"))
    if check.is_interval and sign(value[1] - value[0]) <= 0:
        return Decision(tuple(outcomes), _no_interval(*value))
    return Decision(tuple(outcomes), _explain(check, value, directions))


def brackets(check: Brackets, value: Vector) -> Decision:
    """Whether the interval holds the value strictly inside, and is narrow enough.

    The width of an interval that does not hold it is not looked at. Errors: ``InputError`` with
    code ``undecided`` for an end as near to a rounded value as its last place.

    >>> import sympy
    >>> found = brackets(Brackets(sympy.Rational(1, 3), sympy.Rational(1, 5)), (0, 1))
    >>> [outcome.passed for outcome in found.outcomes], found.feedback.diagnosis
    ([True, False], 'too-wide')
    """
    lower, upper = value
    if sign(upper - lower) <= 0:
        holds = CheckOutcome("holds", False, Claim("Nothing lies between the two numbers."))
        return Decision((holds, _UNCHECKED), _no_interval(lower, upper))
    sides = _side(check, check.value - lower), _side(check, upper - check.value)
    inside, narrow = sides == (1, 1), sign(check.width - (upper - lower)) >= 0
    width = Claim(
        "The interval is {} wide; at most {} is asked for.",
        (Number(upper - lower), Number(check.width)),
    )
    said = f"The interval {'holds' if inside else 'does not hold'} the number asked for."
    holds = CheckOutcome("holds", inside, Claim(said))
    if not inside:
        where = "below" if sides[0] < 0 else "above"
        said, name = f"The number asked for lies {where} your interval.", "beside"
        ask = "Try a number on that side: what happens there, and what happens further on?"
        if 0 in sides:
            said = "The number asked for is an end of your interval, and must lie inside it."
            ask = "How far can that end move out, before the interval is too wide?"
            name = "on-the-edge"
        return Decision((holds, _UNCHECKED), Feedback(Claim(said), Claim(ask), name))
    outcomes = (holds, CheckOutcome("width", narrow, width))
    if not narrow:
        happened = Claim(
            "Your interval holds the number asked for, but is too wide: {} instead of {}.",
            width.values,
        )
        ask = "On which side of the middle does the number lie?"
        return Decision(outcomes, Feedback(happened, Claim(ask), "too-wide"))
    return Decision(outcomes, Feedback(Claim("The number asked for lies in your interval.")))


def _side(check: Brackets, gap: sympy.Expr) -> int:
    """The sign of a gap between the value and an end, where the value is known well enough."""
    places = check.places
    if places is not None and sign(abs(gap) - sympy.Rational(1, 10**places)) <= 0:
        raise InputError(
            "undecided",
            f"An end of your interval agrees with all {places} decimal places that are known of "
            "the number asked for, so it cannot be told on which side of it the number lies. Move "
            "that end out a little.",
        )
    return sign(gap)


def _explain(check: Equals, value: Vector, directions: Sequence[int]) -> Feedback:
    """What can be said of numbers that are not all right, and what to try where that helps."""
    right, off = check.value, [i for i, direction in enumerate(directions) if direction]
    if all(equal(value[i], -right[i]) for i in off):
        said = "The size is right, but the sign is not."
        if len(value) == 1:  # of which the size is the whole answer
            said = "The sign is not right."
        ask = Claim("Should it be above 0, or below?")
        return Feedback(Claim(said), ask, "wrong-sign")
    first = off[0]
    given, wanted = value[first], right[first]
    # a decimal that is no whole number, and near to the right one, was rounded on the way
    is_decimal = (
        isinstance(given, sympy.Rational)
        and not given.is_Integer
        and 10 ** int(given.q).bit_length() % int(given.q) == 0
    )
    if is_decimal and sign(_NEAR * wanted * sign(wanted) - abs(given - wanted)) >= 0:
        return not_exactly(given, wanted)
    size = "large" if directions[first] > 0 else "small"
    happened = Claim(
        f"{{}} is too {size}, and none of the usual mistakes gives it.", (Number(given),)
    )
    if len(value) > 1:
        happened = Claim(_unexplained(check, value, off))
    return Feedback(happened, None, f"too-{size}")


def _unexplained(check: Equals, value: Vector, off: Sequence[int]) -> str:
    """Which of several numbers (from 0) no mistake explains; the outcomes say more of each."""
    if len(off) == len(value):
        return f"{'Neither end' if check.is_interval else 'None of the numbers'} is right yet."
    if check.is_interval:
        kept, wrong = ("upper", "lower") if off[0] == 0 else ("lower", "upper")
        return f"The {kept} end is right, but the {wrong} end is not."
    right = [i + 1 for i in range(len(value)) if i not in off]
    numbers = f"Number {right[0]} is" if len(right) == 1 else f"Numbers {joined(right)} are"
    others = "the others are" if len(off) > 1 else f"number {off[0] + 1} is"
    return f"{numbers} right, but {others} not."


def not_exactly(given: sympy.Expr, wanted: sympy.Expr, typed: str | None = None) -> Feedback:
    """What is said of a number that was rounded, as it was typed where that is known."""
    what = "fraction" if wanted.is_Rational and not wanted.is_Integer else "exact number"
    said = "is near, but not exactly it."
    happened = Claim(f"{typed} {said}") if typed else Claim(f"{{}} {said}", (Number(given),))
    ask = f"Did you round on the way? Which {what} is it, before it is rounded?"
    return Feedback(happened, Claim(ask), "rounded")


def _in_another_order(right: Vector, value: Vector) -> bool:
    rest = list(right)
    for given in value:
        found = next((i for i, number in enumerate(rest) if equal(given, number)), None)
        if found is None:
            return False
        del rest[found]
    return True


def _no_interval(lower: sympy.Expr, upper: sympy.Expr) -> Feedback:
    if sign(upper - lower):
        happened, ask = "The lower end must come first.", "Which of the two is the smaller one?"
    else:
        happened = "Both ends are the same number, so nothing lies between them."
        ask = "Which number a little below could be the lower end, and which above the upper one?"
    return Feedback(Claim(happened), Claim(ask), "no-interval")


# --------------------------------------------------------------------------------------------------
# Is it the right claim, for the right reason?


def chosen(check: Chosen, choice: Choice) -> Decision:
    """One outcome for the claim, and one for the reason where one is asked for.

    Of a reason nothing is said before the claim holds: it is a reason for that.

    >>> found = chosen(Chosen("b", "2"), Choice("b", "1"))
    >>> found.score, found.feedback.diagnosis
    (Fraction(1, 2), 'wrong-reason')
    """
    claim, reason = choice.claim == check.claim, choice.reason == check.reason
    said = f"Claim {choice.claim} {'holds' if claim else 'does not hold'}."
    outcomes = [CheckOutcome("claim", claim, Claim(said))]
    if check.reason:
        said = f"Reason {choice.reason} is {'' if reason else 'not '}the right one."
        unchecked = CheckOutcome("reason", None, Claim("The reason was not looked at."))
        outcomes.append(CheckOutcome("reason", reason, Claim(said)) if claim else unchecked)
    return Decision(tuple(outcomes), _feedback(claim, reason, bool(check.reason)))


def _feedback(claim: bool, reason: bool, has_reasons: bool) -> Feedback:
    if claim and reason:
        said = "The claim and the reason are right." if has_reasons else "The claim is right."
        return Feedback(Claim(said))
    if claim:
        ask = "Is the reason true at all? If it is, would the claim follow from it alone?"
        return Feedback(
            Claim("The claim holds, but not for this reason."), Claim(ask), "wrong-reason"
        )
    return Feedback(Claim("The claim does not hold."), None, "wrong-claim")
