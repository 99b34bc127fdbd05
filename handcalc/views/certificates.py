"""The pages on certificates, and on what the check of one says."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from handcalc.superposition.certificates.certificate import Certificate
from handcalc.superposition.certificates.checked import Checked, rounded_down, rounded_up
from handcalc.views.circuits.blocks import Named, Page, Said, Title, escaped
from handcalc.views.notation import UNICODE
from handcalc.views.rounding import significant
from handcalc.views.text.optima import LOSS_DIGITS, question
from handcalc.views.text.proofs import PROVED
from handcalc.wording import counted

_PROVED_ALONG = (
    "all best embeddings lie in small regions around the copies of this one, and there is one in "
    "each at most."
)
_LEFT = (
    "What they prove is for handcalc.check_certificate to say: nothing of it is believed before."
)


def certificate(shown: Certificate) -> Page:
    """What it is about, and how large it is; nothing of it is checked."""
    regions = counted(len(shown.regions), "region")
    size = f"{shown.cover.boxes:,} boxes, and {regions} around the copies of this model."
    return [*_claimed(shown), Said.plainly(f"{size} {_LEFT}")]


def checked(shown: Checked) -> Page:
    """What is proved."""
    return [Title("What the certificate proves"), *map(Said.plainly, checked_sentences(shown))]


def verified(shown: Certificate, found: Checked, also: Sequence[str] = ()) -> Page:
    """The claim, and below it what the check says."""
    sentences = [*checked_sentences(found, shown), *also]
    return [
        *_claimed(shown),
        Title("What the certificate proves"),
        *map(Said.plainly, map(escaped, sentences)),
    ]


def checked_sentences(shown: Checked, rests_on: Certificate | None = None) -> list[str]:
    """What is proved, of which loss, and what it rests on."""
    loss = significant(sympy.Rational(*shown.loss.as_integer_ratio()), LOSS_DIGITS)
    gap = rounded_up(shown.loss - shown.lower)
    if shown.interval is not None:
        ends = f"every S from {shown.interval[0]} to {shown.interval[1]}"
        said = f"Proved, for {ends}: {_PROVED_ALONG}"
        said = said if shown.is_proved else f"Nothing is proved for {ends}."
    elif shown.is_proved:
        above = f"at most {gap:g} above the least" if gap else "the least"
        said = f"Proved: {PROVED} The loss of this one is {loss}, {above}."
    elif shown.lower > 0:
        low = rounded_down(shown.lower)
        said = f"Bounded: no embedding loses less than {low:g}. This one loses {loss}, at most "
        said += f"{gap:g} more; whether any loses less than it is open."
    else:
        said = f"Nothing is proved. This one loses {loss}; whether any loses less is open."
    rests = [f"It rests on {shown.leaves:,} boxes of embeddings that are bounded"]
    if rests_on is not None:
        rests = [f"It rests on {rests_on.cover.boxes:,} boxes, {shown.leaves:,} of them bounded"]
    if shown.convexity > 0:
        rests.append(
            "and on regions around the copies where the loss is strictly convex: second "
            f"derivatives are at least {shown.convexity:.3g}"
        )
    return [said, f"{', '.join(rests)}."]


def _claimed(shown: Certificate) -> Page:
    """The problem, and the model that is said to be its best."""
    problem, interval = shown.claim.problem, shown.claim.interval
    title, inputs = question(problem, UNICODE)
    if interval is not None:
        ends = f"every S from {interval[0]} to {interval[1]}"
        along = f"Each feature is off with probability S, {ends}, independently."
        inputs = inputs.replace(problem.distribution.sentence(), along)
    labels = tuple(f"feature {i}" for i in range(1, problem.features + 1))
    return [
        Title(f"A certificate: {title}", is_page=True),
        Said.plainly(escaped(inputs)),
        Named("W", shown.model.W, labels),
        Named("b", (shown.model.b,)),
    ]
