"""Does a stored answer agree with the engine? The author says which quantity it is.

A stored answer is written by hand. An exercise whose check has a stored number names, in its table
``[engine]``, the calculation that must give it, with the exercise's own sparsity, importance and
activation. ``feature`` picks one entry of a vector, ``features`` several.

The best loss that a bound is a factor of needs no table: it is compared with the best embedding
that a search finds, to nine digits.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, TypeAlias

import sympy

from exercises.authoring.calculation import TaggedCalculation, compare, pick
from exercises.authoring.circuit_calculations import CircuitCalculation
from exercises.authoring.direction_calculations import DirectionCalculation
from exercises.checks import LossAtMost
from exercises.exercise import ModelAnswer, Numbers, reader
from exercises.tables import Count, FileTable, TableError, Text
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import equal, sign, to_float, to_text
from handcalc.parsing import parse_vector
from handcalc.superposition.best.optimum import optimum
from handcalc.superposition.closed_forms import Composition, crossing
from handcalc.superposition.loss.distribution import Distribution, SparseUniform
from handcalc.superposition.loss.expected_loss import expected_loss
from handcalc.superposition.loss.gradient import loss_gradient
from handcalc.superposition.model.forward_pass import forward
from handcalc.superposition.model.geometry import geometry
from handcalc.superposition.model.toy_model import ToyModel

_NEAR = sympy.Rational(1, 10**9)  # how far a rounded number may be off, as a part of itself
_SHORT = 14  # characters of a number that is written out
_K_GONS = {"triangle": 3, "pentagon": 5, "hexagon": 6}


def disagreement(table: FileTable, value: Vector, places: int | None = None) -> str | None:
    """What the engine gives instead of the stored numbers, in a sentence; None where they agree.

    ``places`` says to how many decimal places a rounded number is known. Errors: ``AuthorError``
    for a table that is not as it must be.

    >>> from handcalc.parsing import parse_vector
    >>> table = FileTable("x.toml", {"kind": "loss", "W": "1; -1", "sparsity": "1/2"}, "engine")
    >>> disagreement(table, parse_vector("1/12")), disagreement(table, parse_vector("1/6"))
    (None, 'the engine gives 1/12')
    """
    calculation: Calculation = table.convert(Calculation, reader())
    try:
        with table.naming():
            if isinstance(calculation, _EqualLoss):
                return calculation.disagreement(value, places)
            return calculation.disagreement(value)
    except InputError as error:
        raise table.fault("unreadable", "kind", error.message) from error


def best_disagrees(check: LossAtMost, asked: ModelAnswer) -> str | None:
    """What the search gives instead of the stored best loss, in a sentence; None where they agree.

    Errors: ``InputError`` with code ``missing_extra`` without numpy.

    >>> from exercises.course import load
    >>> exercise = load("best-at-nine-tenths")
    >>> best_disagrees(exercise.key().check, exercise.answer)
    """
    if check.best is None:
        return None
    found = _best(asked, check.distribution, check.importance)
    if abs(found - check.best) <= _NEAR * found:
        return None
    return f"the best embedding found loses {to_float(found):.15g}; give at least ten digits"


@lru_cache(maxsize=64)
def _best(asked: ModelAnswer, distribution: Distribution, importance: Vector) -> sympy.Expr:
    if asked.activation == "linear":
        raise InputError("activation", "A stored best loss is compared for ReLU models only.")
    return optimum(
        asked.features, asked.dimensions, importance=importance, distribution=distribution
    ).loss


# --------------------------------------------------------------------------------------------------
# The calculations: the keys of each, and what it says of the stored numbers.


class _OfModel(TaggedCalculation, kw_only=True):
    """A calculation with a model."""

    W: Text
    b: Text | None = None
    activation: Literal["relu", "linear"] = "relu"

    @property
    def model(self) -> ToyModel:
        return ToyModel(self.W, self.b, self.activation)


class _Output(_OfModel, kw_only=True, tag="output"):
    """x̂ of W, b for the input x; with ``sources``, what these features alone bring to it."""

    x: Numbers
    feature: Count | None = None
    features: Text | None = None
    sources: Text | None = None

    def disagreement(self, value: Vector) -> str | None:
        named = (self.sources or "").split()
        x = [v if not named or str(j) in named else 0 for j, v in enumerate(self.x, 1)]
        output = forward(self.model, x).output
        return compare(_picked(output, self.feature, self.features), value)


class _Loss(_OfModel, kw_only=True, tag="loss"):
    """The expected loss of W, b."""

    sparsity: Text
    importance: Text | None = None

    def disagreement(self, value: Vector) -> str | None:
        found = expected_loss(self.model, SparseUniform(self.sparsity), self.importance)
        return compare((found.value,), value)


class _Geometry(TaggedCalculation, kw_only=True, tag="geometry"):
    """One of the quantities of W's geometry."""

    W: Text
    what: Literal["gram", "norms", "interference", "dimensionality", "capacity"]
    feature: Count | None = None
    features: Text | None = None

    def disagreement(self, value: Vector) -> str | None:
        numbers = getattr(geometry(ToyModel(self.W)), self.what)
        if self.what == "capacity":
            numbers = (numbers,)
        elif self.what == "gram":
            numbers = tuple(cell for row in numbers for cell in row)
        return compare(_picked(numbers, self.feature, self.features), value)


