"""What the lecture on geometry works out: shapes, products of them, and how many share a plane."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import sympy
from sympy import Rational, cos, pi, sin, sqrt

import handcalc
from handcalc.errors import InputError
from handcalc.inputs.arguments import exact, sign
from handcalc.lectures.showing import arrows, number, numbers, page, table
from handcalc.numbers.linear_algebra import rank
from handcalc.superposition.closed_forms import Composition, family_loss
from handcalc.superposition.loss.problem import variance
from handcalc.superposition.model.families import family
from handcalc.views.picture import MOST_DIMENSIONS
from handcalc.views.plots.curves import Curves

_THIRD = sqrt(3) / 3
_STEPS = 40  # along S

Rows = list[list[sympy.Expr]]


def _k_gon(k: int) -> Rows:
    return [[cos(2 * pi * j / k), sin(2 * pi * j / k)] for j in range(k)]


def _rings(twist: sympy.Expr) -> Rows:
    """Two squares above each other, as high as those of a cube; the lower one is twisted."""
    wide = sqrt(2) * _THIRD
    return [
        [wide * cos(pi * k / 2 + turn), wide * sin(pi * k / 2 + turn), height]
        for turn, height in ((sympy.Integer(0), _THIRD), (twist, -_THIRD))
        for k in range(4)
    ]


def _made() -> dict[str, Rows]:
    one = sympy.Integer(1)
    signs = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
    fifth = 1 / sqrt(5)
    return {
        "a pair": [[one], [-one]],
        "a triangle": _k_gon(3),
        "a pentagon": _k_gon(5),
        "a hexagon": _k_gon(6),
        "a tetrahedron": [[_THIRD * s for s in row] for row in signs],
        "a cube": _rings(sympy.Integer(0)),
        "a square antiprism": _rings(pi / 4),
        "a simplex in four dimensions": [
            *([*(s * one for s in row), -fifth] for row in signs),
            [0 * one, 0 * one, 0 * one, 4 * fifth],
        ],
    }


SHAPES = {name: handcalc.ToyModel(rows) for name, rows in _made().items()}
TO_BE_FOUND = ("a pair", "a triangle", "a pentagon")
"""The shapes whose dimensionality is asked for by an exercise of the course."""


def product(*parts: handcalc.ToyModel) -> handcalc.ToyModel:
    """The tegum product: each part in dimensions of its own, at right angles to the others.

    >>> product(SHAPES["a pair"], SHAPES["a pair"]).W
    ((1, 0), (-1, 0), (0, 1), (0, -1))
    """
    width = sum(part.m for part in parts)
    rows: Rows = []
    before = 0
    for part in parts:
        behind = width - before - part.m
        rows += [[*[0] * before, *row, *[0] * behind] for row in part.W]
        before += part.m
    return handcalc.ToyModel(rows)


def shape_table(solved: bool) -> str:
    """The shapes, their features and dimensions, and the dimensionality of each feature.

    What an exercise asks for is there once it is ``solved``.
    """
    rows = []
    for name, model in SHAPES.items():
        hidden = name in TO_BE_FOUND and not solved
        share = "*yours to find, below*" if hidden else number(_share(model))
        rows.append((name, str(model.n), str(model.m), share))
    return table(("shape", "features $n$", "dimensions $m$", "$D$ of each"), rows)


def _share(model: handcalc.ToyModel) -> sympy.Expr:
    (share,) = set(handcalc.geometry(model).dimensionality)
    return exact(share)


def measured(model: handcalc.ToyModel) -> object:
    """The arrows of a model where they can be drawn, its name, and its dimensionalities."""
    found = handcalc.geometry(model)
    drawn = [arrows(model)] if model.m <= MOST_DIMENSIONS else []
    return page(*drawn, family(model).sentence, shares(found))


def shares(found: handcalc.Geometry) -> str:
    """Lengths and dimensionalities, and ‖W‖²."""
    squares = sum((length**2 for length in found.norms), sympy.Integer(0))
    rows = zip(
        map(str, range(1, found.model.n + 1)), found.norms, found.dimensionality, strict=True
    )
    told = table(("feature", "length", "$D_i$"), rows)
    return f"{told}\n\n$\\|W\\|_F^2$ = {number(exact(squares))}."


def capacity(found: handcalc.Geometry) -> str:
    """The sum of all dimensionalities, and how much of the dimensions that is not."""
    spanned = rank(found.model.elements()[0].gram)
    spare = exact(spanned - found.capacity)
    verdict = (
        "Nothing is wasted." if spare == 0 else f"So {number(spare)} of a dimension is wasted."
    )
    return (
        f"The capacity, $\\sum_i D_i$, is {number(found.capacity)}; the arrows span "
        f"{number(spanned)}. {verdict}"
    )


# -- how many features share a plane ---------------------------------------------------------------

_PARTS = {1: Composition(dedicated=1), 2: Composition(pairs=1)} | {
    k: Composition(k_gons=(k,)) for k in (3, 5, 6)
}
"""Parts by their number of features: those that are worked out in a moment."""


def saved(k: int, sparsity: sympy.Rational) -> sympy.Expr:
    """What a part of k features saves per dimension, beside dropping its features; to 12 digits."""
    part = _PARTS[k]
    alone = k * variance(1 - sparsity)
    return (alone - family_loss(part, sparsity, 12)) / part.hidden


def in_a_plane(sparsity: sympy.Rational) -> int:
    """How many features share a plane where the part is used that saves most per dimension.

    >>> in_a_plane(Rational(1, 2)), in_a_plane(Rational(9, 10))
    (4, 5)
    """
    best = max(_PARTS, key=lambda k: saved(k, sparsity))
    return best * 2 // _PARTS[best].hidden


def staircase() -> Curves:
    """How many features share a plane, along S."""
    steps = [Rational(k, _STEPS) for k in range(1, _STEPS)]
    line = [(float(S), float(in_a_plane(S))) for S in steps]
    stairs = [corner for pair in pairwise(line) for corner in _step(*pair)]
    return Curves(
        {"best of pairs and polygons": stairs},
        "sparsity S (dense → sparse)",
        "features in a plane",
        "A staircase: the number of features that share a plane stays the same for long stretches "
        "of S, and then jumps.",
    )


def _step(left: tuple[float, float], right: tuple[float, float]) -> Iterator[tuple[float, float]]:
    yield left
    yield right[0], left[1]
    yield right


# -- features that come together, or never ---------------------------------------------------------


def read_sets(typed: str) -> list[list[int]]:
    """Features by number, with ; between sets. Errors: ``sets``.

    >>> read_sets("1 2; 3, 4")
    [[1, 2], [3, 4]]
    """
    parts = [part.replace(",", " ").split() for part in typed.split(";")]
    if not all(parts) or not all(each.isdecimal() for part in parts for each in part):
        raise InputError(
            "sets", "Sets are features by number, with ; between sets.", suggestion="1 2; 3 4"
        )
    return [list(map(int, part)) for part in parts]


def by_distribution(W: str, sets: str, sparsity: str) -> Sequence[tuple[str, sympy.Expr]]:
    """What one model loses where features are drawn alone, together, or never together."""
    model, members = handcalc.ToyModel(W), read_sets(sets)
    S = handcalc.parse_scalar(sparsity)
    drawn = {
        "each by itself": handcalc.SparseUniform(S),
        "sets on or off as a whole": handcalc.Correlated(members, S),
        "of each set one at most": handcalc.Anticorrelated(members, S),
    }
    return [(name, handcalc.expected_loss(model, each).value) for name, each in drawn.items()]


def positive_interference(model: handcalc.ToyModel) -> sympy.Expr:
    """Σⱼ Gᵢⱼ² over the positive overlaps of the first feature: what ReLU does not cut off."""
    first, *others = handcalc.geometry(model).gram[0]
    if first != 1:
        raise ValueError("Arrows of length one are compared.")
    return exact(sympy.Add(*(g**2 for g in others if sign(g) > 0)))


def cosines(model: handcalc.ToyModel) -> str:
    """The different overlaps of the first feature, in a sentence."""
    _, *others = handcalc.geometry(model).gram[0]
    return numbers(dict.fromkeys(others))
