"""What the lecture on interference works out of what its readers type, slide and drag."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

import handcalc
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector, exact, read_vector
from handcalc.lectures.showing import number, numbers, table, vector
from handcalc.lectures.workings.comparing import cheapest, of_name
from handcalc.superposition.loss.expected_loss import importances

NAMES = ("orthogonal", "interfering", "antipodal")
_NOUGHT = sympy.Integer(0)


# -- angles ----------------------------------------------------------------------------------------


def leaning(degrees: int, length: object = 1) -> handcalc.ToyModel:
    """Two arrows along the axes, and a third of a length, so far to the left of the first.

    >>> leaning(90, "1/2").W[2]
    (0, 1/2)
    """
    angle, far = sympy.pi * sympy.Rational(degrees, 180), exact(length)
    third = [exact(far * sympy.cos(angle)), exact(far * sympy.sin(angle))]
    return handcalc.ToyModel([[1, 0], [0, 1], third], activation="linear")


def heard(model: handcalc.ToyModel) -> str:
    """What features 1 and 2 hear of feature 3, and what it keeps."""
    of_one, of_two, own = handcalc.geometry(model).gram[2]
    return (
        f"Of feature 3 feature 1 hears {number(of_one)} times as much as it is on, feature 2 "
        f"{number(of_two)} times; of itself it keeps {number(own)}."
    )


# -- what is lost for one input --------------------------------------------------------------------


def weighted_error(work: handcalc.Forward, importance: object = None) -> sympy.Expr:
    """What an output is off by, squared, times importance, in all.

    >>> weighted_error(handcalc.forward(of_name("antipodal"), "1 1/2 0"), "10 1 2")
    1/2
    """
    weights = importances(importance, work.model.n)
    each = (w * d**2 for w, d in zip(weights, work.difference, strict=True))
    return exact(sum(each, _NOUGHT))


def errors_of(x: object, importance: object) -> dict[str, sympy.Expr]:
    """What three embeddings lose for one input of numbers, by name."""
    given = read_vector(x, "the input")
    return {
        name: weighted_error(handcalc.forward(of_name(name), given), importance) for name in NAMES
    }


def compared_at(x: object, importance: object) -> str:
    """A table of what they put out for one input, and what they lose."""
    losses = errors_of(x, importance)
    given = read_vector(x, "the input")
    rows = (
        (name, vector(handcalc.forward(of_name(name), given).output), loss)
        for name, loss in losses.items()
    )
    heads = ("embedding", r"$\hat{x}$", "squared errors, weighted")
    return f"{table(heads, rows)}\n\nThe **{cheapest(losses)}** embedding loses least."


def with_and_without(model: handcalc.ToyModel, x: Vector) -> str:
    """What a model puts out for one input with its bias and without, and what it loses."""
    bare = handcalc.ToyModel(model.W, None, model.activation)
    return side_by_side({"without $b$": bare, "with $b$": model}, x)


def side_by_side(models: Mapping[str, handcalc.ToyModel], x: Vector) -> str:
    """A table of what models by name put out for one input, and what they lose."""
    works = ((name, handcalc.forward(model, x)) for name, model in models.items())
    rows = (
        (name, vector(work.output), vector(work.difference), weighted_error(work))
        for name, work in works
    )
    return table(("", r"$\hat{x}$", r"$\hat{x} - x$", "squared errors"), rows)


# -- one number for several values -----------------------------------------------------------------


def guessed_by_one(values: object, bias: object) -> str:
    """What one number for all of several values is off by, squared, and how far the best is."""
    each, b = read_vector(values, "the values"), exact(bias)
    if not each:
        raise InputError("empty", "Type at least one value.", suggestion="0 0 0 4/5")
    mean = exact(sum(each, _NOUGHT) / len(each))
    errors = [exact((x - b) ** 2) for x in each]
    above = exact(len(each) * (b - mean) ** 2)
    return (
        f"The squared errors are {numbers(errors)}, in all {number(exact(sum(errors, _NOUGHT)))}. "
        f"The mean, {number(mean)}, loses {number(exact(sum(errors, _NOUGHT) - above))}; you lose "
        f"{number(above)} more, which is {number(len(each))} times the square of how far you are "
        "from the mean."
    )
