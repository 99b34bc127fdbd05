"""The exact optimum of a family: a root, and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType

from handcalc.views.layout import INDENT, Chain, Paragraph, spaced
from handcalc.views.plain import PlainNotation
from handcalc.views.powers import by_powers
from handcalc.views.text.blocks import heading

if TYPE_CHECKING:  # they take their time to import
    from handcalc.superposition.closed_forms import ClosedForm, RegularOptimum

__all__ = ["closed_form"]

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
