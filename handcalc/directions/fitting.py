"""How many directions fit into how many dimensions, at which angle: bounds, and what is promised.

Two of directions, dimensions and angle are given, and the third is bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, isqrt
from types import MappingProxyType

import sympy
from flint import arb, ctx

from handcalc.directions.angles import (
    LineAngle,
    angle_of_square,
    floor_of,
    integer_below,
    is_positive,
)
from handcalc.directions.coherence import BOUNDS
from handcalc.display import Displayed, fields_text
from handcalc.errors import InputError
from handcalc.inputs.arguments import read_whole
from handcalc.numbers.exact import exact, integer_text

MOST_DIMENSIONS = 100_000
MOST_DIRECTIONS = 10**15
_MOST_SIGNS = 10_000  # of the exact tail
_PLANE = 2
MOST_CORNERS = 60  # of a polygon whose cosine a field holds


@dataclass(frozen=True, slots=True, repr=False)
class Fitting(Displayed):
    """How many directions with |cos| ≤ ε between any two fit into d dimensions.

    ``lines`` and ``vectors`` are exact, in the plane: how many with |cos| ≤ ε, and with cos ≤ ε,
    which is what a ReLU needs; None elsewhere. Elsewhere there are ``at_most`` as many as Welch,
    ⌊d(1−ε²)/(1−dε²)⌋ and the orthoplex bound d(d+1)/2 allow, both for dε² < 1, and Levenshtein,
    ⌊d(d+2)(1−ε²)/(3−(d+2)ε²)⌋ but no fewer than d(d+1)/2, for (d+2)ε² < 3; None says that they
    allow any number. ``simplex`` exist for certain: d at right angles, and d + 1 with |cos| = 1/d
    for ε ≥ 1/d. So do ``random_signs``, as n(n−1) < exp(dε²/2), and ``by_tail``, as
    n(n−1)/2·``tail`` < 1, with the exact ``tail`` P(|cos| > ε) of two random rows of signs.
    ``distances`` is Johnson and Lindenstrauss's: so many points keep their squared distances within
    a factor 1 ± ε.
    """

    dimensions: int
    coherence: sympy.Expr | None
    degrees: Fraction | float
    lines: int | None
    vectors: int | None
    welch: int | None
    orthoplex: int | None
    levenshtein: int | None
    simplex: int
    random_signs: int
    tail: Fraction | None
    by_tail: int | None
    distances: int

    @property
    def at_most(self) -> int | None:
        """The smallest upper bound; in the plane what is reached."""
        bounds = [each for each in self._bounds if each is not None]
        return min(bounds, default=None)

    @property
    def at_least(self) -> int:
        """The most that exist for certain; in the plane what is reached."""
        return self.lines or max(self.simplex, self.random_signs, self.by_tail or 1)

    @property
    def _bounds(self) -> tuple[int | None, ...]:
        return self.lines, self.welch, self.orthoplex, self.levenshtein

    def __repr__(self) -> str:
        most = "no bound" if self.at_most is None else f"at most {integer_text(self.at_most)}"
        return f"<Fitting: {self.dimensions} dimensions, {float(self.degrees):.6g}°, {most}>"


@dataclass(frozen=True, slots=True, repr=False)
class LeastCoherence(Displayed):
    """The least coherence that n directions in d dimensions can have, by each bound.

    ``value`` is the largest of them, exact: no set is below it. In the plane it is cos(π/n), which
    is reached; for n above 60 it stays cos(π/n). ``degrees`` has the angle of each, by name: some
    pair is as near, or nearer.
    """

    directions: int
    dimensions: int
    value: sympy.Expr
    welch: sympy.Expr
    orthoplex: sympy.Expr | None
    levenshtein: sympy.Expr | None
    reached: bool
    degrees: Mapping[str, float]

    __repr__ = fields_text


@dataclass(frozen=True, slots=True, repr=False)
class DimensionsNeeded(Displayed):
    """How many dimensions n directions with |cos| ≤ ε need.

    Fewer than ``welch``, ``orthoplex`` or ``levenshtein`` are too few, as then that bound on the
    number of directions is below n. ``simplex`` are enough: n at right angles, n − 1 for
    ε ≥ 1/(n − 1), and 2 for as many lines as fit into the plane. So are ``random_signs``, as then
    n(n−1) < exp(dε²/2). ``distances`` are enough to keep the squared distances of n points within a
    factor 1 ± ε, by Johnson and Lindenstrauss: 4 ln n/(ε²/2 − ε³/3).
    """

    directions: int
    coherence: sympy.Expr | None
    degrees: Fraction | float
    welch: int
    orthoplex: int
    levenshtein: int
    fits_plane: bool
    simplex: int
    random_signs: int
    distances: int

    @property
    def at_least(self) -> int:
        """The most that some bound needs; the plane is decided exactly."""
        found = max(self.welch, self.orthoplex, self.levenshtein)
        return found if found > _PLANE or self.fits_plane else _PLANE + 1

    @property
    def enough(self) -> int:
        """The fewest in which so many are known."""
        return min(self.simplex, self.random_signs)

    __repr__ = fields_text


def how_many(dimensions: int, coherence: object = None, degrees: object = None) -> Fitting:
    """How many directions fit into d dimensions with |cos| ≤ ε, or so many degrees apart.

    Args:
        dimensions: d, 1 to 100,000.
        coherence: ε, an exact number, 0 ≤ ε < 1; or
        degrees: the least angle of two lines, a fraction, above 0 and up to 90.

    Returns:
        The exact number in the plane; elsewhere upper bounds, and what random directions promise.

    Raises:
        InputError: ``dimensions``, ``coherence`` or ``degrees`` for a value out of range, or where
            not exactly one of the two angles is given.

    Source: Welch 1974; Dasgupta, Gupta 2003 (distances); the tail is counted here.

    Examples:
        >>> how_many(100, degrees=89).at_most, how_many(2, "4/5").lines
        (103, 4)
    """
    d = _size(dimensions, "dimensions", MOST_DIMENSIONS)
    angle = LineAngle.read(coherence, degrees)
    tail = _tail(d, angle)
    return Fitting(
        dimensions=d,
        coherence=angle.exact,
        degrees=angle.shown,
        lines=angle.folds(180) if d == _PLANE else None,
        vectors=angle.folds(360) if d == _PLANE else None,
        **_upper_bounds(d, angle),
        simplex=d if is_positive(angle, lambda x: 1 - d * x) else d + 1,
        random_signs=_by_signs(d, angle),
        tail=tail,
        by_tail=_pairs(Fraction(2) / tail) if tail else None,
        distances=_by_distances(d, angle),
    )


def least_coherence(directions: int, dimensions: int) -> LeastCoherence:
    """The least coherence of n directions in d dimensions, by the known bounds.

    Args:
        directions: n, 2 to 10¹⁵.
        dimensions: d, 1 to 100,000.

    Returns:
        Each bound, the largest of them and its angle, and whether it is known to be reached.

    Raises:
        InputError: ``directions`` or ``dimensions`` for what is out of range.

    Source: Welch 1974; Conway, Hardin, Sloane 1996; Levenshtein 1982; the plane is derived here.

    Examples:
        >>> least = least_coherence(10_000, 100)
        >>> least.welch, round(least.degrees["welch"], 2), least.value
        (sqrt(101)/101, 84.29, sqrt(51)/51)
    """
    n = _size(directions, "directions", MOST_DIRECTIONS, least=2)
    d = _size(dimensions, "dimensions", MOST_DIMENSIONS)
    squares = {name: low for name, bound in BOUNDS.items() if (low := bound(n, d)) is not None}
    roots = {name: sympy.sqrt(low) for name, low in squares.items()}
    angles = {name: angle_of_square(low) for name, low in squares.items()}
    is_plane = d == _PLANE
    if is_plane:
        value, angles["value"] = sympy.cos(sympy.pi / n), 180 / n
        value = exact(value) if n <= MOST_CORNERS else value
    else:
        largest = max(squares, key=lambda name: squares[name])  # of fractions
        value, angles["value"] = roots[largest], angles[largest]
    return LeastCoherence(
        directions=n,
        dimensions=d,
        value=value,
        **{name: roots.get(name) for name in BOUNDS},
        reached=is_plane or d == 1 or n <= d + 1,
        degrees=MappingProxyType(angles),
    )


def dimensions_needed(
    directions: int, coherence: object = None, degrees: object = None
) -> DimensionsNeeded:
    """How many dimensions n directions with |cos| ≤ ε need, and how many are enough.

    Args:
        directions: n, 2 to 10¹⁵.
        coherence: ε, an exact number, 0 < ε < 1; or
        degrees: the least angle of two lines, a fraction, above 0 and below 90.

    Returns:
        Lower bounds, and numbers of dimensions that are enough: for the directions, and for the
        distances of as many points.

    Raises:
        InputError: ``directions``, ``coherence`` or ``degrees``, as for ``how_many``.

    Source: Welch 1974; Conway, Hardin, Sloane 1996; Levenshtein 1982; Dasgupta, Gupta 2003.

    Examples:
        >>> dimensions_needed(10_000, "1/10").distances, dimensions_needed(10_000, "1/2").distances
        (7895, 443)
    """
    n = _size(directions, "directions", MOST_DIRECTIONS, least=2)
    angle = LineAngle.read(coherence, degrees)
    if angle.is_right:
        raise InputError(
            "coherence",
            f"At a right angle n directions need n dimensions, here {n:,}: give an angle below 90 "
            "degrees, or a coherence above 0.",
        )
    fits_plane = n <= angle.folds(180)
    return DimensionsNeeded(
        directions=n,
        coherence=angle.exact,
        degrees=angle.shown,
        **{name: _least_dimensions(n, angle, name) for name in BOUNDS},
        fits_plane=fits_plane,
        simplex=_PLANE if fits_plane else n - (not is_positive(angle, lambda x: 1 - (n - 1) * x)),
        random_signs=1 + floor_of(lambda: 2 * arb(n * (n - 1)).log() / angle.ball() ** 2),
        distances=1 + floor_of(lambda: 4 * arb(n).log() / _kept(angle.ball())),
    )


# -- whole numbers ---------------------------------------------------------------------------------


def _upper_bounds(d: int, angle: LineAngle) -> dict[str, int | None]:
    """The bounds on coherence turned round, where they bound n at all."""
    if d == 1:  # all lines are one, whatever the angle, as the bounds say too: they are whole there
        return dict.fromkeys(BOUNDS, 1)
    found: dict[str, int | None] = dict.fromkeys(BOUNDS)
    if is_positive(angle, lambda x: 1 - d * x * x):
        found["welch"] = integer_below(angle, lambda x: d * (1 - x * x) / (1 - d * x * x))
        found["orthoplex"] = d * (d + 1) // 2
    if is_positive(angle, lambda x: 3 - (d + 2) * x * x):
        most = integer_below(angle, lambda x: d * (d + 2) * (1 - x * x) / (3 - (d + 2) * x * x))
        found["levenshtein"] = max(d * (d + 1) // 2, most)
    return found


def _least_dimensions(n: int, angle: LineAngle, bound: str) -> int:
    """The smallest d in which a bound allows n directions: each bound grows with d, and n is one.

    >>> _least_dimensions(10_000, LineAngle.read(None, 84), "welch")
    91
    """
    few, many = 0, n
    while many - few > 1:
        d = (few + many) // 2
        most = _upper_bounds(d, angle)[bound]
        few, many = (few, d) if most is None or most >= n else (d, many)
    return many


def _by_signs(d: int, angle: LineAngle) -> int:
    """The largest n with n(n − 1) < exp(dε²/2), which is no whole number but where ε = 0."""
    if angle.is_right:
        return 1
    bound = floor_of(lambda: _exp(d * angle.ball() ** 2 / 2), _size_of(d, angle))
    return _pairs(bound + Fraction(1, 2))


def _by_distances(d: int, angle: LineAngle) -> int:
    """The largest n with 4 ln n ≤ d(ε²/2 − ε³/3)."""
    return floor_of(lambda: _exp(d * _kept(angle.ball()) / 4), _size_of(d, angle))


def _exp(ball: arb) -> arb:
    return ball.exp()


def _pairs(bound: Fraction) -> int:
    """The largest n ≥ 1 with n(n − 1) < bound.

    >>> _pairs(Fraction(6)), _pairs(Fraction(13, 2))
    (2, 3)
    """
    below = ceil(bound) - 1  # the largest whole number below it
    n = (1 + isqrt(1 + 4 * max(below, 0))) // 2
    return max(1, n)


def _kept(ball: arb) -> arb:
    """ε²/2 − ε³/3."""
    return ball**2 / 2 - ball**3 / 3


def _size_of(d: int, angle: LineAngle) -> int:
    """How many bits exp(dε²/2) has, about."""
    with ctx.workprec(64):
        return int(d * float(angle.ball().mid()) ** 2) + 1


def _tail(d: int, angle: LineAngle) -> Fraction | None:
    """P(|s₁ + … + s_d| > dε) for random signs, counted; None in more than 10,000 dimensions."""
    if d > _MOST_SIGNS:
        return None
    most = 0 if angle.is_right else integer_below(angle, lambda x: d * x)
    # a sum of s has (d − s)/2 signs below 0: those with s > most are counted, twice by symmetry
    count, term = 0, 1
    for k in range(d + 1):
        if d - 2 * k <= most:
            break
        count += term
        term = term * (d - k) // (k + 1)
    return Fraction(2 * count, 2**d)


def _size(value: object, name: str, most: int, least: int = 1) -> int:
    found = read_whole(value, f"number of {name}", name)
    if not least <= found <= most:
        raise InputError(
            name,
            f"The number of {name} is from {least} to {most:,}, not {integer_text(found)[:40]}.",
        )
    return found
