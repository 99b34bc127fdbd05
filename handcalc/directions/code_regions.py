"""Where each active set gives the best code: half-spaces of h, and stretches of a line of h.

Floats say first which sets cannot be the best anywhere on a line, by a margin that no rounding
reaches; those that are left are worked out exactly. So floats save work, and decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import NamedTuple, TypeAlias

from handcalc.directions.best_code import ActiveSet, Dictionary, Point
from handcalc.errors import EngineError
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import dot

Line: TypeAlias = "tuple[Point, Point]"
"""The h at its start, and the way to its end: start + x·way for x from 0 to 1."""

_MARGIN = 1e-6  # of numbers of size 1 at most, worked out with fifteen digits


class HalfSpace(NamedTuple):
    """All h with slopes·h + constant ≥ 0."""

    slopes: tuple[Element, ...]
    constant: Element


class LineStretch(NamedTuple):
    """From which x to which on a line an active set is the best."""

    low: Element
    high: Element
    found: ActiveSet


class CodeRegions:
    """The half-spaces of all active sets of a dictionary, exactly and in floats.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> regions = CodeRegions(Dictionary([(one,)], [one / 10]))
    >>> [(low.to_float(), high.to_float()) for low, high, _ in regions.along(([one * 0], [one]))]
    [(0.0, 0.1), (0.1, 1.0)]
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self._regions = [(s, [*_half_spaces(dictionary, s)]) for s in dictionary.active_sets()]
        self._floats = [
            [(_floats(each.slopes), each.constant.to_float()) for each in region]
            for _, region in self._regions
        ]

    def along(self, line: Line) -> list[LineStretch]:
        """The stretches of a line, without order; those of two sets may overlap."""
        found = []
        for k in self._possible(line):
            active, region = self._regions[k]
            ends = _ends(region, line)
            if ends is not None:
                found.append(LineStretch(*ends, active))
        return found

    def line_mean(self, line: Line) -> Element:
        """∫₀¹ of the best cost along a line.

        >>> from handcalc.numbers.field import Field
        >>> one = Field().rational(1)
        >>> CodeRegions(Dictionary([(one,)], [one / 10])).line_mean(([one * 0], [one]))
        Element(271/3000)
        """
        stretches = self.along(line)
        at = total = line[0][0] * 0
        while (at - 1).sign() < 0:
            _, high, found = _longest(stretches, at)
            total = total + _integral(self.dictionary, found, line, (at, high))
            at = high
        return total

    def _possible(self, line: Line) -> list[int]:
        """The sets that floats do not rule out."""
        start, way = (_floats(point) for point in line)
        return [k for k, region in enumerate(self._floats) if not _ruled_out(region, start, way)]


def _longest(stretches: Sequence[LineStretch], at: Element) -> LineStretch:
    """Of the stretches that hold ``at``, the one that goes farthest: some goes on."""
    best: LineStretch | None = None
    for each in stretches:
        if (each.low - at).sign() <= 0 and (each.high - at).sign() > 0:
            best = each if best is None or (each.high - best.high).sign() > 0 else best
    if best is None:
        raise EngineError("best_code", "No active set goes on along a line, where one must.")
    return best


def _half_spaces(dictionary: Dictionary, found: ActiveSet) -> Iterator[HalfSpace]:
    """What must be ≥ 0: the code, and what each other latent would cost more than it gives."""
    for slopes, shift in zip(found.slopes, found.shifts, strict=True):
        yield HalfSpace(slopes, -shift)
    pairs = zip(dictionary.rows, dictionary.thresholds, strict=True)
    for j, (row, threshold) in enumerate(pairs):
        if j in found.latents:
            continue
        slopes, constant = tuple(-cell for cell in row), threshold
        for k, own, shift in zip(found.latents, found.slopes, found.shifts, strict=True):
            overlap = dot(row, dictionary.rows[k])
            slopes = tuple(a + overlap * b for a, b in zip(slopes, own, strict=True))
            constant = constant - overlap * shift
        yield HalfSpace(slopes, constant)


def _ends(region: Sequence[HalfSpace], line: Line) -> tuple[Element, Element] | None:
    """From which x to which a line lies in a region, in [0, 1]; None for nowhere."""
    start, way = line
    low, high = start[0] * 0, start[0] * 0 + 1
    for slopes, shift in region:
        constant, slope = dot(slopes, start) + shift, dot(slopes, way)
        if not slope:
            if constant.sign() < 0:
                return None
            continue
        root = -constant / slope
        if slope.sign() > 0:
            low = root if (root - low).sign() > 0 else low
        else:
            high = root if (root - high).sign() < 0 else high
    return (low, high) if (high - low).sign() >= 0 else None


def _integral(
    dictionary: Dictionary,
    found: ActiveSet,
    line: Line,
    ends: tuple[Element, Element],
) -> Element:
    """∫ of ‖h‖² − Σ fⱼ(dⱼ·h − tⱼ), a quadratic in x."""
    start, way = line
    constant, linear, square = dot(start, start), 2 * dot(start, way), dot(way, way)
    code = found.code(start)
    for f, row, j in zip(code, found.slopes, found.latents, strict=True):
        step, d = dot(row, way), dictionary.rows[j]
        gain, rise = dot(d, start) - dictionary.thresholds[j], dot(d, way)
        constant = constant - f * gain
        linear = linear - f * rise - step * gain
        square = square - step * rise
    a, b = ends
    return constant * (b - a) + linear * (b * b - a * a) / 2 + square * (b**3 - a**3) / 3


def _ruled_out(
    region: Sequence[tuple[list[float], float]], start: Sequence[float], way: Sequence[float]
) -> bool:
    """Whether a line misses a region by more than floats can be wrong."""
    low, high = 0.0, 1.0
    for slopes, shift in region:
        terms = [(a * p, a * w) for a, p, w in zip(slopes, start, way, strict=True)]
        size = sum(abs(at) + abs(by) for at, by in terms) + abs(shift)
        if not 0 < size < inf:  # what is too large for floats rules nothing out
            continue
        constant = (sum(at for at, _ in terms) + shift) / size
        slope = sum(by for _, by in terms) / size
        if abs(slope) <= _MARGIN:
            if constant < -3 * _MARGIN:
                return True
        elif slope > 0:
            low = max(low, -constant / slope)
        else:
            high = min(high, -constant / slope)
    return high - low < -_MARGIN


def _floats(numbers: Sequence[Element]) -> list[float]:
    return [number.to_float() for number in numbers]
