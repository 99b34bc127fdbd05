"""The best of three features in two dimensions as Markdown, saying what the terminal says."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from handcalc.superposition.closed_forms.piecewise import beta
from handcalc.superposition.closed_forms.three_in_two import BestOfShape, Crossover, ThreeInTwo
from handcalc.superposition.loss.polynomial import by_powers
from handcalc.views import latex
from handcalc.views.latex import LATEX, LATEX_EXACT, LATEX_LENGTHS, LATEX_ROUNDED
from handcalc.views.markdown import code, displayed, joined, prose, table
from handcalc.views.picture import whole_in_words
from handcalc.views.rounding import significant
from handcalc.views.text import best as told

_LONG = 1000  # characters of a formula that still says something
_OUTPUTS = {
    "antipodal": (
        r"z_{2} &= q(\beta + x_{2} - x_{3})",
        r"z_{3} &= q(\beta + x_{3} - x_{2})",
    ),
    "triangle": (
        r"z_{1} &= q\left(\beta + x_{1} - \frac{x_{2}}{2} - \frac{x_{3}}{2}\right)",
        r"z_{2} &= q\left(\beta + x_{2} - \frac{x_{3}}{2} - \frac{x_{1}}{2}\right)",
        r"z_{3} &= q\left(\beta + x_{3} - \frac{x_{1}}{2} - \frac{x_{2}}{2}\right)",
    ),
}


def best(result: ThreeInTwo, change: Crossover) -> str:
    """The page at one sparsity: the answer, both shapes by hand, and where the best changes."""
    winner = result.best.model
    two_lengths = told.two_lengths_sentence() if result.is_beaten_by_two_lengths else ""
    return joined(
        prose(told.asked(result)),
        f"**Best**{prose(told.answer(result))}",
        displayed(latex.model(winner, LATEX_ROUNDED)),
        " ".join(map(LATEX_LENGTHS.claim, whole_in_words(winner))),
        "### How it is worked out",
        prose(told.METHOD),
        displayed(r"\frac{p}{3} - 2q \cdot B(\beta) + q^{2} \cdot C(\beta),"),
        prose(told.PARABOLA),
        *(_worked(number, shape) for number, shape in enumerate(result.shapes, 1)),
        "### Where the best changes, and why",
        prose(told.side(result, change)),
        _table(told.cost_columns(result)),
        prose(told.DENSE),
        prose(told.SPARSE),
        "### How sure this is",
        prose(told.sure(result)),
        code(told.typed(result)),
        prose(two_lengths),
    )


def best_along(results: Sequence[ThreeInTwo], change: Crossover) -> str:
    """The story in short for all sparsities, with a table."""
    return joined(
        prose(told.change_sentence(change)),
        _table(told.columns_along(results)),
        prose(told.two_lengths_sentence()),
        prose(told.DENSE),
        prose(told.SPARSE),
    )


def _table(columns: Sequence[tuple[str, Sequence[str]]]) -> str:
    heads, cells = zip(*columns, strict=True)
    return table(heads, zip(*cells, strict=True))


def _worked(number: int, shape: BestOfShape) -> str:
    """One shape: B and C, the polynomial and its root, and what follows."""
    optimum, values = shape.optimum, shape.values
    lo, hi = optimum.cell
    place = f"from {lo} on" if hi == sympy.oo else f"from {lo} to {hi}"
    root = optimum.root
    follows = (
        (r"\beta", values.beta),
        (r"l = \sqrt{\frac{B}{C}}", values.length),
        (r"b = \beta \cdot \frac{B}{C}", values.bias),
        (rf"L = {optimum.k}\left(\frac{{p}}{{3}} - \frac{{B^{{2}}}}{{C}}\right)", values.total),
    )
    rows = [rf"{name} &= {_shown(value)}" for name, value in follows]
    return joined(
        f"**{number}. The {told.SHORT[shape.name]}**",
        _aligned(_OUTPUTS[shape.name]),
        rf"For $\beta$ {prose(place)}:",
        _aligned((_polynomial("B", optimum.B), _polynomial("C", optimum.C))),
        "The best is a root of $2B'C - BC'$, and so of a polynomial:",
        _aligned((_polynomial("0", root.polynomial.as_expr()),)),
        prose(f"It is the root between {root.lo} and {root.hi}. So"),
        _aligned(rows),
        prose(told.ALONE) if shape.name == "antipodal" else "",
    )


def _shown(value: sympy.Expr) -> str:
    return significant(value, told.DIGITS) if value.is_Rational else LATEX.number(value)


def _polynomial(name: str, value: sympy.Expr) -> str:
    text = LATEX_EXACT.expression(by_powers(value, beta))
    if len(text) > _LONG:
        text = rf"\text{{a polynomial of degree {sympy.degree(value, beta)}; see --json}}"
    return f"{name} &= {text}"


def _aligned(rows: Sequence[str]) -> str:
    lines = " \\\\\n".join(rows)
    return displayed(f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}")
