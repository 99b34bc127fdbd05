"""The phase diagram on a terminal: a picture in letters, and what is to be seen in it."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.views.layout import Paragraph
from handcalc.views.text import heading

if TYPE_CHECKING:
    from handcalc.superposition.phases.diagram import PhaseDiagram
    from handcalc.superposition.phases.regimes import Regime
    from handcalc.views.notation import PlainNotation

LETTERS: dict[Regime, str] = {
    "not represented": ".",
    "dedicated dimension": "D",
    "superposition": "S",
}
_SAME, _OTHER = ".", "#"
_WIDE, _HIGH = 22, 12
_MARGIN, _GAP = 5, 3


def diagram(shown: PhaseDiagram, notation: PlainNotation) -> RenderableType:
    """The picture, its legend, and sentences on it."""
    said = [*sentences(shown), *trust(shown)]
    return Group(
        heading(title(shown), notation),
        Text(),
        *map(Text, pictures(shown)),
        Text(),
        Paragraph(legend(shown)),
        Text(),
        *(Paragraph(notation.words(sentence)) for sentence in said),
    )


def title(shown: PhaseDiagram) -> str:
    """What the diagram is of."""
    n, m = shown.features, shown.hidden
    return f"What becomes of feature {n} of {n} in {m} dimension{'s' if m > 1 else ''}"


def sentences(shown: PhaseDiagram) -> list[str]:
    """What the diagram shows, and how far the textbook's candidates are from it.

    >>> from handcalc.superposition.phases.diagram import phase_diagram
    >>> print(sentences(phase_diagram(2, 1, 3))[0])
    Feature 2 is not represented at 1 of 9 points, has a dimension of its own at 2 and is in \
superposition at 6.
    """
    total = sum(shown.counts.values())
    dropped, alone, sharing = shown.counts.values()
    said = (
        f"Feature {shown.features} is not represented at {dropped:,} of {total:,} points, has a "
        f"dimension of its own at {alone:,} and is in superposition at {sharing:,}."
    )
    if shown.textbook is None:
        return [said]
    others = sum(map(sum, shown.differs or ()))
    saved = [part for row in shown.savings or () for part in row]
    compared = (
        f"The textbook's candidates say otherwise at {others:,} points "
        f"({others / total:.1%}). The true minimum costs less than the best of them: by up to "
        f"{max(saved):.1%}, at half of the points by {median(saved):.1%} or more."
    )
    return [said, compared]


def trust(shown: PhaseDiagram) -> list[str]:
    """How the minima were found, and how far they can be trusted."""
    least, steepest = shown.lowest_agreement, shown.worst_slope
    found = (
        f"At each point {shown.restarts} restarts were made; at least {least.agreed} reached the "
        f"lowest loss (r = {float(least.importance):g}, p = {float(least.density):g})."
    )
    looks = f"{shown.looks} round{'s' if shown.looks > 1 else ''}"
    repaired = f"{shown.repaired} point" + ("s were" if shown.repaired != 1 else " was")
    compared = f"In {looks} of descents from neighbouring minima {repaired} improved."
    slope = f"At 50 digits no slope of the loss is steeper than {steepest.slope:.1e}."
    return [f"{found} {compared} {slope}", "Each is the best found, which is no proof."]


def legend(shown: PhaseDiagram) -> str:
    """What the letters are, and the two axes."""
    n = shown.features
    letters = ". not represented   D dimension of its own   S superposition"
    other = "" if shown.textbook is None else f"   {_OTHER} the two differ"
    return (
        f"{letters}{other}. Upwards the importance r of feature {n}, from 0.1 to 10; to the right "
        "the density p = 1 - S of all features, from 1 down to 0.01; both in logarithms."
    )


def pictures(shown: PhaseDiagram) -> list[str]:
    """The pictures side by side, each below its name; the dense side is on the left."""
    named = [("True minima", [[LETTERS[point.fate] for point in row] for row in shown.points])]
    if shown.textbook is not None:
        textbook = [[LETTERS[candidate.fate] for candidate in row] for row in shown.textbook]
        marks = [[_OTHER if flag else _SAME for flag in row] for row in shown.differs or ()]
        named += [("The textbook's", textbook), ("Where they differ", marks)]
    # letters are thinned out to what a page has room for; largest density and importance first
    size = len(shown.points)
    columns, rows = (
        [round(k * (size - 1) / max(min(size, most) - 1, 1)) for k in range(min(size, most))]
        for most in (_WIDE, _HIGH)
    )
    pictures = [
        ["".join(letters[p][r] for p in reversed(columns)) for r in reversed(rows)]
        for _, letters in named
    ]
    width = max(_WIDE if len(named) > 1 else 0, len(pictures[0][0])) + _GAP
    ticks = {0: "10", (len(pictures[0]) - 1) // 2: "r", len(pictures[0]) - 1: "0.1"}
    lines = [" " * _MARGIN + "".join(name.ljust(width) for name, _ in named)]
    for k, parts in enumerate(zip(*pictures, strict=True)):
        shown_line = "".join(part.ljust(width) for part in parts)
        lines.append(ticks.get(k, "").rjust(_MARGIN - 1) + " " + shown_line)
    axis = "p = 1".ljust(max(len(pictures[0][0]) - 4, 6)) + "0.01"
    lines.append(" " * _MARGIN + "".join(axis.ljust(width) for _ in named))
    return [line.rstrip() for line in lines]
