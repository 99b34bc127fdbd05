"""From an answer that fails to what happened and what to try, kept apart.

First what rounded numbers stand for; then the wrong answers that the exercise itself lists; then
what is one step from a solution; then, where an input decides, the mistakes that its forward pass
shows; else what the check has to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from exercises.answers import Choice, Decimals, Value, read_listed
from exercises.checking import Decision, Feedback, decide
from exercises.checking.outcome import plain
from exercises.checks import Chosen, Equals, LossAtMost, ReconstructsSet, SameModel
from exercises.exercise import Exercise, IntervalAnswer, WrongAnswer
from exercises.feedback import mistakes
from exercises.feedback.circuit_mistakes import circuit_mistake, is_listed
from exercises.feedback.failure import Failure
from exercises.feedback.mistakes import Diagnosis, mistake_on_set
from exercises.feedback.near_misses import near_miss
from exercises.feedback.rounding import (
    Meant,
    ask_for_exact,
    find_meant,
    rounded_numbers,
    taken_as,
)
from exercises.feedback.slips import slip
from exercises.feedback.slopes import downhill
from exercises.feedback.symmetries import moved_features
from exercises.matrices import NamedMatrices
from handcalc.derivation import Claim
from handcalc.errors import InputError
from handcalc.numbers.exact import equal, sign
from handcalc.superposition.model.forward_pass import Forward
from handcalc.superposition.model.same_model import same_model
from handcalc.superposition.model.toy_model import ToyModel

# --------------------------------------------------------------------------------------------------
# What to try where nothing is known of a mistake: the end that is off, else a tip of the exercise.


_ENDS = ("lower", "upper")
_OFF = ("too-small", "too-large")  # of numbers that no known mistake gives
_ANYWAY = (
    "Which step of the way can you check by itself, with numbers for which you know what must "
    "come out?"
)


def advice(exercise: Exercise, value: Value, found: Decision) -> Claim:
    """One thing to try for an answer that fails in a way that nobody listed.

    Of an interval, the first end that is off is asked about. Else it is a tip of the exercise: with
    the first so many numbers right, the one after as many, or the last. It is never a hint, which
    may be what this person reads next.

    >>> from exercises.course import load
    >>> from exercises.checking import decide
    >>> from handcalc.parsing import parse_vector
    >>> def said(slug, text):
    ...     exercise, value = load(slug), parse_vector(text)
    ...     return advice(exercise, value, decide(exercise.key().check, value)).sentence
    >>> said("half-helps-linear", "1/4 1/2")
    'Take a number a little below your lower end: does it belong to the interval as well?'
    >>> said("dimensionality", "1/2 2/3 3/5") == load("dimensionality").key().tips[2]
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
    return plain(key.tips[min(off, len(key.tips) - 1)] if key.tips else _ANYWAY)


# from the most telling mistake to the least; the last answer fits every miss
_MISTAKES: tuple[Callable[[Failure], Diagnosis | None], ...] = (
    mistakes.all_zero,
    mistakes.bias_alone,
    mistakes.swapped,
    mistakes.bias_misplaced,
    mistakes.bias_sign,
    mistakes.input_in_W,
    mistakes.antipodal_without_bias,
    mistakes.same_arrow,
    mistakes.lost,
    mistakes.bias_spoils,
    mistakes.length,
    mistakes.clipped,
    mistakes.interference,
)


def explain(exercise: Exercise, value: Value, found: Decision, decimals: Decimals) -> Feedback:
    """What happened and what to try, for an answer that fails and how its numbers were written.

    >>> from decimal import Decimal
    >>> import sympy
    >>> from exercises.course import load
    >>> from exercises.checking import decide
    >>> exercise, third = load("best-bias-dense"), (sympy.Rational(33, 100),)
    >>> found = decide(exercise.key().check, third)
    >>> explain(exercise, third, found, (Decimal("0.33"),)).diagnosis
    'mean-square'
    """
    typed = rounded_numbers(exercise, value, decimals)
    if not typed or isinstance(value, Choice):
        return diagnose(exercise, value, found)
    try:
        meant = find_meant(exercise, value, typed)
        told = None if meant is None else _explain_meant(exercise, meant, found)
    except InputError:  # past the budget of a field: then the numbers stand as they are
        told = None
    return told or diagnose(exercise, value, found)


def _explain_meant(exercise: Exercise, meant: Meant, found: Decision) -> Feedback | None:
    """What is said of the answer that rounded numbers stand for."""
    if meant.is_right:
        return ask_for_exact(meant)
    check = exercise.key().check
    if isinstance(check, LossAtMost):  # its own numbers are as good, unless they hide a shape
        return recognise(exercise, meant.value, found)
    said = diagnose(exercise, meant.value, decide(check, meant.value))
    remark, happened = taken_as(meant), said.happened
    if remark is None or (said.diagnosis in _OFF and not happened.values):  # nothing follows
        return said
    both = Claim(f"{remark.sentence} {happened.sentence}", (*remark.values, *happened.values))
    return replace(said, happened=both)


