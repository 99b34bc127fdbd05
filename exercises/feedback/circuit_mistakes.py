"""Mistakes with matrices in a circuit: what a witness shows, and what is one step from right.

From the most telling to the least: nothing written at all; a matrix that would be right turned,
negated or exchanged with another; what the largest number belongs to instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from exercises.answers import read_listed
from exercises.checking import Decision, Feedback, decide
from exercises.checking.circuits import passes_all
from exercises.checking.outcome import CircuitWitness, filled
from exercises.circuit_checks import (
    Attends,
    CircuitCheck,
    Copies,
    CopyingScore,
    HasRank,
    Induces,
    allows_multiples,
    frame_in,
)
from exercises.exercise import Exercise
from exercises.matrices import NamedMatrices
from handcalc.circuits.sequence_claims import followers
from handcalc.derivation import Claim
from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix
from handcalc.numbers.exact import sign
from handcalc.wording import joined


def circuit_mistake(exercise: Exercise, answer: NamedMatrices, found: Decision) -> Feedback | None:
    """What is said of matrices that fail, and the name of the mistake; None where none is known."""
    check = exercise.key().check
    if not isinstance(check, CircuitCheck):
        return None
    empty = _nothing(check, answer, found)
    if isinstance(check, HasRank):  # which neither signs nor sides change
        return empty
    return empty or _one_step(exercise, answer) or _shown(exercise, found)


def passes(exercise: Exercise, answer: NamedMatrices) -> bool:
    """Whether matrices pass; where that cannot be decided they do not."""
    check = exercise.key().check
    try:
        if isinstance(check, Attends | Induces):
            return passes_all(check, answer)
        return decide(check, answer).score == 1
    except InputError:
        return False


def is_listed(exercise: Exercise, listed: object, answer: NamedMatrices) -> bool:
    """Whether matrices are listed ones, or multiples of them where that makes no difference."""
    if not isinstance(listed, NamedMatrices):
        return False
    factors = answer.multiples(listed)
    if factors is None:
        return False
    check = exercise.key().check
    is_free = isinstance(check, CircuitCheck) and allows_multiples(check)
    return is_free or all(factor == 1 for factor in factors)


# --------------------------------------------------------------------------------------------------
# Nothing in a matrix, and what is one step from right.


def _nothing(check: CircuitCheck, answer: NamedMatrices, found: Decision) -> Feedback | None:
    """All zeros: nothing is scored, or written."""
    empty = [name for name, rows in answer.parts if not any(sign(x) for row in rows for x in row)]
    if not empty:
        return None
    which = f"{joined(empty)} {'is' if len(empty) == 1 else 'are'} all zeros"
    frame = frame_in(check)
    parts = {part for name in empty for part in (frame.places[name] if frame else ())}
    comes = "nothing comes of it"
    if parts == {"W_QK"}:
        comes = "every score is 0, and attention is uniform"
    happened = filled("{}, so that {}. {}", which, comes, found.feedback.happened)
    ask = "Which one entry would bring the largest change for the better, and with which sign?"
    return Feedback(happened, Claim(ask), "zero")


def _one_step(exercise: Exercise, answer: NamedMatrices) -> Feedback | None:
    """A matrix that would be right turned, negated, or in the place of another."""
    for other, name in _transposed(answer):
        if passes(exercise, other):
            if isinstance(exercise.key().check, Attends):
                return _looks_ahead(name)
            said = filled("With rows and columns exchanged, {} would be right.", name)
            ask = (
                "A row vector stands on the left. Which of the two sides do the rows of {} belong "
                "to, and which the columns?"
            )
            return Feedback(said, filled(ask, name), "transposed")
    for other, name in _negated(answer):
        if passes(exercise, other):
            said = filled("With all of its signs turned, {} would be right.", name)
            ask = "What is to become larger here, and what does {} make of it?"
            return Feedback(said, filled(ask, name), "wrong-sign")
    for other in _exchanged(answer):
        if passes(exercise, other):
            said = Claim("The right matrices, each in another one's place.")
            return Feedback(said, Claim("Which of them belongs where?"), "swapped")
    return None


def _looks_ahead(name: str) -> Feedback:
    """Scores whose table is turned: where i is to look at j, j looks at i."""
    happened = filled(
        "With rows and columns exchanged, {} would be right. As it stands it looks as far ahead as "
        "it is to look back, and the mask lets nobody look there.",
        name,
    )
    ask = "The query stands on the left of {}, and the key on the right. Which of them moves?"
    return Feedback(happened, filled(ask, name), "looks-ahead")


def _transposed(answer: NamedMatrices) -> Iterator[tuple[NamedMatrices, str]]:
    for name, rows in answer.parts:
        turned: Matrix = tuple(zip(*rows, strict=True))
        if len(rows) == len(rows[0]) and turned != rows:
            yield answer.replaced(name, turned), name


def _negated(answer: NamedMatrices) -> Iterator[tuple[NamedMatrices, str]]:
    for name, rows in answer.parts:
        yield answer.replaced(name, tuple(tuple(-cell for cell in row) for row in rows)), name


def _exchanged(answer: NamedMatrices) -> Iterator[NamedMatrices]:
    if not 1 < len(answer.parts) <= 3:
        return
    shapes = [(len(rows), len(rows[0])) for _, rows in answer.parts]
    for order in permutations(range(len(shapes))):
        if order != tuple(range(len(shapes))) and [shapes[i] for i in order] == shapes:
            moved = (
                (name, answer.parts[i][1]) for (name, _), i in zip(answer.parts, order, strict=True)
            )
            yield NamedMatrices(tuple(moved))


# --------------------------------------------------------------------------------------------------
# What the witness shows.


def _shown(exercise: Exercise, found: Decision) -> Feedback | None:
    """What the numbers of the witness say."""
    witnesses = (each.witness for each in found.outcomes if each.passed is False)
    failing = next((each for each in witnesses if isinstance(each, CircuitWitness)), None)
    happened, check = found.feedback.happened, exercise.key().check
    if failing is None or isinstance(check, CopyingScore):  # whose rows are to be outdone
        return None
    if len(failing.largest) > 1 and failing.wanted in failing.largest:
        rivals = [name for name in failing.largest if name != failing.wanted]
        ask = filled(
            "What sets {} apart from {}, and which entry could tell them apart?",
            failing.wanted,
            joined(rivals),
        )
        return Feedback(happened, ask, "tie")
    if isinstance(check, Attends):
        return _of_scores(check, failing, happened)
    if isinstance(check, Induces):
        return _of_prediction(check, failing, happened)
    if isinstance(check, Copies):
        ask = filled(
            "Follow {} by hand: its row of W_E, then W_OV, then W_U. Where {} {} come in?",
            failing.wanted,
            "do" if len(failing.largest) > 1 else "does",
            joined(failing.largest),
        )
        return Feedback(happened, ask, "another-token")
    return None


def _of_scores(check: Attends, failing: CircuitWitness, happened: Claim) -> Feedback:
    """Where the head looks instead."""
    at, looks = len(failing.numbers), int(failing.largest[0])
    if looks == at:
        ask = "What does W_QK do to the query before it meets the keys: does it move it at all?"
        return Feedback(happened, Claim(ask), "attends-to-itself")
    if looks == 1 and at - check.back > 2:
        ask = (
            "Is the score largest where the two positions are nearest, or where they are farthest?"
        )
        return Feedback(happened, Claim(ask), "attends-to-the-far-end")
    ask = f"That is {at - looks} back. By how much is the query to be moved for {check.back} back?"
    return Feedback(happened, Claim(ask), "attends-elsewhere")


def _of_prediction(check: Induces, failing: CircuitWitness, happened: Claim) -> Feedback:
    """What is predicted instead of what followed."""
    tokens = failing.tokens[len(check.before) :]
    if failing.largest == (tokens[-1],):
        ask = (
            "The last token predicts itself. Does the head look at an earlier copy, or at what "
            "came after it?"
        )
        return Feedback(happened, Claim(ask), "predicts-itself")
    if followers(tokens[:-1]) and set(failing.largest) <= {*followers(tokens[:-1])}:
        ask = "That is what followed the token before. Which token does the query ask with?"
        return Feedback(happened, Claim(ask), "one-too-early")
    ask = f"At which place of {' '.join(tokens)} is layer 2 to look, and what tells it that place?"
    return Feedback(happened, filled("{}", ask), "predicts-another")


# --------------------------------------------------------------------------------------------------
# What is said of an answer that is right.


def known_way(exercise: Exercise, answer: NamedMatrices) -> Claim | None:
    """Which solution of the exercise this is, or a multiple of which; None where it is another."""
    for number, solution in enumerate(exercise.key().solutions, 1):
        listed = read_listed(exercise.answer, solution)
        factors = answer.multiples(listed) if isinstance(listed, NamedMatrices) else None
        if factors is None:
            continue
        route = f"This is “{solution.title}”, route {number} of the solution"
        longer = [
            filled("{} times as large", factor)
            if len(factors) == 1
            else filled("{} {} times as large", name, factor)
            for name, factor in zip(answer.names, factors, strict=True)
            if factor != 1
        ]
        if not longer:
            return filled("{}.", route)
        parts, check = joined(["{}"] * len(longer)), exercise.key().check
        is_free = isinstance(check, CircuitCheck) and allows_multiples(check)
        why = ": only the order of the numbers counts" if is_free else ""
        return filled(f"{{}}, {parts}{why}.", route, *longer)
    return None
