"""The best of three features in two dimensions: both shapes by hand, and why one of them wins."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.numbers.decimals import rounded, to_places, trimmed
from handcalc.superposition.certificates.stored import stored_certificate
from handcalc.superposition.closed_forms.piecewise import beta
from handcalc.superposition.closed_forms.three_in_two import (
    TWO_LENGTHS_BELOW,
    BestOfShape,
    Crossover,
    ThreeInTwo,
)
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.superposition.loss.polynomial import by_powers
from handcalc.superposition.loss.problem import Problem
from handcalc.views.layout import INDENT, Chain, Paragraph, spaced, to_type
from handcalc.views.notation import PlainNotation, RoundedNotation
from handcalc.views.rounding import significant
from handcalc.views.text.blocks import BOLD, heading, model, table
from handcalc.views.text.drawing import drawing

PLACES, SHORT_PLACES, COST_PLACES = 12, 6, 8
DIGITS = 15
LONGEST = 380  # characters of a polynomial

_TITLE = "best: the best embedding of three features in two dimensions"
SHAPES = {
    "antipodal": "an antipodal pair beside a feature with a dimension of its own",
    "triangle": "a triangle",
}
SHORT = {"antipodal": "pair", "triangle": "triangle"}
_OUTPUTS = {
    "antipodal": "z₂ = q(β + x₂ − x₃) and z₃ = q(β + x₃ − x₂)",
    "triangle": "z₁ = q(β + x₁ − x₂/2 − x₃/2), and so on around",
}
ALONE = "Feature 1, alone in its dimension, has length 1 and bias 0, and loses nothing."
METHOD = """\
Give the arrows of a shape one length l, and their outputs one bias b. Write q = l² and b = β·q. \
Then an output is q·ReLU(β + …), where … holds nothing but inputs and the cosines of the shape. \
With p = 1 − S its feature loses"""
PARABOLA = """\
where B = E[x·ReLU(β + …)] and C = E[ReLU(β + …)²] depend on β alone; between two kinks they are \
polynomials. In q this is a parabola. It is lowest at q = B/C, where p/3 − B²/C is left. That \
depends on β alone, and is lowest at a root of 2B'C − BC', the prime for the slope in β."""
DENSE = """\
Why a triangle where features are dense: without ReLU both shapes lose p/3 − p²/4 at their best. \
ReLU gains where it cuts off what is negative, and the triangle's outputs reach further below \
zero."""
SPARSE = """\
Why a pair where features are sparse: what costs is two features on at once. At length 1 and bias \
0 an output loses 1/6 to a full overlap and 1/16 to a half one. The pair has one full overlap, 2/6 \
for its two outputs; the triangle has three half ones, 6/16 for six."""
_TWO_LENGTHS = """\
For S below {} a pair with two different lengths does a little better than one with equal \
lengths. It still loses more than the triangle."""
_SURE = """\
Of each shape with equal lengths and equal biases this is the best there is: every root was looked \
at. """
_SEARCHED = """\
That no third shape does better is what a search from many starts finds, and no proof; with \
--prove behind it, the same command looks for one, for some minutes:"""
_PROVED = """\
And no embedding of any shape does better: that is proved, by a certificate that comes with the \
package, and can be worked out again:"""
_COMMAND = "handcalc optimum --features 3 --hidden 2 --sparsity={}"
_QUESTION = "Which W and b lose least on average?"
_ALONG = """\
Three equally important features, two dimensions, ReLU; each feature is off with probability S, \
and otherwise uniform on [0, 1]. """
_CHANGE = """\
Where features are dense, a triangle; where they are sparse, an antipodal pair beside a feature \
with a dimension of its own. The two change places at S = {}, where both lose {}. With equal \
lengths and biases in each shape, the best are:"""


def best(result: ThreeInTwo, change: Crossover, notation: PlainNotation) -> RenderableType:
    """The page at one sparsity: the answer, both shapes by hand, and where the best changes."""
    return spaced(best_opening(result, notation), best_worked(result, change, notation))


