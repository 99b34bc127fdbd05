"""A question that is asked of a named circuit before its page goes on; its answer is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handcalc.circuits.run import CircuitRun
from handcalc.circuits.run_steps import expression_of
from handcalc.circuits.softmax import largest
from handcalc.derivation import Claim
from handcalc.wording import joined


@dataclass(frozen=True, slots=True)
class CircuitPrediction:
    """What is asked, ``choices`` to answer with, and the places of the ``right`` ones, from 0.

    ``answer`` says what is right and why, beginning in the middle of a sentence. Where ``several``,
    more than one may be right.
    """

    asked: str
    choices: tuple[str, ...]
    right: tuple[int, ...]
    answer: Claim
    several: bool = False


def next_token(run: CircuitRun, why: Claim) -> CircuitPrediction:
    """Which token has the largest logit at the end of a sentence."""
    names, best = run.model.vocabulary, run.predictions[-1]
    right = tuple(map(names.index, best))
    logit = Claim("{}", (expression_of(run.last_logits[right[0]]),))
    told = "has the largest logit, {}." if len(best) == 1 else "have the largest logit, {} each."
    return CircuitPrediction(
        f"Which token, or which tokens, have the largest logit after {' '.join(run.tokens)}?",
        names,
        right,
        _one_claim(f"{escaped_names(best)} {told}", logit, why),
        several=True,
    )


def looks_at(run: CircuitRun, layer: int, head: int, why: Claim) -> CircuitPrediction:
    """At which position a head looks most from the last one."""
    places = seen_most(run, layer, head)
    labels = [f"{k + 1} {run.tokens[k]}" for k in places]
    weight = Claim("{}", (expression_of(run.pattern[layer - 1][head - 1][-1][places[0]]),))
    each = " each" if len(places) > 1 else ""
    where = f"{escaped_names(labels)} with weight {{}}{each}."
    last = f"{len(run.tokens)} {run.tokens[-1]}"
    return CircuitPrediction(
        f"At which position, or positions, does head {layer}.{head} look most from the last one, "
        f"{last}?",
        run.tokens,
        places,
        _one_claim(f"at {where}", weight, why),
        several=True,
    )


def seen_most(run: CircuitRun, layer: int, head: int) -> tuple[int, ...]:
    """The places that the last position gives the largest weight in a head, from 0.

    >>> from handcalc.circuits.gallery.positional import two_back
    >>> seen_most(two_back().run(), 1, 1)
    (2,)
    """
    return largest(run.positions[-1].heads[layer - 1][head - 1].scores)


def escaped_names(names: Sequence[str]) -> str:
    """Names in a sentence with {} for its values."""
    return joined(list(names)).replace("{", "{{").replace("}", "}}")


def _one_claim(sentence: str, number: Claim, why: Claim) -> Claim:
    return Claim(f"{sentence} {why.sentence}", (*number.values, *why.values))
