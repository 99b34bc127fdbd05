"""What the last lecture works out of directions: how near, how many, and words among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import acos, degrees, sqrt

import sympy

import handcalc
from handcalc.directions.coherence import welch_square
from handcalc.directions.fitting import LeastCoherence
from handcalc.inputs.arguments import exact
from handcalc.lectures.showing import number, page, table, vector
from handcalc.numbers.exact import to_float
from handcalc.views.plots.curves import Curves
from handcalc.wording import joined

MANY, PICTURED_IN, WIDTH = 10_000, 100, 1
"""Of the well-known picture: so many arrows, in so many dimensions, so near a right angle."""

# whether it is to move, going on, and in water
_WORDS = {"walk": (1, 0, 0), "walking": (1, 1, 0), "swim": (1, 0, 1), "swimming": (1, 1, 1)}

DIMENSIONS = {f"{d:,}": d for d in (10, 100, 1000, 10_000)}
_DRAWN_TO = 1e12  # as many directions as a chart shows
# degrees; in the last one before a right angle there is most to see
_ANGLES = (
    *(Fraction(k, 2) for k in range(140, 178)),
    *(Fraction(k, 20) for k in range(1780, 1800)),
)


# -- as far apart as can be ------------------------------------------------------------------------


def named() -> list[str]:
    """The sets of directions with a name, of which each has a direction."""
    return [each.name for each in handcalc.direction_sets() if each.name != "zero-row"]


def apart(model: handcalc.ToyModel) -> object:
    """The nearest lines and the nearest vectors of arrows in the plane, beside the best of all."""
    found = handcalc.coherence(model)
    least = handcalc.least_coherence(model.n, 2)
    signed = exact(sympy.cos(2 * sympy.pi / model.n))
    rows = (
        ("as lines, by $\\lvert\\cos\\rvert$", found.coherence, least.value),
        ("as vectors, by $\\cos$, as ReLU does", found.signed, signed),
    )
    told = table(("the nearest two", "yours", f"the best of {model.n}"), rows)
    return page(told, f"Your nearest lines stand {found.degrees:.2f}° apart.")


# -- a picture -------------------------------------------------------------------------------------


def per_cent(share: Fraction | sympy.Rational) -> str:
    """A share of all pairs.

    >>> per_cent(Fraction(1, 3))
    '33.33 %'
    """
    return f"{100 * float(share):.2f} %"


@dataclass(frozen=True, slots=True)
class Bundles:
    """Each axis many times: the shares of pairs that stand at right angles, and that are one."""

    right: Fraction
    parallel: Fraction


def bundles(many: int = MANY, dimensions: int = PICTURED_IN) -> Bundles:
    """Pairs of arrows, where each axis is taken equally often.

    >>> bundles(4, 2)
    Bundles(right=Fraction(2, 3), parallel=Fraction(1, 3))
    """
    parallel = Fraction(many // dimensions - 1, many - 1)
    return Bundles(1 - parallel, parallel)


def three_sets() -> str:
    """What three sets of as many arrows make of their pairs."""
    d, same = PICTURED_IN, bundles()
    best = handcalc.least_coherence(MANY, d)
    near = 1 - (handcalc.how_many(d, degrees=90 - WIDTH).tail or Fraction(0))
    nearest = f"{min(best.degrees.values()):.2f}° or less"
    heads = (
        f"{MANY:,} arrows in {PICTURED_IN} dimensions",
        f"pairs within {WIDTH}° of {90}°",
        r"mean of $\cos^2$",
        "nearest pair",
    )
    rows = (
        ("each axis many times", per_cent(same.right), _decimal(same.parallel), f"{0}°"),
        ("rows of random signs", per_cent(near), _decimal(Fraction(1, d)), "by chance"),
        ("any set at all", "", f"{_decimal(_mean_square())} or more", nearest),
    )
    return table(heads, rows)


def _mean_square() -> Fraction:
    """What the mean of cos² is at least, which is Welch's bound, squared."""
    return Fraction(str(welch_square(MANY, PICTURED_IN)))


def _decimal(share: Fraction) -> str:
    return f"{float(share):.6f}"


def nearest(many: str, dimensions: sympy.Expr) -> LeastCoherence:
    """How near the nearest two of so many directions are. Errors: those of ``least_coherence``."""
    return handcalc.least_coherence(handcalc.parse_scalar(many), dimensions)


@lru_cache(maxsize=8)
def room(dimensions: int) -> Curves:
    """How many directions fit, by the angle between any two: bounds from above and from below."""
    found = [(float(each), handcalc.how_many(dimensions, degrees=each)) for each in _ANGLES]
    most = _below_the_rim((angle, each.at_most) for angle, each in found)
    certain = _below_the_rim((angle, each.random_signs) for angle, each in found)
    wall = degrees(acos(1 / sqrt(dimensions)))
    return Curves(
        {"at most": most, "for certain": certain},
        "least angle between any two, degrees",
        "directions",
        f"Directions in {dimensions} dimensions by the least angle between any two. Both how "
        "many there are at most and how many exist for certain fall towards a right angle.",
        marks={"1/√d": wall},
        logarithmic="y",
    )


def _below_the_rim(counts: Iterable[tuple[float, int | None]]) -> list[tuple[float, float]]:
    return [(angle, float(n)) for angle, n in counts if n is not None and n <= _DRAWN_TO]


# -- words -----------------------------------------------------------------------------------------


def equation_of(arrows: Sequence[object]) -> handcalc.Analogy:
    """walking − walk + swim, of the arrows of walk, walking, swim and swimming.

    Errors: ``words`` for arrows that do not fit.

    >>> equation_of(["1 0", "1 1", "2 0", "2 1"]).equals
    ('swimming',)
    """
    return handcalc.analogy(dict(zip(_WORDS, arrows, strict=True)), "walking - walk + swim")


def in_a_triangle() -> handcalc.Analogy:
    """The same, each word the sum of its features, and these at the corners of a triangle.

    >>> in_a_triangle().result
    (0, 0)
    """
    triangle = handcalc.direction_set("triangle").model
    return equation_of([handcalc.forward(triangle, [*has]).h for has in _WORDS.values()])


def nearest_words(found: handcalc.Analogy) -> object:
    """The result of an equation, how near each word is to it, and which is nearest."""
    told = table(("word", "arrow", r"$\cos^2$ with the result"), _beside(found))
    return page(
        f"*{found.equation}* is {vector(found.result)}.",
        told,
        f"The nearest word is **{joined(found.nearest) or 'none'}**, and with the words of the "
        f"equation left out **{joined(found.nearest_others) or 'none'}**.",
    )


def _beside(found: handcalc.Analogy) -> Iterator[Sequence[str]]:
    for word, arrow, square in zip(found.words, found.vectors, found.squares, strict=True):
        shown = "no direction" if square is None else f"{number(square)}, {to_float(square):.3f}"
        yield word, vector(arrow), shown
