"""The dimensionalities that features have in named shapes: the levels at which training rests.

k features that are spread evenly over r dimensions, as a tight frame, have D = r/k each.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from handcalc.display import fields_text


@dataclass(frozen=True, slots=True, repr=False)
class DimensionLevel:
    """A dimensionality D, exactly, and the ``shapes`` whose features have it."""

    value: Fraction
    shapes: tuple[str, ...]

    __repr__ = fields_text


LEVELS = (
    DimensionLevel(Fraction(1), ("dedicated",)),
    DimensionLevel(Fraction(3, 4), ("tetrahedron",)),
    DimensionLevel(Fraction(2, 3), ("triangle",)),
    DimensionLevel(Fraction(1, 2), ("pair",)),
    DimensionLevel(Fraction(2, 5), ("pentagon",)),
    DimensionLevel(Fraction(3, 8), ("cube", "square antiprism")),
    DimensionLevel(Fraction(1, 3), ("hexagon", "triangular prism", "pentagonal prism")),
)
"""Those of the shapes that models are named by, from the roomiest on; a polygon of k has 2/k.

Source: Elhage et al. 2022, "The Geometry of Superposition"; that a tight frame has r/k is derived
here.
"""


def nearest_level(dimensionality: float) -> DimensionLevel:
    """The level that is nearest to a D.

    >>> nearest_level(0.49).shapes, float(nearest_level(0.66).value)
    (('pair',), 0.6666666666666666)
    """
    return min(LEVELS, key=lambda level: abs(float(level.value) - dimensionality))