def best_opening(result: ThreeInTwo, notation: PlainNotation) -> RenderableType:
    """What is asked at one sparsity."""
    return spaced(heading(_TITLE, notation), Paragraph(notation.words(asked(result))))


def best_worked(result: ThreeInTwo, change: Crossover, notation: PlainNotation) -> RenderableType:
    """The answer and the work behind it."""
    said = notation.words
    winner = result.best.model
    two_lengths = [Paragraph(two_lengths_sentence())] if result.is_beaten_by_two_lengths else []
    return spaced(
        Paragraph(said(answer(result)), 0, "Best", BOLD),
        model(winner, RoundedNotation(notation, PLACES)),
        drawing(winner, RoundedNotation(notation, SHORT_PLACES)),
        heading("How it is worked out", notation),
        Paragraph(said(METHOD)),
        Text(" " * INDENT + said("p/3 − 2q·B(β) + q²·C(β),")),
        Paragraph(said(PARABOLA)),
        *(_worked(number, shape, notation) for number, shape in enumerate(result.shapes, 1)),
        heading("Where the best changes, and why", notation),
        Paragraph(said(side(result, change))),
        table(cost_columns(result), by_feature=False),
        Paragraph(said(DENSE)),
        Paragraph(said(SPARSE)),
        heading("How sure this is", notation),
        Paragraph(said(sure(result))),
        to_type(typed(result), " " * INDENT, BOLD),
        *two_lengths,
    )


def best_along(
    results: Sequence[ThreeInTwo], change: Crossover, notation: PlainNotation
) -> RenderableType:
    """The story in short for all sparsities, with a table."""
    return spaced(along_opening(notation), along_worked(results, change, notation))


def along_opening(notation: PlainNotation) -> RenderableType:
    """What is asked for all sparsities."""
    return spaced(heading(_TITLE, notation), Paragraph(_ALONG + _QUESTION))


def along_worked(
    results: Sequence[ThreeInTwo], change: Crossover, notation: PlainNotation
) -> RenderableType:
    """The answer for all sparsities, and why it is so."""
    said = notation.words
    return spaced(
        Paragraph(said(change_sentence(change))),
        table(columns_along(results), by_feature=False),
        Paragraph(two_lengths_sentence()),
        Paragraph(said(DENSE)),
        Paragraph(said(SPARSE)),
        Paragraph("At one sparsity, worked out by hand:"),
        to_type("handcalc show best --sparsity=1/2", " " * INDENT, BOLD),
    )


def sure(result: ThreeInTwo) -> str:
    """How sure it is that nothing is better; a command for it follows."""
    return _SURE + (_SEARCHED if _certificate(result) is None else _PROVED)


def typed(result: ThreeInTwo) -> str:
    """The command that searches for the same, or checks the proof where there is one."""
    proof = _certificate(result)
    if proof is not None:
        return f"handcalc verify {proof}"
    sparsity = str(result.sparsity).replace(" ", "")  # as a shell takes it
    return _COMMAND.format(sparsity if result.sparsity.is_Rational else f'"{sparsity}"')


def _certificate(result: ThreeInTwo) -> str | None:
    return stored_certificate(Problem.of(3, 2, result.sparsity))


def two_lengths_sentence() -> str:
    """Where two different lengths in a pair do better than one."""
    return _TWO_LENGTHS.format(significant(TWO_LENGTHS_BELOW, 4))


def change_sentence(change: Crossover) -> str:
    """Which shape is best where, and what both lose at the change."""
    return _CHANGE.format(*(significant(value, DIGITS) for value in (change.sparsity, change.loss)))


def asked(result: ThreeInTwo) -> str:
    """The question at one sparsity."""
    inputs = SparseUniform(result.sparsity).sentence()
    return (
        f"Three equally important features, two dimensions, ReLU. {inputs} An active feature is "
        f"uniform on [0, 1]. {_QUESTION}"
    )


def answer(result: ThreeInTwo) -> str:
    """What is best, as it goes on after the word."""
    best, other = result.best, result.other
    losses = [significant(shape.values.total, DIGITS) for shape in (best, other)]
    return (
        f" is {SHAPES[best.name]}. It loses {losses[0]}. The {SHORT[other.name]}, with equal "
        f"lengths, loses {losses[1]} at its best, which is {result.percent:.3g} % more."
    )


