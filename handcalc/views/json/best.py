"""The best of three features in two dimensions as plain data for JSON."""

from __future__ import annotations

from collections.abc import Sequence

from handcalc.numbers.exact import to_text
from handcalc.superposition.closed_forms.three_in_two import BestOfShape, Crossover, ThreeInTwo
from handcalc.superposition.model.geometry import described
from handcalc.views.json.results import Data, nearest
from handcalc.views.notation import ASCII
from handcalc.views.rounding import RoundedNotation, written_out

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
