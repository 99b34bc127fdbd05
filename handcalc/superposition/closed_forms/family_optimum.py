"""The exact optimum of an embedding made of pairs, k-gons, dedicated and dropped features.

Parts do not overlap, so each has a loss of its own: a dropped feature p/3 − p²/4, with the bias
p/2; a dedicated one 0, with length 1 and bias 0; a pair or a k-gon of features that are alike what
``best_regular`` tells. Derived here; for dropped features see also Elhage et al. 2022.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

import sympy

from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import equal, exact, to_fraction
from handcalc.superposition.closed_forms.regular import RegularOptimum, best_regular, check_size
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.superposition.loss.problem import Problem, variance
from handcalc.superposition.model.families import Family, Part
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import joined

_ZERO, _ONE = sympy.Integer(0), sympy.Integer(1)
_DIGITS = 30
_SAME = Fraction(1, 10**20)


def dropped_loss(probability: object) -> sympy.Expr:
    """p/3 − p²/4, the loss of a feature with a row of zeros and its best bias, p/2.

    ``probability`` is p, that the feature is active.

    >>> dropped_loss(1)
    1/12
    """
    return exact(variance(exact(probability)))


@dataclass(frozen=True, slots=True)
class ClosedPart:
    """A part at its best, with ``regular`` for a pair or k-gon, None for the others.

    ``length``, ``biases`` (one a feature) and ``loss`` are exact numbers, or None where they have
    no name beyond the root in ``regular``.
    """

    part: Part
    regular: RegularOptimum | None
    length: sympy.Expr | None
    biases: Vector | None
    loss: sympy.Expr | None

    @property
    def sentence(self) -> str:
        """What is best for the part, in words."""
        features = self.part.features
        many = len(features) > 1
        named = f"{'Features' if many else 'Feature'} {joined(features)}"
        if self.part.kind == "dropped":
            return f"{named} {'are' if many else 'is'} dropped, with the bias p/2."
        if self.regular is None:
            return f"{named} has length 1 and bias 0, and loses nothing."
        told = f"{named} have the length l = √(B/C) and the bias b = β·l², where β is"
        return f"{told} {self.regular.root.sentence}."

    def digits(self, n: int) -> tuple[sympy.Expr, Vector, sympy.Expr]:
        """Length, biases and loss, exactly or to n digits."""
        if self.regular is not None:
            found = self.regular.digits(n)
            return found.length, (found.bias,) * len(self.part.features), found.total
        return self.length, self.biases or (), self.loss


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """The exact optimum within a family: its parts, which do not disturb each other."""

    parts: tuple[ClosedPart, ...]

    @property
    def loss(self) -> sympy.Expr | None:
        """The exact loss of all parts, None where it has no name."""
        losses = [part.loss for part in self.parts]
        return None if None in losses else exact(sympy.Add(*losses))

    def loss_digits(self, n: int) -> sympy.Float:
        """The loss of all parts to n digits."""
        losses = (part.digits(n + 10)[2].evalf(n + 10) for part in self.parts)
        return sympy.Float(sympy.Add(*losses), n)

    def agrees(self, model: ToyModel, problem: Problem) -> bool:
        """Whether a model has these lengths and biases, to 20 decimals.

        Features that do not matter, or are never active, may have any.
        """
        entries, _ = model.elements()
        for part in self.parts:
            length, biases, _ = part.digits(_DIGITS)
            for i, bias in zip(part.part.features, biases, strict=True):
                if not (problem.importance[i - 1] and problem.probability[i - 1]):
                    continue
                square = sum((cell * cell for cell in entries.W[i - 1]), entries.field.rational(0))
                for found, meant in ((square, length**2), (entries.b[i - 1], bias)):
                    near = sympy.Rational(str(meant.evalf(_DIGITS)))  # to more than 20 decimals
                    if abs((found - to_fraction(near)).to_float()) > _SAME:
                        return False
        return True


def closed_form(family: Family, problem: Problem, model: ToyModel) -> ClosedForm | None:
    """The exact optimum within a model's family, if it is known and it is what the model is near.

    Known are dropped and dedicated features, and pairs and k-gons of independent features with the
    same S and importance. A pair whose features have different lengths, or another stationary
    point, is not the optimum of its family as told here: None where the model's lengths or biases
    differ by more than 20 decimals show.

    >>> from handcalc.superposition.model.families import family
    >>> model = ToyModel("1; 0", b="0 1/4")
    >>> found = closed_form(family(model), Problem.of(2, 1, sparsity="1/2"), model)
    >>> found.loss, found.parts[1].sentence
    (5/48, 'Feature 2 is dropped, with the bias p/2.')
    """
    parts = []
    for part in family.parts:
        found = _closed(part, problem)
        if found is None:
            return None
        parts.append(found)
    whole = ClosedForm(tuple(parts))
    return whole if whole.agrees(model, problem) else None


def _closed(part: Part, problem: Problem) -> ClosedPart | None:
    if part.kind == "dedicated":
        return ClosedPart(part, None, _ONE, (_ZERO,), _ZERO)
    if part.kind == "dropped":
        density = [problem.probability[i - 1] for i in part.features]
        weights = [problem.importance[i - 1] for i in part.features]
        losses = (weight * dropped_loss(p) for weight, p in zip(weights, density, strict=True))
        biases = tuple(exact(p / 2) for p in density)
        return ClosedPart(part, None, _ZERO, biases, exact(sympy.Add(*losses)))
    if part.kind not in ("pair", "k-gon") or not _are_alike(part, problem):
        return None
    first, k = part.features[0] - 1, len(part.features)
    regular = best_regular(k, 1 - problem.probability[first], problem.importance[first])
    known = regular.exact
    if known is None:
        return ClosedPart(part, regular, None, None, None)
    return ClosedPart(part, regular, known.length, (known.bias,) * k, known.total)


def _are_alike(part: Part, problem: Problem) -> bool:
    """Whether features are independent, sometimes active, and as important and as sparse."""
    if not isinstance(problem.distribution, SparseUniform):
        return False
    first, *others = (i - 1 for i in part.features)
    if equal(problem.probability[first], 0):
        return False
    told = (problem.probability, problem.importance)
    return all(equal(of[i], of[first]) for of in told for i in others)


# --------------------------------------------------------------------------------------------------
# Families of features that are alike, by how many parts of each kind they have.


@dataclass(frozen=True, slots=True)
class Composition:
    """How many parts of each kind a family has; its features all have the same S and importance.

    ``k_gons`` lists the number of corners of each regular k-gon. Errors: ``size``.

    >>> pair, triangle = Composition(pairs=1, dedicated=1), Composition(k_gons=(3,), dropped=2)
    >>> pair.features, pair.hidden, pair.sentence
    (3, 2, '1 pair and 1 dedicated feature')
    >>> triangle.features, triangle.hidden, triangle.sentence
    (5, 2, '1 3-gon and 2 dropped features')
    """

    k_gons: tuple[int, ...] = ()
    pairs: int = 0
    dedicated: int = 0
    dropped: int = 0

    def __post_init__(self) -> None:
        for k in self.k_gons:
            check_size(k)
        counts = (self.pairs, self.dedicated, self.dropped)
        if any(type(count) is not int or count < 0 for count in counts) or not self.features:
            raise InputError(
                "size", f"Parts are counted by whole numbers from 0, and there is one, not {self}."
            )

    @property
    def features(self) -> int:
        """The number of features."""
        return sum(self.k_gons) + 2 * self.pairs + self.dedicated + self.dropped

    @property
    def hidden(self) -> int:
        """The number of hidden dimensions that the parts span."""
        return 2 * len(self.k_gons) + self.pairs + self.dedicated

    @property
    def regular(self) -> Counter[int]:
        """The number of parts by the number k of their features: pairs, k = 2, and k-gons."""
        return Counter([*self.k_gons, *[2] * self.pairs])

    @property
    def sentence(self) -> str:
        """The parts in words."""
        k_gons = [(count, f"{k}-gon") for k, count in sorted(Counter(self.k_gons).items())]
        others = [(self.pairs, "pair"), (self.dedicated, "dedicated feature")]
        counted = [*k_gons, *others, (self.dropped, "dropped feature")]
        return joined([f"{n} {kind}{'s' if n > 1 else ''}" for n, kind in counted if n])
