"""The phase map on a terminal: stretch by stretch along S, with what happens between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.numbers.exact import to_text
from handcalc.views.json.phases import decimals
from handcalc.views.layout import INDENT, Fitted, Paragraph
from handcalc.views.text import heading
from handcalc.wording import joined

if TYPE_CHECKING:
    from handcalc.superposition.phases.changes import Change
    from handcalc.superposition.phases.phase_map import MapPoint, PhaseMap, Stretch
    from handcalc.superposition.phases.sparsity_path import MinimumAt
    from handcalc.views.notation import PlainNotation

HEADS = ("S", "loss", "agreed", "lengths", "biases")


def phase_map(shown: PhaseMap, notation: PlainNotation) -> RenderableType:
    """A heading and a table for each stretch, a sentence for each change, and how it was found."""
    parts: list[RenderableType] = [heading(title(shown), notation), Text()]
    parts.append(Paragraph(inputs(shown)))
    for number, stretch in enumerate(shown.stretches):
        if number:
            happens = change_sentence(shown, shown.changes[number - 1])
            parts += [Text(), Paragraph(notation.words(happens))]
        points = points_of(shown, stretch)
        parts += [Text(), Paragraph(notation.words(stretch_sentence(shown, stretch)))]
        parts.append(Text())
        parts.append(
            _table(points, notation)
            if points
            else Paragraph(notation.words(within(stretch)), INDENT)
        )
    said = [notation.words(sentence) for sentence in trust(shown)]
    return Group(*parts, Text(), *map(Paragraph, said))


def title(shown: PhaseMap) -> str:
    """What is mapped."""
    n, m = shown.features, shown.hidden
    return f"The best embedding of {n} features in {m} dimension{'s' if m > 1 else ''}, along S"


def points_of(shown: PhaseMap, stretch: Stretch) -> list[MapPoint]:
    """The points of the grid on a stretch."""
    return [p for p in shown.points if stretch.start <= p.sparsity <= stretch.end]


def sentences(shown: PhaseMap) -> list[str]:
    """The stretches and the changes between them, in words."""
    stretches = [stretch_sentence(shown, stretch) for stretch in shown.stretches]
    changes = [_what_happens(shown, change) for change in shown.changes]
    pairs = zip(changes, stretches[1:], strict=True)
    return [stretches[0], *(sentence for pair in pairs for sentence in pair)]


def stretch_sentence(shown: PhaseMap, stretch: Stretch) -> str:
    """From where to where, which shape, and what that is."""
    start, end = (decimals(s, shown.digits) for s in (stretch.start, stretch.end))
    name = shown.label(stretch.shape)
    return f"From S = {start} to {end}: {name}. {stretch.shape.family.sentence}"


def change_sentence(shown: PhaseMap, change: Change) -> str:
    """What happens at a change, and how it is known."""
    searched = f"A search of {change.restarts} restarts there found nothing lower."
    if change.kind == "continuous":
        return f"{_what_happens(shown, change)} {searched}"
    order = (
        f"Checked exactly: the order of the two losses flips within ±1e-{change.digits} of this S."
    )
    return f"{_what_happens(shown, change)} {order} {searched}"


def _what_happens(shown: PhaseMap, change: Change) -> str:
    digits = min(shown.digits, change.digits)
    sparsity, loss = decimals(change.sparsity, digits), decimals(change.loss, digits)
    before, after = shown.label(change.before.shape), shown.label(change.after.shape)
    if before == after:
        before, after = _with_lengths(before, change.before), _with_lengths(after, change.after)
    if change.kind == "crossing":
        return f"At S = {sparsity} {after} overtakes {before}: both lose {loss} there."
    what = _without_a_jump(change)
    return (
        f"At S = {sparsity} {before} turns into {after} without a jump, at a loss of {loss}{what}."
    )


def _with_lengths(name: str, spot: MinimumAt) -> str:
    return f"{name} of lengths {_grouped(spot.lengths)}"


def _without_a_jump(change: Change) -> str:
    more = change.before.shape.dropped - change.after.shape.dropped
    if more > 0:
        return ": a dropped feature's arrow begins to grow"
    if more < 0:
        return ": an arrow has shrunk to nothing"
    freer = change.after.shape.free - change.before.shape.free
    if not freer:
        return ""
    return ": lengths that were equal part" if freer > 0 else ": lengths become equal"


def inputs(shown: PhaseMap) -> str:
    """Which inputs the features meet, and how they weigh."""
    values = [to_text(value) for value in shown.importance]
    same = len(set(values)) == 1
    told = f"all {values[0]}" if same else joined(values)
    return (
        "Each feature is off with probability S, independently, and uniform on [0, 1] where it is "
        f"on. The importances are {told}."
    )


def trust(shown: PhaseMap) -> Iterator[str]:
    """How the best was found, and what that leaves open."""
    least, steepest = shown.lowest_agreement, shown.worst_slope
    counts = sorted({point.restarts for point in shown.points})
    restarts = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    yield (
        f"At each S the best of {restarts} restarts is shown. 'agreed' counts those that "
        f"reached its loss: fewest did at S = {_sparsity(least)}, {least.agreed} of "
        f"{least.restarts}."
    )
    yield (
        "Descents from each minimum at the neighbouring S lead to nothing lower. At 50 digits no "
        f"slope of the loss is steeper than {steepest.slope:.1e}."
    )
    yield (
        "Each is the best found, which is no proof; and a phase that exists only between two S of "
        "the grid would be missed. S = 1 is left out: nothing is ever on, and all models whose "
        "biases are at most 0 lose nothing."
    )


def _table(points: Sequence[MapPoint], notation: PlainNotation) -> RenderableType:
    """The points of a stretch in columns or, where these are too wide, a paragraph each."""
    rows = [[notation.words(cell) for cell in cells(point)] for point in points]
    widths = [max(map(len, column)) for column in zip(HEADS, *rows, strict=True)]
    pads = (str.rjust, str.rjust, str.rjust, str.ljust, str.ljust)
    lines = [
        "  ".join(pad(cell, width) for pad, cell, width in zip(pads, row, widths, strict=True))
        for row in (HEADS, *rows)
    ]
    told = []
    for row in rows:
        said = "; ".join(f"{head} {cell}" for head, cell in zip(HEADS[1:], row[1:], strict=True))
        told.append(Paragraph(f": {said}.", INDENT, f"S = {row[0]}", "bold"))
    head, *body = (line.rstrip() for line in lines)
    return Fitted((Text(head, "dim"), *map(Text, body)), Group(*told))


def within(stretch: Stretch) -> str:
    """What is told of a stretch between two points."""
    spot = stretch.spots[0]
    return (
        f"It lies between two points of the grid. At S = {decimals(spot.sparsity, 6)} the lengths "
        f"are {_grouped(spot.lengths)} and the biases {_grouped(spot.minimum.b)}."
    )


def cells(point: MapPoint) -> list[str]:
    """A point's row under the ``HEADS``."""
    return [
        _sparsity(point),
        f"{float(point.loss):#.8g}",
        f"{point.agreed}/{point.restarts}",
        _grouped(point.lengths),
        _grouped(map(float, point.b)),
    ]


def _sparsity(point: MapPoint) -> str:
    has_four_decimals = 10**4 % point.sparsity.denominator == 0  # at most
    return decimals(point.sparsity, 15) if has_four_decimals else str(point.sparsity)


def _grouped(values: Iterable[float]) -> str:
    """Neighbours that are the same told together, to five digits: 1, 0.95484 ×2."""
    runs = [(text, len(list(run))) for text, run in groupby(f"{value:.5g}" for value in values)]
    return ", ".join(text if count == 1 else f"{text} ×{count}" for text, count in runs)
