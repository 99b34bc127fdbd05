"""The expected loss, and its slopes."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.decimals import rounded
from handcalc.superposition.curvature import Inertia, Undetermined
from handcalc.superposition.distribution import Distribution, OneActive, SparseUniform
from handcalc.superposition.expected_loss import ExpectedLoss
from handcalc.superposition.gradient import LossGradient, Slope
from handcalc.superposition.loss_steps import loss_steps
from handcalc.superposition.polynomial import polynomial_expression
from handcalc.superposition.toy_model import Vector
from handcalc.views.layout import Paragraph
from handcalc.views.palette import terminal_colour
from handcalc.views.plain import Notation, PlainNotation
from handcalc.views.text.blocks import BOLD, ROUNDED, heading, model, table
from handcalc.views.text.steps import derivation

__all__ = [
    "LONG",
    "LOSS_DECIMALS",
    "distribution",
    "gradient",
    "gradient_sentences",
    "is_all_there",
    "loss",
]

LOSS_DECIMALS = 10
LONG = 48  # characters of an exact loss that is shown beside its decimal
_TOLD = 3  # features up to which the loss is told pattern by pattern: a page


def loss(result: ExpectedLoss, notation: PlainNotation) -> RenderableType:
    """The exact expected loss, its parts, and for few features the work behind it."""
    worked_out: list[RenderableType] = []
    if result.model.n <= _TOLD:
        steps = derivation(loss_steps(result), notation)
        worked_out = [Text(), heading("Pattern by pattern", notation), steps]
    blank: list[RenderableType] = [] if worked_out else [Text()]  # steps end with an empty line
    return Group(
        model(result.model, notation),
        Text(),
        distribution(result.distribution, notation),
        Text(),
        Paragraph(f" {_loss_value(result.value, notation)}", 0, "Expected loss L", BOLD),
        Text(),
        *_loss_parts(result, notation),
        *worked_out,
        *([] if is_all_there(result, notation) else [*blank, Paragraph(ROUNDED)]),
    )


def distribution(shown: Distribution, notation: PlainNotation) -> RenderableType:
    """What the inputs are, in words."""
    return Paragraph(notation.words(f"{shown.sentence()} An active feature is uniform on [0, 1]."))


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
    return Group(
        model(result.model, notation),
        Text(),
        heading("The slopes of the expected loss", notation),
        *rows,
        Text(),
        *map(Paragraph, gradient_sentences(result)),
    )


def gradient_sentences(result: LossGradient) -> list[str]:
    """Whether the model is at rest, where the loss has kinks, and how it is curved."""
    reason = result.inertia
    inertia = reason.reason if isinstance(reason, Undetermined) else _inertia(reason)
    return [result.stationarity, *(kink.sentence for kink in result.kinks), inertia]


def _slope(slope: Slope, notation: PlainNotation) -> str:
    left, right = (_polynomial(side, notation) for side in (slope.left, slope.right))
    return left if left == right else f"{left} from the left, {right} from the right"


def _inertia(inertia: Inertia) -> str:
    return (
        f"The Hessian has {inertia.negative} negative, {inertia.zero} zero and "
        f"{inertia.positive} positive directions beside {inertia.rotations} of rotation."
    )


def _loss_value(value: sympy.Expr, notation: PlainNotation) -> str:
    """The loss exactly and as a decimal; only as a decimal where it would fill lines."""
    shown = polynomial_expression(value)
    if value.free_symbols:
        return f"{notation.words(notation.equals(shown))} {notation.expression(shown)}"
    exactly, nearest = notation.exactly(value), rounded(value, LOSS_DECIMALS)
    if value.is_Integer and len(exactly) <= LONG:
        return f"= {exactly}"
    about = notation.decimal(nearest, value)
    return f"= {exactly}, about {about}" if len(exactly) <= LONG else f"is about {about}"


def is_all_there(result: ExpectedLoss, notation: Notation) -> bool:
    """Whether no number of the page is rounded."""
    values = [
        *result.per_feature,
        *result.together,
        *(cost for row in result.costs for cost in row),
    ]
    return notation.equals(*map(polynomial_expression, values)) == "="


def _loss_parts(result: ExpectedLoss, notation: PlainNotation) -> list[RenderableType]:
    features = range(1, result.model.n + 1)
    columns = [("feature", [str(i) for i in features])]
    columns.append(("loss", _column(result.per_feature, notation)))
    own = [row[i] for i, row in enumerate(result.costs)]
    columns.append(("of itself", _column(own, notation)))
    for j in features:
        costs = _column([row[j - 1] for i, row in enumerate(result.costs, 1) if i != j], notation)
        columns.append((f"from {j}", [*costs[: j - 1], ".", *costs[j - 1 :]]))
    if any(result.together):
        columns.append(("together", _column(result.together, notation)))
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
    shown = notation.cells(counts)
    equals = notation.words(shown.equals)
    said = "; ".join(f"L_{k} {equals} {text}" for k, text in enumerate(shown.texts))
    return Paragraph(
        f"By the number k of {what} that are on, L is the sum of S^({last}-k) (1-S)^k L_k: {said}."
    )


def _polynomial(value: sympy.Expr, notation: PlainNotation) -> str:
    return notation.expression(polynomial_expression(value))


def _column(values: Sequence[sympy.Expr], notation: PlainNotation) -> list[str]:
    if any(value.free_symbols for value in values):
        return [_polynomial(value, notation) for value in values]
    return list(notation.cells(values).texts)
