"""Directions as formulas for a paper: no dollar signs, no prose."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from handcalc.directions.analogy import Analogy
from handcalc.directions.coherence import Coherence
from handcalc.directions.decoding import ShortestInputs, SparseInputs
from handcalc.directions.readouts import Readouts, SparsestLoss
from handcalc.directions.recovery import Recovery
from handcalc.directions.sets import DirectionSet
from handcalc.inputs.arguments import Vector
from handcalc.superposition.loss.polynomial import polynomial_expression
from handcalc.views import latex
from handcalc.views.latex import LATEX

_SPACE = r", \quad "


def coherence(shown: Coherence) -> str:
    r"""μ, the largest signed cosine, and Welch's bound.

    >>> from handcalc.directions.coherence import coherence as worked
    >>> coherence(worked("1 0; 0 1")).partition(r", \quad")[0]
    '\\mu = \\max_{i<j} \\lvert\\cos(W_i, W_j)\\rvert = 0'
    """
    n, d = shown.model.n, shown.dimensions
    bound = rf"\sqrt{{\frac{{{max(0, n - d)}}}{{{d} \cdot {n - 1}}}}}"
    parts = (
        rf"\mu = \max_{{i<j}} \lvert\cos(W_i, W_j)\rvert = {LATEX.number(shown.coherence)}",
        rf"\max_{{i<j}} \cos(W_i, W_j) = {LATEX.number(shown.signed)}",
        rf"\mu \ge {bound} = {LATEX.number(shown.welch)}",
    )
    return _SPACE.join((*parts, latex.matrix(shown.model.W, name="W")))


def recovery(shown: Recovery) -> str:
    """W, and its circuits as the rows of a matrix V with V W = 0."""
    W = latex.matrix(shown.model.W, name="W")
    if not shown.circuits:
        return W
    V = latex.matrix(tuple(circuit.entries for circuit in shown.circuits), name="V")
    return _SPACE.join((W, V, "V W = 0"))


def found_inputs(shown: SparseInputs | ShortestInputs) -> str:
    """h, and each x with this h."""
    return _SPACE.join((_column("h", shown.h), *(_column("x", x) for x in shown.inputs)))


def readouts(shown: Readouts) -> str:
    """x, h, what the model reads, and what the sparsest-x decoder may."""
    return _SPACE.join(
        (
            _column("x", shown.x),
            _column("h", shown.h),
            _column(r"\hat{x}", shown.relu),
            *(_column("x^{*}", x) for x in shown.sparsest.inputs),
        )
    )


def sparsest_loss(shown: SparsestLoss) -> str:
    """Both expected losses; of the sparsest-x decoder's, if not known, what it is at least."""
    sparsest = latex.valued(shown.at_least)
    if shown.value is None:
        sparsest = rf"\ge {LATEX.expression(polynomial_expression(shown.at_least))}"
    told = (r"\hat{x}", latex.valued(shown.relu)), ("x^{*}", sparsest)
    return _SPACE.join(
        rf"\mathbb{{E}} \lVert {name} - x \rVert^{{2}} {loss}" for name, loss in told
    )


def direction_set(shown: DirectionSet) -> str:
    """W."""
    return latex.matrix(shown.model.W, name="W")


def analogy(shown: Analogy) -> str:
    """The steps, a line each."""
    return latex.derivation(shown.derivation)


def _column(name: str, values: Vector | Sequence[sympy.Expr]) -> str:
    return latex.matrix(tuple((value,) for value in values), name=name)
