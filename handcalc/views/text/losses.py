"""The expected loss, and its slopes."""

from __future__ import annotations

import sympy
from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.number import to_float
from handcalc.superposition.curvature import Inertia, Undetermined
from handcalc.superposition.distribution import OneActive, SparseUniform
from handcalc.superposition.expected_loss import ExpectedLoss
from handcalc.superposition.gradient import LossGradient, Slope
from handcalc.superposition.loss_steps import loss_steps
from handcalc.superposition.polynomial import polynomial_expression
from handcalc.superposition.toy_model import Vector
from handcalc.views.layout import Paragraph
from handcalc.views.palette import terminal_colour
from handcalc.views.plain import PlainNotation
from handcalc.views.text.blocks import BOLD, heading, model, table
from handcalc.views.text.steps import derivation

__all__ = ["gradient", "loss"]

_TOLD = 3  # features up to which the loss is told pattern by pattern: a page


def loss(result: ExpectedLoss, notation: PlainNotation) -> RenderableType:
    """The exact expected loss, its parts, and for few features the work behind it."""
    worked_out: list[RenderableType] = []
    if result.model.n <= _TOLD:
        steps = derivation(loss_steps(result), notation)
        worked_out = [Text(), heading("Pattern by pattern", notation), steps]
    inputs = f"{result.distribution.sentence()} An active feature is uniform on [0, 1]."
    return Group(
        model(result.model, notation),
        Text(),
        Paragraph(inputs),
        Text(),
        Paragraph(f" = {_loss_value(result.value, notation)}", 0, "Expected loss L", BOLD),
        Text(),
        *_loss_parts(result, notation),
        *worked_out,
    )


def gradient(result: LossGradient, notation: PlainNotation) -> RenderableType:
    """The slopes of the loss in W and b, both sides where they differ, and what they decide."""
    rows = [
        Paragraph(
            f", in W: {'; '.join(_slope(slope, notation) for slope in row)}; "
            f"in b: {_slope(bias, notation)}.",
            0,
            f"feature {i}",
            terminal_colour(i),
        )
        for i, (row, bias) in enumerate(zip(result.W, result.b, strict=True), 1)
    ]
    reason = result.inertia
    inertia = reason.reason if isinstance(reason, Undetermined) else _inertia(reason)
    said = [result.stationarity, *(kink.sentence for kink in result.kinks), inertia]
    return Group(
        model(result.model, notation),
        Text(),
        heading("The slopes of the expected loss", notation),
        *rows,
        Text(),
        *map(Paragraph, said),
    )


def _slope(slope: Slope, notation: PlainNotation) -> str:
    left, right = (_polynomial(side, notation) for side in (slope.left, slope.right))
    return left if left == right else f"{left} from the left, {right} from the right"


def _inertia(inertia: Inertia) -> str:
    return (
        f"The Hessian has {inertia.negative} negative, {inertia.zero} zero and "
        f"{inertia.positive} positive directions beside {inertia.rotations} of rotation."
    )


def _loss_value(value: sympy.Expr, notation: PlainNotation) -> str:
    exactly = _polynomial(value, notation)
    if value.free_symbols or value.is_Integer:
        return exactly
    return f"{exactly}, about {to_float(value):.10g}"


def _loss_parts(result: ExpectedLoss, notation: PlainNotation) -> list[RenderableType]:
    features = range(1, result.model.n + 1)
    columns = [("feature", [str(i) for i in features])]
    columns.append(("loss", [_polynomial(value, notation) for value in result.per_feature]))
    own = [_polynomial(row[i], notation) for i, row in enumerate(result.costs)]
    columns.append(("of itself", own))
    for j in features:
        costs = [_polynomial(row[j - 1], notation) for row in result.costs]
        costs[j - 1] = "."
        columns.append((f"from {j}", costs))
    if any(result.together):
        columns.append(("together", [_polynomial(value, notation) for value in result.together]))
    told = (
        "Of itself: with all others held at 0. From j: what feature j adds when only j is let in."
        + (
            " Together: what several add, or take back, beyond that."
            if any(result.together)
            else ""
        )
    )
    parts: list[RenderableType] = [heading("What each feature loses, and to what", notation)]
    parts += [Paragraph(told), Text(), table(columns)]
    if result.by_active is not None and not isinstance(result.distribution, OneActive):
        what = "features" if isinstance(result.distribution, SparseUniform) else "sets"
        parts += [Text(), _by_active(result.by_active, what, notation)]
    return parts


def _by_active(counts: Vector, what: str, notation: PlainNotation) -> RenderableType:
    last = len(counts) - 1
    said = "; ".join(f"L_{k} = {notation.number(value)}" for k, value in enumerate(counts))
    return Paragraph(
        f"By the number k of {what} that are on, L is the sum of S^({last}-k) (1-S)^k L_k: {said}."
    )


def _polynomial(value: sympy.Expr, notation: PlainNotation) -> str:
    return notation.expression(polynomial_expression(value))
