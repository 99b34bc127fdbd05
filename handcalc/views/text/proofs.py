"""The best embedding with a proof: what is proved, what it rests on, and what is left open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType

from handcalc.superposition.certificates.checked import rounded_up
from handcalc.superposition.certificates.proof import bound_words
from handcalc.views.layout import Paragraph
from handcalc.views.notation import PlainNotation
from handcalc.views.text.optima import digits_sentence, optimum, sureness_sentences
from handcalc.wording import counted, lasted

if TYPE_CHECKING:
    from handcalc.superposition.best.optimum import Optimum
    from handcalc.superposition.certificates.proof import Proof

PROVED = (
    "no embedding loses less, and only its copies lose as little: the same arrows turned or "
    "reflected, or with features exchanged that are alike."
)
IN_PYTHON = (
    "proof.certificate.save(file) keeps what this rests on, and handcalc.check_certificate works "
    "all of it out again."
)


def proof(
    shown: Proof, notation: PlainNotation, further: Sequence[RenderableType] = ()
) -> RenderableType:
    """The page of the best embedding, with how sure it is; ``further`` says how to go on."""
    said = map(Paragraph, proof_sentences(shown))
    return optimum(shown.optimum, notation, [*said, *(further or [Paragraph(IN_PYTHON)])])


def proof_sentences(shown: Proof) -> list[str]:
    """What is proved, what it rests on, and how well the numbers are known."""
    best, boxes = shown.optimum, shown.certificate.cover.boxes
    took = f"The proof took {lasted(shown.seconds)}."
    if shown.status == "unfinished":
        rests = (
            f"Boxes that cover all embeddings: {boxes:,}; halves of them that wait to be looked "
        )
        rests += f"at: {shown.waiting:,}."
        return [f"Not finished: {bound_words(shown)}.", f"{rests} {took}", sureness(best)]
    if shown.status == "bounded":
        said = f"Bounded: {bound_words(shown)}; whether any loses less than that is open."
        return [said, f"{boxes:,} boxes cover all embeddings. {took}", sureness(best)]
    regions = counted(len(shown.certificate.regions), "region")
    rests = f"{boxes:,} boxes cover all embeddings: on each the loss is above this one, but for "
    rests += f"{regions} around the copies, where it is strictly convex. {took}"
    gap = rounded_up(shown.checked.loss - shown.lower)
    above = f"Their loss is at most {gap:g} above the least." if gap else "Their loss is the least."
    found = f"{best.agreed} of {best.restarts} restarts of the search ended here."
    return [f"Proved: {PROVED}", rests, f"{digits_sentence(best)} {above} {found}"]


def sureness(best: Optimum) -> str:
    """What the search alone says."""
    return " ".join(sureness_sentences(best))
