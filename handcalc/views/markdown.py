"""Models and results as Markdown with LaTeX: what a notebook shows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch

import sympy

from handcalc.decimals import is_exact, rounded
from handcalc.derivation import Claim
from handcalc.superposition.closed_forms import ClosedForm, RegularOptimum
from handcalc.superposition.embeddings import Embedding
from handcalc.superposition.expected_loss import ExpectedLoss
from handcalc.superposition.forward_pass import Forward, forward
from handcalc.superposition.geometry import Geometry
from handcalc.superposition.gradient import LossGradient
from handcalc.superposition.loss_steps import loss_steps
from handcalc.superposition.optimisation import Optimum
from handcalc.superposition.phases.diagram import PhaseDiagram
from handcalc.superposition.phases.phase_map import PhaseMap
from handcalc.superposition.plane import described
from handcalc.superposition.polynomial import polynomial_expression
from handcalc.superposition.symmetry import Sameness
from handcalc.superposition.toy_model import ToyModel
from handcalc.views import latex
from handcalc.views.latex import LATEX, LATEX_EXACT, LATEX_ROUNDED
from handcalc.views.plain import reads_at_a_glance
from handcalc.views.powers import by_powers
from handcalc.views.rounded import significant

__all__ = ["of"]

_UNIFORM = "An active feature is uniform on [0, 1]"
_LONG = 1000  # characters of a formula that still says something
_LOSS_DIGITS, _NUMBER_DIGITS = 15, 10
_MOST_ROWS = 60  # of a table
_TOLD = 3  # features up to which a loss is told pattern by pattern


@singledispatch
def of(shown: object) -> str:
    """The Markdown of a model, a forward pass, a geometry, an embedding or a comparison.

    >>> of(ToyModel("1 0; 0 1")).startswith("$$")
    True
    """
    raise TypeError(f"There is no Markdown for a {type(shown).__name__}.")


@of.register
def _(shown: ToyModel) -> str:
    return _display(latex.model(shown))


@of.register
def _(shown: Forward) -> str:
    notes = "".join(f"\n\n*Note: {note}*" for note in shown.notes)
    return f"{of(shown.model)}\n\n{_display(latex.derivation(shown.derivation))}{notes}"


@of.register
def _(shown: Geometry) -> str:
    head = "| feature | length | interference | dimensionality |\n|---|---|---|---|\n"
    columns = [LATEX.cells(c) for c in (shown.norms, shown.interference, shown.dimensionality)]
    rows = [
        f"| {i} | {' | '.join(map(LATEX.inline, row))} |"
        for i, row in enumerate(zip(*(cells.texts for cells in columns), strict=True), 1)
    ]
    left_out = len(rows) - _MOST_ROWS
    if left_out > 0:
        rows[_MOST_ROWS - 2 : -1] = [f"| … {left_out + 1} rows more | | | |"]
    gram = _display(latex.matrix(shown.gram, name=r"G = W W^{\top}"))
    sign = latex.equals(LATEX.equals(shown.capacity))
    capacity = LATEX.inline(f"{sign} {LATEX.number(shown.capacity)}".removeprefix("= "))
    return f"{gram}\n\n{head}" + "\n".join(rows) + f"\n\nCapacity: {capacity}"


@of.register
def _(shown: ExpectedLoss) -> str:
    value = _equal(shown.value)
    rows = "\n".join(
        f"| {i} | {LATEX.inline(LATEX.expression(polynomial_expression(loss)))} |"
        for i, loss in enumerate(shown.per_feature, 1)
    )
    inputs = f"{shown.distribution.sentence()} {_UNIFORM}, and integrals run over [0, 1]."
    told = [inputs, _display(f"L {value}"), f"| feature | loss |\n|---|---|\n{rows}"]
    if shown.model.n <= _TOLD:
        told.append(_display(latex.derivation(loss_steps(shown))))
    return "\n\n".join([of(shown.model), *told])


@of.register
def _(shown: LossGradient) -> str:
    return f"```text\n{shown}\n```"


@of.register
def _(shown: Optimum) -> str:
    problem, family, exactly = shown.problem, shown.family, shown.closed_form
    loss = significant(shown.loss, _LOSS_DIGITS)
    parts = [
        f"**{family.name}**: {family.sentence}",
        f"{problem.distribution.sentence()} {_UNIFORM}.",
        _display(latex.model(shown.model, LATEX_ROUNDED)),
        f"Expected loss $L = {loss}$. {shown.sentence}",
    ]
    return "\n\n".join(parts if exactly is None else [*parts, *_closed_form(exactly)])


@of.register
def _(shown: Sameness) -> str:
    matrix = "" if shown.Q is None else "\n\n" + _display(latex.matrix(shown.Q, name="Q"))
    return shown.sentence + matrix


@of.register
def _(shown: Embedding) -> str:
    found = shown.findings
    return "\n\n".join(
        (
            f"### {shown.name}: {shown.title}",
            shown.story,
            LATEX.claim(described(shown.model)),
            of(forward(shown.model)),
            f"**For** ${latex.vector(shown.example, name='x')}$",
            _display(latex.derivation(forward(shown.model, shown.example).derivation)),
            _list("What is gained", found.gained),
            _list("What is lost", found.lost),
            f"Source: {shown.source}.",
        )
    )


def _equal(value: sympy.Expr) -> str:
    """= or ≈ a number or a polynomial in S; a number of many digits to ten of them."""
    if not value.free_symbols and not reads_at_a_glance(value):
        nearest = rounded(value, _NUMBER_DIGITS)
        sign = "=" if is_exact(nearest, value) else "≈"
        return f"{latex.equals(sign)} {LATEX.decimal(nearest, value)}"
    form = polynomial_expression(value)
    return f"{latex.equals(LATEX.equals(form))} {LATEX.expression(form)}"


def _closed_form(shown: ClosedForm) -> Iterator[str]:
    """Part by part: what is best, and the polynomials behind it."""
    for part in shown.parts:
        yield part.sentence
        if part.regular is not None:
            yield _display(_regular(part.regular))


@of.register(PhaseMap)
@of.register(PhaseDiagram)
def _(shown: PhaseMap | PhaseDiagram) -> str:
    return f"```text\n{shown}\n```"


def _regular(shown: RegularOptimum) -> str:
    root = shown.root.polynomial
    named = [("0", root.as_expr()), ("B", shown.B), ("C", shown.C)]
    rows = [
        f"{name} &= {LATEX_EXACT.expression(by_powers(part, root.gen))}" for name, part in named
    ]
    rows = [row for row in rows if len(row) <= _LONG]
    weight = LATEX.number(shown.k * shown.importance)
    most = LATEX.number((1 - shown.sparsity) / 3)
    rows.append(rf"L &= {weight} \cdot \left({most} - \frac{{B^{{2}}}}{{C}}\right)")
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _list(title: str, claims: tuple[Claim, ...]) -> str:
    lines = [f"- {LATEX.claim(claim)}" for claim in claims] or ["- Nothing."]
    return f"**{title}**\n\n" + "\n".join(lines)


def _display(formula: str) -> str:
    return f"$$\n{formula}\n$$"
