"""The best embedding found: its numbers, its shape, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType

from handcalc.superposition.certificates.stored import stored_certificate
from handcalc.superposition.loss.polynomial import by_powers
from handcalc.views import picture
from handcalc.views.layout import INDENT, Chain, Paragraph, spaced
from handcalc.views.notation import Notation, PlainNotation, RoundedNotation
from handcalc.views.rounding import significant
from handcalc.views.text.blocks import BOLD, heading, model, table
from handcalc.views.text.drawing import drawing
from handcalc.wording import counted

if TYPE_CHECKING:
    from handcalc.superposition.best.minima import Minimum
    from handcalc.superposition.best.optimum import Optimum
    from handcalc.superposition.closed_forms import ClosedForm, RegularOptimum
    from handcalc.superposition.loss.problem import Problem
    from handcalc.superposition.model.families import Family


# --------------------------------------------------------------------------------------------------
# The exact optimum of a family: a root, and what follows from it.


_LONG = 400  # characters of a polynomial that still says something


def closed_form(shown: ClosedForm, notation: PlainNotation) -> RenderableType:
    """Part by part: what is best, and for pairs and k-gons the polynomial behind it."""
    parts = []
    for part in shown.parts:
        lines: list[RenderableType] = [Paragraph(notation.words(part.sentence))]
        if part.regular is not None:
            lines += _regular(part.regular, notation)
        parts.append(Group(*lines))
    agreed = "Worked out without a search, and the same to 20 decimals."
    title = heading("The best of this family, exactly", notation)
    return spaced(Group(title, Paragraph(agreed)), *parts)


def _regular(regular: RegularOptimum, notation: PlainNotation) -> list[RenderableType]:
    root = regular.root.polynomial
    exactly = PlainNotation(unicode=notation.unicode, exact=True)
    polynomial, B, C = (
        exactly.expression(by_powers(part, root.gen))
        for part in (root.as_expr(), regular.B, regular.C)
    )
    weight = notation.number(regular.k * regular.importance)
    most = notation.number((1 - regular.sparsity) / 3)
    loss = notation.words(f"{weight}·({most} − B²/C)")
    if max(map(len, (polynomial, B, C))) > _LONG:
        long = "The polynomial, B and C are too long for a page; the JSON has them."
        return [Chain(("L", loss), INDENT), Paragraph(long, INDENT)]
    equation = [("0", polynomial)] if regular.root.exact is None else []
    return [Chain(links, INDENT) for links in [*equation, ("B", B), ("C", C), ("L", loss)]]


_PLACES = 12  # decimals of an entry
_LENGTH_PLACES = 6  # decimals of a length in a sentence
LOSS_DIGITS = 15
LISTED = 5  # other minima


def optimum(
    result: Optimum, notation: PlainNotation, sureness: Sequence[RenderableType] | None = None
) -> RenderableType:
    """The question, the loss, the model and its arrows, its closed form, and how it was found.

    ``sureness`` stands for the sentences on how sure that is, where more is known than the search
    tells.
    """
    near = RoundedNotation(notation, _PLACES)
    exactly = result.closed_form
    value = f" = {significant(result.loss, LOSS_DIGITS)}"
    title, inputs = question(result.problem, near)
    is_drawn = picture.is_drawn(result.model) and result.family.name != "dropped"
    drawn = [drawing(result.model, RoundedNotation(notation, _LENGTH_PLACES))] if is_drawn else []
    return spaced(
        heading(title, notation),
        Paragraph(inputs),
        Paragraph(value, 0, "Expected loss L", BOLD),
        model(result.model, near),
        Paragraph(f": {notation.words(result.family.sentence)}", 0, result.family.name, BOLD),
        *drawn,
        *([] if exactly is None else [closed_form(exactly, notation)]),
        *_sureness(result, notation, sureness),
    )


def question(problem: Problem, notation: Notation) -> tuple[str, str]:
    """How many features in how many dimensions, and which inputs they meet, with what weights."""
    n, m = problem.features, problem.hidden
    title = f"{counted(n, 'feature')} in {counted(m, 'dimension')}"
    alike = len(set(problem.importance)) == 1
    weights = ", ".join(notation.inline(notation.number(each)) for each in problem.importance)
    importance = "" if alike else f" The features' importances are {weights}."
    inputs = f"{problem.distribution.sentence()} An active feature is uniform on [0, 1]."
    return title, inputs + importance


def _sureness(
    result: Optimum, notation: PlainNotation, sureness: Sequence[RenderableType] | None
) -> list[RenderableType]:
    first, *more = sureness or map(Paragraph, sureness_sentences(result))
    said: list[RenderableType] = [Group(heading("How sure this is", notation), first), *more]
    others = other_minima(result)
    if others:
        said += [
            Paragraph("Other minima in which restarts ended:"),
            Group(table(others, by_feature=False), *map(Paragraph, left_out(result))),
        ]
    return said


_PROVED = "Proved to be the best, by a certificate that comes with the package:"


def sureness_sentences(result: Optimum) -> list[str]:
    """How the best was found and, where it was searched for, how accurate it is."""
    if not result.restarts:
        return [result.sentence]
    slope = f"The steepest slope of the loss there is {result.slope:.1e}; at a minimum it is 0."
    proof = stored_certificate(result.problem)
    proved = [] if proof is None else [f"{_PROVED} handcalc verify {proof} works it out again."]
    found = result.sentence if proof is None else result.sentence.replace("; not a proof", "")
    return [*proved, found, f"{digits_sentence(result)} {slope}"]


def digits_sentence(result: Optimum) -> str:
    """To how many digits W and b are known, and how many are shown."""
    if result.slope >= 10.0**-result.digits:
        return f"W and b could not be worked out to {result.digits} digits."
    return f"W and b are worked out to {result.digits} digits, {_PLACES} decimals are shown."


def other_minima(result: Optimum) -> list[tuple[str, list[str]]]:
    """The next best minima, column by column under its head; nothing where there are none."""
    shown = _others(result)[:LISTED]
    if not shown:
        return []
    best = result.minima[0].loss
    return [
        ("loss", [f"{minimum.loss:.10f}" for minimum, _ in shown]),
        ("above the best", [f"{minimum.loss - best:.1e}" for minimum, _ in shown]),
        ("family", [family.name for _, family in shown]),
        ("restarts", [str(minimum.hits) for minimum, _ in shown]),
    ]


def left_out(result: Optimum) -> list[str]:
    """How many more minima there are than are listed, in a sentence; nothing where all are."""
    more = _others(result)[LISTED:]
    return [f"And {len(more)} more, up to {more[-1][0].loss:.10f}."] if more else []


def _others(result: Optimum) -> list[tuple[Minimum, Family]]:
    """All but the best, without those in which only variations of others ended."""
    found = list(zip(result.minima, result.families, strict=True))
    return [(minimum, family) for minimum, family in found[1:] if minimum.hits]
