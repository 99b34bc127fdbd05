"""The pages on named circuits, and on proofs of what they claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy

from handcalc.circuits.gallery.circuit import Circuit
from handcalc.circuits.proving import Enumeration
from handcalc.circuits.run import CircuitRun
from handcalc.derivation import Claim
from handcalc.views.circuits import runs
from handcalc.views.circuits.blocks import (
    Page,
    Said,
    Tabulated,
    Title,
    ToType,
    escaped,
    number_expression,
)
from handcalc.views.circuits.models import model
from handcalc.wording import counted


def proof(shown: Enumeration) -> Page:
    """How many sequences, how many failures, the smallest lead, and by length."""
    found = f"{counted(shown.sequences, 'sequence')} of {shown.lengths_met}"
    page: Page = [Title("Proof by enumeration"), Said.plainly(escaped(shown.claim.sentence))]
    if not shown.sequences:
        said = f"It says nothing of sequences of up to {counted(shown.up_to, 'token')}."
        return [*page, Said.plainly(said)]
    if shown.counterexample is None:
        page.append(Said.plainly(f"Proved: {found}, and none breaks it."))
    else:
        where = escaped(" ".join(shown.counterexample))
        page.append(
            Said.plainly(f"Not so: of {found}, {shown.failures} break it, the first is {where}.")
        )
    if shown.margin is not None and shown.worst is not None:
        worst = escaped(" ".join(shown.worst))
        lead = number_expression(shown.margin)
        page.append(
            Said.plainly(f"Smallest lead of what is right over the rest: {{}}, at {worst}.", lead)
        )
    heads = ("length", "sequences", "failures", *(("lead", "worst") if shown.worst else ()))
    rows = [
        (
            str(each.length),
            sympy.Integer(each.sequences),
            sympy.Integer(each.failures),
            *(
                (each.margin, " ".join(each.worst))
                if each.worst and each.margin is not None
                else ()
            ),
        )
        for each in shown.lengths
        if each.sequences
    ]
    return [*page, Tabulated(heads, tuple(rows))]


def circuit(
    shown: Circuit,
    found: CircuitRun | None = None,
    *,
    columns: bool = False,
    every: bool = False,
) -> Page:
    """A named circuit: story, matrices, a worked sentence, what is gained, what fails."""
    found = found or shown.run()
    return [*opening(shown, found, columns=columns), *worked(shown, found, every=every)]


def opening(shown: Circuit, found: CircuitRun, *, columns: bool = False) -> Page:
    """How the page begins: the story, the matrices, and the sentence."""
    return [
        Title(f"{shown.name}: {shown.title}", is_page=True),
        *map(Said.plainly, map(escaped, shown.story.split("\n\n"))),
        Title("The model"),
        *model(shown.model, columns=columns),
        Title("A sentence"),
        runs.sentence(found),
        *([runs.ROWS_AGAIN] if columns else []),
    ]


def worked(shown: Circuit, found: CircuitRun, *, every: bool = False) -> Page:
    """How it goes on: the sentence worked, what is gained, what fails."""
    findings = shown.findings
    return [
        *runs.worked(found, every=every),
        Title("What is gained"),
        *_claims(findings.gained),
        Title("What fails"),
        *_claims(findings.lost),
        Said.plainly(escaped(f"Source: {shown.source}.")),
    ]


def _claims(claims: Iterable[Claim]) -> list[Said]:
    return [Said(claim, is_listed=True) for claim in claims] or [Said.plainly("Nothing.")]


def listing(shown: Sequence[Circuit]) -> Page:
    """The named circuits, a line each."""
    rows = tuple((each.name, sympy.Integer(len(each.model.layers)), each.title) for each in shown)
    return [
        Title("The named circuits"),
        Tabulated(("name", "layers", "what it does"), rows),
        ToType("One of them, worked through: ", "handcalc circuit induction"),
        ToType("A model of your own: ", "handcalc circuit --help"),
    ]