class _BestBias(_Loss, kw_only=True, tag="best-bias"):
    """The number for "answer" in b at which the loss has no slope in b, on either side."""

    b: Text
    feature: Count | None = None
    features: Text | None = None

    def disagreement(self, value: Vector) -> str | None:
        b = parse_vector(self.b.replace("answer", f"({to_text(value[0])})"))
        model = ToyModel(self.W, b, self.activation)
        slopes = loss_gradient(model, SparseUniform(self.sparsity), self.importance).b
        values = tuple(slope.value for slope in slopes)
        picked = _picked(values, self.feature, self.features)
        off = [slope for slope in picked if slope is None or not equal(slope, 0)]
        return f"the engine gives the slope {off[0]} there, and not 0" if off else None


class _EqualLoss(_OfModel, kw_only=True, tag="equal-loss"):
    """The sparsity at which W, b and ``other_W``, ``other_b`` lose the same."""

    b: Text
    other_W: Text
    other_b: Text
    importance: Text | None = None

    def disagreement(self, value: Vector, places: int | None = None) -> str | None:
        """Where S is rounded, the first model loses more on one side of it, less on the other."""
        other = ToyModel(self.other_W, self.other_b, self.activation)

        def losses(S: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
            at = SparseUniform(S), self.importance
            return expected_loss(self.model, *at).value, expected_loss(other, *at).value

        # the true S is within one unit of the last place, so the difference of the losses changes
        # its sign in between; where S is exact, both ends are S, and the difference must be 0
        away = 0 if places is None else sympy.Rational(1, 10**places)
        below, above = (sign(p - q) for p, q in map(losses, (value[-1] - away, value[-1] + away)))
        if below == -above:
            return None
        first, second = losses(value[-1])
        said = f"the losses {_few_digits(first)} and {_few_digits(second)} there"
        return f"the engine gives {said}, {abs(to_float(first - second)):.2g} apart"


class _Crossing(TaggedCalculation, kw_only=True, tag="crossing"):
    """The sparsity at which two families, each at its best, lose the same, to nine digits."""

    first: Text
    second: Text

    def disagreement(self, value: Vector) -> str | None:
        families = _family("first", self.first), _family("second", self.second)
        found = sympy.Rational(str(crossing(*families).digits(30).sparsity))
        near = len(value) == 1 and sign(_NEAR * found - abs(value[0] - found)) >= 0
        return None if near else f"the engine gives {found.n(20)}"


Calculation: TypeAlias = (
    _Output
    | _Loss
    | _Geometry
    | _BestBias
    | _EqualLoss
    | _Crossing
    | CircuitCalculation
    | DirectionCalculation
)


def _family(key: str, text: str) -> Composition:
    """A family by its parts, such as "triangle" or "pair dedicated"."""
    words = text.split()
    for word in words:
        if word not in (*_K_GONS, "pair", "dedicated", "dropped"):
            said = (
                f"a family is made of {', '.join(_K_GONS)}, pair, dedicated, dropped, not {word}."
            )
            raise TableError("wrong_value", key, said)
    k_gons = tuple(_K_GONS[word] for word in words if word in _K_GONS)
    pairs, dedicated, dropped = map(words.count, ("pair", "dedicated", "dropped"))
    return Composition(k_gons, pairs, dedicated, dropped)


def _picked(numbers: Vector, feature: int | None, features: str | None) -> Vector:
    """The entries of one feature, or of several; all of them where none is named."""
    if feature is None:
        return pick(numbers, "features", features)
    return pick(numbers, "feature", str(feature))


def _few_digits(number: sympy.Expr) -> str:
    text = to_text(number)
    return text if len(text) <= _SHORT else f"{to_float(number):.6g}"
