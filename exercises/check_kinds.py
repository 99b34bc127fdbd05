"""What an answer must have: one small record a kind of check. ``checking`` decides them.

All of them are properties: any answer that has the property passes, whatever the way to it. Records
with a ``tag`` are read from TOML as they stand, the others from a table of ``check_tables``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import sympy

from exercises.tables import Table, TableError
from handcalc.numbers.exact import sign

if TYPE_CHECKING:
    from handcalc.inputs.arguments import Vector
    from handcalc.superposition.loss.distribution import Distribution
    from handcalc.superposition.model.toy_model import ToyModel


class Feature(int):
    """A feature, counted from 1."""


class PerFeature(tuple[sympy.Expr, ...]):
    """One exact number a feature."""


class TaggedCheck(Table, tag_field="kind"):
    """A check that a table ``[check]`` describes by its ``kind``."""


class ReconstructsInput(TaggedCheck, tag="reconstructs-input"):
    """x̂ᵢ = xᵢ for each feature i of this one input x, of length n."""

    x: PerFeature


@dataclass(frozen=True, slots=True)
class Hull:
    """The convex hull of some inputs, its ``corners``; ``text`` is how the author wrote it.

    The faces of the box are pieces, and so are segments and single inputs.
    """

    text: str
    corners: tuple[Vector, ...]


@dataclass(frozen=True, slots=True)
class ReconstructsSet:
    """x̂ᵢ = xᵢ for every input of a union of pieces, and each i of ``features`` (from 1)."""

    pieces: tuple[Hull, ...]
    features: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LossAtMost:
    """The expected loss is at most ``bound``, under a distribution and importances.

    ``best``, where given, is the best loss there is, as a decimal that is not above it by more than
    its last digit; ``bound`` is then a factor times it.
    """

    distribution: Distribution
    importance: Vector
    bound: sympy.Expr
    best: sympy.Expr | None = None


class Angle(Table):
    """cos of the angle between two embeddings (features from 1, both not zero)."""

    features: tuple[Feature, Feature]
    cosine: sympy.Expr

    def __post_init__(self) -> None:
        if self.features[0] == self.features[1]:
            raise TableError("wrong_value", "features", "an angle is between two features.")
        if sign(1 - self.cosine**2) < 0:
            said = f"a cosine is from -1 to 1, not {self.cosine}."
            raise TableError("wrong_value", "cosine", said)


class Length(Table):
    """‖Wᵢ‖ of a feature (from 1)."""

    feature: Feature
    length: sympy.Expr

    def __post_init__(self) -> None:
        positive("length", self.length)


class HasGeometry(TaggedCheck, tag="geometry"):
    """Angles between rows of W, and lengths of rows."""

    angles: tuple[Angle, ...] = ()
    lengths: tuple[Length, ...] = ()

    def __post_init__(self) -> None:
        if not self.angles and not self.lengths:
            raise TableError("missing_key", "angles", 'give "angles", "lengths", or both.')


@dataclass(frozen=True, slots=True)
class SameModel:
    """The same model as a given one, up to rotation and reflection, with some rows of W fixed.

    ``rows`` holds features (from 1) with the row that each must have.
    """

    model: ToyModel
    rows: tuple[tuple[int, Vector], ...] = ()


@dataclass(frozen=True, slots=True)
class Equals:
    """The number (length 1), the vector, or the two ends of the interval are these."""

    value: Vector
    is_interval: bool = False


@dataclass(frozen=True, slots=True)
class Brackets:
    """The interval holds ``value`` strictly between its ends, which are at most ``width`` apart.

    ``places`` says to how many decimal places a rounded value is known; None where it is exact.
    """

    value: sympy.Expr
    width: sympy.Expr
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The right claim, by letter, and the right reason, by number; "" where none is asked for."""

    claim: str
    reason: str = ""


Check: TypeAlias = (
    ReconstructsInput
    | ReconstructsSet
    | LossAtMost
    | HasGeometry
    | SameModel
    | Equals
    | Brackets
    | Chosen
)


def positive(key: str, number: sympy.Expr) -> sympy.Expr:
    """The number that is under a key, refused unless it is above 0. Errors: ``TableError``."""
    if sign(number) <= 0:
        raise TableError("wrong_value", key, f'"{key}" must be above 0, not {number}.')
    return number