def _worked(number: int, shape: BestOfShape, notation: PlainNotation) -> RenderableType:
    """One shape: B and C, the polynomial and its root, and what follows."""

    def shown(value: sympy.Expr) -> str:
        return significant(value, DIGITS) if value.is_Rational else notation.number(value)

    said = notation.words
    optimum, values = shape.optimum, shape.values
    lo, hi = optimum.cell
    place = f"For β from {lo} on:" if hi == sympy.oo else f"For β from {lo} to {hi}:"
    root = optimum.root
    alone = [Paragraph(ALONE, INDENT)] if shape.name == "antipodal" else []
    return Group(
        Text(f"{number}. The {SHORT[shape.name]}", BOLD),
        Paragraph(said(_OUTPUTS[shape.name]), INDENT),
        Paragraph(said(place), INDENT),
        _polynomial("B", optimum.B, notation),
        _polynomial("C", optimum.C, notation),
        Paragraph(said("The best β is a root of 2B'C − BC', and so of a polynomial:"), INDENT),
        _polynomial("0", root.polynomial.as_expr(), notation),
        Paragraph(f"It is the root between {root.lo} and {root.hi}. So", INDENT),
        Chain((said("β"), shown(values.beta)), INDENT),
        Chain(("l", said("√(B/C)"), shown(values.length)), INDENT),
        Chain(("b", said("β·B/C"), shown(values.bias)), INDENT),
        Chain(("L", said(f"{optimum.k}(p/3 − B²/C)"), shown(values.total)), INDENT),
        *alone,
    )


def side(result: ThreeInTwo, change: Crossover) -> str:
    """On which side of the change it lies."""
    which = "above" if result.best.name == "antipodal" else "below"
    where, loss = (significant(value, DIGITS) for value in (change.sparsity, change.loss))
    return (
        f"At S = {where} the pair and the triangle lose the same, {loss}. Below it the triangle "
        f"is better, above it the pair; {result.sparsity} lies {which}. What inputs with so many "
        "features on add to the loss:"
    )


def cost_columns(result: ThreeInTwo) -> list[tuple[str, list[str]]]:
    """A row for each number of active features, and one for all."""
    pair, triangle = result.shapes
    probabilities = (*result.probabilities, sympy.Integer(1))
    columns = [
        ("features on", ["0", "1", "2", "3", "any"]),
        ("probability", [f"{to_places(p, SHORT_PLACES):f}" for p in probabilities]),
    ]
    for head, shape in (("pair", pair), ("triangle", triangle)):
        costs = (*shape.costs, shape.values.total)
        columns.append((head, [f"{to_places(cost, COST_PLACES):f}" for cost in costs]))
    return columns


def columns_along(results: Sequence[ThreeInTwo]) -> list[tuple[str, list[str]]]:
    """A row for each sparsity: which is best, and what both lose."""
    pairs, triangles = zip(*(result.shapes for result in results), strict=True)
    winners = [result.best for result in results]
    columns = [
        ("S", [f"{trimmed(rounded(result.sparsity, SHORT_PLACES)):f}" for result in results]),
        ("best", [SHORT[shape.name] for shape in winners]),
        ("its length", [f"{to_places(s.values.length, SHORT_PLACES):f}" for s in winners]),
        ("its bias", [f"{to_places(s.values.bias, SHORT_PLACES):f}" for s in winners]),
    ]
    for head, shapes in (("pair loses", pairs), ("triangle loses", triangles)):
        columns.append((head, [f"{to_places(s.values.total, COST_PLACES):f}" for s in shapes]))
    return columns


def _polynomial(name: str, value: sympy.Expr, notation: PlainNotation) -> RenderableType:
    """A polynomial in β, the highest power first, or how long it is."""
    text = PlainNotation(unicode=notation.unicode, exact=True).expression(by_powers(value, beta))
    if len(text) > LONGEST:
        degree = sympy.degree(value, beta)
        text = f"a polynomial of degree {degree} with long coefficients; see --json"
    return Chain((name, text), INDENT)
