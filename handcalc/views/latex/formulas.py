"""Models and results as LaTeX for a page or a paper: formulas only, no dollar signs, no prose."""

from __future__ import annotations

from collections.abc import Iterable

import sympy

from handcalc.superposition.best.optimum import Optimum
from handcalc.superposition.loss.expected_loss import ExpectedLoss
from handcalc.superposition.loss.gradient import LossGradient
from handcalc.superposition.loss.polynomial import polynomial_expression
from handcalc.superposition.model.embeddings import Embedding
from handcalc.superposition.model.forward_pass import Forward
from handcalc.superposition.model.geometry import Geometry
from handcalc.superposition.model.same_model import Sameness
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.phases.diagram import PhaseDiagram
from handcalc.superposition.phases.phase_map import PhaseMap
from handcalc.views.latex import worked
from handcalc.views.latex.worked import LATEX, LATEX_ROUNDED
from handcalc.views.rounding import significant

_DIGITS = 15


def model(shown: ToyModel) -> str:
    """W and b."""
    return worked.model(shown)


def embedding(shown: Embedding) -> str:
    """W and b of a named embedding."""
    return worked.model(shown.model)


def forward(shown: Forward) -> str:
    """The five steps, a line each."""
    return worked.derivation(shown.derivation)


def geometry(shown: Geometry) -> str:
    """G, the lengths, what features share, and their dimensionalities, a line each."""
    return _aligned(
        (r"G = W W^{\top}", worked.matrix(shown.gram)),
        (r"\left(\lVert W_{i} \rVert\right)", worked.vector(shown.norms)),
        (
            r"\left(\sum_{j \ne i} (\hat{W}_{i} \cdot W_{j})^{2}\right)",
            worked.vector(shown.interference),
        ),
        (r"\left(D_{i}\right)", worked.vector(shown.dimensionality)),
        (r"\sum_{i} D_{i}", LATEX.number(shown.capacity)),
    )


def loss(shown: ExpectedLoss) -> str:
    """L and its parts, a line each."""
    parts = ((f"L_{{{i}}}", _in_s(loss)) for i, loss in enumerate(shown.per_feature, 1))
    return _aligned(("L", _in_s(shown.value)), *parts)


def gradient(shown: LossGradient) -> str:
    """The slopes in W and in b."""
    found = shown.arrays()
    W = [[_slope(cell) for cell in row] for row in found["W"]]
    b = [_slope(cell) for cell in found["b"]]
    return _aligned(
        (r"\frac{\partial L}{\partial W}", _array(W)),
        (r"\frac{\partial L}{\partial b}", rf"\left({_comma(b)}\right)"),
    )


def optimum(shown: Optimum) -> str:
    """W, b and L, rounded."""
    loss = significant(shown.loss, _DIGITS)
    return rf"{worked.model(shown.model, LATEX_ROUNDED)}, \quad L = {loss}"


def sameness(shown: Sameness) -> str:
    """The orthogonal Q that turns one model into the other."""
    return f"Q = {worked.matrix(shown.arrays()['Q'])}"


def phase_map(shown: PhaseMap) -> str:
    """A table of the intervals of S and the shape that is best there."""
    rows = [
        [
            rf"{float(part.start):.6g} \le S \le {float(part.end):.6g}",
            _words(shown.label(part.shape)),
        ]
        for part in shown.stretches
    ]
    return _table(rows)


def diagram(shown: PhaseDiagram) -> str:
    """A table of what becomes of the last feature, and at how many points."""
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