def diagnose(exercise: Exercise, value: Value, found: Decision) -> Feedback:
    """What happened and what to try, for an answer that fails.

    >>> from exercises.course import load
    >>> from exercises.checking import decide
    >>> exercise, model = load(1), ToyModel("1 0; 0 1; 0 0")
    >>> diagnose(exercise, model, decide(exercise.key().check, model)).diagnosis
    'lost'
    """
    known = recognise(exercise, value, found)
    if known is not None:
        return known
    check = exercise.key().check
    if isinstance(check, LossAtMost) and isinstance(value, ToyModel):
        return _with_way_down(check, value, found.feedback)
    if found.work is None:
        said = found.feedback
        if said.advice is None and isinstance(value, tuple):
            said = slip(exercise, value) or said
        return said if said.advice else replace(said, advice=advice(exercise, value, found))
    if isinstance(check, ReconstructsSet):
        mistake = mistake_on_set(found.work, found.asked)
    else:
        mistake = mistake_in(found.work)
    return Feedback(mistake.happened, mistake.advice, mistake.id)


def recognise(exercise: Exercise, value: Value, found: Decision) -> Feedback | None:
    """What is said of a listed wrong answer, or of one that is one step from a solution."""
    listed = _listed(exercise, value)
    if listed is None and isinstance(value, NamedMatrices):
        return circuit_mistake(exercise, value, found)
    if listed is not None or not isinstance(value, ToyModel):
        return listed
    return near_miss(exercise, value, found)


def _with_way_down(check: LossAtMost, model: ToyModel, said: Feedback) -> Feedback:
    """With the way down from here; not where an arrow is missing, which is what to think of."""
    try:
        fall = None if said.diagnosis == "dropped" else downhill(check, model)
    except InputError:  # past the budget of a field
        return said
    if fall is None:
        return said
    happened = said.happened
    both = Claim(f"{happened.sentence} {fall.sentence}", (*happened.values, *fall.values))
    return replace(said, happened=both)


def mistake_in(work: Forward) -> Diagnosis:
    """The first mistake in the list that the forward pass shows; some output must miss.

    >>> from handcalc import ToyModel, forward
    >>> mistake_in(forward(ToyModel("1 0; 0 1; 0 0"), "1 1/2 1/4")).id
    'lost'
    """
    failure = Failure.of(work)
    found = (mistake(failure) for mistake in _MISTAKES)
    return next((each for each in found if each is not None), None) or mistakes.bias_off(failure)


def _listed(exercise: Exercise, value: Value) -> Feedback | None:
    """The text of the listed wrong answer that this is, or whose wrong claim it makes."""
    for is_meant in (_is_given, _claims_the_same):
        for wrong in exercise.key().wrong:
            if wrong.happened and wrong.advice and is_meant(exercise, wrong, value):
                return Feedback(plain(wrong.happened), plain(wrong.advice), wrong.diagnosis)
    return None


def _is_given(exercise: Exercise, wrong: WrongAnswer, value: Value) -> bool:
    """Whether an answer is a listed one: the same numbers or choice, or the same model, turned."""
    listed = read_listed(exercise.answer, wrong)
    if isinstance(listed, ToyModel) and isinstance(value, ToyModel):
        try:
            found = same_model(listed, value)
        except InputError:  # past the budget of a field: then it is another model
            return False
        check = exercise.key().check
        rows = check.rows if isinstance(check, SameModel) else ()  # that must stand as they do
        return bool(found and not moved_features(found)) and all(
            equal(a, b)
            for i, _ in rows
            for a, b in zip(listed.W[i - 1], value.W[i - 1], strict=True)
        )
    if isinstance(value, NamedMatrices):
        return is_listed(exercise, listed, value)
    if isinstance(listed, tuple) and isinstance(value, tuple):
        return all(equal(a, b) for a, b in zip(listed, value, strict=True))
    return listed == value


def _claims_the_same(exercise: Exercise, wrong: WrongAnswer, value: Value) -> bool:
    """Whether a choice makes the wrong claim of a listed one, for whatever reason."""
    listed = read_listed(exercise.answer, wrong)
    if not (isinstance(listed, Choice) and isinstance(value, Choice)):
        return False
    check = exercise.key().check
    right = check.claim if isinstance(check, Chosen) else ""
    return listed.claim == value.claim != right
