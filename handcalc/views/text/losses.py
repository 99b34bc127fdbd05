"""The expected loss, and its slopes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import sympy
from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.inputs.arguments import Vector
from handcalc.numbers.decimals import rounded
from handcalc.superposition.loss.derivatives import Undetermined
from handcalc.superposition.loss.distribution import Distribution, OneActive, SparseUniform
from handcalc.superposition.loss.expected_loss import ExpectedLoss
from handcalc.superposition.loss.gradient import LossGradient, Slope
from handcalc.superposition.loss.loss_steps import loss_steps
from handcalc.superposition.loss.polynomial import polynomial_expression
from handcalc.views.layout import Paragraph
from handcalc.views.notation import Notation, PlainNotation
from handcalc.views.palette import terminal_colour
from handcalc.views.rounding import own_sign
from handcalc.views.text.blocks import BOLD, ROUNDED, heading, model, table
from handcalc.views.text.steps import derivation

LOSS_DECIMALS = 10
LONG = 48  # characters of an exact loss that is shown beside its decimal
TOLD = 3  # features up to which the loss is told pattern by pattern: a page


def loss(result: ExpectedLoss, notation: PlainNotation) -> RenderableType:
    """The exact expected loss, its parts, and for few features the work behind it."""
    worked_out: list[RenderableType] = []
    if result.model.n <= TOLD:
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
        *map(Paragraph, gradient_sentences(result, notation)),
    )


def gradient_sentences(result: LossGradient, notation: Notation) -> list[str]:
    """Whether the model is at rest, where the loss has kinks, and how it is curved."""
    found = result.inertia
    if isinstance(found, Undetermined):
        curved = found.reason
    else:
        curved = (
            f"The Hessian has {found.negative} negative, {found.zero} zero and "
            f"{found.positive} positive directions beside {found.rotations} of rotation."
        )
    return [notation.claim(result.finding), *(kink.sentence for kink in result.kinks), curved]


def _slope(slope: Slope, notation: PlainNotation) -> str:
    left, right = (_polynomial(side, notation) for side in (slope.left, slope.right))
    return left if left == right else f"{left} from the left, {right} from the right"


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
    """Whether no number of the table is rounded."""
    return all(
        notation.equals(*map(polynomial_expression, values)) == "="
        if any(value.free_symbols for value in values)
        else notation.cells(values).equals == "="
        for _, values, _ in _split(result)
    )


def split_sentence(result: ExpectedLoss) -> str:
    """What the heads of ``split_columns`` mean."""
    told = (
        "Of itself: what a feature loses while all others are off. From j: how much more it loses "
        "if feature j comes and goes as well, and only j; below 0 where j helps."
    )
    together = " Together: what several add, or take back, beyond that."
    return told + (together if any(result.together) else "")


def split_columns(
    result: ExpectedLoss, texts: Callable[[Sequence[sympy.Expr]], Sequence[str]], nothing: str
) -> list[tuple[str, list[str]]]:
    """What each feature loses, and to what, column by column under its head.

    ``texts`` writes the numbers of a column; ``nothing`` stands where a feature meets itself.
    """
    columns = []
    for head, values, gap in _split(result):
        cells = list(texts(values))
        if gap is not None:
            cells.insert(gap, nothing)
        columns.append((head, cells))
    return columns


def _split(result: ExpectedLoss) -> Iterator[tuple[str, Vector, int | None]]:
    """The columns' heads and numbers, and where a number is left out between them."""
    yield "loss", result.per_feature, None
    yield "of itself", tuple(row[i] for i, row in enumerate(result.costs)), None
    for j in range(result.model.n):
        costs = tuple(row[j] for i, row in enumerate(result.costs) if i != j)
        yield f"from {j + 1}", costs, j
    if any(result.together):
        yield "together", result.together, None


def _loss_parts(result: ExpectedLoss, notation: PlainNotation) -> list[RenderableType]:
    def texts(values: Sequence[sympy.Expr]) -> list[str]:
        if any(value.free_symbols for value in values):
            return [_polynomial(value, notation) for value in values]
        return list(notation.cells(values).texts)

    columns = [("feature", [str(i) for i in range(1, result.model.n + 1)])]
    columns += split_columns(result, texts, ".")
    parts: list[RenderableType] = [heading("What each feature loses, and to what", notation)]
    parts += [Paragraph(split_sentence(result)), Text(), table(columns)]
    if result.by_active is not None and not isinstance(result.distribution, OneActive):
        what = "features" if isinstance(result.distribution, SparseUniform) else "sets"
        shown, last = notation.cells(result.by_active), len(result.by_active) - 1
        signs = [notation.words(own_sign(value, shown.equals)) for value in result.by_active]
        signed = enumerate(zip(signs, shown.texts, strict=True))
        said = "; ".join(f"L_{k} {sign} {text}" for k, (sign, text) in signed)
        summed = f"L is the sum of S^({last}-k) (1-S)^k L_k: {said}."
        parts += [Text(), Paragraph(f"By the number k of {what} that are on, {summed}")]
    return parts


def _polynomial(value: sympy.Expr, notation: PlainNotation) -> str:
    return notation.expression(polynomial_expression(value))
