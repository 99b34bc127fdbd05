"""Results as plain data for JSON: every exact number a text that the reader reads back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import sympy

from handcalc.numbers.exact import to_float, to_text
from handcalc.superposition.loss.distribution import S
from handcalc.superposition.loss.polynomial import polynomial_text
from handcalc.superposition.model.forward_pass import Forward, Parts
from handcalc.superposition.model.forward_pass import forward as worked
from handcalc.superposition.model.geometry import Geometry, described
from handcalc.views.notation import ASCII, EXACT, RoundedNotation
from handcalc.views.rounding import significant, written_out

if TYPE_CHECKING:
    from handcalc.derivation import Claim, Step
    from handcalc.inputs.arguments import Matrix, Vector
    from handcalc.superposition.best.optimum import Optimum
    from handcalc.superposition.closed_forms import ClosedPart
    from handcalc.superposition.closed_forms.three_in_two import BestOfShape, Crossover, ThreeInTwo
    from handcalc.superposition.loss.expected_loss import ExpectedLoss
    from handcalc.superposition.loss.gradient import LossGradient, Slope
    from handcalc.superposition.model.embeddings import Embedding
    from handcalc.superposition.model.toy_model import ToyModel


_Shown = TypeVar("_Shown")
Data: TypeAlias = "dict[str, object]"


def nearest(value: sympy.Expr) -> float | None:
    """The nearest float, or None past the largest: JSON has no infinity.

    >>> nearest(sympy.Rational(1, 2)), nearest(sympy.Integer(10) ** 400)
    (0.5, None)
    """
    return finite(to_float(value))


def finite(value: float) -> float | None:
    """The float, or None for infinity and nan, which JSON has not.

    >>> finite(0.5), finite(float("inf"))
    (0.5, None)
    """
    return value if isfinite(value) else None


def model(shown: ToyModel) -> Data:
    """W, b and the activation."""
    return {"W": _matrix(shown.W), "b": _vector(shown.b), "activation": shown.activation}


def forward(result: Forward) -> Data:
    """h, z, output and difference; where ReLU is undecided, the output's cases too.

    >>> from handcalc.superposition.model.toy_model import ToyModel
    >>> forward(worked(ToyModel("1 0; 0 1; 0 -1"), "1 1/4 1/2"))["h"]
    ['1', '-1/4']
    """
    return {
        **model(result.model),
        "x": _vector(result.x),
        "h": _vector(result.h),
        "z": _vector(result.z),
        "output": _vector(result.output),
        "difference": _vector(result.difference),
        "cases": [None if cases is None else EXACT.cases(cases) for cases in result.cases],
        "parts": [_parts(part) for part in result.parts],
        "steps": [_step(step) for step in result.derivation.steps],
        "notes": list(result.notes),
    }


def geometry(result: Geometry) -> Data:
    """Gram matrix, norms, interference, dimensionality and capacity, exactly and as floats."""
    return {
        "W": _matrix(result.model.W),
        "gram": _symmetric(result.gram, to_text),
        "norms": _vector(result.norms),
        "interference": _vector(result.interference),
        "dimensionality": _vector(result.dimensionality),
        "capacity": to_text(result.capacity),
        "gram_values": _symmetric(result.gram, nearest),
        "norms_values": _values(result.norms),
        "interference_values": _values(result.interference),
        "dimensionality_values": _values(result.dimensionality),
        "capacity_value": nearest(result.capacity),
    }


def loss(result: ExpectedLoss) -> Data:
    """The loss, a number with its float or a polynomial in S, and its parts."""
    symbolic = result.value.has(S)
    value = polynomial_text(result.value)
    counts = result.by_active
    return {
        **model(result.model),
        "importance": _vector(result.importance),
        "distribution": result.distribution.sentence(),
        "loss": value,
        "value": None if symbolic else nearest(result.value),
        **({"polynomial": value} if symbolic else {}),
        "per_feature": _polynomials(result.per_feature),
        "by_active": None if counts is None else _polynomials(counts),
        "costs": [_polynomials(row) for row in result.costs],
        "together": _polynomials(result.together),
    }


def gradient(result: LossGradient) -> Data:
    """The slopes in W and b, from the left and the right where they differ, and what they decide.

    >>> from handcalc.superposition.loss.gradient import loss_gradient
    >>> gradient(loss_gradient("1 0; 0 1", "1/2"))["says"]
    ['No direction descends to first order.']
    """

    def slope(found: Slope) -> object:
        sides = [polynomial_text(side) for side in (found.left, found.right)]
        return sides[0] if found.value is not None else sides

    return {
        "W": [[slope(cell) for cell in row] for row in result.W],
        "b": [slope(bias) for bias in result.b],
        "says": [result.stationarity, *(kink.sentence for kink in result.kinks)],
    }


def optimum(result: Optimum) -> Data:
    """The model and its loss to so many digits, its family, and how it was found.

    The numbers in W and b are those at which ``loss`` and ``slope`` are worked out, exactly.
    """
    problem, family, exactly = result.problem, result.family, result.closed_form
    return {
        "features": problem.features,
        "hidden": problem.hidden,
        "distribution": problem.distribution.sentence(),
        "importance": _vector(problem.importance),
        "loss": significant(result.loss, result.digits),
        "value": nearest(result.loss),
        "W": [list(map(written_out, row)) for row in result.model.W],
        "b": list(map(written_out, result.model.b)),
        "activation": result.model.activation,
        "digits": result.digits,
        "slope": result.slope,
        "family": family.name,
        "parts": [
            {"kind": part.kind, "features": list(part.features), "rank": part.rank}
            for part in family.parts
        ],
        "sentence": f"{family.sentence} {result.sentence}",
        "restarts": result.restarts,
        "agreed": result.agreed,
        "minima": [
            {"loss": minimum.loss, "family": named.name, "restarts": minimum.hits}
            for minimum, named in zip(result.minima, result.families, strict=True)
        ],
        "closed_form": None
        if exactly is None
        else {
            # exactly where the loss has a name, else to so many digits
            "loss": to_text(exactly.loss)
            if exactly.loss is not None
            else str(exactly.loss_digits(result.digits)),
            "parts": [_closed_part(part, result.digits) for part in exactly.parts],
        },
    }


def embedding(shown: Embedding, x: Vector | None = None) -> Data:
    """The page on a named embedding, for symbols and for an example."""
    found = shown.findings
    return {
        "name": shown.name,
        "title": shown.title,
        "story": shown.story,
        "drawing": EXACT.claim(described(shown.model)),
        "symbolic": forward(worked(shown.model)),
        "example": forward(worked(shown.model, shown.example if x is None else x)),
        "gained": _claims(found.gained),
        "lost": _claims(found.lost),
        "source": shown.source,
    }


def _closed_part(shown: ClosedPart, digits: int) -> Data:
    length, biases, loss = shown.digits(digits)
    common: Data = {
        "kind": shown.part.kind,
        "features": list(shown.part.features),
        "sentence": shown.sentence,
        "length": to_text(length),
        "biases": list(map(to_text, biases)),
        "loss": to_text(loss),
    }
    if shown.regular is None:
        return common
    regular, root = shown.regular, shown.regular.root
    return common | {
        "beta": to_text(regular.digits(digits).beta),
        "polynomial": to_text(root.polynomial.as_expr()),
        "between": [written_out(root.lo), written_out(root.hi)],
        "B": to_text(regular.B),
        "C": to_text(regular.C),
    }


def _parts(part: Parts) -> Data:
    return {
        "feature": part.feature,
        "kept": to_text(part.kept),
        "interference": [
            {"feature": source, "amount": to_text(amount)} for source, amount in part.interference
        ],
        "bias": to_text(part.bias),
    }


def _step(step: Step) -> Data:
    return {
        "rule": step.rule,
        "formula": EXACT.expression(step.formula),
        "explanation": step.explanation,
        "lines": [
            {
                "target": EXACT.expression(line.target),
                "symbolic": EXACT.expression(line.symbolic),
                "substituted": EXACT.expression(line.substituted),
                "value": EXACT.expression(line.value),
            }
            for line in step.lines
        ],
    }


def _claims(claims: tuple[Claim, ...]) -> list[str]:
    return [EXACT.claim(claim) for claim in claims]


def _polynomials(values: Vector) -> list[str]:
    return [polynomial_text(value) for value in values]


def _matrix(rows: Matrix) -> list[list[str]]:
    return [_vector(row) for row in rows]


def _vector(values: Vector) -> list[str]:
    return [to_text(value) for value in values]


def _symmetric(rows: Matrix, shown: Callable[[sympy.Expr], _Shown]) -> list[list[_Shown]]:
    """A matrix that is its transpose, each pair of its numbers converted once."""
    # exact numbers take their time to write: a Gram matrix has each of them twice
    below = [[shown(cell) for cell in row[: i + 1]] for i, row in enumerate(rows)]
    n = range(len(rows))
    return [[below[max(i, j)][min(i, j)] for j in n] for i in n]


def _values(values: Vector) -> list[float | None]:
    return [nearest(value) for value in values]


# --------------------------------------------------------------------------------------------------
# The best of three features in two dimensions.


_PLACES = 6


def best(result: ThreeInTwo, change: Crossover) -> Data:
    """The better shape with its numbers, how much more the other loses, and both worked out.

    >>> from handcalc.superposition.closed_forms.three_in_two import change_of_best, three_in_two
    >>> found = best(three_in_two("1/2"), change_of_best())
    >>> found["family"], found["loss"]
    ('antipodal', '0.0762824469895635733818021826183')
    """
    winner = result.best
    shown = RoundedNotation(ASCII, _PLACES)
    return {
        "name": "best",
        **_numbers(result),
        "W": [list(map(written_out, row)) for row in winner.model.W],
        "b": list(map(written_out, winner.model.b)),
        "activation": winner.model.activation,
        "drawing": shown.claim(described(winner.model)),
        "percent": result.percent,
        "change": _change(change),
        "probabilities": list(map(to_text, result.probabilities)),
        "shapes": [_shape(shape) for shape in result.shapes],
    }


def best_along(results: Sequence[ThreeInTwo], change: Crossover) -> Data:
    """The better shape at each sparsity, and where the two change places."""
    return {
        "name": "best",
        "change": _change(change),
        "along": [_numbers(result) for result in results],
    }


def _numbers(result: ThreeInTwo) -> Data:
    values = result.best.values
    return {
        "sparsity": to_text(result.sparsity),
        "family": result.best.name,
        "loss": written_out(values.total),
        "value": nearest(values.total),
        "length": written_out(values.length),
        "bias": written_out(values.bias),
        "losses": {shape.name: written_out(shape.values.total) for shape in result.shapes},
    }


def _change(change: Crossover) -> Data:
    return {"sparsity": written_out(change.sparsity), "loss": written_out(change.loss)}


def _shape(shape: BestOfShape) -> Data:
    optimum, values = shape.optimum, shape.values
    return {
        "family": shape.name,
        "B": to_text(optimum.B),
        "C": to_text(optimum.C),
        "between": list(map(str, optimum.cell)),
        "polynomial": to_text(optimum.root.polynomial.as_expr()),
        "interval": [to_text(optimum.root.lo), to_text(optimum.root.hi)],
        "beta": written_out(values.beta),
        "length": written_out(values.length),
        "bias": written_out(values.bias),
        "loss": written_out(values.total),
        "costs": [nearest(cost) for cost in shape.costs],
    }
