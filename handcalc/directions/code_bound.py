"""What no encoder can beat: E min over f ≥ 0 of ‖h − Dᵀf − b_dec‖² + λ Σ fⱼ, for one dictionary.

It is exact where latents come alone or in opposite pairs, at right angles to all others, as each
pair is then a soft threshold of one number; and where one feature is active at a time, as h then
runs along a line, and the best code with it, piece by piece. Elsewhere it lies between two exact
numbers: the best cost is convex in h, so that over a cell of the cube its mean is at least its
value at the middle, and at most the mean over the corners.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import sympy

from handcalc.directions.best_code import Dictionary
from handcalc.directions.code_moments import CodeMoments, Counts, weighted_sum
from handcalc.display import fields_text
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import dot
from handcalc.superposition.loss.moments import clipped_moments
from handcalc.superposition.model.geometry import clusters

if TYPE_CHECKING:
    from handcalc.directions.code_regions import CodeRegions

_MOST_PIECES = 40_000  # lines through cells, each with all active sets
_FINEST = 8  # cells along a feature


@dataclass(frozen=True, slots=True, repr=False)
class CodeBound:
    """The expected cost of the best code: from ``value`` to ``upper``, which are one where exact.

    Numbers or polynomials in S, for S from 0 to 1; ``sentence`` says which it is and why.
    """

    value: sympy.Expr
    upper: sympy.Expr
    is_exact: bool
    sentence: str

    __repr__ = fields_text


def code_bound(moments: CodeMoments) -> CodeBound:
    """The least that any encoder of this dictionary can lose, and how sure that is."""
    half = moments.price / 2
    thresholds = [half * length for length in moments.lengths]
    dictionary = Dictionary(moments.W_dec, thresholds)
    groups = clusters(moments.latents, lambda j, k: bool(dot(moments.W_dec[j], moments.W_dec[k])))
    if all(_is_line(moments, group) for group in groups):
        value = moments.value(_of_lines(moments, dictionary, groups))
        return CodeBound(
            value, value, True,
            "Exactly: latents stand at right angles or opposite each other, and the best code of "
            "each such pair is a soft threshold.",
        )  # fmt: skip
    if not _is_affordable(moments, dictionary):
        return CodeBound(
            sympy.Integer(0), moments.value(moments.cost_of_silence()), False,
            "Not worked out: there are too many sets of latents and of features.",
        )  # fmt: skip
    # numpy is for what needs it, and views import this file
    from handcalc.directions.code_regions import CodeRegions

    lower, upper = _of_patterns(moments, CodeRegions(dictionary))
    is_exact = max(map(len, moments.patterns)) <= 1
    sentence = (
        "Exactly: one feature is active at a time, so that h runs along a line."
        if is_exact
        else "Bounded only: the best cost is convex in h, so cells of the cube give two numbers "
        "between which its mean lies."
    )
    return CodeBound(moments.value(lower), moments.value(upper), is_exact, sentence)


# -- latents alone or in opposite pairs --------------------------------------------------------


def _is_line(moments: CodeMoments, group: Sequence[int]) -> bool:
    """Whether the directions of a group are all parallel: a·d = ‖a‖‖d‖ up to the sign."""
    first = moments.W_dec[group[0]]
    return all(
        dot(first, row) * dot(first, row) == dot(first, first) * dot(row, row)
        for row in (moments.W_dec[j] for j in group)
    )


def _of_lines(
    moments: CodeMoments, dictionary: Dictionary, groups: Sequence[Sequence[int]]
) -> Counts:
    """E‖h − b‖² − Σ E[((dⱼ·(h − b) − tⱼ)⁺)²]/‖dⱼ‖² over the cheapest latent each way of a line."""
    parts = [(_one(moments), moments.cost_of_silence())]
    for group in groups:
        for chosen in _cheapest(dictionary, group):
            d = dictionary.rows[chosen]
            start = -dot(d, moments.b_dec) - dictionary.thresholds[chosen]
            along = [dot(d, arrow) for arrow in moments.W]
            square = clipped_moments(moments.draws, start, along, 2, {})
            parts.append((-2 / dot(d, d), square))
    return weighted_sum(parts, moments.zero)


def _cheapest(dictionary: Dictionary, group: Sequence[int]) -> Iterator[int]:
    """Of each of the two ways of a line, the latent whose threshold is the least for its length."""
    first, taken = dictionary.rows[group[0]], dict[int, int]()
    for j in group:
        way = dot(first, dictionary.rows[j]).sign()
        if way == 0:  # a direction of length 0 gives nothing
            continue
        best = taken.get(way)
        if best is None or (_relative(dictionary, j) - _relative(dictionary, best)).sign() < 0:
            taken[way] = j
    return iter(taken.values())


def _relative(dictionary: Dictionary, j: int) -> Element:
    """(t/‖d‖)², which compares as t/‖d‖ does."""
    return dictionary.thresholds[j] ** 2 / dot(dictionary.rows[j], dictionary.rows[j])


def _one(moments: CodeMoments) -> Element:
    return moments.draws.field.rational(1)


# -- along a line, and over cells ----------------------------------------------------------------


def _is_affordable(moments: CodeMoments, dictionary: Dictionary) -> bool:
    lines: int = sum(1 + (1 << max(0, len(active) - 1)) for active in moments.patterns)
    return lines * dictionary.set_count <= _MOST_PIECES


def _of_patterns(moments: CodeMoments, regions: CodeRegions) -> tuple[Counts, Counts]:
    """The two sums over patterns of active features, each with its probability."""
    room = _MOST_PIECES // (len(moments.patterns) * regions.dictionary.set_count)
    found = [
        (weight, *_over_cube(moments, regions, active, room))
        for active, weight in moments.patterns.items()
    ]
    lower = weighted_sum([(low, weight) for weight, low, _ in found], moments.zero)
    upper = weighted_sum([(high, weight) for weight, _, high in found], moments.zero)
    return lower, upper


def _over_cube(
    moments: CodeMoments, regions: CodeRegions, active: Sequence[int], room: int
) -> tuple[Element, Element]:
    """Numbers below and above the mean over one cube: exact along its first feature."""
    if not active:
        value = regions.dictionary.least([-b for b in moments.b_dec])
        return value, value
    first, *others = active
    count = next((g for g in range(_FINEST, 1, -1) if (g + 1) ** len(others) <= room), 1)
    one = _one(moments)
    middles = [((2 * k + 1) * one / (2 * count), one / count) for k in range(count)]
    ends = [(one / count if 0 < k < count else one / (2 * count)) for k in range(count + 1)]
    corners = [(k * one / count, weight) for k, weight in enumerate(ends)]

    def mean(points: Sequence[tuple[Element, Element]]) -> Element:
        total = one * 0
        for chosen in product(points, repeat=len(others)):
            start, share = [-b for b in moments.b_dec], one
            for (x, weight), i in zip(chosen, others, strict=True):
                start = [h + x * w for h, w in zip(start, moments.W[i], strict=True)]
                share = share * weight
            total = total + share * regions.line_mean((start, moments.W[first]))
        return total

    low = mean(middles)
    return (low, mean(corners)) if others else (low, low)
