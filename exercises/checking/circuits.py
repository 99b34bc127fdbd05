"""What matrices do in a circuit: decided exactly, with the first token or sentence that fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from exercises.checking.outcome import (
    CheckOutcome,
    CircuitWitness,
    Decision,
    Feedback,
    by_name,
    filled,
)
from exercises.circuit_checks import Attends, Copies, Induces
from exercises.matrices import NamedMatrices
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.exponential_sum import Value, shown
from handcalc.circuits.positions import Position, logits
from handcalc.circuits.proving import Enumeration, LengthCount, SequenceClaim, holds, last_position
from handcalc.circuits.sequence_claims import followers
from handcalc.circuits.softmax import largest
from handcalc.circuits.tables import ov_rows
from handcalc.derivation import Claim
from handcalc.wording import counted, joined

_MOST_NAMED = 5  # numbers that a sentence has room for

# what an outcome that fails is called, by the first word of its id; of scores, rows of tables and
# sentences of an induction head the witness shows more
_MISSES: Mapping[str, str] = {
    "entry": "out-of-bounds",
    "sentence": "predicts-another",
    "rank": "another-rank",
    "score": "score-too-low",
    "row": "still-on-top",
    "direction": "left-over",
    "keeps": "rest-disturbed",
}


def copies(check: Copies, answer: NamedMatrices) -> Decision:
    """One outcome a token, passed if its own entry alone is the largest of its row."""
    model = check.frame.model(answer)
    rows = ov_rows(model, check.layer, check.head)
    outcomes = []
    for token in check.tokens:
        values = rows[model.vocabulary.index(token)]
        row = witness_of(("row", (token,)), model.vocabulary, values, token)
        outcomes.append(ordered(f"token-{token}", row, f"Row {token} of W_E W_OV W_U is"))
    said = "In each row of W_E W_OV W_U the own token alone has the largest entry."
    return told(outcomes, Claim(said))


def attends(check: Attends, answer: NamedMatrices) -> Decision:
    """One outcome a position, passed if the score of the place so far back alone is the largest."""
    claim = check.claim(check.frame.model(answer))
    proof = _proof(claim, check.up_to)
    outcomes = []
    for each in proof.lengths:
        if each.sequences:
            position = len(check.before) + each.length
            name, wanted = f"position-{position}", position - check.back
            verb = "does not score" if each.failures else "scores"
            said = Claim(f"Position {position} {verb} position {wanted} highest.")
            outcomes.append(CheckOutcome(name, not each.failures, said))
    if proof.counterexample is None:
        first = outcomes[0].id.removeprefix("position-")
        before = "before" if check.back == 1 else f"{check.back} before"
        right = f"From position {first} on, the position {before} has the largest score."
        return Decision(tuple(outcomes), Feedback(Claim(right)))
    failing = _scores(check, claim, proof.counterexample)
    at = len(check.before) + len(proof.counterexample)
    lead = f"At position {at}" + _of_sentence(claim, failing.tokens)
    missed = ordered(f"position-{at}", failing, f"{lead} the scores by position are")
    outcomes = [missed if each.id == missed.id else each for each in outcomes]
    return Decision(tuple(outcomes), Feedback(missed.message))


@lru_cache(maxsize=64)  # one grading asks for it several times, and a class hands the same in
def _proof(claim: SequenceClaim, up_to: int) -> Enumeration:
    return claim.prove(up_to)


def _scores(check: Attends, claim: SequenceClaim, tokens: Sequence[str]) -> CircuitWitness:
    """The scores of the last position, by position from 1."""
    at = last_position(claim, tokens)
    values = at.heads[check.layer - 1][check.head - 1].scores
    names = [str(place) for place in range(1, len(values) + 1)]
    sentence = (*check.before, *tokens)
    return witness_of(("scores", sentence), names, values, str(len(values) - check.back))


def _of_sentence(claim: SequenceClaim, tokens: Sequence[str]) -> str:
    """The sentence, where tokens make a difference."""
    return f" of {' '.join(tokens)}" if len(claim.alphabet) > 1 else ""


def induces(check: Induces, answer: NamedMatrices) -> Decision:
    """One outcome a length, passed if what followed the last token is predicted in every sentence.

    The witness is the first of the shortest sentences that fail.
    """
    model = check.frame.model(answer)
    claim = check.claim(model)
    proof = _proof(claim, check.up_to)
    outcomes = [_of_length(each) for each in proof.lengths if each.sequences]
    if proof.counterexample is None:
        return Decision(tuple(outcomes), Feedback(_proved(proof)))
    tokens = proof.counterexample
    (wanted,) = followers(tokens)
    failing = after(model, last_position(claim, tokens), (*check.before, *tokens), wanted)
    said = _missed(proof, failing)
    length = f"length-{len(tokens)}"
    outcomes = [
        CheckOutcome(each.id, False, each.message, failing) if each.id == length else each
        for each in outcomes
    ]
    return Decision(tuple(outcomes), Feedback(said))


def _of_length(each: LengthCount) -> CheckOutcome:
    right, all_of_them = each.sequences - each.failures, counted(each.sequences, "sentence")
    many = f"all {all_of_them}" if not each.failures else f"{right:,} of {all_of_them}"
    said = f"{each.length} tokens: {many}."
    return CheckOutcome(f"length-{each.length}", not each.failures, Claim(said))


def _proved(proof: Enumeration) -> Claim:
    sentences = f"all {proof.sequences:,} sentences of up to {proof.up_to} tokens"
    said = f"What followed is predicted in {sentences} in which it was one token alone"
    if proof.margin is None or proof.worst is None:
        return Claim(f"{said}.")
    return filled(
        f"{said}; the smallest lead is {{}}, at {{}}.", proof.margin, " ".join(proof.worst)
    )


def _missed(proof: Enumeration, failing: CircuitWitness) -> Claim:
    right = proof.sequences - proof.failures
    number = f"{right:,} of {proof.sequences:,} sentences of up to {proof.up_to} tokens are right"
    sentence, best = " ".join(failing.tokens), joined(failing.largest)
    how = "is predicted" if len(failing.largest) == 1 else "tie"
    return filled(
        f"{number}. The first that fails is {{}}: {{}} followed, and {{}} {how}, with the logits "
        "({}).",
        sentence,
        failing.wanted,
        best,
        telling(failing),
    )


def passes_all(check: Attends | Induces, answer: NamedMatrices) -> bool:
    """Whether matrices pass, at once where they fail early."""
    return holds(check.claim(check.frame.model(answer)), check.up_to)


# --------------------------------------------------------------------------------------------------
# Numbers by name, of which one is to be the largest.


def after(
    model: AttentionOnly, at: Position, tokens: tuple[str, ...], wanted: str
) -> CircuitWitness:
    """The logits at a position, by token."""
    return witness_of(("logits", tokens), model.vocabulary, logits(model, at), wanted)


def witness_of(
    what: tuple[Literal["row", "scores", "logits"], tuple[str, ...]],
    names: Sequence[str],
    values: Sequence[Value],
    wanted: str,
) -> CircuitWitness:
    """The numbers by name, and which are the largest. Errors: ``InputError``, ``undecided``."""
    numbers = tuple(zip(names, map(shown, values), strict=True))
    best = tuple(names[place] for place in largest(values))
    return CircuitWitness(*what, numbers, wanted, best)


def ordered(name: str, found: CircuitWitness, lead: str) -> CheckOutcome:
    """Whether the wanted number alone is the largest, with all of them."""
    numbers = telling(found)
    if found.largest == (found.wanted,):
        said = filled("{} ({}): {} is largest.", lead, numbers, found.wanted)
        return CheckOutcome(name, True, said)
    best = joined(found.largest)
    how = "is largest" if len(found.largest) == 1 else "are largest together"
    said = filled(
        "{} ({}): {} {}, and {} should be, alone.", lead, numbers, best, how, found.wanted
    )
    return CheckOutcome(name, False, said, found)


def telling(found: CircuitWitness) -> Claim:
    """The numbers by name; of many those that are wanted, or the largest."""
    if len(found.numbers) <= _MOST_NAMED:
        return by_name(found.numbers)
    names = (found.wanted, *found.largest)
    return filled("{}, …", by_name(pair for pair in found.numbers if pair[0] in names))


def told(outcomes: Sequence[CheckOutcome], right: Claim) -> Decision:
    """What is said of some outcomes: that all are right, or the first that is wrong."""
    missed = next((each for each in outcomes if not each.passed), None)
    if missed is None:
        return Decision(tuple(outcomes), Feedback(right))
    name = _MISSES.get(missed.id.partition("-")[0])
    return Decision(tuple(outcomes), Feedback(missed.message, diagnosis=name))
