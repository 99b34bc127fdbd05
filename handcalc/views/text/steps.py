"""A worked forward pass: its steps, what each output is made of, and claims about it."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.derivation import Claim, Derivation, Line
from handcalc.superposition.forward_pass import Forward, Parts
from handcalc.views.layout import INDENT, Chain, Paragraph
from handcalc.views.palette import terminal_colour
from handcalc.views.plain import PlainNotation
from handcalc.views.text.blocks import BOLD, heading, inside, model

__all__ = ["claims", "derivation", "forward", "parts"]


def forward(result: Forward, notation: PlainNotation) -> RenderableType:
    """The model, the input, the steps, and what each output is made of."""
    given = Text(f"x = {inside(result.x, notation)}")
    return Group(
        model(result.model, notation),
        Text(),
        given,
        Text(),
        derivation(result.derivation, notation),
        heading("Where each output comes from", notation),
        *(parts(part, notation) for part in result.parts),
    )


def derivation(work: Derivation, notation: PlainNotation) -> RenderableType:
    """The steps: rule and formula, then each line's symbolic form, numbers put in, and value."""
    blocks: list[RenderableType] = []
    for number, step in enumerate(work.steps, 1):
        target, formula = notation.expression(step.target), notation.expression(step.formula)
        title = formula if target == formula else f"{target} = {formula}"
        blocks.append(Text.assemble((f"{number}. {step.rule}", BOLD), f"   {title}"))
        blocks.append(Paragraph(step.explanation, INDENT))
        blocks += [Chain(_links(line, notation), INDENT) for line in step.lines]
        blocks.append(Text())
    notes = [Paragraph(f"Note: {note}") for note in work.notes]
    return Group(*blocks, *notes, *([Text()] if notes else []))


def parts(part: Parts, notation: PlainNotation) -> RenderableType:
    """One sentence: what the feature kept, and what each other feature put on top, by name."""
    said = [f"keeps {notation.multiple(part.kept)} of its own"]
    said += [
        f"feature {source} puts {notation.multiple(amount)} on top"
        for source, amount in part.interference
    ]
    if not part.interference:
        said.append("no other feature puts anything on top")
    if part.bias != 0:
        said.append(f"the bias adds {notation.number(part.bias)}")
    lead = f"Feature {part.feature}"
    said_of_it = f" {'; '.join(said)}."
    return Paragraph(said_of_it, INDENT, lead, terminal_colour(part.feature))


def claims(said: Iterable[Claim], notation: PlainNotation) -> RenderableType:
    """Claims, one a line; "Nothing." where there are none."""
    sentences = [notation.claim(claim) for claim in said] or ["Nothing."]
    return Group(*(Paragraph(sentence, INDENT) for sentence in sentences))


def _links(line: Line, notation: PlainNotation) -> tuple[str, ...]:
    forms = [line.target, line.symbolic, line.substituted, line.value]
    links = [notation.expression(form) for form in forms]
    return tuple(link for k, link in enumerate(links) if k == 0 or link != links[k - 1])
