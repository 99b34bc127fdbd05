"""The phase map and the phase diagram as plain data: an object for JSON, rows for CSV."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import sympy

from handcalc.numbers.decimals import rounded, trimmed
from handcalc.numbers.exact import to_text
from handcalc.views.json import Data, nearest
from handcalc.views.rounding import MOST_DIGITS

if TYPE_CHECKING:
    from handcalc.superposition.phases.candidates import Candidate
    from handcalc.superposition.phases.changes import Change
    from handcalc.superposition.phases.diagram import PhaseDiagram, Point
    from handcalc.superposition.phases.phase_map import MapPoint, PhaseMap

# --------------------------------------------------------------------------------------------------
# The phase map: the best along S.


def phase_map(shown: PhaseMap) -> Data:
    """The stretches, the changes between them, every point, and the curves for drawing."""
    least = shown.lowest_agreement
    return {
        "features": shown.features,
        "hidden": shown.hidden,
        "importance": [to_text(value) for value in shown.importance],
        "seed": shown.seed,
        "digits": shown.digits,
        "stretches": [
            {
                "from": decimals(stretch.start, shown.digits),
                "to": decimals(stretch.end, shown.digits),
                "family": stretch.shape.family.name,
                "lengths": stretch.shape.lengths,
                "label": shown.label(stretch.shape),
                "sentence": stretch.shape.family.sentence,
            }
            for stretch in shown.stretches
        ],
        "changes": [_change(shown, change) for change in shown.changes],
        "lowest_agreement": {
            "sparsity": str(least.sparsity),
            "agreed": least.agreed,
            "restarts": least.restarts,
        },
        "worst_slope": shown.worst_slope.slope,
        "points": [_map_entry(shown, point) for point in shown.points],
        "curves": [
            {
                "label": shown.label(curve.shape),
                "sparsity": [float(spot.sparsity) for spot in curve.spots],
                "loss": [spot.loss for spot in curve.spots],
                "lengths": [list(spot.lengths) for spot in curve.spots],
                "biases": [list(spot.minimum.b) for spot in curve.spots],
            }
            for curve in shown.curves
        ],
    }


def phase_map_rows(shown: PhaseMap) -> Iterator[list[str]]:
    """A head and a row for each point; entries of W and b last.

    >>> from handcalc.superposition.phases.phase_map import phase_map as mapped
    >>> head, first, *_ = phase_map_rows(mapped(2, 1, points=3))
    >>> head[:2], [cell[:16] for cell in first[:2]]
    (['sparsity', 'loss'], ['0', '0.08325424290716'])
    """
    n, m = range(1, shown.features + 1), range(1, shown.hidden + 1)
    for number, point in enumerate(shown.points):
        entry = _map_entry(shown, point)
        names = [name for name in entry if name not in ("W", "b")]
        if number == 0:
            yield [*names, *(f"W{i}{k}" for i in n for k in m), *(f"b{i}" for i in n)]
        cells = [cell for row in point.W for cell in row]
        yield [*(str(entry[name]) for name in names), *cells, *point.b]


def decimals(value: Fraction, digits: int) -> str:
    """A number to so many digits, or exactly where it has fewer.

    >>> decimals(Fraction(19, 40), 15), decimals(Fraction(2, 3), 4)
    ('0.475', '0.6667')
    """
    ratio = Context(prec=digits).divide(Decimal(value.numerator), Decimal(value.denominator))
    return format(ratio, "f")


def _change(shown: PhaseMap, change: Change) -> Data:
    digits = min(shown.digits, change.digits)
    return {
        "kind": change.kind,
        "sparsity": decimals(change.sparsity, digits),
        "value": float(change.sparsity),
        "decimals": change.digits,
        "loss": decimals(change.loss, digits),
        "before": shown.label(change.before.shape),
        "after": shown.label(change.after.shape),
        "restarts": change.restarts,
    }


def _map_entry(shown: PhaseMap, point: MapPoint) -> Data:
    return {
        "sparsity": str(point.sparsity),
        "loss": point.loss,
        "value": float(point.loss),
        "family": point.shape.family.name,
        "label": shown.label(point.shape),
        "restarts": point.restarts,
        "agreed": point.agreed,
        "slope": point.slope,
        "W": [list(row) for row in point.W],
        "b": list(point.b),
    }


# --------------------------------------------------------------------------------------------------
# The phase diagram: what becomes of the last feature.


def diagram(shown: PhaseDiagram) -> Data:
    """The grid, the counts, and every point, row by row from the least density on."""
    least, steepest = shown.lowest_agreement, shown.worst_slope
    return {
        "features": shown.features,
        "hidden": shown.hidden,
        "importances": list(map(_text, shown.importances)),
        "densities": list(map(_text, shown.densities)),
        "restarts": shown.restarts,
        "seed": shown.seed,
        "looks": shown.looks,
        "counts": dict(shown.counts),
        "differing": None if shown.differs is None else sum(map(sum, shown.differs)),
        "repaired": shown.repaired,
        "lowest_agreement": least.agreed,
        "worst_slope": steepest.slope,
        "points": [_diagram_entry(point, candidate) for point, candidate in _pairs(shown)],
    }


def diagram_rows(shown: PhaseDiagram) -> Iterator[list[str]]:
    """A head and a row for each point, in the order of ``diagram``; entries of W and b last.

    >>> from handcalc.superposition.phases.diagram import phase_diagram
    >>> head, first, *_ = diagram_rows(phase_diagram(2, 1, 2))
    >>> head[:3], first[:3]
    (['importance', 'density', 'sparsity'], ['0.1', '0.01', '0.99'])
    """
    n, m = range(1, shown.features + 1), range(1, shown.hidden + 1)
    entries = [f"W{i}{k}" for i in n for k in m] + [f"b{i}" for i in n]
    for number, (point, candidate) in enumerate(_pairs(shown)):
        entry = _diagram_entry(point, candidate)
        if number == 0:
            yield [name for name in entry if name not in ("W", "b")] + entries
        values = [str(value) for name, value in entry.items() if name not in ("W", "b")]
        yield values + [cell for row in point.W for cell in row] + list(point.b)


def _pairs(shown: PhaseDiagram) -> Iterator[tuple[Point, Candidate | None]]:
    for k, row in enumerate(shown.points):
        others = (None,) * len(row) if shown.textbook is None else shown.textbook[k]
        yield from zip(row, others, strict=True)


def _diagram_entry(point: Point, candidate: Candidate | None) -> Data:
    entry: Data = {
        "importance": _text(point.importance),
        "density": _text(point.density),
        "sparsity": _text(1 - point.density),
        "loss": point.loss,
        "value": float(point.loss),
        "length": point.length,
        "shared": point.shared,
        "fate": point.fate,
        "family": point.family,
        "agreed": point.agreed,
        "repaired": point.repaired,
        "slope": point.slope,
        "W": [list(row) for row in point.W],
        "b": list(point.b),
    }
    if candidate is None:
        return entry
    expected = candidate.loss(point.importance, point.density)
    return entry | {
        "textbook": candidate.sentence,
        "textbook_fate": candidate.fate,
        "textbook_loss": to_text(expected),
        "textbook_value": nearest(expected),
    }


def _text(value: sympy.Rational) -> str:
    """A coordinate of the grid: a decimal that ends, exactly."""
    return f"{trimmed(rounded(value, MOST_DIGITS)):f}"
