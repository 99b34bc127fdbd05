"""The phase diagram as plain data: an object for JSON, rows for CSV."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from handcalc.numbers.decimals import rounded, trimmed
from handcalc.numbers.exact import to_text
from handcalc.superposition.phases.candidates import Candidate
from handcalc.superposition.phases.diagram import PhaseDiagram, Point
from handcalc.views.json.results import Data, nearest

_MOST_DIGITS = 200


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
        "points": [_entry(point, candidate) for point, candidate in _pairs(shown)],
    }


def rows(shown: PhaseDiagram) -> Iterator[list[str]]:
    """A head and a row for each point, in the order of ``diagram``; entries of W and b last.

    >>> from handcalc.superposition.phases.diagram import phase_diagram
    >>> head, first, *_ = rows(phase_diagram(2, 1, 2))
    >>> head[:3], first[:3]
    (['importance', 'density', 'sparsity'], ['0.1', '0.01', '0.99'])
    """
    n, m = range(1, shown.features + 1), range(1, shown.hidden + 1)
    entries = [f"W{i}{k}" for i in n for k in m] + [f"b{i}" for i in n]
    for number, (point, candidate) in enumerate(_pairs(shown)):
        entry = _entry(point, candidate)
        if number == 0:
            yield [name for name in entry if name not in ("W", "b")] + entries
        values = [str(value) for name, value in entry.items() if name not in ("W", "b")]
        yield values + [cell for row in point.W for cell in row] + list(point.b)


def _pairs(shown: PhaseDiagram) -> Iterator[tuple[Point, Candidate | None]]:
    for k, row in enumerate(shown.points):
        others = (None,) * len(row) if shown.textbook is None else shown.textbook[k]
        yield from zip(row, others, strict=True)


def _entry(point: Point, candidate: Candidate | None) -> Data:
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
    return f"{trimmed(rounded(value, _MOST_DIGITS)):f}"
