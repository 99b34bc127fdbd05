"""Models and results as LaTeX for a page or a paper: formulas only, no dollar signs, no prose."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

import sympy

from handcalc.superposition.embeddings import Embedding
from handcalc.superposition.expected_loss import ExpectedLoss
from handcalc.superposition.forward_pass import Forward
from handcalc.superposition.geometry import Geometry
from handcalc.superposition.gradient import LossGradient
from handcalc.superposition.optimisation import Optimum
from handcalc.superposition.phases.diagram import PhaseDiagram
from handcalc.superposition.phases.phase_map import PhaseMap
from handcalc.superposition.polynomial import polynomial_expression
from handcalc.superposition.symmetry import Sameness
from handcalc.superposition.toy_model import ToyModel
from handcalc.views import latex
from handcalc.views.latex import LATEX, LATEX_ROUNDED
from handcalc.views.rounded import significant

__all__ = ["of"]

_DIGITS = 15


@singledispatch
def of(shown: object) -> str:
    r"""The LaTeX of a model or a result, to stand between dollar signs.

    >>> of(ToyModel("1; 0")).partition(",")[0]
    'W = \\begin{bmatrix} 1 \\\\ 0 \\end{bmatrix}'
    """
    raise TypeError(f"There is no LaTeX for a {type(shown).__name__}.")


@of.register
def _(shown: ToyModel) -> str:
    return latex.model(shown)


@of.register
def _(shown: Embedding) -> str:
    return latex.model(shown.model)


@of.register
def _(shown: Forward) -> str:
    return latex.derivation(shown.derivation)


@of.register
def _(shown: Geometry) -> str:
    return _aligned(
        (r"G = W W^{\top}", latex.matrix(shown.gram)),
        (r"\left(\lVert W_{i} \rVert\right)", latex.vector(shown.norms)),
        (
            r"\left(\sum_{j \ne i} (\hat{W}_{i} \cdot W_{j})^{2}\right)",
            latex.vector(shown.interference),
        ),
        (r"\left(D_{i}\right)", latex.vector(shown.dimensionality)),
        (r"\sum_{i} D_{i}", LATEX.number(shown.capacity)),
    )


@of.register
def _(shown: ExpectedLoss) -> str:
    parts = ((f"L_{{{i}}}", _in_s(loss)) for i, loss in enumerate(shown.per_feature, 1))
    return _aligned(("L", _in_s(shown.value)), *parts)


@of.register
def _(shown: LossGradient) -> str:
    found = shown.arrays()
    W = [[_slope(cell) for cell in row] for row in found["W"]]
    b = [_slope(cell) for cell in found["b"]]
    return _aligned(
        (r"\frac{\partial L}{\partial W}", _array(W)),
        (r"\frac{\partial L}{\partial b}", rf"\left({_comma(b)}\right)"),
    )


@of.register
def _(shown: Optimum) -> str:
    loss = significant(shown.loss, _DIGITS)
    return rf"{latex.model(shown.model, LATEX_ROUNDED)}, \quad L = {loss}"


@of.register
def _(shown: Sameness) -> str:
    return f"Q = {latex.matrix(shown.arrays()['Q'])}"


@of.register
def _(shown: PhaseMap) -> str:
    rows = [
        [
            rf"{float(part.start):.6g} \le S \le {float(part.end):.6g}",
            _words(shown.label(part.shape)),
        ]
        for part in shown.stretches
    ]
    return _table(rows)


@of.register
def _(shown: PhaseDiagram) -> str:
    return _table([[_words(fate), str(count)] for fate, count in shown.counts.items()])


def _in_s(value: sympy.Expr) -> str:
    return LATEX.expression(polynomial_expression(value))


def _slope(value: sympy.Expr) -> str:
    return r"\text{none}" if value is sympy.nan else _in_s(value)


def _words(text: str) -> str:
    return rf"\text{{{text}}}"


def _comma(cells: Iterable[str]) -> str:
    return r",\; ".join(cells)


def _array(rows: Iterable[Iterable[str]]) -> str:
    lines = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{bmatrix}} {lines} \end{{bmatrix}}"


def _table(rows: Iterable[Iterable[str]]) -> str:
    lines = " \\\\\n".join(" & ".join(row) for row in rows)
    return f"\\begin{{array}}{{ll}}\n{lines}\n\\end{{array}}"


def _aligned(*lines: tuple[str, str]) -> str:
    rows = " \\\\\n".join(f"{left} &= {right}" for left, right in lines)
    return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"
