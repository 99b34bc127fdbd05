"""What the lecture on the best embedding works out: losses along S, their parts, slopes, shapes."""

from __future__ import annotations

import sympy

import handcalc
from handcalc.inputs.arguments import exact
from handcalc.lectures.showing import number, table
from handcalc.lectures.workings.comparing import of_name, read_sparsity
from handcalc.superposition.closed_forms.family_optimum import dropped_loss
from handcalc.superposition.closed_forms.three_in_two import BestOfShape, ThreeInTwo
from handcalc.superposition.loss.distribution import S, SparseUniform
from handcalc.superposition.loss.problem import variance
from handcalc.views.notation import UNICODE
from handcalc.views.plots.curves import Curves

_TRIANGLE, _LIFTED = of_name("triangle").W, of_name("bias-corrected", "relu")
FOLLOWED = {
    "one dropped, answered by zero": of_name("orthogonal", "relu"),
    "interfering": of_name("interfering", "relu"),
    "antipodal pair": of_name("relu"),
    f"antipodal pair with b = {UNICODE.number(_LIFTED.b[-1])}": _LIFTED,
    "triangle": of_name("triangle"),
}
MEAN = "one dropped, answered by its mean"
_STEPS = 50  # along a curve


def patterns(sparsity: object) -> str:
    """Which of three features are on together, and how often."""
    drawn = sorted(
        SparseUniform(read_sparsity(sparsity)).patterns(3),
        key=lambda it: (len(it.active), it.active),
    )
    rows = (
        (", ".join(map(str, pattern.active)) or "none", pattern.probability) for pattern in drawn
    )
    return table(("features on", "how often"), rows)


# -- what the loss is made of ----------------------------------------------------------------------


def both_on(overlap: object) -> sympy.Expr:
    """What a feature of length 1 loses where another of this overlap is on with it, and ReLU.

    >>> both_on("-1")
    1/6
    """
    g = exact(overlap)
    model = handcalc.ToyModel([[1, 0], [g, sympy.sqrt(1 - g**2)]])
    return handcalc.expected_loss(model, 0).per_feature[0]


def lifted_triangle(bias: object) -> handcalc.ToyModel:
    """Three arrows of length 1 at equal angles, with one bias for all."""
    return handcalc.ToyModel(_TRIANGLE, [exact(bias)] * 3)


def split(bias: object, sparsity: object) -> str:
    """What feature 1 of the triangle loses of itself and to the others, with b = 0 and this b."""
    rows = []
    for b in (sympy.Integer(0), exact(bias)):
        loss = handcalc.expected_loss(lifted_triangle(b), read_sparsity(sparsity))
        own, *others = loss.costs[0]
        each = exact(sum(others, sympy.Integer(0)))
        rows.append((b, own, each, loss.together[0], loss.per_feature[0]))
    heads = ("$b$", "of itself", "from the others", "and together", "in all")
    return table(heads, rows)


# -- along S ---------------------------------------------------------------------------------------


def losses_at(sparsity: object) -> dict[str, sympy.Expr]:
    """The exact losses of the named embeddings at one S, and of dropping with the best bias."""
    given = read_sparsity(sparsity)
    losses = {name: handcalc.expected_loss(model, given).value for name, model in FOLLOWED.items()}
    return {MEAN: dropped_loss(1 - given), **losses}


def along_sparsity() -> Curves:
    """The exact losses along S, to be drawn."""
    polynomials = {MEAN: dropped_polynomial()} | {
        name: handcalc.expected_loss(model).value for name, model in FOLLOWED.items()
    }
    places = [sympy.Rational(k, _STEPS) for k in range(_STEPS + 1)]
    lines = {
        name: [(float(s), float(sympy.Poly(value, S).eval(s))) for s in places]
        for name, value in polynomials.items()
    }
    return Curves(
        lines,
        "sparsity S (dense → sparse)",
        "loss L",
        "All losses but one fall to zero as S goes to one. Dropping with the mean is least on the "
        "left, the antipodal pair on the right; the pair with a bias of a half rises.",
    )


def dropped_polynomial() -> sympy.Expr:
    """The loss of a dropped feature with its best bias, as a polynomial in S.

    >>> dropped_polynomial().subs(S, 0)
    1/12
    """
    return sympy.expand(variance(1 - S))


# -- down, and the best ----------------------------------------------------------------------------


def shapes(found: ThreeInTwo) -> str:
    """Both shapes at their best: length, bias and loss, and which of them loses less."""
    rows = [_row(shape) for shape in found.shapes]
    linear = dropped_loss(1 - found.sparsity)
    heads = ("shape", "length", "bias", "loss $L$")
    uneven = ""
    if found.is_beaten_by_two_lengths:
        uneven = " A pair of two lengths loses less than this one, and more than the triangle."
    return (
        f"{table(heads, rows)}\n\nThe **{found.best.name}** shape is the better one here, by "
        f"{found.percent:.1f} per cent.{uneven} The best linear model loses {number(linear)}."
    )


def _row(shape: BestOfShape) -> tuple[str, sympy.Expr, sympy.Expr, sympy.Expr]:
    return shape.name, shape.values.length, shape.values.bias, shape.values.total
