"""A worked forward pass: its steps, what each output is made of, and claims about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import and_

import sympy
from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.derivation import Claim, Derivation, Line
from handcalc.superposition.model.forward_pass import Forward
from handcalc.views.layout import INDENT, Chain, Paragraph
from handcalc.views.notation import Notation, PlainNotation
from handcalc.views.palette import terminal_colour
from handcalc.views.text.blocks import (
    BOLD,
    HEAD,
    MOST_LINES,
    TAIL,
    heading,
    inside,
    model,
    shown_lines,
)

_MOST_SOURCES = 12  # of an output that are told one by one


def forward(result: Forward, notation: PlainNotation) -> RenderableType:
    """The model, the input, the steps, and what each output is made of."""
    given = Paragraph(f"x {inside(result.x, notation)}")
    told = [parts(result, i, notation) for i in shown_lines(len(result.parts))]
    if said := left_out_sentence(len(result.parts)):
        told.insert(HEAD, Paragraph(said, INDENT))
    return Group(
        model(result.model, notation),
        Text(),
        given,
        Text(),
        derivation(result.derivation, notation),
        heading("Where each output comes from", notation),
        *told,
    )


def derivation(work: Derivation, notation: PlainNotation) -> RenderableType:
    """The steps: rule and formula, then each line's symbolic form, numbers put in, and value."""
    blocks: list[RenderableType] = []
    for number, step in enumerate(work.steps, 1):
        target, formula = notation.expression(step.target), notation.expression(step.formula)
        title = formula if target == formula else f"{target} = {formula}"
        blocks.append(Text.assemble((f"{number}. {step.rule}", BOLD), f"   {title}"))
        blocks.append(Paragraph(step.explanation, INDENT))
        blocks += [_chain(line, notation) for line in _first_and_last(step.lines)]
        left_out = len(step.lines) - len(_first_and_last(step.lines))
        if left_out:
            blocks.append(
                Paragraph(f"And {left_out} more lines like these; --json has all.", INDENT)
            )
        blocks.append(Text())
    notes = [Paragraph(f"Note: {note}") for note in work.notes]
    return Group(*blocks, *notes, *([Text()] if notes else []))


def left_out_sentence(count: int) -> str:
    """What is said between the first and the last of so many features, "" where all are shown."""
    left_out = count - len(shown_lines(count))
    return f"... {left_out} features are left out here; --json has all." if left_out else ""


def parts(work: Forward, i: int, notation: PlainNotation) -> RenderableType:
    """What feature i (from 0) and each other one bring to its output, by name."""
    lead = f"Feature {i + 1}"
    said = parts_sentence(work, i, notation).removeprefix(lead)
    return Paragraph(said, INDENT, lead, terminal_colour(i + 1))


def parts_sentence(work: Forward, i: int, notation: Notation) -> str:
    """One sentence: what a feature and each other one bring to its output, by name."""
    part = work.parts[i]
    said = [f"brings {_about(part.kept, notation)} to its own output"]
    if part.kept == 0:
        why = "is off and" if work.x[i] == 0 else "has no arrow and"
        said = [f"{why} brings nothing to its own output"]
    said += [
        f"feature {source} puts {_about(amount, notation)} on top"
        for source, amount in part.interference[:_MOST_SOURCES]
    ]
    rest = len(part.interference) - _MOST_SOURCES
    if rest > 0:
        said.append(f"{rest} more features put something on top")
    if not part.interference:
        said.append("no other feature changes it")
    if part.bias != 0:
        said.append(f"the bias adds {notation.told(part.bias)}")
    return f"Feature {part.feature} {'; '.join(said)}."


def claims(said: Iterable[Claim], notation: PlainNotation) -> RenderableType:
    """Claims, one a line; "Nothing." where there are none."""
    sentences = [notation.claim(claim) for claim in said] or ["Nothing."]
    return Group(*(Paragraph(sentence, INDENT) for sentence in sentences))


def _about(amount: sympy.Expr, notation: Notation) -> str:
    """A part of an output: a number, or a number times one symbol."""
    symbol = next(iter(amount.free_symbols), None)
    slope = amount if symbol is None else amount.coeff(symbol)
    about = "about " if notation.rounds(slope) else ""
    return about + notation.inline(notation.multiple(amount))


def _first_and_last(lines: Sequence[Line]) -> Sequence[Line]:
    return lines if len(lines) <= MOST_LINES else (*lines[:HEAD], *lines[-TAIL:])


def _chain(line: Line, notation: PlainNotation) -> Chain:
    """The forms of a line, each told once, with = before it, or ≈ from the first rounded one on."""
    forms = [line.target, line.symbolic, line.substituted, line.value]
    texts = [notation.expression(form) for form in forms]
    told = [k for k, text in enumerate(texts) if k == 0 or text != texts[k - 1]]
    exact = list(accumulate((notation.equals(form) == "=" for form in forms), and_))
    signs = tuple("=" if exact[k] else notation.words("≈") for k in told[1:])
    return Chain(tuple(texts[k] for k in told), INDENT, signs)
